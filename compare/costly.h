/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMPARE_COSTLY_H
#define COMPARE_COSTLY_H

#include "compare/sliced.h"

/* The metrics that look at all pairs of rows, for a table of pairs of samples: one pass over a pair's squared distances
 * serves them all. Arrays are (pairs), NULL where not wanted. bandwidth: of the Gaussian kernel. */
struct compare_costly {
    double bandwidth;
    double *w2;                         /* the exact distance W_2 */
    double *mmd;                        /* unbiased MMD^2 */
    double *energy;                     /* energy distance squared */
    double *mmd_biased, *energy_biased; /* the same two by the biased estimates, never negative; wanted with those */
};

enum core_status compare_costly_table(const struct compare_table *table, const struct compare_costly *wanted);

#endif
