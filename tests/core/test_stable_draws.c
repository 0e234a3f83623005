/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/stable.h"

#include "core/lanes.h"
#include "core/memory.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { DRAWS = 1000000, LEVELS = 199 };

static struct core_stable law_of(double alpha, double beta, double scale, double location, enum core_stable_form form) {
    struct core_stable law;
    assert_int_equal(core_stable_init(&law, alpha, beta, scale, location, form), CORE_OK);
    return law;
}

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double *sorted_draws(const struct core_stable *law, size_t count, uint64_t seed) {
    const struct core_stream stream = {.seed = seed, .path = 31, .purpose = CORE_PURPOSE_TEST};
    double *x = core_alloc(count, sizeof *x);
    assert_non_null(x);
    core_stable_random(law, &stream, 1, count, x);
    qsort(x, count, sizeof *x, ascending);
    return x;
}

/* The distance of Kolmogorov and Smirnov at LEVELS order statistics, each in its standard deviations: an index 1 % off
 * shows at a tenth and a twentieth from the ends, where the plain distance is blind. */
static double distance(const struct core_stable *law, size_t count, const double x[]) {
    double worst = 0;
    for (size_t k = 1; k <= LEVELS; k++) {
        const size_t at = k * count / (LEVELS + 1);
        const double p = core_stable_cdf(law, x[at]), found = ((double)at + 0.5) / (double)count;
        const double deviations = fabs(found - p) * sqrt((double)count / (p * (1 - p)));
        if (!(deviations <= worst)) worst = deviations;
    }
    return worst;
}

/* 2 Q(6.3) = 3e-10 a level, 199 levels, 14 laws: 8e-7 at most */
static const double threshold = 6.3;

/* chance: seed 20 + law, 10^6 draws each, false alarm below 1e-6; an index 1 % off is rejected (at 7.2 or more) */
static void test_distribution(void **state) {
    (void)state;
    static const double laws[][2] = {{0.5, 1},   {0.75, -0.4}, {0.93, 1},    {0.9999999, 0.8}, {1, 0.5},
                                     {1, -1},    {1.0001, -1}, {1.07, 0.62}, {1.2, 1},         {1.5, -1},
                                     {1.8, 0.9}, {1.99, 0.3},  {1.5, 0},     {1, 1e-9}};
    for (size_t i = 0; i < sizeof laws / sizeof *laws; i++) {
        const enum core_stable_form form = i % 2 == 0 ? CORE_STABLE_S0 : CORE_STABLE_S1;
        const struct core_stable law = law_of(laws[i][0], laws[i][1], 2.5, -0.7, form);
        double *x = sorted_draws(&law, DRAWS, 20 + i);
        const double found = distance(&law, DRAWS, x);
        if (!(found < threshold)) fail_msg("alpha %g, beta %g: %g", laws[i][0], laws[i][1], found);
        if (fabs(laws[i][1]) >= 0.5) { /* the others stand at 6.2 to 6.5 */
            const struct core_stable off =
                law_of(fmin(laws[i][0] * 1.01, 2), laws[i][1], 2.5, law.location, CORE_STABLE_S0);
            if (distance(&off, DRAWS, x) < threshold) fail_msg("alpha %g: 1 %% off passes", laws[i][0]);
        }
        core_free(x);
    }
}

/* chance: 10^6 draws, the counts beyond the quantiles of 1e-4 within 5.5 sigma (false alarm 4e-8 a count) */
static void test_far_draws(void **state) {
    (void)state;
    static const double laws[][2] = {{0.6, 0.7}, {1, -0.9}, {1.05, 1}, {1.6, -0.3}};
    for (size_t i = 0; i < 4; i++) {
        const struct core_stable law = law_of(laws[i][0], laws[i][1], 1, 0, CORE_STABLE_S0);
        double *x = sorted_draws(&law, DRAWS, 90 + i), low, high;
        assert_int_equal(core_stable_quantile(&law, 1e-4, &low), CORE_OK);
        assert_int_equal(core_stable_quantile(&law, 1 - 1e-4, &high), CORE_OK);
        size_t below = 0, above = 0;
        while (x[below] <= low) below++;
        while (x[DRAWS - 1 - above] > high) above++;
        assert_true(fabs((double)below - 100) < 55 && fabs((double)above - 100) < 55);
        core_free(x);
    }
}

/* law: totally skewed below alpha = 1, S1: never 0 or less, whatever the scale */
static void test_support(void **state) {
    (void)state;
    const double indices[] = {0.15, 0.5, 0.85};
    for (size_t i = 0; i < 3; i++) {
        const struct core_stable up = law_of(indices[i], 1, 0.3, 0, CORE_STABLE_S1);
        const struct core_stable down = law_of(indices[i], -1, 0.3, 0, CORE_STABLE_S1);
        double *x = sorted_draws(&up, DRAWS / 4, 7), *y = sorted_draws(&down, DRAWS / 4, 8);
        assert_true(x[0] > 0 && y[DRAWS / 4 - 1] < 0);
        core_free(x);
        core_free(y);
    }
}

/* law: a draw depends on its address only, not on how many paths are drawn; the symmetric law is core_random_stable */
static void test_addresses(void **state) {
    (void)state;
    enum { COUNT = 37 };
    const double laws[][2] = {{0.7, 0.4}, {1, 0.4}, {1.7, -1}};
    double *all = core_alloc(COUNT * CORE_LANES, sizeof *all), one[COUNT];
    for (size_t i = 0; i < 3; i++) {
        struct core_stream stream = {.seed = 5, .path = 4711, .purpose = CORE_PURPOSE_TEST, .step = 12};
        const struct core_stable law = law_of(laws[i][0], laws[i][1], 1.3, 0.2, CORE_STABLE_S0);
        core_stable_random(&law, &stream, CORE_LANES, COUNT, all);
        stream.path += 3;
        core_stable_random(&law, &stream, 1, COUNT, one);
        for (size_t k = 0; k < COUNT; k++) assert_true(one[k] == all[k * CORE_LANES + 3]);
        const struct core_stable symmetric = law_of(laws[i][0], 0, 1, 0, CORE_STABLE_S1);
        core_stable_random(&symmetric, &stream, 1, COUNT, one);
        core_random_stable(&stream, laws[i][0], 1, COUNT, all);
        for (size_t k = 0; k < COUNT; k++) assert_true(one[k] == all[k]);
    }
    core_free(all);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_distribution),
        cmocka_unit_test(test_far_draws),
        cmocka_unit_test(test_support),
        cmocka_unit_test(test_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
