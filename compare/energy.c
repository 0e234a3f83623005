/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Energy distance squared: 2 E|X - Y| - E|X - X'| - E|Y - Y'| [szekely2013], zero exactly for equal laws with a
 * finite mean. In the unbiased estimate the within terms are means over pairs i < j, so single values may be negative;
 * in the biased one over all n^2 pairs, those of a row with itself being 0: a squared distance between the empirical
 * laws.
 */
#include "compare/check.h"
#include "compare/compare.h"
#include "compare/pairwise.h"

/* The mean over all n^2 pairs, given that over the pairs i != j. */
static double with_diagonal(double mean, size_t n) {
    return mean * (double)(n - 1) / (double)n;
}

enum core_status compare_energy2_both(size_t n, const double x[], size_t m, const double y[], size_t dimension,
                                      double *unbiased, double *biased) {
    int exponent;
    struct compare_cloud a = {0}, b = {0};
    enum core_status status = compare_two_clouds(n, x, m, y, dimension, &a, &b, &exponent);
    if (status == CORE_OK) {
        double xx, yy, xy;
        compare_within(&a, -1, 1, NULL, &xx);
        compare_within(&b, -1, 1, NULL, &yy);
        compare_between(&a, &b, -1, 1, NULL, &xy);
        *unbiased = (2 * xy - xx - yy) * compare_grow(exponent);
        *biased = (2 * xy - with_diagonal(xx, n) - with_diagonal(yy, m)) * compare_grow(exponent);
    }
    compare_cloud_free(&a);
    compare_cloud_free(&b);
    return status;
}

enum core_status compare_energy2(size_t n, const double x[], size_t m, const double y[], size_t dimension,
                                 double *energy2) {
    double biased;
    return compare_energy2_both(n, x, m, y, dimension, energy2, &biased);
}
