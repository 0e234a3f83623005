/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The deepest points of the fibres of a network, and where a point lies among its minima. */
#include "core/linalg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dln/networks.h"

enum { P = NETWORK_MOST };

/* A network whose data a teacher of rank `rank` made without noise. */
static struct core_landscape *taught(size_t depth, const size_t widths[], size_t rank, int whiten, double noise) {
    static const double strengths[] = {2.385, 1.7, 0.9, 0.45};
    static const double spread[] = {1.7, 0.6, 2.385, 0.35, 1};
    struct dln_data_settings settings = {.samples = 60,
                                         .inputs = widths[0],
                                         .outputs = widths[depth],
                                         .whiten = whiten,
                                         .singular_count = rank,
                                         .singular_values = strengths,
                                         .label_noise = noise};
    if (!whiten) settings.covariance_count = widths[0], settings.covariance = spread;
    struct dln_data data;
    struct core_landscape *land;
    assert_int_equal(dln_data_generate(&settings, 77, &data), CORE_OK);
    assert_int_equal(dln_network_create(depth, widths, &data, &land), CORE_OK);
    dln_data_free(&data);
    return land;
}

static const struct {
    size_t depth, widths[5], rank;
    int whiten;
} cases[] = {
    {1, {3, 2}, 2, 0},       {2, {5, 5, 5}, 0, 1}, {2, {5, 5, 5}, 2, 1},       {2, {5, 4, 3}, 3, 0},
    {3, {4, 4, 4, 4}, 2, 0}, {2, {3, 5, 2}, 1, 0}, {4, {2, 3, 1, 4, 2}, 1, 0}, {3, {4, 3, 5, 2}, 2, 1},
};
enum { CASES = sizeof cases / sizeof *cases };

static void deepest_start_is_a_zero_of_the_loss(void **state) {
    /* law: where the data have the rank and no noise, loss and gradient vanish to rounding, every layer has the rank
     * asked for, and the layers are balanced */
    (void)state;
    for (size_t k = 0; k < CASES; k++) {
        struct core_landscape *land = taught(cases[k].depth, cases[k].widths, cases[k].rank, cases[k].whiten, 0);
        double theta[P], gradient[P], loss, balance[256], s[8];
        assert_int_equal(dln_start_deepest(land, cases[k].rank, theta), CORE_OK);
        assert_int_equal(core_point_loss(land, theta, &loss), CORE_OK);
        assert_int_equal(core_point_gradient(land, theta, gradient), CORE_OK);
        assert_true(loss < 1e-27);
        assert_true(largest(land->dimension, gradient) < 1e-13);
        dln_balancedness(land, theta, balance);
        assert_true(largest(dln_observable_find("balancedness")->width(land), balance) < 1e-14 * 6);
        for (size_t l = 0; l < cases[k].depth; l++) {
            size_t rows = cases[k].widths[l + 1], columns = cases[k].widths[l];
            assert_int_equal(dln_singular_values(rows, columns, theta + dln_of(land)->offset[l], s), CORE_OK);
            size_t least = rows < columns ? rows : columns;
            for (size_t i = 0; i < least; i++) assert_true((s[i] > 0.1) == (i < cases[k].rank));
        }
        core_landscape_free(land);
    }
}

static void deepest_start_of_a_smaller_rank_is_critical(void **state) {
    /* law: two roads, with noisy labels and inputs of unequal variance the start of rank r has the critical loss of
     * level r, and no gradient */
    (void)state;
    static const size_t widths[] = {5, 4, 4};
    struct core_landscape *land = taught(2, widths, 3, 0, 0.7);
    double theta[P], gradient[P], loss, levels[DLN_LEVELS_MAX];
    size_t count;
    assert_int_equal(dln_critical_levels(land, &count, levels), CORE_OK);
    for (size_t r = 0; r <= 4; r++) {
        assert_int_equal(dln_start_deepest(land, r, theta), CORE_OK);
        assert_int_equal(core_point_loss(land, theta, &loss), CORE_OK);
        assert_int_equal(core_point_gradient(land, theta, gradient), CORE_OK);
        assert_true(fabs(loss - levels[r]) < 1e-13 * levels[0]);
        assert_true(largest(land->dimension, gradient) < 1e-12);
    }
    core_landscape_free(land);
}

static void fibre_of_deepest_points(void **state) {
    /* value: rank, lambda and m at the deepest start are those of the network; a change of basis of the hidden layers
     * leaves them so */
    (void)state;
    for (size_t k = 0; k < CASES; k++) {
        struct core_landscape *land = taught(cases[k].depth, cases[k].widths, cases[k].rank, cases[k].whiten, 0);
        struct dln_learning expected;
        struct dln_fibre fibre;
        double theta[P];
        assert_int_equal(dln_learning_coefficient(cases[k].depth, cases[k].widths, cases[k].rank, &expected), CORE_OK);
        assert_int_equal(dln_start_deepest(land, cases[k].rank, theta), CORE_OK);
        for (int turned = 0; turned < 2; turned++) {
            assert_int_equal(dln_fibre_at(land, theta, &fibre), CORE_OK);
            assert_true(fibre.on_fibre && fibre.deepest);
            assert_int_equal(fibre.rank, cases[k].rank);
            assert_true(fibre.exact.value == expected.value && fibre.exact.multiplicity == expected.multiplicity);
            for (size_t i = 0; cases[k].depth > 1 && i < dln_of(land)->offset[2]; i++) { /* W_1 x 1.3, W_2 / 1.3 */
                theta[i] *= i < dln_of(land)->offset[1] ? 1.3 : 1 / 1.3;
            }
        }
        core_landscape_free(land);
    }
}

