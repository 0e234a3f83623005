/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Curvature of networks: sharpness and its gradient, Lanczos against LAPACK. */
#include "core/curvature.h"

#include "core/linalg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dln/networks.h"

/* A Hessian by products with single points: what Lanczos sees. */
struct at {
    const struct core_landscape *land;
    const double *x;
};

static void multiply(const void *context, const double v[], double out[]) {
    const struct at *at = context;
    if (core_point_hessian_vector(at->land, at->x, v, out) != CORE_OK) out[0] = NAN;
}

static void lanczos_and_lapack(void **state) {
    /* law: two roads, both ends of the spectrum by products and by the whole matrix, on random networks of depth 1 to 6
     * with widths of 1 and bottlenecks, in lanes and wide */
    (void)state;
    static const struct test_shape more[] = {
        {3, {6, 20, 3, 7}, 40, 0}, {2, {18, 4, 18}, 60, 0}, {6, {4, 5, 4, 1, 4, 5, 4}, 20, 0}};
    for (size_t k = 0; k < TEST_SHAPES + 3; k++) {
        struct core_landscape *land = test_network(k < TEST_SHAPES ? &test_shapes[k] : &more[k - TEST_SHAPES], k + 5);
        size_t p = land->dimension, count = p < 4 ? 1 : 4;
        static double x[NETWORK_MOST], hessian[NETWORK_MOST * NETWORK_MOST], all[NETWORK_MOST], some[4], point[4];
        assert_true(p <= NETWORK_MOST);
        test_normal(600 + k, p, x);
        assert_int_equal(core_point_hessian(land, x, hessian), CORE_OK);
        assert_int_equal(core_symmetric_eigen(p, hessian, all, NULL), CORE_OK);
        double scale = fmax(fabs(all[0]), fabs(all[p - 1]));
        struct at at = {land, x};
        struct core_operator a = {p, multiply, &at};
        for (int end = 0; end < 2; end++) {
            enum core_end which = end ? CORE_END_SMALLEST : CORE_END_LARGEST;
            assert_int_equal(core_extreme_eigen(&a, which, count, some, NULL, NULL), CORE_OK);
            assert_int_equal(core_point_extreme(land, x, which, count, point, NULL, NULL), CORE_OK);
            for (size_t i = 0; i < count; i++) {
                double expected = all[end ? i : p - 1 - i];
                assert_true(fabs(some[i] - expected) < 1e-11 * scale && fabs(point[i] - expected) < 1e-11 * scale);
            }
        }
        core_landscape_free(land);
    }
}

static void reference_sharpness(void **state) {
    /* value: sharpness, its gap and its gradient; tests/reference/dln.json */
    (void)state;
    char *text = reference_load("tests/reference/dln.json");
    static const char *const names[] = {"networks[name=L2_3-4-2]", "networks[name=L3_4-3-4-3]"};
    for (size_t k = 0; k < 2; k++) {
        char path[96];
        double theta[64], gradient[64], expected[64];
        struct core_sharpness sharpness;
        struct core_eigen_report report;
        snprintf(path, sizeof path, "%s.n", names[k]);
        struct core_landscape *land = reference_network(text, names[k], (size_t)reference_number(text, path));
        snprintf(path, sizeof path, "%s.W", names[k]);
        reference_numbers(text, path, land->dimension, theta);
        assert_int_equal(core_point_sharpness(land, theta, &sharpness, gradient), CORE_OK);
        snprintf(path, sizeof path, "%s.sharpness", names[k]);
        expected[0] = reference_number(text, path);
        assert_true(agree("sharpness", 1, &sharpness.value, expected, 1e-13));
        assert_int_equal(core_point_extreme(land, theta, CORE_END_LARGEST, 1, expected, NULL, &report), CORE_OK);
        snprintf(path, sizeof path, "%s.sharpness_gap", names[k]);
        sharpness.gap *= report.scale;
        expected[0] = reference_number(text, path);
        assert_true(agree("gap", 1, &sharpness.gap, expected, 1e-12));
        assert_false(sharpness.degenerate);
        snprintf(path, sizeof path, "%s.grad_sharpness", names[k]);
        reference_numbers(text, path, land->dimension, expected);
        assert_true(agree("gradient", land->dimension, gradient, expected, 1e-12));
        core_landscape_free(land);
    }
    free(text);
}

static double sharpness_at(const struct core_landscape *land, const double x[]) {
    struct core_sharpness sharpness;
    if (core_point_sharpness(land, x, &sharpness, NULL) != CORE_OK) fail_msg("%s", core_error());
    return sharpness.value;
}

