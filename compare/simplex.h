/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMPARE_SIMPLEX_H
#define COMPARE_SIMPLEX_H

#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

/* The transportation problem: n sources of supply_i > 0 and m sinks of demand_j > 0, equal totals, all n m arcs with
 * cost c_ij. The network simplex. */
struct compare_simplex {
    size_t n, m, stride;
    double *cost;              /* (n, stride) finite, +infinity in the padding: the caller fills it */
    uint64_t *supply, *demand; /* (n), (m): the caller fills them */
    double *v;                 /* (stride) duals of the sinks; 0 in the padding */
    double *u;                 /* (n) duals of the sources */
    /* the tree: node k < n is a source, n <= k < n + m a sink, n + m the root. (n + m + 1) each */
    int32_t *parent, *first, *next, *before; /* before: the sibling this one follows, -1 for a first child */
    int32_t *depth;
    uint64_t *flow; /* on the arc between a node and its parent */
    size_t pivots;
};

enum core_status compare_simplex_create(size_t n, size_t m, struct compare_simplex **simplex);
void compare_simplex_free(struct compare_simplex *simplex);

/* Leaves the optimal flows on the tree's arcs and duals with c_ij - u_i - v_j >= 0 up to rounding. CORE_NUMERICAL where
 * it gave up after very many pivots, CORE_NO_MEMORY. */
enum core_status compare_simplex_solve(struct compare_simplex *simplex);

/* The arc between node k and its parent as source and sink; 0 where it is one to the root, which carries nothing. */
int compare_simplex_arc(const struct compare_simplex *simplex, size_t k, size_t *source, size_t *sink);

#endif
