/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Problems: defaults, checks, and the words of a study. */
#include "ffpe/ffpe.h"

#include <math.h>

struct ffpe_problem ffpe_problem_default(void) {
    return (struct ffpe_problem){
        .order = 1,
        .friction = 1,
        .tolerance = 1e-10,
        .steps = 2000,
        .grids = 1,
        .report = FFPE_MOMENTS,
        .eigenvalues = 6,
        .threads = 1,
    };
}

static const char *pick(const char *const names[], size_t count, size_t index) {
    return index < count ? names[index] : NULL;
}

const char *ffpe_wall_name(size_t index) {
    static const char *const names[] = {"reflecting", "absorbing", "periodic"};
    return pick(names, sizeof names / sizeof *names, index);
}

const char *ffpe_calculus_name(size_t index) {
    static const char *const names[] = {"ito", "stratonovich", "haenggi-klimontovich"};
    return pick(names, sizeof names / sizeof *names, index);
}

const char *ffpe_method_name(size_t index) {
    static const char *const names[] = {"contour", "l1", "fast-l1", "l2-1-sigma"};
    return pick(names, sizeof names / sizeof *names, index);
}

const char *ffpe_start_law_name(size_t index) {
    static const char *const names[] = {"gaussian", "delta", "uniform"};
    return pick(names, sizeof names / sizeof *names, index);
}

const char *ffpe_report_name(size_t index) {
    static const char *const names[] = {"moments", "steady", "current", "spectrum", "survival", "passage"};
    return pick(names, sizeof names / sizeof *names, index);
}

/* ---- Checks
 * ------------------------------------------------------------------------------------------------------------ */

static enum core_status check_numbers(const struct ffpe_problem *problem) {
    if (!(problem->order > 0 && problem->order <= 1))
        return core_fail(CORE_BAD_INPUT, "order: found %g, expected 0 < order <= 1", problem->order);
    if (!(problem->friction >= 0) || !isfinite(problem->friction))
        return core_fail(CORE_BAD_INPUT, "friction: found %g, expected a finite number >= 0", problem->friction);
    if (!(problem->tolerance >= 1e-14 && problem->tolerance < 1))
        return core_fail(CORE_BAD_INPUT, "tolerance: found %g, expected 1e-14 <= tolerance < 1", problem->tolerance);
    if (problem->grids < 1 || problem->grids > FFPE_GRIDS_MAX)
        return core_fail(CORE_BAD_INPUT, "richardson: found %zu grids, expected 1 to %d", problem->grids,
                         FFPE_GRIDS_MAX);
    if (problem->steps < 2) return core_fail(CORE_BAD_INPUT, "steps: found %zu, expected 2 or more", problem->steps);
    for (size_t i = 0; i < problem->time_count; i++) {
        if (problem->times[i] >= 0 && isfinite(problem->times[i])) continue;
        return core_fail(CORE_BAD_INPUT, "times: found %g, expected finite times >= 0", problem->times[i]);
    }
    return CORE_OK;
}

/* Positive definite, by Sylvester's minors. */
static int positive(size_t d, const double a[]) {
    for (size_t k = 0; k < d * d; k++) {
        if (!isfinite(a[k]) || fabs(a[k] - a[k % d * d + k / d]) > 1e-12 * (fabs(a[0]) + fabs(a[k]))) return 0;
    }
    double two = d > 1 ? a[0] * a[d + 1] - a[1] * a[d] : 1, three = 1;
    if (d == 3) {
        three = a[0] * (a[4] * a[8] - a[5] * a[7]) - a[1] * (a[3] * a[8] - a[5] * a[6]) +
                a[2] * (a[3] * a[7] - a[4] * a[6]);
    }
    return a[0] > 0 && two > 0 && three > 0;
}

