/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What chains say about their mean, and the small eigenproblems of the Gibbs sampler. */
#include "core/linalg.h"
#include "core/sum.h"
#include "dln/llc_method.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dln/networks.h"

static void effective_numbers(void **state) {
    /* chance: chains x' = a x + z of known autocorrelation, tau = (1 + a) / (1 - a): the standard error within 15 %,
     * short traces and averaged long ones; R-hat near 1, and far above where one chain stands beside the others */
    (void)state;
    static const double share[] = {0, 0.9, -0.5};
    static const size_t draws[] = {3000, 60000};
    for (size_t i = 0; i < 6; i++) {
        size_t n = draws[i / 3], chains = 4;
        double a = share[i % 3], *x = core_alloc(chains * n, sizeof *x), rest[12];
        assert_non_null(x);
        test_normal(60 + i, chains * n, x);
        for (size_t k = 1; k < chains * n; k++) x[k] = k % n == 0 ? x[k] / sqrt(1 - a * a) : a * x[k - 1] + x[k];
        struct dln_llc llc = {.num_chains = chains, .num_draws = n, .nbeta = 2, .loss = x, .centre_loss = -1};
        llc.estimate = rest, llc.acceptance = rest + 4, llc.step = rest + 8;
        assert_int_equal(dln_llc_estimate(&llc), CORE_OK);
        double tau = (1 + a) / (1 - a), se = 2 * sqrt(tau / (1 - a * a) / (double)(chains * n));
        assert_true(fabs(llc.se / se - 1) < 0.15);
        assert_true(fabs(llc.ess * tau / (double)(chains * n) - 1) < 0.3);
        assert_true(fabs(llc.lambda_hat - 2) < 4.5 * llc.se && llc.rhat < 1.02);
        for (size_t k = 0; k < n; k++) x[k] += 8;
        assert_int_equal(dln_llc_estimate(&llc), CORE_OK);
        assert_true(llc.rhat > 1.5 && llc.ess < 20);
        for (size_t k = 0; k < n; k++) x[k] = x[k] - 8 + 0.3 * (double)(k > n / 2);
        llc.num_chains = 1;
        assert_int_equal(dln_llc_estimate(&llc), CORE_OK);
        if (a <= 0) assert_true(llc.rhat > 1.005); /* the halves of one chain disagree */
        core_free(x);
    }
}

static void few_and_constant_draws(void **state) {
    /* value: one to three draws have an error from the chains alone, one chain has none; draws that never move have no
     * R-hat; a diverged chain is left out */
    (void)state;
    double x[] = {1, 1, 1, 1, 1, 3, 3, 3, 3, 3}, rest[6];
    struct dln_llc llc = {.num_chains = 2, .num_draws = 1, .nbeta = 2, .loss = x + 4};
    llc.estimate = rest, llc.acceptance = rest + 2, llc.step = rest + 4;
    assert_int_equal(dln_llc_estimate(&llc), CORE_OK);
    assert_true(fabs(llc.lambda_hat - 4) < 1e-15 && fabs(llc.se - 2) < 1e-15 && isnan(llc.rhat) && isnan(llc.ess));
    llc.num_chains = 1;
    assert_int_equal(dln_llc_estimate(&llc), CORE_OK);
    assert_true(llc.lambda_hat == 2 && isnan(llc.se));
    llc.num_draws = 5;
    llc.loss = x;
    assert_int_equal(dln_llc_estimate(&llc), CORE_OK);
    assert_true(llc.lambda_hat == 2 && llc.se == 0 && isnan(llc.rhat));
    x[7] = NAN;
    llc.num_chains = 2;
    assert_int_equal(dln_llc_estimate(&llc), CORE_OK);
    assert_true(llc.lambda_hat == 2 && llc.diverged == 1 && isnan(rest[1]));
}

static void rotations_and_lapack(void **state) {
    /* law: two roads, the eigenvalues and eigenvectors of random, singular and diagonal matrices */
    (void)state;
    for (size_t n = 1; n <= 32; n++) {
        double a[32 * 32], work[32 * 32], values[32], sorted[32], vectors[32 * 32], factor[32 * 32];
        size_t rank = n % 3 == 0 ? (n + 1) / 2 : n;
        test_normal(n, n * n, factor);
        for (size_t i = 0; i < n * n; i++) {
            a[i] = n % 7 == 6 ? (double)(i % (n + 1) == 0) : 0;
            for (size_t k = 0; k < rank && n % 7 != 6; k++) a[i] += factor[i / n * n + k] * factor[i % n * n + k];
        }
        memcpy(work, a, n * n * sizeof *a);
        dln_symmetric_jacobi(n, work, values, vectors);
        for (size_t i = 0; i < n; i++) {
            for (size_t j = 0; j < n; j++) {
                double product = 0;
                for (size_t k = 0; k < n; k++) product += a[j * n + k] * vectors[i * n + k];
                assert_true(fabs(product - values[i] * vectors[i * n + j]) < 1e-13 * largest(n * n, a) * (double)n);
                assert_true(fabs(inner(n, vectors + i * n, vectors + j * n) - (double)(i == j)) < 1e-13);
            }
        }
        assert_int_equal(core_symmetric_eigen(n, a, sorted, NULL), CORE_OK);
        core_sort(values, n);
        assert_true(agree("eigenvalues", n, values, sorted, 1e-13));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(effective_numbers),
        cmocka_unit_test(few_and_constant_draws),
        cmocka_unit_test(rotations_and_lapack),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
