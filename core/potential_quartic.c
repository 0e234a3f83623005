/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two landscapes in one dimension, with and without a barrier:
 *
 *     U = x^4/4 - w x^2/2,   U' = x^3 - w x,   U'' = 3 x^2 - w,   U''' = 6 x
 *
 * w = 1, the double well: minima at -1 and 1 with U = -1/4, U'' = 2; a maximum at 0 with U'' = -1: a barrier of 1/4.
 * w = 0, the quartic: one minimum at 0, degenerate. */
#include "core/potential.h"

static const struct core_landscape_methods methods;

/* w in every lane. */
static lanes well(const struct core_landscape *land) {
    const struct core_potential_self *self = land->self;
    return lanes_set(self->well);
}

static void loss(const struct core_landscape *land, const double x[], double out[], double scratch[]) {
    (void)scratch;
    lanes a = lanes_load(x);
    lanes_store(out, a * a * (0.25 * a * a - 0.5 * well(land)));
}

static void gradient(const struct core_landscape *land, const double x[], double out[], double scratch[]) {
    (void)scratch;
    lanes a = lanes_load(x);
    lanes_store(out, a * (a * a - well(land)));
}

static void hessian_vector(const struct core_landscape *land, const double x[], const double v[], double out[],
                           double scratch[]) {
    (void)scratch;
    lanes a = lanes_load(x);
    lanes_store(out, (3.0 * a * a - well(land)) * lanes_load(v));
}

static void curvature_gradient(const struct core_landscape *land, const double x[], const double u[], const double v[],
                               double out[], double scratch[]) {
    (void)land;
    (void)scratch;
    lanes_store(out, 6.0 * lanes_load(x) * lanes_load(u) * lanes_load(v));
}

static enum core_status create(const struct core_potential *potential, double w, struct core_landscape *land) {
    enum core_status status = core_potential_check_no_matrix(potential);
    if (status == CORE_OK) status = core_potential_init(potential, 1, 0, &methods, land);
    if (status == CORE_OK) ((struct core_potential_self *)land->self)->well = w;
    return status;
}

enum core_status core_potential_double_well(const struct core_potential *potential, struct core_landscape *land) {
    return create(potential, 1, land);
}

enum core_status core_potential_quartic(const struct core_potential *potential, struct core_landscape *land) {
    return create(potential, 0, land);
}

static const struct core_landscape_methods methods = {
    .loss = loss,
    .gradient = gradient,
    .hessian_vector = hessian_vector,
    .curvature_gradient = curvature_gradient,
    .destroy = core_potential_destroy,
};
