/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The analytic landscapes: derivatives against differences, lanes against single points, broken parameters. */
#include "core/landscape.h"
#include "core/memory.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/near.h"

enum { MOST = 11 }; /* the largest dimension here */

/* Uniform on (-1, 1), 53 random bits. */
static double draw(void) {
    static uint64_t word = 2385;
    word = word * 6364136223846793005u + 1442695040888963407u;
    uint64_t mixed = (word ^ word >> 29) * 0xbf58476d1ce4e5b9u;
    return (double)(mixed >> 11) * 0x1p-52 - 1;
}

static const double symmetric[] = {2.385, -0.7, 0.31, -0.7, 1.13, 0.5, 0.31, 0.5, -0.9};
static const double any[] = {1.385, -2.7, 0.31, 1.7, 1.13, 0.5, -0.11, 0.5, 0.9};
static const double factor[] = {0.3, -0.2, 0.7, 0.1, -0.4, 1.1};
static const double column[] = {0.3, -0.2};

static const struct test_case {
    struct core_potential potential;
    size_t dimension;
    int gradient_of_loss; /* 0: the linear drift, whose force is not its loss's gradient */
} cases[] = {
    {{.name = "quadratic"}, 1, 1},
    {{.name = "quadratic", .rows = 3, .columns = 3, .matrix = symmetric}, 3, 1},
    {{.name = "quadratic",
      .rows = 3,
      .columns = 3,
      .matrix = symmetric,
      .noise_rows = 3,
      .noise_columns = 2,
      .noise = factor},
     3,
     1},
    {{.name = "double-well"}, 1, 1},
    {{.name = "double-well", .noise_rows = 1, .noise_columns = 2, .noise = column}, 1, 1},
    {{.name = "quartic"}, 1, 1},
    {{.name = "linear-drift",
      .rows = 3,
      .columns = 3,
      .matrix = any,
      .noise_rows = 3,
      .noise_columns = 2,
      .noise = factor},
     3,
     0},
    {{.name = "linear-drift", .rows = 3, .columns = 3, .matrix = symmetric}, 3, 1},
    {{.name = "scalar-network"}, 2, 1},
    {{.name = "scalar-network", .depth = 1}, 1, 1},
    {{.name = "scalar-network", .depth = MOST}, MOST, 1},
    {{.name = "scalar-network", .depth = 3, .noise_rows = 3, .noise_columns = 2, .noise = factor}, 3, 1},
};
enum { CASES = sizeof cases / sizeof *cases };

static struct core_landscape *create(const struct test_case *c) {
    struct core_landscape *land;
    if (core_landscape_create(&c->potential, &land) != CORE_OK) fail_msg("%s: %s", c->potential.name, core_error());
    assert_int_equal(land->dimension, c->dimension);
    assert_string_equal(land->name, c->potential.name);
    return land;
}

static void fill(double x[], size_t count) {
    for (size_t i = 0; i < count; i++) x[i] = 1.3 * draw();
}