static enum core_status check_diffusion(const struct ffpe_problem *problem) {
    const struct ffpe_diffusion *diffusion = &problem->diffusion;
    if (problem->levy_scale != 0 && !(problem->levy_index > 0 && problem->levy_index < 2))
        return core_fail(CORE_BAD_INPUT, "levy.index: found %g, expected 0 < index < 2", problem->levy_index);
    if (!(problem->levy_scale >= 0) || !isfinite(problem->levy_scale))
        return core_fail(CORE_BAD_INPUT, "levy.scale: found %g, expected a finite number >= 0", problem->levy_scale);
    if (problem->levy_scale > 0 && problem->method != FFPE_CONTOUR)
        return core_fail(CORE_BAD_INPUT, "method: found %s, expected contour beside levy",
                         ffpe_method_name((size_t)problem->method));
    if (problem->levy_scale > 0 && problem->grids > 1)
        return core_fail(CORE_BAD_INPUT,
                         "richardson: found %zu, expected 1 beside levy, whose errors are no series in h^2",
                         problem->grids);
    if (problem->levy_scale > 0 && problem->report & FFPE_SPECTRUM)
        return core_fail(CORE_BAD_INPUT, "report: found spectrum, which is not computed for Levy flights");
    if (diffusion->at != NULL) return CORE_OK;
    if (diffusion->tensor != NULL) {
        if (positive(problem->land->dimension, diffusion->tensor)) return CORE_OK;
        return core_fail(CORE_BAD_INPUT, "diffusion.tensor: expected a symmetric positive definite matrix");
    }
    if (isfinite(diffusion->value) && (diffusion->value > 0 || (diffusion->value == 0 && problem->levy_scale > 0)))
        return CORE_OK;
    return core_fail(CORE_BAD_INPUT, "diffusion.value: found %g, expected a finite number > 0", diffusion->value);
}

static enum core_status check_axis(const struct ffpe_problem *problem, size_t k) {
    const struct ffpe_start *start = &problem->start;
    double lower = problem->lower[k], upper = problem->upper[k];
    if (!isfinite(lower) || !isfinite(upper) || !(lower < upper))
        return core_fail(CORE_BAD_INPUT, "grid, axis %zu: found lower %g and upper %g, expected lower < upper", k + 1,
                         lower, upper);
    if (problem->cells[k] == 0)
        return core_fail(CORE_BAD_INPUT, "grid.cells, axis %zu: found 0, expected 1 or more", k + 1);
    if (problem->cells[k] % ((size_t)1 << (problem->grids - 1)) != 0)
        return core_fail(
            CORE_BAD_INPUT,
            "grid.cells, axis %zu: found %zu, expected a multiple of %zu, which richardson: %zu halves %zu times",
            k + 1, problem->cells[k], (size_t)1 << (problem->grids - 1), problem->grids, problem->grids - 1);
    if ((problem->walls[k][0] == FFPE_PERIODIC) != (problem->walls[k][1] == FFPE_PERIODIC))
        return core_fail(CORE_BAD_INPUT, "walls, axis %zu: one face is periodic, expected both or none", k + 1);
    if (start->law != FFPE_UNIFORM && !(start->mean[k] >= lower && start->mean[k] <= upper))
        return core_fail(CORE_BAD_INPUT, "start, axis %zu: found %g, expected a place in the box, %g to %g", k + 1,
                         start->mean[k], lower, upper);
    for (size_t i = 0; i < problem->probe_count; i++) {
        double x = problem->probes[i * problem->land->dimension + k];
        if (x >= lower && x <= upper) continue;
        return core_fail(CORE_BAD_INPUT,
                         "probes, number %zu: found %g on axis %zu, expected a place in the box, %g to %g", i + 1, x,
                         k + 1, lower, upper);
    }
    return CORE_OK;
}

enum core_status ffpe_problem_check(const struct ffpe_problem *problem) {
    size_t d = problem->land->dimension;
    if (d < 1 || d > FFPE_DIMENSION_MAX)
        return core_fail(CORE_BAD_INPUT, "the landscape '%s' has %zu dimensions; densities live on grids of 1 to %d",
                         problem->land->name, d, FFPE_DIMENSION_MAX);
    if (problem->start.law == FFPE_GAUSSIAN && !(problem->start.deviation > 0 && isfinite(problem->start.deviation)))
        return core_fail(CORE_BAD_INPUT, "start.deviation: found %g, expected a finite number > 0",
                         problem->start.deviation);
    enum core_status status = check_numbers(problem);
    if (status == CORE_OK) status = check_diffusion(problem);
    for (size_t k = 0; k < d && status == CORE_OK; k++) status = check_axis(problem, k);
    return status;
}
