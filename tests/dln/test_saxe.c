/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mode dynamics in closed form: reference values, the differential equations, gradient descent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dln/networks.h"

static char *text; /* tests/reference/dln.json */

static double balanced(size_t depth, double s, double a0, double t) {
    double a;
    if (dln_saxe_balanced(depth, s, a0, t, &a) != CORE_OK) fail_msg("%s", core_error());
    return a;
}

static double unbalanced(double s, double w1, double w2, double t) {
    double a;
    if (dln_saxe_unbalanced(s, w1, w2, t, &a) != CORE_OK) fail_msg("%s", core_error());
    return a;
}

static void reference_curves(void **state) {
    /* value: four curves, to the tolerance of the solver beside them; tests/reference/dln.json */
    (void)state;
    size_t kinds = 0;
    for (size_t k = 0; k < reference_count(text, "saxe"); k++) {
        char path[64], kind[32];
        snprintf(path, sizeof path, "saxe[%zu].kind", k);
        reference_text(text, path, sizeof kind, kind);
        char *end = strrchr(path, '.');
        double t[16], a[16];
        strcpy(end, ".t");
        size_t count = reference_count(text, path);
        reference_numbers(text, path, count, t);
        strcpy(end, ".a");
        reference_numbers(text, path, count, a);
        strcpy(end, ".s");
        double s = reference_number(text, path);
        for (size_t i = 0; i < count; i++) {
            double got = NAN;
            if (strcmp(kind, "L2_balanced") == 0) {
                strcpy(end, ".a0");
                got = balanced(2, s, reference_number(text, path), t[i]);
            } else if (strcmp(kind, "L2_unbalanced") == 0) {
                strcpy(end, ".w1");
                double w1 = reference_number(text, path);
                strcpy(end, ".w2");
                got = unbalanced(s, w1, reference_number(text, path), t[i]);
            } else {
                strcpy(end, ".L");
                double depth = reference_number(text, path);
                strcpy(end, ".a0");
                got = balanced((size_t)depth, s, reference_number(text, path), t[i]);
            }
            assert_true(fabs(got - a[i]) < 2e-11 * s);
        }
        kinds++;
    }
    assert_int_equal(kinds, 4);
}

static void differential_equation(void **state) {
    /* law: a' = L a^(2-2/L) (s - a), from below and above the target, by a difference of fourth order */
    (void)state;
    static const double starts[] = {1e-7, 0.03, 0.7, 1.9, 2.38, 2.4, 5.5}, times[] = {0.02, 0.385, 1.7, 6};
    for (size_t depth = 1; depth <= 6; depth++) {
        for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
            for (size_t j = 0; j < sizeof times / sizeof *times; j++) {
                double s = 2.385, t = times[j], power = 2 - 2 / (double)depth;
                double a = balanced(depth, s, starts[i], t);
                double h = 5e-3 / (1 + (double)depth * pow(fmax(a, s), power));
                double slope = (8 * (balanced(depth, s, starts[i], t + h) - balanced(depth, s, starts[i], t - h)) -
                                (balanced(depth, s, starts[i], t + 2 * h) - balanced(depth, s, starts[i], t - 2 * h))) /
                               (12 * h);
                double expected = (double)depth * pow(a, power) * (s - a);
                assert_true(fabs(slope - expected) < 1e-7 * fabs(expected) + 1e-10);
            }
            assert_true(fabs(balanced(depth, 2.385, starts[i], 0) - starts[i]) < 1e-13 * starts[i]);
        }
    }
}

static void flow_in_two_pieces(void **state) {
    /* law: t then u is t + u, also where the strength is 1e-12 or within 1e-12 of the target */
    (void)state;
    static const double starts[] = {1e-12, 0.2, 1.385 - 1e-12, 1.385 + 1e-12, 30};
    for (size_t depth = 1; depth <= 6; depth++) {
        for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
            double once = balanced(depth, 1.385, starts[i], 0.9), twice = balanced(depth, 1.385, starts[i], 0.3);
            twice = balanced(depth, 1.385, twice, 0.6);
            assert_true(fabs(once - twice) < 1e-12 * once);
            once = balanced(depth, 0, starts[i], 0.9); /* no target: only decay */
            twice = balanced(depth, 0, balanced(depth, 0, starts[i], 0.3), 0.6);
            assert_true(fabs(once - twice) < 1e-12 * once);
        }
    }
}

