/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kramers noise: the gradient noise where a study starts, or where the first replica of its SGD ends. */
#include "lab/noise.h"
#include "lab/plan.h"
#include "lab/verbs.h"

#include "core/memory.h"
#include "lab/json.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct place {
    int end;     /* 1: where SGD ends */
    double time; /* of the point */
    double *x;   /* (dimension) owned */
};

/* ---- The point ---- */

static enum core_status run_pilot(const struct lab_scene *scene, const struct lab_plan *plan, struct place *place) {
    struct core_ensemble *path = NULL;
    struct core_ensemble_settings settings = lab_ensemble_settings(scene, 1);
    settings.replicas = 1;
    settings.record_count = 1;
    settings.record_steps = &scene->steps;
    settings.curve_count = 0;
    settings.level_count = 0;
    enum core_status status = core_ensemble_create(1, scene->land->dimension, 1, 0, &path);
    if (status == CORE_OK) status = core_ensemble_run(plan->entries[0].stepper, &settings, path, 0);
    if (status == CORE_OK && isfinite(path->diverged[0])) {
        status = lab_study_blame(scene->study, CORE_BAD_INPUT, "sgd.rate",
                                 "the first replica of SGD diverges at time %g, so there is no point at its end",
                                 path->diverged[0]);
    }
    if (status == CORE_OK) memcpy(place->x, path->parameters, scene->land->dimension * sizeof *place->x);
    core_ensemble_free(path);
    return status;
}

