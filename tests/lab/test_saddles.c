/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starts at saddles, plateaus of a path, and kramers saddles. */
#include "core/memory.h"
#include "dln/dln.h"
#include "lab/atlas.h"

#include <cblas.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/scratch.h"
#include "lab/command.h"
#include "support/reference.h"

/* Three modes far apart, all samples in every batch: gradient descent from a saddle. */
static const char descent[] =
    "name: descent\n"
    "seed: 3\n"
    "landscape:\n"
    "  network:\n"
    "    widths: [4, 3, 3]\n"
    "    data: {samples: 40, inputs: {law: gaussian, whiten: true}, teacher: {singular_values: [2.4, 1.2, 0.6]}}\n"
    "    start: {law: saddle, modes: [1], perturbation: 1e-5}\n"
    "sgd: {batch: 40, sampling: without-replacement, rate: 0.05, steps: 2000, replicas: 2}\n";

static struct lab_study *load(const char *set) {
    struct lab_overrides overrides = {&set, set != NULL, NULL, NULL};
    struct lab_study *study;
    const char *path = scratch_put("study.yaml", descent, sizeof descent - 1);
    if (lab_study_read(path, &overrides, &study) != CORE_OK) fail_msg("%s", core_error());
    return study;
}

static struct lab_scene *open_scene(const struct lab_study *study) {
    struct lab_scene *scene;
    if (lab_scene_create(study, &scene) != CORE_OK) fail_msg("%s", core_error());
    return scene;
}

static void start_at_a_saddle(void **state) {
    /* law: the start is critical without the perturbation, and at its distance with it; another seed, another
     * direction, the same saddle; no modes: the leading ones */
    (void)state;
    static const char *const sets[] = {"landscape.network.start.perturbation=0", "seed=3", "seed=4",
                                       "landscape.network.start={law: saddle, rank: 2}"};
    struct lab_study *study[4];
    struct lab_scene *scene[4];
    for (size_t k = 0; k < 4; k++) {
        study[k] = load(sets[k]);
        scene[k] = open_scene(study[k]);
    }
    double gradient[21], distance[2] = {0, 0}, apart = 0;
    for (size_t k = 0; k < 4; k += 3) {
        assert_int_equal(core_point_gradient(scene[k]->land, scene[k]->start, gradient), CORE_OK);
        for (size_t i = 0; i < 21; i++) assert_true(fabs(gradient[i]) < 1e-14);
    }
    for (size_t i = 0; i < 21; i++) {
        for (size_t k = 0; k < 2; k++) distance[k] += pow(scene[k + 1]->start[i] - scene[0]->start[i], 2);
        apart += fabs(scene[1]->start[i] - scene[2]->start[i]);
    }
    assert_true(fabs(sqrt(distance[0]) - 1e-5) < 1e-14);
    assert_true(apart > 1e-6); /* the data of another seed are others, and so is its saddle */
    struct dln_critical_label label;
    assert_int_equal(dln_critical_classify(scene[0]->land, scene[0]->start, &label), CORE_OK);
    assert_true(label.rank == 1 && !label.leading && label.label == DLN_STRICT_SADDLE);
    assert_int_equal(dln_critical_classify(scene[3]->land, scene[3]->start, &label), CORE_OK);
    assert_true(label.rank == 2 && label.leading && label.label == DLN_STRICT_SADDLE);
    for (size_t k = 0; k < 4; k++) {
        lab_scene_free(scene[k]);
        lab_study_free(study[k]);
    }
}

static void impossible_modes(void **state) {
    /* value: a mode that the data do not have is refused with the file and the key */
    (void)state;
    struct lab_study *study = load("landscape.network.data.teacher.singular_values=[2.4]");
    struct lab_scene *scene;
    assert_int_equal(lab_scene_create(study, &scene), CORE_BAD_INPUT);
    assert_null(scene);
    assert_non_null(strstr(core_error(), "landscape.network.start"));
    assert_non_null(strstr(core_error(), "found mode 1; allowed: 0 to 0"));
    lab_study_free(study);
}

/* ---- Plateaus
 * ------------------------------------------------------------------------------------------------------------- */

static void valleys(void **state) {
    /* value: by hand: ends count, dips of less than 1.4 do not, a flat curve is one valley */
    (void)state;
    static const double curve[] = {1, 2, 3, 2.5, 3.1, 0.5, 0.4, 0.6, 2, 1.9, 7, 1};
    size_t least[12];
    assert_int_equal(lab_valleys(12, curve, least), 3);
    assert_true(least[0] == 0 && least[1] == 6 && least[2] == 11);
    assert_int_equal(lab_valleys(5, (const double[]){2, 2, 2, 2, 2}, least), 1);
    assert_int_equal(lab_valleys(3, (const double[]){0, 1, 2}, least), 1);
    assert_int_equal(least[0], 0);
    assert_int_equal(lab_valleys(3, (const double[]){1, 2, 3}, least), 1);
    assert_int_equal(lab_valleys(0, curve, least), 0);
}

static void nearest_levels(void **state) {
    /* value: every critical value is its own nearest, with its modes */
    (void)state;
    struct lab_study *study = load(NULL);
    struct lab_scene *scene = open_scene(study);
    struct dln_modes *modes;
    assert_int_equal(dln_modes_create(scene->land, &modes), CORE_OK);
    assert_int_equal(modes->positive, 3);
    for (unsigned mask = 0; mask < 8; mask++) {
        size_t chosen[3], count = 0, rank, found[3];
        for (size_t i = 0; i < 3; i++)
            if (mask >> i & 1) chosen[count++] = i;
        double level = dln_modes_loss(scene->land, modes, count, chosen);
        assert_true(fabs(lab_nearest_level(scene->land, modes, level + 1e-9, &rank, found) - level) < 1e-14);
        assert_int_equal(rank, count);
        for (size_t i = 0; i < rank; i++) assert_int_equal(found[i], chosen[i]);
    }
    dln_modes_free(modes);
    lab_scene_free(scene);
    lab_study_free(study);
}

