/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ffpe/support.h"

/* Steady states, currents and spectra. */

static void test_gibbs(void **state) {
    /* value: the steady state of the scalar network on 128 x 128 is Gibbs to 1e-12, componentwise over 85 decades, and
     * its mean energy, extrapolated, is the quadrature's. */
    (void)state;
    char *text = reference_load(REFERENCE);
    struct core_landscape *land = landscape("scalar-network", 0, NULL);
    struct ffpe_problem problem = problem_on(land, 0.25, -3, 3, 128);
    problem.start.law = FFPE_UNIFORM, problem.report = FFPE_STEADY, problem.grids = 3;
    struct ffpe_result *result = solved(&problem);
    assert_true(result->steady.present);
    assert_true(result->steady.gibbs_error <= 1e-12);
    near_to("energy", *result->steady.energy, known(text, "cases[id=gibbs_2d].rows[0].mean_U"), 1e-8);
    near_to("current", *result->steady.current_norm, 0, 1e-13);
    ffpe_result_free(result);
    core_landscape_free(land);
    free(text);
}

static void test_well_spectrum(void **state) {
    /* value: seven rates of the double well, 1e-10 relative after extrapolation. */
    (void)state;
    char *text = reference_load(REFERENCE);
    struct core_landscape *land = landscape("double-well", 0, NULL);
    struct ffpe_problem problem = problem_on(land, 0.1, -2.5, 2.5, 2000);
    problem.start.law = FFPE_UNIFORM, problem.report = FFPE_SPECTRUM | FFPE_STEADY, problem.eigenvalues = 7,
    problem.grids = 4;
    struct ffpe_result *result = solved(&problem);
    assert_int_equal(result->eigenvalue_count, 7);
    for (size_t i = 0; i < 7; i++) {
        double expected = known(text, "cases[id=double_well_1d_eigenvalues].values[%zu]", i);
        near_to("rate", result->eigenvalues[2 * i] / expected, 1, 1e-10);
        assert_true(result->eigenvalues[2 * i + 1] == 0);
    }
    assert_true(result->steady.gibbs_error <= 1e-12);
    ffpe_result_free(result);
    core_landscape_free(land);
    free(text);
}

static void test_network_spectrum(void **state) {
    /* value: the scalar network's rates, 1e-6 relative from 32, 64 and 128 cells (TEST_SCALE=10: 1e-7 from 256). */
    (void)state;
    char *text = reference_load(REFERENCE);
    struct core_landscape *land = landscape("scalar-network", 0, NULL);
    int full = test_scale() >= 10;
    struct ffpe_problem problem = problem_on(land, 0.25, -3, 3, full ? 256 : 128);
    problem.start.law = FFPE_UNIFORM, problem.report = FFPE_SPECTRUM, problem.eigenvalues = 5, problem.grids = 3;
    struct ffpe_result *result = solved(&problem);
    for (size_t i = 0; i < 5; i++) {
        double expected = known(text, "cases[id=dln_2d_eigenvalues].values[%zu]", i);
        near_to("rate", result->eigenvalues[2 * i] / expected, 1, full ? 1e-7 : 1e-6);
    }
    ffpe_result_free(result);
    core_landscape_free(land);
    free(text);
}

static void test_network_functionals(void **state) {
    /* value: means of a, ab-covariance and U of the scalar network, 3e-6 from 64, 128 and 256 cells (TEST_SCALE=10),
     * else 3e-5 from 32, 64 and 128. */
    (void)state;
    char *text = reference_load(REFERENCE);
    struct core_landscape *land = landscape("scalar-network", 0, NULL);
    int full = test_scale() >= 10;
    double tolerance = full ? 3e-6 : 3e-5;
    for (size_t i = 0; i < 6; i += full ? 1 : 4) {
        struct ffpe_problem problem = problem_on(land, 0.25, -3, 3, full ? 256 : 128);
        double time = known(text, "cases[id=dln_2d_functionals].ts[%zu][1]", i);
        problem.order = known(text, "cases[id=dln_2d_functionals].ts[%zu][0]", i);
        problem.start = (struct ffpe_start){.law = FFPE_GAUSSIAN, .mean = {1.5, -1}, .deviation = 0.3};
        problem.times = &time, problem.time_count = 1, problem.grids = 3, problem.tolerance = 1e-8, problem.threads = 2;
        struct ffpe_result *result = solved(&problem);
        const struct ffpe_moments *at = &result->times[0];
        double product = at->covariance[1] + at->mean[0] * at->mean[1];
        near_to("<a>", at->mean[0], known(text, "cases[id=dln_2d_functionals].values[%zu][0]", i), tolerance);
        near_to("<b>", at->mean[1], known(text, "cases[id=dln_2d_functionals].values[%zu][1]", i), tolerance);
        near_to("<ab>", product, known(text, "cases[id=dln_2d_functionals].values[%zu][2]", i), tolerance);
        near_to("<U>", *at->energy, known(text, "cases[id=dln_2d_functionals].values[%zu][3]", i), tolerance);
        near_to("mass", at->mass_error, 0, 1e-11);
        ffpe_result_free(result);
    }
    core_landscape_free(land);
    free(text);
}

