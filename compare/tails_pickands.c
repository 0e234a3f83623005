/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pickands' estimate of the extreme-value index g = 1/alpha [pickands1975], |x|_(1) >= |x|_(2) >= ...:
 *     g = ln((|x|_(k) - |x|_(2k)) / (|x|_(2k) - |x|_(4k))) / ln 2,
 * unchanged by shifts, negative where the tail ends. Variance g^2 (2^(2g+1) + 1) / ((2 (2^g - 1) ln 2)^2 k), at g = 0
 * its limit 3 / (4 (ln 2)^4 k). */
#include "compare/tails.h"

#include "core/memory.h"

#include <math.h>

#define LN2 0.693147180559945309

static double deviation(double g, size_t k) {
    double ratio = fabs(g) < 1e-6 ? 1 / LN2 : g / (pow(2, g) - 1);
    return ratio * sqrt(pow(2, 2 * g + 1) + 1) / (2 * LN2 * sqrt((double)k));
}

enum core_status compare_tail_pickands(size_t n, const double x[], size_t k, struct compare_tail *tail) {
    double *logs;
    size_t count;
    *tail = compare_tail_unknown();
    enum core_status status = compare_tail_check(4, n, x);
    if (status == CORE_OK) status = compare_tail_logs(n, x, &count, &logs);
    if (status != CORE_OK) return status;
    if (k == 0) k = count / 20 > 0 ? count / 20 : 1;
    if (4 * k > count || k > count) {
        status = core_fail(CORE_BAD_INPUT, "pickands: k = %zu, at most %zu are possible", k, count / 4);
    } else { /* in units of |x|_(k), so that nothing overflows */
        double two = exp(logs[2 * k - 1] - logs[k - 1]), four = exp(logs[4 * k - 1] - logs[k - 1]);
        if (!(1 > two && two > four)) {
            status = core_fail(CORE_BAD_INPUT, "pickands: two of the largest |x| of rank %zu, %zu and %zu are equal", k,
                               2 * k, 4 * k);
        } else {
            tail->index = log((1 - two) / (two - four)) / LN2;
            tail->index_se = deviation(tail->index, k);
            tail->k = k;
            tail->dropped = n - count;
            if (tail->index > 0) tail->alpha = 1 / tail->index;
            if (tail->index > 0) tail->se = tail->index_se / (tail->index * tail->index);
        }
    }
    core_free(logs);
    return status;
}
