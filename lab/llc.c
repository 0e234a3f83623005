/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One estimate of the local learning coefficient: settings from the study, the step-size check, the exact value.
 *
 * The law in which Langevin dynamics without rejection settles is off by a bias proportional to lr. Half the
 * step with twice the steps (burn-in and between draws) spans the same time, so that the difference of the two
 * estimates is half of the bias of the first. */
#include "lab/llc.h"

#include "core/memory.h"
#include "lab/json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- Settings ---- */

struct dln_llc_settings lab_llc_settings(const struct lab_study *study) {
    struct dln_llc_settings settings = dln_llc_settings_default();
    const struct lab_llc_keys *keys = study->llc;
    settings.seed = study->seed;
    if (study->landscape->network == NULL) settings.sampler = "mala";
    if (keys == NULL) return settings;
    settings.sampler = keys->sampler;
    settings.num_chains = keys->num_chains;
    settings.num_draws = keys->num_draws;
    settings.num_burnin_steps = keys->num_burnin_steps;
    settings.steps_between = keys->num_steps_bw_draws;
    if (keys->lr > 0) settings.lr = keys->lr;
    settings.localization = keys->localization;
    settings.nbeta = keys->nbeta;
    settings.batch_size = keys->batch_size;
    return settings;
}

static int is_biased(const struct dln_llc_settings *settings) {
    return strcmp(settings->sampler, "sgld") == 0;
}

double lab_llc_steps(const struct dln_llc_settings *settings) {
    double chain = (double)settings->num_burnin_steps + (double)settings->num_draws * (double)settings->steps_between;
    return (double)settings->num_chains * chain * (is_biased(settings) ? 3 : 1);
}

/* ---- The estimate ---- */

/* Adds what was done before to what the second run tells. */
struct relay {
    const struct lab_llc_work *work;
    double before;
};

static void relay(void *context, double done) {
    const struct relay *r = context;
    if (r->work->progress != NULL) r->work->progress(r->work->context, r->before + done);
}

static enum core_status estimate(const struct lab_llc_work *work, const double point[], struct lab_llc *made) {
    const struct core_landscape *land = work->scene->land;
    struct relay told = {work, 0};
    made->settings.threads = work->threads;
    made->settings.progress = relay;
    made->settings.progress_context = &told;
    enum core_status status = dln_llc_create(land, point, &made->settings, &made->llc);
    if (status != CORE_OK || !is_biased(&made->settings)) return status;
    struct dln_llc_settings half = made->settings;
    told.before = made->llc->steps;
    half.lr /= 2;
    half.num_burnin_steps *= 2;
    half.steps_between *= 2;
    status = dln_llc_create(land, point, &half, &made->half);
    if (status != CORE_OK) return status;
    double apart = fabs(made->llc->lambda_hat - made->half->lambda_hat);
    made->step_biased = apart > 3 * hypot(made->llc->se, made->half->se);
    return CORE_OK;
}

