/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exact W_2 between two samples of n points each: the least mean squared distance over matchings.
 *
 * The costs are centred before they are solved: with a = mean x - mean y, x' = x - mean x, y' = y - mean y,
 *
 *     |x_i - y_j|^2 = |x'_i - y'_j|^2 + (2 a.x'_i + |a|^2) - 2 a.y'_j,
 *
 * so the centred cost is the plain one less a term per row and a term per column. Such terms change no matching, but
 * without them two distant clouds have costs that differ from each other by little, and the search is long. The value
 * is computed afresh from the matching and the points, so it carries no cancellation. */
#include "compare/wasserstein_2.h"

#include "compare/check.h"
#include "compare/compare.h"
#include "core/memory.h"

#include <math.h>
#include <string.h>

/* The largest certified gap, in units of the mean cost plus the mean squared size of the costs' rounding. */
static const double gap_allowed = 1e-10;

enum core_status compare_transport_init(struct compare_transport *transport, size_t n, size_t dimension) {
    memset(transport, 0, sizeof *transport);
    enum core_status status = compare_assignment_create(n, &transport->solver);
    if (status != CORE_OK) return status;
    status = compare_centring_init(&transport->centring, compare_stride(n), compare_stride(n), dimension);
    if (status != CORE_OK) compare_transport_free(transport);
    return status;
}

void compare_transport_free(struct compare_transport *transport) {
    compare_assignment_free(transport->solver);
    compare_centring_free(&transport->centring);
    memset(transport, 0, sizeof *transport);
}

/* Mean over rows of |x_i - y_matching(i)|^2. */
static double matched_square(const struct compare_assignment *solver, const struct compare_cloud *x,
                             const struct compare_cloud *y) {
    double total = 0;
    for (size_t i = 0; i < x->n; i++) {
        size_t j = (size_t)solver->column_of[i];
        double square = 0;
        for (size_t k = 0; k < x->dimension; k++) {
            double d = x->x[k * x->stride + i] - y->x[k * y->stride + j];
            square += d * d;
        }
        total += square;
    }
    return total / (double)x->n;
}

enum core_status compare_transport_solve(struct compare_transport *transport, struct compare_pass *pass, double *square,
                                         double *gap) {
    struct compare_assignment *solver = transport->solver;
    compare_centring_set(&transport->centring, pass->x, pass->y, 1);
    pass->cost = solver->cost;
    pass->row_term = transport->centring.row_term;
    pass->column_term = transport->centring.column_term;
    compare_pairwise_kernels()->pass(pass);
    compare_assignment_solve(solver);
    *square = matched_square(solver, pass->x, pass->y);
    *gap = compare_assignment_gap(solver);
    if (*gap <= gap_allowed * *square + 1e-14) return CORE_OK; /* the clouds' unit: coordinates are at most one */
    return core_fail(CORE_NUMERICAL,
                     "the optimal assignment of %zu points is certified only to %.3g of a mean cost of %.3g", solver->n,
                     *gap, *square);
}

static enum core_status solve_clouds(const struct compare_cloud *x, const struct compare_cloud *y, double *square,
                                     size_t matching[], double *gap) {
    struct compare_transport transport;
    enum core_status status = compare_transport_init(&transport, x->n, x->dimension);
    if (status != CORE_OK) return status;
    struct compare_pass pass = {.x = x, .y = y, .rate = -1};
    status = compare_transport_solve(&transport, &pass, square, gap);
    for (size_t i = 0; matching != NULL && i < x->n; i++) matching[i] = (size_t)transport.solver->column_of[i];
    compare_transport_free(&transport);
    return status;
}

enum core_status compare_wasserstein_2(size_t n, size_t dimension, const double x[], const double y[], double *distance,
                                       size_t matching[], double *gap) {
    enum core_status status = compare_check_sample("the first sample", 1, n, dimension, x);
    if (status == CORE_OK) status = compare_check_sample("the second sample", 1, n, dimension, y);
    if (status != CORE_OK) return status;
    int exponent = compare_exponent(COMPARE_NO_EXPONENT, n * dimension, x);
    exponent = compare_exponent(exponent, n * dimension, y);
    struct compare_cloud a = {0}, b = {0};
    double square = 0, certificate = 0;
    status = compare_cloud_init(&a, n, dimension, x, exponent);
    if (status == CORE_OK) status = compare_cloud_init(&b, n, dimension, y, exponent);
    if (status == CORE_OK) status = solve_clouds(&a, &b, &square, matching, &certificate);
    compare_cloud_free(&a);
    compare_cloud_free(&b);
    if (status != CORE_OK) return status;
    double grow = compare_grow(exponent);
    *distance = sqrt(square) * grow;
    if (gap != NULL) *gap = certificate * grow * grow;
    return CORE_OK;
}