static void plateaus_of_descent(void **state) {
    /* law: from near the saddle of mode 1, gradient descent learns mode 0 and then mode 2: plateaus at {1}, {0, 1} and
     * the minimum, in this order, their losses those of the modes */
    (void)state;
    static const size_t ranks[] = {1, 2, 3}, first[] = {1, 0, 0};
    struct lab_study *study = load(NULL);
    struct lab_scene *scene = open_scene(study);
    struct dln_modes *modes;
    struct lab_path *path;
    assert_int_equal(dln_modes_create(scene->land, &modes), CORE_OK);
    if (lab_path_create(scene, modes, 1, &path) != CORE_OK) fail_msg("%s", core_error());
    assert_int_equal(path->plateau_count, 3);
    for (size_t k = 0; k < 3; k++) {
        const struct lab_plateau *p = &path->plateaus[k];
        assert_int_equal(p->rank, ranks[k]);
        assert_int_equal(p->modes[0], first[k]);
        assert_true(p->begin <= p->time && p->time <= p->end);
        assert_true(fabs(p->loss - p->level) < 1e-3 && p->gradient_norm < 0.05 && p->counted);
        if (k > 0) assert_true(p->begin > path->plateaus[k - 1].end);
    }
    assert_true(path->plateaus[1].inertia.negative > 0 && path->record_count == 600);
    lab_path_free(path);
    assert_int_equal(lab_path_create(scene, modes, 2, &path), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "--replica: found 2, expected a whole number from 0 to 1"));
    size_t live = core_alloc_live();
    for (size_t k = 1; k < 60; k++) {
        core_alloc_fail_at(k);
        enum core_status status = lab_path_create(scene, modes, 0, &path);
        core_alloc_fail_at(0);
        assert_int_equal(core_alloc_live(), live);
        assert_int_equal(status, CORE_NO_MEMORY);
        assert_null(path);
    }
    dln_modes_free(modes);
    lab_scene_free(scene);
    lab_study_free(study);
}

/* ---- The command
 * ------------------------------------------------------------------------------------------------------------ */

static void command(void **state) {
    /* value: the keys of kramers saddles --json --along, their counts, and the labels of point */
    (void)state;
    char path[1024];
    snprintf(path, sizeof path, "%s", scratch_put("study.yaml", descent, sizeof descent - 1));
    assert_int_equal(command_run((const char *[]){"saddles", path, "--json", "--along", "--threads", "2", NULL}), 0);
    char *text = reference_load(scratch("stdout")), word[64];
    assert_int_equal(reference_count(text, "points"), 8);
    assert_true(reference_number(text, "agreeing") == 8 && reference_number(text, "disagreeing") == 0);
    assert_true(reference_number(text, "points[7].rank") == 3 && reference_number(text, "points[2].modes[0]") == 1);
    double inertia[3], zeros[2];
    reference_numbers(text, "points[2].inertia", 3, inertia);
    assert_true(inertia[0] == 5 && inertia[0] + inertia[1] + inertia[2] == 21); /* 1 + (3 - 1) (3 - 1) */
    reference_numbers(text, "points[2].zero_layers", 2, zeros);
    assert_true(zeros[0] == 1 && zeros[1] == 2);
    reference_text(text, "points[7].label", sizeof word, word);
    assert_string_equal(word, "global-minimum");
    assert_int_equal(*reference_must_find(text, "points[2].tightened"), 'f');
    assert_true(reference_number(text, "points[2].gradient_norm") < 1e-13);
    assert_int_equal(reference_count(text, "along.plateaus"), 3);
    free(text);
    static const struct {
        const char *set, *label;
    } cases[] = {{"landscape.network.start={law: saddle, modes: [1]}", "strict-degenerate-saddle"},
                 {"landscape.network.start={law: saddle, rank: 3}", "global-minimum"},
                 {"landscape.network={widths: [4, 3, 3, 3], start: {law: saddle, rank: 1}, data: {samples: 40, inputs: "
                  "{law: gaussian}, teacher: {singular_values: [2, 1]}}}",
                  "non-strict-saddle"},
                 {"landscape.network.start.perturbation=0.1", "regular"}};
    for (size_t k = 0; k < 4; k++) {
        assert_int_equal(command_run((const char *[]){"point", path, "--json", "--set", cases[k].set, NULL}), 0);
        text = reference_load(scratch("stdout"));
        reference_text(text, "label", sizeof word, word);
        assert_string_equal(word, cases[k].label);
        free(text);
    }
    assert_int_equal(command_run((const char *[]){"saddles", path, "-o", scratch("atlas"), NULL}), 0);
    assert_true(scratch_exists(scratch("atlas/figures/atlas.dat")));
}

static int set_up(void **state) {
    openblas_set_num_threads(1);
    return scratch_make(state);
}

static int tear_down(void **state) {
    return scratch_remove(state) != 0 || core_alloc_live() != 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(start_at_a_saddle), cmocka_unit_test(impossible_modes),    cmocka_unit_test(valleys),
        cmocka_unit_test(nearest_levels),    cmocka_unit_test(plateaus_of_descent), cmocka_unit_test(command),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