enum core_status lab_llc_create(const struct lab_llc_work *work, const double point[], struct lab_llc **out) {
    *out = NULL;
    struct lab_llc *made = core_alloc(1, sizeof *made);
    if (made == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a learning coefficient");
    made->settings = lab_llc_settings(work->scene->study);
    enum core_status status = dln_fibre_at(work->scene->land, point, &made->fibre);
    if (status == CORE_OK) status = estimate(work, point, made);
    if (status != CORE_OK) {
        lab_llc_free(made);
        return status;
    }
    made->expected = (double)NAN;
    if (made->fibre.deepest) {
        double m = (double)made->fibre.exact.multiplicity;
        made->expected = made->fibre.exact.value - (m - 1) / log(made->llc->nbeta);
    }
    *out = made;
    return CORE_OK;
}

void lab_llc_free(struct lab_llc *llc) {
    if (llc == NULL) return;
    dln_llc_free(llc->llc);
    dln_llc_free(llc->half);
    core_free(llc);
}

/* ---- JSON ---- */

static void exact_json(const struct lab_llc *llc, struct lab_json *json) {
    if (!llc->fibre.on_fibre) {
        lab_json_null(json, "exact");
        lab_json_text(json, "exact_reason", "the start is no minimum of a deep linear network with a known fibre");
    } else {
        lab_json_object_begin(json, "exact");
        lab_json_number(json, "lambda", llc->fibre.exact.value);
        lab_json_integer(json, "multiplicity", (int64_t)llc->fibre.exact.multiplicity);
        lab_json_integer(json, "rank", (int64_t)llc->fibre.rank);
        lab_json_flag(json, "local", llc->fibre.deepest);
        lab_json_end(json);
    }
    lab_json_number(json, "expected", llc->expected);
    if (llc->fibre.deepest) return;
    lab_json_text(json, "expected_reason",
                  "known at the deepest points of a fibre only; elsewhere the local value may be larger");
}

static void half_json(const struct lab_llc *llc, struct lab_json *json) {
    if (llc->half == NULL) return;
    lab_json_number(json, "lambda_hat_half_step", llc->half->lambda_hat);
    lab_json_number(json, "se_half_step", llc->half->se);
}

static void settings_json(const struct lab_llc *llc, struct lab_json *json) {
    const struct dln_llc_settings *s = &llc->settings;
    lab_json_text(json, "sampler", s->sampler);
    lab_json_integer(json, "num_chains", (int64_t)s->num_chains);
    lab_json_integer(json, "num_draws", (int64_t)s->num_draws);
    lab_json_integer(json, "num_burnin_steps", (int64_t)s->num_burnin_steps);
    lab_json_integer(json, "num_steps_bw_draws", (int64_t)s->steps_between);
    lab_json_number(json, "localization", s->localization);
    if (isfinite(llc->llc->step[0])) lab_json_numbers(json, "lr", s->num_chains, llc->llc->step);
    if (s->batch_size > 0) lab_json_integer(json, "batch_size", (int64_t)s->batch_size);
}

static void warnings_json(const struct lab_llc *llc, struct lab_json *json) {
    lab_json_array_begin(json, "warnings");
    for (size_t i = 0; i < llc->llc->warning_count; i++) lab_json_text(json, NULL, llc->llc->warnings[i]);
    if (llc->step_biased)
        lab_json_text(json, NULL, "the step biases: the estimates at lr and at lr/2 differ by more than chance");
    lab_json_end(json);
}

void lab_llc_json(const struct lab_llc *llc, struct lab_json *json) {
    const struct dln_llc *l = llc->llc;
    lab_json_number(json, "lambda_hat", l->lambda_hat);
    lab_json_number(json, "se", l->se);
    lab_json_number(json, "rhat", l->rhat);
    lab_json_number(json, "ess", l->ess);
    lab_json_number(json, "acceptance", l->mean_acceptance);
    if (!isfinite(l->mean_acceptance)) lab_json_text(json, "acceptance_reason", "this sampler rejects nothing");
    exact_json(llc, json);
    half_json(llc, json);
    lab_json_number(json, "nbeta", l->nbeta);
    lab_json_numbers(json, "llc_chain", l->num_chains, l->estimate);
    lab_json_integer(json, "diverged", (int64_t)l->diverged);
    lab_json_number(json, "loss", l->centre_loss);
    lab_json_number(json, "gradient_norm", l->gradient_norm);
    lab_json_numbers(json, "curvature", 2, l->curvature);
    settings_json(llc, json);
    lab_json_number(json, "seconds", l->seconds);
    lab_json_number(json, "steps_per_second", l->seconds > 0 ? l->steps / l->seconds : 0);
    warnings_json(llc, json);
}

/* ---- Words ---- */

void lab_llc_print(const struct lab_llc *llc) {
    const struct dln_llc *l = llc->llc;
    printf("%-22s %.5g +- %.2g\n", "lambda hat", l->lambda_hat, l->se);
    if (llc->fibre.on_fibre) {
        printf("%-22s lambda %lld/%lld, multiplicity %zu%s\n", "exact", (long long)llc->fibre.exact.numerator,
               (long long)llc->fibre.exact.denominator, llc->fibre.exact.multiplicity,
               llc->fibre.deepest ? "" : " (of the whole fibre: the local one may be larger here)");
    }
    if (llc->fibre.deepest) {
        printf("%-22s %.5g = lambda - (m - 1) / ln nbeta, the next term is of order 1 / ln^2\n", "expected",
               llc->expected);
    }
    if (llc->half != NULL) printf("%-22s %.5g +- %.2g\n", "at half the step", llc->half->lambda_hat, llc->half->se);
    printf("%-22s R-hat %.4f, %.4g effective draws of %zu x %zu", "chains", l->rhat, l->ess, l->num_chains,
           l->num_draws);
    if (isfinite(l->mean_acceptance)) printf(", acceptance %.2f", l->mean_acceptance);
    printf("\n%-22s %.6g\n%-22s loss %.6g, gradient norm %.2g, curvature %.3g to %.3g\n", "nbeta", l->nbeta, "start",
           l->centre_loss, l->gradient_norm, l->curvature[0], l->curvature[1]);
    printf("%-22s %.3g M chain-steps/s\n", llc->settings.sampler, l->seconds > 0 ? l->steps / l->seconds * 1e-6 : 0);
    for (size_t i = 0; i < l->warning_count; i++) printf("warning: %s\n", l->warnings[i]);
    if (llc->step_biased)
        printf("warning: the step biases: the estimates at lr and at lr/2 differ by more than chance\n");
}
