/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The quartic landscape in one dimension, the simplest degenerate minimum:
 *
 *     U = x^4/4,   U' = x^3,   U'' = 3 x^2,   U''' = 6 x
 *
 * Its curvature vanishes at the minimum; the Gibbs state exp(-U/T) has <x^2> = 2 sqrt(T) Gamma(3/4) / Gamma(1/4). */
#include "core/potential.h"

static const struct core_landscape_methods methods;

static void loss(const struct core_landscape *land, const double x[], double out[], double scratch[]) {
    (void)land;
    (void)scratch;
    lanes a = lanes_load(x);
    lanes_store(out, 0.25 * (a * a) * (a * a));
}

static void gradient(const struct core_landscape *land, const double x[], double out[], double scratch[]) {
    (void)land;
    (void)scratch;
    lanes a = lanes_load(x);
    lanes_store(out, a * a * a);
}

static void hessian_vector(const struct core_landscape *land, const double x[], const double v[], double out[],
                           double scratch[]) {
    (void)land;
    (void)scratch;
    lanes a = lanes_load(x);
    lanes_store(out, 3.0 * a * a * lanes_load(v));
}

static void curvature_gradient(const struct core_landscape *land, const double x[], const double u[], const double v[],
                               double out[], double scratch[]) {
    (void)land;
    (void)scratch;
    lanes_store(out, 6.0 * lanes_load(x) * lanes_load(u) * lanes_load(v));
}

enum core_status core_potential_quartic(const struct core_potential *potential, struct core_landscape *land) {
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