/* Classical Runge-Kutta of w_1' = w_2 (s - w_1 w_2) and its like. */
static void flow(double s, double t, double *w1, double *w2) {
    enum { STEPS = 12000 };
    double h = t / STEPS, a = *w1, b = *w2;
    for (int k = 0; k < STEPS; k++) {
        double ka[4], kb[4], x = a, y = b;
        for (int i = 0; i < 4; i++) {
            ka[i] = y * (s - x * y);
            kb[i] = x * (s - x * y);
            double reach = i == 2 ? h : h / 2;
            x = a + reach * ka[i];
            y = b + reach * kb[i];
        }
        a += h / 6 * (ka[0] + 2 * ka[1] + 2 * ka[2] + ka[3]);
        b += h / 6 * (kb[0] + 2 * kb[1] + 2 * kb[2] + kb[3]);
    }
    *w1 = a;
    *w2 = b;
}

static void unbalanced_layers(void **state) {
    /* law: two roads, the two weights integrated: signs alike and not, one of them zero, equal, far apart; and the
     * conserved difference of squares */
    (void)state;
    static const double weights[][2] = {{0.3, 0.05},  {0.05, 0.3}, {1.7, -0.4}, {-0.4, 1.7}, {-0.2, -0.9}, {0.385, 0},
                                        {0.31, 0.31}, {0.5, -0.5}, {1.3, 1e-9}, {2.5, 2.1},  {1e-4, 1e-3}};
    static const double targets[] = {0, 0.7, 2.385};
    for (size_t i = 0; i < sizeof weights / sizeof *weights; i++) {
        for (size_t j = 0; j < 3; j++) {
            for (double t = 0.2; t < 6; t *= 2.3) {
                double w1 = weights[i][0], w2 = weights[i][1];
                double got = unbalanced(targets[j], w1, w2, t), kept = w2 * w2 - w1 * w1;
                flow(targets[j], t, &w1, &w2);
                assert_true(fabs(got - w1 * w2) < 1e-9 * fabs(w1 * w2) + 1e-13);
                assert_true(fabs(w2 * w2 - w1 * w1 - kept) < 1e-10);
            }
        }
    }
    assert_true(fabs(unbalanced(1.5, 1.25, 3e-14, 0) / 3.75e-14 - 1) < 1e-14);
}

/* ---- Against a network
 * ----------------------------------------------------------------------------------------------------- */

static struct core_landscape *whitened_network(size_t depth, size_t width) {
    static const double singular[] = {2.2, 1.1, 0.385};
    size_t widths[8];
    for (size_t l = 0; l <= depth; l++) widths[l] = width;
    struct dln_data_settings settings = {.samples = 40,
                                         .inputs = width,
                                         .outputs = width,
                                         .whiten = 1,
                                         .singular_count = 3,
                                         .singular_values = singular};
    struct dln_data data;
    struct core_landscape *land;
    assert_int_equal(dln_data_generate(&settings, 11, &data), CORE_OK);
    assert_int_equal(dln_network_create(depth, widths, &data, &land), CORE_OK);
    dln_data_free(&data);
    return land;
}

