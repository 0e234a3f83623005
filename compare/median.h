/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMPARE_MEDIAN_H
#define COMPARE_MEDIAN_H

#include "compare/compare.h"

/* The median distance of the rows of several samples pooled, the first `most` rows of each (finite, checked). */
enum core_status compare_median_pooled(size_t samples, const struct compare_sample sample[], size_t dimension,
                                       size_t most, double *median);

#endif
