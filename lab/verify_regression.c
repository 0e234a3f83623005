/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Linear regression, one layer and one output: the first two moments of theta close.
 *
 * With S = Sxx, b = Sxy, A_mu = x_mu x_mu^T - S, c_mu = x_mu y_mu - b, batches of B drawn with replacement, m = E theta
 * and C its covariance,
 *
 *     m <- m - eta (S m - b),
 *     C <- (1 - eta S) C (1 - eta S) + (eta^2 / B) mean_mu [A_mu C A_mu + (A_mu m - c_mu)(A_mu m - c_mu)^T].
 *
 * A Gaussian step with covariance Sigma(theta) / B and a Poisson step have the same two moments.
 *
 * Ornstein-Uhlenbeck: on L = h x^2 / 2 with a constant factor F, Euler-Maruyama with substeps delta = eta / m is
 * x <- a x + s z, a = 1 - h delta, s^2 = (eta / B) F^2 delta, so after K substeps from x_0 the mean is a^K x_0 and the
 * variance s^2 (1 - a^(2K)) / (1 - a^2). */
#include "lab/verify.h"

#include "core/memory.h"

#include <math.h>
#include <string.h>

enum { INPUTS = 3, SAMPLES = 16, BATCH = 2, STEPS = 40, REPLICAS = 100000 };
static const double RATE = 0.08;

struct regression {
    double x[SAMPLES * INPUTS], y[SAMPLES];
    double s[INPUTS * INPUTS], b[INPUTS];
};

static void make_data(struct regression *r) {
    lab_law_draws(SAMPLES * INPUTS, 5, r->x);
    lab_law_draws(SAMPLES, 6, r->y);
    memset(r->s, 0, sizeof r->s);
    memset(r->b, 0, sizeof r->b);
    for (size_t mu = 0; mu < SAMPLES; mu++) {
        const double *x = r->x + mu * INPUTS;
        r->y[mu] = 0.5 * r->y[mu] + 1.3 * x[0] - 0.7 * x[1] + 0.2 * x[2];
        for (size_t i = 0; i < INPUTS; i++) {
            r->b[i] += x[i] * r->y[mu] / SAMPLES;
            for (size_t j = 0; j < INPUTS; j++) r->s[i * INPUTS + j] += x[i] * x[j] / SAMPLES;
        }
    }
}

/* out = a c a^T for the symmetric a. */
static void sandwich(const double a[], const double c[], double out[]) {
    double half[INPUTS * INPUTS] = {0};
    for (size_t i = 0; i < INPUTS; i++)
        for (size_t j = 0; j < INPUTS; j++)
            for (size_t k = 0; k < INPUTS; k++) half[i * INPUTS + j] += a[i * INPUTS + k] * c[k * INPUTS + j];
    memset(out, 0, INPUTS * INPUTS * sizeof *out);
    for (size_t i = 0; i < INPUTS; i++)
        for (size_t j = 0; j < INPUTS; j++)
            for (size_t k = 0; k < INPUTS; k++) out[i * INPUTS + j] += half[i * INPUTS + k] * a[j * INPUTS + k];
}

/* What sample mu adds to the covariance in one step. */
static void add_sample(const struct regression *r, size_t mu, const double m[], const double c[], double sum[]) {
    const double *x = r->x + mu * INPUTS;
    double a[INPUTS * INPUTS], spread[INPUTS * INPUTS], e[INPUTS], scale = RATE * RATE / (BATCH * SAMPLES);
    for (size_t i = 0; i < INPUTS; i++) {
        e[i] = -(x[i] * r->y[mu] - r->b[i]);
        for (size_t j = 0; j < INPUTS; j++) {
            a[i * INPUTS + j] = x[i] * x[j] - r->s[i * INPUTS + j];
            e[i] += a[i * INPUTS + j] * m[j];
        }
    }
    sandwich(a, c, spread);
    for (size_t i = 0; i < INPUTS; i++)
        for (size_t j = 0; j < INPUTS; j++) sum[i * INPUTS + j] += scale * (spread[i * INPUTS + j] + e[i] * e[j]);
}

static void recursion(const struct regression *r, double m[INPUTS], double c[INPUTS * INPUTS]) {
    memset(c, 0, INPUTS * INPUTS * sizeof *c);
    for (size_t step = 0; step < STEPS; step++) {
        double shrink[INPUTS * INPUTS], next[INPUTS * INPUTS], mean[INPUTS];
        for (size_t i = 0; i < INPUTS; i++) {
            mean[i] = m[i] + RATE * r->b[i];
            for (size_t j = 0; j < INPUTS; j++) {
                shrink[i * INPUTS + j] = (i == j) - RATE * r->s[i * INPUTS + j];
                mean[i] -= RATE * r->s[i * INPUTS + j] * m[j];
            }
        }
        sandwich(shrink, c, next);
        for (size_t mu = 0; mu < SAMPLES; mu++) add_sample(r, mu, m, c, next);
        memcpy(c, next, sizeof next);
        memcpy(m, mean, sizeof mean);
    }
}

/* The mean of values and its standard error: |mean - exact| in standard errors. */
static double z_of(size_t count, const double values[], double exact) {
    double sum = 0, square = 0;
    for (size_t r = 0; r < count; r++) sum += values[r];
    double mean = sum / (double)count;
    for (size_t r = 0; r < count; r++) square += (values[r] - mean) * (values[r] - mean);
    return fabs(mean - exact) / sqrt(square / (double)(count - 1) / (double)count);
}

