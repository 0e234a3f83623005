/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starting points. */
#include "core/linalg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dln/networks.h"

enum { P = NETWORK_MOST };

static void gaussian_start(void **state) {
    /* law: scale times normal numbers of the seed, one for each weight; value: 0 gives the origin */
    (void)state;
    struct core_landscape *land = test_network(&test_shapes[13], 1);
    size_t p = land->dimension;
    double one[P], again[P], large[P], other[P];
    assert_int_equal(dln_start_gaussian(land, 1, 77, one), CORE_OK);
    assert_int_equal(dln_start_gaussian(land, 1, 77, again), CORE_OK);
    assert_int_equal(dln_start_gaussian(land, 2.385, 77, large), CORE_OK);
    assert_int_equal(dln_start_gaussian(land, 1, 78, other), CORE_OK);
    assert_memory_equal(one, again, p * sizeof *one);
    for (size_t i = 0; i < p; i++) assert_true(large[i] == 2.385 * one[i] && other[i] != one[i]);
    assert_int_equal(dln_start_gaussian(land, 0, 77, one), CORE_OK);
    assert_true(largest(p, one) == 0);
    core_landscape_free(land);
}

static void gaussian_start_has_its_scale(void **state) {
    /* chance: mean 0 and variance 0.09 of 640 x 40 weights, seeds 0 to 39, 6 standard errors (false alarm 4e-9) */
    (void)state;
    struct core_landscape *land = test_network(&test_shapes[8], 1);
    size_t p = land->dimension;
    double theta[P], mean = 0, square = 0, n = 40 * (double)p;
    for (uint64_t seed = 0; seed < 40; seed++) {
        assert_int_equal(dln_start_gaussian(land, 0.3, seed, theta), CORE_OK);
        for (size_t i = 0; i < p; i++) mean += theta[i] / n, square += theta[i] * theta[i] / n;
    }
    assert_true(fabs(mean) < 6 * 0.3 / sqrt(n));
    assert_true(fabs(square - 0.09) < 6 * 0.09 * sqrt(2 / n));
    core_landscape_free(land);
}

static void balanced_start_is_balanced(void **state) {
    /* law: W_{l+1}^T W_{l+1} = W_l W_l^T to 1e-14 relative, for every shape */
    (void)state;
    for (size_t k = 0; k < TEST_SHAPES; k++) {
        struct core_landscape *land = test_network(&test_shapes[k], k);
        double theta[P], balance[6 * 256];
        assert_int_equal(dln_start_balanced(land, 0.7, 5 + k, theta), CORE_OK);
        dln_balancedness(land, theta, balance);
        size_t count = dln_observable_find("balancedness")->width(land);
        double size = inner(land->dimension, theta, theta);
        assert_true(largest(count, balance) < 1e-14 * size);
        core_landscape_free(land);
    }
}

static void balanced_start_has_the_gaussian_product(void **state) {
    /* law: the product is the Gaussian matrix of the seed, or its best approximation of the rank the widths allow */
    (void)state;
    for (size_t k = 0; k < TEST_SHAPES; k++) {
        struct core_landscape *land = test_network(&test_shapes[k], k);
        const struct dln_network *network = dln_of(land);
        size_t d0 = network->inputs, dl = network->outputs, all = d0 < dl ? d0 : dl, kept = all;
        for (size_t l = 0; l <= network->depth; l++) kept = network->widths[l] < kept ? network->widths[l] : kept;
        double theta[P], product[256], spare[512], gaussian[256], expected[256], s[16], u[256], vt[256];
        assert_int_equal(dln_start_balanced(land, 0.7, 5 + k, theta), CORE_OK);
        dln_product(land, theta, product, spare);
        struct core_stream stream = {.seed = 5 + k, .purpose = CORE_PURPOSE_START};
        core_random_normal(&stream, 1, d0 * dl, gaussian);
        assert_int_equal(core_svd(dl, d0, gaussian, s, u, vt), CORE_OK);
        for (size_t i = 0; i < dl * d0; i++) {
            expected[i] = 0;
            for (size_t c = 0; c < kept; c++) expected[i] += 0.7 * u[i / d0 * all + c] * s[c] * vt[c * d0 + i % d0];
        }
        assert_true(agree("product", dl * d0, product, expected, 1e-13));
        if (kept == all) {
            for (size_t i = 0; i < dl * d0; i++) assert_true(fabs(product[i] - 0.7 * gaussian[i]) < 1e-13);
        }
        core_landscape_free(land);
    }
}

static void unfit_starts_are_refused(void **state) {
    /* value: scales out of range, a landscape that is no network */
    (void)state;
    static const double bad[] = {-1e-3, NAN, INFINITY};
    double theta[P];
    struct core_landscape *land = test_network(&test_shapes[2], 1), *well;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(dln_start_gaussian(land, bad[i], 1, theta), CORE_BAD_INPUT);
        assert_non_null(strstr(core_error(), "scale"));
        assert_int_equal(dln_start_balanced(land, bad[i], 1, theta), CORE_BAD_INPUT);
    }
    assert_int_equal(core_landscape_create(&(struct core_potential){.name = "double-well"}, &well), CORE_OK);
    assert_int_equal(dln_start_balanced(well, 1, 1, theta), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "no network"));
    core_landscape_free(well);
    core_landscape_free(land);
}

static void no_memory_is_reported(void **state) {
    /* law: whichever allocation fails, it is said and nothing leaks */
    (void)state;
    struct core_landscape *land = test_network(&test_shapes[13], 1);
    double theta[P];
    size_t live = core_alloc_live(), k = 1;
    for (;; k++) {
        core_alloc_fail_at(k);
        enum core_status status = dln_start_balanced(land, 1, 1, theta);
        core_alloc_fail_at(0);
        if (status == CORE_OK) break;
        assert_int_equal(status, CORE_NO_MEMORY);
        assert_int_equal(core_alloc_live(), live);
    }
    assert_true(k > 4);
    core_landscape_free(land);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gaussian_start),
        cmocka_unit_test(gaussian_start_has_its_scale),
        cmocka_unit_test(balanced_start_is_balanced),
        cmocka_unit_test(balanced_start_has_the_gaussian_product),
        cmocka_unit_test(unfit_starts_are_refused),
        cmocka_unit_test(no_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
