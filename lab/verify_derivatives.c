/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Derivatives against central differences, (f(x + h v) - f(x - h v)) / 2h = v . grad f + O(h^2), and the noise factor
 * against the covariance it is a factor of. */
#include "lab/verify.h"

#include "core/memory.h"

#include <math.h>

enum { MOST = 64 }; /* parameters of a landscape here */
static const double STEP = 1e-5;

/* One point of one landscape: what is asked of it, and the answer by differences. */
typedef enum core_status (*comparison)(const struct core_landscape *land, const double x[], double *error);

static void shifted(size_t n, const double x[], double h, const double v[], double out[]) {
    for (size_t i = 0; i < n; i++) out[i] = x[i] + h * v[i];
}

static enum core_status compare_gradient(const struct core_landscape *land, const double x[], double *error) {
    double gradient[MOST], difference[MOST], at[MOST], up = 0, down = 0;
    size_t n = land->dimension;
    enum core_status status = core_point_gradient(land, x, gradient);
    for (size_t i = 0; i < n && status == CORE_OK; i++) {
        double axis[MOST] = {0};
        axis[i] = 1;
        shifted(n, x, STEP, axis, at);
        status = core_point_loss(land, at, &up);
        shifted(n, x, -STEP, axis, at);
        if (status == CORE_OK) status = core_point_loss(land, at, &down);
        difference[i] = (up - down) / (2 * STEP);
    }
    if (status == CORE_OK) *error = lab_law_difference(n, difference, gradient);
    return status;
}

static enum core_status compare_hessian(const struct core_landscape *land, const double x[], double *error) {
    double v[MOST], at[MOST], up[MOST], down[MOST], product[MOST];
    size_t n = land->dimension;
    lab_law_draws(n, 11, v);
    enum core_status status = core_point_hessian_vector(land, x, v, product);
    shifted(n, x, STEP, v, at);
    if (status == CORE_OK) status = core_point_gradient(land, at, up);
    shifted(n, x, -STEP, v, at);
    if (status == CORE_OK) status = core_point_gradient(land, at, down);
    for (size_t i = 0; i < n && status == CORE_OK; i++) up[i] = (up[i] - down[i]) / (2 * STEP);
    if (status == CORE_OK) *error = lab_law_difference(n, up, product);
    return status;
}

/* grad (u^T H v) along w against the difference of u^T H v. */
static enum core_status compare_third(const struct core_landscape *land, const double x[], double *error) {
    double u[MOST], v[MOST], w[MOST], at[MOST], up[MOST] = {0}, down[MOST] = {0}, third[MOST];
    double exact = 0, difference = 0, size = 0;
    size_t n = land->dimension;
    lab_law_draws(n, 12, u);
    lab_law_draws(n, 13, v);
    lab_law_draws(n, 14, w);
    enum core_status status = core_point_curvature_gradient(land, x, u, v, third);
    shifted(n, x, STEP, w, at);
    if (status == CORE_OK) status = core_point_hessian_vector(land, at, v, up);
    shifted(n, x, -STEP, w, at);
    if (status == CORE_OK) status = core_point_hessian_vector(land, at, v, down);
    for (size_t i = 0; i < n && status == CORE_OK; i++) {
        exact += third[i] * w[i];
        difference += u[i] * (up[i] - down[i]) / (2 * STEP);
        size += fabs(u[i] * up[i]);
    }
    *error = fabs(exact - difference) / fmax(fabs(exact), size);
    return status;
}

/* ---- On networks and on analytic landscapes ---- */

static enum core_status on_network(comparison compare, struct lab_law_outcome *outcome) {
    static const size_t widths[] = {3, 4, 2};
    struct core_landscape *network = NULL;
    double x[MOST];
    lab_law_draws(MOST, 1, x);
    enum core_status status = lab_law_network(2, widths, 20, &network);
    if (status == CORE_OK) status = compare(network, x, &outcome->error);
    core_landscape_free(network);
    return status;
}

