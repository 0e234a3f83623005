/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMPARE_LANES_H
#define COMPARE_LANES_H

/* What the *_lanes.c files of this room add to core/simd.h: choices, extremes, sums across, the exponential. */

#include "core/simd.h"

/* a < b ? x : y, lane by lane. */
LANES_INLINE lanes lanes_pick_less(lanes a, lanes b, lanes x, lanes y) {
#if defined(__AVX512F__)
    return (lanes)_mm512_mask_blend_pd(_mm512_cmp_pd_mask((__m512d)a, (__m512d)b, _CMP_LT_OQ), (__m512d)y, (__m512d)x);
#else
    return lanes_select((lanes_mask)(a < b), x, y);
#endif
}

LANES_INLINE lanes lanes_least(lanes a, lanes b) {
#if defined(__AVX512F__)
    return (lanes)_mm512_min_pd((__m512d)a, (__m512d)b);
#else
    return lanes_pick_less(a, b, a, b);
#endif
}

LANES_INLINE lanes lanes_greatest(lanes a, lanes b) {
#if defined(__AVX512F__)
    return (lanes)_mm512_max_pd((__m512d)a, (__m512d)b);
#else
    return lanes_pick_less(b, a, a, b);
#endif
}

/* first, first + 1, ... first + 7. */
LANES_INLINE lanes lanes_count_from(double first) {
    lanes count = {0, 1, 2, 3, 4, 5, 6, 7};
    return count + lanes_set(first);
}

/* The sum of the lanes, always in the same order. */
LANES_INLINE double lanes_total(lanes a) {
    return ((a[0] + a[4]) + (a[2] + a[6])) + ((a[1] + a[5]) + (a[3] + a[7]));
}

/* exp(-t) for t >= 0, within 2 units in the last place down to t = 700; below exp(-700) it stays there.
 *
 * -t = k ln 2 + r, |r| <= ln(2)/2, k an integer found by adding and subtracting 3 * 2^51; exp r by its Taylor
 * polynomial of degree 13 (the next term is below 5e-18); 2^k by adding k to the exponent's bits. */
LANES_INLINE lanes lanes_exp_minus(lanes t) {
    lanes round = lanes_set(0x1.8p52);
    lanes x = -lanes_least(t, lanes_set(700));
    lanes shifted = lanes_fma(x, lanes_set(0x1.71547652b82fep+0), round);
    lanes k = shifted - round;
    lanes r = lanes_fnma(k, lanes_set(0x1.62e42fefa3800p-1), x); /* ln 2 in two pieces, the first with 13 zero bits */
    r = lanes_fnma(k, lanes_set(0x1.ef35793c76730p-45), r);
    static const double inverse_factorial[] = {1.0 / 6227020800, 1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800,
                                               1.0 / 362880,     1.0 / 40320,     1.0 / 5040,     1.0 / 720,
                                               1.0 / 120,        1.0 / 24,        1.0 / 6,        0.5};
    lanes p = lanes_set(inverse_factorial[0]);
    for (int i = 1; i < 12; i++) p = lanes_fma(p, r, lanes_set(inverse_factorial[i]));
    p = lanes_fma(p, r, lanes_set(1));
    p = lanes_fma(p, r, lanes_set(1));
    return (lanes)((lanes_bits)p + ((lanes_bits)shifted << 52));
}

#endif
