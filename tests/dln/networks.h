/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_DLN_NETWORKS_H
#define TESTS_DLN_NETWORKS_H

/* Networks for tests: those of the reference values, and random ones of many shapes. Header only. */

#include "core/memory.h"
#include "core/random.h"
#include "dln/network.h"

#include "support/reference.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define NETWORKS_INLINE static inline __attribute__((unused))

enum { NETWORK_MOST = 640, NETWORK_FEATURES = 512 }; /* bounds of the networks here: parameters, noise width */

/* ---- Random numbers and vectors ---- */

NETWORKS_INLINE void test_normal(uint64_t seed, size_t count, double out[]) {
    struct core_stream stream = {.seed = seed, .purpose = CORE_PURPOSE_TEST};
    core_random_normal(&stream, 1, count, out);
}

/* The largest |a - b|. */
NETWORKS_INLINE double apart(size_t count, const double a[], const double b[]) {
    double most = 0;
    for (size_t i = 0; i < count; i++) most = fmax(most, fabs(a[i] - b[i]));
    return most;
}

NETWORKS_INLINE double largest(size_t count, const double a[]) {
    double most = 0;
    for (size_t i = 0; i < count; i++) most = fmax(most, fabs(a[i]));
    return most;
}

NETWORKS_INLINE double inner(size_t count, const double a[], const double b[]) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += a[i] * b[i];
    return sum;
}

/* a and b agree to `tolerance` relative to the larger of b's entries; says where they do not. NaN never agrees. */
NETWORKS_INLINE int agree(const char *what, size_t count, const double a[], const double b[], double tolerance) {
    double scale = largest(count, b);
    for (size_t i = 0; i < count; i++) {
        if (fabs(a[i] - b[i]) <= tolerance * scale) continue;
        fprintf(stderr, "%s[%zu] = %.17g, expected %.17g (relative to %g: %g)\n", what, i, a[i], b[i], scale,
                fabs(a[i] - b[i]) / scale);
        return 0;
    }
    return 1;
}

/* ---- Random networks ---- */

struct test_shape {
    size_t depth, widths[7], samples;
    int repeated; /* 1: the last input column repeats the first, Sxx is singular */
};

static const struct test_shape test_shapes[] __attribute__((unused)) = {
    {1, {3, 2}, 9, 0},
    {1, {1, 1}, 5, 0},
    {2, {3, 4, 2}, 7, 0},
    {2, {2, 2, 2}, 12, 0},
    {2, {5, 5, 5}, 40, 0},
    {2, {8, 8, 8}, 60, 0},
    {2, {4, 3, 2}, 9, 1},
    {2, {3, 2, 2}, 1, 0},
    {2, {16, 9, 13}, 50, 0},
    {3, {4, 1, 3, 2}, 11, 0},
    {3, {4, 4, 4, 4}, 30, 0},
    {3, {5, 5, 5, 5}, 3, 0},
    {3, {6, 4, 5, 3}, 4, 1},
    {4, {3, 5, 2, 4, 3}, 20, 0},
    {5, {1, 2, 1, 3, 2, 1}, 8, 0},
    {6, {3, 4, 2, 5, 3, 2, 4}, 16, 0},
    {6, {1, 1, 1, 1, 1, 1, 1}, 6, 0},
};
enum { TEST_SHAPES = sizeof test_shapes / sizeof *test_shapes };

NETWORKS_INLINE void test_data(const struct test_shape *shape, uint64_t seed, struct dln_data *data) {
    size_t n = shape->samples, d0 = shape->widths[0], dl = shape->widths[shape->depth];
    *data = (struct dln_data){.samples = n, .inputs = d0, .outputs = dl};
    data->x = core_alloc(n * d0, sizeof(double));
    data->y = core_alloc(n * dl, sizeof(double));
    test_normal(seed, n * d0, data->x);
    test_normal(seed + 1, n * dl, data->y);
    for (size_t m = 0; m < n && shape->repeated; m++) data->x[m * d0 + d0 - 1] = data->x[m * d0];
}

NETWORKS_INLINE struct core_landscape *test_network(const struct test_shape *shape, uint64_t seed) {
    struct dln_data data;
    struct core_landscape *land;
    test_data(shape, seed, &data);
    if (dln_network_create(shape->depth, shape->widths, &data, &land) != CORE_OK) reference_missing("no network", "");
    dln_data_free(&data);
    return land;
}

/* A block of lanes: lane j of vector `out` gets its own point; also each as an array of its own, points[j]. */
NETWORKS_INLINE void test_block(uint64_t seed, size_t rows, double scale, double points[][NETWORK_MOST],
                                double block[]) {
    for (size_t j = 0; j < CORE_LANES; j++) {
        test_normal(seed + 1000 * (j + 1), rows, points[j]);
        for (size_t i = 0; i < rows; i++) block[i * CORE_LANES + j] = points[j][i] *= scale;
    }
}

NETWORKS_INLINE void test_lane(size_t rows, const double block[], size_t lane, double out[]) {
    for (size_t i = 0; i < rows; i++) out[i] = block[i * CORE_LANES + lane];
}

/* ---- The networks of the reference values ---- */

/* Transposes the (rows, columns) table at `path`.`name` into out (columns, rows). */
NETWORKS_INLINE double *reference_transposed(const char *text, const char *path, const char *name, size_t rows,
                                             size_t columns) {
    char full[160];
    snprintf(full, sizeof full, "%s.%s", path, name);
    double *table = core_alloc(rows * columns, sizeof *table), *out = core_alloc(rows * columns, sizeof *out);
    reference_numbers(text, full, rows * columns, table);
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < columns; j++) out[j * rows + i] = table[i * columns + j];
    }
    core_free(table);
    return out;
}

/* The network with dims, X, Y at `path`, of `samples` samples. */
NETWORKS_INLINE struct core_landscape *reference_network(const char *text, const char *path, size_t samples) {
    char full[160];
    double dims[8];
    size_t widths[8] = {0};
    snprintf(full, sizeof full, "%s.dims", path);
    size_t count = reference_count(text, full);
    reference_numbers(text, full, count, dims);
    for (size_t l = 0; l < count; l++) widths[l] = (size_t)dims[l];
    struct dln_data data = {.samples = samples, .inputs = widths[0], .outputs = widths[count - 1]};
    data.x = reference_transposed(text, path, "X", data.inputs, samples);
    data.y = reference_transposed(text, path, "Y", data.outputs, samples);
    struct core_landscape *land;
    if (dln_network_create(count - 1, widths, &data, &land) != CORE_OK) reference_missing("no network", path);
    dln_data_free(&data);
    return land;
}

#endif
