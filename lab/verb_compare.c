/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kramers compare: distances between two samples. A metric that does not apply is null, with its reason among the
 * notes; so is one that was not asked for. */
#include "lab/verbs.h"

#include "compare/compare.h"
#include "core/memory.h"
#include "core/random.h"
#include "lab/json.h"
#include "lab/page.h"
#include "lab/sample_file.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MEDIAN_ROWS = 1000, W2_ROWS = 10000, NOTES = 16, NOTE_BYTES = 400 };

struct numbers {
    double w1, w2, w2_gap, sliced, sliced_se, mmd_unbiased, mmd_biased, bandwidth, energy_u, energy_v;
};

struct comparison {
    struct lab_sample_file a, b;
    double bandwidth; /* NaN: the median distance */
    size_t projections;
    uint64_t seed;
    struct numbers numbers;
    size_t note_count;
    char notes[NOTES][NOTE_BYTES];
};

/* ---- The metrics ---- */

static enum core_status measure_w1(struct comparison *c) {
    if (c->a.columns != 1) return core_fail(CORE_BAD_INPUT, "the samples have dimension %zu, w1 needs 1", c->a.columns);
    return compare_wasserstein_1d(c->a.rows, c->a.values, c->b.rows, c->b.values, 1, &c->numbers.w1);
}

static enum core_status measure_w2(struct comparison *c) {
    struct numbers *out = &c->numbers;
    if (c->a.columns == 1) {
        enum core_status status = compare_wasserstein_1d(c->a.rows, c->a.values, c->b.rows, c->b.values, 2, &out->w2);
        if (status == CORE_OK) out->w2_gap = 0; /* sorting is exact */
        return status;
    }
    if (c->a.rows != c->b.rows) {
        return core_fail(CORE_BAD_INPUT, "the samples have %zu and %zu rows; above dimension 1 w2 needs equally many",
                         c->a.rows, c->b.rows);
    }
    if (c->a.rows > W2_ROWS) {
        return core_fail(CORE_BAD_INPUT, "%zu rows; the exact w2 is computed for at most %d", c->a.rows, W2_ROWS);
    }
    double w2, gap;
    enum core_status status = compare_wasserstein_2(c->a.rows, c->a.columns, c->a.values, c->b.values, &w2, NULL, &gap);
    if (status != CORE_OK) return status;
    out->w2 = w2;
    out->w2_gap = gap;
    return CORE_OK;
}

static enum core_status measure_sliced(struct comparison *c) {
    double *directions = core_alloc(c->projections, c->a.columns * sizeof *directions);
    if (directions == NULL) return core_fail(CORE_NO_MEMORY, "no memory for %zu directions", c->projections);
    double value, se;
    enum core_status status =
        compare_directions(c->projections, c->a.columns, core_seed(c->seed, "projections"), directions);
    if (status == CORE_OK) {
        status = compare_sliced(c->a.rows, c->a.values, c->b.rows, c->b.values, c->a.columns, c->projections,
                                directions, &value, &se);
    }
    core_free(directions);
    if (status != CORE_OK) return status;
    c->numbers.sliced = value;
    c->numbers.sliced_se = se;
    return CORE_OK;
}

static enum core_status measure_mmd(struct comparison *c) {
    double h = c->bandwidth, unbiased, biased;
    enum core_status status = CORE_OK;
    if (isnan(h)) {
        status = compare_median_distance(c->a.rows, c->a.values, c->b.rows, c->b.values, c->a.columns, MEDIAN_ROWS, &h);
    }
    if (status == CORE_OK) {
        status = compare_mmd2_both(c->a.rows, c->a.values, c->b.rows, c->b.values, c->a.columns, h, &unbiased, &biased);
    }
    if (status != CORE_OK) return status;
    c->numbers.bandwidth = h;
    c->numbers.mmd_unbiased = unbiased;
    c->numbers.mmd_biased = biased;
    return CORE_OK;
}

static enum core_status measure_energy(struct comparison *c) {
    double u, v;
    enum core_status status =
        compare_energy2_both(c->a.rows, c->a.values, c->b.rows, c->b.values, c->a.columns, &u, &v);
    if (status != CORE_OK) return status;
    c->numbers.energy_u = u;
    c->numbers.energy_v = v;
    return CORE_OK;
}

static const struct {
    const char *name;
    enum core_status (*measure)(struct comparison *c);
} metrics[] = {
    {"w1", measure_w1},   {"w2", measure_w2},         {"sliced-w2", measure_sliced},
    {"mmd", measure_mmd}, {"energy", measure_energy},
};
enum { METRICS = sizeof metrics / sizeof *metrics };

