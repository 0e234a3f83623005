/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CORE_LANES_MATH_H
#define CORE_LANES_MATH_H

#include "core/simd.h"

/* Elementary functions of eight doubles at once (internal to the library).
 *
 * Each is an exact reduction followed by a polynomial. The polynomials are minimax approximations found for this file
 * by Remez's exchange in 50 digits and then rounded to double; the error in each table's comment is that of the rounded
 * polynomial, before the rounding of its evaluation. Only + - * /, integer operations and lanes_fma() occur, so that
 * all processors with a fused multiply-add give the same bits. With one: lanes_log and lanes_exp are within 2 units in
 * the last place, lanes_sinpi_half within 2, the sines and cosines of lanes_sincospi within 2e-16 absolute. Without
 * (base x86-64): 3 units and 3e-16. Measured by tests/core/test_lanes_math.c.
 *
 *     logarithm    x = 2^k m, sqrt(1/2) <= m < sqrt(2), f = m - 1, s = f / (2 + f):
 *                  log m = 2 artanh s = f - (f^2/2 - s (f^2/2 + s^2 L(s^2)))
 *     exponential  x = k log 2 + r, |r| <= log(2)/2:  exp r = 1 + r + r^2 E(r)
 *     circular     x = q/2 + r, |r| <= 1/4:  sin(pi r) = r (pi + r^2 S(r^2)),  cos(pi r) = 1 + r^2 C(r^2)
 *                  and over a whole quarter turn, 0 <= x <= 1/2:  sin(pi x) = x (pi + x^2 H(x^2))
 */

/* L: 2/3 + 2/5 z + ... on 0 <= z <= 0.02944; error of log m 1.9e-18 relative. */
static const double lanes_log_series[] = {0x1.5555555555592p-1, 0x1.999999997fd77p-2, 0x1.24924941f4ef9p-2,
                                          0x1.c71c520614e12p-3, 0x1.74663f9f17b42p-3, 0x1.39a1a74c9e7dcp-3,
                                          0x1.2f0630fde9482p-3};
/* E: 1/2 + r/6 + ... on |r| <= 0.34658; error of exp r 1.1e-17 relative. */
static const double lanes_exp_series[] = {
    0x1.000000000000ap-1,  0x1.55555555554fap-3,  0x1.5555555550889p-5,  0x1.1111111127baep-7,  0x1.6c16c184272c5p-10,
    0x1.a01a012a65b5ep-13, 0x1.a0199a14bf7c4p-16, 0x1.71df253ecdc4bp-19, 0x1.28ad6aaee4f2bp-22, 0x1.ad7f7980f7d55p-26};
/* S: -pi^3/6 + ... on 0 <= z <= 1/16; error of sin(pi r) 1e-17 relative. */
static const double lanes_sine_series[] = {-0x1.4abbce625be47p+2, 0x1.466bc67758d85p+1,  -0x1.32d2cce333307p-1,
                                           0x1.5078301b648fep-4,  -0x1.e300a65bf43fbp-8, 0x1.e403d11048551p-12};
/* C: -pi^2/2 + ... on 0 <= z <= 1/16; error of cos(pi r) 1.7e-17 absolute. */
static const double lanes_cosine_series[] = {-0x1.3bd3cc9be45dep+2, 0x1.03c1f081b5ab0p+2,  -0x1.55d3c7e3c95bcp+0,
                                             0x1.e1f50683b42bbp-3,  -0x1.a6d1ecb73f869p-6, 0x1.f9cc6acf6da00p-10,
                                             -0x1.b26fe84617f5cp-14};
/* H: -pi^3/6 + ... on 0 <= z <= 1/4; error of sin(pi x) 4.4e-17 relative. */
static const double lanes_half_series[] = {-0x1.4abbce625be52p+2,  0x1.466bc6775aa8ep+1,  -0x1.32d2cce62839fp-1,
                                           0x1.5078348581789p-4,   -0x1.e3074e11dbbd7p-8, 0x1.e8f36d93f913ap-12,
                                           -0x1.6f7bb20bf3acep-16, 0x1.9d611ce877880p-21};

#define LANES_PI 0x1.921fb54442d18p+1
#define LANES_LN2_HIGH 0x1.62e42fefa3000p-1 /* 41 bits: k LANES_LN2_HIGH is exact for |k| <= 2048 */
#define LANES_LN2_LOW 0x1.3de6af278ece6p-42

/* The polynomial series[0] + series[1] x + ... of `count` terms, by Horner's rule. */
#define LANES_POLYNOMIAL(series, x) lanes_polynomial(series, sizeof(series) / sizeof(*(series)), x)
LANES_INLINE lanes lanes_polynomial(const double series[], size_t count, lanes x) {
    lanes sum = lanes_set(series[count - 1]);
    for (size_t i = count - 1; i > 0; i--) sum = lanes_fma(sum, x, lanes_set(series[i - 1]));
    return sum;
}

/* True when some lane of the mask is set. */
LANES_INLINE int lanes_any(lanes_mask mask) {
#if defined(__AVX512F__)
    return _mm512_test_epi64_mask((__m512i)mask, (__m512i)mask) != 0;
#elif defined(__AVX2__)
    union {
        lanes_mask all;
        __m256i half[2];
    } x = {mask};
    __m256i either = _mm256_or_si256(x.half[0], x.half[1]);
    return !_mm256_testz_si256(either, either);
#else
    int64_t any = 0;
    for (int i = 0; i < CORE_LANES; i++) any |= mask[i];
    return any != 0;
#endif
}

