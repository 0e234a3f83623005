/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Drifts: what is added to grad L.
 *
 *     gradient        nothing: dX = -grad L dt + ...
 *     second-order    (eta / 2) H grad L, the modified equation of weak order 2 [li2017, eq. 10]:
 *                     dX = -grad (L + (eta / 4) |grad L|^2) dt + ..., eta the rate of the SGD it stands for */
#include "sde/paths.h"

static enum core_status check_second_order(const struct core_landscape *land) {
    return core_landscape_require(land, land->methods->hessian_vector != NULL, "Hessian-vector product");
}

static void correct_second_order(const struct sde_paths *paths, const struct sde_substep *at, double vectors[]) {
    const struct core_landscape *land = paths->stepper.landscape;
    size_t size = (land->dimension * land->lanes + 7) / 8 * 8;
    double *gradient = vectors, *curvature = vectors + size, half[CORE_LANES] __attribute__((aligned(64)));
    for (size_t j = 0; j < CORE_LANES; j++) half[j] = at->length * at->rate / 2;
    land->methods->gradient(land, at->x, gradient, at->scratch);
    land->methods->hessian_vector(land, at->x, gradient, curvature, at->scratch);
    core_block_kernels()->add(land->dimension, land->lanes, half, curvature, at->out);
}

const struct sde_drift_method sde_drift_gradient = {
    .choice = {"gradient", "grad L", ""},
};

const struct sde_drift_method sde_drift_second_order = {
    .choice = {"second-order", "grad L + (eta/2) H grad L: the modified equation of weak order 2", "li2017"},
    .vectors = 2,
    .check = check_second_order,
    .correct = correct_second_order,
};
