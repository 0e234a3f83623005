/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Densities at times by the Laplace contour: u(t) = 1/(2 pi i) int e^{z t} z^{alpha-1} (z^alpha V + L)^{-1} m_0 dz.
 *
 * Times are cut into windows that share their solves; the cut with the fewest solves is found by dynamic programming
 * over the ascending times.
 *
 * The spectrum of a reversible operator is real, and the quadrature's error on the density, in the norm where the
 * operator is symmetric, is the largest error on the scalar functions E_alpha(-lambda t^alpha): that is the estimate.
 */
#include "ffpe/evolve.h"

#include "core/memory.h"

#include <float.h>
#include <math.h>

/* Rounding is lifted by e^{mu t (1 - sin phi)}; windows where that would exceed the tolerance are not taken. */
static int fits(const struct ffpe_contour *contour, double last, double tolerance) {
    double lift = exp(contour->mu * (1 - sin(contour->angle)) * last);
    return 2 * DBL_EPSILON * lift < fmax(tolerance, 1e-13);
}

/* ---- Windows
 * --------------------------------------------------------------------------------------------------------- */

struct window {
    size_t first, count; /* of the times */
    struct ffpe_contour contour;
};

static struct ffpe_contour window_contour(const struct ffpe_evolution *evolution, size_t first, size_t last) {
    double ratio = evolution->times[last] / evolution->times[first];
    size_t nodes = ffpe_contour_nodes(ratio, 0, evolution->tolerance);
    return ffpe_contour_make(evolution->times[last], ratio, 0, nodes);
}

/* Fills windows (time_count), returns how many: the cut with the fewest nodes. cost (time_count + 1) and from
 * (time_count + 1) are workspace. */
static size_t cut_windows(const struct ffpe_evolution *evolution, double cost[], size_t from[],
                          struct window windows[]) {
    size_t count = evolution->time_count, made = 0;
    cost[0] = 0;
    for (size_t end = 1; end <= count; end++) {
        cost[end] = INFINITY;
        for (size_t first = end; first-- > 0;) {
            struct ffpe_contour contour = window_contour(evolution, first, end - 1);
            if (first + 1 < end && !fits(&contour, evolution->times[end - 1], evolution->tolerance)) break;
            if (cost[first] + (double)contour.nodes >= cost[end]) continue;
            cost[end] = cost[first] + (double)contour.nodes;
            from[end] = first;
        }
    }
    for (size_t end = count; end > 0; end = from[end]) {
        windows[made++] = (struct window){
            .first = from[end], .count = end - from[end], .contour = window_contour(evolution, from[end], end - 1)};
    }
    return made;
}

static enum core_status solve_window(struct ffpe_evolution *evolution, struct ffpe_nodes *nodes,
                                     const struct window *window) {
    size_t n = evolution->op->grid.count, last = window->first + window->count - 1;
    enum core_status status = ffpe_nodes_solve(nodes, &window->contour, evolution->mass);
    for (size_t j = window->first; j <= last && status == CORE_OK; j++)
        ffpe_nodes_sum(nodes, evolution->times[j], evolution->density + j * n);
    double error = ffpe_contour_error(&window->contour, evolution->order, evolution->times[window->first],
                                      evolution->times[last], 0);
    evolution->error = fmax(evolution->error, error);
    evolution->solves += window->contour.nodes;
    return status;
}

enum core_status ffpe_evolve_contour(struct ffpe_evolution *evolution) {
    size_t count = evolution->time_count;
    struct ffpe_nodes *nodes = NULL;
    double *cost = core_alloc(count + 1, sizeof *cost);
    size_t *from = core_alloc(count + 1, sizeof *from);
    struct window *windows = core_alloc(count + 1, sizeof *windows);
    enum core_status status = CORE_OK;
    evolution->error = 0;
    if (cost == NULL || from == NULL || windows == NULL)
        status = core_fail(CORE_NO_MEMORY, "no memory for %zu times", count);
    if (status == CORE_OK) status = ffpe_nodes_create(evolution, 0, &nodes);
    size_t made = status == CORE_OK ? cut_windows(evolution, cost, from, windows) : 0;
    for (size_t i = 0; i < made && status == CORE_OK; i++) status = solve_window(evolution, nodes, &windows[i]);
    ffpe_nodes_free(nodes);
    core_free(cost);
    core_free(from);
    core_free(windows);
    return status;
}
