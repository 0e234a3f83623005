/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lane functions of every instruction set against the C library in extended precision. */
#include "core/isa.h"
#include "core/lanes_math.h"
#include "core/memory.h"
#include "core/random_kernels.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { N = 20000 };
static const long double pi_long = 3.14159265358979323846264338327950288L;

/* sin(pi x), reduced exactly first: x - round(x) is exact. */
static long double sinpi_long(long double x) {
    long double whole = rintl(x), rest = x - whole;
    long double value = sinl(pi_long * rest);
    return fmodl(whole, 2) == 0 ? value : -value;
}

static long double cospi_long(long double x) {
    long double whole = rintl(x), rest = x - whole;
    long double value = fabsl(rest) <= 0.25L ? cosl(pi_long * rest) : sinl(pi_long * (0.5L - fabsl(rest)));
    return fmodl(whole, 2) == 0 ? value : -value;
}

static long double sinpi_half_long(long double x) {
    return x <= 0.25L ? sinl(pi_long * x) : cosl(pi_long * (0.5L - x));
}

struct accuracy {
    enum core_elementary f;
    long double (*exact)(long double);
    double low, high;
    int logarithmic;       /* arguments spread evenly in log x rather than in x */
    double ulps, absolute; /* allowed with a fused multiply-add: one of the two, the other 0 */
};

static const struct accuracy table[] = {
    {CORE_ELEMENTARY_LOG, logl, 0.4, 2.7, 0, 2, 0},
    {CORE_ELEMENTARY_LOG, logl, 1 - 1e-9, 1 + 1e-9, 0, 2, 0},
    {CORE_ELEMENTARY_LOG, logl, DBL_MIN, DBL_MAX, 1, 2, 0},
    {CORE_ELEMENTARY_EXP, expl, -1.3, 1.3, 0, 2, 0},
    {CORE_ELEMENTARY_EXP, expl, -708.3, 709.7, 0, 2, 0},
    {CORE_ELEMENTARY_EXP, expl, 1e-20, 0.3, 1, 2, 0},
    {CORE_ELEMENTARY_SINPI, sinpi_long, -3.1, 3.1, 0, 0, 2e-16},
    {CORE_ELEMENTARY_COSPI, cospi_long, -3.1, 3.1, 0, 0, 2e-16},
    {CORE_ELEMENTARY_SINPI, sinpi_long, -1e9, 1e9, 0, 0, 2e-16},
    {CORE_ELEMENTARY_COSPI, cospi_long, -1e9, 1e9, 0, 0, 2e-16},
    {CORE_ELEMENTARY_SINPI_HALF, sinpi_half_long, 0, 0.5, 0, 2, 0},
    {CORE_ELEMENTARY_SINPI_HALF, sinpi_half_long, 1e-300, 0.5, 1, 2, 0},
};

/* Irregular arguments that fill the range of a row. */
static void arguments(const struct accuracy *row, double x[N]) {
    for (int i = 0; i < N; i++) {
        double part = fmod(0.2385 + i * 0.61803398874989485, 1.0);
        x[i] = row->logarithmic ? exp(log(row->low) + part * (log(row->high) - log(row->low)))
                                : row->low + part * (row->high - row->low);
        x[i] = fmin(fmax(x[i], row->low), row->high);
    }
}

static double error_of(const struct accuracy *row, double x, double y) {
    long double exact = row->exact((long double)x), difference = fabsl((long double)y - exact);
    if (row->absolute > 0) return (double)difference;
    int exponent;
    frexpl(exact, &exponent);
    return (double)ldexpl(difference, 53 - exponent);
}

static void elementary_functions_are_accurate(void **state) {
    /* value: extended precision of the C library; the bounds of core/lanes_math.h, half as much again without FMA */
    (void)state;
    enum core_isa here = core_isa();
    double *x = core_alloc(N, sizeof *x), *y = core_alloc(N, sizeof *y);
    for (int isa = 0; isa < CORE_ISA_COUNT; isa++) {
        if (!core_isa_force((enum core_isa)isa)) continue;
        double slack = isa == CORE_ISA_BASE ? 1.5 : 1;
        for (size_t r = 0; r < sizeof table / sizeof *table; r++) {
            double worst = 0;
            arguments(&table[r], x);
            core_random_kernels()->elementary(table[r].f, N, x, y);
            for (int i = 0; i < N; i++) worst = fmax(worst, error_of(&table[r], x[i], y[i]));
            if (worst > slack * (table[r].ulps + table[r].absolute)) {
                fail_msg("%s, row %zu: error %g", core_isa_name((enum core_isa)isa), r, worst);
            }
        }
    }
    core_isa_force(here);
    core_free(x);
    core_free(y);
}

