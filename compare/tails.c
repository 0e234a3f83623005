/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of tail estimators, the doors they share, and the Gaussian null. */
#include "compare/tails.h"

#include "compare/check.h"
#include "compare/sort.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/random.h"
#include "core/sum.h"

#include <math.h>
#include <string.h>

const struct compare_tail_estimator compare_tail_estimators[] = {
    {"hill", "Hill: mean excess of ln |x| over the k largest", 0, compare_tail_hill},
    {"pickands", "Pickands: spacings of the k, 2k, 4k largest |x|", 0, compare_tail_pickands},
    {"moment", "Dekkers, Einmahl, de Haan: two moments of the excesses of ln |x|", 0, compare_tail_moment},
    {"block", "Mohammadi: growth of ln |sum| with the length of the sum; iid, symmetric stable", 1, compare_tail_block},
    {"mcculloch", "McCulloch: quantiles of the stable law inverted exactly", 1, compare_tail_mcculloch},
    {"mcculloch-symmetric", "the same with beta = 0", 1, compare_tail_mcculloch_symmetric},
    {"ecf", "Koutrouvelis: regression on the empirical characteristic function", 1, compare_tail_ecf},
    {"log-moment", "variance of ln |x|; symmetric about zero, stable", 1, compare_tail_log_moment},
    {NULL, NULL, 0, NULL},
};

const struct compare_tail_estimator *compare_tail_find(const char *name) {
    for (const struct compare_tail_estimator *row = compare_tail_estimators; row->name != NULL; row++) {
        if (strcmp(row->name, name) == 0) return row;
    }
    return NULL;
}

struct compare_tail compare_tail_unknown(void) {
    double nan = (double)NAN;
    return (struct compare_tail){nan, nan, nan, nan, nan, nan, nan, nan, nan, 0, 0};
}

enum core_status compare_tail_check(size_t least, size_t n, const double x[]) {
    enum core_status status = compare_check_sample("the sample", 1, n, 1, x);
    if (status != CORE_OK) return status;
    if (n < least) return core_fail(CORE_BAD_INPUT, "the sample has %zu values; at least %zu are needed", n, least);
    for (size_t i = 1; i < n; i++) {
        if (x[i] != x[0]) return CORE_OK;
    }
    return core_fail(CORE_BAD_INPUT, "all %zu values are %g: a constant has no tail", n, x[0]);
}

enum core_status compare_tail_sorted(size_t n, const double x[], double **sorted) {
    uint64_t *work = core_alloc(n, 2 * sizeof *work);
    *sorted = core_alloc(n, sizeof **sorted);
    if (work == NULL || *sorted == NULL) {
        core_free(work);
        core_free(*sorted);
        *sorted = NULL;
        return core_fail(CORE_NO_MEMORY, "no memory for %zu values", n);
    }
    memcpy(*sorted, x, n * sizeof *x);
    compare_sort(n, *sorted, work);
    core_free(work);
    return CORE_OK;
}

enum core_status compare_tail_logs(size_t n, const double x[], size_t *count, double **logs) {
    double *sorted, *found = core_alloc(n, sizeof *found);
    *logs = NULL;
    if (found == NULL) return core_fail(CORE_NO_MEMORY, "no memory for %zu values", n);
    *count = 0;
    for (size_t i = 0; i < n; i++) {
        if (x[i] != 0) found[(*count)++] = -log(fabs(x[i]));
    }
    enum core_status status = CORE_OK;
    if (*count == 0) status = core_fail(CORE_BAD_INPUT, "all values are zero");
    if (status == CORE_OK) status = compare_tail_sorted(*count, found, &sorted);
    core_free(found);
    if (status != CORE_OK) return status;
    for (size_t i = 0; i < *count; i++) sorted[i] = -sorted[i];
    *logs = sorted;
    if (sorted[0] > sorted[*count - 1]) return CORE_OK;
    core_free(sorted);
    *logs = NULL;
    return core_fail(CORE_BAD_INPUT, "all |x| are equal: there is no tail");
}

double compare_hazen(size_t n, const double sorted[], double p) {
    double position = (double)n * p - 0.5;
    if (position <= 0) return sorted[0];
    size_t below = (size_t)position;
    if (below + 1 >= n) return sorted[n - 1];
    return sorted[below] + (position - (double)below) * (sorted[below + 1] - sorted[below]);
}

enum core_status compare_standardise(size_t n, size_t columns, double x[]) {
    enum core_status status = compare_check_sample("the sample", 2, n, columns, x);
    for (size_t k = 0; k < columns && status == CORE_OK; k++) {
        struct core_moments moments = core_moments(x + k, n, columns);
        double deviation = sqrt(moments.variance);
        if (!(deviation > 0) || !isfinite(deviation)) {
            return core_fail(CORE_BAD_INPUT, "column %zu is constant or too large to be standardised", k + 1);
        }
        for (size_t i = 0; i < n; i++) x[i * columns + k] = (x[i * columns + k] - moments.mean) / deviation;
    }
    return status;
}

/* ---- The Gaussian null ---- */

struct null {
    const struct compare_tail_estimator *estimator;
    size_t n, k;
    uint64_t seed;
    double *draws; /* (threads, n) */
    double *alpha; /* (simulations) NaN where the estimator said nothing */
};

static enum core_status simulate(void *context, size_t index, size_t thread) {
    const struct null *null = context;
    struct core_stream stream = {.seed = null->seed, .path = index, .purpose = CORE_PURPOSE_RESAMPLE};
    struct compare_tail tail;
    double *x = null->draws + thread * null->n;
    core_random_normal(&stream, 1, null->n, x);
    enum core_status status = null->estimator->fit(null->n, x, null->k, &tail);
    null->alpha[index] = status == CORE_OK ? tail.alpha : (double)NAN;
    return status == CORE_BAD_INPUT ? CORE_OK : status;
}

static enum core_status summarise(const struct null *null, size_t simulations, struct compare_band *band) {
    size_t count = 0;
    for (size_t i = 0; i < simulations; i++) {
        if (isfinite(null->alpha[i])) null->alpha[count++] = null->alpha[i];
    }
    if (count == 0)
        return core_fail(CORE_BAD_INPUT, "%s says nothing about %zu values", null->estimator->name, null->n);
    core_sort(null->alpha, count);
    *band = (struct compare_band){core_quantile_sorted(null->alpha, count, 0.025),
                                  core_quantile_sorted(null->alpha, count, 0.5),
                                  core_quantile_sorted(null->alpha, count, 0.975)};
    return CORE_OK;
}

enum core_status compare_tail_null(const struct compare_tail_estimator *estimator, size_t n, size_t k,
                                   size_t simulations, uint64_t seed, size_t threads, struct compare_band *band) {
    if (n == 0 || simulations == 0) return core_fail(CORE_BAD_INPUT, "a null of no draws was asked for");
    struct null null = {estimator, n, k, core_seed(seed, estimator->name), NULL, NULL};
    null.draws = core_alloc(threads * n, sizeof(double));
    null.alpha = core_alloc(simulations, sizeof(double));
    enum core_status status = CORE_OK;
    if (null.draws == NULL || null.alpha == NULL) status = core_fail(CORE_NO_MEMORY, "no memory for %zu draws", n);
    if (status == CORE_OK) status = core_parallel(simulations, threads, simulate, &null);
    if (status == CORE_OK) status = summarise(&null, simulations, band);
    if (status == CORE_OK) core_error_clear();
    core_free(null.draws);
    core_free(null.alpha);
    return status;
}
