/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mini-batches.
 *
 * With replacement: B independent uniform indices. Without: a fresh subset each step. Reshuffled epochs: a uniform
 * permutation of all samples, cut into batches; the last of an epoch holds what is left and averages over it.
 * The last two are the same partial Fisher-Yates shuffle of a permutation each replica keeps: positions p, p + 1, ...
 * are swapped with a uniform later position, from p = 0 for a subset, from where the epoch stands for an epoch. The
 * subset is uniform whatever the permutation was before.
 *
 * Online: B fresh samples of the generating law. Label noise of deviation s: each target drawn, from the data or from
 * the law, gets s e with a fresh standard normal e of its own stream, so that the variance of the targets' own noise
 * (fixed in the data, fresh in the law) and that of this one add. */
#include "dln/batch.h"

#include "core/block.h"
#include "core/random.h"

#include <string.h>

/* ---- Memory ---- */

static int keeps_permutation(const struct dln_sgd_settings *settings) {
    return settings->sampling == DLN_SAMPLING_WITHOUT_REPLACEMENT || settings->sampling == DLN_SAMPLING_RESHUFFLE;
}

static size_t larger(size_t a, size_t b) {
    return a > b ? a : b;
}

static size_t inputs_size(const struct dln_batch *b) {
    return dln_padded(b->settings->batch * dln_of(b->land)->inputs * b->land->lanes);
}

static size_t targets_size(const struct dln_batch *b) {
    return dln_padded(b->settings->batch * dln_of(b->land)->outputs * b->land->lanes);
}

struct dln_batch dln_batch_plan(const struct core_landscape *network, const struct dln_sgd_settings *settings,
                                uint64_t seed) {
    struct dln_batch b = {.land = network, .settings = settings, .seed = seed};
    size_t width = network->lanes, draws = settings->batch * width, inner = larger(network->scratch, draws);
    int online = settings->sampling == DLN_SAMPLING_ONLINE;
    if (keeps_permutation(settings)) b.permutation = network->samples * width / 2 + 1;
    if (!online) b.index = (draws / 2 + 8) / 8 * 8;
    if (online || settings->label_noise > 0) {
        b.dense = inputs_size(&b) + targets_size(&b);
        inner = larger(inner, targets_size(&b));
    }
    if (online) inner = larger(inner, dln_source_scratch(settings->source, width, settings->batch));
    b.scratch = b.index + b.dense + inner;
    return b;
}

void dln_batch_begin(const struct dln_batch *batch, double state[]) {
    size_t width = batch->land->lanes, n = batch->land->samples;
    uint32_t *order = (uint32_t *)(void *)state;
    if (!keeps_permutation(batch->settings)) return;
    for (size_t i = 0; i < n * width; i++) order[i] = (uint32_t)(i / width);
}

/* ---- Indices ---- */

/* Positions first ... first + count - 1 of each lane's permutation become a uniform subset of what stands from first
 * on. */
static void shuffle(const struct core_stream *stream, size_t n, size_t width, size_t first, size_t count,
                    uint32_t order[], uint32_t index[], double uniform[]) {
    core_random_uniform(stream, width, count, uniform);
    for (size_t b = 0; b < count; b++) {
        size_t here = first + b;
        for (size_t j = 0; j < width; j++) {
            size_t there = here + (size_t)(uniform[b * width + j] * (double)(n - here));
            uint32_t drawn = order[there * width + j];
            order[there * width + j] = order[here * width + j];
            order[here * width + j] = drawn;
            index[b * width + j] = drawn;
        }
    }
}

/* Fills index (count, width) and returns count. */
static size_t draw_indices(const struct dln_batch *b, uint64_t path, size_t k, double state[], uint32_t index[],
                           double uniform[]) {
    size_t n = b->land->samples, batch = b->settings->batch;
    struct core_stream stream = {.seed = b->seed, .path = path, .purpose = CORE_PURPOSE_BATCH, .step = k};
    if (!keeps_permutation(b->settings)) {
        core_random_index(&stream, (uint32_t)n, b->land->lanes, batch, index);
        return batch;
    }
    size_t first = 0;
    if (b->settings->sampling == DLN_SAMPLING_RESHUFFLE) first = k % ((n + batch - 1) / batch) * batch;
    size_t count = n - first < batch ? n - first : batch;
    shuffle(&stream, n, b->land->lanes, first, count, (uint32_t *)(void *)state, index, uniform);
    return count;
}

/* ---- Samples ---- */

/* inputs (count, d_0, width), targets (count, d_L, width) = the samples of the indices. */
static void gather(const struct core_landscape *land, size_t count, const uint32_t index[], double inputs[],
                   double targets[]) {
    const struct dln_network *network = dln_of(land);
    size_t width = land->lanes, d0 = network->inputs, dl = network->outputs;
    for (size_t b = 0; b < count; b++) {
        for (size_t j = 0; j < width; j++) {
            const double *row = network->rows + (size_t)index[b * width + j] * network->stride;
            for (size_t i = 0; i < d0; i++) inputs[(b * d0 + i) * width + j] = row[i];
            for (size_t o = 0; o < dl; o++) targets[(b * dl + o) * width + j] = row[d0 + o];
        }
    }
}

/* targets += s e. */
static void disturb(const struct dln_batch *b, uint64_t path, size_t k, size_t count, double targets[],
                    double normal[]) {
    struct core_stream stream = {.seed = b->seed, .path = path, .purpose = CORE_PURPOSE_LABEL, .step = k};
    size_t rows = count * dln_of(b->land)->outputs;
    double deviation[CORE_LANES] __attribute__((aligned(64)));
    for (size_t j = 0; j < CORE_LANES; j++) deviation[j] = b->settings->label_noise;
    core_random_normal(&stream, b->land->lanes, rows, normal);
    core_block_kernels()->add(rows, b->land->lanes, deviation, normal, targets);
}

size_t dln_batch_gradient(const struct dln_batch *b, uint64_t path, size_t k, const double x[], double state[],
                          double gradient[], double scratch[]) {
    const struct core_landscape *land = b->land;
    uint32_t *index = (uint32_t *)(void *)scratch;
    double *inputs = scratch + b->index, *inner = inputs + b->dense;
    double counts[CORE_LANES] __attribute__((aligned(64)));
    size_t count = b->settings->batch;
    int online = b->settings->sampling == DLN_SAMPLING_ONLINE;
    if (!online) count = draw_indices(b, path, k, state, index, inner);
    if (b->dense == 0) {
        for (size_t j = 0; j < CORE_LANES; j++) counts[j] = (double)count;
        land->methods->sampled_gradient(land, x, count, counts, index, gradient, inner);
        return count;
    }
    double *targets = inputs + inputs_size(b);
    if (online)
        dln_source_draw(b->settings->source, b->seed, path, k, land->lanes, count, inputs, targets, inner);
    else
        gather(land, count, index, inputs, targets);
    if (b->settings->label_noise > 0) disturb(b, path, k, count, targets, inner);
    dln_of(land)->batch_gradient(land, x, count, inputs, targets, gradient, inner);
    return count;
}
