/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of options, reading them, and the help made from the tables. */
#include "lab/verbs.h"

#include "core/parallel.h"
#include "core/stable.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { FLAG, TEXT, LIST, COUNT };

struct option {
    const char *name, *value; /* value: how help names it; NULL for a flag */
    const char *sentence;
    unsigned bit; /* which verbs take it; 0: all */
    enum kind kind;
    size_t place; /* in struct lab_options */
};

#define AT(member) offsetof(struct lab_options, member)

static const struct option table[] = {
    {"--json", NULL, "print one JSON object on standard output", LAB_TAKES_JSON, FLAG, AT(json)},
    {"--set", "KEY=VALUE",
     "override a key of the study, e.g. sgd.steps=100 or models.poisson.replicas=64; may be repeated", LAB_TAKES_STUDY,
     LIST, AT(set)},
    {"--threads", "N", "threads (default: the processors of this machine; bench: 1)", LAB_TAKES_THREADS, COUNT,
     AT(threads)},
    {"--seed", "N", "another seed", LAB_TAKES_SEED, TEXT, AT(seed)},
    {"--replicas", "N", "another number of replicas in every ensemble", LAB_TAKES_STUDY, TEXT, AT(replicas)},
    {"--quiet", NULL, "no progress bar and no talk", LAB_TAKES_STUDY, FLAG, AT(quiet)},
    {"--resume", NULL, "go on with a run that was interrupted", LAB_TAKES_RESUME, FLAG, AT(resume)},
    {"-o", "PATH", "write here: a folder (default: runs/NAME for run), for sample a file .csv or .npy",
     LAB_TAKES_OUTPUT, TEXT, AT(output)},
    {"--replica", "K", "replay the one path with this number, from 0", LAB_TAKES_REPLICA, TEXT, AT(replica)},
    {"--model", "NAME", "only this model of the study", LAB_TAKES_MODEL, TEXT, AT(model)},
    {"--format", "F", "svg, png or pdf (default: svg and png)", LAB_TAKES_FORMAT, TEXT, AT(format)},
    {"--metrics", "LIST", "comma-separated: w1, w2, sliced-w2, sinkhorn, mmd, energy, ks, kl (default: all that apply)",
     LAB_TAKES_COMPARE, TEXT, AT(metrics)},
    {"--bandwidth", "S", "of the kernel of mmd: a positive number, or median (default)", LAB_TAKES_COMPARE, TEXT,
     AT(bandwidth)},
    {"--permutations", "N", "relabellings of the tests of mmd and energy (default 1000; 0: no tests)",
     LAB_TAKES_COMPARE, TEXT, AT(permutations)},
    {"--projections", "N", "directions of sliced-w2 (default 100)", LAB_TAKES_COMPARE, TEXT, AT(projections)},
    {"--k", "N", "order statistics of Hill, Pickands and moment (default: Hill's by fit, the others' n / 20)",
     LAB_TAKES_ORDER, TEXT, AT(order)},
    {"--at", "WHERE", "start (default), or end: where the first replica of SGD ends", LAB_TAKES_NOISE, TEXT, AT(at)},
    {"--draws", "N", "batches drawn for each tail estimate (default 10000)", LAB_TAKES_NOISE, TEXT, AT(draws)},
    {"--along", NULL,
     "along one path of SGD (--replica K, default 0): llc at its recorded times, saddles at its plateaus",
     LAB_TAKES_ALONG, FLAG, AT(along)},
    {"--widths", "D,D,...", "d_0 ... d_L of a network", LAB_TAKES_CALC, TEXT, AT(widths)},
    {"--rank", "R", "rank of the network's best linear map", LAB_TAKES_CALC, TEXT, AT(rank)},
    {"--re", "X", "real part of the argument", LAB_TAKES_CALC, TEXT, AT(re)},
    {"--im", "Y", "imaginary part of the argument (default 0)", LAB_TAKES_CALC, TEXT, AT(im)},
    {"--alpha", "A", "index of a stable law, in [0.1, 2], or of mittag-leffler, > 0", LAB_TAKES_LAW, TEXT, AT(alpha)},
    {"--beta", "B", "skewness of a stable law, in [-1, 1], or the second index of mittag-leffler (default 1)",
     LAB_TAKES_LAW, TEXT, AT(beta)},
    {"--scale", "S", "scale of a stable law (default 1)", LAB_TAKES_LAW, TEXT, AT(scale)},
    {"--location", "D", "location of a stable law (default 0)", LAB_TAKES_LAW, TEXT, AT(location)},
    {"--parametrisation", "P", "S0 (default) or S1, of the location", LAB_TAKES_LAW, TEXT, AT(parametrisation)},
    {"--count", "N", "how many draws", LAB_TAKES_COUNT, TEXT, AT(count)},
    {"--x", "X", "where; may be repeated, or be - for numbers on standard input", LAB_TAKES_CALC, LIST, AT(x)},
    {"--help", NULL, "what the verb does and takes", 0, FLAG, AT(help)},
};

