/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loss and gradient of a network from the moments of its data: the same speed for any number of samples. Operations as
 * in lab/bench_ensemble.c; the loss has the product, (P - T) Sxx and a trace: 2 d^3 twice. */
#include "lab/bench.h"

#include "core/landscape.h"
#include "core/lanes.h"
#include "core/memory.h"
#include "dln/dln.h"

enum { WIDTH = 5, EVALUATIONS = 1000 };

struct detail {
    size_t samples;
    int gradient;
};

struct work {
    struct core_landscape *land;
    int gradient;
    double *x, *out, *scratch;
};

static enum core_status call(void *self) {
    const struct work *work = self;
    const struct core_landscape *land = work->land;
    for (size_t i = 0; i < EVALUATIONS; i++) {
        if (work->gradient)
            land->methods->gradient(land, work->x, work->out, work->scratch);
        else
            land->methods->loss(land, work->x, work->out, work->scratch);
    }
    return CORE_OK;
}

static void free_work(void *self) {
    struct work *work = self;
    if (work == NULL) return;
    core_landscape_free(work->land);
    core_free(work->x);
    core_free(work->out);
    core_free(work->scratch);
    core_free(work);
}

static enum core_status make_landscape(size_t samples, struct core_landscape **land) {
    static const double singular[] = {3, 2, 1};
    static const size_t widths[] = {WIDTH, WIDTH, WIDTH};
    struct dln_data_settings settings = {.samples = samples,
                                         .inputs = WIDTH,
                                         .outputs = WIDTH,
                                         .singular_count = 3,
                                         .singular_values = singular,
                                         .label_noise = 0.1};
    struct dln_data data = {0};
    enum core_status status = dln_data_generate(&settings, 20, &data);
    if (status == CORE_OK) status = dln_network_create(2, widths, &data, land);
    dln_data_free(&data);
    return status;
}

static enum core_status prepare(const struct lab_bench_row *row, size_t threads, struct lab_bench_task *task) {
    const struct detail *detail = row->detail;
    struct work *work = core_alloc(1, sizeof *work);
    (void)threads;
    task->self = work;
    task->call = call;
    task->free = free_work;
    if (work == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a benchmark");
    work->gradient = detail->gradient;
    enum core_status status = make_landscape(detail->samples, &work->land);
    if (status != CORE_OK) return status;
    size_t size = work->land->dimension * work->land->lanes;
    work->x = core_alloc(size, sizeof *work->x);
    work->out = core_alloc(size, sizeof *work->out);
    work->scratch = core_alloc(work->land->scratch, sizeof *work->scratch);
    if (work->x == NULL || work->out == NULL || work->scratch == NULL)
        return core_fail(CORE_NO_MEMORY, "no memory for a benchmark");
    for (size_t i = 0; i < size; i++) work->x[i] = 0.1 + 0.01 * (double)(i % 37);
    task->units = (double)(EVALUATIONS * work->land->lanes);
    return CORE_OK;
}

static const struct detail loss_few = {100, 0}, loss_many = {1000000, 0}, gradient_few = {100, 1},
                           gradient_many = {1000000, 1};

#define ROW(NAME, SIZE, FLOPS, DETAIL)                                                                                 \
    { .name = (NAME), .size = (SIZE), .unit = "evaluations", .flops = (FLOPS), .prepare = prepare, .detail = &(DETAIL) }

const struct lab_bench_row lab_bench_landscape_rows[] = {
    ROW("loss", "5-5-5 n=100", 4 * 125.0, loss_few),
    ROW("loss", "5-5-5 n=1000000", 4 * 125.0, loss_many),
    ROW("gradient", "5-5-5 n=100", 8 * 125.0, gradient_few),
    ROW("gradient", "5-5-5 n=1000000", 8 * 125.0, gradient_many),
    {.name = NULL},
};
