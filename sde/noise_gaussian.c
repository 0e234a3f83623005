/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gaussian noise. d theta = ... + sqrt(eta / B) Sigma^{1/2} dW: over a substep h = eta / m the increment has standard
 * deviation sqrt(eta / B) sqrt(h) = eta / sqrt(m B), so with m = 1 one step has exactly the covariance of SGD's
 * [li2017, eq. 5]. */
#include "sde/paths.h"

#include <math.h>

static enum core_status prepare(struct sde_paths *paths) {
    const struct sde_settings *s = &paths->settings;
    paths->factor = s->scale / sqrt((double)s->substeps * s->batch);
    return CORE_OK;
}

static void amplitude(const struct sde_paths *paths, const struct sde_substep *at, double amplitude[]) {
    for (size_t j = 0; j < at->width; j++) amplitude[j] = at->rate * paths->factor;
}

const struct sde_noise_method sde_noise_gaussian = {
    .choice = {"gaussian", "Brownian motion: the increment of one step is N(0, eta^2 Sigma / B)", "li2017"},
    .prepare = prepare,
    .amplitude = amplitude,
};
