/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CORE_SUM_H
#define CORE_SUM_H

#include <stddef.h>

/* Sums in a fixed order with compensation [neumaier1974]: the same bits for any number of threads.
 * x[i * stride], 0 <= i < count. */
double core_sum(const double x[], size_t count, size_t stride);

/* Sample moments of the finite entries only. */
struct core_moments {
    size_t count;    /* finite entries */
    double mean;     /* NaN when count is 0 */
    double variance; /* divided by count - 1; 0 when count is 1, NaN when 0 */
};
struct core_moments core_moments(const double x[], size_t count, size_t stride);

/* The p-quantile (0 <= p <= 1) of sorted finite values by linear interpolation between order statistics (Hyndman and
 * Fan's definition 7, the default of R and numpy). count >= 1. */
double core_quantile_sorted(const double sorted[], size_t count, double p);

/* Ascending sort of doubles without NaN. */
void core_sort(double x[], size_t count);

#endif
