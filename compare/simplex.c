/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The network simplex for transportation problems [orlin1997; ahuja1993, sect. 11].
 *
 * A basis is a spanning tree of the nodes; flows live on its arcs, and duals with c_ij = u_i + v_j along it. An arc
 * with c_ij - u_i - v_j < 0 enters: flow is pushed round the cycle it closes until an arc of the tree that goes the
 * other way is empty, and that one leaves. The part of the tree that was cut off is hung up at the entering arc and its
 * duals are shifted.
 *
 * Flows are whole numbers, so they are exact. Degenerate pivots cannot go in circles while every empty arc of the tree
 * points to the root (a strongly feasible tree): of several arcs that empty at once the last one in the direction of
 * the cycle, counted from the node nearest the root, leaves [cunningham1976].
 *
 * Start: each source in turn fills the nearest sinks that are still open. The arcs used form a forest; every tree of it
 * hangs from an artificial root by an empty arc of cost 0 from one of its sources. The root has no arcs to sinks, so
 * these arcs stay empty for ever and their cost does not matter.
 *
 * Pricing: rows are looked at in turn, a whole row at a time (compare/assignment_lanes.c), and the row's best arc
 * enters. Rounding: an arc enters only if its reduced cost is below zero by more than 1e-14 of the numbers it is made
 * of; when no row has one, the duals are computed afresh from the tree and all rows looked at again. */
#include "compare/simplex.h"

#include "compare/assignment.h"
#include "core/memory.h"

#include <math.h>
#include <string.h>

enum { NONE = -1, PIVOTS_PER_NODE = 2000 };