static void gradient_of_the_sharpness(void **state) {
    /* order: the difference quotient of the top eigenvalue approaches <grad S, u> like h^2, formed and by Lanczos */
    (void)state;
    static const struct test_shape shapes[] = {
        {3, {4, 3, 5, 3}, 20, 0}, {2, {16, 9, 13}, 50, 0}, {3, {6, 18, 4, 7}, 40, 0}};
    for (size_t k = 0; k < 3; k++) {
        struct core_landscape *land = test_network(&shapes[k], 31 + k);
        size_t p = land->dimension;
        double x[NETWORK_MOST], u[NETWORK_MOST], gradient[NETWORK_MOST], moved[NETWORK_MOST], error[4];
        struct core_sharpness sharpness;
        test_normal(3, p, x);
        test_normal(4, p, u);
        for (size_t i = 0; i < p; i++) x[i] *= 0.6;
        assert_int_equal(core_point_sharpness(land, x, &sharpness, gradient), CORE_OK);
        assert_true(sharpness.gap > 1e-3);
        double expected = inner(p, gradient, u);
        for (int h = 0; h < 4; h++) {
            double step = 4e-3 / (1 << h), slope = 0;
            for (int side = -1; side <= 1; side += 2) {
                for (size_t i = 0; i < p; i++) moved[i] = x[i] + side * step * u[i];
                slope += side * sharpness_at(land, moved) / (2 * step);
            }
            error[h] = fabs(slope - expected);
        }
        double order = log2(error[0] / error[3]) / 3;
        assert_true(order > 1.85 && order < 2.15);
        core_landscape_free(land);
    }
}

static void degenerate_sharpness(void **state) {
    /* value: at the origin of two layers the top eigenvalue is w_0^(1/2), d_1 times over: said to be degenerate */
    (void)state;
    struct core_landscape *land = test_network(&test_shapes[4], 2);
    double x[50] = {0};
    struct core_sharpness sharpness;
    assert_int_equal(core_point_sharpness(land, x, &sharpness, NULL), CORE_OK);
    assert_true(sharpness.degenerate && fabs(sharpness.gap) < 1e-12);
    double s[5];
    assert_int_equal(core_svd(5, 5, dln_of(land)->syx, s, NULL, NULL), CORE_OK);
    assert_true(agree("sharpness", 1, &sharpness.value, s, 1e-13));
    core_landscape_free(land);
}

static void large_networks(void **state) {
    /* law: beyond the size of a formed Hessian: the Rayleigh quotient of the vector is the value, its residual small */
    (void)state;
    struct test_shape shape = {3, {40, 50, 30, 20}, 80, 0};
    struct core_landscape *land = test_network(&shape, 6);
    size_t p = land->dimension;
    assert_int_equal(p, 4100);
    double *x = core_alloc(3 * p, sizeof *x), *u = x + p, *image = u + p, value, residual = 0;
    struct core_eigen_report report;
    struct core_inertia inertia;
    test_normal(5, p, x);
    for (size_t i = 0; i < p; i++) x[i] *= 0.15;
    assert_int_equal(core_point_extreme(land, x, CORE_END_LARGEST, 1, &value, u, &report), CORE_OK);
    assert_int_equal(core_point_hessian_vector(land, x, u, image), CORE_OK);
    for (size_t i = 0; i < p; i++) residual += (image[i] - value * u[i]) * (image[i] - value * u[i]);
    assert_true(sqrt(residual) < 1e-10 * value && report.residual < 1e-10 * value);
    assert_true(value > 0 && report.products < 400);
    double observed;
    assert_int_equal(dln_observable_find("sharpness")->evaluate(land, x, x, &observed, NULL), CORE_OK);
    assert_true(fabs(observed - value) < 1e-12 * value);
    assert_int_equal(core_point_inertia(land, x, &inertia, NULL), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "4100 parameters"));
    core_free(x);
    core_landscape_free(land);
}

static void no_memory(void **state) {
    /* law: whichever allocation fails, it is said and nothing leaks */
    (void)state;
    struct test_shape shape = {2, {16, 9, 13}, 50, 0};
    struct core_landscape *land = test_network(&shape, 6);
    double x[NETWORK_MOST], gradient[NETWORK_MOST];
    struct core_sharpness sharpness;
    struct core_inertia inertia;
    test_normal(5, land->dimension, x);
    size_t live = core_alloc_live();
    for (int which = 0; which < 2; which++) {
        for (size_t k = 1;; k++) {
            core_alloc_fail_at(k);
            enum core_status status = which ? core_point_sharpness(land, x, &sharpness, gradient)
                                            : core_point_inertia(land, x, &inertia, NULL);
            core_alloc_fail_at(0);
            assert_int_equal(core_alloc_live(), live);
            if (status == CORE_OK) break;
            assert_int_equal(status, CORE_NO_MEMORY);
        }
    }
    core_landscape_free(land);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lanczos_and_lapack),
        cmocka_unit_test(reference_sharpness),
        cmocka_unit_test(gradient_of_the_sharpness),
        cmocka_unit_test(degenerate_sharpness),
        cmocka_unit_test(large_networks),
        cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