static double dot(const double a[], const double b[], size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

static double loss_at(const struct core_landscape *land, const double x[], const double v[], double h) {
    double moved[MOST], loss;
    for (size_t i = 0; i < land->dimension; i++) moved[i] = x[i] + h * v[i];
    assert_int_equal(core_point_loss(land, moved, &loss), CORE_OK);
    return loss;
}

static double slope_at(const struct core_landscape *land, const double x[], const double v[], double h,
                       const double u[]) {
    double moved[MOST], gradient[MOST];
    for (size_t i = 0; i < land->dimension; i++) moved[i] = x[i] + h * v[i];
    assert_int_equal(core_point_gradient(land, moved, gradient), CORE_OK);
    return dot(gradient, u, land->dimension);
}

static double curvature_at(const struct core_landscape *land, const double x[], const double w[], double h,
                           const double u[], const double v[]) {
    double moved[MOST], product[MOST];
    for (size_t i = 0; i < land->dimension; i++) moved[i] = x[i] + h * w[i];
    assert_int_equal(core_point_hessian_vector(land, moved, v, product), CORE_OK);
    return dot(product, u, land->dimension);
}

/* Fourth-order central difference of f at steps -2h ... 2h. */
#define DIFFERENCE(f) ((8 * ((f(h)) - (f(-h))) - ((f(2 * h)) - (f(-2 * h)))) / (12 * h))

static void derivatives_are_differences(void **state) {
    /* law: gradient of the loss, derivative of the gradient, derivative of the curvature, along random directions */
    (void)state;
    const double h = 1e-3;
    for (size_t c = 0; c < CASES; c++) {
        struct core_landscape *land = create(&cases[c]);
        double x[MOST], u[MOST], v[MOST], w[MOST], out[MOST];
        for (int repeat = 0; repeat < 20; repeat++) {
            fill(x, MOST), fill(u, MOST), fill(v, MOST), fill(w, MOST);
#define LOSS(step) loss_at(land, x, v, step)
#define SLOPE(step) slope_at(land, x, v, step, u)
#define CURVATURE(step) curvature_at(land, x, w, step, u, v)
            if (cases[c].gradient_of_loss) assert_near(slope_at(land, x, v, 0, v), DIFFERENCE(LOSS), 2e-9);
            assert_near(curvature_at(land, x, w, 0, u, v), DIFFERENCE(SLOPE), 2e-9);
            assert_int_equal(core_point_curvature_gradient(land, x, u, v, out), CORE_OK);
            assert_near(dot(out, w, land->dimension), DIFFERENCE(CURVATURE), 2e-9);
        }
        core_landscape_free(land);
    }
}

static void lanes_are_independent(void **state) {
    /* law: lane j of a block with eight different points is the point function of point j, every bit */
    (void)state;
    for (size_t c = 0; c < CASES; c++) {
        struct core_landscape *land = create(&cases[c]);
        size_t n = land->dimension, width = land->lanes;
        assert_int_equal(width, CORE_LANES);
        double *x = core_alloc(n * width, 8), *u = core_alloc(n * width, 8), *v = core_alloc(n * width, 8);
        double *outs[3], *loss = core_alloc(width, 8), *scratch = core_alloc(land->scratch, 8);
        for (int k = 0; k < 3; k++) outs[k] = core_alloc(n * width, 8);
        fill(x, n * width), fill(u, n * width), fill(v, n * width);
        land->methods->loss(land, x, loss, scratch);
        land->methods->gradient(land, x, outs[0], scratch);
        land->methods->hessian_vector(land, x, v, outs[1], scratch);
        land->methods->curvature_gradient(land, x, u, v, outs[2], scratch);
        for (size_t j = 0; j < width; j++) {
            double px[MOST], pu[MOST], pv[MOST], pout[3][MOST], ploss;
            for (size_t i = 0; i < n; i++) px[i] = x[i * width + j], pu[i] = u[i * width + j], pv[i] = v[i * width + j];
            assert_int_equal(core_point_loss(land, px, &ploss), CORE_OK);
            assert_int_equal(core_point_gradient(land, px, pout[0]), CORE_OK);
            assert_int_equal(core_point_hessian_vector(land, px, pv, pout[1]), CORE_OK);
            assert_int_equal(core_point_curvature_gradient(land, px, pu, pv, pout[2]), CORE_OK);
            assert_memory_equal(&loss[j], &ploss, sizeof ploss);
            for (int k = 0; k < 3; k++)
                for (size_t i = 0; i < n; i++)
                    assert_memory_equal(&outs[k][i * width + j], &pout[k][i], sizeof(double));
        }
        for (int k = 0; k < 3; k++) core_free(outs[k]);
        core_free(x), core_free(u), core_free(v), core_free(loss), core_free(scratch);
        core_landscape_free(land);
    }
}

static void noise_is_the_constant_factor(void **state) {
    /* law: F z, drift * gradient + scale * F z and tr F F^T from the given factor; NULL without one */
    (void)state;
    for (size_t c = 0; c < CASES; c++) {
        struct core_landscape *land = create(&cases[c]);
        const struct core_potential *p = &cases[c].potential;
        size_t n = land->dimension, r = p->noise_columns, width = land->lanes;
        assert_int_equal(land->noise_width, r);
        assert_int_equal(land->samples, 0);
        assert_null(land->methods->sampled_gradient);
        double x[MOST * CORE_LANES] __attribute__((aligned(64))), z[2 * CORE_LANES] __attribute__((aligned(64)));
        double out[MOST * CORE_LANES] __attribute__((aligned(64))), scale[CORE_LANES] __attribute__((aligned(64)));
        double gradient[MOST * CORE_LANES] __attribute__((aligned(64))), found[MOST * 2];
        double *scratch = core_alloc(land->scratch, 8);
        fill(x, n * width), fill(z, sizeof z / 8), fill(scale, width);
        if (r == 0) {
            assert_null(land->methods->noise);
            assert_null(land->methods->noisy_gradient);
            assert_null(land->methods->noise_trace);
            assert_int_equal(core_point_noise_factor(land, x, found), CORE_BAD_INPUT);
            assert_non_null(strstr(core_error(), "has no gradient noise"));
        } else {
            land->methods->gradient(land, x, gradient, scratch);
            land->methods->noisy_gradient(land, x, -0.37, scale, z, out, scratch);
            for (size_t i = 0; i < n; i++)
                for (size_t j = 0; j < width; j++) {
                    double fz = p->noise[i * r] * z[j] + p->noise[i * r + 1] * z[width + j];
                    assert_near(out[i * width + j], -0.37 * gradient[i * width + j] + scale[j] * fz, 1e-15);
                }
            land->methods->noise_trace(land, x, out, scratch);
            for (size_t j = 0; j < width; j++) assert_near(out[j], dot(p->noise, p->noise, n * r), 1e-15);
            assert_int_equal(core_point_noise_factor(land, x, found), CORE_OK);
            assert_memory_equal(found, p->noise, n * r * sizeof(double));
        }
        core_free(scratch);
        core_landscape_free(land);
    }
}

static void hessians_are_symmetric_and_their_columns_products(void **state) {
    /* law: v^T Hessian v = v^T (H v); for the linear drift the Hessian is the symmetric part */
    (void)state;
    for (size_t c = 0; c < CASES; c++) {
        struct core_landscape *land = create(&cases[c]);
        size_t n = land->dimension;
        double x[MOST], v[MOST], hessian[MOST * MOST], product[MOST], quadratic = 0;
        fill(x, n), fill(v, n);
        assert_int_equal(core_point_hessian(land, x, hessian), CORE_OK);
        assert_int_equal(core_point_hessian_vector(land, x, v, product), CORE_OK);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++) {
                assert_true(hessian[i * n + j] == hessian[j * n + i]);
                quadratic += v[i] * hessian[i * n + j] * v[j];
            }
        assert_near(quadratic, dot(v, product, n), 1e-12 * (1 + fabs(quadratic)));
        core_landscape_free(land);
    }
}

