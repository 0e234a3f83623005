/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMPARE_TIMELINE_H
#define COMPARE_TIMELINE_H

#include "core/status.h"

#include <stddef.h>

/* Subjects of several groups in the order of time. */
struct compare_timeline {
    size_t groups, lists;                /* lists: 2 groups; 2 g the events of group g, 2 g + 1 its censored times */
    double *times;                       /* all of them, list after list, each sorted */
    size_t *next, *end;                  /* (lists) where each list is being read, where it ends */
    size_t *events, *censored, *at_risk; /* (groups) of the moment given last */
    double time;                         /* of that moment */
};

/* CORE_BAD_INPUT with a sentence unless the times are finite and not negative, escaped 0 or not, group[i] < groups.
 * group NULL: one group. pick: only subjects with pick[i] == 1, or NULL. compare_timeline_free takes a zeroed object.
 */
enum core_status compare_check_times(size_t n, const double time[]);
enum core_status compare_timeline_init(struct compare_timeline *line, size_t n, const double time[],
                                       const int escaped[], size_t groups, const size_t group[],
                                       const unsigned char pick[]);
void compare_timeline_free(struct compare_timeline *line);

/* The next distinct time: fills time, events, censored and at_risk (just before it). 0 at the end. */
int compare_timeline_next(struct compare_timeline *line);

#endif
