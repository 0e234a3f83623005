/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LAB_VIEW_H
#define LAB_VIEW_H

#include "lab/result.h"

/* What the tables, the figures and the report all ask of a result: who is SGD, who is a model, which comparison leads,
 * and whether a model matches. */

enum lab_match { LAB_MATCHES, LAB_DIFFERS, LAB_UNDECIDED, LAB_MATCH_COUNT };

struct lab_mark {
    const char *sign;  /* one character, UTF-8 */
    const char *word;  /* "matches" */
    const char *class; /* of the cell in the page */
};
extern const struct lab_mark lab_marks[LAB_MATCH_COUNT];

struct lab_view {
    const struct lab_result *result;
    const struct lab_ensemble_result *sgd; /* NULL where the study runs no SGD */
    size_t model_count;
    size_t *models; /* (model_count) indices into result->ensembles, twins left out */
    size_t observable_count;
    const char **observables; /* (observable_count) those compared, in order of appearance */
    const char *metric; /* the leading one: sliced-w2 where it was computed, else the first; NULL: no comparison */
    double time;        /* the last compared time; NaN: no comparison */
};

enum core_status lab_view_create(const struct lab_result *result, struct lab_view *view);
void lab_view_free(struct lab_view *view);

/* The m-th model (m < model_count). */
const struct lab_ensemble_result *lab_view_model(const struct lab_view *view, size_t m);
/* SGD (where there is one) and then the models: series s < lab_view_series_count. */
size_t lab_view_series_count(const struct lab_view *view);
const struct lab_ensemble_result *lab_view_series(const struct lab_view *view, size_t s);

/* The row of model m at the last time; NULL where there is none. */
const struct lab_distance_row *lab_view_row(const struct lab_view *view, size_t m, const char *observable,
                                            const char *metric);
/* The verdict of model m; observable NULL: overall. NULL where there is none. */
const struct lab_verdict_row *lab_view_verdict(const struct lab_view *view, size_t m, const char *observable);

/* The rule: a model matches where its Holm-adjusted p is above 0.05. No p: not decided. row may be NULL. */
#define LAB_SIGNIFICANCE 0.05
enum lab_match lab_match(const struct lab_distance_row *row);
/* How many observables of model m are in each state, in the leading metric. */
void lab_view_tally(const struct lab_view *view, size_t m, size_t tally[LAB_MATCH_COUNT]);

/* The time of the last record of any ensemble; NaN without. */
double lab_view_end(const struct lab_view *view);

#endif
