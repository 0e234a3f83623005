/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/study.h"

#include "core/memory.h"
#include "lab/study_document.h"
#include "lab/study_schema.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---- Overrides ---- */

static enum core_status apply_set(struct lab_document *document, const char *setting) {
    const char *equals = strchr(setting, '=');
    if (equals == NULL) {
        return core_fail(CORE_BAD_INPUT, "--set: found '%.100s', expected KEY.PATH=VALUE, as in sgd.rate=0.01",
                         setting);
    }
    size_t length = (size_t)(equals - setting);
    char *path = core_alloc(length + 1, 1);
    if (path == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the study");
    memcpy(path, setting, length);
    enum core_status status = lab_document_set(document, path, equals + 1, "--set");
    core_free(path);
    return status;
}

/* To the runs that the study has, and to the models that do not follow them. */
static enum core_status apply_replicas(struct lab_document *document, const char *replicas) {
    static const char *const runs[] = {"sgd", "sde"};
    enum core_status status = CORE_OK;
    for (size_t i = 0; i < 2 && status == CORE_OK; i++) {
        const struct lab_node *run = lab_node_get(document->root, runs[i]);
        if (run == NULL || run->kind != LAB_MAPPING) continue;
        status = lab_document_set(document, i == 0 ? "sgd.replicas" : "sde.replicas", replicas, "--replicas");
    }
    const struct lab_node *models = lab_node_get(document->root, "models");
    if (models == NULL || models->kind != LAB_SEQUENCE) return status;
    for (struct lab_node *model = models->first; model != NULL && status == CORE_OK; model = model->next) {
        struct lab_node *own = lab_node_get(model, "replicas");
        if (own == NULL) continue;
        status = lab_document_change(document, model, own, replicas, "--replicas");
    }
    return status;
}

static enum core_status apply(struct lab_document *document, const struct lab_overrides *overrides) {
    enum core_status status = CORE_OK;
    if (overrides == NULL) return CORE_OK;
    for (size_t i = 0; i < overrides->set_count && status == CORE_OK; i++) {
        status = apply_set(document, overrides->set[i]);
    }
    if (status == CORE_OK && overrides->seed != NULL) {
        status = lab_document_set(document, "seed", overrides->seed, "--seed");
    }
    if (status == CORE_OK && overrides->replicas != NULL) status = apply_replicas(document, overrides->replicas);
    return status;
}

/* ---- Reading ---- */

/* The directory a path lies in, "." for a bare name. */
static char *directory_of(const char *path) {
    const char *slash = strrchr(path, '/');
    if (slash == NULL) return core_copy_text(".");
    char *directory = core_copy_text(path);
    if (directory != NULL) directory[slash == path ? 1 : slash - path] = '\0';
    return directory;
}

static int descending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

/* What no YAML says: numbers that mean "not given", and the order of the levels. */
static void finish(struct lab_study *study) {
    if (study->sgd != NULL && study->sgd->clip <= 0) study->sgd->clip = HUGE_VAL;
    for (unsigned i = 0; i < study->models_count; i++) {
        struct lab_model *model = &study->models[i];
        if (model->temperature <= 0) model->temperature = nan("");
        if (model->alpha <= 0) model->alpha = 1.9;
    }
    if (study->escape != NULL && study->escape->levels != NULL) {
        qsort(study->escape->levels, study->escape->levels_count, sizeof *study->escape->levels, descending);
    }
}

/* From a document that is checked and complete to the structs; takes the document, also when it fails. */
static enum core_status load(struct lab_document *document, struct lab_study **study) {
    char *effective = NULL, *text = NULL;
    enum core_status status = lab_document_emit(document, 0, &effective);
    if (status == CORE_OK) status = lab_document_emit(document, 1, &text);
    if (status == CORE_OK) status = lab_schema_load(text, study);
    core_free(text);
    if (status != CORE_OK) {
        core_free(effective);
        lab_document_free(document);
        return status;
    }
    struct lab_study *made = *study;
    made->effective = effective;
    made->document = document;
    made->path = core_copy_text(document->path);
    made->directory = directory_of(document->path);
    if (made->path == NULL || made->directory == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the study");
    finish(made);
    return lab_study_check(made);
}

enum core_status lab_study_read(const char *path, const struct lab_overrides *overrides, struct lab_study **study) {
    struct lab_document *document;
    *study = NULL;
    enum core_status status = lab_document_read(path, &document);
    if (status != CORE_OK) return status;
    status = apply(document, overrides);
    if (status == CORE_OK) status = lab_study_validate(document);
    if (status == CORE_OK) status = lab_study_defaults(document);
    if (status != CORE_OK) {
        lab_document_free(document);
        return status;
    }
    status = load(document, study);
    if (status == CORE_OK) return CORE_OK;
    lab_study_free(*study);
    *study = NULL;
    return status;
}

void lab_study_free(struct lab_study *study) {
    if (study == NULL) return;
    lab_document_free(study->document);
    core_free(study->path);
    core_free(study->directory);
    core_free(study->effective);
    lab_schema_free(study);
}

/* ---- Afterwards ---- */

enum core_status lab_study_blame(const struct lab_study *study, enum core_status status, const char *key,
                                 const char *format, ...) {
    struct lab_node *nearest = NULL;
    lab_document_find(study->document, key, &nearest);
    va_list arguments;
    va_start(arguments, format);
    lab_document_blame_list(study->document, status, nearest, key, format, arguments);
    va_end(arguments);
    return status;
}

struct core_schedule lab_schedule(double rate, const struct lab_decay *decay) {
    struct core_schedule schedule = {.law = CORE_SCHEDULE_CONSTANT, .rate = rate, .factor = 1, .every = 1};
    if (decay == NULL) return schedule;
    schedule.law = (enum core_schedule_law)lab_words_find(&lab_schedule_laws, decay->law);
    if (decay->factor > 0) schedule.factor = decay->factor;
    if (decay->every > 0) schedule.every = decay->every;
    return schedule;
}
