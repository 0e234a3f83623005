/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMPARE_COMPARE_H
#define COMPARE_COMPARE_H

#include "compare/decide.h"
#include "compare/density.h"
#include "compare/escape.h"
#include "compare/state.h"
#include "compare/transport.h"
#include "compare/two_sample.h"
#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

/* Distances between samples, and tests with honest nulls. Prefix compare_. Sees samples only.
 *
 * A sample is x of shape (n, dimension), row-major, all finite. Functions return CORE_BAD_INPUT with a sentence for an
 * empty sample, unequal dimensions, or entries that are not finite. */

/* ---- One pair of samples ---- */

/* W_p between two one-dimensional empirical laws, p = 1 or 2, any sizes: the distance, not its power. Exact. */
enum core_status compare_wasserstein_1d(size_t n, const double x[], size_t m, const double y[], int p,
                                        double *distance);

/* The same for weighted atoms: wx (n) and wy (m), not negative, of any sums, or NULL for equal weights. */
enum core_status compare_wasserstein_1d_weighted(size_t n, const double x[], const double wx[], size_t m,
                                                 const double y[], const double wy[], int p, double *distance);

/* Exact W_2 between n points and n points by optimal assignment (shortest augmenting paths): the distance; matching[i]
 * the partner of x_i, or NULL; *gap >= 0 the certified primal-dual gap of the mean squared cost, or NULL. Memory n^2
 * floats or doubles. */
enum core_status compare_wasserstein_2(size_t n, size_t dimension, const double x[], const double y[], double *distance,
                                       size_t matching[], double *gap);

/* Unbiased MMD^2 with the Gaussian kernel exp(-|x-y|^2 / (2 h^2)) [gretton2012]; may be negative. */
enum core_status compare_mmd2(size_t n, const double x[], size_t m, const double y[], size_t dimension,
                              double bandwidth, double *mmd2);
/* The same, and the biased estimate with the diagonal terms, never negative. */
enum core_status compare_mmd2_both(size_t n, const double x[], size_t m, const double y[], size_t dimension,
                                   double bandwidth, double *unbiased, double *biased);

/* Energy distance squared, 2 E|X-Y| - E|X-X'| - E|Y-Y'| with the unbiased (U-statistic) within terms [szekely2013]. */
enum core_status compare_energy2(size_t n, const double x[], size_t m, const double y[], size_t dimension,
                                 double *energy2);
/* The same, and the biased estimate (V-statistic), never negative. */
enum core_status compare_energy2_both(size_t n, const double x[], size_t m, const double y[], size_t dimension,
                                      double *unbiased, double *biased);

/* The median of the pairwise distances of the pooled rows (at most `most` rows of each, the first ones). Positive. */
enum core_status compare_median_distance(size_t n, const double x[], size_t m, const double y[], size_t dimension,
                                         size_t most, double *median);

/* `count` unit vectors, (count, dimension), uniform on the sphere, from the study's seed. Dimension 1: all 1. */
enum core_status compare_directions(size_t count, size_t dimension, uint64_t seed, double directions[]);

/* Sliced W_2: sqrt of the mean over directions of the squared 1-d W_2; *se its Monte-Carlo standard error over
 * directions (delta method), or NULL. */
enum core_status compare_sliced(size_t n, const double x[], size_t m, const double y[], size_t dimension, size_t count,
                                const double directions[], double *distance, double *se);

/* ---- Many samples against the null of many references ---- */

/* Metrics: the words of a study. */
struct compare_metric {
    const char *name; /* sliced-w2 | w2 | w1 | mmd | energy */
    const char *sentence;
    int costly;      /* 1: computed on the first `subsample` rows */
    int squared;     /* 1: the reported value estimates a squared distance (mmd, energy) and may be negative */
    int scalar_only; /* 1: needs dimension 1 */
};
extern const struct compare_metric compare_metrics[]; /* ended by a row of NULLs */
const struct compare_metric *compare_metric_find(const char *name);

struct compare_sample {
    size_t rows;
    const double *values; /* (rows, dimension) finite rows only */
};

struct compare_panel_settings {
    size_t dimension;
    size_t metric_count;
    const struct compare_metric *const *metrics; /* (metric_count) */
    size_t subsample;                            /* default 1000 */
    size_t projections;                          /* default 100 */
    uint64_t seed;
    size_t threads;
};

/* One model's distance to SGD in one metric. */
struct compare_row {
    double value;              /* mean over references of D(model, reference) */
    double null_mean, null_sd; /* over all pairs of references */
    double ratio;              /* value / null_mean; NaN for metrics that may be negative with null_mean <= 0 */
    double z;                  /* (value - null_mean) / sd of such a mean under the null */
    double p;                  /* one-sided, Student t with references - 1 degrees of freedom of the logarithms; levels
                                * measured in compare/null.c */
    double excess;             /* D_M^2 - D_0^2: mean squared distance to the references minus the null's */
};

