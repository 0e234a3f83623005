/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The assignment problem by shortest augmenting paths [jonker1987], in double precision from beginning to end.
 *
 * Duals u_i, v_j with c_ij - u_i - v_j >= 0 prove that an assignment is optimal when every pair it uses has equality.
 * Only v is kept: u_i = min_j (c_ij - v_j). The steps, each of which keeps the inequality, and equality on what is
 * assigned already:
 *
 * 1. Column reduction: v_j = min_i c_ij; a row that is the minimum of some column takes one of them.
 * 2. Reduction transfer: a row with exactly one column j lowers v_j until its second-best column is as good, so that
 *    other rows find j less attractive.
 * 3. Augmenting row reduction, the auction with increment zero: a row without a column takes its best column j1 and
 * lowers v_j1 by the margin over its second best; the row it drives out goes next. Without a limit this can bid for a
 * very long time (that is what makes the classical code slow for points in the plane), so the number of bids is at most
 *    BIDS_PER_ROW * n.
 * 4. For every row still waiting: Dijkstra's search over columns with lengths c_ij - u_i - v_j until the nearest column
 *    without a row is reached, duals of the columns passed raised to distance, and the assignment flipped along the
 * path. A column without a row wins ties, so that problems with massive ties (identical points) end in one step each.
 *
 * Each step is one pass over a row of n costs (compare/assignment_lanes.c). Measured on Gaussian clouds, n = 1000:
 * about 10 n passes in step 3 and 4 to 20 n in step 4. */
#include "compare/assignment.h"

#include "core/memory.h"

#include <math.h>
#include <string.h>

CORE_ISA_PICK(struct compare_assignment_kernels, compare_assignment_kernels)

enum { BIDS_PER_ROW = 8, BID_ROUNDS = 4 };

size_t compare_stride(size_t n) {
    return (n + COMPARE_STRIDE - 1) / COMPARE_STRIDE * COMPARE_STRIDE;
}

enum core_status compare_assignment_create(size_t n, struct compare_assignment **solver) {
    *solver = NULL;
    struct compare_assignment *s = core_alloc(1, sizeof *s);
    if (s == NULL) return core_fail(CORE_NO_MEMORY, "no memory for an assignment of %zu points", n);
    size_t stride = compare_stride(n);
    s->n = n;
    s->stride = stride;
    s->cost = core_alloc(n, stride * sizeof *s->cost);
    double **columns[] = {&s->v, &s->open, &s->distance, &s->from, &s->taken, &s->reached};
    size_t **lists[] = {&s->tree, &s->waiting, &s->later};
    int complete = s->cost != NULL;
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        *columns[i] = core_alloc(stride, sizeof(double));
        complete = complete && *columns[i] != NULL;
    }
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        *lists[i] = core_alloc(n, sizeof(size_t));
        complete = complete && *lists[i] != NULL;
    }
    s->row_of = core_alloc(stride, sizeof *s->row_of);
    s->column_of = core_alloc(n, sizeof *s->column_of);
    if (!complete || s->row_of == NULL || s->column_of == NULL) {
        compare_assignment_free(s);
        return core_fail(CORE_NO_MEMORY, "no memory for an assignment of %zu points (%.3g GB)", n,
                         8e-9 * (double)n * (double)stride);
    }
    *solver = s;
    return CORE_OK;
}

void compare_assignment_free(struct compare_assignment *solver) {
    if (solver == NULL) return;
    double *const doubles[] = {solver->cost, solver->v,     solver->open,   solver->distance,
                               solver->from, solver->taken, solver->reached};
    size_t *const lists[] = {solver->tree, solver->waiting, solver->later};
    for (size_t i = 0; i < sizeof doubles / sizeof *doubles; i++) core_free(doubles[i]);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) core_free(lists[i]);
    core_free(solver->row_of);
    core_free(solver->column_of);
    core_free(solver);
}

static const double *row(const struct compare_assignment *s, size_t i) {
    return s->cost + i * s->stride;
}

/* Steps 1 and 2. Returns how many rows wait. */
static size_t reduce_columns(struct compare_assignment *s, const struct compare_assignment_kernels *kernels) {
    size_t *wins = s->later, waiting = 0;
    kernels->column_least(s->n, s->stride, s->cost, s->v, s->from);
    for (size_t j = s->n; j < s->stride; j++) s->v[j] = 0;
    for (size_t j = 0; j < s->stride; j++) s->row_of[j] = COMPARE_NONE;
    for (size_t i = 0; i < s->n; i++) s->column_of[i] = COMPARE_NONE, wins[i] = 0;
    for (size_t j = s->n; j-- > 0;) {
        size_t i = (size_t)s->from[j];
        if (wins[i]++ > 0) continue;
        s->column_of[i] = (ptrdiff_t)j;
        s->row_of[j] = (ptrdiff_t)i;
    }
    for (size_t i = 0; i < s->n; i++) {
        if (wins[i] == 0) s->waiting[waiting++] = i;
        if (wins[i] != 1 || s->n == 1) continue;
        double *v = &s->v[s->column_of[i]], own = *v;
        *v = -INFINITY; /* hides the row's own column */
        *v = own - kernels->two_best(s->stride, row(s, i), s->v).first;
    }
    return waiting;
}

