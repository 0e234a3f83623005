/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/measure.h"

#include "core/memory.h"
#include "core/sum.h"

#include <math.h>
#include <string.h>

/* ---- Escape times ---- */

/* Of the replicas that did not diverge. `times` has room for all of them. */
static void measure_escape(const struct core_ensemble *data, size_t level, double loss_level, double times[],
                           struct lab_escape_row *row) {
    size_t escaped = 0, counted = 0;
    for (size_t r = 0; r < data->replicas; r++) {
        if (isfinite(data->diverged[r])) continue;
        counted++;
        double t = data->escape[level * data->replicas + r];
        if (isfinite(t)) times[escaped++] = t;
    }
    struct core_moments moments = core_moments(times, escaped, 1);
    *row = (struct lab_escape_row){.level = loss_level,
                                   .escaped = counted > 0 ? (double)escaped / (double)counted : (double)NAN,
                                   .mean = moments.mean,
                                   .sd = sqrt(moments.variance),
                                   .se = escaped > 0 ? sqrt(moments.variance / (double)escaped) : (double)NAN,
                                   .median = (double)NAN};
    if (escaped == 0) return;
    core_sort(times, escaped);
    row->median = core_quantile_sorted(times, escaped, 0.5);
}

static enum core_status measure_escapes(const struct lab_scene *scene, struct lab_ensemble_result *ensemble) {
    if (scene->level_count == 0) return CORE_OK;
    double *times = core_alloc(ensemble->replicas, sizeof *times);
    ensemble->escape = core_alloc(scene->level_count, sizeof *ensemble->escape);
    if (times == NULL || ensemble->escape == NULL) {
        core_free(times);
        return core_fail(CORE_NO_MEMORY, "no memory for the escape times");
    }
    ensemble->escape_count = scene->level_count;
    for (size_t l = 0; l < scene->level_count; l++) {
        measure_escape(ensemble->data, l, scene->levels[l], times, &ensemble->escape[l]);
    }
    core_free(times);
    return CORE_OK;
}

/* ---- Recorded times ---- */

/* 5 %, 50 %, 95 % of the finite values x[i * stride]; NaN where there are none. Returns their moments. */
static struct core_moments summarise(const double x[], size_t count, size_t stride, double sorted[],
                                     double quantile[3]) {
    static const double at[3] = {0.05, 0.5, 0.95};
    size_t finite = 0;
    for (size_t i = 0; i < count; i++) {
        if (isfinite(x[i * stride])) sorted[finite++] = x[i * stride];
    }
    core_sort(sorted, finite);
    for (size_t q = 0; q < 3; q++) quantile[q] = finite > 0 ? core_quantile_sorted(sorted, finite, at[q]) : (double)NAN;
    return core_moments(x, count, stride);
}

static enum core_status measure_singular_values(const struct lab_scene *scene,
                                                const struct lab_ensemble_result *ensemble, size_t record,
                                                size_t threads, double sorted[], struct lab_time_row *row) {
    const struct dln_observable *observable = dln_observable_find("singular-values");
    struct lab_sample sample;
    enum core_status status = lab_sample_take(scene, ensemble, observable, record, threads, &sample);
    if (status != CORE_OK) return status;
    row->singular_values = core_alloc(sample.width, sizeof *row->singular_values);
    row->singular_quantiles = core_alloc(3 * sample.width, sizeof *row->singular_quantiles);
    if (row->singular_values == NULL || row->singular_quantiles == NULL) {
        lab_sample_free(&sample);
        return core_fail(CORE_NO_MEMORY, "no memory for the singular values");
    }
    row->singular_count = sample.width;
    for (size_t k = 0; k < sample.width; k++) {
        row->singular_values[k] =
            summarise(sample.values + k, sample.rows, sample.width, sorted, row->singular_quantiles + 3 * k).mean;
    }
    lab_sample_free(&sample);
    return CORE_OK;
}

