/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMPARE_TRANSPORT_H
#define COMPARE_TRANSPORT_H

#include "compare/state.h"
#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

/* Optimal transport between samples of unequal sizes, with weights, regularised, along the worst direction. */

/* ---- Exact ---- */

/* W_p, p = 1 or 2, between n and m points with weights wx (n), wy (m), or NULL for equal ones: the distance. *gap >= 0:
 * the certified primal-dual gap of the mean cost |x - y|^p. Equal sizes without weights: an assignment; others the
 * network simplex on all pairs. Dimension 1 sorts. Memory 8 n m bytes and as much again for n = m. */
enum core_status compare_wasserstein(size_t n, const double x[], const double wx[], size_t m, const double y[],
                                     const double wy[], size_t dimension, int p, double *distance, double *gap);

/* W_2^2 between samples is biased upwards: two samples of one law are not at distance zero. With second samples x2, y2
 * of the same laws and sizes the bias can be seen and taken off. */
struct compare_debiased {
    double squared;          /* W_2^2(x, y) */
    double floor_x, floor_y; /* W_2^2(x, x2), W_2^2(y, y2): what nothing but noise gives */
    double debiased;         /* squared - (floor_x + floor_y) / 2; may be negative */
};
enum core_status compare_wasserstein_debiased(size_t n, size_t dimension, const double x[], const double x2[],
                                              const double y[], const double y2[], struct compare_debiased *out);

/* ---- Entropic ---- */

struct compare_sinkhorn {
    double divergence;          /* OT(x, y) - OT(x, x)/2 - OT(y, y)/2 */
    double ot_xy, ot_xx, ot_yy; /* min <P, C> + epsilon KL(P | a b), C = |x - y|^2 (not halved) */
    double transport_cost;      /* <P, C> of OT(x, y) */
    double gap;                 /* primal less dual: how far the divergence may be off */
    size_t rounds;
    enum compare_state state; /* COMPARE_NOT_CONVERGED after 20000 rounds */
};

/* epsilon > 0 in units of the cost, a squared length. Slow, and then not converged but with a gap that says so, where
 * samples nearly coincide and some of their points have no near neighbours. */
enum core_status compare_sinkhorn(size_t n, const double x[], size_t m, const double y[], size_t dimension,
                                  double epsilon, struct compare_sinkhorn *out);

/* ---- The worst direction ---- */

/* max over unit vectors t of W_2(t.x, t.y) by ascent from the best of `starts` directions and the difference of the
 * means: a lower bound on the maximum, as every direction gives one. direction: (dimension), or NULL. */
enum core_status compare_max_sliced(size_t n, const double x[], size_t m, const double y[], size_t dimension,
                                    size_t starts, uint64_t seed, double *distance, double direction[]);

#endif
