/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Steady states, componentwise accurate: L u = 0.
 *
 * On a chain without absorbing walls no current flows, and forward u_i = backward u_{i+1} is the answer, node by node
 * from the deepest. Elsewhere the deepest node's density is held at one and the others solve the M-matrix that is left,
 * whose right side and inverse have no negative entry: nothing cancels, and densities of 10^-80 of the largest keep
 * their digits where a null vector by iteration has none below 10^-20 [higham2002, ch. 8] [grassmann1985].
 *
 * The current: the flux along an edge of length vector s carries flux * s; half of it is counted at either end,
 * J = sum flux s / (2 V), which for axis edges is the mean of the fluxes on both sides of the node. The curl is taken
 * by central differences of J. Entropy production is the sum over edges of flux ln(forward u_tail / backward u_head),
 * never negative [schnakenberg1976]. */
#include "ffpe/levy.h"
#include "ffpe/observe.h"

#include "core/memory.h"

#include <math.h>
#include <string.h>

enum { D = FFPE_DIMENSION_MAX };

static size_t deepest(const struct ffpe_operator *op) {
    const double *height = op->reversible ? op->effective : op->loss;
    size_t best = 0;
    for (size_t i = 1; i < op->grid.count; i++) {
        if (height[i] < height[best]) best = i;
    }
    return best;
}

/* The edges of a chain join node i to node i + 1 in ascending order; forward / backward = e^{-delta}, also where one of
 * them is below all numbers. */
static void solve_chain(const struct ffpe_operator *op, size_t pinned, double u[]) {
    double height = 0;
    u[pinned] = 1;
    for (size_t i = pinned; i + 1 < op->grid.count; i++) u[i + 1] = exp(-(height += op->edges[i].delta));
    height = 0;
    for (size_t i = pinned; i > 0; i--) u[i - 1] = exp(height += op->edges[i - 1].delta);
}

static enum core_status solve_pinned(const struct ffpe_operator *op, size_t pinned, double u[]) {
    struct ffpe_pattern *pattern = NULL;
    struct ffpe_factor *factor = NULL;
    double *source = core_alloc(op->grid.count, sizeof *source);
    enum core_status status = source == NULL ? core_fail(CORE_NO_MEMORY, "no memory for the steady state") : CORE_OK;
    if (status == CORE_OK) status = ffpe_pattern_create(op, 0, &pattern);
    if (status == CORE_OK) status = ffpe_factor_create(pattern, 0, &factor);
    if (status == CORE_OK) status = ffpe_factor_make(factor, 0, pinned);
    if (status == CORE_OK) {
        for (const struct ffpe_edge *edge = op->edges; edge < op->edges + op->edge_count; edge++) {
            if (edge->tail == pinned && edge->head != FFPE_OUTSIDE) source[edge->head] += edge->forward;
            if (edge->head == pinned) source[edge->tail] += edge->backward;
        }
        source[pinned] = 1;
        status = ffpe_factor_solve(factor, 0, source, u);
    }
    ffpe_factor_free(factor);
    ffpe_pattern_free(pattern);
    core_free(source);
    return status;
}

/* Densities below 10^-290 of the largest are at the end of the numbers and not compared. */
static double distance_to_gibbs(const struct ffpe_operator *op, size_t pinned, const double u[]) {
    double worst = 0;
    if (!op->gibbs) return NAN;
    for (size_t i = 0; i < op->grid.count; i++) {
        double gibbs = exp(op->effective[pinned] - op->effective[i]);
        if (gibbs > 1e-290) worst = fmax(worst, fabs(u[i] / gibbs - 1));
    }
    return worst;
}

enum core_status ffpe_steady_solve(const struct ffpe_operator *op, double u[], double *gibbs_error) {
    size_t pinned = deepest(op);
    enum core_status status = CORE_OK;
    if (op->levy != NULL)
        status = ffpe_levy_steady(op, u);
    else if (op->chain)
        solve_chain(op, pinned, u);
    else
        status = solve_pinned(op, pinned, u);
    if (status != CORE_OK) return status;
    *gibbs_error = distance_to_gibbs(op, pinned, u);
    double mass = 0;
    for (size_t i = 0; i < op->grid.count; i++) mass += op->grid.volume[i] * u[i];
    if (!isfinite(mass) || mass <= 0)
        return core_fail(CORE_NUMERICAL,
                         "the steady state has no finite mass: the diffusion is too small for this grid");
    for (size_t i = 0; i < op->grid.count; i++) u[i] /= mass;
    return CORE_OK;
}

/* ---- Currents
 * ---------------------------------------------------------------------------------------------------------- */

/* j (count, d); returns the entropy production. */
static double nodal_current(const struct ffpe_operator *op, const double u[], double j[]) {
    const struct ffpe_grid *grid = &op->grid;
    size_t d = grid->dimension;
    double production = 0;
    for (const struct ffpe_edge *edge = op->edges; edge < op->edges + op->edge_count; edge++) {
        if (edge->head == FFPE_OUTSIDE) continue;
        double there = edge->forward * u[edge->tail], back = edge->backward * u[edge->head], flux = there - back;
        for (size_t k = 0; k < d; k++) {
            double carried = flux * grid->step[k] * edge->offset[k] / 2;
            j[edge->tail * d + k] += carried / grid->volume[edge->tail];
            j[edge->head * d + k] += carried / grid->volume[edge->head];
        }
        if (there > 0 && back > 0) production += flux * log(there / back);
    }
    return production;
}

/* d_x J_y - d_y J_x at a node of the plane; NaN next to a wall. */
static double nodal_curl(const struct ffpe_grid *grid, const double j[], size_t node) {
    double curl = 0;
    for (size_t k = 0; k < 2; k++) {
        size_t side[2];
        for (int s = 0; s < 2; s++) {
            long at[D] = {0};
            int beyond;
            ffpe_grid_lattice(grid, node, at);
            at[k] += s == 0 ? -1 : 1;
            side[s] = ffpe_grid_node(grid, at, &beyond);
            if (side[s] == FFPE_OUTSIDE) return NAN;
        }
        double slope = (j[side[1] * 2 + 1 - k] - j[side[0] * 2 + 1 - k]) / (2 * grid->step[k]);
        curl += k == 0 ? slope : -slope;
    }
    return curl;
}

static double curl_at_origin(const struct ffpe_grid *grid, const double j[]) {
    static const double origin[2] = {0, 0};
    struct ffpe_stencil stencil;
    double sum = 0;
    for (size_t k = 0; k < 2; k++) {
        if (grid->dimension != 2 || grid->lower[k] > 0 || grid->upper[k] < 0) return NAN;
    }
    ffpe_grid_stencil(grid, origin, FFPE_STENCIL_ORDER, &stencil);
    for (size_t i = 0; i < stencil.count; i++) sum += stencil.weight[i] * nodal_curl(grid, j, stencil.node[i]);
    return sum;
}

enum core_status ffpe_current_observe(const struct ffpe_operator *op, const double u[], double numbers[3]) {
    size_t d = op->grid.dimension;
    double *j = core_alloc(op->grid.count * d, sizeof *j), norm = 0;
    if (j == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a current");
    numbers[2] = nodal_current(op, u, j);
    for (size_t i = 0; i < op->grid.count; i++) {
        double square = 0;
        for (size_t k = 0; k < d; k++) square += j[i * d + k] * j[i * d + k];
        norm += op->grid.volume[i] * sqrt(square);
    }
    numbers[0] = norm;
    numbers[1] = curl_at_origin(&op->grid, j);
    core_free(j);
    return CORE_OK;
}