/* What is printed, in this order. */
static const struct {
    const char *key, *sentence;
    size_t place;
} rows[] = {
    {"w1", "Wasserstein distance W1", offsetof(struct numbers, w1)},
    {"w2", "Wasserstein distance W2", offsetof(struct numbers, w2)},
    {"w2_gap", "  certified gap of W2^2", offsetof(struct numbers, w2_gap)},
    {"sliced_w2", "sliced W2", offsetof(struct numbers, sliced)},
    {"sliced_w2_se", "  its standard error over directions", offsetof(struct numbers, sliced_se)},
    {"mmd2_unbiased", "MMD^2, unbiased", offsetof(struct numbers, mmd_unbiased)},
    {"mmd2_biased", "MMD^2, biased", offsetof(struct numbers, mmd_biased)},
    {"bandwidth", "  bandwidth of its kernel", offsetof(struct numbers, bandwidth)},
    {"energy_u", "energy distance^2, unbiased", offsetof(struct numbers, energy_u)},
    {"energy_v", "energy distance^2, biased", offsetof(struct numbers, energy_v)},
};
enum { ROWS = sizeof rows / sizeof *rows };

static double number_at(const struct comparison *c, size_t row) {
    return *(const double *)(const void *)((const char *)&c->numbers + rows[row].place);
}

/* ---- What was asked for ---- */

/* One word of LIST, of `length` bytes. */
static enum core_status choose_metric(const char *word, size_t length, int wanted[METRICS]) {
    for (size_t k = 0; k < METRICS; k++) {
        if (strlen(metrics[k].name) == length && memcmp(metrics[k].name, word, length) == 0) {
            wanted[k] = 1;
            return CORE_OK;
        }
    }
    return core_fail(CORE_BAD_INPUT,
                     "--metrics: found '%.*s', expected w1, w2, sliced-w2, mmd or energy, with commas between them",
                     (int)length, word);
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
    uint64_t projections = 100;
    c->seed = 1;
    enum core_status status = choose_metrics(options->metrics, wanted);
    if (status == CORE_OK) status = choose_bandwidth(options->bandwidth, &c->bandwidth);
    if (status == CORE_OK && options->projections != NULL) {
        status = lab_read_whole("--projections", options->projections, 1, 1000000, &projections);
    }
    if (status == CORE_OK && options->seed != NULL)
        status = lab_read_whole("--seed", options->seed, 0, UINT64_MAX, &c->seed);
    c->projections = (size_t)projections;
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
    for (size_t k = 0; k < ROWS; k++) *(double *)(void *)((char *)&c->numbers + rows[k].place) = (double)NAN;
    for (size_t k = 0; k < METRICS; k++) {
        if (!wanted[k]) {
            note(c, metrics[k].name, "not asked for");
            continue;
        }
        enum core_status status = metrics[k].measure(c);
        if (status != CORE_OK && status != CORE_BAD_INPUT && status != CORE_NUMERICAL) return status;
        if (status != CORE_OK) note(c, metrics[k].name, core_error());
        core_error_clear();
    }
    return CORE_OK;
}

/* ---- Printing ---- */

static enum core_status print_json(const struct comparison *c) {
    struct lab_json *json;
    char *text;
    enum core_status status = lab_json_create(&json);
    if (status != CORE_OK) return status;
    lab_json_object_begin(json, NULL);
    lab_json_natural(json, "n", c->a.rows);
    lab_json_natural(json, "m", c->b.rows);
    lab_json_natural(json, "dimension", c->a.columns);
    for (size_t k = 0; k < ROWS; k++) lab_json_number(json, rows[k].key, number_at(c, k));
    lab_json_array_begin(json, "notes");
    for (size_t k = 0; k < c->note_count; k++) lab_json_text(json, NULL, c->notes[k]);
    lab_json_end(json);
    lab_json_end(json);
    status = lab_json_finish(json, &text);
    if (status == CORE_OK) printf("%s\n", text);
    core_free(text);
    return status;
}

static void print_text(const struct comparison *c) {
    printf("%zu rows and %zu rows of dimension %zu\n", c->a.rows, c->b.rows, c->a.columns);
    for (size_t k = 0; k < ROWS; k++) {
        if (!isnan(number_at(c, k))) printf("  %-38s %.10g\n", rows[k].sentence, number_at(c, k));
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
