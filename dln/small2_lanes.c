/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copies of the lane kernels for networks of depth 2 whose widths are all equal. */
#include "dln/small_methods.h"

#if COPIES
METHODS(width2, 2, 2)
METHODS(width3, 2, 3)
METHODS(width4, 2, 4)
METHODS(width5, 2, 5)
METHODS(width6, 2, 6)
METHODS(width8, 2, 8)

static const struct dln_lane_shape shapes[] = {ROW(width2, 2, 2), ROW(width3, 2, 3), ROW(width4, 2, 4),
                                               ROW(width5, 2, 5), ROW(width6, 2, 6), ROW(width8, 2, 8)};

const struct dln_lane_shapes CORE_ISA_NAME(dln_lane_shapes_2) = {sizeof shapes / sizeof *shapes, shapes};
#else
const struct dln_lane_shapes CORE_ISA_NAME(dln_lane_shapes_2) = {0, NULL};
#endif
