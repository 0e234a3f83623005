/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DLN_DLN_H
#define DLN_DLN_H

#include "core/ensemble.h"
#include "core/landscape.h"
#include "core/status.h"
#include "dln/llc.h"
#include "dln/saddles.h"
#include "dln/saxe.h"

#include <stddef.h>
#include <stdint.h>

/* Deep linear networks and true mini-batch SGD on them. Prefix dln_. Signs and factors: CONVENTIONS.md.
 *
 * f(x) = W_L ... W_1 x, W_l of shape d_l x d_{l-1}; theta = W_1, ..., W_L, each row-major, one after the other.
 * L(theta) = 1/(2n) sum_mu |y_mu - W x_mu|^2 over n samples.
 *
 *     struct dln_data data;            dln_data_generate(&settings, seed, &data);
 *     struct core_landscape *network;  dln_network_create(depth, widths, &data, &network);   (the data are copied)
 *     struct core_stepper *sgd;        dln_sgd_create(network, &sgd_settings, seed, &sgd);
 *     core_ensemble_run(sgd, ...);
 */

/* ---- Data ---- */

struct dln_data {
    size_t samples, inputs, outputs; /* n, d_0, d_L */
    double *x;                       /* (samples, inputs), one sample a row */
    double *y;                       /* (samples, outputs) */
};

enum dln_input_law { DLN_INPUT_GAUSSIAN, DLN_INPUT_STUDENT_T };

/* Data made by the laboratory: y = T x + label noise, T = U diag(singular values) V^T with Haar-random U, V. */
struct dln_data_settings {
    size_t samples, inputs, outputs;
    enum dln_input_law law;        /* entries of x before whitening; default Gaussian */
    double dof;                    /* Student-t degrees of freedom, > 0 */
    int whiten;                    /* 1: X X^T / n = I exactly */
    size_t covariance_count;       /* 0, or inputs: the diagonal of the covariance of x (exclusive with whiten) */
    const double *covariance;      /* entries >= 0; Student-t draws are multiplied by their square roots */
    size_t singular_count;         /* at most min(inputs, outputs) */
    const double *singular_values; /* of the teacher T */
    double label_noise;            /* standard deviation of Gaussian noise on each target, >= 0 */
};

enum core_status dln_data_generate(const struct dln_data_settings *settings, uint64_t seed, struct dln_data *data);
/* Subtracts each column's mean and divides by its standard deviation (n in the denominator); a constant column is
 * CORE_BAD_INPUT. values (rows, columns) in place. */
enum core_status dln_data_standardise(size_t rows, size_t columns, double values[]);
void dln_data_free(struct dln_data *data);

/* ---- The network as a landscape ---- */

enum { DLN_DEPTH_MAX = 64 };

/* Copies the data. widths: (depth + 1) d_0 ... d_L. CORE_BAD_INPUT where the widths do not fit the data. */
enum core_status dln_network_create(size_t depth, const size_t widths[], const struct dln_data *data,
                                    struct core_landscape **network);
/* 0 where the landscape is no network. */
size_t dln_network_depth(const struct core_landscape *network);
const size_t *dln_network_widths(const struct core_landscape *network);

/* The critical loss levels of the data, descending: levels[r] = tr Syy / 2 - (w_1 + ... + w_r) / 2, w the descending
 * eigenvalues of Syx Sxx^{-1} Sxy, r = 0 ... min of the widths. *count levels are written (room for DLN_LEVELS_MAX). */
enum { DLN_LEVELS_MAX = 1024 };
enum core_status dln_critical_levels(const struct core_landscape *network, size_t *count, double levels[]);

/* ---- Starts: theta of shape (dimension) ---- */

/* Every weight N(0, scale^2). */
enum core_status dln_start_gaussian(const struct core_landscape *network, double scale, uint64_t seed, double theta[]);
/* Balanced, W_{l+1}^T W_{l+1} = W_l W_l^T: the end-to-end matrix is U diag(s) V^T of a Gaussian d_L x d_0 matrix with
 * entries N(0, scale^2), cut to the k largest singular values where a hidden layer has only k units, and split as
 * W_l = R_l diag(s^(1/L)) R_{l-1}^T with orthonormal R_l. */
enum core_status dln_start_balanced(const struct core_landscape *network, double scale, uint64_t seed, double theta[]);

/* ---- Observables of one point ---- */

/* A row of the table of observables: the word in the study, and a function of theta. Product, singular values and
 * balancedness have width 0 on a landscape that is no network; the others exist on every landscape. */
struct dln_observable {
    const char *name;     /* parameters | product | singular-values | loss | balancedness | distance | sharpness */
    const char *sentence; /* what it is, with units */
    /* How many numbers it has on this landscape. */
    size_t (*width)(const struct core_landscape *network);
    /* Doubles of scratch evaluate needs on this landscape. */
    size_t (*scratch)(const struct core_landscape *network);
    /* out (width). start: (dimension) the common start, for `distance`; scratch: aligned to 64 bytes. A point that is
     * not finite has NaN or infinite observables and is no failure. */
    enum core_status (*evaluate)(const struct core_landscape *network, const double theta[], const double start[],
                                 double out[], double scratch[]);
};
extern const struct dln_observable dln_observables[]; /* ended by a row of NULLs */
const struct dln_observable *dln_observable_find(const char *name);

/* product (d_L, d_0) = W_L ... W_1. scratch: dln_product_scratch doubles. */
void dln_product(const struct core_landscape *network, const double theta[], double product[], double scratch[]);
size_t dln_product_scratch(const struct core_landscape *network);
/* D_l = W_{l+1}^T W_{l+1} - W_l W_l^T, l = 1 ... L-1, each (d_l, d_l) row-major, one after the other. */
void dln_balancedness(const struct core_landscape *network, const double theta[], double balancedness[]);

/* ---- Per-sample quantities (slow and plain: tests, gradient noise) ---- */

/* gradient (dimension) of sample mu's loss |y_mu - W x_mu|^2 / 2. */
enum core_status dln_sample_gradient(const struct core_landscape *network, const double theta[], size_t sample,
                                     double gradient[]);

/* ---- Stochastic gradient descent ---- */

enum dln_sampling {
    DLN_SAMPLING_WITH_REPLACEMENT,
    DLN_SAMPLING_WITHOUT_REPLACEMENT, /* each batch is a fresh subset */
    DLN_SAMPLING_RESHUFFLE            /* epochs: a fresh permutation, cut into batches; the last may be short */
};

struct dln_sgd_settings {
    size_t batch;               /* B, 1 ... n (any B >= 1 with replacement); no default */
    enum dln_sampling sampling; /* default with replacement */
    struct core_schedule schedule;
    double momentum; /* mu in [0, 1): v <- mu v + g, theta <- theta - eta v; default 0 */
    double clip;     /* g <- g min(1, clip / |g|); infinity (the default): none */
};
struct dln_sgd_settings dln_sgd_settings_default(void);
/* CORE_BAD_INPUT with a sentence where a setting is out of its range. */
enum core_status dln_sgd_check(const struct dln_sgd_settings *settings, const struct core_landscape *network);

/* A stepper for core_ensemble_run; borrows the network, which must be a dln network. */
enum core_status dln_sgd_create(const struct core_landscape *network, const struct dln_sgd_settings *settings,
                                uint64_t seed, struct core_stepper **sgd);
void dln_sgd_free(struct core_stepper *sgd);

#endif