/* For every metric k and model i: rows[k * models + i]. references: independent SGD ensembles (>= 2; >= 3 for z and p).
 * The MMD bandwidth is the median distance pooled over the references and frozen. *bandwidth receives it, or NULL.
 * A model with fewer rows than the references is compared at its own size, null included (all samples cut to their
 * first rows); with fewer than two rows its row is NaN. z and p are NaN too where the null has no spread. */
enum core_status compare_panel(const struct compare_panel_settings *settings, size_t references,
                               const struct compare_sample reference[], size_t models,
                               const struct compare_sample model[], struct compare_row rows[], double *bandwidth);

/* Holm's step-down adjustment of `count` p-values, in place (NaN entries stay and are not counted). */
void compare_holm(size_t count, double p[]);

/* Explained fraction 1 - (D_M^2 - D_0^2) / (D_L^2 - D_0^2) in sliced W_2 with an interval by bootstrap over `groups`
 * disjoint groups of replicas. naive: the isotropic Langevin ensemble L. */
struct compare_fraction {
    double value, low, high; /* 95 % */
};
enum core_status compare_explained(const struct compare_panel_settings *settings, size_t references,
                                   const struct compare_sample reference[], const struct compare_sample *naive,
                                   size_t models, const struct compare_sample model[], struct compare_fraction out[]);

/* ---- Escape times ---- */

/* More of them in compare/escape.h. Kaplan-Meier survival of times with censoring (escaped[i] 0: censored at time[i]).
 * Steps at event times: *count points, at most n, into time_out and survival. */
enum core_status compare_kaplan_meier(size_t n, const double time[], const int escaped[], size_t *count,
                                      double time_out[], double survival[]);

/* ---- Tails of one-dimensional samples ---- */

/* What an estimator says of n numbers; NaN where it has nothing to say. Standard errors are asymptotic, for independent
 * draws of the law the estimator supposes.
 *
 * Two kinds. Estimators of the *tail* (hill, pickands, moment) look at the k largest |x| and suppose a power law there;
 * |x| is taken as it comes, not centred. Estimators of a *stable* law (block, mcculloch, mcculloch-symmetric, ecf,
 * log-moment) suppose that all of the sample is stable: on a law that is not stable they still answer, and an answer
 * below 2 is no proof of a heavy tail (a product of two normals reads 1.2 to 1.6). The band of compare_tail_null tells
 * what Gaussian samples of this size read, and no more than that.
 *
 * Never pool coordinates without compare_standardise: Gaussian coordinates of different scales, pooled, are a scale
 * mixture and read as low as 1.15. */
struct compare_tail {
    double alpha, se;       /* tail index or stable index; not clipped at 2 except where the method cannot exceed it */
    double index, index_se; /* pickands, moment: the extreme-value index 1/alpha, which may be negative */
    double beta, scale, location; /* of the stable law, S0 (CONVENTIONS.md) */
    double threshold, ks;         /* hill: |x| behind the k largest, and the Kolmogorov distance of the fit beyond it */
    size_t k;                     /* order statistics used; block: its length; 0 where there is no such choice */
    size_t dropped;               /* zeros left out (logarithms), or draws behind the last whole block */
};

struct compare_tail_estimator {
    const char *name; /* hill | pickands | moment | block | mcculloch | mcculloch-symmetric | ecf | log-moment */
    const char *sentence;
    int stable; /* 1: of a stable law; 0: of the tail */
    /* k = 0: the method's own choice (hill: by least Kolmogorov distance [clauset2009]; pickands and moment: n / 20;
     * block: the divisor of n nearest to its root). CORE_BAD_INPUT with a sentence for an empty or constant sample,
     * entries that are not finite, a k out of range, or ties that leave the estimate undefined. */
    enum core_status (*fit)(size_t n, const double x[], size_t k, struct compare_tail *tail);
};
extern const struct compare_tail_estimator compare_tail_estimators[]; /* ended by a row of NULLs */
const struct compare_tail_estimator *compare_tail_find(const char *name);

/* Hill's whole plot: alpha[i] for k = least + i up to most, 1 <= least <= most < the number of x that are not zero. NaN
 * where the k + 1 largest are equal. The standard error is alpha / sqrt(k). */
enum core_status compare_hill_plot(size_t n, const double x[], size_t least, size_t most, double alpha[]);

/* The two-point version of ecf, from |phi(0.2)| and |phi(1)| of the standardised sample [press1972]: alpha, scale and
 * location only. */
enum core_status compare_ecf_two_point(size_t n, const double x[], struct compare_tail *tail);

/* The null of a Gaussian sample of the same size: quantiles 2.5 %, 50 %, 97.5 % of the estimator's alpha over
 * `simulations` samples, a function of the seed. */
struct compare_band {
    double low, middle, high;
};
enum core_status compare_tail_null(const struct compare_tail_estimator *estimator, size_t n, size_t k,
                                   size_t simulations, uint64_t seed, size_t threads, struct compare_band *band);

/* Each column of x (n, columns), in place: minus its mean, over its standard deviation (n - 1). CORE_BAD_INPUT for a
 * constant column. */
enum core_status compare_standardise(size_t n, size_t columns, double x[]);

#endif
