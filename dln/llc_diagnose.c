/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What speaks against an estimate of the local learning coefficient.
 *
 * w* must be a minimum: the gradient vanishes and no eigenvalue of the Hessian is negative. The chains must agree
 * (split R-hat) and hold enough independent draws. And they must have had the time: in a direction of curvature h the
 * equation dw = -(U'/2) ds + dW relaxes in s = 2 / (nbeta h + gamma), and one step lasts s = eps. A singular direction
 * of a network of depth L, where the loss grows like w^(2L), is spread over w ~ nbeta^(-1/(2L)), where nbeta h is of
 * the order of nbeta^(1/L). So the draws of a chain span
 *
 *     num_draws num_steps_bw_draws eps (max(nbeta h_min, nbeta^(1/L)) + gamma) / 2
 *
 * relaxation times of the slowest direction that matters; fewer than RELAXATIONS cannot have explored it. */
#include "dln/llc_method.h"

#include "core/linalg.h"
#include "core/memory.h"
#include "dln/dln.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

static const double GRADIENT = 1e-6, NEGATIVE = 1e-8, RHAT = 1.05, ESS = 100, RELAXATIONS = 10, ACCEPTANCE = 0.3;
enum { LARGEST = 768 }; /* parameters for which the Hessian is formed */

static void warn(struct dln_llc *llc, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void warn(struct dln_llc *llc, const char *format, ...) {
    if (llc->warning_count == DLN_LLC_WARNINGS) return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(llc->warnings[llc->warning_count++], DLN_LLC_WARNING_BYTES, format, arguments);
    va_end(arguments);
}

static double norm(size_t count, const double x[]) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += x[i] * x[i];
    return sqrt(sum);
}

static enum core_status measure_gradient(const struct dln_llc_run *run, struct dln_llc *llc) {
    size_t p = run->land->dimension;
    double *gradient = core_alloc(p, sizeof *gradient);
    if (gradient == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a gradient");
    enum core_status status = core_point_gradient(run->land, run->centre, gradient);
    llc->gradient_norm = norm(p, gradient);
    core_free(gradient);
    return status;
}

static enum core_status measure_curvature(const struct dln_llc_run *run, struct dln_llc *llc) {
    size_t p = run->land->dimension;
    llc->curvature[0] = llc->curvature[1] = (double)NAN;
    if (p > LARGEST || run->land->methods->hessian_vector == NULL) return CORE_OK;
    double *hessian = core_alloc(p * p + p, sizeof *hessian);
    if (hessian == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a Hessian of %zu parameters", p);
    double *values = hessian + p * p;
    enum core_status status = core_point_hessian(run->land, run->centre, hessian);
    if (status == CORE_OK) status = core_symmetric_eigen(p, hessian, values, NULL);
    llc->curvature[0] = values[0];
    llc->curvature[1] = values[p - 1];
    core_free(hessian);
    return status;
}

static void measure_relaxations(const struct dln_llc_run *run, struct dln_llc *llc) {
    const struct dln_llc_settings *s = run->settings;
    size_t depth = dln_network_depth(run->land);
    double singular = pow(s->nbeta, 1 / (double)(depth > 0 ? depth : 2)), step = 0;
    double slowest = fmax(s->nbeta * llc->curvature[0], singular) + s->localization;
    for (size_t c = 0; c < llc->num_chains; c++) step += llc->step[c] / (double)llc->num_chains;
    llc->relaxations = (double)s->num_draws * (double)s->steps_between * step * slowest / 2;
}

static void look_at_centre(const struct dln_llc_run *run, struct dln_llc *llc) {
    if (!(llc->gradient_norm <= GRADIENT * (1 + norm(run->land->dimension, run->centre)))) {
        warn(llc, "w* is no minimum: the gradient there has the norm %.3g", llc->gradient_norm);
    }
    if (llc->curvature[0] < -NEGATIVE * fmax(llc->curvature[1], -llc->curvature[0])) {
        warn(llc, "w* is no minimum: the Hessian there has the eigenvalue %.3g", llc->curvature[0]);
    }
}

static void look_at_chains(const struct dln_llc_run *run, struct dln_llc *llc) {
    if (llc->diverged > 0) {
        warn(llc, "%zu of %zu chains diverged and are left out; lr %g is too large", llc->diverged, llc->num_chains,
             run->settings->lr);
    }
    if (llc->rhat > RHAT) warn(llc, "the chains disagree: R-hat is %.3f, above %.2f", llc->rhat, RHAT);
    if (!(llc->ess >= ESS) && llc->diverged < llc->num_chains) {
        warn(llc, "too few independent draws: the effective number is %.3g, below %.0f", llc->ess, ESS);
    }
    if (llc->mean_acceptance < ACCEPTANCE) {
        warn(llc, "only %.2f of the proposals are taken: burn-in is too short to tune lr to where the chains settle",
             llc->mean_acceptance);
    }
    if (llc->relaxations < RELAXATIONS) {
        warn(llc,
             "the settings cannot have mixed: a chain's draws span %.2g relaxation times of the singular directions, "
             "at least %.0f are needed; more draws, a larger lr, or the sampler gibbs",
             llc->relaxations, RELAXATIONS);
    }
}

enum core_status dln_llc_diagnose(const struct dln_llc_run *run, struct dln_llc *llc) {
    enum core_status status = measure_gradient(run, llc);
    if (status == CORE_OK) status = measure_curvature(run, llc);
    if (status != CORE_OK) return core_context(status, "while looking at w*");
    measure_relaxations(run, llc);
    look_at_centre(run, llc);
    look_at_chains(run, llc);
    return CORE_OK;
}
