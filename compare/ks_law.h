/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMPARE_KS_LAW_H
#define COMPARE_KS_LAW_H

#include "core/status.h"

#include <stddef.h>

/* P(n m D >= reached) for two samples of one law whose pooled sample has the ties of after[0 .. n + m]: after[k] = 1
 * where k values are all values up to some number. */
enum core_status compare_ks_two_law(size_t n, size_t m, const unsigned char after[], size_t reached, double *p);

/* P(D_n >= d) for n draws from a continuous law. */
enum core_status compare_ks_one_law(size_t n, double d, double *p);

#endif
