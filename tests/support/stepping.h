/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_SUPPORT_STEPPING_H
#define TESTS_SUPPORT_STEPPING_H

/* Small networks to step on, and ensembles of steppers, for the tests of dln and sde. Header only. */

#include "core/core.h"
#include "dln/dln.h"
#include "support/reference.h"

#include <stdlib.h>
#include <string.h>

#define STEPPING_INLINE static inline __attribute__((unused))

/* Deterministic numbers in (-1, 1) that look like nothing in particular. */
STEPPING_INLINE double stepping_number(size_t i) {
    struct core_stream stream = {.seed = 99, .path = i, .purpose = CORE_PURPOSE_TEST, .step = 3};
    double u;
    core_random_uniform(&stream, 1, 1, &u);
    return 2 * u - 1;
}

/* A network of these widths on `samples` made-up samples. */
STEPPING_INLINE struct core_landscape *stepping_network(size_t depth, const size_t widths[], size_t samples) {
    struct dln_data data = {samples, widths[0], widths[depth], NULL, NULL};
    data.x = core_alloc(samples * data.inputs, sizeof *data.x);
    data.y = core_alloc(samples * data.outputs, sizeof *data.y);
    for (size_t i = 0; i < samples * data.inputs; i++) data.x[i] = 1.3 * stepping_number(i);
    for (size_t i = 0; i < samples * data.outputs; i++) data.y[i] = stepping_number(i + 100000);
    struct core_landscape *network = NULL;
    if (dln_network_create(depth, widths, &data, &network) != CORE_OK) reference_missing("no network", core_error());
    dln_data_free(&data);
    return network;
}

/* The linear regression of tests/reference/dln.json: three inputs, one target, twelve samples. */
STEPPING_INLINE struct core_landscape *stepping_regression(const char *text) {
    enum { N = 12, D = 3 };
    double x[D * N], y[N];
    reference_numbers(text, "linear_regression_moments.X", D * N, x);
    reference_numbers(text, "linear_regression_moments.y", N, y);
    struct dln_data data = {N, D, 1, core_alloc(D * N, sizeof(double)), core_alloc(N, sizeof(double))};
    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j < D; j++) data.x[i * D + j] = x[j * N + i];
        data.y[i] = y[i];
    }
    struct core_landscape *network = NULL;
    size_t widths[] = {D, 1};
    if (dln_network_create(1, widths, &data, &network) != CORE_OK) reference_missing("no network", core_error());
    dln_data_free(&data);
    return network;
}

/* Runs `replicas` from `start` and records after `steps`. core_ensemble_free() it. */
STEPPING_INLINE struct core_ensemble *stepping_run(const struct core_stepper *stepper, const double start[],
                                                   size_t records, const size_t steps[], size_t replicas) {
    struct core_ensemble *ensemble = NULL;
    struct core_ensemble_settings settings = {
        .steps = steps[records - 1],
        .replicas = replicas,
        .start = {start, 0},
        .record_count = records,
        .record_steps = steps,
        .ceiling = 1e12,
        .threads = 2,
    };
    if (core_ensemble_create(replicas, stepper->landscape->dimension, records, 0, &ensemble) != CORE_OK ||
        core_ensemble_run(stepper, &settings, ensemble, 0) != CORE_OK) {
        reference_missing("no ensemble", core_error());
    }
    return ensemble;
}

/* The largest |z| of the means and covariances of record r against the exact ones, with standard errors from the
 * sample: of a mean sqrt(C_ii / R), of a covariance sqrt((mean of products squared - C_ij^2) / R). */
