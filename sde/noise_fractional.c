/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fractional Gaussian noise of Hurst index H (sde/fractional.h): each component of the driving vector is a path of it
 * over the substeps, made whole before the first of them. Integrated noise grows as time^H, so a substep of length
 * eta / m has the amplitude eta m^{-H} / sqrt(B): a step has the covariance of Gaussian noise whatever m, and H = 1/2
 * is Gaussian noise. (With a rate that changes the amplitude follows it, the correlations stay those of the step
 * numbers.)
 *
 * The state of a path is its noise from the first substep to the last, kept in the workspace of each thread. */
#include "sde/fractional.h"
#include "sde/paths.h"

#include <math.h>

static enum core_status prepare(struct sde_paths *paths) {
    const struct sde_settings *s = &paths->settings;
    size_t lanes = paths->stepper.landscape->lanes;
    if (s->steps < 1)
        return core_fail(CORE_BAD_INPUT, "fractional noise needs the steps of the run; found %zu, allowed: at least 1",
                         s->steps);
    double length = (double)s->steps * (double)s->substeps, available = (double)core_memory_available();
    double bytes = length < 1e15 ? sde_fractional_bytes(s->steps * s->substeps, lanes, paths->draws) : (double)INFINITY;
    if (bytes > (available > 0 ? available : 1e15)) {
        return core_fail(CORE_NO_MEMORY,
                         "fractional noise keeps whole paths, %g substeps of %zu numbers for %zu replicas: %.3g GB for "
                         "each thread, this machine has %.3g GB left",
                         length, paths->draws, lanes, bytes / 1e9, available / 1e9);
    }
    enum core_status status = sde_fractional_create(s->hurst, s->steps * s->substeps, &paths->fractional);
    if (status != CORE_OK) return status;
    paths->factor = s->scale * pow((double)s->substeps, -s->hurst) / sqrt(s->batch);
    /* the path, then a lane's part of what fill works in, then room to align that */
    paths->state =
        s->steps * s->substeps * paths->draws + sde_fractional_scratch(paths->fractional, lanes) / lanes + CORE_LANES;
    return CORE_OK;
}

static void begin(const struct sde_paths *paths, uint64_t path, size_t width, double state[]) {
    struct core_stream stream = {.seed = paths->stepper.seed, .path = path, .purpose = CORE_PURPOSE_NOISE};
    size_t kept = paths->settings.steps * paths->settings.substeps * paths->draws * width;
    sde_fractional_fill(paths->fractional, &stream, width, paths->draws, state, state + (kept + 7) / 8 * 8);
}

static void amplitude(const struct sde_paths *paths, const struct sde_substep *at, double amplitude[]) {
    for (size_t j = 0; j < at->width; j++) amplitude[j] = at->rate * paths->factor;
}

static void draw(const struct sde_paths *paths, const struct sde_substep *at, double z[]) {
    size_t count = paths->draws * at->width;
    const double *row = at->state + at->index * count;
    for (size_t i = 0; i < count; i++) z[i] = row[i];
}

const struct sde_noise_method sde_noise_fractional = {
    .choice = {"fractional", "fractional Gaussian noise of a Hurst index: memory as long as the run", "davies1987"},
    .prepare = prepare,
    .begin = begin,
    .amplitude = amplitude,
    .draw = draw,
};
