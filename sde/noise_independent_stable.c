/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Symmetric stable noise with independent components: z_mu = s X_mu, the X_mu independent and symmetric stable,
 *     E exp(i t X) = exp(-|t|^alpha)  [chambers1976],
 * in place of one random scale for the whole vector (noise_stable.c). A projection sum_mu a_mu z_mu is again stable, of
 * scale s (sum |a_mu|^alpha)^{1/alpha}: jumps point along single samples' gradients (covariance sgd) or along the
 * coordinates (isotropic).
 *
 * One component has the law of one component of elliptical noise: for alpha > 1 the mean size of a normal number,
 * s E|X| = sqrt(2 / pi), E|X| = (2 / pi) Gamma(1 - 1/alpha), so s = sqrt(pi / 2) / Gamma(1 - 1/alpha); for alpha <= 1,
 * s = 1/sqrt(2). (A projection on many components is longer than the Gaussian one, by n^{1/alpha - 1/2} where n of them
 * weigh the same.) Over a substep h = eta / m the amplitude is eta m^{-1/alpha} / sqrt(B). alpha = 2 is Gaussian. */
#include "sde/paths.h"

#include <math.h>

static const double PI = 3.14159265358979323846;

static enum core_status prepare(struct sde_paths *paths) {
    const struct sde_settings *s = &paths->settings;
    if (!(s->alpha > 0 && s->alpha <= 2)) {
        return core_fail(CORE_BAD_INPUT, "alpha %g; allowed: above 0, at most 2", s->alpha);
    }
    double match = s->alpha > 1 ? sqrt(PI / 2) / tgamma(1 - 1 / s->alpha) : sqrt(0.5);
    paths->factor = s->scale * match * pow((double)s->substeps, -1 / s->alpha) / sqrt(s->batch);
    return CORE_OK;
}

static void amplitude(const struct sde_paths *paths, const struct sde_substep *at, double amplitude[]) {
    for (size_t j = 0; j < at->width; j++) amplitude[j] = at->rate * paths->factor;
}

static void draw(const struct sde_paths *paths, const struct sde_substep *at, double z[]) {
    struct core_stream stream = sde_stream(paths, at, CORE_PURPOSE_NOISE);
    core_random_stable(&stream, paths->settings.alpha, at->width, paths->draws, z);
}

const struct sde_noise_method sde_noise_independent_stable = {
    .choice = {"independent-stable", "symmetric alpha-stable (Levy) noise, each component drawn by itself",
               "chambers1976"},
    .prepare = prepare,
    .amplitude = amplitude,
    .draw = draw,
};