STEPPING_INLINE double stepping_moments_z(const struct core_ensemble *e, size_t r, const double mean[],
                                          const double covariance[]) {
    size_t p = e->dimension, n = e->replicas;
    const double *at = e->parameters + r * n * p;
    double worst = 0;
    for (size_t i = 0; i < p; i++) {
        struct core_moments m = core_moments(at + i, n, p);
        double z = fabs(m.mean - mean[i]) / sqrt(m.variance / (double)n);
        worst = z > worst ? z : worst;
        for (size_t j = 0; j <= i; j++) {
            double first = 0, second = 0;
            for (size_t k = 0; k < n; k++) {
                double product = (at[k * p + i] - mean[i]) * (at[k * p + j] - mean[j]);
                first += product / (double)n;
                second += product * product / (double)n;
            }
            z = fabs(first - covariance[i * p + j]) / sqrt((second - first * first) / (double)n);
            worst = z > worst ? z : worst;
        }
    }
    return worst;
}

/* One block of lanes, stepped by hand: x (P, lanes) with a different start in each lane. */
struct stepping_block {
    double *x, *before, *workspace, *scratch;
};

STEPPING_INLINE struct stepping_block stepping_block_create(const struct core_stepper *stepper, double size) {
    const struct core_landscape *land = stepper->landscape;
    size_t count = land->dimension * land->lanes;
    struct stepping_block block = {core_alloc(count, sizeof(double)), core_alloc(count, sizeof(double)),
                                   core_alloc(stepper->workspace + 8, sizeof(double)),
                                   core_alloc(stepper->scratch + 8, sizeof(double))};
    for (size_t i = 0; i < count; i++) block.x[i] = size * stepping_number(i + 7);
    if (stepper->begin != NULL) stepper->begin(stepper, 0, block.workspace);
    return block;
}

STEPPING_INLINE void stepping_block_step(const struct core_stepper *stepper, struct stepping_block *block, size_t k,
                                         double rate) {
    memcpy(block->before, block->x, stepper->landscape->dimension * stepper->landscape->lanes * sizeof(double));
    stepper->step(stepper, 0, k, rate, block->x, block->workspace, block->scratch);
}

STEPPING_INLINE void stepping_block_free(struct stepping_block *block) {
    core_free(block->x);
    core_free(block->before);
    core_free(block->workspace);
    core_free(block->scratch);
}

/* The exact law of balancedness for one step theta' = theta - eta G with a gradient G of the product's kind,
 *     D_l' = D_l + eta^2 (G_{l+1}^T G_{l+1} - G_l G_l^T),
 * in every lane: the largest deviation. */
STEPPING_INLINE double stepping_balance_error(const struct core_landscape *land, const double before[],
                                              const double after[], double rate) {
    size_t p = land->dimension, depth = dln_network_depth(land), count = 0;
    const size_t *d = dln_network_widths(land);
    for (size_t l = 1; l < depth; l++) count += d[l] * d[l];
    double *point = calloc(p, sizeof *point), *g = calloc(p, sizeof *g), worst = 0;
    double *old = calloc(count, sizeof *old), *new = calloc(count, sizeof *new);
    for (size_t lane = 0; lane < land->lanes; lane++) {
        for (size_t i = 0; i < p; i++) point[i] = before[i * land->lanes + lane];
        dln_balancedness(land, point, old);
        for (size_t i = 0; i < p; i++) {
            g[i] = (before[i * land->lanes + lane] - after[i * land->lanes + lane]) / rate;
            point[i] = after[i * land->lanes + lane];
        }
        dln_balancedness(land, point, new);
        const double *below = g;
        size_t at = 0;
        for (size_t l = 1; l < depth; l++) {
            const double *above = below + d[l] * d[l - 1];
            for (size_t i = 0; i < d[l]; i++) {
                for (size_t j = 0; j < d[l]; j++, at++) {
                    double change = 0;
                    for (size_t k = 0; k < d[l + 1]; k++) change += above[k * d[l] + i] * above[k * d[l] + j];
                    for (size_t k = 0; k < d[l - 1]; k++) change -= below[i * d[l - 1] + k] * below[j * d[l - 1] + k];
                    double error = fabs(new[at] - old[at] - rate *rate *change);
                    worst = error > worst ? error : worst;
                }
            }
            below = above;
        }
    }
    free(point);
    free(g);
    free(old);
    free(new);
    return worst;
}

#endif
