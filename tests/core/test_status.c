/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The chain of causes (core/status.h) and the allocator that can be told to fail (core/memory.h). */
#include "core/memory.h"
#include "core/status.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void every_status_has_a_name(void **state) {
    /* law: names are there, distinct, and any other number is "unknown status" */
    (void)state;
    for (int i = 0; i < CORE_STATUS_COUNT; i++) {
        const char *name = core_status_name((enum core_status)i);
        assert_true(name != NULL && strlen(name) > 0);
        for (int j = 0; j < i; j++) assert_string_not_equal(name, core_status_name((enum core_status)j));
    }
    assert_string_equal(core_status_name(CORE_STATUS_COUNT), "unknown status");
    assert_string_equal(core_status_name((enum core_status) - 1), "unknown status");
}

static void causes_are_chained_outermost_first(void **state) {
    /* value: the text a user reads */
    (void)state;
    core_error_clear();
    assert_string_equal(core_error(), "");
    assert_int_equal(core_context(CORE_OK, "never %d", 1), CORE_OK);
    assert_string_equal(core_error(), "");
    assert_int_equal(core_fail(CORE_IO, "cannot open '%s'", "iris.csv"), CORE_IO);
    assert_int_equal(core_context(CORE_IO, "while reading %d tables", 3), CORE_IO);
    assert_int_equal(core_context(CORE_OK, "never"), CORE_OK);
    assert_int_equal(core_context(CORE_BAD_INPUT, "study 'a'"), CORE_BAD_INPUT);
    assert_string_equal(core_error(), "study 'a': while reading 3 tables: cannot open 'iris.csv'");
    assert_int_equal(core_fail(CORE_NUMERICAL, "%s", "anew"), CORE_NUMERICAL);
    assert_string_equal(core_error(), "anew");
    core_error_set("100% as it %s stands");
    assert_string_equal(core_error(), "100% as it %s stands");
    core_error_clear();
    core_context(CORE_IO, "alone");
    assert_string_equal(core_error(), "alone");
    core_error_clear();
}

static void long_chains_are_cut(void **state) {
    /* law: a chain of any length ends in a proper end of text */
    (void)state;
    char text[9000];
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    core_fail(CORE_IO, "%s", text);
    size_t length = strlen(core_error());
    assert_true(length >= 1000 && length < sizeof text);
    core_context(CORE_IO, "outer");
    assert_int_equal(strncmp(core_error(), "outer: xxx", 10), 0);
    core_context(CORE_IO, "%s", text);
    assert_int_equal(strlen(core_error()), length);
    core_error_set(text);
    assert_int_equal(strlen(core_error()), length);
    core_error_clear();
}

static void *other_thread(void *seen) {
    *(int *)seen = core_error()[0] == '\0';
    core_fail(CORE_IO, "theirs");
    return NULL;
}

static void chains_belong_to_their_thread(void **state) {
    /* law: another thread neither sees nor changes this thread's chain */
    (void)state;
    pthread_t thread;
    int clean = 0;
    core_fail(CORE_BAD_INPUT, "ours");
    assert_int_equal(pthread_create(&thread, NULL, other_thread, &clean), 0);
    pthread_join(thread, NULL);
    assert_true(clean);
    assert_string_equal(core_error(), "ours");
    core_error_clear();
}

static void blocks_are_zeroed_and_aligned(void **state) {
    /* law: every size; a product that overflows is refused */
    (void)state;
    size_t live = core_alloc_live();
    for (size_t bytes = 0; bytes < 300; bytes += 7) {
        unsigned char *block = core_alloc(bytes, 1);
        assert_true(block != NULL && (uintptr_t)block % 64 == 0);
        for (size_t i = 0; i < bytes; i++) assert_int_equal(block[i], 0);
        memset(block, 0xa5, bytes);
        assert_int_equal(core_alloc_live(), live + 1);
        core_free(block);
    }
    unsigned char *used[50]; /* memory that was in use is zeroed too */
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 50; i++) {
            used[i] = core_alloc(25, 40);
            for (int j = 0; j < 1000; j++) assert_int_equal(used[i][j], 0);
            memset(used[i], 0xa5, 1000);
        }
        for (int i = 0; i < 50; i++) core_free(used[i]);
    }
    void *none = core_alloc(5, 0);
    assert_non_null(none);
    core_free(none);
    core_free(NULL);
    assert_null(core_alloc(SIZE_MAX / 2, 3));
    assert_null(core_alloc(SIZE_MAX, 1));
    assert_null(core_alloc(3, SIZE_MAX / 2));
    assert_int_equal(core_alloc_live(), live);
    assert_true(core_memory_available() > 1 << 20);
}

static void texts_are_copied(void **state) {
    /* law: a copy is equal, and its own */
    (void)state;
    char text[] = "langevin";
    char *copy = core_copy_text(text), *empty = core_copy_text("");
    text[0] = 'L';
    assert_string_equal(copy, "langevin");
    assert_string_equal(empty, "");
    core_free(copy);
    core_free(empty);
}

static void allocator_fails_when_told(void **state) {
    /* law: the k-th allocation and all later ones fail, until told otherwise */
    (void)state;
    size_t live = core_alloc_live();
    for (size_t k = 1; k < 6; k++) {
        void *blocks[8];
        core_alloc_fail_at(k);
        for (size_t i = 0; i < 8; i++) {
            blocks[i] = i == 2 ? (void *)core_copy_text("two") : core_alloc(i, 8);
            assert_true((blocks[i] != NULL) == (i + 1 < k));
        }
        core_alloc_fail_at(0);
        assert_int_equal(core_alloc_live(), live + k - 1);
        for (size_t i = 0; i < 8; i++) core_free(blocks[i]);
        void *again = core_alloc(1, 1);
        assert_non_null(again);
        core_free(again);
    }
    assert_int_equal(core_alloc_live(), live);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_a_name),       cmocka_unit_test(causes_are_chained_outermost_first),
        cmocka_unit_test(long_chains_are_cut),           cmocka_unit_test(chains_belong_to_their_thread),
        cmocka_unit_test(blocks_are_zeroed_and_aligned), cmocka_unit_test(texts_are_copied),
        cmocka_unit_test(allocator_fails_when_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
