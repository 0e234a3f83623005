/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The slowest rates of an operator: ARPACK where there are enough unknowns, else the dense matrix by LAPACK. Mode n of
 * a solution relaxes as E_alpha(-lambda_n t^alpha). */
#include "core/memory.h"
#include "ffpe/eigen.h"
#include "ffpe/observe.h"

#include <lapacke.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int ascending(const void *a, const void *b) {
    const double *x = a, *y = b;
    if (fabs(x[0] - y[0]) > 1e-9 * (fabs(x[0]) + fabs(y[0]))) return x[0] < y[0] ? -1 : 1;
    return x[1] < y[1] ? -1 : x[1] > y[1];
}

/* All eigenvalues of V^{-1} L: pairs (count, 2). */
static enum core_status dense(const struct ffpe_operator *op, double pairs[]) {
    size_t n = op->grid.count;
    double *a = core_alloc(n * n, sizeof *a), *re = core_alloc(2 * n, sizeof *re);
    enum core_status status = CORE_OK;
    if (a == NULL || re == NULL) status = core_fail(CORE_NO_MEMORY, "no memory for %zu eigenvalues", n);
    for (const struct ffpe_edge *edge = op->edges; edge < op->edges + op->edge_count && status == CORE_OK; edge++) {
        double tail = op->grid.volume[edge->tail];
        a[edge->tail * n + edge->tail] += edge->forward / tail;
        if (edge->head == FFPE_OUTSIDE) continue;
        double head = op->grid.volume[edge->head];
        a[edge->head * n + edge->tail] -= edge->forward / head;
        a[edge->tail * n + edge->head] -= edge->backward / tail;
        a[edge->head * n + edge->head] += edge->backward / head;
    }
    if (status == CORE_OK &&
        LAPACKE_dgeev(LAPACK_ROW_MAJOR, 'N', 'N', (lapack_int)n, a, (lapack_int)n, re, re + n, NULL, 1, NULL, 1) != 0)
        status = core_fail(CORE_NUMERICAL, "LAPACK found no eigenvalues");
    for (size_t i = 0; i < n && status == CORE_OK; i++) {
        pairs[2 * i] = re[i];
        pairs[2 * i + 1] = op->reversible ? 0 : re[n + i];
    }
    core_free(a);
    core_free(re);
    return status;
}

static enum core_status symmetric(const struct ffpe_operator *op, size_t wanted, double pairs[]) {
    double *y = core_alloc(wanted * op->grid.count, sizeof *y), *values = core_alloc(wanted, sizeof *values);
    enum core_status status = y == NULL || values == NULL
                                  ? core_fail(CORE_NO_MEMORY, "no memory for %zu eigenvectors", wanted)
                                  : ffpe_eigen_symmetric(op, wanted, values, y);
    for (size_t k = 0; k < wanted && status == CORE_OK; k++) pairs[2 * k] = values[k];
    core_free(y);
    core_free(values);
    return status;
}

enum core_status ffpe_spectrum_solve(const struct ffpe_operator *op, size_t wanted, double values[]) {
    enum { DENSE = 64 };
    size_t n = op->grid.count, zero = !op->absorbing, found = wanted + zero;
    int small = n < DENSE || n < 4 * (wanted + 4);
    double *pairs = core_alloc(2 * (small ? n : found + 3), sizeof *pairs);
    if (pairs == NULL) return core_fail(CORE_NO_MEMORY, "no memory for %zu eigenvalues", found);
    enum core_status status;
    if (small) {
        found = n;
        status = dense(op, pairs);
    } else if (op->reversible) {
        status = symmetric(op, found, pairs);
    } else {
        status = ffpe_eigen_general(op, 0, found + 2, &found, pairs, NULL);
    }
    if (status == CORE_OK) qsort(pairs, found, 2 * sizeof *pairs, ascending);
    for (size_t k = 0; k < wanted && status == CORE_OK; k++) {
        values[2 * k] = values[2 * k + 1] = NAN;
        if (k + zero < found) memcpy(values + 2 * k, pairs + 2 * (k + zero), 2 * sizeof *values);
    }
    core_free(pairs);
    return status;
}
