/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CORE_STABLE_H
#define CORE_STABLE_H

#include "core/random.h"
#include "core/status.h"

/* Stable laws: density, distribution function, both tails, and quantiles.
 *
 * alpha is the stability index, beta the skewness, scale > 0. With z = scale t the characteristic function is
 *     S0   exp(-|z|^alpha (1 + i beta tan(pi alpha/2) sgn(z) (|z|^(1-alpha) - 1)) + i location t),
 *     S1   exp(-|z|^alpha (1 - i beta tan(pi alpha/2) sgn(z)) + i location t),
 * and at alpha = 1
 *     S0   exp(-|z| (1 + i beta (2/pi) sgn(z) log|z|) + i location t),
 *     S1   exp(-|z| (1 + i beta (2/pi) sgn(z) log|t|) + i location t)         [nolan2020, definitions 1.2 and 1.3].
 * S0 is continuous in alpha across 1; S1 is the one whose sums add their locations. They differ by
 *     location(S0) = location(S1) + beta scale tan(pi alpha/2),  at alpha = 1 ... + beta scale (2/pi) log(scale).
 * At alpha = 2 the law is normal with variance 2 scale^2, whatever beta.
 *
 *     struct core_stable law;
 *     status = core_stable_init(&law, 1.5, 0.3, 2.0, 0.0, CORE_STABLE_S0);
 *     double tail = core_stable_sf(&law, 1e4);
 */

enum core_stable_form { CORE_STABLE_S0 = 0, CORE_STABLE_S1 };

/* What the kernels of core/random_lanes.c draw from; core_stable_init sets it. */
struct core_stable_draws {
    double alpha;
    double gap;          /* alpha - 1, at least 2^-40 in size */
    double tangent;      /* T = beta tan(pi alpha/2) */
    double left, right;  /* with u the uniform draw, w/pi = left + |gap| a and 1 - w/pi = right + |gap| (1 - a), where
                          * a = u below alpha = 1 and 1 - u above */
    double scale, shift; /* a draw is scale X + shift, X of S0 */
    double centre;       /* the same with Y = X + T: scale Y + centre */
};

struct core_stable {
    double alpha;    /* in [0.1, 2] */
    double beta;     /* in [-1, 1] */
    double scale;    /* > 0, finite */
    double location; /* of S0, whatever form was given */
    struct core_stable_draws draws;
};

/* Prepares a law; nothing is allocated. CORE_BAD_INPUT with a sentence where a parameter is out of its range. */
enum core_status core_stable_init(struct core_stable *law, double alpha, double beta, double scale, double location,
                                  enum core_stable_form form);

/* Density, P(X <= x) and P(X > x), each to 1e-12 relative in the cases of tests/core/test_stable.c;
 * the two tails are computed separately, never as one minus the other. An infinite x is allowed, NaN gives NaN. */
double core_stable_pdf(const struct core_stable *law, double x);
double core_stable_cdf(const struct core_stable *law, double x);
double core_stable_sf(const struct core_stable *law, double x);

/* The x with P(X <= x) = p, 0 <= p <= 1; the ends give the ends of the support. CORE_BAD_INPUT where p is outside,
 * CORE_NUMERICAL where no x that is a double has this p. */
enum core_status core_stable_quantile(const struct core_stable *law, double p, double *x);

/* Draws, addressed like those of core/random.h: one block each. Both tails reach as far as 52 random bits go. Within
 * 2^-40 of alpha = 1 they are of the law at that distance. With beta = 0 the standard draws are those of
 * core_random_stable, scaled and shifted. Below alpha = 7/8 no draw of a totally skewed law passes the end of its
 * support. */
void core_stable_random(const struct core_stable *law, const struct core_stream *stream, size_t width, size_t count,
                        double out[]);

#endif