static void gradient_descent(void **state) {
    /* order: gradient descent on a network in the aligned subspace approaches the closed form like its rate; its
     * balance is conserved to the same order */
    (void)state;
    for (size_t depth = 2; depth <= 4; depth++) {
        struct core_landscape *land = whitened_network(depth, 4);
        struct dln_critical_choice choice = {.rank = 3};
        double minimum[64], theta[64], gradient[64], product[16], scratch[64], error[3], balance[3], s[4], moved[48];
        assert_int_equal(dln_critical_point(land, &choice, minimum), CORE_OK);
        for (int halving = 0; halving < 3; halving++) {
            size_t steps = (size_t)200 << halving, p = land->dimension;
            double t = 2, eta = t / (double)steps,
                   share = 0.4; /* the minimum is balanced and aligned: so is a part of it */
            for (size_t i = 0; i < p; i++) theta[i] = share * minimum[i];
            for (size_t k = 0; k < steps; k++) {
                assert_int_equal(core_point_gradient(land, theta, gradient), CORE_OK);
                for (size_t i = 0; i < p; i++) theta[i] -= eta * gradient[i];
            }
            dln_product(land, theta, product, scratch);
            assert_int_equal(dln_singular_values(4, 4, product, s), CORE_OK);
            static const double singular[] = {2.2, 1.1, 0.385};
            error[halving] = 0;
            for (size_t m = 0; m < 3; m++) {
                double a0 = singular[m] * pow(share, (double)depth);
                double difference = s[m] - balanced(depth, singular[m], a0, t);
                error[halving] = fmax(error[halving], fabs(difference));
            }
            dln_balancedness(land, theta, moved);
            balance[halving] = largest(16 * (depth - 1), moved);
        }
        for (int k = 1; k < 3; k++) {
            double order = log2(error[k - 1] / error[k]);
            assert_true(order > 0.85 && order < 1.15);
            assert_true(balance[k] < 1e-10 || log2(balance[k - 1] / balance[k]) > 0.85);
        }
        core_landscape_free(land);
    }
}

static void sharpness_of_the_balanced_minimum(void **state) {
    /* value: L s_1^(2 - 2/L), the least over all global minima */
    (void)state;
    for (size_t depth = 2; depth <= 6; depth++) {
        struct core_landscape *land = whitened_network(depth, 4);
        struct dln_critical_choice choice = {.rank = 3};
        struct core_sharpness sharpness;
        double theta[128], expected = (double)depth * pow(2.2, 2 - 2 / (double)depth);
        assert_int_equal(dln_critical_point(land, &choice, theta), CORE_OK);
        assert_int_equal(core_point_sharpness(land, theta, &sharpness, NULL), CORE_OK);
        assert_true(fabs(sharpness.value - expected) < 1e-12 * expected);
        choice.mixing = 1; /* another minimum */
        assert_int_equal(dln_critical_point(land, &choice, theta), CORE_OK);
        assert_int_equal(core_point_sharpness(land, theta, &sharpness, NULL), CORE_OK);
        assert_true(sharpness.value > expected * (1 + 1e-3));
        core_landscape_free(land);
    }
}

static void errors(void **state) {
    /* value: depth 0, negative and infinite numbers are refused; no strength stays none */
    (void)state;
    double a;
    assert_int_equal(dln_saxe_balanced(0, 1, 0.1, 1, &a), CORE_BAD_INPUT);
    assert_int_equal(dln_saxe_balanced(3, -1, 0.1, 1, &a), CORE_BAD_INPUT);
    assert_int_equal(dln_saxe_balanced(3, 1, -0.1, 1, &a), CORE_BAD_INPUT);
    assert_int_equal(dln_saxe_balanced(3, 1, 0.1, -1, &a), CORE_BAD_INPUT);
    assert_int_equal(dln_saxe_balanced(3, 1, NAN, 1, &a), CORE_BAD_INPUT);
    assert_int_equal(dln_saxe_unbalanced(1, INFINITY, 0.1, 1, &a), CORE_BAD_INPUT);
    for (size_t depth = 2; depth < 6; depth++) assert_true(balanced(depth, 1.5, 0, 9) == 0);
    assert_true(balanced(5, 1.5, 1.5, 9) == 1.5);
    assert_true(unbalanced(1.5, 0, 0, 9) == 0);
    assert_true(fabs(balanced(4, 1.5, 0.2, 1e6) - 1.5) < 1e-14);
}

static int load(void **state) {
    (void)state;
    text = reference_load("tests/reference/dln.json");
    return 0;
}

static int unload(void **state) {
    (void)state;
    free(text);
    return core_alloc_live() != 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_curves),
        cmocka_unit_test(differential_equation),
        cmocka_unit_test(flow_in_two_pieces),
        cmocka_unit_test(unbalanced_layers),
        cmocka_unit_test(gradient_descent),
        cmocka_unit_test(sharpness_of_the_balanced_minimum),
        cmocka_unit_test(errors),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
