/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The noise of single samples along directions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dln/networks.h"

enum { DIRECTIONS = 3 };

static void projections_are_those_of_the_gradients(void **state) {
    /* law: u^T (g_mu - g) by the end-to-end map is what back-propagation of each sample gives, on networks of depth 1
     * to 6 */
    (void)state;
    for (size_t k = 0; k < TEST_SHAPES; k++) {
        struct core_landscape *land = test_network(&test_shapes[k], 40 + k);
        size_t p = land->dimension, n = land->samples;
        double *theta = core_alloc(p, sizeof *theta), *u = core_alloc(DIRECTIONS * p, sizeof *u),
               *g = core_alloc(p, sizeof *g), *mean = core_alloc(p, sizeof *mean),
               *found = core_alloc(n * DIRECTIONS, sizeof *found), *wanted = core_alloc(n * DIRECTIONS, sizeof *wanted);
        test_normal(60 + k, p, theta);
        test_normal(90 + k, DIRECTIONS * p, u);
        assert_int_equal(dln_noise_projections(land, theta, DIRECTIONS, u, found), CORE_OK);
        assert_int_equal(core_point_gradient(land, theta, mean), CORE_OK);
        double scale = 0;
        for (size_t m = 0; m < n; m++) {
            assert_int_equal(dln_sample_gradient(land, theta, m, g), CORE_OK);
            for (size_t d = 0; d < DIRECTIONS; d++) {
                wanted[m * DIRECTIONS + d] = inner(p, u + d * p, g) - inner(p, u + d * p, mean);
                scale = fmax(scale, fabs(inner(p, u + d * p, g)));
            }
        }
        if (apart(n * DIRECTIONS, found, wanted) > 1e-12 * scale)
            fail_msg("network %zu: apart by %g of %g", k, apart(n * DIRECTIONS, found, wanted), scale);
        core_free(theta);
        core_free(u);
        core_free(g);
        core_free(mean);
        core_free(found);
        core_free(wanted);
        core_landscape_free(land);
    }
}

static void their_variance_is_that_of_the_factor(void **state) {
    /* law: the mean square of u^T (g_mu - g) over the samples is |F^T u|^2 */
    (void)state;
    for (size_t k = 0; k < TEST_SHAPES; k++) {
        struct core_landscape *land = test_network(&test_shapes[k], 40 + k);
        size_t p = land->dimension, n = land->samples, m = land->noise_width;
        double *theta = core_alloc(p, sizeof *theta), *u = core_alloc(p, sizeof *u),
               *found = core_alloc(n, sizeof *found), *factor = core_alloc(p * m, sizeof *factor), square = 0;
        test_normal(60 + k, p, theta);
        test_normal(90 + k, p, u);
        assert_int_equal(dln_noise_projections(land, theta, 1, u, found), CORE_OK);
        assert_int_equal(core_point_noise_factor(land, theta, factor), CORE_OK);
        for (size_t j = 0; j < m; j++) {
            double sum = 0;
            for (size_t i = 0; i < p; i++) sum += u[i] * factor[i * m + j];
            square += sum * sum;
        }
        double wanted = inner(n, found, found) / (double)n;
        if (fabs(square - wanted) > 1e-10 * wanted + 1e-20) fail_msg("network %zu: %.17g and %.17g", k, square, wanted);
        core_free(theta);
        core_free(u);
        core_free(found);
        core_free(factor);
        core_landscape_free(land);
    }
}

static void failing_allocator(void **state) {
    /* law: without memory CORE_NO_MEMORY and no leak */
    (void)state;
    struct core_landscape *land = test_network(&test_shapes[3], 5);
    double theta[NETWORK_MOST], out[NETWORK_MOST];
    test_normal(1, land->dimension, theta);
    size_t live = core_alloc_live();
    core_alloc_fail_at(1);
    assert_int_equal(dln_noise_projections(land, theta, 1, theta, out), CORE_NO_MEMORY);
    core_alloc_fail_at(0);
    assert_int_equal(core_alloc_live(), live);
    core_landscape_free(land);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(projections_are_those_of_the_gradients),
        cmocka_unit_test(their_variance_is_that_of_the_factor),
        cmocka_unit_test(failing_allocator),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
