/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The moments of the data and the factor of its gradient noise (dln/network.h).
 *
 * Pivoted Cholesky of the features' correlations stops where the largest remaining pivot falls below RANK_TOLERANCE:
 * the columns kept are the noise width. C, scaled back, gives K = C C^T to that tolerance relative to the variances of
 * the two features of an entry, so that inputs or residuals of very different size lose nothing. */
#include "dln/network.h"

#include "core/linalg.h"
#include "core/memory.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

static const double RANK_TOLERANCE = 1e-13;
static const double ROUNDING = 1e-14; /* a residual below this share of its terms is rounding */

/* sxx, syx, tr Syy. */
static void take_moments(struct dln_network *network) {
    size_t n = network->samples, d0 = network->inputs, dl = network->outputs;
    double share = 1 / (double)n;
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)d0, (int)d0, (int)n, share, network->x, (int)d0,
                network->x, (int)d0, 0, network->sxx, (int)d0);
    cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)dl, (int)d0, (int)n, share, network->y, (int)dl,
                network->x, (int)d0, 0, network->syx, (int)d0);
    for (size_t i = 0; i < n * dl; i++) network->trace_syy += share * network->y[i] * network->y[i];
}

/* target = Syx Sxx^+ by the eigenvectors of Sxx; directions without inputs (below 1e-13 of the largest) get none. */
static enum core_status least_squares(struct dln_network *network) {
    size_t d0 = network->inputs, dl = network->outputs;
    double *values = core_alloc(d0, sizeof *values), *vectors = core_alloc(d0 * d0, sizeof *vectors);
    double *rotated = core_alloc(dl * d0, sizeof *rotated);
    enum core_status status = CORE_NO_MEMORY;
    if (values != NULL && vectors != NULL && rotated != NULL) {
        status = core_symmetric_eigen(d0, network->sxx, values, vectors);
    } else {
        core_fail(status, "no memory for the moments");
    }
    if (status == CORE_OK) {
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)dl, (int)d0, (int)d0, 1, network->syx, (int)d0,
                    vectors, (int)d0, 0, rotated, (int)d0);
        for (size_t j = 0; j < d0; j++) {
            double inverse = values[j] > 1e-13 * values[d0 - 1] ? 1 / values[j] : 0;
            for (size_t i = 0; i < dl; i++) rotated[i * d0 + j] *= inverse;
        }
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)dl, (int)d0, (int)d0, 1, rotated, (int)d0, vectors,
                    (int)d0, 0, network->target, (int)d0);
    }
    core_free(values);
    core_free(vectors);
    core_free(rotated);
    return status;
}

/* e = y - T x of one sample and target, 0 where it is nothing but rounding: data that a linear map fits exactly have
 * neither a smallest loss nor gradient noise there. */
static double residual(const struct dln_network *network, size_t sample, size_t target) {
    const double *x = network->x + sample * network->inputs, *t = network->target + target * network->inputs;
    double y = network->y[sample * network->outputs + target], e = y, terms = fabs(y);
    for (size_t j = 0; j < network->inputs; j++) {
        e -= t[j] * x[j];
        terms += fabs(t[j] * x[j]);
    }
    return fabs(e) <= ROUNDING * terms ? 0 : e;
}

static void take_minimum(struct dln_network *network) {
    double sum = 0;
    for (size_t m = 0; m < network->samples; m++) {
        for (size_t i = 0; i < network->outputs; i++) {
            double e = residual(network, m, i);
            sum += e * e;
        }
    }
    network->loss_minimum = sum / (2 * (double)network->samples);
}

/* f_mu and then e_i e_j, i <= j; e (d_L) is workspace. */
static void features_of(const struct dln_network *network, size_t sample, double e[], double f[]) {
    size_t d0 = network->inputs, dl = network->outputs, k = 0;
    const double *x = network->x + sample * d0;
    for (size_t i = 0; i < d0; i++) {
        for (size_t j = i; j < d0; j++) f[k++] = x[i] * x[j];
    }
    for (size_t o = 0; o < dl; o++) {
        e[o] = residual(network, sample, o);
        for (size_t i = 0; i < d0; i++) f[k++] = e[o] * x[i];
    }
    for (size_t i = 0; i < dl; i++) {
        for (size_t j = i; j < dl; j++) f[k++] = e[i] * e[j];
    }
}

/* covariance (features, features) of the features, two passes, and their fourth moments; in chunks of samples, so that
 * BLAS does the sums. */
