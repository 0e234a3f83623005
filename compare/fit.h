/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMPARE_FIT_H
#define COMPARE_FIT_H

#include "core/isa.h"

#include <stddef.h>

struct compare_fit_kernels {
    /* x[i] = ln t[i] for positive t; count is a multiple of 8. */
    void (*logarithm)(size_t count, const double t[], double x[]);
    /* sum[r] = sum over i of y_i^r exp(-k y_i), r = 0, 1, 2, for y >= 0; count is a multiple of 8. */
    void (*moments)(size_t count, const double y[], double k, double sum[3]);
};
CORE_ISA_DECLARE(struct compare_fit_kernels, compare_fit_kernels)

#endif
