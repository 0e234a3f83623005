/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CORE_EIGEN_H
#define CORE_EIGEN_H

#include "core/status.h"

#include <stddef.h>

/* Eigenpairs at one end of the spectrum of a symmetric operator, from products with vectors only: no matrix is formed.
 *
 *     double values[3], *vectors = core_alloc(3 * n, sizeof *vectors);
 *     core_extreme_eigen(&(struct core_operator){n, apply, self}, CORE_END_LARGEST, 3, values, vectors, NULL);
 */

struct core_operator {
    size_t dimension;
    /* out = A v, both of shape (dimension). */
    void (*apply)(const void *context, const double v[], double out[]);
    const void *context;
};

enum core_end {
    CORE_END_LARGEST, /* algebraically: the most positive first */
    CORE_END_SMALLEST /* the most negative first */
};

/* How an answer was found. */
struct core_eigen_report {
    size_t products; /* with the operator */
    double residual; /* the largest |A v - value v| over the pairs, by products of their own */
    double scale;    /* an estimate of the largest |eigenvalue|, from below */
};

/* The `count` eigenvalues nearest the end, values (count) from the end inwards; vectors (count, dimension), row i of
 * length 1 beside values[i], or NULL; report may be NULL. Errors of the values are about 1e-12 of the largest
 * |eigenvalue|; of a multiple eigenvalue, some copies may be missed. The same bits for any number of threads.
 * CORE_BAD_INPUT where count is 0 or above the dimension; CORE_NUMERICAL where a product is not finite or the
 * iteration does not converge. */
enum core_status core_extreme_eigen(const struct core_operator *a, enum core_end end, size_t count, double values[],
                                    double vectors[], struct core_eigen_report *report);

/* ARPACK keeps state between its calls and is not reentrant: whoever calls it, in any room, holds this lock around its
 * whole iteration. core_extreme_eigen takes it by itself. */
void core_arpack_lock(void);
void core_arpack_unlock(void);

#endif
