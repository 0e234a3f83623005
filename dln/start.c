/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starting points.
 *
 * Balanced: with the singular value decomposition G = U diag(s) V^T of a Gaussian d_L x d_0 matrix and k the smallest
 * of all widths, W_l = R_l diag(s_1^(1/L) ... s_k^(1/L)) R_{l-1}^T,   R_0 = V, R_L = U (k columns of each), R_1 ...
 * R_{L-1} Haar, so that W_{l+1}^T W_{l+1} = R_l diag(s^(2/L)) R_l^T = W_l W_l^T. The product is G where no hidden layer
 * is narrower than G's rank, its best approximation of rank k otherwise. LAPACK leaves the sign of each pair of
 * singular vectors open: the largest entry of a column of U is made positive. */
#include "dln/network.h"

#include "core/linalg.h"
#include "core/memory.h"

#include <math.h>

static struct core_stream start_stream(uint64_t seed, uint64_t path) {
    return (struct core_stream){.seed = seed, .path = path, .purpose = CORE_PURPOSE_START};
}

static enum core_status check(const struct core_landscape *land, double scale) {
    if (dln_network_depth(land) == 0) {
        return core_fail(CORE_BAD_INPUT, "the landscape '%s' is no network", land->name);
    }
    if (!(scale >= 0 && isfinite(scale)))
        return core_fail(CORE_BAD_INPUT, "a start of scale %g; allowed: 0 or more", scale);
    return CORE_OK;
}

enum core_status dln_start_gaussian(const struct core_landscape *land, double scale, uint64_t seed, double theta[]) {
    enum core_status status = check(land, scale);
    if (status != CORE_OK) return status;
    struct core_stream stream = start_stream(seed, 0);
    core_random_normal(&stream, 1, land->dimension, theta);
    for (size_t i = 0; i < land->dimension; i++) theta[i] *= scale;
    return CORE_OK;
}

/* Orthonormal columns; entry (i, c) at at[i * row + c * column]. */
struct frame {
    const double *at;
    size_t row, column;
};

/* The singular value decomposition of the product, and room for two hidden frames. */
struct split {
    size_t kept, all; /* k, min(d_0, d_L) */
    double *g, *s, *u, *vt, *hidden[2];
};

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

static double *split_create(const struct dln_network *network, struct split *split) {
    size_t d0 = network->inputs, dl = network->outputs, all = smaller(d0, dl), kept = all, widest = 0;
    for (size_t l = 1; l < network->depth; l++) {
        kept = smaller(kept, network->widths[l]);
        widest = network->widths[l] > widest ? network->widths[l] : widest;
    }
    double *memory = core_alloc(dl * d0 + all * (1 + dl + d0) + 2 * widest * kept, sizeof *memory);
    if (memory == NULL) return NULL;
    *split = (struct split){.kept = kept, .all = all, .g = memory, .s = memory + dl * d0};
    split->u = split->s + all;
    split->vt = split->u + dl * all;
    split->hidden[0] = split->vt + all * d0;
    split->hidden[1] = split->hidden[0] + widest * kept;
    return memory;
}

/* U and V of the Gaussian matrix, signs fixed; s becomes s^(1/depth). */
static enum core_status decompose(const struct dln_network *network, double scale, uint64_t seed,
                                  const struct split *split) {
    size_t d0 = network->inputs, dl = network->outputs, all = split->all;
    struct core_stream stream = start_stream(seed, 0);
    core_random_normal(&stream, 1, dl * d0, split->g);
    for (size_t i = 0; i < dl * d0; i++) split->g[i] *= scale;
    enum core_status status = core_svd(dl, d0, split->g, split->s, split->u, split->vt);
    for (size_t c = 0; c < all && status == CORE_OK; c++) {
        size_t largest = 0;
        for (size_t i = 1; i < dl; i++) {
            if (fabs(split->u[i * all + c]) > fabs(split->u[largest * all + c])) largest = i;
        }
        double sign = split->u[largest * all + c] < 0 ? -1 : 1;
        for (size_t i = 0; i < dl; i++) split->u[i * all + c] *= sign;
        for (size_t j = 0; j < d0; j++) split->vt[c * d0 + j] *= sign;
        split->s[c] = pow(split->s[c], 1 / (double)network->depth);
    }
    return status;
}

/* w (rows, columns) = left diag(s) right^T. */
static void compose(size_t rows, size_t columns, size_t kept, struct frame left, const double s[], struct frame right,
                    double w[]) {
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < columns; j++) {
            double sum = 0;
            for (size_t c = 0; c < kept; c++) {
                sum += left.at[i * left.row + c * left.column] * s[c] * right.at[j * right.row + c * right.column];
            }
            w[i * columns + j] = sum;
        }
    }
}

static enum core_status fill_layers(const struct dln_network *network, uint64_t seed, const struct split *split,
                                    double theta[]) {
    struct frame below = {split->vt, 1, network->inputs};
    for (size_t l = 1; l <= network->depth; l++) {
        struct frame above = {split->u, split->all, 1};
        if (l < network->depth) {
            struct core_stream stream = start_stream(seed, l);
            double *made = split->hidden[l % 2];
            enum core_status status = dln_random_orthonormal(&stream, network->widths[l], split->kept, made);
            if (status != CORE_OK) return status;
            above = (struct frame){made, split->kept, 1};
        }
        compose(network->widths[l], network->widths[l - 1], split->kept, above, split->s, below,
                theta + network->offset[l - 1]);
        below = above;
    }
    return CORE_OK;
}

enum core_status dln_start_balanced(const struct core_landscape *land, double scale, uint64_t seed, double theta[]) {
    enum core_status status = check(land, scale);
    if (status != CORE_OK) return status;
    const struct dln_network *network = dln_of(land);
    struct split split;
    double *memory = split_create(network, &split);
    if (memory == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a balanced start");
    status = decompose(network, scale, seed, &split);
    if (status == CORE_OK) status = fill_layers(network, seed, &split, theta);
    core_free(memory);
    return core_context(status, "while making a balanced start");
}
