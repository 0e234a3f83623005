/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CORE_STABLE_INTEGRAL_H
#define CORE_STABLE_INTEGRAL_H

/* The integrals behind core/stable.h (internal to the library); formulas in core/stable_integral.c. */

/* A standard law seen from one side of the point zeta = -tangent: the side above it. */
struct core_stable_side {
    double alpha, beta, gap; /* gap: |alpha - 1| */
    double tangent;          /* beta tan(pi alpha/2); 0 at alpha = 1 */
    double length, other;    /* L of this law and of its reflection: they add to pi */
    double still;            /* pi - alpha L */
};

enum core_stable_kind {
    CORE_STABLE_PEAK = 0, /* the integral of g exp(-g) */
    CORE_STABLE_LOW,      /* of exp(-g) */
    CORE_STABLE_HIGH      /* of 1 - exp(-g) */
};

void core_stable_side_set(struct core_stable_side *side, double alpha, double beta);

/* The logarithm of the integral over 0 < s < L, at x > -tangent; -infinity where L is 0. At alpha = 1, beta > 0. */
double core_stable_integral(const struct core_stable_side *side, enum core_stable_kind kind, double x);

#endif
