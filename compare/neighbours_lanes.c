/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The k-th smallest of a row of numbers: the k smallest so far are kept in order; sixteen numbers at a time are looked
 * at together, and only where one is below the k-th are they looked at one by one. In a random order of n numbers that
 * happens about k ln(n/k) times. */
#include "compare/lanes.h"
#include "compare/neighbours.h"

#include <math.h>

static void insert(double best[], size_t k, double value) {
    size_t at = k - 1;
    for (; at > 0 && best[at - 1] > value; at--) best[at] = best[at - 1];
    best[at] = value;
}

LANES_INLINE int any_below(lanes a, double limit) {
#if defined(__AVX512F__)
    return _mm512_cmp_pd_mask((__m512d)a, _mm512_set1_pd(limit), _CMP_LT_OQ) != 0;
#else
    lanes_mask below = (lanes_mask)(a < lanes_set(limit));
    int64_t any = 0;
    for (int l = 0; l < CORE_LANES; l++) any |= below[l];
    return any != 0;
#endif
}

static double kth(size_t count, const double row[], size_t k) {
    double best[COMPARE_NEIGHBOURS];
    for (size_t i = 0; i < COMPARE_NEIGHBOURS; i++) best[i] = INFINITY;
    for (size_t j = 0; j < count; j += 16) {
        lanes least = lanes_least(lanes_load(row + j), lanes_load(row + j + CORE_LANES));
        if (!any_below(least, best[k - 1])) continue;
        for (size_t i = j; i < j + 16; i++) {
            if (row[i] < best[k - 1]) insert(best, k, row[i]);
        }
    }
    return best[k - 1];
}

extern const struct compare_neighbour_kernels CORE_ISA_NAME(compare_neighbour_kernels);
const struct compare_neighbour_kernels CORE_ISA_NAME(compare_neighbour_kernels) = {kth};
