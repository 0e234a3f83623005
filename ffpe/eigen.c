/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ARPACK's reverse communication: it asks for y = OP x, OP = V^{1/2} (L_s + sigma V)^{-1} V^{1/2} with the symmetric
 * L_s of a reversible operator, or (L + sigma V)^{-1} V. Its start is a fixed irregular vector, so that the same
 * operator gives the same bits. ARPACK keeps state of its own between calls: one caller at a time. */
#include "ffpe/eigen.h"

#include "core/eigen.h"
#include "core/memory.h"

#include <arpack.h>
#include <math.h>
#include <string.h>

struct arnoldi {
    const struct ffpe_operator *op;
    int symmetric, transpose;
    int n, wanted, ncv, lworkl;
    double sigma;
    struct ffpe_pattern *pattern;
    struct ffpe_factor *factor;
    double *residual, *basis, *workd, *workl, *root, *right; /* root: V^{1/2}; right: a right side */
    double *re, *im, *extra;
    int *select, iparam[11], ipntr[14];
};

/* A rate well below those of interest: the fastest over the square of the nodes an axis. */
static double small_rate(const struct ffpe_operator *op) {
    double fastest = 0, nodes = 0;
    for (size_t e = 0; e < op->edge_count; e++)
        fastest = fmax(fastest, op->edges[e].forward / op->grid.volume[op->edges[e].tail]);
    for (size_t k = 0; k < op->grid.dimension; k++) nodes += (double)(op->grid.cells[k] * op->grid.cells[k]);
    return 0.5 * fastest / nodes;
}

static void clear(struct arnoldi *a) {
    ffpe_factor_free(a->factor);
    ffpe_pattern_free(a->pattern);
    double *arrays[] = {a->residual, a->basis, a->workd, a->workl, a->root, a->right, a->re, a->im, a->extra};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) core_free(arrays[i]);
    core_free(a->select);
}

static enum core_status prepare(struct arnoldi *a) {
    size_t n = a->op->grid.count, ncv = 2 * (size_t)a->wanted + 20 < n ? 2 * (size_t)a->wanted + 20 : n;
    a->n = (int)n;
    a->ncv = (int)ncv;
    a->lworkl = (int)(3 * ncv * ncv + 8 * ncv);
    a->sigma = small_rate(a->op);
    struct {
        double **at;
        size_t count;
    } const arrays[] = {
        {&a->residual, n}, {&a->basis, n * ncv}, {&a->workd, 3 * n}, {&a->workl, (size_t)a->lworkl}, {&a->root, n},
        {&a->right, n},    {&a->re, ncv + 1},    {&a->im, ncv + 1},  {&a->extra, 3 * ncv},
    };
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        *arrays[i].at = core_alloc(arrays[i].count, sizeof(double));
        if (*arrays[i].at == NULL) return core_fail(CORE_NO_MEMORY, "no memory for %d eigenvectors", a->ncv);
    }
    a->select = core_alloc(ncv, sizeof *a->select);
    if (a->select == NULL) return core_fail(CORE_NO_MEMORY, "no memory for %d eigenvectors", a->ncv);
    for (size_t i = 0; i < n; i++) {
        a->root[i] = sqrt(a->op->grid.volume[i]);
        a->residual[i] = a->root[i] * (1 + 0.5 * sin(1.7 * (double)i + 0.3) + 0.5 * cos(0.01 * (double)(i * i % 7919)));
    }
    enum core_status status = ffpe_pattern_create(a->op, a->symmetric, &a->pattern);
    if (status == CORE_OK) status = ffpe_factor_create(a->pattern, 0, &a->factor);
    return status == CORE_OK ? ffpe_factor_make(a->factor, a->sigma, FFPE_OUTSIDE) : status;
}

static enum core_status apply(struct arnoldi *a, const double x[], double y[]) {
    for (int i = 0; i < a->n; i++) a->right[i] = x[i] * (a->symmetric ? a->root[i] : a->op->grid.volume[i]);
    enum core_status status = ffpe_factor_solve(a->factor, a->transpose, a->right, y);
    for (int i = 0; i < a->n && a->symmetric; i++) y[i] *= a->root[i];
    return status;
}

static enum core_status iterate(struct arnoldi *a) {
    int ido = 0, info = 1;
    const char *which = "LM";
    a->iparam[0] = 1;
    a->iparam[2] = 1000;
    a->iparam[6] = 1;
    for (;;) {
        if (a->symmetric) {
            dsaupd_c(&ido, "I", a->n, which, a->wanted, 0, a->residual, a->ncv, a->basis, a->n, a->iparam, a->ipntr,
                     a->workd, a->workl, a->lworkl, &info);
        } else {
            dnaupd_c(&ido, "I", a->n, which, a->wanted, 0, a->residual, a->ncv, a->basis, a->n, a->iparam, a->ipntr,
                     a->workd, a->workl, a->lworkl, &info);
        }
        if (ido != 1 && ido != -1) break;
        enum core_status status = apply(a, a->workd + a->ipntr[0] - 1, a->workd + a->ipntr[1] - 1);
        if (status != CORE_OK) return status;
    }
    if (info == 0) return CORE_OK;
    return core_fail(CORE_NUMERICAL, "ARPACK found %d of %d eigenvalues and stopped with its code %d", a->iparam[4],
                     a->wanted, info);
}

