/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wide deep linear networks, one replica at a time: the full batch, and its noise.
 *
 * The mathematics is that of dln/small_lanes.c. With prefixes P_l = W_l ... W_1, E = (P_L - T) Sxx and V_L = E,
 * V_{l-1} = W_l^T V_l:
 *     G_l = V_l P_{l-1}^T                                                                        [baldi1989]
 * and derivatives by jets: W_l + e1 U_l + e2 V_l with e1^2 = e2^2 = 0, one component per subset of {e1, e2}, numbered
 * by its bit mask. Component 1 of the gradient of a jet is H u, component 3 is grad(u^T H v).
 *
 * Noise: F z = n^{-1/2} sum_mu (z_mu - mean z) g_mu, and the gradient is linear in E, so F z is the backward pass of
 *     N = (P_L X - Y) diag(z - mean z) X^T / sqrt(n)
 * in the place of E, and drift E + scale N gives a fused step at the cost of one backward pass. */
#include "dln/network.h"

#include <math.h>
#include <string.h>

enum { COMPONENTS = 4, NOISE_CHUNK = 64 };

/* A matrix jet: component c at c[...], NULL where it is zero, all with rows of ld doubles. */
struct jet {
    const double *c[COMPONENTS];
    size_t ld;
};

/* One evaluation: the network at a point with up to two directions, and the scratch not yet taken. */
struct evaluation {
    const struct dln_network *network;
    const struct dln_gemm_kernels *gemm;
    int components;
    const double *theta[COMPONENTS];
    struct jet prefix[DLN_DEPTH_MAX + 1];
    double *free;
};

static double *take(struct evaluation *e, size_t rows, size_t columns) {
    double *taken = e->free;
    e->free += rows * dln_padded(columns);
    return taken;
}

double dln_wide_dot(size_t count, const double a[], const double b[]) {
    enum { SUMS = 8 };
    double sum[SUMS] = {0};
    size_t i = 0;
    for (; i + SUMS <= count; i += SUMS) {
        for (size_t s = 0; s < SUMS; s++) sum[s] += a[i + s] * b[i + s];
    }
    for (; i < count; i++) sum[0] += a[i] * b[i];
    return ((sum[0] + sum[1]) + (sum[2] + sum[3])) + ((sum[4] + sum[5]) + (sum[6] + sum[7]));
}

/* ---- Jets ---- */

/* out = W_l right, or W_l^T right: component c is the sum over disjoint a | b = c. */
static struct jet weight_times(const struct evaluation *e, size_t l, int transposed, const struct jet *right,
                               double *out) {
    size_t rows = e->network->widths[l], columns = e->network->widths[l - 1], d0 = e->network->inputs;
    size_t m = transposed ? columns : rows, k = transposed ? rows : columns;
    struct jet result = {{NULL, NULL, NULL, NULL}, dln_padded(d0)};
    for (int c = 0; c < e->components; c++, out += m * result.ld) {
        int started = 0;
        for (int part = 0; part < e->components; part++) {
            int other = c & ~part;
            if ((part | other) != c || !e->theta[part] || !right->c[other]) continue;
            e->gemm->multiply(m, k, d0, e->theta[part] + e->network->offset[l - 1], transposed ? 1 : columns,
                              transposed ? columns : 1, right->c[other], right->ld, out, result.ld, started);
            started = 1;
        }
        result.c[c] = started ? out : NULL;
    }
    return result;
}

/* P_1 = W_1 lies in theta, P_2 ... P_L in scratch. */
static struct evaluation evaluate(const struct core_landscape *land, int components, const double x[], const double u[],
                                  const double v[], double scratch[]) {
    const struct dln_network *network = dln_of(land);
    struct evaluation e = {network, dln_gemm_kernels(), components, {x, u, v, NULL}, {{{NULL}, 0}}, NULL};
    e.free = scratch;
    e.prefix[1] = (struct jet){{x, u, v, NULL}, network->inputs};
    for (size_t l = 2; l <= network->depth; l++) {
        double *to = take(&e, (size_t)components * network->widths[l], network->inputs);
        e.prefix[l] = weight_times(&e, l, 0, &e.prefix[l - 1], to);
    }
    return e;
}

/* from Sxx (d_L, d_0), its rows ended by zeros. */
static const double *times_moments(struct evaluation *e, const double *from, size_t ld) {
    size_t rows = e->network->outputs, d0 = e->network->inputs;
    double *to = take(e, rows, d0);
    memset(to, 0, rows * dln_padded(d0) * sizeof *to);
    e->gemm->multiply(rows, d0, d0, from, ld, 1, e->network->sxx, d0, to, dln_padded(d0), 0);
    return to;
}

