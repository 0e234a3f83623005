/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/fit.h"

#include "compare/lanes.h"
#include "core/lanes_math.h"

static void logarithm(size_t count, const double t[], double x[]) {
    for (size_t i = 0; i < count; i += CORE_LANES) lanes_store(x + i, lanes_log(lanes_load(t + i)));
}

static void moments(size_t count, const double y[], double k, double sum[3]) {
    lanes zeroth = lanes_set(0), first = zeroth, second = zeroth, rate = lanes_set(k);
    for (size_t i = 0; i < count; i += CORE_LANES) {
        lanes at = lanes_load(y + i), e = lanes_exp_minus(at * rate);
        zeroth += e;
        first = lanes_fma(at, e, first);
        second = lanes_fma(at * at, e, second);
    }
    sum[0] = lanes_total(zeroth);
    sum[1] = lanes_total(first);
    sum[2] = lanes_total(second);
}

extern const struct compare_fit_kernels CORE_ISA_NAME(compare_fit_kernels);
const struct compare_fit_kernels CORE_ISA_NAME(compare_fit_kernels) = {logarithm, moments};