enum core_status compare_simplex_create(size_t n, size_t m, struct compare_simplex **simplex) {
    struct compare_simplex *s = core_alloc(1, sizeof *s);
    *simplex = NULL;
    if (s == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a transport of %zu and %zu points", n, m);
    size_t nodes = n + m + 1;
    *s = (struct compare_simplex){.n = n, .m = m, .stride = compare_stride(m)};
    s->cost = core_alloc(n, s->stride * sizeof(double));
    s->v = core_alloc(s->stride, sizeof(double));
    s->u = core_alloc(n, sizeof(double));
    s->supply = core_alloc(n, sizeof(uint64_t));
    s->demand = core_alloc(m, sizeof(uint64_t));
    s->flow = core_alloc(nodes, sizeof(uint64_t));
    s->parent = core_alloc(5 * nodes, sizeof(int32_t));
    *simplex = s;
    if (s->cost != NULL && s->v != NULL && s->u != NULL && s->supply != NULL && s->demand != NULL && s->flow != NULL &&
        s->parent != NULL) {
        s->first = s->parent + nodes;
        s->next = s->first + nodes;
        s->before = s->next + nodes;
        s->depth = s->before + nodes;
        return CORE_OK;
    }
    compare_simplex_free(s);
    *simplex = NULL;
    return core_fail(CORE_NO_MEMORY, "no memory for a transport of %zu and %zu points (%.3g GB)", n, m,
                     8e-9 * (double)n * (double)m);
}

void compare_simplex_free(struct compare_simplex *simplex) {
    if (simplex == NULL) return;
    core_free(simplex->cost);
    core_free(simplex->v);
    core_free(simplex->u);
    core_free(simplex->supply);
    core_free(simplex->demand);
    core_free(simplex->flow);
    core_free(simplex->parent);
    core_free(simplex);
}

static int is_source(const struct compare_simplex *s, int32_t node) {
    return (size_t)node < s->n;
}

static double *dual(struct compare_simplex *s, int32_t node) {
    return is_source(s, node) ? &s->u[node] : &s->v[(size_t)node - s->n];
}

/* ---- The tree ---- */

static void hang(struct compare_simplex *s, int32_t node, int32_t parent) {
    int32_t after = s->first[parent];
    s->parent[node] = parent;
    s->next[node] = after;
    s->before[node] = NONE;
    if (after != NONE) s->before[after] = node;
    s->first[parent] = node;
}

static void take_down(struct compare_simplex *s, int32_t node) {
    int32_t before = s->before[node], after = s->next[node];
    if (before != NONE) s->next[before] = after;
    if (before == NONE) s->first[s->parent[node]] = after;
    if (after != NONE) s->before[after] = before;
}

/* The node after `node` in a walk through the subtree of `top`, NONE at its end. */
static int32_t walk(const struct compare_simplex *s, int32_t node, int32_t top) {
    if (s->first[node] != NONE) return s->first[node];
    while (node != top && s->next[node] == NONE) node = s->parent[node];
    return node == top ? NONE : s->next[node];
}

/* Sources of the subtree of `top` get `up` more, sinks less; depths are counted anew. */
static void shift(struct compare_simplex *s, int32_t top, double up) {
    for (int32_t node = top; node != NONE; node = walk(s, node, top)) {
        *dual(s, node) += is_source(s, node) ? up : -up;
        s->depth[node] = s->depth[s->parent[node]] + 1;
    }
}

/* ---- The start ---- */

/* The arcs of the start, listed at both of their nodes. */
struct forest {
    size_t count;
    int32_t *end;    /* (2 arcs) the node at the other end */
    int32_t *behind; /* (2 arcs) the node's next arc */
    int32_t *head;   /* (nodes) */
    uint64_t *flow;  /* (2 arcs) */
};

static void join(struct forest *forest, int32_t node, int32_t other, uint64_t flow) {
    size_t at = forest->count++;
    forest->end[at] = other;
    forest->flow[at] = flow;
    forest->behind[at] = forest->head[node];
    forest->head[node] = (int32_t)at;
}

/* Each source leaves at most one sink half full, so a tree has at most one such sink and no arc closes a cycle. */
static void fill_nearest(struct compare_simplex *s, struct forest *forest, uint64_t open[]) {
    memcpy(open, s->demand, s->m * sizeof *open);
    memset(s->v, 0, s->stride * sizeof *s->v);
    for (size_t i = 0; i < s->n; i++) {
        for (uint64_t left = s->supply[i]; left > 0;) {
            size_t j = compare_assignment_kernels()->two_best(s->stride, s->cost + i * s->stride, s->v).at;
            uint64_t part = left < open[j] ? left : open[j];
            left -= part;
            open[j] -= part;
            if (open[j] == 0) s->v[j] = -(double)INFINITY; /* closed: its cost looks infinite */
            join(forest, (int32_t)i, (int32_t)(s->n + j), part);
            join(forest, (int32_t)(s->n + j), (int32_t)i, part);
        }
    }
}

/* Hangs the tree of `top` below the root, depth first. */
static void hang_tree(struct compare_simplex *s, const struct forest *forest, int32_t top) {
    int32_t root = (int32_t)(s->n + s->m);
    hang(s, top, root);
    s->flow[top] = 0;
    for (int32_t node = top; node != NONE; node = walk(s, node, top)) {
        for (int32_t arc = forest->head[node]; arc != NONE; arc = forest->behind[arc]) {
            int32_t other = forest->end[arc];
            if (other == s->parent[node]) continue;
            hang(s, other, node);
            s->flow[other] = forest->flow[arc];
        }
    }
}

static void count_duals(struct compare_simplex *s) {
    int32_t root = (int32_t)(s->n + s->m);
    s->depth[root] = 0;
    for (int32_t node = s->first[root]; node != NONE; node = walk(s, node, root)) {
        int32_t parent = s->parent[node];
        s->depth[node] = s->depth[parent] + 1;
        size_t i, j;
        double c = compare_simplex_arc(s, (size_t)node, &i, &j) ? s->cost[i * s->stride + j] : 0;
        *dual(s, node) = parent == root ? 0 : c - *dual(s, parent);
    }
}

static int start(struct compare_simplex *s) {
    size_t nodes = s->n + s->m + 1, arcs = nodes;
    int32_t *work = core_alloc(4 * arcs + nodes, sizeof *work);
    uint64_t *parts = core_alloc(2 * arcs + s->m, sizeof *parts);
    int complete = work != NULL && parts != NULL;
    if (complete) {
        struct forest forest = {0, work, work + 2 * arcs, work + 4 * arcs, parts};
        for (size_t k = 0; k < nodes; k++) forest.head[k] = s->first[k] = s->parent[k] = NONE;
        fill_nearest(s, &forest, parts + 2 * arcs);
        for (size_t i = 0; i < s->n; i++) {
            if (s->parent[i] == NONE) hang_tree(s, &forest, (int32_t)i);
        }
        memset(s->v, 0, s->stride * sizeof *s->v);
        s->next[nodes - 1] = NONE;
        count_duals(s);
    }
    core_free(work);
    core_free(parts);
    return complete;
}

/* ---- Pivots ---- */

/* Flow pushed along source -> sink comes back up the sink's path to the root and down the source's: arcs that lose flow
 * are those of sources on the source's path and of sinks on the sink's. */
struct cycle {
    int32_t source, sink, top; /* top: where the paths meet */
    int32_t leaving;           /* the node whose arc to its parent leaves */
    int on_source;             /* 1: it is on the source's path */
    uint64_t part;
};

static void meet(const struct compare_simplex *s, struct cycle *cycle) {
    int32_t a = cycle->source, b = cycle->sink;
    while (a != b) {
        if (s->depth[a] >= s->depth[b]) {
            if (is_source(s, a) && s->flow[a] < cycle->part) {
                cycle->part = s->flow[a];
                cycle->leaving = a;
                cycle->on_source = 1;
            }
            a = s->parent[a];
        } else {
            b = s->parent[b];
        }
    }
    cycle->top = a;
    for (b = cycle->sink; b != cycle->top; b = s->parent[b]) {
        if (is_source(s, b) || s->flow[b] > cycle->part) continue;
        cycle->part = s->flow[b];
        cycle->leaving = b;
        cycle->on_source = 0;
    }
}

static void push(struct compare_simplex *s, const struct cycle *cycle) {
    if (cycle->part == 0) return;
    for (int32_t a = cycle->source; a != cycle->top; a = s->parent[a]) {
        s->flow[a] = is_source(s, a) ? s->flow[a] - cycle->part : s->flow[a] + cycle->part;
    }
    for (int32_t b = cycle->sink; b != cycle->top; b = s->parent[b]) {
        s->flow[b] = is_source(s, b) ? s->flow[b] + cycle->part : s->flow[b] - cycle->part;
    }
}

/* Hangs what is below the leaving arc up at the entering one: the path from its end to the leaving arc turns over. */
static void rehang(struct compare_simplex *s, const struct cycle *cycle) {
    int32_t node = cycle->on_source ? cycle->source : cycle->sink;
    int32_t to = cycle->on_source ? cycle->sink : cycle->source;
    uint64_t flow = cycle->part;
    for (int last = 0; !last;) {
        int32_t above = s->parent[node];
        uint64_t own = s->flow[node];
        last = node == cycle->leaving;
        take_down(s, node);
        hang(s, node, to);
        s->flow[node] = flow;
        flow = own;
        to = node;
        node = above;
    }
}

static void pivot(struct compare_simplex *s, size_t i, size_t j) {
    struct cycle cycle = {.source = (int32_t)i, .sink = (int32_t)(s->n + j), .part = UINT64_MAX, .leaving = NONE};
    double reduced = s->cost[i * s->stride + j] - s->u[i] - s->v[j];
    meet(s, &cycle);
    push(s, &cycle);
    rehang(s, &cycle);
    if (cycle.on_source) shift(s, cycle.source, reduced);
    if (!cycle.on_source) shift(s, cycle.sink, -reduced);
    s->pivots++;
}

/* 1 where an arc of row i enters. */
static int price(struct compare_simplex *s, size_t i) {
    const double *row = s->cost + i * s->stride;
    struct compare_two_best best = compare_assignment_kernels()->two_best(s->stride, row, s->v);
    double size = fabs(row[best.at]) + fabs(s->u[i]) + fabs(s->v[best.at]);
    if (best.first - s->u[i] >= -1e-14 * size) return 0;
    pivot(s, i, best.at);
    return 1;
}

/* Pivots until no row has an arc that enters; 0 at the limit. */
static int improve(struct compare_simplex *s, size_t limit) {
    for (size_t i = 0, idle = 0; idle < s->n; i = i + 1 < s->n ? i + 1 : 0) {
        idle = price(s, i) ? 0 : idle + 1;
        if (s->pivots > limit) return 0;
    }
    return 1;
}

enum core_status compare_simplex_solve(struct compare_simplex *s) {
    size_t limit = PIVOTS_PER_NODE * (s->n + s->m), before;
    s->pivots = 0;
    if (!start(s))
        return core_fail(CORE_NO_MEMORY, "no memory for the start of a transport of %zu points", s->n + s->m);
    do {
        before = s->pivots;
        count_duals(s);
        if (!improve(s, limit)) {
            return core_fail(CORE_NUMERICAL, "the transport of %zu and %zu points is not optimal after %zu pivots",
                             s->n, s->m, s->pivots);
        }
    } while (s->pivots > before);
    return CORE_OK;
}

int compare_simplex_arc(const struct compare_simplex *simplex, size_t k, size_t *source, size_t *sink) {
    size_t parent = (size_t)simplex->parent[k];
    if (parent == simplex->n + simplex->m) return 0;
    *source = k < simplex->n ? k : parent;
    *sink = (k < simplex->n ? parent : k) - simplex->n;
    return 1;
}
