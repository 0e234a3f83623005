/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ffpe/support.h"

/* Densities against the references, extrapolated over grids. */

/* The text of a member, compared. */
static int is_text(const char *text, const char *path, const char *expected) {
    char found[64];
    reference_text(text, path, sizeof found, found);
    return strcmp(found, expected) == 0;
}

static void test_harmonic(void **state) {
    /* value: mean and second moment of the harmonic well, every row, 1e-10 after extrapolation. */
    (void)state;
    char *text = reference_load(REFERENCE);
    static const double stiffness[] = {1};
    struct core_landscape *land = landscape("quadratic", 1, stiffness);
    size_t rows = reference_count(text, "cases[id=harmonic_1d].rows");
    for (size_t i = 0; i < rows; i++) {
        struct ffpe_problem problem = problem_on(land, 0.25, -8, 8, 1600);
        double time = known(text, "cases[id=harmonic_1d].rows[%zu].t", i);
        problem.order = known(text, "cases[id=harmonic_1d].rows[%zu].alpha", i);
        problem.start = (struct ffpe_start){.law = FFPE_GAUSSIAN, .mean = {1}, .deviation = 0.2};
        problem.times = &time, problem.time_count = 1;
        problem.tolerance = 1e-12, problem.grids = 4;
        struct ffpe_result *result = solved(&problem);
        near_to("mean", result->times[0].mean[0], known(text, "cases[id=harmonic_1d].rows[%zu].mean", i), 1e-10);
        near_to("variance", result->times[0].covariance[0], known(text, "cases[id=harmonic_1d].rows[%zu].variance", i),
                1e-10);
        near_to("mass", result->times[0].mass_error, 0, 1e-11);
        ffpe_result_free(result);
    }
    core_landscape_free(land);
    free(text);
}

static void test_double_well_densities(void **state) {
    /* value: all tables of the density, Gaussian and delta starts, 1e-10 after extrapolation. */
    (void)state;
    char *text = reference_load(REFERENCE);
    struct core_landscape *land = landscape("double-well", 0, NULL);
    size_t rows = reference_count(text, "cases[id=double_well_1d_density].rows");
    for (size_t i = 0; i < rows; i++) {
        struct ffpe_problem problem = problem_on(land, 0.1, -2.5, 2.5, 2000);
        char path[120];
        double probes[16], time = known(text, "cases[id=double_well_1d_density].rows[%zu].t", i);
        snprintf(path, sizeof path, "cases[id=double_well_1d_density].rows[%zu].x", i);
        problem.probe_count = reference_count(text, path);
        reference_numbers(text, path, problem.probe_count, probes);
        snprintf(path, sizeof path, "cases[id=double_well_1d_density].rows[%zu].init[0]", i);
        problem.start = (struct ffpe_start){
            .law = is_text(text, path, "gauss") ? FFPE_GAUSSIAN : FFPE_DELTA, .mean = {-1}, .deviation = 0.2};
        problem.order = known(text, "cases[id=double_well_1d_density].rows[%zu].alpha", i);
        problem.times = &time, problem.time_count = 1, problem.probes = probes;
        problem.tolerance = 1e-12, problem.grids = 4;
        struct ffpe_result *result = solved(&problem);
        for (size_t k = 0; k < problem.probe_count; k++)
            near_to("density", result->times[0].density[k],
                    known(text, "cases[id=double_well_1d_density].rows[%zu].p[%zu]", i, k), 1e-10);
        assert_true(result->time_error < 1e-11);
        ffpe_result_free(result);
    }
    core_landscape_free(land);
    free(text);
}

/* The double well with an absorbing wall at 1. */
static struct ffpe_problem escape(const struct core_landscape *land) {
    struct ffpe_problem problem = problem_on(land, 0.1, -2.5, 1, 1600);
    problem.walls[0][1] = FFPE_ABSORBING;
    problem.grids = 4, problem.tolerance = 1e-12;
    problem.start.law = FFPE_DELTA;
    return problem;
}

static void test_survival(void **state) {
    /* value: survival from places that are no nodes of any of the grids, 1e-10 absolute. */
    (void)state;
    char *text = reference_load(REFERENCE);
    struct core_landscape *land = landscape("double-well", 0, NULL);
    size_t rows = reference_count(text, "cases[id=double_well_1d_survival].rows");
    assert_int_equal(rows, 18);
    for (size_t i = 0; i < rows; i++) {
        struct ffpe_problem problem = escape(land);
        double time = known(text, "cases[id=double_well_1d_survival].rows[%zu].t", i);
        problem.order = known(text, "cases[id=double_well_1d_survival].rows[%zu].alpha", i);
        problem.start.mean[0] = known(text, "cases[id=double_well_1d_survival].rows[%zu].x0", i);
        problem.times = &time, problem.time_count = 1;
        struct ffpe_result *result = solved(&problem);
        near_to("survival", *result->times[0].mass, known(text, "cases[id=double_well_1d_survival].rows[%zu].S", i),
                1e-10);
        assert_true(isnan(result->times[0].mass_error));
        ffpe_result_free(result);
    }
    core_landscape_free(land);
    free(text);
}

