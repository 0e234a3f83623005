/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/scene.h"

#include "core/memory.h"
#include "core/random.h"
#include "core/table.h"
#include "dln/dln.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a over bytes. */
static void digest(struct lab_scene *scene, const void *bytes, size_t count) {
    for (size_t i = 0; i < count; i++)
        scene->digest = (scene->digest ^ ((const unsigned char *)bytes)[i]) * UINT64_C(1099511628211);
}

/* ---- The landscape ---- */

static enum core_status make_network(struct lab_scene *scene) {
    const struct lab_network *keys = scene->study->landscape->network;
    size_t widths[DLN_DEPTH_MAX + 1];
    if (keys->widths_count > DLN_DEPTH_MAX + 1) {
        return lab_study_blame(scene->study, CORE_BAD_INPUT, "landscape.network.widths",
                               "found %u widths, at most %d are allowed", keys->widths_count, DLN_DEPTH_MAX + 1);
    }
    for (size_t l = 0; l < keys->widths_count; l++) widths[l] = keys->widths[l];
    assert(keys->widths_count >= 2); /* the study's check */
    struct dln_data data;
    enum core_status status = lab_scene_data(scene->study, &data);
    if (status != CORE_OK) return status;
    digest(scene, data.x, data.samples * data.inputs * sizeof *data.x);
    digest(scene, data.y, data.samples * data.outputs * sizeof *data.y);
    if (data.inputs != widths[0] || data.outputs != widths[keys->widths_count - 1]) {
        status = lab_study_blame(
            scene->study, CORE_BAD_INPUT, "landscape.network.widths",
            "found %zu inputs and %zu targets in the data, so the widths must begin with %zu and end with %zu",
            data.inputs, data.outputs, data.inputs, data.outputs);
    } else {
        status = dln_network_create(keys->widths_count - 1, widths, &data, &scene->land);
    }
    dln_data_free(&data);
    return status;
}

