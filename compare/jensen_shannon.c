/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JS(p, q) = 1/2 KL(p || (p+q)/2) + 1/2 KL(q || (p+q)/2) [lin1991]. Equal frequencies give exactly zero: log1p of the
 * relative difference, no logarithm of a quotient near one. */
#include "compare/density.h"

#include "compare/units.h"

#include <math.h>

/* p ln(p / ((p + q) / 2)). */
static double half(double p, double q) {
    return p > 0 ? p * log1p((p - q) / (p + q)) : 0;
}

enum core_status compare_jensen_shannon(size_t classes, const double p[], const double q[], double *divergence) {
    enum core_status status = compare_check_weights("the first counts", classes, p);
    if (status == CORE_OK) status = compare_check_weights("the second counts", classes, q);
    if (status == CORE_OK && classes == 0) status = core_fail(CORE_BAD_INPUT, "there are no classes");
    if (status != CORE_OK) return status;
    double p_sum = 0, q_sum = 0, sum = 0;
    for (size_t i = 0; i < classes; i++) {
        p_sum += p[i];
        q_sum += q[i];
    }
    for (size_t i = 0; i < classes; i++) {
        double a = p[i] / p_sum, b = q[i] / q_sum;
        if (a + b > 0) sum += half(a, b) + half(b, a);
    }
    *divergence = fmin(fmax(0, 0.5 * sum), log(2.0));
    return CORE_OK;
}
