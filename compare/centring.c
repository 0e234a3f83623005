/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The terms by which squared distances are centred; see compare/wasserstein_2.c. */
#include "compare/centring.h"

#include "core/memory.h"

#include <math.h>
#include <string.h>

enum core_status compare_centring_init(struct compare_centring *centring, size_t rows, size_t columns,
                                       size_t dimension) {
    centring->row_term = core_alloc(rows, sizeof(double));
    centring->column_term = core_alloc(columns, sizeof(double));
    centring->length = core_alloc(dimension, sizeof(double));
    if (centring->row_term != NULL && centring->column_term != NULL && centring->length != NULL) return CORE_OK;
    compare_centring_free(centring);
    return core_fail(CORE_NO_MEMORY, "no memory for the costs of %zu and %zu points", rows, columns);
}

void compare_centring_free(struct compare_centring *centring) {
    core_free(centring->row_term);
    core_free(centring->column_term);
    core_free(centring->length);
    memset(centring, 0, sizeof *centring);
}

/* term[i] = sum_k 2 a_k (z_ik - mean_k), for each row i of the cloud. */
static void linear_terms(const struct compare_cloud *cloud, const double a[], double term[]) {
    memset(term, 0, cloud->stride * sizeof *term);
    for (size_t k = 0; k < cloud->dimension; k++) {
        const double *z = cloud->x + k * cloud->stride;
        for (size_t i = 0; i < cloud->n; i++) term[i] += 2 * a[k] * (z[i] - cloud->mean[k]);
    }
}

void compare_centring_set(struct compare_centring *centring, const struct compare_cloud *x,
                          const struct compare_cloud *y, int centred) {
    double apart = 0, *a = centring->length;
    for (size_t k = 0; k < x->dimension; k++) {
        a[k] = centred ? x->mean[k] - y->mean[k] : 0;
        apart += a[k] * a[k];
    }
    linear_terms(x, a, centring->row_term);
    linear_terms(y, a, centring->column_term);
    for (size_t i = 0; i < x->n; i++) centring->row_term[i] += apart;
    for (size_t j = 0; j < y->stride; j++) {
        centring->column_term[j] = j < y->n ? -centring->column_term[j] : -(double)INFINITY;
    }
}
