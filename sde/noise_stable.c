/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Symmetric stable noise, elliptical: one positive alpha/2-stable factor A a substep scales a whole Gaussian vector,
 *     xi = s sqrt(A) Sigma^{1/2} z,        E exp(-q A) = exp(-q^{alpha/2}),
 * so each projection of xi is symmetric alpha-stable. Over a substep h = eta / m a stable increment scales as
 * h^{1/alpha}: the amplitude is eta m^{-1/alpha} / sqrt(B) where Gaussian noise has m^{-1/2} (CONVENTIONS.md).
 *
 * A stable law has no covariance to match. For alpha > 1 the mean size is matched, E |xi| as with Gaussian noise:
 * s = 1 / E sqrt(A), E sqrt(A) = Gamma(1 - 1/alpha) / sqrt(pi), from E A^p = Gamma(1 - 2 p / alpha) / Gamma(1 - p).
 * For alpha <= 1 that mean is infinite and s = 1. alpha = 2 has A = 1 and is Gaussian noise. */
#include "sde/paths.h"

#include <math.h>

static const double PI = 3.14159265358979323846;

static enum core_status prepare(struct sde_paths *paths) {
    const struct sde_settings *s = &paths->settings;
    if (!(s->alpha > 0 && s->alpha <= 2)) {
        return core_fail(CORE_BAD_INPUT, "alpha %g; allowed: above 0, at most 2", s->alpha);
    }
    double match = s->alpha > 1 ? sqrt(PI) / tgamma(1 - 1 / s->alpha) : 1;
    paths->factor = s->scale * match * pow((double)s->substeps, -1 / s->alpha) / sqrt(s->batch);
    return CORE_OK;
}

static void amplitude(const struct sde_paths *paths, const struct sde_substep *at, double amplitude[]) {
    struct core_stream stream = sde_stream(paths, at, CORE_PURPOSE_MIXTURE);
    size_t width = paths->stepper.landscape->lanes;
    core_random_positive_stable(&stream, paths->settings.alpha / 2, width, 1, amplitude);
    for (size_t j = 0; j < width; j++) amplitude[j] = at->rate * paths->factor * sqrt(amplitude[j]);
}

const struct sde_noise_method sde_noise_stable = {
    .choice = {"stable", "symmetric alpha-stable (Levy) noise, elliptical, its mean size that of the Gaussian",
               "kanter1975"},
    .prepare = prepare,
    .amplitude = amplitude,
};
