/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The deepest point of a fibre.
 *
 * The best map of rank r is P = U_r U_r^T T, T the least-squares map and U_r the r leading eigenvectors of T Sxx T^T
 * [baldi1989]; P = T where T has rank r. With P = U diag(s) V^T and S = diag(s_1^(1/L) ... s_r^(1/L)),
 *
 *     W_1 = [S V^T; 0],   W_l = [S 0; 0 0],   W_L = [U S, 0]:
 *
 * every layer has rank r, the least that a product of rank r allows. A change of basis of the hidden layers leaves the
 * loss as it is and carries any point with such layers into this one. The learning coefficient of the fibre is the one
 * here; at other points of it the local one may be larger [aoyagi2024]. */
#include "dln/network.h"

#include "core/linalg.h"
#include "core/memory.h"

#include <math.h>
#include <string.h>

static const double RANK = 1e-10; /* singular values below this share of the largest are none */

/* The best map and its decomposition; k = min(d_0, d_L). */
struct best {
    double *moment, *values, *vectors, *map, *s, *u, *vt;
};

static double *best_create(const struct dln_network *network, struct best *best) {
    size_t d0 = network->inputs, dl = network->outputs, k = d0 < dl ? d0 : dl;
    double *memory = core_alloc(2 * dl * dl + dl + 2 * dl * d0 + k * (1 + dl + d0), sizeof *memory);
    if (memory == NULL) return NULL;
    best->moment = memory;
    best->vectors = best->moment + dl * dl;
    best->values = best->vectors + dl * dl;
    best->map = best->values + dl; /* and as much again behind it */
    best->s = best->map + 2 * dl * d0;
    best->u = best->s + k;
    best->vt = best->u + dl * k;
    return memory;
}

/* c (m, n) = a (m, k) op(b), b (k, n), or (n, k) where `transposed`. */
static void product(size_t m, size_t k, size_t n, const double a[], const double b[], int transposed, double c[]) {
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < n; j++) {
            double sum = 0;
            for (size_t p = 0; p < k; p++) sum += a[i * k + p] * (transposed ? b[j * k + p] : b[p * n + j]);
            c[i * n + j] = sum;
        }
    }
}

/* map = U_r U_r^T T. */
static enum core_status project(const struct dln_network *network, size_t rank, struct best *best) {
    size_t d0 = network->inputs, dl = network->outputs;
    double *spare = best->map + dl * d0;
    product(dl, d0, d0, network->target, network->sxx, 0, spare);
    product(dl, d0, dl, spare, network->target, 1, best->moment);
    enum core_status status = core_symmetric_eigen(dl, best->moment, best->values, best->vectors);
    if (status != CORE_OK) return status;
    for (size_t i = 0; i < dl; i++) {
        for (size_t j = 0; j < dl; j++) {
            double sum = 0;
            for (size_t c = dl - rank; c < dl; c++) sum += best->vectors[i * dl + c] * best->vectors[j * dl + c];
            best->moment[i * dl + j] = sum;
        }
    }
    product(dl, dl, d0, best->moment, network->target, 0, best->map);
    return CORE_OK;
}

static enum core_status check(const struct core_landscape *land, size_t rank) {
    size_t depth = dln_network_depth(land);
    if (depth == 0) return core_fail(CORE_BAD_INPUT, "the landscape '%s' is no network", land->name);
    for (size_t l = 0; l <= depth; l++) {
        size_t width = dln_network_widths(land)[l];
        if (rank <= width) continue;
        return core_fail(CORE_BAD_INPUT, "found rank %zu, expected at most the smallest width, here %zu", rank, width);
    }
    return CORE_OK;
}

/* Signs as LAPACK leaves them would be another point of the same orbit: the largest entry of a column of U is made
 * positive. */
static void fix_signs(size_t d0, size_t dl, size_t rank, const struct best *best) {
    size_t k = d0 < dl ? d0 : dl;
    for (size_t c = 0; c < rank; c++) {
        size_t largest = 0;
        for (size_t i = 1; i < dl; i++) {
            if (fabs(best->u[i * k + c]) > fabs(best->u[largest * k + c])) largest = i;
        }
        if (best->u[largest * k + c] >= 0) continue;
        for (size_t i = 0; i < dl; i++) best->u[i * k + c] = -best->u[i * k + c];
        for (size_t j = 0; j < d0; j++) best->vt[c * d0 + j] = -best->vt[c * d0 + j];
    }
}

/* Adds s^(1/L) a b^T for every mode: column c of the layer's left frame times row c of its right one. */
static void fill_layers(const struct dln_network *network, size_t rank, const struct best *best, double theta[]) {
    size_t d0 = network->inputs, dl = network->outputs, k = d0 < dl ? d0 : dl;
    for (size_t l = 1; l <= network->depth; l++) {
        double *w = theta + network->offset[l - 1];
        size_t columns = network->widths[l - 1];
        for (size_t c = 0; c < rank; c++) {
            double root = pow(best->s[c], 1 / (double)network->depth);
            for (size_t i = 0; i < network->widths[l]; i++) {
                double left = l == network->depth ? best->u[i * k + c] : (double)(i == c);
                for (size_t j = 0; j < columns; j++) {
                    double right = l == 1 ? best->vt[c * d0 + j] : (double)(j == c);
                    w[i * columns + j] += left * root * right;
                }
            }
        }
    }
}

static enum core_status decompose(const struct dln_network *network, size_t rank, struct best *best) {
    size_t d0 = network->inputs, dl = network->outputs;
    enum core_status status = core_svd(dl, d0, network->target, best->s, NULL, NULL);
    double largest = best->s[0];
    if (status == CORE_OK) status = project(network, rank, best);
    if (status == CORE_OK) status = core_svd(dl, d0, best->map, best->s, best->u, best->vt);
    if (status == CORE_OK && !(best->s[rank - 1] > RANK * largest)) {
        status =
            core_fail(CORE_BAD_INPUT, "found rank %zu, but the least-squares map of the data has a smaller one", rank);
    }
    return status;
}

enum core_status dln_start_deepest(const struct core_landscape *land, size_t rank, double theta[]) {
    enum core_status status = check(land, rank);
    if (status != CORE_OK) return core_context(status, "while making a deepest start");
    const struct dln_network *network = dln_of(land);
    memset(theta, 0, land->dimension * sizeof *theta);
    if (rank == 0) return CORE_OK;
    struct best best;
    double *memory = best_create(network, &best);
    if (memory == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a deepest start");
    status = decompose(network, rank, &best);
    if (status == CORE_OK) {
        fix_signs(network->inputs, network->outputs, rank, &best);
        fill_layers(network, rank, &best, theta);
    }
    core_free(memory);
    return core_context(status, "while making a deepest start");
}
