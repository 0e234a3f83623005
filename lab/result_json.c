/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/json.h"
#include "lab/result.h"

#include "core/memory.h"

#include <math.h>

/* results.json, key by key. A number that does not exist is null, and a key "reason" beside it says why. */

static void put_reason(struct lab_json *json, int missing, const char *reason) {
    if (missing) lab_json_text(json, "reason", reason);
}

static const char *reason_of_escape(const struct lab_ensemble_result *ensemble, const struct lab_escape_row *row) {
    if (ensemble->diverged == ensemble->replicas) return "every replica diverged";
    return row->escaped > 0 ? "too few replicas escaped" : "no replica escaped";
}

static void put_escapes(struct lab_json *json, const struct lab_ensemble_result *ensemble) {
    lab_json_array_begin(json, "escape");
    for (size_t l = 0; l < ensemble->escape_count; l++) {
        const struct lab_escape_row *row = &ensemble->escape[l];
        lab_json_object_begin(json, NULL);
        lab_json_number(json, "level", row->level);
        lab_json_number(json, "escaped", row->escaped);
        lab_json_number(json, "mean", row->mean);
        lab_json_number(json, "sd", row->sd);
        lab_json_number(json, "se", row->se);
        lab_json_number(json, "median", row->median);
        put_reason(json, !isfinite(row->escaped + row->mean + row->sd + row->se + row->median),
                   reason_of_escape(ensemble, row));
        lab_json_end(json);
    }
    lab_json_end(json);
}

static const char *reason_of_time(const struct lab_ensemble_result *ensemble, const struct lab_time_row *row) {
    if (isfinite(row->loss_mean) && isfinite(row->loss_se)) return "the landscape has no layers";
    return ensemble->diverged == ensemble->replicas ? "every replica diverged" : "too few finite replicas";
}

static void put_time(struct lab_json *json, const struct lab_ensemble_result *ensemble, const struct lab_time_row *row,
                     size_t dimension) {
    lab_json_object_begin(json, NULL);
    lab_json_number(json, "time", row->time);
    lab_json_number(json, "loss_mean", row->loss_mean);
    lab_json_number(json, "loss_se", row->loss_se);
    lab_json_numbers(json, "loss_quantiles", 3, row->loss_quantile);
    lab_json_numbers(json, "singular_values", row->singular_values ? row->singular_count : 0, row->singular_values);
    lab_json_number(json, "balancedness_mean", row->balancedness_mean);
    lab_json_numbers(json, "parameters_mean", row->parameters_mean ? dimension : 0, row->parameters_mean);
    put_reason(json, !isfinite(row->loss_mean + row->loss_se + row->balancedness_mean), reason_of_time(ensemble, row));
    lab_json_end(json);
}

static void put_ensemble(struct lab_json *json, const struct lab_ensemble_result *ensemble, size_t dimension) {
    double seconds = ensemble->data ? ensemble->data->seconds : (double)NAN;
    double steps = ensemble->data ? ensemble->data->steps : (double)NAN;
    lab_json_object_begin(json, NULL);
    lab_json_text(json, "name", ensemble->name);
    lab_json_natural(json, "replicas", ensemble->replicas);
    lab_json_natural(json, "diverged", ensemble->diverged);
    lab_json_number(json, "seconds", seconds);
    lab_json_number(json, "steps_per_second", steps / seconds);
    if (isfinite(ensemble->temperature)) lab_json_number(json, "temperature", ensemble->temperature);
    put_reason(json, !isfinite(steps / seconds), "the run took no measurable time");
    put_escapes(json, ensemble);
    lab_json_array_begin(json, "times");
    for (size_t t = 0; t < ensemble->time_count; t++) put_time(json, ensemble, &ensemble->times[t], dimension);
    lab_json_end(json);
    lab_json_end(json);
}

/* Twins are counted in the null and not listed. */
static void put_ensembles(struct lab_json *json, const struct lab_result *result) {
    lab_json_array_begin(json, "ensembles");
    for (size_t e = 0; e < result->ensemble_count; e++)
        if (!result->ensembles[e].twin) put_ensemble(json, &result->ensembles[e], result->land->dimension);
    lab_json_end(json);
}

