/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Euler-Maruyama with m substeps of length h = eta / m to one step of SGD: strong order 1/2, weak order 1 in h for
 * multiplicative noise. With m = 1 it is not a small-step approximation of the equation but SGD with its noise
 * replaced: every effect of the finite step is still in it. */
#include "sde/paths.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static const struct sde_noise_method *const noises[] = {&sde_noise_none, &sde_noise_gaussian, &sde_noise_poisson,
                                                        &sde_noise_stable};
static const struct sde_covariance_method *const covariances[] = {&sde_covariance_isotropic,
                                                                  &sde_covariance_isotropic_local, &sde_covariance_sgd};
static const struct sde_drift_method *const drifts[] = {&sde_drift_gradient, &sde_drift_second_order};

const struct sde_choice *sde_noise_choice(size_t i) {
    return i < sizeof noises / sizeof *noises ? &noises[i]->choice : NULL;
}

const struct sde_choice *sde_covariance_choice(size_t i) {
    return i < sizeof covariances / sizeof *covariances ? &covariances[i]->choice : NULL;
}

const struct sde_choice *sde_drift_choice(size_t i) {
    return i < sizeof drifts / sizeof *drifts ? &drifts[i]->choice : NULL;
}

struct sde_settings sde_settings_default(void) {
    return (struct sde_settings){
        .noise = SDE_NOISE_GAUSSIAN,
        .covariance = SDE_COVARIANCE_SGD,
        .drift = SDE_DRIFT_GRADIENT,
        .alpha = 1.9,
        .scale = 1,
        .temperature = NAN,
        .batch = 1,
        .substeps = 1,
        .schedule = {.law = CORE_SCHEDULE_CONSTANT, .rate = 0.01, .factor = 1, .every = 1},
    };
}

/* One substep: at->out, then x <- x - out. */
static void substep(const struct sde_paths *paths, const struct sde_substep *at) {
    const struct core_landscape *land = paths->stepper.landscape;
    double amplitude[CORE_LANES] __attribute__((aligned(64)));
    if (paths->noise->jump != NULL) {
        paths->noise->jump(paths, at);
    } else if (paths->noise->amplitude != NULL) {
        struct core_stream stream = sde_stream(paths, at, CORE_PURPOSE_NOISE);
        paths->noise->amplitude(paths, at, amplitude);
        core_random_normal(&stream, land->lanes, paths->draws, at->draws);
        paths->covariance->step(paths, at, amplitude, at->draws);
    } else {
        land->methods->gradient(land, at->x, at->out, at->scratch);
        for (size_t i = 0; i < land->dimension * land->lanes; i++) at->out[i] *= at->length;
    }
}

static void step(const struct core_stepper *stepper, uint64_t path, size_t k, double rate, double x[],
                 double workspace[], double scratch[]) {
    (void)workspace;
    const struct sde_paths *paths = stepper->self;
    const struct core_landscape *land = stepper->landscape;
    size_t size = (land->dimension * land->lanes + 7) / 8 * 8, m = paths->settings.substeps;
    double *vectors = scratch + size, *draws = vectors + paths->drift->vectors * size;
    double minus[CORE_LANES] __attribute__((aligned(64)));
    for (size_t j = 0; j < CORE_LANES; j++) minus[j] = -1;
    for (size_t i = 0; i < m; i++) {
        struct sde_substep at = {
            .path = path,
            .index = (uint64_t)k * m + i,
            .rate = rate,
            .length = rate / (double)m,
            .x = x,
            .out = scratch,
            .draws = draws,
            .scratch = draws + (paths->draws * land->lanes + 7) / 8 * 8,
        };
        substep(paths, &at);
        if (paths->drift->correct != NULL) paths->drift->correct(paths, &at, vectors);
        core_block_kernels()->add(land->dimension, land->lanes, minus, at.out, x);
    }
}

/* ---- Create, check, free ---- */

static enum core_status check_numbers(const struct sde_settings *s) {
    if (!(s->batch > 0) || !isfinite(s->batch))
        return core_fail(CORE_BAD_INPUT, "batch %g; allowed: a positive number", s->batch);
    if (!(s->scale >= 0) || !isfinite(s->scale))
        return core_fail(CORE_BAD_INPUT, "scale %g; allowed: a number >= 0", s->scale);
    if (s->substeps < 1) return core_fail(CORE_BAD_INPUT, "substeps %zu; allowed: at least 1", s->substeps);
    if (!(s->schedule.rate > 0) || !isfinite(s->schedule.rate)) {
        return core_fail(CORE_BAD_INPUT, "rate %g; allowed: a positive number", s->schedule.rate);
    }
    return CORE_OK;
}

/* Chooses the methods and prepares them. */
static enum core_status prepare(struct sde_paths *paths, const struct core_landscape *land,
                                const struct sde_settings *settings) {
    enum core_status status = check_numbers(settings);
    if (status != CORE_OK) return status;
    paths->settings = *settings;
    paths->stepper.landscape = land;
    paths->noise = noises[settings->noise];
    paths->covariance = covariances[settings->covariance];
    paths->drift = drifts[settings->drift];
    if (paths->drift->check != NULL) status = paths->drift->check(land);
    if (status == CORE_OK && paths->noise->amplitude != NULL) status = paths->covariance->check(settings, land);
    if (status != CORE_OK) return status;
    paths->draws = paths->noise->amplitude != NULL ? paths->covariance->draws(land) : 0;
    return paths->noise->prepare(paths);
}

enum core_status sde_check(const struct sde_settings *settings, const struct core_landscape *land) {
    struct sde_paths paths = {.factor = 0};
    enum core_status status = prepare(&paths, land, settings);
    core_poisson_free(&paths.counts);
    return status;
}

enum core_status sde_create(const struct core_landscape *land, const struct sde_settings *settings, uint64_t seed,
                            struct core_stepper **stepper) {
    *stepper = NULL;
    struct sde_paths *paths = core_alloc(1, sizeof *paths);
    if (paths == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a stochastic differential equation");
    enum core_status status = prepare(paths, land, settings);
    if (status != CORE_OK) {
        sde_free(&paths->stepper);
        return core_context(status, "while preparing %s noise", noises[settings->noise]->choice.name);
    }
    size_t size = (land->dimension * land->lanes + 7) / 8 * 8;
    size_t gradient = paths->noise->jump != NULL ? size : 0;
    paths->stepper = (struct core_stepper){
        .landscape = land,
        .schedule = settings->schedule,
        .seed = seed,
        .scratch =
            size * (1 + paths->drift->vectors) + (paths->draws * land->lanes + 7) / 8 * 8 + gradient + land->scratch,
        .step = step,
        .self = paths,
    };
    *stepper = &paths->stepper;
    return CORE_OK;
}

void sde_free(struct core_stepper *stepper) {
    if (stepper == NULL) return;
    struct sde_paths *paths = (struct sde_paths *)(void *)stepper; /* the stepper is the first member */
    core_poisson_free(&paths->counts);
    core_free(paths);
}
