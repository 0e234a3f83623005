/* SPDX-License-Identifier: GPL-3.0-or-later */
/* BAOAB for a model with inertia [leimkuhler2013]: friction g > 0, an inverse time,
 *
 *     dx = v dt,    dv = -g (v + grad L) dt - g c F dW,
 *
 * which tends to dx = -grad L dt - c F dW as g grows, and for constant isotropic c F has the same stationary law
 * exp(-2 L / c^2) of x for every g. A substep of length h, u = exp(-g h):
 *
 *     B  v <- v - (h/2) g grad L(x)        A  x <- x + (h/2) v
 *     O  v <- u v - g c sqrt((1 - u^2) / (2 g)) F(x) z
 *     A  x <- x + (h/2) v                  B  v <- v - (h/2) g grad L(x).
 *
 * Weak order 2 for additive noise; in a harmonic well the stationary variance of x is exact for every h
 * that is stable, h^2 g H < 4. Replicas start at rest. The last gradient is kept for the next substep: one a substep.
 * With c sqrt(h) the amplitude of noise_gaussian.c, O's root is that amplitude times sqrt(g (1 - u^2) / (2 h)). */
#include "sde/paths.h"

#include <math.h>
#include <string.h>

static enum core_status check(const struct sde_paths *paths) {
    const struct sde_settings *s = &paths->settings;
    if (s->noise != SDE_NOISE_NONE && s->noise != SDE_NOISE_GAUSSIAN)
        return core_fail(CORE_BAD_INPUT, "scheme baoab with %s noise; allowed: none, gaussian",
                         paths->noise->choice.name);
    if (s->clock != SDE_CLOCK_PHYSICAL)
        return core_fail(CORE_BAD_INPUT, "scheme baoab with clock %s; allowed: physical", paths->clock->choice.name);
    if (!(s->friction > 0) || !isfinite(s->friction))
        return core_fail(CORE_BAD_INPUT, "friction %g; allowed: a positive number", s->friction);
    return CORE_OK;
}

/* out = h (gradient + correction) at x. */
static void force(const struct sde_paths *paths, const struct sde_substep *at, double x[], double out[]) {
    const struct core_landscape *land = paths->stepper.landscape;
    struct sde_substep there = *at;
    there.x = x;
    there.out = out;
    land->methods->gradient(land, x, out, at->scratch);
    for (size_t i = 0; i < land->dimension * land->lanes; i++) out[i] *= at->length;
    if (paths->drift->correct != NULL) paths->drift->correct(paths, &there, at->correction);
}

/* noise = amplitude F(x) z, the right-hand side without its drift. */
static void draw_noise(const struct sde_paths *paths, const struct sde_substep *at, double x[], double noise[],
                       const double amplitude[], const double z[]) {
    const struct core_landscape *land = paths->stepper.landscape;
    struct sde_substep there = *at;
    there.x = x;
    there.out = noise;
    there.length = 0;
    if (paths->noise->amplitude != NULL)
        paths->covariance->step(paths, &there, amplitude, z);
    else
        memset(noise, 0, land->dimension * land->lanes * sizeof(double));
}

static void advance(const struct sde_paths *paths, const struct sde_substep *at, const double amplitude[],
                    const double z[]) {
    const struct core_landscape *land = paths->stepper.landscape;
    size_t count = land->dimension * land->lanes, size = sde_vector(land);
    double *v = at->memory, *kept = v + size, *x = at->vectors, *noise = x + size;
    double g = paths->settings.friction, h = at->length, u = exp(-g * h);
    double root = sqrt(g * -expm1(-2 * g * h) / (2 * h));
    if (at->index == 0) force(paths, at, at->x, kept);
    for (size_t i = 0; i < count; i++) {
        v[i] -= g / 2 * kept[i];
        x[i] = at->x[i] + h / 2 * v[i];
    }
    draw_noise(paths, at, x, noise, amplitude, z);
    for (size_t i = 0; i < count; i++) {
        v[i] = u * v[i] - root * noise[i];
        x[i] += h / 2 * v[i];
        at->out[i] = at->x[i] - x[i];
    }
    force(paths, at, x, kept);
    for (size_t i = 0; i < count; i++) v[i] -= g / 2 * kept[i];
}

const struct sde_scheme_method sde_scheme_baoab = {
    .choice = {"baoab", "inertia with a friction: half a kick, half a drift, the bath, and back", "leimkuhler2013"},
    .weak = 2,
    .vectors = 2,
    .memory = 2,
    .check = check,
    .advance = advance,
};
