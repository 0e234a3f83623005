/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMPARE_PAIR_SUMS_H
#define COMPARE_PAIR_SUMS_H

#include "compare/pairwise.h"
#include "compare/quadratic.h"

/* Sums of a kernel, or of distances, over the pairs of rows of two blocks, for all pairs of blocks. */

/* A sample cut into blocks of `block` rows; the rows after the last whole block are left out. */
struct compare_blocks {
    size_t block, count; /* rows of a block; how many blocks */
    size_t tile, tiles;  /* rows of a cloud, block or 128 where block is 1; how many clouds */
    struct compare_cloud *cloud;
};

enum core_status compare_blocks_init(struct compare_blocks *blocks, size_t n, size_t dimension, const double x[],
                                     size_t block, int exponent);
void compare_blocks_free(struct compare_blocks *blocks);

/* Adds sign * k(block a of x, block b of y) to entry (x_first + a, y_first + b) of lower where that is below its
 * diagonal; k is summed over the pairs of rows: exp(-rate |x - y|^2), or |x - y| for a negative rate. Where it is on
 * the diagonal, diagonal[x_first + a] gets the pairs of rows i < j (x and y the same blocks), or half of the pairs
 * i != j (others). Blocks of one row leave the diagonal as it is. */
enum core_status compare_pair_sums(const struct compare_blocks *x, size_t x_first, const struct compare_blocks *y,
                                   size_t y_first, double rate, double sign, struct compare_lower *lower,
                                   double diagonal[]);

#endif
