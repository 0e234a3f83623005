/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "support.h"

static void against_reference(void **state) {
    /* value: 120 subjects with ties and censoring against R's survfit, at every event time */
    (void)state;
    size_t n, columns, rows, count, at = 0;
    double *data = table("km_data.csv", &n, &columns), time[120], t[120], s[120];
    int escaped[120];
    assert_true(n <= 120);
    for (size_t i = 0; i < n; i++) time[i] = data[i * columns], escaped[i] = data[i * columns + 1] != 0;
    assert_int_equal(compare_kaplan_meier(n, time, escaped, &count, t, s), CORE_OK);
    free(data);
    data = table("km_expected.csv", &rows, &columns);
    for (size_t i = 0; i < rows; i++) {
        const double *row = data + i * columns;
        if (row[2] == 0) continue; /* no event at this time */
        assert_true(at < count);
        near(t[at], row[0], 1e-15, 0);
        near(s[at], row[4], 1e-13, 1e-15);
        at++;
    }
    assert_int_equal(at, count);
    free(data);
}

static void edges_by_hand(void **state) {
    /* value: all censored; one subject; an event and a censoring at one time; unsorted; an event at time 0 */
    (void)state;
    static const struct {
        size_t n, count;
        double time[4];
        int escaped[4];
        double t[4], s[4];
    } cases[] = {
        {3, 0, {1, 2, 3}, {0, 0, 0}, {0}, {0}},        {1, 1, {2}, {1}, {2}, {0}},
        {3, 1, {5, 5, 5}, {1, 0, 1}, {5}, {1. / 3}},   {4, 3, {1, 1, 2, 4}, {1, 1, 1, 1}, {1, 2, 4}, {.5, .25, 0}},
        {3, 2, {3, 1, 2}, {1, 0, 1}, {2, 3}, {.5, 0}}, {2, 2, {0, 1}, {1, 7}, {0, 1}, {.5, 0}}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        size_t count;
        double t[4], s[4];
        assert_int_equal(compare_kaplan_meier(cases[c].n, cases[c].time, cases[c].escaped, &count, t, s), CORE_OK);
        assert_int_equal(count, cases[c].count);
        for (size_t i = 0; i < count; i++) {
            near(t[i], cases[c].t[i], 0, 0);
            near(s[i], cases[c].s[i], 0, 1e-15);
        }
    }
}

static void bad_input(void **state) {
    /* law: no times, NaN, infinite and negative times are refused; a failing allocator is survived */
    (void)state;
    double time[] = {1, NAN}, infinite[] = {1, INFINITY}, negative[] = {1, -2}, good[] = {1, 2}, t[2], s[2];
    int escaped[] = {1, 1};
    size_t count;
    assert_int_equal(compare_kaplan_meier(0, time, escaped, &count, t, s), CORE_BAD_INPUT);
    assert_int_equal(compare_kaplan_meier(2, time, escaped, &count, t, s), CORE_BAD_INPUT);
    assert_int_equal(compare_kaplan_meier(2, infinite, escaped, &count, t, s), CORE_BAD_INPUT);
    assert_int_equal(compare_kaplan_meier(2, negative, escaped, &count, t, s), CORE_BAD_INPUT);
    core_alloc_fail_at(1);
    assert_int_equal(compare_kaplan_meier(2, good, escaped, &count, t, s), CORE_NO_MEMORY);
    core_alloc_fail_at(0);
}

static void holm_by_hand(void **state) {
    /* value: Holm's adjustment of 0.01, 0.04, 0.03, 0.005 is 0.03, 0.06, 0.06, 0.02; NaN is left alone */
    (void)state;
    double p[] = {0.01, NAN, 0.04, 0.03, 0.005}, wanted[] = {0.03, NAN, 0.06, 0.06, 0.02}, zero[] = {0, 0.7, 0.6};
    compare_holm(5, p);
    for (size_t i = 0; i < 5; i++) {
        if (isnan(wanted[i])) {
            assert_true(isnan(p[i]));
        } else {
            near(p[i], wanted[i], 1e-14, 0);
        }
    }
    compare_holm(3, zero);
    near(zero[0], 0, 0, 0);
    near(zero[1], 1, 0, 0);
    near(zero[2], 1, 0, 0);
    compare_holm(0, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(against_reference),
        cmocka_unit_test(edges_by_hand),
        cmocka_unit_test(bad_input),
        cmocka_unit_test(holm_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
