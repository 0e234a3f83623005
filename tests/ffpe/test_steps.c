/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ffpe/steps.h"
#include "ffpe/support.h"

/* Methods in time: orders, positivity, mass, agreement; the kernel's exponentials; the contour on modes. */

static struct ffpe_problem well_problem(const struct core_landscape *land, const double times[], size_t count,
                                        const double probes[]) {
    struct ffpe_problem problem = problem_on(land, 0.1, -2.5, 2.5, 250);
    problem.order = 0.6;
    problem.start = (struct ffpe_start){.law = FFPE_GAUSSIAN, .mean = {-1}, .deviation = 0.2};
    problem.times = times, problem.time_count = count, problem.probes = probes, problem.probe_count = 5;
    return problem;
}

static const double places[] = {-1.5, -1, -0.5, 0, 0.9};

/* The largest difference of densities at probes, over the largest density. */
static double distance(const struct ffpe_result *a, const struct ffpe_result *b) {
    double worst = 0, largest = 0;
    for (size_t i = 0; i < a->time_count; i++) {
        for (size_t k = 0; k < a->probe_count; k++) {
            worst = fmax(worst, fabs(a->times[i].density[k] - b->times[i].density[k]));
            largest = fmax(largest, fabs(b->times[i].density[k]));
        }
    }
    return worst / largest;
}

static void check_order(enum ffpe_method method, double order, double expected) {
    static const double times[] = {10, 1, 3};
    struct core_landscape *land = landscape("double-well", 0, NULL);
    struct ffpe_problem problem = well_problem(land, times, 3, places);
    problem.order = order, problem.tolerance = 1e-13;
    struct ffpe_result *exact = solved(&problem);
    double sx = 0, sy = 0, sxx = 0, sxy = 0;
    problem.method = method;
    for (int i = 0; i < 4; i++) {
        problem.steps = (size_t)100 << i;
        struct ffpe_result *result = solved(&problem);
        double x = log((double)problem.steps), y = log(distance(result, exact));
        sx += x, sy += y, sxx += x * x, sxy += x * y;
        ffpe_result_free(result);
    }
    double slope = -(4 * sxy - sx * sy) / (4 * sxx - sx * sx);
    if (slope < expected - 0.2 || slope > expected + 0.3)
        fail_msg("%s at order %g: slope %.2f, expected %.2f", ffpe_method_name((size_t)method), order, slope, expected);
    ffpe_result_free(exact);
    core_landscape_free(land);
}

static void test_orders(void **state) {
    /* order: L1 and fast L1 2 - alpha, L2-1_sigma 2, on their graded meshes, and at order 1 one and two. */
    (void)state;
    static const double orders[] = {0.4, 0.7, 1};
    for (size_t i = 0; i < 3; i++) {
        check_order(FFPE_L1, orders[i], 2 - orders[i]);
        check_order(FFPE_FAST_L1, orders[i], 2 - orders[i]);
        check_order(FFPE_L2_1_SIGMA, orders[i], 2);
    }
}

static void test_order_in_space(void **state) {
    /* order: second in the step, fourth after one extrapolation, sixth after two. */
    (void)state;
    static const double time = 2.385;
    struct core_landscape *land = landscape("double-well", 0, NULL);
    struct ffpe_problem problem = well_problem(land, &time, 1, places);
    problem.tolerance = 1e-13, problem.cells[0] = 3200, problem.grids = 4;
    struct ffpe_result *exact = solved(&problem);
    for (size_t grids = 1; grids <= 3; grids++) {
        double sx = 0, sy = 0, sxx = 0, sxy = 0;
        problem.grids = grids;
        for (int i = 0; i < 4; i++) {
            problem.cells[0] = (size_t)120 << i;
            struct ffpe_result *result = solved(&problem);
            double x = log((double)problem.cells[0]), y = log(distance(result, exact));
            sx += x, sy += y, sxx += x * x, sxy += x * y;
            ffpe_result_free(result);
        }
        double slope = -(4 * sxy - sx * sy) / (4 * sxx - sx * sx);
        if (fabs(slope - 2 * (double)grids) > 0.15 * (double)grids) fail_msg("%zu grids: slope %.2f", grids, slope);
    }
    ffpe_result_free(exact);
    core_landscape_free(land);
}

