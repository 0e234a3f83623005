/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LAB_PLAN_H
#define LAB_PLAN_H

#include "lab/scene.h"

#include <math.h>

/* The ensembles of a study, each with its stepping method made ready: SGD, its twins, the models. */

struct lab_planned {
    char *name; /* "sgd", "sgd-twin-1", ..., or the model's */
    int twin;
    size_t replicas;
    size_t substeps;    /* for the estimate of the time left */
    double temperature; /* isotropic models: T; NaN otherwise */
    struct core_stepper *stepper;
    void (*free)(struct core_stepper *stepper);
};

struct lab_plan {
    size_t count;
    struct lab_planned *entries;
};

enum lab_plan_parts { LAB_PLAN_SGD = 1, LAB_PLAN_TWINS = 2, LAB_PLAN_MODELS = 4, LAB_PLAN_ALL = 7 };

/* `only` restricts the models to the one of that name (NULL: all). The temperature of isotropic models is measured
 * along a pilot ensemble of SGD where the study does not give it. CORE_BAD_INPUT where a model does not suit the
 * landscape. */
enum core_status lab_plan_create(const struct lab_scene *scene, int parts, const char *only, size_t threads,
                                 struct lab_plan **plan);
void lab_plan_free(struct lab_plan *plan);

/* Bytes that all ensembles of the plan take at once. */
double lab_plan_bytes(const struct lab_scene *scene, const struct lab_plan *plan);

/* The settings core_ensemble_run needs, but for the replicas and the progress. */
struct core_ensemble_settings lab_ensemble_settings(const struct lab_scene *scene, size_t threads);

#endif
