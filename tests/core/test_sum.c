/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/sum.h"

#include "core/memory.h"
#include "core/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const double inf = (double)INFINITY, nan_value = (double)NAN;

static void sums_lose_nothing(void **state) {
    /* value: cancellations a plain loop gets wrong */
    (void)state;
    const double x[] = {1, 1e100, 1, -1e100}, y[] = {0.1, 9, 0.2, 9, 0.3, 9, -0.6, 9};
    assert_true(core_sum(x, 4, 1) == 2);
    assert_true(core_sum(x, 0, 1) == 0);
    assert_true(core_sum(x + 1, 1, 1) == 1e100);
    assert_true(fabs(core_sum(y, 4, 2) - 2.7755575615628914e-17) < 3e-17); /* the sum of the doubles nearest 0.1, ... */
    assert_true(core_sum((const double[]){1, inf, 2}, 3, 1) == inf);
    assert_true(isnan(core_sum((const double[]){inf, -inf}, 2, 1)));
    assert_true(isnan(core_sum((const double[]){1, nan_value, 2}, 3, 1)));
}

static void long_sums_are_exact_to_rounding(void **state) {
    /* value: a sum over sixteen decades, in extended precision and in pairs that cancel exactly */
    (void)state;
    enum { N = 100000 };
    const struct core_stream stream = {.seed = 3, .path = 1, .purpose = CORE_PURPOSE_TEST};
    double *x = core_alloc(N, sizeof *x);
    long double exact = 0, size = 0;
    core_random_stable(&stream, 0.8, 1, N, x);
    for (size_t i = 0; i < N; i++) exact += (long double)x[i], size += fabsl((long double)x[i]);
    double sum = core_sum(x, N, 1);
    assert_true(fabsl((long double)sum - exact) <= 0x1p-52L * fabsl(exact) + N * 0x1p-63L * size);
    for (size_t i = 0; i < N / 2; i++) x[N - 1 - i] = -x[i];
    x[0] += 0x1p-20;
    long double rest = (long double)x[0] + (long double)x[N - 1];
    assert_true(fabsl((long double)core_sum(x, N, 1) - rest) < 1e-18L * size);
    core_free(x);
}

static void moments_of_finite_entries(void **state) {
    /* value: closed forms, with entries that must not count */
    (void)state;
    enum { N = 1001 };
    double x[2 * N];
    for (int i = 0; i < N; i++) x[2 * i] = 1e9 + 0.25 * i, x[2 * i + 1] = nan_value;
    struct core_moments m = core_moments(x, N, 2);
    assert_int_equal(m.count, N);
    assert_true(m.mean == 1e9 + 0.25 * 500);
    assert_true(fabs(m.variance - 0.0625 * N * (N + 1) / 12.0) < 1e-9);
    m = core_moments(x, (size_t)2 * N, 1);
    assert_true(m.count == N && m.mean == 1e9 + 125);
    m = core_moments((const double[]){inf, 2.385, -inf, nan_value}, 4, 1);
    assert_true(m.count == 1 && m.mean == 2.385 && m.variance == 0);
    m = core_moments((const double[]){inf, nan_value}, 2, 1);
    assert_true(m.count == 0 && isnan(m.mean) && isnan(m.variance));
    m = core_moments(x, 0, 1);
    assert_true(m.count == 0 && isnan(m.mean) && isnan(m.variance));
    m = core_moments((const double[]){1, 2.5, 7}, 3, 1);
    assert_true(m.count == 3 && m.mean == 3.5 && m.variance == 9.75);
}

static void quantiles_interpolate(void **state) {
    /* value: definition 7 of Hyndman and Fan, by hand */
    (void)state;
    const double x[] = {-3.5, 1, 2.25, 10, 11};
    assert_true(core_quantile_sorted(x, 5, 0) == -3.5 && core_quantile_sorted(x, 5, 1) == 11);
    assert_true(core_quantile_sorted(x, 5, 0.5) == 2.25 && core_quantile_sorted(x, 5, 0.25) == 1);
    assert_true(core_quantile_sorted(x, 5, 0.625) == 6.125);
    assert_true(fabs(core_quantile_sorted(x, 5, 0.05) - -2.6) < 1e-15);
    assert_true(core_quantile_sorted(x, 1, 0.37) == -3.5 && core_quantile_sorted(x, 4, 0.5) == 1.625);
    /* an infinite neighbour of weight 0 does not spoil an order statistic */
    const double y[] = {1, 2, inf};
    assert_true(core_quantile_sorted(y, 3, 0.5) == 2 && core_quantile_sorted(y, 3, 0.75) == inf);
}

static void sorting(void **state) {
    /* law: ascending, and a permutation of what it was (same exact sums of two functions) */
    (void)state;
    enum { N = 5000 };
    const struct core_stream stream = {.seed = 5, .path = 2, .purpose = CORE_PURPOSE_TEST};
    double x[N], before = 0, after = 0;
    core_random_normal(&stream, 1, N, x);
    for (int i = 0; i < N; i += 7) x[i] = x[i / 2]; /* ties */
    x[17] = inf, x[18] = -inf;
    for (int i = 0; i < N; i++) before += isfinite(x[i]) ? rint(x[i] * 0x1p20) : 0;
    core_sort(x, N);
    for (int i = 0; i < N; i++) after += isfinite(x[i]) ? rint(x[i] * 0x1p20) : 0;
    for (int i = 1; i < N; i++) assert_true(x[i - 1] <= x[i]);
    assert_true(before == after && x[0] == -inf && x[N - 1] == inf);
    core_sort(x, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_lose_nothing),
        cmocka_unit_test(long_sums_are_exact_to_rounding),
        cmocka_unit_test(moments_of_finite_entries),
        cmocka_unit_test(quantiles_interpolate),
        cmocka_unit_test(sorting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