static void test_positive(void **state) {
    /* law: L1 and fast L1 keep mass to 1e-11 and are never negative, from a delta, on a line and in the plane. */
    (void)state;
    static const double times[] = {1e-6, 0.5, 7};
    struct core_landscape *lands[] = {landscape("double-well", 0, NULL), landscape("scalar-network", 0, NULL)};
    for (int i = 0; i < 16; i++) {
        struct ffpe_problem problem = problem_on(lands[i % 2], 0.15, -2.4, 2.5, i % 2 == 0 ? 197 : 21);
        problem.order = 0.15 + 0.28 * (i / 4);
        problem.start = (struct ffpe_start){.law = FFPE_DELTA, .mean = {-0.913, 1.1}};
        problem.times = times, problem.time_count = 3, problem.steps = 150;
        problem.method = i / 2 % 2 == 0 ? FFPE_L1 : FFPE_FAST_L1;
        struct ffpe_result *result = solved(&problem);
        for (size_t k = 0; k < 3; k++) {
            assert_true(result->times[k].minimum >= 0);
            near_to("mass", result->times[k].mass_error, 0, 1e-11);
        }
        ffpe_result_free(result);
    }
    core_landscape_free(lands[0]);
    core_landscape_free(lands[1]);
}

static void test_fast_is_plain(void **state) {
    /* law: two roads, the whole history and its exponentials, to 1e-9. */
    (void)state;
    static const double times[] = {0.3, 40};
    struct core_landscape *land = landscape("double-well", 0, NULL);
    for (int i = 0; i < 5; i++) {
        struct ffpe_problem problem = well_problem(land, times, 2, places);
        problem.order = 0.05 + 0.23 * i, problem.steps = 300, problem.method = FFPE_L1;
        struct ffpe_result *plain = solved(&problem);
        problem.method = FFPE_FAST_L1;
        struct ffpe_result *fast = solved(&problem);
        assert_true(distance(fast, plain) < 1e-9);
        ffpe_result_free(plain);
        ffpe_result_free(fast);
    }
    core_landscape_free(land);
}

static void test_exponentials(void **state) {
    /* law: the sum of exponentials is t^-alpha to 2e-9 over nine decades, with positive weights and fewer than 100 of
     * them. */
    (void)state;
    static const double alphas[] = {0.05, 0.3, 0.6, 0.9, 0.99};
    for (size_t i = 0; i < 5; i++) {
        struct ffpe_exponentials sum;
        assert_int_equal(ffpe_exponentials_create(alphas[i], 3e-7, 300, &sum), CORE_OK);
        assert_true(sum.count < 100);
        for (double t = 3e-7; t <= 300; t *= 1.37) {
            double found = 0;
            for (size_t k = 0; k < sum.count; k++) found += sum.weight[k] * exp(-sum.rate[k] * t);
            near_to("kernel", found * pow(t, alphas[i]), 1, 2e-9);
        }
        for (size_t k = 0; k < sum.count; k++) assert_true(sum.weight[k] > 0 && sum.rate[k] >= 0);
        ffpe_exponentials_clear(&sum);
    }
}

