/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dynamics of one mode [saxe2014], in forms that keep their relative accuracy.
 *
 * Balanced, depth L. For L = 1 the strength relaxes exponentially; for L = 2 it is logistic,
 *     a(t) = a_0 s / (a_0 (1 - E) + s E),   E = e^{-2st}.
 * For L >= 3 put a = s y^L. Then y' = s^(2-2/L) y^(L-1) (1 - y^L), and by partial fractions over the roots of unity
 *     s^(2-2/L) t = (y_0^(2-L) - y^(2-L)) / (L - 2) + F(y) - F(y_0),
 *     F(y) = int_0^y u / (1 - u^L) du = -(1/L) sum over w^L = 1 of w^2 log(1 - y/w),
 * which is solved for y by bisection in q = log(y / |1 - y|), where both ends of the curve are straight; the root
 * w = 1 gets log|1 - y| from q itself. Where s = 0, a^(2/L-2) grows linearly.
 *
 * Two layers, not balanced. With u = w_1 + w_2, q = u^2 obeys q' = -(q - q_+)(q - q_-)/2, q_+- = 2s +- k,
 * k = sqrt(c^2 + 4 s^2), and a = (q - c^2/q)/4. Written for d = q - c, which starts at 2 u min(w_1, w_2) and is small
 * where a is, with d_+- = q_+- - c and E = e^{-kt}:
 *     d(t) = (d_0 (d_+ - d_- E) - d_+ d_- (1 - E)) / (d_0 (1 - E) + d_+ E - d_-),   a = d (2c + d) / (4 (c + d)).
 * Strengths of opposite signs are those of equal signs with the target -s. */
#include "dln/saxe.h"

#include <math.h>

static const double TWO_PI = 6.283185307179586477;

/* ---- Balanced
 * ----------------------------------------------------------------------------------------------------------- */

/* y and log|1 - y| from q = log(y / |1 - y|), on the side of 1 where y is. */
struct strength {
    double y, rest;
};

static struct strength strength_of(double q, int above) {
    struct strength at;
    if (above) { /* y = 1 / (1 - e^{-q}), q > 0 */
        at.y = -1 / expm1(-q);
        at.rest = log(at.y) - q;
    } else { /* y = 1 / (1 + e^{-q}) */
        at.y = 1 / (1 + exp(-q));
        at.rest = q > 0 ? -q - log1p(exp(-q)) : -log1p(exp(q));
    }
    return at;
}

/* s^(2-2/L) t from y = 0 or infinity on, up to a constant. */
static double clock_at(size_t depth, struct strength at) {
    double sum = at.rest, order = (double)depth;
    for (size_t k = 1; 2 * k <= depth; k++) {
        double angle = TWO_PI * (double)k / order;
        double real = 1 - at.y * cos(angle), imaginary = at.y * sin(angle); /* of 1 - y/w */
        double part = cos(2 * angle) * log(hypot(real, imaginary)) - sin(2 * angle) * atan2(imaginary, real);
        sum += 2 * k == depth ? part : 2 * part; /* with its conjugate */
    }
    return -pow(at.y, 2 - order) / (order - 2) - sum / order;
}

/* y after `span` units of the clock. */
static double advance(size_t depth, double start, double span) {
    int above = start > 1;
    double q = log(start / fabs(1 - start)), aim = clock_at(depth, strength_of(q, above)) + span;
    double low = q, high = q, stride = 1;
    while (clock_at(depth, strength_of(high, above)) < aim && high < 1e4) { /* q grows on both sides of 1 */
        low = high;
        high += stride;
        stride *= 2;
    }
    for (int k = 0; k < 200; k++) {
        double middle = 0.5 * (low + high);
        if (middle <= low || middle >= high) break;
        if (clock_at(depth, strength_of(middle, above)) < aim)
            low = middle;
        else
            high = middle;
    }
    return strength_of(0.5 * (low + high), above).y;
}

static double deep(size_t depth, double target, double start, double time) {
    double order = (double)depth, power = 2 - 2 / order;
    if (target == 0) return pow(pow(start, -power) + order * power * time, -1 / power);
    if (start == target || time == 0) return start;
    double y = pow(start / target, 1 / order);
    if (y == 1) return start;
    y = advance(depth, y, pow(target, power) * time);
    return target * pow(y, order);
}

static enum core_status check(double target, double time, double other) {
    if (target >= 0 && time >= 0 && isfinite(target) && isfinite(time) && isfinite(other)) return CORE_OK;
    return core_fail(CORE_BAD_INPUT, "a mode of target %g at time %g; allowed: finite numbers, 0 or more", target,
                     time);
}

enum core_status dln_saxe_balanced(size_t depth, double target, double start, double time, double *a) {
    enum core_status status = check(target, time, start);
    if (status != CORE_OK) return status;
    if (depth < 1 || start < 0) {
        return core_fail(CORE_BAD_INPUT,
                         "a mode of depth %zu and strength %g; allowed: depth 1 or more, strength 0 or more", depth,
                         start);
    }
    if (depth == 1)
        *a = start * exp(-time) - target * expm1(-time);
    else if (start == 0)
        *a = 0;
    else if (depth == 2)
        return dln_saxe_unbalanced(target, sqrt(start), sqrt(start), time, a);
    else
        *a = deep(depth, target, start, time);
    return CORE_OK;
}

/* ---- Two layers
 * --------------------------------------------------------------------------------------------------------- */

/* a(t) of strengths w_1, w_2 >= 0 with a target of any sign. */
static double two_layers(double target, double w1, double w2, double time) {
    double sum = w1 + w2, c = fabs(w2 - w1) * sum, k = hypot(c, 2 * target);
    double start = 2 * sum * fmin(w1, w2), part = 1 + 0.5 * sum * sum * time;
    if (k == 0) return 0.25 * sum * sum / part;
    double high = target >= 0 ? 2 * target + 4 * target * target / (k + c) : c * c / (k - 2 * target) - c;
    double low = (target >= 0 ? -c * c / (k + 2 * target) : 2 * target - k) - c;
    double left = exp(-k * time), gone = -expm1(-k * time);
    double d = (start * (high - low * left) - high * low * gone) / (start * gone + high * left - low);
    return c + d > 0 ? 0.25 * d * (2 * c + d) / (c + d) : 0;
}

enum core_status dln_saxe_unbalanced(double target, double w1, double w2, double time, double *a) {
    enum core_status status = check(target, time, w1 + w2);
    if (status != CORE_OK) return status;
    int opposite = (w1 < 0) != (w2 < 0);
    *a = two_layers(opposite ? -target : target, fabs(w1), fabs(w2), time);
    if (opposite) *a = -*a;
    return CORE_OK;
}
