/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LAB_VERBS_H
#define LAB_VERBS_H

#include "core/status.h"
#include "lab/study.h"

#include <stddef.h>
#include <stdint.h>

/* The command's verbs and options. A verb takes the options read and returns a status; it prints its results on
 * standard output and nothing else there. The tables in lab/options.c and lab/verbs.c are what `kramers help` prints.
 */

enum { LAB_ARGUMENTS_MAX = 64 };

struct core_stable;
struct lab_json;

struct lab_options {
    const char *arguments[LAB_ARGUMENTS_MAX]; /* what is no option */
    size_t argument_count;
    int json, quiet, resume, help, version;
    size_t threads;              /* default: the processors of this machine, or 1 */
    const char *output;          /* -o */
    const char *seed, *replicas; /* as written; NULL: the study's */
    /* a list of an option that may be repeated is followed by its count */
    const char *set[LAB_ARGUMENTS_MAX];
    size_t set_count;
    const char *x[LAB_ARGUMENTS_MAX]; /* of calc */
    size_t x_count;
    const char *replica; /* --replica K */
    const char *model;   /* --model NAME */
    const char *format;  /* --format svg|png|pdf */
    const char *metrics, *bandwidth, *projections, *permutations;
    const char *order;                                                     /* --k */
    const char *at;                                                        /* --at start|end */
    const char *draws;                                                     /* --draws */
    int along;                                                             /* --along */
    const char *widths, *rank;                                             /* of calc */
    const char *re, *im;                                                   /* of calc mittag-leffler */
    const char *alpha, *beta, *scale, *location, *parametrisation, *count; /* of calc and sample */
};

/* One bit per option: which a verb takes. */
enum lab_option_bit {
    LAB_TAKES_JSON = 1,
    LAB_TAKES_STUDY = 2,  /* --set --seed --replicas --threads --quiet */
    LAB_TAKES_OUTPUT = 4, /* -o */
    LAB_TAKES_RESUME = 8,
    LAB_TAKES_REPLICA = 16,
    LAB_TAKES_MODEL = 32,
    LAB_TAKES_FORMAT = 64,
    LAB_TAKES_COMPARE = 128, /* --metrics --bandwidth --projections --permutations */
    LAB_TAKES_THREADS = 256,
    LAB_TAKES_SEED = 512,
    LAB_ONE_THREAD = 1024,    /* --threads is 1 unless given */
    LAB_TAKES_ALONG = 4096,   /* --along */
    LAB_TAKES_CALC = 8192,    /* the arguments of calc's functions */
    LAB_TAKES_ORDER = 65536,  /* --k */
    LAB_TAKES_NOISE = 131072, /* --at --draws */
    LAB_TAKES_LAW = 16384,    /* --alpha --beta --scale --location --parametrisation */
    LAB_TAKES_COUNT = 32768   /* --count */
};

struct lab_verb {
    const char *name;
    const char *usage; /* what follows the name */
    const char *sentence;
    unsigned takes;     /* of enum lab_option_bit */
    size_t least, most; /* arguments */
    enum core_status (*run)(const struct lab_options *options);
};
extern const struct lab_verb lab_verbs[]; /* ended by a row of NULLs */
const struct lab_verb *lab_verb_find(const char *name);

/* Reads arguments[0 .. count) for `verb`; the texts are borrowed. CORE_BAD_INPUT with a sentence. */
enum core_status lab_options_read(const struct lab_verb *verb, size_t count, char *const arguments[],
                                  struct lab_options *options);

/* A whole number from least to most that `text` holds, given with `option`. CORE_BAD_INPUT with a sentence. */
enum core_status lab_read_whole(const char *option, const char *text, uint64_t least, uint64_t most, uint64_t *value);

/* A finite number that `text` holds, given with `option`. CORE_BAD_INPUT with a sentence. */
enum core_status lab_read_real(const char *option, const char *text, double *value);

/* Help texts on standard output. */
void lab_help_print(void);
void lab_help_verb_print(const struct lab_verb *verb);

/* The study of options->arguments[0], with the overrides. */
enum core_status lab_options_study(const struct lab_options *options, struct lab_study **study);

enum core_status lab_verb_run(const struct lab_options *options);
enum core_status lab_verb_sgd(const struct lab_options *options);
enum core_status lab_verb_sde(const struct lab_options *options);
enum core_status lab_verb_ffpe(const struct lab_options *options);
enum core_status lab_verb_saddles(const struct lab_options *options);
enum core_status lab_verb_llc(const struct lab_options *options);
/* The stable law that the options of `verb` (its name, for sentences) describe. */
enum core_status lab_read_stable(const char *verb, const struct lab_options *options, struct core_stable *law);

/* The stable laws of `kramers calc`: name is stable-pdf, stable-cdf, stable-sf or stable-quantile. */
enum core_status lab_calc_stable(const struct lab_options *options, struct lab_json *json);
enum core_status lab_verb_calc(const struct lab_options *options);
enum core_status lab_verb_sample(const struct lab_options *options);
enum core_status lab_verb_point(const struct lab_options *options);
enum core_status lab_verb_compare(const struct lab_options *options);
enum core_status lab_verb_tails(const struct lab_options *options);
enum core_status lab_verb_noise(const struct lab_options *options);
enum core_status lab_verb_survival(const struct lab_options *options);
enum core_status lab_verb_info(const struct lab_options *options);
enum core_status lab_verb_plot(const struct lab_options *options);
enum core_status lab_verb_verify(const struct lab_options *options);
enum core_status lab_verb_bench(const struct lab_options *options);
enum core_status lab_verb_help(const struct lab_options *options);

#endif
