/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DLN_SMALL_BATCH_H
#define DLN_SMALL_BATCH_H

#include "dln/small_matrix.h"

#include <string.h>

/* Inside the lane kernels only: mini-batches, a chunk of samples at a time, brought into lanes first (from the rows of
 * the data, or from samples given in lanes) and then run forward and back:
 *     H_l = W_l H_{l-1}, V_L = H_L - Y, V_{l-1} = W_l^T V_l, G_l = V_l H_{l-1}^T                   [baldi1989] */

enum { CHUNK = 4 }; /* samples of a mini-batch that go through the network together */

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

/* The same from inputs (chunk, d_0, lanes) and targets (chunk, d_L, lanes). */
LANES_INLINE void place_chunk(struct shape s, size_t chunk, const double *inputs, const double *targets, double *to) {
    size_t d0 = width_of(s, 0), numbers = d0 + width_of(s, s.depth);
    KEEP_LOOP for (size_t b = 0; b < chunk; b++) {
        KEEP_LOOP for (size_t c = 0; c < numbers; c++) {
            const double **from = c < d0 ? &inputs : &targets;
            lanes_store(to + (c * chunk + b) * CORE_LANES, lanes_load(*from));
            *from += CORE_LANES;
        }
    }
}

/* out (+)= sum of the gradients of the `chunk` samples that lie at the beginning of scratch as gather_chunk left them;
 * lane j counts those numbered below count[j] (numbers from `first`). */
LANES_INLINE void chunk_gradient(struct shape s, size_t chunk, size_t first, const double x[], const double count[],
                                 double out[], int accumulate, double *scratch) {
    const double *activation[DLN_DEPTH_MAX + 1];
    double *free = scratch;
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

/* chunk_gradient for one shape and one size of chunk. */
typedef void chunk_step(const struct core_landscape *land, size_t first, const double x[], const double count[],
                        double out[], int accumulate, double *scratch);

LANES_INLINE void sampled_gradient_body(const struct core_landscape *land, struct shape s, chunk_step *many,
                                        chunk_step *one, const double x[], size_t longest, const double count[],
                                        const uint32_t index[], double out[], double *scratch) {
    size_t first = 0;
    KEEP_LOOP for (; first + CHUNK <= longest; first += CHUNK) {
        gather_chunk(s, CHUNK, index + first * CORE_LANES, scratch);
        many(land, first, x, count, out, first > 0, scratch);
    }
    KEEP_LOOP for (; first < longest; first++) {
        gather_chunk(s, 1, index + first * CORE_LANES, scratch);
        one(land, first, x, count, out, first > 0, scratch);
    }
    if (longest == 0) memset(out, 0, s.network->offset[s.depth] * CORE_LANES * sizeof *out);
}

LANES_INLINE void batch_gradient_body(const struct core_landscape *land, struct shape s, chunk_step *many,
                                      chunk_step *one, const double x[], size_t samples, const double inputs[],
                                      const double targets[], double out[], double *scratch) {
    double all[CORE_LANES] __attribute__((aligned(64)));
    lanes_store(all, lanes_set((double)samples));
    for (size_t first = 0, chunk; first < samples; first += chunk) {
        chunk = first + CHUNK <= samples ? CHUNK : 1;
        const double *x0 = inputs + first * width_of(s, 0) * CORE_LANES;
        place_chunk(s, chunk, x0, targets + first * width_of(s, s.depth) * CORE_LANES, scratch);
        (chunk == 1 ? one : many)(land, first, x, all, out, first > 0, scratch);
    }
    if (samples == 0) memset(out, 0, s.network->offset[s.depth] * CORE_LANES * sizeof *out);
}

#endif
