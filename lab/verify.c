/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/verify.h"

#include "core/memory.h"
#include "core/random.h"

#include <math.h>

const struct lab_exact_law *const lab_laws[] = {
    lab_laws_derivatives, lab_laws_balance, lab_laws_regression, lab_laws_random,
    lab_laws_theory,      lab_laws_compare, lab_laws_bits,       NULL,
};

double lab_law_worst(double a, double b) {
    return isnan(a) || isnan(b) ? (double)NAN : fmax(a, b);
}

double lab_law_difference(size_t count, const double a[], const double b[]) {
    double most = 0, size = 0;
    for (size_t i = 0; i < count; i++) {
        most = lab_law_worst(most, fabs(a[i] - b[i]));
        size = lab_law_worst(size, fabs(b[i]));
    }
    return size > 0 ? most / size : most;
}

void lab_law_draws(size_t count, uint64_t path, double out[]) {
    struct core_stream stream = {.seed = core_seed(20, "verify"), .path = path, .purpose = CORE_PURPOSE_TEST};
    core_random_normal(&stream, 1, count, out);
}

enum core_status lab_law_network(size_t depth, const size_t widths[], size_t samples, struct core_landscape **network) {
    static const double singular[] = {2.1, 0.9};
    size_t least = widths[0] < widths[depth] ? widths[0] : widths[depth];
    struct dln_data_settings settings = {.samples = samples,
                                         .inputs = widths[0],
                                         .outputs = widths[depth],
                                         .singular_count = least < 2 ? least : 2,
                                         .singular_values = singular,
                                         .label_noise = 0.3};
    struct dln_data data = {0};
    enum core_status status = dln_data_generate(&settings, 20, &data);
    if (status == CORE_OK) status = dln_network_create(depth, widths, &data, network);
    dln_data_free(&data);
    return status;
}

/* ---- Runs ---- */

static enum core_status make_stepper(const struct core_landscape *network, const struct lab_law_run *run,
                                     struct core_stepper **stepper) {
    struct core_schedule schedule = {.law = CORE_SCHEDULE_CONSTANT, .rate = run->rate, .factor = 1, .every = 1};
    if (run->process == LAB_LAW_SGD) {
        struct dln_sgd_settings settings = dln_sgd_settings_default();
        settings.batch = run->batch;
        settings.schedule = schedule;
        return dln_sgd_create(network, &settings, run->seed, stepper);
    }
    struct sde_settings settings = sde_settings_default();
    settings.noise = run->process == LAB_LAW_POISSON ? SDE_NOISE_POISSON : SDE_NOISE_GAUSSIAN;
    settings.covariance = SDE_COVARIANCE_SGD;
    settings.batch = (double)run->batch;
    settings.schedule = schedule;
    return sde_create(network, &settings, run->seed, stepper);
}

enum core_status lab_law_run(const struct core_landscape *network, const double start[], const struct lab_law_run *run,
                             struct core_ensemble **ensemble) {
    struct core_stepper *stepper = NULL;
    size_t records = run->every_step ? run->steps + 1 : 1, *record = core_alloc(records, sizeof *record);
    *ensemble = NULL;
    if (record == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a law");
    for (size_t k = 0; k < records; k++) record[k] = run->every_step ? k : run->steps;
    struct core_ensemble_settings settings = {.steps = run->steps,
                                              .replicas = run->replicas,
                                              .start = {.point = start},
                                              .record_count = records,
                                              .record_steps = record,
                                              .ceiling = 1e12,
                                              .threads = run->threads};
    enum core_status status = make_stepper(network, run, &stepper);
    if (status == CORE_OK) status = core_ensemble_create(run->replicas, network->dimension, records, 0, ensemble);
    if (status == CORE_OK) status = core_ensemble_run(stepper, &settings, *ensemble, 0);
    if (run->process == LAB_LAW_SGD)
        dln_sgd_free(stepper);
    else
        sde_free(stepper);
    core_free(record);
    if (status == CORE_OK) return CORE_OK;
    core_ensemble_free(*ensemble);
    *ensemble = NULL;
    return status;
}
