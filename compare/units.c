/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Masses as integers. Sums of 1/n or of 0.1 end at 1 +- 1e-16 and lose or repeat the last atom; integers add up.
 *
 * Whole weights with sums A and B: unit 1/lcm(A, B), the parts w_i lcm/A. Other weights: the cumulative weight is
 * rounded to the grid of 2^-60 of the sum, and the parts are its differences, so the last one ends where it should. */
#include "compare/units.h"

#include <math.h>

static const double most_whole = 0x1p62;

enum core_status compare_check_weights(const char *name, size_t n, const double w[]) {
    int positive = 0;
    for (size_t i = 0; w != NULL && i < n; i++) {
        if (!isfinite(w[i]) || w[i] < 0) {
            return core_fail(CORE_BAD_INPUT, "weight %zu of %s is %g; weights are finite and not negative", i + 1, name,
                             w[i]);
        }
        positive |= w[i] > 0;
    }
    if (w != NULL && !positive) return core_fail(CORE_BAD_INPUT, "the weights of %s are all zero", name);
    return CORE_OK;
}

/* The sum of whole weights, 0 where some are not whole or the sum is large. */
static uint64_t whole_sum(size_t n, const double w[]) {
    double sum = w == NULL ? (double)n : 0;
    for (size_t i = 0; w != NULL && i < n; i++) {
        if (w[i] != floor(w[i])) return 0;
        sum += w[i];
    }
    return sum < 0x1p53 ? (uint64_t)sum : 0;
}

static uint64_t common_divisor(uint64_t a, uint64_t b) {
    while (b != 0) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static void whole_parts(size_t n, const double w[], uint64_t factor, uint64_t units[]) {
    for (size_t i = 0; i < n; i++) units[i] = (w == NULL ? 1 : (uint64_t)w[i]) * factor;
}

static void rounded_parts(size_t n, const double w[], uint64_t total, uint64_t units[]) {
    long double sum = 0, running = 0, scale = (long double)total;
    uint64_t before = 0;
    for (size_t i = 0; i < n; i++) sum += w == NULL ? 1 : (long double)w[i];
    for (size_t i = 0; i < n; i++) {
        running += w == NULL ? 1 : (long double)w[i];
        uint64_t here = i + 1 == n ? total : (uint64_t)(running / sum * scale + 0.5L);
        here = here > total ? total : here;
        units[i] = here - before;
        before = here;
    }
}

void compare_units(size_t n, const double wx[], size_t m, const double wy[], uint64_t x_units[], uint64_t y_units[],
                   uint64_t *total) {
    uint64_t a = whole_sum(n, wx), b = whole_sum(m, wy);
    if (a > 0 && b > 0 && (double)a * (double)b < most_whole) {
        uint64_t divisor = common_divisor(a, b);
        *total = a / divisor * b;
        whole_parts(n, wx, b / divisor, x_units);
        whole_parts(m, wy, a / divisor, y_units);
        return;
    }
    *total = (uint64_t)1 << 60;
    rounded_parts(n, wx, *total, x_units);
    rounded_parts(m, wy, *total, y_units);
}
