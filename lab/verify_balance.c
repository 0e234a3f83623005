/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Balancedness D_l = W_{l+1}^T W_{l+1} - W_l W_l^T under a step theta <- theta - eta G.
 *
 * Every G made of per-sample gradients is G_l = (W_L ... W_{l+1})^T Z (W_{l-1} ... W_1)^T with one matrix Z for all
 * layers, so that W_{l+1}^T G_{l+1} = G_l W_l^T: the terms of first order in eta cancel, and exactly
 *
 *     D_l(k+1) = D_l(k) + eta^2 (G_{l+1}^T G_{l+1} - G_l G_l^T).
 *
 * SGD, the Gaussian step with SGD's covariance and the Poisson step all have such a G; isotropic noise has not. G is
 * read off two successive points, G = (theta(k) - theta(k+1)) / eta. */
#include "lab/verify.h"

#include "core/memory.h"

#include <math.h>

enum { DEPTH = 3, STEPS = 60, REPLICAS = 8 };
static const size_t widths[] = {4, 5, 3, 4};

/* out (d_l, d_l) = V^T V - U U^T for l = 1 ... DEPTH - 1, one after the other, U = layer l and V = layer l + 1 of
 * theta. */
static void difference_of_squares(const double theta[], double out[]) {
    const double *u = theta;
    for (size_t l = 1; l < DEPTH; l++) {
        size_t in = widths[l - 1], d = widths[l], next = widths[l + 1];
        const double *v = u + d * in;
        for (size_t i = 0; i < d; i++) {
            for (size_t j = 0; j < d; j++) {
                double sum = 0;
                for (size_t k = 0; k < next; k++) sum += v[k * d + i] * v[k * d + j];
                for (size_t k = 0; k < in; k++) sum -= u[i * in + k] * u[j * in + k];
                *out++ = sum;
            }
        }
        u = v;
    }
}

enum { BALANCE = 5 * 5 + 3 * 3, PARAMETERS = 4 * 5 + 5 * 3 + 3 * 4 };

/* How far one step is from the law, relative to the balancedness. */
static double step_error(const double before[], const double after[]) {
    double step[PARAMETERS], old[BALANCE], new[BALANCE], change[BALANCE];
    for (size_t i = 0; i < PARAMETERS; i++) step[i] = before[i] - after[i];
    difference_of_squares(before, old);
    difference_of_squares(after, new);
    difference_of_squares(step, change); /* eta^2 (...) */
    for (size_t i = 0; i < BALANCE; i++) old[i] += change[i];
    return lab_law_difference(BALANCE, new, old);
}

static enum core_status check(enum lab_law_process process, size_t threads, struct lab_law_outcome *outcome) {
    struct core_landscape *network = NULL;
    struct core_ensemble *run = NULL;
    double start[PARAMETERS];
    lab_law_draws(PARAMETERS, 4, start);
    enum core_status status = lab_law_network(DEPTH, widths, 30, &network);
    struct lab_law_run settings = {.process = process,
                                   .rate = 0.004,
                                   .batch = 3,
                                   .steps = STEPS,
                                   .replicas = REPLICAS,
                                   .threads = threads,
                                   .every_step = 1,
                                   .seed = 20};
    if (status == CORE_OK) status = lab_law_run(network, start, &settings, &run);
    for (size_t k = 0; k < STEPS && status == CORE_OK; k++) {
        for (size_t r = 0; r < REPLICAS; r++) {
            const double *before = run->parameters + (k * REPLICAS + r) * PARAMETERS;
            outcome->error = lab_law_worst(outcome->error, step_error(before, before + (size_t)REPLICAS * PARAMETERS));
        }
    }
    core_ensemble_free(run);
    core_landscape_free(network);
    return status;
}

static enum core_status sgd(size_t threads, struct lab_law_outcome *outcome) {
    return check(LAB_LAW_SGD, threads, outcome);
}
static enum core_status gaussian(size_t threads, struct lab_law_outcome *outcome) {
    return check(LAB_LAW_GAUSSIAN, threads, outcome);
}
static enum core_status poisson(size_t threads, struct lab_law_outcome *outcome) {
    return check(LAB_LAW_POISSON, threads, outcome);
}

const struct lab_exact_law lab_laws_balance[] = {
    {"balancedness, SGD", "D(k+1) = D(k) + eta^2 (G'^T G' - G G^T), 4-5-3-4", 1e-13, sgd},
    {"balancedness, Gaussian", "the same for the Gaussian step with SGD's covariance", 1e-13, gaussian},
    {"balancedness, Poisson", "the same for the compound-Poisson step", 1e-13, poisson},
    {NULL, NULL, 0, NULL},
};
