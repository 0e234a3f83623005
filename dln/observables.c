/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is measured at one point: parameters, product W_L ... W_1, its singular values, loss, balancedness
 * D_l = W_{l+1}^T W_{l+1} - W_l W_l^T, distance from the start, and sharpness, the largest eigenvalue of the Hessian.
 * Small products are plain loops in a fixed order; only wide ones go through BLAS. */
#include "dln/network.h"

#include "core/curvature.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

enum { PLAIN_PRODUCT = 8192 }; /* multiplications up to which a product is a plain loop */

/* Doubles up to the next multiple of 64 bytes. */
static size_t padded(size_t count) {
    return (count + 7) / 8 * 8;
}

/* ---- Matrices ---- */

/* c (m, n) = a (m, k) b (k, n). */
static void multiply(size_t m, size_t k, size_t n, const double a[], const double b[], double c[]) {
    if (m * k * n > PLAIN_PRODUCT) {
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)m, (int)n, (int)k, 1, a, (int)k, b, (int)n, 0, c,
                    (int)n);
        return;
    }
    memset(c, 0, m * n * sizeof *c);
    for (size_t i = 0; i < m; i++) {
        for (size_t p = 0; p < k; p++) {
            for (size_t j = 0; j < n; j++) c[i * n + j] += a[i * k + p] * b[p * n + j];
        }
    }
}

/* c (m, m) = above^T above - below below^T, above (k, m), below (m, n). */
static void imbalance(size_t m, size_t k, size_t n, const double above[], const double below[], double c[]) {
    if (m * m * (k + n) > PLAIN_PRODUCT) {
        cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)m, (int)m, (int)k, 1, above, (int)m, above, (int)m, 0,
                    c, (int)m);
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)m, (int)m, (int)n, -1, below, (int)n, below, (int)n,
                    1, c, (int)m);
        return;
    }
    memset(c, 0, m * m * sizeof *c);
    for (size_t p = 0; p < k; p++) {
        for (size_t i = 0; i < m; i++) {
            for (size_t j = 0; j < m; j++) c[i * m + j] += above[p * m + i] * above[p * m + j];
        }
    }
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < m; j++) {
            double sum = 0;
            for (size_t p = 0; p < n; p++) sum += below[i * n + p] * below[j * n + p];
            c[i * m + j] -= sum;
        }
    }
}

size_t dln_product_scratch(const struct core_landscape *land) {
    const struct dln_network *network = dln_of(land);
    size_t widest = 0;
    for (size_t l = 1; l < network->depth; l++) widest = network->widths[l] > widest ? network->widths[l] : widest;
    return 2 * widest * network->inputs;
}

void dln_product(const struct core_landscape *land, const double theta[], double product[], double scratch[]) {
    const struct dln_network *network = dln_of(land);
    size_t d0 = network->inputs, half = dln_product_scratch(land) / 2;
    const double *below = theta;
    if (network->depth == 1) memcpy(product, theta, network->offset[1] * sizeof *product);
    for (size_t l = 2; l <= network->depth; l++) {
        double *to = l == network->depth ? product : scratch + l % 2 * half;
        multiply(network->widths[l], network->widths[l - 1], d0, theta + network->offset[l - 1], below, to);
        below = to;
    }
}

void dln_balancedness(const struct core_landscape *land, const double theta[], double balancedness[]) {
    const struct dln_network *network = dln_of(land);
    for (size_t l = 1; l < network->depth; l++) {
        size_t width = network->widths[l];
        imbalance(width, network->widths[l + 1], network->widths[l - 1], theta + network->offset[l],
                  theta + network->offset[l - 1], balancedness);
        balancedness += width * width;
    }
}

/* ---- The rows of the table: network quantities ---- */

static size_t no_scratch(const struct core_landscape *land) {
    (void)land;
    return 0;
}

static size_t product_width(const struct core_landscape *land) {
    return dln_network_depth(land) == 0 ? 0 : dln_of(land)->outputs * dln_of(land)->inputs;
}

static size_t product_scratch(const struct core_landscape *land) {
    return dln_network_depth(land) == 0 ? 0 : dln_product_scratch(land);
}

static enum core_status product(const struct core_landscape *land, const double theta[], const double start[],
                                double out[], double scratch[]) {
    (void)start;
    if (dln_network_depth(land) > 0) dln_product(land, theta, out, scratch);
    return CORE_OK;
}