static enum core_status on_potentials(comparison compare, struct lab_law_outcome *outcome) {
    static const double matrix[] = {2, 0.3, -0.5, 0.3, 1, 0.1, -0.5, 0.1, -0.7};
    static const struct core_potential potentials[] = {
        {.name = "quadratic", .rows = 3, .columns = 3, .matrix = matrix},
        {.name = "double-well"},
        {.name = "quartic"},
        {.name = "scalar-network", .depth = 4},
    };
    enum core_status status = CORE_OK;
    double x[MOST];
    lab_law_draws(MOST, 2, x);
    for (size_t k = 0; k < sizeof potentials / sizeof *potentials && status == CORE_OK; k++) {
        struct core_landscape *land = NULL;
        double error = (double)NAN;
        status = core_landscape_create(&potentials[k], &land);
        if (status == CORE_OK) status = compare(land, x, &error);
        outcome->error = lab_law_worst(outcome->error, error);
        core_landscape_free(land);
    }
    return status;
}

static enum core_status network_gradient(size_t threads, struct lab_law_outcome *outcome) {
    (void)threads;
    return on_network(compare_gradient, outcome);
}
static enum core_status network_hessian(size_t threads, struct lab_law_outcome *outcome) {
    (void)threads;
    return on_network(compare_hessian, outcome);
}
static enum core_status network_third(size_t threads, struct lab_law_outcome *outcome) {
    (void)threads;
    return on_network(compare_third, outcome);
}
static enum core_status potential_gradient(size_t threads, struct lab_law_outcome *outcome) {
    (void)threads;
    return on_potentials(compare_gradient, outcome);
}
static enum core_status potential_hessian(size_t threads, struct lab_law_outcome *outcome) {
    (void)threads;
    return on_potentials(compare_hessian, outcome);
}
static enum core_status potential_third(size_t threads, struct lab_law_outcome *outcome) {
    (void)threads;
    return on_potentials(compare_third, outcome);
}

/* ---- The noise ---- */

/* sigma (p, p) += sign a a^T. */
static void add_outer(size_t p, double scale, const double a[], double sigma[]) {
    for (size_t i = 0; i < p; i++)
        for (size_t j = 0; j < p; j++) sigma[i * p + j] += scale * a[i] * a[j];
}

static enum core_status sample_covariance(const struct core_landscape *network, const double x[], double sigma[]) {
    double mean[MOST], gradient[MOST];
    size_t p = network->dimension, n = network->samples;
    enum core_status status = core_point_gradient(network, x, mean);
    for (size_t mu = 0; mu < n && status == CORE_OK; mu++) {
        status = dln_sample_gradient(network, x, mu, gradient);
        for (size_t i = 0; i < p; i++) gradient[i] -= mean[i];
        add_outer(p, 1 / (double)n, gradient, sigma);
    }
    return status;
}

static enum core_status noise_factor(size_t threads, struct lab_law_outcome *outcome) {
    static const size_t widths[] = {3, 4, 2};
    struct core_landscape *network = NULL;
    double x[MOST], sigma[MOST * MOST] = {0}, product[MOST * MOST] = {0}, column[MOST];
    (void)threads;
    lab_law_draws(MOST, 3, x);
    enum core_status status = lab_law_network(2, widths, 20, &network);
    if (status != CORE_OK) return status;
    size_t p = network->dimension, m = network->noise_width;
    double *factor = core_alloc(p * m, sizeof *factor);
    status = factor != NULL ? sample_covariance(network, x, sigma)
                            : core_fail(CORE_NO_MEMORY, "no memory for a noise factor");
    if (status == CORE_OK) status = core_point_noise_factor(network, x, factor);
    for (size_t k = 0; k < m && status == CORE_OK; k++) {
        for (size_t i = 0; i < p; i++) column[i] = factor[i * m + k];
        add_outer(p, 1, column, product);
    }
    if (status == CORE_OK) outcome->error = lab_law_difference(p * p, product, sigma);
    core_free(factor);
    core_landscape_free(network);
    return status;
}

const struct lab_exact_law lab_laws_derivatives[] = {
    {"gradient of a network", "gradient = central difference of the loss, 3-4-2", 1e-8, network_gradient},
    {"gradients of potentials", "the same on the analytic landscapes", 1e-8, potential_gradient},
    {"Hessian of a network", "H v = central difference of the gradient, 3-4-2", 1e-8, network_hessian},
    {"Hessians of potentials", "the same on the analytic landscapes", 1e-8, potential_hessian},
    {"third derivative of a network", "grad (u.Hv) = central difference of H v, 3-4-2", 1e-8, network_third},
    {"third derivatives of potentials", "the same on the analytic landscapes", 1e-8, potential_third},
    {"noise factor", "F F^T = covariance of the per-sample gradients, 3-4-2", 1e-12, noise_factor},
    {NULL, NULL, 0, NULL},
};
