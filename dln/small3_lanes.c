/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Copies of the lane kernels for networks of depth 3 whose widths are all equal. */
#include "dln/small_methods.h"

#if COPIES
METHODS(width4, 3, 4)
METHODS(width5, 3, 5)

static const struct dln_lane_shape shapes[] = {ROW(width4, 3, 4), ROW(width5, 3, 5)};

const struct dln_lane_shapes CORE_ISA_NAME(dln_lane_shapes_3) = {sizeof shapes / sizeof *shapes, shapes};
#else
const struct dln_lane_shapes CORE_ISA_NAME(dln_lane_shapes_3) = {0, NULL};
#endif
