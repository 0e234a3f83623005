/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All pairs of two clouds in blocks of four rows and sixteen columns: the block's 64 squared distances stay in
 * registers while the coordinates stream by, sum_k (x_ik - y_jk)^2 as differences, so that nothing cancels however far
 * the clouds are from the origin and equal points are at distance zero exactly. Sums run in a fixed order: lanes within
 * a block of rows, then the blocks. */
#include "compare/assignment.h"
#include "compare/lanes.h"
#include "compare/pairwise.h"

enum { ROWS = 4, HALVES = 2 };

struct block {
    lanes square[ROWS][HALVES];
};

LANES_INLINE void squares(const struct compare_cloud *x, const struct compare_cloud *y, size_t i, size_t j,
                          struct block *block) {
    lanes sum[ROWS][HALVES];
    for (int r = 0; r < ROWS; r++) {
        for (int h = 0; h < HALVES; h++) sum[r][h] = lanes_set(0);
    }
    for (size_t k = 0; k < x->dimension; k++) {
        const double *from = x->x + k * x->stride + i;
        lanes left = lanes_load(y->x + k * y->stride + j), right = lanes_load(y->x + k * y->stride + j + CORE_LANES);
        for (int r = 0; r < ROWS; r++) {
            lanes a = lanes_set(from[r]) - left, b = lanes_set(from[r]) - right;
            sum[r][0] = lanes_fma(a, a, sum[r][0]);
            sum[r][1] = lanes_fma(b, b, sum[r][1]);
        }
    }
    for (int r = 0; r < ROWS; r++) {
        for (int h = 0; h < HALVES; h++) block->square[r][h] = sum[r][h];
    }
}

/* Lanes that count: columns j .. j+7 below `end`, and above row i when only i < j is wanted; 1 or 0. */
LANES_INLINE lanes counted(const struct compare_pass *pass, size_t i, size_t j) {
    size_t first = pass->within ? i + 1 : 0, end = pass->y->n;
    if (j >= first && j + CORE_LANES <= end) return lanes_set(1);
    lanes at = lanes_count_from((double)j), one = lanes_set(1), zero = lanes_set(0);
    lanes below = lanes_pick_less(at, lanes_set((double)end), one, zero);
    return lanes_pick_less(at, lanes_set((double)first), zero, below);
}

LANES_INLINE void store_costs(const struct compare_pass *pass, size_t i, size_t j, const struct block *block) {
    size_t stride = pass->y->stride;
    for (size_t r = 0; r < ROWS && i + r < pass->x->n; r++) {
        double *to = pass->cost + (i + r) * stride + j;
        lanes row = lanes_set(pass->row_term[i + r]);
        for (int h = 0; h < HALVES; h++) {
            lanes column = lanes_load(pass->column_term + j + (size_t)h * CORE_LANES);
            lanes_store(to + h * CORE_LANES, block->square[r][h] - row - column);
        }
    }
}

static void pass_rows(struct compare_pass *pass, size_t i) {
    int kernel = pass->rate >= 0, distances = pass->distances;
    lanes kernels = lanes_set(0), lengths = lanes_set(0), rate = lanes_set(pass->rate);
    size_t first = pass->within ? i / COMPARE_STRIDE * COMPARE_STRIDE : 0;
    for (size_t j = first; j < pass->y->stride; j += COMPARE_STRIDE) {
        struct block block;
        squares(pass->x, pass->y, i, j, &block);
        if (pass->cost != NULL) store_costs(pass, i, j, &block);
        for (size_t r = 0; r < ROWS && i + r < pass->x->n; r++) {
            for (size_t h = 0; h < HALVES; h++) {
                lanes square = block.square[r][h], weight = counted(pass, i + r, j + h * CORE_LANES);
                if (kernel) kernels = lanes_fma(lanes_exp_minus(square * rate), weight, kernels);
                if (distances) lengths = lanes_fma(lanes_sqrt(square), weight, lengths);
            }
        }
    }
    pass->kernel_sum += lanes_total(kernels);
    pass->distance_sum += lanes_total(lengths);
}

static void run(struct compare_pass *pass) {
    pass->kernel_sum = pass->distance_sum = 0;
    for (size_t i = 0; i < pass->x->n; i += ROWS) pass_rows(pass, i);
}

extern const struct compare_pairwise_kernels CORE_ISA_NAME(compare_pairwise_kernels);
const struct compare_pairwise_kernels CORE_ISA_NAME(compare_pairwise_kernels) = {run};
