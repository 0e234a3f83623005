/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ffpe/support.h"

/* A plain sequence of numbers in (0, 1) for arguments that no one chose. */
static double next_number(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return ((double)(*state >> 11) + 0.5) * 0x1p-53;
}

static void test_reference(void **state) {
    /* value: every point of the reference within its own tolerance. */
    (void)state;
    char *text = reference_load(REFERENCE);
    size_t count = reference_count(text, "cases[id=mittag_leffler].points");
    assert_true(count >= 36);
    for (size_t i = 0; i < count; i++) {
#define POINT(name) known(text, "cases[id=mittag_leffler].points[%zu]." name, i)
        double complex z = ffpe_complex(POINT("z_re"), POINT("z_im")),
                       expected = ffpe_complex(POINT("E_re"), POINT("E_im"));
        double complex found = ffpe_mittag_leffler(POINT("alpha"), POINT("beta"), z);
        double error = cabs(found - expected) / cabs(expected);
        if (error > POINT("recommended_rel_tol"))
            fail_msg("point %zu: alpha %g beta %g z %g%+gi: relative error %.2g", i, POINT("alpha"), POINT("beta"),
                     creal(z), cimag(z), error);
#undef POINT
    }
    free(text);
}

static void test_recurrence(void **state) {
    /* law: E_{a,b}(z) = z E_{a,a+b}(z) + 1 / Gamma(b), which the evaluation uses downwards only from its own b. */
    (void)state;
    uint64_t seed = 71;
    for (int i = 0; i < 300; i++) {
        double a = 0.15 + 1.8 * next_number(&seed), b = 0.2 + 2.1 * next_number(&seed);
        double size = exp(6 * next_number(&seed) - 3), angle = 6.2 * (next_number(&seed) - 0.5);
        double complex z = size * cexp(ffpe_complex(0, angle)), left = ffpe_mittag_leffler(a, b, z);
        double complex right = z * ffpe_mittag_leffler(a, a + b, z) + 1 / tgamma(b);
        if (!isfinite(cabs(left))) continue;
        double scale = cabs(left) + 1 / tgamma(b) + cabs(z) * cabs(ffpe_mittag_leffler(a, a + b, z));
        if (cabs(left - right) > 1e-12 * scale * (1 + pow(size, 1 / a)))
            fail_msg("alpha %g beta %g z %g%+gi: off by %.2g", a, b, creal(z), cimag(z), cabs(left - right) / scale);
    }
}

static void test_duplication(void **state) {
    /* law: E_{a,b}(z) + E_{a,b}(-z) = 2 E_{2a,b}(z^2), across the series, the integral and the roots for 2a >= 2. */
    (void)state;
    uint64_t seed = 5;
    for (int i = 0; i < 200; i++) {
        double a = 0.2 + 1.4 * next_number(&seed), b = 0.5 + next_number(&seed), x = 4 * next_number(&seed);
        double left = creal(ffpe_mittag_leffler(a, b, x)) + creal(ffpe_mittag_leffler(a, b, -x));
        double right = 2 * creal(ffpe_mittag_leffler(2 * a, b, x * x));
        if (!isfinite(left)) continue;
        near_to("both sides", left / right, 1, 1e-11);
    }
}

static void test_closed_forms(void **state) {
    /* value: exp, erfc, cosh, and 1 / Gamma(b) at zero. */
    (void)state;
    near_to("E_1", creal(ffpe_mittag_leffler(1, 1, -2.385)), exp(-2.385), 1e-16);
    near_to("E_{1,3}", creal(ffpe_mittag_leffler(1, 3, -7.31)), (exp(-7.31) - 1 + 7.31) / (7.31 * 7.31), 1e-15);
    near_to("E_2", creal(ffpe_mittag_leffler(2, 1, -3.7)), cos(sqrt(3.7)), 1e-14);
    near_to("E_2", creal(ffpe_mittag_leffler(2, 1, 5.3)) / cosh(sqrt(5.3)), 1, 1e-14);
    near_to("E_1/2", creal(ffpe_mittag_leffler(0.5, 1, -1.234)), exp(1.234 * 1.234) * erfc(1.234), 1e-15);
    near_to("at zero", creal(ffpe_mittag_leffler(0.37, 2.6, 0)), 1 / tgamma(2.6), 1e-15);
    double complex z = ffpe_complex(0.7, 3.1), mirror = ffpe_mittag_leffler(0.83, 1.1, conj(z));
    near_to("mirror", cabs(conj(mirror) - ffpe_mittag_leffler(0.83, 1.1, z)), 0, 1e-15);
}

static void test_no_function(void **state) {
    /* law: arguments outside the definition give no number, and real ones no imaginary part. */
    (void)state;
    assert_true(isnan(creal(ffpe_mittag_leffler(0, 1, 1))));
    assert_true(isnan(creal(ffpe_mittag_leffler(-0.5, 1, 1))));
    assert_true(isnan(creal(ffpe_mittag_leffler(NAN, 1, 1))));
    assert_true(isnan(creal(ffpe_mittag_leffler(0.5, INFINITY, 1))));
    assert_true(isnan(creal(ffpe_mittag_leffler(0.5, 1, NAN))));
    assert_true(creal(ffpe_mittag_leffler(0.5, 1, -INFINITY)) == 0);
    assert_true(cimag(ffpe_mittag_leffler(0.61, 0.9, -17.3)) == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reference),    cmocka_unit_test(test_recurrence),  cmocka_unit_test(test_duplication),
        cmocka_unit_test(test_closed_forms), cmocka_unit_test(test_no_function),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
