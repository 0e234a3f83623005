/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CORE_BLOCK_H
#define CORE_BLOCK_H

#include "core/isa.h"

#include <stddef.h>

/* Elementwise arithmetic on blocks of replicas: arrays of shape (count, width), row-major, aligned to 64 bytes, width 1
 * or CORE_LANES as in core/landscape.h. Scalars of shape (width) hold one number a replica. */
struct core_block_kernels {
    /* y += scale * x. */
    void (*add)(size_t count, size_t width, const double scale[], const double x[], double y[]);
    /* y = factor * y + x. */
    void (*decay)(size_t count, size_t width, double factor, const double x[], double y[]);
    /* sum[j] = sum over i of x[i, j]^2, in a fixed order. */
    void (*square)(size_t count, size_t width, const double x[], double sum[]);
};
CORE_ISA_DECLARE(struct core_block_kernels, core_block_kernels)

#endif
