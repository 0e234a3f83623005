/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of models against references in every metric.
 *
 * Empirical distances depend on the number of points: E W_2^2 between two samples of one law falls like n^(-2/d). So a
 * model is compared with the null of its own size. Models are taken in classes of equal row count; in each class all
 * samples, references too, are cut to their first rows, and the null's pairs are computed at that size. Where no
 * replica diverged there is one class. Costly metrics look at `subsample` rows, so their classes are fewer.
 *
 * Every distance is computed by one piece of work into a slot of its own: the result does not depend on the threads. */
#include "compare/check.h"
#include "compare/compare.h"
#include "compare/costly.h"
#include "compare/median.h"
#include "compare/null.h"
#include "compare/sliced.h"
#include "core/memory.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { POOLED_ROWS = 1024, METRIC_LIMIT = 8 };

struct panel {
    const struct compare_panel_settings *settings;
    size_t references, models;
    const struct compare_sample *reference, *model;
    struct compare_row *rows;
    double bandwidth;
    double *directions;        /* (projections, dimension) */
    size_t null_pairs, pairs;  /* pairs of references; all pairs of the largest class */
    const double **values;     /* (references + models) samples of the class */
    size_t *member;            /* (models) models of the class */
    struct compare_pair *pair; /* (pairs) null pairs first, then references of member 0, member 1, ... */
    double *distance;          /* (METRIC_LIMIT, pairs) */
    double *biased;            /* (METRIC_LIMIT, pairs) of mmd and energy, the estimates that are never negative */
};

/* Which metric is which, by name, once. */
static int is(const struct compare_metric *metric, const char *name) {
    return strcmp(metric->name, name) == 0;
}

static void no_rows(struct panel *panel) {
    struct compare_row none = {(double)NAN, (double)NAN, (double)NAN, (double)NAN,
                               (double)NAN, (double)NAN, (double)NAN};
    for (size_t i = 0; i < panel->settings->metric_count * panel->models; i++) panel->rows[i] = none;
}

static enum core_status sliced_metric(const struct panel *panel, const struct compare_table *table,
                                      const struct compare_metric *metric, double distance[]) {
    int p = is(metric, "w1") ? 1 : 2;
    size_t count = table->dimension == 1 ? 1 : panel->settings->projections;
    enum core_status status = compare_sliced_table(table, count, panel->directions, p, distance);
    for (size_t i = 0; status == CORE_OK && p == 2 && i < table->pairs; i++) distance[i] = sqrt(distance[i]);
    return status;
}

/* The distances of a class in the metrics of one family, costly or not: distance[k * pairs + i]. */
static enum core_status class_distances(struct panel *panel, const struct compare_table *table, int costly) {
    struct compare_costly wanted = {.bandwidth = panel->bandwidth};
    enum core_status status = CORE_OK;
    for (size_t k = 0; k < panel->settings->metric_count && status == CORE_OK; k++) {
        const struct compare_metric *metric = panel->settings->metrics[k];
        double *distance = panel->distance + k * panel->pairs;
        if (metric->costly != costly) continue;
        if (!costly) status = sliced_metric(panel, table, metric, distance);
        if (is(metric, "w2")) wanted.w2 = distance;
        if (is(metric, "mmd")) wanted.mmd = distance, wanted.mmd_biased = panel->biased + k * panel->pairs;
        if (is(metric, "energy")) wanted.energy = distance, wanted.energy_biased = panel->biased + k * panel->pairs;
    }
    if (status == CORE_OK && costly) status = compare_costly_table(table, &wanted);
    return status;
}

/* All models with exactly `rows` usable rows, in one family of metrics. */
static enum core_status run_class(struct panel *panel, size_t members, size_t rows, int costly) {
    const struct compare_panel_settings *settings = panel->settings;
    size_t r = panel->references;
    struct compare_table table = {.samples = r + members,
                                  .rows = rows,
                                  .dimension = settings->dimension,
                                  .values = panel->values,
                                  .pairs = panel->null_pairs + members * r,
                                  .pair = panel->pair,
                                  .threads = settings->threads};
    for (size_t m = 0; m < members; m++) panel->values[r + m] = panel->model[panel->member[m]].values;
    enum core_status status = class_distances(panel, &table, costly);
    for (size_t k = 0; status == CORE_OK && k < settings->metric_count; k++) {
        const double *distance = panel->distance + k * panel->pairs, *biased = panel->biased + k * panel->pairs;
        int squared = settings->metrics[k]->squared;
        if (settings->metrics[k]->costly != costly) continue;
        for (size_t m = 0; m < members; m++) {
            size_t first = panel->null_pairs + m * r;
            struct compare_null own = {distance, distance + first}, positive = {biased, biased + first};
            panel->rows[k * panel->models + panel->member[m]] =
                compare_row_of(r, &own, squared ? &positive : NULL, squared);
        }
    }
    return status;
}

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* One family: classes from the largest row count down; counts below two have no distances. */
static enum core_status run_family(struct panel *panel, size_t limit, int costly) {
    size_t above = SIZE_MAX;
    for (;;) {
        size_t rows = 0, members = 0;
        for (size_t i = 0; i < panel->models; i++) {
            size_t usable = least(limit, panel->model[i].rows);
            if (usable < above && usable > rows) rows = usable;
        }
        if (rows < 2) return CORE_OK;
        for (size_t i = 0; i < panel->models; i++) {
            if (least(limit, panel->model[i].rows) == rows) panel->member[members++] = i;
        }
        enum core_status status = run_class(panel, members, rows, costly);
        if (status != CORE_OK) return status;
        above = rows;
    }
}

