/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SDE_SDE_H
#define SDE_SDE_H

#include "core/ensemble.h"
#include "core/landscape.h"
#include "core/random.h"
#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

/* Stochastic differential equations that model SGD. Prefix sde_. Signs and factors: CONVENTIONS.md.
 *
 *     d theta = -grad L dt + sqrt(eta / B) Sigma(theta)^{1/2} dW          (Ito)
 *
 * and its relatives: a model is one choice from each of five tables (drift, covariance, noise, scheme, clock), stepped
 * with m substeps of length eta / m to one step of SGD. */

/* One row of a table of choices: the word in the study, a sentence, a source. */
struct sde_choice {
    const char *name, *sentence, *source;
};
/* Row i of a table, in the order of the enums below; NULL past its end. */
const struct sde_choice *sde_noise_choice(size_t i);
const struct sde_choice *sde_covariance_choice(size_t i);
const struct sde_choice *sde_drift_choice(size_t i);
const struct sde_choice *sde_scheme_choice(size_t i);
const struct sde_choice *sde_clock_choice(size_t i);

/* The orders in h that row i of the table of schemes claims; infinity: no error, 0: no claim. */
void sde_scheme_orders(size_t i, double *strong, double *weak);

enum sde_noise {
    SDE_NOISE_NONE,
    SDE_NOISE_GAUSSIAN,
    SDE_NOISE_POISSON,
    SDE_NOISE_STABLE,
    SDE_NOISE_INDEPENDENT_STABLE,
    SDE_NOISE_COLOURED,
    SDE_NOISE_ANTICORRELATED,
    SDE_NOISE_FRACTIONAL
};
enum sde_covariance { SDE_COVARIANCE_ISOTROPIC, SDE_COVARIANCE_ISOTROPIC_LOCAL, SDE_COVARIANCE_SGD };
enum sde_drift { SDE_DRIFT_GRADIENT, SDE_DRIFT_SECOND_ORDER, SDE_DRIFT_CENTRAL_FLOW, SDE_DRIFT_CENTRAL_FLOW_PLUS };
enum sde_scheme {
    SDE_SCHEME_EULER_MARUYAMA,
    SDE_SCHEME_TAMED,
    SDE_SCHEME_HEUN,
    SDE_SCHEME_MILSTEIN,
    SDE_SCHEME_EXACT,
    SDE_SCHEME_BAOAB
};
enum sde_clock { SDE_CLOCK_PHYSICAL, SDE_CLOCK_INVERSE_STABLE };

struct sde_settings {
    enum sde_noise noise;           /* default gaussian */
    enum sde_covariance covariance; /* default sgd; poisson noise is always the samples' own */
    enum sde_drift drift;           /* default gradient */
    enum sde_scheme scheme;         /* default euler-maruyama */
    enum sde_clock clock;           /* default physical */
    double alpha;                   /* stable, independent-stable: index in (0, 2]; default 1.9 */
    double tau;                     /* coloured: correlation time >= 0, in units of time; default 1 */
    double hurst;                   /* fractional: Hurst index in (0, 1); default 0.5 */
    double order;                   /* inverse-stable clock: in (0, 1); default 0.6 */
    double friction;                /* baoab: > 0, an inverse time; default 1 */
    size_t epoch;                   /* anticorrelated: steps of an epoch, >= 2; default 0: samples / batch */
    size_t steps;                   /* fractional: steps of the longest run; default 0 (must be set) */
    double scale;                   /* factor on the noise amplitude; default 1 (stable noise: see CONVENTIONS.md) */
    double temperature;             /* isotropic: the variance T of one coordinate, in place of tr Sigma / P */
    double batch;                   /* B > 0 of the SGD the model stands for */
    size_t substeps;                /* m >= 1; default 1 */
    struct core_schedule schedule;  /* one step lasts eta */
};
struct sde_settings sde_settings_default(void);
enum core_status sde_check(const struct sde_settings *settings, const struct core_landscape *land);

/* A stepper for core_ensemble_run; borrows the landscape. */
enum core_status sde_create(const struct core_landscape *land, const struct sde_settings *settings, uint64_t seed,
                            struct core_stepper **paths);
void sde_free(struct core_stepper *paths);

/* The inverse stable subordinator at one time: out (count, width) independent draws of E_t, exact by self-similarity,
 * E_t = (t / A)^order with A positive stable, E exp(-q A) = exp(-q^order). 0 < order <= 1, time >= 0. */
void sde_inverse_subordinator(const struct core_stream *stream, double order, double time, size_t width, size_t count,
                              double out[]);

#endif
