/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FFPE_EIGEN_H
#define FFPE_EIGEN_H

#include "ffpe/factor.h"

/* Inside the room: eigenpairs nearest zero of V^{-1} L by ARPACK [lehoucq1998], shifted and inverted: sparse LU of
 * L + sigma V with a small sigma > 0, which is definite or an M-matrix. */

/* Reversible operators: the `wanted` smallest, ascending, with y (wanted, count) the orthonormal eigenvectors of the
 * symmetric V^{-1/2} pi^{1/2} L pi^{-1/2} V^{-1/2}; wanted < count / 2. */
enum core_status ffpe_eigen_symmetric(const struct ffpe_operator *op, size_t wanted, double values[], double y[]);

/* Any operator: *found >= wanted - 1 pairs (a conjugate pair is kept whole), values (wanted + 1, 2), vectors
 * (wanted + 1, count, 2) with L r = lambda V r, or L^T l = lambda V l where transpose; vectors may be NULL.
 * Ascending by distance from -sigma. */
enum core_status ffpe_eigen_general(const struct ffpe_operator *op, int transpose, size_t wanted, size_t *found,
                                    double values[], double vectors[]);

#endif
