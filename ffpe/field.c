/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A landscape at many places: blocks of lanes are filled place by place and evaluated together. */
#include "core/memory.h"
#include "ffpe/grid.h"

#include <assert.h>
#include <math.h>

enum { ROWS = FFPE_DIMENSION_MAX };

/* Evaluates blocks; rows: 1 for the loss, d for the gradient. */
static enum core_status evaluate(const struct core_landscape *land, size_t count, const double x[], size_t rows,
                                 void (*method)(const struct core_landscape *, const double[], double[], double[]),
                                 double values[]) {
    double points[ROWS * CORE_LANES] __attribute__((aligned(64))), out[ROWS * CORE_LANES] __attribute__((aligned(64)));
    size_t d = land->dimension, lanes = land->lanes;
    double *scratch = core_alloc(land->scratch + 1, sizeof *scratch);
    if (scratch == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the landscape '%s'", land->name);
    for (size_t first = 0; first < count; first += lanes) {
        for (size_t lane = 0; lane < lanes; lane++) {
            size_t place = first + lane < count ? first + lane : count - 1;
            for (size_t k = 0; k < d; k++) points[k * lanes + lane] = x[place * d + k];
        }
        method(land, points, out, scratch);
        for (size_t lane = 0; lane < lanes && first + lane < count; lane++) {
            for (size_t k = 0; k < rows; k++) values[(first + lane) * rows + k] = out[k * lanes + lane];
        }
    }
    core_free(scratch);
    for (size_t i = 0; i < count * rows; i++) {
        if (isfinite(values[i])) continue;
        return core_fail(CORE_BAD_INPUT, "the landscape '%s' is not finite everywhere in the box", land->name);
    }
    return CORE_OK;
}

enum core_status ffpe_field_loss(const struct core_landscape *land, size_t count, const double x[], double loss[]) {
    enum core_status status = core_landscape_require(land, land->methods->loss != NULL, "loss");
    return status == CORE_OK ? evaluate(land, count, x, 1, land->methods->loss, loss) : status;
}

enum core_status ffpe_field_gradient(const struct core_landscape *land, size_t count, const double x[],
                                     double gradient[]) {
    enum core_status status = core_landscape_require(land, land->methods->gradient != NULL, "gradient");
    return status == CORE_OK ? evaluate(land, count, x, land->dimension, land->methods->gradient, gradient) : status;
}

/* Fourth-order differences of the loss with a step of 10^-3 of the box against the gradient, at places that fill the
 * box evenly (multiples of irrational numbers); they agree to 10^-7 of the largest gradient where it is one. */
enum core_status ffpe_field_is_gradient(const struct ffpe_problem *problem, int *is_gradient) {
    enum { PLACES = 61 };
    static const double turn[ROWS] = {0.7548776662466927, 0.5698402909980532, 0.4301597090019468};
    static const double shift[4] = {-2, -1, 1, 2}, weight[4] = {1. / 12, -8. / 12, 8. / 12, -1. / 12};
    const struct core_landscape *land = problem->land;
    size_t d = land->dimension;
    assert(d <= ROWS);
    double worst = 0, largest = 0;
    for (int i = 0; i < PLACES; i++) {
        double x[ROWS] = {0}, gradient[ROWS] = {0}, around[4 * ROWS] = {0}, loss[4] = {0};
        for (size_t k = 0; k < d; k++) {
            double part = 0.01 + 0.98 * fmod(0.5 + turn[k] * (i + 1), 1);
            x[k] = problem->lower[k] + part * (problem->upper[k] - problem->lower[k]);
        }
        enum core_status status = ffpe_field_gradient(land, 1, x, gradient);
        for (size_t k = 0; k < d && status == CORE_OK; k++) {
            double step = 1e-3 * (problem->upper[k] - problem->lower[k]), slope = 0;
            for (size_t j = 0; j < 4 * d; j++) around[j] = x[j % d] + (j % d == k ? shift[j / d] * step : 0);
            status = ffpe_field_loss(land, 4, around, loss);
            for (size_t j = 0; j < 4; j++) slope += weight[j] * loss[j] / step;
            worst = fmax(worst, fabs(slope - gradient[k]));
            largest = fmax(largest, fmax(fabs(gradient[k]), fabs(slope)));
        }
        if (status != CORE_OK) return status;
    }
    *is_gradient = worst <= 1e-7 * largest;
    return CORE_OK;
}
