/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/view.h"

#include "core/memory.h"

#include <math.h>
#include <string.h>

const struct lab_mark lab_marks[LAB_MATCH_COUNT] = {
    {"\xE2\x9C\x93", "matches", "matches"}, /* check mark */
    {"\xE2\x9C\x97", "differs", "differs"}, /* ballot x */
    {"?", "not decided", "undecided"},
};

static int same(const char *a, const char *b) {
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void find_ensembles(struct lab_view *view) {
    const struct lab_result *result = view->result;
    size_t first = 0;
    if (result->study->sgd != NULL && result->ensemble_count > 0) {
        view->sgd = &result->ensembles[0];
        first = 1;
    }
    for (size_t e = first; e < result->ensemble_count; e++)
        if (!result->ensembles[e].twin) view->models[view->model_count++] = e;
}

static void find_comparison(struct lab_view *view) {
    for (size_t d = 0; d < view->result->distance_count; d++) {
        const struct lab_distance_row *row = &view->result->distances[d];
        if (view->metric == NULL || same(row->metric, "sliced-w2")) view->metric = row->metric;
        if (!(row->time <= view->time)) view->time = row->time;
        size_t o = 0;
        while (o < view->observable_count && !same(view->observables[o], row->observable)) o++;
        if (o == view->observable_count) view->observables[view->observable_count++] = row->observable;
    }
}

enum core_status lab_view_create(const struct lab_result *result, struct lab_view *view) {
    *view = (struct lab_view){.result = result, .time = (double)NAN};
    view->models = core_alloc(result->ensemble_count + 1, sizeof *view->models);
    view->observables = core_alloc(result->distance_count + 1, sizeof *view->observables);
    if (view->models == NULL || view->observables == NULL) {
        lab_view_free(view);
        return core_fail(CORE_NO_MEMORY, "no memory to look at the result");
    }
    find_ensembles(view);
    find_comparison(view);
    return CORE_OK;
}

void lab_view_free(struct lab_view *view) {
    core_free(view->models);
    core_free(view->observables);
    *view = (struct lab_view){0};
}

const struct lab_ensemble_result *lab_view_model(const struct lab_view *view, size_t m) {
    return &view->result->ensembles[view->models[m]];
}

size_t lab_view_series_count(const struct lab_view *view) {
    return view->model_count + (view->sgd != NULL);
}

const struct lab_ensemble_result *lab_view_series(const struct lab_view *view, size_t s) {
    if (view->sgd == NULL) return lab_view_model(view, s);
    return s == 0 ? view->sgd : lab_view_model(view, s - 1);
}

const struct lab_distance_row *lab_view_row(const struct lab_view *view, size_t m, const char *observable,
                                            const char *metric) {
    for (size_t d = 0; d < view->result->distance_count; d++) {
        const struct lab_distance_row *row = &view->result->distances[d];
        if (row->model == view->models[m] && row->time >= view->time && same(row->observable, observable) &&
            same(row->metric, metric))
            return row;
    }
    return NULL;
}

const struct lab_verdict_row *lab_view_verdict(const struct lab_view *view, size_t m, const char *observable) {
    for (size_t v = 0; v < view->result->verdict_count; v++) {
        const struct lab_verdict_row *row = &view->result->verdicts[v];
        if (row->model == view->models[m] && same(row->observable, observable)) return row;
    }
    return NULL;
}

enum lab_match lab_match(const struct lab_distance_row *row) {
    if (row == NULL || isnan(row->holm)) return LAB_UNDECIDED;
    return row->holm > LAB_SIGNIFICANCE ? LAB_MATCHES : LAB_DIFFERS;
}

void lab_view_tally(const struct lab_view *view, size_t m, size_t tally[LAB_MATCH_COUNT]) {
    for (size_t k = 0; k < LAB_MATCH_COUNT; k++) tally[k] = 0;
    for (size_t o = 0; o < view->observable_count; o++)
        tally[lab_match(lab_view_row(view, m, view->observables[o], view->metric))]++;
}

double lab_view_end(const struct lab_view *view) {
    double end = (double)NAN;
    for (size_t e = 0; e < view->result->ensemble_count; e++) {
        const struct lab_ensemble_result *ensemble = &view->result->ensembles[e];
        if (ensemble->time_count > 0) end = fmax(end, ensemble->times[ensemble->time_count - 1].time);
    }
    return end;
}
