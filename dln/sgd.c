/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stochastic gradient descent on a deep linear network.
 *
 *     g = (1/B) sum of the batch's per-sample gradients,    g <- g min(1, clip / |g|),
 *     v <- mu v + g,    theta <- theta - eta_k v.
 *
 * Batches. With replacement: B independent uniform indices. Without: a fresh subset each step. Reshuffled epochs: a
 * uniform permutation of all samples, cut into batches; the last of an epoch holds what is left and averages over it.
 * The last two are the same partial Fisher-Yates shuffle of a permutation each replica keeps: positions p, p + 1, ...
 * are swapped with a uniform later position, from p = 0 for a subset, from where the epoch stands for an epoch. The
 * subset is uniform whatever the permutation was before. */
#include "dln/network.h"

#include "core/block.h"
#include "core/memory.h"
#include "core/random.h"

#include <math.h>
#include <string.h>

struct sgd {
    struct core_stepper stepper;
    struct dln_sgd_settings settings;
    size_t velocity;    /* doubles of the workspace before the permutations */
    size_t index_words; /* doubles that hold the batch's indices */
};

struct dln_sgd_settings dln_sgd_settings_default(void) {
    return (struct dln_sgd_settings){
        .batch = 1,
        .sampling = DLN_SAMPLING_WITH_REPLACEMENT,
        .schedule = {.law = CORE_SCHEDULE_CONSTANT, .rate = 0.01, .factor = 1, .every = 1},
        .momentum = 0,
        .clip = INFINITY,
    };
}

enum core_status dln_sgd_check(const struct dln_sgd_settings *s, const struct core_landscape *network) {
    size_t n = network->samples;
    if (dln_network_depth(network) == 0)
        return core_fail(CORE_BAD_INPUT, "mini-batch SGD needs a network, not '%s'", network->name);
    if (s->batch < 1) return core_fail(CORE_BAD_INPUT, "a batch of %zu samples; allowed: at least 1", s->batch);
    if (s->sampling != DLN_SAMPLING_WITH_REPLACEMENT && s->batch > n) {
        return core_fail(CORE_BAD_INPUT, "a batch of %zu of %zu samples; without replacement at most %zu", s->batch, n,
                         n);
    }
    if (!(s->schedule.rate > 0) || !isfinite(s->schedule.rate)) {
        return core_fail(CORE_BAD_INPUT, "rate %g; allowed: a positive number", s->schedule.rate);
    }
    if (!(s->momentum >= 0 && s->momentum < 1)) {
        return core_fail(CORE_BAD_INPUT, "momentum %g; allowed: 0 to below 1", s->momentum);
    }
    if (!(s->clip > 0)) return core_fail(CORE_BAD_INPUT, "clip %g; allowed: a positive number", s->clip);
    return CORE_OK;
}

/* ---- Batches ---- */

static uint32_t *permutations(const struct sgd *sgd, double workspace[]) {
    return (uint32_t *)(void *)(workspace + sgd->velocity);
}

static void begin(const struct core_stepper *stepper, uint64_t path, double workspace[]) {
    const struct sgd *sgd = stepper->self;
    size_t width = stepper->landscape->lanes, n = stepper->landscape->samples;
    (void)path;
    if (sgd->settings.sampling == DLN_SAMPLING_WITH_REPLACEMENT) return;
    uint32_t *order = permutations(sgd, workspace);
    for (size_t i = 0; i < n * width; i++) order[i] = (uint32_t)(i / width);
}

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

/* Fills index (count, width) and returns count, the same for every lane. */
static size_t draw_batch(const struct sgd *sgd, uint64_t path, size_t k, double workspace[], uint32_t index[],
                         double uniform[]) {
    const struct core_landscape *land = sgd->stepper.landscape;
    size_t n = land->samples, batch = sgd->settings.batch;
    struct core_stream stream = {.seed = sgd->stepper.seed, .path = path, .purpose = CORE_PURPOSE_BATCH, .step = k};
    if (sgd->settings.sampling == DLN_SAMPLING_WITH_REPLACEMENT) {
        core_random_index(&stream, (uint32_t)n, land->lanes, batch, index);
        return batch;
    }
    size_t first = 0;
    if (sgd->settings.sampling == DLN_SAMPLING_RESHUFFLE) first = k % ((n + batch - 1) / batch) * batch;
    size_t count = n - first < batch ? n - first : batch;
    shuffle(&stream, n, land->lanes, first, count, permutations(sgd, workspace), index, uniform);
    return count;
}

