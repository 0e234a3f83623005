/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMPARE_UNITS_H
#define COMPARE_UNITS_H

#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

/* Weights of two samples as whole numbers of one unit of mass, so that they add up exactly. */

/* CORE_BAD_INPUT unless w (n) are finite, not negative, and some are positive; NULL is allowed and means equal ones. */
enum core_status compare_check_weights(const char *name, size_t n, const double w[]);

/* x_units (n) and y_units (m): parts of one total, *total, proportional to wx and wy (NULL: equal weights). Exactly so
 * for equal weights and for whole numbers whose sums have a product below 2^62; within 2^-60 of the total otherwise. */
void compare_units(size_t n, const double wx[], size_t m, const double wy[], uint64_t x_units[], uint64_t y_units[],
                   uint64_t *total);

#endif
