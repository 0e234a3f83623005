/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* first, in this order */
#include <cmocka.h>

#include "compare/compare.h"
#include "core/core.h"

#include <math.h>

enum { N = 37, M = 23, D = 3 };

static void draw(uint64_t path, size_t count, double shift, double x[]) {
    struct core_stream stream = {.seed = 2385, .path = path, .purpose = CORE_PURPOSE_TEST};
    core_random_normal(&stream, 1, count, x);
    for (size_t i = 0; i < count; i++) x[i] = 1.7 * x[i] + shift;
}

static double kernel(const double a[], const double b[], double bandwidth) {
    double square = 0;
    for (size_t k = 0; k < D; k++) square += (a[k] - b[k]) * (a[k] - b[k]);
    return bandwidth > 0 ? exp(-square / (2 * bandwidth * bandwidth)) : sqrt(square);
}

/* The mean over all n m pairs. */
static double mean(size_t n, const double x[], size_t m, const double y[], double bandwidth) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < m; j++) sum += kernel(x + i * D, y + j * D, bandwidth);
    return sum / (double)(n * m);
}

static void biased_estimates_are_sums_over_all_pairs(void **state) {
    /* value: two roads, the plain double loop */
    (void)state;
    double x[N * D], y[M * D], unbiased, biased, alone;
    draw(1, (size_t)N * D, 0.385, x);
    draw(2, (size_t)M * D, -0.2, y);
    assert_int_equal(compare_mmd2_both(N, x, M, y, D, 2.385, &unbiased, &biased), CORE_OK);
    double exact = mean(N, x, N, x, 2.385) + mean(M, y, M, y, 2.385) - 2 * mean(N, x, M, y, 2.385);
    assert_true(fabs(biased - exact) < 1e-14);
    assert_int_equal(compare_mmd2(N, x, M, y, D, 2.385, &alone), CORE_OK);
    assert_true(alone == unbiased);
    assert_int_equal(compare_energy2_both(N, x, M, y, D, &unbiased, &biased), CORE_OK);
    exact = 2 * mean(N, x, M, y, -1) - mean(N, x, N, x, -1) - mean(M, y, M, y, -1);
    assert_true(fabs(biased - exact) < 1e-13);
    assert_int_equal(compare_energy2(N, x, M, y, D, &alone), CORE_OK);
    assert_true(alone == unbiased);
}

static void biased_estimates_of_a_sample_with_itself_vanish(void **state) {
    /* law */
    (void)state;
    double x[N * D], unbiased, biased;
    draw(3, (size_t)N * D, 0, x);
    assert_int_equal(compare_mmd2_both(N, x, N, x, D, 0.7, &unbiased, &biased), CORE_OK);
    assert_true(fabs(biased) < 1e-15 && unbiased < 0);
    assert_int_equal(compare_energy2_both(N, x, N, x, D, &unbiased, &biased), CORE_OK);
    assert_true(fabs(biased) < 1e-14 && unbiased < 0);
    assert_int_equal(compare_mmd2_both(N, x, N, x, D, 0, &unbiased, &biased), CORE_BAD_INPUT);
    assert_int_equal(compare_energy2_both(1, x, N, x, D, &unbiased, &biased), CORE_BAD_INPUT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(biased_estimates_are_sums_over_all_pairs),
        cmocka_unit_test(biased_estimates_of_a_sample_with_itself_vanish),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
