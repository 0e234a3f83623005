/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The moment estimate of the extreme-value index g = 1/alpha [dekkers1989]: with M_j the mean over the k largest of
 * (ln |x|_(i) - ln |x|_(k+1))^j,
 *     g = M_1 + 1 - 1/2 / (1 - M_1^2 / M_2).
 * k times its variance is 1 + g^2 for g >= 0, and
 * (1 - g)^2 (1 - 2g) (4 - 8 (1 - 2g)/(1 - 3g) + (5 - 11g) (1 - 2g) / ((1 - 3g) (1 - 4g))) for g < 0. */
#include "compare/tails.h"

#include "core/memory.h"

#include <math.h>

static double deviation(double g, size_t k) {
    double variance = 1 + g * g;
    if (g < 0) {
        double a = 1 - g, b = 1 - 2 * g, c = 1 - 3 * g, d = 1 - 4 * g;
        variance = a * a * b * (4 - 8 * b / c + (5 - 11 * g) * b / (c * d));
    }
    return sqrt(variance / (double)k);
}

enum core_status compare_tail_moment(size_t n, const double x[], size_t k, struct compare_tail *tail) {
    double *logs, first = 0, second = 0;
    size_t count;
    *tail = compare_tail_unknown();
    enum core_status status = compare_tail_check(3, n, x);
    if (status == CORE_OK) status = compare_tail_logs(n, x, &count, &logs);
    if (status != CORE_OK) return status;
    if (k == 0) k = count / 20 > 2 ? count / 20 : 2;
    if (k < 2 || k >= count) {
        core_free(logs);
        return core_fail(CORE_BAD_INPUT, "moment: k = %zu; it needs 2 or more, and %zu values", k, k + 1);
    }
    for (size_t i = 0; i < k; i++) {
        double over = logs[i] - logs[k];
        first += over / (double)k;
        second += over * over / (double)k;
    }
    core_free(logs);
    if (!(second > first * first)) return core_fail(CORE_BAD_INPUT, "moment: the %zu largest |x| are equal", k);
    tail->index = first + 1 - 0.5 / (1 - first * first / second);
    tail->index_se = deviation(tail->index, k);
    tail->k = k;
    tail->dropped = n - count;
    if (tail->index > 0) tail->alpha = 1 / tail->index;
    if (tail->index > 0) tail->se = tail->index_se / (tail->index * tail->index);
    return CORE_OK;
}