static int wants(const struct compare_panel_settings *settings, int costly) {
    for (size_t k = 0; k < settings->metric_count; k++) {
        if (settings->metrics[k]->costly == costly) return 1;
    }
    return 0;
}

static enum core_status check_settings(const struct compare_panel_settings *settings, size_t references) {
    if (references < 2) return core_fail(CORE_BAD_INPUT, "the null needs two reference ensembles or more");
    if (settings->dimension == 0) return core_fail(CORE_BAD_INPUT, "the samples have dimension 0");
    if (settings->subsample < 2) return core_fail(CORE_BAD_INPUT, "a subsample of fewer than 2 rows was asked for");
    if (settings->projections == 0)
        return core_fail(CORE_BAD_INPUT, "sliced distances over no directions were asked for");
    if (settings->metric_count > METRIC_LIMIT) return core_fail(CORE_BAD_INPUT, "a metric was asked for twice");
    for (size_t k = 0; k < settings->metric_count; k++) {
        const struct compare_metric *metric = settings->metrics[k];
        if (metric->scalar_only && settings->dimension > 1) {
            return core_fail(CORE_BAD_INPUT, "%s is for one-dimensional observables, this one has dimension %zu",
                             metric->name, settings->dimension);
        }
    }
    return CORE_OK;
}

/* Samples of any row count; those with rows must be finite. */
static enum core_status check_samples(size_t count, const struct compare_sample sample[], size_t dimension,
                                      const char *kind) {
    for (size_t i = 0; i < count; i++) {
        if (sample[i].rows == 0) continue;
        enum core_status status = compare_check_sample(kind, 1, sample[i].rows, dimension, sample[i].values);
        if (status != CORE_OK) return core_context(status, "sample %zu", i + 1);
    }
    return CORE_OK;
}

static enum core_status panel_create(struct panel *panel) {
    const struct compare_panel_settings *settings = panel->settings;
    size_t r = panel->references, at = 0;
    panel->null_pairs = r * (r - 1) / 2;
    panel->pairs = panel->null_pairs + r * panel->models;
    panel->directions = core_alloc(settings->projections, settings->dimension * sizeof(double));
    panel->values = core_alloc(r + panel->models, sizeof *panel->values);
    panel->member = core_alloc(panel->models, sizeof *panel->member);
    panel->pair = core_alloc(panel->pairs, sizeof *panel->pair);
    panel->distance = core_alloc(panel->pairs, METRIC_LIMIT * sizeof(double));
    panel->biased = core_alloc(panel->pairs, METRIC_LIMIT * sizeof(double));
    if (panel->directions == NULL || panel->values == NULL || panel->member == NULL || panel->pair == NULL ||
        panel->distance == NULL || panel->biased == NULL) {
        return core_fail(CORE_NO_MEMORY, "no memory for a table of %zu pairs", panel->pairs);
    }
    for (size_t a = 0; a < r; a++) {
        panel->values[a] = panel->reference[a].values;
        for (size_t b = a + 1; b < r; b++) panel->pair[at++] = (struct compare_pair){a, b};
    }
    for (size_t m = 0; m < panel->models; m++) {
        for (size_t a = 0; a < r; a++) panel->pair[at++] = (struct compare_pair){r + m, a};
    }
    return compare_directions(settings->projections, settings->dimension, settings->seed, panel->directions);
}

static void panel_free(struct panel *panel) {
    core_free(panel->directions);
    core_free(panel->values);
    core_free(panel->member);
    core_free(panel->pair);
    core_free(panel->distance);
    core_free(panel->biased);
}

static enum core_status run_panel(struct panel *panel, size_t usable) {
    const struct compare_panel_settings *settings = panel->settings;
    assert(panel->references >= 2); /* check_settings has seen to it */
    size_t few = least(settings->subsample, usable), each = least(few, POOLED_ROWS / panel->references + 1);
    enum core_status status = panel_create(panel);
    if (status == CORE_OK) {
        status =
            compare_median_pooled(panel->references, panel->reference, settings->dimension, each, &panel->bandwidth);
    }
    if (status == CORE_OK && wants(settings, 0)) status = run_family(panel, usable, 0);
    if (status == CORE_OK && wants(settings, 1)) status = run_family(panel, few, 1);
    panel_free(panel);
    return status;
}

enum core_status compare_panel(const struct compare_panel_settings *settings, size_t references,
                               const struct compare_sample reference[], size_t models,
                               const struct compare_sample model[], struct compare_row rows[], double *bandwidth) {
    struct panel panel = {.settings = settings,
                          .references = references,
                          .models = models,
                          .reference = reference,
                          .model = model,
                          .rows = rows,
                          .bandwidth = (double)NAN};
    enum core_status status = check_settings(settings, references);
    if (status == CORE_OK) status = check_samples(references, reference, settings->dimension, "the reference ensemble");
    if (status == CORE_OK) status = check_samples(models, model, settings->dimension, "the model's ensemble");
    if (status != CORE_OK) return status;
    no_rows(&panel);
    size_t usable = SIZE_MAX;
    for (size_t a = 0; a < references; a++) usable = least(usable, reference[a].rows);
    if (usable >= 2) status = run_panel(&panel, usable);
    if (bandwidth != NULL) *bandwidth = panel.bandwidth;
    return status;
}
