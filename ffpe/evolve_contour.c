/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Densities at times by the Laplace contour: u(t) = 1/(2 pi i) int e^{z t} z^{alpha-1} (z^alpha V + L)^{-1} m_0 dz.
 *
 * Times are cut into windows that share their solves; the cut with the fewest solves is found by dynamic programming
 * over the ascending times. The nodes of a window are independent: each thread factors and solves, every node's solution
 * is kept, and the sums over nodes run in a fixed order, so that the number of threads changes no bit.
 *
 * The spectrum of a reversible operator is real, and the quadrature's error on the density, in the norm where the operator
 * is symmetric, is the largest error on the scalar functions E_alpha(-lambda t^alpha): that is the estimate. */
#include "ffpe/evolve.h"

#include "core/memory.h"
#include "core/parallel.h"

#include <float.h>
#include <math.h>

/* Rounding is lifted by e^{mu t (1 - sin phi)}; windows where that would exceed the tolerance are not taken. */
static int fits(const struct ffpe_contour *contour, double last, double tolerance) {
    double lift = exp(contour->mu * (1 - sin(contour->angle)) * last);
    return 2 * DBL_EPSILON * lift < fmax(tolerance, 1e-13);
}

/* ---- Windows --------------------------------------------------------------------------------------------------------- */

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
static size_t cut_windows(const struct ffpe_evolution *evolution, double cost[], size_t from[], struct window windows[]) {
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

/* ---- Nodes ----------------------------------------------------------------------------------------------------------- */

struct solve {
    struct ffpe_evolution *evolution;
    const struct window *window;
    struct ffpe_factor **factor; /* (threads) */
    double **work;               /* (threads) 4 n */
    double *solution;            /* (nodes, n, 2) */
};

static enum core_status solve_node(void *context, size_t node, size_t thread) {
    struct solve *solve = context;
    size_t n = solve->evolution->op->grid.count;
    double complex z, factor;
    ffpe_contour_node(&solve->window->contour, node, &z, &factor);
    return ffpe_factor_resolvent(solve->factor[thread], cpow(z, solve->evolution->order), solve->evolution->mass,
                                 solve->work[thread], solve->solution + 2 * n * node);
}

/* u(t) = Re sum_k w_k x_k for every time of the window. */
static void sum_nodes(const struct solve *solve) {
    struct ffpe_evolution *evolution = solve->evolution;
    size_t n = evolution->op->grid.count;
    for (size_t j = 0; j < solve->window->count; j++) {
        double t = evolution->times[solve->window->first + j], *u = evolution->density + (solve->window->first + j) * n;
        for (size_t i = 0; i < n; i++) u[i] = 0;
        for (size_t k = 0; k < solve->window->contour.nodes; k++) {
            double complex z, factor;
            ffpe_contour_node(&solve->window->contour, k, &z, &factor);
            factor *= cexp(z * t) * cpow(z, evolution->order - 1);
            double re = creal(factor), im = cimag(factor);
            const double *x = solve->solution + 2 * n * k;
            for (size_t i = 0; i < n; i++) u[i] += re * x[2 * i] - im * x[2 * i + 1];
        }
    }
}

static enum core_status solve_window(struct ffpe_evolution *evolution, struct solve *solve, const struct window *window) {
    size_t n = evolution->op->grid.count, nodes = window->contour.nodes;
    solve->window = window;
    solve->solution = core_alloc(2 * n * nodes, sizeof(double));
    if (solve->solution == NULL)
        return core_fail(CORE_NO_MEMORY, "no memory for %zu solutions of %zu unknowns", nodes, n);
    enum core_status status = core_parallel(nodes, evolution->threads, solve_node, solve);
    if (status == CORE_OK) sum_nodes(solve);
    core_free(solve->solution);
    double first = evolution->times[window->first], last = evolution->times[window->first + window->count - 1];
    double error = ffpe_contour_error(&window->contour, evolution->order, first, last, 0);
    evolution->error = fmax(evolution->error, error);
    evolution->solves += nodes;
    return status;
}

static void free_solve(struct solve *solve, size_t threads) {
    for (size_t i = 0; i < threads; i++) {
        if (solve->factor != NULL) ffpe_factor_free(solve->factor[i]);
        if (solve->work != NULL) core_free(solve->work[i]);
    }
    core_free(solve->factor);
    core_free(solve->work);
}

static enum core_status create_solve(struct ffpe_evolution *evolution, struct solve *solve) {
    size_t threads = evolution->threads;
    *solve = (struct solve){
        .evolution = evolution,
        .factor = core_alloc(threads, sizeof(struct ffpe_factor *)),
        .work = core_alloc(threads, sizeof(double *)),
    };
    enum core_status status = solve->factor == NULL || solve->work == NULL ? CORE_NO_MEMORY : CORE_OK;
    for (size_t i = 0; i < threads && status == CORE_OK; i++) {
        status = ffpe_factor_create(evolution->pattern, 1, &solve->factor[i]);
        solve->work[i] = core_alloc(4 * evolution->op->grid.count, sizeof(double));
        if (status == CORE_OK && solve->work[i] == NULL) status = CORE_NO_MEMORY;
    }
    return status == CORE_NO_MEMORY ? core_fail(status, "no memory for the contour's solves") : status;
}

enum core_status ffpe_evolve_contour(struct ffpe_evolution *evolution) {
    size_t count = evolution->time_count;
    struct solve solve = {0};
    double *cost = core_alloc(count + 1, sizeof *cost);
    size_t *from = core_alloc(count + 1, sizeof *from);
    struct window *windows = core_alloc(count + 1, sizeof *windows);
    enum core_status status = CORE_OK;
    evolution->error = 0;
    if (cost == NULL || from == NULL || windows == NULL) status = core_fail(CORE_NO_MEMORY, "no memory for %zu times", count);
    if (status == CORE_OK) status = create_solve(evolution, &solve);
    size_t made = status == CORE_OK ? cut_windows(evolution, cost, from, windows) : 0;
    for (size_t i = 0; i < made && status == CORE_OK; i++) status = solve_window(evolution, &solve, &windows[i]);
    free_solve(&solve, evolution->threads);
    core_free(cost);
    core_free(from);
    core_free(windows);
    return status;
}
