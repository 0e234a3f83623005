/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/escape_times.h"

#include "core/memory.h"
#include "core/sum.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { GROUPS = 1000 };

const struct lab_escape_law lab_escape_laws[LAB_LAWS] = {{"exponential", "rate", NULL},
                                                         {"weibull", "shape", "scale"},
                                                         {"lognormal", "mu", "sigma"},
                                                         {"pareto", "exponent", "smallest"}};

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
static enum core_status find_groups(struct lab_escape_times *s) {
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

static size_t group_of(const struct lab_escape_times *s, double name) {
    size_t low = 0, high = s->groups;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (s->names[middle] <= name) low = middle;
        if (s->names[middle] > name) high = middle;
    }
    return low;
}

static enum core_status one_create(struct lab_escape_group *one, double name, size_t n) {
    one->name = name;
    one->time = core_alloc(n, sizeof *one->time);
    one->escaped = core_alloc(n, sizeof *one->escaped);
    one->rows = core_alloc(n, sizeof *one->rows);
    if (one->time != NULL && one->escaped != NULL && one->rows != NULL) return CORE_OK;
    return core_fail(CORE_NO_MEMORY, "no memory for %zu subjects", n);
}

/* Deals the subjects to their groups. */
static enum core_status deal(struct lab_escape_times *s) {
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
        struct lab_escape_group *one = &s->group[s->member[i]];
        one->time[one->n] = s->time[i];
        one->escaped[one->n++] = s->escaped[i];
        one->events += (size_t)s->escaped[i];
        one->total += s->time[i];
    }
    return CORE_OK;
}

static enum core_status read_groups(const char *name, struct lab_escape_times *s) {
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

void lab_escape_times_free(struct lab_escape_times *s) {
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

static enum core_status fit_law(const struct lab_escape_group *one, size_t law, struct compare_fit *fit) {
    double smallest = INFINITY;
    for (size_t i = 0; i < one->n; i++) smallest = fmin(smallest, one->time[i]);
    if (law == 0) return compare_fit_exponential(one->n, one->time, one->escaped, fit);
    if (law == 1) return compare_fit_weibull(one->n, one->time, one->escaped, fit);
    if (law == 2) return compare_fit_lognormal(one->n, one->time, one->escaped, fit);
    return compare_fit_pareto(one->n, one->time, one->escaped, smallest, fit);
}

static enum core_status estimate(struct lab_escape_group *one) {
    enum core_status status =
        compare_survival_curve(one->n, one->time, one->escaped, COMPARE_BAND_LOGLOG, 0.95, &one->count, one->rows);
    one->median = compare_survival_median(one->count, one->rows);
    for (size_t law = 0; law < LAB_LAWS && status == CORE_OK; law++) {
        struct lab_escape_fit *fitted = &one->law[law];
        status = fit_law(one, law, &fitted->fit);
        if (status == CORE_OK && fitted->fit.state != COMPARE_DEFINED) {
            snprintf(fitted->reason, LAB_REASON_BYTES, "%s: %zu events", compare_state_name(fitted->fit.state),
                     one->events);
        }
        if (status == CORE_BAD_INPUT) {
            snprintf(fitted->reason, LAB_REASON_BYTES, "%s", core_error());
            core_error_clear();
            status = CORE_OK;
        }
    }
    return status;
}

static enum core_status estimate_all(struct lab_escape_times *s) {
    enum core_status status = CORE_OK;
    for (size_t g = 0; g < s->groups && status == CORE_OK; g++) status = estimate(&s->group[g]);
    if (status != CORE_OK || s->groups < 2) {
        snprintf(s->test_reason, LAB_REASON_BYTES, "there is one group");
        return status;
    }
    status = compare_logrank(s->file.rows, s->time, s->escaped, s->groups, s->member, NULL, 0, NULL, NULL, &s->test);
    if (status == CORE_OK && s->test.state != COMPARE_DEFINED) {
        snprintf(s->test_reason, LAB_REASON_BYTES, "no event tells the groups apart");
    }
    return status;
}

enum core_status lab_escape_times_read(const char *name, struct lab_escape_times *times) {
    enum core_status status = read_groups(name, times);
    return status == CORE_OK ? estimate_all(times) : status;
}