enum { OPTIONS = sizeof table / sizeof *table };

static int taken(const struct option *option, const struct lab_verb *verb) {
    return option->bit == 0 || (verb->takes & option->bit) != 0;
}

/* The option of this spelling ("--name" or "--name=value"), *value pointing behind '=' or NULL. */
static const struct option *find(const struct lab_verb *verb, const char *word, const char **value) {
    const char *equals = strchr(word, '=');
    size_t length = equals != NULL ? (size_t)(equals - word) : strlen(word);
    *value = equals != NULL ? equals + 1 : NULL;
    for (size_t i = 0; i < OPTIONS; i++) {
        if (strlen(table[i].name) == length && memcmp(table[i].name, word, length) == 0 && taken(&table[i], verb))
            return &table[i];
    }
    return NULL;
}

enum core_status lab_read_whole(const char *option, const char *text, uint64_t least, uint64_t most, uint64_t *value) {
    char *end = NULL;
    errno = 0;
    unsigned long long read = isdigit((unsigned char)*text) ? strtoull(text, &end, 10) : 0;
    if (end == NULL || errno != 0 || *end != '\0' || read < least || read > most) {
        return core_fail(CORE_BAD_INPUT, "%s: found '%s', expected a whole number from %llu to %llu", option, text,
                         (unsigned long long)least, (unsigned long long)most);
    }
    *value = read;
    return CORE_OK;
}

enum core_status lab_read_real(const char *option, const char *text, double *value) {
    char *end;
    *value = strtod(text, &end);
    if (end != text && *end == '\0' && isfinite(*value)) return CORE_OK;
    return core_fail(CORE_BAD_INPUT, "%s: found '%.80s', expected a number", option, text);
}

static enum core_status read_count(const struct option *option, const char *text, size_t *count) {
    uint64_t value = 0;
    enum core_status status = lab_read_whole(option->name, text, 1, 1024, &value);
    if (status == CORE_OK) *count = (size_t)value;
    return status;
}

static enum core_status store(const struct option *option, const char *value, struct lab_options *options) {
    char *place = (char *)options + option->place;
    switch (option->kind) {
    case FLAG:
        *(int *)(void *)place = 1;
        return CORE_OK;
    case TEXT:
        *(const char **)(void *)place = value;
        return CORE_OK;
    case COUNT:
        return read_count(option, value, (size_t *)(void *)place);
    case LIST:
        break;
    }
    size_t *count = (size_t *)(void *)(place + sizeof options->set);
    if (*count == LAB_ARGUMENTS_MAX) {
        return core_fail(CORE_BAD_INPUT, "more than %d times %s", LAB_ARGUMENTS_MAX, option->name);
    }
    ((const char **)(void *)place)[(*count)++] = value;
    return CORE_OK;
}

static enum core_status check_arguments(const struct lab_verb *verb, const struct lab_options *options) {
    if (options->help) return CORE_OK;
    if (options->argument_count >= verb->least && options->argument_count <= verb->most) return CORE_OK;
    return core_fail(CORE_BAD_INPUT, "%s: found %zu argument%s, expected: kramers %s %s", verb->name,
                     options->argument_count, options->argument_count == 1 ? "" : "s", verb->name, verb->usage);
}

