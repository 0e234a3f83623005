/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The double well in one dimension:
 *
 *     U = x^4/4 - x^2/2,   U' = x^3 - x,   U'' = 3 x^2 - 1,   U''' = 6 x
 *
 * Minima at -1 and 1 with U = -1/4, U'' = 2; a maximum at 0 with U'' = -1: a barrier of 1/4. */
#include "core/potential.h"

static const struct core_landscape_methods methods;

static void loss(const struct core_landscape *land, const double x[], double out[], double scratch[]) {
    (void)land;
    (void)scratch;
    lanes a = lanes_load(x);
    lanes_store(out, a * a * (0.25 * a * a - 0.5));
}

static void gradient(const struct core_landscape *land, const double x[], double out[], double scratch[]) {
    (void)land;
    (void)scratch;
    lanes a = lanes_load(x);
    lanes_store(out, a * (a * a - 1.0));
}

static void hessian_vector(const struct core_landscape *land, const double x[], const double v[], double out[],
                           double scratch[]) {
    (void)land;
    (void)scratch;
    lanes a = lanes_load(x);
    lanes_store(out, (3.0 * a * a - 1.0) * lanes_load(v));
}

static void curvature_gradient(const struct core_landscape *land, const double x[], const double u[], const double v[],
                               double out[], double scratch[]) {
    (void)land;
    (void)scratch;
    lanes_store(out, 6.0 * lanes_load(x) * lanes_load(u) * lanes_load(v));
}

enum core_status core_potential_double_well(const struct core_potential *potential, struct core_landscape *land) {
    enum core_status status = core_potential_check_no_matrix(potential);
    return status == CORE_OK ? core_potential_init(potential, 1, 0, &methods, land) : status;
}

static const struct core_landscape_methods methods = {
    .loss = loss,
    .gradient = gradient,
    .hessian_vector = hessian_vector,
    .curvature_gradient = curvature_gradient,
    .destroy = core_potential_destroy,
};
