/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_SUPPORT_DRIVING_H
#define TESTS_SUPPORT_DRIVING_H

/* Landscapes on which the noise of an equation can be read off its paths, and covariances of paths. Header only. */

#include "core/core.h"
#include "sde/sde.h"
#include "support/stepping.h"

/* L = h |x|^2 / 2 in `dimension` coordinates. */
STEPPING_INLINE struct core_landscape *driving_well(size_t dimension, double h) {
    double *matrix = calloc(dimension * dimension, sizeof *matrix);
    for (size_t i = 0; i < dimension; i++) matrix[i * dimension + i] = h;
    struct core_potential potential = {.name = "quadratic", .rows = dimension, .columns = dimension, .matrix = matrix};
    struct core_landscape *land = NULL;
    if (core_landscape_create(&potential, &land) != CORE_OK) reference_missing("no landscape", core_error());
    free(matrix);
    return land;
}

/* Isotropic noise of temperature 1 and batch 1: a step of Gaussian noise moves a coordinate by rate z. */
STEPPING_INLINE struct sde_settings driving_settings(enum sde_noise noise, double rate, size_t substeps) {
    struct sde_settings settings = sde_settings_default();
    settings.noise = noise;
    settings.covariance = SDE_COVARIANCE_ISOTROPIC;
    settings.temperature = 1;
    settings.schedule.rate = rate;
    settings.substeps = substeps;
    return settings;
}

STEPPING_INLINE struct core_stepper *driving_create(const struct core_landscape *land,
                                                    const struct sde_settings *settings, uint64_t seed) {
    struct core_stepper *stepper = NULL;
    if (sde_create(land, settings, seed, &stepper) != CORE_OK) reference_missing("no stepper", core_error());
    return stepper;
}

/* (replicas, steps, dimension) moves of one step each on a flat landscape, in units of -rate: the driving vectors. */
STEPPING_INLINE double *driving_moves(const struct sde_settings *settings, size_t dimension, size_t steps,
                                      size_t replicas, uint64_t seed) {
    struct core_landscape *land = driving_well(dimension, 0);
    struct core_stepper *stepper = driving_create(land, settings, seed);
    size_t *at = calloc(steps + 1, sizeof *at);
    double *start = calloc(dimension, sizeof *start), *moves = calloc(replicas * steps * dimension, sizeof *moves);
    for (size_t k = 0; k <= steps; k++) at[k] = k;
    struct core_ensemble *e = stepping_run(stepper, start, steps + 1, at, replicas);
    for (size_t k = 0; k < steps; k++) {
        const double *now = e->parameters + k * replicas * dimension, *next = now + replicas * dimension;
        for (size_t r = 0; r < replicas; r++) {
            for (size_t i = 0; i < dimension; i++) {
                double move = next[r * dimension + i] - now[r * dimension + i];
                moves[(r * steps + k) * dimension + i] = -move / settings->schedule.rate;
            }
        }
    }
    core_ensemble_free(e);
    sde_free(stepper);
    core_landscape_free(land);
    free(at);
    free(start);
    return moves;
}

/* The z-score of the mean product of columns a and b of rows (count, width) against `expected`. */
STEPPING_INLINE double driving_covariance_z(const double rows[], size_t count, size_t width, size_t a, size_t b,
                                            double expected) {
    double first = 0, second = 0;
    for (size_t r = 0; r < count; r++) {
        double product = rows[r * width + a] * rows[r * width + b];
        first += product / (double)count;
        second += product * product / (double)count;
    }
    return fabs(first - expected) / sqrt((second - first * first) / (double)count);
}

#endif
