/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Milstein's scheme without derivatives, for one source of noise [kloeden1992, sec. 11.1]: with N(x) = a F(x) the noise
 * of z = 1,
 *
 *     Y = x - h b(x) - N(x),    X <- x - h b(x) - N(x) z - (N(Y) - N(x)) (z^2 - 1) / 2.
 *
 * Strong order 1, weak order 1; Ito. Where the noise does not depend on x the last term vanishes and this is
 * Euler-Maruyama, so that isotropic noise of any dimension is taken as well. */
#include "sde/paths.h"

static enum core_status check(const struct sde_paths *paths) {
    const struct sde_settings *s = &paths->settings;
    const struct core_landscape *land = paths->stepper.landscape;
    if (s->noise == SDE_NOISE_NONE) return CORE_OK;
    if (s->noise != SDE_NOISE_GAUSSIAN)
        return core_fail(CORE_BAD_INPUT, "scheme milstein with %s noise; allowed: none, gaussian",
                         paths->noise->choice.name);
    if (s->covariance == SDE_COVARIANCE_ISOTROPIC || paths->covariance->draws(land) == 1) return CORE_OK;
    return core_fail(CORE_BAD_INPUT,
                     "scheme milstein with %zu sources of noise that depends on the point; allowed: 1, or isotropic",
                     paths->covariance->draws(land));
}

static void advance(const struct sde_paths *paths, const struct sde_substep *at, const double amplitude[],
                    const double z[]) {
    const struct core_landscape *land = paths->stepper.landscape;
    size_t lanes = land->lanes, size = sde_vector(land);
    sde_right_hand_side(paths, at, amplitude, z);
    if (paths->noise->amplitude == NULL || paths->settings.covariance == SDE_COVARIANCE_ISOTROPIC) return;
    double one[CORE_LANES] __attribute__((aligned(64)));
    double *here = at->vectors, *support = here + size, *there = support + size;
    for (size_t j = 0; j < lanes; j++) one[j] = 1;
    struct sde_substep noise = *at;
    noise.length = 0; /* the right-hand side without its drift */
    noise.out = here;
    paths->covariance->step(paths, &noise, amplitude, one);
    /* out = h b + N z, so h b + N = out + N (1 - z) */
    for (size_t i = 0; i < land->dimension * lanes; i++)
        support[i] = at->x[i] - at->out[i] - here[i] * (1 - z[i % lanes]);
    noise.x = support;
    noise.out = there;
    paths->covariance->step(paths, &noise, amplitude, one);
    for (size_t i = 0; i < land->dimension * lanes; i++)
        at->out[i] += (there[i] - here[i]) * (z[i % lanes] * z[i % lanes] - 1) * 0.5;
}

const struct sde_scheme_method sde_scheme_milstein = {
    .choice = {"milstein", "Milstein's: strong order 1 for one source of noise, Ito", "kloeden1992"},
    .strong = 1,
    .weak = 1,
    .vectors = 3,
    .check = check,
    .advance = advance,
};
