/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_COMPARE_SUPPORT_H
#define TESTS_COMPARE_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "compare/compare.h"
#include "core/memory.h"
#include "core/random.h"
#include "support/reference.h"

/* |found - wanted| <= relative |wanted| + absolute. */
static inline __attribute__((unused)) void near(double found, double wanted, double relative, double absolute) {
    if (fabs(found - wanted) <= relative * fabs(wanted) + absolute) return;
    fail_msg("found %.17g, wanted %.17g", found, wanted);
}

/* A table of the reference set. */
static inline __attribute__((unused)) double *table(const char *name, size_t *rows, size_t *columns) {
    char path[256];
    snprintf(path, sizeof path, "tests/reference/compare_data/%s", name);
    return reference_csv(path, rows, columns);
}

/* n standard normals, a function of `path`. core_free(). */
static inline __attribute__((unused)) double *normals(size_t n, uint64_t path) {
    double *x = core_alloc(n + 1, sizeof *x);
    struct core_stream stream = {.seed = 2385, .path = path, .purpose = CORE_PURPOSE_TEST};
    core_random_normal(&stream, 1, n, x);
    return x;
}

/* Calls call(0) ... call(count - 1), each with its k-th allocation failing, for every k until none does: the status
 * says so, and nothing is lost. */
static inline __attribute__((unused)) void fail_every_allocation(int count, enum core_status (*call)(int which)) {
    size_t live = core_alloc_live();
    for (int which = 0; which < count; which++) {
        enum core_status status = CORE_NO_MEMORY;
        for (size_t k = 1; status != CORE_OK; k++) {
            core_alloc_fail_at(k);
            status = call(which);
            core_alloc_fail_at(0);
            assert_true(status == CORE_OK || status == CORE_NO_MEMORY);
            assert_int_equal(core_alloc_live(), live);
        }
    }
}

#endif