static void known_values(void **state) {
    /* value: the formulas at a point, by hand */
    (void)state;
    struct core_landscape *land;
    double out[4], loss, x[] = {2.0, 0.0, -3.0}, one = 1.5;
    assert_int_equal(core_landscape_create(&(struct core_potential){.name = "double-well"}, &land), CORE_OK);
    core_point_loss(land, &one, &loss);
    assert_true(loss == 1.5 * 1.5 * 1.5 * 1.5 / 4 - 1.5 * 1.5 / 2);
    core_landscape_free(land);
    assert_int_equal(core_landscape_create(&(struct core_potential){.name = "scalar-network", .depth = 3}, &land),
                     CORE_OK);
    core_point_loss(land, x, &loss);
    core_point_gradient(land, x, out);
    assert_true(loss == 0.5 && out[0] == 0 && out[1] == 6 && out[2] == 0);
    core_landscape_free(land);
    assert_int_equal(core_landscape_create(&(struct core_potential){.name = "quadratic"}, &land), CORE_OK);
    core_point_loss(land, &one, &loss);
    assert_true(loss == 1.125);
    core_landscape_free(land);
}

static void broken_parameters_give_a_sentence(void **state) {
    /* value: each unfit parameter and its sentence */
    (void)state;
    static const double holed[] = {1, 2, (double)NAN, 4}, skew[] = {1, 2, 2.1, 4};
    static const struct {
        struct core_potential potential;
        const char *sentence;
    } bad[] = {
        {{.name = NULL},
         "found landscape '', expected one of quadratic, double-well, quartic, linear-drift, scalar-network"},
        {{.name = "double-wel"}, "found landscape 'double-wel', expected one of"},
        {{.name = "quadratic", .rows = 2, .columns = 3, .matrix = any},
         "'quadratic': found a matrix of 2 rows and 3 columns"},
        {{.name = "quadratic", .rows = 0, .columns = 0, .matrix = any}, "found a matrix of 0 rows"},
        {{.name = "quadratic", .rows = 2, .columns = 2, .matrix = holed},
         "row 2, column 1: found nan, expected a finite"},
        {{.name = "quadratic", .rows = 2, .columns = 2, .matrix = skew}, "expected a symmetric matrix"},
        {{.name = "linear-drift"}, "found no matrix"},
        {{.name = "linear-drift", .rows = 1, .columns = 2, .matrix = any},
         "1 rows and 2 columns, expected a square one"},
        {{.name = "linear-drift", .rows = 2, .columns = 2, .matrix = holed}, "found nan"},
        {{.name = "quartic", .rows = 1, .columns = 1, .matrix = any}, "'quartic': found a matrix, expected none"},
        {{.name = "double-well", .rows = 1, .columns = 1, .matrix = any}, "expected none"},
        {{.name = "scalar-network", .rows = 1, .columns = 1, .matrix = any}, "expected none"},
        {{.name = "scalar-network", .depth = 100000000}, "found depth 100000000, expected 1 to 1000000"},
        {{.name = "quartic", .noise = factor, .noise_rows = 3, .noise_columns = 2},
         "found a noise factor of 3 rows and 2 columns, expected 1 row "},
        {{.name = "scalar-network", .noise = factor, .noise_rows = 3, .noise_columns = 2}, "expected 2 rows"},
        {{.name = "quartic", .noise = factor, .noise_rows = 1, .noise_columns = 0}, "at least one column"},
        {{.name = "scalar-network", .noise = holed, .noise_rows = 2, .noise_columns = 2},
         "noise factor row 2, column 1: found nan"},
    };
    size_t live = core_alloc_live();
    for (size_t b = 0; b < sizeof bad / sizeof *bad; b++) {
        struct core_landscape *land = (struct core_landscape *)&land;
        assert_int_equal(core_landscape_create(&bad[b].potential, &land), CORE_BAD_INPUT);
        if (strstr(core_error(), bad[b].sentence) == NULL) fail_msg("case %zu: %s", b, core_error());
        assert_null(land);
        assert_int_equal(core_alloc_live(), live);
    }
    core_landscape_free(NULL);
}

