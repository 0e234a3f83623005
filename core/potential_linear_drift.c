/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A linear force that need not be the gradient of anything: the drift is -B x with any square B,
 *
 *     "gradient" = B x,   "Hessian" times v = B v,   third derivative = 0,   loss = x^T B x / 2.
 *
 * Where B is not symmetric the loss is the quadratic form of B's symmetric part S = (B + B^T)/2, whose true gradient S
 * x differs from B x by the rotation (B - B^T)/2 x; that rotation is what breaks detailed balance and drives a current.
 * core_point_hessian, which symmetrises, gives S. */
#include "core/potential.h"

static const struct core_landscape_methods methods;

enum core_status core_potential_linear_drift(const struct core_potential *potential, struct core_landscape *land) {
    if (potential->matrix == NULL)
        return core_fail(CORE_BAD_INPUT, "landscape '%s': found no matrix, expected a square one (the drift is -B x)",
                         potential->name);
    enum core_status status = core_potential_check_square(potential);
    if (status == CORE_OK) status = core_potential_init(potential, potential->rows, 0, &methods, land);
    return status == CORE_OK ? core_potential_copy_matrix(potential, land) : status;
}

static const struct core_landscape_methods methods = {
    .loss = core_potential_matrix_loss,
    .gradient = core_potential_matrix_gradient,
    .hessian_vector = core_potential_matrix_hessian_vector,
    .curvature_gradient = core_potential_matrix_curvature_gradient,
    .destroy = core_potential_destroy,
};
