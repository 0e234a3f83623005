/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Step lengths and times.
 *
 *     constant       eta_k = eta,                            t_k = k eta (one product, no sum)
 *     step decay     eta_k = eta f^floor(k/every)
 *     inverse sqrt   eta_k = eta / sqrt(1 + k/every)         t_k = eta_0 + ... + eta_{k-1}
 *     cosine         eta_k = eta (f + (1 - f) c(k/every)),   c(x) = (1 + cos(pi x)) / 2 for x < 1, 0 from there on,
 *                    f the floor [loshchilov2017, eq. 5]
 *
 * A warm-up of N steps comes before any of them: eta (j + 1)/(N + 1) for j = 0 ... N - 1, so that step N, the first of
 * the law, is the next of the same ladder; the law counts its k from there.
 *
 * The sum runs from k = 0 upwards with the low-order bits kept [neumaier1974], here and in the ensembles' clock alike.
 * Powers are made by repeated squaring and c by Taylor's series, c(x) = 1 - sin^2(pi x/2) = sin^2(pi (1 - x)/2), so
 * that they are the same bits with every mathematical library.
 *
 * How far a schedule can reach: m steps take at most eta m; with step decay they take less than
 * eta every (1 - f^(m/every + 1))/(1 - f); with the inverse square root at most eta + 2 eta every (sqrt(1 + m/every) -
 * 1), the integral beside the sum; with the cosine at most eta (every + f m); a warm-up adds at most eta N. A time
 * beyond that bound for m = 2^32 is not searched for. */
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

/* sin(pi x / 2)^2 for 0 <= x <= 1/2, relative error below 1e-15. */
static double squared_sine(double x) {
    double y = 0x1.921fb54442d18p+0 * x, square = y * y, term = y, sum = y;
    for (int i = 2; i <= 20; i += 2) {
        term *= -square / (double)(i * (i + 1));
        sum += term;
    }
    return sum * sum;
}

/* (1 + cos(pi x)) / 2, 0 <= x <= 1. */
static double raised_cosine(double x) {
    return x <= 0.5 ? 1 - squared_sine(x) : squared_sine(1 - x);
}

static int is_constant(const struct core_schedule *schedule) {
    return schedule->law == CORE_SCHEDULE_CONSTANT && schedule->warm_up == 0;
}

double core_schedule_rate(const struct core_schedule *schedule, size_t k) {
    if (k < schedule->warm_up) return schedule->rate * ((double)(k + 1) / (double)(schedule->warm_up + 1));
    k -= schedule->warm_up;
    switch (schedule->law) {
    case CORE_SCHEDULE_COSINE:
        if (k >= schedule->every) return schedule->rate * schedule->floor;
        return schedule->rate *
               (schedule->floor + (1 - schedule->floor) * raised_cosine((double)k / (double)schedule->every));
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
    if (is_constant(clock->schedule)) return rate;
    double next = clock->sum + rate;
    clock->lost += clock->sum >= rate ? (clock->sum - next) + rate : (rate - next) + clock->sum;
    clock->sum = next;
    return rate;
}

double core_clock_time(const struct core_clock *clock) {
    if (is_constant(clock->schedule)) return (double)clock->step * clock->schedule->rate;
    return clock->sum + clock->lost;
}

double core_schedule_time(const struct core_schedule *schedule, size_t steps) {
    if (is_constant(schedule)) return (double)steps * schedule->rate;
    struct core_clock clock;
    core_clock_start(&clock, schedule);
    while (clock.step < steps) core_clock_advance(&clock);
    return core_clock_time(&clock);
}

/* A bound on the time of the longest run. */
static double reach(const struct core_schedule *schedule) {
    double eta = schedule->rate, most = (double)steps_most, every = (double)schedule->every, f = schedule->factor;
    double ladder = eta * (double)schedule->warm_up;
    if (schedule->law == CORE_SCHEDULE_INVERSE_SQRT)
        return ladder + eta + 2 * eta * every * (sqrt(1 + most / every) - 1);
    if (schedule->law == CORE_SCHEDULE_STEP_DECAY && f < 1)
        return ladder + eta * every * (1 - power(f, (size_t)(most / every) + 1)) / (1 - f);
    if (schedule->law == CORE_SCHEDULE_COSINE) return ladder + eta * (every + schedule->floor * most);
    return ladder + eta * most;
}

size_t core_schedule_step(const struct core_schedule *schedule, double time) {
    if (!(time > 0)) return 0;
    if (time > reach(schedule)) return SIZE_MAX;
    if (is_constant(schedule)) return (size_t)ceil(time / schedule->rate - 0.5);
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
