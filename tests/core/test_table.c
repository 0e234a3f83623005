/* SPDX-License-Identifier: GPL-3.0-or-later */
/* CSV and NPY tables. */
#include "core/memory.h"
#include "core/table.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/scratch.h"

/* One text, and the table it is. */
static const struct good {
    const char *text;
    size_t rows, columns;
    double values[6];
    const char *names; /* joined by '|', or NULL */
} good[] = {
    {"2.385,-1e-3\n4711,.5\n", 2, 2, {2.385, -1e-3, 4711, .5}, NULL},
    {"2.385;-1e-3\r\n4711;5.\r\n", 2, 2, {2.385, -1e-3, 4711, 5}, NULL},
    {"2.385\t+7\n4711\t1e300", 2, 2, {2.385, 7, 4711, 1e300}, NULL},
    {"  2.385   7 \n\t4711\t 8\n", 2, 2, {2.385, 7, 4711, 8}, NULL},
    {"2.385 , 7\n 4711,\"8\"\n", 2, 2, {2.385, 7, 4711, 8}, NULL},
    {"2.385\n4711\n", 2, 1, {2.385, 4711}, NULL},
    {"2.385\r4711\r", 2, 1, {2.385, 4711}, NULL},
    {"# made by hand\n\n  # twice\ntime,status\n1.5,1\n\n2.5,0\n", 2, 2, {1.5, 1, 2.5, 0}, "time|status"},
    {"\xef\xbb\xbftime;status\n1.5;1\n", 1, 2, {1.5, 1}, "time|status"},
    {"\"sepal length (cm), outer\",\"a \"\"b\"\"\",\n1,2,3\n", 1, 3, {1, 2, 3}, "sepal length (cm), outer|a \"b\"|"},
    {"width, height;depth\n1;2\n", 1, 2, {1, 2}, "width, height|depth"},
    {"x y\n1 2\n", 1, 2, {1, 2}, "x|y"},
    {"value\n-0\n1e-400\n", 2, 1, {-0.0, 0}, "value"},
    {"1,2\n0x1p3,3\n", 0, 0, {0}, NULL},
};

static void csv_is_read_in_all_its_forms(void **state) {
    /* value: separators, line ends, headers, quotes, comments */
    (void)state;
    for (size_t g = 0; g < sizeof good / sizeof *good; g++) {
        struct core_table table;
        enum core_status status = core_table_read(scratch_put("t.csv", good[g].text, strlen(good[g].text)), &table);
        if (good[g].rows == 0) {
            assert_int_equal(status, CORE_BAD_INPUT);
            continue;
        }
        if (status != CORE_OK) fail_msg("text %zu: %s", g, core_error());
        assert_int_equal(table.rows, good[g].rows);
        assert_int_equal(table.columns, good[g].columns);
        assert_memory_equal(table.values, good[g].values, table.rows * table.columns * sizeof(double));
        assert_int_equal(table.names != NULL, good[g].names != NULL);
        char joined[200] = "";
        for (size_t c = 0, at = 0; table.names != NULL && c < table.columns && at < sizeof joined; c++)
            at += (size_t)snprintf(joined + at, sizeof joined - at, "%s%s", c > 0 ? "|" : "", table.names[c]);
        if (table.names != NULL) assert_string_equal(joined, good[g].names);
        core_table_free(&table);
        assert_null(table.values);
    }
}

