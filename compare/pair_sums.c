/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/pair_sums.h"

#include "core/memory.h"

#include <math.h>

enum { TILE = 128 };

enum core_status compare_blocks_init(struct compare_blocks *blocks, size_t n, size_t dimension, const double x[],
                                     size_t block, int exponent) {
    size_t count = n / block, tile = block == 1 ? TILE : block, rows = count * block;
    *blocks = (struct compare_blocks){.block = block, .count = count, .tile = tile, .tiles = (rows + tile - 1) / tile};
    blocks->cloud = core_alloc(blocks->tiles, sizeof *blocks->cloud);
    if (blocks->cloud == NULL) return core_fail(CORE_NO_MEMORY, "no memory for %zu blocks of rows", count);
    for (size_t t = 0; t < blocks->tiles; t++) {
        size_t first = t * tile, here = rows - first < tile ? rows - first : tile;
        enum core_status status =
            compare_cloud_init(&blocks->cloud[t], here, dimension, x + first * dimension, exponent);
        if (status != CORE_OK) return status;
    }
    return CORE_OK;
}

void compare_blocks_free(struct compare_blocks *blocks) {
    for (size_t t = 0; blocks->cloud != NULL && t < blocks->tiles; t++) compare_cloud_free(&blocks->cloud[t]);
    core_free(blocks->cloud);
    blocks->cloud = NULL;
}

/* The pairs of two tiles of single rows, at (row, column) of lower. */
static void add_tile(const struct compare_cloud *x, size_t row, const struct compare_cloud *y, size_t column,
                     double rate, double sign, double work[], struct compare_lower *lower) {
    double *terms = work + (size_t)TILE * TILE;
    struct compare_pass pass = {.x = x, .y = y, .rate = -1, .cost = work, .row_term = terms, .column_term = terms};
    compare_pairwise_kernels()->pass(&pass);
    compare_quadratic_kernels()->shape(x->n * y->stride, work, rate, work);
    for (size_t i = 0; i < x->n; i++) {
        double *to = lower->value + (row + i) * lower->stride + column;
        const double *from = work + i * y->stride;
        size_t below = row + i > column ? row + i - column : 0, end = below < y->n ? below : y->n;
        for (size_t j = 0; j < end; j++) to[j] += sign * from[j];
    }
}

/* The sum over the pairs of two blocks, once each where they are the same. */
static double block_sum(const struct compare_cloud *x, const struct compare_cloud *y, double rate) {
    struct compare_pass pass = {.x = x, .y = y, .rate = rate, .distances = rate < 0, .within = x == y};
    compare_pairwise_kernels()->pass(&pass);
    return rate < 0 ? pass.distance_sum : pass.kernel_sum;
}

/* k(x_i, y_i) summed over i. */
static double own_sum(const struct compare_cloud *x, const struct compare_cloud *y, double rate) {
    double sum = 0;
    for (size_t i = 0; i < x->n; i++) {
        double square = 0;
        for (size_t k = 0; k < x->dimension; k++) {
            double d = x->x[k * x->stride + i] - y->x[k * y->stride + i];
            square += d * d;
        }
        sum += rate < 0 ? sqrt(square) : exp(-rate * square);
    }
    return sum;
}

static void add_blocks(const struct compare_blocks *x, size_t a, size_t row, const struct compare_blocks *y,
                       size_t y_first, double rate, double sign, struct compare_lower *lower, double diagonal[]) {
    for (size_t b = 0; b < y->tiles && y_first + b <= row; b++) {
        double sum = sign * block_sum(&x->cloud[a], &y->cloud[b], rate);
        if (y_first + b < row) lower->value[row * lower->stride + y_first + b] += sum;
        if (y_first + b < row) continue;
        diagonal[row] += x == y ? sum : 0.5 * (sum - sign * own_sum(&x->cloud[a], &y->cloud[b], rate));
    }
}

enum core_status compare_pair_sums(const struct compare_blocks *x, size_t x_first, const struct compare_blocks *y,
                                   size_t y_first, double rate, double sign, struct compare_lower *lower,
                                   double diagonal[]) {
    double *work = core_alloc((size_t)TILE * TILE + TILE, sizeof *work);
    if (work == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a tile of pairs");
    for (size_t a = 0; a < x->tiles; a++) {
        if (x->block > 1) {
            add_blocks(x, a, x_first + a, y, y_first, rate, sign, lower, diagonal);
            continue;
        }
        size_t row = x_first + a * TILE, end = row + x->cloud[a].n;
        for (size_t b = 0; b < y->tiles && y_first + b * TILE < end; b++) {
            add_tile(&x->cloud[a], row, &y->cloud[b], y_first + b * TILE, rate, sign, work, lower);
        }
    }
    core_free(work);
    return CORE_OK;
}
