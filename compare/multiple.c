/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Corrections for many tests.
 *
 * Holm's step-down adjustment [holm1979]: with p_(1) <= ... <= p_(m), the adjusted value of p_(k) is
 * max_{j <= k} min(1, (m - j + 1) p_(j)). Rejecting where it is at most a keeps the chance of any false rejection below
 * a, whatever the dependence. Ranks are counted, count^2 comparisons, so nothing is allocated and nothing can fail.
 *
 * Benjamini and Hochberg's step-up adjustment [benjamini1995]: that of p_(k) is min_{j >= k} min(1, m p_(j) / j). */
#include "compare/compare.h"
#include "compare/decide.h"

#include <math.h>

/* The position among `count` entries of the k-th in order (ties by position), skipping NaN and those already negative.
 */
static size_t smallest_left(size_t count, const double p[]) {
    size_t found = count;
    for (size_t i = 0; i < count; i++) {
        if (isnan(p[i]) || signbit(p[i])) continue;
        if (found == count || p[i] < p[found]) found = i;
    }
    return found;
}

void compare_holm(size_t count, double p[]) {
    size_t left = 0;
    double running = 0;
    for (size_t i = 0; i < count; i++) left += isnan(p[i]) ? 0 : 1;
    for (; left > 0; left--) {
        size_t i = smallest_left(count, p);
        running = fmax(running, fmin(1, (double)left * p[i]));
        p[i] = -running; /* the sign marks what is done; p-values are never negative */
    }
    for (size_t i = 0; i < count; i++) p[i] = isnan(p[i]) ? p[i] : fabs(p[i]);
}

/* The position of the largest entry left, those done being negative. */
static size_t largest_left(size_t count, const double p[]) {
    size_t found = count;
    for (size_t i = 0; i < count; i++) {
        if (isnan(p[i]) || signbit(p[i])) continue;
        if (found == count || p[i] > p[found]) found = i;
    }
    return found;
}

void compare_benjamini_hochberg(size_t count, double p[]) {
    size_t tests = 0;
    double running = 1;
    for (size_t i = 0; i < count; i++) tests += isnan(p[i]) ? 0 : 1;
    for (size_t left = tests; left > 0; left--) {
        size_t i = largest_left(count, p);
        running = fmin(running, (double)tests / (double)left * p[i]);
        p[i] = -running;
    }
    for (size_t i = 0; i < count; i++) p[i] = isnan(p[i]) ? p[i] : fabs(p[i]);
}
