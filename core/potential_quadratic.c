/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The quadratic landscape, the neighbourhood of every non-degenerate critical point.
 *
 *     L(x) = x^T H x / 2,   grad L = H x,   Hessian = H,   third derivative = 0
 *
 * with a symmetric H of shape (dimension, dimension); without a matrix, H = 1 in one dimension. With a constant noise
 * factor every linear stepping scheme on it has closed recursions for its mean and covariance. An H that is symmetric
 * up to rounding (1e-12 of its largest entry) is replaced by its symmetric part. */
#include "core/potential.h"

#include <math.h>

static const struct core_landscape_methods methods;

/* CORE_BAD_INPUT where H is not symmetric. */
static enum core_status check_symmetric(const struct core_potential *potential) {
    size_t n = potential->rows;
    const double *h = potential->matrix;
    double largest = 0;
    for (size_t i = 0; i < n * n; i++) largest = fmax(largest, fabs(h[i]));
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            if (fabs(h[i * n + j] - h[j * n + i]) <= 1e-12 * largest) continue;
            return core_fail(
                CORE_BAD_INPUT,
                "landscape '%s': found %g in row %zu, column %zu and %g in row %zu, column %zu, expected a "
                "symmetric matrix (linear-drift takes any)",
                potential->name, h[i * n + j], i + 1, j + 1, h[j * n + i], j + 1, i + 1);
        }
    }
    return CORE_OK;
}

static void symmetrise(double h[], size_t n) {
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++) h[i * n + j] = h[j * n + i] = h[i * n + j] + 0.5 * (h[j * n + i] - h[i * n + j]);
}

enum core_status core_potential_quadratic(const struct core_potential *potential, struct core_landscape *land) {
    static const double one = 1;
    struct core_potential filled = *potential;
    if (filled.matrix == NULL) {
        filled.matrix = &one;
        filled.rows = filled.columns = 1;
    }
    enum core_status status = core_potential_check_square(&filled);
    if (status == CORE_OK) status = check_symmetric(&filled);
    if (status == CORE_OK) status = core_potential_init(&filled, filled.rows, 0, &methods, land);
    if (status == CORE_OK) status = core_potential_copy_matrix(&filled, land);
    if (status == CORE_OK) symmetrise(((struct core_potential_self *)land->self)->matrix, land->dimension);
    return status;
}

static const struct core_landscape_methods methods = {
    .loss = core_potential_matrix_loss,
    .gradient = core_potential_matrix_gradient,
    .hessian_vector = core_potential_matrix_hessian_vector,
    .curvature_gradient = core_potential_matrix_curvature_gradient,
    .destroy = core_potential_destroy,
};
