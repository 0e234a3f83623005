/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fraction of the naive model's excess that a model removes, in sliced W_2:
 *
 *     f = 1 - E_M / E_L,   E_M = mean_i SW^2(M, R_i) - mean_{i<j} SW^2(R_i, R_j),
 *
 * over references R_i; E_L likewise for the naive model L. Value: all replicas (each model at its own row count, as in
 * a panel).
 *
 * Interval: the replicas of every ensemble are cut into 16 disjoint groups of consecutive ones; group g of all
 * ensembles is a small experiment of its own with excesses E_M,g and E_L,g, unbiased by group size because the null at
 * that size is taken off. 2000 times 16 groups are drawn with replacement, the same for M and L, and f* = 1 - sum_g
 * E_M,g / sum_g E_L,g. The 2.5 % and 97.5 % quantiles of f* - f_0, f_0 from each group once, are added to the value.
 * Small groups are noisier than large ensembles, more than in proportion where the excess itself is near zero, so the
 * interval errs on the wide side there. Directions are common to everything; the interval does not contain their error.
 * Where the naive model has no excess (E_L <= 0) the fraction is NaN. */
#include "compare/check.h"
#include "compare/compare.h"
#include "compare/sliced.h"
#include "core/memory.h"
#include "core/random.h"
#include "core/sum.h"

#include <math.h>

enum { GROUPS = 16, DRAWS = 2000 };

struct explained {
    const struct compare_panel_settings *settings;
    size_t references, models;
    const struct compare_sample *reference, *naive, *model;
    struct compare_fraction *out;
    double *directions;        /* (projections, dimension) */
    const double **values;     /* (references + 1 + models) the references, L, the models of a class */
    size_t *member;            /* (models) the models of a class */
    struct compare_pair *pair; /* null pairs, pairs of L, pairs of member 0, member 1, ... */
    double *square;            /* one per pair */
    double *excess;            /* (1 + GROUPS, 1 + models) of L and the members: all rows, then each group */
    double *draw;              /* (DRAWS) */
};

/* Rows every ensemble of this model's comparison has. */
static size_t usable_rows(const struct explained *e, size_t m) {
    size_t rows = e->naive->rows < e->model[m].rows ? e->naive->rows : e->model[m].rows;
    for (size_t a = 0; a < e->references; a++) rows = e->reference[a].rows < rows ? e->reference[a].rows : rows;
    return rows;
}

/* Excesses of L and the members on rows first .. first + rows - 1. */
static enum core_status excess_of(const struct explained *e, size_t members, size_t first, size_t rows,
                                  double excess[]) {
    size_t r = e->references, dimension = e->settings->dimension, null_pairs = r * (r - 1) / 2;
    for (size_t a = 0; a < r; a++) e->values[a] = e->reference[a].values + first * dimension;
    e->values[r] = e->naive->values + first * dimension;
    for (size_t m = 0; m < members; m++) e->values[r + 1 + m] = e->model[e->member[m]].values + first * dimension;
    struct compare_table table = {.samples = r + 1 + members,
                                  .rows = rows,
                                  .dimension = dimension,
                                  .values = e->values,
                                  .pairs = null_pairs + (1 + members) * r,
                                  .pair = e->pair,
                                  .threads = e->settings->threads};
    size_t count = dimension == 1 ? 1 : e->settings->projections;
    enum core_status status = compare_sliced_table(&table, count, e->directions, 2, e->square);
    if (status != CORE_OK) return status;
    double null = core_sum(e->square, null_pairs, 1) / (double)null_pairs;
    for (size_t m = 0; m < 1 + members; m++) {
        excess[m] = core_sum(e->square + null_pairs + m * r, r, 1) / (double)r - null;
    }
    return CORE_OK;
}

/* f of member m from the groups whose numbers are in pick[]. */
static double fraction_of(const struct explained *e, size_t m, size_t groups, const uint32_t pick[]) {
    double naive = 0, model = 0;
    for (size_t g = 0; g < groups; g++) {
        const double *excess = e->excess + (1 + pick[g]) * (1 + e->models);
        naive += excess[0];
        model += excess[1 + m];
    }
    return 1 - model / naive;
}

static void interval(const struct explained *e, size_t m, size_t groups, struct compare_fraction *out) {
    uint32_t pick[GROUPS];
    for (uint32_t g = 0; g < groups; g++) pick[g] = g;
    double once = fraction_of(e, m, groups, pick);
    int finite = isfinite(once);
    for (size_t b = 0; b < DRAWS && finite; b++) {
        struct core_stream stream = {.seed = e->settings->seed, .path = b, .purpose = CORE_PURPOSE_RESAMPLE};
        core_random_index(&stream, (uint32_t)groups, 1, groups, pick);
        e->draw[b] = fraction_of(e, m, groups, pick) - once;
        finite = isfinite(e->draw[b]);
    }
    if (!finite) return;
    core_sort(e->draw, DRAWS);
    out->low = out->value + core_quantile_sorted(e->draw, DRAWS, 0.025);
    out->high = out->value + core_quantile_sorted(e->draw, DRAWS, 0.975);
}

