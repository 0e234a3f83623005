/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Anticorrelated noise, as reshuffled batches have it: the noise of an epoch of E = n / B steps sums to zero. With
 * M = E m substeps to an epoch and g standard normal,
 *
 *     z_i = sqrt(c) (g_i - (g_1 + ... + g_M) / M),   c = E / (E - 1),
 *
 * increments of a Brownian bridge. One step (its m substeps) has exactly the covariance of Gaussian noise, two steps of
 * one epoch have correlation -1 / (E - 1), and epochs are independent. (Batches drawn without replacement are smaller
 * by (n - B) / (n - 1) in variance: give the model scale sqrt((n - B) / (n - 1)) for that.)
 *
 * Drawn one after another: given the sum S of the first k, the others are exchangeable with sum -S, so that the next is
 * normal with mean -S / (M - k) and variance c (1 - 1 / (M - k)); the last is -S. The state is S. */
#include "sde/paths.h"

#include <math.h>

static enum core_status prepare(struct sde_paths *paths) {
    const struct sde_settings *s = &paths->settings;
    size_t samples = paths->stepper.landscape->samples;
    if (s->epoch == 0 && samples == 0)
        return core_fail(CORE_BAD_INPUT, "anticorrelated noise on a landscape without samples needs an epoch; found "
                                         "none, allowed: at least 2 steps");
    paths->epoch = s->epoch > 0 ? s->epoch : (size_t)((double)samples / s->batch);
    if (paths->epoch < 2)
        return core_fail(CORE_BAD_INPUT, "an epoch of %zu steps; allowed: at least 2 (samples / batch, or epoch)",
                         paths->epoch);
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
    size_t period = paths->epoch * paths->settings.substeps, place = (size_t)(at->index % period);
    double left = (double)(period - place), epoch = (double)paths->epoch;
    double deviation = sqrt(epoch / (epoch - 1) * (1 - 1 / left));
    for (size_t i = 0; i < paths->draws * at->width; i++) {
        double sum = place == 0 ? 0 : at->state[i];
        z[i] = deviation * z[i] - sum / left;
        at->state[i] = sum + z[i];
    }
}

const struct sde_noise_method sde_noise_anticorrelated = {
    .choice = {"anticorrelated", "Gaussian noise whose sum over an epoch vanishes, as with reshuffled batches", ""},
    .prepare = prepare,
    .amplitude = amplitude,
    .draw = draw,
};
