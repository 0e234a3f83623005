/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LAB_RESULT_H
#define LAB_RESULT_H

#include "compare/compare.h"
#include "core/ensemble.h"
#include "core/landscape.h"
#include "lab/study.h"

#include <stddef.h>
#include <stdio.h>

/* Everything a run found out, in memory: what results.json, the tables, the pictures and the report are made from. */

struct lab_escape_row { /* one ensemble, one level */
    double level;
    double escaped;              /* fraction of the replicas that did not diverge */
    double mean, sd, se, median; /* of the escaped; NaN where undefined */
};

struct lab_time_row { /* one ensemble, one recorded time */
    double time;
    double loss_mean, loss_se;
    double loss_quantile[3]; /* 5 %, 50 %, 95 % */
    size_t singular_count;
    double *singular_values;    /* means, descending; NULL where the landscape is no network */
    double *singular_quantiles; /* (singular_count, 3) 5 %, 50 %, 95 % */
    double balancedness_mean;   /* mean Frobenius norm over all layers; NaN where there is none */
    double balancedness_quantile[3];
    double *parameters_mean; /* (dimension) */
};

struct lab_ensemble_result {
    char *name; /* "sgd", "sgd-twin-1", or the model's */
    int twin;   /* 1 for twins: counted in the null, not shown as a model */
    size_t replicas, diverged;
    double temperature;         /* isotropic models: the T used; NaN otherwise */
    struct core_ensemble *data; /* owned */
    size_t escape_count;
    struct lab_escape_row *escape;
    size_t time_count;
    struct lab_time_row *times;
    size_t curve_count; /* the loss at more times: of these rows only time and loss_* are filled */
    struct lab_time_row *curve;
};

struct lab_distance_row {
    size_t model;                    /* index into ensembles */
    const char *observable, *metric; /* names from the tables */
    double time;
    struct compare_row row;
    double holm; /* p adjusted over the models within one (observable, metric, time) */
};

struct lab_verdict_row {
    size_t model;
    const char *observable; /* NULL: overall */
    struct compare_fraction explained;
};

struct lab_result {
    const struct lab_study *study;     /* borrowed */
    const struct core_landscape *land; /* borrowed */
    const double *start;               /* (dimension) borrowed */
    size_t threads;
    double seconds;
    size_t ensemble_count;
    struct lab_ensemble_result *ensembles; /* sgd first, its twins, then the models in the study's order */
    size_t level_count;
    double *levels;
    size_t distance_count;
    struct lab_distance_row *distances;
    size_t verdict_count;
    struct lab_verdict_row *verdicts; /* per model: each observable, then overall */
    size_t warning_count;
    char **warnings;
};

/* Frees what the result owns and the result itself, also half built; NULL is allowed. */
void lab_result_free(struct lab_result *result);

/* How this program was made, and what it runs on. Never NULL; "unknown" where the build could not tell. */
struct lab_provenance {
    const char *version;      /* "0.1.0" */
    const char *git_revision; /* "1a2b3c4d5e6f", with "-dirty" where it was built from uncommitted changes */
    const char *compiler;     /* "gcc 12.2.0" */
    const char *flags;        /* of the compiler */
    const char *isa;          /* core_isa_name of this machine */
};
struct lab_provenance lab_provenance(void);

/* The report's files under `directory`. */
/* tables/escape.csv, times.csv, distances.csv, verdict.csv, parameters_mean.csv. */
enum core_status lab_tables_write(const struct lab_result *result, const char *directory);
/* figures/NAME.{gp,dat} and pictures of each by gnuplot: `format` svg, png or pdf, or NULL for svg and png. Where
 * gnuplot is missing or fails this is no failure: *note receives the sentence to be said (core_free), NULL where all
 * went well. note may be NULL. */
enum core_status lab_figures_write(const struct lab_result *result, const char *directory, const char *format,
                                   char **note);
/* report.html, one self-contained file, with the pictures found in directory/figures. */
enum core_status lab_report_write(const struct lab_result *result, const char *directory);
/* Which model matches SGD in which observable: a table of at most 100 columns for a terminal. */
enum core_status lab_summary_print(const struct lab_result *result, FILE *out);
/* results.json as one text (core_free). */
enum core_status lab_result_json(const struct lab_result *result, char **text);

#endif
