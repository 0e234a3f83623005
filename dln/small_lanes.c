/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deep linear networks with one replica in each SIMD lane.
 *
 * With prefixes P_l = W_l ... W_1 (P_0 = I), E = (P_L - T) Sxx and V_L = E, V_{l-1} = W_l^T V_l:
 *     G_l = V_l P_{l-1}^T                                                                        [baldi1989]
 * Derivatives by jets: each W_l becomes W_l + e1 U_l + e2 V_l with e1^2 = e2^2 = 0. A jet has one component per subset
 * of {e1, e2}, numbered by its bit mask, and the product of components a and b (disjoint) goes to a | b. The gradient
 * code run on jets gives H u in component 1 (one direction) and grad(u^T H v) in component 3 (two directions).
 *
 * A mini-batch runs forward and back per sample: H_l = W_l H_{l-1}, V_L = H_L - Y, G_l = V_l H_{l-1}^T.
 *
 * Every function is written once for any shape and inlined with constant widths for the common ones, where the compiler
 * unrolls it; the order of operations, and so every bit, is the same. */
#include "dln/network.h"

#include "core/simd.h"

#include <string.h>

enum { CHUNK = 4 }; /* samples of a mini-batch that go through the network together */

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

/* ---- Small matrix products, one replica a lane ---- */

/* Element (i, j) of a matrix of lanes at at[(i * row + j * column) * CORE_LANES]. */
struct view {
    const double *at;
    size_t row, column;
};

LANES_INLINE lanes element(struct view a, size_t i, size_t j) {
    return lanes_load(a.at + (i * a.row + j * a.column) * CORE_LANES);
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
    lanes sum[2][8];
    UNROLL for (size_t i = 0; i < rows; i++) {
        UNROLL for (size_t j = 0; j < columns; j++) {
            sum[i][j] = accumulate ? lanes_load(c + ((i0 + i) * n + j0 + j) * CORE_LANES) : lanes_set(0);
        }
    }
    UNROLL for (size_t p = 0; p < k; p++) {
        lanes left[2];
        UNROLL for (size_t i = 0; i < rows; i++) left[i] = element(a, i0 + i, p);
        UNROLL for (size_t j = 0; j < columns; j++) {
            lanes right = element(b, p, j0 + j);
            UNROLL for (size_t i = 0; i < rows; i++) sum[i][j] = lanes_fma(left[i], right, sum[i][j]);
        }
    }
    UNROLL for (size_t i = 0; i < rows; i++) {
        UNROLL for (size_t j = 0; j < columns; j++) {
            lanes_store(c + ((i0 + i) * n + j0 + j) * CORE_LANES, sum[i][j]);
        }
    }
}

/* Any shape, in tiles of 2 x 4: the one copy every unspecialised product calls. */
static __attribute__((noinline)) void multiply_any(size_t m, size_t k, size_t n, const struct view *a,
                                                   const struct view *b, double *c, int accumulate) {
    size_t i = 0;
    KEEP_LOOP for (; i + 2 <= m; i += 2) {
        size_t j = 0;
        KEEP_LOOP for (; j + 4 <= n; j += 4) tile(2, 4, i, j, k, n, *a, *b, c, accumulate);
        KEEP_LOOP for (; j < n; j++) tile(2, 1, i, j, k, n, *a, *b, c, accumulate);
    }
    KEEP_LOOP for (size_t j = 0; i < m && j < n; j++) tile(1, 1, i, j, k, n, *a, *b, c, accumulate);
}

/* c (m, n) = a b, or c + a b. */
LANES_INLINE void multiply(size_t m, size_t k, size_t n, struct view a, struct view b, double *c, int accumulate) {
    if (!__builtin_constant_p(k) || !__builtin_constant_p(n)) {
        multiply_any(m, k, n, &a, &b, c, accumulate);
        return;
    }
    size_t i = 0;
    KEEP_LOOP for (; i + 2 <= m; i += 2) tile(2, n, i, 0, k, n, a, b, c, accumulate);
    KEEP_LOOP for (; i < m; i++) tile(1, n, i, 0, k, n, a, b, c, accumulate);
}