static const char *reason_of_distance(const struct compare_row *row) {
    if (!isfinite(row->value)) return "too few finite replicas";
    return row->null_mean > 0 ? "too few SGD ensembles for a test" : "the mean null distance is not positive";
}

static void put_distances(struct lab_json *json, const struct lab_result *result) {
    lab_json_array_begin(json, "distances");
    for (size_t d = 0; d < result->distance_count; d++) {
        const struct lab_distance_row *distance = &result->distances[d];
        const struct compare_row *row = &distance->row;
        lab_json_object_begin(json, NULL);
        lab_json_text(json, "model", result->ensembles[distance->model].name);
        lab_json_text(json, "observable", distance->observable);
        lab_json_text(json, "metric", distance->metric);
        lab_json_number(json, "time", distance->time);
        lab_json_number(json, "value", row->value);
        lab_json_number(json, "null_mean", row->null_mean);
        lab_json_number(json, "null_sd", row->null_sd);
        lab_json_number(json, "ratio", row->ratio);
        lab_json_number(json, "z", row->z);
        lab_json_number(json, "p", row->p);
        lab_json_number(json, "p_holm", distance->holm);
        put_reason(
            json, !isfinite(row->value + row->null_mean + row->null_sd + row->ratio + row->z + row->p + distance->holm),
            reason_of_distance(row));
        lab_json_end(json);
    }
    lab_json_end(json);
}

/* The overall row of each model, with its observables inside. */
static void put_fraction(struct lab_json *json, const struct compare_fraction *fraction) {
    lab_json_number(json, "explained", fraction->value);
    lab_json_number(json, "low", fraction->low);
    lab_json_number(json, "high", fraction->high);
    put_reason(json, !isfinite(fraction->value + fraction->low + fraction->high),
               "too few finite replicas, or no Langevin model to measure against");
}

static void put_parts(struct lab_json *json, const struct lab_result *result, size_t model) {
    lab_json_array_begin(json, "observables");
    for (size_t v = 0; v < result->verdict_count; v++) {
        const struct lab_verdict_row *row = &result->verdicts[v];
        if (row->model != model || row->observable == NULL) continue;
        lab_json_object_begin(json, NULL);
        lab_json_text(json, "observable", row->observable);
        put_fraction(json, &row->explained);
        lab_json_end(json);
    }
    lab_json_end(json);
}

static void put_verdicts(struct lab_json *json, const struct lab_result *result) {
    lab_json_array_begin(json, "verdict");
    for (size_t v = 0; v < result->verdict_count; v++) {
        const struct lab_verdict_row *row = &result->verdicts[v];
        if (row->observable != NULL) continue;
        lab_json_object_begin(json, NULL);
        lab_json_text(json, "model", result->ensembles[row->model].name);
        put_fraction(json, &row->explained);
        put_parts(json, result, row->model);
        lab_json_end(json);
    }
    lab_json_end(json);
}

static void put_provenance(struct lab_json *json) {
    struct lab_provenance made = lab_provenance();
    lab_json_object_begin(json, "provenance");
    lab_json_text(json, "git_revision", made.git_revision);
    lab_json_text(json, "compiler", made.compiler);
    lab_json_text(json, "flags", made.flags);
    lab_json_text(json, "isa", made.isa);
    lab_json_end(json);
}

enum core_status lab_result_json(const struct lab_result *result, char **text) {
    struct lab_json *json;
    *text = NULL;
    enum core_status status = lab_json_create(&json);
    if (status != CORE_OK) return status;
    lab_json_object_begin(json, NULL);
    lab_json_text(json, "study", result->study->name);
    lab_json_natural(json, "seed", result->study->seed);
    lab_json_text(json, "version", lab_provenance().version);
    lab_json_number(json, "seconds", result->seconds);
    lab_json_natural(json, "threads", result->threads);
    lab_json_natural(json, "parameters", result->land->dimension);
    put_provenance(json);
    put_ensembles(json, result);
    put_distances(json, result);
    put_verdicts(json, result);
    lab_json_array_begin(json, "warnings");
    for (size_t w = 0; w < result->warning_count; w++) lab_json_text(json, NULL, result->warnings[w]);
    lab_json_end(json);
    lab_json_end(json);
    return lab_json_finish(json, text);
}
