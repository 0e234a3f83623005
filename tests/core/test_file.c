/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that are whole or not there. */
#include "core/memory.h"
#include "core/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "core/scratch.h"

static void assert_content(const char *path, const char *expected) {
    char *text;
    size_t length;
    assert_int_equal(core_file_read(path, &text, &length), CORE_OK);
    assert_int_equal(length, strlen(expected));
    assert_string_equal(text, expected);
    core_free(text);
}

static void commit_puts_the_whole_file_in_place(void **state) {
    /* law: before the commit the old content stands, after it the new, and no .part is left */
    (void)state;
    const char *path = scratch_put("a.txt", "old", 3);
    struct core_file *file;
    assert_int_equal(core_file_create(path, &file), CORE_OK);
    assert_int_equal(core_file_printf(file, "%s %d\n", "new", 4711), CORE_OK);
    assert_int_equal(core_file_write(file, "tail", 4), CORE_OK);
    assert_content(path, "old");
    assert_true(scratch_exists(scratch("a.txt.part")));
    assert_int_equal(core_file_commit(file), CORE_OK);
    assert_content(path, "new 4711\ntail");
    assert_false(scratch_exists(scratch("a.txt.part")));
}

static void abandon_leaves_the_old_file(void **state) {
    /* law: nothing changes, nothing is left beside; a .part of a killed run is replaced */
    (void)state;
    const char *path = scratch_put("b.txt", "old", 3);
    scratch_put("b.txt.part", "a killed run left this", 22);
    struct core_file *file;
    assert_int_equal(core_file_create(path, &file), CORE_OK);
    assert_int_equal(core_file_printf(file, "new"), CORE_OK);
    core_file_abandon(file);
    core_file_abandon(NULL);
    assert_content(path, "old");
    assert_false(scratch_exists(scratch("b.txt.part")));
}

static void a_full_disk_is_reported_and_keeps_the_old_file(void **state) {
    /* law: short writes fail at commit, long ones at the write already, and then the commit fails too */
    (void)state;
    static const size_t sizes[] = {3000, 300000};
    for (size_t s = 0; s < 2; s++) {
        const char *path = scratch_put("c.txt", "old", 3);
        char *bytes = core_alloc(sizes[s], 1);
        struct core_file *file;
        assert_int_equal(core_file_create(path, &file), CORE_OK);
        scratch_limit(2048);
        enum core_status written = core_file_write(file, bytes, sizes[s]);
        if (s == 1) assert_int_equal(written, CORE_IO);
        enum core_status status = core_file_commit(file);
        scratch_limit(RLIM_INFINITY);
        assert_int_equal(status, CORE_IO);
        assert_non_null(strstr(core_error(), "c.txt': File too large"));
        assert_content(path, "old");
        assert_false(scratch_exists(scratch("c.txt.part")));
        core_free(bytes);
    }
}

static void failures_of_opening_name_the_file(void **state) {
    /* law: a missing or unreadable input is bad input, an impossible output a failure of writing */
    (void)state;
    char *text;
    size_t length;
    struct core_file *file;
    assert_int_equal(core_file_read(scratch("missing"), &text, &length), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "missing': No such file"));
    assert_null(text);
    assert_int_equal(core_file_read(scratch_directory, &text, &length), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "Is a directory"));
    if (scratch_exists("/proc/self/mem")) { /* opens, and its first page cannot be read */
        size_t live = core_alloc_live();
        assert_int_equal(core_file_read("/proc/self/mem", &text, &length), CORE_IO);
        assert_string_equal(core_error(), "cannot read '/proc/self/mem': Input/output error");
        assert_null(text);
        assert_int_equal(core_alloc_live(), live);
    }
    assert_int_equal(core_file_create(scratch("no/such/file"), &file), CORE_IO);
    assert_non_null(strstr(core_error(), "no/such/file.part': No such file"));
    assert_null(file);
    assert_int_equal(mkdir(scratch("taken"), 0777), 0);
    assert_int_equal(core_file_create(scratch("taken"), &file), CORE_OK);
    assert_int_equal(core_file_commit(file), CORE_IO);
    assert_non_null(strstr(core_error(), "cannot rename"));
    assert_false(scratch_exists(scratch("taken.part")));
}

