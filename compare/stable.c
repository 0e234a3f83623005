/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stable laws by Zolotarev's integral in Nolan's form [nolan1997, thm 1]. With
 *     zeta = -beta tan(pi alpha / 2),  theta_0 = arctan(beta tan(pi alpha / 2)) / alpha,  x > zeta,
 *     h(theta) = (x - zeta)^(alpha/(alpha-1)) V(theta),
 *     V = (cos alpha theta_0)^(1/(alpha-1)) (cos theta / sin alpha (theta_0 + theta))^(alpha/(alpha-1))
 *         cos(alpha theta_0 + (alpha - 1) theta) / cos theta:
 *     F(x) = c + sgn(1 - alpha)/pi int exp(-h),  f(x) = alpha / (pi |alpha - 1| (x - zeta)) int h exp(-h)
 * over -theta_0 < theta < pi/2; c = 1 for alpha > 1, 1/2 - theta_0/pi for alpha < 1. Left of zeta the law is reflected.
 * At alpha = 1, h = exp(-pi x / (2 beta)) V with V = (2/pi) (pi/2 + beta theta) / cos theta
 * exp((pi/2 + beta theta) tan theta / beta), F = 1/pi int exp(-h) and f = 1/(2 beta) int h exp(-h) for beta > 0.
 *
 * h is monotone, so the interval is cut where ln h passes the levels below and each piece gets a Gauss rule of 16
 * points: the cuts follow the mass wherever it lies. Beyond the last level exp(-h) < 1e-15 is left out. */
#include "compare/stable.h"

#include <math.h>
#include <stddef.h>

#define PI 3.14159265358979323846

enum { LEVELS = 13, HALF = 8, STEPS = 60, ENDS = 40, WIDEST = 6 };

static const double CLOSE = 0.1;
static const double levels[LEVELS] = {-20, -15, -11, -8, -5.5, -3.5, -2, -1, 0, 1, 1.9, 2.7, 3.55};

/* Nodes and weights of the Gauss-Legendre rule of 16 points, by Newton's method on the polynomial. */
static const double rule[HALF][2] = {
    {0.98940093499164994, 0.027152459411754058}, {0.9445750230732326, 0.062253523938647776},
    {0.86563120238783176, 0.095158511682492897}, {0.755404408355003, 0.12462897125553395},
    {0.61787624440264377, 0.14959598881657682},  {0.45801677765722737, 0.16915651939500256},
    {0.28160355077925892, 0.18260341504492361},  {0.095012509837637441, 0.18945061045506847},
};

struct integrand {
    double alpha, beta;
    double offset; /* ln of what does not depend on theta */
    double length; /* of the interval */
    double gap;    /* pi - alpha length, >= 0 */
    int rising;    /* 1: h grows with theta */
};

/* A point of the interval by its distances from the two ends, of ratio left / right = exp(u). */
struct place {
    double left, right;
};

static struct place place(const struct integrand *g, double u) {
    double fraction = 1 / (1 + exp(-fabs(u)));
    struct place here = {g->length * fraction, g->length * exp(-fabs(u)) * fraction};
    return u >= 0 ? here : (struct place){here.right, here.left};
}

/* ln h. cos theta is the sine of the distance from the right end; pi - alpha phi and pi
 * minus the last angle are made of distances, because all three vanish together at an end where |beta| is 1. */
static double log_height(const struct integrand *g, struct place at) {
    double cosine = sin(at.right);
    if (g->alpha == 1) {
        double a = g->beta * at.left + (1 - g->beta) * PI / 2;
        return g->offset + log(a / cosine) - a / g->beta * (cos(at.left) / cosine);
    }
    double left = g->alpha * at.left, right = g->gap + g->alpha * at.right;
    double sine = left < right ? sin(left) : sin(right);
    double last =
        g->alpha < 1 ? sin(PI - g->length + (1 - g->alpha) * at.left) : sin(g->gap + (g->alpha - 1) * at.right);
    return g->offset + g->alpha / (g->alpha - 1) * log(cosine / sine) + log(last / cosine);
}

/* Where ln h passes `level`, within CLOSE of it, as such a u: by bisection while ln h is far from it, then by false
 * position with Illinois' halving. */
static double find_level(const struct integrand *g, double level, double low, double high) {
    double at_low = log_height(g, place(g, low)) - level, at_high = log_height(g, place(g, high)) - level, u = low;
    int side = 0;
    if ((at_low > 0) == (at_high > 0)) return (at_low > 0) == g->rising ? low : high; /* it never does */
    for (int i = 0; i < STEPS && high - low > 1e-9; i++) {
        int far = fmax(fabs(at_low), fabs(at_high)) > 40;
        u = far ? 0.5 * (low + high) : (low * at_high - high * at_low) / (at_high - at_low);
        double value = log_height(g, place(g, u)) - level;
        if (fabs(value) < CLOSE) return u;
        if ((value > 0) == (at_high > 0)) {
            high = u;
            at_high = value;
            at_low = side > 0 ? at_low / 2 : at_low;
            side = 1;
        } else {
            low = u;
            at_low = value;
            at_high = side < 0 ? at_high / 2 : at_high;
            side = -1;
        }
    }
    return u;
}

