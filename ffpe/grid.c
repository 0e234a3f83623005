/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Grids: where the unknowns are, and polynomials through them. */
#include "ffpe/grid.h"

#include "core/memory.h"

#include <assert.h>
#include <math.h>

/* The grid's numbers for one axis. */
static enum core_status set_axis(const struct ffpe_problem *problem, size_t level, size_t axis,
                                 struct ffpe_grid *grid) {
    size_t cells = problem->cells[axis] >> level;
    const enum ffpe_wall *walls = problem->walls[axis];
    if ((cells << level) != problem->cells[axis] || cells == 0)
        return core_fail(CORE_BAD_INPUT, "axis %zu: %zu cells cannot be halved %zu times for the extrapolation",
                         axis + 1, problem->cells[axis], level);
    size_t nodes = walls[0] == FFPE_PERIODIC ? cells : cells + 1;
    for (int side = 0; side < 2; side++) nodes -= walls[side] == FFPE_ABSORBING;
    if (nodes == 0)
        return core_fail(CORE_BAD_INPUT,
                         "axis %zu: one cell between absorbing walls leaves no unknown; take two or more", axis + 1);
    grid->cells[axis] = cells;
    grid->nodes[axis] = nodes;
    grid->first[axis] = walls[0] == FFPE_ABSORBING;
    grid->walls[axis][0] = walls[0];
    grid->walls[axis][1] = walls[1];
    grid->lower[axis] = problem->lower[axis];
    grid->upper[axis] = problem->upper[axis];
    grid->step[axis] = (problem->upper[axis] - problem->lower[axis]) / (double)cells;
    return CORE_OK;
}

enum core_status ffpe_grid_create(const struct ffpe_problem *problem, size_t level, struct ffpe_grid *grid) {
    *grid = (struct ffpe_grid){.dimension = problem->land->dimension, .count = 1};
    for (size_t k = 0; k < grid->dimension; k++) {
        enum core_status status = set_axis(problem, level, k, grid);
        if (status != CORE_OK) return status;
        if (grid->count > INT32_MAX / grid->nodes[k] / 16)
            return core_fail(CORE_BAD_INPUT, "the grid has more than %d unknowns", INT32_MAX / 16);
        grid->count *= grid->nodes[k];
    }
    grid->volume = core_alloc(grid->count, sizeof *grid->volume);
    if (grid->volume == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a grid of %zu unknowns", grid->count);
    for (size_t i = 0; i < grid->count; i++) {
        long at[FFPE_DIMENSION_MAX] = {0};
        ffpe_grid_lattice(grid, i, at);
        grid->volume[i] = 1;
        for (size_t k = 0; k < grid->dimension; k++) grid->volume[i] *= ffpe_grid_width(grid, k, at[k]);
    }
    return CORE_OK;
}

void ffpe_grid_clear(struct ffpe_grid *grid) {
    core_free(grid->volume);
    *grid = (struct ffpe_grid){0};
}

void ffpe_grid_lattice(const struct ffpe_grid *grid, size_t node, long lattice[]) {
    for (size_t k = grid->dimension; k-- > 0;) {
        lattice[k] = (long)(node % grid->nodes[k] + grid->first[k]);
        node /= grid->nodes[k];
    }
}

void ffpe_grid_place(const struct ffpe_grid *grid, const long lattice[], double x[]) {
    for (size_t k = 0; k < grid->dimension; k++) {
        long last = (long)grid->cells[k];
        x[k] = lattice[k] == last ? grid->upper[k] : grid->lower[k] + grid->step[k] * (double)lattice[k];
    }
}

size_t ffpe_grid_node(const struct ffpe_grid *grid, const long lattice[], int *beyond) {
    size_t node = 0;
    int outside = 0;
    *beyond = 0;
    for (size_t k = 0; k < grid->dimension; k++) {
        long at = lattice[k], cells = (long)grid->cells[k];
        const enum ffpe_wall *walls = grid->walls[k];
        if (walls[0] == FFPE_PERIODIC) {
            at = (at % cells + cells) % cells;
        } else if (at < (long)grid->first[k] || at >= (long)(grid->first[k] + grid->nodes[k])) {
            int side = at > (long)grid->first[k];
            if (walls[side] == FFPE_ABSORBING)
                outside = 1;
            else
                *beyond = 1;
            continue;
        }
        node = node * grid->nodes[k] + (size_t)at - grid->first[k];
    }
    return outside || *beyond ? FFPE_OUTSIDE : node;
}

double ffpe_grid_width(const struct ffpe_grid *grid, size_t axis, long lattice) {
    int at_wall = grid->walls[axis][0] != FFPE_PERIODIC && (lattice == 0 || lattice == (long)grid->cells[axis]);
    return at_wall ? grid->step[axis] / 2 : grid->step[axis];
}

/* ---- Polynomials through nodes --------------------------------------------------------------------------------------
 */

/* The lattice indices and Lagrange weights for x on one axis; returns how many. Nodes on absorbing walls take part:
 * the value there is zero. */
static size_t axis_weights(const struct ffpe_grid *grid, size_t axis, double x, size_t order, long index[],
                           double weight[]) {
    double at = (x - grid->lower[axis]) / grid->step[axis], nearest = nearbyint(at);
    long cells = (long)grid->cells[axis];
    int periodic = grid->walls[axis][0] == FFPE_PERIODIC;
    size_t available = (size_t)cells + 1, count = order < available || periodic ? order : available;
    if (periodic && count > (size_t)cells) count = (size_t)cells;
    if (fabs(at - nearest) < 1e-9 * fmax(1, fabs(at))) count = 1;
    long first = count == 1 ? (long)nearest : (long)floor(at) - (long)(count / 2) + 1;
    if (!periodic) {
        if (first + (long)count - 1 > cells) first = cells - (long)count + 1;
        if (first < 0) first = 0;
    }
    for (size_t i = 0; i < count; i++) {
        index[i] = first + (long)i;
        weight[i] = 1;
        for (size_t j = 0; j < count; j++) {
            if (j != i) weight[i] *= (at - (double)(first + (long)j)) / ((double)i - (double)j);
        }
    }
    return count;
}

void ffpe_grid_stencil(const struct ffpe_grid *grid, const double x[], size_t order, struct ffpe_stencil *stencil) {
    long index[FFPE_DIMENSION_MAX][FFPE_STENCIL_ORDER] = {{0}};
    double weight[FFPE_DIMENSION_MAX][FFPE_STENCIL_ORDER] = {{0}};
    size_t count[FFPE_DIMENSION_MAX] = {1, 1, 1}, total = 1;
    for (size_t k = 0; k < grid->dimension; k++) {
        count[k] = axis_weights(grid, k, x[k], order, index[k], weight[k]);
        assert(count[k] > 0);
        total *= count[k];
    }
    stencil->count = 0;
    for (size_t i = 0; i < total; i++) {
        long at[FFPE_DIMENSION_MAX] = {0};
        double product = 1;
        size_t rest = i;
        for (size_t k = 0; k < grid->dimension; k++) {
            at[k] = index[k][rest % count[k]];
            product *= weight[k][rest % count[k]];
            rest /= count[k];
        }
        int beyond;
        size_t node = ffpe_grid_node(grid, at, &beyond);
        if (node == FFPE_OUTSIDE) continue;
        stencil->node[stencil->count] = node;
        stencil->weight[stencil->count++] = product;
    }
}

double ffpe_stencil_value(const struct ffpe_stencil *stencil, const double u[]) {
    double sum = 0;
    for (size_t i = 0; i < stencil->count; i++) sum += stencil->weight[i] * u[stencil->node[i]];
    return sum;
}
