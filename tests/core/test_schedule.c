/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Step lengths and times. */
#include "core/ensemble.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/near.h"

static const struct core_schedule schedules[] = {
    {.law = CORE_SCHEDULE_CONSTANT, .rate = 0.0237},
    {.law = CORE_SCHEDULE_STEP_DECAY, .rate = 0.0237, .factor = 0.71, .every = 13},
    {.law = CORE_SCHEDULE_STEP_DECAY, .rate = 0.0237, .factor = 1, .every = 7},
    {.law = CORE_SCHEDULE_INVERSE_SQRT, .rate = 0.0237, .every = 17},
    {.law = CORE_SCHEDULE_COSINE, .rate = 0.0237, .every = 1733, .floor = 0.137},
    {.law = CORE_SCHEDULE_COSINE, .rate = 0.0237, .every = 1733},
    {.law = CORE_SCHEDULE_CONSTANT, .rate = 0.0237, .warm_up = 31},
    {.law = CORE_SCHEDULE_STEP_DECAY, .rate = 0.0237, .factor = 0.71, .every = 13, .warm_up = 47},
    {.law = CORE_SCHEDULE_INVERSE_SQRT, .rate = 0.0237, .every = 17, .warm_up = 5},
    {.law = CORE_SCHEDULE_COSINE, .rate = 0.0237, .every = 611, .floor = 0.0385, .warm_up = 93},
};
enum { SCHEDULES = sizeof schedules / sizeof *schedules };

static void rates_are_their_formulas(void **state) {
    /* value: each law against pow and sqrt */
    (void)state;
    for (size_t k = 0; k < 200; k++) {
        assert_true(core_schedule_rate(&schedules[0], k) == 0.0237);
        assert_near(core_schedule_rate(&schedules[1], k), 0.0237 * pow(0.71, (double)(k / 13)), 1e-16);
        assert_true(core_schedule_rate(&schedules[2], k) == 0.0237);
        assert_near(core_schedule_rate(&schedules[3], k), 0.0237 / sqrt(1 + (double)k / 17), 1e-17);
    }
}

static void warm_up_and_cosine_are_their_formulas(void **state) {
    /* value: the ladder to the full rate, then each law counted from there; the cosine against cos, its floor held */
    (void)state;
    for (size_t s = 4; s < SCHEDULES; s++) {
        struct core_schedule law = schedules[s];
        size_t n = law.warm_up;
        law.warm_up = 0;
        for (size_t k = 0; k < 2500; k++) {
            double rate = core_schedule_rate(&schedules[s], k);
            if (k < n)
                assert_near(rate, 0.0237 * (double)(k + 1) / (double)(n + 1), 1e-17);
            else
                assert_true(rate == core_schedule_rate(&law, k - n));
            if (law.law != CORE_SCHEDULE_COSINE || k < n) continue;
            double x = fmin((double)(k - n) / (double)law.every, 1);
            assert_near(rate, 0.0237 * (law.floor + (1 - law.floor) * (1 + cos(3.14159265358979324 * x)) / 2), 3e-17);
        }
    }
    assert_true(core_schedule_rate(&schedules[5], 1732) > 0 && core_schedule_rate(&schedules[5], 1733) == 0);
    assert_true(core_schedule_rate(&schedules[4], 4000) == 0.0237 * 0.137);
}

static void times_have_closed_forms(void **state) {
    /* value: a warm-up of N steps lasts eta N / 2; a whole cosine of M steps, eta (f M + (1 - f)(M + 1) / 2) */
    (void)state;
    for (size_t s = 4; s < SCHEDULES; s++) {
        const struct core_schedule *c = &schedules[s];
        double ladder = 0.0237 * (double)c->warm_up / 2, whole = (double)c->every, f = c->floor;
        assert_near(core_schedule_time(c, c->warm_up), ladder, 1e-15 * (1 + ladder));
        if (c->law != CORE_SCHEDULE_COSINE) continue;
        double time = ladder + 0.0237 * (f * whole + (1 - f) * (whole + 1) / 2);
        assert_near(core_schedule_time(c, c->warm_up + c->every), time, 1e-14 * time);
        assert_near(core_schedule_time(c, c->warm_up + c->every + 500), time + 500 * 0.0237 * f, 1e-14 * time);
    }
}

static void times_are_the_sums_of_the_rates(void **state) {
    /* law: t_k is the sum of the rates before k, within its last bit of the sum in long double */
    (void)state;
    for (size_t s = 0; s < SCHEDULES; s++) {
        long double sum = 0;
        for (size_t k = 0; k < 3000; k++) {
            double time = core_schedule_time(&schedules[s], k);
            assert_near(time, (double)sum, 3e-16 * time);
            sum += (long double)core_schedule_rate(&schedules[s], k);
        }
        if (s == 0) assert_true(core_schedule_time(&schedules[0], 4711) == 4711 * 0.0237);
    }
}

static void the_step_of_a_time_is_the_nearest(void **state) {
    /* law: exact times give their step; times a little before or after a midpoint give the step on that side */
    (void)state;
    for (size_t s = 0; s < SCHEDULES; s++) {
        for (size_t k = 0; k < 1500; k += 7) {
            double now = core_schedule_time(&schedules[s], k), next = core_schedule_time(&schedules[s], k + 1);
            if (next - now < 1e-12) break;
            assert_int_equal(core_schedule_step(&schedules[s], now), k);
            assert_int_equal(core_schedule_step(&schedules[s], now + 0.499 * (next - now)), k);
            assert_int_equal(core_schedule_step(&schedules[s], now + 0.501 * (next - now)), k + 1);
        }
    }
    struct core_schedule half = {.law = CORE_SCHEDULE_CONSTANT, .rate = 0.5};
    assert_int_equal(core_schedule_step(&half, 1.25), 2); /* equally near to 2 and 3 */
}

static void times_out_of_reach_are_known(void **state) {
    /* law: not positive: 0; beyond 2^32 steps, or beyond the limit of a decaying sum: SIZE_MAX, at once */
    (void)state;
    for (size_t s = 0; s < SCHEDULES; s++) {
        assert_int_equal(core_schedule_step(&schedules[s], 0), 0);
        assert_int_equal(core_schedule_step(&schedules[s], -3), 0);
        assert_int_equal(core_schedule_step(&schedules[s], (double)NAN), 0);
        assert_int_equal(core_schedule_step(&schedules[s], 1e12), SIZE_MAX);
        assert_int_equal(core_schedule_step(&schedules[s], (double)INFINITY), SIZE_MAX);
    }
    double limit = 0.0237 * 13 / (1 - 0.71);
    assert_int_equal(core_schedule_step(&schedules[1], 1.001 * limit), SIZE_MAX);
    assert_in_range(core_schedule_step(&schedules[1], 0.999 * limit), 13 * 18, 13 * 22);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_are_their_formulas),          cmocka_unit_test(warm_up_and_cosine_are_their_formulas),
        cmocka_unit_test(times_have_closed_forms),           cmocka_unit_test(times_are_the_sums_of_the_rates),
        cmocka_unit_test(the_step_of_a_time_is_the_nearest), cmocka_unit_test(times_out_of_reach_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
