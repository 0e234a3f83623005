/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kramers tails: tail indices and stable fits of each column of a file, never of columns pooled. What an estimator does
 * not say is null, with its reason among the notes. Beside every stable fit stands the band that 95 % of Gaussian
 * samples of this size fall in. */
#include "lab/verbs.h"

#include "compare/compare.h"
#include "core/memory.h"
#include "lab/json.h"
#include "lab/page.h"
#include "lab/sample_file.h"
#include "lab/tails.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
    PLOT_LEAST = 10,   /* k */
    PLOT_MOST = 2000,  /* points of Hill's plot; of a larger sample, at equal ratios */
    SIMULATIONS = 100, /* of the Gaussian null; of samples of more than WORK / 100 values fewer, but 40 */
    WORK = 4000000,
    NULL_MOST = 200000, /* draws up to which the null is simulated */
    NOTES = 12,
    NOTE_BYTES = 400,
    ESTIMATORS_MOST = 16,
};

struct column {
    size_t n, plot_count;
    size_t *plot_k;                            /* (plot_count) */
    double *plot;                              /* (plot_count) */
    struct compare_tail tail[ESTIMATORS_MOST]; /* in the table's order */
    struct compare_tail two_point;
    size_t note_count;
    char notes[NOTES][NOTE_BYTES];
};

struct tails {
    struct lab_sample_file sample;
    uint64_t k, seed;
    size_t threads;
    struct compare_band band[ESTIMATORS_MOST]; /* NaN: none */
    char null_note[NOTE_BYTES];
    struct column *kept[LAB_HILL_PANELS]; /* the first columns, for the figure; owned */
};

static void note(struct column *column, const char *first, const char *second) {
    if (column->note_count == NOTES) return;
    snprintf(column->notes[column->note_count++], NOTE_BYTES, "%s%s%s", first, *second != '\0' ? ": " : "", second);
}

/* A failure of bad input becomes a note. */
static enum core_status forgive(struct column *column, const char *name, enum core_status status) {
    if (status != CORE_BAD_INPUT && status != CORE_NUMERICAL) return status;
    note(column, name, core_error());
    core_error_clear();
    return CORE_OK;
}

/* ---- Measuring ---- */

static enum core_status measure_plot(const double x[], struct column *column) {
    size_t nonzero = 0, most = column->n / 2;
    for (size_t i = 0; i < column->n; i++) nonzero += x[i] != 0;
    if (most + 1 > nonzero) most = nonzero > 0 ? nonzero - 1 : 0;
    if (most < PLOT_LEAST) {
        note(column, "hill", "too few values for its plot");
        return CORE_OK;
    }
    size_t count = most - PLOT_LEAST + 1;
    double *all = core_alloc(count, sizeof *all);
    column->plot = core_alloc(count, sizeof *column->plot);
    column->plot_k = core_alloc(count, sizeof *column->plot_k);
    enum core_status status = CORE_OK;
    if (all == NULL || column->plot == NULL || column->plot_k == NULL)
        status = core_fail(CORE_NO_MEMORY, "no memory for Hill's plot");
    if (status == CORE_OK) status = compare_hill_plot(column->n, x, PLOT_LEAST, most, all);
    double ratio = pow((double)most / PLOT_LEAST, 1.0 / PLOT_MOST), next = PLOT_LEAST;
    for (size_t k = PLOT_LEAST; status == CORE_OK && k <= most; k++) {
        if (count > PLOT_MOST && (double)k < next && k != most) continue;
        while (next <= (double)k && ratio > 1) next *= ratio;
        column->plot_k[column->plot_count] = k;
        column->plot[column->plot_count++] = all[k - PLOT_LEAST];
    }
    core_free(all);
    return forgive(column, "hill", status);
}

static struct compare_tail *found(struct column *column, const char *name) {
    return &column->tail[compare_tail_find(name) - compare_tail_estimators];
}

