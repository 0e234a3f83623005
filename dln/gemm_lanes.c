/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Matrix products for wide networks: C (m, n) = A B + sign C, vectors along the rows of B and C.
 *
 * C is made in tiles of `rows` x (8 vectors) that stay in registers over the whole of k: per step of k one load of each
 * vector of B and one broadcast of each element of A. The rows of a tile are as many as the registers hold sums: 24
 * sums of 32 registers with AVX-512, 12 of 16 with AVX2. k is cut into blocks of DEPTH, and the piece of B that a block
 * needs is copied together (padded with zeros to whole vectors) where its rows lie far apart or end within a vector.
 *
 * Element (i, j) starts from sign C_ij and takes A_i0 B_0j, A_i1 B_1j, ... in this order, one fused multiply-add
 * each, whatever the tile, the block or the width of the registers: its bits are the same on all of them. */
#include "dln/network.h"

#include "core/simd.h"

#define UNROLL _Pragma("GCC unroll 8")
#define KEEP_LOOP _Pragma("GCC unroll 1")

enum { DEPTH = 128, FAR_APART = 64, WORTH_COPYING = 32 };

/* Tiles: most vectors in a row of one, and its rows for one, two, three, four vectors. */
#if defined(__AVX512F__)
enum { VECTORS = 4, ROWS_1 = 8, ROWS_2 = 8, ROWS_3 = 8, ROWS_4 = 6 };
#elif defined(__AVX2__) || defined(__aarch64__)
enum { VECTORS = 1, ROWS_1 = 6 };
#else
enum { VECTORS = 1, ROWS_1 = 2 };
#endif

/* ---- Rows that start and end anywhere ------------------------------------------------------------------------------- */

/* from[0 .. count), zeros after it; count <= 8. */
LANES_INLINE lanes load_part(const double *from, size_t count) {
#if defined(__AVX512F__)
    return (lanes)_mm512_maskz_loadu_pd((__mmask8)((1u << count) - 1), from);
#else
    double part[CORE_LANES] __attribute__((aligned(64))) = {0};
    for (size_t i = 0; i < count; i++) part[i] = from[i];
    return lanes_load(part);
#endif
}

LANES_INLINE void store_part(double *to, lanes value, size_t count) {
#if defined(__AVX512F__)
    _mm512_mask_storeu_pd(to, (__mmask8)((1u << count) - 1), (__m512d)value);
#else
    double part[CORE_LANES] __attribute__((aligned(64)));
    lanes_store(part, value);
    for (size_t i = 0; i < count; i++) to[i] = part[i];
#endif
}

LANES_INLINE lanes load_whole(const double *from) {
#if defined(__AVX512F__)
    return (lanes)_mm512_loadu_pd(from);
#elif defined(__AVX__)
    union {
        __m256d half[2];
        lanes all;
    } x = {{_mm256_loadu_pd(from), _mm256_loadu_pd(from + 4)}};
    return x.all;
#else
    return load_part(from, CORE_LANES);
#endif
}

LANES_INLINE void store_whole(double *to, lanes value) {
#if defined(__AVX512F__)
    _mm512_storeu_pd(to, (__m512d)value);
#elif defined(__AVX__)
    union {
        lanes all;
        __m256d half[2];
    } x = {value};
    _mm256_storeu_pd(to, x.half[0]);
    _mm256_storeu_pd(to + 4, x.half[1]);
#else
    store_part(to, value, CORE_LANES);
#endif
}

/* ---- Products ----------------------------------------------------------------------------------------------------------- */

/* At most VECTORS vectors of columns of C, all its rows. */
struct panel {
    size_t m, k;
    const double *a;
    size_t row, column; /* element (i, p) of A at a[i * row + p * column] */
    const double *b;
    size_t ldb; /* b aligned, whole vectors may be read */
    double *c;
    size_t ldc, last; /* columns of the last vector, 1 ... 8 */
    int sign;
};