static void fused_processors_agree_bit_for_bit(void **state) {
    /* law: the same bits from AVX2 and AVX-512 */
    (void)state;
    enum core_isa here = core_isa();
    if (!core_isa_force(CORE_ISA_V4)) skip();
    double *x = core_alloc(N, sizeof *x), *y = core_alloc(N, sizeof *y), *z = core_alloc(N, sizeof *z);
    for (size_t r = 0; r < sizeof table / sizeof *table; r++) {
        arguments(&table[r], x);
        core_isa_force(CORE_ISA_V4);
        core_random_kernels()->elementary(table[r].f, N, x, y);
        core_isa_force(CORE_ISA_V3);
        core_random_kernels()->elementary(table[r].f, N, x, z);
        assert_memory_equal(y, z, N * sizeof *y);
    }
    core_isa_force(here);
    core_free(x);
    core_free(y);
    core_free(z);
}

static void special_arguments(void **state) {
    /* value: ends of the range, exact points */
    (void)state;
    enum core_isa here = core_isa();
    const double x[] = {800, -800, (double)INFINITY, -(double)INFINITY, (double)NAN, 0, -0.0, -745, 710};
    const double s[] = {0, 0.5, 1, 1.5, -0.5, 0.25, 2.5};
    const double sine[] = {0, 1, 0, -1, -1, 0.70710678118654752, 1};
    double y[9], z[7];
    for (int isa = 0; isa < CORE_ISA_COUNT; isa++) {
        if (!core_isa_force((enum core_isa)isa)) continue;
        core_random_kernels()->elementary(CORE_ELEMENTARY_EXP, 9, x, y);
        assert_true(isinf(y[0]) && y[1] == 0 && isinf(y[2]) && y[3] == 0 && isnan(y[4]));
        assert_true(y[5] == 1 && y[6] == 1 && y[7] == exp(-745) && isinf(y[8]));
        core_random_kernels()->elementary(CORE_ELEMENTARY_SINPI, 7, s, z);
        for (int i = 0; i < 7; i++) assert_true(fabs(z[i] - sine[i]) < 2e-16);
        core_random_kernels()->elementary(CORE_ELEMENTARY_LOG, 1, &(double){1.0}, y);
        assert_true(y[0] == 0);
        core_random_kernels()->elementary(CORE_ELEMENTARY_SQRT, 2, (const double[]){2.385, 0}, y);
        assert_true(y[0] == sqrt(2.385) && y[1] == 0);
    }
    core_isa_force(here);
}

static void powers(void **state) {
    /* value: pow of the C library */
    (void)state;
    for (int i = 1; i < 200; i++) {
        double x = 0.017 * i * i, y = 0.37 * (i % 23) - 3.1;
        lanes power = lanes_pow(lanes_set(x), lanes_set(y));
        double bound = 0x1p-52 * (4 + 2 * fabs(y * log(x)));
        for (int lane = 0; lane < CORE_LANES; lane++) assert_true(fabs(power[lane] / pow(x, y) - 1) <= bound);
    }
}

static void masks_and_gathers(void **state) {
    /* law: the helpers do what a loop over the lanes does */
    (void)state;
    const double from[] = {3.25, -1.5, 2.385, 7, 11, 0.1, -4, 9, 12};
    const lanes_bits at = {8, 0, 3, 3, 1, 7, 2, 5};
    lanes got = lanes_gather(from, at);
    lanes_mask above = lanes_greater(got, lanes_set(2.385));
    for (int lane = 0; lane < CORE_LANES; lane++) {
        assert_true(got[lane] == from[at[lane]]);
        assert_true(above[lane] == (from[at[lane]] > 2.385 ? -1 : 0));
    }
    assert_true(lanes_any(above) && !lanes_any(above ^ above));
    for (int lane = 0; lane < CORE_LANES; lane++) {
        lanes_mask one = {0};
        one[lane] = -1;
        assert_true(lanes_any(one));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elementary_functions_are_accurate),
        cmocka_unit_test(fused_processors_agree_bit_for_bit),
        cmocka_unit_test(special_arguments),
        cmocka_unit_test(powers),
        cmocka_unit_test(masks_and_gathers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
