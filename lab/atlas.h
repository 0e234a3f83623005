/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LAB_ATLAS_H
#define LAB_ATLAS_H

#include "dln/saddles.h"
#include "lab/figures.h"
#include "lab/scene.h"

/* The critical points of a study's network for the command, and the plateaus of one of its paths. */

/* Where a path's gradient is small for a while. */
struct lab_plateau {
    double begin, end, time; /* times between which the gradient is below 1.4 times its least, and of the least */
    double loss, gradient_norm;
    size_t rank, *modes; /* of the critical value nearest to the loss; modes (rank) counted from 0 */
    double level;        /* that value */
    int counted;         /* 1: the Hessian was formed at `time`, and inertia holds */
    struct core_inertia inertia;
};

struct lab_path { /* one replica of SGD */
    size_t replica, record_count;
    double *time, *loss, *gradient_norm; /* (record_count) until it ended or diverged */
    size_t plateau_count;
    struct lab_plateau *plateaus; /* (plateau_count) in the order of time */
};

/* Runs one replica of the study's SGD and finds its plateaus. */
enum core_status lab_path_create(const struct lab_scene *scene, const struct dln_modes *modes, size_t replica,
                                 struct lab_path **path);
void lab_path_free(struct lab_path *path);

/* Valleys of a positive curve of `count` points: runs whose least is 1.4 times below what lies on each side, or that
 * reach an end of the curve. least (count) receives their places; returns how many. */
size_t lab_valleys(size_t count, const double curve[], size_t least[]);

/* The critical value nearest to `loss`: *rank and chosen (modes->count). */
double lab_nearest_level(const struct core_landscape *network, const struct dln_modes *modes, double loss, size_t *rank,
                         size_t chosen[]);

struct lab_atlas {
    const struct lab_scene *scene;
    struct dln_atlas *atlas;
    struct dln_modes *modes;
    struct lab_path *path; /* NULL without --along */
};

void lab_atlas_print(const struct lab_atlas *atlas);
/* The keys, within an object that is open. */
struct lab_json;
void lab_atlas_json(const struct lab_atlas *atlas, struct lab_json *json);

/* Loss against index; its subject is a struct lab_atlas. */
extern const struct lab_figure lab_figure_atlas;

#endif
