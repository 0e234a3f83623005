/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/noise.h"

#include "lab/json.h"

#include <stdint.h>

static void put_along(const struct lab_noise_spectrum *s, struct lab_json *json) {
    lab_json_array_begin(json, "along_hessian");
    for (size_t j = 0; j < s->dimension; j++) {
        lab_json_object_begin(json, NULL);
        lab_json_number(json, "eigenvalue", s->hessian[j]);
        lab_json_number(json, "noise_variance", s->along[j]);
        lab_json_end(json);
    }
    lab_json_end(json);
}

static void put_epoch(const struct lab_noise *noise, struct lab_json *json) {
    lab_json_object_begin(json, "reshuffle");
    lab_json_integer(json, "full_batches", (int64_t)noise->epoch.batches);
    lab_json_number(json, "correlation", noise->epoch.formula);
    lab_json_number(json, "measured", noise->epoch.measured);
    lab_json_number(json, "se", noise->epoch.se);
    lab_json_end(json);
}

/* A row per batch size and estimator: the median over the directions, and each. */
static void put_tails(const struct lab_noise_panel *panel, struct lab_json *json) {
    for (size_t b = 0; b < panel->batches; b++) {
        for (size_t e = 0; e < LAB_NOISE_ESTIMATORS; e++) {
            struct compare_tail middle = lab_noise_panel_middle(panel, b, e);
            lab_json_object_begin(json, NULL);
            lab_json_integer(json, "batch", (int64_t)panel->batch[b]);
            lab_json_text(json, "estimator", panel->estimator[e]->name);
            lab_json_number(json, "alpha", middle.alpha);
            lab_json_number(json, "se", middle.se);
            lab_json_number(json, "null_low", panel->null[e].low);
            lab_json_number(json, "null_high", panel->null[e].high);
            lab_json_array_begin(json, "directions");
            for (size_t k = 0; k < panel->directions; k++) lab_json_number(json, NULL, panel->tail[b][e][k].alpha);
            lab_json_end(json);
            lab_json_end(json);
        }
    }
}

static void put_directions(const struct lab_noise *noise, struct lab_json *json) {
    const struct lab_noise_panel *panel = noise->panel;
    lab_json_array_begin(json, "directions");
    for (size_t k = 0; k < noise->direction_count; k++) {
        lab_json_object_begin(json, NULL);
        lab_json_text(json, "name", noise->direction[k].name);
        lab_json_number(json, "noise_variance", noise->direction[k].variance);
        lab_json_number(json, "curvature", noise->direction[k].curvature);
        lab_json_number(json, "excess_kurtosis", panel->kurtosis_exact[k]);
        lab_json_array_begin(json, "kurtosis");
        for (size_t b = 0; b < panel->batches; b++) {
            lab_json_object_begin(json, NULL);
            lab_json_integer(json, "batch", (int64_t)panel->batch[b]);
            lab_json_number(json, "exact", panel->kurtosis_exact[k] / (double)panel->batch[b]);
            lab_json_number(json, "measured", panel->kurtosis[b][k]);
            lab_json_end(json);
        }
        lab_json_end(json);
        lab_json_end(json);
    }
    lab_json_end(json);
}

static void put_verdict(const struct lab_noise_panel *panel, struct lab_json *json) {
    lab_json_text(json, "verdict", lab_noise_verdict_name(panel->overall));
    lab_json_text(json, "verdict_rule", lab_noise_verdict_rule);
    lab_json_array_begin(json, "verdicts");
    for (size_t e = 0; e < LAB_NOISE_ESTIMATORS; e++) {
        if (!panel->estimator[e]->stable) continue;
        lab_json_object_begin(json, NULL);
        lab_json_text(json, "estimator", panel->estimator[e]->name);
        lab_json_text(json, "verdict", lab_noise_verdict_name(panel->verdict[e]));
        lab_json_end(json);
    }
    lab_json_end(json);
}

void lab_noise_put_json(const struct lab_noise *noise, struct lab_json *json) {
    const struct lab_noise_spectrum *s = &noise->spectrum;
    lab_json_number(json, "loss", noise->loss);
    lab_json_number(json, "gradient_norm", noise->gradient_norm);
    lab_json_number(json, "trace", s->trace);
    lab_json_numbers(json, "eigenvalues", s->count, s->eigenvalues);
    lab_json_integer(json, "rank", (int64_t)s->rank);
    lab_json_number(json, "participation_ratio", s->participation);
    lab_json_number(json, "alignment_with_hessian", s->alignment);
    lab_json_number(json, "commutator_norm", s->commutator);
    lab_json_numbers(json, "hessian_eigenvalues", s->dimension, s->hessian);
    put_along(s, json);
    lab_json_integer(json, "samples", (int64_t)noise->samples);
    if (noise->batch > 0)
        lab_json_integer(json, "batch", (int64_t)noise->batch);
    else
        lab_json_null(json, "batch");
    lab_json_number(json, "without_replacement_factor", noise->without);
    put_epoch(noise, json);
    lab_json_array_begin(json, "tails");
    if (noise->panel != NULL) put_tails(noise->panel, json);
    lab_json_end(json);
    if (noise->panel != NULL) {
        lab_json_integer(json, "draws", (int64_t)noise->panel->draws);
        put_directions(noise, json);
        put_verdict(noise->panel, json);
    } else {
        lab_json_null(json, "verdict");
    }
    lab_json_array_begin(json, "notes");
    if (noise->why[0] != '\0') lab_json_text(json, NULL, noise->why);
    if (noise->panel != NULL && noise->samples < noise->panel->draws)
        lab_json_text(json, NULL,
                      "batches are drawn with replacement from fewer samples than there are draws: standard errors are "
                      "those of the draws, given the data");
    lab_json_end(json);
}