/* rows x columns of a matrix written as rows in the study; *values (core_free). */
static enum core_status flatten(const struct lab_study *study, const char *key, unsigned count,
                                const struct lab_row rows[], size_t *columns, double **values) {
    *values = NULL;
    *columns = count > 0 ? rows[0].values_count : 0;
    if (count == 0) return CORE_OK;
    *values = core_alloc(count * *columns, sizeof **values);
    if (*values == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a matrix");
    for (unsigned i = 0; i < count; i++) {
        if (rows[i].values_count != *columns) {
            return lab_study_blame(study, CORE_BAD_INPUT, key,
                                   "found rows of %zu and %u numbers; all rows must be equally long", *columns,
                                   rows[i].values_count);
        }
        memcpy(*values + i * *columns, rows[i].values, *columns * sizeof **values);
    }
    return CORE_OK;
}

static enum core_status make_potential(struct lab_scene *scene) {
    const struct lab_potential *keys = scene->study->landscape->potential;
    struct core_potential potential = {
        .name = keys->name, .rows = keys->matrix_count, .noise_rows = keys->noise_count, .depth = keys->depth};
    double *matrix = NULL, *noise = NULL;
    enum core_status status = flatten(scene->study, "landscape.potential.matrix", keys->matrix_count, keys->matrix,
                                      &potential.columns, &matrix);
    if (status == CORE_OK) {
        status = flatten(scene->study, "landscape.potential.noise", keys->noise_count, keys->noise,
                         &potential.noise_columns, &noise);
    }
    potential.matrix = matrix;
    potential.noise = noise;
    if (status == CORE_OK) status = core_landscape_create(&potential, &scene->land);
    core_free(matrix);
    core_free(noise);
    return status;
}

/* ---- The start ---- */

static enum core_status start_from_file(struct lab_scene *scene, const struct lab_start *keys, const char *key) {
    char *path = lab_study_path(scene->study, keys->file);
    if (path == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a path");
    struct core_table table = {0, 0, NULL, NULL};
    enum core_status status = core_table_read(path, &table);
    core_free(path);
    if (status != CORE_OK) return status;
    size_t count = table.rows * table.columns;
    if (count == scene->land->dimension) {
        memcpy(scene->start, table.values, count * sizeof *scene->start);
    } else {
        status = lab_study_blame(scene->study, CORE_BAD_INPUT, key,
                                 "found %zu numbers in the file, the landscape has %zu parameters", count,
                                 scene->land->dimension);
    }
    core_table_free(&table);
    return status;
}

/* A critical point, and from there a step of the given length in a random direction. */
static enum core_status start_at_saddle(struct lab_scene *scene, const struct lab_start *keys, uint64_t seed) {
    size_t p = scene->land->dimension, modes[DLN_LEVELS_MAX];
    double *direction = core_alloc(p, sizeof *direction), sum = 0;
    struct core_stream stream = {.seed = seed, .path = 0, .purpose = CORE_PURPOSE_START};
    if (direction == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the start");
    for (unsigned k = 0; k < keys->modes_count && k < DLN_LEVELS_MAX; k++) modes[k] = keys->modes[k];
    struct dln_critical_choice choice = {.rank = keys->rank, .modes = keys->modes != NULL ? modes : NULL, .seed = seed};
    enum core_status status = dln_critical_point(scene->land, &choice, scene->start);
    core_random_normal(&stream, 1, p, direction);
    for (size_t i = 0; i < p; i++) sum += direction[i] * direction[i];
    for (size_t i = 0; i < p && status == CORE_OK; i++)
        scene->start[i] += keys->perturbation * direction[i] / sqrt(sum);
    core_free(direction);
    return core_context(status, "%s: landscape.network.start", scene->study->path);
}

static enum core_status start_of_network(struct lab_scene *scene) {
    const struct lab_start *keys = scene->study->landscape->network->start;
    uint64_t seed = core_seed(scene->study->seed, "start");
    if (keys->file != NULL) return start_from_file(scene, keys, "landscape.network.start.file");
    if (strcmp(keys->law, "balanced") == 0) return dln_start_balanced(scene->land, keys->scale, seed, scene->start);
    if (strcmp(keys->law, "deepest") == 0) return dln_start_deepest(scene->land, keys->rank, scene->start);
    if (strcmp(keys->law, "saddle") == 0) return start_at_saddle(scene, keys, seed);
    if (strcmp(keys->law, "point") == 0) {
        scene->start_scale = keys->scale;
        memcpy(scene->start, keys->at, scene->land->dimension * sizeof *scene->start);
        return CORE_OK;
    }
    return dln_start_gaussian(scene->land, keys->scale, seed, scene->start);
}

static enum core_status start_of_potential(struct lab_scene *scene) {
    const struct lab_start *keys = scene->study->landscape->potential->start;
    if (keys == NULL) return CORE_OK;
    scene->start_scale = keys->scale;
    if (keys->file != NULL) return start_from_file(scene, keys, "landscape.potential.start.file");
    if (keys->at_count == 0) return CORE_OK;
    if (keys->at_count != scene->land->dimension) {
        return lab_study_blame(scene->study, CORE_BAD_INPUT, "landscape.potential.start.at",
                               "found %u coordinates, the landscape has %zu", keys->at_count, scene->land->dimension);
    }
    memcpy(scene->start, keys->at, keys->at_count * sizeof *scene->start);
    return CORE_OK;
}

/* ---- The clock ---- */

static enum core_status set_records(struct lab_scene *scene) {
    const struct lab_study *study = scene->study;
    size_t count = study->record_count > 0 ? study->record_count : 1;
    scene->record_steps = core_alloc(count, sizeof *scene->record_steps);
    if (scene->record_steps == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the recorded times");
    for (size_t i = 0; i < study->record_count; i++) {
        size_t step = core_schedule_step(&scene->schedule, study->record[i]);
        if (step > scene->steps) {
            return lab_study_blame(study, CORE_BAD_INPUT, "record", "found time %g, but the run ends at time %g",
                                   study->record[i], core_schedule_time(&scene->schedule, scene->steps));
        }
        if (scene->record_count > 0 && step <= scene->record_steps[scene->record_count - 1]) continue;
        scene->record_steps[scene->record_count++] = step;
    }
    if (scene->record_count == 0) scene->record_steps[scene->record_count++] = scene->steps;
    return CORE_OK;
}

/* Steps of the loss curve: CURVE equal ratios and CURVE equal differences between a hundredth of the run and its end.
 */
static enum core_status set_curve(struct lab_scene *scene) {
    enum { CURVE = 40 };
    double first = fmax(1, (double)scene->steps / 100), last = (double)scene->steps;
    scene->curve_steps = core_alloc(2 * CURVE, sizeof *scene->curve_steps);
    if (scene->curve_steps == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the loss curve");
    for (size_t i = 0, j = 0; i < CURVE || j < CURVE;) { /* merge the two sequences */
        double ratio = i < CURVE ? floor(first * pow(last / first, (double)i / (CURVE - 1)) + 0.5) : HUGE_VAL;
        double difference = j < CURVE ? floor(last * (double)(j + 1) / CURVE + 0.5) : HUGE_VAL;
        size_t step = (size_t)fmin(fmax(fmin(ratio, difference), 1), last);
        if (ratio <= difference)
            i++;
        else
            j++;
        if (scene->curve_count > 0 && step <= scene->curve_steps[scene->curve_count - 1]) continue;
        scene->curve_steps[scene->curve_count++] = step;
    }
    return CORE_OK;
}

static int descending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

/* Midway between the critical losses of the data that lie below the start's. */
static enum core_status automatic_levels(struct lab_scene *scene, unsigned most) {
    double critical[DLN_LEVELS_MAX];
    size_t count;
    if (dln_network_depth(scene->land) == 0) {
        return lab_study_blame(scene->study, CORE_BAD_INPUT, "escape.levels",
                               "automatic levels need a network's critical losses; give the levels as numbers");
    }
    enum core_status status = dln_critical_levels(scene->land, &count, critical);
    if (status != CORE_OK) return status;
    scene->levels = core_alloc(count > 0 ? count : 1, sizeof *scene->levels);
    if (scene->levels == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the loss levels");
    for (size_t i = 0; i + 1 < count && (most == 0 || i < most); i++) {
        scene->levels[scene->level_count++] = (critical[i] + critical[i + 1]) / 2;
    }
    return CORE_OK;
}

static enum core_status set_levels(struct lab_scene *scene) {
    const struct lab_escape *keys = scene->study->escape;
    if (keys == NULL) return CORE_OK;
    if (keys->levels == NULL || keys->levels_count == 0) return automatic_levels(scene, keys->count);
    scene->levels = core_alloc(keys->levels_count, sizeof *scene->levels);
    if (scene->levels == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the loss levels");
    memcpy(scene->levels, keys->levels, keys->levels_count * sizeof *scene->levels);
    scene->level_count = keys->levels_count;
    qsort(scene->levels, scene->level_count, sizeof *scene->levels, descending);
    return CORE_OK;
}

static enum core_status set_clock(struct lab_scene *scene) {
    const struct lab_study *study = scene->study;
    if (study->sgd == NULL && study->sde == NULL) {
        return core_fail(CORE_BAD_INPUT, "%s: neither 'sgd' nor 'sde' says how long to run; one of them is needed",
                         study->path);
    }
    if (study->sgd != NULL) {
        scene->schedule = lab_schedule(study->sgd->rate, study->sgd->schedule);
        scene->steps = study->sgd->steps;
    } else {
        scene->schedule = lab_schedule(study->sde->rate, study->sde->schedule);
        scene->steps = study->sde->steps;
    }
    enum core_status status = set_records(scene);
    if (status == CORE_OK) status = set_curve(scene);
    if (status == CORE_OK) status = set_levels(scene);
    double top = fabs(scene->start_loss);
    if (scene->level_count > 0 && scene->levels[0] > top) top = scene->levels[0];
    scene->ceiling = 1e6 * (1 + top);
    return status;
}

/* ---- Create, free ---- */

enum core_status lab_scene_create_point(const struct lab_study *study, struct lab_scene **out) {
    *out = NULL;
    struct lab_scene *scene = core_alloc(1, sizeof *scene);
    if (scene == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a study");
    scene->study = study;
    scene->digest = UINT64_C(14695981039346656037);
    int network = study->landscape->network != NULL;
    enum core_status status = network ? make_network(scene) : make_potential(scene);
    if (status == CORE_OK) {
        scene->start = core_alloc(scene->land->dimension, sizeof *scene->start);
        if (scene->start == NULL) status = core_fail(CORE_NO_MEMORY, "no memory for the start");
    }
    if (status == CORE_OK) status = network ? start_of_network(scene) : start_of_potential(scene);
    if (status == CORE_OK) digest(scene, scene->start, scene->land->dimension * sizeof *scene->start);
    if (status == CORE_OK) status = core_point_loss(scene->land, scene->start, &scene->start_loss);
    if (status != CORE_OK)
        lab_scene_free(scene);
    else
        *out = scene;
    return status;
}

enum core_status lab_scene_create(const struct lab_study *study, struct lab_scene **out) {
    enum core_status status = lab_scene_create_point(study, out);
    if (status != CORE_OK) return status;
    status = set_clock(*out);
    if (status == CORE_OK) return CORE_OK;
    lab_scene_free(*out);
    *out = NULL;
    return status;
}

void lab_scene_free(struct lab_scene *scene) {
    if (scene == NULL) return;
    core_landscape_free(scene->land);
    core_free(scene->start);
    core_free(scene->record_steps);
    core_free(scene->curve_steps);
    core_free(scene->levels);
    core_free(scene);
}
