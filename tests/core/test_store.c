/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HDF5 result files. */
#include "core/memory.h"
#include "core/store.h"
#include "core/table.h"

#include <hdf5.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

#include "core/near.h"
#include "core/scratch.h"

enum { LARGE = 300000 };

/* For the leak sanitizer: HDF5 does not free what it holds of a file it could not flush or decode. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:libhdf5\n";
}

/* Uniform on (-1, 1), 53 random bits. */
static double draw(void) {
    static uint64_t word = 2385;
    word = word * 6364136223846793005u + 1442695040888963407u;
    uint64_t mixed = (word ^ word >> 29) * 0xbf58476d1ce4e5b9u;
    return (double)(mixed >> 11) * 0x1p-52 - 1;
}

static double *numbers(size_t count) {
    double *values = core_alloc(count, sizeof *values);
    assert_non_null(values);
    for (size_t i = 0; i < count; i++) values[i] = draw();
    return values;
}

#define assert_ok(call)                                                                                                \
    do {                                                                                                               \
        if ((call) != CORE_OK) fail_msg("%s: %s", #call, core_error());                                                \
    } while (0)

/* The first axis of the largest dataset; 40 makes it 2.4 MB. */
static size_t first_axis = 2;

/* A file with one of everything. */
static enum core_status fill(struct core_store *store, const double values[]) {
    enum core_status status =
        core_store_write(store, "/ensembles/sgd/parameters", 3, (size_t[]){first_axis, 100, 75}, values);
    if (status == CORE_OK) status = core_store_write(store, "/ensembles/sgd/loss", 2, (size_t[]){3, 7}, values);
    if (status == CORE_OK) status = core_store_write(store, "/one", 0, NULL, values);
    if (status == CORE_OK) status = core_store_write(store, "none", 2, (size_t[]){0, 5}, values);
    if (status == CORE_OK) status = core_store_write(store, "/four", 4, (size_t[]){2, 3, 1, 2}, values);
    if (status == CORE_OK)
        status = core_store_write_text(store, "/", "study",
                                       "name: \"Gr\xc3\xbc\xc3\x9f"
                                       "e\"\n");
    if (status == CORE_OK) status = core_store_write_text(store, "/ensembles/sde", "empty", "");
    if (status == CORE_OK) status = core_store_write_number(store, "/one", "temperature", 2.5e-7);
    if (status == CORE_OK) status = core_store_write_integer(store, "/ensembles", "seed", INT64_MIN + 1);
    if (status == CORE_OK) status = core_store_write_integer(store, "/ensembles", "done", 1);
    return status == CORE_OK ? core_store_write_integer(store, "/ensembles", "done", 4711) : status;
}

static const char *make(const char *name, const double values[]) {
    struct core_store *store;
    const char *path = scratch(name);
    assert_ok(core_store_create(path, &store));
    assert_ok(fill(store, values));
    assert_ok(core_store_commit(&store));
    assert_null(store);
    return path;
}

static void assert_dataset(struct core_store *store, const char *name, size_t rank, const size_t shape[],
                           const double values[]) {
    size_t found_rank, found[4], count = 1;
    double *read;
    assert_ok(core_store_read(store, name, &found_rank, found, &read));
    assert_int_equal(found_rank, rank);
    for (size_t a = 0; a < rank; a++) {
        assert_int_equal(found[a], shape[a]);
        count *= shape[a];
    }
    assert_memory_equal(read, values, count * sizeof *values);
    core_free(read);
}

static void what_is_written_is_read_back(void **state) {
    /* law: datasets of every rank, large and small, texts and numbers, every bit; the last write of a key stands */
    (void)state;
    double *values = numbers(LARGE), number;
    struct core_store *store;
    char *text;
    int64_t integer;
    first_axis = 40;
    assert_ok(core_store_open(make("a.h5", values), &store));
    first_axis = 2;
    assert_false(scratch_exists(scratch("a.h5.part")));
    assert_dataset(store, "/ensembles/sgd/parameters", 3, (size_t[]){40, 100, 75}, values);
    assert_dataset(store, "ensembles/sgd/loss", 2, (size_t[]){3, 7}, values);
    assert_dataset(store, "/one", 0, NULL, values);
    assert_dataset(store, "/none", 2, (size_t[]){0, 5}, values);
    assert_dataset(store, "/four", 4, (size_t[]){2, 3, 1, 2}, values);
    assert_ok(core_store_read_text(store, "/", "study", &text));
    assert_string_equal(text, "name: \"Gr\xc3\xbc\xc3\x9f"
                              "e\"\n");
    core_free(text);
    assert_ok(core_store_read_text(store, "/ensembles/sde", "empty", &text));
    assert_string_equal(text, "");
    core_free(text);
    assert_ok(core_store_read_text(store, "/one", "temperature", &text));
    assert_true(strtod(text, NULL) == 2.5e-7);
    core_free(text);
    assert_ok(core_store_read_number(store, "/one", "temperature", &number));
    assert_true(number == 2.5e-7);
    assert_ok(core_store_read_integer(store, "/ensembles", "seed", &integer));
    assert_true(integer == INT64_MIN + 1);
    assert_ok(core_store_read_integer(store, "/ensembles", "done", &integer));
    assert_int_equal(integer, 4711);
    assert_true(core_store_has(store, "/") && core_store_has(store, "/ensembles/sde") && core_store_has(store, "one"));
    assert_false(core_store_has(store, "/two") || core_store_has(store, "/two/three") ||
                 core_store_has(store, "/one/x"));
    assert_false(core_store_has(store, ""));
    core_store_close(store);
    core_free(values);
}

static void long_texts_are_kept(void **state) {
    /* value: a study of 300 KB, beyond what the first format of HDF5 could hold */
    (void)state;
    struct core_store *store;
    char *text = core_alloc(300001, 1), *read;
    for (size_t i = 0; i < 300000; i++) text[i] = (char)('a' + i % 23);
    assert_ok(core_store_create(scratch("long.h5"), &store));
    assert_ok(core_store_write_text(store, "/", "study", text));
    assert_ok(core_store_commit(&store));
    assert_ok(core_store_open(scratch("long.h5"), &store));
    assert_ok(core_store_read_text(store, "/", "study", &read));
    assert_string_equal(read, text);
    core_store_close(store);
    core_free(text), core_free(read);
}

static void same_content_gives_the_same_bytes(void **state) {
    /* law: a second later, byte for byte */
    (void)state;
    double *values = numbers(LARGE);
    char *bytes[2];
    size_t length[2];
    first_axis = 40;
    assert_ok(core_file_read(make("b.h5", values), &bytes[0], &length[0]));
    for (time_t now = time(NULL); time(NULL) == now;) usleep(10000);
    assert_ok(core_file_read(make("c.h5", values), &bytes[1], &length[1]));
    first_axis = 2;
    assert_int_equal(length[0], length[1]);
    assert_memory_equal(bytes[0], bytes[1], length[0]);
    core_free(bytes[0]), core_free(bytes[1]), core_free(values);
}

static void nothing_is_in_place_before_the_commit(void **state) {
    /* law: the old file stands until the commit, also when the writer is killed; the .part of the killed is replaced */
    (void)state;
    double *values = numbers(LARGE);
    const char *path = scratch_put("d.h5", "old", 3);
    char *text;
    size_t length;
    pid_t child = fork();
    if (child == 0) {
        struct core_store *store;
        if (core_store_create(path, &store) != CORE_OK || fill(store, values) != CORE_OK) _exit(1);
        raise(SIGKILL);
    }
    int how;
    waitpid(child, &how, 0);
    assert_true(WIFSIGNALED(how));
    assert_true(scratch_exists(scratch("d.h5.part")));
    struct core_store *store;
    assert_ok(core_store_create(path, &store));
    assert_ok(fill(store, values));
    core_store_close(store);
    core_store_close(NULL);
    assert_false(scratch_exists(scratch("d.h5.part")));
    assert_ok(core_file_read(path, &text, &length));
    assert_string_equal(text, "old");
    core_free(text);
    make("d.h5", values);
    assert_ok(core_store_open(path, &store));
    assert_dataset(store, "/one", 0, NULL, values);
    core_store_close(store);
    core_free(values);
}

static void a_full_disk_is_reported(void **state) {
    /* law: wherever the room ends, a failure, no crash, and neither PATH nor PATH.part; the next file is fine */
    (void)state;
    double *values = numbers(LARGE);
    static const rlim_t rooms[] = {0, 100, 1000, 3000, 50000, 100000, 110000};
    for (size_t r = 0; r < sizeof rooms / sizeof *rooms; r++) {
        struct core_store *store;
        scratch_limit(rooms[r]);
        enum core_status status = core_store_create(scratch("full.h5"), &store);
        if (status == CORE_OK) status = fill(store, values);
        if (store != NULL && status == CORE_OK) status = core_store_commit(&store);
        core_store_close(store);
        scratch_limit(RLIM_INFINITY);
        assert_int_equal(status, CORE_IO);
        assert_non_null(strstr(core_error(), "File too large"));
        assert_false(scratch_exists(scratch("full.h5")));
        assert_false(scratch_exists(scratch("full.h5.part")));
        make("after.h5", values);
    }
    core_free(values);
}

static void small_files_meet_a_full_disk_anywhere(void **state) {
    /* law: for every limit in steps of 300 bytes, a failure that leaves nothing, or a whole file */
    (void)state;
    double *values = numbers(100);
    enum core_status status = CORE_IO;
    for (rlim_t room = 0; room < 60000 && status != CORE_OK; room += 300) {
        struct core_store *store;
        scratch_limit(room);
        status = core_store_create(scratch("small.h5"), &store);
        for (int i = 0; i < 12 && status == CORE_OK; i++) {
            char name[40];
            snprintf(name, sizeof name, "/group-%d/inner/data", i);
            status = core_store_write(store, name, 2, (size_t[]){10, 10}, values);
            if (status == CORE_OK) status = core_store_write_text(store, name, "key", "some words about it");
        }
        if (status == CORE_OK) status = core_store_commit(&store);
        core_store_close(store);
        scratch_limit(RLIM_INFINITY);
        assert_true(status == CORE_OK || status == CORE_IO);
        assert_int_equal(scratch_exists(scratch("small.h5")), status == CORE_OK);
        assert_false(scratch_exists(scratch("small.h5.part")));
    }
    assert_int_equal(status, CORE_OK);
    core_free(values);
}

static void broken_files_give_a_sentence(void **state) {
    /* law: missing, foreign, and every kind of truncated file; a truncated file that opens does not crash when read */
    (void)state;
    double *values = numbers(LARGE);
    struct core_store *store;
    assert_int_equal(core_store_open(scratch("missing.h5"), &store), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "missing.h5': No such file"));
    assert_null(store);
    assert_int_equal(core_store_open(scratch_directory, &store), CORE_BAD_INPUT);
    assert_int_equal(core_store_open(scratch_put("empty.h5", "", 0), &store), CORE_BAD_INPUT);
    assert_int_equal(core_store_open(scratch_put("text.h5", "1,2\n3,4\n", 8), &store), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "text.h5' is not an HDF5 file"));
    assert_int_equal(core_store_create(scratch("no/such.h5"), &store), CORE_IO);
    assert_non_null(strstr(core_error(), "no/such.h5.part': No such file"));
    const char *path = make("cut.h5", values);
    struct stat about;
    assert_int_equal(stat(path, &about), 0);
    for (off_t left = about.st_size - 1; left > 7; left = left * 2 / 3) {
        assert_int_equal(truncate(path, left), 0);
        assert_int_equal(core_store_open(path, &store), CORE_BAD_INPUT);
        assert_non_null(strstr(core_error(), "cut.h5' is "));
    }
    core_free(values);
}

