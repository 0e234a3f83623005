/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The result of `kramers ffpe` as one JSON object. Beside every number that was extrapolated stands what the
 * extrapolation changed, as KEY_difference. */
#include "lab/density.h"

#include <math.h>
#include <stdio.h>

struct writer {
    const struct ffpe_result *result;
    struct lab_json *json;
};

static void difference_key(const char *key, char out[48]) {
    snprintf(out, 48, "%s_difference", key);
}

static void put_number(const struct writer *writer, const char *key, const double *number) {
    char beside[48];
    lab_json_number(writer->json, key, *number);
    if (writer->result->grids == 1) return;
    difference_key(key, beside);
    lab_json_number(writer->json, beside, ffpe_difference(writer->result, number));
}

static void put_numbers(const struct writer *writer, const char *key, size_t count, const double numbers[]) {
    char beside[48];
    lab_json_numbers(writer->json, key, count, numbers);
    if (writer->result->grids == 1) return;
    difference_key(key, beside);
    lab_json_array_begin(writer->json, beside);
    for (size_t i = 0; i < count; i++)
        lab_json_number(writer->json, NULL, ffpe_difference(writer->result, &numbers[i]));
    lab_json_end(writer->json);
}

static void put_matrix(const struct writer *writer, const char *key, size_t n, const double a[]) {
    lab_json_array_begin(writer->json, key);
    for (size_t i = 0; i < n; i++) lab_json_numbers(writer->json, NULL, n, a + i * n);
    lab_json_end(writer->json);
}

static void put_times(const struct writer *writer) {
    const struct ffpe_result *result = writer->result;
    struct lab_json *json = writer->json;
    lab_json_array_begin(json, "times");
    for (size_t i = 0; i < result->time_count; i++) {
        const struct ffpe_moments *moments = &result->times[i];
        lab_json_object_begin(json, NULL);
        lab_json_number(json, "time", moments->time);
        lab_json_number(json, "mass", *moments->mass);
        lab_json_number(json, "mass_error", moments->mass_error);
        lab_json_number(json, "minimum", moments->minimum);
        put_numbers(writer, "mean", result->dimension, moments->mean);
        put_matrix(writer, "covariance", result->dimension, moments->covariance);
        put_number(writer, "msd", moments->msd);
        put_number(writer, "energy", moments->energy);
        put_number(writer, "survival", moments->mass);
        put_numbers(writer, "density", result->probe_count, moments->density);
        lab_json_end(json);
    }
    lab_json_end(json);
}

static void put_steady(const struct writer *writer) {
    const struct ffpe_steady *steady = &writer->result->steady;
    struct lab_json *json = writer->json;
    if (!steady->present) {
        lab_json_null(json, "steady");
        return;
    }
    lab_json_object_begin(json, "steady");
    put_numbers(writer, "mean", writer->result->dimension, steady->mean);
    put_matrix(writer, "covariance", writer->result->dimension, steady->covariance);
    put_number(writer, "energy", steady->energy);
    lab_json_number(json, "gibbs_error", steady->gibbs_error);
    put_numbers(writer, "density", writer->result->probe_count, steady->density);
    put_number(writer, "current_norm", steady->current_norm);
    if (steady->curl != NULL)
        put_number(writer, "curl_at_origin", steady->curl);
    else
        lab_json_null(json, "curl_at_origin");
    put_number(writer, "entropy_production", steady->entropy_production);
    lab_json_number(json, "cycle_affinity", steady->affinity);
    lab_json_end(json);
}

/* Real eigenvalues as numbers, complex ones as pairs. */
static void put_spectrum(const struct writer *writer) {
    const struct ffpe_result *result = writer->result;
    lab_json_array_begin(writer->json, "spectrum");
    for (size_t i = 0; i < result->eigenvalue_count; i++) {
        const double *value = result->eigenvalues + 2 * i;
        if (value[1] == 0)
            lab_json_number(writer->json, NULL, value[0]);
        else
            lab_json_numbers(writer->json, NULL, 2, value);
    }
    lab_json_end(writer->json);
}

static void put_passage(const struct writer *writer, double order) {
    const struct ffpe_result *result = writer->result;
    struct lab_json *json = writer->json;
    lab_json_array_begin(json, "passage");
    for (size_t i = 0; i < result->passage_count; i++) {
        lab_json_object_begin(json, NULL);
        lab_json_numbers(json, "at", result->dimension, result->passage_at + i * result->dimension);
        if (order < 1) {
            lab_json_null(json, "mean_time");
            lab_json_text(json, "mean_time_reason", "infinite for order < 1");
            put_number(writer, "tail_prefactor", &result->passage_time[i]);
        } else {
            put_number(writer, "mean_time", &result->passage_time[i]);
            lab_json_null(json, "tail_prefactor");
            lab_json_text(json, "tail_prefactor_reason", "the tail is exponential at order 1");
        }
        lab_json_end(json);
    }
    lab_json_end(json);
}

void lab_density_json(const struct lab_study *study, const struct lab_density *density,
                      const struct ffpe_result *result, struct lab_json *json) {
    const struct ffpe_problem *problem = &density->problem;
    struct writer writer = {.result = result, .json = json};
    lab_json_object_begin(json, NULL);
    lab_json_text(json, "study", study->name);
    lab_json_number(json, "order", problem->order);
    lab_json_integer(json, "cells", (int64_t)result->cells);
    lab_json_integer(json, "unknowns", (int64_t)result->unknowns);
    lab_json_text(json, "method", ffpe_method_name((size_t)problem->method));
    lab_json_integer(json, "grids", (int64_t)result->grids);
    lab_json_integer(json, "solves", (int64_t)result->solves);
    lab_json_number(json, "seconds", result->seconds);
    lab_json_number(json, "tolerance", problem->tolerance);
    lab_json_number(json, "error_estimate", result->time_error);
    if (isnan(result->time_error)) lab_json_text(json, "error_estimate_reason", "methods that step make none");
    lab_json_number(json, "space_error_estimate", result->space_error);
    if (isnan(result->space_error))
        lab_json_text(json, "space_error_estimate_reason", "one grid; richardson: 2 or more estimates it");
    lab_json_array_begin(json, "warnings");
    for (size_t i = 0; i < result->warning_count; i++) lab_json_text(json, NULL, result->warnings[i]);
    lab_json_end(json);
    put_times(&writer);
    if (problem->report & (FFPE_STEADY | FFPE_CURRENT)) put_steady(&writer);
    if (problem->report & FFPE_SPECTRUM) put_spectrum(&writer);
    if (problem->report & FFPE_PASSAGE) put_passage(&writer, problem->order);
    lab_json_end(json);
}
