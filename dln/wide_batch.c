/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wide deep linear networks, sample by sample: mini-batches and the trace of the noise.
 *
 * A chunk of samples goes forward and back at once, one sample a column:
 *     H_0 = X, H_l = W_l H_{l-1}, V_L = H_L - Y, V_{l-1} = W_l^T V_l, G_l = V_l H_{l-1}^T             [baldi1989]
 * Sample mu alone has G_l of rank one, so |g_mu|^2 = sum_l |V_l,mu|^2 |H_{l-1},mu|^2 needs no gradient of its own, and
 *     tr Sigma = 1/n sum_mu |g_mu|^2 - |grad L|^2. */
#include "dln/network.h"

#include <string.h>

enum { CHUNK = 64 };

/* Activations and errors of a chunk; columns is count, padded with samples whose x and y are zero. */
struct chunk {
    const struct dln_network *network;
    const struct dln_gemm_kernels *gemm;
    size_t count, columns;
    double *rows;                          /* (columns, stride) x_mu then y_mu: H_0^T */
    double *activation[DLN_DEPTH_MAX + 1]; /* H_l (d_l, columns), l < L; of L: Y, then V_L */
    double *spare[2];                      /* (widest, columns) */
    double *turned;                        /* (columns, widest) H_l^T */
};

static size_t widest(const struct dln_network *network) {
    size_t most = 0;
    for (size_t l = 0; l <= network->depth; l++) most = network->widths[l] > most ? network->widths[l] : most;
    return most;
}

static struct chunk divide(const struct dln_network *network, size_t count, double scratch[]) {
    struct chunk c = {network, dln_gemm_kernels(), count, dln_padded(count), scratch, {NULL}, {NULL, NULL}, NULL};
    size_t depth = network->depth, most = widest(network);
    double *free = scratch + CHUNK * network->stride;
    c.activation[0] = free; /* with Y behind it: the rows transposed */
    c.activation[depth] = free + network->inputs * c.columns;
    free += (network->inputs + network->outputs) * CHUNK;
    for (size_t l = 1; l < depth; l++, free += network->widths[l - 1] * CHUNK) c.activation[l] = free;
    for (int i = 0; i < 2; i++, free += most * CHUNK) c.spare[i] = free;
    c.turned = free;
    return c;
}

size_t dln_wide_batch_scratch(const struct dln_network *network) {
    size_t activations = 0;
    for (size_t l = 0; l <= network->depth; l++) activations += network->widths[l];
    return CHUNK * (network->stride + activations + 2 * widest(network) + dln_padded(widest(network)));
}

/* From the rows to V_L. */
static void forward(struct chunk *c, const double x[]) {
    const struct dln_network *network = c->network;
    size_t missing = c->columns - c->count;
    memset(c->rows + c->count * network->stride, 0, missing * network->stride * sizeof *c->rows);
    c->gemm->transpose(c->columns, network->inputs + network->outputs, c->rows, network->stride, c->activation[0],
                       c->columns);
    for (size_t l = 1; l <= network->depth; l++) {
        size_t rows = network->widths[l], columns = network->widths[l - 1];
        c->gemm->multiply(rows, columns, c->columns, x + network->offset[l - 1], columns, 1, c->activation[l - 1],
                          c->columns, c->activation[l], c->columns, l == network->depth ? -1 : 0);
    }
}

/* V_{l-1} = W_l^T V_l. */
static double *below(struct chunk *c, const double x[], size_t l, const double v[]) {
    size_t rows = c->network->widths[l], columns = c->network->widths[l - 1];
    c->gemm->multiply(columns, rows, c->columns, x + c->network->offset[l - 1], 1, columns, v, c->columns,
                      c->spare[l & 1], c->columns, 0);
    return c->spare[l & 1];
}

