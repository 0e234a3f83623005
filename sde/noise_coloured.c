/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Coloured noise: the driving vector is an Ornstein-Uhlenbeck process with correlation time tau, sampled at the
 * substeps. With rho = exp(-h / tau), h the substep's length, the state w is the exact stationary process
 *
 *     w_0 = g_0,   w_{k+1} = rho w_k + sqrt(1 - rho^2) g_k,   g standard normal,   z_k = sqrt(tanh(h / (2 tau))) w_k,
 *
 * so E z_j z_k = tanh(h / (2 tau)) rho^|j - k|. The factor (1 - rho)/(1 + rho) = tanh(h / (2 tau)) makes the sum of the
 * covariances over all lags 1: long runs of integrated noise have the variance of Gaussian noise, for any h and tau.
 *     tau -> 0, h fixed:  rho = 0, the factor is 1, and the noise is Gaussian noise (Ito's reading, as
 * Euler-Maruyama's); h -> 0, tau fixed:  amplitude z = sqrt(eta / B) Sigma^{1/2} u dt with E u(s) u(t) = exp(-|s - t| /
 * tau) / (2 tau); then tau -> 0 gives white noise in Stratonovich's reading [wong1965]. With a rate that changes rho
 * follows it, substep by substep. 1 - rho^2 = -expm1(-2 h / tau) without cancellation. */
#include "sde/paths.h"

#include <math.h>

static enum core_status prepare(struct sde_paths *paths) {
    const struct sde_settings *s = &paths->settings;
    if (!(s->tau >= 0) || !isfinite(s->tau)) return core_fail(CORE_BAD_INPUT, "tau %g; allowed: a number >= 0", s->tau);
    paths->factor = s->scale / sqrt((double)s->substeps * s->batch);
    paths->state = paths->draws;
    return CORE_OK;
}

static void amplitude(const struct sde_paths *paths, const struct sde_substep *at, double amplitude[]) {
    for (size_t j = 0; j < at->width; j++) amplitude[j] = at->rate * paths->factor;
}

static void draw(const struct sde_paths *paths, const struct sde_substep *at, double z[]) {
    struct core_stream stream = sde_stream(paths, at, CORE_PURPOSE_NOISE);
    core_random_normal(&stream, at->width, paths->draws, z);
    double ratio = at->length / paths->settings.tau; /* infinite for tau = 0, which exp and tanh take */
    double keep = at->index == 0 ? 0 : exp(-ratio), fresh = at->index == 0 ? 1 : sqrt(-expm1(-2 * ratio));
    double size = sqrt(tanh(ratio / 2));
    for (size_t i = 0; i < paths->draws * at->width; i++) {
        at->state[i] = keep * at->state[i] + fresh * z[i];
        z[i] = size * at->state[i];
    }
}

const struct sde_noise_method sde_noise_coloured = {
    .choice = {"coloured", "Ornstein-Uhlenbeck noise with a correlation time, its slow part as large as the Gaussian",
               "uhlenbeck1930"},
    .prepare = prepare,
    .amplitude = amplitude,
    .draw = draw,
};