/* One broken text and what its sentence says. */
static const struct bad {
    const char *text, *sentence;
} bad[] = {
    {"", "t.csv: the file holds no numbers"},
    {"\n# only\n\n", "t.csv: the file holds no numbers"},
    {"a,b\n", "t.csv:1: found a header and no numbers"},
    {"a,b\n1,2\n3,x y\n", "t.csv:3: column 2: found 'x y', expected a number"},
    {"1,2\n\n3,nan\n", "t.csv:3: column 2: found 'nan', expected a finite number"},
    {"1,-inf\n", "t.csv:1: column 2: found '-inf', expected a finite number"},
    {"1,1e999\n", "t.csv:1: column 2: found '1e999', expected a finite number"},
    {"1,2\n3,4,5\n", "t.csv:2: found 3 columns, expected 2 as in line 1"},
    {"# c\na b\n1 2\n3\n", "t.csv:4: found 1 column, expected 2 as in line 2"},
    {"1,2\n3,\n", "t.csv:2: column 2: found '', expected a number"},
    {"1;2\n1,5;2,5\n", "t.csv:2: column 1: found '1,5', expected a number"},
    {"1\n0x10\n", "t.csv:2: column 1: found '0x10', expected a number"},
    {"1\n1e5 a\n", "found 'a', expected a number"},
    {"1\nnan(12)\n", "found 'nan(12)', expected a number"},
    {"1\n\"2\n", "t.csv:2: column 1: found '\"2', expected a number"},
    {"1\n\x01\x7f"
     "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz\n",
     "found '?\?abcdefghijklmnopqrstuvwxyzabcdefghijkl...', expected"},
    {"\x89HDF\r\n", "name one of its datasets"},
    {"PK\x03\x04", "zip archive"},
    {"\x1f\x8b\x08", "compressed"},
};

static void broken_csv_gives_file_line_and_column(void **state) {
    /* value: each broken text and its sentence */
    (void)state;
    size_t live = core_alloc_live();
    for (size_t b = 0; b < sizeof bad / sizeof *bad; b++) {
        struct core_table table;
        assert_int_equal(core_table_read(scratch_put("t.csv", bad[b].text, strlen(bad[b].text)), &table),
                         CORE_BAD_INPUT);
        if (strstr(core_error(), bad[b].sentence) == NULL) fail_msg("text %zu: %s", b, core_error());
        assert_null(table.values);
        assert_int_equal(core_alloc_live(), live);
    }
    struct core_table table;
    assert_int_equal(core_table_read(scratch_put("t.csv", "1\n2\0003\n", 6), &table), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "t.csv:2: column 1: found '2?3'"));
    assert_int_equal(core_table_read(scratch("missing.csv"), &table), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "missing.csv': No such file"));
}

/* A value with 52 random bits over many magnitudes. */
static double awkward(uint64_t *word) {
    *word = *word * 6364136223846793005u + 1442695040888963407u;
    return ldexp((double)(int64_t)*word, (int)(*word >> 57) - 120);
}

static void what_is_written_is_read_back(void **state) {
    /* law: CSV and NPY give every bit back, names with separators and quotes too */
    (void)state;
    enum { ROWS = 37, COLUMNS = 3 };
    double values[ROWS * COLUMNS];
    uint64_t word = 2385;
    for (size_t i = 0; i < ROWS * COLUMNS; i++) values[i] = awkward(&word);
    values[5] = 5e-324;
    const char *names[COLUMNS] = {"plain", "with, comma; and \"quotes\"", "#third"};
    struct core_table table;
    assert_int_equal(core_table_write(scratch("t.csv"), ROWS, COLUMNS, values, names), CORE_OK);
    assert_int_equal(core_table_read(scratch("t.csv"), &table), CORE_OK);
    assert_int_equal(table.rows, ROWS);
    assert_memory_equal(table.values, values, sizeof values);
    assert_string_equal(table.names[0], names[0]);
    assert_string_equal(table.names[1], names[1]);
    assert_string_equal(table.names[2], names[2]);
    core_table_free(&table);
    assert_int_equal(core_table_write(scratch("u.csv"), COLUMNS, ROWS, values, NULL), CORE_OK);
    assert_int_equal(core_table_read(scratch("u.csv"), &table), CORE_OK);
    assert_int_equal(table.columns, ROWS);
    assert_memory_equal(table.values, values, sizeof values);
    assert_null(table.names);
    core_table_free(&table);
    assert_int_equal(core_table_write_npy(scratch("t.npy"), ROWS, COLUMNS, values), CORE_OK);
    assert_int_equal(core_table_read(scratch("t.npy"), &table), CORE_OK);
    assert_int_equal(table.rows, ROWS);
    assert_int_equal(table.columns, COLUMNS);
    assert_memory_equal(table.values, values, sizeof values);
    core_table_free(&table);
}

