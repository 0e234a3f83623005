/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Eigenpairs by the cyclic method of Jacobi [golub2013, section 8.5]: rotations in the planes (p, q), one after the
 * other, each of which makes a_pq zero. Converges quadratically; a matrix that is nearly diagonal, as a tracked one is,
 * takes two or three sweeps. Systems by Gaussian elimination with row pivots. */
#include "sde/small.h"

#include <float.h>
#include <math.h>

enum { SWEEPS_MOST = 30 };

/* Rotates rows p and q of the matrix (n columns) by (c, s). */
static void rotate_rows(size_t n, double m[], size_t p, size_t q, double c, double s) {
    double *a = m + p * n, *b = m + q * n;
    for (size_t i = 0; i < n; i++) {
        double x = a[i], y = b[i];
        a[i] = c * x - s * y;
        b[i] = s * x + c * y;
    }
}

static void rotate_columns(size_t n, double m[], size_t p, size_t q, double c, double s) {
    for (size_t i = 0; i < n; i++) {
        double x = m[i * n + p], y = m[i * n + q];
        m[i * n + p] = c * x - s * y;
        m[i * n + q] = s * x + c * y;
    }
}

/* One sweep; 1 where something was rotated. */
static int sweep(size_t n, double a[], double vectors[], double small) {
    int busy = 0;
    for (size_t p = 0; p < n; p++)
        for (size_t q = p + 1; q < n; q++) {
            double off = a[p * n + q];
            if (fabs(off) <= small) continue;
            busy = 1;
            double theta = (a[q * n + q] - a[p * n + p]) / (2 * off);
            double t = copysign(1 / (fabs(theta) + sqrt(1 + theta * theta)), theta);
            double c = 1 / sqrt(1 + t * t), s = t * c;
            rotate_rows(n, a, p, q, c, s);
            rotate_columns(n, a, p, q, c, s);
            a[p * n + q] = a[q * n + p] = 0;
            rotate_rows(n, vectors, p, q, c, s);
        }
    return busy;
}

static void sort(size_t n, double values[], double vectors[]) {
    for (size_t i = 0; i < n; i++) {
        size_t best = i;
        for (size_t j = i + 1; j < n; j++) best = values[j] > values[best] ? j : best;
        double value = values[i];
        values[i] = values[best];
        values[best] = value;
        for (size_t c = 0; c < n && best != i; c++) {
            double v = vectors[i * n + c];
            vectors[i * n + c] = vectors[best * n + c];
            vectors[best * n + c] = v;
        }
    }
}

void sde_small_eigen(size_t n, double a[], double values[], double vectors[]) {
    double largest = 0;
    for (size_t i = 0; i < n * n; i++) {
        largest = fmax(largest, fabs(a[i]));
        vectors[i] = i % (n + 1) == 0;
    }
    for (int i = 0; i < SWEEPS_MOST && sweep(n, a, vectors, DBL_EPSILON / 4 * largest); i++) continue;
    for (size_t i = 0; i < n; i++) values[i] = a[i * n + i];
    sort(n, values, vectors);
}

int sde_small_solve(size_t n, double matrix[], double b[]) {
    for (size_t c = 0; c < n; c++) {
        size_t best = c;
        for (size_t r = c + 1; r < n; r++) best = fabs(matrix[r * n + c]) > fabs(matrix[best * n + c]) ? r : best;
        if (!(fabs(matrix[best * n + c]) > 0)) return 0;
        for (size_t i = c; i < n && best != c; i++) {
            double keep = matrix[c * n + i];
            matrix[c * n + i] = matrix[best * n + i];
            matrix[best * n + i] = keep;
        }
        double keep = b[c];
        b[c] = b[best];
        b[best] = keep;
        for (size_t r = c + 1; r < n; r++) {
            double factor = matrix[r * n + c] / matrix[c * n + c];
            for (size_t i = c + 1; i < n; i++) matrix[r * n + i] -= factor * matrix[c * n + i];
            b[r] -= factor * b[c];
        }
    }
    for (size_t c = n; c-- > 0;) {
        for (size_t i = c + 1; i < n; i++) b[c] -= matrix[c * n + i] * b[i];
        b[c] /= matrix[c * n + c];
    }
    return 1;
}