static enum core_status find_place(const struct lab_scene *scene, size_t threads, struct place *place) {
    place->x = core_alloc(scene->land->dimension, sizeof *place->x);
    if (place->x == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a point");
    memcpy(place->x, scene->start, scene->land->dimension * sizeof *place->x);
    if (!place->end) return CORE_OK;
    if (scene->study->sgd == NULL)
        return core_fail(CORE_BAD_INPUT, "%s: no 'sgd', so nothing runs to an end", scene->study->path);
    struct lab_plan *plan = NULL;
    place->time = core_schedule_time(&scene->schedule, scene->steps);
    enum core_status status = lab_plan_create(scene, LAB_PLAN_SGD, NULL, threads, &plan);
    if (status == CORE_OK) status = run_pilot(scene, plan, place);
    lab_plan_free(plan);
    return status;
}

/* ---- Printing ---- */

static enum core_status print_json(const struct lab_noise *noise, const struct place *place) {
    struct lab_json *json;
    char *text;
    enum core_status status = lab_json_create(&json);
    if (status != CORE_OK) return status;
    lab_json_object_begin(json, NULL);
    lab_json_text(json, "at", place->end ? "end" : "start");
    lab_json_number(json, "time", place->time);
    lab_noise_put_json(noise, json);
    lab_json_end(json);
    status = lab_json_finish(json, &text);
    if (status == CORE_OK) printf("%s\n", text);
    core_free(text);
    return status;
}

static void print_some(const char *what, size_t count, const double values[]) {
    printf("%-28s", what);
    for (size_t i = 0; i < count && i < 8; i++) printf(" %.6g", values[i]);
    printf("%s\n", count > 8 ? " ..." : "");
}

static void print_panel(const struct lab_noise *noise) {
    const struct lab_noise_panel *panel = noise->panel;
    printf("\nexcess kurtosis of one sample's noise:");
    for (size_t k = 0; k < panel->directions; k++)
        printf("  %s %.3g", noise->direction[k].name, panel->kurtosis_exact[k]);
    printf("\nalpha of %zu batches, median over %zu directions\n%-22s", panel->draws, panel->directions,
           "  batch size");
    for (size_t b = 0; b < panel->batches; b++) printf(" %8zu", panel->batch[b]);
    printf("   Gaussian draws\n");
    for (size_t e = 0; e < LAB_NOISE_ESTIMATORS; e++) {
        printf("  %-20s", panel->estimator[e]->name);
        for (size_t b = 0; b < panel->batches; b++) printf(" %8.3f", lab_noise_panel_middle(panel, b, e).alpha);
        printf("   %.3f to %.3f", panel->null[e].low, panel->null[e].high);
        if (panel->estimator[e]->stable) printf("  %s", lab_noise_verdict_name(panel->verdict[e]));
        printf("\n");
    }
    printf("verdict: %s\n", lab_noise_verdict_name(panel->overall));
}

static void print_text(const struct lab_noise *noise, const struct place *place) {
    const struct lab_noise_spectrum *s = &noise->spectrum;
    printf("%-28s %s, time %.6g, loss %.10g, |gradient| %.6g\n", "at", place->end ? "end of SGD" : "start", place->time,
           noise->loss, noise->gradient_norm);
    printf("%-28s %.10g\n%-28s %zu of %zu\n%-28s %.6g\n", "trace of Sigma", s->trace, "rank", s->rank, s->dimension,
           "participation ratio", s->participation);
    print_some("eigenvalues of Sigma", s->count, s->eigenvalues);
    print_some("eigenvalues of the Hessian", s->dimension, s->hessian);
    print_some("noise variance along them", s->dimension, s->along);
    printf("%-28s %.6g\n%-28s %.6g\n", "alignment tr(H S)/(|H||S|)", s->alignment, "commutator |HS-SH|/(|H||S|)",
           s->commutator);
    if (!isnan(noise->without))
        printf("%-28s %.6g (B = %zu of n = %zu)\n", "factor without replacement", noise->without, noise->batch,
               noise->samples);
    if (noise->epoch.batches > 1)
        printf("%-28s %.6g, sampled %.6g +- %.2g\n", "correlation in an epoch", noise->epoch.formula,
               noise->epoch.measured, noise->epoch.se);
    if (noise->panel != NULL) print_panel(noise);
    if (noise->why[0] != '\0') printf("(%s)\n", noise->why);
}

/* ---- The verb ---- */

static enum core_status draw(const struct lab_options *options, const struct lab_noise *noise) {
    char *note = NULL;
    enum core_status status = lab_figure_make(&lab_figure_noise, noise, options->output, &note);
    if (note != NULL && !options->quiet) fprintf(stderr, "kramers: %s\n", note);
    core_free(note);
    return status;
}

static enum core_status read_options(const struct lab_options *options, struct lab_noise_settings *settings,
                                     struct place *place) {
    uint64_t draws = 10000;
    enum core_status status = CORE_OK;
    if (options->draws != NULL) status = lab_read_whole("--draws", options->draws, 100, 10000000, &draws);
    if (status != CORE_OK) return status;
    settings->draws = (size_t)draws;
    settings->threads = options->threads;
    place->end = options->at != NULL && strcmp(options->at, "end") == 0;
    if (options->at == NULL || place->end || strcmp(options->at, "start") == 0) return CORE_OK;
    return core_fail(CORE_BAD_INPUT, "--at: found '%s', expected start or end", options->at);
}

enum core_status lab_verb_noise(const struct lab_options *options) {
    struct lab_study *study = NULL;
    struct lab_scene *scene = NULL;
    struct lab_noise_settings settings = {0};
    struct place place = {0, 0, NULL};
    struct lab_noise noise = {.panel = NULL};
    enum core_status status = read_options(options, &settings, &place);
    if (status == CORE_OK) status = lab_options_study(options, &study);
    if (status == CORE_OK) status = place.end ? lab_scene_create(study, &scene) : lab_scene_create_point(study, &scene);
    if (status == CORE_OK) status = find_place(scene, options->threads, &place);
    if (status == CORE_OK) {
        settings.seed = study->seed;
        settings.batch = study->sgd != NULL ? study->sgd->batch : 0;
        status = core_context(lab_noise_measure(scene->land, place.x, &settings, &noise), "noise");
    }
    if (status == CORE_OK && options->output != NULL) status = draw(options, &noise);
    if (status == CORE_OK && options->json)
        status = print_json(&noise, &place);
    else if (status == CORE_OK)
        print_text(&noise, &place);
    lab_noise_free(&noise);
    core_free(place.x);
    lab_scene_free(scene);
    lab_study_free(study);
    return status;
}
