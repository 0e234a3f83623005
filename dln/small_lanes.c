/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deep linear networks with one replica in each SIMD lane, of any shape; the methods that only exist for any shape.
 * The common shapes have copies of the busiest methods in dln/small2_lanes.c and dln/small3_lanes.c. */
#include "dln/small_methods.h"

/* ---- The trace of the noise ---- */

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
    struct wide sum = wide_set(0);
    size_t count = (size_t)(end - left) / CORE_LANES;
    for (size_t i = 0; i < count; i++) {
        struct wide row = feature_draw(network->fourth + i * squares, squares, right);
        sum = wide_fma(wide_load(left + i * CORE_LANES), row, sum);
    }
    wide_store(scratch, sum);
    return lanes_load(scratch);
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

/* ---- The table ---- */

METHODS(any, 0, 0)

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

const struct dln_lane_kernels CORE_ISA_NAME(dln_lane_kernels) = {
    .any = ROW(any, 0, 0),
    .hessian_vector = any_hessian_vector,
    .curvature_gradient = any_curvature_gradient,
    .noise = any_noise,
    .noise_trace = any_noise_trace,
};
