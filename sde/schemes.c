/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Schemes: how the right-hand side of dX = -b dt + amplitude F(X) z makes a substep of length h.
 *
 *     euler-maruyama   X <- X - h b(X) - a F(X) z. Strong order 1/2 (1 for additive noise), weak order 1; Ito.
 *     tamed            X <- X - h b / (1 + h |b|) - a F z: no step of the drift is longer than 1, so that its moments
 *                      stay finite where b grows faster than linearly and Euler-Maruyama's do not
 *                      [hutzenthaler2012]. Strong order 1/2 (1 for additive noise), weak order 1; Ito.
 *     heun             Y = X - h b(X) - a F(X) z,
 *                      X <- X - (h (b(X) + b(Y)) + a (F(X) + F(Y)) z) / 2  [rumelin1982]: the equation read in
 *                      Stratonovich's sense. Strong order 1 (commutative noise; 1/2 else), weak order 1; with
 *                      additive noise weak order 2 [kloeden1992, sec. 15.1], for which the two readings agree. */
#include "sde/paths.h"

#include <math.h>
#include <string.h>

static void advance_tamed(const struct sde_paths *paths, const struct sde_substep *at, const double amplitude[],
                          const double z[]) {
    const struct core_landscape *land = paths->stepper.landscape;
    double norm[CORE_LANES] __attribute__((aligned(64))), tame[CORE_LANES] __attribute__((aligned(64)));
    struct sde_substep drift = *at;
    drift.out = at->vectors;
    land->methods->gradient(land, at->x, drift.out, at->scratch);
    for (size_t i = 0; i < land->dimension * land->lanes; i++) drift.out[i] *= at->length;
    if (paths->drift->correct != NULL) paths->drift->correct(paths, &drift, at->correction);
    core_block_kernels()->square(land->dimension, land->lanes, drift.out, norm);
    for (size_t j = 0; j < land->lanes; j++) tame[j] = 1 / (1 + sqrt(norm[j]));
    struct sde_substep noise = *at;
    noise.length = 0; /* the right-hand side without its drift */
    if (paths->noise->amplitude != NULL)
        paths->covariance->step(paths, &noise, amplitude, z);
    else
        memset(at->out, 0, land->dimension * land->lanes * sizeof(double));
    core_block_kernels()->add(land->dimension, land->lanes, tame, drift.out, at->out);
}

static void advance_heun(const struct sde_paths *paths, const struct sde_substep *at, const double amplitude[],
                         const double z[]) {
    const struct core_landscape *land = paths->stepper.landscape;
    size_t count = land->dimension * land->lanes;
    struct sde_substep there = *at;
    there.x = at->vectors;
    there.out = at->vectors + sde_vector(land);
    sde_right_hand_side(paths, at, amplitude, z);
    for (size_t i = 0; i < count; i++) there.x[i] = at->x[i] - at->out[i];
    sde_right_hand_side(paths, &there, amplitude, z);
    for (size_t i = 0; i < count; i++) at->out[i] = (at->out[i] + there.out[i]) * 0.5;
}

const struct sde_scheme_method sde_scheme_euler_maruyama = {
    .choice = {"euler-maruyama", "Euler and Maruyama's: x - h drift - noise, Ito", ""},
    .strong = 0.5,
    .weak = 1,
    .advance = sde_right_hand_side,
};

const struct sde_scheme_method sde_scheme_tamed = {
    .choice = {"tamed", "Euler's with the drift divided by 1 + h |drift|: for superlinear drifts, Ito",
               "hutzenthaler2012"},
    .strong = 0.5,
    .weak = 1,
    .vectors = 1,
    .advance = advance_tamed,
};

const struct sde_scheme_method sde_scheme_heun = {
    .choice = {"heun",
               "stochastic Heun: the mean of the slopes at both ends, Stratonovich; weak order 2 for additive noise",
               "rumelin1982"},
    .strong = 1,
    .weak = 1,
    .vectors = 2,
    .advance = advance_heun,
};
