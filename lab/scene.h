/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LAB_SCENE_H
#define LAB_SCENE_H

#include "core/ensemble.h"
#include "lab/study.h"

/* What a study's instruments share: the landscape with its data, where replicas start, the clock, the recorded times
 * and the loss levels of the escape clock. */
struct lab_scene {
    const struct lab_study *study; /* borrowed */
    struct core_landscape *land;
    double *start;      /* (dimension) */
    double start_scale; /* deviation of independent starts around it; 0: every replica starts there */
    double start_loss;
    uint64_t digest; /* of the data and the start: what the study's text does not hold */
    struct core_schedule schedule;
    size_t steps; /* of every ensemble */
    size_t record_count;
    size_t *record_steps; /* (record_count) ascending, without doubles */
    size_t curve_count;
    size_t *curve_steps; /* (curve_count) where the loss alone is kept, for its curve */
    size_t level_count;
    double *levels; /* (level_count) descending */
    double ceiling; /* a loss above it, or none, is divergence: 10^6 (1 + largest of start and top level) */
};

enum core_status lab_scene_create(const struct lab_study *study, struct lab_scene **scene);
void lab_scene_free(struct lab_scene *scene);

/* The scene without a clock: enough for `point`. */
enum core_status lab_scene_create_point(const struct lab_study *study, struct lab_scene **scene);

/* Loads or makes the data of a network study. (lab/scene_data.c) */
struct dln_data;
enum core_status lab_scene_data(const struct lab_study *study, struct dln_data *data);

#endif
