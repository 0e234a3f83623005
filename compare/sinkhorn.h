/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMPARE_SINKHORN_H
#define COMPARE_SINKHORN_H

#include "core/isa.h"

#include <stddef.h>

/* The loops of Sinkhorn's iteration over a matrix of `rows` rows of `stride` columns. */
struct compare_sinkhorn_kernels {
    /* kernel_ij = exp((f_i + g_j - cost_ij) * rate) */
    void (*gibbs)(size_t rows, size_t stride, const double cost[], const double f[], const double g[], double rate,
                  double kernel[]);
    /* One pass: sum_i = sum_j kernel_ij w_j, u_i <- u_i^(1 - omega) sum_i^(-omega), column_j = sum_i kernel_ij u_i a.
     */
    void (*sweep)(size_t rows, size_t stride, const double kernel[], const double w[], double a, double omega,
                  double u[], double sum[], double column[]);
};
CORE_ISA_DECLARE(struct compare_sinkhorn_kernels, compare_sinkhorn_kernels)

#endif
