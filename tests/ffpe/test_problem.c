/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ffpe/support.h"

/* Bad problems are refused with a sentence; no failed allocation leaks or crashes; threads change no bit; extremes are
 * right or refused. */

static void expect_refusal(const struct ffpe_problem *problem, const char *part) {
    struct ffpe_result *result = (struct ffpe_result *)problem;
    assert_int_equal(ffpe_solve(problem, &result), CORE_BAD_INPUT);
    assert_null(result);
    if (strstr(core_error(), part) == NULL) fail_msg("'%s' is not in: %s", part, core_error());
}

static double negative_diffusion(const void *context, const double x[]) {
    (void)context;
    return x[0];
}

static void test_refusals(void **state) {
    /* law: every error path says what is wrong. */
    (void)state;
    static const double huge[16] = {0}, lopsided[] = {1, 0.5, 0.2, 1}, negative[] = {1, 2, 2, 1};
    static const double soon[] = {-1}, never[] = {INFINITY}, far[] = {7};
    struct core_landscape *land = landscape("double-well", 0, NULL), *four = landscape("quadratic", 4, huge);
    struct core_landscape *plane = landscape("scalar-network", 0, NULL);
    const struct ffpe_problem good = problem_on(land, 0.1, -2, 2, 8);
    struct ffpe_problem bad;
#define REFUSE(part, ...)                                                                                              \
    do {                                                                                                               \
        bad = good;                                                                                                    \
        bad.start.law = FFPE_UNIFORM;                                                                                  \
        __VA_ARGS__;                                                                                                   \
        expect_refusal(&bad, part);                                                                                    \
    } while (0)
    REFUSE("order", bad.order = 0);
    REFUSE("order", bad.order = 1.01);
    REFUSE("order", bad.order = NAN);
    REFUSE("friction", bad.friction = -1);
    REFUSE("tolerance", bad.tolerance = 0);
    REFUSE("richardson", bad.grids = 0);
    REFUSE("steps", bad.steps = 1);
    REFUSE("times", bad.times = soon, bad.time_count = 1);
    REFUSE("times", bad.times = never, bad.time_count = 1);
    REFUSE("diffusion.value", bad.diffusion.value = 0);
    REFUSE("diffusion.value", bad.diffusion.value = INFINITY);
    REFUSE("levy.index", bad.levy_index = 2, bad.levy_scale = 1);
    REFUSE("levy.scale", bad.levy_scale = -1, bad.levy_index = 1);
    REFUSE("lower < upper", bad.upper[0] = -2);
    REFUSE("grid.cells", bad.cells[0] = 0);
    REFUSE("multiple of 16", bad.grids = 5);
    REFUSE("periodic", bad.walls[0][0] = FFPE_PERIODIC);
    REFUSE("place in the box", bad.start.law = FFPE_DELTA, bad.start.mean[0] = 3);
    REFUSE("start.deviation", bad.start.law = FFPE_GAUSSIAN);
    REFUSE("probes", bad.probes = far, bad.probe_count = 1);
    REFUSE("4 dimensions", bad.land = four);
    REFUSE("leaves no unknown", bad.cells[0] = 1, bad.walls[0][0] = bad.walls[0][1] = FFPE_ABSORBING);
    REFUSE("not positive", bad.diffusion.at = negative_diffusion);
    REFUSE("tensor", bad = problem_on(plane, 0, -2, 2, 8), bad.start.law = FFPE_UNIFORM,
           bad.diffusion.tensor = lopsided);
    REFUSE("tensor", bad = problem_on(plane, 0, -2, 2, 8), bad.start.law = FFPE_UNIFORM,
           bad.diffusion.tensor = negative);
#undef REFUSE
    core_landscape_free(land);
    core_landscape_free(four);
    core_landscape_free(plane);
}

/* Fails every allocation in turn until none is left to fail. */
static void exhaust(const struct ffpe_problem *problem) {
    size_t before = core_alloc_live();
    for (size_t k = 1;; k++) {
        struct ffpe_result *result;
        core_alloc_fail_at(k);
        enum core_status status = ffpe_solve(problem, &result);
        core_alloc_fail_at(0);
        ffpe_result_free(result);
        assert_int_equal(core_alloc_live(), before);
        if (status == CORE_OK) break;
        assert_int_equal(status, CORE_NO_MEMORY);
        assert_null(result);
        assert_true(k < 2000);
    }
}

static void test_allocations(void **state) {
    /* law: the k-th allocation fails, for every k, in every method. */
    (void)state;
    static const double times[] = {0.5, 2}, probes[] = {-1, 0.3}, corners[] = {-1, 0.3, 0.2, 0.1};
    static const double rotation[] = {1, -2, 2, 1}, tensor[] = {0.3, 0.1, 0.1, 0.2};
    struct core_landscape *land = landscape("double-well", 0, NULL), *spin = landscape("linear-drift", 2, rotation);
    struct ffpe_problem line = problem_on(land, 0.1, -2, 2, 24), plane = problem_on(spin, 0.25, -2, 2, 7);
    line.order = plane.order = 0.7;
    line.start = plane.start = (struct ffpe_start){.law = FFPE_GAUSSIAN, .mean = {-1}, .deviation = 0.3};
    line.times = plane.times = times, line.time_count = plane.time_count = 2;
    line.probes = probes, plane.probes = corners, line.probe_count = plane.probe_count = 2;
    line.steps = 30, line.grids = 2;
    line.report = 63, plane.report = 15, line.eigenvalues = plane.eigenvalues = 2;
    for (int method = 0; method < 4; method++) {
        line.method = (enum ffpe_method)method;
        exhaust(&line);
    }
    line.walls[0][1] = FFPE_ABSORBING;
    exhaust(&line);
    exhaust(&plane);
    plane.order = 1;
    exhaust(&plane);
    plane.diffusion.tensor = tensor;
    exhaust(&plane);
    core_landscape_free(land);
    core_landscape_free(spin);
}

