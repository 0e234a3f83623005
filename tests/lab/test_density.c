/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/memory.h"
#include "lab/density.h"
#include "support/reference.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The block ffpe of a study: the project's own studies run, and slips are named. */

/* The study with overrides, solved, as JSON text (core_free). */
static char *run(const char *path, size_t count, const char *const set[]) {
    const struct lab_overrides overrides = {.set = set, .set_count = count};
    struct lab_study *study = NULL;
    struct lab_scene *scene = NULL;
    struct lab_density *density = NULL;
    struct ffpe_result *result = NULL;
    struct lab_json *json;
    char *text = NULL;
    enum core_status status = lab_study_read(path, &overrides, &study);
    if (status == CORE_OK) status = lab_scene_create_point(study, &scene);
    if (status == CORE_OK) status = lab_density_create(scene, 1, &density);
    if (status == CORE_OK) status = ffpe_solve(&density->problem, &result);
    if (status == CORE_OK) status = lab_json_create(&json);
    if (status == CORE_OK) {
        lab_density_json(study, density, result, json);
        status = lab_json_finish(json, &text);
    }
    if (status != CORE_OK) fail_msg("%s: %s", path, core_error());
    ffpe_result_free(result);
    lab_density_free(density);
    lab_scene_free(scene);
    lab_study_free(study);
    return text;
}

static void expect(const char *text, const char *path, double expected, double tolerance) {
    double found = reference_number(text, path);
    if (fabs(found - expected) > tolerance) fail_msg("%s: found %.17g, expected %.17g", path, found, expected);
}

static int is_null(const char *text, const char *path) {
    const char *at = reference_find(text, path);
    return at != NULL && strncmp(at, "null", 4) == 0;
}

static void test_double_well(void **state) {
    /* value: scripts/double-well.yaml against the tables: densities, first rate, mass. */
    (void)state;
    char *text = run("scripts/double-well.yaml", 0, NULL), *known = reference_load("tests/reference/ffpe.json");
    expect(text, "times[0].density[3]", 1.7416386915415376, 1e-10);
    expect(text, "times[2].density[8]", 0.2882712555513479, 1e-10);
    expect(text, "times[1].mass_error", 0, 1e-11);
    expect(text, "spectrum[0]", 0.033545287308000611, 1e-11);
    expect(text, "steady.gibbs_error", 0, 1e-12);
    assert_true(reference_number(text, "error_estimate") < 1e-10);
    assert_true(fabs(reference_number(text, "times[0].energy_difference")) > 1e-12);
    assert_non_null(reference_find(text, "times[0].survival"));
    assert_non_null(reference_find(text, "times[0].covariance[0][0]"));
    free(known);
    core_free(text);
}

static void test_escape(void **state) {
    /* value: scripts/double-well-escape.yaml: survival, the tail's prefactor; the mean is null with its reason, and at
     * order 1 the other way round. */
    (void)state;
    static const char *const order_one[] = {"ffpe.order=1"};
    char *text = run("scripts/double-well-escape.yaml", 0, NULL);
    expect(text, "times[3].survival", 0.43413094329474049, 1e-10);
    expect(text, "passage[0].tail_prefactor", 66.268626364918, 1e-8);
    assert_true(is_null(text, "passage[0].mean_time"));
    assert_non_null(reference_find(text, "passage[0].mean_time_reason"));
    core_free(text);
    text = run("scripts/double-well-escape.yaml", 1, order_one);
    expect(text, "passage[0].mean_time", 66.268626364918, 1e-8);
    assert_true(is_null(text, "passage[0].tail_prefactor"));
    core_free(text);
}

static void test_planes(void **state) {
    /* value: the scalar network and the rotation on small grids: order of magnitude of space's error, complex pairs. */
    (void)state;
    static const char *const small[] = {"ffpe.grid.cells=[48, 48]"};
    char *text = run("scripts/scalar-network.yaml", 1, small);
    expect(text, "times[2].mean[0]", 0.499657586023, 1e-3);
    expect(text, "times[2].mass_error", 0, 1e-11);
    core_free(text);
    text = run("scripts/rotation.yaml", 1, small);
    expect(text, "steady.curl_at_origin", -4 / acos(-1), 0.05);
    expect(text, "steady.entropy_production", 2, 1e-2);
    assert_true(is_null(text, "steady.gibbs_error"));
    core_free(text);
}

static void test_levy(void **state) {
    /* value: scripts/levy-flight.yaml: the bimodal steady state. */
    (void)state;
    static const char *const late[] = {"ffpe.times=[10]"};
    char *text = run("scripts/levy-flight.yaml", 1, late);
    expect(text, "steady.density[0]", 1 / acos(-1), 5e-4);
    expect(text, "steady.density[2]", 4 / (3 * acos(-1)), 5e-4);
    core_free(text);
}

static void test_slips(void **state) {
    /* law: what is wrong is named with its key, and nothing is solved. */
    (void)state;
    static const struct {
        const char *set, *part;
    } cases[] = {
        {"ffpe.ordr=1", "did you mean 'order'"},
        {"ffpe.order=1.5", "ffpe.order: found '1.5'"},
        {"ffpe.walls=bouncy", "allowed: reflecting, absorbing, periodic"},
        {"ffpe.walls=[[reflecting]]", "expected a pair"},
        {"ffpe.walls=[[reflecting, absorbing], [reflecting, absorbing]]", "expected 1 or 1, one per axis"},
        {"ffpe.start={law: delta}", "ffpe.start.at: missing"},
        {"ffpe.start={law: gaussian, mean: [0]}", "ffpe.start.deviation: missing"},
        {"ffpe.start={law: gaussian, mean: [0, 1], deviation: 1}", "found 2 numbers, expected 1"},
        {"ffpe.diffusion={value: 0}", "found no diffusion"},
        {"ffpe.diffusion={value: 1, tensor: [[1]]}", "allowed: one"},
        {"ffpe.grid.upper=[1, 2]", "ffpe.grid.upper: found 2 numbers"},
        {"ffpe.probes=[[0, 0]]", "ffpe.probes[0]"},
        {"ffpe.method=euler", "allowed: contour, l1, fast-l1, l2-1-sigma"},
        {"ffpe.report=[momenta]", "did you mean 'moments'"},
        {"ffpe.richardson=6", "expected a multiple of 32"},
        {"ffpe.grid={lower: [0, 0], upper: [1, 1], cells: [4, 4]}", "expected"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct lab_overrides overrides = {.set = &cases[i].set, .set_count = 1};
        struct lab_study *study = NULL;
        struct lab_scene *scene = NULL;
        struct lab_density *density = NULL;
        enum core_status status = lab_study_read("scripts/double-well.yaml", &overrides, &study);
        if (status == CORE_OK) status = lab_scene_create_point(study, &scene);
        if (status == CORE_OK) status = lab_density_create(scene, 1, &density);
        assert_int_equal(status, CORE_BAD_INPUT);
        assert_null(density);
        if (strstr(core_error(), cases[i].part) == NULL) fail_msg("%s: %s", cases[i].set, core_error());
        lab_scene_free(scene);
        lab_study_free(study);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_double_well), cmocka_unit_test(test_escape), cmocka_unit_test(test_planes),
        cmocka_unit_test(test_levy),        cmocka_unit_test(test_slips),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
