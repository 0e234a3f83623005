/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Maximum mean discrepancy with a Gaussian kernel.
 *
 * MMD^2 = E k(X, X') + E k(Y, Y') - 2 E k(X, Y). The unbiased estimate [gretton2012, eq. 3] leaves the terms k(x_i,
 * x_i) out: means over the n (n-1) ordered pairs within each sample and over all n m pairs between them; its
 * expectation is zero for equal laws, so single values may be negative. The biased one keeps them, k(x, x) = 1, and
 * divides by n^2 and m^2 [gretton2012]: a squared distance between the empirical laws, never negative.
 */
#include "compare/check.h"
#include "compare/compare.h"
#include "compare/pairwise.h"

#include <math.h>

/* The mean over all n^2 pairs, given that over the pairs i != j. */
static double with_diagonal(double mean, size_t n) {
    return (mean * (double)(n - 1) + 1) / (double)n;
}

enum core_status compare_mmd2_both(size_t n, const double x[], size_t m, const double y[], size_t dimension,
                                   double bandwidth, double *unbiased, double *biased) {
    if (!(bandwidth > 0) || !isfinite(bandwidth)) {
        return core_fail(CORE_BAD_INPUT, "the kernel's bandwidth is %g; it must be positive", bandwidth);
    }
    int exponent;
    struct compare_cloud a = {0}, b = {0};
    enum core_status status = compare_two_clouds(n, x, m, y, dimension, &a, &b, &exponent);
    if (status == CORE_OK) {
        double rate = compare_kernel_rate(bandwidth, exponent), xx, yy, xy;
        compare_within(&a, rate, 0, &xx, NULL);
        compare_within(&b, rate, 0, &yy, NULL);
        compare_between(&a, &b, rate, 0, &xy, NULL);
        *unbiased = xx + yy - 2 * xy;
        *biased = with_diagonal(xx, n) + with_diagonal(yy, m) - 2 * xy;
    }
    compare_cloud_free(&a);
    compare_cloud_free(&b);
    return status;
}

enum core_status compare_mmd2(size_t n, const double x[], size_t m, const double y[], size_t dimension,
                              double bandwidth, double *mmd2) {
    double biased;
    return compare_mmd2_both(n, x, m, y, dimension, bandwidth, mmd2, &biased);
}
