/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Elementwise arithmetic on blocks. With one replica the lanes run along its coordinates; the few that do not fill the
 * lanes go one by one, with the same single rounding. */
#include "core/block.h"

#include "core/simd.h"

#include <math.h>

static double fused(double a, double b, double c) {
#if defined(__FMA__) || defined(__aarch64__)
    return fma(a, b, c);
#else
    return a * b + c;
#endif
}

static void add(size_t count, size_t width, const double scale[], const double x[], double y[]) {
    size_t total = count * width, i = 0;
    lanes by = width == CORE_LANES ? lanes_load(scale) : lanes_set(scale[0]);
    for (; i + CORE_LANES <= total; i += CORE_LANES)
        lanes_store(y + i, lanes_fma(by, lanes_load(x + i), lanes_load(y + i)));
    for (; i < total; i++) y[i] = fused(scale[0], x[i], y[i]);
}

static void decay(size_t count, size_t width, double factor, const double x[], double y[]) {
    size_t total = count * width, i = 0;
    lanes by = lanes_set(factor);
    for (; i + CORE_LANES <= total; i += CORE_LANES)
        lanes_store(y + i, lanes_fma(by, lanes_load(y + i), lanes_load(x + i)));
    for (; i < total; i++) y[i] = fused(factor, y[i], x[i]);
}

static void square(size_t count, size_t width, const double x[], double sum[]) {
    size_t total = count * width, i = 0;
    lanes s = lanes_set(0);
    for (; i + CORE_LANES <= total; i += CORE_LANES) s = lanes_fma(lanes_load(x + i), lanes_load(x + i), s);
    if (width == CORE_LANES) {
        lanes_store(sum, s);
        return;
    }
    sum[0] = ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
    for (; i < total; i++) sum[0] = fused(x[i], x[i], sum[0]);
}

const struct core_block_kernels CORE_ISA_NAME(core_block_kernels) = {add, decay, square};