/* A landscape of one lane: L = x_0 x_1 + x_2^2 with no other method than these two. */
static void narrow_gradient(const struct core_landscape *land, const double x[], double out[], double scratch[]) {
    (void)land;
    (void)scratch;
    out[0] = x[1], out[1] = x[0], out[2] = 2 * x[2];
}

static void narrow_hessian_vector(const struct core_landscape *land, const double x[], const double v[], double out[],
                                  double scratch[]) {
    (void)x;
    narrow_gradient(land, v, out, scratch);
}

static void one_lane_works_and_missing_methods_are_named(void **state) {
    /* law: a landscape with lanes = 1 is evaluated as it is; a NULL method is bad input */
    (void)state;
    static const struct core_landscape_methods methods = {.gradient = narrow_gradient,
                                                          .hessian_vector = narrow_hessian_vector};
    static const struct core_landscape land = {.name = "narrow", .dimension = 3, .lanes = 1, .methods = &methods};
    const double x[] = {2.385, -1.1, 0.7}, expected[] = {0, 1, 0, 1, 0, 0, 0, 0, 2};
    double out[9];
    assert_int_equal(core_point_gradient(&land, x, out), CORE_OK);
    assert_true(out[0] == -1.1 && out[1] == 2.385 && out[2] == 1.4);
    assert_int_equal(core_point_hessian(&land, x, out), CORE_OK);
    assert_memory_equal(out, expected, sizeof expected);
    assert_int_equal(core_point_loss(&land, x, out), CORE_BAD_INPUT);
    assert_string_equal(core_error(), "the landscape 'narrow' has no loss");
    assert_int_equal(core_point_curvature_gradient(&land, x, x, x, out), CORE_BAD_INPUT);
    assert_int_equal(core_point_noise_factor(&land, x, out), CORE_BAD_INPUT);
}

static enum core_status every_call(const struct core_potential *potential) {
    struct core_landscape *land;
    double x[MOST] = {2.385, 1.1, -0.7}, out[MOST * MOST];
    enum core_status status = core_landscape_create(potential, &land);
    if (status == CORE_OK) status = core_point_loss(land, x, out);
    if (status == CORE_OK) status = core_point_gradient(land, x, out);
    if (status == CORE_OK) status = core_point_hessian_vector(land, x, x, out);
    if (status == CORE_OK) status = core_point_curvature_gradient(land, x, x, x, out);
    if (status == CORE_OK) status = core_point_hessian(land, x, out);
    if (status == CORE_OK && land->noise_width > 0) status = core_point_noise_factor(land, x, out);
    core_landscape_free(land);
    return status;
}

static void every_allocation_may_fail(void **state) {
    /* law: no crash, no leak, whichever allocation fails */
    (void)state;
    size_t live = core_alloc_live();
    for (size_t c = 0; c < CASES; c++) {
        enum core_status status = CORE_NO_MEMORY;
        for (size_t k = 1; k < 50 && status != CORE_OK; k++) {
            core_alloc_fail_at(k);
            status = every_call(&cases[c].potential);
            core_alloc_fail_at(0);
            assert_true(status == CORE_OK || status == CORE_NO_MEMORY);
            assert_int_equal(core_alloc_live(), live);
        }
        assert_int_equal(status, CORE_OK);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(derivatives_are_differences),
        cmocka_unit_test(lanes_are_independent),
        cmocka_unit_test(noise_is_the_constant_factor),
        cmocka_unit_test(hessians_are_symmetric_and_their_columns_products),
        cmocka_unit_test(known_values),
        cmocka_unit_test(broken_parameters_give_a_sentence),
        cmocka_unit_test(one_lane_works_and_missing_methods_are_named),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
