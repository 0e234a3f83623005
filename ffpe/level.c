/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A problem on one of its grids: densities at all times, steady state, spectrum, first passages, as one array of
 * numbers. */
#include "ffpe/evolve.h"
#include "ffpe/observe.h"

#include "core/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct ffpe_layout ffpe_layout_make(const struct ffpe_problem *problem) {
    size_t d = problem->land->dimension;
    int absorbing = 0;
    for (size_t k = 0; k < d; k++) {
        for (size_t side = 0; side < 2; side++) absorbing |= problem->walls[k][side] == FFPE_ABSORBING;
    }
    struct ffpe_layout layout = {.moments = 3 + d + d * d + problem->probe_count};
    layout.has_steady = !absorbing && (problem->report & (FFPE_STEADY | FFPE_CURRENT)) != 0;
    layout.eigenvalues = problem->report & FFPE_SPECTRUM ? problem->eigenvalues : 0;
    int passes = absorbing && (problem->report & FFPE_PASSAGE) != 0;
    layout.passages = passes ? problem->probe_count + (problem->start.law != FFPE_UNIFORM) : 0;
    layout.steady = problem->time_count * layout.moments;
    layout.spectrum = layout.steady + (layout.has_steady ? layout.moments + 3 : 0);
    layout.passage = layout.spectrum + 2 * layout.eigenvalues;
    layout.count = layout.passage + layout.passages;
    return layout;
}

/* ---- Densities at times
 * ------------------------------------------------------------------------------------------------ */

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* The different positive times, ascending. */
static size_t sort_times(const struct ffpe_problem *problem, double sorted[]) {
    size_t count = 0, kept = 0;
    for (size_t i = 0; i < problem->time_count; i++) {
        if (problem->times[i] > 0) sorted[count++] = problem->times[i];
    }
    qsort(sorted, count, sizeof *sorted, ascending);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || sorted[i] != sorted[i - 1]) sorted[kept++] = sorted[i];
    }
    return kept;
}

static void observe_times(const struct ffpe_observer *observer, const struct ffpe_evolution *evolution, double whole,
                          double start[], struct ffpe_level *level, size_t block) {
    const struct ffpe_problem *problem = observer->problem;
    size_t n = evolution->op->grid.count;
    for (size_t i = 0; i < n; i++) start[i] = evolution->mass[i] / evolution->op->grid.volume[i];
    for (size_t i = 0; i < problem->time_count; i++) {
        const double *u = start;
        for (size_t k = 0; k < evolution->time_count; k++) {
            if (evolution->times[k] == problem->times[i]) u = evolution->density + k * n;
        }
        ffpe_observe(observer, u, level->numbers + i * block, &level->minimum[i]);
        level->mass_error[i] = level->numbers[i * block] - whole;
        if (level->absorbing) level->mass_error[i] = NAN;
    }
}

static enum core_status evolve(const struct ffpe_problem *problem, struct ffpe_evolution *evolution) {
    if (evolution->time_count == 0) return CORE_OK;
    const struct ffpe_operator *op = evolution->op;
    if (problem->method == FFPE_CONTOUR) {
        if (op->reversible) return ffpe_evolve_contour(evolution);
        return op->levy != NULL || op->grid.dimension == 3 ? ffpe_evolve_twice(evolution)
                                                           : ffpe_evolve_rotation(evolution);
    }
    return ffpe_evolve_steps(evolution, problem->method);
}

