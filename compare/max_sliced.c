/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The direction along which two samples differ most, in W_2 [deshpande2019].
 *
 * Along t the optimal matching pairs points in order; with the differences z of matched pairs and their masses p,
 * W_2^2(t) = t^T M t, M = sum p z z^T. Power steps t <- M t / |M t| climb: with the old matching t^T M t does not
 * decrease, with the new one it may, so the best direction seen is kept, and a start ends after a step that gains less
 * than 1e-12 of the value, or at 200 steps. The starts are random directions and the difference of the means, the three
 * best of which are climbed from. */
#include "compare/transport.h"

#include "compare/check.h"
#include "compare/compare.h"
#include "core/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS = 200, CLIMBS = 3 };

struct place {
    double at;
    size_t row;
};

struct climb {
    size_t n, m, d;
    const double *x, *y;
    double shrink;
    struct place *px, *py; /* (n), (m) */
    double *next;          /* (d) */
};

static int before(const void *a, const void *b) {
    double x = ((const struct place *)a)->at, y = ((const struct place *)b)->at;
    return (x > y) - (x < y);
}

static void project(const struct climb *c, size_t n, const double x[], const double t[], struct place out[]) {
    for (size_t i = 0; i < n; i++) {
        double at = 0;
        for (size_t k = 0; k < c->d; k++) at += x[i * c->d + k] * c->shrink * t[k];
        out[i] = (struct place){at, i};
    }
    qsort(out, n, sizeof *out, before);
}

/* W_2^2 along t; next: M t. */
static double along(const struct climb *c, const double t[]) {
    project(c, c->n, c->x, t, c->px);
    project(c, c->m, c->y, t, c->py);
    double sum = 0, unit = 1 / ((double)c->n * (double)c->m);
    memset(c->next, 0, c->d * sizeof *c->next);
    for (size_t i = 0, j = 0, at = 0; i < c->n && j < c->m;) {
        size_t x_ends = (i + 1) * c->m, y_ends = (j + 1) * c->n, end = x_ends < y_ends ? x_ends : y_ends;
        double mass = (double)(end - at) * unit, apart = c->px[i].at - c->py[j].at;
        const double *x = c->x + c->px[i].row * c->d, *y = c->y + c->py[j].row * c->d;
        for (size_t k = 0; k < c->d; k++) c->next[k] += mass * apart * (x[k] * c->shrink - y[k] * c->shrink);
        sum += mass * apart * apart;
        i += x_ends == end;
        j += y_ends == end;
        at = end;
    }
    return sum;
}

/* 0 where x is zero. */
static int normalise(size_t d, double x[]) {
    double square = 0;
    for (size_t k = 0; k < d; k++) square += x[k] * x[k];
    for (size_t k = 0; square > 0 && k < d; k++) x[k] /= sqrt(square);
    return square > 0;
}

/* Climbs from t; best and its direction are replaced where a higher place is found. */
static void climb_from(const struct climb *c, double t[], double *best, double direction[]) {
    double reached = -1;
    for (int step = 0; step < STEPS; step++) {
        double value = along(c, t);
        if (value > *best) {
            *best = value;
            memcpy(direction, t, c->d * sizeof *t);
        }
        if (value <= reached * (1 + 1e-12) || !normalise(c->d, c->next)) return;
        reached = value;
        memcpy(t, c->next, c->d * sizeof *t);
    }
}

/* The last row of starts is the difference of the means. */
static void mean_difference(const struct climb *c, double t[]) {
    memset(t, 0, c->d * sizeof *t);
    for (size_t k = 0; k < c->d; k++) {
        for (size_t i = 0; i < c->n; i++) t[k] += c->x[i * c->d + k] * c->shrink / (double)c->n;
        for (size_t j = 0; j < c->m; j++) t[k] -= c->y[j * c->d + k] * c->shrink / (double)c->m;
    }
    if (!normalise(c->d, t)) t[0] = 1;
}

/* Climbs from the best of `count` starts (count, d), whose values are value[]. */
static double climb_all(const struct climb *c, size_t count, double starts[], double value[], double direction[]) {
    double best = -1;
    for (size_t s = 0; s < count; s++) value[s] = along(c, starts + s * c->d);
    for (int climbed = 0; climbed < CLIMBS; climbed++) {
        size_t highest = 0;
        for (size_t s = 1; s < count; s++) highest = value[s] > value[highest] ? s : highest;
        if (value[highest] < 0) break;
        climb_from(c, starts + highest * c->d, &best, direction);
        value[highest] = -1;
    }
    return best;
}

static enum core_status run(struct climb *c, size_t starts, uint64_t seed, double *square, double direction[]) {
    double *start = core_alloc(starts + 1, c->d * sizeof *start), *value = core_alloc(starts + 1, sizeof *value);
    double *found = core_alloc(c->d, sizeof *found);
    enum core_status status = CORE_OK;
    if (start == NULL || value == NULL || found == NULL) {
        status = core_fail(CORE_NO_MEMORY, "no memory for %zu directions", starts);
    }
    if (status == CORE_OK && starts > 0) status = compare_directions(starts, c->d, seed, start);
    if (status == CORE_OK) {
        mean_difference(c, start + starts * c->d);
        *square = climb_all(c, starts + 1, start, value, found);
        if (direction != NULL) memcpy(direction, found, c->d * sizeof *found);
    }
    core_free(start);
    core_free(value);
    core_free(found);
    return status;
}

enum core_status compare_max_sliced(size_t n, const double x[], size_t m, const double y[], size_t dimension,
                                    size_t starts, uint64_t seed, double *distance, double direction[]) {
    enum core_status status = compare_check_sample("the first sample", 1, n, dimension, x);
    if (status == CORE_OK) status = compare_check_sample("the second sample", 1, m, dimension, y);
    if (status != CORE_OK) return status;
    int exponent = compare_exponent(compare_exponent(COMPARE_NO_EXPONENT, n * dimension, x), m * dimension, y);
    struct climb c = {.n = n, .m = m, .d = dimension, .x = x, .y = y, .shrink = compare_shrink(exponent)};
    double square = 0;
    c.px = core_alloc(n, sizeof *c.px);
    c.py = core_alloc(m, sizeof *c.py);
    c.next = core_alloc(dimension, sizeof *c.next);
    if (c.px == NULL || c.py == NULL || c.next == NULL) {
        status = core_fail(CORE_NO_MEMORY, "no memory for %zu and %zu points", n, m);
    }
    if (status == CORE_OK) status = run(&c, starts, seed, &square, direction);
    core_free(c.px);
    core_free(c.py);
    core_free(c.next);
    if (status == CORE_OK) *distance = sqrt(square) * compare_grow(exponent);
    return status;
}
