/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CORE_SECONDS_H
#define CORE_SECONDS_H

/* Seconds on a clock that only moves forward, from an arbitrary start: for durations, never for seeds. */
double core_seconds(void);

#endif
