/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kaplan and Meier's estimate of the survival function [kaplan1958]: S(t) = prod over event times t_i <= t of
 * (1 - d_i / n_i), d_i events at t_i, n_i subjects whose time is t_i or later. At equal times events come before
 * censorings: a subject censored at t_i is at risk there. Times are equal when their bits are. */
#include "compare/compare.h"
#include "core/memory.h"

#include <math.h>
#include <stdlib.h>

struct subject {
    double time;
    int escaped;
};

static int earlier(const void *a, const void *b) {
    double x = ((const struct subject *)a)->time, y = ((const struct subject *)b)->time;
    return (x > y) - (x < y);
}

static enum core_status check_times(size_t n, const double time[]) {
    if (n == 0) return core_fail(CORE_BAD_INPUT, "there are no times");
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(time[i]) || time[i] < 0) {
            return core_fail(CORE_BAD_INPUT, "time %zu is %g; times are finite and not negative", i + 1, time[i]);
        }
    }
    return CORE_OK;
}

enum core_status compare_kaplan_meier(size_t n, const double time[], const int escaped[], size_t *count,
                                      double time_out[], double survival[]) {
    enum core_status status = check_times(n, time);
    if (status != CORE_OK) return status;
    struct subject *subjects = core_alloc(n, sizeof *subjects);
    if (subjects == NULL) return core_fail(CORE_NO_MEMORY, "no memory for %zu times", n);
    for (size_t i = 0; i < n; i++) subjects[i] = (struct subject){time[i], escaped[i] != 0};
    qsort(subjects, n, sizeof *subjects, earlier);
    double s = 1;
    *count = 0;
    for (size_t i = 0, next; i < n; i = next) {
        size_t events = 0;
        for (next = i; next < n && subjects[next].time == subjects[i].time; next++)
            events += (size_t)subjects[next].escaped;
        if (events == 0) continue;
        s *= (double)(n - i - events) / (double)(n - i);
        time_out[*count] = subjects[i].time;
        survival[(*count)++] = s;
    }
    core_free(subjects);
    return CORE_OK;
}
