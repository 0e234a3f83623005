/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CORE_SIMD_H
#define CORE_SIMD_H

#include "core/lanes.h"

#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

/* Lanes: eight doubles that move together, one replica in each.
 *
 * The width is fixed whatever the processor: a machine with narrower registers splits each operation, so a lane's
 * arithmetic does not depend on the machine. Multiply-adds are fused where they are written as lanes_fma() and nowhere
 * else (the build says -ffp-contract=off): every processor with a fused multiply-add (x86-64 since 2013, every 64-bit
 * ARM) computes the same bits; older ones round twice and agree in distribution only.
 *
 * Files named *_lanes.c are compiled once per instruction set and export one table each, CORE_ISA_NAME(table);
 * core_isa() (core/isa.h) says which of them this processor runs. */

typedef double lanes __attribute__((vector_size(64), aligned(64)));
typedef uint64_t lanes_bits __attribute__((vector_size(64), aligned(64)));
typedef int64_t lanes_mask __attribute__((vector_size(64), aligned(64))); /* all ones where true */

#define LANES_INLINE static inline __attribute__((always_inline, unused))

/* CORE_ISA is set by the Makefile: v4, v3 or base. CORE_ISA_NAME(dln_kernels) is dln_kernels_v4. */
#ifdef CORE_ISA
#define CORE_ISA_PASTE2(name, isa) name##_##isa
#define CORE_ISA_PASTE(name, isa) CORE_ISA_PASTE2(name, isa)
#define CORE_ISA_NAME(name) CORE_ISA_PASTE(name, CORE_ISA)
#endif

LANES_INLINE lanes lanes_set(double value) {
    return (lanes){value, value, value, value, value, value, value, value};
}

LANES_INLINE lanes_bits lanes_bits_set(uint64_t value) {
    return (lanes_bits){value, value, value, value, value, value, value, value};
}

/* Loads and stores go by the registers the processor has: gcc moves a wider vector through the integer unit. */
LANES_INLINE lanes lanes_load(const double *from) {
#if defined(__AVX__) && !defined(__AVX512F__)
    union {
        lanes all;
        __m256d half[2];
    } x;
    x.half[0] = _mm256_load_pd(from);
    x.half[1] = _mm256_load_pd(from + 4);
    return x.all;
#else
    return *(const lanes *)from;
#endif
}

LANES_INLINE void lanes_store(double *to, lanes value) {
#if defined(__AVX__) && !defined(__AVX512F__)
    union {
        lanes all;
        __m256d half[2];
    } x = {value};
    _mm256_store_pd(to, x.half[0]);
    _mm256_store_pd(to + 4, x.half[1]);
#else
    *(lanes *)to = value;
#endif
}

/* a * b + c, rounded once where the processor can. */
LANES_INLINE lanes lanes_fma(lanes a, lanes b, lanes c) {
#if defined(__AVX512F__)
    return (lanes)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
#elif defined(__FMA__)
    union {
        lanes all;
        __m256d half[2];
    } x = {a}, y = {b}, z = {c};
    z.half[0] = _mm256_fmadd_pd(x.half[0], y.half[0], z.half[0]);
    z.half[1] = _mm256_fmadd_pd(x.half[1], y.half[1], z.half[1]);
    return z.all;
#elif defined(__aarch64__)
    for (int i = 0; i < CORE_LANES; i++) c[i] = __builtin_fma(a[i], b[i], c[i]);
    return c;
#else
    return a * b + c;
#endif
}

/* c - a * b. */
LANES_INLINE lanes lanes_fnma(lanes a, lanes b, lanes c) {
    return lanes_fma(-a, b, c);
}

/* Where mask, a; elsewhere b. */
LANES_INLINE lanes lanes_select(lanes_mask mask, lanes a, lanes b) {
    return (lanes)(((lanes_bits)a & (lanes_bits)mask) | ((lanes_bits)b & ~(lanes_bits)mask));
}

LANES_INLINE lanes lanes_sqrt(lanes a) {
#if defined(__AVX512F__)
    return (lanes)_mm512_sqrt_pd((__m512d)a);
#else
    for (int i = 0; i < CORE_LANES; i++) a[i] = __builtin_sqrt(a[i]);
    return a;
#endif
}

/* The low 32 bits of each lane of a times those of b, 64-bit products. */
LANES_INLINE lanes_bits lanes_multiply_32(lanes_bits a, lanes_bits b) {
#if defined(__AVX512F__)
    return (lanes_bits)_mm512_mul_epu32((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
    union {
        lanes_bits all;
        __m256i half[2];
    } x = {a}, y = {b};
    x.half[0] = _mm256_mul_epu32(x.half[0], y.half[0]);
    x.half[1] = _mm256_mul_epu32(x.half[1], y.half[1]);
    return x.all;
#else
    lanes_bits low = lanes_bits_set(0xffffffffu);
    return (a & low) * (b & low);
#endif
}

/* Unsigned integers below 2^52 as doubles, exactly. */
LANES_INLINE lanes lanes_from_bits52(lanes_bits a) {
    lanes_bits magic = lanes_bits_set(0x4330000000000000u); /* 2^52 */
    return (lanes)(a | magic) - lanes_set(0x1p52);
}

#endif
