/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starts: the exact probability of every control volume.
 *
 * A Gaussian is a product over the axes, each factor a difference of error functions over the control volume, divided
 * by the factor's mass in the box; around a periodic axis its images count. On an absorbing wall the half cell there
 * has no unknown, and its mass is lost at once. A delta is one node; between nodes it is split by the polynomial of the
 * given order, so that functionals of the solution keep the order of the grid (order 2: two nodes an axis, never
 * negative). */
#include "core/memory.h"
#include "ffpe/grid.h"

#include <math.h>
#include <string.h>

/* The standard normal mass between a and b, precise in both tails. */
static double normal_between(double a, double b) {
    if (a > 0) return 0.5 * (erfc(a * M_SQRT1_2) - erfc(b * M_SQRT1_2));
    if (b < 0) return 0.5 * (erfc(-b * M_SQRT1_2) - erfc(-a * M_SQRT1_2));
    return 0.5 * (erf(b * M_SQRT1_2) - erf(a * M_SQRT1_2));
}

/* The factor's mass between `from` and `to` on one axis. */
static double axis_mass(const struct ffpe_problem *problem, const struct ffpe_grid *grid, size_t axis, double from,
                        double to) {
    const struct ffpe_start *start = &problem->start;
    double length = grid->upper[axis] - grid->lower[axis], sum = 0;
    if (start->law == FFPE_UNIFORM) return (to - from) / length;
    int images = grid->walls[axis][0] == FFPE_PERIODIC ? (int)ceil(10 * start->deviation / length) + 1 : 0;
    for (int image = -images; image <= images; image++) {
        double centre = start->mean[axis] + image * length;
        sum += normal_between((from - centre) / start->deviation, (to - centre) / start->deviation);
    }
    return sum;
}

static void axis_masses(const struct ffpe_problem *problem, const struct ffpe_grid *grid, size_t axis, double mass[]) {
    double lower = grid->lower[axis], upper = grid->upper[axis], h = grid->step[axis];
    int periodic = grid->walls[axis][0] == FFPE_PERIODIC;
    double whole = axis_mass(problem, grid, axis, lower, upper);
    for (size_t i = 0; i < grid->nodes[axis]; i++) {
        double x = lower + h * (double)(i + grid->first[axis]);
        double from = periodic ? x - h / 2 : fmax(x - h / 2, lower), to = periodic ? x + h / 2 : fmin(x + h / 2, upper);
        mass[i] = axis_mass(problem, grid, axis, from, to) / whole;
    }
}

static enum core_status product_masses(const struct ffpe_problem *problem, const struct ffpe_grid *grid,
                                       double mass[]) {
    size_t d = grid->dimension, room = 0, first[FFPE_DIMENSION_MAX];
    for (size_t k = 0; k < d; k++) {
        first[k] = room;
        room += grid->nodes[k];
    }
    double *factor = core_alloc(room, sizeof *factor);
    if (factor == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the start");
    for (size_t k = 0; k < d; k++) axis_masses(problem, grid, k, factor + first[k]);
    for (size_t i = 0; i < grid->count; i++) {
        long at[FFPE_DIMENSION_MAX] = {0};
        ffpe_grid_lattice(grid, i, at);
        mass[i] = 1;
        for (size_t k = 0; k < d; k++) mass[i] *= factor[first[k] + (size_t)at[k] - grid->first[k]];
    }
    core_free(factor);
    return CORE_OK;
}

enum core_status ffpe_start_mass(const struct ffpe_problem *problem, const struct ffpe_grid *grid, size_t order,
                                 double mass[]) {
    if (problem->start.law != FFPE_DELTA) return product_masses(problem, grid, mass);
    struct ffpe_stencil stencil;
    ffpe_grid_stencil(grid, problem->start.mean, order, &stencil);
    memset(mass, 0, grid->count * sizeof *mass);
    for (size_t i = 0; i < stencil.count; i++) mass[stencil.node[i]] += stencil.weight[i];
    return CORE_OK;
}
