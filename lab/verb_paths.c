/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kramers sgd and kramers sde: one instrument of a study, without its comparison; or one path of it alone. */
#include "lab/execute.h"
#include "lab/measure.h"
#include "lab/page.h"
#include "lab/run_store.h"
#include "lab/verbs.h"

#include "core/memory.h"
#include "core/table.h"
#include "lab/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- One path ---- */

static enum core_status read_replica(const char *text, size_t replicas, size_t *replica) {
    uint64_t value = 0;
    enum core_status status = lab_read_whole("--replica", text, 0, replicas - 1, &value);
    *replica = (size_t)value;
    return status;
}

static void path_json(const struct lab_scene *scene, const char *name, size_t replica, const struct core_ensemble *path,
                      struct lab_json *json) {
    lab_json_object_begin(json, NULL);
    lab_json_text(json, "ensemble", name);
    lab_json_integer(json, "replica", (int64_t)replica);
    lab_json_number(json, "diverged", path->diverged[0]);
    lab_json_array_begin(json, "escape");
    for (size_t l = 0; l < scene->level_count; l++) {
        lab_json_object_begin(json, NULL);
        lab_json_number(json, "level", scene->levels[l]);
        lab_json_number(json, "time", path->escape[l]);
        lab_json_end(json);
    }
    lab_json_end(json);
    lab_json_array_begin(json, "times");
    for (size_t t = 0; t < scene->record_count; t++) {
        lab_json_object_begin(json, NULL);
        lab_json_number(json, "time", core_schedule_time(&scene->schedule, scene->record_steps[t]));
        lab_json_number(json, "loss", path->loss[t]);
        lab_json_numbers(json, "parameters", path->dimension, path->parameters + t * path->dimension);
        lab_json_end(json);
    }
    lab_json_end(json);
    lab_json_end(json);
}

static void path_text(const struct lab_scene *scene, const char *name, size_t replica,
                      const struct core_ensemble *path) {
    char *line = lab_page_line(name, 40);
    printf("%s, replica %zu%s\n", line != NULL ? line : "", replica, isfinite(path->diverged[0]) ? " (diverged)" : "");
    core_free(line);
    for (size_t l = 0; l < scene->level_count; l++)
        printf("  below loss %-12.6g at time %g\n", scene->levels[l], path->escape[l]);
    for (size_t t = 0; t < scene->record_count; t++) {
        printf("  time %-10.6g loss %.17g\n", core_schedule_time(&scene->schedule, scene->record_steps[t]),
               path->loss[t]);
    }
}

/* Replays one replica of every planned ensemble. */
static enum core_status replay(const struct lab_options *options, const struct lab_scene *scene,
                               const struct lab_plan *plan, struct lab_json *json) {
    enum core_status status = CORE_OK;
    for (size_t e = 0; e < plan->count && status == CORE_OK; e++) {
        struct core_ensemble *path = NULL;
        struct core_ensemble_settings settings = lab_ensemble_settings(scene, 1);
        status = read_replica(options->replica, plan->entries[e].replicas, &settings.first_replica);
        settings.replicas = 1;
        if (status == CORE_OK)
            status = core_ensemble_create(1, scene->land->dimension, scene->record_count, scene->level_count, &path);
        if (status == CORE_OK) status = core_ensemble_add_curve(path, scene->curve_count);
        if (status == CORE_OK) status = core_ensemble_run(plan->entries[e].stepper, &settings, path, 0);
        if (status == CORE_OK && json != NULL)
            path_json(scene, plan->entries[e].name, settings.first_replica, path, json);
        if (status == CORE_OK && json == NULL) path_text(scene, plan->entries[e].name, settings.first_replica, path);
        core_ensemble_free(path);
    }
    return status;
}

/* ---- Whole ensembles ---- */

static void print_ensemble(const struct lab_ensemble_result *e) {
    char *name = lab_page_line(e->name, 40);
    printf("%s: %zu replicas, %zu diverged, %.3g M steps/s\n", name != NULL ? name : "", e->replicas, e->diverged,
           e->data->steps / e->data->seconds * 1e-6);
    core_free(name);
    for (size_t l = 0; l < e->escape_count; l++) {
        const struct lab_escape_row *row = &e->escape[l];
        printf("  below loss %-10.5g escaped %5.1f %%  mean time %.5g +- %.2g  sd %.4g  median %.5g\n", row->level,
               100 * row->escaped, row->mean, row->se, row->sd, row->median);
    }
    for (size_t t = 0; t < e->time_count; t++) {
        const struct lab_time_row *row = &e->times[t];
        printf("  time %-8.5g loss %.6g +- %.2g", row->time, row->loss_mean, row->loss_se);
        for (size_t k = 0; k < row->singular_count && k < 6; k++)
            printf(k == 0 ? "  singular values %.4g" : " %.4g", row->singular_values[k]);
        printf("\n");
    }
}

