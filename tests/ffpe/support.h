/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_FFPE_SUPPORT_H
#define TESTS_FFPE_SUPPORT_H

/* What the tests of densities share: landscapes by name, problems on them, and the references' numbers, which are texts
 * with more digits than a double has. */

#include "core/core.h"
#include "ffpe/ffpe.h"
#include "support/reference.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SUPPORT_INLINE static inline __attribute__((unused))

#define REFERENCE "tests/reference/ffpe.json"

/* A number, plain or in quotes. */
SUPPORT_INLINE double known(const char *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
SUPPORT_INLINE double known(const char *text, const char *format, ...) {
    char path[200];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(path, sizeof path, format, arguments);
    va_end(arguments);
    const char *at = reference_find(text, path);
    if (at == NULL) reference_missing("no number at", path);
    return strtod(*at == '"' ? at + 1 : at, NULL);
}

/* |found - expected| <= tolerance, said with both where not. */
SUPPORT_INLINE void near_to(const char *what, double found, double expected, double tolerance) {
    if (fabs(found - expected) <= tolerance) return;
    fail_msg("%s: found %.17g, expected %.17g within %.2g (off by %.2g)", what, found, expected, tolerance,
             found - expected);
}

SUPPORT_INLINE struct core_landscape *landscape(const char *name, size_t n, const double matrix[]) {
    struct core_landscape *land;
    const struct core_potential potential = {.name = name, .rows = n, .columns = n, .matrix = matrix};
    if (core_landscape_create(&potential, &land) != CORE_OK) fail_msg("%s", core_error());
    return land;
}

/* The same box and cells on every axis. */
SUPPORT_INLINE struct ffpe_problem problem_on(const struct core_landscape *land, double diffusion, double lower,
                                              double upper, size_t cells) {
    struct ffpe_problem problem = ffpe_problem_default();
    problem.land = land;
    problem.diffusion.value = diffusion;
    for (size_t k = 0; k < land->dimension; k++) {
        problem.lower[k] = lower;
        problem.upper[k] = upper;
        problem.cells[k] = cells;
    }
    return problem;
}

SUPPORT_INLINE struct ffpe_result *solved(const struct ffpe_problem *problem) {
    struct ffpe_result *result;
    if (ffpe_solve(problem, &result) != CORE_OK) fail_msg("%s", core_error());
    return result;
}

SUPPORT_INLINE double test_scale(void) {
    const char *text = getenv("TEST_SCALE");
    return text == NULL ? 1 : atof(text);
}

#endif