/* out (+)= sum of the gradients of the chunk. */
static void chunk_gradient(struct chunk *c, const double x[], int accumulate, double out[]) {
    const struct dln_network *network = c->network;
    forward(c, x);
    const double *v = c->activation[network->depth];
    for (size_t l = network->depth; l >= 1; l--) {
        size_t rows = network->widths[l], columns = network->widths[l - 1];
        size_t ld = l == 1 ? network->stride : dln_padded(columns);
        const double *input = c->rows;
        if (l > 1) {
            c->gemm->transpose(columns, c->columns, c->activation[l - 1], c->columns, c->turned, ld);
            input = c->turned;
        }
        c->gemm->multiply(rows, c->count, columns, v, c->columns, 1, input, ld, out + network->offset[l - 1], columns,
                          accumulate);
        if (l > 1) v = below(c, x, l, v);
    }
}

void dln_wide_sampled_gradient(const struct core_landscape *land, const double x[], size_t longest,
                               const double count[], const uint32_t index[], double out[], double scratch[]) {
    const struct dln_network *network = dln_of(land);
    size_t samples = (size_t)count[0] < longest ? (size_t)count[0] : longest;
    if (samples == 0) memset(out, 0, network->offset[network->depth] * sizeof *out);
    for (size_t first = 0; first < samples; first += CHUNK) {
        struct chunk c = divide(network, samples - first < CHUNK ? samples - first : CHUNK, scratch);
        c.gemm->gather(c.count, index + first, network->stride, network->rows, c.rows);
        chunk_gradient(&c, x, first > 0, out);
    }
}

void dln_wide_batch_gradient(const struct core_landscape *land, const double x[], size_t samples, const double inputs[],
                             const double targets[], double out[], double scratch[]) {
    const struct dln_network *network = dln_of(land);
    size_t d0 = network->inputs, dl = network->outputs, used = d0 + dl;
    if (samples == 0) memset(out, 0, network->offset[network->depth] * sizeof *out);
    for (size_t first = 0; first < samples; first += CHUNK) {
        struct chunk c = divide(network, samples - first < CHUNK ? samples - first : CHUNK, scratch);
        for (size_t b = 0; b < c.count; b++) {
            double *row = c.rows + b * network->stride;
            memcpy(row, inputs + (first + b) * d0, d0 * sizeof *row);
            memcpy(row + d0, targets + (first + b) * dl, dl * sizeof *row);
            memset(row + used, 0, (network->stride - used) * sizeof *row);
        }
        chunk_gradient(&c, x, first > 0, out);
    }
}

/* square[b] = |column b|^2 of a (rows, columns). */
static void column_squares(size_t rows, size_t columns, const double a[], double square[]) {
    memset(square, 0, columns * sizeof *square);
    for (size_t i = 0; i < rows; i++) {
        for (size_t b = 0; b < columns; b++) square[b] += a[i * columns + b] * a[i * columns + b];
    }
}

/* sum over the chunk of |g_mu|^2; the padding has V = 0. */
static double chunk_squares(struct chunk *c, const double x[]) {
    const struct dln_network *network = c->network;
    double sum = 0, error[CHUNK], input[CHUNK];
    forward(c, x);
    const double *v = c->activation[network->depth];
    for (size_t l = network->depth; l >= 1; l--) {
        column_squares(network->widths[l], c->columns, v, error);
        column_squares(network->widths[l - 1], c->columns, c->activation[l - 1], input);
        for (size_t b = 0; b < c->count; b++) sum += error[b] * input[b];
        if (l > 1) v = below(c, x, l, v);
    }
    return sum;
}

/* Rounding may leave a negative trace where the noise vanishes: it is zero there. */
void dln_wide_noise_trace(const struct core_landscape *land, const double x[], double trace[], double scratch[]) {
    const struct dln_network *network = dln_of(land);
    size_t n = network->samples;
    double sum = 0;
    for (size_t first = 0; first < n; first += CHUNK) {
        struct chunk c = divide(network, n - first < CHUNK ? n - first : CHUNK, scratch);
        memcpy(c.rows, network->rows + first * network->stride, c.count * network->stride * sizeof *c.rows);
        sum += chunk_squares(&c, x);
    }
    double *gradient = scratch;
    dln_wide_methods.gradient(land, x, gradient, gradient + dln_padded(land->dimension));
    double difference = sum / (double)n - dln_wide_dot(land->dimension, gradient, gradient);
    trace[0] = difference < 0 ? 0 : difference;
}
