/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ffpe/evolve.h"
#include "ffpe/support.h"

#include <lapacke.h>

/* Drifts that are no gradients: never silently wrong. */

/* All eigenvectors of V^{-1} L and the parts of the start in them. */
struct dense {
    size_t n;
    double *re, *im;
    lapack_complex_double *vectors, *part;
};

static struct dense decompose(const struct ffpe_operator *op, const double mass[]) {
    size_t n = op->grid.count;
    struct dense dense = {n, calloc(n, 8), calloc(n, 8), calloc(n * n, 16), calloc(n, 16)};
    double *a = calloc(n * n, sizeof *a), *right = calloc(n * n, sizeof *right);
    lapack_complex_double *copy = calloc(n * n, 16);
    lapack_int *pivot = calloc(n, sizeof *pivot), size = (lapack_int)n;
    for (size_t e = 0; e < op->edge_count; e++) {
        size_t tail = op->edges[e].tail, head = op->edges[e].head;
        a[tail + n * tail] += op->edges[e].forward / op->grid.volume[tail];
        a[head + n * tail] -= op->edges[e].forward / op->grid.volume[head];
        a[tail + n * head] -= op->edges[e].backward / op->grid.volume[tail];
        a[head + n * head] += op->edges[e].backward / op->grid.volume[head];
    }
    assert_int_equal(LAPACKE_dgeev(LAPACK_COL_MAJOR, 'N', 'V', size, a, size, dense.re, dense.im, NULL, 1, right, size),
                     0);
    for (size_t k = 0; k < n; k++) {
        int pair = dense.im[k] != 0;
        for (size_t i = 0; i < n; i++) {
            dense.vectors[i + n * k] = ffpe_complex(right[i + n * k], pair ? right[i + n * (k + 1)] : 0);
            if (pair) dense.vectors[i + n * (k + 1)] = conj(dense.vectors[i + n * k]);
        }
        k += (size_t)pair;
    }
    for (size_t i = 0; i < n; i++) dense.part[i] = mass[i] / op->grid.volume[i];
    memcpy(copy, dense.vectors, n * n * sizeof *copy);
    assert_int_equal(LAPACKE_zgesv(LAPACK_COL_MAJOR, size, 1, copy, size, pivot, dense.part, size), 0);
    free(a), free(right), free(copy), free(pivot);
    return dense;
}

static void dense_density(const struct dense *dense, double order, double t, double u[]) {
    for (size_t i = 0; i < dense->n; i++) u[i] = 0;
    for (size_t k = 0; k < dense->n; k++) {
        double complex rate = ffpe_complex(dense->re[k], dense->im[k]);
        double complex left = order == 1 ? cexp(-rate * t) : ffpe_mittag_leffler(order, 1, -rate * pow(t, order));
        for (size_t i = 0; i < dense->n; i++) u[i] += creal(left * dense->part[k] * dense->vectors[i + dense->n * k]);
    }
}

