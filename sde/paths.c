/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stepper of a model: what its five choices are, and m substeps of length h = eta / m to one step of SGD. With m =
 * 1 it is not a small-step approximation of the equation but SGD with its noise replaced: every effect of the finite
 * step is still in it. */
#include "sde/paths.h"

#include "sde/fractional.h"

#include <math.h>
#include <stdint.h>

static const struct sde_noise_method *const noises[] = {
    &sde_noise_none,           &sde_noise_gaussian,           &sde_noise_poisson,
    &sde_noise_stable,         &sde_noise_independent_stable, &sde_noise_coloured,
    &sde_noise_anticorrelated, &sde_noise_fractional};
static const struct sde_covariance_method *const covariances[] = {&sde_covariance_isotropic,
                                                                  &sde_covariance_isotropic_local, &sde_covariance_sgd};
static const struct sde_drift_method *const drifts[] = {&sde_drift_gradient, &sde_drift_second_order,
                                                        &sde_drift_central_flow, &sde_drift_central_flow_plus};
static const struct sde_scheme_method *const schemes[] = {&sde_scheme_euler_maruyama, &sde_scheme_tamed,
                                                          &sde_scheme_heun,           &sde_scheme_milstein,
                                                          &sde_scheme_exact,          &sde_scheme_baoab};
static const struct sde_clock_method *const clocks[] = {&sde_clock_physical, &sde_clock_inverse_stable};

const struct sde_choice *sde_noise_choice(size_t i) {
    return i < sizeof noises / sizeof *noises ? &noises[i]->choice : NULL;
}

const struct sde_choice *sde_covariance_choice(size_t i) {
    return i < sizeof covariances / sizeof *covariances ? &covariances[i]->choice : NULL;
}

const struct sde_choice *sde_drift_choice(size_t i) {
    return i < sizeof drifts / sizeof *drifts ? &drifts[i]->choice : NULL;
}

const struct sde_choice *sde_scheme_choice(size_t i) {
    return i < sizeof schemes / sizeof *schemes ? &schemes[i]->choice : NULL;
}

const struct sde_choice *sde_clock_choice(size_t i) {
    return i < sizeof clocks / sizeof *clocks ? &clocks[i]->choice : NULL;
}

void sde_scheme_orders(size_t i, double *strong, double *weak) {
    *strong = schemes[i]->strong;
    *weak = schemes[i]->weak;
}

struct sde_settings sde_settings_default(void) {
    return (struct sde_settings){
        .noise = SDE_NOISE_GAUSSIAN,
        .covariance = SDE_COVARIANCE_SGD,
        .drift = SDE_DRIFT_GRADIENT,
        .scheme = SDE_SCHEME_EULER_MARUYAMA,
        .clock = SDE_CLOCK_PHYSICAL,
        .alpha = 1.9,
        .tau = 1,
        .hurst = 0.5,
        .order = 0.6,
        .friction = 1,
        .scale = 1,
        .temperature = NAN,
        .batch = 1,
        .substeps = 1,
        .schedule = {.law = CORE_SCHEDULE_CONSTANT, .rate = 0.01, .factor = 1, .every = 1},
    };
}

/* Doubles of scratch for the drift. */
static size_t drift_room(const struct sde_paths *paths, const struct core_landscape *land) {
    return paths->drift->vectors * sde_vector(land) + (paths->drift->room != NULL ? paths->drift->room(land) : 0);
}

/* ---- One substep ---- */

void sde_draw(const struct sde_paths *paths, const struct sde_substep *at, double amplitude[], double z[]) {
    if (paths->noise->amplitude == NULL) return;
    paths->noise->amplitude(paths, at, amplitude);
    if (paths->noise->draw != NULL) {
        paths->noise->draw(paths, at, z);
        return;
    }
    struct core_stream stream = sde_stream(paths, at, CORE_PURPOSE_NOISE);
    core_random_normal(&stream, at->width, paths->draws, z);
}

void sde_right_hand_side(const struct sde_paths *paths, const struct sde_substep *at, const double amplitude[],
                         const double z[]) {
    const struct core_landscape *land = paths->stepper.landscape;
    if (paths->noise->jump != NULL) {
        paths->noise->jump(paths, at);
    } else if (paths->noise->amplitude != NULL) {
        paths->covariance->step(paths, at, amplitude, z);
    } else {
        land->methods->gradient(land, at->x, at->out, at->scratch);
        for (size_t i = 0; i < land->dimension * land->lanes; i++) at->out[i] *= at->length;
    }
    if (paths->drift->correct != NULL) paths->drift->correct(paths, at, at->correction);
}

