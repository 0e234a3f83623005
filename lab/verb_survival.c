/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kramers survival: curves, laws and the log-rank test of escape times with censoring. What has no answer is null, with
 * its reason beside it. */
#include "lab/verbs.h"

#include "core/memory.h"
#include "lab/escape_times.h"
#include "lab/json.h"

#include <math.h>
#include <stdio.h>

/* ---- Printing ---- */

static void write_curve(struct lab_json *json, const struct lab_escape_group *one) {
    lab_json_array_begin(json, "curve");
    for (size_t i = 0; i < one->count; i++) {
        const struct compare_survival_row *row = &one->rows[i];
        lab_json_object_begin(json, NULL);
        lab_json_number(json, "time", row->time);
        lab_json_natural(json, "at_risk", row->at_risk);
        lab_json_natural(json, "events", row->events);
        lab_json_natural(json, "censored", row->censored);
        lab_json_number(json, "survival", row->survival);
        lab_json_number(json, "greenwood_se", row->greenwood_se);
        lab_json_number(json, "low", row->low);
        lab_json_number(json, "high", row->high);
        lab_json_number(json, "hazard", row->hazard);
        lab_json_number(json, "hazard_se", row->hazard_se);
        lab_json_end(json);
    }
    lab_json_end(json);
}

static void write_law(struct lab_json *json, const struct lab_escape_group *one, size_t law) {
    const struct lab_escape_fit *fitted = &one->law[law];
    int none = fitted->reason[0] != '\0';
    lab_json_object_begin(json, lab_escape_laws[law].name);
    lab_json_number(json, lab_escape_laws[law].first, none ? (double)NAN : fitted->fit.first);
    if (lab_escape_laws[law].second != NULL)
        lab_json_number(json, lab_escape_laws[law].second, none ? (double)NAN : fitted->fit.second);
    lab_json_number(json, "loglik", none ? (double)NAN : fitted->fit.loglik);
    lab_json_number(json, "aic", none ? (double)NAN : fitted->fit.aic);
    double low, high;
    if (law == 0 && compare_rate_interval(one->events, one->total, 0.95, &low, &high) == CORE_OK) {
        lab_json_number(json, "low", low);
        lab_json_number(json, "high", high);
    }
    if (none) lab_json_text(json, "reason", fitted->reason);
    lab_json_end(json);
}

static void write_group(struct lab_json *json, const struct lab_escape_group *one) {
    lab_json_object_begin(json, NULL);
    lab_json_number(json, "group", one->name);
    lab_json_natural(json, "n", one->n);
    lab_json_natural(json, "events", one->events);
    lab_json_number(json, "median", one->median.median);
    lab_json_number(json, "median_low", one->median.low);
    lab_json_number(json, "median_high", one->median.high);
    if (isnan(one->median.median)) lab_json_text(json, "median_reason", "fewer than half escaped");
    write_curve(json, one);
    for (size_t law = 0; law < LAB_LAWS; law++) write_law(json, one, law);
    lab_json_end(json);
}

static enum core_status print_json(const struct lab_escape_times *s) {
    struct lab_json *json;
    char *text;
    enum core_status status = lab_json_create(&json);
    if (status != CORE_OK) return status;
    int none = s->test_reason[0] != '\0';
    lab_json_object_begin(json, NULL);
    lab_json_array_begin(json, "groups");
    for (size_t g = 0; g < s->groups; g++) write_group(json, &s->group[g]);
    lab_json_end(json);
    lab_json_object_begin(json, "logrank");
    lab_json_number(json, "chi2", none ? (double)NAN : s->test.chi2);
    lab_json_number(json, "df", none ? (double)NAN : s->test.df);
    lab_json_number(json, "p", none ? (double)NAN : s->test.p);
    if (none) lab_json_text(json, "reason", s->test_reason);
    lab_json_end(json);
    lab_json_natural(json, "dropped", s->file.dropped);
    lab_json_end(json);
    status = lab_json_finish(json, &text);
    if (status == CORE_OK) printf("%s\n", text);
    core_free(text);
    return status;
}

static void print_one(const struct lab_escape_times *s, const struct lab_escape_group *one) {
    if (s->file.columns > 2) printf("group %g: ", one->name);
    printf("%zu subjects, %zu escaped", one->n, one->events);
    if (isnan(one->median.median)) printf("; fewer than half\n");
    if (!isnan(one->median.median)) {
        printf("; half of them by %.6g (%.6g to %.6g)\n", one->median.median, one->median.low, one->median.high);
    }
    for (size_t law = 0; law < LAB_LAWS; law++) {
        const struct lab_escape_fit *fitted = &one->law[law];
        if (fitted->reason[0] != '\0') {
            printf("  %-12s (%s)\n", lab_escape_laws[law].name, fitted->reason);
            continue;
        }
        printf("  %-12s AIC %-12.8g %s %.6g", lab_escape_laws[law].name, fitted->fit.aic, lab_escape_laws[law].first,
               fitted->fit.first);
        if (lab_escape_laws[law].second != NULL) printf(", %s %.6g", lab_escape_laws[law].second, fitted->fit.second);
        printf("\n");
    }
}

static void print_text(const struct lab_escape_times *s) {
    for (size_t g = 0; g < s->groups; g++) print_one(s, &s->group[g]);
    if (s->test_reason[0] == '\0') {
        printf("log-rank: chi2 %.6g with %g degrees of freedom, p %.4g\n", s->test.chi2, s->test.df, s->test.p);
    }
    if (s->file.dropped > 0) printf("(%zu rows with entries that are not finite are left out)\n", s->file.dropped);
}

enum core_status lab_verb_survival(const struct lab_options *options) {
    struct lab_escape_times *s = core_alloc(1, sizeof *s);
    if (s == NULL) return core_fail(CORE_NO_MEMORY, "no memory for escape times");
    enum core_status status = lab_escape_times_read(options->arguments[0], s);
    if (status == CORE_OK && options->json)
        status = print_json(s);
    else if (status == CORE_OK)
        print_text(s);
    lab_escape_times_free(s);
    core_free(s);
    return status;
}
