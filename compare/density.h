/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMPARE_DENSITY_H
#define COMPARE_DENSITY_H

#include "compare/state.h"
#include "core/status.h"

#include <stddef.h>

/* Divergences of densities, and moments. Logarithms are natural. */

/* ---- Nearest neighbours ---- */

struct compare_knn {
    double value; /* NaN unless state is COMPARE_DEFINED */
    enum compare_state state;
    size_t duplicates; /* rows with a k-th neighbour at distance zero */
};

/* KL(P || Q) from n draws x of P and m draws y of Q by k-th neighbours [wang2009]; may be negative, and its bias is
 * large above dimension 15 or so: show it beside that of two samples of one law. k = 5 is usual. COMPARE_DEGENERATE for
 * n <= k or m < k; COMPARE_DUPLICATES where a k-th neighbour is at distance zero. */
enum core_status compare_kl_knn(size_t n, const double x[], size_t m, const double y[], size_t dimension, size_t k,
                                struct compare_knn *out);

/* The entropy -int p ln p from n draws, by k-th neighbours [kozachenko1987]. */
enum core_status compare_entropy_knn(size_t n, const double x[], size_t dimension, size_t k, struct compare_knn *out);

/* ---- Counts in classes ---- */

/* The Jensen-Shannon divergence of the frequencies p_i / sum p and q_i / sum q, between 0 and ln 2; its square root is
 * a distance. 0 ln 0 = 0. CORE_BAD_INPUT for negative counts or none. */
enum core_status compare_jensen_shannon(size_t classes, const double p[], const double q[], double *divergence);

/* ---- Gaussian laws: means (d), covariances (d, d) symmetric and positive semidefinite ---- */

/* W_2 between N(m1, S1) and N(m2, S2): W_2^2 = |m1 - m2|^2 + tr(S1 + S2 - 2 (S1^1/2 S2 S1^1/2)^1/2). Singular
 * covariances are welcome; eigenvalues below zero by rounding count as zero, others are CORE_BAD_INPUT. */
enum core_status compare_gaussian_w2(size_t d, const double m1[], const double s1[], const double m2[],
                                     const double s2[], double *distance);

/* KL(N(m1, S1) || N(m2, S2)). COMPARE_DEGENERATE, *kl NaN, where a covariance is singular. */
enum core_status compare_gaussian_kl(size_t d, const double m1[], const double s1[], const double m2[],
                                     const double s2[], double *kl, enum compare_state *state);

/* ---- Moments ---- */

struct compare_moments {
    double mean;
    double variance_n, variance_n1; /* divided by n, by n - 1 */
    double g1, g2;                  /* skewness and excess kurtosis of the empirical law (divided by n) */
    double G1, G2;                  /* corrected for bias [joanes1998] */
    double l_skewness,
        l_kurtosis; /* L-moment ratios, in [-1, 1], with finite variance under any finite mean [hosking1990] */
    enum compare_state state; /* COMPARE_DEGENERATE: n too small or no spread; what is undefined is NaN */
};

enum core_status compare_moments(size_t n, const double x[], struct compare_moments *out);

/* Mardia's multivariate skewness and kurtosis [mardia1970] with the covariance divided by n; for Gaussian rows n b1 / 6
 * is chi-square with d (d + 1) (d + 2) / 6 degrees of freedom, z standard normal. COMPARE_DEGENERATE for n <= d or a
 * singular covariance. */
struct compare_mardia {
    double b1, b2;      /* skewness, kurtosis */
    double chi2, df, p; /* of the skewness */
    double z;           /* of the kurtosis */
    enum compare_state state;
};
enum core_status compare_mardia(size_t n, const double x[], size_t dimension, struct compare_mardia *out);

#endif