static void reading_takes_files_of_any_size(void **state) {
    /* value: 0 bytes, zeros inside, and a pipe longer than the first guess of its size */
    (void)state;
    char *text;
    size_t length;
    assert_content(scratch_put("empty", "", 0), "");
    assert_int_equal(core_file_read(scratch_put("zeros", "a\0b", 3), &text, &length), CORE_OK);
    assert_int_equal(length, 3);
    assert_memory_equal(text, "a\0b", 4);
    core_free(text);
    const char *path = scratch("pipe");
    assert_int_equal(mkfifo(path, 0600), 0);
    pid_t child = fork();
    if (child == 0) {
        FILE *pipe = fopen(path, "w");
        for (int i = 0; i < 5000; i++) fprintf(pipe, "%04d\n", i);
        fclose(pipe);
        _exit(0);
    }
    assert_int_equal(core_file_read(path, &text, &length), CORE_OK);
    assert_int_equal(length, 25000);
    assert_string_equal(text + 24995, "4999\n");
    waitpid(child, NULL, 0);
    core_free(text);
}

static void directories_are_made_with_their_parents(void **state) {
    /* law: making what is there is no failure; a file in the way is one, with its name */
    (void)state;
    assert_int_equal(core_make_directory(scratch("x/y//z/")), CORE_OK);
    assert_true(scratch_exists(scratch("x/y/z")));
    assert_int_equal(core_make_directory(scratch("x/y/z")), CORE_OK);
    assert_int_equal(core_make_directory("."), CORE_OK);
    assert_int_equal(core_make_directory("/"), CORE_OK);
    assert_int_equal(core_make_directory(""), CORE_BAD_INPUT);
    scratch_put("file", "x", 1);
    assert_int_equal(core_make_directory(scratch("file")), CORE_IO);
    assert_int_equal(core_make_directory(scratch("file/inside")), CORE_IO);
    assert_non_null(strstr(core_error(), "file/inside': Not a directory"));
}

static enum core_status every_call(const char *path) {
    struct core_file *file;
    char *text = NULL;
    size_t length;
    enum core_status status = core_file_create(path, &file);
    if (status == CORE_OK) status = core_file_printf(file, "%d", 2385);
    if (status == CORE_OK) status = core_file_commit(file);
    if (status == CORE_OK) status = core_file_read(path, &text, &length);
    if (status == CORE_OK) status = core_make_directory(scratch("some/where"));
    core_free(text);
    return status;
}

static void every_allocation_may_fail(void **state) {
    /* law: no crash, no leak, a sentence, whichever allocation fails */
    (void)state;
    size_t live = core_alloc_live();
    const char *path = scratch("d.txt");
    enum core_status status = CORE_NO_MEMORY;
    size_t k = 1;
    for (; k < 100 && status != CORE_OK; k++) {
        core_error_clear();
        core_alloc_fail_at(k);
        status = every_call(path);
        core_alloc_fail_at(0);
        assert_int_equal(core_alloc_live(), live);
        assert_true(status == CORE_OK || (status == CORE_NO_MEMORY && *core_error() != '\0'));
        assert_false(scratch_exists(scratch("d.txt.part")));
    }
    assert_in_range(k, 6, 99);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commit_puts_the_whole_file_in_place),
        cmocka_unit_test(abandon_leaves_the_old_file),
        cmocka_unit_test(a_full_disk_is_reported_and_keeps_the_old_file),
        cmocka_unit_test(failures_of_opening_name_the_file),
        cmocka_unit_test(reading_takes_files_of_any_size),
        cmocka_unit_test(directories_are_made_with_their_parents),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
