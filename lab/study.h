/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LAB_STUDY_H
#define LAB_STUDY_H

#include "core/ensemble.h"
#include "core/status.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A study: one YAML file. libyaml reads it into a document that remembers its lines (lab/study_document.h), overrides
 * are applied, every key is checked against one table (lab/study_schema.c) and defaults are written in; libcyaml, with
 * a schema from the same table, fills the plain structs below, which the rest of lab sees. */

/* An optional block is a pointer, NULL when the study does not name it. Strings are owned by the study. */

struct lab_law { /* {law: gaussian | student-t, dof, whiten, covariance: [..]} or {file: F.csv} */
    char *law;
    double dof; /* student-t, default 3 */
    int whiten; /* 0 or 1 */
    double *covariance;
    unsigned covariance_count;
    char *file; /* as written; lab_study_path() resolves it */
};

struct lab_teacher {
    double *singular_values;
    unsigned singular_values_count;
};

struct lab_data_table { /* columns of one table: inputs: [0, 1], targets: [2], standardise: true */
    char *file;
    unsigned *inputs, inputs_count;
    unsigned *targets, targets_count;
    int standardise; /* the inputs; targets are left as they are */
};

struct lab_data {
    unsigned samples; /* generated data */
    struct lab_law *inputs;
    struct lab_law *targets; /* {file: ..} only */
    struct lab_teacher *teacher;
    double label_noise;
    struct lab_data_table *table;
};

/* {file: F.csv} | {law: gaussian | balanced, scale: s} | {law: point, at: [..]} | {law: deepest, rank: r} |
 * {law: saddle, rank: r, modes: [..], perturbation: e} */
struct lab_start {
    char *file;
    char *law;
    double scale; /* default 0.02 for networks, 0 for points and potentials */
    double *at;
    unsigned at_count;
    unsigned rank;                /* deepest, saddle */
    unsigned *modes, modes_count; /* saddle; NULL: the leading ones */
    double perturbation;          /* saddle */
};

struct lab_network {
    unsigned *widths, widths_count;
    struct lab_data *data;
    struct lab_start *start;
};

struct lab_row { /* a row of a matrix in YAML */
    double *values;
    unsigned values_count;
};

struct lab_potential {
    char *name;
    unsigned depth; /* scalar-network, default 2 */
    struct lab_row *matrix;
    unsigned matrix_count;
    struct lab_row *noise; /* constant noise factor, one row per coordinate */
    unsigned noise_count;
    struct lab_start *start;
};

struct lab_landscape { /* exactly one of the two */
    struct lab_network *network;
    struct lab_potential *potential;
};

struct lab_decay { /* schedule: {law: constant | step-decay | inverse-sqrt | cosine, factor, every, floor, warm_up} */
    char *law;
    double factor;    /* default 0.5 */
    unsigned every;   /* default 1000 for step-decay, 1 for inverse-sqrt, the steps after the warm-up for cosine */
    double floor;     /* default 0 */
    unsigned warm_up; /* default 0 */
};

struct lab_sgd {
    unsigned batch; /* default 1 */
    char *sampling; /* default with-replacement */
    double rate;
    unsigned steps, replicas;     /* replicas default 1024 */
    unsigned twins;               /* default 3 */
    double momentum, clip;        /* default 0, infinity (none) */
    double label_noise;           /* default 0 */
    char *optimiser;              /* default sgd */
    double weight_decay;          /* default 0 */
    double beta1, beta2, epsilon; /* adam, adamw: default 0.9, 0.999, 1e-8; 0 elsewhere */
    struct lab_decay *schedule;
};

struct lab_paths { /* sde: {rate, steps, replicas} where there is no sgd to take them from (potentials) */
    double rate;
    unsigned steps, replicas;
    unsigned batch;
    struct lab_decay *schedule;
};

struct lab_clock { /* clock: {law: physical | inverse-stable, order} */
    char *law;
    double order; /* default 0.6 */
};

struct lab_model {
    char *name;
    char *noise;                      /* default gaussian */
    char *covariance;                 /* default sgd; isotropic for potentials without noise of their own */
    char *drift;                      /* default gradient */
    char *scheme;                     /* default euler-maruyama */
    struct lab_clock *clock;          /* NULL: physical */
    double alpha, scale, temperature; /* defaults 1.9, 1, NaN (not given) */
    double tau, hurst;                /* coloured: default 1; fractional: default 0.5 */
    double friction;                  /* baoab: default 1 */
    unsigned epoch;                   /* anticorrelated: 0: samples / batch */
    unsigned substeps;                /* default 1 */
    unsigned replicas;                /* default: as sgd */
};

