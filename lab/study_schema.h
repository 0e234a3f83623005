/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LAB_STUDY_SCHEMA_H
#define LAB_STUDY_SCHEMA_H

#include "core/status.h"
#include "lab/study.h"
#include "lab/study_document.h"
#include "lab/text.h"

#include <stddef.h>

/* The table of keys: one line per key of a study, from which come the check of the document, libcyaml's schema, the
 * defaults and `kramers help study`. */

enum lab_key_kind {
    LAB_KEY_COUNT,   /* a whole number, unsigned */
    LAB_KEY_SEED,    /* a whole number, uint64_t */
    LAB_KEY_NUMBER,  /* double */
    LAB_KEY_FLAG,    /* true or false, int */
    LAB_KEY_TEXT,    /* char * */
    LAB_KEY_FILE,    /* char *, a file that must be readable */
    LAB_KEY_WORD,    /* char *, one of the words */
    LAB_KEY_COUNTS,  /* unsigned *, with a count */
    LAB_KEY_NUMBERS, /* double *, with a count */
    LAB_KEY_LEVELS,  /* the same, or the word auto: NULL */
    LAB_KEY_WORDS,   /* char **, with a count */
    LAB_KEY_MATRIX,  /* struct lab_row *, with a count */
    LAB_KEY_PAIRS,   /* struct lab_word_row *, with a count: pairs of words; one word stands for one pair of it */
    LAB_KEY_BLOCK,   /* a pointer to a struct with keys of its own */
    LAB_KEY_BLOCKS   /* an array of such structs, with a count */
};

/* Words a key may take: the names in a table of another room, or of this one. */
struct lab_words {
    const char *(*name)(size_t index); /* the rows in order, NULL behind the last */
};
/* The number of a word, which is its enumerator in the room it belongs to; SIZE_MAX where there is none such. */
size_t lab_words_find(const struct lab_words *words, const char *name);

extern const struct lab_words lab_samplings;     /* enum dln_sampling */
extern const struct lab_words lab_optimisers;    /* enum dln_optimiser_kind */
extern const struct lab_words lab_input_laws;    /* enum dln_input_law */
extern const struct lab_words lab_schedule_laws; /* enum core_schedule_law */
extern const struct lab_words lab_noises;        /* enum sde_noise */
extern const struct lab_words lab_covariances;   /* enum sde_covariance */
extern const struct lab_words lab_drifts;        /* enum sde_drift */
extern const struct lab_words lab_schemes;       /* enum sde_scheme */
extern const struct lab_words lab_clocks;        /* enum sde_clock */
extern const struct lab_words lab_walls;         /* enum ffpe_wall */
extern const struct lab_words lab_calculi;       /* enum ffpe_calculus */
extern const struct lab_words lab_density_laws;  /* enum ffpe_start_law */
extern const struct lab_words lab_ffpe_methods;  /* enum ffpe_method */
extern const struct lab_words lab_ffpe_reports;  /* bits of enum ffpe_report */
extern const struct lab_words lab_samplers;      /* of the local learning coefficient */
extern const struct lab_words lab_start_laws, lab_potentials, lab_observables, lab_metrics;

struct lab_interval {
    double low, high;
    int low_open, high_open; /* 1: the end itself is not allowed */
};

struct lab_mapping;

struct lab_key {
    const char *name;
    enum lab_key_kind kind;
    const struct lab_words *words;   /* WORD, WORDS */
    const struct lab_mapping *block; /* BLOCK, BLOCKS */
    /* "noise: stable, ...": the key belongs to these words of a key beside it, and is an error without them; NULL: to
     * all. */
    const char *belongs;
    /* YAML written where the study is silent; in parentheses a description only ("(required)"); NULL: none. */
    const char *initial;
    const struct lab_interval *interval; /* COUNT, NUMBER and lists of them; NULL otherwise */
    const char *sentence;
};

struct lab_mapping {
    const struct lab_key *keys; /* ended by a row of NULLs */
};

/* The keys of a study. */
extern const struct lab_mapping *const lab_study_mapping;
int lab_key_required(const struct lab_key *key);

/* libcyaml's part: fills *study from YAML text that lab_study_validate accepted; to be freed with lab_schema_free. */
enum core_status lab_schema_load(const char *text, struct lab_study **study);
void lab_schema_free(struct lab_study *study);

/* ---- Checking the document (lab/study_validate.c) ---- */

/* Every key known, given once, of its type and in its range; nothing required is missing. Numbers that pass are ones
 * that libcyaml reads. */
enum core_status lab_study_validate(struct lab_document *document);
/* Writes the defaults into a document that was validated, and checks which keys belong together. */
enum core_status lab_study_defaults(struct lab_document *document);
/* What no single key can know: sizes that must agree, choices that exclude each other, times within the run, files. */
enum core_status lab_study_check(const struct lab_study *study);

/* What is allowed, as in "a number > 0" or "none, gaussian, poisson, stable". */
void lab_key_describe(const struct lab_key *key, struct lab_text *text);
/* What a list of such values holds, one of them. */
void lab_key_describe_element(const struct lab_key *key, struct lab_text *text);

/* The name that looks most like `word`, or NULL where none looks like a slip of it. name(context, i) is
 * NULL behind the last. */
const char *lab_nearest(const char *word, const char *(*name)(const void *context, size_t index), const void *context);

#endif
