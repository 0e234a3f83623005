/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/study_check.h"

#include <stdio.h>
#include <string.h>

/* Models: names that tell them apart, and noise that the landscape can give. */

enum { KEY_BYTES = 64, NAME_MAX_BYTES = 200 };

/* "models[i].member" */
static const char *key_of(char key[KEY_BYTES], unsigned i, const char *member) {
    snprintf(key, KEY_BYTES, "models[%u].%s", i, member);
    return key;
}

/* ---- Names ---- */

/* What the laboratory calls its own ensembles. */
static int is_reserved(const char *name) {
    return strcmp(name, "sgd") == 0 || strncmp(name, "sgd-twin-", strlen("sgd-twin-")) == 0;
}

static enum core_status check_name(const struct lab_study *study, unsigned i) {
    char key[KEY_BYTES];
    const char *name = study->models[i].name;
    if (is_reserved(name)) {
        return lab_study_blame(study, CORE_BAD_INPUT, key_of(key, i, "name"),
                               "found '%s', which is SGD's own; expected another name", name);
    }
    if (strlen(name) > NAME_MAX_BYTES) {
        return lab_study_blame(study, CORE_BAD_INPUT, key_of(key, i, "name"), "found %zu bytes, expected at most %d",
                               strlen(name), NAME_MAX_BYTES);
    }
    for (unsigned j = 0; j < i; j++) {
        if (strcmp(name, study->models[j].name) != 0) continue;
        return lab_study_blame(study, CORE_BAD_INPUT, key_of(key, i, "name"),
                               "found '%s', the name of models[%u] too; expected different names", name, j);
    }
    return CORE_OK;
}

/* ---- Noise ---- */

/* Poisson noise is the samples' own: it needs samples, and has no other covariance. */
static enum core_status check_poisson(const struct lab_study *study, unsigned i) {
    char key[KEY_BYTES];
    if (strcmp(study->models[i].covariance, "sgd") != 0) {
        return lab_study_blame(study, CORE_BAD_INPUT, key_of(key, i, "covariance"),
                               "found '%s' with noise: poisson, allowed: sgd", study->models[i].covariance);
    }
    if (study->landscape->network == NULL) {
        return lab_study_blame(study, CORE_BAD_INPUT, key_of(key, i, "noise"),
                               "found 'poisson', which needs the samples of landscape.network");
    }
    return CORE_OK;
}

/* A potential has gradient noise only where the study gives it a factor. */
static enum core_status check_potential_noise(const struct lab_study *study, unsigned i) {
    const struct lab_potential *potential = study->landscape->potential;
    const struct lab_model *model = &study->models[i];
    char key[KEY_BYTES];
    if (potential == NULL || potential->noise != NULL) return CORE_OK;
    if (strcmp(model->covariance, "isotropic") != 0) {
        return lab_study_blame(study, CORE_BAD_INPUT, key_of(key, i, "covariance"),
                               "found '%s', which needs landscape.potential.noise; allowed: isotropic",
                               model->covariance);
    }
    if (model->temperature > 0) return CORE_OK;
    return lab_study_blame(study, CORE_BAD_INPUT, key_of(key, i, "temperature"),
                           "missing; expected a number > 0, since the potential has no noise to take it from");
}

static enum core_status check_noise(const struct lab_study *study, unsigned i) {
    const char *noise = study->models[i].noise;
    if (strcmp(noise, "none") == 0) return CORE_OK;
    return strcmp(noise, "poisson") == 0 ? check_poisson(study, i) : check_potential_noise(study, i);
}

enum core_status lab_check_models(const struct lab_study *study) {
    if (study->models == NULL) return CORE_OK;
    if (study->sgd == NULL && study->sde == NULL) {
        return lab_study_blame(study, CORE_BAD_INPUT, "models",
                               "no run to take rate and steps from; expected sgd, or sde: {rate, steps}, beside it");
    }
    for (unsigned i = 0; i < study->models_count; i++) {
        enum core_status status = check_name(study, i);
        if (status == CORE_OK) status = check_noise(study, i);
        if (status != CORE_OK) return status;
    }
    return CORE_OK;
}
