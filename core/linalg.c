/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dense linear algebra by LAPACK: symmetric eigenproblems by divide and conquer (dsyevd), singular
 * values likewise (dgesdd), linear systems by LU with the condition estimated (dgetrf, dgecon, dgetrs). LAPACK changes
 * what it is given, so each function works on a copy. */
#include "core/linalg.h"

#include "core/memory.h"

#include <float.h>
#include <lapacke.h>
#include <limits.h>
#include <math.h>
#include <string.h>

/* A copy of a (rows, columns) in *copy, checked: finite, and its sizes within what LAPACK counts with. */
static enum core_status checked_copy(size_t rows, size_t columns, const double a[], double **copy) {
    *copy = NULL;
    if (rows > INT_MAX / 2 || columns > INT_MAX / 2)
        return core_fail(CORE_BAD_INPUT, "found a matrix of %zu by %zu, expected fewer than 2^30 rows and columns",
                         rows, columns);
    for (size_t i = 0; i < rows * columns; i++) {
        if (isfinite(a[i])) continue;
        return core_fail(CORE_NUMERICAL, "matrix row %zu, column %zu: found %g, expected a finite number",
                         i / columns + 1, i % columns + 1, a[i]);
    }
    *copy = core_alloc(rows * columns, sizeof **copy);
    if (*copy == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a matrix of %zu by %zu", rows, columns);
    if (rows > 0 && columns > 0) memcpy(*copy, a, rows * columns * sizeof **copy);
    return CORE_OK;
}

/* What LAPACK's `info` means. */
static enum core_status lapack_status(lapack_int info, const char *what, size_t rows, size_t columns) {
    if (info == 0) return CORE_OK;
    if (info == LAPACK_WORK_MEMORY_ERROR || info == LAPACK_TRANSPOSE_MEMORY_ERROR)
        return core_fail(CORE_NO_MEMORY, "no memory for the %s of a matrix of %zu by %zu", what, rows, columns);
    return core_fail(CORE_NUMERICAL, "the %s of a matrix of %zu by %zu did not converge", what, rows, columns);
}

/* a (n, n) transposed in place. */
static void transpose(size_t n, double a[]) {
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            double above = a[j * n + i];
            a[j * n + i] = a[i * n + j];
            a[i * n + j] = above;
        }
    }
}

enum core_status core_symmetric_eigen(size_t n, const double a[], double values[], double vectors[]) {
    double *copy;
    enum core_status status = checked_copy(n, n, a, &copy);
    if (status != CORE_OK || n == 0) {
        core_free(copy);
        return status;
    }
    /* by columns, a symmetric matrix reads the same and eigenvector j comes out as row j */
    lapack_int size = (lapack_int)n;
    lapack_int info = LAPACKE_dsyevd(LAPACK_COL_MAJOR, vectors == NULL ? 'N' : 'V', 'L', size, copy, size, values);
    status = lapack_status(info, "eigenvalues", n, n);
    if (status == CORE_OK && vectors != NULL) {
        memcpy(vectors, copy, n * n * sizeof *vectors);
        transpose(n, vectors);
    }
    core_free(copy);
    return status;
}

enum core_status core_svd(size_t rows, size_t columns, const double a[], double s[], double u[], double vt[]) {
    double *copy;
    enum core_status status = checked_copy(rows, columns, a, &copy);
    if (status != CORE_OK || rows == 0 || columns == 0) {
        core_free(copy);
        return status;
    }
    /* by columns, `copy` is a^T (columns, rows) = v diag(s) u^T: LAPACK's left factor is vt by rows, its right one u;
     * it gives both or none */
    lapack_int m = (lapack_int)columns, n = (lapack_int)rows, k = m < n ? m : n;
    int vectors = u != NULL || vt != NULL, one = vectors && (u == NULL || vt == NULL);
    double *spare = one ? core_alloc((size_t)k * (u == NULL ? rows : columns), sizeof *spare) : NULL;
    if (one && spare == NULL) {
        status =
            core_fail(CORE_NO_MEMORY, "no memory for the singular vectors of a matrix of %zu by %zu", rows, columns);
    } else {
        double *left = vt != NULL ? vt : spare, *right = u != NULL ? u : spare;
        lapack_int info = LAPACKE_dgesdd(LAPACK_COL_MAJOR, vectors ? 'S' : 'N', m, n, copy, m, s, left, m, right, k);
        status = lapack_status(info, "singular values", rows, columns);
    }
    core_free(copy);
    core_free(spare);
    return status;
}

