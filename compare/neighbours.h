/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMPARE_NEIGHBOURS_H
#define COMPARE_NEIGHBOURS_H

#include "compare/pairwise.h"

enum { COMPARE_NEIGHBOURS = 64 }; /* k at most */

/* out[i]: the squared distance from row i of x to its k-th neighbour among the rows of y, without row i itself where
 * `within` (x and y are one sample then). k <= y->n, or y->n - 1 within. In the clouds' unit. */
enum core_status compare_neighbours(const struct compare_cloud *x, const struct compare_cloud *y, int within, size_t k,
                                    double out[]);

struct compare_neighbour_kernels {
    /* The k-th smallest of row[0 .. count), count a multiple of 16, k <= 64. */
    double (*kth)(size_t count, const double row[], size_t k);
};
CORE_ISA_DECLARE(struct compare_neighbour_kernels, compare_neighbour_kernels)

#endif