static void flipped_bytes_do_not_crash(void **state) {
    /* law: with one byte of the file changed, reading everything either works or is bad input or a lack of memory */
    (void)state;
    double *values = numbers(100);
    struct core_store *store;
    assert_ok(core_store_create(scratch("flip.h5"), &store));
    assert_ok(core_store_write(store, "/a/b", 2, (size_t[]){10, 10}, values));
    assert_ok(core_store_write_text(store, "/a", "key", "text"));
    assert_ok(core_store_commit(&store));
    char *bytes;
    size_t length, shape[4], rank;
    assert_ok(core_file_read(scratch("flip.h5"), &bytes, &length));
    for (size_t i = 0; i < length; i += 3) {
        char *text = NULL;
        double *read = NULL;
        bytes[i] = (char)(bytes[i] ^ 0x55);
        const char *path = scratch_put("flipped.h5", bytes, length);
        bytes[i] = (char)(bytes[i] ^ 0x55);
        if (core_store_open(path, &store) != CORE_OK) continue;
        core_store_read(store, "/a/b", &rank, shape, &read);
        core_store_read_text(store, "/a", "key", &text);
        core_store_close(store);
        core_free(read), core_free(text);
    }
    core_free(bytes), core_free(values);
}

static void what_is_not_there_is_said(void **state) {
    /* law: missing datasets and attributes, wrong kinds, a name taken */
    (void)state;
    double *values = numbers(LARGE), *read, number;
    struct core_store *store;
    size_t rank, shape[4];
    int64_t integer;
    char *text;
    assert_ok(core_store_open(make("e.h5", values), &store));
    assert_int_equal(core_store_read(store, "/two", &rank, shape, &read), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "found no dataset '/two' in '"));
    assert_int_equal(core_store_read(store, "/ensembles", &rank, shape, &read), CORE_BAD_INPUT);
    assert_int_equal(core_store_read_number(store, "/", "study", &number), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "attribute 'study' of '/' in '"));
    assert_non_null(strstr(core_error(), "is not one number"));
    assert_int_equal(core_store_read_integer(store, "/x", "y", &integer), CORE_BAD_INPUT);
    assert_int_equal(core_store_read_text(store, "/one", "y", &text), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "found no attribute 'y' of '/one'"));
    assert_null(text);
    assert_int_equal(core_store_write(store, "/new", 0, NULL, values), CORE_IO);
    core_store_close(store);
    assert_ok(core_store_create(scratch("f.h5"), &store));
    assert_ok(core_store_write(store, "/a/b", 0, NULL, values));
    assert_int_equal(core_store_write(store, "/a/b", 0, NULL, values), CORE_IO);
    assert_non_null(strstr(core_error(), "it is there already"));
    assert_int_equal(core_store_write(store, "/a/b/c", 0, NULL, values), CORE_IO);
    core_store_close(store);
    core_free(values);
}

