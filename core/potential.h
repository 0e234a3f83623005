/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CORE_POTENTIAL_H
#define CORE_POTENTIAL_H

#include "core/landscape.h"
#include "core/simd.h"

/* Inside the room: what the analytic landscapes share. Each lives in core/potential_<name>.c, a derivation, its methods
 * on lanes and a function that creates it. */

/* land->self of every analytic landscape. */
struct core_potential_self {
    struct core_landscape_methods methods; /* the landscape's table, with the noise methods where there is noise */
    double well;                           /* double-well, quartic: w (core/potential_quartic.c) */
    double *matrix;                        /* (dimension, dimension), NULL where the landscape has none */
    size_t columns;                        /* of the constant noise factor; 0: no noise */
    double *factor;                        /* (dimension, columns), NULL without noise */
    double trace;                          /* tr F F^T */
};

/* Fills `land`: name, dimension, lanes, methods, and the constant noise factor of potential->noise if there is one
 * (core/potential_noise.c). `scratch` is what the methods may use, in doubles. CORE_BAD_INPUT where the factor does not
 * fit; then, and when there is no memory, nothing is left allocated. */
enum core_status core_potential_init(const struct core_potential *potential, size_t dimension, size_t scratch,
                                     const struct core_landscape_methods *methods, struct core_landscape *land);
void core_potential_destroy(struct core_landscape *land);

/* Copies the square matrix of `potential` into land's self; on failure land is destroyed. */
enum core_status core_potential_copy_matrix(const struct core_potential *potential, struct core_landscape *land);

/* CORE_BAD_INPUT where `matrix` is given and is not square or has an entry that is not finite. */
enum core_status core_potential_check_square(const struct core_potential *potential);
/* CORE_BAD_INPUT where a matrix is given to a landscape that has none. */
enum core_status core_potential_check_no_matrix(const struct core_potential *potential);

/* Gives the landscape the three noise methods of the constant factor potential->noise. */
enum core_status core_potential_add_noise(const struct core_potential *potential, struct core_landscape *land);

static inline const struct core_potential_self *core_potential_self(const struct core_landscape *land) {
    return land->self;
}

/* The sum over j < count of row[j] times row j of v, v of shape (count, lanes). */
static inline lanes core_potential_dot(const double row[], size_t count, const double v[]) {
    lanes sum = lanes_set(0);
    for (size_t j = 0; j < count; j++) sum += row[j] * lanes_load(v + j * CORE_LANES);
    return sum;
}

/* The methods of a force A x with the matrix A of land's self (core/potential_matrix.c): loss x^T A x / 2, gradient
 * A x, hessian_vector A v, curvature_gradient 0. */
void core_potential_matrix_loss(const struct core_landscape *land, const double x[], double loss[], double scratch[]);
void core_potential_matrix_gradient(const struct core_landscape *land, const double x[], double gradient[],
                                    double scratch[]);
void core_potential_matrix_hessian_vector(const struct core_landscape *land, const double x[], const double v[],
                                          double out[], double scratch[]);
void core_potential_matrix_curvature_gradient(const struct core_landscape *land, const double x[], const double u[],
                                              const double v[], double out[], double scratch[]);

enum core_status core_potential_quadratic(const struct core_potential *potential, struct core_landscape *land);
enum core_status core_potential_double_well(const struct core_potential *potential, struct core_landscape *land);
enum core_status core_potential_quartic(const struct core_potential *potential, struct core_landscape *land);
enum core_status core_potential_linear_drift(const struct core_potential *potential, struct core_landscape *land);
enum core_status core_potential_scalar_network(const struct core_potential *potential, struct core_landscape *land);

#endif