/* What the numbers do not say by themselves. */
static void interpret(const struct tails *tails, const double x[], struct column *column) {
    size_t positive = 0, zero = 0;
    char text[NOTE_BYTES / 2];
    for (size_t i = 0; i < column->n; i++) {
        positive += x[i] > 0;
        zero += x[i] == 0;
    }
    if (zero > 0) {
        snprintf(text, sizeof text, "%zu values are zero and left out of every logarithm", zero);
        note(column, text, "");
    }
    double lopsided = 2 * (double)positive - (double)(column->n - zero);
    if (fabs(lopsided) > 4 * sqrt((double)column->n)) {
        snprintf(text, sizeof text, "%zu of %zu values are positive; these suppose a law symmetric about zero",
                 positive, column->n);
        note(column, "block, log_moment", text);
    }
    const struct compare_tail *block = found(column, "block"), *hill = found(column, "hill"),
                              *ecf = found(column, "ecf");
    if (block->dropped > 0) {
        snprintf(text, sizeof text, "the last %zu values fill no block", block->dropped);
        note(column, "block", text);
    }
    size_t e = (size_t)(compare_tail_find("ecf") - compare_tail_estimators);
    if (ecf->alpha < tails->band[e].low && hill->alpha > 2) {
        note(
            column, "a stable fit reads below 2 while Hill's index is above 2",
            "a leptokurtic law of finite variance looks like this too; see whether alpha rises to 2 for sums of draws");
    }
    if (hill->alpha + 2 * hill->se < 2) {
        note(column, "Hill's index is below 2 by two standard errors",
             "the population's variance, and W2 to anything else, are infinite if this is so");
    }
}

static enum core_status measure(const struct tails *tails, const double x[], struct column *column) {
    enum core_status status = measure_plot(x, column);
    const struct compare_tail_estimator *row = compare_tail_estimators;
    for (size_t e = 0; status == CORE_OK && row[e].name != NULL; e++) {
        status = row[e].fit(column->n, x, row[e].stable ? 0 : (size_t)tails->k, &column->tail[e]);
        status = forgive(column, row[e].name, status);
    }
    if (status == CORE_OK) status = compare_ecf_two_point(column->n, x, &column->two_point);
    if (status == CORE_BAD_INPUT) { /* ecf has said why */
        core_error_clear();
        status = CORE_OK;
    }
    if (status == CORE_OK) interpret(tails, x, column);
    return status;
}

static enum core_status measure_null(struct tails *tails) {
    const struct compare_tail_estimator *row = compare_tail_estimators;
    struct compare_band none = {(double)NAN, (double)NAN, (double)NAN};
    size_t n = tails->sample.rows, simulations = WORK / n;
    simulations = simulations > SIMULATIONS ? SIMULATIONS : simulations < 40 ? 40 : simulations;
    for (size_t e = 0; row[e].name != NULL; e++) {
        tails->band[e] = none;
        if (!row[e].stable) continue;
        if (n > NULL_MOST) {
            snprintf(tails->null_note, NOTE_BYTES, "the Gaussian null is simulated for at most %d values", NULL_MOST);
            continue;
        }
        enum core_status status =
            compare_tail_null(&row[e], n, 0, simulations, tails->seed, tails->threads, &tails->band[e]);
        if (status != CORE_OK && status != CORE_BAD_INPUT) return status;
        if (status != CORE_OK) snprintf(tails->null_note, NOTE_BYTES, "the Gaussian null: %s", core_error());
        core_error_clear();
    }
    return CORE_OK;
}

/* ---- Printing ---- */

static void print_stable(const struct tails *tails, struct column *column, const char *key, const char *name,
                         struct lab_json *json) {
    const struct compare_tail *tail = found(column, name);
    const struct compare_band *band = &tails->band[tail - column->tail];
    lab_json_object_begin(json, key);
    lab_json_number(json, "alpha", tail->alpha);
    lab_json_number(json, "se", tail->se);
    if (tail->k > 0) lab_json_integer(json, "block_size", (int64_t)tail->k);
    if (!isnan(tail->scale)) {
        lab_json_number(json, "beta", tail->beta);
        lab_json_number(json, "scale", tail->scale);
        lab_json_number(json, "location", tail->location);
    }
    lab_json_number(json, "null_low", band->low);
    lab_json_number(json, "null_high", band->high);
    lab_json_end(json);
}

