/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exact W_p, p = 1 or 2, between any two samples, weighted or not: the front of what solves it.
 *
 *   dimension 1                     sorting (compare/wasserstein_1d.c)
 *   equal sizes, equal weights      assignment (compare/assignment.c); p = 2 is compare_wasserstein_2
 *   otherwise                       network simplex (compare/simplex.c) on whole numbers (compare/units.c)
 *
 * For p = 2 the costs are centred as in compare/wasserstein_2.c; the value is computed from the plan and the plain
 * distances. The gap is sum of flow times reduced cost, with u_i = min_j (c_ij - v_j), over the total. */
#include "compare/transport.h"

#include "compare/check.h"
#include "compare/compare.h"
#include "compare/quadratic.h"
#include "compare/simplex.h"
#include "compare/units.h"
#include "compare/wasserstein_2.h"
#include "core/memory.h"

#include <math.h>
#include <string.h>

static const double gap_allowed = 1e-10;
enum { PAIRS = 400000000 };

/* |x_i - y_j|^p into cost (x->n, y->stride), less terms of rows and columns where p is 2. */
static enum core_status fill_costs(const struct compare_cloud *x, const struct compare_cloud *y, int p, double cost[]) {
    struct compare_centring centring;
    enum core_status status = compare_centring_init(&centring, x->stride, y->stride, x->dimension);
    if (status != CORE_OK) return status;
    struct compare_pass pass = {.x = x, .y = y, .rate = -1, .cost = cost};
    compare_centring_set(&centring, x, y, p == 2);
    pass.row_term = centring.row_term;
    pass.column_term = centring.column_term;
    compare_pairwise_kernels()->pass(&pass);
    if (p == 1) compare_quadratic_kernels()->shape(x->n * y->stride, cost, -1, cost);
    compare_centring_free(&centring);
    return CORE_OK;
}

static double apart(const struct compare_cloud *x, size_t i, const struct compare_cloud *y, size_t j, int p) {
    double square = 0;
    for (size_t k = 0; k < x->dimension; k++) {
        double d = x->x[k * x->stride + i] - y->x[k * y->stride + j];
        square += d * d;
    }
    return p == 1 ? sqrt(square) : square;
}

/* ---- Assignment ---- */

static enum core_status assign(const struct compare_cloud *x, const struct compare_cloud *y, int p, double *mean,
                               double *gap) {
    struct compare_assignment *solver;
    enum core_status status = compare_assignment_create(x->n, &solver);
    if (status != CORE_OK) return status;
    status = fill_costs(x, y, p, solver->cost);
    if (status == CORE_OK) {
        compare_assignment_solve(solver);
        *mean = 0;
        for (size_t i = 0; i < x->n; i++) *mean += apart(x, i, y, (size_t)solver->column_of[i], p) / (double)x->n;
        *gap = compare_assignment_gap(solver);
    }
    compare_assignment_free(solver);
    return status;
}

/* ---- Transport ---- */

static void read_plan(const struct compare_simplex *s, const struct compare_cloud *x, const struct compare_cloud *y,
                      int p, uint64_t total, double *mean, double *gap) {
    double *least = s->u; /* the best duals of the sources for these of the sinks */
    for (size_t i = 0; i < s->n; i++) {
        least[i] = compare_assignment_kernels()->two_best(s->stride, s->cost + i * s->stride, s->v).first;
    }
    *mean = *gap = 0;
    for (size_t k = 0; k < s->n + s->m; k++) {
        size_t i, j;
        if (s->flow[k] == 0 || !compare_simplex_arc(s, k, &i, &j)) continue;
        double share = (double)s->flow[k] / (double)total;
        *mean += share * apart(x, i, y, j, p);
        *gap += share * fmax(0, s->cost[i * s->stride + j] - s->v[j] - least[i]);
    }
}

static enum core_status transport(const struct compare_cloud *x, const uint64_t supply[], const struct compare_cloud *y,
                                  const uint64_t demand[], uint64_t total, int p, double *mean, double *gap) {
    struct compare_simplex *simplex;
    enum core_status status = compare_simplex_create(x->n, y->n, &simplex);
    if (status != CORE_OK) return status;
    memcpy(simplex->supply, supply, x->n * sizeof *supply);
    memcpy(simplex->demand, demand, y->n * sizeof *demand);
    status = fill_costs(x, y, p, simplex->cost);
    if (status == CORE_OK) status = compare_simplex_solve(simplex);
    if (status == CORE_OK) read_plan(simplex, x, y, p, total, mean, gap);
    compare_simplex_free(simplex);
    return status;
}

/* The rows with mass, and their masses, moved to the front of kept (n, d) and units. Returns how many. */
static size_t keep_heavy(size_t n, size_t d, const double x[], double kept[], uint64_t units[]) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        if (units[i] == 0) continue;
        memcpy(kept + count * d, x + i * d, d * sizeof *x);
        units[count++] = units[i];
    }
    return count;
}

