/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Speed of ensembles on deep linear networks with all widths d, run by core_ensemble_run: a block of replicas a thread.
 *
 * Operations of one replica-step, an addition and a multiplication counted as two, random numbers not counted:
 *
 * SGD, depth L: a sample passes L products forward, L - 1 back, and makes L outer products, 2 d^2 each; the update of
 * L d^2 parameters takes two each. Poisson: the same with B samples on the average, and the full gradient.
 *
 *     2 d^2 (B (3 L - 1) + L)
 *
 * Gradient from moments, L = 2: the product, E = (P - T) Sxx, and one product for each layer, 2 d^3 each: 8 d^3. So
 * does isotropic-local noise, whose bilinear form for the trace of Sigma is not counted. Gaussian noise with SGD's
 * covariance adds C z, C trapezoidal of f = d (d + 1) / 2 + d^2 rows and at most f columns, and the product with the
 * draw of x x^T:
 *
 *     10 d^3 + f^2 */
#include "lab/bench.h"

#include "core/ensemble.h"
#include "core/lanes.h"
#include "core/memory.h"
#include "dln/dln.h"
#include "sde/sde.h"

#include <math.h>

struct shape {
    size_t depth, width, batch, samples, steps; /* steps of one call */
    int sgd, escape;                            /* escape: the loss is looked at in every step */
    enum sde_noise noise;
    enum sde_covariance covariance;
    enum sde_drift drift;
};

struct work {
    struct core_landscape *land;
    struct core_stepper *stepper;
    void (*free_stepper)(struct core_stepper *stepper);
    struct core_ensemble *ensemble;
    double *start;
    struct core_ensemble_settings settings;
};

static enum core_status call(void *self) {
    struct work *work = self;
    return core_ensemble_run(work->stepper, &work->settings, work->ensemble, 0);
}

static void free_work(void *self) {
    struct work *work = self;
    if (work == NULL) return;
    if (work->free_stepper != NULL) work->free_stepper(work->stepper);
    core_ensemble_free(work->ensemble);
    core_landscape_free(work->land);
    core_free(work->start);
    core_free(work);
}

