/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kramers llc: the local learning coefficient at a study's start, or along a path of its SGD. */
#include "lab/llc.h"
#include "lab/verbs.h"

#include "core/memory.h"
#include "core/table.h"
#include "lab/execute.h"
#include "lab/json.h"
#include "lab/plan.h"
#include "lab/progress.h"

#include <stdio.h>

/* ---- Progress ---- */

struct bar {
    struct lab_progress *progress;
    double told;
};

static void show(void *context, double done) {
    struct bar *bar = context;
    lab_progress_add(bar->progress, done - bar->told);
    bar->told = done;
}

static struct lab_llc_work work_of(const struct lab_options *options, const struct lab_scene *scene, struct bar *bar) {
    bar->told = 0;
    lab_progress_name(bar->progress, "llc");
    return (struct lab_llc_work){.scene = scene, .threads = options->threads, .progress = show, .context = bar};
}

static enum core_status print_json(struct lab_json *json) {
    char *text;
    enum core_status status = lab_json_finish(json, &text);
    if (status == CORE_OK) printf("%s\n", text);
    core_free(text);
    return status;
}

/* ---- At the start ---- */

static enum core_status draw(const struct lab_options *options, const struct lab_llc *llc) {
    char *note = NULL;
    enum core_status status = lab_figure_make(&lab_figure_llc_trace, llc, options->output, &note);
    if (note != NULL && !options->quiet) fprintf(stderr, "kramers: %s\n", note);
    core_free(note);
    return status;
}

static enum core_status at_start(const struct lab_options *options, const struct lab_scene *scene) {
    struct dln_llc_settings settings = lab_llc_settings(scene->study);
    struct bar bar = {.progress = lab_progress_create(lab_llc_steps(&settings), options->quiet)};
    struct lab_llc_work work = work_of(options, scene, &bar);
    struct lab_llc *llc = NULL;
    struct lab_json *json = NULL;
    enum core_status status = lab_llc_create(&work, scene->start, &llc);
    lab_progress_free(bar.progress);
    if (status == CORE_OK && options->output != NULL) status = draw(options, llc);
    if (status == CORE_OK && !options->json) lab_llc_print(llc);
    if (status == CORE_OK && options->json) status = lab_json_create(&json);
    if (json != NULL) {
        lab_json_object_begin(json, NULL);
        lab_json_text(json, "study", scene->study->name);
        lab_llc_json(llc, json);
        lab_json_end(json);
        status = print_json(json);
    }
    lab_llc_free(llc);
    return status;
}

/* ---- Along a path of SGD ---- */

/* One path of SGD at the study's recorded times. */
static enum core_status run_path(const struct lab_options *options, const struct lab_scene *scene,
                                 struct core_ensemble **path) {
    struct lab_plan *plan = NULL;
    uint64_t replica = 0;
    enum core_status status = lab_plan_create(scene, LAB_PLAN_SGD, NULL, options->threads, &plan);
    if (status == CORE_OK && plan->count == 0) {
        status = core_fail(CORE_BAD_INPUT, "%s: --along needs a study with 'sgd'", scene->study->path);
    }
    if (status == CORE_OK && options->replica != NULL) {
        status = lab_read_whole("--replica", options->replica, 0, plan->entries[0].replicas - 1, &replica);
    }
    if (status == CORE_OK) status = core_ensemble_create(1, scene->land->dimension, scene->record_count, 0, path);
    if (status == CORE_OK) {
        struct core_ensemble_settings settings = lab_ensemble_settings(scene, 1);
        settings.replicas = 1;
        settings.curve_count = settings.level_count = 0;
        settings.first_replica = replica;
        status = core_ensemble_run(plan->entries[0].stepper, &settings, *path, 0);
    }
    lab_plan_free(plan);
    return status;
}

static void print_row(double time, const struct lab_llc *llc) {
    const struct dln_llc *l = llc->llc;
    printf("%12.6g %14.8g %10.4g %8.2g %8.4f %s\n", time, l->centre_loss, l->lambda_hat, l->se, l->rhat,
           l->warning_count > 0 ? l->warnings[0] : "");
}

static enum core_status estimate_along(const struct lab_options *options, const struct lab_scene *scene,
                                       const struct core_ensemble *path, struct lab_json *json) {
    struct dln_llc_settings settings = lab_llc_settings(scene->study);
    double total = lab_llc_steps(&settings) * (double)scene->record_count;
    struct bar bar = {.progress = lab_progress_create(total, options->quiet)};
    enum core_status status = CORE_OK;
    for (size_t t = 0; t < scene->record_count && status == CORE_OK; t++) {
        struct lab_llc_work work = work_of(options, scene, &bar);
        struct lab_llc *llc = NULL;
        double time = core_schedule_time(&scene->schedule, scene->record_steps[t]);
        status = lab_llc_create(&work, path->parameters + t * path->dimension, &llc);
        if (status == CORE_OK && json == NULL) print_row(time, llc);
        if (status == CORE_OK && json != NULL) {
            lab_json_object_begin(json, NULL);
            lab_json_number(json, "time", time);
            lab_llc_json(llc, json);
            lab_json_end(json);
        }
        lab_llc_free(llc);
    }
    lab_progress_free(bar.progress);
    return status;
}

static enum core_status along(const struct lab_options *options, const struct lab_scene *scene) {
    struct core_ensemble *path = NULL;
    struct lab_json *json = NULL;
    enum core_status status = run_path(options, scene, &path);
    if (status == CORE_OK && options->json) status = lab_json_create(&json);
    if (json != NULL) {
        lab_json_object_begin(json, NULL);
        lab_json_text(json, "study", scene->study->name);
        lab_json_array_begin(json, "times");
    } else if (status == CORE_OK) {
        printf("%12s %14s %10s %8s %8s\n", "time", "loss", "lambda hat", "se", "R-hat");
    }
    if (status == CORE_OK) status = estimate_along(options, scene, path, json);
    core_ensemble_free(path);
    if (json == NULL) return status;
    if (status != CORE_OK) {
        lab_json_free(json);
        return status;
    }
    lab_json_end(json);
    lab_json_end(json);
    return print_json(json);
}

/* ---- The verb ---- */

enum core_status lab_verb_llc(const struct lab_options *options) {
    struct lab_study *study = NULL;
    struct lab_scene *scene = NULL;
    enum core_status status = lab_options_study(options, &study);
    if (status == CORE_OK) {
        status = options->along ? lab_scene_create(study, &scene) : lab_scene_create_point(study, &scene);
    }
    if (status == CORE_OK) status = options->along ? along(options, scene) : at_start(options, scene);
    lab_scene_free(scene);
    lab_study_free(study);
    return status;
}
