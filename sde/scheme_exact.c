/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The exact Ornstein-Uhlenbeck step for L = x^T H x / 2 with isotropic Gaussian noise, dX = -H X dt + c dW. In the
 * eigenvectors of H = V diag(l) V^T a substep of any length h is [uhlenbeck1930]
 *
 *     y <- exp(-l h) y - c sqrt((1 - exp(-2 l h)) / (2 l)) z,    y = V^T x,
 *
 * where Euler's has 1 - l h and c sqrt(h): no error at all in law. The last root is c sqrt(h) times
 * sqrt(phi(2 l h)), phi(s) = -expm1(-s) / s, phi(0) = 1; l may be negative or zero. */
#include "core/linalg.h"
#include "sde/paths.h"

#include <math.h>
#include <string.h>

static enum core_status check(const struct sde_paths *paths) {
    const struct sde_settings *s = &paths->settings;
    const struct core_landscape *land = paths->stepper.landscape;
    if (strcmp(land->name, "quadratic") != 0)
        return core_fail(CORE_BAD_INPUT, "scheme exact-ou on the landscape '%s'; allowed: quadratic", land->name);
    if (s->noise != SDE_NOISE_NONE && s->noise != SDE_NOISE_GAUSSIAN)
        return core_fail(CORE_BAD_INPUT, "scheme exact-ou with %s noise; allowed: none, gaussian",
                         paths->noise->choice.name);
    if (s->noise == SDE_NOISE_GAUSSIAN && s->covariance != SDE_COVARIANCE_ISOTROPIC)
        return core_fail(CORE_BAD_INPUT, "scheme exact-ou with covariance %s; allowed: isotropic",
                         paths->covariance->choice.name);
    if (s->drift != SDE_DRIFT_GRADIENT)
        return core_fail(CORE_BAD_INPUT, "scheme exact-ou with drift %s; allowed: gradient", paths->drift->choice.name);
    return CORE_OK;
}

/* paths->modes: the eigenvalues (n), then V (n, n), column i the eigenvector of eigenvalue i. */
static enum core_status prepare(struct sde_paths *paths) {
    const struct core_landscape *land = paths->stepper.landscape;
    size_t n = land->dimension;
    double *origin = core_alloc(n, sizeof *origin), *hessian = core_alloc(n * n, sizeof *hessian);
    paths->modes = core_alloc(n + n * n, sizeof *paths->modes);
    enum core_status status = CORE_OK;
    if (origin == NULL || hessian == NULL || paths->modes == NULL)
        status = core_fail(CORE_NO_MEMORY, "no memory for the modes of a quadratic landscape");
    if (status == CORE_OK) status = core_point_hessian(land, origin, hessian);
    if (status == CORE_OK) status = core_symmetric_eigen(n, hessian, paths->modes, paths->modes + n);
    core_free(origin);
    core_free(hessian);
    return status;
}

static void advance(const struct sde_paths *paths, const struct sde_substep *at, const double amplitude[],
                    const double z[]) {
    const struct core_landscape *land = paths->stepper.landscape;
    size_t n = land->dimension, lanes = land->lanes;
    const double *values = paths->modes, *v = values + n;
    double move[CORE_LANES] = {0}, root = sqrt(paths->settings.temperature);
    memset(at->out, 0, n * lanes * sizeof(double));
    for (size_t k = 0; k < n; k++) {
        double s = values[k] * at->length, lost = -expm1(-s), phi = s == 0 ? 1 : -expm1(-2 * s) / (2 * s);
        for (size_t j = 0; j < lanes; j++) {
            double y = 0;
            for (size_t i = 0; i < n; i++) y += v[i * n + k] * at->x[i * lanes + j];
            move[j] = lost * y;
            if (paths->noise->amplitude != NULL) move[j] += amplitude[j] * root * sqrt(phi) * z[k * lanes + j];
        }
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < lanes; j++) at->out[i * lanes + j] += v[i * n + k] * move[j];
    }
}

const struct sde_scheme_method sde_scheme_exact = {
    .choice = {"exact-ou", "the exact step of an Ornstein-Uhlenbeck process, on a quadratic landscape",
               "uhlenbeck1930"},
    .strong = HUGE_VAL,
    .weak = HUGE_VAL,
    .check = check,
    .prepare = prepare,
    .advance = advance,
};
