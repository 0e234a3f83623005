/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hill's estimate of the tail index [hill1975]. With |x|_(1) >= |x|_(2) >= ...:
 *     1/alpha = (1/k) sum_{i <= k} ln |x|_(i) - ln |x|_(k+1),   standard error alpha / sqrt(k).
 * It is the maximum-likelihood exponent of a Pareto law beyond the threshold |x|_(k+1); the density's exponent is
 * alpha + 1. Where no k is given, that one is taken whose Pareto law is nearest to the k largest in Kolmogorov's
 * distance [clauset2009]. On stable samples alpha above 2 is normal at usual k: the second term of their tail is slow.
 */
#include "compare/tails.h"

#include "core/memory.h"

#include <math.h>

enum { LEAST = 10, EVERY = 400, CANDIDATES = 200 };

/* sum of the logs above the next one: k / alpha. */
static double excess(size_t k, double sum, const double logs[]) {
    return sum - (double)k * logs[k];
}

enum core_status compare_hill_plot(size_t n, const double x[], size_t least, size_t most, double alpha[]) {
    double *logs, sum = 0;
    size_t count;
    enum core_status status = compare_tail_check(2, n, x);
    if (status == CORE_OK) status = compare_tail_logs(n, x, &count, &logs);
    if (status != CORE_OK) return status;
    if (least == 0 || most < least || most >= count) {
        status =
            core_fail(CORE_BAD_INPUT, "k from %zu to %zu was asked for; 1 to %zu are possible", least, most, count - 1);
    }
    for (size_t k = 1; status == CORE_OK && k <= most; k++) {
        sum += logs[k - 1];
        double found = excess(k, sum, logs);
        if (k >= least) alpha[k - least] = found > 0 ? (double)k / found : (double)NAN;
    }
    core_free(logs);
    return status;
}

/* Kolmogorov's distance between the k largest and the Pareto law fitted to them. */
static double distance(size_t k, double alpha, const double logs[]) {
    double most = 0;
    for (size_t i = 0; i < k; i++) {
        double beyond = exp(-alpha * (logs[i] - logs[k])); /* the law's fraction above |x|_(i+1) */
        most = fmax(most, fmax(fabs(beyond - (double)i / (double)k), fabs(beyond - (double)(i + 1) / (double)k)));
    }
    return most;
}

/* All k from LEAST to half of the sample; of a large one CANDIDATES of equal ratios. */
static size_t choose(size_t count, const double logs[]) {
    size_t chosen = 0, most = count / 2 > LEAST ? count / 2 : LEAST, at = 0;
    double best = (double)INFINITY, sum = 0, ratio = pow((double)most / LEAST, 1.0 / CANDIDATES), next = LEAST;
    for (size_t k = 1; k <= most && k < count; k++) {
        sum += logs[k - 1];
        if (k < LEAST && count > 2 * LEAST) continue;
        if (most > EVERY && (double)k < next) continue;
        for (at++; next <= (double)k; at++) next *= ratio > 1 ? ratio : 2;
        double found = excess(k, sum, logs);
        if (!(found > 0)) continue;
        double miss = distance(k, (double)k / found, logs);
        if (miss < best) {
            best = miss;
            chosen = k;
        }
    }
    return chosen;
}

enum core_status compare_tail_hill(size_t n, const double x[], size_t k, struct compare_tail *tail) {
    double *logs, sum = 0;
    size_t count;
    *tail = compare_tail_unknown();
    enum core_status status = compare_tail_check(2, n, x);
    if (status == CORE_OK) status = compare_tail_logs(n, x, &count, &logs);
    if (status != CORE_OK) return status;
    if (k == 0) k = choose(count, logs);
    if (k >= count) {
        status = core_fail(CORE_BAD_INPUT, "hill: k = %zu, at most %zu are possible", k, count - 1);
    } else {
        for (size_t i = 0; i < k; i++) sum += logs[i];
        if (k == 0 || !(excess(k, sum, logs) > 0))
            status = core_fail(CORE_BAD_INPUT, "hill: the %zu largest |x| are equal", k + 1);
    }
    if (status == CORE_OK) {
        tail->alpha = (double)k / excess(k, sum, logs);
        tail->se = tail->alpha / sqrt((double)k);
        tail->index = 1 / tail->alpha;
        tail->index_se = tail->index / sqrt((double)k);
        tail->threshold = exp(logs[k]);
        tail->ks = distance(k, tail->alpha, logs);
        tail->k = k;
        tail->dropped = n - count;
    }
    core_free(logs);
    return status;
}
