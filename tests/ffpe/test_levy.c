/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ffpe/levy.h"
#include "ffpe/support.h"

static const double flat[] = {0};

static void test_periodic_modes(void **state) {
    /* value: cos modes on a periodic line relax as E_alpha(-K k^mu t^alpha): every row to 1e-12. The start is two
     * deltas less: a mode's amplitude is read off by its cosine sum. */
    (void)state;
    char *text = reference_load(REFERENCE);
    const double pi = acos(-1);
    struct core_landscape *land = landscape("quadratic", 1, flat);
    size_t rows = reference_count(text, "cases[id=periodic_levy_modes].rows");
    for (size_t i = 0; i < rows; i++) {
        enum { N = 24 };
        double probes[N], time = known(text, "cases[id=periodic_levy_modes].rows[%zu].t", i), sum = 0, k;
        struct ffpe_problem problem = problem_on(land, 0, 0, 2 * pi, N);
        problem.walls[0][0] = problem.walls[0][1] = FFPE_PERIODIC;
        problem.order = known(text, "cases[id=periodic_levy_modes].rows[%zu].alpha", i);
        problem.levy_index = known(text, "cases[id=periodic_levy_modes].rows[%zu].mu", i);
        problem.levy_scale = 0.7;
        problem.start.law = FFPE_DELTA;
        problem.times = &time, problem.time_count = 1, problem.tolerance = 1e-13;
        for (size_t j = 0; j < N; j++) probes[j] = 2 * pi * (double)j / N;
        problem.probes = probes, problem.probe_count = N;
        struct ffpe_result *result = solved(&problem);
        k = known(text, "cases[id=periodic_levy_modes].rows[%zu].k", i);
        for (size_t j = 0; j < N; j++) sum += 2 * pi / N * result->times[0].density[j] * cos(k * probes[j]);
        near_to("amplitude", sum, known(text, "cases[id=periodic_levy_modes].rows[%zu].amplitude", i), 1e-12);
        ffpe_result_free(result);
    }
    core_landscape_free(land);
    free(text);
}

static void test_cauchy_quartic(void **state) {
    /* value: the steady state of Cauchy flights in the quartic well, 5e-4 on [-10, 10] with 800 cells; after a long
     * time the density is that state. */
    (void)state;
    char *text = reference_load(REFERENCE);
    struct core_landscape *land = landscape("quartic", 0, NULL);
    struct ffpe_problem problem = problem_on(land, 0, -10, 10, 800);
    static const double time = 30;
    double probes[5];
    for (size_t i = 0; i < 5; i++) probes[i] = known(text, "cases[id=levy_cauchy_quartic].points[%zu].x", i);
    problem.levy_index = 1, problem.levy_scale = 1;
    problem.start = (struct ffpe_start){.law = FFPE_GAUSSIAN, .deviation = 0.5};
    problem.probes = probes, problem.probe_count = 5, problem.report = FFPE_STEADY;
    problem.times = &time, problem.time_count = 1, problem.tolerance = 1e-8;
    struct ffpe_result *result = solved(&problem);
    for (size_t i = 0; i < 5; i++) {
        near_to("steady", result->steady.density[i], known(text, "cases[id=levy_cauchy_quartic].points[%zu].p", i),
                5e-4);
        near_to("late", result->times[0].density[i], result->steady.density[i], 1e-9);
    }
    near_to("mass", result->times[0].mass_error, 0, 1e-10);
    ffpe_result_free(result);
    core_landscape_free(land);
    free(text);
}

static void test_exit_times(void **state) {
    /* value: mean times to leave (-1, 1), killed outside, 2e-3 with 801 nodes: they converge with the first power. */
    (void)state;
    char *text = reference_load(REFERENCE);
    struct core_landscape *land = landscape("quadratic", 1, flat);
    size_t rows = reference_count(text, "cases[id=levy_exit_time].rows");
    for (size_t i = 0; i < rows; i++) {
        struct ffpe_problem problem = problem_on(land, 0, -1, 1, 800);
        problem.walls[0][0] = problem.walls[0][1] = FFPE_ABSORBING;
        problem.levy_index = known(text, "cases[id=levy_exit_time].rows[%zu].mu", i), problem.levy_scale = 1;
        problem.start.law = FFPE_DELTA, problem.start.mean[0] = known(text, "cases[id=levy_exit_time].rows[%zu].x0", i);
        problem.report = FFPE_PASSAGE;
        struct ffpe_result *result = solved(&problem);
        near_to("time", result->passage_time[0], known(text, "cases[id=levy_exit_time].rows[%zu].T", i), 2e-3);
        ffpe_result_free(result);
    }
    core_landscape_free(land);
    free(text);
}

