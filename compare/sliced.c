/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sliced W_2: SW_2^2(X, Y) = E_theta W_2^2(theta.X, theta.Y) with theta uniform on the unit sphere, estimated by the
 * mean over given directions [bonneel2015]; on each the exact one-dimensional distance.
 *
 * Given directions, the distances of many samples share everything that is costly: a sample is projected and sorted
 * once per direction, whatever the number of pairs it belongs to. A piece of work is eight directions, one per lane.
 * Each direction's result has a slot of its own; they are added in order. */
#include "compare/sliced.h"

#include "compare/assignment.h"
#include "compare/check.h"
#include "compare/sort.h"
#include "compare/wasserstein_1d.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/random.h"
#include "core/simd.h"
#include "core/sum.h"

#include <math.h>
#include <string.h>

CORE_ISA_PICK(struct compare_sliced_kernels, compare_sliced_kernels)

/* Directions of a piece beside each other, (dimension, 8); missing ones are zero. */
static void gather_directions(size_t dimension, size_t count, size_t first, const double directions[], double out[]) {
    for (size_t k = 0; k < dimension; k++) {
        for (size_t l = 0; l < CORE_LANES; l++) {
            out[k * CORE_LANES + l] = first + l < count ? directions[(first + l) * dimension + k] : 0;
        }
    }
}

struct slices {
    const struct compare_table *table;
    const double *directions, *shift;
    size_t count, stride;
    int p, exponent;
    double *slot;      /* (count, pairs) */
    double *projected; /* (threads, samples, 8, stride) */
    double *beside;    /* (threads, dimension, 8) */
    uint64_t *work;    /* (threads, 2 rows) */
};

static enum core_status slice_piece(void *context, size_t piece, size_t thread) {
    const struct slices *s = context;
    const struct compare_table *table = s->table;
    const struct compare_sliced_kernels *kernels = compare_sliced_kernels();
    size_t first = piece * CORE_LANES, here = s->count - first < CORE_LANES ? s->count - first : CORE_LANES;
    size_t sample_size = CORE_LANES * s->stride;
    double *projected = s->projected + thread * table->samples * sample_size;
    double *beside = s->beside + thread * table->dimension * CORE_LANES;
    uint64_t *work = s->work + thread * 2 * table->rows;
    gather_directions(table->dimension, s->count, first, s->directions, beside);
    for (size_t a = 0; a < table->samples; a++) {
        double *out = projected + a * sample_size;
        kernels->project(table->rows, table->dimension, table->values[a], compare_shrink(s->exponent), s->shift, beside,
                         s->stride, out);
        for (size_t l = 0; l < here; l++) compare_sort(table->rows, out + l * s->stride, work);
    }
    for (size_t l = 0; l < here; l++) {
        for (size_t i = 0; i < table->pairs; i++) {
            const double *x = projected + table->pair[i].a * sample_size,
                         *y = projected + table->pair[i].b * sample_size;
            double total = kernels->difference(table->rows, x + l * s->stride, y + l * s->stride, s->p);
            s->slot[(first + l) * table->pairs + i] = total / (double)table->rows;
        }
    }
    return CORE_OK;
}

/* A point amid the samples, in their unit: the mean of the first one. */
static void find_shift(const struct compare_table *table, int exponent, double shift[]) {
    double shrink = compare_shrink(exponent);
    for (size_t k = 0; k < table->dimension; k++) {
        shift[k] = 0;
        for (size_t i = 0; i < table->rows; i++) {
            shift[k] += table->values[0][i * table->dimension + k] * shrink / (double)table->rows;
        }
    }
}

static void slices_free(struct slices *s) {
    core_free(s->slot);
    core_free(s->projected);
    core_free(s->beside);
    core_free(s->work);
}

static enum core_status slices_create(struct slices *s, size_t threads) {
    const struct compare_table *table = s->table;
    s->slot = core_alloc(s->count, table->pairs * sizeof(double));
    s->projected = core_alloc(threads * table->samples, CORE_LANES * s->stride * sizeof(double));
    s->beside = core_alloc(threads * table->dimension, CORE_LANES * sizeof(double));
    s->work = core_alloc(threads * 2, table->rows * sizeof(uint64_t));
    if (s->slot != NULL && s->projected != NULL && s->beside != NULL && s->work != NULL) return CORE_OK;
    return core_fail(CORE_NO_MEMORY, "no memory for the projections of %zu samples of %zu rows", table->samples,
                     table->rows);
}

