/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kramers survival: curves, laws and the log-rank test of escape times with censoring. What has no answer is null, with
 * its reason beside it. */
#include "lab/verbs.h"

#include "compare/compare.h"
#include "core/memory.h"
#include "core/sum.h"
#include "lab/json.h"
#include "lab/sample_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { GROUPS = 1000, LAWS = 4, REASON = 400 };

/* The laws that are fitted; what their two numbers are called in JSON. */
static const struct {
    const char *name, *first, *second;
} laws[LAWS] = {{"exponential", "rate", NULL},
                {"weibull", "shape", "scale"},
                {"lognormal", "mu", "sigma"},
                {"pareto", "exponent", "smallest"}};

struct fitted {
    struct compare_fit fit;
    char reason[REASON]; /* why there is none; empty where there is */
};

struct one {
    double name; /* what stands in the group's column */
    size_t n, events, count;
    double *time;
    int *escaped;
    struct compare_survival_row *rows; /* (count) */
    struct compare_median median;
    double total; /* time watched */
    struct fitted law[LAWS];
};

struct study {
    struct lab_sample_file file;
    size_t groups;
    double *names; /* (groups) */
    struct one *group;
    size_t *member; /* (rows) each subject's group */
    double *time;
    int *escaped;
    struct compare_logrank test;
    char test_reason[REASON];
};

/* ---- Reading ---- */

static enum core_status check_rows(const char *name, const struct lab_sample_file *file) {
    if (file->columns < 2 || file->columns > 3) {
        return core_fail(CORE_BAD_INPUT, "'%s' has %zu columns; expected time, status and, if there are groups, group",
                         name, file->columns);
    }
    for (size_t i = 0; i < file->rows; i++) {
        const double *row = file->values + i * file->columns;
        if (!(row[0] >= 0)) {
            return core_fail(CORE_BAD_INPUT, "'%s', row %zu: the time is %g, it must not be negative", name, i + 1,
                             row[0]);
        }
        if (row[1] != 0 && row[1] != 1) {
            return core_fail(CORE_BAD_INPUT, "'%s', row %zu: the status is %g, expected 1 (escaped) or 0 (censored)",
                             name, i + 1, row[1]);
        }
    }
    return CORE_OK;
}

/* The groups' distinct names, ascending. */
static enum core_status find_groups(struct study *s) {
    const struct lab_sample_file *file = &s->file;
    for (size_t i = 0; i < file->rows; i++) s->names[i] = file->columns > 2 ? file->values[i * file->columns + 2] : 0;
    core_sort(s->names, file->rows);
    for (size_t i = 0; i < file->rows; i++) {
        if (s->groups > 0 && s->names[s->groups - 1] == s->names[i]) continue;
        s->names[s->groups++] = s->names[i];
    }
    if (s->groups <= GROUPS) return CORE_OK;
    return core_fail(CORE_BAD_INPUT, "there are %zu different groups, at most %d are compared", s->groups, GROUPS);
}

static size_t group_of(const struct study *s, double name) {
    size_t low = 0, high = s->groups;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (s->names[middle] <= name) low = middle;
        if (s->names[middle] > name) high = middle;
    }
    return low;
}

static enum core_status one_create(struct one *one, double name, size_t n) {
    one->name = name;
    one->time = core_alloc(n, sizeof *one->time);
    one->escaped = core_alloc(n, sizeof *one->escaped);
    one->rows = core_alloc(n, sizeof *one->rows);
    if (one->time != NULL && one->escaped != NULL && one->rows != NULL) return CORE_OK;
    return core_fail(CORE_NO_MEMORY, "no memory for %zu subjects", n);
}

/* Deals the subjects to their groups. */
static enum core_status deal(struct study *s) {
    size_t columns = s->file.columns, rows = s->file.rows;
    s->group = core_alloc(s->groups, sizeof *s->group);
    if (s->group == NULL) return core_fail(CORE_NO_MEMORY, "no memory for %zu groups", s->groups);
    for (size_t i = 0; i < rows; i++) {
        const double *row = s->file.values + i * columns;
        s->time[i] = row[0];
        s->escaped[i] = row[1] != 0;
        s->member[i] = group_of(s, columns > 2 ? row[2] : 0);
        s->group[s->member[i]].n++;
    }
    for (size_t g = 0; g < s->groups; g++) {
        enum core_status status = one_create(&s->group[g], s->names[g], s->group[g].n);
        if (status != CORE_OK) return status;
        s->group[g].n = 0;
    }
    for (size_t i = 0; i < rows; i++) {
        struct one *one = &s->group[s->member[i]];
        one->time[one->n] = s->time[i];
        one->escaped[one->n++] = s->escaped[i];
        one->events += (size_t)s->escaped[i];
        one->total += s->time[i];
    }
    return CORE_OK;
}

static enum core_status study_read(const char *name, struct study *s) {
    enum core_status status = lab_sample_file_read(name, &s->file);
    if (status == CORE_OK) status = check_rows(name, &s->file);
    if (status != CORE_OK) return status;
    size_t rows = s->file.rows;
    s->names = core_alloc(rows, sizeof *s->names);
    s->member = core_alloc(rows, sizeof *s->member);
    s->time = core_alloc(rows, sizeof *s->time);
    s->escaped = core_alloc(rows, sizeof *s->escaped);
    if (s->names == NULL || s->member == NULL || s->time == NULL || s->escaped == NULL) {
        return core_fail(CORE_NO_MEMORY, "no memory for %zu subjects", rows);
    }
    status = find_groups(s);
    return status == CORE_OK ? deal(s) : status;
}

