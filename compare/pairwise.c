/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/pairwise.h"

#include "compare/assignment.h"
#include "compare/check.h"
#include "core/memory.h"
#include "core/sum.h"

#include <math.h>

CORE_ISA_PICK(struct compare_pairwise_kernels, compare_pairwise_kernels)

enum core_status compare_cloud_init(struct compare_cloud *cloud, size_t n, size_t dimension, const double values[],
                                    int exponent) {
    double shrink = compare_shrink(exponent);
    size_t stride = compare_stride(n);
    *cloud = (struct compare_cloud){.n = n, .dimension = dimension, .stride = stride};
    cloud->x = core_alloc(dimension, stride * sizeof *cloud->x);
    cloud->mean = core_alloc(dimension, sizeof *cloud->mean);
    if (cloud->x == NULL || cloud->mean == NULL) {
        compare_cloud_free(cloud);
        return core_fail(CORE_NO_MEMORY, "no memory for a sample of %zu rows and %zu columns", n, dimension);
    }
    for (size_t k = 0; k < dimension; k++) {
        double *x = cloud->x + k * stride;
        for (size_t i = 0; i < n; i++) x[i] = values[i * dimension + k] * shrink;
        cloud->mean[k] = core_sum(x, n, 1) / (double)n;
    }
    return CORE_OK;
}

void compare_cloud_free(struct compare_cloud *cloud) {
    core_free(cloud->x);
    core_free(cloud->mean);
    cloud->x = cloud->mean = NULL;
}

enum core_status compare_two_clouds(size_t n, const double x[], size_t m, const double y[], size_t dimension,
                                    struct compare_cloud *a, struct compare_cloud *b, int *exponent) {
    enum core_status status = compare_check_sample("the first sample", 2, n, dimension, x);
    if (status == CORE_OK) status = compare_check_sample("the second sample", 2, m, dimension, y);
    if (status != CORE_OK) return status;
    *exponent = compare_exponent(compare_exponent(COMPARE_NO_EXPONENT, n * dimension, x), m * dimension, y);
    status = compare_cloud_init(a, n, dimension, x, *exponent);
    return status == CORE_OK ? compare_cloud_init(b, m, dimension, y, *exponent) : status;
}

void compare_within(const struct compare_cloud *x, double rate, int distances, double *kernel, double *distance) {
    struct compare_pass pass = {.x = x, .y = x, .rate = rate, .distances = distances, .within = 1};
    compare_pairwise_kernels()->pass(&pass);
    double pairs = 0.5 * (double)x->n * (double)(x->n - 1);
    if (kernel != NULL) *kernel = pass.kernel_sum / pairs;
    if (distance != NULL) *distance = pass.distance_sum / pairs;
}

void compare_between(const struct compare_cloud *x, const struct compare_cloud *y, double rate, int distances,
                     double *kernel, double *distance) {
    struct compare_pass pass = {.x = x, .y = y, .rate = rate, .distances = distances};
    compare_pairwise_kernels()->pass(&pass);
    double pairs = (double)x->n * (double)y->n;
    if (kernel != NULL) *kernel = pass.kernel_sum / pairs;
    if (distance != NULL) *distance = pass.distance_sum / pairs;
}

double compare_kernel_rate(double bandwidth, int exponent) {
    double h = bandwidth * compare_shrink(exponent);
    return fmin(0.5 / (h * h), 1e300);
}