/* The mean over replicas of the Frobenius norm of all the D_l together. */
static enum core_status measure_balancedness(const struct lab_scene *scene, const struct lab_ensemble_result *ensemble,
                                             size_t record, size_t threads, double sorted[], struct lab_time_row *row) {
    const struct dln_observable *observable = dln_observable_find("balancedness");
    struct lab_sample sample;
    if (observable->width(scene->land) == 0) return CORE_OK;
    enum core_status status = lab_sample_take(scene, ensemble, observable, record, threads, &sample);
    if (status != CORE_OK) return status;
    for (size_t r = 0; r < sample.rows; r++) {
        double square = 0;
        for (size_t k = 0; k < sample.width; k++)
            square += sample.values[r * sample.width + k] * sample.values[r * sample.width + k];
        sample.values[r] = sqrt(square); /* rows before r are done: their places are free */
    }
    row->balancedness_mean = summarise(sample.values, sample.rows, 1, sorted, row->balancedness_quantile).mean;
    lab_sample_free(&sample);
    return CORE_OK;
}

/* The loss's moments and quantiles from its values over the replicas. */
static void measure_loss(const double loss[], size_t replicas, double sorted[], struct lab_time_row *row) {
    struct core_moments moments = summarise(loss, replicas, 1, sorted, row->loss_quantile);
    row->loss_mean = moments.mean;
    row->loss_se = moments.count > 0 ? sqrt(moments.variance / (double)moments.count) : (double)NAN;
}

static enum core_status measure_curve(const struct lab_scene *scene, struct lab_ensemble_result *ensemble,
                                      double sorted[]) {
    const struct core_ensemble *data = ensemble->data;
    ensemble->curve = core_alloc(data->curve_count + 1, sizeof *ensemble->curve);
    if (ensemble->curve == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the loss curve");
    ensemble->curve_count = data->curve_count;
    for (size_t t = 0; t < data->curve_count; t++) {
        ensemble->curve[t].time = core_schedule_time(&scene->schedule, scene->curve_steps[t]);
        measure_loss(data->curve + t * data->replicas, data->replicas, sorted, &ensemble->curve[t]);
    }
    return CORE_OK;
}

static enum core_status measure_time(const struct lab_scene *scene, const struct lab_ensemble_result *ensemble,
                                     size_t record, size_t threads, double sorted[], struct lab_time_row *row) {
    const struct core_ensemble *data = ensemble->data;
    size_t p = data->dimension;
    row->time = core_schedule_time(&scene->schedule, scene->record_steps[record]);
    measure_loss(data->loss + record * data->replicas, data->replicas, sorted, row);
    row->balancedness_mean = (double)NAN;
    for (size_t q = 0; q < 3; q++) row->balancedness_quantile[q] = (double)NAN;
    row->parameters_mean = core_alloc(p, sizeof *row->parameters_mean);
    if (row->parameters_mean == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the mean parameters");
    for (size_t i = 0; i < p; i++) {
        row->parameters_mean[i] =
            core_moments(data->parameters + record * data->replicas * p + i, data->replicas, p).mean;
    }
    if (dln_network_depth(scene->land) == 0) return CORE_OK;
    enum core_status status = measure_singular_values(scene, ensemble, record, threads, sorted, row);
    return status == CORE_OK ? measure_balancedness(scene, ensemble, record, threads, sorted, row) : status;
}

static enum core_status measure_ensemble(const struct lab_scene *scene, size_t threads,
                                         struct lab_ensemble_result *ensemble) {
    double *sorted = core_alloc(ensemble->replicas, sizeof *sorted);
    ensemble->times = core_alloc(scene->record_count, sizeof *ensemble->times);
    if (sorted == NULL || ensemble->times == NULL) {
        core_free(sorted);
        return core_fail(CORE_NO_MEMORY, "no memory for the recorded times");
    }
    ensemble->time_count = scene->record_count;
    enum core_status status = measure_escapes(scene, ensemble);
    if (status == CORE_OK) status = measure_curve(scene, ensemble, sorted);
    for (size_t t = 0; t < scene->record_count && status == CORE_OK; t++) {
        status = measure_time(scene, ensemble, t, threads, sorted, &ensemble->times[t]);
    }
    core_free(sorted);
    return status;
}

enum core_status lab_measure(const struct lab_scene *scene, size_t threads, struct lab_result *result) {
    enum core_status status = CORE_OK;
    result->levels = core_alloc(scene->level_count + 1, sizeof *result->levels);
    if (result->levels == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the loss levels");
    result->level_count = scene->level_count;
    memcpy(result->levels, scene->levels, scene->level_count * sizeof *result->levels);
    for (size_t e = 0; e < result->ensemble_count && status == CORE_OK; e++) {
        status = core_context(measure_ensemble(scene, threads, &result->ensembles[e]), "while measuring '%s'",
                              result->ensembles[e].name);
    }
    return status;
}