enum core_status lab_options_read(const struct lab_verb *verb, size_t count, char *const arguments[],
                                  struct lab_options *options) {
    *options = (struct lab_options){.threads = (verb->takes & LAB_ONE_THREAD) != 0 ? 1 : core_processors()};
    for (size_t i = 0; i < count; i++) {
        const char *word = arguments[i], *value;
        if (word[0] != '-' || strcmp(word, "-") == 0) {
            if (options->argument_count == LAB_ARGUMENTS_MAX) return core_fail(CORE_BAD_INPUT, "too many arguments");
            options->arguments[options->argument_count++] = word;
            continue;
        }
        const struct option *option = find(verb, word, &value);
        if (option == NULL) {
            return core_fail(CORE_BAD_INPUT, "%s: unknown option '%s'; 'kramers %s --help' lists those there are",
                             verb->name, word, verb->name);
        }
        if (option->kind == FLAG && value != NULL) return core_fail(CORE_BAD_INPUT, "%s takes no value", option->name);
        if (option->kind != FLAG && value == NULL) {
            if (i + 1 == count)
                return core_fail(CORE_BAD_INPUT, "%s needs a value: %s %s", option->name, option->name, option->value);
            value = arguments[++i];
        }
        enum core_status status = store(option, value, options);
        if (status != CORE_OK) return status;
    }
    return check_arguments(verb, options);
}

enum core_status lab_options_study(const struct lab_options *options, struct lab_study **study) {
    struct lab_overrides overrides = {options->set, options->set_count, options->seed, options->replicas};
    return lab_study_read(options->arguments[0], &overrides, study);
}

static enum core_status read_or(const char *option, const char *text, double otherwise, double *value) {
    *value = otherwise;
    return text != NULL ? lab_read_real(option, text, value) : CORE_OK;
}

enum core_status lab_read_stable(const char *verb, const struct lab_options *options, struct core_stable *law) {
    const char *form = options->parametrisation != NULL ? options->parametrisation : "S0";
    double alpha = 0, beta = 0, scale = 1, location = 0;
    if (options->alpha == NULL) return core_fail(CORE_BAD_INPUT, "%s: --alpha is missing", verb);
    if (options->beta == NULL) return core_fail(CORE_BAD_INPUT, "%s: --beta is missing", verb);
    if (strcmp(form, "S0") != 0 && strcmp(form, "S1") != 0)
        return core_fail(CORE_BAD_INPUT, "--parametrisation: found '%.80s', expected S0 or S1", form);
    enum core_status status = lab_read_real("--alpha", options->alpha, &alpha);
    if (status == CORE_OK) status = lab_read_real("--beta", options->beta, &beta);
    if (status == CORE_OK) status = read_or("--scale", options->scale, 1, &scale);
    if (status == CORE_OK) status = read_or("--location", options->location, 0, &location);
    if (status != CORE_OK) return status;
    return core_stable_init(law, alpha, beta, scale, location, form[1] == '0' ? CORE_STABLE_S0 : CORE_STABLE_S1);
}

/* ---- Help ---- */

void lab_help_print(void) {
    printf("kramers: a laboratory for SGD, stochastic differential equations and Fokker-Planck equations\n\n");
    printf("usage: kramers VERB ...\n\n");
    for (const struct lab_verb *verb = lab_verbs; verb->name != NULL; verb++) {
        printf("  %-8s %-15s %s\n", verb->name, verb->usage, verb->sentence);
    }
    printf("\n'kramers VERB --help' explains a verb, 'kramers help study' the keys of a study, 'kramers --version' the "
           "build.\n");
    printf("Exit status: 0 success, 1 bad input, 2 failure while running, 3 interrupted (resumable).\n");
}

void lab_help_verb_print(const struct lab_verb *verb) {
    printf("usage: kramers %s %s [options]\n\n%s\n\noptions:\n", verb->name, verb->usage, verb->sentence);
    for (size_t i = 0; i < OPTIONS; i++) {
        if (!taken(&table[i], verb)) continue;
        char name[48];
        snprintf(name, sizeof name, "%s %s", table[i].name, table[i].value != NULL ? table[i].value : "");
        printf("  %-20s %s\n", name, table[i].sentence);
    }
}

enum core_status lab_verb_help(const struct lab_options *options) {
    if (options->argument_count == 0) {
        lab_help_print();
        return CORE_OK;
    }
    if (strcmp(options->arguments[0], "study") == 0) {
        lab_study_print_keys(stdout);
        return CORE_OK;
    }
    const struct lab_verb *verb = lab_verb_find(options->arguments[0]);
    if (verb == NULL)
        return core_fail(CORE_BAD_INPUT, "no verb '%s'; 'kramers help' lists them", options->arguments[0]);
    lab_help_verb_print(verb);
    return CORE_OK;
}
