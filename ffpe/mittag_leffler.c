/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Mittag-Leffler function [gorenflo2020, ch. 4]
 *
 *     E_{alpha,beta}(z) = sum_k z^k / Gamma(alpha k + beta)
 *                       = 1/(2 pi i) int e^s s^{alpha-beta} / (s^alpha - z) ds
 *
 * for alpha > 0 and real beta.
 *
 * - |z| < 0.9: the series.
 * - Elsewhere the integral. Its contour is two rays from the origin, s = r e^{i theta} above and r e^{-i theta'} below
 *   the real axis, with the angles 0.6 pi or pi: of the two the one that keeps farther from the poles s^alpha = z,
 *   which lie at the angles (arg z + 2 pi k) / alpha, at least pi apart for alpha < 2, so that a gap of 0.2 pi is
 *   always left. Poles between the rays add their residues s^{1-beta} e^s / alpha.
 * - With r = exp(x - e^{-x}) the integrand falls double-exponentially at both ends and the trapezoidal rule converges
 *   like exp(-2 pi gap / h) [trefethen2014, thm 5.1].
 * - The rays meet at the origin, where r^{alpha-beta} must be integrable: first beta is lowered by
 *   E_{alpha,beta} = (E_{alpha,beta-alpha} - 1/Gamma(beta-alpha)) / z, at least once, which also takes the leading term
 *   of the expansion for large z out of the integral: what remains is small and loses no digits.
 * - alpha >= 2: the mean of E_{alpha/m,beta} over the m-th roots of z [gorenflo2020, ch. 4]; alpha = 1 and integer
 *   beta <= 1: z^{1-beta} e^z. */
#include "ffpe/ffpe.h"

#include <math.h>

static const double PI = 3.14159265358979323846;
static const double SERIES_RADIUS = 0.9;
static const double STEP = 0.04;       /* of the trapezoidal rule */
static const double DECAY = 45;        /* the rule ends where the integrand is below e^{-DECAY} */
static const double LEAST_POWER = 0.4; /* of r at the origin, after the measure: r^{1+alpha-beta} dx */

/* 1/Gamma(x), 0 at its poles. */
static double inverse_gamma(double x) {
    if (x <= 0 && x == floor(x)) return 0;
    if (x > 170) return exp(-lgamma(x));
    if (x < -168) return sin(PI * x) / PI * exp(lgamma(1 - x)); /* reflection, where tgamma underflows */
    return 1 / tgamma(x);
}

static double complex series(double alpha, double beta, double complex z) {
    double complex sum = 0, power = 1;
    double radius = cabs(z), size = 1;
    for (int k = 0; k < 2000; k++) {
        double factor = inverse_gamma(alpha * k + beta);
        sum += power * factor;
        power *= z;
        size *= radius;
        /* the factors fall once their argument exceeds 1.5 */
        if (alpha * k + beta > 2 && size * factor < 1e-18 * cabs(sum)) break;
    }
    return sum;
}

/* The ray angle, 0.6 pi or pi, that is farther from every pole angle (argument + 2 pi k) / alpha. */
static double choose_angle(double alpha, double argument) {
    double best = PI, widest = -1;
    for (int i = 0; i < 2; i++) {
        double theta = i == 0 ? 0.6 * PI : PI;
        double turns = (theta * alpha - argument) / (2 * PI);
        double gap = fabs(turns - nearbyint(turns)) * 2 * PI / alpha;
        if (gap <= widest) continue;
        widest = gap;
        best = theta;
    }
    return best;
}

/* int over 0 < r of e^s s^{alpha-beta} / (s^alpha - z) ds along s = r e^{i theta}. */
static double complex ray(double alpha, double beta, double complex z, double theta) {
    double complex direction = cexp(ffpe_complex(0, theta)), turn = cexp(ffpe_complex(0, theta * alpha)), sum = 0;
    double low = -log(DECAY / (1 + alpha - beta)), high = log(DECAY / -cos(theta)) + 0.1;
    long first = (long)floor(low / STEP), last = (long)ceil(high / STEP);
    for (long k = first; k <= last; k++) {
        double x = STEP * (double)k, fall = exp(-x), log_r = x - fall, r = exp(log_r);
        /* the measure dr = r (1 + e^{-x}) dx is in the power */
        double complex top = exp((1 + alpha - beta) * log_r) * (1 + fall) * cexp(r * direction);
        sum += top / (exp(alpha * log_r) * turn - z);
    }
    return STEP * sum * cexp(ffpe_complex(0, theta * (1 + alpha - beta)));
}

/* The residues of the poles with -below < arg < above. */
static double complex residues(double alpha, double beta, double complex z, double above, double below) {
    double complex sum = 0;
    double argument = carg(z), log_r = log(cabs(z)) / alpha;
    long most = (long)ceil(alpha) + 1;
    for (long k = -most; k <= most; k++) {
        double angle = (argument + 2 * PI * (double)k) / alpha;
        if (angle >= above || angle <= -below) continue;
        double complex pole = exp(log_r) * cexp(ffpe_complex(0, angle));
        sum += cexp(pole + (1 - beta) * ffpe_complex(log_r, angle)) / alpha;
    }
    return sum;
}

static double complex integral(double alpha, double beta, double complex z) {
    double argument = carg(z);
    double above = choose_angle(alpha, argument), below = choose_angle(alpha, -argument);
    double complex upper = ray(alpha, beta, z, above);
    double complex lower = cimag(z) == 0 ? conj(upper) : conj(ray(alpha, beta, conj(z), below));
    return residues(alpha, beta, z, above, below) + (upper - lower) / ffpe_complex(0, 2 * PI);
}

static double complex reduced(double alpha, double beta, double complex z) {
    if (alpha == 1 && beta <= 1 && beta == floor(beta)) return cpow(z, 1 - beta) * cexp(z);
    if (1 + alpha - beta >= LEAST_POWER + alpha) return integral(alpha, beta, z);
    return (reduced(alpha, beta - alpha, z) - inverse_gamma(beta - alpha)) / z;
}

static double complex evaluate(double alpha, double beta, double complex z) {
    if (cabs(z) < SERIES_RADIUS || (beta > 4 && cabs(z) < beta)) return series(alpha, beta, z);
    if (alpha == 1 && beta <= 1 && beta == floor(beta)) return cpow(z, 1 - beta) * cexp(z);
    if (alpha < 2) return (reduced(alpha, beta - alpha, z) - inverse_gamma(beta - alpha)) / z;
    int m = (int)floor(alpha) + 1;
    double complex sum = 0, root = cpow(z, 1.0 / m);
    for (int k = 0; k < m; k++) sum += evaluate(alpha / m, beta, root * cexp(ffpe_complex(0, 2 * PI * k / m)));
    return sum / m;
}

double complex ffpe_mittag_leffler(double alpha, double beta, double complex z) {
    if (!(alpha > 0) || !isfinite(alpha) || !isfinite(beta) || isnan(creal(z)) || isnan(cimag(z))) return NAN;
    if (isinf(creal(z)) || isinf(cimag(z))) return creal(z) < 0 && cimag(z) == 0 && alpha < 2 ? 0 : NAN;
    double complex value = evaluate(alpha, beta, z);
    return cimag(z) == 0 ? creal(value) : value;
}