struct weighted {
    size_t n;
    const double *x, *w;
};

static enum core_status solve_weighted(const struct weighted *a, const struct weighted *b, size_t d, int p,
                                       int exponent, double *mean, double *gap) {
    size_t n = a->n, m = b->n;
    uint64_t *units = core_alloc(n + m, sizeof *units), total;
    double *kept = core_alloc(n + m, d * sizeof *kept);
    struct compare_cloud x = {0}, y = {0};
    enum core_status status = CORE_OK;
    if (units == NULL || kept == NULL) status = core_fail(CORE_NO_MEMORY, "no memory for %zu weighted rows", n + m);
    if (status == CORE_OK) {
        compare_units(n, a->w, m, b->w, units, units + n, &total);
        size_t heavy = keep_heavy(n, d, a->x, kept, units);
        status = compare_cloud_init(&x, heavy, d, kept, exponent);
        heavy = keep_heavy(m, d, b->x, kept, units + n);
        if (status == CORE_OK) status = compare_cloud_init(&y, heavy, d, kept, exponent);
        if (status == CORE_OK) status = transport(&x, units, &y, units + n, total, p, mean, gap);
    }
    core_free(units);
    core_free(kept);
    compare_cloud_free(&x);
    compare_cloud_free(&y);
    return status;
}

static enum core_status solve_equal(const struct weighted *a, const struct weighted *b, size_t d, int p, int exponent,
                                    double *mean, double *gap) {
    struct compare_cloud x = {0}, y = {0};
    enum core_status status = compare_cloud_init(&x, a->n, d, a->x, exponent);
    if (status == CORE_OK) status = compare_cloud_init(&y, b->n, d, b->x, exponent);
    if (status == CORE_OK) status = assign(&x, &y, p, mean, gap);
    compare_cloud_free(&x);
    compare_cloud_free(&y);
    return status;
}

static enum core_status check(const struct weighted *a, const struct weighted *b, size_t d, int p) {
    enum core_status status = compare_check_sample("the first sample", 1, a->n, d, a->x);
    if (status == CORE_OK) status = compare_check_sample("the second sample", 1, b->n, d, b->x);
    if (status == CORE_OK) status = compare_check_weights("the first sample", a->n, a->w);
    if (status == CORE_OK) status = compare_check_weights("the second sample", b->n, b->w);
    if (status != CORE_OK) return status;
    if (p != 1 && p != 2) return core_fail(CORE_BAD_INPUT, "W_p is here for p = 1 and p = 2, not for p = %d", p);
    if (d > 1 && (double)a->n * (double)b->n > PAIRS) {
        return core_fail(CORE_BAD_INPUT, "%zu times %zu pairs; the exact distance is computed for at most %d", a->n,
                         b->n, PAIRS);
    }
    return CORE_OK;
}

enum core_status compare_wasserstein(size_t n, const double x[], const double wx[], size_t m, const double y[],
                                     const double wy[], size_t dimension, int p, double *distance, double *gap) {
    struct weighted a = {n, x, wx}, b = {m, y, wy};
    enum core_status status = check(&a, &b, dimension, p);
    if (status != CORE_OK) return status;
    double mean = 0, certificate = 0;
    *gap = 0;
    if (dimension == 1) return compare_wasserstein_1d_weighted(n, x, wx, m, y, wy, p, distance);
    int exponent = compare_exponent(COMPARE_NO_EXPONENT, n * dimension, x);
    exponent = compare_exponent(exponent, m * dimension, y);
    int equal = n == m && wx == NULL && wy == NULL;
    status = equal ? solve_equal(&a, &b, dimension, p, exponent, &mean, &certificate)
                   : solve_weighted(&a, &b, dimension, p, exponent, &mean, &certificate);
    if (status != CORE_OK) return status;
    if (certificate > gap_allowed * mean + 1e-14) {
        return core_fail(CORE_NUMERICAL, "the transport is certified only to %.3g of a mean cost of %.3g", certificate,
                         mean);
    }
    double grow = compare_grow(exponent);
    *distance = (p == 1 ? mean : sqrt(mean)) * grow;
    *gap = certificate * (p == 1 ? grow : grow * grow);
    return CORE_OK;
}

enum core_status compare_wasserstein_debiased(size_t n, size_t dimension, const double x[], const double x2[],
                                              const double y[], const double y2[], struct compare_debiased *out) {
    const double *const pairs[3][2] = {{x, y}, {x, x2}, {y, y2}};
    double *const squares[] = {&out->squared, &out->floor_x, &out->floor_y};
    for (size_t k = 0; k < 3; k++) {
        double distance, gap;
        enum core_status status =
            compare_wasserstein(n, pairs[k][0], NULL, n, pairs[k][1], NULL, dimension, 2, &distance, &gap);
        if (status != CORE_OK) return status;
        *squares[k] = distance * distance;
    }
    out->debiased = out->squared - 0.5 * (out->floor_x + out->floor_y);
    return CORE_OK;
}
