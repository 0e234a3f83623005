/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times in order without moving anything but times: events and censorings of each group are sorted by themselves, in
 * linear time (compare/sort.c), and the lists are read side by side. */
#include "compare/timeline.h"

#include "compare/sort.h"
#include "core/memory.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

enum core_status compare_check_times(size_t n, const double time[]) {
    if (n == 0) return core_fail(CORE_BAD_INPUT, "there are no times");
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(time[i]) || time[i] < 0) {
            return core_fail(CORE_BAD_INPUT, "time %zu is %g; times are finite and not negative", i + 1, time[i]);
        }
    }
    return CORE_OK;
}

static size_t list_of(size_t i, const int escaped[], const size_t group[]) {
    return 2 * (group == NULL ? 0 : group[i]) + (escaped[i] == 0);
}

/* Deals the subjects to the lists, and sorts these. work: (2 n). */
static void deal(struct compare_timeline *line, size_t n, const double time[], const int escaped[],
                 const size_t group[], const unsigned char pick[], uint64_t work[]) {
    for (size_t i = 0; i < n; i++) {
        if (pick != NULL && !pick[i]) continue;
        size_t list = list_of(i, escaped, group);
        line->times[line->end[list]++] = time[i] + 0.0; /* -0 becomes 0 */
        line->at_risk[list / 2]++;
    }
    for (size_t list = 0; list < line->lists; list++) {
        compare_sort(line->end[list] - line->next[list], line->times + line->next[list], work);
    }
}

enum core_status compare_timeline_init(struct compare_timeline *line, size_t n, const double time[],
                                       const int escaped[], size_t groups, const size_t group[],
                                       const unsigned char pick[]) {
    memset(line, 0, sizeof *line);
    enum core_status status = compare_check_times(n, time);
    if (status == CORE_OK && groups == 0) status = core_fail(CORE_BAD_INPUT, "there are no groups");
    for (size_t i = 0; status == CORE_OK && group != NULL && i < n; i++) {
        if (group[i] < groups) continue;
        status = core_fail(CORE_BAD_INPUT, "subject %zu is of group %zu of %zu", i + 1, group[i], groups);
    }
    if (status != CORE_OK) return status;
    line->groups = groups;
    line->lists = 2 * groups;
    line->times = core_alloc(n, sizeof *line->times);
    line->next = core_alloc(7 * groups, sizeof *line->next);
    uint64_t *work = core_alloc(2 * n, sizeof *work);
    if (line->times == NULL || line->next == NULL || work == NULL) {
        core_free(work);
        compare_timeline_free(line);
        return core_fail(CORE_NO_MEMORY, "no memory for %zu times", n);
    }
    line->end = line->next + line->lists;
    line->events = line->end + line->lists;
    line->censored = line->events + groups;
    line->at_risk = line->censored + groups;
    for (size_t i = 0; i < n; i++) line->end[list_of(i, escaped, group)] += pick == NULL || pick[i];
    for (size_t list = 1; list < line->lists; list++) line->next[list] = line->next[list - 1] + line->end[list - 1];
    memcpy(line->end, line->next, line->lists * sizeof *line->end);
    deal(line, n, time, escaped, group, pick, work);
    core_free(work);
    return CORE_OK;
}

void compare_timeline_free(struct compare_timeline *line) {
    core_free(line->times);
    core_free(line->next);
    memset(line, 0, sizeof *line);
}

/* How many entries at the front of a list equal `time`; reads past them. */
static size_t take(struct compare_timeline *line, size_t list, double time) {
    size_t from = line->next[list], at = from;
    while (at < line->end[list] && line->times[at] == time) at++;
    line->next[list] = at;
    return at - from;
}

int compare_timeline_next(struct compare_timeline *line) {
    double time = INFINITY;
    for (size_t g = 0; g < line->groups; g++) line->at_risk[g] -= line->events[g] + line->censored[g];
    for (size_t list = 0; list < line->lists; list++) {
        if (line->next[list] < line->end[list]) time = fmin(time, line->times[line->next[list]]);
    }
    if (!isfinite(time)) return 0;
    line->time = time;
    for (size_t g = 0; g < line->groups; g++) {
        line->events[g] = take(line, 2 * g, time);
        line->censored[g] = take(line, 2 * g + 1, time);
    }
    return 1;
}
