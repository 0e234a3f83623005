/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CORE_PARALLEL_H
#define CORE_PARALLEL_H

#include "core/status.h"

#include <stddef.h>

/* One piece of work: piece `index` of the loop, run by worker `thread` (0 <= thread < threads; for per-thread scratch).
 */
typedef enum core_status (*core_work)(void *context, size_t index, size_t thread);

/* Runs work(context, i, t) for 0 <= i < count on `threads` threads (the caller is one of them). Pieces are taken in
 * ascending order; which thread runs a piece is not fixed, so a piece writes to slots of its own only. Stops handing
 * out pieces at the first failure or interruption and returns that status with its chain of causes. */
enum core_status core_parallel(size_t count, size_t threads, core_work work, void *context);

/* The processors this process may use, at least 1. */
size_t core_processors(void);

/* Asks every running core_parallel to stop with CORE_INTERRUPTED (safe in a signal handler). core_interrupt(0) clears
 * it. */
void core_interrupt(int on);
int core_interrupted(void);

#endif
