/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DLN_SMALL_JETS_H
#define DLN_SMALL_JETS_H

#include "dln/small_matrix.h"

#include <string.h>

/* Inside the lane kernels only: the full batch.
 *
 * With prefixes P_l = W_l ... W_1 (P_0 = I), E = (P_L - T) Sxx and V_L = E, V_{l-1} = W_l^T V_l:
 *     G_l = V_l P_{l-1}^T                                                                        [baldi1989]
 * Derivatives by jets: each W_l becomes W_l + e1 U_l + e2 V_l with e1^2 = e2^2 = 0. A jet has one component per subset
 * of {e1, e2}, numbered by its bit mask, and the product of components a and b (disjoint) goes to a | b. The gradient
 * code run on jets gives H u in component 1 (one direction) and grad(u^T H v) in component 3 (two directions). */

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
    struct wide sum = wide_set(0);
    KEEP_LOOP for (size_t i = 0; i < entries; i++) {
        sum = wide_fma(wide_load(shifted + i * CORE_LANES), wide_load(error + i * CORE_LANES), sum);
    }
    wide_store(loss, wide_fma(wide_set(0.5), sum, wide_set(s.network->loss_minimum)));
}

#endif