/* A column without a row at which row i attains its minimum `least`, or COMPARE_NONE. */
static ptrdiff_t vacant_tie(const struct compare_assignment *s, size_t i, double least) {
    for (size_t j = 0; j < s->n; j++) {
        if (s->row_of[j] == COMPARE_NONE && row(s, i)[j] - s->v[j] <= least) return (ptrdiff_t)j;
    }
    return COMPARE_NONE;
}

/* One bid of row i. Returns the row to go next at once, or COMPARE_NONE; rows put off are appended to later[]. */
static ptrdiff_t bid(struct compare_assignment *s, const struct compare_assignment_kernels *kernels, size_t i,
                     size_t *put_off) {
    struct compare_two_best best = kernels->two_best(s->stride, row(s, i), s->v);
    ptrdiff_t j = (ptrdiff_t)best.at, driven_out = s->row_of[j];
    double lowered = s->v[j] - (best.second - best.first);
    int strictly = lowered < s->v[j];
    if (strictly) {
        s->v[j] = lowered;
    } else if (driven_out != COMPARE_NONE) {
        j = vacant_tie(s, i, best.first);
        driven_out = COMPARE_NONE;
        if (j == COMPARE_NONE) {
            s->later[(*put_off)++] = i;
            return COMPARE_NONE;
        }
    }
    s->column_of[i] = j;
    s->row_of[j] = (ptrdiff_t)i;
    if (driven_out != COMPARE_NONE) s->column_of[driven_out] = COMPARE_NONE;
    return driven_out;
}

/* Step 3. Returns how many rows wait. */
static size_t bid_for_columns(struct compare_assignment *s, const struct compare_assignment_kernels *kernels,
                              size_t waiting) {
    size_t left = BIDS_PER_ROW * s->n;
    for (int round = 0; round < BID_ROUNDS && waiting > 0 && left > 0; round++) {
        size_t put_off = 0;
        for (size_t k = 0; k < waiting; k++) {
            ptrdiff_t i = (ptrdiff_t)s->waiting[k];
            for (; i != COMPARE_NONE && left > 0; left--) i = bid(s, kernels, (size_t)i, &put_off);
            if (i != COMPARE_NONE) s->later[put_off++] = (size_t)i;
        }
        memcpy(s->waiting, s->later, put_off * sizeof *s->waiting);
        waiting = put_off;
    }
    return waiting;
}

/* Makes row `last` the owner of column `end`, and so on back along the path to the row the search began at. */
static void flip(struct compare_assignment *s, size_t start, size_t end) {
    ptrdiff_t j = (ptrdiff_t)end;
    for (size_t i = s->n; i != start;) {
        i = (size_t)s->from[j];
        s->row_of[j] = (ptrdiff_t)i;
        ptrdiff_t before = s->column_of[i];
        s->column_of[i] = j;
        j = before;
    }
}

/* Step 4 for one row. */
static void augment(struct compare_assignment *s, const struct compare_assignment_kernels *kernels, size_t start) {
    for (size_t j = 0; j < s->stride; j++) s->distance[j] = INFINITY;
    memcpy(s->open, s->v, s->stride * sizeof *s->v);
    size_t passed = 0, i = start;
    double offset = 0;
    struct compare_nearest nearest = kernels->relax(s, row(s, i), offset, i);
    while (nearest.vacant > nearest.all) {
        size_t j = nearest.all_at;
        s->tree[passed] = j;
        s->reached[passed++] = nearest.all;
        s->open[j] = -INFINITY; /* nothing is nearer than the tree itself: c - (-infinity) never wins */
        s->distance[j] = INFINITY;
        i = (size_t)s->row_of[j];
        offset = row(s, i)[j] - s->v[j] - nearest.all;
        nearest = kernels->relax(s, row(s, i), offset, i);
    }
    for (size_t k = 0; k < passed; k++) s->v[s->tree[k]] += s->reached[k] - nearest.vacant;
    s->taken[nearest.vacant_at] = INFINITY;
    flip(s, start, nearest.vacant_at);
}

void compare_assignment_solve(struct compare_assignment *solver) {
    const struct compare_assignment_kernels *kernels = compare_assignment_kernels();
    size_t waiting = reduce_columns(solver, kernels);
    waiting = bid_for_columns(solver, kernels, waiting);
    for (size_t j = 0; j < solver->stride; j++) {
        solver->taken[j] = j < solver->n && solver->row_of[j] == COMPARE_NONE ? 0 : INFINITY;
    }
    for (size_t k = 0; k < waiting; k++) augment(solver, kernels, solver->waiting[k]);
}

double compare_assignment_gap(const struct compare_assignment *solver) {
    const struct compare_assignment_kernels *kernels = compare_assignment_kernels();
    double gap = 0;
    for (size_t i = 0; i < solver->n; i++) {
        size_t j = (size_t)solver->column_of[i];
        double u = kernels->two_best(solver->stride, row(solver, i), solver->v).first;
        gap += (row(solver, i)[j] - solver->v[j]) - u;
    }
    return gap / (double)solver->n;
}
