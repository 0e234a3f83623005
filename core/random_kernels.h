/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CORE_RANDOM_KERNELS_H
#define CORE_RANDOM_KERNELS_H

#include "core/isa.h"
#include "core/random.h"
#include "core/stable.h"

/* The lane kernels behind core/random.h, one table per instruction set (internal to the library).
 * Arguments are those of the core_random_ function of the same name, already checked. */

/* The functions of core/lanes_math.h as maps over arrays, so that each instruction set's copy can be tested. */
enum core_elementary {
    CORE_ELEMENTARY_LOG = 0,
    CORE_ELEMENTARY_EXP,
    CORE_ELEMENTARY_SINPI,
    CORE_ELEMENTARY_COSPI,
    CORE_ELEMENTARY_SINPI_HALF,
    CORE_ELEMENTARY_SQRT,
    CORE_ELEMENTARY_COUNT
};

/* A Poisson table is followed by ones up to a multiple of this many entries. */
enum { CORE_POISSON_STRIDE = 4 };

typedef void (*core_random_filler)(const struct core_stream *stream, size_t width, size_t count, double out[]);
typedef void (*core_random_indexed)(const struct core_stream *stream, double index, size_t width, size_t count,
                                    double out[]);

struct core_random_kernels {
    void (*bits)(const struct core_stream *stream, size_t width, size_t count, uint32_t out[]);
    core_random_filler uniform, normal, exponential;
    core_random_indexed stable;          /* 0 < alpha <= 2 */
    core_random_indexed positive_stable; /* 0 < a < 1 */
    void (*skewed)(const struct core_stream *stream, const struct core_stable_draws *law, size_t width, size_t count,
                   double out[]);
    void (*index)(const struct core_stream *stream, uint32_t bound, size_t width, size_t count, uint32_t out[]);
    void (*poisson)(const struct core_stream *stream, const struct core_poisson *law, size_t width, size_t count,
                    double out[]);
    /* out[i] = f(x[i]), 0 <= i < count */
    void (*elementary)(enum core_elementary f, size_t count, const double x[], double out[]);
};

CORE_ISA_DECLARE(struct core_random_kernels, core_random_kernels)

#endif