/* Everything a walk says, in lines. */
static void note(void *context, const char *kind, const char *name, const char *text) {
    char *lines = context;
    size_t used = strlen(lines);
    snprintf(lines + used, 2000 - used, "%s %s %s\n", kind, name, text);
}

static void a_walk_goes_in_name_order(void **state) {
    /* value: each object, its attributes, then its members, whatever the order of writing */
    (void)state;
    double *values = numbers(LARGE);
    struct core_store *store;
    char lines[2000] = "";
    assert_ok(core_store_open(make("g.h5", values), &store));
    assert_ok(core_store_visit(store, note, lines));
    core_store_close(store);
    assert_string_equal(lines, "group / \n"
                               "attribute /@study name: \"Gr\xc3\xbc\xc3\x9f"
                               "e\"\n\n"
                               "group /ensembles \n"
                               "attribute /ensembles@done 4711\n"
                               "attribute /ensembles@seed -9223372036854775807\n"
                               "group /ensembles/sde \n"
                               "attribute /ensembles/sde@empty \n"
                               "group /ensembles/sgd \n"
                               "dataset /ensembles/sgd/loss 3 x 7\n"
                               "dataset /ensembles/sgd/parameters 2 x 100 x 75\n"
                               "dataset /four 2 x 3 x 1 x 2\n"
                               "dataset /none 0 x 5\n"
                               "dataset /one one number\n"
                               "attribute /one@temperature 2.4999999999999999e-07\n");
    core_free(values);
}

