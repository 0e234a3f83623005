/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Escape times of a million subjects, a third of them censored: Kaplan-Meier with Greenwood and a band, the log-rank
 * test of two groups, Weibull's law. */
#include "lab/bench.h"

#include "compare/compare.h"
#include "core/memory.h"
#include "core/random.h"

#include <math.h>

enum { SUBJECTS = 1000000 };

struct work {
    double *time;
    int *escaped;
    size_t *group;
    struct compare_survival_row *rows;
    enum core_status (*measure)(struct work *work);
};

struct detail {
    enum core_status (*measure)(struct work *work);
};

static enum core_status curve(struct work *w) {
    size_t count;
    return compare_survival_curve(SUBJECTS, w->time, w->escaped, COMPARE_BAND_LOGLOG, 0.95, &count, w->rows);
}
static enum core_status logrank(struct work *w) {
    struct compare_logrank out;
    return compare_logrank(SUBJECTS, w->time, w->escaped, 2, w->group, NULL, 0, NULL, NULL, &out);
}
static enum core_status weibull(struct work *w) {
    struct compare_fit out;
    return compare_fit_weibull(SUBJECTS, w->time, w->escaped, &out);
}

static enum core_status call(void *self) {
    struct work *work = self;
    return work->measure(work);
}

static void free_work(void *self) {
    struct work *work = self;
    if (work == NULL) return;
    core_free(work->time);
    core_free(work->escaped);
    core_free(work->group);
    core_free(work->rows);
    core_free(work);
}

static enum core_status prepare(const struct lab_bench_row *row, size_t threads, struct lab_bench_task *task) {
    const struct detail *detail = row->detail;
    struct work *work = core_alloc(1, sizeof *work);
    (void)threads;
    task->self = work;
    task->call = call;
    task->free = free_work;
    task->units = SUBJECTS;
    if (work == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a benchmark");
    work->measure = detail->measure;
    work->time = core_alloc(2 * SUBJECTS, sizeof *work->time);
    work->escaped = core_alloc(SUBJECTS, sizeof *work->escaped);
    work->group = core_alloc(SUBJECTS, sizeof *work->group);
    work->rows = core_alloc(SUBJECTS, sizeof *work->rows);
    if (work->time == NULL || work->escaped == NULL || work->group == NULL || work->rows == NULL)
        return core_fail(CORE_NO_MEMORY, "no memory for a benchmark");
    struct core_stream stream = {.seed = core_seed(20, "bench"), .path = 3, .purpose = CORE_PURPOSE_NOISE};
    core_random_exponential(&stream, 1, 2 * SUBJECTS, work->time);
    for (size_t i = 0; i < SUBJECTS; i++) {
        double escape = pow(work->time[i], 0.8) * (i % 2 == 0 ? 1 : 1.02), end = 2 * work->time[SUBJECTS + i];
        work->escaped[i] = escape <= end;
        work->time[i] = fmin(escape, end);
        work->group[i] = i % 2;
    }
    return CORE_OK;
}

static const struct detail of_curve = {curve}, of_logrank = {logrank}, of_weibull = {weibull};

#define ROW(NAME, DETAIL)                                                                                              \
    { .name = (NAME), .size = "n=1000000", .unit = "subjects", .prepare = prepare, .detail = &(DETAIL) }

const struct lab_bench_row lab_bench_survival_rows[] = {
    ROW("survival-curve", of_curve),
    ROW("survival-logrank", of_logrank),
    ROW("survival-weibull", of_weibull),
    {.name = NULL},
};