struct sde_substep sde_substep_begin(const struct sde_paths *paths, uint64_t path, double x[], double scratch[]) {
    const struct core_landscape *land = paths->stepper.landscape;
    size_t size = sde_vector(land);
    double *vectors = scratch + size, *correction = vectors + paths->scheme->vectors * size;
    double *draws = correction + drift_room(paths, land);
    return (struct sde_substep){
        .path = path,
        .width = land->lanes,
        .x = x,
        .out = scratch,
        .draws = draws,
        .vectors = vectors,
        .correction = correction,
        .scratch = draws + (paths->draws * land->lanes + 7) / 8 * 8,
    };
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

/* Jumps are made for Euler's scheme: the others ask for drift and noise apart. */
static enum core_status check_scheme(const struct sde_paths *paths) {
    if (paths->noise->jump == NULL || paths->settings.scheme == SDE_SCHEME_EULER_MARUYAMA)
        return paths->scheme->check != NULL ? paths->scheme->check(paths) : CORE_OK;
    return core_fail(CORE_BAD_INPUT, "scheme %s with %s noise; allowed: %s", paths->scheme->choice.name,
                     paths->noise->choice.name, sde_scheme_euler_maruyama.choice.name);
}

/* A drift that remembers is asked once a substep, for the whole block: Euler's scheme by the physical clock. */
static enum core_status check_drift(const struct sde_paths *paths) {
    if (paths->drift->state == NULL) return CORE_OK;
    if (paths->settings.scheme != SDE_SCHEME_EULER_MARUYAMA)
        return core_fail(CORE_BAD_INPUT, "scheme %s with the drift %s; allowed: %s", paths->scheme->choice.name,
                         paths->drift->choice.name, sde_scheme_euler_maruyama.choice.name);
    if (paths->settings.clock == SDE_CLOCK_PHYSICAL) return CORE_OK;
    return core_fail(CORE_BAD_INPUT, "clock %s with the drift %s; allowed: %s", paths->clock->choice.name,
                     paths->drift->choice.name, sde_clock_physical.choice.name);
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
    paths->scheme = schemes[settings->scheme];
    paths->clock = clocks[settings->clock];
    status = check_scheme(paths);
    if (status == CORE_OK) status = check_drift(paths);
    if (status == CORE_OK && paths->clock->check != NULL) status = paths->clock->check(settings, paths->noise);
    if (status == CORE_OK && paths->drift->check != NULL) status = paths->drift->check(land);
    if (status == CORE_OK && paths->noise->amplitude != NULL) status = paths->covariance->check(settings, land);
    if (status != CORE_OK) return status;
    paths->draws = paths->noise->amplitude != NULL ? paths->covariance->draws(land) : 0;
    status = paths->noise->prepare(paths);
    return status == CORE_OK && paths->scheme->prepare != NULL ? paths->scheme->prepare(paths) : status;
}

static void release(struct sde_paths *paths) {
    core_poisson_free(&paths->counts);
    sde_fractional_free(paths->fractional);
    core_free(paths->modes);
}

enum core_status sde_check(const struct sde_settings *settings, const struct core_landscape *land) {
    struct sde_paths paths = {.factor = 0};
    enum core_status status = prepare(&paths, land, settings);
    release(&paths);
    return status;
}

/* The driver's begin. */
static void begin(const struct core_stepper *stepper, uint64_t path, double workspace[]) {
    const struct sde_paths *paths = stepper->self;
    paths->clock->begin(paths, path, workspace);
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
    size_t size = sde_vector(land), draws = (paths->draws * land->lanes + 7) / 8 * 8;
    size_t gradient = paths->noise->jump != NULL ? size : 0;
    size_t one_lane = settings->clock != SDE_CLOCK_PHYSICAL ? (paths->draws + 7) / 8 * 8 : 0;
    paths->stepper = (struct core_stepper){
        .landscape = land,
        .schedule = settings->schedule,
        .seed = seed,
        .workspace = sde_state_size(paths) + paths->scheme->memory * size +
                     (paths->drift->state != NULL ? paths->drift->state(land) : 0),
        .scratch =
            size * (1 + paths->scheme->vectors) + drift_room(paths, land) + draws + gradient + one_lane + land->scratch,
        .begin = begin,
        .step = paths->clock->step,
        .self = paths,
    };
    *stepper = &paths->stepper;
    return CORE_OK;
}

void sde_free(struct core_stepper *stepper) {
    if (stepper == NULL) return;
    struct sde_paths *paths = (struct sde_paths *)(void *)stepper; /* the stepper is the first member */
    release(paths);
    core_free(paths);
}
