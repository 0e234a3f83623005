/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMPARE_CHECK_H
#define COMPARE_CHECK_H

#include "core/status.h"

#include <stddef.h>

/* CORE_BAD_INPUT with a sentence unless x (n, dimension) has at least `least` rows, one column or more, and finite
 * entries. `name` is the sample's name in the sentence. */
enum core_status compare_check_sample(const char *name, size_t least, size_t n, size_t dimension, const double x[]);

/* An exponent e with max |x_i| * 2^-e near 1, so that squares neither overflow nor vanish; at least `exponent` (start
 * with COMPARE_NO_EXPONENT to scale several samples alike). Between -1000 and 1000; COMPARE_NO_EXPONENT for zeros. */
enum { COMPARE_NO_EXPONENT = -1001 };
int compare_exponent(int exponent, size_t count, const double x[]);

/* 2^-e and 2^e; 1 for COMPARE_NO_EXPONENT. */
double compare_shrink(int exponent);
double compare_grow(int exponent);

#endif