/* An NPY file of this version, dictionary and data. */
static const char *put_npy(int version, const char *dictionary, const void *data, size_t bytes) {
    unsigned char file[600] = {0x93, 'N', 'U', 'M', 'P', 'Y', 0, 0};
    size_t length = strlen(dictionary), start = version == 1 ? 10 : 12;
    file[6] = (unsigned char)version;
    file[8] = (unsigned char)(length & 0xff);
    file[9] = (unsigned char)(length >> 8);
    memcpy(file + start, dictionary, length);
    memcpy(file + start + length, data, bytes);
    return scratch_put("t.npy", file, start + length + bytes);
}

static void npy_of_every_type_is_read(void **state) {
    /* value: the bytes of -3 and 200 (or what fits) in each type, both orders */
    (void)state;
    static const struct {
        const char *type, *bytes;
        size_t size;
        double first, second;
    } cases[] = {
        {"<f8", "\0\0\0\0\0\0\x08\xc0\0\0\0\0\0\0\x69\x40", 8, -3, 200},
        {">f8", "\xc0\x08\0\0\0\0\0\0\x40\x69\0\0\0\0\0\0", 8, -3, 200},
        {"<f4", "\0\0\x40\xc0\0\0\x48\x43", 4, -3, 200},
        {">f4", "\xc0\x40\0\0\x43\x48\0\0", 4, -3, 200},
        {"|i1", "\xfd\x64", 1, -3, 100},
        {"<i2", "\xfd\xff\xc8\0", 2, -3, 200},
        {">i2", "\xff\xfd\0\xc8", 2, -3, 200},
        {"<i4", "\xfd\xff\xff\xff\xc8\0\0\0", 4, -3, 200},
        {"<i8", "\xfd\xff\xff\xff\xff\xff\xff\xff\xc8\0\0\0\0\0\0\0", 8, -3, 200},
        {"|u1", "\xfd\xc8", 1, 253, 200},
        {">u2", "\xff\xfd\0\xc8", 2, 65533, 200},
        {"<u4", "\xfd\xff\xff\xff\xc8\0\0\0", 4, 4294967293.0, 200},
        {">u8", "\0\0\0\0\0\0\0\xfd\0\0\0\0\0\0\0\xc8", 8, 253, 200},
        {"|b1", "\0\1", 1, 0, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char dictionary[200];
        struct core_table table;
        snprintf(dictionary, sizeof dictionary, "{'descr': '%s', 'fortran_order': False, 'shape': (2,), }\n",
                 cases[i].type);
        int version = (int)(i % 3) + 1;
        enum core_status status =
            core_table_read(put_npy(version, dictionary, cases[i].bytes, 2 * cases[i].size), &table);
        if (status != CORE_OK) fail_msg("%s: %s", cases[i].type, core_error());
        assert_int_equal(table.rows, 2);
        assert_int_equal(table.columns, 1);
        assert_true(table.values[0] == cases[i].first && table.values[1] == cases[i].second);
        core_table_free(&table);
    }
}

static void npy_in_fortran_order_is_transposed(void **state) {
    /* value: columns one after the other */
    (void)state;
    struct core_table table;
    const char *path =
        put_npy(1, "{\"shape\": (2, 3), \"fortran_order\": True, \"descr\": \"|u1\"}", "\1\2\3\4\5\6", 6);
    assert_int_equal(core_table_read(path, &table), CORE_OK);
    const double expected[] = {1, 3, 5, 2, 4, 6};
    assert_int_equal(table.rows, 2);
    assert_memory_equal(table.values, expected, sizeof expected);
    core_table_free(&table);
}

static void broken_npy_gives_a_sentence(void **state) {
    /* value: each broken header or body and its sentence; every truncation of a good file is refused */
    (void)state;
    static const struct {
        int version;
        const char *dictionary, *sentence;
        size_t bytes;
    } cases[] = {
        {4, "{}", "found NPY version 4", 0},
        {1, "{}", "no 'descr'", 0},
        {1, "{'descr': '<c16', 'fortran_order': False, 'shape': (2,)}", "found numbers of type '<c16'", 32},
        {1, "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (2,)}", "found numbers of type [('a'", 16},
        {1, "{'descr': '<f8', 'shape': (2,)}", "neither True nor False", 16},
        {1, "{'descr': '<f8', 'fortran_order': False}", "no 'shape'", 16},
        {1, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, x)}", "shape is broken: (2, x)}", 16},
        {1, "{'descr': '<f8', 'fortran_order': False, 'shape': (2,", "shape is broken", 16},
        {1, "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,)}", "shape is broken", 16},
        {1, "{'descr': '<f8', 'fortran_order': False, 'shape': ()}", "found an array of 0 axes", 8},
        {1, "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1, 2)}", "found an array of 3 axes", 16},
        {1, "{'descr': '<f8', 'fortran_order': False, 'shape': (0, 3)}", "0 by 3 holds no numbers", 0},
        {1, "{'descr': '<f8', 'fortran_order': False, 'shape': (3,)}", "found 16 bytes of numbers, expected 3 x 1", 16},
        {1, "{'descr': '<f8', 'fortran_order': False, 'shape': (1,)}", "found 16 bytes of numbers, expected 1 x 1", 16},
        {1, "{'descr': '<f8', 'fortran_order': False, 'shape': (4611686018427387904, 4)}", "found 16 bytes", 16},
    };
    size_t live = core_alloc_live();
    char zeros[64] = {0};
    struct core_table table;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *path = put_npy(cases[i].version, cases[i].dictionary, zeros, cases[i].bytes);
        assert_int_equal(core_table_read(path, &table), CORE_BAD_INPUT);
        if (strstr(core_error(), cases[i].sentence) == NULL) fail_msg("case %zu: %s", i, core_error());
    }
    const char *dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2)}";
    const char *path = put_npy(1, dictionary, "\0\0\x40\xc0\0\0\x48\x43\0\0\x80\x7f\0\0\x80\x7f", 16);
    assert_int_equal(core_table_read(path, &table), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "row 2, column 1: found inf, expected a finite number"));
    path = put_npy(1, dictionary, zeros, 16);
    for (off_t left = (off_t)(10 + strlen(dictionary) + 15); left >= 6; left--) {
        assert_int_equal(truncate(path, left), 0);
        assert_int_equal(core_table_read(path, &table), CORE_BAD_INPUT);
    }
    assert_int_equal(core_alloc_live(), live);
}

