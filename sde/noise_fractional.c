/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fractional Gaussian noise of Hurst index H (sde/fractional.h): each component of the driving vector is a path of it
 * over the substeps, made whole before the first of them. Integrated noise grows as time^H, so a substep of length
 * eta / m has the amplitude eta m^{-H} / sqrt(B): a step has the covariance of Gaussian noise whatever m, and H = 1/2
 * is Gaussian noise. (With a rate that changes the amplitude follows it, the correlations stay those of the step
 * numbers.)
 *
 * The state of a path is its noise from the first substep to the last, kept in the workspace of each thread. With the
 * inverse stable clock of order a the number of substeps is random, E_T / h with E_T = T^a M, and
 *     -log P(M > x) ~ (1 - a) a^{a/(1-a)} x^{1/(1-a)}
 * [kanter1975]; the path is made so long that a replica outlives its noise with a probability of about 1e-16, and moves
 * without noise then. */
#include "sde/fractional.h"
#include "sde/paths.h"

#include <math.h>

/* Substeps that the run may take. */
static double longest_run(const struct sde_settings *s) {
    if (s->clock == SDE_CLOCK_PHYSICAL) return (double)s->steps * (double)s->substeps;
    double a = s->order, time = (double)s->steps * s->schedule.rate, h = s->schedule.rate / (double)s->substeps;
    double most = pow(37 / ((1 - a) * pow(a, a / (1 - a))), 1 - a); /* exp(-37) = 1e-16 */
    return ceil(fmax(most, 1) * pow(time, a) / h) + 2;
}

static enum core_status prepare(struct sde_paths *paths) {
    const struct sde_settings *s = &paths->settings;
    size_t lanes = paths->stepper.landscape->lanes;
    if (s->steps < 1)
        return core_fail(CORE_BAD_INPUT, "fractional noise needs the steps of the run; found %zu, allowed: at least 1",
                         s->steps);
    double length = longest_run(s), available = (double)core_memory_available();
    double bytes = length < 1e15 ? sde_fractional_bytes((size_t)length, lanes, paths->draws) : (double)INFINITY;
    if (bytes > (available > 0 ? available : 1e15)) {
        return core_fail(CORE_NO_MEMORY,
                         "fractional noise keeps whole paths, %g substeps of %zu numbers for %zu replicas: %.3g GB for "
                         "each thread, this machine has %.3g GB left",
                         length, paths->draws, lanes, bytes / 1e9, available / 1e9);
    }
    enum core_status status = sde_fractional_create(s->hurst, (size_t)length, &paths->fractional);
    if (status != CORE_OK) return status;
    paths->length = (size_t)length;
    paths->factor = s->scale * pow((double)s->substeps, -s->hurst) / sqrt(s->batch);
    /* the path, then what fill works in for one path, then room to align that */
    paths->state = paths->length * paths->draws + sde_fractional_scratch(paths->fractional, 1) + CORE_LANES;
    return CORE_OK;
}

static void begin(const struct sde_paths *paths, uint64_t path, size_t width, double state[]) {
    struct core_stream stream = {.seed = paths->stepper.seed, .path = path, .purpose = CORE_PURPOSE_NOISE};
    uintptr_t end = (uintptr_t)(state + paths->length * paths->draws * width);
    double *scratch = (double *)((end + 63) / 64 * 64);
    sde_fractional_fill(paths->fractional, &stream, width, paths->draws, state, scratch);
}

static void amplitude(const struct sde_paths *paths, const struct sde_substep *at, double amplitude[]) {
    for (size_t j = 0; j < at->width; j++) amplitude[j] = at->rate * paths->factor;
}

static void draw(const struct sde_paths *paths, const struct sde_substep *at, double z[]) {
    size_t count = paths->draws * at->width;
    const double *row = at->state + at->index * count;
    int made = at->index < paths->length;
    for (size_t i = 0; i < count; i++) z[i] = made ? row[i] : 0;
}

const struct sde_noise_method sde_noise_fractional = {
    .choice = {"fractional", "fractional Gaussian noise of a Hurst index: memory as long as the run", "davies1987"},
    .prepare = prepare,
    .begin = begin,
    .amplitude = amplitude,
    .draw = draw,
};
