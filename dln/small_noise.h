/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DLN_SMALL_NOISE_H
#define DLN_SMALL_NOISE_H

#include "dln/small_jets.h"

/* Inside the lane kernels only: draws of the gradient noise (dln/network.h says how). */

/* Row `i` of C z: the rows of C are lower trapezoidal. */
LANES_INLINE struct wide feature_draw(const double row[], size_t columns, const double z[]) {
    struct wide even = wide_set(0), odd = wide_set(0);
    size_t k = 0;
    for (; k + 2 <= columns; k += 2) {
        even = wide_fma(wide_set(row[k]), wide_load(z + k * CORE_LANES), even);
        odd = wide_fma(wide_set(row[k + 1]), wide_load(z + (k + 1) * CORE_LANES), odd);
    }
    if (k < columns) even = wide_fma(wide_set(row[k]), wide_load(z + k * CORE_LANES), even);
    return wide_add(even, odd);
}

/* moments (features, lanes) = C z, in the order of the features. */
LANES_INLINE void random_moments(const struct dln_network *network, size_t width, const double z[], double *moments) {
    for (size_t i = 0; i < network->features; i++) {
        size_t columns = i + 1 < width ? i + 1 : width;
        wide_store(moments + network->feature[i] * CORE_LANES, feature_draw(network->factor + i * width, columns, z));
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

#endif