static enum core_status feature_moments(const struct dln_network *network, double covariance[]) {
    enum { ROWS = 256 };
    size_t n = network->samples, d0 = network->inputs, dl = network->outputs;
    size_t m = network->features, squares = d0 * (d0 + 1) / 2, all = m + dl * (dl + 1) / 2;
    double share = 1 / (double)n;
    double *mean = core_alloc(all + dl, sizeof *mean), *rows = core_alloc(ROWS * all, sizeof *rows);
    if (mean == NULL || rows == NULL) {
        core_free(mean);
        core_free(rows);
        return core_fail(CORE_NO_MEMORY, "no memory for the covariance of the gradient noise");
    }
    double *e = mean + all;
    for (size_t s = 0; s < n; s++) {
        features_of(network, s, e, rows);
        for (size_t i = 0; i < all; i++) mean[i] += rows[i] * share;
    }
    for (size_t first = 0; first < n; first += ROWS) {
        size_t count = n - first < ROWS ? n - first : ROWS;
        for (size_t r = 0; r < count; r++) features_of(network, first + r, e, rows + r * all);
        cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)all, (int)squares, (int)count, share, rows, (int)all,
                    rows, (int)all, 1, network->fourth, (int)squares);
        for (size_t i = 0; i < count * all; i++) rows[i] -= mean[i % all];
        cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)m, (int)m, (int)count, share, rows, (int)all, rows,
                    (int)all, 1, covariance, (int)m);
    }
    core_free(mean);
    core_free(rows);
    return CORE_OK;
}

/* Pivoted Cholesky in place: rows of a end as those of C in pivot order; returns the rank. */
static size_t pivoted_cholesky(size_t m, double a[], size_t order[]) {
    double first = 0;
    for (size_t i = 0; i < m; i++) order[i] = i;
    for (size_t k = 0; k < m; k++) {
        size_t best = k;
        for (size_t i = k; i < m; i++) {
            if (a[i * m + i] > a[best * m + best]) best = i;
        }
        double pivot = a[best * m + best];
        if (k == 0) first = pivot;
        if (!(pivot > RANK_TOLERANCE * first)) return k;
        for (size_t j = 0; j < m && best != k; j++) { /* swap rows, then columns */
            double t = a[k * m + j];
            a[k * m + j] = a[best * m + j];
            a[best * m + j] = t;
        }
        for (size_t i = 0; i < m && best != k; i++) {
            double t = a[i * m + k];
            a[i * m + k] = a[i * m + best];
            a[i * m + best] = t;
        }
        size_t t = order[k];
        order[k] = order[best];
        order[best] = t;
        double root = sqrt(pivot);
        a[k * m + k] = root;
        for (size_t i = k + 1; i < m; i++) a[i * m + k] /= root;
        for (size_t i = k + 1; i < m; i++) { /* the trailing block stays symmetric: the next swaps need both halves */
            for (size_t j = k + 1; j < m; j++) a[i * m + j] -= a[i * m + k] * a[j * m + k];
        }
    }
    return m;
}

/* a (m, m) becomes its correlations, root (m) the standard deviations; a feature that does not vary has none. */
static void correlations(size_t m, double a[], double root[]) {
    for (size_t i = 0; i < m; i++) root[i] = sqrt(a[i * m + i]);
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < m; j++) {
            double product = root[i] * root[j];
            a[i * m + j] = product > 0 ? a[i * m + j] / product : 0;
        }
    }
}

static enum core_status factor_noise(struct dln_network *network, size_t *noise_width) {
    size_t m = network->features, d0 = network->inputs, dl = network->outputs;
    double *covariance = core_alloc(m * (m + 1), sizeof *covariance);
    network->feature = core_alloc(m, sizeof *network->feature);
    network->fourth = core_alloc((m + dl * (dl + 1) / 2) * (d0 * (d0 + 1) / 2), sizeof(double));
    if (covariance == NULL || network->feature == NULL || network->fourth == NULL) {
        core_free(covariance);
        return core_fail(CORE_NO_MEMORY, "no memory for the covariance of the gradient noise");
    }
    enum core_status status = feature_moments(network, covariance);
    if (status == CORE_OK) {
        double *root = covariance + m * m;
        correlations(m, covariance, root);
        size_t rank = pivoted_cholesky(m, covariance, network->feature);
        network->factor = core_alloc(m * (rank > 0 ? rank : 1), sizeof(double));
        if (network->factor == NULL)
            status = core_fail(CORE_NO_MEMORY, "no memory for the factor of the gradient noise");
        for (size_t i = 0; i < m && status == CORE_OK; i++) {
            size_t columns = i + 1 < rank ? i + 1 : rank;
            double scale = root[network->feature[i]];
            for (size_t k = 0; k < columns; k++) network->factor[i * rank + k] = scale * covariance[i * m + k];
        }
        *noise_width = rank;
    }
    core_free(covariance);
    return status;
}

enum core_status dln_network_prepare(struct dln_network *network, int with_factor, size_t *noise_width) {
    size_t d0 = network->inputs, dl = network->outputs;
    network->sxx = core_alloc(d0 * d0, sizeof(double));
    network->syx = core_alloc(dl * d0, sizeof(double));
    network->target = core_alloc(dl * d0, sizeof(double));
    if (network->sxx == NULL || network->syx == NULL || network->target == NULL) {
        return core_fail(CORE_NO_MEMORY, "no memory for the moments");
    }
    take_moments(network);
    enum core_status status = least_squares(network);
    if (status != CORE_OK) return status;
    take_minimum(network);
    *noise_width = network->samples; /* wide networks: one draw a sample */
    if (!with_factor) return CORE_OK;
    network->features = d0 * (d0 + 1) / 2 + dl * d0;
    return factor_noise(network, noise_width);
}
