/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/scope.h"

#include "lab/comparison.h"

#include <math.h>
#include <string.h>

static const char FORMULA[] = "the models stand for plain SGD, theta <- theta - eta g on the finite data; ";

static enum core_status about_models(const struct lab_sgd *sgd, struct lab_result *result) {
    enum core_status status = CORE_OK;
    if (strcmp(sgd->optimiser, "sgd") != 0) {
        status = lab_warn(result, "%ssgd.optimiser: %s moves the weights by another rule", FORMULA, sgd->optimiser);
    }
    if (status == CORE_OK && sgd->momentum > 0) {
        status = lab_warn(result, "%sthey know nothing of sgd.momentum: %g", FORMULA, sgd->momentum);
    }
    if (status == CORE_OK && sgd->weight_decay > 0) {
        status = lab_warn(result, "%sthey know nothing of sgd.weight_decay: %g", FORMULA, sgd->weight_decay);
    }
    if (status == CORE_OK && isfinite(sgd->clip)) {
        status = lab_warn(result, "%sthey know nothing of sgd.clip: %g", FORMULA, sgd->clip);
    }
    if (status == CORE_OK && sgd->label_noise > 0) {
        status = lab_warn(result, "%stheir noise is without that of sgd.label_noise: %g", FORMULA, sgd->label_noise);
    }
    if (status == CORE_OK && strcmp(sgd->sampling, "online") == 0) {
        status =
            lab_warn(result, "%ssgd.sampling: online follows the gradient and the noise of the whole law", FORMULA);
    }
    return status;
}

enum core_status lab_scope_warn(const struct lab_scene *scene, struct lab_result *result) {
    const struct lab_sgd *sgd = scene->study->sgd;
    if (sgd == NULL) return CORE_OK;
    enum core_status status = CORE_OK;
    if (strcmp(sgd->sampling, "online") == 0) {
        status = lab_warn(result, "sgd.sampling: online trains on fresh samples; the loss and its levels are those of "
                                  "the finite data set");
    }
    if (status == CORE_OK && sgd->weight_decay > 0) {
        status = lab_warn(result, "the loss is that of the data, without the penalty of sgd.weight_decay");
    }
    return status == CORE_OK && scene->study->models_count > 0 ? about_models(sgd, result) : status;
}
