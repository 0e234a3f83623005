/* SPDX-License-Identifier: GPL-3.0-or-later */
/* W_p between laws on the line: W_p^p = int_0^1 |F_x^-1(u) - F_y^-1(u)|^p du, where the quantile function of n points
 * is a staircase of n steps of width 1/n. The two staircases are merged on the common grid of n m units: x_i ends at (i
 * + 1) m, y_j at (j + 1) n. Integers add up exactly; sums of 1/n would lose or repeat the last step. */
#include "compare/wasserstein_1d.h"

#include "compare/check.h"
#include "compare/compare.h"
#include "compare/sort.h"
#include "core/memory.h"

#include <math.h>
#include <string.h>

static double power(double difference, int p) {
    return p == 1 ? fabs(difference) : difference * difference;
}

double compare_wasserstein_1d_sorted(size_t n, const double x[], size_t m, const double y[], int p) {
    double total = 0;
    if (n == m) {
        for (size_t i = 0; i < n; i++) total += power(x[i] - y[i], p);
        return total / (double)n;
    }
    size_t i = 0, j = 0, at = 0;
    while (i < n && j < m) {
        size_t x_ends = (i + 1) * m, y_ends = (j + 1) * n, end = x_ends < y_ends ? x_ends : y_ends;
        total += (double)(end - at) * power(x[i] - y[j], p);
        i += x_ends == end;
        j += y_ends == end;
        at = end;
    }
    return total / ((double)n * (double)m);
}

/* x times 2^-exponent, sorted. */
static void sorted_copy(size_t n, const double x[], int exponent, double out[], uint64_t work[]) {
    double shrink = compare_shrink(exponent);
    for (size_t i = 0; i < n; i++) out[i] = x[i] * shrink;
    compare_sort(n, out, work);
}

enum core_status compare_wasserstein_1d(size_t n, const double x[], size_t m, const double y[], int p,
                                        double *distance) {
    enum core_status status = compare_check_sample("the first sample", 1, n, 1, x);
    if (status == CORE_OK) status = compare_check_sample("the second sample", 1, m, 1, y);
    if (status != CORE_OK) return status;
    if (p != 1 && p != 2) return core_fail(CORE_BAD_INPUT, "W_p is here for p = 1 and p = 2, not for p = %d", p);
    size_t longer = n > m ? n : m;
    double *sorted = core_alloc(n + m, sizeof *sorted);
    uint64_t *work = core_alloc(2 * longer, sizeof *work);
    if (sorted == NULL || work == NULL) {
        core_free(sorted);
        core_free(work);
        return core_fail(CORE_NO_MEMORY, "no memory to sort %zu and %zu numbers", n, m);
    }
    int exponent = compare_exponent(compare_exponent(COMPARE_NO_EXPONENT, n, x), m, y);
    sorted_copy(n, x, exponent, sorted, work);
    sorted_copy(m, y, exponent, sorted + n, work);
    double mean = compare_wasserstein_1d_sorted(n, sorted, m, sorted + n, p);
    *distance = (p == 1 ? mean : sqrt(mean)) * compare_grow(exponent);
    core_free(sorted);
    core_free(work);
    return CORE_OK;
}
