/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LAB_DENSITY_H
#define LAB_DENSITY_H

#include "ffpe/ffpe.h"
#include "lab/json.h"
#include "lab/scene.h"

/* From a study's block ffpe to a problem, and from a result to JSON or words. */

/* A problem with the arrays it borrows. */
struct lab_density {
    struct ffpe_problem problem;
    double *tensor, *probes;
    double diffusion[2]; /* value and quadratic of a D(x) */
    size_t dimension;
};

/* scene: with its landscape; borrowed by the problem, like the study. */
enum core_status lab_density_create(const struct lab_scene *scene, size_t threads, struct lab_density **density);
void lab_density_free(struct lab_density *density);

void lab_density_json(const struct lab_study *study, const struct lab_density *density,
                      const struct ffpe_result *result, struct lab_json *json);
void lab_density_print(const struct lab_density *density, const struct ffpe_result *result);

#endif
