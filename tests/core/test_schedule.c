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
    {CORE_SCHEDULE_CONSTANT, 0.0237, 0, 0},
    {CORE_SCHEDULE_STEP_DECAY, 0.0237, 0.71, 13},
    {CORE_SCHEDULE_STEP_DECAY, 0.0237, 1, 7},
    {CORE_SCHEDULE_INVERSE_SQRT, 0.0237, 0, 17},
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
    struct core_schedule half = {CORE_SCHEDULE_CONSTANT, 0.5, 0, 0};
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
        cmocka_unit_test(rates_are_their_formulas),
        cmocka_unit_test(times_are_the_sums_of_the_rates),
        cmocka_unit_test(the_step_of_a_time_is_the_nearest),
        cmocka_unit_test(times_out_of_reach_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
