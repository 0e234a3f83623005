/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kramers compare: distances between two samples. A metric that does not apply is null, with its reason among the
 * notes; so is one that was not asked for. */
#include "lab/verbs.h"

#include "core/memory.h"
#include "lab/distances.h"
#include "lab/json.h"
#include "lab/page.h"
#include "lab/sample_file.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { METRICS = 16, NOTES = 24, NOTE_BYTES = 400 };

struct comparison {
    struct lab_sample_file a, b;
    struct lab_distances distances;
    size_t note_count;
    char notes[NOTES][NOTE_BYTES];
};

/* ---- What was asked for ---- */

/* One word of LIST, of `length` bytes. */
static enum core_status choose_metric(const char *word, size_t length, int wanted[METRICS]) {
    char names[200] = "";
    for (size_t k = 0; lab_distances[k].name != NULL; k++) {
        const char *name = lab_distances[k].name;
        if (strlen(name) == length && memcmp(name, word, length) == 0) {
            wanted[k] = 1;
            return CORE_OK;
        }
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%s", k > 0 ? ", " : "", name);
    }
    return core_fail(CORE_BAD_INPUT, "--metrics: found '%.*s', expected %s, with commas between them", (int)length,
                     word, names);
}

static enum core_status choose_metrics(const char *list, int wanted[METRICS]) {
    for (size_t k = 0; k < METRICS; k++) wanted[k] = list == NULL;
    for (const char *at = list; at != NULL;) {
        size_t length = strcspn(at, ",");
        enum core_status status = choose_metric(at, length, wanted);
        if (status != CORE_OK) return status;
        at = at[length] == ',' ? at + length + 1 : NULL;
    }
    return CORE_OK;
}

static enum core_status choose_bandwidth(const char *text, double *bandwidth) {
    *bandwidth = (double)NAN;
    if (text == NULL || strcmp(text, "median") == 0) return CORE_OK;
    char *end;
    *bandwidth = strtod(text, &end);
    if (end != text && *end == '\0' && isfinite(*bandwidth) && *bandwidth > 0) return CORE_OK;
    return core_fail(CORE_BAD_INPUT, "--bandwidth: found '%s', expected a positive number or median", text);
}

static enum core_status read_options(const struct lab_options *options, struct comparison *c, int wanted[METRICS]) {
    uint64_t projections = 100, permutations = 1000;
    struct lab_distances *d = &c->distances;
    d->seed = 1;
    d->threads = options->threads;
    enum core_status status = choose_metrics(options->metrics, wanted);
    if (status == CORE_OK) status = choose_bandwidth(options->bandwidth, &d->bandwidth);
    if (status == CORE_OK && options->permutations != NULL) {
        status = lab_read_whole("--permutations", options->permutations, 0, 10000000, &permutations);
    }
    if (status == CORE_OK && options->projections != NULL) {
        status = lab_read_whole("--projections", options->projections, 1, 1000000, &projections);
    }
    if (status == CORE_OK && options->seed != NULL)
        status = lab_read_whole("--seed", options->seed, 0, UINT64_MAX, &d->seed);
    d->projections = (size_t)projections;
    d->permutations = (size_t)permutations;
    return status;
}

/* ---- Measuring ---- */

static void note(struct comparison *c, const char *first, const char *second) {
    if (c->note_count < NOTES) snprintf(c->notes[c->note_count++], NOTE_BYTES, "%s: %s", first, second);
}

static void note_sample(struct comparison *c, const char *name, const struct lab_sample_file *sample) {
    char text[128];
    if (sample->record != SIZE_MAX) {
        snprintf(text, sizeof text, "record %zu of the dataset, from 0", sample->record);
        note(c, name, text);
    }
    if (sample->dropped == 0) return;
    snprintf(text, sizeof text, "%zu rows with entries that are not finite (diverged) are left out", sample->dropped);
    note(c, name, text);
}

static enum core_status measure(struct comparison *c, const int wanted[METRICS]) {
    const struct lab_distance_row *row = lab_distance_rows;
    for (; row->key != NULL; row++) *lab_distance_at(&c->distances, row) = (double)NAN;
    for (size_t k = 0; lab_distances[k].name != NULL; k++) {
        if (!wanted[k]) {
            note(c, lab_distances[k].name, "not asked for");
            continue;
        }
        enum core_status status = lab_distances[k].measure(&c->distances);
        if (status != CORE_OK && status != CORE_BAD_INPUT && status != CORE_NUMERICAL) return status;
        if (status != CORE_OK) note(c, lab_distances[k].name, core_error());
        core_error_clear();
    }
    return CORE_OK;
}

/* ---- Printing ---- */

static enum core_status print_json(struct comparison *c) {
    struct lab_json *json;
    char *text;
    enum core_status status = lab_json_create(&json);
    if (status != CORE_OK) return status;
    lab_json_object_begin(json, NULL);
    lab_json_natural(json, "n", c->a.rows);
    lab_json_natural(json, "m", c->b.rows);
    lab_json_natural(json, "dimension", c->a.columns);
    const struct lab_distance_row *row = lab_distance_rows;
    for (; row->key != NULL; row++) lab_json_number(json, row->key, *lab_distance_at(&c->distances, row));
    lab_json_array_begin(json, "notes");
    for (size_t k = 0; k < c->note_count; k++) lab_json_text(json, NULL, c->notes[k]);
    lab_json_end(json);
    lab_json_end(json);
    status = lab_json_finish(json, &text);
    if (status == CORE_OK) printf("%s\n", text);
    core_free(text);
    return status;
}

static void print_text(struct comparison *c) {
    printf("%zu rows and %zu rows of dimension %zu\n", c->a.rows, c->b.rows, c->a.columns);
    for (const struct lab_distance_row *row = lab_distance_rows; row->key != NULL; row++) {
        double value = *lab_distance_at(&c->distances, row);
        if (!isnan(value)) printf("  %-38s %.10g\n", row->sentence, value);
    }
    for (size_t k = 0; k < c->note_count; k++) {
        char *line = lab_page_line(c->notes[k], NOTE_BYTES);
        printf("  (%s)\n", line != NULL ? line : "");
        core_free(line);
    }
}

/* ---- The verb ---- */

static enum core_status compare(const struct lab_options *options, struct comparison *c) {
    int wanted[METRICS];
    c->distances.a = &c->a;
    c->distances.b = &c->b;
    enum core_status status = read_options(options, c, wanted);
    if (status == CORE_OK) status = lab_sample_file_read(options->arguments[0], &c->a);
    if (status == CORE_OK) status = lab_sample_file_read(options->arguments[1], &c->b);
    if (status != CORE_OK) return status;
    if (c->a.columns != c->b.columns) {
        return core_fail(CORE_BAD_INPUT, "'%s' has %zu columns and '%s' has %zu; samples to compare have one dimension",
                         options->arguments[0], c->a.columns, options->arguments[1], c->b.columns);
    }
    note_sample(c, "A", &c->a);
    note_sample(c, "B", &c->b);
    status = measure(c, wanted);
    if (status == CORE_OK && options->json) return print_json(c);
    if (status == CORE_OK) print_text(c);
    return status;
}

enum core_status lab_verb_compare(const struct lab_options *options) {
    struct comparison *c = core_alloc(1, sizeof *c);
    if (c == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a comparison");
    enum core_status status = compare(options, c);
    core_free(c->a.values);
    core_free(c->b.values);
    core_free(c);
    return status;
}
