/* SPDX-License-Identifier: GPL-3.0-or-later */
/* BiCGStab [vandervorst1992] with the diagonal-based incomplete factorisation DILU [barrett1994] from the right,
 *
 *     M = (D + A_lower) D^{-1} (D + A_upper),   d_i = a_ii - sum_{j < i} a_ij a_ji / d_j,
 *
 * which keeps of A all but the diagonal. Products are flux by flux, so that the residual conserves mass; where no wall
 * absorbs, x is scaled at the end to s times its mass being that of b. */
#include "ffpe/krylov.h"

#include <math.h>
#include <string.h>

enum { ITERATIONS_MAX = 1000, VECTORS = 9 };
static const double TOLERANCE = 1e-12;

typedef double complex number;

size_t ffpe_krylov_work(size_t n) {
    return 2 * VECTORS * n;
}

static void factor(const struct ffpe_operator *op, const struct ffpe_columns *matrix, number s, number d[]) {
    for (size_t i = 0; i < matrix->n; i++) d[i] = s * op->grid.volume[i] + matrix->value[matrix->diagonal[i]];
    for (size_t j = 0; j < matrix->n; j++) {
        number inverse = 1 / d[j];
        for (int e = matrix->diagonal[j] + 1; e < matrix->column[j + 1]; e++)
            d[matrix->row[e]] -= matrix->value[e] * matrix->value[matrix->mirror[e]] * inverse;
        d[j] = inverse;
    }
}

/* z = M^{-1} r, with the inverse diagonal in d. */
static void precondition(const struct ffpe_columns *matrix, const number d[], const number r[], number z[]) {
    memcpy(z, r, matrix->n * sizeof *z);
    for (size_t j = 0; j < matrix->n; j++) {
        z[j] *= d[j];
        for (int e = matrix->diagonal[j] + 1; e < matrix->column[j + 1]; e++)
            z[matrix->row[e]] -= matrix->value[e] * z[j];
    }
    for (size_t j = matrix->n; j-- > 0;) {
        for (int e = matrix->column[j]; e < matrix->diagonal[j]; e++)
            z[matrix->row[e]] -= matrix->value[e] * z[j] * d[matrix->row[e]];
    }
}

static void multiply(const struct ffpe_operator *op, number s, const number x[], number y[]) {
    ffpe_operator_outflow(op, 2, (const double *)x, (double *)y);
    for (size_t i = 0; i < op->grid.count; i++) y[i] += s * op->grid.volume[i] * x[i];
}

/* sum conj(a) b. */
static number dot(size_t n, const number a[], const number b[]) {
    double re = 0, im = 0;
    for (size_t i = 0; i < n; i++) {
        re += creal(a[i]) * creal(b[i]) + cimag(a[i]) * cimag(b[i]);
        im += creal(a[i]) * cimag(b[i]) - cimag(a[i]) * creal(b[i]);
    }
    return ffpe_complex(re, im);
}

static void add(size_t n, number share, const number x[], number y[]) {
    double re = creal(share), im = cimag(share), *out = (double *)y;
    const double *in = (const double *)x;
    for (size_t i = 0; i < n; i++) {
        out[2 * i] += re * in[2 * i] - im * in[2 * i + 1];
        out[2 * i + 1] += re * in[2 * i + 1] + im * in[2 * i];
    }
}

static void balance(const struct ffpe_operator *op, number s, const double b[], number x[]) {
    number mass = 0;
    double start = 0;
    for (size_t i = 0; i < op->grid.count; i++) {
        mass += op->grid.volume[i] * x[i];
        start += b[i];
    }
    number scale = start / (s * mass);
    for (size_t i = 0; i < op->grid.count && !op->absorbing; i++) x[i] *= scale;
}

enum core_status ffpe_krylov_solve(const struct ffpe_operator *op, const struct ffpe_columns *matrix, double complex s,
                                   const double b[], double work[], double pairs[]) {
    size_t n = matrix->n;
    number *x = (number *)pairs, *d = (number *)work, *r = d + n, *shadow = r + n, *p = shadow + n, *v = p + n;
    number *ready = v + n, *t = ready + n, *z = t + n, rho = 1, alpha = 1, omega = 1;
    double whole = 0, left = 0;
    factor(op, matrix, s, d);
    for (size_t i = 0; i < n; i++) {
        x[i] = p[i] = v[i] = 0;
        r[i] = shadow[i] = b[i];
        whole += b[i] * b[i];
    }
    whole = left = sqrt(whole);
    for (int k = 0; k < ITERATIONS_MAX && left > TOLERANCE * whole; k++) {
        number next = dot(n, shadow, r);
        if (cabs(next) < 1e-30 * whole * left) { /* the shadow has gone blind: begin again from here */
            memcpy(shadow, r, n * sizeof *r);
            memset(p, 0, n * sizeof *p);
            memset(v, 0, n * sizeof *v);
            rho = alpha = omega = 1;
            next = dot(n, shadow, r);
        }
        number beta = next / rho * (alpha / omega);
        rho = next;
        for (size_t i = 0; i < n; i++) p[i] = r[i] + beta * (p[i] - omega * v[i]);
        precondition(matrix, d, p, ready);
        multiply(op, s, ready, v);
        alpha = rho / dot(n, shadow, v);
        add(n, alpha, ready, x);
        add(n, -alpha, v, r);
        precondition(matrix, d, r, z);
        multiply(op, s, z, t);
        omega = dot(n, t, r) / creal(dot(n, t, t));
        add(n, omega, z, x);
        add(n, -omega, t, r);
        left = sqrt(creal(dot(n, r, r)));
    }
    if (!(left <= TOLERANCE * whole))
        return core_fail(CORE_NUMERICAL, "BiCGStab stopped at a residual of %.2g after %d iterations", left / whole,
                         ITERATIONS_MAX);
    balance(op, s, b, x);
    return CORE_OK;
}
