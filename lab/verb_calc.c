/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kramers calc: a calculator for the exact laws the laboratory rests on. One row of the table, one function. */
#include "lab/verbs.h"

#include "core/memory.h"
#include "dln/dln.h"
#include "ffpe/ffpe.h"
#include "lab/json.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct function {
    const char *name, *usage, *sentence;
    /* Writes its answers into the open object, or, where json is NULL, in words on standard output. */
    enum core_status (*evaluate)(const struct lab_options *options, struct lab_json *json);
};

/* ---- Reading ---- */

static enum core_status missing(const char *function, const char *option) {
    return core_fail(CORE_BAD_INPUT, "calc %s: %s is missing", function, option);
}

/* "5,4,3" into whole numbers, at least `least` and at most `most` of them. */
static enum core_status read_list(const char *option, const char *text, size_t least, size_t most, size_t *count,
                                  size_t values[]) {
    const char *at = text;
    *count = 0;
    for (;;) {
        char *end;
        errno = 0;
        unsigned long long value = strtoull(at, &end, 10);
        int wrong = errno != 0 || end == at || *at == '-' || *at == '+' || *at == ' ' || (*end != ',' && *end != '\0');
        if (wrong || *count == most) break;
        values[(*count)++] = (size_t)value;
        if (*end == '\0' && *count >= least) return CORE_OK;
        if (*end == '\0') break;
        at = end + 1;
    }
    return core_fail(CORE_BAD_INPUT, "%s: found '%.80s', expected %zu to %zu whole numbers with commas between them",
                     option, text, least, most);
}

/* ---- Functions ---- */

static enum core_status learning_coefficient(const struct lab_options *options, struct lab_json *json) {
    size_t widths[DLN_DEPTH_MAX + 1], count;
    uint64_t rank;
    struct dln_learning learning;
    if (options->widths == NULL) return missing("learning-coefficient", "--widths");
    if (options->rank == NULL) return missing("learning-coefficient", "--rank");
    enum core_status status = read_list("--widths", options->widths, 2, DLN_DEPTH_MAX + 1, &count, widths);
    if (status == CORE_OK) status = lab_read_whole("--rank", options->rank, 0, DLN_LEARNING_WIDTH_MAX, &rank);
    if (status == CORE_OK) status = dln_learning_coefficient(count - 1, widths, (size_t)rank, &learning);
    if (status != CORE_OK) return status;
    if (json == NULL) {
        printf("lambda %lld", (long long)learning.numerator);
        if (learning.denominator > 1) printf("/%lld = %.17g", (long long)learning.denominator, learning.value);
        printf(", multiplicity %zu\n", learning.multiplicity);
        return CORE_OK;
    }
    lab_json_number(json, "lambda", learning.value);
    lab_json_integer(json, "numerator", learning.numerator);
    lab_json_integer(json, "denominator", learning.denominator);
    lab_json_integer(json, "multiplicity", (int64_t)learning.multiplicity);
    return CORE_OK;
}

/* A finite number, `initial` where the option is not given and has one (not NaN). */
static enum core_status read_number(const char *function, const char *option, const char *text, double initial,
                                    double *value) {
    char *end;
    *value = initial;
    if (text == NULL) return isnan(initial) ? missing(function, option) : CORE_OK;
    *value = strtod(text, &end);
    if (end != text && *end == '\0' && isfinite(*value)) return CORE_OK;
    return core_fail(CORE_BAD_INPUT, "%s: found '%.80s', expected a finite number", option, text);
}

static enum core_status mittag_leffler(const struct lab_options *options, struct lab_json *json) {
    static const char name[] = "mittag-leffler";
    double alpha, beta, re, im, none = strtod("nan", NULL);
    enum core_status status = read_number(name, "--alpha", options->alpha, none, &alpha);
    if (status == CORE_OK) status = read_number(name, "--beta", options->beta, 1, &beta);
    if (status == CORE_OK) status = read_number(name, "--re", options->re, none, &re);
    if (status == CORE_OK) status = read_number(name, "--im", options->im, 0, &im);
    if (status == CORE_OK && !(alpha > 0))
        status = core_fail(CORE_BAD_INPUT, "--alpha: found %g, expected a number > 0", alpha);
    if (status != CORE_OK) return status;
    double complex value = ffpe_mittag_leffler(alpha, beta, ffpe_complex(re, im));
    if (!isfinite(creal(value)) || !isfinite(cimag(value)))
        return core_fail(CORE_NUMERICAL, "calc %s: the value is beyond all numbers", name);
    if (json == NULL) {
        printf(im == 0 ? "%.17g\n" : "%.17g %+.17gi\n", creal(value), cimag(value));
        return CORE_OK;
    }
    lab_json_number(json, "re", creal(value));
    lab_json_number(json, "im", cimag(value));
    return CORE_OK;
}

#define STABLE "--alpha 1.5 --beta 0.3 --x 2"

static const struct function functions[] = {
    {"learning-coefficient", "--widths 5,5,5 --rank 2",
     "lambda and multiplicity of a deep linear network whose best map has this rank", learning_coefficient},
    {"mittag-leffler", "--alpha 0.6 --beta 1 --re -2 --im 0", "E_{alpha,beta}(z), real and complex z", mittag_leffler},
    {"stable-pdf", STABLE, "density of a stable law", lab_calc_stable},
    {"stable-cdf", STABLE, "P(X <= x) of a stable law", lab_calc_stable},
    {"stable-sf", STABLE, "P(X > x) of a stable law", lab_calc_stable},
    {"stable-quantile", STABLE, "the value that a stable law exceeds with probability 1 - x", lab_calc_stable},
};
enum { FUNCTIONS = sizeof functions / sizeof *functions };

/* ---- The verb ---- */

static const struct function *find(const char *name) {
    for (size_t i = 0; i < FUNCTIONS; i++) {
        if (strcmp(functions[i].name, name) == 0) return &functions[i];
    }
    return NULL;
}

static enum core_status refuse(const char *name) {
    char known[512] = "";
    for (size_t i = 0; i < FUNCTIONS; i++) {
        size_t length = strlen(known);
        snprintf(known + length, sizeof known - length, "%s%s %s", i > 0 ? "; " : "", functions[i].name,
                 functions[i].usage);
    }
    return core_fail(CORE_BAD_INPUT, "calc: found '%.80s', expected one of: %s", name, known);
}

enum core_status lab_verb_calc(const struct lab_options *options) {
    const struct function *function = find(options->arguments[0]);
    if (function == NULL) return refuse(options->arguments[0]);
    struct lab_json *json = NULL;
    char *text = NULL;
    enum core_status status = options->json ? lab_json_create(&json) : CORE_OK;
    if (json != NULL) lab_json_object_begin(json, NULL);
    if (status == CORE_OK) status = function->evaluate(options, json);
    if (json == NULL) return status;
    if (status != CORE_OK) {
        lab_json_free(json);
        return status;
    }
    lab_json_end(json);
    status = lab_json_finish(json, &text);
    if (status == CORE_OK) printf("%s\n", text);
    core_free(text);
    return status;
}
