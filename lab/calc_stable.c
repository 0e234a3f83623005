/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kramers calc stable-pdf, stable-cdf, stable-sf, stable-quantile. */
#include "core/memory.h"
#include "core/stable.h"
#include "lab/json.h"
#include "lab/verbs.h"

#include <stdio.h>
#include <string.h>

/* ---- Reading ---- */

struct values {
    double *at; /* (room) */
    size_t count, room;
};

static enum core_status append(struct values *values, double value) {
    if (values->count == values->room) {
        size_t room = values->room * 2 + 64;
        double *more = core_alloc(room, sizeof *more);
        if (more == NULL) return core_fail(CORE_NO_MEMORY, "no memory for %zu numbers", room);
        if (values->count > 0) memcpy(more, values->at, values->count * sizeof *more);
        core_free(values->at);
        values->at = more;
        values->room = room;
    }
    values->at[values->count++] = value;
    return CORE_OK;
}

/* Numbers separated by blanks or newlines. */
static enum core_status read_input(struct values *values) {
    char word[64];
    enum core_status status = CORE_OK;
    while (status == CORE_OK && scanf("%63s", word) == 1) {
        double value = 0;
        status = lab_read_real("standard input", word, &value);
        if (status == CORE_OK) status = append(values, value);
    }
    return status;
}

static enum core_status read_values(const struct lab_options *options, struct values *values) {
    enum core_status status = CORE_OK;
    for (size_t i = 0; i < options->x_count && status == CORE_OK; i++) {
        double value = 0;
        if (strcmp(options->x[i], "-") == 0) {
            status = read_input(values);
            continue;
        }
        status = lab_read_real("--x", options->x[i], &value);
        if (status == CORE_OK) status = append(values, value);
    }
    if (status == CORE_OK && values->count == 0)
        return core_fail(CORE_BAD_INPUT, "calc %s: --x is missing", options->arguments[0]);
    return status;
}

/* ---- Evaluating ---- */

static const struct {
    const char *name;
    double (*evaluate)(const struct core_stable *law, double x); /* NULL: the quantile */
} functions[] = {
    {"stable-pdf", core_stable_pdf},
    {"stable-cdf", core_stable_cdf},
    {"stable-sf", core_stable_sf},
    {"stable-quantile", NULL},
};

static enum core_status evaluate(const char *name, const struct core_stable *law, struct values *values) {
    size_t f = 0;
    while (strcmp(functions[f].name, name) != 0) f++;
    enum core_status status = CORE_OK;
    for (size_t i = 0; i < values->count && status == CORE_OK; i++) {
        double x = values->at[i];
        if (functions[f].evaluate != NULL)
            values->at[i] = functions[f].evaluate(law, x);
        else
            status = core_stable_quantile(law, x, &values->at[i]);
    }
    return status;
}

static void put(const struct values *values, struct lab_json *json) {
    for (size_t i = 0; i < values->count && json == NULL; i++) printf("%.17g\n", values->at[i]);
    if (json == NULL) return;
    if (values->count == 1)
        lab_json_number(json, "value", values->at[0]);
    else
        lab_json_numbers(json, "values", values->count, values->at);
}

enum core_status lab_calc_stable(const struct lab_options *options, struct lab_json *json) {
    struct core_stable law;
    struct values values = {0};
    enum core_status status = lab_read_stable(options->arguments[0], options, &law);
    if (status == CORE_OK) status = read_values(options, &values);
    if (status == CORE_OK) status = evaluate(options->arguments[0], &law, &values);
    if (status == CORE_OK) put(&values, json);
    core_free(values.at);
    return status;
}
