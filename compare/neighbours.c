/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Squared distances to the k-th neighbour, by looking at all pairs: eight rows against all, their distances stay in the
 * cache while the k smallest are picked. For the dimensions and sizes of ensembles (d up to hundreds, 1e4 rows) that is
 * faster than a tree. */
#include "compare/neighbours.h"

#include "compare/assignment.h"
#include "core/memory.h"

#include <math.h>

CORE_ISA_PICK(struct compare_neighbour_kernels, compare_neighbour_kernels)

enum { TILE = 8 };

/* Rows first .. first + TILE of x as a cloud of their own, in `out` (dimension, 16). */
static void cut(const struct compare_cloud *x, size_t first, struct compare_cloud *out) {
    out->n = x->n - first < TILE ? x->n - first : TILE;
    for (size_t k = 0; k < x->dimension; k++) {
        for (size_t i = 0; i < out->n; i++) out->x[k * out->stride + i] = x->x[k * x->stride + first + i];
    }
}

enum core_status compare_neighbours(const struct compare_cloud *x, const struct compare_cloud *y, int within, size_t k,
                                    double out[]) {
    struct compare_cloud few = {.dimension = x->dimension, .stride = compare_stride(TILE)};
    few.x = core_alloc(few.dimension, few.stride * sizeof *few.x);
    double *cost = core_alloc(TILE + 1, y->stride * sizeof *cost), zeros[TILE] = {0};
    if (few.x != NULL && cost != NULL) {
        double *term = cost + TILE * y->stride;
        for (size_t j = y->n; j < y->stride; j++) term[j] = -(double)INFINITY;
        for (size_t first = 0; first < x->n; first += TILE) {
            cut(x, first, &few);
            struct compare_pass pass = {.x = &few, .y = y, .rate = -1, .cost = cost};
            pass.row_term = zeros;
            pass.column_term = term;
            compare_pairwise_kernels()->pass(&pass);
            for (size_t i = 0; i < few.n; i++) {
                if (within) cost[i * y->stride + first + i] = (double)INFINITY;
                out[first + i] = compare_neighbour_kernels()->kth(y->stride, cost + i * y->stride, k);
            }
        }
    }
    int complete = few.x != NULL && cost != NULL;
    core_free(few.x);
    core_free(cost);
    return complete ? CORE_OK : core_fail(CORE_NO_MEMORY, "no memory for the neighbours of %zu rows", x->n);
}
