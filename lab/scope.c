/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/scope.h"

#include "core/memory.h"
#include "lab/comparison.h"
#include "lab/text.h"

#include <math.h>
#include <string.h>

/* ", sgd.KEY: value" for each choice of training that no model knows. */
static void list_choices(const struct lab_sgd *sgd, struct lab_text *text) {
    const struct {
        const char *key;
        int differs;
        double value;
    } numbers[] = {
        {"momentum", sgd->momentum > 0, sgd->momentum},
        {"weight_decay", sgd->weight_decay > 0, sgd->weight_decay},
        {"clip", isfinite(sgd->clip), sgd->clip},
        {"label_noise", sgd->label_noise > 0, sgd->label_noise},
    };
    if (strcmp(sgd->sampling, "online") == 0) lab_text_add(text, ", sgd.sampling: online");
    if (strcmp(sgd->optimiser, "sgd") != 0) lab_text_printf(text, ", sgd.optimiser: %s", sgd->optimiser);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (numbers[i].differs) lab_text_printf(text, ", sgd.%s: %g", numbers[i].key, numbers[i].value);
    }
}

static enum core_status about_models(const struct lab_sgd *sgd, struct lab_result *result) {
    struct lab_text text = {0};
    char *choices = NULL;
    list_choices(sgd, &text);
    if (text.length == 0 && !text.failed) return CORE_OK;
    enum core_status status = lab_text_take(&text, &choices);
    if (status == CORE_OK) {
        status = lab_warn(result,
                          "the models stand for plain SGD, theta <- theta - eta g on the finite data, and know nothing "
                          "of %s: what these change counts as distance too",
                          choices + strlen(", "));
    }
    core_free(choices);
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
