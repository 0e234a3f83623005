/* SPDX-License-Identifier: GPL-3.0-or-later */
/* W_2, MMD and energy for every pair of a table. What belongs to one sample (its layout for the lanes, its within
 * terms) is done once per sample; a pair is one pass over its squared distances, which gives the kernel sum, the
 * distance sum and the costs of the assignment together. On the line W_2 needs no assignment: the samples are sorted.
 */
#include "compare/costly.h"

#include "compare/check.h"
#include "compare/pairwise.h"
#include "compare/sort.h"
#include "compare/wasserstein_1d.h"
#include "compare/wasserstein_2.h"
#include "core/memory.h"
#include "core/parallel.h"

#include <math.h>
#include <string.h>

struct costly {
    const struct compare_table *table;
    const struct compare_costly *wanted;
    int exponent;
    double rate;                         /* of the kernel; negative where MMD is not wanted */
    struct compare_cloud *cloud;         /* (samples) */
    double *kernel, *distance;           /* (samples) within terms */
    double *sorted;                      /* (samples, rows), dimension 1 only */
    struct compare_transport *transport; /* (threads), dimension above 1 only */
};

static enum core_status prepare_sample(void *context, size_t a, size_t thread) {
    (void)thread;
    struct costly *c = context;
    const struct compare_table *table = c->table;
    enum core_status status =
        compare_cloud_init(&c->cloud[a], table->rows, table->dimension, table->values[a], c->exponent);
    if (status != CORE_OK) return status;
    if (c->wanted->mmd != NULL || c->wanted->energy != NULL) {
        compare_within(&c->cloud[a], c->rate, c->wanted->energy != NULL, &c->kernel[a], &c->distance[a]);
    }
    if (c->sorted == NULL) return CORE_OK;
    uint64_t *work = core_alloc(2 * table->rows, sizeof *work);
    if (work == NULL) return core_fail(CORE_NO_MEMORY, "no memory to sort %zu numbers", table->rows);
    memcpy(c->sorted + a * table->rows, c->cloud[a].x, table->rows * sizeof(double));
    compare_sort(table->rows, c->sorted + a * table->rows, work);
    core_free(work);
    return CORE_OK;
}

/* The mean squared distance of the best matching of pair i, and the pass's sums. */
static enum core_status square_of_pair(struct costly *c, size_t i, struct compare_pass *pass,
                                       struct compare_transport *transport, double *square) {
    size_t rows = c->table->rows;
    const struct compare_pair *pair = &c->table->pair[i];
    if (transport != NULL) {
        double gap;
        return compare_transport_solve(transport, pass, square, &gap);
    }
    if (pass->rate >= 0 || pass->distances) compare_pairwise_kernels()->pass(pass);
    if (c->sorted != NULL) {
        *square = compare_wasserstein_1d_sorted(rows, c->sorted + pair->a * rows, rows, c->sorted + pair->b * rows, 2);
    }
    return CORE_OK;
}

static enum core_status costly_pair(void *context, size_t i, size_t thread) {
    struct costly *c = context;
    const struct compare_costly *wanted = c->wanted;
    size_t a = c->table->pair[i].a, b = c->table->pair[i].b;
    struct compare_pass pass = {
        .x = &c->cloud[a], .y = &c->cloud[b], .rate = c->rate, .distances = wanted->energy != NULL};
    struct compare_transport *transport = c->transport == NULL ? NULL : &c->transport[thread];
    double square = 0, grow = compare_grow(c->exponent), count = (double)c->table->rows * (double)c->table->rows;
    enum core_status status = square_of_pair(c, i, &pass, transport, &square);
    if (wanted->w2 != NULL) wanted->w2[i] = sqrt(square) * grow;
    if (wanted->mmd != NULL) wanted->mmd[i] = c->kernel[a] + c->kernel[b] - 2 * pass.kernel_sum / count;
    if (wanted->energy != NULL) {
        wanted->energy[i] = (2 * pass.distance_sum / count - c->distance[a] - c->distance[b]) * grow;
    }
    double all = (double)c->table->rows, others = (all - 1) / all; /* the share of the pairs i != j among all */
    if (wanted->mmd_biased != NULL) {
        double within = (c->kernel[a] + c->kernel[b]) * others + 2 / all;
        wanted->mmd_biased[i] = within - 2 * pass.kernel_sum / count;
    }
    if (wanted->energy_biased != NULL) {
        wanted->energy_biased[i] = (2 * pass.distance_sum / count - (c->distance[a] + c->distance[b]) * others) * grow;
    }
    return status;
}

static enum core_status costly_create(struct costly *c, size_t threads) {
    const struct compare_table *table = c->table;
    int matched = c->wanted->w2 != NULL, line = table->dimension == 1, complete = 1;
    c->cloud = core_alloc(table->samples, sizeof *c->cloud);
    c->kernel = core_alloc(table->samples, sizeof(double));
    c->distance = core_alloc(table->samples, sizeof(double));
    if (matched && line) {
        c->sorted = core_alloc(table->samples, table->rows * sizeof(double));
        complete = c->sorted != NULL;
    }
    if (matched && !line) {
        c->transport = core_alloc(threads, sizeof *c->transport);
        complete = c->transport != NULL;
    }
    if (!complete || c->cloud == NULL || c->kernel == NULL || c->distance == NULL) {
        return core_fail(CORE_NO_MEMORY, "no memory for the pairs of %zu samples", table->samples);
    }
    for (size_t t = 0; c->transport != NULL && t < threads; t++) {
        enum core_status status = compare_transport_init(&c->transport[t], table->rows, table->dimension);
        if (status != CORE_OK) return status;
    }
    return CORE_OK;
}

static void costly_free(struct costly *c, size_t threads) {
    for (size_t a = 0; c->cloud != NULL && a < c->table->samples; a++) compare_cloud_free(&c->cloud[a]);
    for (size_t t = 0; c->transport != NULL && t < threads; t++) compare_transport_free(&c->transport[t]);
    core_free(c->cloud);
    core_free(c->kernel);
    core_free(c->distance);
    core_free(c->sorted);
    core_free(c->transport);
}

enum core_status compare_costly_table(const struct compare_table *table, const struct compare_costly *wanted) {
    size_t threads = table->threads > 0 ? table->threads : 1;
    if (threads > table->pairs) threads = table->pairs;
    struct costly c = {.table = table, .wanted = wanted, .exponent = COMPARE_NO_EXPONENT, .rate = -1};
    for (size_t a = 0; a < table->samples; a++) {
        c.exponent = compare_exponent(c.exponent, table->rows * table->dimension, table->values[a]);
    }
    if (wanted->mmd != NULL) c.rate = compare_kernel_rate(wanted->bandwidth, c.exponent);
    enum core_status status = costly_create(&c, threads);
    if (status == CORE_OK) status = core_parallel(table->samples, threads, prepare_sample, &c);
    if (status == CORE_OK) status = core_parallel(table->pairs, threads, costly_pair, &c);
    costly_free(&c, threads);
    return status;
}