static void test_threads(void **state) {
    /* law: 1, 2 and 7 threads, equal bits. */
    (void)state;
    static const double times[] = {0.5, 2, 300};
    struct core_landscape *land = landscape("scalar-network", 0, NULL);
    struct ffpe_problem problem = problem_on(land, 0.25, -3, 3, 24);
    problem.order = 0.6, problem.times = times, problem.time_count = 3;
    problem.start = (struct ffpe_start){.law = FFPE_GAUSSIAN, .mean = {1.5, -1}, .deviation = 0.3};
    struct ffpe_result *one = solved(&problem);
    for (size_t threads = 2; threads <= 7; threads += 5) {
        problem.threads = threads;
        struct ffpe_result *many = solved(&problem);
        assert_memory_equal(one->numbers, many->numbers, one->count * sizeof *one->numbers);
        ffpe_result_free(many);
    }
    ffpe_result_free(one);
    core_landscape_free(land);
}

static void test_marginals(void **state) {
    /* law: two roads, the marginals of a separable problem in two (factored) and three (iterated) dimensions obey the
     * equation of their own axis on the same grid. */
    (void)state;
    static const double stiffness[] = {1.3, 0, 0, 0, 0.8, 0, 0, 0, 2.1}, plane[] = {1.3, 0, 0, 0.8}, line[] = {1.3},
                        time = 0.7;
    struct core_landscape *lands[] = {landscape("quadratic", 1, line), landscape("quadratic", 2, plane),
                                      landscape("quadratic", 3, stiffness)};
    double mean[3], second[3];
    for (size_t i = 0; i < 3; i++) {
        struct ffpe_problem problem = problem_on(lands[i], 0.25, -3, 3, 16);
        problem.order = 0.7, problem.times = &time, problem.time_count = 1, problem.tolerance = 1e-9;
        problem.start = (struct ffpe_start){.law = FFPE_GAUSSIAN, .mean = {0.9, -0.4, 0.3}, .deviation = 0.5};
        struct ffpe_result *result = solved(&problem);
        mean[i] = result->times[0].mean[0], second[i] = result->times[0].covariance[0];
        near_to("mass", result->times[0].mass_error, 0, 1e-11);
        ffpe_result_free(result);
        core_landscape_free(lands[i]);
    }
    for (size_t i = 1; i < 3; i++) {
        near_to("mean", mean[i], mean[0], 1e-10);
        near_to("variance", second[i], second[0], 1e-10);
    }
}

static void test_extremes(void **state) {
    /* law: orders near 0 and 1, tiny and huge times, diffusion of 1e-6 and 1e6, one cell, starts far up: mass and
     * finite numbers, and at infinite times the steady state. */
    (void)state;
    static const double times[] = {0, 1e-12, 1e-3, 1e8};
    static const double orders[] = {0.05, 0.5, 0.99, 1}, diffusions[] = {1e-6, 1e-2, 1, 1e6};
    static const size_t cells[] = {1, 2, 37, 200};
    struct core_landscape *land = landscape("double-well", 0, NULL);
    for (int i = 0; i < 64; i++) {
        struct ffpe_problem problem = problem_on(land, diffusions[i / 4 % 4], -2.5, 2.5, cells[i / 16]);
        problem.order = orders[i % 4], problem.times = times, problem.time_count = 4;
        problem.start = (struct ffpe_start){.law = FFPE_DELTA, .mean = {2.5}};
        problem.report = FFPE_MOMENTS | FFPE_STEADY | FFPE_SPECTRUM;
        struct ffpe_result *result;
        enum core_status status = ffpe_solve(&problem, &result);
        if (status != CORE_OK) {
            assert_true(strlen(core_error()) > 20);
            continue;
        }
        for (size_t k = 0; k < result->count; k++) {
            if (k < 4 * 6) assert_true(isfinite(result->numbers[k]));
        }
        for (size_t k = 0; k < 4; k++) near_to("mass", result->times[k].mass_error, 0, 1e-9);
        near_to("start", *result->times[0].mean, 2.5, 1e-12);
        ffpe_result_free(result);
    }
    core_landscape_free(land);
}

static void test_names(void **state) {
    /* law: every enumerator has its word, and the lists end. */
    (void)state;
    assert_string_equal(ffpe_wall_name(FFPE_PERIODIC), "periodic");
    assert_string_equal(ffpe_calculus_name(FFPE_HAENGGI_KLIMONTOVICH), "haenggi-klimontovich");
    assert_string_equal(ffpe_method_name(FFPE_L2_1_SIGMA), "l2-1-sigma");
    assert_string_equal(ffpe_start_law_name(FFPE_UNIFORM), "uniform");
    assert_string_equal(ffpe_report_name(5), "passage");
    assert_null(ffpe_wall_name(3));
    assert_null(ffpe_report_name(6));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refusals),  cmocka_unit_test(test_allocations), cmocka_unit_test(test_threads),
        cmocka_unit_test(test_marginals), cmocka_unit_test(test_extremes),    cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
