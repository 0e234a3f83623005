/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/parallel.h"

#include "core/memory.h"
#include "core/random.h"
#include "core/sum.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum { PIECES = 1000, FAILING = 617 };

static const size_t thread_counts[] = {0, 1, 2, 7, 64};
enum { COUNTS = sizeof thread_counts / sizeof *thread_counts };

struct record {
    atomic_int visits[PIECES];
    double slots[PIECES];
    size_t threads;      /* the loop's, to check thread numbers against */
    size_t fail_from;    /* pieces from here on fail */
    size_t interrupt_at; /* this piece asks for an interruption */
    atomic_int bad_thread;
};

static enum core_status piece(void *context, size_t index, size_t thread) {
    struct record *record = context;
    atomic_fetch_add(&record->visits[index], 1);
    if (thread >= (record->threads > 0 ? record->threads : 1)) atomic_store(&record->bad_thread, 1);
    const struct core_stream stream = {.seed = 1, .path = index, .purpose = CORE_PURPOSE_TEST};
    core_random_normal(&stream, 1, 1, &record->slots[index]);
    if (index == record->interrupt_at) core_interrupt(1);
    if (index >= record->fail_from) {
        core_fail(CORE_NUMERICAL, "it blew up");
        return core_context(CORE_NUMERICAL, "piece %zu", index);
    }
    return CORE_OK;
}

static struct record *record_create(size_t threads) {
    struct record *record = core_alloc(1, sizeof *record);
    record->threads = threads;
    record->fail_from = record->interrupt_at = PIECES;
    return record;
}

static void every_piece_runs_once(void **state) {
    /* law: each piece exactly once; slots and their sum have the same bits for any number of threads */
    (void)state;
    double sums[COUNTS];
    for (size_t t = 0; t < COUNTS; t++) {
        struct record *record = record_create(thread_counts[t]);
        assert_int_equal(core_parallel(PIECES, thread_counts[t], piece, record), CORE_OK);
        for (int i = 0; i < PIECES; i++) assert_int_equal(record->visits[i], 1);
        assert_int_equal(record->bad_thread, 0);
        sums[t] = core_sum(record->slots, PIECES, 1);
        assert_memory_equal(&sums[t], &sums[0], sizeof *sums);
        core_free(record);
    }
}

static void few_pieces(void **state) {
    /* law: no piece, one piece, fewer pieces than threads */
    (void)state;
    for (size_t count = 0; count < 4; count++) {
        struct record *record = record_create(7);
        assert_int_equal(core_parallel(count, 7, piece, record), CORE_OK);
        for (size_t i = 0; i < PIECES; i++) assert_int_equal(record->visits[i], i < count);
        core_free(record);
    }
}

static void first_failure_is_reported(void **state) {
    /* law: the lowest failing piece's chain reaches the caller whatever the threads, and the loop stops */
    (void)state;
    for (size_t t = 0; t < COUNTS; t++) {
        struct record *record = record_create(thread_counts[t]);
        int visited = 0;
        record->fail_from = FAILING;
        core_error_clear();
        assert_int_equal(core_parallel(PIECES, thread_counts[t], piece, record), CORE_NUMERICAL);
        assert_string_equal(core_error(), "piece 617: it blew up");
        for (int i = 0; i <= FAILING; i++) assert_int_equal(record->visits[i], 1);
        for (int i = 0; i < PIECES; i++) visited += record->visits[i];
        assert_true(visited <= FAILING + 64);
        core_free(record);
    }
    core_error_clear();
}

/* Two pieces on two threads that fail in a known order: `last` waits for the other one. */
struct duel {
    atomic_int failed;
    int by_thread; /* who waits: a thread (0 or 1) or a piece */
    size_t last;
    enum core_status outcome; /* of the one that waits */
};

static enum core_status duellist(void *context, size_t index, size_t thread) {
    struct duel *duel = context;
    if ((duel->by_thread ? thread : index) != duel->last) {
        core_fail(CORE_IO, "piece %zu fails first", duel->by_thread ? 9 : index);
        atomic_store(&duel->failed, 1);
        return CORE_IO;
    }
    const struct timespec moment = {.tv_nsec = 10000000};
    for (int i = 0; i < 300 && !atomic_load(&duel->failed); i++) nanosleep(&moment, NULL);
    nanosleep(&moment, NULL); /* the other's failure is noted by now */
    return duel->outcome == CORE_OK ? CORE_OK : core_fail(duel->outcome, "piece %zu fails last", index);
}

static void failures_of_other_threads(void **state) {
    /* law: the lowest piece wins though it fails last; another thread's chain replaces the caller's */
    (void)state;
    struct duel duel = {.by_thread = 0, .last = 0, .outcome = CORE_NUMERICAL};
    assert_int_equal(core_parallel(2, 2, duellist, &duel), CORE_NUMERICAL);
    assert_string_equal(core_error(), "piece 0 fails last");
    duel = (struct duel){.by_thread = 1, .last = 0, .outcome = CORE_OK};
    core_error_set("of the caller");
    assert_int_equal(core_parallel(2, 2, duellist, &duel), CORE_IO);
    assert_string_equal(core_error(), "piece 9 fails first");
    core_error_clear();
}

static void interruptions_stop_the_loop(void **state) {
    /* law: asked before, nothing runs; asked within, what was handed out is finished; cleared, all runs again */
    (void)state;
    for (size_t t = 0; t < COUNTS; t++) {
        struct record *record = record_create(thread_counts[t]);
        core_interrupt(1);
        assert_true(core_interrupted());
        assert_int_equal(core_parallel(PIECES, thread_counts[t], piece, record), CORE_INTERRUPTED);
        for (int i = 0; i < PIECES; i++) assert_int_equal(record->visits[i], 0);
        core_interrupt(0);
        assert_false(core_interrupted());
        record->interrupt_at = FAILING;
        assert_int_equal(core_parallel(PIECES, thread_counts[t], piece, record), CORE_INTERRUPTED);
        assert_string_equal(core_error(), "interrupted");
        for (int i = 0; i <= FAILING; i++) assert_int_equal(record->visits[i], 1);
        assert_int_equal(record->visits[PIECES - 1], 0);
        core_interrupt(0);
        core_free(record);
    }
    core_error_clear();
}

static void failing_allocations(void **state) {
    /* law: fail the k-th allocation for every k until the loop succeeds: a sentence, no piece run, no leak */
    (void)state;
    struct record *record = record_create(3);
    size_t live = core_alloc_live(), k = 1;
    for (;; k++) {
        core_alloc_fail_at(k);
        enum core_status status = core_parallel(PIECES, 3, piece, record);
        core_alloc_fail_at(0);
        assert_int_equal(core_alloc_live(), live);
        if (status == CORE_OK) break;
        assert_int_equal(status, CORE_NO_MEMORY);
        assert_non_null(strstr(core_error(), "3 threads"));
        assert_int_equal(record->visits[0], 0);
    }
    assert_true(k > 1);
    core_free(record);
    core_error_clear();
}

static void processors(void **state) {
    /* law: at least one */
    (void)state;
    assert_true(core_processors() >= 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_piece_runs_once),
        cmocka_unit_test(few_pieces),
        cmocka_unit_test(first_failure_is_reported),
        cmocka_unit_test(failures_of_other_threads),
        cmocka_unit_test(interruptions_stop_the_loop),
        cmocka_unit_test(failing_allocations),
        cmocka_unit_test(processors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
