/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The semidefinite complementarity problem by a primal-dual interior-point method. The central path is X S = mu I,
 * S = A + B[X]; a step goes from (X, S) towards a smaller mu, dS = B[dX] - R with R = S - A - B[X], and is cut so that
 * X and S stay positive definite. Far from the solution the direction is that of Nesterov and Todd [nesterov1998],
 *
 *     V dX V + B[dX] = mu X^{-1} - S + R,    V the positive definite matrix with V X V = S,
 *
 * which bad scaling does not disturb but rounding does as mu -> 0. Near it the direction is Newton's for
 * (X S + S X) / 2 = mu I [alizadeh1998],
 *
 *     L_S dX + L_X dS = mu I - (X S + S X) / 2,    L_Y Z = (Y Z + Z Y) / 2,
 *
 * whose system stays well conditioned where the solution is unique and strictly complementary; it reaches the rounding
 * error, and no rank has to be guessed. k = 1: X = max(0, -A / B). */
#include "sde/complementarity.h"

#include "sde/small.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { STEPS_MOST = 80, CUTS_MOST = 60 };
static const double GOOD = 1e-15;      /* residual at which to stop */
static const double WANTED = 1e-13;    /* residual above which another start is tried */
static const double ACCEPTED = 1e-9;   /* residual above which there is no answer */
static const double NEAR = 1e-5;       /* residual from which on the second direction is taken */
static const double SHORTEST = 1e-3;   /* step below which the start is given up */
static const double TO_BOUNDARY = 0.8; /* factor on a step that leaves the cone */

struct problem {
    size_t k, order;                 /* k, K */
    const double *m;                 /* (K, K), not yet scaled */
    double scale;                    /* of m */
    double *a, *x, *s, *trial;       /* svec (K) */
    double *dx, *ds, *right;         /* svec (K) */
    double *full[6];                 /* (k, k) */
    double *left, *system, *product; /* (K, K) */
};

size_t sde_complementarity_scratch(size_t k) {
    size_t order = k * (k + 1) / 2;
    return 3 * order * order + 7 * order + 6 * k * k;
}

static void lay_out(struct problem *p, double scratch[]) {
    double **small[] = {&p->a, &p->x, &p->s, &p->trial, &p->dx, &p->ds, &p->right};
    double **large[] = {&p->left, &p->system, &p->product};
    for (size_t i = 0; i < 7; i++, scratch += p->order) *small[i] = scratch;
    for (size_t i = 0; i < 3; i++, scratch += p->order * p->order) *large[i] = scratch;
    for (size_t i = 0; i < 6; i++, scratch += p->k * p->k) p->full[i] = scratch;
}

/* full (k, k) of svec v. */
static void unpack(size_t k, const double v[], double full[]) {
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i <= j; i++)
            full[i * k + j] = full[j * k + i] = v[sde_svec(i, j)] * (i == j ? 1 : M_SQRT1_2);
}

/* svec of (Y Z + Z Y) / 2 for symmetric Y, Z (k, k). */
static void jordan(size_t k, const double y[], const double z[], double out[]) {
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i <= j; i++) {
            double sum = 0;
            for (size_t c = 0; c < k; c++) sum += y[i * k + c] * z[c * k + j] + z[i * k + c] * y[c * k + j];
            out[sde_svec(i, j)] = sum / 2 * (i == j ? 1 : M_SQRT2);
        }
}

/* matrix (K, K) of L_Y: columns L_Y of the unit vectors. */
static void jordan_matrix(struct problem *p, const double y[], double matrix[]) {
    double *unit = p->trial, *column = p->dx;
    memset(unit, 0, p->order * sizeof *unit);
    for (size_t c = 0; c < p->order; c++) {
        unit[c] = 1;
        unpack(p->k, unit, p->full[2]);
        jordan(p->k, y, p->full[2], column);
        for (size_t r = 0; r < p->order; r++) matrix[r * p->order + c] = column[r];
        unit[c] = 0;
    }
}

/* out = M v / scale. */
static void apply(const struct problem *p, const double v[], double out[]) {
    for (size_t r = 0; r < p->order; r++) {
        double sum = 0;
        for (size_t c = 0; c < p->order; c++) sum += p->m[r * p->order + c] * v[c];
        out[r] = sum / p->scale;
    }
}

static double dot(size_t n, const double a[], const double b[]) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

