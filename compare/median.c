/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The median rule for a kernel's bandwidth: the median of |z_i - z_j| over the pooled pairs i < j, zeros kept, the mean
 * of the two middle ones for an even count [gretton2012].
 *
 * Where it is zero (more than half of the pairs coincide) the median of the positive distances stands in for it, and 1
 * where no two rows differ: then every bandwidth gives the same kernel on the pool. */
#include "compare/median.h"

#include "compare/assignment.h"
#include "compare/check.h"
#include "compare/pairwise.h"
#include "compare/sort.h"
#include "core/memory.h"

#include <math.h>
#include <string.h>

struct pool {
    size_t rows;
    double *values; /* (rows, dimension) */
    struct compare_cloud cloud;
    double *cost;   /* (rows, stride) squared distances */
    double *terms;  /* (stride) zeros */
    uint64_t *work; /* (2 pairs) */
};

static void pool_free(struct pool *pool) {
    core_free(pool->values);
    core_free(pool->cost);
    core_free(pool->terms);
    core_free(pool->work);
    compare_cloud_free(&pool->cloud);
}

static enum core_status pool_create(struct pool *pool, size_t dimension) {
    size_t stride = compare_stride(pool->rows);
    pool->values = core_alloc(pool->rows, dimension * sizeof(double));
    pool->cost = core_alloc(pool->rows, stride * sizeof(double));
    pool->terms = core_alloc(stride, sizeof(double));
    pool->work = core_alloc(pool->rows, (pool->rows - 1) * sizeof(uint64_t));
    if (pool->values != NULL && pool->cost != NULL && pool->terms != NULL && pool->work != NULL) return CORE_OK;
    return core_fail(CORE_NO_MEMORY, "no memory for the distances of %zu rows", pool->rows);
}

static size_t taken(const struct compare_sample *sample, size_t most) {
    return sample->rows < most ? sample->rows : most;
}

/* Squared distances of the pairs i < j, packed at the front of cost. Returns how many. */
static size_t squares(struct pool *pool) {
    struct compare_pass pass = {.x = &pool->cloud, .y = &pool->cloud, .rate = -1, .cost = pool->cost};
    pass.row_term = pass.column_term = pool->terms;
    compare_pairwise_kernels()->pass(&pass);
    size_t count = 0;
    for (size_t i = 0; i < pool->rows; i++) {
        const double *row = pool->cost + i * pool->cloud.stride;
        for (size_t j = 0; j < i; j++) pool->cost[count++] = row[j];
    }
    return count;
}

/* The middle of the square roots of sorted[first .. count). */
static double middle(const double sorted[], size_t first, size_t count) {
    size_t left = first + (count - first - 1) / 2, right = first + (count - first) / 2;
    return left == right ? sqrt(sorted[left]) : 0.5 * (sqrt(sorted[left]) + sqrt(sorted[right]));
}

static double median_of_pool(struct pool *pool) {
    size_t count = squares(pool), zeros = 0;
    compare_sort(count, pool->cost, pool->work);
    double median = middle(pool->cost, 0, count);
    if (median > 0) return median;
    while (zeros < count && pool->cost[zeros] == 0) zeros++;
    return zeros < count ? middle(pool->cost, zeros, count) : 0;
}

enum core_status compare_median_pooled(size_t samples, const struct compare_sample sample[], size_t dimension,
                                       size_t most, double *median) {
    struct pool pool = {0};
    int exponent = COMPARE_NO_EXPONENT;
    for (size_t s = 0; s < samples; s++) {
        exponent = compare_exponent(exponent, taken(&sample[s], most) * dimension, sample[s].values);
        pool.rows += taken(&sample[s], most);
    }
    *median = 1;
    if (pool.rows < 2) return CORE_OK;
    enum core_status status = pool_create(&pool, dimension);
    double *to = pool.values;
    for (size_t s = 0; status == CORE_OK && s < samples; s++) {
        size_t count = taken(&sample[s], most) * dimension;
        memcpy(to, sample[s].values, count * sizeof *to);
        to += count;
    }
    if (status == CORE_OK) status = compare_cloud_init(&pool.cloud, pool.rows, dimension, pool.values, exponent);
    if (status == CORE_OK) {
        double found = median_of_pool(&pool);
        if (found > 0) *median = found * compare_grow(exponent);
    }
    pool_free(&pool);
    return status;
}

enum core_status compare_median_distance(size_t n, const double x[], size_t m, const double y[], size_t dimension,
                                         size_t most, double *median) {
    enum core_status status = compare_check_sample("the first sample", 1, n, dimension, x);
    if (status == CORE_OK) status = compare_check_sample("the second sample", 1, m, dimension, y);
    if (status == CORE_OK && most == 0) status = core_fail(CORE_BAD_INPUT, "a median of no rows was asked for");
    if (status != CORE_OK) return status;
    struct compare_sample both[] = {{n, x}, {m, y}};
    return compare_median_pooled(2, both, dimension, most, median);
}