static enum core_status solve_times(const struct ffpe_problem *problem, const struct ffpe_observer *observer,
                                    struct ffpe_pattern *pattern, struct ffpe_level *level, size_t block) {
    const struct ffpe_operator *op = observer->op;
    size_t n = op->grid.count;
    double *times = core_alloc(problem->time_count + 1, sizeof *times), *mass = core_alloc(n, sizeof *mass);
    double *density = core_alloc((problem->time_count + 1) * n, sizeof *density);
    enum core_status status = CORE_OK;
    if (times == NULL || mass == NULL || density == NULL)
        status = core_fail(CORE_NO_MEMORY, "no memory for %zu densities of %zu unknowns", problem->time_count, n);
    size_t count = status == CORE_OK ? sort_times(problem, times) : 0;
    struct ffpe_evolution evolution = {
        .op = op,
        .pattern = pattern,
        .order = problem->order,
        .tolerance = problem->tolerance,
        .steps = problem->steps,
        .threads = problem->threads,
        .time_count = count,
        .times = times,
        .mass = mass,
        .density = density,
    };
    size_t split = problem->method == FFPE_CONTOUR ? FFPE_STENCIL_ORDER : 2;
    if (op->grid.dimension == 3 && split > 4) split = 4;
    if (status == CORE_OK) status = ffpe_start_mass(problem, &op->grid, split, mass);
    if (status == CORE_OK) status = evolve(problem, &evolution);
    if (status == CORE_OK) {
        double whole = 0;
        for (size_t i = 0; i < n; i++) whole += mass[i];
        observe_times(observer, &evolution, whole, density + problem->time_count * n, level, block);
        level->time_error = evolution.error;
        level->solves = evolution.solves;
    }
    core_free(times);
    core_free(mass);
    core_free(density);
    return status;
}

/* ---- The rest
 * ---------------------------------------------------------------------------------------------------------- */

static enum core_status solve_steady(const struct ffpe_observer *observer, double numbers[], size_t block,
                                     struct ffpe_level *level) {
    double minimum, *u = core_alloc(observer->op->grid.count, sizeof *u);
    if (u == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the steady state");
    enum core_status status = ffpe_steady_solve(observer->op, u, &level->gibbs_error);
    if (status == CORE_OK) {
        ffpe_observe(observer, u, numbers, &minimum);
        status = ffpe_current_observe(observer->op, u, numbers + block);
    }
    core_free(u);
    return core_context(status, "while solving for the steady state");
}

static enum core_status solve_passage(const struct ffpe_observer *observer, size_t count, double numbers[]) {
    const struct ffpe_problem *problem = observer->problem;
    double *time = core_alloc(observer->op->grid.count, sizeof *time);
    if (time == NULL) return core_fail(CORE_NO_MEMORY, "no memory for first passage times");
    enum core_status status = ffpe_passage_solve(observer->op, time);
    size_t own = count - problem->probe_count;
    if (status == CORE_OK && own == 1) {
        struct ffpe_stencil stencil;
        size_t order = observer->op->grid.dimension == 3 ? 4 : FFPE_STENCIL_ORDER;
        ffpe_grid_stencil(&observer->op->grid, problem->start.mean, order, &stencil);
        numbers[0] = ffpe_stencil_value(&stencil, time);
    }
    for (size_t i = own; i < count && status == CORE_OK; i++)
        numbers[i] = ffpe_stencil_value(&observer->probes[i - own], time);
    core_free(time);
    return core_context(status, "while solving for first passage times");
}

enum core_status ffpe_level_solve(const struct ffpe_problem *problem, const struct ffpe_layout *layout, size_t index,
                                  struct ffpe_level *level) {
    struct ffpe_operator op = {0};
    struct ffpe_observer observer = {0};
    struct ffpe_pattern *pattern = NULL;
    enum core_status status = ffpe_operator_create(problem, index, &op);
    if (status == CORE_OK) status = ffpe_observer_create(problem, &op, &observer);
    if (status == CORE_OK) status = ffpe_pattern_create(&op, 0, &pattern);
    level->reversible = op.reversible;
    level->absorbing = op.absorbing;
    level->affinity = op.affinity;
    level->unknowns = op.grid.count;
    level->gibbs_error = NAN;
    if (status == CORE_OK) status = solve_times(problem, &observer, pattern, level, layout->moments);
    if (status == CORE_OK && layout->has_steady)
        status = solve_steady(&observer, level->numbers + layout->steady, layout->moments, level);
    if (status == CORE_OK && layout->eigenvalues > 0)
        status = core_context(ffpe_spectrum_solve(&op, layout->eigenvalues, level->numbers + layout->spectrum),
                              "while solving for the spectrum");
    if (status == CORE_OK && layout->passages > 0)
        status = solve_passage(&observer, layout->passages, level->numbers + layout->passage);
    ffpe_pattern_free(pattern);
    ffpe_observer_clear(&observer);
    ffpe_operator_clear(&op);
    return status;
}