static void other_points_of_the_fibre(void **state) {
    /* value: 5-5-5 of rank 2 with a unit added that leads nowhere is on the fibre and not deepest; a step off it is on
     * none; no landscape but a network has one */
    (void)state;
    static const size_t widths[] = {5, 5, 5};
    struct core_landscape *land = taught(2, widths, 2, 1, 0), *well;
    struct dln_fibre fibre;
    double theta[P];
    assert_int_equal(dln_start_deepest(land, 2, theta), CORE_OK);
    theta[4 * 5 + 3] = 0.7; /* W_1: unit 4, which W_2 does not look at */
    assert_int_equal(dln_fibre_at(land, theta, &fibre), CORE_OK);
    assert_true(fibre.on_fibre && !fibre.deepest);
    theta[25 + 4] = 1e-6; /* now it does */
    assert_int_equal(dln_fibre_at(land, theta, &fibre), CORE_OK);
    assert_true(!fibre.on_fibre && !fibre.deepest);
    assert_int_equal(core_landscape_create(&(struct core_potential){.name = "double-well"}, &well), CORE_OK);
    assert_int_equal(dln_fibre_at(well, theta, &fibre), CORE_OK);
    assert_true(!fibre.on_fibre);
    core_landscape_free(well);
    core_landscape_free(land);
}

static void inputs_that_are_not_there(void **state) {
    /* value: with the last of 4 inputs a copy of the first, lambda is that of 3 inputs */
    (void)state;
    static const size_t widths[] = {4, 4, 3}, seen[] = {3, 4, 3};
    double x[4 * 9], y[3 * 9], theta[P];
    test_normal(5, 36, x);
    for (size_t i = 0; i < 9; i++) {
        x[i * 4 + 3] = x[i * 4];
        for (size_t j = 0; j < 3; j++) y[i * 3 + j] = (1.5 - (double)j) * (x[i * 4 + 1] - 0.4 * x[i * 4]);
    }
    struct dln_data data = {9, 4, 3, x, y};
    struct core_landscape *land;
    struct dln_learning expected;
    struct dln_fibre fibre;
    assert_int_equal(dln_network_create(2, widths, &data, &land), CORE_OK);
    assert_int_equal(dln_start_deepest(land, 1, theta), CORE_OK);
    assert_int_equal(dln_fibre_at(land, theta, &fibre), CORE_OK);
    assert_int_equal(dln_learning_coefficient(2, seen, 1, &expected), CORE_OK);
    assert_true(fibre.deepest && fibre.exact.value == expected.value);
    core_landscape_free(land);
}

static void unfit_ranks_are_refused(void **state) {
    /* value: a rank above a width, above that of the data, and a landscape that is no network */
    (void)state;
    static const size_t widths[] = {5, 3, 5};
    struct core_landscape *land = taught(2, widths, 2, 1, 0), *well;
    double theta[P];
    assert_int_equal(dln_start_deepest(land, 4, theta), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "smallest width"));
    assert_int_equal(dln_start_deepest(land, 3, theta), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "least-squares"));
    assert_int_equal(core_landscape_create(&(struct core_potential){.name = "double-well"}, &well), CORE_OK);
    assert_int_equal(dln_start_deepest(well, 0, theta), CORE_BAD_INPUT);
    core_landscape_free(well);
    core_landscape_free(land);
}

static void no_memory_is_reported(void **state) {
    /* law: whichever allocation fails, it is said and nothing leaks */
    (void)state;
    static const size_t widths[] = {4, 4, 3};
    struct core_landscape *land = taught(2, widths, 2, 1, 0);
    double theta[P];
    size_t live = core_alloc_live();
    for (int what = 0; what < 2; what++) {
        size_t k = 1;
        for (;; k++) {
            struct dln_fibre fibre;
            core_alloc_fail_at(k);
            enum core_status status = what ? dln_fibre_at(land, theta, &fibre) : dln_start_deepest(land, 2, theta);
            core_alloc_fail_at(0);
            assert_int_equal(core_alloc_live(), live);
            if (status == CORE_OK) break;
            assert_int_equal(status, CORE_NO_MEMORY);
        }
        assert_true(k > 2);
    }
    core_landscape_free(land);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deepest_start_is_a_zero_of_the_loss),
        cmocka_unit_test(deepest_start_of_a_smaller_rank_is_critical),
        cmocka_unit_test(fibre_of_deepest_points),
        cmocka_unit_test(other_points_of_the_fibre),
        cmocka_unit_test(inputs_that_are_not_there),
        cmocka_unit_test(unfit_ranks_are_refused),
        cmocka_unit_test(no_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
