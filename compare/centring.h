/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMPARE_CENTRING_H
#define COMPARE_CENTRING_H

#include "compare/pairwise.h"

/* A term per row and a term per column that are taken off squared distances before an optimal plan is sought: they
 * change no plan. */
struct compare_centring {
    double *row_term, *column_term; /* (rows), (columns), strides; column_term is -infinity in the padding */
    double *length;                 /* (dimension) work */
};

/* compare_centring_free takes a zeroed object too. */
enum core_status compare_centring_init(struct compare_centring *centring, size_t rows, size_t columns,
                                       size_t dimension);
void compare_centring_free(struct compare_centring *centring);

/* The terms of a pair of clouds; zero where not `centred`. */
void compare_centring_set(struct compare_centring *centring, const struct compare_cloud *x,
                          const struct compare_cloud *y, int centred);

#endif