/* Where a > b. (gcc 12 takes the generic comparison apart, lane by lane, on AVX2.) */
LANES_INLINE lanes_mask lanes_greater(lanes a, lanes b) {
#if defined(__AVX2__) && !defined(__AVX512F__)
    union {
        lanes all;
        __m256d half[2];
    } x = {a}, y = {b};
    x.half[0] = _mm256_cmp_pd(x.half[0], y.half[0], _CMP_GT_OQ);
    x.half[1] = _mm256_cmp_pd(x.half[1], y.half[1], _CMP_GT_OQ);
    return (lanes_mask)x.all;
#else
    return (lanes_mask)(a > b);
#endif
}

/* from[at[0]], ..., from[at[7]]. */
LANES_INLINE lanes lanes_gather(const double from[], lanes_bits at) {
#if defined(__AVX512F__)
    return (lanes)_mm512_i64gather_pd((__m512i)at, from, 8);
#else
    lanes result = {0};
    for (int i = 0; i < CORE_LANES; i++) result[i] = from[at[i]];
    return result;
#endif
}

/* Natural logarithm of positive normal numbers. */
LANES_INLINE lanes lanes_log(lanes x) {
    const lanes_bits root = lanes_bits_set(0x3fe6a09e667f3bcdu); /* sqrt(1/2) */
    const lanes_bits bias = lanes_bits_set(0x3ff0000000000000u);
    lanes_bits shifted = (lanes_bits)x - root + bias;
    lanes k = lanes_from_bits52(shifted >> 52) - 1023.0;
    lanes f = (lanes)((shifted & 0x000fffffffffffffu) + root) - 1.0;
    lanes s = f / (f + 2.0), z = s * s, half = f * f * 0.5;
    lanes rest = lanes_fma(z, LANES_POLYNOMIAL(lanes_log_series, z), half);
    lanes low = lanes_fma(s, rest, k * LANES_LN2_LOW);
    return lanes_fma(k, lanes_set(LANES_LN2_HIGH), f - (half - low));
}

/* Exponential of any x: 0 below -746, infinity above 709.8, NaN of NaN. */
LANES_INLINE lanes lanes_exp(lanes x) {
    /* adding 2^52 + 2048 leaves k + 2048 >= 0 in the low bits */
    const lanes shift = lanes_set(0x1p52 + 2048);
    x = lanes_select(lanes_greater(x, lanes_set(710.0)), lanes_set(710.0), x);
    x = lanes_select(lanes_greater(lanes_set(-746.0), x), lanes_set(-746.0), x);
    lanes shifted = lanes_fma(x, lanes_set(0x1.71547652b82fep+0), shift), k = shifted - shift;
    lanes r = lanes_fnma(k, lanes_set(LANES_LN2_LOW), lanes_fnma(k, lanes_set(LANES_LN2_HIGH), x));
    lanes value = lanes_fma(r * r, LANES_POLYNOMIAL(lanes_exp_series, r), r) + 1.0;
    /* 2^k in two factors, so that results near both ends of the range are rounded once */
    lanes_bits power = (lanes_bits)shifted & 0x1fffu, first = power >> 1, second = power - first;
    return value * (lanes)((first - 1) << 52) * (lanes)((second - 1) << 52);
}

/* x^y = exp(y log x) for positive normal x: relative error about 2^-53 (4 + 2 |y log x|). */
LANES_INLINE lanes lanes_pow(lanes x, lanes y) {
    return lanes_exp(y * lanes_log(x));
}

/* sin(pi r) and cos(pi r) for |r| <= 1/4. */
LANES_INLINE void lanes_sincospi_quarter(lanes r, lanes *sine, lanes *cosine) {
    lanes z = r * r;
    *sine = r * lanes_fma(z, LANES_POLYNOMIAL(lanes_sine_series, z), lanes_set(LANES_PI));
    *cosine = lanes_fma(z, LANES_POLYNOMIAL(lanes_cosine_series, z), lanes_set(1.0));
}

/* sin(pi x) and cos(pi x) for |x| <= 2^50. */
LANES_INLINE void lanes_sincospi(lanes x, lanes *sine, lanes *cosine) {
    const lanes shift = lanes_set(0x1.8p52);
    lanes shifted = lanes_fma(x, lanes_set(2.0), shift), s, c;
    lanes_sincospi_quarter(lanes_fnma(shifted - shift, lanes_set(0.5), x), &s, &c);
    lanes_bits quarter = (lanes_bits)shifted;
    lanes_mask odd = (lanes_mask)(0 - (quarter & 1));
    lanes_bits sine_sign = (quarter & 2) << 62, cosine_sign = ((quarter + 1) & 2) << 62;
    *sine = (lanes)((lanes_bits)lanes_select(odd, c, s) ^ sine_sign);
    *cosine = (lanes)((lanes_bits)lanes_select(odd, s, c) ^ cosine_sign);
}

/* sin(pi x) for 0 <= x <= 1/2, accurate relative to its value however small x is. */
LANES_INLINE lanes lanes_sinpi_half(lanes x) {
    lanes z = x * x;
    return x * lanes_fma(z, LANES_POLYNOMIAL(lanes_half_series, z), lanes_set(LANES_PI));
}

#endif
