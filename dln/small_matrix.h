/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DLN_SMALL_MATRIX_H
#define DLN_SMALL_MATRIX_H

#include "core/wide.h"
#include "dln/network.h"

/* Inside the lane kernels only: small matrix products, one replica a lane, and shapes.
 *
 * Every function is written once for any shape and inlined with constant widths for the common ones, where the compiler
 * unrolls it; the order of operations, and so every bit, is the same. */

/* Where the bounds are constants both compilers unroll wholly; clang says so under another name, and complains (not
 * here) where they are not. */
#if defined(__clang__)
#pragma clang diagnostic ignored "-Wpass-failed"
#define UNROLL _Pragma("clang loop unroll(full)")
#define KEEP_LOOP _Pragma("clang loop unroll(disable)") /* a loop with a wide body: unrolling only costs code */
#else
#define UNROLL _Pragma("GCC unroll 8")
#define KEEP_LOOP _Pragma("GCC unroll 1")
#endif

/* Element (i, j) of a matrix of lanes at at[(i * row + j * column) * CORE_LANES]. */
struct view {
    const double *at;
    size_t row, column;
};

LANES_INLINE struct wide element(struct view a, size_t i, size_t j) {
    return wide_load(a.at + (i * a.row + j * a.column) * CORE_LANES);
}

LANES_INLINE struct view plain(const double *at, size_t columns) {
    return (struct view){at, columns, 1};
}

LANES_INLINE struct view transposed(const double *at, size_t columns) {
    return (struct view){at, 1, columns};
}

/* c[i0 .. i0+rows)[j0 .. j0+columns) of c (m, n) = a b (+ c): rows <= 2, columns <= 8, both constant where inlined. */
LANES_INLINE void tile(size_t rows, size_t columns, size_t i0, size_t j0, size_t k, size_t n, struct view a,
                       struct view b, double *c, int accumulate) {
    struct wide sum[2][8];
    UNROLL for (size_t i = 0; i < rows; i++) {
        UNROLL for (size_t j = 0; j < columns; j++) {
            sum[i][j] = accumulate ? wide_load(c + ((i0 + i) * n + j0 + j) * CORE_LANES) : wide_set(0);
        }
    }
    UNROLL for (size_t p = 0; p < k; p++) {
        struct wide left[2];
        UNROLL for (size_t i = 0; i < rows; i++) left[i] = element(a, i0 + i, p);
        UNROLL for (size_t j = 0; j < columns; j++) {
            struct wide right = element(b, p, j0 + j);
            UNROLL for (size_t i = 0; i < rows; i++) sum[i][j] = wide_fma(left[i], right, sum[i][j]);
        }
    }
    UNROLL for (size_t i = 0; i < rows; i++) {
        UNROLL for (size_t j = 0; j < columns; j++) {
            wide_store(c + ((i0 + i) * n + j0 + j) * CORE_LANES, sum[i][j]);
        }
    }
}

/* Columns of a tile whose sums fit in the registers: where any shape goes, and where the width is constant. */
#if defined(__AVX512F__)
enum { TILE_ANY = 4, TILE_CONSTANT = 8 };
#elif defined(__AVX__) || defined(__aarch64__)
enum { TILE_ANY = 2, TILE_CONSTANT = 2 };
#else
enum { TILE_ANY = 1, TILE_CONSTANT = 1 };
#endif

/* Any shape: the one copy every unspecialised product calls. */
static __attribute__((noinline)) void multiply_any(size_t m, size_t k, size_t n, const struct view *a,
                                                   const struct view *b, double *c, int accumulate) {
    size_t i = 0;
    KEEP_LOOP for (; i + 2 <= m; i += 2) {
        size_t j = 0;
        KEEP_LOOP for (; j + TILE_ANY <= n; j += TILE_ANY) tile(2, TILE_ANY, i, j, k, n, *a, *b, c, accumulate);
        KEEP_LOOP for (; j < n; j++) tile(2, 1, i, j, k, n, *a, *b, c, accumulate);
    }
    KEEP_LOOP for (size_t j = 0; i < m && j < n; j++) tile(1, 1, i, j, k, n, *a, *b, c, accumulate);
}

/* Two rows, or one, of c; k and n constant. */
LANES_INLINE void strip(size_t rows, size_t i, size_t k, size_t n, struct view a, struct view b, double *c,
                        int accumulate) {
    size_t whole = n / TILE_CONSTANT * TILE_CONSTANT;
    KEEP_LOOP for (size_t j = 0; j < whole; j += TILE_CONSTANT)
        tile(rows, TILE_CONSTANT, i, j, k, n, a, b, c, accumulate);
    if (whole < n) tile(rows, n % TILE_CONSTANT, i, whole, k, n, a, b, c, accumulate);
}

/* c (m, n) = a b, or c + a b. */
LANES_INLINE void multiply(size_t m, size_t k, size_t n, struct view a, struct view b, double *c, int accumulate) {
    if (!__builtin_constant_p(k) || !__builtin_constant_p(n)) {
        multiply_any(m, k, n, &a, &b, c, accumulate);
        return;
    }
    size_t i = 0;
    KEEP_LOOP for (; i + 2 <= m; i += 2) strip(2, i, k, n, a, b, c, accumulate);
    KEEP_LOOP for (; i < m; i++) strip(1, i, k, n, a, b, c, accumulate);
}

/* c (m, n) = a s for the same s (k, n) of plain doubles in every lane. */
LANES_INLINE void multiply_shared(size_t m, size_t k, size_t n, const double *a, const double s[], double *c) {
    KEEP_LOOP for (size_t i = 0; i < m; i++) {
        UNROLL for (size_t j = 0; j < n; j++) {
            struct wide sum = wide_set(0);
            UNROLL for (size_t p = 0; p < k; p++) {
                sum = wide_fma(wide_load(a + (i * k + p) * CORE_LANES), wide_set(s[p * n + j]), sum);
            }
            wide_store(c + (i * n + j) * CORE_LANES, sum);
        }
    }
}

/* ---- Shapes ---- */

/* Depth and widths; `width` constant and non-zero where the kernel is specialised to equal widths. */
struct shape {
    size_t depth, width;
    const struct dln_network *network;
};

LANES_INLINE size_t width_of(struct shape s, size_t l) {
    return s.width ? s.width : s.network->widths[l];
}

LANES_INLINE size_t offset_of(struct shape s, size_t l) { /* of W_l, l = 1 ... depth */
    return s.width ? (l - 1) * s.width * s.width : s.network->offset[l - 1];
}

LANES_INLINE size_t widest(struct shape s) {
    if (s.width) return s.width;
    size_t most = 0;
    for (size_t l = 0; l <= s.depth; l++) most = s.network->widths[l] > most ? s.network->widths[l] : most;
    return most;
}

#endif