static void test_never_silent(void **state) {
    /* law: against the dense eigendecomposition, order in {1, 0.97, 0.9, 0.6}, omega in {1, 5, 20}, t in {0.3, 1, 3,
     * 10}: the error of time is below 1e-7 of the density, or the estimate says that it may not be. */
    (void)state;
    static const double turns[] = {1, 5, 20}, orders[] = {1, 0.97, 0.9, 0.6}, times[] = {0.3, 1, 3, 10};
    for (size_t w = 0; w < 3; w++) {
        const double matrix[] = {1, -turns[w], turns[w], 1};
        struct core_landscape *land = landscape("linear-drift", 2, matrix);
        struct ffpe_problem problem = problem_on(land, 0.25, -3, 3, test_scale() >= 10 ? 32 : 11);
        problem.start = (struct ffpe_start){.law = FFPE_GAUSSIAN, .mean = {1}, .deviation = 0.2};
        struct ffpe_operator op;
        struct ffpe_pattern *pattern;
        assert_int_equal(ffpe_operator_create(&problem, 0, &op), CORE_OK);
        assert_int_equal(ffpe_pattern_create(&op, 0, &pattern), CORE_OK);
        size_t n = op.grid.count;
        double *mass = calloc(3 * n, sizeof *mass), *found = mass + n, *exact = found + n;
        assert_int_equal(ffpe_start_mass(&problem, &op.grid, 8, mass), CORE_OK);
        struct dense dense = decompose(&op, mass);
        for (size_t i = 0; i < 16; i++) {
            struct ffpe_evolution evolution = {.op = &op,
                                               .pattern = pattern,
                                               .order = orders[i / 4],
                                               .tolerance = 1e-7,
                                               .threads = 1,
                                               .time_count = 1,
                                               .times = &times[i % 4],
                                               .mass = mass,
                                               .density = found};
            double worst = 0, largest = 0;
            assert_int_equal(ffpe_evolve_rotation(&evolution), CORE_OK);
            dense_density(&dense, orders[i / 4], times[i % 4], exact);
            for (size_t j = 0; j < n; j++) {
                worst = fmax(worst, fabs(found[j] - exact[j]));
                largest = fmax(largest, exact[j]);
            }
            if (worst > 1e-7 * largest && evolution.error <= 1e-7)
                fail_msg("omega %g order %g t %g: wrong by %.2g, estimate %.2g", turns[w], orders[i / 4], times[i % 4],
                         worst / largest, evolution.error);
        }
        free(dense.re), free(dense.im), free(dense.vectors), free(dense.part), free(mass);
        ffpe_pattern_free(pattern);
        ffpe_operator_clear(&op);
        core_landscape_free(land);
    }
}

static void test_reference(void **state) {
    /* value: means and spread of the turned plane, one row, 1e-5 from 24, 48 and 96 cells; TEST_SCALE=10: all
     * rows from 48, 96 and 192. */
    (void)state;
    char *text = reference_load(REFERENCE);
    int full = test_scale() >= 10;
    size_t rows = reference_count(text, "cases[id=ou_rotational_2d].rows"), checked = 0;
    for (size_t i = 0; i < rows; i++) {
        double turn = known(text, "cases[id=ou_rotational_2d].rows[%zu].omega", i);
        double time = known(text, "cases[id=ou_rotational_2d].rows[%zu].t", i);
        if (!full && i != 1) continue;
        const double matrix[] = {1, -turn, turn, 1};
        struct core_landscape *land = landscape("linear-drift", 2, matrix);
        struct ffpe_problem problem = problem_on(land, 0.25, -3, 3, full ? 192 : 96);
        problem.order = known(text, "cases[id=ou_rotational_2d].rows[%zu].alpha", i);
        problem.start = (struct ffpe_start){.law = FFPE_GAUSSIAN, .mean = {1}, .deviation = 0.2};
        problem.times = &time, problem.time_count = 1, problem.grids = 3, problem.tolerance = 1e-7;
        struct ffpe_result *result = solved(&problem);
        const struct ffpe_moments *at = &result->times[0];
        double square = at->covariance[0] + at->covariance[3] + at->mean[0] * at->mean[0] + at->mean[1] * at->mean[1];
        near_to("x", at->mean[0], known(text, "cases[id=ou_rotational_2d].rows[%zu].mean_x", i), 1e-5);
        near_to("y", at->mean[1], known(text, "cases[id=ou_rotational_2d].rows[%zu].mean_y", i), 1e-5);
        near_to("r2", square, known(text, "cases[id=ou_rotational_2d].rows[%zu].r2", i), 1e-5);
        assert_int_equal(result->warning_count, 0);
        ffpe_result_free(result);
        core_landscape_free(land);
        checked++;
    }
    assert_true(checked >= 1);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_never_silent), cmocka_unit_test(test_reference)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
