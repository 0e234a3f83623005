/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Covariances: what Sigma^{1/2} z is, z standard normal.
 *
 *     isotropic         sqrt(T) z, one temperature T for the whole run (the study's, or the time mean of tr Sigma / P
 *                       along SGD)
 *     isotropic-local   sqrt(tr Sigma(theta) / P) z
 *     sgd               F(theta) z, F F^T = Sigma(theta): exact, without a matrix, at about the cost of a gradient
 *
 * All three have the same trace; only sgd has SGD's directions. */
#include "sde/paths.h"

#include <math.h>

static size_t one_a_parameter(const struct core_landscape *land) {
    return land->dimension;
}

static size_t noise_width(const struct core_landscape *land) {
    return land->noise_width;
}

/* out = h grad L + deviation z. */
static void spherical(const struct sde_paths *paths, const struct sde_substep *at, const double deviation[],
                      const double z[]) {
    const struct core_landscape *land = paths->stepper.landscape;
    land->methods->gradient(land, at->x, at->out, at->scratch);
    for (size_t i = 0; i < land->dimension * land->lanes; i++) at->out[i] *= at->length;
    core_block_kernels()->add(land->dimension, land->lanes, deviation, z, at->out);
}

static enum core_status check_isotropic(const struct sde_settings *settings, const struct core_landscape *land) {
    (void)land;
    if (settings->temperature >= 0 && isfinite(settings->temperature)) return CORE_OK;
    return core_fail(CORE_BAD_INPUT, "isotropic noise needs a temperature; found %g, allowed: a number >= 0",
                     settings->temperature);
}

static void step_isotropic(const struct sde_paths *paths, const struct sde_substep *at, const double amplitude[],
                           const double z[]) {
    double deviation[CORE_LANES] __attribute__((aligned(64)));
    for (size_t j = 0; j < paths->stepper.landscape->lanes; j++) {
        deviation[j] = amplitude[j] * sqrt(paths->settings.temperature);
    }
    spherical(paths, at, deviation, z);
}

static enum core_status check_local(const struct sde_settings *settings, const struct core_landscape *land) {
    (void)settings;
    return core_landscape_require(land, land->methods->noise_trace != NULL, "gradient noise");
}

static void step_local(const struct sde_paths *paths, const struct sde_substep *at, const double amplitude[],
                       const double z[]) {
    const struct core_landscape *land = paths->stepper.landscape;
    double deviation[CORE_LANES] __attribute__((aligned(64)));
    land->methods->noise_trace(land, at->x, deviation, at->scratch);
    for (size_t j = 0; j < land->lanes; j++) {
        deviation[j] = amplitude[j] * sqrt(fmax(deviation[j], 0) / (double)land->dimension);
    }
    spherical(paths, at, deviation, z);
}

static enum core_status check_sgd(const struct sde_settings *settings, const struct core_landscape *land) {
    (void)settings;
    return core_landscape_require(land, land->methods->noisy_gradient != NULL, "gradient noise");
}

static void step_sgd(const struct sde_paths *paths, const struct sde_substep *at, const double amplitude[],
                     const double z[]) {
    const struct core_landscape *land = paths->stepper.landscape;
    land->methods->noisy_gradient(land, at->x, at->length, amplitude, z, at->out, at->scratch);
}

const struct sde_covariance_method sde_covariance_isotropic = {
    .choice = {"isotropic", "the same variance T in every direction, all along", ""},
    .draws = one_a_parameter,
    .check = check_isotropic,
    .step = step_isotropic,
};

const struct sde_covariance_method sde_covariance_isotropic_local = {
    .choice = {"isotropic-local", "the same variance tr Sigma(theta) / P in every direction", ""},
    .draws = one_a_parameter,
    .check = check_local,
    .step = step_local,
};

const struct sde_covariance_method sde_covariance_sgd = {
    .choice = {"sgd", "SGD's own gradient-noise covariance Sigma(theta)", ""},
    .draws = noise_width,
    .check = check_sgd,
    .step = step_sgd,
};