/* c (m, n) = a s for the same s (k, n) of plain doubles in every lane. */
LANES_INLINE void multiply_shared(size_t m, size_t k, size_t n, const double *a, const double s[], double *c) {
    KEEP_LOOP for (size_t i = 0; i < m; i++) {
        UNROLL for (size_t j = 0; j < n; j++) {
            lanes sum = lanes_set(0);
            UNROLL for (size_t p = 0; p < k; p++) {
                sum = lanes_fma(lanes_load(a + (i * k + p) * CORE_LANES), lanes_set(s[p * n + j]), sum);
            }
            lanes_store(c + (i * n + j) * CORE_LANES, sum);
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

/* ---- Full batch: gradient and its derivatives by jets ---- */

enum { COMPONENTS = 4 };

/* A matrix jet: component c at c[...], NULL where it is zero. */
struct jet {
    const double *c[COMPONENTS];
};

/* W_l with its directions. */
LANES_INLINE struct jet weight_jet(struct shape s, size_t l, const double *const theta[COMPONENTS]) {
    struct jet w;
    UNROLL for (int c = 0; c < COMPONENTS; c++) {
        w.c[c] = theta[c] ? theta[c] + offset_of(s, l) * CORE_LANES : NULL;
    }
    return w;
}

/* out component c = sum over disjoint a | b = c of op(A_a) op(B_b); out has `components` blocks of m * n. */
LANES_INLINE struct jet jet_multiply(int components, size_t m, size_t k, size_t n, struct jet a, int transpose_a,
                                     struct jet b, int transpose_b, double *out) {
    struct jet result = {{NULL, NULL, NULL, NULL}};
    UNROLL for (int c = 0; c < components; c++) {
        double *to = out + (size_t)c * m * n * CORE_LANES;
        int started = 0;
        UNROLL for (int part = 0; part < components; part++) {
            int other = c & ~part;
            if ((part | other) != c || !a.c[part] || !b.c[other]) continue;
            struct view left = transpose_a ? transposed(a.c[part], m) : plain(a.c[part], k);
            struct view right = transpose_b ? transposed(b.c[other], k) : plain(b.c[other], n);
            multiply(m, k, n, left, right, to, started);
            started = 1;
        }
        result.c[c] = started ? to : NULL;
    }
    return result;
}

/* Prefixes P_1 = W_1, ..., P_L; memory for P_2 ... P_L is taken from *free. */
LANES_INLINE void prefixes(struct shape s, int components, const double *const theta[COMPONENTS], struct jet prefix[],
                           double **free) {
    size_t d0 = width_of(s, 0);
    prefix[1] = weight_jet(s, 1, theta);
    UNROLL for (size_t l = 2; l <= s.depth; l++) {
        prefix[l] = jet_multiply(components, width_of(s, l), width_of(s, l - 1), d0, weight_jet(s, l, theta), 0,
                                 prefix[l - 1], 0, *free);
        *free += (size_t)components * width_of(s, l) * d0 * CORE_LANES;
    }
}

/* D = P - T. */
LANES_INLINE void difference(struct shape s, const double *product, double *out) {
    size_t entries = width_of(s, s.depth) * width_of(s, 0);
    KEEP_LOOP for (size_t i = 0; i < entries; i++) {
        lanes_store(out + i * CORE_LANES, lanes_load(product + i * CORE_LANES) - lanes_set(s.network->target[i]));
    }
}

/* G_l = V_l P_{l-1}^T from V_L = error, component `wanted` of each into gradient. `spare` holds two jets. */
LANES_INLINE void backward(struct shape s, int components, int wanted, const double *const theta[COMPONENTS],
                           const struct jet prefix[], struct jet error, double *spare, double *gradient) {
    size_t d0 = width_of(s, 0), jet_size = (size_t)components * widest(s) * d0 * CORE_LANES;
    struct jet v = error;
    UNROLL for (size_t l = s.depth; l >= 1; l--) {
        size_t rows = width_of(s, l), columns = width_of(s, l - 1);
        double *to = gradient + offset_of(s, l) * CORE_LANES;
        if (l == 1) {
            size_t bytes = rows * columns * CORE_LANES * sizeof *to;
            if (v.c[wanted])
                memcpy(to, v.c[wanted], bytes);
            else
                memset(to, 0, bytes);
            break;
        }
        int started = 0;
        UNROLL for (int part = 0; part < components; part++) {
            int other = wanted & ~part;
            if ((part | other) != wanted || !v.c[part] || !prefix[l - 1].c[other]) continue;
            multiply(rows, d0, columns, plain(v.c[part], d0), transposed(prefix[l - 1].c[other], d0), to, started);
            started = 1;
        }
        if (!started) memset(to, 0, rows * columns * CORE_LANES * sizeof *to);
        v = jet_multiply(components, columns, rows, d0, weight_jet(s, l, theta), 1, v, 0, spare + (l & 1) * jet_size);
    }
}

/* Component `wanted` of the gradient run on jets with `components` components. */
LANES_INLINE void jet_gradient(struct shape s, int components, const double *x, const double *u, const double *v,
                               double *out, double *scratch) {
    const double *const theta[COMPONENTS] = {x, u, v, NULL};
    struct jet prefix[DLN_DEPTH_MAX + 1];
    double *free = scratch;
    prefixes(s, components, theta, prefix, &free);
    size_t d0 = width_of(s, 0), rows = width_of(s, s.depth), entries = rows * d0;
    struct jet error = {{NULL, NULL, NULL, NULL}};
    double *shifted = free;
    free += entries * CORE_LANES;
    difference(s, prefix[s.depth].c[0], shifted);
    UNROLL for (int c = 0; c < components; c++) {
        const double *from = c == 0 ? shifted : prefix[s.depth].c[c];
        if (!from) continue;
        multiply_shared(rows, d0, d0, from, s.network->sxx, free);
        error.c[c] = free;
        free += entries * CORE_LANES;
    }
    backward(s, components, components - 1, theta, prefix, error, free, out);
}

/* ---- Loss ---- */

LANES_INLINE void loss_body(struct shape s, const double x[], double loss[], double *scratch) {
    const double *const theta[COMPONENTS] = {x, NULL, NULL, NULL};
    struct jet prefix[DLN_DEPTH_MAX + 1];
    double *free = scratch;
    prefixes(s, 1, theta, prefix, &free);
    size_t d0 = width_of(s, 0), rows = width_of(s, s.depth), entries = rows * d0;
    double *shifted = free, *error = free + entries * CORE_LANES;
    difference(s, prefix[s.depth].c[0], shifted);
    multiply_shared(rows, d0, d0, shifted, s.network->sxx, error);
    lanes sum = lanes_set(0);
    KEEP_LOOP for (size_t i = 0; i < entries; i++) {
        sum = lanes_fma(lanes_load(shifted + i * CORE_LANES), lanes_load(error + i * CORE_LANES), sum);
    }
    lanes_store(loss, lanes_fma(lanes_set(0.5), sum, lanes_set(s.network->loss_minimum)));
}

/* ---- Gradient noise ---- */

/* Row `i` of C z: the rows of C are lower trapezoidal. */
LANES_INLINE lanes feature_draw(const double row[], size_t columns, const double z[]) {
    lanes even = lanes_set(0), odd = lanes_set(0);
    size_t k = 0;
    for (; k + 2 <= columns; k += 2) {
        even = lanes_fma(lanes_set(row[k]), lanes_load(z + k * CORE_LANES), even);
        odd = lanes_fma(lanes_set(row[k + 1]), lanes_load(z + (k + 1) * CORE_LANES), odd);
    }
    if (k < columns) even = lanes_fma(lanes_set(row[k]), lanes_load(z + k * CORE_LANES), even);
    return even + odd;
}

/* moments (features, lanes) = C z, in the order of the features. */
LANES_INLINE void random_moments(const struct dln_network *network, size_t width, const double z[], double *moments) {
    for (size_t i = 0; i < network->features; i++) {
        size_t columns = i + 1 < width ? i + 1 : width;
        lanes_store(moments + network->feature[i] * CORE_LANES, feature_draw(network->factor + i * width, columns, z));
    }
}

/* error = drift D Sxx + scale (D S - Q), D = P - T: S, Q the symmetric and mixed parts of `moments`. */
LANES_INLINE void noisy_error(struct shape s, const double *product, double drift, lanes scale, const double *moments,
                              double *error, double *spare) {
    size_t d0 = width_of(s, 0), rows = width_of(s, s.depth), entries = rows * d0;
    double *full = spare, *noise = full + d0 * d0 * CORE_LANES, *shifted = noise + entries * CORE_LANES;
    const double *at = moments;
    for (size_t i = 0; i < d0; i++) {
        for (size_t j = i; j < d0; j++, at += CORE_LANES) {
            lanes value = lanes_load(at);
            lanes_store(full + (i * d0 + j) * CORE_LANES, value);
            lanes_store(full + (j * d0 + i) * CORE_LANES, value);
        }
    }
    difference(s, product, shifted);
    multiply(rows, d0, d0, plain(shifted, d0), plain(full, d0), noise, 0);
    multiply_shared(rows, d0, d0, shifted, s.network->sxx, error);
    KEEP_LOOP for (size_t i = 0; i < entries; i++, at += CORE_LANES) {
        lanes part = scale * (lanes_load(noise + i * CORE_LANES) - lanes_load(at));
        lanes_store(error + i * CORE_LANES, lanes_fma(lanes_set(drift), lanes_load(error + i * CORE_LANES), part));
    }
}

/* out = backward of noisy_error, given `moments`. */
LANES_INLINE void noisy_body(struct shape s, const double x[], double drift, lanes scale, const double *moments,
                             double out[], double *scratch) {
    const double *const theta[COMPONENTS] = {x, NULL, NULL, NULL};
    struct jet prefix[DLN_DEPTH_MAX + 1];
    double *free = scratch;
    prefixes(s, 1, theta, prefix, &free);
    double *error = free;
    free += width_of(s, s.depth) * width_of(s, 0) * CORE_LANES;
    noisy_error(s, prefix[s.depth].c[0], drift, scale, moments, error, free);
    struct jet e = {{error, NULL, NULL, NULL}};
    backward(s, 1, 0, theta, prefix, e, free, out);
}

LANES_INLINE void noisy_gradient_body(struct shape s, size_t width, const double x[], double drift,
                                      const double scale[], const double z[], double out[], double *scratch) {
    random_moments(s.network, width, z, scratch);
    noisy_body(s, x, drift, scale ? lanes_load(scale) : lanes_set(1), scratch, out,
               scratch + s.network->features * CORE_LANES);
}

/* to = the upper triangle of the symmetric m (n, n), row by row, `scale` times once on and twice off the diagonal. */
LANES_INLINE double *triangle(size_t n, const double *m, double scale, double *to) {
    for (size_t i = 0; i < n; i++) {
        for (size_t j = i; j < n; j++, to += CORE_LANES) {
            lanes_store(to, lanes_load(m + (i * n + j) * CORE_LANES) * lanes_set(i == j ? scale : 2 * scale));
        }
    }
    return to;
}

/* mean_mu (r_mu^T M r_mu) (x_mu^T N x_mu) with M (d_L, d_L), N (d_0, d_0) symmetric and D = P - T. */
static lanes fourth_moment(struct shape s, const double *m, const double *n, const double *shifted, double *scratch) {
    const struct dln_network *network = s.network;
    size_t d0 = width_of(s, 0), rows = width_of(s, s.depth), squares = d0 * (d0 + 1) / 2;
    double *md = scratch, *dmd = md + rows * d0 * CORE_LANES, *right = dmd + d0 * d0 * CORE_LANES;
    double *left = right + squares * CORE_LANES;
    multiply(rows, rows, d0, plain(m, rows), plain(shifted, d0), md, 0);
    multiply(d0, rows, d0, transposed(shifted, d0), plain(md, d0), dmd, 0);
    triangle(d0, n, 1, right);
    double *end = triangle(d0, dmd, 1, left);
    for (size_t i = 0; i < rows * d0; i++, end += CORE_LANES) {
        lanes_store(end, lanes_load(md + i * CORE_LANES) * lanes_set(-2));
    }
    end = triangle(rows, m, 1, end);
    lanes sum = lanes_set(0);
    size_t count = (size_t)(end - left) / CORE_LANES;
    for (size_t i = 0; i < count; i++) {
        lanes row = feature_draw(network->fourth + i * squares, squares, right);
        sum = lanes_fma(lanes_load(left + i * CORE_LANES), row, sum);
    }
    return sum;
}

/* to (n, n) = the identity. */
static void identity(size_t n, double *to) {
    for (size_t i = 0; i < n * n; i++) lanes_store(to + i * CORE_LANES, lanes_set(i % (n + 1) == 0 ? 1 : 0));
}

/* tr Sigma, by the formula in dln/network.h; never negative, though the difference may round below zero. */
static void noise_trace_body(struct shape s, const double x[], double trace[], double *scratch) {
    const double *const theta[COMPONENTS] = {x, NULL, NULL, NULL};
    size_t d0 = width_of(s, 0), rows = width_of(s, s.depth), most = widest(s), square = most * most * CORE_LANES;
    size_t size = s.network->offset[s.depth];
    double *gradient = scratch, *free = gradient + size * CORE_LANES;
    jet_gradient(s, 1, x, NULL, NULL, gradient, free);
    lanes sum = lanes_set(0);
    for (size_t i = 0; i < size; i++) {
        lanes g = lanes_load(gradient + i * CORE_LANES);
        sum = lanes_fnma(g, g, sum);
    }
    struct jet prefix[DLN_DEPTH_MAX + 1];
    prefixes(s, 1, theta, prefix, &free);
    double *suffix[2] = {free, free + square}, *m = free + 2 * square, *n = free + 3 * square;
    double *shifted = free + 4 * square;
    difference(s, prefix[s.depth].c[0], shifted);
    identity(rows, suffix[s.depth & 1]);
    for (size_t l = s.depth; l >= 1; l--) { /* suffix[l & 1] = A_l (d_L, d_l) */
        size_t below = width_of(s, l - 1), here = width_of(s, l);
        const double *a = suffix[l & 1];
        multiply(rows, here, rows, plain(a, here), transposed(a, here), m, 0);
        if (l == 1)
            identity(d0, n);
        else
            multiply(d0, below, d0, transposed(prefix[l - 1].c[0], d0), plain(prefix[l - 1].c[0], d0), n, 0);
        sum += fourth_moment(s, m, n, shifted, free + 5 * square);
        multiply(rows, here, below, plain(a, here), plain(x + offset_of(s, l) * CORE_LANES, below), suffix[(l & 1) ^ 1],
                 0);
    }
    lanes_store(trace, lanes_select(sum < lanes_set(0), lanes_set(0), sum));
}

/* ---- Mini-batches ---- */

/* to[c * step] = (from[0][c], ..., from[7][c]), c = 0 ... count-1 <= 8: a transpose in registers. */
LANES_INLINE void gather(const double *const from[CORE_LANES], size_t count, double *to, size_t step) {
#if defined(__AVX512F__)
    __m512d r[8], s[8], t[8];
    UNROLL for (int i = 0; i < 8; i++) r[i] = _mm512_load_pd(from[i]);
    UNROLL for (int i = 0; i < 4; i++) {
        s[2 * i] = _mm512_unpacklo_pd(r[2 * i], r[2 * i + 1]);
        s[2 * i + 1] = _mm512_unpackhi_pd(r[2 * i], r[2 * i + 1]);
    }
    UNROLL for (int h = 0; h < 2; h++) {
        UNROLL for (int i = 0; i < 2; i++) {
            t[4 * h + i] = _mm512_shuffle_f64x2(s[4 * h + i], s[4 * h + 2 + i], 0x88);
            t[4 * h + 2 + i] = _mm512_shuffle_f64x2(s[4 * h + i], s[4 * h + 2 + i], 0xdd);
        }
    }
    UNROLL for (size_t c = 0; c < 8; c++) {
        if (c >= count) break;
        /* column c lies in 128-bit block c / 2, half c % 2 */
        int low = (int)(((c >> 1) & 1) * 2 + (c & 1));
        lanes column = (lanes)(c < 4 ? _mm512_shuffle_f64x2(t[low], t[4 + low], 0x88)
                                     : _mm512_shuffle_f64x2(t[low], t[4 + low], 0xdd));
        lanes_store(to + c * step, column);
    }
#else
    for (size_t c = 0; c < count; c++) {
        for (int i = 0; i < CORE_LANES; i++) to[c * step + (size_t)i] = from[i][c];
    }
#endif
}

/* Inputs (d_0, chunk) and targets (d_L, chunk) of the samples index (chunk, lanes); targets start right after inputs.
 */
LANES_INLINE void gather_chunk(struct shape s, size_t chunk, const uint32_t index[], double *to) {
    size_t numbers = width_of(s, 0) + width_of(s, s.depth);
    size_t stride = s.width ? (2 * s.width + 7) / 8 * 8 : s.network->stride;
    UNROLL for (size_t b = 0; b < chunk; b++) {
        const double *from[CORE_LANES];
        UNROLL for (int i = 0; i < CORE_LANES; i++) {
            from[i] = s.network->rows + (size_t)index[b * CORE_LANES + (size_t)i] * stride;
        }
        UNROLL for (size_t c = 0; c < numbers; c += 8) {
            gather(from, numbers - c < 8 ? numbers - c : 8, to + (c * chunk + b) * CORE_LANES, chunk * CORE_LANES);
            UNROLL for (int i = 0; i < CORE_LANES; i++) from[i] += 8;
        }
    }
}

/* out (+)= sum of the gradients of `chunk` samples; lane j counts those numbered below count[j] (numbers from `first`).
 */
LANES_INLINE void chunk_gradient(struct shape s, size_t chunk, size_t first, const double x[], const double count[],
                                 const uint32_t index[], double out[], int accumulate, double *scratch) {
    const double *activation[DLN_DEPTH_MAX + 1];
    double *free = scratch;
    gather_chunk(s, chunk, index, free);
    activation[0] = free;
    const double *y = free + width_of(s, 0) * chunk * CORE_LANES;
    free += (width_of(s, 0) + width_of(s, s.depth)) * chunk * CORE_LANES;
    UNROLL for (size_t l = 1; l <= s.depth; l++) {
        multiply(width_of(s, l), width_of(s, l - 1), chunk, plain(x + offset_of(s, l) * CORE_LANES, width_of(s, l - 1)),
                 plain(activation[l - 1], chunk), free, 0);
        activation[l] = free;
        free += width_of(s, l) * chunk * CORE_LANES;
    }
    double *v = free - width_of(s, s.depth) * chunk * CORE_LANES;
    for (size_t i = 0; i < width_of(s, s.depth); i++) {
        UNROLL for (size_t b = 0; b < chunk; b++) {
            size_t at = (i * chunk + b) * CORE_LANES;
            lanes residual = lanes_load(v + at) - lanes_load(y + at);
            lanes_mask counts = lanes_load(count) > lanes_set((double)(first + b));
            lanes_store(v + at, lanes_select(counts, residual, lanes_set(0)));
        }
    }
    UNROLL for (size_t l = s.depth; l >= 1; l--) {
        size_t rows = width_of(s, l), columns = width_of(s, l - 1);
        multiply(rows, chunk, columns, plain(v, chunk), transposed(activation[l - 1], chunk),
                 out + offset_of(s, l) * CORE_LANES, accumulate);
        if (l == 1) break;
        double *below = free + (l & 1) * widest(s) * chunk * CORE_LANES;
        multiply(columns, rows, chunk, transposed(x + offset_of(s, l) * CORE_LANES, columns), plain(v, chunk), below,
                 0);
        v = below;
    }
}

LANES_INLINE void sampled_gradient_body(struct shape s, const double x[], size_t longest, const double count[],
                                        const uint32_t index[], double out[], double *scratch) {
    size_t first = 0;
    for (; first + CHUNK <= longest; first += CHUNK) {
        chunk_gradient(s, CHUNK, first, x, count, index + first * CORE_LANES, out, first > 0, scratch);
    }
    for (; first < longest; first++) {
        chunk_gradient(s, 1, first, x, count, index + first * CORE_LANES, out, first > 0, scratch);
    }
    if (longest == 0) memset(out, 0, s.network->offset[s.depth] * CORE_LANES * sizeof *out);
}

/* ---- The tables ---- */

/* The landscape methods for one shape; DEPTH and WIDTH 0 mean any. */
#define SHAPE(DEPTH, WIDTH) ((struct shape){(DEPTH) ? (DEPTH) : dln_of(land)->depth, WIDTH, dln_of(land)})
#define METHODS(NAME, DEPTH, WIDTH)                                                                                    \
    static void NAME##_loss(const struct core_landscape *land, const double x[], double loss[], double scratch[]) {    \
        loss_body(SHAPE(DEPTH, WIDTH), x, loss, scratch);                                                              \
    }                                                                                                                  \
    static void NAME##_gradient(const struct core_landscape *land, const double x[], double gradient[],                \
                                double scratch[]) {                                                                    \
        jet_gradient(SHAPE(DEPTH, WIDTH), 1, x, NULL, NULL, gradient, scratch);                                        \
    }                                                                                                                  \
    static void NAME##_noisy_gradient(const struct core_landscape *land, const double x[], double drift,               \
                                      const double scale[], const double z[], double out[], double scratch[]) {        \
        noisy_gradient_body(SHAPE(DEPTH, WIDTH), land->noise_width, x, drift, scale, z, out, scratch);                 \
    }                                                                                                                  \
    static void NAME##_sampled_gradient(const struct core_landscape *land, const double x[], size_t longest,           \
                                        const double count[], const uint32_t index[], double out[],                    \
                                        double scratch[]) {                                                            \
        sampled_gradient_body(SHAPE(DEPTH, WIDTH), x, longest, count, index, out, scratch);                            \
    }