static void study_free(struct study *s) {
    for (size_t g = 0; s->group != NULL && g < s->groups; g++) {
        core_free(s->group[g].time);
        core_free(s->group[g].escaped);
        core_free(s->group[g].rows);
    }
    core_free(s->group);
    core_free(s->names);
    core_free(s->member);
    core_free(s->time);
    core_free(s->escaped);
    core_free(s->file.values);
}

/* ---- Estimating ---- */

static enum core_status fit_law(const struct one *one, size_t law, struct compare_fit *fit) {
    double smallest = INFINITY;
    for (size_t i = 0; i < one->n; i++) smallest = fmin(smallest, one->time[i]);
    if (law == 0) return compare_fit_exponential(one->n, one->time, one->escaped, fit);
    if (law == 1) return compare_fit_weibull(one->n, one->time, one->escaped, fit);
    if (law == 2) return compare_fit_lognormal(one->n, one->time, one->escaped, fit);
    return compare_fit_pareto(one->n, one->time, one->escaped, smallest, fit);
}

static enum core_status estimate(struct one *one) {
    enum core_status status =
        compare_survival_curve(one->n, one->time, one->escaped, COMPARE_BAND_LOGLOG, 0.95, &one->count, one->rows);
    one->median = compare_survival_median(one->count, one->rows);
    for (size_t law = 0; law < LAWS && status == CORE_OK; law++) {
        struct fitted *fitted = &one->law[law];
        status = fit_law(one, law, &fitted->fit);
        if (status == CORE_OK && fitted->fit.state != COMPARE_DEFINED) {
            snprintf(fitted->reason, REASON, "%s: %zu events", compare_state_name(fitted->fit.state), one->events);
        }
        if (status == CORE_BAD_INPUT) {
            snprintf(fitted->reason, REASON, "%s", core_error());
            core_error_clear();
            status = CORE_OK;
        }
    }
    return status;
}

static enum core_status estimate_all(struct study *s) {
    enum core_status status = CORE_OK;
    for (size_t g = 0; g < s->groups && status == CORE_OK; g++) status = estimate(&s->group[g]);
    if (status != CORE_OK || s->groups < 2) {
        snprintf(s->test_reason, REASON, "there is one group");
        return status;
    }
    status = compare_logrank(s->file.rows, s->time, s->escaped, s->groups, s->member, NULL, 0, NULL, NULL, &s->test);
    if (status == CORE_OK && s->test.state != COMPARE_DEFINED) {
        snprintf(s->test_reason, REASON, "no event tells the groups apart");
    }
    return status;
}

/* ---- Printing ---- */

static void write_curve(struct lab_json *json, const struct one *one) {
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

static void write_law(struct lab_json *json, const struct one *one, size_t law) {
    const struct fitted *fitted = &one->law[law];
    int none = fitted->reason[0] != '\0';
    lab_json_object_begin(json, laws[law].name);
    lab_json_number(json, laws[law].first, none ? (double)NAN : fitted->fit.first);
    if (laws[law].second != NULL) lab_json_number(json, laws[law].second, none ? (double)NAN : fitted->fit.second);
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

static void write_group(struct lab_json *json, const struct one *one) {
    lab_json_object_begin(json, NULL);
    lab_json_number(json, "group", one->name);
    lab_json_natural(json, "n", one->n);
    lab_json_natural(json, "events", one->events);
    lab_json_number(json, "median", one->median.median);
    lab_json_number(json, "median_low", one->median.low);
    lab_json_number(json, "median_high", one->median.high);
    if (isnan(one->median.median)) lab_json_text(json, "median_reason", "fewer than half escaped");
    write_curve(json, one);
    for (size_t law = 0; law < LAWS; law++) write_law(json, one, law);
    lab_json_end(json);
}

static enum core_status print_json(const struct study *s) {
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

static void print_one(const struct study *s, const struct one *one) {
    if (s->file.columns > 2) printf("group %g: ", one->name);
    printf("%zu subjects, %zu escaped", one->n, one->events);
    if (isnan(one->median.median)) printf("; fewer than half\n");
    if (!isnan(one->median.median)) {
        printf("; half of them by %.6g (%.6g to %.6g)\n", one->median.median, one->median.low, one->median.high);
    }
    for (size_t law = 0; law < LAWS; law++) {
        const struct fitted *fitted = &one->law[law];
        if (fitted->reason[0] != '\0') {
            printf("  %-12s (%s)\n", laws[law].name, fitted->reason);
            continue;
        }
        printf("  %-12s AIC %-12.8g %s %.6g", laws[law].name, fitted->fit.aic, laws[law].first, fitted->fit.first);
        if (laws[law].second != NULL) printf(", %s %.6g", laws[law].second, fitted->fit.second);
        printf("\n");
    }
}

static void print_text(const struct study *s) {
    for (size_t g = 0; g < s->groups; g++) print_one(s, &s->group[g]);
    if (s->test_reason[0] == '\0') {
        printf("log-rank: chi2 %.6g with %g degrees of freedom, p %.4g\n", s->test.chi2, s->test.df, s->test.p);
    }
    if (s->file.dropped > 0) printf("(%zu rows with entries that are not finite are left out)\n", s->file.dropped);
}

enum core_status lab_verb_survival(const struct lab_options *options) {
    struct study *s = core_alloc(1, sizeof *s);
    if (s == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a comparison");
    enum core_status status = study_read(options->arguments[0], s);
    if (status == CORE_OK) status = estimate_all(s);
    if (status == CORE_OK && options->json)
        status = print_json(s);
    else if (status == CORE_OK)
        print_text(s);
    study_free(s);
    core_free(s);
    return status;
}
