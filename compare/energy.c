/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Energy distance squared: 2 E|X - Y| - E|X - X'| - E|Y - Y'| [szekely2013, eq. 5], zero exactly for equal laws with a
 * finite mean. The within terms are means over pairs i < j (the unbiased estimate), so single values may be negative.
 */
#include "compare/check.h"
#include "compare/compare.h"
#include "compare/pairwise.h"

enum core_status compare_energy2(size_t n, const double x[], size_t m, const double y[], size_t dimension,
                                 double *energy2) {
    int exponent;
    struct compare_cloud a = {0}, b = {0};
    enum core_status status = compare_two_clouds(n, x, m, y, dimension, &a, &b, &exponent);
    if (status == CORE_OK) {
        double xx, yy, xy;
        compare_within(&a, -1, 1, NULL, &xx);
        compare_within(&b, -1, 1, NULL, &yy);
        compare_between(&a, &b, -1, 1, NULL, &xy);
        *energy2 = (2 * xy - xx - yy) * compare_grow(exponent);
    }
    compare_cloud_free(&a);
    compare_cloud_free(&b);
    return status;
}
