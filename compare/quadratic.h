/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMPARE_QUADRATIC_H
#define COMPARE_QUADRATIC_H

#include "core/isa.h"
#include "core/status.h"

#include <stddef.h>

/* z^T M z for a symmetric M and many vectors z at once: what permutation tests, sign flips and wild bootstraps are made
 * of. */

/* Vectors are taken in groups of this many. */
enum { COMPARE_GROUP = 32 };

/* A symmetric matrix with diagonal zero by its strictly lower triangle, zeros above: entry (i, j), j < i, at
 * value[i * stride + j]. Rows up to a multiple of 4 and columns up to a multiple of 128 exist and are zero. */
struct compare_lower {
    size_t size, rows, stride;
    double *value; /* (rows, stride) */
};

enum core_status compare_lower_init(struct compare_lower *lower, size_t size);
void compare_lower_free(struct compare_lower *lower);

/* *total: the sum of all entries below the diagonal; sum[i]: that of row i of the whole matrix. */
void compare_lower_sums(const struct compare_lower *lower, double *total, double sum[]);

struct compare_quadratic_kernels {
    /* out[g * 32 + v] = sum over j < i of z_i M_ij z_j for vector v of group g; z: (groups, stride, 32). */
    void (*forms)(const struct compare_lower *lower, size_t groups, const double z[], double out[]);
    /* out[i] = exp(-rate s_i), or sqrt(s_i) for a negative rate; count is a multiple of 8. */
    void (*shape)(size_t count, const double squares[], double rate, double out[]);
};
CORE_ISA_DECLARE(struct compare_quadratic_kernels, compare_quadratic_kernels)

#endif