static void test_product_is_matrix(void **state) {
    /* law: two roads, the product by transforms and the dense matrix; and no mass is lost between reflecting walls. */
    (void)state;
    struct core_landscape *land = landscape("double-well", 0, NULL);
    for (int i = 0; i < 9; i++) {
        struct ffpe_problem problem = problem_on(land, 0.05, -2, 2, 31);
        struct ffpe_operator op;
        problem.walls[0][0] = (enum ffpe_wall)(i % 3),
        problem.walls[0][1] = i % 3 == 1 ? FFPE_REFLECTING : (enum ffpe_wall)(i % 3);
        problem.levy_index = 0.4 + 0.5 * (i / 3), problem.levy_scale = 1.3;
        assert_int_equal(ffpe_operator_create(&problem, 0, &op), CORE_OK);
        size_t n = op.grid.count;
        double *a = calloc(n * n, sizeof *a), *u = calloc(2 * n, sizeof *u), *out = calloc(2 * n, sizeof *out);
        double *work = core_alloc(ffpe_levy_work(op.levy), sizeof *work), sum = 0;
        for (size_t j = 0; j < 2 * n; j++) u[j] = sin(2.385 * (double)j);
        ffpe_levy_outflow(op.levy, u, out, work);
        ffpe_levy_dense(op.levy, a);
        for (size_t j = 0; j < n; j++) {
            double re = 0, im = 0;
            for (size_t k = 0; k < n; k++) re += a[j * n + k] * u[2 * k], im += a[j * n + k] * u[2 * k + 1];
            near_to("real part", out[2 * j], re, 1e-11);
            near_to("imaginary part", out[2 * j + 1], im, 1e-11);
            sum += out[2 * j];
        }
        if (i % 3 == 2) near_to("mass", sum, 0, 1e-11);
        free(a), free(u), free(out), core_free(work);
        ffpe_operator_clear(&op);
    }
    core_landscape_free(land);
}

static void test_refusals(void **state) {
    /* law: what flights cannot do is said. */
    (void)state;
    struct core_landscape *land = landscape("double-well", 0, NULL), *plane = landscape("scalar-network", 0, NULL);
    struct ffpe_problem problem = problem_on(land, 0, -2, 2, 16), bad;
    struct ffpe_result *result;
    problem.levy_index = 1, problem.levy_scale = 1, problem.start.law = FFPE_UNIFORM;
    bad = problem, bad.grids = 2;
    assert_int_equal(ffpe_solve(&bad, &result), CORE_BAD_INPUT);
    bad = problem, bad.method = FFPE_L1;
    assert_int_equal(ffpe_solve(&bad, &result), CORE_BAD_INPUT);
    bad = problem, bad.report = FFPE_SPECTRUM;
    assert_int_equal(ffpe_solve(&bad, &result), CORE_BAD_INPUT);
    bad = problem_on(plane, 0, -2, 2, 16), bad.levy_index = 1, bad.levy_scale = 1, bad.start.law = FFPE_UNIFORM;
    assert_int_equal(ffpe_solve(&bad, &result), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "2 dimensions"));
    core_landscape_free(land);
    core_landscape_free(plane);
}

static void test_allocations(void **state) {
    /* law: the k-th allocation fails, for every k. */
    (void)state;
    static const double times[] = {0.5, 2};
    struct core_landscape *land = landscape("double-well", 0, NULL);
    struct ffpe_problem problem = problem_on(land, 0.1, -2, 2, 12);
    problem.levy_index = 1.3, problem.levy_scale = 0.5, problem.start.law = FFPE_UNIFORM;
    problem.times = times, problem.time_count = 2, problem.report = FFPE_STEADY;
    size_t before = core_alloc_live();
    for (size_t k = 1;; k++) {
        struct ffpe_result *result;
        core_alloc_fail_at(k);
        enum core_status status = ffpe_solve(&problem, &result);
        core_alloc_fail_at(0);
        ffpe_result_free(result);
        assert_int_equal(core_alloc_live(), before);
        if (status == CORE_OK) break;
        assert_int_equal(status, CORE_NO_MEMORY);
    }
    core_landscape_free(land);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_periodic_modes), cmocka_unit_test(test_cauchy_quartic),
        cmocka_unit_test(test_exit_times),     cmocka_unit_test(test_product_is_matrix),
        cmocka_unit_test(test_refusals),       cmocka_unit_test(test_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