/* sums[0] += int exp(-h), sums[1] += int h exp(-h) over the places from u = low to u = high. */
static void add_rule(const struct integrand *g, double low, double high, double sums[2]) {
    double middle = 0.5 * (low + high), half = 0.5 * (high - low);
    for (int i = 0; i < 2 * HALF; i++) {
        const double *node = rule[i / 2];
        struct place at = place(g, middle + (i % 2 == 0 ? half : -half) * node[0]);
        double h = exp(log_height(g, at));
        double weight = half * node[1] * exp(-h) * at.left * at.right / g->length;
        sums[0] += weight;
        sums[1] += h < HUGE_VAL ? weight * h : 0;
    }
}

/* The same, a wide piece (where h has a plateau) in several. */
static void add_piece(const struct integrand *g, double low, double high, double sums[2]) {
    int pieces = 1 + (int)((high - low) / WIDEST);
    double step = (high - low) / pieces;
    for (int i = 0; i < pieces; i++) add_rule(g, low + i * step, low + (i + 1) * step, sums);
}

static void integrate(const struct integrand *g, double sums[2]) {
    double low = -ENDS, high = ENDS;
    sums[0] = sums[1] = 0;
    for (int k = 0; k < LEVELS; k++) { /* from the end where h is small */
        double cut = find_level(g, levels[k], low, high);
        if (k == 0) { /* exp(-h) = 1 from the end to the first cut */
            struct place at = place(g, cut);
            sums[0] += g->rising ? at.left : at.right;
        } else {
            add_piece(g, g->rising ? low : cut, g->rising ? cut : high, sums);
        }
        *(g->rising ? &low : &high) = cut;
    }
}

static struct compare_stable_point reflected(struct compare_stable_point point) {
    return (struct compare_stable_point){1 - point.cdf, point.pdf};
}

static struct compare_stable_point at_one(double beta, double x) {
    if (beta == 0) return (struct compare_stable_point){0.5 + atan(x) / PI, 1 / (PI * (1 + x * x))};
    if (beta < 0) return reflected(at_one(-beta, -x));
    struct integrand g = {.alpha = 1, .beta = beta, .length = PI, .rising = 1};
    g.offset = -PI * x / (2 * beta) + log(2 / PI);
    double sums[2];
    integrate(&g, sums);
    return (struct compare_stable_point){sums[0] / PI, sums[1] / (2 * beta)};
}

/* At x = zeta, in closed form. */
static struct compare_stable_point at_zeta(double alpha, double zeta, double theta0) {
    return (struct compare_stable_point){0.5 - theta0 / PI, tgamma(1 + 1 / alpha) * cos(theta0) /
                                                                (PI * pow(1 + zeta * zeta, 0.5 / alpha))};
}

struct compare_stable_point compare_stable_at(double alpha, double beta, double x) {
    if (alpha >= 2) return (struct compare_stable_point){0.5 * erfc(-x / 2), exp(-x * x / 4) / sqrt(4 * PI)};
    if (fabs(alpha - 1) < 1e-7) return at_one(fabs(beta) < 1e-6 ? 0 : beta, x);
    double zeta = -beta * tan(PI * alpha / 2), theta0 = -atan(zeta) / alpha;
    if (fabs(x - zeta) < 1e-9) {
        struct compare_stable_point point = at_zeta(alpha, zeta, theta0);
        point.cdf += point.pdf * (x - zeta);
        return point;
    }
    if (x < zeta) return reflected(compare_stable_at(alpha, -beta, -x));
    double power = alpha / (alpha - 1);
    struct integrand g = {.alpha = alpha, .beta = beta, .length = PI / 2 + theta0, .rising = alpha < 1};
    g.gap = PI - alpha * g.length;
    if (g.gap < 1e-14) g.gap = 0;
    g.offset = power * log(x - zeta) - 0.5 * log1p(zeta * zeta) / (alpha - 1);
    double sums[2] = {0, 0};
    if (g.length > 1e-14) integrate(&g, sums);
    return (struct compare_stable_point){
        alpha > 1 ? 1 - sums[0] / PI : 0.5 - theta0 / PI + sums[0] / PI,
        alpha / (PI * fabs(alpha - 1) * (x - zeta)) * sums[1],
    };
}

/* Newton's method inside a bracket that grows from the guess. */
double compare_stable_quantile(double alpha, double beta, double p, double guess) {
    double x = guess, low = -(double)INFINITY, high = (double)INFINITY, reach = 1;
    for (int i = 0; i < 200; i++) {
        struct compare_stable_point point = compare_stable_at(alpha, beta, x);
        double miss = point.cdf - p;
        if (miss > 0) high = x;
        if (miss < 0) low = x;
        double next = x - miss / point.pdf, most = reach * (1 + fabs(x));
        if (!(fabs(next - x) <= most)) next = x + (miss > 0 ? -most : most);
        if (next <= low || next >= high) next = 0.5 * (low + high);
        reach = isinf(low) || isinf(high) ? 2 * reach : reach;
        if (fabs(next - x) <= 1e-6 * (1 + fabs(x))) return next; /* its error is about the square of this step */
        x = next;
    }
    return x;
}
