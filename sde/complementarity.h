/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SDE_COMPLEMENTARITY_H
#define SDE_COMPLEMENTARITY_H

#include <stddef.h>

/* The semidefinite linear complementarity problem: for symmetric A (k, k) and a positive semidefinite linear map B of
 * the symmetric matrices, find
 *
 *     X >= 0,    S = A + B[X] >= 0,    <X, S> = 0.
 *
 * B is given by its matrix m (K, K), K = k (k + 1) / 2, in the coordinates svec: entry (i, j), i <= j, of a symmetric
 * matrix stands at sde_svec(i, j), times sqrt 2 where i < j, so that <X, Y> = svec(X) . svec(Y). A smaller k is a
 * prefix. */

enum { SDE_COMPLEMENTARITY_MOST = 16 }; /* k */

/* Place of entry (i, j), i <= j. */
static inline size_t sde_svec(size_t i, size_t j) {
    return j * (j + 1) / 2 + i;
}

/* Doubles that a call with k or less needs. */
size_t sde_complementarity_scratch(size_t k);

/* x (K) = svec(X); exactly 0 where A is positive definite. Returns what is left of the three conditions, relative to
 * |A| and |A| |X| (below 1e-13, as a rule); infinity where no solution was found (there may be none where B is
 * singular), and x is then 0. 1 <= k <= SDE_COMPLEMENTARITY_MOST; no memory is taken. */
double sde_complementarity_solve(size_t k, const double a[], const double m[], double x[], double scratch[]);

#endif
