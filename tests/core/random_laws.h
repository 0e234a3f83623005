/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_CORE_RANDOM_LAWS_H
#define TESTS_CORE_RANDOM_LAWS_H

/* Every law of core/random.h behind one signature, for tests that hold for all of them. 32-bit results are widened. */

#include "core/memory.h"
#include "core/random.h"
#include "core/simd.h"

typedef void (*draw_law)(const struct core_stream *stream, size_t width, size_t count, double out[]);

static inline void widened(const struct core_stream *s, uint32_t bound, size_t width, size_t count, double out[]) {
    uint32_t *words = core_alloc(count * width, sizeof *words);
    if (bound == 0)
        core_random_bits(s, width, count, words);
    else
        core_random_index(s, bound, width, count, words);
    for (size_t i = 0; i < count * width; i++) out[i] = words[i];
    core_free(words);
}

static inline void with_poisson(const struct core_stream *s, double mean, size_t width, size_t count, double out[]) {
    struct core_poisson law;
    if (core_poisson_init(&law, mean) == CORE_OK) core_random_poisson(s, &law, width, count, out);
    core_poisson_free(&law);
}

#define TEST_LAW(name, call)                                                                                           \
    static inline void name(const struct core_stream *s, size_t w, size_t n, double out[]) {                           \
        call;                                                                                                          \
    }
TEST_LAW(law_bits, widened(s, 0, w, n, out))
TEST_LAW(law_index, widened(s, 100, w, n, out))
TEST_LAW(law_index_long, widened(s, 4000000007u, w, n, out))
TEST_LAW(law_stable_heavy, core_random_stable(s, 0.6, w, n, out))
TEST_LAW(law_stable_cauchy, core_random_stable(s, 1, w, n, out))
TEST_LAW(law_stable, core_random_stable(s, 1.7, w, n, out))
TEST_LAW(law_stable_gauss, core_random_stable(s, 2, w, n, out))
TEST_LAW(law_positive, core_random_positive_stable(s, 0.85, w, n, out))
TEST_LAW(law_positive_low, core_random_positive_stable(s, 0.3, w, n, out))
TEST_LAW(law_positive_one, core_random_positive_stable(s, 1, w, n, out))
TEST_LAW(law_poisson_rare, with_poisson(s, 0.04, w, n, out))
TEST_LAW(law_poisson, with_poisson(s, 3.7, w, n, out))
TEST_LAW(law_poisson_many, with_poisson(s, 5123.4, w, n, out))

static const struct test_law {
    const char *name;
    draw_law draw;
} test_laws[] = {
    {"bits", law_bits},
    {"uniform", core_random_uniform},
    {"normal", core_random_normal},
    {"exponential", core_random_exponential},
    {"index 100", law_index},
    {"index 4000000007", law_index_long},
    {"stable 0.6", law_stable_heavy},
    {"stable 1", law_stable_cauchy},
    {"stable 1.7", law_stable},
    {"stable 2", law_stable_gauss},
    {"positive stable 0.85", law_positive},
    {"positive stable 0.3", law_positive_low},
    {"positive stable 1", law_positive_one},
    {"poisson 0.04", law_poisson_rare},
    {"poisson 3.7", law_poisson},
    {"poisson 5123.4", law_poisson_many},
};
enum { TEST_LAWS = sizeof test_laws / sizeof *test_laws };

#endif
