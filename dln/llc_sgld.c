/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stochastic-gradient Langevin dynamics [welling2011], as [lau2023] uses it:
 *
 *     w <- w - (eps/2) (nbeta g + gamma (w - w*)) + sqrt(eps) z,   z standard normal,
 *
 * g the gradient of all samples (from the moments) or the mean over batch_size samples drawn with replacement. No step
 * is ever rejected, so the law it settles in is off by O(eps): where U is quadratic with curvature a, its variance is
 * 1 / (a (1 - eps a / 4)) instead of 1 / a, and it diverges for eps a > 4. A mini-batch adds (eps nbeta / 2)^2 Sigma/B
 * to the covariance of a step. */
#include "dln/llc_method.h"

#include "core/block.h"
#include "core/random.h"
#include "dln/dln.h"

#include <math.h>

static enum core_status check(const struct dln_llc_settings *s, const struct core_landscape *land) {
    if (s->batch_size == 0) return CORE_OK;
    return core_landscape_require(land, land->methods->sampled_gradient != NULL && land->samples > 0,
                                  "mini-batches (batch_size)");
}

static size_t width(const struct core_landscape *land) {
    return land->lanes;
}

static size_t size_of(const struct dln_llc_run *run) {
    return dln_rounded(run->land->dimension * run->land->lanes);
}

/* (eps gamma / 2) w*, once for each chain. */
static void begin(const struct dln_llc_run *run, const double x[], double state[], double scratch[]) {
    const struct dln_llc_settings *s = run->settings;
    (void)scratch;
    for (size_t i = 0; i < run->land->dimension * run->land->lanes; i++) state[i] = s->lr * s->localization / 2 * x[i];
}

static size_t index_words(const struct dln_llc_run *run) {
    return dln_rounded(run->settings->batch_size * run->land->lanes / 2 + 1);
}

/* Gradient, normal numbers, a batch's indices, what the landscape needs. */
static size_t scratch_size(const struct dln_llc_run *run) {
    return 2 * size_of(run) + index_words(run) + run->land->scratch;
}

/* The sum of a batch's gradients, or the gradient; returns what makes its mean of it. */
static double gradient(const struct dln_llc_run *run, struct core_stream stream, const double x[], double g[],
                       double scratch[]) {
    const struct core_landscape *land = run->land;
    size_t batch = run->settings->batch_size;
    double *inner = scratch + index_words(run);
    if (batch == 0) {
        land->methods->gradient(land, x, g, inner);
        return 1;
    }
    uint32_t *index = (uint32_t *)(void *)scratch;
    double count[CORE_LANES] __attribute__((aligned(64)));
    for (size_t j = 0; j < CORE_LANES; j++) count[j] = (double)batch;
    stream.purpose = CORE_PURPOSE_BATCH;
    core_random_index(&stream, (uint32_t)land->samples, land->lanes, batch, index);
    land->methods->sampled_gradient(land, x, batch, count, index, g, inner);
    return 1 / (double)batch;
}

static enum core_status step(const struct dln_llc_run *run, uint64_t chain, size_t k, double x[], double state[],
                             double scratch[]) {
    const struct core_landscape *land = run->land;
    const struct dln_llc_settings *s = run->settings;
    const struct core_block_kernels *block = core_block_kernels();
    double *g = scratch, *z = g + size_of(run), downhill[CORE_LANES] __attribute__((aligned(64)));
    double spread[CORE_LANES] __attribute__((aligned(64)));
    struct core_stream stream = {.seed = run->key, .path = chain, .purpose = CORE_PURPOSE_NOISE, .step = k};
    double share = gradient(run, stream, x, g, z + size_of(run));
    core_random_normal(&stream, land->lanes, land->dimension, z);
    for (size_t j = 0; j < CORE_LANES; j++) {
        downhill[j] = -s->lr / 2 * s->nbeta * share;
        spread[j] = sqrt(s->lr);
    }
    block->decay(land->dimension, land->lanes, 1 - s->lr * s->localization / 2, state, x);
    block->add(land->dimension, land->lanes, downhill, g, x);
    block->add(land->dimension, land->lanes, spread, z, x);
    return CORE_OK;
}

static void loss(const struct dln_llc_run *run, const double x[], const double state[], double out[],
                 double scratch[]) {
    (void)state;
    run->land->methods->loss(run->land, x, out, scratch);
}

const struct dln_llc_method dln_llc_sgld = {
    .choice = {"sgld", "stochastic-gradient Langevin dynamics: fast, biased by its step lr"},
    .stepped = 1,
    .check = check,
    .width = width,
    .state = size_of,
    .scratch = scratch_size,
    .begin = begin,
    .step = step,
    .loss = loss,
};