/* A file as another program writes it: integers, floats, five axes, text of variable length, a link to itself. */
static const char *foreign(void) {
    const char *path = scratch("foreign.h5");
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    hsize_t shape[5] = {2, 1, 1, 1, 1};
    hid_t vector = H5Screate_simple(1, shape, NULL), deep = H5Screate_simple(5, shape, NULL),
          one = H5Screate(H5S_SCALAR);
    hid_t variable = H5Tcopy(H5T_C_S1);
    const char *text = "variable", *texts[2] = {"a", "b"};
    int small[2] = {-3, 200};
    float half[2] = {0.5f, -2.25f};
    H5Tset_size(variable, H5T_VARIABLE);
    hid_t set = H5Dcreate2(file, "integers", H5T_STD_I16BE, vector, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Dwrite(set, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, small);
    H5Dclose(set);
    set = H5Dcreate2(file, "floats", H5T_IEEE_F32LE, vector, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Dwrite(set, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, half);
    H5Dclose(set);
    H5Dclose(H5Dcreate2(file, "deep", H5T_IEEE_F32LE, deep, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Dclose(H5Dcreate2(file, "texts", variable, vector, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    hid_t key = H5Acreate2(file, "text", variable, one, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(key, variable, &text);
    H5Aclose(key);
    H5Tset_cset(variable, H5T_CSET_UTF8);
    text = "Gr\xc3\xbc\xc3\x9f"
           "e";
    key = H5Acreate2(file, "utf-8", variable, one, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(key, variable, &text);
    H5Aclose(key);
    key = H5Acreate2(file, "texts", variable, vector, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(key, variable, texts);
    H5Aclose(key);
    H5Lcreate_soft("/nowhere", file, "broken", H5P_DEFAULT, H5P_DEFAULT);
    H5Gclose(H5Gcreate2(file, "loop", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Lcreate_hard(file, "/loop", file, "/loop/loop", H5P_DEFAULT, H5P_DEFAULT);
    H5Tclose(variable);
    H5Sclose(vector), H5Sclose(deep), H5Sclose(one);
    H5Fclose(file);
    return path;
}

static void files_of_other_programs_are_read(void **state) {
    /* value: integers and floats as doubles, texts of variable length; what does not fit is bad input */
    (void)state;
    struct core_store *store;
    size_t rank, shape[4];
    double *read;
    char *text;
    static char lines[2000];
    assert_ok(core_store_open(foreign(), &store));
    assert_dataset(store, "/integers", 1, (size_t[]){2}, (double[]){-3, 200});
    assert_dataset(store, "/floats", 1, (size_t[]){2}, (double[]){0.5, -2.25});
    assert_ok(core_store_read_text(store, "/", "text", &text));
    assert_string_equal(text, "variable");
    core_free(text);
    assert_ok(core_store_read_text(store, "/", "utf-8", &text));
    assert_string_equal(text, "Gr\xc3\xbc\xc3\x9f"
                              "e");
    core_free(text);
    assert_int_equal(core_store_read_text(store, "/", "texts", &text), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "neither one text nor one number"));
    assert_int_equal(core_store_read(store, "/deep", &rank, shape, &read), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "found 5 axes, expected at most 4"));
    assert_int_equal(core_store_read(store, "/texts", &rank, shape, &read), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "does not hold numbers"));
    assert_int_equal(core_store_read(store, "/broken", &rank, shape, &read), CORE_BAD_INPUT);
    assert_int_equal(core_store_visit(store, note, lines), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "nested too deeply"));
    assert_non_null(strstr(lines, "attribute /@texts ..."));
    core_store_close(store);
}

static void discard(void *context, const char *kind, const char *name, const char *text) {
    (void)context, (void)kind, (void)name, (void)text;
}

static enum core_status every_call(const char *path, const double values[]) {
    struct core_store *store;
    size_t rank, shape[4];
    double *read = NULL;
    char *text = NULL;
    enum core_status status = core_store_create(path, &store);
    if (status == CORE_OK) status = fill(store, values);
    if (status == CORE_OK) status = core_store_commit(&store);
    core_store_close(store);
    store = NULL;
    if (status == CORE_OK) status = core_store_open(path, &store);
    if (status == CORE_OK) status = core_store_read(store, "/four", &rank, shape, &read);
    if (status == CORE_OK) status = core_store_read_text(store, "/", "study", &text);
    if (status == CORE_OK) status = core_store_visit(store, discard, NULL);
    core_store_close(store);
    core_free(read), core_free(text);
    return status;
}

static void every_allocation_may_fail(void **state) {
    /* law: no crash, no leak, nothing beside, whichever allocation fails */
    (void)state;
    double *values = numbers(LARGE);
    size_t live = core_alloc_live();
    enum core_status status = CORE_NO_MEMORY;
    for (size_t k = 1; k < 100 && status != CORE_OK; k++) {
        core_alloc_fail_at(k);
        status = every_call(scratch("h.h5"), values);
        core_alloc_fail_at(0);
        assert_true(status == CORE_OK || status == CORE_NO_MEMORY);
        assert_int_equal(core_alloc_live(), live);
        assert_false(scratch_exists(scratch("h.h5.part")));
    }
    assert_int_equal(status, CORE_OK);
    core_free(values);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read_back),      cmocka_unit_test(long_texts_are_kept),
        cmocka_unit_test(same_content_gives_the_same_bytes), cmocka_unit_test(nothing_is_in_place_before_the_commit),
        cmocka_unit_test(a_full_disk_is_reported),           cmocka_unit_test(small_files_meet_a_full_disk_anywhere),
        cmocka_unit_test(broken_files_give_a_sentence),      cmocka_unit_test(flipped_bytes_do_not_crash),
        cmocka_unit_test(what_is_not_there_is_said),         cmocka_unit_test(a_walk_goes_in_name_order),
        cmocka_unit_test(files_of_other_programs_are_read),  cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
