/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Speed of the samplers of the local learning coefficient on 5-5-5, estimate and diagnostics included: draws, each with
 * the loss of all samples recorded.
 *
 * Operations of one draw, an addition and a multiplication counted as two: the gradient from moments 8 d^3, the loss
 * once more 4 d^3, three updates of 2 d^2 parameters; a mini-batch: 2 d^2 (3 L - 1) B instead of 8 d^3. Random numbers
 * are not counted, nor are the eigenproblems of gibbs. */
#include "lab/bench.h"

#include "core/memory.h"
#include "dln/dln.h"

struct work {
    struct core_landscape *land;
    double theta[50];
    struct dln_llc_settings settings;
};

static enum core_status call(void *self) {
    struct work *work = self;
    struct dln_llc *llc = NULL;
    enum core_status status = dln_llc_create(work->land, work->theta, &work->settings, &llc);
    dln_llc_free(llc);
    return status;
}

static void free_work(void *self) {
    struct work *work = self;
    if (work == NULL) return;
    core_landscape_free(work->land);
    core_free(work);
}

static enum core_status prepare(const struct lab_bench_row *row, size_t threads, struct lab_bench_task *task) {
    static const double strengths[] = {1, 0.8};
    static const size_t widths[] = {5, 5, 5};
    struct dln_data_settings settings = {
        .samples = 5000, .inputs = 5, .outputs = 5, .whiten = 1, .singular_count = 2, .singular_values = strengths};
    struct dln_data data = {0};
    struct work *work = core_alloc(1, sizeof *work);
    task->self = work;
    task->call = call;
    task->free = free_work;
    if (work == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a benchmark");
    work->settings = *(const struct dln_llc_settings *)row->detail;
    work->settings.threads = threads;
    task->units = (double)work->settings.num_chains * (double)work->settings.num_draws;
    enum core_status status = dln_data_generate(&settings, 3, &data);
    if (status == CORE_OK) status = dln_network_create(2, widths, &data, &work->land);
    dln_data_free(&data);
    return status == CORE_OK ? dln_start_deepest(work->land, 2, work->theta) : status;
}

static const struct dln_llc_settings
    sgld =
        {.sampler = "sgld", .num_chains = 1000, .num_draws = 1000, .steps_between = 1, .lr = 1e-5, .localization = 1},
    batches = {.sampler = "sgld",
               .num_chains = 1000,
               .num_draws = 500,
               .steps_between = 1,
               .lr = 1e-5,
               .localization = 1,
               .batch_size = 32},
    mala = {.sampler = "mala", .num_chains = 1000, .num_draws = 500, .steps_between = 1, .lr = 1e-4, .localization = 1},
    gibbs = {.sampler = "gibbs", .num_chains = 64, .num_draws = 500, .steps_between = 1, .localization = 1};

/* clang-format off */
#define ROW(NAME, SIZE, FLOPS, TARGET, SETTINGS)                                                                       \
    {.name = (NAME), .size = (SIZE), .unit = "draws", .flops = (FLOPS), .target = (TARGET), .threaded = 1,             \
     .prepare = prepare, .detail = &(SETTINGS)}
/* clang-format on */

const struct lab_bench_row lab_bench_llc_rows[] = {
    ROW("llc-sgld", "5-5-5, 1000 chains", 12.0 * 125 + 300, 8e6, sgld),
    ROW("llc-sgld", "5-5-5, B=32", 2.0 * 25 * 5 * 32 + 4 * 125 + 300, 0, batches),
    ROW("llc-mala", "5-5-5, 1000 chains", 12.0 * 125 + 800, 0, mala),
    ROW("llc-gibbs", "5-5-5, 64 chains", 0, 0, gibbs),
    {.name = NULL},
};
