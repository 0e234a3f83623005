/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The methods of a linear force A x, A the matrix of the landscape: what the quadratic landscape (A symmetric) and the
 * linear drift (any A) are. Sums run over j ascending, each product rounded before it is added. */
#include "core/potential.h"

void core_potential_matrix_gradient(const struct core_landscape *land, const double x[], double gradient[],
                                    double scratch[]) {
    (void)scratch;
    size_t n = land->dimension;
    const double *matrix = core_potential_self(land)->matrix;
    for (size_t i = 0; i < n; i++) lanes_store(gradient + i * CORE_LANES, core_potential_dot(matrix + i * n, n, x));
}

void core_potential_matrix_loss(const struct core_landscape *land, const double x[], double loss[], double scratch[]) {
    (void)scratch;
    size_t n = land->dimension;
    const double *matrix = core_potential_self(land)->matrix;
    lanes sum = lanes_set(0);
    for (size_t i = 0; i < n; i++) sum += lanes_load(x + i * CORE_LANES) * core_potential_dot(matrix + i * n, n, x);
    lanes_store(loss, 0.5 * sum);
}

void core_potential_matrix_hessian_vector(const struct core_landscape *land, const double x[], const double v[],
                                          double out[], double scratch[]) {
    (void)x;
    core_potential_matrix_gradient(land, v, out, scratch);
}

void core_potential_matrix_curvature_gradient(const struct core_landscape *land, const double x[], const double u[],
                                              const double v[], double out[], double scratch[]) {
    (void)x;
    (void)u;
    (void)v;
    (void)scratch;
    for (size_t i = 0; i < land->dimension; i++) lanes_store(out + i * CORE_LANES, lanes_set(0));
}
