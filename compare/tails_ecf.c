/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A stable law from its characteristic function. The sample is first put into units of half its interquartile range
 * around its median. For z of scale c, |phi(t)| = exp(-(c t)^alpha), so
 *     ln(-ln |phi(t)|^2) = ln(2 c^alpha) + alpha ln t:
 * alpha and c by least squares at t = pi k / 25, k = 1 ... 10 [koutrouvelis1980], or from t = 0.2 and t = 1 alone
 * [press1972]. The argument of phi is, in S0,
 *     arg phi(t) = delta t + beta tan(pi alpha / 2) ((c t)^alpha - c t)
 * (-2/pi c t ln(c t) behind beta at alpha = 1): delta and beta by least squares at t = pi l / 50, l = 1 ... 16.
 *
 * Standard error of alpha: that of the mean of its influence function over the sample, the units held fixed (at a
 * stable law the line is straight, and other units give the same slope). */
#include "compare/tails.h"

#include "core/memory.h"

#include <math.h>

#define PI 3.14159265358979323846

enum { POINTS = 10, ARGUMENTS = 16, MULTIPLES = 20 }; /* pi k / 25 = pi (2 k) / 50 */

struct units {
    double median, half; /* half of the interquartile range */
};

struct phi {
    double re, im;
};

static enum core_status find_units(size_t n, const double x[], struct units *units) {
    double *sorted;
    enum core_status status = compare_tail_check(4, n, x);
    if (status == CORE_OK) status = compare_tail_sorted(n, x, &sorted);
    if (status != CORE_OK) return status;
    units->median = compare_hazen(n, sorted, 0.5);
    units->half = 0.5 * compare_hazen(n, sorted, 0.75) - 0.5 * compare_hazen(n, sorted, 0.25);
    core_free(sorted);
    if (units->half > 0) return CORE_OK;
    return core_fail(CORE_BAD_INPUT, "ecf: half of the sample or more are equal: the interquartile range is zero");
}

static struct phi phi_at(size_t n, const double x[], const struct units *units, double t) {
    struct phi phi = {0, 0};
    for (size_t i = 0; i < n; i++) {
        double angle = t * ((x[i] - units->median) / units->half);
        phi.re += cos(angle) / (double)n;
        phi.im += sin(angle) / (double)n;
    }
    return phi;
}

/* wave[m - 1] = exp(i m pi z / 50), m = 1 ... MULTIPLES, z one value in units: each the product of two before it. */
static void waves_of(double x, const struct units *units, struct phi wave[MULTIPLES]) {
    double angle = PI / 50 * ((x - units->median) / units->half);
    wave[0] = (struct phi){cos(angle), sin(angle)};
    for (int m = 2; m <= MULTIPLES; m++) {
        const struct phi *a = &wave[m / 2 - 1], *b = &wave[m - m / 2 - 1];
        wave[m - 1] = (struct phi){a->re * b->re - a->im * b->im, a->re * b->im + a->im * b->re};
    }
}

/* phi[m - 1] = the characteristic function at pi m / 50. */
static void phi_at_multiples(size_t n, const double x[], const struct units *units, struct phi phi[MULTIPLES]) {
    struct phi wave[MULTIPLES];
    for (int m = 0; m < MULTIPLES; m++) phi[m] = (struct phi){0, 0};
    for (size_t i = 0; i < n; i++) {
        waves_of(x[i], units, wave);
        for (int m = 0; m < MULTIPLES; m++) {
            phi[m].re += wave[m].re / (double)n;
            phi[m].im += wave[m].im / (double)n;
        }
    }
}

/* ln |phi|^2, kept away from 0 and from -infinity. */
static double log_square(struct phi phi) {
    return log(fmax(fmin(phi.re * phi.re + phi.im * phi.im, 1 - 2e-15), 1e-300));
}

/* Least-squares weights of the slope against ln t_k, and the line itself. */
static void fit_line(const struct phi phi[MULTIPLES], double weight[POINTS], double *slope, double *intercept) {
    double u[POINTS], mean = 0, square = 0, level = 0;
    for (int k = 0; k < POINTS; k++) mean += (u[k] = log(PI * (k + 1) / 25)) / POINTS;
    for (int k = 0; k < POINTS; k++) square += (u[k] - mean) * (u[k] - mean);
    *slope = 0;
    for (int k = 0; k < POINTS; k++) {
        double y = log(-log_square(phi[2 * k + 1]));
        weight[k] = (u[k] - mean) / square;
        *slope += weight[k] * y;
        level += y / POINTS;
    }
    *intercept = level - *slope * mean;
}

