/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Eigenvectors of small symmetric matrices, many times a second and with the same bits on every machine: cyclic Jacobi
 * rotations [golub2013, sec. 8.5]. With zeta = (a_qq - a_pp) / (2 a_pq) and
 *
 *     t = sign(zeta) / (|zeta| + sqrt(1 + zeta^2)),   c = 1 / sqrt(1 + t^2),   s = c t
 *
 * the rotation of coordinates p and q makes a_pq vanish; sweeps over all pairs converge quadratically, until all that
 * is left off the diagonal is rounding. */
#include "dln/llc_method.h"

#include <math.h>

enum { SWEEPS = 40 };

static const double NEGLIGIBLE = 1e-16; /* |a_pq| relative to the root of the sum of all squares */

/* (p_i, q_i) <- (c p_i - s q_i, s p_i + c q_i), elements `step` apart. */
static void rotate(size_t n, size_t step, double c, double s, double p[], double q[]) {
    for (size_t i = 0; i < n * step; i += step) {
        double old = p[i];
        p[i] = c * old - s * q[i];
        q[i] = s * old + c * q[i];
    }
}

static int eliminate(size_t n, size_t p, size_t q, double floor, double a[], double vectors[]) {
    double mixed = a[p * n + q];
    if (!(fabs(mixed) > floor)) return 0;
    double zeta = (a[q * n + q] - a[p * n + p]) / (2 * mixed);
    double t = copysign(1, zeta) / (fabs(zeta) + sqrt(1 + zeta * zeta));
    double c = 1 / sqrt(1 + t * t), s = c * t;
    rotate(n, 1, c, s, a + p * n, a + q * n);
    rotate(n, n, c, s, a + p, a + q);
    rotate(n, 1, c, s, vectors + p * n, vectors + q * n);
    a[p * n + q] = a[q * n + p] = 0;
    return 1;
}

void dln_symmetric_jacobi(size_t n, double a[], double values[], double vectors[]) {
    double square = 0;
    for (size_t i = 0; i < n * n; i++) {
        square += a[i] * a[i];
        vectors[i] = (double)(i % (n + 1) == 0);
    }
    double floor = NEGLIGIBLE * sqrt(square);
    for (int sweep = 0, rotations = 1; sweep < SWEEPS && rotations > 0; sweep++) {
        rotations = 0;
        for (size_t p = 0; p + 1 < n; p++) {
            for (size_t q = p + 1; q < n; q++) rotations += eliminate(n, p, q, floor, a, vectors);
        }
    }
    for (size_t i = 0; i < n; i++) values[i] = a[i * n + i];
}
