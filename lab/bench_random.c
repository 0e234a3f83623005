/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Draws a second, eight paths at a time as an ensemble's block takes them. */
#include "lab/bench.h"

#include "core/lanes.h"
#include "core/memory.h"
#include "core/random.h"

enum { DRAWS = 512 }; /* of each path in one call: the numbers stay in the nearest cache */

struct work {
    struct core_stream stream;
    struct core_poisson law;
    void (*fill)(struct work *work);
    double *out;
};

static void uniform(struct work *w) {
    core_random_uniform(&w->stream, CORE_LANES, DRAWS, w->out);
}
static void normal(struct work *w) {
    core_random_normal(&w->stream, CORE_LANES, DRAWS, w->out);
}
static void exponential(struct work *w) {
    core_random_exponential(&w->stream, CORE_LANES, DRAWS, w->out);
}
static void stable(struct work *w) {
    core_random_stable(&w->stream, 1.7, CORE_LANES, DRAWS, w->out);
}
static void whole(struct work *w) {
    core_random_index(&w->stream, 100, CORE_LANES, DRAWS, (uint32_t *)(void *)w->out);
}
static void poisson(struct work *w) {
    core_random_poisson(&w->stream, &w->law, CORE_LANES, DRAWS, w->out);
}

struct detail {
    void (*fill)(struct work *work);
};

static enum core_status call(void *self) {
    struct work *work = self;
    for (size_t i = 0; i < 16; i++) {
        work->fill(work);
        work->stream.step++;
    }
    return CORE_OK;
}

static void free_work(void *self) {
    struct work *work = self;
    if (work == NULL) return;
    core_poisson_free(&work->law);
    core_free(work->out);
    core_free(work);
}

static enum core_status prepare(const struct lab_bench_row *row, size_t threads, struct lab_bench_task *task) {
    const struct detail *detail = row->detail;
    struct work *work = core_alloc(1, sizeof *work);
    (void)threads;
    task->self = work;
    task->call = call;
    task->free = free_work;
    task->units = 16.0 * DRAWS * CORE_LANES;
    if (work == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a benchmark");
    work->stream = (struct core_stream){.seed = core_seed(20, "bench"), .purpose = CORE_PURPOSE_NOISE};
    work->fill = detail->fill;
    work->out = core_alloc(DRAWS, CORE_LANES * sizeof *work->out);
    if (work->out == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a benchmark");
    return core_poisson_init(&work->law, 4);
}

static const struct detail of_uniform = {uniform}, of_normal = {normal}, of_exponential = {exponential},
                           of_stable = {stable}, of_index = {whole}, of_poisson = {poisson};

#define ROW(NAME, SIZE, DETAIL)                                                                                        \
    { .name = (NAME), .size = (SIZE), .unit = "draws", .prepare = prepare, .detail = &(DETAIL) }

const struct lab_bench_row lab_bench_random_rows[] = {
    ROW("random-uniform", "8 paths", of_uniform),
    ROW("random-normal", "8 paths", of_normal),
    ROW("random-exponential", "8 paths", of_exponential),
    ROW("random-stable", "alpha=1.7", of_stable),
    ROW("random-index", "below 100", of_index),
    ROW("random-poisson", "mean 4", of_poisson),
    {.name = NULL},
};