/* d alpha = mean over the sample of sum_k weight_k d ln(-ln |phi_k|^2). */
static double standard_error(size_t n, const double x[], const struct units *units, const struct phi phi[MULTIPLES],
                             const double weight[POINTS]) {
    double factor[POINTS], sum = 0;
    struct phi wave[MULTIPLES];
    for (int k = 0; k < POINTS; k++) {
        const struct phi *at = &phi[2 * k + 1];
        factor[k] = 2 * weight[k] / ((at->re * at->re + at->im * at->im) * log_square(*at));
    }
    for (size_t i = 0; i < n; i++) {
        double influence = 0;
        waves_of(x[i], units, wave);
        for (int k = 0; k < POINTS; k++) {
            const struct phi *at = &phi[2 * k + 1], *here = &wave[2 * k + 1];
            influence += factor[k] * (at->re * (here->re - at->re) + at->im * (here->im - at->im));
        }
        sum += influence * influence;
    }
    return sqrt(sum) / (double)n;
}

/* What stands behind beta in arg phi, s = c t. */
static double skew(double alpha, double s) {
    if (alpha >= 2) return 0;
    if (fabs(alpha - 1) < 1e-8) return -2 / PI * s * log(s);
    return tan(PI * alpha / 2) * s * expm1((alpha - 1) * log(s));
}

/* beta in [-1, 1] and delta, in units. */
static void fit_argument(const struct phi phi[MULTIPLES], double alpha, double c, double *beta, double *delta) {
    double tt = 0, ts = 0, ss = 0, ta = 0, sa = 0;
    for (int l = 1; l <= ARGUMENTS; l++) {
        double t = PI * l / 50, s = skew(alpha, c * t);
        double a = atan2(phi[l - 1].im, phi[l - 1].re);
        tt += t * t;
        ts += t * s;
        ss += s * s;
        ta += t * a;
        sa += s * a;
    }
    double determinant = tt * ss - ts * ts;
    *beta = determinant > 1e-12 * tt * ss ? (tt * sa - ts * ta) / determinant : 0;
    *beta = fmax(-1, fmin(1, *beta));
    *delta = (ta - *beta * ts) / tt;
}

enum core_status compare_tail_ecf(size_t n, const double x[], size_t k, struct compare_tail *tail) {
    (void)k;
    struct units units = {0, 0};
    *tail = compare_tail_unknown();
    enum core_status status = find_units(n, x, &units);
    if (status != CORE_OK) return status;
    struct phi phi[MULTIPLES];
    double weight[POINTS], intercept, c, beta, delta;
    phi_at_multiples(n, x, &units, phi);
    fit_line(phi, weight, &tail->alpha, &intercept);
    if (!(tail->alpha > 0)) {
        *tail = compare_tail_unknown();
        return core_fail(CORE_BAD_INPUT, "ecf: the characteristic function does not fall: no stable law is near");
    }
    tail->se = standard_error(n, x, &units, phi, weight);
    c = pow(exp(intercept) / 2, 1 / tail->alpha);
    fit_argument(phi, tail->alpha, c, &beta, &delta);
    tail->scale = c * units.half;
    tail->beta = beta;
    tail->location = units.median + delta * units.half;
    return CORE_OK;
}

enum core_status compare_ecf_two_point(size_t n, const double x[], struct compare_tail *tail) {
    struct units units = {0, 0};
    *tail = compare_tail_unknown();
    enum core_status status = find_units(n, x, &units);
    if (status != CORE_OK) return status;
    double near = -log_square(phi_at(n, x, &units, 0.2)) / 2, far = -log_square(phi_at(n, x, &units, 1)) / 2;
    double alpha = log(far / near) / log(5);
    if (!(alpha > 0)) return core_fail(CORE_BAD_INPUT, "ecf: the characteristic function does not fall");
    tail->alpha = alpha;
    tail->scale = units.half * pow(far, 1 / alpha);
    tail->location = units.median;
    return CORE_OK;
}
