/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMPARE_SORT_H
#define COMPARE_SORT_H

#include <stddef.h>
#include <stdint.h>

/* Sorts finite doubles, ascending, -0 before 0. work: (2 n). Linear time. */
void compare_sort(size_t n, double x[], uint64_t work[]);

#endif