/* ---- Symmetric
 * ----------------------------------------------------------------------------------------------------------- */

/* The eigenvalue of y from the fluxes, which loses nothing: sum over edges of (sqrt(forward / V_tail) y_tail -
 * sqrt(backward / V_head) y_head)^2, over |y|^2. */
static double rayleigh(const struct ffpe_operator *op, const double y[]) {
    double sum = 0, norm = 0;
    for (const struct ffpe_edge *edge = op->edges; edge < op->edges + op->edge_count; edge++) {
        double gap = sqrt(edge->forward / op->grid.volume[edge->tail]) * y[edge->tail];
        if (edge->head != FFPE_OUTSIDE) gap -= sqrt(edge->backward / op->grid.volume[edge->head]) * y[edge->head];
        sum += gap * gap;
    }
    for (size_t i = 0; i < op->grid.count; i++) norm += y[i] * y[i];
    return sum / norm;
}

static enum core_status extract_symmetric(struct arnoldi *a, double values[], double y[]) {
    int info = 0;
    dseupd_c(1, "A", a->select, a->re, a->basis, a->n, 0, "I", a->n, "LM", a->wanted, 0, a->residual, a->ncv, a->basis,
             a->n, a->iparam, a->ipntr, a->workd, a->workl, a->lworkl, &info);
    if (info != 0) return core_fail(CORE_NUMERICAL, "ARPACK could not give its eigenvectors: code %d", info);
    /* the eigenvalues of OP come ascending: the last is the smallest rate */
    for (int k = 0; k < a->wanted; k++) {
        const double *from = a->basis + (size_t)(a->wanted - 1 - k) * (size_t)a->n;
        memcpy(y + (size_t)k * (size_t)a->n, from, (size_t)a->n * sizeof *y);
        values[k] = rayleigh(a->op, from);
    }
    return CORE_OK;
}

enum core_status ffpe_eigen_symmetric(const struct ffpe_operator *op, size_t wanted, double values[], double y[]) {
    struct arnoldi a = {.op = op, .symmetric = 1, .wanted = (int)wanted};
    enum core_status status = prepare(&a);
    core_arpack_lock();
    if (status == CORE_OK) status = iterate(&a);
    if (status == CORE_OK) status = extract_symmetric(&a, values, y);
    core_arpack_unlock();
    clear(&a);
    return status;
}

/* ---- General
 * ------------------------------------------------------------------------------------------------------------- */

/* ARPACK gives a conjugate pair as two columns, real and imaginary part, of the first of the two. */
static void copy_vector(const struct arnoldi *a, int k, double out[]) {
    size_t n = (size_t)a->n;
    int second = a->im[k] != 0 && k > 0 && a->im[k - 1] == -a->im[k] && a->re[k - 1] == a->re[k] && a->im[k - 1] > 0;
    const double *re = a->basis + (size_t)(second ? k - 1 : k) * n, *im = re + n;
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = re[i];
        out[2 * i + 1] = a->im[k] == 0 ? 0 : second ? -im[i] : im[i];
    }
}

static enum core_status extract_general(struct arnoldi *a, size_t *found, double values[], double vectors[]) {
    int info = 0;
    dneupd_c(1, "A", a->select, a->re, a->im, a->basis, a->n, 0, 0, a->extra, "I", a->n, "LM", a->wanted, 0,
             a->residual, a->ncv, a->basis, a->n, a->iparam, a->ipntr, a->workd, a->workl, a->lworkl, &info);
    if (info != 0) return core_fail(CORE_NUMERICAL, "ARPACK could not give its eigenvectors: code %d", info);
    int count = a->iparam[4] < a->wanted + 1 ? a->iparam[4] : a->wanted + 1;
    *found = (size_t)count;
    for (int k = 0; k < count; k++) {
        double complex rate = 1 / ffpe_complex(a->re[k], a->im[k]) - a->sigma;
        values[2 * k] = creal(rate);
        values[2 * k + 1] = cimag(rate);
        if (vectors != NULL) copy_vector(a, k, vectors + 2 * (size_t)a->n * (size_t)k);
    }
    return CORE_OK;
}

enum core_status ffpe_eigen_general(const struct ffpe_operator *op, int transpose, size_t wanted, size_t *found,
                                    double values[], double vectors[]) {
    struct arnoldi a = {.op = op, .transpose = transpose, .wanted = (int)wanted};
    enum core_status status = prepare(&a);
    core_arpack_lock();
    if (status == CORE_OK) status = iterate(&a);
    if (status == CORE_OK) status = extract_general(&a, found, values, vectors);
    core_arpack_unlock();
    clear(&a);
    return status;
}