static void a_full_disk_is_reported(void **state) {
    /* law: a table that does not fit is a failure and leaves nothing */
    (void)state;
    double *values = core_alloc(20000, sizeof *values);
    scratch_limit(4096);
    enum core_status csv = core_table_write(scratch("full.csv"), 5000, 4, values, NULL);
    enum core_status npy = core_table_write_npy(scratch("full.npy"), 5000, 4, values);
    scratch_limit(RLIM_INFINITY);
    core_free(values);
    assert_int_equal(csv, CORE_IO);
    assert_int_equal(npy, CORE_IO);
    assert_false(scratch_exists(scratch("full.csv")) || scratch_exists(scratch("full.csv.part")));
    assert_false(scratch_exists(scratch("full.npy")) || scratch_exists(scratch("full.npy.part")));
}

static void every_allocation_may_fail(void **state) {
    /* law: no crash, no leak, whichever allocation fails */
    (void)state;
    const char text[] = "a,b\n1,2\n3,4\n";
    const char *paths[2] = {scratch_put("t.csv", text, strlen(text)), NULL};
    paths[1] = put_npy(1, "{'descr': '<u1', 'fortran_order': False, 'shape': (2, 2)}", "\1\2\3\4", 4);
    size_t live = core_alloc_live();
    for (size_t p = 0; p < 2; p++) {
        enum core_status status = CORE_NO_MEMORY;
        for (size_t k = 1; k < 50 && status != CORE_OK; k++) {
            struct core_table table;
            core_alloc_fail_at(k);
            status = core_table_read(paths[p], &table);
            core_alloc_fail_at(0);
            assert_true(status == CORE_OK || status == CORE_NO_MEMORY);
            core_table_free(&table);
            assert_int_equal(core_alloc_live(), live);
        }
        assert_int_equal(status, CORE_OK);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(csv_is_read_in_all_its_forms),
        cmocka_unit_test(broken_csv_gives_file_line_and_column),
        cmocka_unit_test(what_is_written_is_read_back),
        cmocka_unit_test(npy_of_every_type_is_read),
        cmocka_unit_test(npy_in_fortran_order_is_transposed),
        cmocka_unit_test(broken_npy_gives_a_sentence),
        cmocka_unit_test(a_full_disk_is_reported),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