/* The models with exactly `rows` usable rows. */
static enum core_status explain_class(const struct explained *e, size_t rows) {
    size_t members = 0, groups = rows / 2 < GROUPS ? rows / 2 : GROUPS, size = rows / groups;
    for (size_t m = 0; m < e->models; m++) {
        if (usable_rows(e, m) == rows) e->member[members++] = m;
    }
    enum core_status status = excess_of(e, members, 0, rows, e->excess);
    if (status != CORE_OK || !(e->excess[0] > 0)) return status;
    for (size_t g = 0; g < groups && status == CORE_OK; g++) {
        status = excess_of(e, members, g * size, size, e->excess + (1 + g) * (1 + e->models));
    }
    for (size_t m = 0; m < members && status == CORE_OK; m++) {
        struct compare_fraction *out = &e->out[e->member[m]];
        out->value = 1 - e->excess[1 + m] / e->excess[0];
        interval(e, m, groups, out);
    }
    return status;
}

/* Classes from the largest row count down, as in a panel. */
static enum core_status explain(const struct explained *e) {
    size_t above = SIZE_MAX;
    for (size_t m = 0; m < e->models; m++) {
        e->out[m] = (struct compare_fraction){(double)NAN, (double)NAN, (double)NAN};
    }
    for (;;) {
        size_t rows = 0;
        for (size_t m = 0; m < e->models; m++) {
            size_t usable = usable_rows(e, m);
            if (usable < above && usable > rows) rows = usable;
        }
        if (rows < 2) return CORE_OK;
        enum core_status status = explain_class(e, rows);
        if (status != CORE_OK) return status;
        above = rows;
    }
}

static enum core_status explained_create(struct explained *e) {
    size_t r = e->references, null_pairs = r * (r - 1) / 2, pairs = null_pairs + (1 + e->models) * r, at = 0;
    e->directions = core_alloc(e->settings->projections, e->settings->dimension * sizeof(double));
    e->values = core_alloc(r + 1 + e->models, sizeof *e->values);
    e->member = core_alloc(e->models, sizeof *e->member);
    e->pair = core_alloc(pairs, sizeof *e->pair);
    e->square = core_alloc(pairs, sizeof(double));
    e->excess = core_alloc(1 + GROUPS, (1 + e->models) * sizeof(double));
    e->draw = core_alloc(DRAWS, sizeof(double));
    if (e->directions == NULL || e->values == NULL || e->member == NULL || e->pair == NULL || e->square == NULL ||
        e->excess == NULL || e->draw == NULL) {
        return core_fail(CORE_NO_MEMORY, "no memory for the explained fractions of %zu models", e->models);
    }
    for (size_t a = 0; a < r; a++) {
        for (size_t b = a + 1; b < r; b++) e->pair[at++] = (struct compare_pair){a, b};
    }
    for (size_t m = 0; m < 1 + e->models; m++) {
        for (size_t a = 0; a < r; a++) e->pair[at++] = (struct compare_pair){r + m, a};
    }
    return compare_directions(e->settings->projections, e->settings->dimension, e->settings->seed, e->directions);
}

static void explained_free(struct explained *e) {
    core_free(e->directions);
    core_free(e->values);
    core_free(e->member);
    core_free(e->pair);
    core_free(e->square);
    core_free(e->excess);
    core_free(e->draw);
}

static enum core_status check(const struct compare_panel_settings *settings, size_t count,
                              const struct compare_sample sample[]) {
    for (size_t i = 0; i < count; i++) {
        if (sample[i].rows == 0) continue;
        enum core_status status =
            compare_check_sample("an ensemble", 1, sample[i].rows, settings->dimension, sample[i].values);
        if (status != CORE_OK) return status;
    }
    return CORE_OK;
}

enum core_status compare_explained(const struct compare_panel_settings *settings, size_t references,
                                   const struct compare_sample reference[], const struct compare_sample *naive,
                                   size_t models, const struct compare_sample model[], struct compare_fraction out[]) {
    if (references < 2) return core_fail(CORE_BAD_INPUT, "the null needs two reference ensembles or more");
    if (settings->projections == 0)
        return core_fail(CORE_BAD_INPUT, "sliced distances over no directions were asked for");
    struct explained e = {.settings = settings,
                          .references = references,
                          .models = models,
                          .reference = reference,
                          .naive = naive,
                          .model = model,
                          .out = out};
    enum core_status status = check(settings, references, reference);
    if (status == CORE_OK) status = check(settings, 1, naive);
    if (status == CORE_OK) status = check(settings, models, model);
    if (status == CORE_OK) status = explained_create(&e);
    if (status == CORE_OK) status = explain(&e);
    explained_free(&e);
    return status;
}