/* 1 where the symmetric matrix of svec v is positive definite: it has a Cholesky factor. */
static int positive(const struct problem *p, const double v[]) {
    size_t k = p->k;
    double *l = p->full[2];
    unpack(k, v, l);
    for (size_t j = 0; j < k; j++) {
        double pivot = l[j * k + j] - dot(j, l + j * k, l + j * k);
        if (!(pivot > 0)) return 0;
        l[j * k + j] = sqrt(pivot);
        for (size_t i = j + 1; i < k; i++) l[i * k + j] = (l[i * k + j] - dot(j, l + i * k, l + j * k)) / l[j * k + j];
    }
    return 1;
}

/* The largest |v_i|. */
static double largest(size_t n, const double v[]) {
    double most = 0;
    for (size_t i = 0; i < n; i++) most = fmax(most, fabs(v[i]));
    return most;
}

/* ds = R = S - A - B[X]; what is left of the conditions. */
static double residual(struct problem *p) {
    apply(p, p->x, p->ds);
    for (size_t i = 0; i < p->order; i++) p->ds[i] = p->s[i] - p->a[i] - p->ds[i];
    double gap = dot(p->order, p->x, p->s) / fmax(largest(p->order, p->x), DBL_MIN);
    return fmax(largest(p->order, p->ds), gap);
}

/* out (n, n) = left right. */
static void multiply(size_t n, const double left[], const double right[], double out[]) {
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            double sum = 0;
            for (size_t c = 0; c < n; c++) sum += left[i * n + c] * right[c * n + j];
            out[i * n + j] = sum;
        }
}

/* inverse (k, k) of the Cholesky factor that positive() left in full[2], both lower triangular. */
static void invert_factor(const struct problem *p, double inverse[]) {
    size_t k = p->k;
    const double *l = p->full[2];
    memset(inverse, 0, k * k * sizeof *inverse);
    for (size_t c = 0; c < k; c++)
        for (size_t r = c; r < k; r++) {
            double sum = r == c;
            for (size_t i = c; i < r; i++) sum -= l[r * k + i] * inverse[i * k + c];
            inverse[r * k + c] = sum / l[r * k + r];
        }
}

/* v = V, and inverse = X^{-1}: with X = L L^T and L^T S L = Q D Q^T, V = L^{-T} Q D^{1/2} Q^T L^{-1}. */
static void scaling(struct problem *p, double v[], double inverse[]) {
    size_t k = p->k;
    double *l = p->full[2], *down = p->full[3], *values = p->trial, *core = p->full[4], *s = p->full[5];
    positive(p, p->x);
    invert_factor(p, down);
    for (size_t i = 0; i < k; i++)
        for (size_t j = i + 1; j < k; j++) l[i * k + j] = 0;
    unpack(k, p->s, s);
    multiply(k, s, l, v);
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++) {
            double sum = 0;
            for (size_t c = i; c < k; c++) sum += l[c * k + i] * v[c * k + j];
            core[i * k + j] = sum;
        }
    sde_small_eigen(k, core, values, s);
    multiply(k, s, down, core); /* row i: Q_i^T L^{-1} */
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++) {
            v[i * k + j] = inverse[i * k + j] = 0;
            for (size_t c = 0; c < k; c++) {
                v[i * k + j] += core[c * k + i] * sqrt(fmax(values[c], 0)) * core[c * k + j];
                inverse[i * k + j] += down[c * k + i] * down[c * k + j];
            }
        }
}

/* The first direction: the system, and its right side in dx; ds holds R. */
static void scaled_system(struct problem *p, double mu) {
    size_t n = p->order, k = p->k;
    double *v = p->full[0], *inverse = p->full[1], *unit = p->trial;
    scaling(p, v, inverse);
    memset(unit, 0, n * sizeof *unit);
    for (size_t c = 0; c < n; c++) {
        unit[c] = 1;
        unpack(k, unit, p->full[2]);
        unit[c] = 0;
        multiply(k, v, p->full[2], p->full[3]);
        multiply(k, p->full[3], v, p->full[4]);
        for (size_t j = 0; j < k; j++)
            for (size_t i = 0; i <= j; i++) {
                size_t r = sde_svec(i, j);
                p->system[r * n + c] = p->full[4][i * k + j] * (i == j ? 1 : M_SQRT2) + p->m[r * n + c] / p->scale;
            }
    }
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i <= j; i++) {
            size_t r = sde_svec(i, j);
            p->dx[r] = mu * inverse[i * k + j] * (i == j ? 1 : M_SQRT2) - p->s[r] + p->ds[r];
        }
}

