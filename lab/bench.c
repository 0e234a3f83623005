/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/bench.h"

#include "core/lanes.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/seconds.h"
#include "core/sum.h"

#include <math.h>

CORE_ISA_PICK(struct lab_bench_kernels, lab_bench_kernels)

enum { REPETITIONS = 5, ATTEMPTS = 3 };
static const double SHORTEST = 0.2; /* seconds */

/* ---- Measuring ---- */

static enum core_status time_calls(struct lab_bench_task *task, size_t calls, double *seconds) {
    double started = core_seconds();
    for (size_t i = 0; i < calls; i++) {
        enum core_status status = task->call(task->self);
        if (status != CORE_OK) return status;
        if (core_interrupted()) return core_fail(CORE_INTERRUPTED, "interrupted");
    }
    *seconds = core_seconds() - started;
    return CORE_OK;
}

/* Doubles the calls until they take SHORTEST / 4 seconds, and says how many take SHORTEST; that warms up, too. */
static enum core_status find_calls(struct lab_bench_task *task, size_t *calls) {
    double seconds = 0;
    for (*calls = 1;; *calls *= 2) {
        enum core_status status = time_calls(task, *calls, &seconds);
        if (status != CORE_OK) return status;
        if (seconds > SHORTEST / 4) break;
    }
    if (seconds < SHORTEST) *calls = (size_t)ceil((double)*calls * SHORTEST / seconds * 1.05);
    return CORE_OK;
}

/* seconds (REPETITIONS), ascending. Where the machine was busy while the calls were counted, once more with more of
 * them. */
static enum core_status repeat(struct lab_bench_task *task, double seconds[], size_t *calls) {
    enum core_status status = find_calls(task, calls);
    for (size_t attempt = 0; attempt < ATTEMPTS && status == CORE_OK; attempt++) {
        for (size_t r = 0; r < REPETITIONS && status == CORE_OK; r++) status = time_calls(task, *calls, &seconds[r]);
        if (status != CORE_OK) break;
        core_sort(seconds, REPETITIONS);
        if (seconds[0] >= 0.9 * SHORTEST || attempt + 1 == ATTEMPTS) break;
        *calls = (size_t)ceil((double)*calls * SHORTEST / seconds[0] * 1.05);
    }
    return status;
}

static enum core_status measure_task(struct lab_bench_task *task, struct lab_bench_speed *speed) {
    double seconds[REPETITIONS] = {0};
    size_t calls;
    enum core_status status = repeat(task, seconds, &calls);
    if (status != CORE_OK) return status;
    double work = task->units * (double)calls;
    speed->seconds = seconds[0];
    speed->rate = work / seconds[0];
    speed->median = work / seconds[REPETITIONS / 2];
    speed->error = task->error;
    return CORE_OK;
}

enum core_status lab_bench_measure(const struct lab_bench_row *row, size_t threads, struct lab_bench_speed *speed) {
    struct lab_bench_task task = {.error = (double)NAN};
    enum core_status status = row->prepare(row, row->threaded ? threads : 1, &task);
    if (status == CORE_OK) status = measure_task(&task, speed);
    if (task.free != NULL)
        task.free(task.self);
    else
        core_free(task.self);
    return core_context(status, "bench %s %s", row->name, row->size);
}

/* ---- The peak ---- */

struct peak {
    size_t threads;
    double *sums; /* (threads) so that no compiler drops the loop */
};

enum { ROUNDS = 1 << 20 };

static enum core_status one_thread(void *context, size_t index, size_t thread) {
    const struct peak *peak = context;
    (void)thread;
    peak->sums[index] = lab_bench_kernels()->multiply_add(ROUNDS);
    return CORE_OK;
}

static enum core_status call_peak(void *self) {
    struct peak *peak = self;
    return core_parallel(peak->threads, peak->threads, one_thread, peak);
}

static void free_peak(void *self) {
    struct peak *peak = self;
    if (peak != NULL) core_free(peak->sums);
    core_free(peak);
}

static enum core_status prepare_peak(const struct lab_bench_row *row, size_t threads, struct lab_bench_task *task) {
    (void)row;
    struct peak *peak = core_alloc(1, sizeof *peak);
    task->self = peak;
    task->call = call_peak;
    task->free = free_peak;
    if (peak != NULL) peak->sums = core_alloc(threads, sizeof *peak->sums);
    if (peak == NULL || peak->sums == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a benchmark");
    peak->threads = threads;
    task->units = 2.0 * CORE_LANES * ROUNDS * (double)lab_bench_kernels()->chains * (double)threads;
    return CORE_OK;
}

const struct lab_bench_row lab_bench_peak_rows[] = {
    {.name = "fma-peak", .size = "registers", .unit = "flops", .flops = 1, .threaded = 1, .prepare = prepare_peak},
    {.name = NULL},
};