static void print_column(const struct tails *tails, struct column *column, struct lab_json *json) {
    const struct compare_tail *hill = found(column, "hill"), *pickands = found(column, "pickands"),
                              *moment = found(column, "moment");
    lab_json_object_begin(json, NULL);
    lab_json_integer(json, "n", (int64_t)column->n);
    lab_json_array_begin(json, "hill");
    for (size_t i = 0; i < column->plot_count; i++) {
        lab_json_object_begin(json, NULL);
        lab_json_integer(json, "k", (int64_t)column->plot_k[i]);
        lab_json_number(json, "alpha", column->plot[i]);
        lab_json_number(json, "se", column->plot[i] / sqrt((double)column->plot_k[i]));
        lab_json_end(json);
    }
    lab_json_end(json);
    lab_json_object_begin(json, "power_law");
    lab_json_number(json, "alpha", hill->alpha);
    lab_json_number(json, "se", hill->se);
    lab_json_number(json, "density_exponent", hill->alpha + 1);
    lab_json_number(json, "x_min", hill->threshold);
    lab_json_number(json, "ks", hill->ks);
    lab_json_integer(json, "k", (int64_t)hill->k);
    lab_json_end(json);
    lab_json_number(json, "pickands", pickands->index);
    lab_json_number(json, "pickands_se", pickands->index_se);
    lab_json_number(json, "moment", moment->index);
    lab_json_number(json, "moment_se", moment->index_se);
    lab_json_integer(json, "k", (int64_t)moment->k);
    print_stable(tails, column, "block", "block", json);
    print_stable(tails, column, "mcculloch", "mcculloch", json);
    print_stable(tails, column, "mcculloch_symmetric", "mcculloch-symmetric", json);
    print_stable(tails, column, "ecf", "ecf", json);
    lab_json_object_begin(json, "ecf_two_point");
    lab_json_number(json, "alpha", column->two_point.alpha);
    lab_json_number(json, "scale", column->two_point.scale);
    lab_json_number(json, "location", column->two_point.location);
    lab_json_end(json);
    print_stable(tails, column, "log_moment", "log-moment", json);
    lab_json_array_begin(json, "notes");
    for (size_t i = 0; i < column->note_count; i++) lab_json_text(json, NULL, column->notes[i]);
    if (tails->null_note[0] != '\0') lab_json_text(json, NULL, tails->null_note);
    lab_json_end(json);
    lab_json_end(json);
}

static void print_line(const char *text) {
    char *line = lab_page_line(text, NOTE_BYTES);
    printf("    (%s)\n", line != NULL ? line : "");
    core_free(line);
}

static void print_text(const struct tails *tails, size_t index, const struct column *column) {
    printf("column %zu: %zu values\n  %-20s %10s %10s  %-20s\n", index + 1, column->n, "estimator", "alpha", "se",
           "Gaussian samples");
    for (size_t e = 0; compare_tail_estimators[e].name != NULL; e++) {
        const struct compare_tail *tail = &column->tail[e];
        const struct compare_band *band = &tails->band[e];
        printf("  %-20s", compare_tail_estimators[e].name);
        if (isnan(tail->alpha) && isnan(tail->index))
            printf(" %10s", "-");
        else if (isnan(tail->alpha))
            printf(" %10s %10s  1/alpha = %.3g (%.2g): no power law", "-", "", tail->index, tail->index_se);
        else if (isnan(tail->se))
            printf(" %10.4f %10s", tail->alpha, "at the end");
        else
            printf(" %10.4f %10.4f", tail->alpha, tail->se);
        if (!isnan(band->low)) printf("  %.3f to %.3f", band->low, band->high);
        if (tail->k > 0 && !isnan(tail->alpha)) printf("  k = %zu", tail->k);
        printf("\n");
    }
    for (size_t i = 0; i < column->note_count; i++) print_line(column->notes[i]);
    if (tails->null_note[0] != '\0') print_line(tails->null_note);
}

/* ---- The verb ---- */

static void column_free(struct column *column) {
    if (column != NULL) {
        core_free(column->plot);
        core_free(column->plot_k);
    }
    core_free(column);
}

