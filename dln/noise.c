/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The noise of single samples along directions. The gradient of sample mu along u is the derivative of
 * |W x_mu - y_mu|^2 / 2 when theta moves along u: with D_u W = sum_l W_L ... W_{l+1} U_l W_{l-1} ... W_1,
 *     u^T g_mu = r_mu^T (D_u W) x_mu,   r_mu = W x_mu - y_mu.
 * W and D_u W are made once (P_l = W_l P_{l-1}, P'_l = U_l P_{l-1} + W_l P'_{l-1}), no gradient of a sample is formed.
 */
#include "dln/network.h"

#include "core/memory.h"
#include "core/sum.h"

#include <assert.h>
#include <string.h>

/* to (rows, columns) += a (rows, inner) b (inner, columns). */
static void add_product(size_t rows, size_t inner, size_t columns, const double a[], const double b[], double to[]) {
    for (size_t i = 0; i < rows; i++) {
        for (size_t k = 0; k < inner; k++) {
            for (size_t j = 0; j < columns; j++) to[i * columns + j] += a[i * inner + k] * b[k * columns + j];
        }
    }
}

/* The end-to-end map and its derivative along u, each with room for the largest partial product, and their successors.
 */
struct maps {
    double *map, *slope, *next, *next_slope;
};

static void differentiate(const struct dln_network *network, const double theta[], const double u[],
                          struct maps *maps) {
    size_t d0 = network->inputs;
    memcpy(maps->map, theta, network->offset[1] * sizeof *theta);
    memcpy(maps->slope, u, network->offset[1] * sizeof *u);
    for (size_t l = 1; l < network->depth; l++) {
        size_t rows = network->widths[l + 1], inner = network->widths[l];
        const double *w = theta + network->offset[l], *v = u + network->offset[l];
        memset(maps->next, 0, rows * d0 * sizeof(double));
        memset(maps->next_slope, 0, rows * d0 * sizeof(double));
        add_product(rows, inner, d0, w, maps->map, maps->next);
        add_product(rows, inner, d0, v, maps->map, maps->next_slope);
        add_product(rows, inner, d0, w, maps->slope, maps->next_slope);
        struct maps turned = {maps->next, maps->next_slope, maps->map, maps->slope};
        *maps = turned;
    }
}

/* out[mu * stride] = r_mu^T slope x_mu. */
static void project(const struct dln_network *network, const struct maps *maps, size_t stride, double out[]) {
    size_t d0 = network->inputs, outputs = network->outputs;
    for (size_t mu = 0; mu < network->samples; mu++) {
        const double *x = network->x + mu * d0, *y = network->y + mu * outputs;
        double sum = 0;
        for (size_t i = 0; i < outputs; i++) {
            double residual = -y[i], along = 0;
            for (size_t j = 0; j < d0; j++) {
                residual += maps->map[i * d0 + j] * x[j];
                along += maps->slope[i * d0 + j] * x[j];
            }
            sum += residual * along;
        }
        out[mu * stride] = sum;
    }
}

enum core_status dln_noise_projections(const struct core_landscape *land, const double theta[], size_t count,
                                       const double directions[], double out[]) {
    const struct dln_network *network = dln_of(land);
    assert(dln_network_depth(land) > 0);
    size_t widest = 0;
    for (size_t l = 1; l <= network->depth; l++) widest = network->widths[l] > widest ? network->widths[l] : widest;
    size_t size = widest * network->inputs;
    double *room = core_alloc(4 * size, sizeof *room);
    if (room == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the end-to-end map");
    struct maps maps = {room, room + size, room + 2 * size, room + 3 * size};
    for (size_t k = 0; k < count; k++) {
        differentiate(network, theta, directions + k * land->dimension, &maps);
        project(network, &maps, count, out + k);
        double mean = core_sum(out + k, network->samples, count) / (double)network->samples;
        for (size_t mu = 0; mu < network->samples; mu++) out[mu * count + k] -= mean;
    }
    core_free(room);
    return CORE_OK;
}
