/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMPARE_NULL_H
#define COMPARE_NULL_H

#include "compare/compare.h"

/* The row of a model whose distances to the references are to[i], i < references, given the distances between the
 * references, null[] over pairs (0,1), (0,2), ..., (1,2), ... squared: the metric estimates a squared distance. */
struct compare_row compare_row_of(size_t references, const double null[], const double to[], int squared);

#endif