enum core_status compare_sliced_table(const struct compare_table *table, size_t count, const double directions[], int p,
                                      double power[]) {
    size_t threads = table->threads > 0 ? table->threads : 1, pieces = (count + CORE_LANES - 1) / CORE_LANES;
    double *shift = core_alloc(table->dimension, sizeof *shift);
    if (shift == NULL) return core_fail(CORE_NO_MEMORY, "no memory for %zu coordinates", table->dimension);
    struct slices s = {.table = table, .directions = directions, .shift = shift, .count = count, .p = p};
    s.stride = compare_stride(table->rows);
    s.exponent = COMPARE_NO_EXPONENT;
    for (size_t a = 0; a < table->samples; a++) {
        s.exponent = compare_exponent(s.exponent, table->rows * table->dimension, table->values[a]);
    }
    find_shift(table, s.exponent, shift);
    enum core_status status = slices_create(&s, threads);
    if (status == CORE_OK) status = core_parallel(pieces, threads, slice_piece, &s);
    double unit = p == 1 ? compare_grow(s.exponent) : compare_grow(s.exponent) * compare_grow(s.exponent);
    for (size_t i = 0; status == CORE_OK && i < table->pairs; i++) {
        power[i] = core_sum(s.slot + i, count, table->pairs) / (double)count * unit;
    }
    slices_free(&s);
    core_free(shift);
    return status;
}

/* One pair of any sizes: squares[l] the W_2^2 on direction l, in the unit of `exponent`. */
static enum core_status slice_pair(size_t n, const double x[], size_t m, const double y[], size_t dimension,
                                   size_t count, const double directions[], int exponent, double squares[]) {
    size_t longer = n > m ? n : m, stride = compare_stride(longer);
    const struct compare_table first = {.rows = n, .dimension = dimension, .values = &x};
    const struct compare_sliced_kernels *kernels = compare_sliced_kernels();
    double *out = core_alloc(2 * CORE_LANES, stride * sizeof *out), *other = out + CORE_LANES * stride;
    double *beside = core_alloc(dimension + 1, CORE_LANES * sizeof *beside);
    double *shift = core_alloc(dimension, sizeof *shift);
    uint64_t *work = core_alloc(2 * longer, sizeof *work);
    int complete = out != NULL && beside != NULL && shift != NULL && work != NULL;
    if (complete) find_shift(&first, exponent, shift);
    for (size_t from = 0; complete && from < count; from += CORE_LANES) {
        gather_directions(dimension, count, from, directions, beside);
        kernels->project(n, dimension, x, compare_shrink(exponent), shift, beside, stride, out);
        kernels->project(m, dimension, y, compare_shrink(exponent), shift, beside, stride, other);
        for (size_t l = 0; l < CORE_LANES && from + l < count; l++) {
            compare_sort(n, out + l * stride, work);
            compare_sort(m, other + l * stride, work);
            squares[from + l] = compare_wasserstein_1d_sorted(n, out + l * stride, m, other + l * stride, 2);
        }
    }
    core_free(out);
    core_free(beside);
    core_free(shift);
    core_free(work);
    return complete ? CORE_OK : core_fail(CORE_NO_MEMORY, "no memory for the projections of %zu rows", n + m);
}

enum core_status compare_sliced(size_t n, const double x[], size_t m, const double y[], size_t dimension, size_t count,
                                const double directions[], double *distance, double *se) {
    enum core_status status = compare_check_sample("the first sample", 1, n, dimension, x);
    if (status == CORE_OK) status = compare_check_sample("the second sample", 1, m, dimension, y);
    if (status == CORE_OK) status = compare_check_sample("the set of directions", 1, count, dimension, directions);
    if (status != CORE_OK) return status;
    double *squares = core_alloc(count, sizeof *squares);
    if (squares == NULL) return core_fail(CORE_NO_MEMORY, "no memory for %zu directions", count);
    int exponent = compare_exponent(compare_exponent(COMPARE_NO_EXPONENT, n * dimension, x), m * dimension, y);
    status = slice_pair(n, x, m, y, dimension, count, directions, exponent, squares);
    if (status == CORE_OK) {
        struct core_moments moments = core_moments(squares, count, 1);
        double root = sqrt(moments.mean), grow = compare_grow(exponent);
        *distance = root * grow;
        /* d sqrt(m) = dm / (2 sqrt(m)) */
        if (se != NULL) *se = root > 0 ? sqrt(moments.variance / (double)count) / (2 * root) * grow : 0;
    }
    core_free(squares);
    return status;
}

enum core_status compare_directions(size_t count, size_t dimension, uint64_t seed, double directions[]) {
    if (dimension == 0) return core_fail(CORE_BAD_INPUT, "directions of dimension 0 were asked for");
    for (size_t l = 0; l < count; l++) {
        double *direction = directions + l * dimension, square = 0;
        struct core_stream stream = {.seed = seed, .path = l, .purpose = CORE_PURPOSE_PROJECTION, .step = 0};
        core_random_normal(&stream, 1, dimension, direction);
        for (size_t k = 0; k < dimension; k++) square += direction[k] * direction[k];
        for (size_t k = 0; k < dimension; k++) {
            direction[k] = dimension == 1 ? 1 : direction[k] / sqrt(square);
        }
    }
    return CORE_OK;
}
