/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The systems at the nodes of a contour. Nodes are independent: each thread factors and solves, every node's solution
 * is kept, and the sums over nodes run in a fixed order, so that the number of threads changes no bit. */
#include "ffpe/evolve.h"
#include "ffpe/levy.h"

#include "core/memory.h"
#include "core/parallel.h"

#include <math.h>

struct ffpe_nodes {
    const struct ffpe_evolution *evolution;
    size_t factors, keep;           /* factors: keep where it is not 0, else one per thread */
    struct ffpe_factor **factor;    /* (factors) */
    struct ffpe_levy_solver **levy; /* (threads) in place of factors; NULL without Levy flights */
    double **work;                  /* (threads) 4 n */
    struct ffpe_contour contour;    /* of the last solve */
    const double *mass;
    size_t room;
    double *solution; /* (room, n, 2) */
};

void ffpe_nodes_free(struct ffpe_nodes *nodes) {
    if (nodes == NULL) return;
    for (size_t i = 0; i < nodes->factors && nodes->factor != NULL; i++) ffpe_factor_free(nodes->factor[i]);
    for (size_t i = 0; i < nodes->evolution->threads; i++) {
        if (nodes->work != NULL) core_free(nodes->work[i]);
        if (nodes->levy != NULL) ffpe_levy_solver_free(nodes->levy[i]);
    }
    core_free(nodes->levy);
    core_free(nodes->factor);
    core_free(nodes->work);
    core_free(nodes->solution);
    core_free(nodes);
}

static enum core_status fill_levy(struct ffpe_nodes *nodes) {
    nodes->levy = core_alloc(nodes->evolution->threads, sizeof *nodes->levy);
    if (nodes->levy == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a contour's systems");
    for (size_t i = 0; i < nodes->evolution->threads; i++) {
        enum core_status status = ffpe_levy_solver_create(nodes->evolution->op, &nodes->levy[i]);
        if (status != CORE_OK) return status;
    }
    return CORE_OK;
}

static enum core_status fill(struct ffpe_nodes *nodes) {
    size_t threads = nodes->evolution->threads;
    nodes->factor = core_alloc(nodes->factors, sizeof *nodes->factor);
    nodes->work = core_alloc(threads, sizeof *nodes->work);
    if (nodes->factor == NULL || nodes->work == NULL)
        return core_fail(CORE_NO_MEMORY, "no memory for a contour's systems");
    for (size_t i = 0; i < threads; i++) {
        nodes->work[i] = core_alloc(4 * nodes->evolution->op->grid.count, sizeof(double));
        if (nodes->work[i] == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a contour's systems");
    }
    if (nodes->evolution->op->levy != NULL) return fill_levy(nodes);
    for (size_t i = 0; i < nodes->factors; i++) {
        enum core_status status = ffpe_factor_create(nodes->evolution->pattern, 1, &nodes->factor[i]);
        if (status != CORE_OK) return status;
    }
    return CORE_OK;
}

enum core_status ffpe_nodes_create(const struct ffpe_evolution *evolution, size_t keep, struct ffpe_nodes **nodes) {
    *nodes = NULL;
    struct ffpe_nodes *made = core_alloc(1, sizeof *made);
    if (made == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a contour's systems");
    made->evolution = evolution;
    made->keep = keep;
    made->factors = keep > 0 ? keep : evolution->threads;
    enum core_status status = fill(made);
    if (status == CORE_OK)
        *nodes = made;
    else
        ffpe_nodes_free(made);
    return status;
}

static enum core_status solve_node(void *context, size_t node, size_t thread) {
    struct ffpe_nodes *nodes = context;
    size_t n = nodes->evolution->op->grid.count;
    double complex z, factor;
    ffpe_contour_node(&nodes->contour, node, &z, &factor);
    if (nodes->levy != NULL)
        return ffpe_levy_solve(nodes->levy[thread], cpow(z, nodes->evolution->order), nodes->mass,
                               nodes->solution + 2 * n * node);
    return ffpe_factor_resolvent(nodes->factor[node < nodes->keep ? node : thread], cpow(z, nodes->evolution->order),
                                 nodes->mass, nodes->work[thread], nodes->solution + 2 * n * node);
}

enum core_status ffpe_nodes_solve(struct ffpe_nodes *nodes, const struct ffpe_contour *contour, const double mass[]) {
    size_t n = nodes->evolution->op->grid.count;
    if (contour->nodes > nodes->room) {
        core_free(nodes->solution);
        nodes->solution = core_alloc(2 * n * contour->nodes, sizeof(double));
        nodes->room = nodes->solution == NULL ? 0 : contour->nodes;
        if (nodes->solution == NULL)
            return core_fail(CORE_NO_MEMORY, "no memory for %zu solutions of %zu unknowns (%.2g GB)", contour->nodes, n,
                             16e-9 * (double)n * (double)contour->nodes);
    }
    nodes->contour = *contour;
    nodes->mass = mass;
    return core_parallel(contour->nodes, nodes->evolution->threads, solve_node, nodes);
}

void ffpe_nodes_sum(const struct ffpe_nodes *nodes, double t, double u[]) {
    size_t n = nodes->evolution->op->grid.count;
    double constant = 0;
    for (size_t i = 0; i < n; i++) u[i] = 0;
    for (size_t k = 0; k < nodes->contour.nodes; k++) {
        double complex z, factor;
        ffpe_contour_node(&nodes->contour, k, &z, &factor);
        double complex weight = factor * cexp(z * t) / z;
        constant += creal(weight);
        weight *= cpow(z, nodes->evolution->order);
        double re = creal(weight), im = cimag(weight);
        const double *x = nodes->solution + 2 * n * k;
        for (size_t i = 0; i < n; i++) u[i] += re * x[2 * i] - im * x[2 * i + 1];
    }
    for (size_t i = 0; i < n; i++) u[i] /= constant;
}
