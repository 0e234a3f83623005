/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A deep linear network as a landscape: checks, copies and chooses the kernels for its shape. */
#include "dln/network.h"

#include "core/memory.h"
#include "core/simd.h"

#include <stdlib.h>
#include <string.h>

CORE_ISA_PICK(struct dln_lane_kernels, dln_lane_kernels)
CORE_ISA_PICK(struct dln_gemm_kernels, dln_gemm_kernels)

enum { WIDEST_IN_LANES = 16 }; /* wider networks run one replica at a time */

static void network_free(struct dln_network *network) {
    if (network == NULL) return;
    double *arrays[] = {network->x,   network->y,      network->rows,   network->sxx,
                        network->syx, network->target, network->factor, network->fourth};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) core_free(arrays[i]);
    core_free(network->feature);
    core_free(network);
}

void dln_network_destroy(struct core_landscape *land) {
    network_free(land->self);
    land->self = NULL;
}

static enum core_status check_shape(size_t depth, const size_t widths[], const struct dln_data *data) {
    if (depth < 1 || depth > DLN_DEPTH_MAX) {
        return core_fail(CORE_BAD_INPUT, "a network of depth %zu; allowed: 1 to %d layers", depth, DLN_DEPTH_MAX);
    }
    for (size_t l = 0; l <= depth; l++) {
        if (widths[l] < 1 || widths[l] > 65536) {
            return core_fail(CORE_BAD_INPUT, "width d_%zu = %zu; allowed: 1 to 65536", l, widths[l]);
        }
    }
    if (data->samples < 1) return core_fail(CORE_BAD_INPUT, "the data hold no samples");
    if (widths[0] != data->inputs || widths[depth] != data->outputs) {
        return core_fail(CORE_BAD_INPUT,
                         "widths %zu ... %zu do not fit data with %zu inputs and %zu targets; "
                         "the first width is the number of inputs, the last the number of targets",
                         widths[0], widths[depth], data->inputs, data->outputs);
    }
    return CORE_OK;
}

static int fits_in_lanes(size_t depth, const size_t widths[]) {
    for (size_t l = 0; l <= depth; l++) {
        if (widths[l] > WIDEST_IN_LANES) return 0;
    }
    return 1;
}

/* Copies x, y and the rows a mini-batch gathers. */
static enum core_status copy_data(struct dln_network *network, const struct dln_data *data) {
    size_t n = data->samples, d0 = data->inputs, dl = data->outputs;
    network->samples = n;
    network->inputs = d0;
    network->outputs = dl;
    network->stride = (d0 + dl + 7) / 8 * 8;
    network->x = core_alloc(n * d0, sizeof(double));
    network->y = core_alloc(n * dl, sizeof(double));
    network->rows = core_alloc(n * network->stride, sizeof(double));
    if (network->x == NULL || network->y == NULL || network->rows == NULL) {
        return core_fail(CORE_NO_MEMORY, "no memory for %zu samples of data", n);
    }
    memcpy(network->x, data->x, n * d0 * sizeof(double));
    memcpy(network->y, data->y, n * dl * sizeof(double));
    for (size_t i = 0; i < n; i++) {
        memcpy(network->rows + i * network->stride, data->x + i * d0, d0 * sizeof(double));
        memcpy(network->rows + i * network->stride + d0, data->y + i * dl, dl * sizeof(double));
    }
    return CORE_OK;
}

static const struct core_landscape_methods *lane_methods(const struct dln_network *network) {
    const struct dln_lane_kernels *kernels = dln_lane_kernels();
    for (size_t i = 0; i + 1 < kernels->count; i++) {
        size_t l = 0;
        if (kernels->methods[i].depth != network->depth) continue;
        while (l <= network->depth && network->widths[l] == kernels->methods[i].width) l++;
        if (l == network->depth + 1) return &kernels->methods[i].methods;
    }
    return &kernels->methods[kernels->count - 1].methods;
}

static enum core_status build(struct core_landscape *land, int in_lanes, size_t depth, const size_t widths[],
                              const struct dln_data *data) {
    struct dln_network *network = land->self;
    network->depth = depth;
    for (size_t l = 0; l <= depth; l++) {
        network->widths[l] = widths[l];
        network->offset[l] = l == 0 ? 0 : network->offset[l - 1] + widths[l] * widths[l - 1];
    }
    enum core_status status = copy_data(network, data);
    if (status != CORE_OK) return status;
    status = dln_network_prepare(network, in_lanes, &land->noise_width);
    if (status != CORE_OK) return status;
    land->name = "network";
    land->dimension = network->offset[depth];
    land->samples = network->samples;
    land->lanes = in_lanes ? CORE_LANES : 1;
    land->methods = in_lanes ? lane_methods(network) : &dln_wide_methods;
    land->scratch = in_lanes ? dln_lane_scratch(network) : dln_wide_scratch(network);
    return CORE_OK;
}

enum core_status dln_network_create_as(int in_lanes, size_t depth, const size_t widths[], const struct dln_data *data,
                                       struct core_landscape **land) {
    *land = NULL;
    enum core_status status = check_shape(depth, widths, data);
    if (status != CORE_OK) return status;
    struct core_landscape *made = core_alloc(1, sizeof *made);
    struct dln_network *network = core_alloc(1, sizeof *network);
    if (made == NULL || network == NULL) {
        core_free(made);
        core_free(network);
        return core_fail(CORE_NO_MEMORY, "no memory for a network");
    }
    made->self = network;
    status = build(made, in_lanes, depth, widths, data);
    if (status != CORE_OK) {
        dln_network_destroy(made);
        core_free(made);
        return core_context(status, "while preparing the network");
    }
    *land = made;
    return CORE_OK;
}

enum core_status dln_network_create(size_t depth, const size_t widths[], const struct dln_data *data,
                                    struct core_landscape **land) {
    int in_lanes = depth <= DLN_DEPTH_MAX && fits_in_lanes(depth, widths);
    return dln_network_create_as(in_lanes, depth, widths, data, land);
}

static int is_network(const struct core_landscape *land) {
    return land->methods != NULL && land->methods->destroy == dln_network_destroy;
}

size_t dln_network_depth(const struct core_landscape *land) {
    return is_network(land) ? dln_of(land)->depth : 0;
}

const size_t *dln_network_widths(const struct core_landscape *land) {
    return is_network(land) ? dln_of(land)->widths : NULL;
}

/* Prefix jets, errors, two spare jets, activations of a chunk: an upper bound over all lane methods. */
size_t dln_lane_scratch(const struct dln_network *network) {
    size_t most = 0, prefix = 0, activations = 0, chunk = 4, components = 4;
    for (size_t l = 0; l <= network->depth; l++) {
        most = network->widths[l] > most ? network->widths[l] : most;
        prefix += network->widths[l] * network->inputs;
        activations += network->widths[l] * chunk;
    }
    size_t full_batch = components * (prefix + 4 * most * network->inputs) + 8 * most * most + 2 * network->features +
                        network->offset[network->depth];
    size_t batch = activations + (network->inputs + network->outputs + 3 * most) * chunk;
    return (full_batch > batch ? full_batch : batch) * CORE_LANES;
}
