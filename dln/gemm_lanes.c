/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Matrix products for wide networks: C (m, n) = A B + sign C, vectors along the rows of B and C.
 *
 * C is made in tiles that stay in registers over the whole of k, `rows` high and some registers wide: per step of k one
 * load of each register of B and one broadcast of each element of A. A tile is as large as the registers hold sums:
 * 24 of 32 where there are 32, 12 of 16 with AVX2. k is cut into blocks of DEPTH, and the piece of B that a
 * block needs is copied together (padded with zeros to whole registers) where its rows lie far apart or end within one.
 *
 * Element (i, j) starts from sign C_ij and takes A_i0 B_0j, A_i1 B_1j, ... in this order, one fused multiply-add
 * each, whatever the tile, the block or the width of the registers: its bits are the same on all of them. */
#include "dln/network.h"

#include "core/simd.h"

#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#define KEEP_LOOP _Pragma("clang loop unroll(disable)")
#else
#define UNROLL _Pragma("GCC unroll 8")
#define KEEP_LOOP _Pragma("GCC unroll 1")
#endif

enum { DEPTH = 128, FAR_APART = 64, WORTH_COPYING = 32 };

/* ---- One register, rows that start and end anywhere ---- */

/* REGISTER doubles each; tiles are up to ACROSS registers wide, and so many rows high for one, two, ... of them. */
#if defined(__AVX512F__)
enum { REGISTER = 8, ACROSS = 4, ROWS_1 = 8, ROWS_2 = 8, ROWS_3 = 8, ROWS_4 = 6 };
#elif defined(__AVX2__)
enum { REGISTER = 4, ACROSS = 2, ROWS_1 = 8, ROWS_2 = 6 };
#elif defined(__aarch64__)
enum { REGISTER = 2, ACROSS = 4, ROWS_1 = 8, ROWS_2 = 8, ROWS_3 = 8, ROWS_4 = 6 };
#else
enum { REGISTER = 2, ACROSS = 2, ROWS_1 = 4, ROWS_2 = 4 };
#endif
typedef double vec __attribute__((vector_size(8 * REGISTER)));
typedef double vec_anywhere __attribute__((vector_size(8 * REGISTER), aligned(8), may_alias));

LANES_INLINE vec load_whole(const double *from) {
    return *(const vec_anywhere *)from;
}

LANES_INLINE void store_whole(double *to, vec value) {
    *(vec_anywhere *)to = value;
}

/* from[0 .. count), zeros after it; count <= REGISTER. */
LANES_INLINE vec load_part(const double *from, size_t count) {
#if defined(__AVX512F__)
    return (vec)_mm512_maskz_loadu_pd((__mmask8)((1u << count) - 1), from);
#else
    vec part = {0};
    for (size_t i = 0; i < REGISTER; i++) part[i] = i < count ? from[i] : 0;
    return part;
#endif
}

LANES_INLINE void store_part(double *to, vec value, size_t count) {
#if defined(__AVX512F__)
    _mm512_mask_storeu_pd(to, (__mmask8)((1u << count) - 1), (__m512d)value);
#else
    for (size_t i = 0; i < REGISTER; i++) {
        if (i < count) to[i] = value[i];
    }
#endif
}

/* a b + c for one number a, rounded once where the processor can. */
LANES_INLINE vec multiply_add(double a, vec b, vec c) {
#if defined(__AVX512F__)
    return (vec)_mm512_fmadd_pd(_mm512_set1_pd(a), (__m512d)b, (__m512d)c);
#elif defined(__AVX2__)
    return (vec)_mm256_fmadd_pd(_mm256_set1_pd(a), (__m256d)b, (__m256d)c);
#elif defined(__aarch64__)
    return (vec)vfmaq_n_f64((float64x2_t)c, (float64x2_t)b, a);
#else
    return a * b + c;
#endif
}

/* ---- Products ---- */

/* At most ACROSS registers of columns of C, all its rows. */
struct panel {
    size_t m, k;
    const double *a;
    size_t row, column; /* element (i, p) of A at a[i * row + p * column] */
    const double *b;
    size_t ldb; /* whole registers may be read */
    double *c;
    size_t ldc, last; /* columns in the last register, 1 ... REGISTER */
    int sign;
};

