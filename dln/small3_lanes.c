/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copies of the lane kernels for networks of depth 3 whose widths are all equal. The narrowest gain from 1.3 to 3
 * times; from width 4 on only registers of 512 bits hold enough sums to gain at all (up to 2 times). */
#include "dln/small_methods.h"

#if COPIES
METHODS(width2, 3, 2)
METHODS(width3, 3, 3)
#endif
#if COPIES && defined(__AVX512F__)
METHODS(width4, 3, 4)
METHODS(width5, 3, 5)
METHODS(width6, 3, 6)
METHODS(width7, 3, 7)
METHODS(width8, 3, 8)
#endif

static const struct dln_lane_shape shapes[] = {
#if COPIES
    ROW(width2, 3, 2), ROW(width3, 3, 3),
#endif
#if COPIES && defined(__AVX512F__)
    ROW(width4, 3, 4), ROW(width5, 3, 5), ROW(width6, 3, 6), ROW(width7, 3, 7), ROW(width8, 3, 8),
#endif
    {.depth = 0}, /* the end */
};

const struct dln_lane_shapes CORE_ISA_NAME(dln_lane_shapes_3) = {sizeof shapes / sizeof *shapes - 1, shapes};
