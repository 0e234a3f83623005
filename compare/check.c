/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The door every sample passes, and the power of two by which it is scaled.
 *
 * Distances are homogeneous: D(s X, s Y) = s^q D(X, Y). Scaling by s = 2^-e is exact, so a sample of entries near
 * 1e-160 or 1e160 is measured in units in which its squares are near one, and the result is scaled back. */
#include "compare/check.h"

#include <math.h>

enum core_status compare_check_sample(const char *name, size_t least, size_t n, size_t dimension, const double x[]) {
    if (n == 0) return core_fail(CORE_BAD_INPUT, "%s is empty", name);
    if (dimension == 0) return core_fail(CORE_BAD_INPUT, "%s has dimension 0", name);
    if (n < least) return core_fail(CORE_BAD_INPUT, "%s has %zu row; at least %zu are needed", name, n, least);
    for (size_t i = 0; i < n * dimension; i++) {
        if (isfinite(x[i])) continue;
        return core_fail(CORE_BAD_INPUT, "%s has %s in row %zu, column %zu", name, isnan(x[i]) ? "NaN" : "an infinity",
                         i / dimension + 1, i % dimension + 1);
    }
    return CORE_OK;
}

int compare_exponent(int exponent, size_t count, const double x[]) {
    double most = 0;
    for (size_t i = 0; i < count; i++) most = fmax(most, fabs(x[i]));
    if (most == 0) return exponent;
    int own;
    frexp(most, &own);
    own = own > 1000 ? 1000 : own < -1000 ? -1000 : own;
    return own > exponent ? own : exponent;
}

double compare_shrink(int exponent) {
    return exponent == COMPARE_NO_EXPONENT ? 1 : ldexp(1, -exponent);
}

double compare_grow(int exponent) {
    return exponent == COMPARE_NO_EXPONENT ? 1 : ldexp(1, exponent);
}