/* Rows i ... i + rows - 1 of the panel; rows and across are constants where this is inlined. */
LANES_INLINE void tile(size_t rows, size_t across, const struct panel *p, size_t i) {
    vec sum[8][4];
    const double *a[8], *b = p->b;
    double *c = p->c + i * p->ldc;
    size_t last = p->last, ldc = p->ldc, ldb = p->ldb, column = p->column, end = p->k * column;
    UNROLL for (size_t r = 0; r < rows; r++) {
        a[r] = p->a + (i + r) * p->row;
        UNROLL for (size_t v = 0; v < across; v++) sum[r][v] = (vec){0};
    }
    if (p->sign != 0) {
        UNROLL for (size_t r = 0; r < rows; r++) {
            UNROLL for (size_t v = 0; v < across; v++) {
                const double *from = c + r * ldc + v * REGISTER;
                vec old = v + 1 < across || last == REGISTER ? load_whole(from) : load_part(from, last);
                sum[r][v] = p->sign < 0 ? -old : old;
            }
        }
    }
    KEEP_LOOP for (size_t q = 0; q < end; q += column, b += ldb) {
        vec right[4];
        UNROLL for (size_t v = 0; v < across; v++) right[v] = load_whole(b + v * REGISTER);
        UNROLL for (size_t r = 0; r < rows; r++) {
            UNROLL for (size_t v = 0; v < across; v++) sum[r][v] = multiply_add(a[r][q], right[v], sum[r][v]);
        }
    }
    UNROLL for (size_t r = 0; r < rows; r++) {
        UNROLL for (size_t v = 0; v < across; v++) {
            double *to = c + r * ldc + v * REGISTER;
            if (v + 1 < across || last == REGISTER)
                store_whole(to, sum[r][v]);
            else
                store_part(to, sum[r][v], last);
        }
    }
}

LANES_INLINE void all_rows(size_t rows, size_t across, const struct panel *p) {
    size_t i = 0;
    KEEP_LOOP for (; i + rows <= p->m; i += rows) tile(rows, across, p, i);
    if (rows > 4 && i + 4 <= p->m) {
        tile(4, across, p, i);
        i += 4;
    }
    if (i + 2 <= p->m) {
        tile(2, across, p, i);
        i += 2;
    }
    if (i < p->m) tile(1, across, p, i);
}

#define PANEL(COUNT)                                                                                                   \
    static __attribute__((noinline)) void panel_##COUNT(const struct panel *p) {                                       \
        all_rows(ROWS_##COUNT, COUNT, p);                                                                              \
    }

PANEL(1)
PANEL(2)
#if defined(__AVX512F__) || defined(__aarch64__)
PANEL(3)
PANEL(4)
static void (*const panels[ACROSS])(const struct panel *p) = {panel_1, panel_2, panel_3, panel_4};
#else
static void (*const panels[ACROSS])(const struct panel *p) = {panel_1, panel_2};
#endif

/* to (k, across registers) = the rows of b, zeros after `columns`. */
static void copy_together(size_t k, size_t across, size_t columns, const double b[], size_t ldb, double to[]) {
    size_t whole = across - 1, last = columns - whole * REGISTER;
    for (size_t p = 0; p < k; p++, b += ldb, to += REGISTER) {
        for (size_t v = 0; v < whole; v++, to += REGISTER) store_whole(to, load_whole(b + v * REGISTER));
        store_whole(to, load_part(b + whole * REGISTER, last));
    }
}

static void multiply(size_t m, size_t k, size_t n, const double a[], size_t row, size_t column, const double b[],
                     size_t ldb, double c[], size_t ldc, int sign) {
    double copy[DEPTH * ACROSS * REGISTER] __attribute__((aligned(64)));
    size_t registers = (n + REGISTER - 1) / REGISTER, count = (registers + ACROSS - 1) / ACROSS, first = 0;
    int copied = ldb % CORE_LANES != 0 || (ldb > FAR_APART && m > WORTH_COPYING);
    do {
        struct panel p = {m,
                          k - first < DEPTH ? k - first : DEPTH,
                          a + first * column,
                          row,
                          column,
                          b,
                          ldb,
                          c,
                          ldc,
                          0,
                          first > 0 ? 1 : sign};
        for (size_t i = 0, start = 0; i < count; i++) { /* panels as equal as can be */
            size_t across = (registers - start + count - i - 1) / (count - i), from = start * REGISTER;
            size_t columns = n - from < across * REGISTER ? n - from : across * REGISTER;
            p.last = columns - (across - 1) * REGISTER;
            p.c = c + from;
            p.b = b + first * ldb + from;
            if (copied) {
                copy_together(p.k, across, columns, p.b, ldb, copy);
                p.b = copy;
                p.ldb = across * REGISTER;
            }
            panels[across - 1](&p);
            start += across;
        }
        first += p.k;
    } while (first < k);
}

/* ---- Rearrangements ---- */

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