static enum core_status one_column(struct tails *tails, size_t index, struct lab_json *json) {
    size_t n = tails->sample.rows, columns = tails->sample.columns;
    struct column *column = core_alloc(1, sizeof *column);
    double *x = core_alloc(n, sizeof *x);
    enum core_status status = CORE_OK;
    if (column == NULL || x == NULL) {
        status = core_fail(CORE_NO_MEMORY, "no memory for a column of %zu values", n);
    } else {
        column->n = n;
        for (size_t i = 0; i < n; i++) x[i] = tails->sample.values[i * columns + index];
        status = measure(tails, x, column);
        if (status == CORE_OK && json != NULL)
            print_column(tails, column, json);
        else if (status == CORE_OK)
            print_text(tails, index, column);
    }
    core_free(x);
    if (status == CORE_OK && index < LAB_HILL_PANELS)
        tails->kept[index] = column;
    else
        column_free(column);
    return status;
}

static enum core_status draw(struct tails *tails, const char *directory) {
    struct lab_hill hill = {.panels = 0};
    char *note = NULL;
    for (size_t k = 0; k < LAB_HILL_PANELS && tails->kept[k] != NULL; k++) {
        struct column *column = tails->kept[k];
        const struct compare_tail *chosen = found(column, "hill");
        hill.panel[hill.panels++] =
            (struct lab_hill_panel){column->plot_count, column->plot_k, column->plot, chosen->k, chosen->alpha};
    }
    enum core_status status = lab_figure_make(&lab_figure_hill, &hill, directory, &note);
    if (note != NULL) fprintf(stderr, "kramers: %s\n", note);
    core_free(note);
    return status;
}

static const char POOLED[] = "columns are never pooled: different scales, pooled, read as a heavy tail";
static const char DROPPED[] = "rows with entries that are not finite (diverged) are left out";

static enum core_status print_all(struct tails *tails, struct lab_json *json) {
    enum core_status status = CORE_OK;
    if (json != NULL) {
        lab_json_object_begin(json, NULL);
        lab_json_array_begin(json, "columns");
    }
    for (size_t k = 0; k < tails->sample.columns && status == CORE_OK; k++) status = one_column(tails, k, json);
    if (json == NULL) {
        if (tails->sample.columns > 1) printf("(%s)\n", POOLED);
        if (tails->sample.dropped > 0) printf("(%s)\n", DROPPED);
        return status;
    }
    lab_json_end(json);
    lab_json_array_begin(json, "notes");
    if (tails->sample.columns > 1) lab_json_text(json, NULL, POOLED);
    if (tails->sample.dropped > 0) lab_json_text(json, NULL, DROPPED);
    lab_json_end(json);
    lab_json_end(json);
    return status;
}

static enum core_status run(const struct lab_options *options, struct tails *tails) {
    struct lab_json *json = NULL;
    char *text = NULL;
    enum core_status status = CORE_OK;
    tails->seed = 1;
    tails->threads = options->threads;
    if (options->order != NULL) status = lab_read_whole("--k", options->order, 1, SIZE_MAX, &tails->k);
    if (status == CORE_OK && options->seed != NULL)
        status = lab_read_whole("--seed", options->seed, 0, UINT64_MAX, &tails->seed);
    if (status == CORE_OK) status = lab_sample_file_read(options->arguments[0], &tails->sample);
    if (status == CORE_OK) status = measure_null(tails);
    if (status == CORE_OK && options->json) status = lab_json_create(&json);
    if (status == CORE_OK) status = print_all(tails, json);
    if (status == CORE_OK && options->output != NULL) status = draw(tails, options->output);
    if (status == CORE_OK && json != NULL) {
        status = lab_json_finish(json, &text);
        json = NULL;
        if (status == CORE_OK) printf("%s\n", text);
        core_free(text);
    }
    lab_json_free(json);
    return status;
}

enum core_status lab_verb_tails(const struct lab_options *options) {
    struct tails *tails = core_alloc(1, sizeof *tails);
    if (tails == NULL) return core_fail(CORE_NO_MEMORY, "no memory for tails");
    enum core_status status = run(options, tails);
    for (size_t k = 0; k < LAB_HILL_PANELS; k++) column_free(tails->kept[k]);
    core_free(tails->sample.values);
    core_free(tails);
    return status;
}
