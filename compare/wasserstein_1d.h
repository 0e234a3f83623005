/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMPARE_WASSERSTEIN_1D_H
#define COMPARE_WASSERSTEIN_1D_H

#include <stddef.h>

/* W_p^p of two sorted samples, p = 1 or 2, any sizes. Squares must not overflow. */
double compare_wasserstein_1d_sorted(size_t n, const double x[], size_t m, const double y[], int p);

#endif
