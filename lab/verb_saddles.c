/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kramers saddles: the critical points of a study's network, and with --along the plateaus of one of its paths. */
#include "lab/atlas.h"
#include "lab/verbs.h"

#include "core/memory.h"
#include "core/table.h"
#include "lab/json.h"

#include <stdio.h>

/* Points such that their Hessians take some seconds: an eigenproblem of P parameters costs about 10 P^3 operations. */
static size_t points_for(const struct dln_atlas_settings *settings, size_t parameters) {
    enum { LEAST = 32 };
    double p = (double)(parameters < settings->formed ? parameters : settings->formed), points = 2e10 / (p * p * p);
    return points >= (double)settings->most ? settings->most : points > LEAST ? (size_t)points : LEAST;
}

static enum core_status draw(const struct lab_options *options, const struct lab_atlas *atlas) {
    char *note = NULL;
    enum core_status status = core_make_directory(options->output);
    if (status == CORE_OK) status = lab_figure_make(&lab_figure_atlas, atlas, options->output, &note);
    if (note != NULL && !options->quiet) fprintf(stderr, "kramers: %s\n", note);
    core_free(note);
    return status;
}

static enum core_status print_json(const struct lab_atlas *atlas) {
    struct lab_json *json;
    char *text;
    enum core_status status = lab_json_create(&json);
    if (status != CORE_OK) return status;
    lab_json_object_begin(json, NULL);
    lab_json_text(json, "study", atlas->scene->study->name);
    lab_atlas_json(atlas, json);
    lab_json_end(json);
    status = lab_json_finish(json, &text);
    if (status == CORE_OK) printf("%s\n", text);
    core_free(text);
    return status;
}

static enum core_status survey(const struct lab_options *options, struct lab_atlas *atlas) {
    struct dln_atlas_settings settings = dln_atlas_settings_default();
    uint64_t replica = 0;
    settings.threads = options->threads;
    settings.seed = atlas->scene->study->seed;
    settings.most = points_for(&settings, atlas->scene->land->dimension);
    enum core_status status = CORE_OK;
    if (options->replica != NULL) status = lab_read_whole("--replica", options->replica, 0, UINT32_MAX, &replica);
    if (status == CORE_OK) status = dln_modes_create(atlas->scene->land, &atlas->modes);
    if (status == CORE_OK) status = dln_atlas_create(atlas->scene->land, &settings, &atlas->atlas);
    if (status == CORE_OK && options->along)
        status = lab_path_create(atlas->scene, atlas->modes, (size_t)replica, &atlas->path);
    if (status == CORE_OK && options->output != NULL) status = draw(options, atlas);
    return status;
}

enum core_status lab_verb_saddles(const struct lab_options *options) {
    struct lab_study *study = NULL;
    struct lab_scene *scene = NULL;
    struct lab_atlas atlas = {.scene = NULL};
    enum core_status status = lab_options_study(options, &study);
    if (status == CORE_OK)
        status = options->along ? lab_scene_create(study, &scene) : lab_scene_create_point(study, &scene);
    atlas.scene = scene;
    if (status == CORE_OK) status = survey(options, &atlas);
    if (status == CORE_OK && options->json)
        status = print_json(&atlas);
    else if (status == CORE_OK)
        lab_atlas_print(&atlas);
    lab_path_free(atlas.path);
    dln_atlas_free(atlas.atlas);
    dln_modes_free(atlas.modes);
    lab_scene_free(scene);
    lab_study_free(study);
    return status;
}
