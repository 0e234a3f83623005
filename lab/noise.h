/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LAB_NOISE_H
#define LAB_NOISE_H

#include "compare/compare.h"
#include "core/landscape.h"
#include "core/status.h"
#include "lab/figures.h"

#include <stddef.h>
#include <stdint.h>

/* The gradient noise at one point: its covariance beside the Hessian, its tails, its correlation over an epoch. */

/* ---- Covariance and curvature ---- */

struct lab_noise_spectrum {
    size_t dimension;     /* P */
    size_t count;         /* of eigenvalues of Sigma: the smaller of P and the width of its factor */
    size_t rank;          /* eigenvalues above 10^-12 of the largest */
    double *eigenvalues;  /* (count) of Sigma, descending */
    double *vectors;      /* (dimension, count) column j the j-th eigenvector of Sigma */
    double *hessian;      /* (dimension) eigenvalues of the Hessian, descending */
    double *axes;         /* (dimension, dimension) column j its j-th eigenvector */
    double *along;        /* (dimension) u_j^T Sigma u_j along these */
    double trace;         /* tr Sigma, one sample's: no 1/B */
    double participation; /* (tr Sigma)^2 / tr Sigma^2: how many directions carry the noise; NaN without noise */
    double alignment;     /* tr(H Sigma) / (|H| |Sigma|), Frobenius norms; NaN where one is zero */
    double commutator;    /* |H Sigma - Sigma H| / (|H| |Sigma|); 0: common eigenvectors */
};
/* Through the factor F of Sigma; the Hessian is formed: at most LAB_NOISE_LARGEST parameters, else CORE_BAD_INPUT. */
enum { LAB_NOISE_LARGEST = 4096 };
enum core_status lab_noise_spectrum(const struct core_landscape *land, const double x[],
                                    struct lab_noise_spectrum *spectrum);
void lab_noise_spectrum_free(struct lab_noise_spectrum *spectrum);

/* ---- Tails ---- */

enum { LAB_NOISE_BATCHES = 8, LAB_NOISE_DIRECTIONS = 8, LAB_NOISE_ESTIMATORS = 4 };

enum lab_noise_verdict { LAB_NOISE_RISES, LAB_NOISE_STABLE, LAB_NOISE_UNDECIDED };
const char *lab_noise_verdict_name(enum lab_noise_verdict verdict);
extern const char lab_noise_verdict_rule[];

/* Batches of B samples drawn with replacement from the n samples of the data; each direction divided by its standard
 * deviation, so that what is left to read is the shape of the law. */
struct lab_noise_panel {
    size_t draws;   /* batches drawn for each size */
    size_t samples; /* n */
    size_t directions, batches;
    size_t batch[LAB_NOISE_BATCHES]; /* ascending */
    const struct compare_tail_estimator *estimator[LAB_NOISE_ESTIMATORS];
    struct compare_band null[LAB_NOISE_ESTIMATORS]; /* of as many Gaussian draws, one direction */
    /* [batch][estimator][direction] */
    struct compare_tail tail[LAB_NOISE_BATCHES][LAB_NOISE_ESTIMATORS][LAB_NOISE_DIRECTIONS];
    double kurtosis[LAB_NOISE_BATCHES][LAB_NOISE_DIRECTIONS]; /* excess kurtosis of the draws */
    double kurtosis_exact[LAB_NOISE_DIRECTIONS];              /* of one sample; a batch has 1/B of it */
    enum lab_noise_verdict verdict[LAB_NOISE_ESTIMATORS];     /* of the stable fits */
    enum lab_noise_verdict overall;
};
struct lab_noise_panel_settings {
    size_t draws, batches;
    size_t batch[LAB_NOISE_BATCHES];
    uint64_t seed;
    size_t threads;
};
/* projections (samples, directions): the noise of single samples, mean 0. At least 3 samples and one direction, each
 * direction with some noise. */
enum core_status lab_noise_panel(const struct lab_noise_panel_settings *settings, size_t samples, size_t directions,
                                 const double projections[], struct lab_noise_panel *panel);
/* Over the directions: median of alpha, mean of se (of one direction); NaN where none has one. */
struct compare_tail lab_noise_panel_middle(const struct lab_noise_panel *panel, size_t batch, size_t estimator);

/* ---- Reshuffled epochs ---- */

struct lab_noise_epoch {
    size_t batches;  /* full batches in an epoch; fewer than 2: the rest is NaN */
    double formula;  /* correlation of the noise of two batches of one epoch, -B / (n - B) */
    double measured; /* over `epochs` permutations, along one direction */
    double se;       /* 0 where B divides n: then every epoch has exactly this correlation */
};
enum core_status lab_noise_epoch(size_t samples, size_t batch, const double projection[], size_t epochs, uint64_t seed,
                                 struct lab_noise_epoch *epoch);

/* ---- All of it, at one point ---- */

struct lab_noise_direction {
    char
        name[16]; /* "sigma-1": the leading eigenvector of Sigma; "hessian-1": that of the Hessian, largest |h| first */
    double variance;  /* u^T Sigma u */
    double curvature; /* u^T H u */
};

struct lab_noise {
    struct lab_noise_spectrum spectrum;
    double loss, gradient_norm;
    size_t samples, batch; /* 0 where the landscape has no samples, the study no batch */
    double without;        /* (n - B)/(n - 1), the factor of the covariance of batches without replacement; NaN */
    struct lab_noise_epoch epoch;
    size_t direction_count; /* 0: no tails are looked at, for the reason in `why` */
    struct lab_noise_direction direction[LAB_NOISE_DIRECTIONS];
    struct lab_noise_panel *panel; /* owned; NULL without directions */
    const char *why;
};
struct lab_noise_settings {
    size_t batch; /* the study's; 0: none */
    size_t draws; /* for each tail estimate */
    uint64_t seed;
    size_t threads;
};
enum core_status lab_noise_measure(const struct core_landscape *land, const double x[],
                                   const struct lab_noise_settings *settings, struct lab_noise *noise);
void lab_noise_free(struct lab_noise *noise);

/* Its JSON members, into the object that `json` has open. */
struct lab_json;
void lab_noise_put_json(const struct lab_noise *noise, struct lab_json *json);

/* Spectra of Sigma and of the Hessian, noise along the Hessian's axes, alpha against B; its subject is a lab_noise. */
extern const struct lab_figure lab_figure_noise;

#endif
