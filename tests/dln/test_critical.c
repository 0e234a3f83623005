/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Critical loss levels. The critical points themselves are in test_reference.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dln/networks.h"

static double levels[DLN_LEVELS_MAX];

static void levels_of_the_main_experiment(void **state) {
    /* value: tests/reference/dln.json, default_experiment */
    (void)state;
    char *text = reference_load("tests/reference/dln.json");
    struct core_landscape *land = reference_network(text, "default_experiment[0]", 100);
    double expected[6];
    size_t count;
    reference_numbers(text, "default_experiment[0].critical_loss_levels", 6, expected);
    assert_int_equal(dln_critical_levels(land, &count, levels), CORE_OK);
    assert_int_equal(count, 6);
    for (size_t r = 0; r < 6; r++) assert_true(fabs(levels[r] - expected[r]) < 1e-13 * expected[r]);
    core_landscape_free(land);
    free(text);
}

static void levels_run_from_the_origin_to_the_minimum(void **state) {
    /* law: descending, min of the widths + 1 of them; the first is the loss at the origin, the last the smallest loss
     * wherever no layer is narrower than the data's rank */
    (void)state;
    for (size_t k = 0; k < TEST_SHAPES; k++) {
        struct core_landscape *land = test_network(&test_shapes[k], 3 * k + 1);
        const struct dln_network *network = dln_of(land);
        size_t count, least = network->inputs;
        double theta[NETWORK_MOST] = {0}, loss;
        for (size_t l = 1; l <= network->depth; l++) least = network->widths[l] < least ? network->widths[l] : least;
        assert_int_equal(dln_critical_levels(land, &count, levels), CORE_OK);
        assert_int_equal(count, least + 1);
        for (size_t r = 0; r + 1 < count; r++) assert_true(levels[r] >= levels[r + 1]);
        assert_int_equal(core_point_loss(land, theta, &loss), CORE_OK);
        assert_true(fabs(levels[0] - loss) < 1e-13 * loss);
        assert_true(levels[count - 1] >= network->loss_minimum);
        if (least == network->inputs || least == network->outputs) {
            assert_true(levels[count - 1] - network->loss_minimum < 1e-15 * levels[0]);
        }
        core_landscape_free(land);
    }
}

static void level_of_rank_one_is_a_loss(void **state) {
    /* law: two roads, a start balanced at rank 1 and rescaled to its best size along the leading direction has level 1
     */
    (void)state;
    struct test_shape shape = {2, {3, 1, 3}, 25, 0};
    struct core_landscape *land = test_network(&shape, 8);
    const struct dln_network *network = dln_of(land);
    double theta[6] = {1, 1, 1, 1, 1, 1}, loss;
    size_t count;
    for (int sweep = 0; sweep < 400; sweep++) { /* alternating least squares: w_1 at fixed w_2, then w_2 */
        double size = inner(3, theta + 3, theta + 3), image[3] = {0}, norm = 0;
        for (size_t j = 0; j < 3; j++) {
            theta[j] = 0;
            for (size_t i = 0; i < 3; i++) theta[j] += theta[3 + i] * network->target[i * 3 + j] / size;
        }
        for (size_t i = 0; i < 9; i++) image[i / 3] += network->sxx[i] * theta[i % 3];
        norm = inner(3, theta, image);
        for (size_t i = 0; i < 3; i++) theta[3 + i] = inner(3, network->target + 3 * i, image) / norm;
    }
    assert_int_equal(dln_critical_levels(land, &count, levels), CORE_OK);
    assert_int_equal(count, 2);
    assert_int_equal(core_point_loss(land, theta, &loss), CORE_OK);
    assert_true(agree("level", 1, &levels[1], &loss, 1e-12));
    core_landscape_free(land);
}

static void errors(void **state) {
    /* value: no network; no memory */
    (void)state;
    struct core_landscape *well, *land = test_network(&test_shapes[2], 1);
    size_t count;
    assert_int_equal(core_landscape_create(&(struct core_potential){.name = "double-well"}, &well), CORE_OK);
    assert_int_equal(dln_critical_levels(well, &count, levels), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "no network"));
    core_landscape_free(well);
    size_t live = core_alloc_live();
    for (size_t k = 1;; k++) {
        core_alloc_fail_at(k);
        enum core_status status = dln_critical_levels(land, &count, levels);
        core_alloc_fail_at(0);
        assert_int_equal(core_alloc_live(), live);
        if (status == CORE_OK) break;
        assert_int_equal(status, CORE_NO_MEMORY);
        assert_int_equal(count, 0);
    }
    core_landscape_free(land);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_of_the_main_experiment),
        cmocka_unit_test(levels_run_from_the_origin_to_the_minimum),
        cmocka_unit_test(level_of_rank_one_is_a_loss),
        cmocka_unit_test(errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
