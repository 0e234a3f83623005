/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Distances between two Gaussian samples whose means differ by 0.3 in the first coordinate. The error of w2 is its
 * certified gap. */
#include "lab/bench.h"

#include "compare/compare.h"
#include "core/memory.h"
#include "core/random.h"

#include <math.h>

enum { DIRECTIONS = 100 };

struct work {
    size_t rows, dimension;
    double *x, *y, *directions, value;
    double *error; /* the task's */
    enum core_status (*measure)(struct work *work);
};

struct detail {
    size_t rows, dimension;
    enum core_status (*measure)(struct work *work);
};

static enum core_status w2(struct work *w) {
    return compare_wasserstein_2(w->rows, w->dimension, w->x, w->y, &w->value, NULL, w->error);
}
static enum core_status sliced(struct work *w) {
    return compare_sliced(w->rows, w->x, w->rows, w->y, w->dimension, DIRECTIONS, w->directions, &w->value, NULL);
}
static enum core_status mmd(struct work *w) {
    return compare_mmd2(w->rows, w->x, w->rows, w->y, w->dimension, sqrt(2 * (double)w->dimension), &w->value);
}
static enum core_status energy(struct work *w) {
    return compare_energy2(w->rows, w->x, w->rows, w->y, w->dimension, &w->value);
}

/* MMD and its 1000 relabellings; bandwidth fixed. */
static enum core_status relabel(struct work *w, size_t block) {
    struct compare_permutation_settings settings = compare_permutation_settings_default();
    struct compare_permutation out;
    settings.block = block;
    return compare_permutation_test(w->rows, w->x, w->rows, w->y, w->dimension, sqrt(2 * (double)w->dimension),
                                    &settings, &out, NULL);
}
static enum core_status relabel_rows(struct work *w) {
    return relabel(w, 1);
}
static enum core_status relabel_blocks(struct work *w) {
    return relabel(w, 0);
}

static enum core_status neighbours(struct work *w) {
    struct compare_knn out;
    return compare_kl_knn(w->rows, w->x, w->rows, w->y, w->dimension, 5, &out);
}

/* The first third of y is left out: two thirds as many points. The error is the certified gap. */
static enum core_status unequal(struct work *w) {
    size_t m = w->rows - w->rows / 3;
    return compare_wasserstein(w->rows, w->x, NULL, m, w->y, NULL, w->dimension, 2, &w->value, w->error);
}

/* epsilon a twentieth of a typical cost; the error is the duality gap. */
static enum core_status sinkhorn(struct work *w) {
    struct compare_sinkhorn out;
    enum core_status status =
        compare_sinkhorn(w->rows, w->x, w->rows, w->y, w->dimension, 0.1 * (double)w->dimension, &out);
    *w->error = out.gap;
    return status;
}

static enum core_status call(void *self) {
    struct work *work = self;
    return work->measure(work);
}

static void free_work(void *self) {
    struct work *work = self;
    if (work == NULL) return;
    core_free(work->x);
    core_free(work->y);
    core_free(work->directions);
    core_free(work);
}

static enum core_status prepare(const struct lab_bench_row *row, size_t threads, struct lab_bench_task *task) {
    const struct detail *detail = row->detail;
    struct work *work = core_alloc(1, sizeof *work);
    (void)threads;
    task->self = work;
    task->call = call;
    task->free = free_work;
    task->units = 1;
    if (work == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a benchmark");
    size_t rows = work->rows = detail->rows, dimension = work->dimension = detail->dimension;
    work->measure = detail->measure;
    work->error = &task->error;
    work->x = core_alloc(rows, dimension * sizeof *work->x);
    work->y = core_alloc(rows, dimension * sizeof *work->y);
    work->directions = core_alloc(DIRECTIONS, dimension * sizeof *work->directions);
    if (work->x == NULL || work->y == NULL || work->directions == NULL)
        return core_fail(CORE_NO_MEMORY, "no memory for a benchmark");
    struct core_stream stream = {.seed = core_seed(20, "bench"), .path = 1, .purpose = CORE_PURPOSE_NOISE};
    core_random_normal(&stream, 1, rows * dimension, work->x);
    stream.path = 2;
    core_random_normal(&stream, 1, rows * dimension, work->y);
    for (size_t i = 0; i < rows; i++) work->y[i * dimension] += 0.3;
    return compare_directions(DIRECTIONS, dimension, 20, work->directions);
}

static const struct detail of_w2 = {1000, 50, w2}, of_sliced = {4096, 50, sliced}, of_mmd = {1000, 50, mmd},
                           of_energy = {1000, 50, energy}, of_rows = {2000, 50, relabel_rows},
                           of_blocks = {2000, 50, relabel_blocks}, of_kl = {5000, 10, neighbours},
                           of_unequal = {3000, 10, unequal}, of_sinkhorn = {1000, 10, sinkhorn};

#define ROW(NAME, SIZE, DETAIL)                                                                                        \
    { .name = (NAME), .size = (SIZE), .unit = "distances", .prepare = prepare, .detail = &(DETAIL) }

const struct lab_bench_row lab_bench_compare_rows[] = {
    ROW("compare-w2", "n=1000 d=50", of_w2),
    ROW("compare-sliced-w2", "n=4096 d=50 100 dirs", of_sliced),
    ROW("compare-mmd", "n=1000 d=50", of_mmd),
    ROW("compare-energy", "n=1000 d=50", of_energy),
    ROW("compare-permutation", "n=2000 d=50 1000 perms", of_rows),
    ROW("compare-permutation-blocks", "n=2000 d=50 1000 perms", of_blocks),
    ROW("compare-kl-knn", "n=5000 d=10 k=5", of_kl),
    ROW("compare-w2-unequal", "n=3000 m=2000 d=10", of_unequal),
    ROW("compare-sinkhorn", "n=1000 d=10", of_sinkhorn),
    {.name = NULL},
};
