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
 * with z the driving vector, standard normal unless the noise draws another. The noise says what the amplitude is (and
 * may draw it), the covariance what Sigma^{1/2} is, the scheme how the right-hand side makes a substep, and the clock
 * how many substeps lie between two times. */

struct sde_paths;

/* Where a substep stands: its address for random numbers, its length, the point, and memory. The noise's amplitude and
 * draw fill `width` columns, one a path from `path` on: all lanes of a block, or one of them. */
struct sde_substep {
    uint64_t path, index; /* first replica; substep number k m + j */
    size_t width;         /* paths drawn for: lanes or 1 */
    double rate, length;  /* eta, h = eta / m */
    double *x;            /* (dimension, lanes) */
    double *out;          /* (dimension, lanes) what will be subtracted from x */
    double *draws;        /* room for the draws: paths->draws * lanes doubles */
    double *state;        /* the noise's state (paths->state, width), carried from substep to substep */
    double *memory;       /* the scheme's state, in units of (dimension, lanes) */
    double *vectors;      /* the scheme's, in units of (dimension, lanes) */
    double *correction;   /* the drift's */
    double *drift_state;  /* the drift's, carried from substep to substep */
    double *scratch;      /* what the landscape needs */
};

struct sde_noise_method {
    struct sde_choice choice;
    /* CORE_BAD_INPUT where the settings do not suit; prepares paths->factor, paths->state and what else the noise
     * needs (sde_free releases it). */
    enum core_status (*prepare)(struct sde_paths *paths);
    /* Fills the state of `width` paths before the first substep. NULL: zeros. The memory is the block's workspace. */
    void (*begin)(const struct sde_paths *paths, uint64_t path, size_t width, double state[]);
    /* amplitude[width] of this substep. NULL: no continuous noise. */
    void (*amplitude)(const struct sde_paths *paths, const struct sde_substep *at, double amplitude[]);
    /* z (paths->draws, width), the driving vector; moves at->state on. NULL: independent standard normals. */
    void (*draw)(const struct sde_paths *paths, const struct sde_substep *at, double z[]);
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
    /* Further doubles it needs, and doubles it carries along a path, zero at the start; a multiple of 8. NULL: none. */
    size_t (*room)(const struct core_landscape *land);
    size_t (*state)(const struct core_landscape *land);
    enum core_status (*check)(const struct core_landscape *land);
    /* out += h * (what is added to grad L). NULL: nothing. */
    void (*correct)(const struct sde_paths *paths, const struct sde_substep *at, double vectors[]);
};

struct sde_scheme_method {
    struct sde_choice choice;
    double strong,
        weak; /* claimed orders in h, 0: none, for additive and (Ito, or Stratonovich where it says so) smooth noise */
    size_t vectors; /* doubles beside the landscape's scratch, in units of (dimension, lanes) */
    size_t memory;  /* state from substep to substep, in the same units; physical clock only */
    /* CORE_BAD_INPUT where the settings do not suit. NULL: all do. */
    enum core_status (*check)(const struct sde_paths *paths);
    /* Prepares paths->modes. NULL: nothing to prepare. */
    enum core_status (*prepare)(struct sde_paths *paths);
    /* out = what a substep subtracts from x, from a right-hand side with this amplitude and driving vector. */
    void (*advance)(const struct sde_paths *paths, const struct sde_substep *at, const double amplitude[],
                    const double z[]);
};

struct sde_clock_method {
    struct sde_choice choice;
    size_t state; /* doubles of state a lane */
    enum core_status (*check)(const struct sde_settings *settings, const struct sde_noise_method *noise);
    void (*begin)(const struct sde_paths *paths, uint64_t path, double workspace[]);
    void (*step)(const struct core_stepper *stepper, uint64_t path, size_t k, double rate, double x[],
                 double workspace[], double scratch[]);
};

struct sde_paths {
    struct core_stepper stepper;
    struct sde_settings settings;
    const struct sde_noise_method *noise;
    const struct sde_covariance_method *covariance;
    const struct sde_drift_method *drift;
    const struct sde_scheme_method *scheme;
    const struct sde_clock_method *clock;
    double factor;              /* amplitude of a substep is eta * factor (times a random scale for stable noise) */
    struct core_poisson counts; /* poisson: the law of the number of samples in a substep */
    size_t draws;               /* doubles of draws per lane */
    size_t state;               /* doubles of the noise's state per lane */
    size_t epoch;               /* anticorrelated: steps of an epoch */
    size_t length;              /* fractional: substeps of a path */
    struct sde_fractional *fractional; /* fractional: the law of a whole path */
    double *modes;                     /* exact-ou: eigenvalues and eigenvectors */
};

/* The methods, in the order of the enums of sde.h. */
extern const struct sde_noise_method sde_noise_none, sde_noise_gaussian, sde_noise_poisson, sde_noise_stable,
    sde_noise_independent_stable, sde_noise_coloured, sde_noise_anticorrelated, sde_noise_fractional;
extern const struct sde_covariance_method sde_covariance_isotropic, sde_covariance_isotropic_local, sde_covariance_sgd;
extern const struct sde_drift_method sde_drift_gradient, sde_drift_second_order, sde_drift_central_flow,
    sde_drift_central_flow_plus;
extern const struct sde_scheme_method sde_scheme_euler_maruyama, sde_scheme_tamed, sde_scheme_heun, sde_scheme_milstein,
    sde_scheme_exact, sde_scheme_baoab;
extern const struct sde_clock_method sde_clock_physical, sde_clock_inverse_stable;

/* at->out = h (drift) + amplitude Sigma^{1/2} z at the point at->x; what Euler-Maruyama subtracts. */
void sde_right_hand_side(const struct sde_paths *paths, const struct sde_substep *at, const double amplitude[],
                         const double z[]);
/* amplitude[width] and z (draws, width) of a substep; nothing where the noise has no amplitude. */
void sde_draw(const struct sde_paths *paths, const struct sde_substep *at, double amplitude[], double z[]);
/* A substep of the block with its memory cut out of the driver's scratch: path, width, x, out ... scratch are set, the
 * rest is zero. */
struct sde_substep sde_substep_begin(const struct sde_paths *paths, uint64_t path, double x[], double scratch[]);

/* Doubles of a vector (dimension, lanes), rounded up to whole lanes. */
static inline size_t sde_vector(const struct core_landscape *land) {
    return (land->dimension * land->lanes + 7) / 8 * 8;
}

/* Doubles of the state of noise and clock in a block's workspace, rounded up to whole lanes; the scheme's follows. */
static inline size_t sde_state_size(const struct sde_paths *paths) {
    return ((paths->state + paths->clock->state) * paths->stepper.landscape->lanes + 7) / 8 * 8;
}

/* The address of a substep's draws for one purpose. */
static inline struct core_stream sde_stream(const struct sde_paths *paths, const struct sde_substep *at,
                                            uint32_t purpose) {
    return (struct core_stream){.seed = paths->stepper.seed, .path = at->path, .purpose = purpose, .step = at->index};
}

#endif
