/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log-rank test and its weighted kin [mantel1966; harrington1982].
 *
 * At a time with d events among n at risk, of which n_g in group g, the number of events in g is hypergeometric if all
 * groups escape alike: mean d n_g / n, covariances
 *
 *     V_gh = d (n - d) / (n - 1) * n_g / n * ([g = h] - n_h / n).
 *
 * With weights w = S(t-)^rho of the pooled Kaplan-Meier curve, U = sum w (O - E) and V = sum w^2 V over times and
 * strata, U^T V^- U is chi-square with as many degrees of freedom as V has rank (one less than the groups). */
#include "compare/escape.h"

#include "compare/timeline.h"
#include "core/linalg.h"
#include "core/memory.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct sums {
    size_t groups;
    double *observed, *expected; /* (groups) */
    double *covariance;          /* (groups, groups) */
};

/* One moment with events, weight w. */
static void add(struct sums *sums, const struct compare_timeline *line, double d, double n, double w) {
    double spread = n > 1 ? w * w * d * (n - d) / (n - 1) : 0;
    for (size_t g = 0; g < sums->groups; g++) {
        double share = (double)line->at_risk[g] / n;
        sums->observed[g] += w * (double)line->events[g];
        sums->expected[g] += w * d * share;
        for (size_t h = 0; spread > 0 && h < sums->groups; h++) {
            double other = (double)line->at_risk[h] / n;
            sums->covariance[g * sums->groups + h] += spread * share * ((g == h ? 1 : 0) - other);
        }
    }
}

static void run_stratum(struct sums *sums, struct compare_timeline *line, int rho) {
    double survival = 1;
    while (compare_timeline_next(line)) {
        size_t d = 0, n = 0;
        for (size_t g = 0; g < sums->groups; g++) {
            d += line->events[g];
            n += line->at_risk[g];
        }
        if (d == 0) continue;
        add(sums, line, (double)d, (double)n, rho == 0 ? 1 : survival);
        survival *= (double)(n - d) / (double)n;
    }
}

/* U^T V^- U by the eigenvectors of V; work: (groups (groups + 1)). */
static enum core_status statistic(const struct sums *sums, double work[], struct compare_logrank *out) {
    size_t n = sums->groups;
    double *values = work, *vectors = work + n, chi2 = 0, rank = 0;
    enum core_status status = core_symmetric_eigen(n, sums->covariance, values, vectors);
    if (status != CORE_OK) return status;
    for (size_t k = 0; k < n; k++) {
        double along = 0;
        if (!(values[k] > 1e-10 * values[n - 1])) continue;
        for (size_t g = 0; g < n; g++) along += vectors[g * n + k] * (sums->observed[g] - sums->expected[g]);
        chi2 += along * along / values[k];
        rank++;
    }
    if (rank == 0) return CORE_OK;
    *out = (struct compare_logrank){chi2, rank, gsl_cdf_chisq_Q(chi2, rank), COMPARE_DEFINED};
    return CORE_OK;
}

static int ascending(const void *a, const void *b) {
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return (x > y) - (x < y);
}

/* The distinct strata, sorted. */
static size_t distinct(size_t n, const size_t stratum[], size_t out[]) {
    size_t count = 0;
    memcpy(out, stratum, n * sizeof *out);
    qsort(out, n, sizeof *out, ascending);
    for (size_t i = 0; i < n; i++) {
        if (count == 0 || out[count - 1] != out[i]) out[count++] = out[i];
    }
    return count;
}

static enum core_status run_strata(struct sums *sums, size_t n, const double time[], const int escaped[],
                                   const size_t group[], const size_t stratum[], int rho) {
    struct compare_timeline line;
    enum core_status status = CORE_OK;
    if (stratum == NULL) {
        status = compare_timeline_init(&line, n, time, escaped, sums->groups, group, NULL);
        if (status == CORE_OK) run_stratum(sums, &line, rho);
        compare_timeline_free(&line);
        return status;
    }
    size_t *strata = core_alloc(n, sizeof *strata);
    unsigned char *pick = core_alloc(n, 1);
    if (strata == NULL || pick == NULL)
        status = core_fail(CORE_NO_MEMORY, "no memory for the strata of %zu subjects", n);
    size_t count = status == CORE_OK ? distinct(n, stratum, strata) : 0;
    for (size_t k = 0; k < count && status == CORE_OK; k++) {
        for (size_t i = 0; i < n; i++) pick[i] = stratum[i] == strata[k];
        status = compare_timeline_init(&line, n, time, escaped, sums->groups, group, pick);
        if (status == CORE_OK) run_stratum(sums, &line, rho);
        compare_timeline_free(&line);
    }
    core_free(strata);
    core_free(pick);
    return status;
}

static int every_group_has_subjects(size_t n, size_t groups, const size_t group[], double seen[]) {
    for (size_t g = 0; g < groups; g++) seen[g] = 0;
    for (size_t i = 0; i < n; i++) seen[group[i]] = 1;
    for (size_t g = 0; g < groups; g++) {
        if (seen[g] == 0) return 0;
    }
    return 1;
}

enum core_status compare_logrank(size_t n, const double time[], const int escaped[], size_t groups,
                                 const size_t group[], const size_t stratum[], int rho, double observed[],
                                 double expected[], struct compare_logrank *out) {
    *out = (struct compare_logrank){(double)NAN, (double)NAN, (double)NAN, COMPARE_DEGENERATE};
    if (groups < 2 || groups > 10000)
        return core_fail(CORE_BAD_INPUT, "%zu groups; 2 to 10000 can be compared", groups);
    if (rho != 0 && rho != 1) return core_fail(CORE_BAD_INPUT, "rho is %d, it must be 0 or 1", rho);
    enum core_status status = compare_check_times(n, time);
    if (status != CORE_OK) return status;
    double *work = core_alloc(2 * groups + 3, groups * sizeof *work);
    if (work == NULL) return core_fail(CORE_NO_MEMORY, "no memory for %zu groups", groups);
    struct sums sums = {groups, work, work + groups, work + 2 * groups};
    double *rest = work + 2 * groups + groups * groups;
    status = run_strata(&sums, n, time, escaped, group, stratum, rho);
    if (status == CORE_OK && observed != NULL) memcpy(observed, sums.observed, groups * sizeof *observed);
    if (status == CORE_OK && expected != NULL) memcpy(expected, sums.expected, groups * sizeof *expected);
    if (status == CORE_OK && every_group_has_subjects(n, groups, group, rest)) status = statistic(&sums, rest, out);
    core_free(work);
    return status;
}
