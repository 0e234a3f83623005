/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMPARE_SLICED_H
#define COMPARE_SLICED_H

#include "compare/compare.h"
#include "core/isa.h"

/* Samples of equal size and the pairs of them whose distances are wanted: what panels and bootstraps are made of. */

struct compare_pair {
    size_t a, b; /* positions in the list of samples */
};

struct compare_table {
    size_t samples, rows, dimension;
    const double *const *values; /* (samples) each (rows, dimension), finite */
    size_t pairs;
    const struct compare_pair *pair; /* (pairs) */
    size_t threads;
};

/* power[i]: mean over `count` directions (count, dimension) of W_p^p between the projections of pair i, p = 1 or 2.
 * Each sample is projected and sorted once per direction. Memory: threads * samples * rows * 8 doubles. */
enum core_status compare_sliced_table(const struct compare_table *table, size_t count, const double directions[], int p,
                                      double power[]);

/* Eight directions at once. */
struct compare_sliced_kernels {
    /* out[l * stride + i] = sum_k (x_ik * shrink - shift_k) direction_k[l]; direction: (dimension, 8) */
    void (*project)(size_t n, size_t dimension, const double x[], double shrink, const double shift[],
                    const double direction[], size_t stride, double out[]);
    /* sum_i |x_i - y_i|^p of n sorted numbers each, zeros after them up to a multiple of eight */
    double (*difference)(size_t n, const double x[], const double y[], int p);
};
CORE_ISA_DECLARE(struct compare_sliced_kernels, compare_sliced_kernels)

#endif