static enum core_status make_landscape(const struct shape *shape, struct work *work) {
    static const double singular[] = {3, 2, 1};
    struct dln_data_settings settings = {.samples = shape->samples,
                                         .inputs = shape->width,
                                         .outputs = shape->width,
                                         .whiten = 1,
                                         .singular_count = 3,
                                         .singular_values = singular,
                                         .label_noise = 0.1};
    struct dln_data data = {0};
    size_t widths[DLN_DEPTH_MAX + 1];
    for (size_t l = 0; l <= shape->depth; l++) widths[l] = shape->width;
    enum core_status status = dln_data_generate(&settings, 20, &data);
    if (status == CORE_OK) status = dln_network_create(shape->depth, widths, &data, &work->land);
    dln_data_free(&data);
    if (status != CORE_OK) return status;
    work->start = core_alloc(work->land->dimension, sizeof *work->start);
    if (work->start == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a benchmark");
    return dln_start_gaussian(work->land, 0.3 / sqrt((double)shape->width), 20, work->start);
}

static enum core_status make_stepper(const struct shape *shape, struct work *work) {
    struct core_schedule schedule = {.law = CORE_SCHEDULE_CONSTANT, .rate = 0.002, .factor = 1, .every = 1};
    if (shape->sgd) {
        struct dln_sgd_settings settings = dln_sgd_settings_default();
        settings.batch = shape->batch;
        settings.schedule = schedule;
        work->free_stepper = dln_sgd_free;
        return dln_sgd_create(work->land, &settings, 20, &work->stepper);
    }
    struct sde_settings settings = sde_settings_default();
    settings.noise = shape->noise;
    settings.covariance = shape->covariance;
    settings.drift = shape->drift;
    settings.batch = (double)shape->batch;
    settings.schedule = schedule;
    work->free_stepper = sde_free;
    return sde_create(work->land, &settings, 20, &work->stepper);
}

static enum core_status prepare(const struct lab_bench_row *row, size_t threads, struct lab_bench_task *task) {
    static const double levels[] = {1e-3, 1e-4, 1e-5};
    const struct shape *shape = row->detail;
    struct work *work = core_alloc(1, sizeof *work);
    task->self = work;
    task->call = call;
    task->free = free_work;
    if (work == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a benchmark");
    enum core_status status = make_landscape(shape, work);
    if (status == CORE_OK) status = make_stepper(shape, work);
    if (status != CORE_OK) return status;
    work->settings = (struct core_ensemble_settings){.steps = shape->steps,
                                                     .replicas = 4 * work->land->lanes * threads,
                                                     .start = {.point = work->start},
                                                     .record_count = 1,
                                                     .record_steps = &shape->steps,
                                                     .level_count = shape->escape ? 3 : 0,
                                                     .levels = levels,
                                                     .ceiling = 1e9,
                                                     .threads = threads};
    task->units = (double)work->settings.replicas * (double)shape->steps;
    return core_ensemble_create(work->settings.replicas, work->land->dimension, 1, work->settings.level_count,
                                &work->ensemble);
}

#define SGD_FLOPS(d, L, B) (2.0 * (d) * (d) * ((B) * (3 * (L)-1) + (L)))
#define MOMENT_FLOPS(d) (8.0 * (d) * (d) * (d))
#define FEATURES(d) ((d) * ((d) + 1) / 2.0 + (d) * (d))
#define NOISY_FLOPS(d) (10.0 * (d) * (d) * (d) + FEATURES(d) * FEATURES(d))

static const struct shape
    sgd_5 = {.depth = 2, .width = 5, .batch = 4, .samples = 100, .steps = 1000, .sgd = 1},
    sgd_4 = {.depth = 3, .width = 4, .batch = 4, .samples = 100, .steps = 1000, .sgd = 1},
    sgd_8 = {.depth = 2, .width = 8, .batch = 4, .samples = 100, .steps = 1000, .sgd = 1},
    sgd_32 = {.depth = 2, .width = 32, .batch = 16, .samples = 200, .steps = 1000, .sgd = 1},
    sgd_100 = {.depth = 2, .width = 100, .batch = 32, .samples = 400, .steps = 1000, .sgd = 1},
    sgd_escape = {.depth = 2, .width = 5, .batch = 4, .samples = 100, .steps = 1000, .sgd = 1, .escape = 1},
    anisotropic = {.depth = 2,
                   .width = 5,
                   .batch = 4,
                   .samples = 100,
                   .steps = 500,
                   .noise = SDE_NOISE_GAUSSIAN,
                   .covariance = SDE_COVARIANCE_SGD},
    anisotropic_many = {.depth = 2,
                        .width = 5,
                        .batch = 4,
                        .samples = 100000,
                        .steps = 500,
                        .noise = SDE_NOISE_GAUSSIAN,
                        .covariance = SDE_COVARIANCE_SGD},
    poisson = {.depth = 2, .width = 5, .batch = 4, .samples = 100, .steps = 500, .noise = SDE_NOISE_POISSON},
    local = {.depth = 2,
             .width = 5,
             .batch = 4,
             .samples = 100,
             .steps = 500,
             .noise = SDE_NOISE_GAUSSIAN,
             .covariance = SDE_COVARIANCE_ISOTROPIC_LOCAL},
    second_order = {.depth = 2,
                    .width = 5,
                    .batch = 4,
                    .samples = 100,
                    .steps = 500,
                    .noise = SDE_NOISE_GAUSSIAN,
                    .covariance = SDE_COVARIANCE_SGD,
                    .drift = SDE_DRIFT_SECOND_ORDER};

#define ROW(NAME, SIZE, FLOPS, TARGET, SHAPE)                                                                          \
    {                                                                                                                  \
        .name = (NAME), .size = (SIZE), .unit = "replica-steps", .flops = (FLOPS), .target = (TARGET), .threaded = 1,  \
        .prepare = prepare, .detail = &(SHAPE)                                                                         \
    }

const struct lab_bench_row lab_bench_ensemble_rows[] = {
    ROW("sgd", "5-5-5 B=4", SGD_FLOPS(5, 2, 4), 30e6, sgd_5),
    ROW("sgd", "4-4-4-4 B=4", SGD_FLOPS(4, 3, 4), 0, sgd_4),
    ROW("sgd", "8-8-8 B=4", SGD_FLOPS(8, 2, 4), 0, sgd_8),
    ROW("sgd", "32-32-32 B=16", SGD_FLOPS(32, 2, 16), 400e3, sgd_32),
    ROW("sgd", "100-100-100 B=32", SGD_FLOPS(100, 2, 32), 30e3, sgd_100),
    ROW("sgd-with-escape", "5-5-5 B=4", SGD_FLOPS(5, 2, 4) + 6.0 * 125, 0, sgd_escape),
    ROW("anisotropic-step", "5-5-5 n=100", NOISY_FLOPS(5), 2.5e6, anisotropic),
    ROW("anisotropic-step", "5-5-5 n=100000", NOISY_FLOPS(5), 0, anisotropic_many),
    ROW("poisson", "5-5-5 B=4", SGD_FLOPS(5, 2, 4) + MOMENT_FLOPS(5), 0, poisson),
    ROW("langevin-local", "5-5-5", MOMENT_FLOPS(5), 0, local),
    ROW("second-order", "5-5-5", NOISY_FLOPS(5) + 2 * MOMENT_FLOPS(5), 0, second_order),
    {.name = NULL},
};
