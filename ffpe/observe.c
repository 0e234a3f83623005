/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers of a density: sums over the control volumes, which are the trapezoidal rule, and values at probes by
 * polynomials of high order, whose own error is far below the grid's, so that extrapolation sees a series in h^2 even
 * where a probe is no node. */
#include "ffpe/observe.h"

#include "core/memory.h"

#include <math.h>
#include <string.h>

/* Nodes an axis that carry a probe: in three dimensions 4^3, elsewhere 8^d. */
static size_t stencil_order(size_t dimension) {
    return dimension == 3 ? FFPE_STENCIL_ORDER / 2 : FFPE_STENCIL_ORDER;
}

enum core_status ffpe_observer_create(const struct ffpe_problem *problem, const struct ffpe_operator *op,
                                      struct ffpe_observer *observer) {
    size_t d = op->grid.dimension;
    *observer = (struct ffpe_observer){.problem = problem, .op = op};
    observer->probes = core_alloc(problem->probe_count + 1, sizeof *observer->probes);
    if (observer->probes == NULL) return core_fail(CORE_NO_MEMORY, "no memory for %zu probes", problem->probe_count);
    for (size_t i = 0; i < problem->probe_count; i++)
        ffpe_grid_stencil(&op->grid, problem->probes + i * d, stencil_order(d), &observer->probes[i]);
    return CORE_OK;
}

void ffpe_observer_clear(struct ffpe_observer *observer) {
    core_free(observer->probes);
    *observer = (struct ffpe_observer){0};
}

void ffpe_observe(const struct ffpe_observer *observer, const double u[], double numbers[], double *minimum) {
    const struct ffpe_operator *op = observer->op;
    const double *centre = observer->problem->start.mean;
    size_t d = op->grid.dimension;
    double mass = 0, energy = 0, first[FFPE_DIMENSION_MAX] = {0}, second[FFPE_DIMENSION_MAX * FFPE_DIMENSION_MAX] = {0};
    *minimum = INFINITY;
    /* about the start, so that a narrow density far from zero keeps its digits */
    for (size_t i = 0; i < op->grid.count; i++) {
        long at[FFPE_DIMENSION_MAX] = {0};
        double x[FFPE_DIMENSION_MAX], weight = op->grid.volume[i] * u[i];
        ffpe_grid_lattice(&op->grid, i, at);
        ffpe_grid_place(&op->grid, at, x);
        mass += weight;
        energy += weight * op->loss[i];
        for (size_t k = 0; k < d; k++) first[k] += weight * (x[k] - centre[k]);
        for (size_t k = 0; k < d * d; k++)
            second[k] += weight * (x[k / d] - centre[k / d]) * (x[k % d] - centre[k % d]);
        if (u[i] < *minimum) *minimum = u[i];
    }
    double *mean = numbers + 1, *covariance = mean + d, *msd = covariance + d * d, *energy_at = msd + 1;
    numbers[0] = mass;
    *msd = 0;
    for (size_t k = 0; k < d; k++) {
        mean[k] = centre[k] + first[k] / mass;
        *msd += second[k * d + k] / mass;
    }
    for (size_t k = 0; k < d * d; k++) covariance[k] = second[k] / mass - first[k / d] / mass * (first[k % d] / mass);
    *energy_at = energy / mass;
    for (size_t i = 0; i < observer->problem->probe_count; i++)
        energy_at[1 + i] = ffpe_stencil_value(&observer->probes[i], u);
}