static double growing_diffusion(const void *context, const double x[]) {
    return *(const double *)context * (1 + x[0] * x[0]);
}

static void test_position_dependent(void **state) {
    /* value: a diffusion that grows with x^2 in three readings: steady density and variance to 1e-10, rates within what
     * the walls leave of those on the whole line. */
    (void)state;
    static const double stiffness[] = {1}, base = 0.05, wall[] = {1e-9, 1e-8, 1e-6};
    char *text = reference_load(REFERENCE);
    struct core_landscape *land = landscape("quadratic", 1, stiffness);
    for (size_t i = 0; i < 3; i++) {
        struct ffpe_problem problem = problem_on(land, 0, -5, 5, 2000);
        double probes[5];
        problem.diffusion.at = growing_diffusion, problem.diffusion.context = &base;
        problem.calculus = (enum ffpe_calculus)i;
        for (size_t k = 0; k < 5; k++)
            probes[k] = known(text, "cases[id=position_dependent_D_1d].rows[%zu].p[%zu].x", i, k);
        problem.probes = probes, problem.probe_count = 5, problem.grids = 4;
        problem.start.law = FFPE_UNIFORM, problem.report = FFPE_STEADY | FFPE_SPECTRUM, problem.eigenvalues = 3;
        struct ffpe_result *result = solved(&problem);
        near_to("variance", result->steady.covariance[0],
                known(text, "cases[id=position_dependent_D_1d].rows[%zu].variance", i), 1e-10);
        for (size_t k = 0; k < 5; k++)
            near_to("density", result->steady.density[k],
                    known(text, "cases[id=position_dependent_D_1d].rows[%zu].p[%zu].p", i, k), 1e-10);
        for (size_t k = 0; k < 3; k++) {
            double expected =
                known(text, "cases[id=position_dependent_D_1d].rows[%zu].eigenvalues_infinite_line[%zu]", i, k);
            near_to("rate", result->eigenvalues[2 * k], expected, wall[k]);
        }
        ffpe_result_free(result);
    }
    core_landscape_free(land);
    free(text);
}

static void test_tensor(void **state) {
    /* value: a tensor that does not commute with the stiffness: covariance to 1e-6 and the curl of the current at the
     * origin to 1e-4, from 64, 128 and 256 cells with TEST_SCALE=10, else from half as many (2e-5, 1e-3). */
    (void)state;
    static const double stiffness[] = {1, 0, 0, 2}, tensor[] = {0.3, 0.1, 0.1, 0.2};
    char *text = reference_load(REFERENCE);
    struct core_landscape *land = landscape("quadratic", 2, stiffness);
    int full = test_scale() >= 10;
    struct ffpe_problem problem = problem_on(land, 0, -3, 3, full ? 256 : 128);
    problem.diffusion.tensor = tensor;
    problem.start.law = FFPE_UNIFORM, problem.report = FFPE_STEADY | FFPE_CURRENT, problem.grids = 3;
    struct ffpe_result *result = solved(&problem);
    for (size_t k = 0; k < 4; k++)
        near_to("covariance", result->steady.covariance[k],
                known(text, "cases[id=ou_tensor_2d].Sigma[%zu][%zu]", k / 2, k % 2), full ? 1e-6 : 2e-5);
    near_to("curl", *result->steady.curl, known(text, "cases[id=ou_tensor_2d].curlJ_at_0"), full ? 1e-4 : 1e-3);
    assert_true(isnan(result->steady.gibbs_error));
    assert_true(*result->steady.entropy_production > 0.01);
    ffpe_result_free(result);
    core_landscape_free(land);
    free(text);
}

static void test_rotating_current(void **state) {
    /* value: the plane turned at rate w: Sigma = D, curl J(0) = -2 w p(0), entropy production 2 w^2, rates 1 -+ i w. */
    (void)state;
    static const double w = 1.3, matrix[] = {1, -1.3, 1.3, 1};
    struct core_landscape *land = landscape("linear-drift", 2, matrix);
    struct ffpe_problem problem = problem_on(land, 0.25, -3, 3, 96);
    problem.start.law = FFPE_UNIFORM, problem.report = FFPE_STEADY | FFPE_SPECTRUM, problem.grids = 3,
    problem.eigenvalues = 2;
    struct ffpe_result *result = solved(&problem);
    near_to("variance", result->steady.covariance[0], 0.25, 1e-5);
    near_to("curl", *result->steady.curl, -2 * w / (2 * acos(-1) * 0.25), 1e-3);
    near_to("entropy production", *result->steady.entropy_production, 2 * w * w, 1e-4);
    near_to("rate", result->eigenvalues[0], 1, 1e-4);
    near_to("turn", fabs(result->eigenvalues[1]), w, 1e-4);
    near_to("mirror", result->eigenvalues[1] + result->eigenvalues[3], 0, 1e-9);
    ffpe_result_free(result);
    core_landscape_free(land);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gibbs),
        cmocka_unit_test(test_well_spectrum),
        cmocka_unit_test(test_network_spectrum),
        cmocka_unit_test(test_network_functionals),
        cmocka_unit_test(test_position_dependent),
        cmocka_unit_test(test_tensor),
        cmocka_unit_test(test_rotating_current),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
