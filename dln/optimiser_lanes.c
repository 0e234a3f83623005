/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Adam's arithmetic on blocks (formulas in dln/optimiser_adam.c). */
#include "dln/optimiser.h"

#include "core/simd.h"

#include <string.h>

/* Eight neighbouring entries. */
LANES_INLINE void adam_lanes(const struct dln_adam_step *s, lanes scale, const double *gradient, double *x,
                             double *first, double *second) {
    lanes theta = lanes_load(x), g = lanes_fma(lanes_set(s->coupled), theta, scale * lanes_load(gradient));
    lanes m = lanes_fma(lanes_set(s->beta1), lanes_load(first), lanes_set(1 - s->beta1) * g);
    lanes v = lanes_fma(lanes_set(s->beta2), lanes_load(second), lanes_set(1 - s->beta2) * g * g);
    lanes size = lanes_sqrt(lanes_set(s->unbiased) * v) + lanes_set(s->epsilon);
    lanes_store(first, m);
    lanes_store(second, v);
    lanes_store(x, lanes_set(s->shrink) * theta - lanes_set(s->stride) * m / size);
}

/* The entries that do not fill the lanes go through a copy that does. */
static void adam_rest(const struct dln_adam_step *s, lanes scale, size_t count, const double gradient[], double x[],
                      double first[], double second[]) {
    double copy[4][CORE_LANES] __attribute__((aligned(64))) = {{0}};
    memcpy(copy[0], gradient, count * sizeof(double));
    memcpy(copy[1], x, count * sizeof(double));
    memcpy(copy[2], first, count * sizeof(double));
    memcpy(copy[3], second, count * sizeof(double));
    adam_lanes(s, scale, copy[0], copy[1], copy[2], copy[3]);
    memcpy(x, copy[1], count * sizeof(double));
    memcpy(first, copy[2], count * sizeof(double));
    memcpy(second, copy[3], count * sizeof(double));
}

static void adam(size_t count, size_t width, const struct dln_adam_step *step, const double scale[],
                 const double gradient[], double x[], double first[], double second[]) {
    size_t total = count * width, i = 0;
    lanes by = width == CORE_LANES ? lanes_load(scale) : lanes_set(scale[0]);
    for (; i + CORE_LANES <= total; i += CORE_LANES) adam_lanes(step, by, gradient + i, x + i, first + i, second + i);
    if (i < total) adam_rest(step, by, total - i, gradient + i, x + i, first + i, second + i);
}

const struct dln_optimiser_kernels CORE_ISA_NAME(dln_optimiser_kernels) = {adam};
