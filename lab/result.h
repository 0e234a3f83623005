/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LAB_RESULT_H
#define LAB_RESULT_H

#include "compare/compare.h"
#include "core/ensemble.h"
#include "core/landscape.h"
#include "lab/study.h"

#include <stddef.h>

/* Everything a run found out, in memory: what results.json, the tables, the pictures and the report are made from. */

struct lab_escape_row {          /* one ensemble, one level */
    double level;
    double escaped;              /* fraction of the replicas that did not diverge */
    double mean, sd, se, median; /* of the escaped; NaN where undefined */
};

struct lab_time_row {            /* one ensemble, one recorded time */
    double time;
    double loss_mean, loss_se;
    double loss_quantile[3];     /* 5 %, 50 %, 95 % */
    size_t singular_count;
    double *singular_values;     /* means, descending; NULL where the landscape is no network */
    double *singular_quantiles;  /* (singular_count, 3) 5 %, 50 %, 95 % */
    double balancedness_mean;    /* mean Frobenius norm over all layers; NaN where there is none */
    double balancedness_quantile[3];
    double *parameters_mean;     /* (dimension) */
};

struct lab_ensemble_result {
    char *name;                  /* "sgd", "sgd-twin-1", or the model's */
    int twin;                    /* 1 for twins: counted in the null, not shown as a model */
    size_t replicas, diverged;
    double temperature;          /* isotropic models: the T used; NaN otherwise */
    struct core_ensemble *data;  /* owned */
    size_t escape_count;
    struct lab_escape_row *escape;
    size_t time_count;
    struct lab_time_row *times;
};

struct lab_distance_row {
    size_t model;                /* index into ensembles */
    const char *observable, *metric; /* names from the tables */
    double time;
    struct compare_row row;
    double holm;                 /* p adjusted over the models within one (observable, metric, time) */
};

struct lab_verdict_row {
    size_t model;
    const char *observable;      /* NULL: overall */
    struct compare_fraction explained;
};

struct lab_result {
    const struct lab_study *study;        /* borrowed */
    const struct core_landscape *land;    /* borrowed */
    const double *start;                  /* (dimension) borrowed */
    size_t threads;
    double seconds;
    size_t ensemble_count;
    struct lab_ensemble_result *ensembles; /* sgd first, its twins, then the models in the study's order */
    size_t level_count;
    double *levels;
    size_t distance_count;
    struct lab_distance_row *distances;
    size_t verdict_count;
    struct lab_verdict_row *verdicts;     /* per model: each observable, then overall */
    size_t warning_count;
    char **warnings;
};

void lab_result_free(struct lab_result *result);

/* The report's files under `directory`: tables, figures (gnuplot) and report.html. */
enum core_status lab_tables_write(const struct lab_result *result, const char *directory);
enum core_status lab_figures_write(const struct lab_result *result, const char *directory, const char *format);
enum core_status lab_report_write(const struct lab_result *result, const char *directory);
/* results.json as one text (core_free). */
enum core_status lab_result_json(const struct lab_result *result, char **text);

#endif
