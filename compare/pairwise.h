/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMPARE_PAIRWISE_H
#define COMPARE_PAIRWISE_H

#include "core/isa.h"
#include "core/status.h"

#include <stddef.h>

/* Sums over all pairs of rows of two samples, in one pass: squared distances, Gaussian kernels, distances. */

/* A sample laid out for the lanes: coordinate k of row i at x[k * stride + i], scaled by a power of two, zeros after
 * the last row. */
struct compare_cloud {
    size_t n, dimension, stride;
    double *x;    /* (dimension, stride) */
    double *mean; /* (dimension) */
};

/* Copies the first n rows of values (n, dimension), times 2^-exponent. compare_cloud_free takes a zeroed object too. */
enum core_status compare_cloud_init(struct compare_cloud *cloud, size_t n, size_t dimension, const double values[],
                                    int exponent);
void compare_cloud_free(struct compare_cloud *cloud);

/* Checks two samples (two rows each or more) and lays them out in one unit. Free both clouds whatever the status. */
enum core_status compare_two_clouds(size_t n, const double x[], size_t m, const double y[], size_t dimension,
                                    struct compare_cloud *a, struct compare_cloud *b, int *exponent);

struct compare_pass {
    const struct compare_cloud *x, *y;
    double rate;               /* kernel exp(-rate |x-y|^2); negative: no kernel sum */
    int distances;             /* 1: the sum of distances is wanted */
    int within;                /* 1: x is y, pairs i < j only */
    double *cost;              /* (x->n, compare_stride(y->n)) or NULL: |x_i - y_j|^2 - row_term_i - column_term_j */
    const double *row_term;    /* (x->n) */
    const double *column_term; /* (stride) -infinity after the last column, which pads the costs with +infinity */
    double kernel_sum, distance_sum; /* results */
};

struct compare_pairwise_kernels {
    void (*pass)(struct compare_pass *pass);
};
CORE_ISA_DECLARE(struct compare_pairwise_kernels, compare_pairwise_kernels)

/* sum over pairs i < j within one cloud, divided by their number: the U-statistics E k(X, X') and E |X - X'|. */
void compare_within(const struct compare_cloud *x, double rate, int distances, double *kernel, double *distance);

/* The same between two clouds, divided by n m. */
void compare_between(const struct compare_cloud *x, const struct compare_cloud *y, double rate, int distances,
                     double *kernel, double *distance);

/* exp(-|x-y|^2 / (2 h^2)) in the clouds' unit: the rate, finite. */
double compare_kernel_rate(double bandwidth, int exponent);

#endif
