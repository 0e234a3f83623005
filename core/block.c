/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/block.h"

CORE_ISA_PICK(struct core_block_kernels, core_block_kernels)
