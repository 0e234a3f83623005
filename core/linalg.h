/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CORE_LINALG_H
#define CORE_LINALG_H

#include "core/status.h"

#include <stddef.h>

/* Dense linear algebra on row-major matrices, by LAPACK. Inputs are not changed. An entry that is not finite is
 * CORE_NUMERICAL. */

/* Eigenvalues of the symmetric a (n, n), ascending; vectors (n, n) row-major, column j the j-th eigenvector, or NULL.
 */
enum core_status core_symmetric_eigen(size_t n, const double a[], double values[], double vectors[]);

/* a (rows, columns) = u diag(s) vt, s descending, k = min(rows, columns); u (rows, k) and vt (k, columns), either
 * or both of them NULL where not wanted. */
enum core_status core_svd(size_t rows, size_t columns, const double a[], double s[], double u[], double vt[]);

/* factor (n, rank) with factor factor^T = a for the symmetric positive semidefinite a (n, n), by its eigenvectors;
 * eigenvalues below max(tolerance, n epsilon) * largest count as zero, more negative ones make it CORE_NUMERICAL.
 * factor has room for (n, n); *rank columns are filled, stored with row length *rank. */
enum core_status core_semidefinite_factor(size_t n, const double a[], double tolerance, double factor[], size_t *rank);

/* x = a^{-1} b for the square a (n, n), b and x (n, columns). CORE_NUMERICAL when a is singular
 * to working precision. */
enum core_status core_solve(size_t n, const double a[], size_t columns, const double b[], double x[]);

#endif