static enum core_status write_run(const struct lab_options *options, const struct lab_scene *scene,
                                  const struct lab_result *result) {
    char *path = lab_path(options->output, "run.h5"), *fingerprint = lab_fingerprint(scene);
    enum core_status status = path != NULL && fingerprint != NULL ? core_make_directory(options->output)
                                                                  : core_fail(CORE_NO_MEMORY, "no memory for a path");
    if (status == CORE_OK) status = lab_run_write(result, scene, fingerprint, path);
    core_free(path);
    core_free(fingerprint);
    return status;
}

static enum core_status simulate(const struct lab_options *options, const struct lab_scene *scene,
                                 const struct lab_plan *plan, struct lab_result *result, char **json) {
    double work = 0;
    for (size_t i = 0; i < plan->count; i++)
        work += (double)(plan->entries[i].replicas * plan->entries[i].substeps * scene->steps);
    struct lab_execution execution = {.scene = scene,
                                      .plan = plan,
                                      .threads = options->threads,
                                      .progress = lab_progress_create(work, options->quiet)};
    result->study = scene->study;
    result->land = scene->land;
    result->start = scene->start;
    result->threads = options->threads;
    enum core_status status = lab_execute(&execution, result);
    lab_progress_free(execution.progress);
    if (status == CORE_OK) status = lab_measure(scene, options->threads, result);
    for (size_t e = 0; e < result->ensemble_count && status == CORE_OK; e++)
        result->seconds += result->ensembles[e].data->seconds;
    if (status == CORE_OK && options->output != NULL) status = write_run(options, scene, result);
    return status == CORE_OK && options->json ? lab_result_json(result, json) : status;
}

static enum core_status run_whole(const struct lab_options *options, const struct lab_scene *scene,
                                  const struct lab_plan *plan) {
    char *json = NULL;
    struct lab_result *result = core_alloc(1, sizeof *result);
    if (result == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the results");
    enum core_status status = simulate(options, scene, plan, result, &json);
    for (size_t e = 0; status == CORE_OK && !options->json && e < result->ensemble_count; e++)
        print_ensemble(&result->ensembles[e]);
    if (status == CORE_OK && options->json) printf("%s\n", json);
    core_free(json);
    lab_result_free(result);
    return status;
}

static enum core_status run_replica(const struct lab_options *options, const struct lab_scene *scene,
                                    const struct lab_plan *plan) {
    struct lab_json *json = NULL;
    char *text = NULL;
    enum core_status status = options->json ? lab_json_create(&json) : CORE_OK;
    if (json != NULL) lab_json_object_begin(json, NULL);
    if (json != NULL) lab_json_array_begin(json, "paths");
    if (status == CORE_OK) status = replay(options, scene, plan, json);
    if (json == NULL) return status;
    if (status != CORE_OK) {
        lab_json_free(json);
        return status;
    }
    lab_json_end(json);
    lab_json_end(json);
    status = lab_json_finish(json, &text);
    if (status == CORE_OK) printf("%s\n", text);
    core_free(text);
    return status;
}

/* ---- The verbs ---- */

/* CORE_BAD_INPUT where the study has nothing for this verb. */
static enum core_status check_plan(const struct lab_options *options, const struct lab_study *study,
                                   const struct lab_plan *plan, int parts) {
    if (plan->count > 0) return CORE_OK;
    if (options->model != NULL)
        return core_fail(CORE_BAD_INPUT, "--model: the study '%s' has no model '%s'", study->path, options->model);
    return core_fail(CORE_BAD_INPUT, "%s: the study has no '%s' to run", study->path,
                     parts == LAB_PLAN_SGD ? "sgd" : "models");
}

static enum core_status run_parts(const struct lab_options *options, int parts) {
    struct lab_study *study = NULL;
    struct lab_scene *scene = NULL;
    struct lab_plan *plan = NULL;
    enum core_status status = lab_options_study(options, &study);
    if (status == CORE_OK) status = lab_scene_create(study, &scene);
    if (status == CORE_OK) status = lab_plan_create(scene, parts, options->model, options->threads, &plan);
    if (status == CORE_OK) status = check_plan(options, study, plan, parts);
    if (status == CORE_OK)
        status = options->replica != NULL ? run_replica(options, scene, plan) : run_whole(options, scene, plan);
    lab_plan_free(plan);
    lab_scene_free(scene);
    lab_study_free(study);
    return status;
}

enum core_status lab_verb_sgd(const struct lab_options *options) {
    return run_parts(options, LAB_PLAN_SGD);
}

enum core_status lab_verb_sde(const struct lab_options *options) {
    return run_parts(options, LAB_PLAN_MODELS);
}
