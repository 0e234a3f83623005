/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CORE_WIDE_H
#define CORE_WIDE_H

#include "core/simd.h"

/* Eight doubles held in as many registers as they need. Compilers keep a vector wider than the processor's registers in
 * memory, and a sum carried through a loop then waits for its own store at every step; these structs of whole registers
 * stay in registers. Same arithmetic, bit for bit, as lanes_fma() and its like; for the inner loops of kernels. */

#if defined(__AVX512F__)
typedef lanes wide_part;
struct wide {
    wide_part a;
};
#define WIDE_EACH(result, expression) (result).a = (expression(a))
#elif defined(__AVX__)
typedef double wide_part __attribute__((vector_size(32), aligned(32)));
struct wide {
    wide_part a, b;
};
#define WIDE_EACH(result, expression) ((result).a = (expression(a)), (result).b = (expression(b)))
#else
typedef double wide_part __attribute__((vector_size(16), aligned(16)));
struct wide {
    wide_part a, b, c, d;
};
#define WIDE_EACH(result, expression)                                                                                  \
    ((result).a = (expression(a)), (result).b = (expression(b)), (result).c = (expression(c)),                         \
     (result).d = (expression(d)))
#endif

enum { WIDE_PART_a = 0, WIDE_PART_b, WIDE_PART_c, WIDE_PART_d, WIDE_DOUBLES = sizeof(wide_part) / sizeof(double) };

LANES_INLINE wide_part wide_part_fma(wide_part x, wide_part y, wide_part z) {
#if defined(__AVX512F__)
    return (wide_part)_mm512_fmadd_pd((__m512d)x, (__m512d)y, (__m512d)z);
#elif defined(__FMA__)
    return (wide_part)_mm256_fmadd_pd((__m256d)x, (__m256d)y, (__m256d)z);
#elif defined(__aarch64__)
    return (wide_part)vfmaq_f64((float64x2_t)z, (float64x2_t)x, (float64x2_t)y);
#else
    return x * y + z;
#endif
}

#define WIDE_LOAD(part) (*(const wide_part *)(from + WIDE_PART_##part * WIDE_DOUBLES))
LANES_INLINE struct wide wide_load(const double *from) {
    struct wide result;
    WIDE_EACH(result, WIDE_LOAD);
    return result;
}

#define WIDE_SET(part) (value - (wide_part){0})
LANES_INLINE struct wide wide_set(double value) {
    struct wide result;
    WIDE_EACH(result, WIDE_SET);
    return result;
}

#define WIDE_FMA(part) wide_part_fma(x.part, y.part, z.part)
/* x * y + z, rounded once where the processor can. */
LANES_INLINE struct wide wide_fma(struct wide x, struct wide y, struct wide z) {
    struct wide result;
    WIDE_EACH(result, WIDE_FMA);
    return result;
}

#define WIDE_ADD(part) (x.part + y.part)
LANES_INLINE struct wide wide_add(struct wide x, struct wide y) {
    struct wide result;
    WIDE_EACH(result, WIDE_ADD);
    return result;
}

#define WIDE_STORE(part) *(wide_part *)(to + WIDE_PART_##part * WIDE_DOUBLES) = value.part
LANES_INLINE void wide_store(double *to, struct wide value) {
    struct wide stored;
    WIDE_EACH(stored, WIDE_STORE);
    (void)stored;
}

#endif
