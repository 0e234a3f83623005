/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inverting the Laplace transform on a hyperbola [weideman2007] [lopezfernandez2006].
 *
 *     f(t) = 1/(2 pi i) int e^{z t} F(z) dz,   z(u) = mu (1 + sin(i u - phi)),   u real,
 *
 * by the midpoint rule. F real on the real axis makes the lower half the mirror of the upper:
 *
 *     f(t) ~ Re sum_{k=0}^{N-1} (h / pi) mu cos(i u_k - phi) e^{z_k t} F(z_k),   u_k = (k + 1/2) h.
 *
 * For times in [t_1 / ratio, t_1] and singularities in the wedge |arg(-z)| <= d, balancing the errors of step, of
 * truncation and of the growing exponential gives
 *
 *     A = arcosh(((pi - 2 phi - 2 d) ratio + 4 phi - pi + 2 d) / ((4 phi - pi + 2 d) sin phi)),   h = A / N,
 *     mu = (4 pi phi - pi^2 + 2 pi d) / A * N / t_1,   error exp(-B N),   B = (pi^2 - 2 pi phi - 2 pi d) / A,
 *
 * and phi maximises B. Rounding is lifted by e^{mu (1 - sin phi) t_1}. */
#include "ffpe/evolve.h"

#include <math.h>

static const double PI = 3.14159265358979323846;

static double extent(double phi, double ratio, double d) {
    double top = (PI - 2 * phi - 2 * d) * ratio + 4 * phi - PI + 2 * d;
    return acosh(top / ((4 * phi - PI + 2 * d) * sin(phi)));
}

static double rate(double phi, double ratio, double d) {
    return (PI * PI - 2 * PI * phi - 2 * PI * d) / extent(phi, ratio, d);
}

/* The angle with the largest rate, by golden section: the rate has one maximum. */
static double best_angle(double ratio, double d) {
    const double golden = 0.61803398874989485;
    double low = PI / 4 - d / 2, high = PI / 2 - d;
    double margin = 1e-9 * (high - low);
    low += margin;
    high -= margin;
    double a = high - golden * (high - low), b = low + golden * (high - low);
    double at_a = rate(a, ratio, d), at_b = rate(b, ratio, d);
    for (int i = 0; i < 60; i++) {
        if (at_a > at_b) {
            high = b, b = a, at_b = at_a;
            a = high - golden * (high - low);
            at_a = rate(a, ratio, d);
        } else {
            low = a, a = b, at_a = at_b;
            b = low + golden * (high - low);
            at_b = rate(b, ratio, d);
        }
    }
    return (low + high) / 2;
}

struct ffpe_contour ffpe_contour_make(double last, double ratio, double sector, size_t nodes) {
    double phi = best_angle(ratio, sector), a = extent(phi, ratio, sector);
    return (struct ffpe_contour){
        .nodes = nodes,
        .mu = (4 * PI * phi - PI * PI + 2 * PI * sector) / a * (double)nodes / last,
        .step = a / (double)nodes,
        .angle = phi,
    };
}

void ffpe_contour_node(const struct ffpe_contour *contour, size_t k, double complex *z, double complex *factor) {
    double u = ((double)k + 0.5) * contour->step, s = sin(contour->angle), c = cos(contour->angle);
    /* sin(i u - phi) = -sin phi cosh u + i cos phi sinh u; cos(i u - phi) = cos phi cosh u + i sin phi sinh u */
    *z = contour->mu * ffpe_complex(1 - s * cosh(u), c * sinh(u));
    *factor = contour->step / PI * contour->mu * ffpe_complex(c * cosh(u), s * sinh(u));
}

size_t ffpe_contour_nodes(double ratio, double sector, double tolerance) {
    double b = rate(best_angle(ratio, sector), ratio, sector);
    return (size_t)ceil(-log(tolerance / 10) / b) + 1;
}

double complex ffpe_contour_relaxation(const struct ffpe_contour *contour, double order, double t,
                                       double complex lambda) {
    double complex sum = 0;
    double constant = 0;
    /* both halves of the contour: a complex lambda has no mirror */
    for (size_t k = 0; k < contour->nodes; k++) {
        double complex z, factor;
        ffpe_contour_node(contour, k, &z, &factor);
        double complex power = cpow(z, order), weight = factor * cexp(z * t) / z;
        sum += (weight * power / (power + lambda) + conj(weight) * conj(power) / (conj(power) + lambda)) / 2;
        constant += creal(weight);
    }
    return sum / constant;
}

double ffpe_contour_error(const struct ffpe_contour *contour, double order, double first, double last, double sector) {
    struct ffpe_contour finer = ffpe_contour_make(last, last / first, sector, contour->nodes + 6);
    double worst = 0;
    for (int end = 0; end < 2; end++) {
        double t = end == 0 ? first : last, scale = pow(t, -order);
        for (int i = 0; i < 24; i++) {
            double lambda = scale * pow(10, -3 + 0.4 * i);
            double gap = cabs(ffpe_contour_relaxation(contour, order, t, lambda) -
                              ffpe_contour_relaxation(&finer, order, t, lambda));
            worst = fmax(worst, gap);
        }
        if (first == last) break;
    }
    return worst;
}
