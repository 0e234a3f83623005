/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A problem on all its grids, extrapolated.
 *
 * Grids of step h, 2h, 4h, ... share their nodes and their errors are series in h^2, so that [richardson1927]
 *
 *     T_{l,0} = number on grid l,   T_{l,q} = T_{l,q-1} + (T_{l,q-1} - T_{l+1,q-1}) / (4^q - 1),
 *
 * and T_{0,k-1} is the answer. Its difference to T_{0,k-2} estimates what is left. */
#include "ffpe/observe.h"

#include "core/memory.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* ---- The result's pieces
 * ------------------------------------------------------------------------------------------------- */

enum { WARNINGS_MAX = 8 };

static enum core_status warn(struct ffpe_result *result, const char *format, ...) __attribute__((format(printf, 2, 3)));
static enum core_status warn(struct ffpe_result *result, const char *format, ...) {
    char text[400];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (result->warning_count == WARNINGS_MAX) return CORE_OK;
    char *copy = core_copy_text(text);
    if (copy == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a warning");
    result->warnings[result->warning_count++] = copy;
    return CORE_OK;
}

static const double *take(const double **at, size_t count) {
    const double *here = *at;
    *at += count;
    return here;
}

/* Mean, covariance, msd, energy and densities of a block of numbers. */
static void point_at(struct ffpe_moments *moments, const double *numbers, size_t d, size_t probes) {
    moments->mass = take(&numbers, 1);
    moments->mean = take(&numbers, d);
    moments->covariance = take(&numbers, d * d);
    moments->msd = take(&numbers, 1);
    moments->energy = take(&numbers, 1);
    moments->density = take(&numbers, probes);
}

static void point(const struct ffpe_problem *problem, const struct ffpe_layout *layout, struct ffpe_result *result) {
    size_t d = result->dimension;
    for (size_t i = 0; i < problem->time_count; i++) {
        result->times[i].time = problem->times[i];
        point_at(&result->times[i], result->numbers + i * layout->moments, d, problem->probe_count);
    }
    if (layout->has_steady) {
        struct ffpe_moments moments;
        const double *current = result->numbers + layout->steady + layout->moments;
        point_at(&moments, result->numbers + layout->steady, d, problem->probe_count);
        result->steady.present = 1;
        result->steady.mean = moments.mean;
        result->steady.covariance = moments.covariance;
        result->steady.energy = moments.energy;
        result->steady.density = moments.density;
        result->steady.current_norm = current;
        result->steady.curl = isnan(current[1]) ? NULL : current + 1;
        result->steady.entropy_production = current + 2;
    }
    result->eigenvalue_count = layout->eigenvalues;
    while (result->eigenvalue_count > 0 && isnan(result->numbers[layout->spectrum + 2 * result->eigenvalue_count - 2]))
        result->eigenvalue_count--;
    result->eigenvalues = result->numbers + layout->spectrum;
    result->passage_count = layout->passages;
    result->passage_time = result->numbers + layout->passage;
}

static enum core_status allocate(const struct ffpe_problem *problem, const struct ffpe_layout *layout,
                                 struct ffpe_result **result) {
    size_t d = problem->land->dimension, own = layout->passages > problem->probe_count;
    size_t cells = 1;
    for (size_t k = 0; k < d; k++) cells *= problem->cells[k];
    struct ffpe_result *made = core_alloc(1, sizeof *made);
    if (made == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a result");
    double *at = core_alloc((layout->passages + 1) * d, sizeof *at);
    *made = (struct ffpe_result){
        .dimension = d,
        .cells = cells,
        .probe_count = problem->probe_count,
        .grids = problem->grids,
        .time_count = problem->time_count,
        .times = core_alloc(problem->time_count + 1, sizeof *made->times),
        .passage_at = at,
        .warnings = core_alloc(WARNINGS_MAX, sizeof *made->warnings),
        .count = layout->count,
        .numbers = core_alloc(layout->count + 1, sizeof *made->numbers),
        .finest = core_alloc(layout->count + 1, sizeof *made->finest),
    };
    if (made->times == NULL || at == NULL || made->warnings == NULL || made->numbers == NULL || made->finest == NULL) {
        ffpe_result_free(made);
        return core_fail(CORE_NO_MEMORY, "no memory for a result of %zu numbers", layout->count);
    }
    for (size_t i = 0; i < layout->passages * d; i++)
        at[i] = i < own * d ? problem->start.mean[i] : problem->probes[i - own * d];
    *result = made;
    return CORE_OK;
}

void ffpe_result_free(struct ffpe_result *result) {
    if (result == NULL) return;
    for (size_t i = 0; i < result->warning_count; i++) core_free(result->warnings[i]);
    core_free(result->warnings);
    core_free(result->times);
    core_free((double *)result->passage_at);
    core_free(result->numbers);
    core_free(result->finest);
    core_free(result);
}

double ffpe_difference(const struct ffpe_result *result, const double *number) {
    return *number - result->finest[number - result->numbers];
}

/* ---- All grids
 * --------------------------------------------------------------------------------------------------------------- */

/* table (grids, count), the finest first: extrapolated in place into its first row; returns the largest last change
 * among the first `watched` numbers, NaN for one grid. */
static double extrapolate(size_t grids, size_t count, size_t watched, double table[]) {
    double change = grids == 1 ? NAN : 0, power = 1;
    for (size_t q = 1; q < grids; q++) {
        power *= 4;
        for (size_t l = 0; l + q < grids; l++) {
            for (size_t i = 0; i < count; i++) {
                double gain = (table[l * count + i] - table[(l + 1) * count + i]) / (power - 1);
                table[l * count + i] += gain;
                if (l == 0 && q + 1 == grids && i < watched) change = fmax(change, fabs(gain));
            }
        }
    }
    return change;
}

static enum core_status note_warnings(const struct ffpe_problem *problem, struct ffpe_result *result) {
    enum core_status status = CORE_OK;
    if (result->time_error > problem->tolerance)
        status = warn(result, "the error of the time method is estimated as %.2g, above the tolerance %.2g",
                      result->time_error, problem->tolerance);
    if (result->dimension == 3 && !result->reversible && problem->method == FFPE_CONTOUR && status == CORE_OK)
        status =
            warn(result, "in three dimensions complex rates are not calibrated: the error of time is estimated from "
                         "two contours only");
    for (size_t i = 0; i < result->time_count && status == CORE_OK; i++) {
        const struct ffpe_moments *moments = &result->times[i];
        if (fabs(moments->mass_error) > 1e-8)
            status = warn(result, "at time %g the mass is wrong by %.2g", moments->time, moments->mass_error);
    }
    if (problem->report & (FFPE_STEADY | FFPE_CURRENT) && !result->steady.present && status == CORE_OK)
        status = warn(result, "a wall absorbs: there is no steady state");
    if (problem->report & FFPE_PASSAGE && !result->absorbing && status == CORE_OK)
        status = warn(result, "no wall absorbs: there are no first passages");
    return status;
}

static void keep_finest(const struct ffpe_level *level, struct ffpe_result *result) {
    result->unknowns = level->unknowns;
    result->reversible = level->reversible;
    result->absorbing = level->absorbing;
    result->steady.gibbs_error = level->gibbs_error;
    result->steady.affinity = level->affinity;
    for (size_t i = 0; i < result->time_count; i++) {
        result->times[i].mass_error = level->mass_error[i];
        result->times[i].minimum = level->minimum[i];
    }
}

static enum core_status solve_levels(const struct ffpe_problem *problem, const struct ffpe_layout *layout,
                                     double table[], struct ffpe_result *result) {
    for (size_t l = 0; l < problem->grids; l++) {
        double *extra = core_alloc(2 * problem->time_count + 1, sizeof *extra);
        if (extra == NULL) return core_fail(CORE_NO_MEMORY, "no memory for %zu times", problem->time_count);
        struct ffpe_level level = {
            .numbers = table + l * layout->count, .mass_error = extra, .minimum = extra + problem->time_count};
        enum core_status status = ffpe_level_solve(problem, layout, l, &level);
        if (status == CORE_OK && l == 0) keep_finest(&level, result);
        result->solves += level.solves;
        result->time_error = fmax(result->time_error, level.time_error);
        core_free(extra);
        if (status != CORE_OK) return core_context(status, "on the grid of %zu unknowns", level.unknowns);
    }
    return CORE_OK;
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

enum core_status ffpe_solve(const struct ffpe_problem *problem, struct ffpe_result **result) {
    double begin = seconds();
    struct ffpe_result *made = NULL;
    double *table = NULL;
    *result = NULL;
    enum core_status status = ffpe_problem_check(problem);
    if (status != CORE_OK) return status;
    struct ffpe_layout layout = ffpe_layout_make(problem);
    status = allocate(problem, &layout, &made);
    if (status == CORE_OK) {
        table = core_alloc(problem->grids * layout.count + 1, sizeof *table);
        if (table == NULL) status = core_fail(CORE_NO_MEMORY, "no memory for %zu grids", problem->grids);
    }
    if (status == CORE_OK) status = solve_levels(problem, &layout, table, made);
    if (status == CORE_OK) {
        memcpy(made->finest, table, layout.count * sizeof *table);
        made->space_error = extrapolate(problem->grids, layout.count, layout.steady, table);
        memcpy(made->numbers, table, layout.count * sizeof *table);
        point(problem, &layout, made);
        status = note_warnings(problem, made);
        made->seconds = seconds() - begin;
    }
    core_free(table);
    if (status == CORE_OK)
        *result = made;
    else
        ffpe_result_free(made);
    return status;
}
