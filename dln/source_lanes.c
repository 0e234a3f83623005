/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fresh samples in lanes. A Student-t draw with f degrees of freedom from two uniforms [bailey1994]:
 *
 *     t = sqrt(f (u^(-2/f) - 1)) cos(2 pi v),    u^(-2/f) - 1 = e^a - 1,    a = -(2/f) log u >= 0.
 *
 * Where a is small, e^a - 1 is its series to a^5: relative error below 1e-14 for a < 1/256. */
#include "dln/source.h"

#include "core/lanes_math.h"

static const double SMALL = 1.0 / 256;

LANES_INLINE lanes exponential_less_one(lanes a) {
    static const double series[] = {1, 1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120};
    return lanes_select(lanes_greater(lanes_set(SMALL), a), a * LANES_POLYNOMIAL(series, a), lanes_exp(a) - 1.0);
}

/* Uniforms `part` (0 or 1) of the eight draws from entry i of the output on; behind the last, that of the last. */
LANES_INLINE lanes pick(const double uniform[], size_t width, size_t total, size_t i, size_t part) {
    if (width == CORE_LANES) return lanes_load(uniform + 2 * i + part * CORE_LANES);
    lanes out = {0};
    for (size_t j = 0; j < CORE_LANES; j++) out[j] = uniform[2 * (i + j < total ? i + j : total - 1) + part];
    return out;
}

static void student(double dof, size_t width, size_t count, const double uniform[], double out[]) {
    size_t total = count * width;
    for (size_t i = 0; i < total; i += CORE_LANES) {
        lanes sine, cosine, u = pick(uniform, width, total, i, 0), v = pick(uniform, width, total, i, 1);
        lanes_sincospi(v * 2.0, &sine, &cosine);
        lanes squared = lanes_set(dof) * exponential_less_one(lanes_set(-2 / dof) * lanes_log(u));
        lanes_store(out + i, lanes_sqrt(squared) * cosine);
    }
}

static void scale(size_t count, size_t inputs, const double factor[], double x[]) {
    for (size_t b = 0; b < count; b++) {
        for (size_t i = 0; i < inputs; i++, x += CORE_LANES) lanes_store(x, lanes_load(x) * lanes_set(factor[i]));
    }
}

static void labels(const struct dln_source *source, size_t count, const double x[], double y[]) {
    size_t d0 = source->inputs;
    for (size_t b = 0; b < count; b++, x += d0 * CORE_LANES) {
        for (size_t o = 0; o < source->outputs; o++, y += CORE_LANES) {
            lanes sum = lanes_set(source->label_noise) * lanes_load(y);
            const double *row = source->teacher + o * d0;
            for (size_t i = 0; i < d0; i++) sum = lanes_fma(lanes_set(row[i]), lanes_load(x + i * CORE_LANES), sum);
            lanes_store(y, sum);
        }
    }
}

const struct dln_source_kernels CORE_ISA_NAME(dln_source_kernels) = {student, scale, labels};
