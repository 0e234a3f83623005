/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMPARE_TAILS_H
#define COMPARE_TAILS_H

#include "compare/compare.h"

/* Inside the room: what the estimators of tails share. */

/* The rows of the table. */
enum core_status compare_tail_hill(size_t n, const double x[], size_t k, struct compare_tail *tail);
enum core_status compare_tail_pickands(size_t n, const double x[], size_t k, struct compare_tail *tail);
enum core_status compare_tail_moment(size_t n, const double x[], size_t k, struct compare_tail *tail);
enum core_status compare_tail_block(size_t n, const double x[], size_t k, struct compare_tail *tail);
enum core_status compare_tail_mcculloch(size_t n, const double x[], size_t k, struct compare_tail *tail);
enum core_status compare_tail_mcculloch_symmetric(size_t n, const double x[], size_t k, struct compare_tail *tail);
enum core_status compare_tail_ecf(size_t n, const double x[], size_t k, struct compare_tail *tail);
enum core_status compare_tail_log_moment(size_t n, const double x[], size_t k, struct compare_tail *tail);

/* All NaN, counts 0. */
struct compare_tail compare_tail_unknown(void);

/* x is finite, has `least` entries or more, and they are not all equal. */
enum core_status compare_tail_check(size_t least, size_t n, const double x[]);

/* *sorted (core_free): x ascending. */
enum core_status compare_tail_sorted(size_t n, const double x[], double **sorted);

/* *logs (core_free): ln |x| descending of the *count entries that are not zero. At least two of them differ. */
enum core_status compare_tail_logs(size_t n, const double x[], size_t *count, double **logs);

/* Hazen's quantile, definition 5 of [hyndman1996]: the one McCulloch's tables suppose. */
double compare_hazen(size_t n, const double sorted[], double p);

#endif
