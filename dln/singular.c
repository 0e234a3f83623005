/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Singular values of small matrices, many times a second: one-sided Jacobi rotations [hestenes1958].
 *
 * The shorter side gives k vectors. A rotation of vectors p and q by the angle with
 *     zeta = (q.q - p.p) / (2 p.q),   t = sign(zeta) / (|zeta| + sqrt(1 + zeta^2)),   c = 1 / sqrt(1 + t^2),   s = c t
 * makes them orthogonal; sweeps over all pairs stop when every pair is, and the lengths are the singular values, each
 * to a few rounding errors relative to itself where the columns are well scaled, to the largest always. The matrix is
 * scaled by a power of two first, so that no square overflows. Larger matrices go through LAPACK. */
#include "dln/network.h"

#include "core/linalg.h"

#include <math.h>

enum { SIDE = 16, SWEEPS = 40 };

static const double ORTHOGONAL = 1e-15; /* |p.q| relative to |p| |q| */

/* The vectors, each filled up with zeros to `length`, a multiple of 4. */
struct vectors {
    size_t count, length;
    double at[SIDE][SIDE];
};

static double dot(size_t n, const double a[], const double b[]) {
    double sum[4] = {0, 0, 0, 0};
    for (size_t i = 0; i < n; i += 4) {
        for (size_t j = 0; j < 4; j++) sum[j] += a[i + j] * b[i + j];
    }
    return (sum[0] + sum[2]) + (sum[1] + sum[3]);
}

static void rotate(size_t n, double c, double s, double p[], double q[]) {
    for (size_t i = 0; i < n; i++) {
        double old = p[i];
        p[i] = c * old - s * q[i];
        q[i] = s * old + c * q[i];
    }
}

/* Makes vectors p and q orthogonal, square[] their squared lengths; 1 where they were not. */
static size_t orthogonalise(struct vectors *v, size_t p, size_t q, double square[]) {
    double mixed = dot(v->length, v->at[p], v->at[q]);
    if (!(mixed * mixed > ORTHOGONAL * ORTHOGONAL * square[p] * square[q])) return 0;
    double half = 0.5 * (square[q] - square[p]);
    double t = copysign(mixed, half * mixed) / (fabs(half) + sqrt(half * half + mixed * mixed));
    double c = 1 / sqrt(1 + t * t);
    rotate(v->length, c, c * t, v->at[p], v->at[q]);
    square[p] -= t * mixed;
    square[q] += t * mixed;
    return 1;
}

/* One sweep; returns how many pairs were not orthogonal. Pairs meet as in a tournament of m players: in round r those
 * with i + j = 2 r modulo m - 1, r itself meets the last. A round's pairs are disjoint, so that the processor
 * works on several at once. */
static size_t sweep(struct vectors *v) {
    double square[SIDE] = {0};
    size_t rotations = 0, ring = v->count / 2 * 2 + v->count % 2 * 2 - 1;
    for (size_t p = 0; p < v->count; p++) square[p] = dot(v->length, v->at[p], v->at[p]);
    for (size_t r = 0; r < ring; r++) {
        size_t p = r, q = r; /* p walks up the ring, q down */
        if (ring < v->count) rotations += orthogonalise(v, r, ring, square);
        for (size_t k = 0; k < ring / 2; k++) {
            p = p + 1 < ring ? p + 1 : 0;
            q = q > 0 ? q - 1 : ring - 1;
            if (p < v->count && q < v->count) rotations += orthogonalise(v, p, q, square);
        }
    }
    return rotations;
}

/* Copies a, turned so that the vectors are its shorter side's, times 2^-exponent. */
static void load(size_t rows, size_t columns, const double a[], double scale, struct vectors *v) {
    int turned = rows < columns;
    size_t length = turned ? columns : rows;
    v->count = turned ? rows : columns;
    v->length = (length + 3) / 4 * 4;
    for (size_t p = 0; p < v->count; p++) {
        for (size_t i = 0; i < length; i++) v->at[p][i] = scale * (turned ? a[p * columns + i] : a[i * columns + p]);
        for (size_t i = length; i < v->length; i++) v->at[p][i] = 0;
    }
}

static void sort_descending(size_t n, double s[]) {
    for (size_t i = 1; i < n; i++) {
        double value = s[i];
        size_t j = i;
        for (; j > 0 && s[j - 1] < value; j--) s[j] = s[j - 1];
        s[j] = value;
    }
}

enum core_status dln_singular_values(size_t rows, size_t columns, const double a[], double s[]) {
    size_t least = rows < columns ? rows : columns;
    double largest = 0, sum = 0; /* the sum is NaN where an entry is; fmax would hide it */
    for (size_t i = 0; i < rows * columns; i++) {
        largest = fmax(largest, fabs(a[i]));
        sum += 0 * a[i];
    }
    if (!isfinite(sum) || largest == 0) {
        for (size_t i = 0; i < least; i++) s[i] = isfinite(sum) ? 0 : NAN;
        return CORE_OK;
    }
    if (rows > SIDE || columns > SIDE) return core_svd(rows, columns, a, s, NULL, NULL);
    struct vectors v;
    int exponent;
    frexp(largest, &exponent);
    if (exponent < -1000) exponent = -1000; /* 2^-exponent must be a number */
    load(rows, columns, a, ldexp(1, -exponent), &v);
    for (int k = 0; k < SWEEPS && sweep(&v) > 0; k++) continue;
    for (size_t p = 0; p < v.count; p++) s[p] = ldexp(sqrt(dot(v.length, v.at[p], v.at[p])), exponent);
    sort_descending(least, s);
    return CORE_OK;
}