static size_t singular_width(const struct core_landscape *land) {
    if (dln_network_depth(land) == 0) return 0;
    const struct dln_network *network = dln_of(land);
    return network->inputs < network->outputs ? network->inputs : network->outputs;
}

static size_t singular_scratch(const struct core_landscape *land) {
    return product_width(land) + product_scratch(land);
}

static enum core_status singular_values(const struct core_landscape *land, const double theta[], const double start[],
                                        double out[], double scratch[]) {
    (void)start;
    if (dln_network_depth(land) == 0) return CORE_OK;
    dln_product(land, theta, scratch, scratch + product_width(land));
    return dln_singular_values(dln_of(land)->outputs, dln_of(land)->inputs, scratch, out);
}

static size_t balancedness_width(const struct core_landscape *land) {
    size_t width = 0;
    for (size_t l = 1; l < dln_network_depth(land); l++) width += dln_of(land)->widths[l] * dln_of(land)->widths[l];
    return width;
}

static enum core_status balancedness(const struct core_landscape *land, const double theta[], const double start[],
                                     double out[], double scratch[]) {
    (void)start, (void)scratch;
    if (dln_network_depth(land) > 0) dln_balancedness(land, theta, out);
    return CORE_OK;
}

/* ---- The rows of the table: quantities of any landscape ---- */

static size_t one(const struct core_landscape *land) {
    (void)land;
    return 1;
}

static size_t dimension(const struct core_landscape *land) {
    return land->dimension;
}

static enum core_status parameters(const struct core_landscape *land, const double theta[], const double start[],
                                   double out[], double scratch[]) {
    (void)start, (void)scratch;
    memcpy(out, theta, land->dimension * sizeof *out);
    return CORE_OK;
}

static size_t loss_scratch(const struct core_landscape *land) {
    return padded(land->dimension * land->lanes) + land->scratch;
}

static enum core_status loss(const struct core_landscape *land, const double theta[], const double start[],
                             double out[], double scratch[]) {
    double losses[CORE_LANES] __attribute__((aligned(64)));
    (void)start;
    enum core_status status = core_landscape_require(land, land->methods->loss != NULL, "loss");
    if (status != CORE_OK) return status;
    for (size_t i = 0; i < land->dimension; i++) {
        for (size_t j = 0; j < land->lanes; j++) scratch[i * land->lanes + j] = theta[i];
    }
    land->methods->loss(land, scratch, losses, scratch + padded(land->dimension * land->lanes));
    out[0] = losses[0];
    return CORE_OK;
}

static enum core_status distance(const struct core_landscape *land, const double theta[], const double start[],
                                 double out[], double scratch[]) {
    double sum = 0;
    (void)scratch;
    for (size_t i = 0; i < land->dimension; i++) sum += (theta[i] - start[i]) * (theta[i] - start[i]);
    out[0] = sqrt(sum);
    return CORE_OK;
}

static enum core_status sharpness(const struct core_landscape *land, const double theta[], const double start[],
                                  double out[], double scratch[]) {
    struct core_sharpness found;
    (void)start, (void)scratch;
    enum core_status status = core_point_sharpness(land, theta, &found, NULL);
    if (status == CORE_OK) out[0] = found.value;
    return status;
}

/* ---- The table ---- */

const struct dln_observable dln_observables[] = {
    {"parameters", "all weights, W_1 first, each row by row", dimension, no_scratch, parameters},
    {"product", "the end-to-end matrix W_L ... W_1, row by row", product_width, product_scratch, product},
    {"singular-values", "the singular values of W_L ... W_1, largest first", singular_width, singular_scratch,
     singular_values},
    {"loss", "the loss on all data, in squared units of the targets", one, loss_scratch, loss},
    {"balancedness", "W_{l+1}^T W_{l+1} - W_l W_l^T of every hidden layer, in squared units of the weights",
     balancedness_width, no_scratch, balancedness},
    {"distance", "the Euclidean distance from the start, in units of the weights", one, no_scratch, distance},
    {"sharpness", "the largest eigenvalue of the Hessian of the loss", one, no_scratch, sharpness},
    {NULL, NULL, NULL, NULL, NULL},
};

const struct dln_observable *dln_observable_find(const char *name) {
    for (const struct dln_observable *row = dln_observables; row->name != NULL; row++) {
        if (strcmp(row->name, name) == 0) return row;
    }
    return NULL;
}
