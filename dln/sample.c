/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gradient of one sample's loss, by plain back-propagation: with h_0 = x, h_l = W_l h_{l-1}, v_L = h_L - y and
 * v_{l-1} = W_l^T v_l, the gradient with respect to W_l is v_l h_{l-1}^T. */
#include "dln/network.h"

#include "core/memory.h"

#include <assert.h>
#include <string.h>

/* to (rows) = w (rows, columns) from. */
static void forward(size_t rows, size_t columns, const double w[], const double from[], double to[]) {
    for (size_t i = 0; i < rows; i++) {
        double sum = 0;
        for (size_t j = 0; j < columns; j++) sum += w[i * columns + j] * from[j];
        to[i] = sum;
    }
}

/* to (columns) = w^T from. */
static void back(size_t rows, size_t columns, const double w[], const double from[], double to[]) {
    memset(to, 0, columns * sizeof *to);
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < columns; j++) to[j] += w[i * columns + j] * from[i];
    }
}

enum core_status dln_sample_gradient(const struct core_landscape *land, const double theta[], size_t sample,
                                     double gradient[]) {
    const struct dln_network *network = dln_of(land);
    assert(dln_network_depth(land) > 0 && sample < network->samples);
    size_t units = 0;
    for (size_t l = 0; l <= network->depth; l++) units += network->widths[l];
    double *h = core_alloc(2 * units, sizeof *h); /* h_0 ... h_L, then v_0 ... v_L */
    if (h == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the gradient of one sample");
    memcpy(h, network->x + sample * network->inputs, network->inputs * sizeof *h);
    size_t at = 0;
    for (size_t l = 1; l <= network->depth; l++) {
        size_t rows = network->widths[l], columns = network->widths[l - 1];
        forward(rows, columns, theta + network->offset[l - 1], h + at, h + at + columns);
        at += columns;
    }
    const double *y = network->y + sample * network->outputs;
    for (size_t i = 0; i < network->outputs; i++) h[units + at + i] = h[at + i] - y[i];
    for (size_t l = network->depth; l >= 1; l--) {
        size_t rows = network->widths[l], columns = network->widths[l - 1], below = at - columns;
        const double *v = h + units + at;
        for (size_t i = 0; i < rows; i++) {
            for (size_t j = 0; j < columns; j++) {
                gradient[network->offset[l - 1] + i * columns + j] = v[i] * h[below + j];
            }
        }
        back(rows, columns, theta + network->offset[l - 1], v, h + units + below);
        at = below;
    }
    core_free(h);
    return CORE_OK;
}