/* The second. */
static void newton_system(struct problem *p, double mu) {
    size_t n = p->order;
    unpack(p->k, p->s, p->full[0]);
    jordan_matrix(p, p->full[0], p->system);
    unpack(p->k, p->x, p->full[1]);
    jordan_matrix(p, p->full[1], p->left);
    jordan(p->k, p->full[0], p->full[1], p->right);
    for (size_t r = 0; r < n; r++) {
        double *row = p->product + r * n;
        memset(row, 0, n * sizeof *row);
        for (size_t i = 0; i < n; i++) {
            double factor = p->left[r * n + i] / p->scale;
            for (size_t c = 0; c < n && factor != 0; c++) row[c] += factor * p->m[i * n + c];
        }
        for (size_t c = 0; c < n; c++) p->system[r * n + c] += row[c];
        p->dx[r] = dot(n, p->left + r * n, p->ds) - p->right[r];
    }
    for (size_t i = 0; i < p->k; i++) p->dx[sde_svec(i, i)] += mu;
}

/* dx, ds towards mu; 0 where there is none. */
static int direction(struct problem *p, double mu, int near) {
    size_t n = p->order;
    if (near)
        newton_system(p, mu);
    else
        scaled_system(p, mu);
    if (!sde_small_solve(n, p->system, p->dx)) return 0;
    apply(p, p->dx, p->right);
    for (size_t i = 0; i < n; i++) p->ds[i] = p->right[i] - p->ds[i];
    return isfinite(dot(n, p->dx, p->dx));
}

/* The first of length, 0.8 length, ... at which v + length dv is in the cone; 0 where none is. */
static double longest(struct problem *p, const double v[], const double dv[], double length) {
    for (int i = 0; i < CUTS_MOST; i++, length *= TO_BOUNDARY) {
        for (size_t c = 0; c < p->order; c++) p->trial[c] = v[c] + length * dv[c];
        if (positive(p, p->trial)) return length;
    }
    return 0;
}

/* One step; its length, 0 at the end. */
static double advance(struct problem *p, double centring, int near) {
    double mu = dot(p->order, p->x, p->s) / (double)p->k;
    if (!direction(p, centring * mu, near)) return 0;
    double length = longest(p, p->s, p->ds, longest(p, p->x, p->dx, 1));
    double cut = length < 1 ? TO_BOUNDARY * length : 1;
    for (size_t i = 0; i < p->order; i++) {
        p->x[i] += cut * p->dx[i];
        p->s[i] += cut * p->ds[i];
    }
    return cut;
}

/* From X = S = start I; the best residual reached, now or before, its x in best. */
static double follow(struct problem *p, double start, double least, double best[]) {
    double length = 0;
    for (size_t j = 0; j < p->k; j++)
        for (size_t i = 0; i <= j; i++) p->x[sde_svec(i, j)] = p->s[sde_svec(i, j)] = i == j ? start : 0;
    for (int step = 0; step < STEPS_MOST; step++) {
        double left = residual(p);
        if (left < least) {
            least = left;
            memcpy(best, p->x, p->order * sizeof *best);
        }
        if (!(left > GOOD)) break;
        length = advance(p, length == 1 ? 0.02 : length > 0.5 ? 0.1 : length > 0.1 ? 0.4 : 0.8, left < NEAR);
        if (length < SHORTEST) break;
    }
    return least;
}

double sde_complementarity_solve(size_t k, const double a[], const double m[], double x[], double scratch[]) {
    struct problem p = {.k = k, .order = k * (k + 1) / 2, .m = m};
    static const double starts[] = {10, 1e3, 1e5, 1e7}; /* a solution far larger than the start is not reached */
    double size = 0;
    lay_out(&p, scratch);
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i <= j; i++)
            p.a[sde_svec(i, j)] = (a[i * k + j] + a[j * k + i]) / 2 * (i == j ? 1 : M_SQRT2);
    for (size_t i = 0; i < p.order; i++) p.scale = fmax(p.scale, m[i * p.order + i]);
    memset(x, 0, p.order * sizeof *x);
    if (positive(&p, p.a)) return 0;
    size = largest(p.order, p.a);
    if (!(p.scale > 0) || !isfinite(p.scale) || !isfinite(dot(p.order, p.a, p.a))) return HUGE_VAL;
    if (size == 0) return 0;
    if (k == 1) {
        x[0] = -a[0] / m[0];
        return 0;
    }
    for (size_t i = 0; i < p.order; i++) p.a[i] /= size;
    double left = HUGE_VAL;
    for (size_t i = 0; i < sizeof starts / sizeof *starts && !(left <= WANTED); i++)
        left = follow(&p, starts[i], left, x);
    if (!(left <= ACCEPTED)) left = HUGE_VAL;
    for (size_t i = 0; i < p.order; i++) x[i] = left < HUGE_VAL ? x[i] * size / p.scale : 0;
    return left;
}