/* factor (n, rank) from eigenvalues ascending and eigenvectors in columns: the largest first. */
static size_t factor_from(size_t n, double floor, const double values[], const double vectors[], double factor[]) {
    size_t rank = 0;
    while (rank < n && values[n - 1 - rank] > floor) rank++;
    for (size_t i = 0; i < n; i++)
        for (size_t r = 0; r < rank; r++) factor[i * rank + r] = vectors[i * n + n - 1 - r] * sqrt(values[n - 1 - r]);
    return rank;
}

enum core_status core_semidefinite_factor(size_t n, const double a[], double tolerance, double factor[], size_t *rank) {
    *rank = 0;
    if (n == 0) return CORE_OK;
    double *values = core_alloc(n, sizeof *values), *vectors = core_alloc(n * n, sizeof *vectors);
    enum core_status status = CORE_OK;
    if (values == NULL || vectors == NULL)
        status = core_fail(CORE_NO_MEMORY, "no memory for the factor of a matrix of %zu by %zu", n, n);
    if (status == CORE_OK) status = core_symmetric_eigen(n, a, values, vectors);
    if (status == CORE_OK) {
        double rounding = (double)n * DBL_EPSILON;
        double floor = fmax(tolerance, rounding) * fmax(fabs(values[0]), fabs(values[n - 1]));
        if (values[0] < -floor)
            status = core_fail(CORE_NUMERICAL, "found the eigenvalue %g, expected a positive semidefinite matrix",
                               values[0]);
        else
            *rank = factor_from(n, floor, values, vectors, factor);
    }
    core_free(values);
    core_free(vectors);
    return status;
}

/* LU of `lu` (column-major) and an estimate of its condition: CORE_NUMERICAL where rounding alone makes it singular. */
static enum core_status factorise(size_t n, double lu[], lapack_int pivots[]) {
    lapack_int size = (lapack_int)n;
    double norm = LAPACKE_dlange(LAPACK_COL_MAJOR, '1', size, size, lu, size), rcond = 0;
    lapack_int info = LAPACKE_dgetrf(LAPACK_COL_MAJOR, size, size, lu, size, pivots);
    if (info == 0) info = LAPACKE_dgecon(LAPACK_COL_MAJOR, '1', size, lu, size, norm, &rcond);
    if (info < 0) return lapack_status(info, "solution", n, n);
    if (info > 0 || !(rcond >= DBL_EPSILON))
        return core_fail(CORE_NUMERICAL, "a matrix of %zu by %zu is singular (reciprocal condition %.1e)", n, n, rcond);
    return CORE_OK;
}

enum core_status core_solve(size_t n, const double a[], size_t columns, const double b[], double x[]) {
    double *lu, *right = NULL;
    enum core_status status = checked_copy(n, n, a, &lu);
    if (status == CORE_OK) status = checked_copy(n, columns, b, &right);
    lapack_int *pivots = status == CORE_OK ? core_alloc(n, sizeof *pivots) : NULL;
    if (status == CORE_OK && pivots == NULL) status = core_fail(CORE_NO_MEMORY, "no memory to solve %zu equations", n);
    int empty = n == 0 || columns == 0;
    if (status == CORE_OK && !empty) status = factorise(n, lu, pivots);
    if (status == CORE_OK && !empty) {
        /* by columns, `lu` holds a^T, so that the transposed system is ours, and `right` takes b^T */
        lapack_int size = (lapack_int)n, sides = (lapack_int)columns;
        for (size_t i = 0; i < n * columns; i++) right[i % columns * n + i / columns] = b[i];
        LAPACKE_dgetrs(LAPACK_COL_MAJOR, 'T', size, sides, lu, size, pivots, right, size);
        for (size_t i = 0; i < n * columns; i++) x[i] = right[i % columns * n + i / columns];
    }
    core_free(lu);
    core_free(right);
    core_free(pivots);
    return status;
}
