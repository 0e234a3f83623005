/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Step lengths and times.
 *
 *     constant       eta_k = eta,                            t_k = k eta (one product, no sum)
 *     step decay     eta_k = eta f^floor(k/every)
 *     inverse sqrt   eta_k = eta / sqrt(1 + k/every)         t_k = eta_0 + ... + eta_{k-1}
 *
 * The sum runs from k = 0 upwards with the low-order bits kept [neumaier1974], here and in the ensembles' clock alike.
 * Powers are made by repeated squaring, so that they are the same bits with every mathematical library.
 *
 * How far a schedule can reach: m steps take at most eta m; with step decay they take less than
 * eta every (1 - f^(m/every + 1))/(1 - f); with the inverse square root at most eta + 2 eta every (sqrt(1 + m/every) -
 * 1), the integral beside the sum. A time beyond that bound for m = 2^32 is not searched for. */
#include "core/clock.h"

#include <math.h>
#include <stdint.h>

static const uint64_t steps_most = UINT64_C(1) << 32; /* random streams address 2^32 steps */

static double power(double base, size_t exponent) {
    double result = 1;
    for (; exponent != 0; exponent >>= 1) {
        if (exponent & 1) result *= base;
        base *= base;
    }
    return result;
}

double core_schedule_rate(const struct core_schedule *schedule, size_t k) {
    switch (schedule->law) {
    case CORE_SCHEDULE_STEP_DECAY:
        return schedule->rate * power(schedule->factor, k / schedule->every);
    case CORE_SCHEDULE_INVERSE_SQRT:
        return schedule->rate / sqrt(1 + (double)k / (double)schedule->every);
    default:
        return schedule->rate;
    }
}

void core_clock_start(struct core_clock *clock, const struct core_schedule *schedule) {
    *clock = (struct core_clock){.schedule = schedule};
}

double core_clock_advance(struct core_clock *clock) {
    double rate = core_schedule_rate(clock->schedule, clock->step++);
    if (clock->schedule->law == CORE_SCHEDULE_CONSTANT) return rate;
    double next = clock->sum + rate;
    clock->lost += clock->sum >= rate ? (clock->sum - next) + rate : (rate - next) + clock->sum;
    clock->sum = next;
    return rate;
}

double core_clock_time(const struct core_clock *clock) {
    if (clock->schedule->law == CORE_SCHEDULE_CONSTANT) return (double)clock->step * clock->schedule->rate;
    return clock->sum + clock->lost;
}

double core_schedule_time(const struct core_schedule *schedule, size_t steps) {
    if (schedule->law == CORE_SCHEDULE_CONSTANT) return (double)steps * schedule->rate;
    struct core_clock clock;
    core_clock_start(&clock, schedule);
    while (clock.step < steps) core_clock_advance(&clock);
    return core_clock_time(&clock);
}

/* A bound on the time of the longest run. */
static double reach(const struct core_schedule *schedule) {
    double eta = schedule->rate, most = (double)steps_most, every = (double)schedule->every, f = schedule->factor;
    if (schedule->law == CORE_SCHEDULE_INVERSE_SQRT) return eta + 2 * eta * every * (sqrt(1 + most / every) - 1);
    if (schedule->law == CORE_SCHEDULE_STEP_DECAY && f < 1)
        return eta * every * (1 - power(f, (size_t)(most / every) + 1)) / (1 - f);
    return eta * most;
}

size_t core_schedule_step(const struct core_schedule *schedule, double time) {
    if (!(time > 0)) return 0;
    if (time > reach(schedule)) return SIZE_MAX;
    if (schedule->law == CORE_SCHEDULE_CONSTANT) return (size_t)ceil(time / schedule->rate - 0.5);
    struct core_clock clock;
    core_clock_start(&clock, schedule);
    double before = 0, now = 0;
    while (now < time && clock.step < steps_most) {
        before = now;
        core_clock_advance(&clock);
        now = core_clock_time(&clock);
        if (now == before) return SIZE_MAX; /* the steps have become too short to count */
    }
    if (now < time) return SIZE_MAX;
    return time - before <= now - time ? clock.step - 1 : clock.step;
}