/* D = P_L - T and E = D Sxx, component by component; *shifted is D of component 0, its rows ended by zeros. */
static struct jet error_of(struct evaluation *e, const double **shifted) {
    size_t rows = e->network->outputs, d0 = e->network->inputs, ld = dln_padded(d0);
    const struct jet *product = &e->prefix[e->network->depth];
    double *difference = take(e, rows, d0);
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < d0; j++) {
            difference[i * ld + j] = product->c[0][i * product->ld + j] - e->network->target[i * d0 + j];
        }
        memset(difference + i * ld + d0, 0, (ld - d0) * sizeof *difference);
    }
    *shifted = difference;
    struct jet error = {{times_moments(e, difference, ld), NULL, NULL, NULL}, ld};
    for (int c = 1; c < e->components; c++) {
        if (product->c[c]) error.c[c] = times_moments(e, product->c[c], product->ld);
    }
    return error;
}

/* G_l = component `wanted` of V_l P_{l-1}^T. `turned` holds a transposed prefix. */
static void layer_gradient(const struct evaluation *e, size_t l, int wanted, const struct jet *v, double turned[],
                           double out[]) {
    size_t rows = e->network->widths[l], columns = e->network->widths[l - 1], d0 = e->network->inputs;
    int started = 0;
    for (int part = 0; part < e->components && l > 1; part++) {
        int other = wanted & ~part;
        const double *prefix = e->prefix[l - 1].c[other];
        if ((part | other) != wanted || !v->c[part] || !prefix) continue;
        e->gemm->transpose(columns, d0, prefix, e->prefix[l - 1].ld, turned, dln_padded(columns));
        e->gemm->multiply(rows, d0, columns, v->c[part], v->ld, 1, turned, dln_padded(columns), out, columns, started);
        started = 1;
    }
    for (size_t i = 0; i < rows && l == 1 && v->c[wanted]; i++) { /* P_0 = I */
        memcpy(out + i * columns, v->c[wanted] + i * v->ld, columns * sizeof *out);
        started = 1;
    }
    if (!started) memset(out, 0, rows * columns * sizeof *out);
}

/* gradient (dimension) = component `wanted` of the gradient with V_L = error. */
static void backward(struct evaluation *e, int wanted, struct jet error, double gradient[]) {
    const struct dln_network *network = e->network;
    size_t widest = 0;
    for (size_t l = 0; l <= network->depth; l++) widest = network->widths[l] > widest ? network->widths[l] : widest;
    double *turned = take(e, network->inputs, widest), *spare[2];
    for (int i = 0; i < 2; i++) spare[i] = take(e, (size_t)e->components * widest, network->inputs);
    struct jet v = error;
    for (size_t l = network->depth; l >= 1; l--) {
        layer_gradient(e, l, wanted, &v, turned, gradient + network->offset[l - 1]);
        if (l > 1) v = weight_times(e, l, 1, &v, spare[l & 1]);
    }
}

static void jet_gradient(const struct core_landscape *land, int components, const double x[], const double u[],
                         const double v[], double out[], double scratch[]) {
    const double *shifted;
    struct evaluation e = evaluate(land, components, x, u, v, scratch);
    struct jet error = error_of(&e, &shifted);
    backward(&e, components - 1, error, out);
}

static void wide_gradient(const struct core_landscape *land, const double x[], double gradient[], double scratch[]) {
    jet_gradient(land, 1, x, NULL, NULL, gradient, scratch);
}

static void wide_hessian_vector(const struct core_landscape *land, const double x[], const double v[], double out[],
                                double scratch[]) {
    jet_gradient(land, 2, x, v, NULL, out, scratch);
}

static void wide_curvature_gradient(const struct core_landscape *land, const double x[], const double u[],
                                    const double v[], double out[], double scratch[]) {
    jet_gradient(land, 4, x, u, v, out, scratch);
}

/* L = tr(D Sxx D^T) / 2 + L_min; both factors end their rows with zeros. */
static void wide_loss(const struct core_landscape *land, const double x[], double loss[], double scratch[]) {
    const double *shifted;
    struct evaluation e = evaluate(land, 1, x, NULL, NULL, scratch);
    struct jet error = error_of(&e, &shifted);
    loss[0] = 0.5 * dln_wide_dot(e.network->outputs * error.ld, shifted, error.c[0]) + e.network->loss_minimum;
}

/* ---- Noise ---- */

