/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/plan.h"

#include "core/memory.h"
#include "core/random.h"
#include "dln/dln.h"
#include "lab/temperature.h"
#include "sde/sde.h"

#include <stdio.h>
#include <string.h>

/* ---- SGD and its twins ---- */

static struct dln_sgd_settings sgd_settings(const struct lab_scene *scene) {
    const struct lab_sgd *keys = scene->study->sgd;
    struct dln_sgd_settings settings = dln_sgd_settings_default();
    settings.batch = keys->batch;
    settings.schedule = scene->schedule;
    settings.momentum = keys->momentum;
    settings.clip = keys->clip;
    if (strcmp(keys->sampling, "without-replacement") == 0) settings.sampling = DLN_SAMPLING_WITHOUT_REPLACEMENT;
    if (strcmp(keys->sampling, "reshuffle") == 0) settings.sampling = DLN_SAMPLING_RESHUFFLE;
    return settings;
}

/* Appends an entry with this name; NULL when there is no memory. */
static struct lab_planned *append(struct lab_plan *plan, const char *name) {
    struct lab_planned *entry = &plan->entries[plan->count];
    entry->name = core_copy_text(name);
    entry->temperature = (double)NAN;
    entry->substeps = 1;
    if (entry->name == NULL) {
        core_fail(CORE_NO_MEMORY, "no memory for a plan");
        return NULL;
    }
    plan->count++;
    return entry;
}

static enum core_status add_sgd(const struct lab_scene *scene, const char *name, int twin, struct lab_plan *plan) {
    struct lab_planned *entry = append(plan, name);
    if (entry == NULL) return CORE_NO_MEMORY;
    struct dln_sgd_settings settings = sgd_settings(scene);
    entry->twin = twin;
    entry->replicas = scene->study->sgd->replicas;
    entry->free = dln_sgd_free;
    enum core_status status =
        dln_sgd_create(scene->land, &settings, core_seed(scene->study->seed, name), &entry->stepper);
    if (status == CORE_BAD_INPUT) return lab_study_blame(scene->study, status, "sgd", "%s", core_error());
    return status;
}

/* ---- Models ---- */

/* The index of `word` in a table of choices; the study's check has made sure that it is there. */
static int choice(const struct sde_choice *(*row)(size_t), const char *word) {
    for (int i = 0; row((size_t)i) != NULL; i++) {
        if (strcmp(row((size_t)i)->name, word) == 0) return i;
    }
    return 0;
}

static struct sde_settings model_settings(const struct lab_scene *scene, const struct lab_model *keys) {
    struct sde_settings settings = sde_settings_default();
    settings.noise = (enum sde_noise)choice(sde_noise_choice, keys->noise);
    settings.covariance = (enum sde_covariance)choice(sde_covariance_choice, keys->covariance);
    settings.drift = (enum sde_drift)choice(sde_drift_choice, keys->drift);
    settings.alpha = keys->alpha;
    settings.scale = keys->scale;
    settings.temperature = keys->temperature;
    settings.substeps = keys->substeps;
    settings.batch = scene->study->sgd != NULL ? scene->study->sgd->batch : scene->study->sde->batch;
    settings.schedule = scene->schedule;
    return settings;
}

static int needs_temperature(const struct sde_settings *settings) {
    return settings->covariance == SDE_COVARIANCE_ISOTROPIC && !isfinite(settings->temperature) &&
           (settings->noise == SDE_NOISE_GAUSSIAN || settings->noise == SDE_NOISE_STABLE);
}

/* The pilot's temperature, measured once for all models that need it. */
static enum core_status pilot(const struct lab_scene *scene, const char *key, size_t threads, double *temperature) {
    if (isfinite(*temperature)) return CORE_OK;
    if (scene->study->sgd == NULL) {
        return lab_study_blame(scene->study, CORE_BAD_INPUT, key,
                               "isotropic noise without SGD to take its size from; give the model a 'temperature'");
    }
    struct dln_sgd_settings settings = sgd_settings(scene);
    struct core_stepper *sgd;
    enum core_status status =
        dln_sgd_create(scene->land, &settings, core_seed(scene->study->seed, "temperature pilot"), &sgd);
    if (status == CORE_OK) status = lab_temperature(scene, sgd, threads, temperature);
    dln_sgd_free(sgd);
    return core_context(status, "while measuring the temperature of isotropic noise");
}

