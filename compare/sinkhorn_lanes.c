/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/lanes.h"

#include "compare/sinkhorn.h"
#include <math.h>

static void gibbs(size_t rows, size_t stride, const double cost[], const double f[], const double g[], double rate,
                  double kernel[]) {
    lanes scale = lanes_set(rate);
    for (size_t i = 0; i < rows; i++) {
        lanes own = lanes_set(f[i]);
        for (size_t j = 0; j < stride; j += CORE_LANES) {
            lanes t = (lanes_load(cost + i * stride + j) - own - lanes_load(g + j)) * scale;
            lanes_store(kernel + i * stride + j, lanes_exp_minus(lanes_greatest(t, lanes_set(-600))));
        }
    }
}

static void sweep(size_t rows, size_t stride, const double kernel[], const double w[], double a, double omega,
                  double u[], double sum[], double column[]) {
    for (size_t j = 0; j < stride; j++) column[j] = 0;
    for (size_t i = 0; i < rows; i++) {
        const double *row = kernel + i * stride;
        lanes left = lanes_set(0), right = left;
        for (size_t j = 0; j < stride; j += 2 * CORE_LANES) {
            left = lanes_fma(lanes_load(row + j), lanes_load(w + j), left);
            right = lanes_fma(lanes_load(row + j + CORE_LANES), lanes_load(w + j + CORE_LANES), right);
        }
        sum[i] = lanes_total(left + right);
        u[i] = omega == 1 ? 1 / sum[i] : u[i] * pow(u[i] * sum[i], -omega);
        lanes own = lanes_set(u[i] * a);
        for (size_t j = 0; j < stride; j += CORE_LANES) {
            lanes_store(column + j, lanes_fma(lanes_load(row + j), own, lanes_load(column + j)));
        }
    }
}

extern const struct compare_sinkhorn_kernels CORE_ISA_NAME(compare_sinkhorn_kernels);
const struct compare_sinkhorn_kernels CORE_ISA_NAME(compare_sinkhorn_kernels) = {gibbs, sweep};
