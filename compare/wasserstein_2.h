/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMPARE_WASSERSTEIN_2_H
#define COMPARE_WASSERSTEIN_2_H

#include "compare/assignment.h"
#include "compare/centring.h"
#include "compare/pairwise.h"

/* What the assignment between two clouds of one size needs, for any number of pairs of that size. */
struct compare_transport {
    struct compare_assignment *solver;
    struct compare_centring centring;
};

enum core_status compare_transport_init(struct compare_transport *transport, size_t n, size_t dimension);
void compare_transport_free(struct compare_transport *transport);

/* Runs `pass` (x, y and what sums it wants are set by the caller) with centred costs, and solves. *square: the mean
 * squared distance of the matching, in the clouds' unit; *gap its certificate. CORE_NUMERICAL where the certificate
 * is not met. */
enum core_status compare_transport_solve(struct compare_transport *transport, struct compare_pass *pass, double *square,
                                         double *gap);

#endif