static void test_passage(void **state) {
    /* value: mean first passage times and the slowest rates with the wall, 1e-10 relative. */
    (void)state;
    char *text = reference_load(REFERENCE);
    struct core_landscape *land = landscape("double-well", 0, NULL);
    struct ffpe_problem problem = escape(land);
    double places[3];
    for (size_t i = 0; i < 3; i++) places[i] = known(text, "cases[id=double_well_1d_mfpt].rows[%zu].x0", i);
    problem.start.mean[0] = -1;
    problem.probes = places, problem.probe_count = 3;
    problem.report = FFPE_PASSAGE | FFPE_SPECTRUM, problem.eigenvalues = 4;
    struct ffpe_result *result = solved(&problem);
    assert_int_equal(result->passage_count, 4);
    for (size_t i = 0; i < 3; i++) {
        double expected = known(text, "cases[id=double_well_1d_mfpt].rows[%zu].T", i);
        near_to("time", result->passage_time[i + 1] / expected, 1, 1e-10);
    }
    for (size_t i = 0; i < 4; i++) {
        double expected = known(text, "cases[id=double_well_1d_absorbing_eigenvalues].values[%zu]", i);
        near_to("rate", result->eigenvalues[2 * i] / expected, 1, 1e-10);
    }
    ffpe_result_free(result);
    core_landscape_free(land);
    free(text);
}

static void test_tail(void **state) {
    /* law: for order < 1 survival ends as T t^-order / Gamma(1 - order) with the T reported as the tail's prefactor. */
    (void)state;
    struct core_landscape *land = landscape("double-well", 0, NULL);
    struct ffpe_problem problem = escape(land);
    double time = 1e9;
    problem.order = 0.6, problem.start.mean[0] = -0.7, problem.report = FFPE_PASSAGE | FFPE_SURVIVAL;
    problem.times = &time, problem.time_count = 1;
    struct ffpe_result *result = solved(&problem);
    double tail = result->passage_time[0] * pow(time, -0.6) / tgamma(0.4);
    near_to("survival over tail", *result->times[0].mass / tail, 1, 1e-3);
    ffpe_result_free(result);
    core_landscape_free(land);
}

static void test_absorbing_box(void **state) {
    /* value: uniform start between two absorbing walls without a force, 1e-10 after extrapolation. */
    (void)state;
    char *text = reference_load(REFERENCE);
    static const double flat[] = {0};
    struct core_landscape *land = landscape("quadratic", 1, flat);
    size_t rows = reference_count(text, "cases[id=absorbing_box_1d].rows");
    for (size_t i = 0; i < rows; i++) {
        struct ffpe_problem problem = problem_on(land, 0.5, 0, 1, 1600);
        double time = known(text, "cases[id=absorbing_box_1d].rows[%zu].t", i);
        problem.order = known(text, "cases[id=absorbing_box_1d].rows[%zu].alpha", i);
        problem.walls[0][0] = problem.walls[0][1] = FFPE_ABSORBING;
        problem.start.law = FFPE_UNIFORM;
        problem.times = &time, problem.time_count = 1, problem.grids = 5, problem.tolerance = 1e-12;
        struct ffpe_result *result = solved(&problem);
        near_to("survival", *result->times[0].mass, known(text, "cases[id=absorbing_box_1d].rows[%zu].S", i), 1e-10);
        ffpe_result_free(result);
    }
    core_landscape_free(land);
    free(text);
}

static void test_free_diffusion(void **state) {
    /* value: the spread of free subdiffusion, exact on any grid, and its density away from the cusp. */
    (void)state;
    char *text = reference_load(REFERENCE);
    static const double flat[] = {0};
    struct core_landscape *land = landscape("quadratic", 1, flat);
    size_t rows = reference_count(text, "cases[id=free_diffusion_1d].rows");
    for (size_t i = 0; i < rows; i++) {
        double time = known(text, "cases[id=free_diffusion_1d].rows[%zu].t", i), probes[4];
        struct ffpe_problem problem =
            problem_on(land, known(text, "cases[id=free_diffusion_1d].rows[%zu].D", i), -16, 16, 3200);
        problem.order = known(text, "cases[id=free_diffusion_1d].rows[%zu].alpha", i);
        problem.start.law = FFPE_DELTA;
        problem.times = &time, problem.time_count = 1, problem.tolerance = 1e-13, problem.grids = 3;
        for (size_t k = 0; k < 4; k++)
            probes[k] = known(text, "cases[id=free_diffusion_1d].rows[%zu].density[%zu].x", i, k);
        problem.probes = probes, problem.probe_count = 4;
        struct ffpe_result *result = solved(&problem);
        near_to("msd", *result->times[0].msd, known(text, "cases[id=free_diffusion_1d].rows[%zu].msd", i), 1e-10);
        for (size_t k = 0; k < 4; k++)
            near_to("density", result->times[0].density[k],
                    known(text, "cases[id=free_diffusion_1d].rows[%zu].density[%zu].p", i, k), 1e-8);
        ffpe_result_free(result);
    }
    core_landscape_free(land);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_harmonic),       cmocka_unit_test(test_double_well_densities),
        cmocka_unit_test(test_survival),       cmocka_unit_test(test_passage),
        cmocka_unit_test(test_tail),           cmocka_unit_test(test_absorbing_box),
        cmocka_unit_test(test_free_diffusion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