/* Rows first .. first + count of (P X - Y)^T, row mu times (z_mu - mean) / sqrt(n); turned (d_0, ld) = P^T. */
static void weighted_residuals(const struct evaluation *e, size_t first, size_t count, const double turned[],
                               const double z[], double mean, double residual[]) {
    const struct dln_network *network = e->network;
    size_t d0 = network->inputs, dl = network->outputs, ld = dln_padded(dl);
    const double *rows = network->rows + first * network->stride;
    for (size_t b = 0; b < count; b++) memcpy(residual + b * ld, rows + b * network->stride + d0, dl * sizeof(double));
    e->gemm->multiply(count, d0, dl, rows, network->stride, 1, turned, ld, residual, ld, -1);
    for (size_t b = 0; b < count; b++) {
        double weight = (z[first + b] - mean) / sqrt((double)network->samples);
        for (size_t i = 0; i < dl; i++) residual[b * ld + i] *= weight;
    }
}

/* N (d_L, d_0). */
static const double *noise_error(struct evaluation *e, const double z[]) {
    const struct dln_network *network = e->network;
    size_t n = network->samples, d0 = network->inputs, dl = network->outputs, ld = dln_padded(d0);
    const struct jet *product = &e->prefix[network->depth];
    double *noise = take(e, dl, d0), *turned = take(e, d0, dl), *residual = take(e, NOISE_CHUNK, dl), mean = 0;
    for (size_t m = 0; m < n; m++) mean += z[m];
    mean /= (double)n;
    e->gemm->transpose(dl, d0, product->c[0], product->ld, turned, dln_padded(dl));
    for (size_t first = 0; first < n; first += NOISE_CHUNK) {
        size_t count = n - first < NOISE_CHUNK ? n - first : NOISE_CHUNK;
        weighted_residuals(e, first, count, turned, z, mean, residual);
        e->gemm->multiply(dl, count, d0, residual, 1, dln_padded(dl), network->rows + first * network->stride,
                          network->stride, noise, ld, first > 0);
    }
    return noise;
}

static void wide_noisy_gradient(const struct core_landscape *land, const double x[], double drift, const double scale[],
                                const double z[], double out[], double scratch[]) {
    const double *shifted;
    struct evaluation e = evaluate(land, 1, x, NULL, NULL, scratch);
    size_t d0 = e.network->inputs, ld = dln_padded(d0);
    const double *noise = noise_error(&e, z);
    struct jet error = error_of(&e, &shifted);
    double *sum = take(&e, e.network->outputs, d0);
    for (size_t i = 0; i < e.network->outputs; i++) {
        for (size_t j = i * ld; j < i * ld + d0; j++) sum[j] = drift * error.c[0][j] + scale[0] * noise[j];
    }
    error.c[0] = sum;
    backward(&e, 0, error, out);
}

static void wide_noise(const struct core_landscape *land, const double x[], const double z[], double out[],
                       double scratch[]) {
    struct evaluation e = evaluate(land, 1, x, NULL, NULL, scratch);
    struct jet error = {{noise_error(&e, z), NULL, NULL, NULL}, dln_padded(e.network->inputs)};
    backward(&e, 0, error, out);
}

/* ---- The table ---- */

/* What evaluate, error_of, noise_error and backward take together, four components each. */
size_t dln_wide_scratch(const struct dln_network *network) {
    size_t d0 = dln_padded(network->inputs), dl = dln_padded(network->outputs), widest = 0, rows = 0;
    for (size_t l = 0; l <= network->depth; l++) {
        widest = network->widths[l] > widest ? network->widths[l] : widest;
        if (l >= 2) rows += network->widths[l];
    }
    size_t full_batch = (COMPONENTS * (rows + network->outputs + 2 * widest) + 3 * network->outputs) * d0 +
                        (d0 + NOISE_CHUNK) * dl + network->inputs * dln_padded(widest);
    size_t trace = dln_padded(network->offset[network->depth]) + full_batch;
    size_t batch = dln_wide_batch_scratch(network);
    return trace > batch ? trace : batch;
}

const struct core_landscape_methods dln_wide_methods = {
    .loss = wide_loss,
    .gradient = wide_gradient,
    .hessian_vector = wide_hessian_vector,
    .curvature_gradient = wide_curvature_gradient,
    .noise = wide_noise,
    .noisy_gradient = wide_noisy_gradient,
    .noise_trace = dln_wide_noise_trace,
    .sampled_gradient = dln_wide_sampled_gradient,
    .destroy = dln_network_destroy,
};
