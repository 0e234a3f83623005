/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SDE_PATHS_H
#define SDE_PATHS_H

#include "core/block.h"
#include "core/memory.h"
#include "core/random.h"
#include "sde/sde.h"

/* Inside the room: how a drift, a covariance and a noise make one substep of length h = eta / m,
 *
 *     theta <- theta - h (grad L + correction) - amplitude * Sigma^{1/2} z,
 *
 * with z standard normal. The noise says what the amplitude is (and may draw it), the covariance what Sigma^{1/2} is.
 */

struct sde_paths;

/* Where a substep stands: its address for random numbers, its length, the point, and memory. */
struct sde_substep {
    uint64_t path, index; /* first replica; substep number k m + j */
    double rate, length;  /* eta, h = eta / m */
    double *x;            /* (dimension, lanes) */
    double *out;          /* (dimension, lanes) what will be subtracted from x */
    double *draws;        /* room for the draws: paths->draws * lanes doubles */
    double *scratch;      /* what the landscape needs */
};

struct sde_noise_method {
    struct sde_choice choice;
    /* CORE_BAD_INPUT where the settings do not suit; prepares paths->factor and what else the noise needs. */
    enum core_status (*prepare)(struct sde_paths *paths);
    /* amplitude[lanes] of this substep. NULL: no continuous noise. */
    void (*amplitude)(const struct sde_paths *paths, const struct sde_substep *at, double amplitude[]);
    /* Noise made of samples, in place of amplitude and covariance: out = h grad L + jumps. NULL for the others. */
    void (*jump)(const struct sde_paths *paths, const struct sde_substep *at);
};

struct sde_covariance_method {
    struct sde_choice choice;
    /* How many normal draws a substep takes. */
    size_t (*draws)(const struct core_landscape *land);
    enum core_status (*check)(const struct sde_settings *settings, const struct core_landscape *land);
    /* out = h grad L + amplitude Sigma^{1/2} z. */
    void (*step)(const struct sde_paths *paths, const struct sde_substep *at, const double amplitude[],
                 const double z[]);
};

struct sde_drift_method {
    struct sde_choice choice;
    /* Doubles a block's correction needs beside the landscape's scratch, in units of (dimension, lanes). */
    size_t vectors;
    enum core_status (*check)(const struct core_landscape *land);
    /* out += h * (what is added to grad L). NULL: nothing. */
    void (*correct)(const struct sde_paths *paths, const struct sde_substep *at, double vectors[]);
};

struct sde_paths {
    struct core_stepper stepper;
    struct sde_settings settings;
    const struct sde_noise_method *noise;
    const struct sde_covariance_method *covariance;
    const struct sde_drift_method *drift;
    double factor;              /* amplitude of a substep is eta * factor (times a random scale for stable noise) */
    struct core_poisson counts; /* poisson: the law of the number of samples in a substep */
    size_t draws;               /* doubles of draws per lane */
};

/* The methods, in the order of the enums of sde.h. */
extern const struct sde_noise_method sde_noise_none, sde_noise_gaussian, sde_noise_poisson, sde_noise_stable;
extern const struct sde_covariance_method sde_covariance_isotropic, sde_covariance_isotropic_local, sde_covariance_sgd;
extern const struct sde_drift_method sde_drift_gradient, sde_drift_second_order;

/* The address of a substep's draws for one purpose. */
static inline struct core_stream sde_stream(const struct sde_paths *paths, const struct sde_substep *at,
                                            uint32_t purpose) {
    return (struct core_stream){.seed = paths->stepper.seed, .path = at->path, .purpose = purpose, .step = at->index};
}

#endif