static void test_modes(void **state) {
    /* value: cos modes of a reflecting box relax as E_alpha at the grid's own rate: the error of time alone, 1e-11. */
    (void)state;
    char *text = reference_load(REFERENCE);
    static const double flat[] = {0};
    const double pi = acos(-1);
    struct core_landscape *land = landscape("quadratic", 1, flat);
    for (int i = 0; i < 12; i++) {
        struct ffpe_problem problem = problem_on(land, 0.1, 0, 1, 64);
        struct ffpe_operator op;
        struct ffpe_pattern *pattern;
        double mass[65], density[2 * 65];
        const double times[] = {0.07, 0.07 * pow(10, i % 4)};
        size_t mode = 1 + (size_t)i % 3;
        assert_int_equal(ffpe_operator_create(&problem, 0, &op), CORE_OK);
        assert_int_equal(ffpe_pattern_create(&op, 0, &pattern), CORE_OK);
        for (size_t j = 0; j < 65; j++) mass[j] = op.grid.volume[j] * (1 + 0.7 * cos(pi * (double)(mode * j) / 64));
        struct ffpe_evolution evolution = {.op = &op,
                                           .pattern = pattern,
                                           .order = 0.3 + 0.35 * (i / 4),
                                           .tolerance = 1e-12,
                                           .threads = 1,
                                           .time_count = i % 4 == 0 ? 1 : 2,
                                           .times = times,
                                           .mass = mass,
                                           .density = density};
        assert_int_equal(ffpe_evolve_contour(&evolution), CORE_OK);
        double rate = 0.4 * 64 * 64 * pow(sin(pi * (double)mode / 128), 2);
        for (size_t k = 0; k < evolution.time_count; k++) {
            double amplitude = creal(ffpe_mittag_leffler(evolution.order, 1, -rate * pow(times[k], evolution.order)));
            for (size_t j = 0; j < 65; j++)
                near_to("density", density[65 * k + j], 1 + 0.7 * amplitude * cos(pi * (double)(mode * j) / 64), 1e-11);
        }
        ffpe_pattern_free(pattern);
        ffpe_operator_clear(&op);
    }
    core_landscape_free(land);
    free(text);
}

static void test_semigroup(void **state) {
    /* law: at order 1 the way over t to 2t is the way to 2t; below it must not be. */
    (void)state;
    struct core_landscape *land = landscape("double-well", 0, NULL);
    for (int i = 0; i < 2; i++) {
        struct ffpe_problem problem = problem_on(land, 0.1, -2.5, 2.5, 120);
        struct ffpe_operator op;
        struct ffpe_pattern *pattern;
        double mass[121], once[121], twice[2 * 121], worst = 0;
        const double times[] = {1.3, 2.6};
        problem.start = (struct ffpe_start){.law = FFPE_GAUSSIAN, .mean = {-1}, .deviation = 0.2};
        assert_int_equal(ffpe_operator_create(&problem, 0, &op), CORE_OK);
        assert_int_equal(ffpe_pattern_create(&op, 0, &pattern), CORE_OK);
        assert_int_equal(ffpe_start_mass(&problem, &op.grid, 2, mass), CORE_OK);
        struct ffpe_evolution evolution = {.op = &op,
                                           .pattern = pattern,
                                           .order = i == 0 ? 1 : 0.8,
                                           .tolerance = 1e-12,
                                           .threads = 1,
                                           .time_count = 2,
                                           .times = times,
                                           .mass = mass,
                                           .density = twice};
        assert_int_equal(ffpe_evolve_contour(&evolution), CORE_OK);
        for (size_t j = 0; j < 121; j++) mass[j] = op.grid.volume[j] * twice[j];
        evolution.time_count = 1, evolution.density = once;
        assert_int_equal(ffpe_evolve_contour(&evolution), CORE_OK);
        for (size_t j = 0; j < 121; j++) worst = fmax(worst, fabs(once[j] - twice[121 + j]));
        if (i == 0)
            near_to("semigroup", worst, 0, 1e-10);
        else
            assert_true(worst > 1e-3);
        ffpe_pattern_free(pattern);
        ffpe_operator_clear(&op);
    }
    core_landscape_free(land);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_orders),        cmocka_unit_test(test_order_in_space), cmocka_unit_test(test_positive),
        cmocka_unit_test(test_fast_is_plain), cmocka_unit_test(test_exponentials),   cmocka_unit_test(test_modes),
        cmocka_unit_test(test_semigroup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