static enum core_status add_model(const struct lab_scene *scene, size_t m, size_t threads, double *measured,
                                  struct lab_plan *plan) {
    const struct lab_model *keys = &scene->study->models[m];
    char key[64];
    snprintf(key, sizeof key, "models.%zu", m);
    struct lab_planned *entry = append(plan, keys->name);
    if (entry == NULL) return CORE_NO_MEMORY;
    struct sde_settings settings = model_settings(scene, keys);
    enum core_status status = CORE_OK;
    if (needs_temperature(&settings)) {
        status = pilot(scene, key, threads, measured);
        settings.temperature = *measured;
    }
    if (status != CORE_OK) return status;
    if (settings.covariance == SDE_COVARIANCE_ISOTROPIC) entry->temperature = settings.temperature;
    entry->replicas = keys->replicas;
    entry->substeps = settings.substeps;
    entry->free = sde_free;
    status = sde_create(scene->land, &settings, core_seed(scene->study->seed, keys->name), &entry->stepper);
    if (status == CORE_BAD_INPUT) return lab_study_blame(scene->study, status, key, "%s", core_error());
    return status;
}

/* ---- The plan ---- */

static enum core_status add_all(const struct lab_scene *scene, int parts, const char *only, size_t threads,
                                struct lab_plan *plan) {
    const struct lab_study *study = scene->study;
    enum core_status status = CORE_OK;
    double measured = (double)NAN;
    if (study->sgd != NULL && (parts & LAB_PLAN_SGD)) status = add_sgd(scene, "sgd", 0, plan);
    for (unsigned t = 1; study->sgd != NULL && (parts & LAB_PLAN_TWINS) && t <= study->sgd->twins && status == CORE_OK;
         t++) {
        char name[32];
        snprintf(name, sizeof name, "sgd-twin-%u", t);
        status = add_sgd(scene, name, 1, plan);
    }
    for (size_t m = 0; (parts & LAB_PLAN_MODELS) && m < study->models_count && status == CORE_OK; m++) {
        if (only != NULL && strcmp(only, study->models[m].name) != 0) continue;
        status = add_model(scene, m, threads, &measured, plan);
    }
    return status;
}

enum core_status lab_plan_create(const struct lab_scene *scene, int parts, const char *only, size_t threads,
                                 struct lab_plan **out) {
    *out = NULL;
    const struct lab_study *study = scene->study;
    size_t most = 1 + (study->sgd != NULL ? study->sgd->twins : 0) + study->models_count;
    struct lab_plan *plan = core_alloc(1, sizeof *plan);
    if (plan != NULL) plan->entries = core_alloc(most, sizeof *plan->entries);
    if (plan == NULL || plan->entries == NULL) {
        lab_plan_free(plan);
        return core_fail(CORE_NO_MEMORY, "no memory for a plan");
    }
    enum core_status status = add_all(scene, parts, only, threads, plan);
    if (status != CORE_OK)
        lab_plan_free(plan);
    else
        *out = plan;
    return status;
}

void lab_plan_free(struct lab_plan *plan) {
    if (plan == NULL) return;
    for (size_t i = 0; plan->entries != NULL && i < plan->count; i++) {
        if (plan->entries[i].free != NULL) plan->entries[i].free(plan->entries[i].stepper);
        core_free(plan->entries[i].name);
    }
    core_free(plan->entries);
    core_free(plan);
}

double lab_plan_bytes(const struct lab_scene *scene, const struct lab_plan *plan) {
    double bytes = 0;
    for (size_t i = 0; i < plan->count; i++) {
        bytes += core_ensemble_bytes(plan->entries[i].replicas, scene->land->dimension, scene->record_count,
                                     scene->level_count);
        bytes += (double)sizeof(double) * (double)scene->curve_count * (double)plan->entries[i].replicas;
    }
    return bytes;
}

struct core_ensemble_settings lab_ensemble_settings(const struct lab_scene *scene, size_t threads) {
    return (struct core_ensemble_settings){
        .steps = scene->steps,
        .start = {scene->start, scene->start_scale},
        .record_count = scene->record_count,
        .record_steps = scene->record_steps,
        .curve_count = scene->curve_count,
        .curve_steps = scene->curve_steps,
        .level_count = scene->level_count,
        .levels = scene->levels,
        .ceiling = scene->ceiling,
        .threads = threads,
    };
}