/* Rows i .. i + rows of the panel; rows and vectors are constants where this is inlined. */
LANES_INLINE void tile(size_t rows, size_t vectors, const struct panel *p, size_t i) {
    lanes sum[8][4];
    const double *a[8], *b = p->b;
    double *c = p->c + i * p->ldc;
    size_t last = p->last, ldc = p->ldc, ldb = p->ldb, column = p->column, end = p->k * column;
    UNROLL for (size_t r = 0; r < rows; r++) {
        a[r] = p->a + (i + r) * p->row;
        UNROLL for (size_t v = 0; v < vectors; v++) sum[r][v] = lanes_set(0);
    }
    if (p->sign != 0) {
        UNROLL for (size_t r = 0; r < rows; r++) {
            UNROLL for (size_t v = 0; v < vectors; v++) {
                const double *from = c + r * ldc + v * CORE_LANES;
                lanes old = v + 1 < vectors || last == CORE_LANES ? load_whole(from) : load_part(from, last);
                sum[r][v] = p->sign < 0 ? -old : old;
            }
        }
    }
    KEEP_LOOP for (size_t q = 0; q < end; q += column, b += ldb) {
        lanes right[4];
        UNROLL for (size_t v = 0; v < vectors; v++) right[v] = lanes_load(b + v * CORE_LANES);
        UNROLL for (size_t r = 0; r < rows; r++) {
            lanes left = lanes_set(a[r][q]);
            UNROLL for (size_t v = 0; v < vectors; v++) sum[r][v] = lanes_fma(left, right[v], sum[r][v]);
        }
    }
    UNROLL for (size_t r = 0; r < rows; r++) {
        UNROLL for (size_t v = 0; v < vectors; v++) {
            double *to = c + r * ldc + v * CORE_LANES;
            if (v + 1 < vectors || last == CORE_LANES) store_whole(to, sum[r][v]);
            else store_part(to, sum[r][v], last);
        }
    }
}

LANES_INLINE void all_rows(size_t rows, size_t vectors, const struct panel *p) {
    size_t i = 0;
    KEEP_LOOP for (; i + rows <= p->m; i += rows) tile(rows, vectors, p, i);
    if (rows > 4 && i + 4 <= p->m) {
        tile(4, vectors, p, i);
        i += 4;
    }
    if (rows > 2 && i + 2 <= p->m) {
        tile(2, vectors, p, i);
        i += 2;
    }
    if (i < p->m) tile(1, vectors, p, i);
}

#define PANEL(COUNT)                                                                                                   \
    static __attribute__((noinline)) void panel_##COUNT(const struct panel *p) {                                       \
        all_rows(ROWS_##COUNT, COUNT, p);                                                                              \
    }

PANEL(1)
#if defined(__AVX512F__)
PANEL(2)
PANEL(3)
PANEL(4)
static void (*const panels[VECTORS])(const struct panel *p) = {panel_1, panel_2, panel_3, panel_4};
#else
static void (*const panels[VECTORS])(const struct panel *p) = {panel_1};
#endif

/* to (k, vectors) whole vectors = the rows of b, zeros after `columns`. */
static void copy_together(size_t k, size_t vectors, size_t columns, const double b[], size_t ldb, lanes to[]) {
    size_t last = columns - (vectors - 1) * CORE_LANES;
    for (size_t p = 0; p < k; p++, b += ldb, to += vectors) {
        for (size_t v = 0; v + 1 < vectors; v++) to[v] = load_whole(b + v * CORE_LANES);
        to[vectors - 1] = load_part(b + (vectors - 1) * CORE_LANES, last);
    }
}