struct lab_diffusion { /* exactly one of value and tensor */
    double value;      /* NaN where not given */
    double quadratic;  /* D(x) = value (1 + quadratic |x|^2), default 0 */
    struct lab_row *tensor;
    unsigned tensor_count;
};

struct lab_levy { /* - scale (-Laplacian)^(index / 2) */
    double index, scale;
};

struct lab_density_grid {
    double *lower, *upper;
    unsigned lower_count, upper_count;
    unsigned *cells, cells_count;
};

struct lab_density_start { /* {law: gaussian, mean, deviation} | {law: delta, at} | {law: uniform} */
    char *law;
    double *mean, *at;
    unsigned mean_count, at_count;
    double deviation;
};

struct lab_word_row { /* a list of words within a list */
    char **values;
    unsigned values_count;
};

struct lab_ffpe { /* the Fokker-Planck equation on a grid; names as in ffpe/ffpe.h */
    double order, friction;
    struct lab_diffusion *diffusion;
    struct lab_levy *levy;
    char *calculus;
    struct lab_density_grid *grid;
    struct lab_word_row *walls; /* one pair for all axes, or one per axis */
    unsigned walls_count;
    struct lab_density_start *start;
    double *times;
    unsigned times_count;
    char *method;
    double tolerance;
    unsigned steps, richardson, eigenvalues;
    struct lab_row *probes;
    unsigned probes_count;
    char **report;
    unsigned report_count;
};

struct lab_escape {
    double *levels; /* given in the study; NULL for `levels: auto` */
    unsigned levels_count;
    unsigned count; /* how many levels `auto` takes; default: all */
};

struct lab_compare {
    char **observables;
    unsigned observables_count;
    char **metrics;
    unsigned metrics_count;
    unsigned subsample;   /* default 1000 */
    unsigned projections; /* default 100 */
};

struct lab_llc_keys { /* the local learning coefficient at the start; names as in dln/llc.h */
    char *sampler;    /* default gibbs on networks, mala on potentials */
    unsigned num_chains, num_draws, num_burnin_steps, num_steps_bw_draws;
    double lr, localization, nbeta; /* nbeta 0: n / ln n */
    unsigned batch_size;            /* 0: all samples */
};

struct lab_study {
    char *name;
    char *title;   /* a sentence for the report; default: the name */
    uint64_t seed; /* default 1 */
    struct lab_landscape *landscape;
    struct lab_sgd *sgd;
    struct lab_paths *sde;
    struct lab_ffpe *ffpe;
    struct lab_model *models;
    unsigned models_count;
    double *record; /* times, ascending; default: the end of the run */
    unsigned record_count;
    struct lab_escape *escape;
    struct lab_compare *compare;
    struct lab_llc_keys *llc;

    char *path;                    /* the file it came from */
    char *directory;               /* paths in the study are relative to this */
    struct lab_document *document; /* where each key stands, for lab_study_blame; opaque */
    char *effective;               /* the whole study as YAML, overrides applied and defaults filled in (provenance) */
};

/* One override, "key.path=value"; sequence elements by number (models.2.substeps=10), or by name for models
 * (models.poisson.replicas=64). */
struct lab_overrides {
    const char *const *set;
    size_t set_count;
    const char *seed, *replicas; /* --seed, --replicas, or NULL; replicas applies to sgd, sde and every model */
};

/* Reads, overrides, validates, fills in defaults; overrides may be NULL. CORE_BAD_INPUT with one sentence: file, line,
 * key, what was found, what is allowed. *study is NULL when it fails. */
enum core_status lab_study_read(const char *path, const struct lab_overrides *overrides, struct lab_study **study);
void lab_study_free(struct lab_study *study);

/* The step lengths of a run; decay NULL: constant. */
struct core_schedule lab_schedule(double rate, const struct lab_decay *decay);

/* A path written in the study, relative to its directory; to be freed with core_free. */
char *lab_study_path(const struct lab_study *study, const char *file);

/* The sentence for trouble found later at a key of the study ("landscape.network.data.inputs.file"): "FILE:LINE: KEY:
 * ...". Returns status. */
enum core_status lab_study_blame(const struct lab_study *study, enum core_status status, const char *key,
                                 const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The name made safe for a file name: letters, digits, '-', '_', '.'; never empty, never starting with '.'. core_free.
 */
char *lab_safe_name(const char *name);

/* The table of keys for `kramers help study`: path, type, default, range, sentence, one row each, written to out. */
void lab_study_print_keys(FILE *out);

#endif
