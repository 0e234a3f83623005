/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMPARE_STABLE_H
#define COMPARE_STABLE_H

/* Inside the room: standard stable laws in Nolan's S0 (CONVENTIONS.md), for fits that match quantiles. */

/* Distribution function and density at x of the law of index 0.3 <= alpha <= 2 and skewness |beta| <= 1; absolute error
 * of both below 1e-9 in the body of the law (probabilities between 0.001 and 0.999). */
struct compare_stable_point {
    double cdf, pdf;
};
struct compare_stable_point compare_stable_at(double alpha, double beta, double x);

/* The p-quantile, 0.001 <= p <= 0.999, to 1e-10 of (1 + its size); `guess` begins the search. */
double compare_stable_quantile(double alpha, double beta, double p, double guess);

#endif
