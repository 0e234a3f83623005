/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include "core/ensemble.h"

/* Inside the room: the time of a run, carried from step to step with the very sum core_schedule_time() makes. */
struct core_clock {
    const struct core_schedule *schedule; /* borrowed */
    size_t step;                          /* steps done */
    double sum, lost;                     /* of their rates, compensated; unused where the rate is constant */
};

void core_clock_start(struct core_clock *clock, const struct core_schedule *schedule);
/* The step clock->step is done; returns its length. */
double core_clock_advance(struct core_clock *clock);
double core_clock_time(const struct core_clock *clock);

#endif