/* ---- The step ---- */

/* scale[j] = what turns lane j's sum of gradients into its clipped mean. */
static void batch_scale(const struct sgd *sgd, size_t count, const double gradient[], double scale[]) {
    const struct core_landscape *land = sgd->stepper.landscape;
    for (size_t j = 0; j < land->lanes; j++) scale[j] = 1 / (double)count;
    if (isinf(sgd->settings.clip)) return;
    double square[CORE_LANES] __attribute__((aligned(64)));
    core_block_kernels()->square(land->dimension, land->lanes, gradient, square);
    for (size_t j = 0; j < land->lanes; j++) {
        double norm = sqrt(square[j]) * scale[j];
        if (norm > sgd->settings.clip) scale[j] *= sgd->settings.clip / norm;
    }
}

static void step(const struct core_stepper *stepper, uint64_t path, size_t k, double rate, double x[],
                 double workspace[], double scratch[]) {
    const struct sgd *sgd = stepper->self;
    const struct core_landscape *land = stepper->landscape;
    size_t width = land->lanes, size = land->dimension * width;
    double *gradient = scratch, *inner = gradient + (size + 7) / 8 * 8 + sgd->index_words;
    uint32_t *index = (uint32_t *)(void *)(gradient + (size + 7) / 8 * 8);
    double scale[CORE_LANES] __attribute__((aligned(64))), counts[CORE_LANES] __attribute__((aligned(64)));
    size_t count = draw_batch(sgd, path, k, workspace, index, inner);
    for (size_t j = 0; j < CORE_LANES; j++) counts[j] = (double)count;
    land->methods->sampled_gradient(land, x, count, counts, index, gradient, inner);
    batch_scale(sgd, count, gradient, scale);
    if (sgd->settings.momentum == 0) {
        for (size_t j = 0; j < width; j++) scale[j] *= -rate;
        core_block_kernels()->add(land->dimension, width, scale, gradient, x);
        return;
    }
    double *velocity = workspace, one[CORE_LANES] __attribute__((aligned(64)));
    for (size_t j = 0; j < CORE_LANES; j++) one[j] = -rate;
    memset(inner, 0, size * sizeof *inner);
    core_block_kernels()->add(land->dimension, width, scale, gradient, inner);
    core_block_kernels()->decay(land->dimension, width, sgd->settings.momentum, inner, velocity);
    core_block_kernels()->add(land->dimension, width, one, velocity, x);
}

/* ---- Create, free ---- */

enum core_status dln_sgd_create(const struct core_landscape *network, const struct dln_sgd_settings *settings,
                                uint64_t seed, struct core_stepper **stepper) {
    *stepper = NULL;
    enum core_status status = dln_sgd_check(settings, network);
    if (status != CORE_OK) return core_context(status, "while preparing SGD");
    struct sgd *sgd = core_alloc(1, sizeof *sgd);
    if (sgd == NULL) return core_fail(CORE_NO_MEMORY, "no memory for SGD");
    size_t size = (network->dimension * network->lanes + 7) / 8 * 8;
    size_t draws = settings->batch * network->lanes, permutation = network->samples * network->lanes;
    sgd->settings = *settings;
    sgd->velocity = settings->momentum > 0 ? size : 0;
    sgd->index_words = (draws / 2 + 8) / 8 * 8;
    size_t inner = network->scratch;
    if (inner < draws) inner = draws;
    if (inner < size) inner = size;
    sgd->stepper = (struct core_stepper){
        .landscape = network,
        .schedule = settings->schedule,
        .seed = seed,
        .workspace = sgd->velocity + (settings->sampling == DLN_SAMPLING_WITH_REPLACEMENT ? 0 : permutation / 2 + 1),
        .scratch = size + sgd->index_words + inner,
        .begin = begin,
        .step = step,
        .self = sgd,
    };
    *stepper = &sgd->stepper;
    return CORE_OK;
}

void dln_sgd_free(struct core_stepper *stepper) {
    if (stepper == NULL) return;
    core_free(stepper); /* the first member of struct sgd */
}