/* Used by every shape: not worth a copy each. */
static void any_hessian_vector(const struct core_landscape *land, const double x[], const double v[], double out[],
                               double scratch[]) {
    jet_gradient(SHAPE(0, 0), 2, x, v, NULL, out, scratch);
}

static void any_curvature_gradient(const struct core_landscape *land, const double x[], const double u[],
                                   const double v[], double out[], double scratch[]) {
    jet_gradient(SHAPE(0, 0), 4, x, u, v, out, scratch);
}

static void any_noise_trace(const struct core_landscape *land, const double x[], double trace[], double scratch[]) {
    if (land->noise_width == 0)
        lanes_store(trace, lanes_set(0));
    else
        noise_trace_body(SHAPE(0, 0), x, trace, scratch);
}

static void any_noise(const struct core_landscape *land, const double x[], const double z[], double out[],
                      double scratch[]) {
    noisy_gradient_body(SHAPE(0, 0), land->noise_width, x, 0, NULL, z, out, scratch);
}

#define TABLE(NAME, DEPTH, WIDTH)                                                                                      \
    {                                                                                                                  \
        DEPTH, WIDTH, {                                                                                                \
            .loss = NAME##_loss, .gradient = NAME##_gradient, .hessian_vector = any_hessian_vector,                    \
            .curvature_gradient = any_curvature_gradient, .noise = any_noise, .noisy_gradient = NAME##_noisy_gradient, \
            .noise_trace = any_noise_trace, .sampled_gradient = NAME##_sampled_gradient,                               \
            .destroy = dln_network_destroy                                                                             \
        }                                                                                                              \
    }

