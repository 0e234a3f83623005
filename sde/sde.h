/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SDE_SDE_H
#define SDE_SDE_H

#include "core/ensemble.h"
#include "core/landscape.h"
#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

/* Stochastic differential equations that model SGD. Prefix sde_. Signs and factors: CONVENTIONS.md.
 *
 *     d theta = -grad L dt + sqrt(eta / B) Sigma(theta)^{1/2} dW          (Ito)
 *
 * and its relatives: a model is one choice from each of three tables (drift, covariance, noise), stepped by
 * Euler-Maruyama with m substeps of length eta / m to one step of SGD. */

/* One row of a table of choices: the word in the study, a sentence, a source. */
struct sde_choice {
    const char *name, *sentence, *source;
};
/* Row i of a table, in the order of the enums below; NULL past its end. */
const struct sde_choice *sde_noise_choice(size_t i);
const struct sde_choice *sde_covariance_choice(size_t i);
const struct sde_choice *sde_drift_choice(size_t i);

enum sde_noise { SDE_NOISE_NONE, SDE_NOISE_GAUSSIAN, SDE_NOISE_POISSON, SDE_NOISE_STABLE };
enum sde_covariance { SDE_COVARIANCE_ISOTROPIC, SDE_COVARIANCE_ISOTROPIC_LOCAL, SDE_COVARIANCE_SGD };
enum sde_drift { SDE_DRIFT_GRADIENT, SDE_DRIFT_SECOND_ORDER };

struct sde_settings {
    enum sde_noise noise;           /* default gaussian */
    enum sde_covariance covariance; /* default sgd; poisson noise is always the samples' own */
    enum sde_drift drift;           /* default gradient */
    double alpha;                   /* stable: index in (0, 2]; default 1.9 */
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

#endif
