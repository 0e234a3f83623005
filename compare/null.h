/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMPARE_NULL_H
#define COMPARE_NULL_H

#include "compare/compare.h"

/* The distances behind a row: over pairs of references (0,1), (0,2), ..., (1,2), ..., and from the model to each. */
struct compare_null {
    const double *null; /* (references (references - 1) / 2) */
    const double *to;   /* (references) */
};

/* The row of a model with these distances; squared: the metric estimates a squared distance. positive: the same
 * distances by an estimate that is never negative, from whose logarithms p is found; NULL: `distance` itself is one.
 * Where some are zero p is found from the distances as they are. */
struct compare_row compare_row_of(size_t references, const struct compare_null *distance,
                                  const struct compare_null *positive, int squared);

#endif