static void multiply(size_t m, size_t k, size_t n, const double a[], size_t row, size_t column, const double b[],
                     size_t ldb, double c[], size_t ldc, int sign) {
    lanes copy[DEPTH * VECTORS];
    size_t vectors = (n + CORE_LANES - 1) / CORE_LANES, count = (vectors + VECTORS - 1) / VECTORS, first = 0;
    int copied = ldb % CORE_LANES != 0 || (ldb > FAR_APART && m > WORTH_COPYING);
    do {
        struct panel p = {m, k - first < DEPTH ? k - first : DEPTH, a + first * column, row, column, b, ldb, c, ldc, 0,
                          first > 0 ? 1 : sign};
        for (size_t i = 0, start = 0; i < count; i++) { /* panels as equal as can be */
            size_t wide = (vectors - start + count - i - 1) / (count - i), from = start * CORE_LANES;
            size_t columns = n - from < wide * CORE_LANES ? n - from : wide * CORE_LANES;
            p.last = columns - (wide - 1) * CORE_LANES;
            p.c = c + from;
            p.b = b + first * ldb + from;
            if (copied) {
                copy_together(p.k, wide, columns, p.b, ldb, copy);
                p.b = (const double *)copy;
                p.ldb = wide * CORE_LANES;
            }
            panels[wide - 1](&p);
            start += wide;
        }
        first += p.k;
    } while (first < k);
}

/* ---- Rearrangements ------------------------------------------------------------------------------------------------------- */

/* to[c * ldto + r] = from[r * ldfrom + c] for r < rows, c < columns (both at most 8), zeros for the other r < 8. */
LANES_INLINE void transpose_block(size_t rows, size_t columns, const double from[], size_t ldfrom, double to[],
                                  size_t ldto) {
#if defined(__AVX512F__)
    __m512d r[8], pair[8], half[8], column[8];
    UNROLL for (size_t i = 0; i < 8; i++) {
        r[i] = i < rows ? (__m512d)load_part(from + i * ldfrom, columns) : _mm512_setzero_pd();
    }
    UNROLL for (int i = 0; i < 8; i += 2) { /* even columns, odd columns of two rows */
        pair[i] = _mm512_unpacklo_pd(r[i], r[i + 1]);
        pair[i + 1] = _mm512_unpackhi_pd(r[i], r[i + 1]);
    }
    UNROLL for (int i = 0; i < 8; i += 4) { /* of four rows: columns 0 and 4, 1 and 5, 2 and 6, 3 and 7 */
        half[i] = _mm512_shuffle_f64x2(pair[i], pair[i + 2], 0x88);
        half[i + 1] = _mm512_shuffle_f64x2(pair[i + 1], pair[i + 3], 0x88);
        half[i + 2] = _mm512_shuffle_f64x2(pair[i], pair[i + 2], 0xdd);
        half[i + 3] = _mm512_shuffle_f64x2(pair[i + 1], pair[i + 3], 0xdd);
    }
    UNROLL for (int i = 0; i < 4; i++) {
        column[i] = _mm512_shuffle_f64x2(half[i], half[i + 4], 0x88);
        column[i + 4] = _mm512_shuffle_f64x2(half[i], half[i + 4], 0xdd);
    }
    UNROLL for (size_t i = 0; i < 8; i++) {
        if (i < columns) _mm512_store_pd(to + i * ldto, column[i]);
    }
#else
    for (size_t c = 0; c < columns; c++) {
        for (size_t r = 0; r < 8; r++) to[c * ldto + r] = r < rows ? from[r * ldfrom + c] : 0;
    }
#endif
}

static void transpose(size_t rows, size_t columns, const double from[], size_t ldfrom, double to[], size_t ldto) {
    for (size_t c = 0; c < columns; c += 8) {
        size_t wide = columns - c < 8 ? columns - c : 8;
        for (size_t r = 0; r < rows; r += 8) {
            transpose_block(rows - r < 8 ? rows - r : 8, wide, from + r * ldfrom + c, ldfrom, to + c * ldto + r, ldto);
        }
    }
}

static void gather(size_t count, const uint32_t index[], size_t stride, const double from[], double to[]) {
    for (size_t b = 0; b < count; b++, to += stride) {
        const double *row = from + index[b] * stride;
        for (size_t i = 0; i < stride; i += CORE_LANES) lanes_store(to + i, lanes_load(row + i));
    }
}

const struct dln_gemm_kernels CORE_ISA_NAME(dln_gemm_kernels) = {multiply, transpose, gather};
