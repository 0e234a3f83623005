/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of verbs. */
#include "lab/verbs.h"

#include <string.h>

enum { STUDY = LAB_TAKES_STUDY | LAB_TAKES_THREADS | LAB_TAKES_SEED | LAB_TAKES_JSON };

const struct lab_verb lab_verbs[] = {
    {"run", "STUDY.yaml", "the whole study: SGD, its models, their comparison, figures and the report",
     STUDY | LAB_TAKES_OUTPUT | LAB_TAKES_RESUME, 1, 1, lab_verb_run},
    {"sgd", "STUDY.yaml", "only SGD of a study; --replica K replays one path of it",
     STUDY | LAB_TAKES_OUTPUT | LAB_TAKES_REPLICA, 1, 1, lab_verb_sgd},
    {"sde", "STUDY.yaml", "only the stochastic differential equations of a study",
     STUDY | LAB_TAKES_OUTPUT | LAB_TAKES_REPLICA | LAB_TAKES_MODEL, 1, 1, lab_verb_sde},
    {"ffpe", "STUDY.yaml", "the Fokker-Planck equation of a study: densities, steady state, spectrum, first passages",
     STUDY, 1, 1, lab_verb_ffpe},
    {"point", "STUDY.yaml", "the landscape at the study's start: loss, gradient, Hessian, gradient noise", STUDY, 1, 1,
     lab_verb_point},
    {"noise", "STUDY.yaml",
     "the gradient noise of a study: covariance, anisotropy, alignment, tails; -o: with a figure",
     STUDY | LAB_TAKES_OUTPUT | LAB_TAKES_NOISE, 1, 1, lab_verb_noise},
    {"saddles", "STUDY.yaml", "the critical points of a study's network and their labels; -o: with a figure",
     STUDY | LAB_TAKES_OUTPUT | LAB_TAKES_ALONG | LAB_TAKES_REPLICA, 1, 1, lab_verb_saddles},
    {"llc", "STUDY.yaml", "the local learning coefficient at the study's start, sampled and exact; -o: with a figure",
     STUDY | LAB_TAKES_OUTPUT | LAB_TAKES_ALONG | LAB_TAKES_REPLICA, 1, 1, lab_verb_llc},
    {"calc", "FUNCTION",
     "exact laws: learning-coefficient, mittag-leffler, stable-pdf, stable-cdf, stable-sf, stable-quantile",
     LAB_TAKES_JSON | LAB_TAKES_CALC | LAB_TAKES_LAW, 1, 1, lab_verb_calc},
    {"sample", "LAW", "independent draws of a law into a file: stable --alpha A --beta B, gaussian",
     LAB_TAKES_LAW | LAB_TAKES_COUNT | LAB_TAKES_SEED | LAB_TAKES_OUTPUT, 1, 1, lab_verb_sample},
    {"compare", "A B", "distances between two samples, one row each: CSV, NPY or FILE.h5:/DATASET",
     LAB_TAKES_JSON | LAB_TAKES_COMPARE | LAB_TAKES_SEED | LAB_TAKES_THREADS, 2, 2, lab_verb_compare},
    {"tails", "FILE", "tail indices and stable fits of each column of a sample; -o: with Hill's plot",
     LAB_TAKES_JSON | LAB_TAKES_OUTPUT | LAB_TAKES_ORDER | LAB_TAKES_SEED | LAB_TAKES_THREADS, 1, 1, lab_verb_tails},
    {"survival", "FILE", "escape times: columns time, status (1 escaped, 0 censored) and, if any, group",
     LAB_TAKES_JSON, 1, 1, lab_verb_survival},
    {"info", "FILE.h5", "what a result file holds and how it was made", LAB_TAKES_JSON, 1, 1, lab_verb_info},
    {"plot", "RUN", "the pictures of a finished run again, in another format", LAB_TAKES_FORMAT, 1, 1, lab_verb_plot},
    {"verify", "", "the gallery of exact laws: error beside tolerance, on this machine",
     LAB_TAKES_JSON | LAB_TAKES_THREADS, 0, 0, lab_verb_verify},
    {"bench", "[NAME ...]", "measured speed beside the limit of the arithmetic",
     LAB_TAKES_JSON | LAB_TAKES_THREADS | LAB_ONE_THREAD, 0, LAB_ARGUMENTS_MAX, lab_verb_bench},
    {"help", "[VERB | study]", "this text, a verb's, or the keys of a study", 0, 0, 1, lab_verb_help},
    {NULL, NULL, NULL, 0, 0, 0, NULL},
};

const struct lab_verb *lab_verb_find(const char *name) {
    for (const struct lab_verb *verb = lab_verbs; verb->name != NULL; verb++) {
        if (strcmp(verb->name, name) == 0) return verb;
    }
    return NULL;
}