/* The largest z of the means and of the second moments about the exact mean. */
static double worst_z(size_t replicas, size_t p, const double theta[], const double m[], const double c[],
                      double work[]) {
    double worst = 0;
    for (size_t i = 0; i < p; i++) {
        for (size_t r = 0; r < replicas; r++) work[r] = theta[r * p + i];
        worst = lab_law_worst(worst, z_of(replicas, work, m[i]));
        for (size_t j = 0; j <= i; j++) {
            for (size_t r = 0; r < replicas; r++) work[r] = (theta[r * p + i] - m[i]) * (theta[r * p + j] - m[j]);
            worst = lab_law_worst(worst, z_of(replicas, work, c[i * p + j]));
        }
    }
    return worst;
}

static enum core_status regression(enum lab_law_process process, size_t threads, struct lab_law_outcome *outcome) {
    static const size_t widths[] = {INPUTS, 1};
    struct regression r;
    struct core_landscape *network = NULL;
    struct core_ensemble *run = NULL;
    double start[INPUTS] = {-0.4, 0.9, 1.7}, m[INPUTS], c[INPUTS * INPUTS];
    make_data(&r);
    struct dln_data data = {.samples = SAMPLES, .inputs = INPUTS, .outputs = 1, .x = r.x, .y = r.y};
    struct lab_law_run settings = {.process = process,
                                   .rate = RATE,
                                   .batch = BATCH,
                                   .steps = STEPS,
                                   .replicas = REPLICAS,
                                   .threads = threads,
                                   .seed = 20 + process};
    memcpy(m, start, sizeof m);
    recursion(&r, m, c);
    double *work = core_alloc(REPLICAS, sizeof *work);
    enum core_status status = work != NULL ? dln_network_create(1, widths, &data, &network)
                                           : core_fail(CORE_NO_MEMORY, "no memory for a law");
    if (status == CORE_OK) status = lab_law_run(network, start, &settings, &run);
    if (status == CORE_OK) outcome->error = worst_z(REPLICAS, INPUTS, run->parameters, m, c, work);
    core_ensemble_free(run);
    core_landscape_free(network);
    core_free(work);
    return status;
}

static enum core_status sgd(size_t threads, struct lab_law_outcome *outcome) {
    return regression(LAB_LAW_SGD, threads, outcome);
}
static enum core_status gaussian(size_t threads, struct lab_law_outcome *outcome) {
    return regression(LAB_LAW_GAUSSIAN, threads, outcome);
}
static enum core_status poisson(size_t threads, struct lab_law_outcome *outcome) {
    return regression(LAB_LAW_POISSON, threads, outcome);
}

/* ---- Ornstein-Uhlenbeck ---- */

static enum core_status run_ornstein(size_t threads, const struct sde_settings *settings, const double *start,
                                     struct core_ensemble **run) {
    static const double curvature = 1.3, factor = 0.7;
    static const size_t steps = STEPS;
    struct core_potential potential = {.name = "quadratic",
                                       .rows = 1,
                                       .columns = 1,
                                       .matrix = &curvature,
                                       .noise_rows = 1,
                                       .noise_columns = 1,
                                       .noise = &factor};
    struct core_landscape *land = NULL;
    struct core_stepper *paths = NULL;
    struct core_ensemble_settings driver = {.steps = STEPS,
                                            .replicas = REPLICAS,
                                            .start = {.point = start},
                                            .record_count = 1,
                                            .record_steps = &steps,
                                            .ceiling = 1e12,
                                            .threads = threads};
    enum core_status status = core_landscape_create(&potential, &land);
    if (status == CORE_OK) status = sde_create(land, settings, 20, &paths);
    if (status == CORE_OK) status = core_ensemble_create(REPLICAS, 1, 1, 0, run);
    if (status == CORE_OK) status = core_ensemble_run(paths, &driver, *run, 0);
    sde_free(paths);
    core_landscape_free(land);
    return status;
}

static enum core_status ornstein(size_t threads, struct lab_law_outcome *outcome) {
    struct sde_settings settings = sde_settings_default();
    struct core_ensemble *run = NULL;
    const double rate = 0.1, start = 0.8, substeps = 3;
    settings.batch = 2;
    settings.substeps = 3;
    settings.schedule = (struct core_schedule){.law = CORE_SCHEDULE_CONSTANT, .rate = rate, .factor = 1, .every = 1};
    double a = 1 - 1.3 * rate / substeps, s2 = rate / 2 * 0.49 * rate / substeps, power = pow(a, STEPS * substeps);
    double mean = power * start, variance = s2 * (1 - power * power) / (1 - a * a);
    double *work = core_alloc(REPLICAS, sizeof *work);
    if (work == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a law");
    enum core_status status = run_ornstein(threads, &settings, &start, &run);
    if (status == CORE_OK) outcome->error = worst_z(REPLICAS, 1, run->parameters, &mean, &variance, work);
    core_ensemble_free(run);
    core_free(work);
    return status;
}

const struct lab_exact_law lab_laws_regression[] = {
    {"regression, SGD", "mean and covariance = exact recursion, z of the worst entry", 5, sgd},
    {"regression, Gaussian", "the same for the Gaussian step with SGD's covariance", 5, gaussian},
    {"regression, Poisson", "the same for the compound-Poisson step", 5, poisson},
    {"Ornstein-Uhlenbeck", "mean and variance of Euler-Maruyama = exact, z of the worse", 5, ornstein},
    {NULL, NULL, 0, NULL},
};