/* The shapes worth a copy of the code: only where the registers are wide enough to show it, and not under a sanitiser,
 * whose checks in code this unrolled take the compiler a quarter of an hour. */
#if defined(__AVX2__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define COPIES 1
#else
#define COPIES 0
#endif
#if COPIES
METHODS(deep2_2, 2, 2)
METHODS(deep2_3, 2, 3)
METHODS(deep2_4, 2, 4)
METHODS(deep2_5, 2, 5)
METHODS(deep2_6, 2, 6)
METHODS(deep2_8, 2, 8)
METHODS(deep3_4, 3, 4)
METHODS(deep3_5, 3, 5)
#endif
METHODS(any, 0, 0)

static const struct dln_lane_methods tables[] = {
#if COPIES
    TABLE(deep2_2, 2, 2), TABLE(deep2_3, 2, 3), TABLE(deep2_4, 2, 4), TABLE(deep2_5, 2, 5),
    TABLE(deep2_6, 2, 6), TABLE(deep2_8, 2, 8), TABLE(deep3_4, 3, 4), TABLE(deep3_5, 3, 5),
#endif
    TABLE(any, 0, 0),
};

const struct dln_lane_kernels CORE_ISA_NAME(dln_lane_kernels) = {sizeof tables / sizeof *tables, tables};
