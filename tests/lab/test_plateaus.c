/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The main study's escape times against those of an independent program with many more replicas (default_experiment in
 * tests/reference/dln.json). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/core.h"
#include "lab/execute.h"
#include "lab/measure.h"
#include "support/reference.h"

static const char *const MODELS[][2] = {
    {"sgd", "SGD"},
    {"gradient-descent", "GD"},
    {"anisotropic-step", "aniso_EM"},
    {"anisotropic", "aniso_SDE_m5"},
    {"poisson", "poisson_EM"},
    {"langevin", "iso_const_EM"},
    {"langevin-local", "iso_state_EM"},
};

/* |z| of one mean escape time; for a deterministic model 0 when the times are equal to rounding, else 99. */
static double deviation(const char *text, const char *model, size_t level, const struct lab_escape_row *row) {
    char path[120];
    snprintf(path, sizeof path, "default_experiment[0].models.%s.escape[%zu].mean", model, level);
    double mean = reference_number(text, path);
    snprintf(path, sizeof path, "default_experiment[0].models.%s.escape[%zu].se", model, level);
    double se = hypot(reference_number(text, path), row->se);
    if (se == 0 || row->sd < 1e-12) return fabs(row->mean - mean) < 1e-9 ? 0 : 99;
    return fabs(row->mean - mean) / se;
}

static void test_escape_times(void **state) {
    /* chance: mean escape times of SGD and six models over three levels within 4 standard errors of the reference, all
     * replicas escaping (21 comparisons: false alarm 1.3e-3); 2048 replicas, the study's seed. value: the levels are
     * midway between the data's critical losses */
    (void)state;
    char *text = reference_load("tests/reference/dln.json");
    const char *const set[] = {"sgd.twins=2", "compare.subsample=100", "escape={levels: auto, count: 3}"};
    struct lab_overrides overrides = {set, 3, NULL, "2048"};
    struct lab_study *study;
    struct lab_scene *scene;
    struct lab_plan *plan;
    if (lab_study_read("scripts/plateaus.yaml", &overrides, &study) != CORE_OK) fail_msg("%s", core_error());
    if (lab_scene_create(study, &scene) != CORE_OK) fail_msg("%s", core_error());
    double levels[3];
    reference_numbers(text, "default_experiment[0].escape_thresholds", 3, levels);
    assert_int_equal(scene->level_count, 3);
    for (size_t l = 0; l < 3; l++) assert_true(fabs(scene->levels[l] / levels[l] - 1) < 1e-12);
    size_t compared = 0;
    if (lab_plan_create(scene, LAB_PLAN_SGD | LAB_PLAN_MODELS, NULL, 2, &plan) != CORE_OK) fail_msg("%s", core_error());
    struct lab_result *result = core_alloc(1, sizeof *result);
    struct lab_execution execution = {.scene = scene, .plan = plan, .threads = 2};
    assert_int_equal(lab_execute(&execution, result), CORE_OK);
    assert_int_equal(lab_measure(scene, 2, result), CORE_OK);
    for (size_t e = 0; e < result->ensemble_count; e++) {
        for (size_t m = 0; m < sizeof MODELS / sizeof *MODELS; m++) {
            if (strcmp(MODELS[m][0], result->ensembles[e].name) != 0) continue;
            for (size_t l = 0; l < 3; l++, compared++) {
                assert_true(result->ensembles[e].escape[l].escaped == 1);
                double z = deviation(text, MODELS[m][1], l, &result->ensembles[e].escape[l]);
                if (!(z < 4)) fail_msg("%s, level %zu: z = %g", MODELS[m][0], l, z);
            }
        }
    }
    assert_int_equal(compared, 21);
    lab_result_free(result);
    lab_plan_free(plan);
    lab_scene_free(scene);
    lab_study_free(study);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_escape_times)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
