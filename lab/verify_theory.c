/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two layers on whitened inputs, started along the singular vectors of the data with balanced strengths a_0: under
 * gradient flow each strength obeys da/dt = 2 a (s - a) on its own, so that [saxe2014]
 *
 *     a(t) = s e^{2st} / (e^{2st} - 1 + s / a_0).
 *
 * Gradient descent of rate eta is Euler's method for that flow: its distance to it halves with the rate. */
#include "lab/verify.h"

#include <math.h>

enum { MODES = 2 };
static const double strengths[MODES] = {3, 1.2}, initial = 0.05, END = 1.5;

static double closed_form(double s, double t) {
    double e = exp(2 * s * t);
    return s * e / (e - 1 + s / initial);
}

static enum core_status make_network(struct core_landscape **network) {
    static const size_t widths[] = {MODES, MODES, MODES};
    double r = sqrt(2.0), x[] = {r, 0, -r, 0, 0, r, 0, -r}, y[8];
    for (size_t i = 0; i < 8; i++) y[i] = strengths[i % MODES] * x[i];
    struct dln_data data = {.samples = 4, .inputs = MODES, .outputs = MODES, .x = x, .y = y};
    return dln_network_create(2, widths, &data, network);
}

/* The largest distance of the strengths to the closed form at every tenth of END. */
static enum core_status distance(const struct core_landscape *network, size_t steps, double *error) {
    double root = sqrt(initial), theta[] = {root, 0, 0, root, root, 0, 0, root}, gradient[8],
           rate = END / (double)steps;
    enum core_status status = CORE_OK;
    *error = 0;
    for (size_t k = 1; k <= steps && status == CORE_OK; k++) {
        status = core_point_gradient(network, theta, gradient);
        for (size_t i = 0; i < 8; i++) theta[i] -= rate * gradient[i];
        if (k % (steps / 10) != 0) continue;
        for (size_t m = 0; m < MODES; m++) {
            double a = theta[3 * m] * theta[4 + 3 * m]; /* the m-th entries on the diagonals of W_1 and W_2 */
            *error = lab_law_worst(*error, fabs(a - closed_form(strengths[m], rate * (double)k)));
        }
    }
    return status;
}

static enum core_status saxe(size_t threads, struct lab_law_outcome *outcome) {
    struct core_landscape *network = NULL;
    double coarse = 0, fine = 0;
    (void)threads;
    enum core_status status = make_network(&network);
    if (status == CORE_OK) status = distance(network, 2000, &coarse);
    if (status == CORE_OK) status = distance(network, 4000, &fine);
    outcome->error = fabs(log2(coarse / fine) - 1); /* the order of convergence is 1 */
    if (!(coarse < 0.05)) outcome->error = (double)INFINITY;
    core_landscape_free(network);
    return status;
}

const struct lab_exact_law lab_laws_theory[] = {
    {"modes of a linear network", "gradient descent -> closed form, order of convergence - 1", 0.05, saxe},
    {NULL, NULL, 0, NULL},
};
