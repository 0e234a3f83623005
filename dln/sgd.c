/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stochastic gradient descent on a deep linear network.
 *
 *     g = (1/B) sum of the batch's per-sample gradients,    g <- g min(1, clip / |g|),
 *
 * then the optimiser's step (dln/optimiser_*.c) along g. What a batch holds: dln/batch.c. */
#include "dln/batch.h"
#include "dln/optimiser.h"
#include "dln/source.h"

#include "core/block.h"
#include "core/memory.h"

#include <math.h>

struct sgd {
    struct core_stepper stepper;
    struct dln_sgd_settings settings;
    const struct dln_optimiser *optimiser;
    struct dln_batch batch;
    size_t size;  /* doubles of a vector of the shape of x, rounded up to 8 */
    size_t state; /* doubles of the workspace before the batches' */
};

struct dln_sgd_settings dln_sgd_settings_default(void) {
    return (struct dln_sgd_settings){
        .batch = 1,
        .sampling = DLN_SAMPLING_WITH_REPLACEMENT,
        .schedule = {.law = CORE_SCHEDULE_CONSTANT, .rate = 0.01, .factor = 1, .every = 1},
        .clip = INFINITY,
        .optimiser = DLN_OPTIMISER_SGD,
        .beta1 = 0.9,
        .beta2 = 0.999,
        .epsilon = 1e-8,
    };
}

/* ---- Checks ---- */

static enum core_status check_source(const struct dln_source *source, const struct core_landscape *network) {
    const size_t *widths = dln_network_widths(network);
    if (source == NULL) return core_fail(CORE_BAD_INPUT, "online sampling without a law to draw samples from");
    if (source->inputs == widths[0] && source->outputs == widths[dln_network_depth(network)]) return CORE_OK;
    return core_fail(CORE_BAD_INPUT, "fresh samples of %zu inputs and %zu targets for a network of %zu and %zu",
                     source->inputs, source->outputs, widths[0], widths[dln_network_depth(network)]);
}

static enum core_status check_batch(const struct dln_sgd_settings *s, const struct core_landscape *network) {
    size_t n = network->samples;
    if (s->batch < 1) return core_fail(CORE_BAD_INPUT, "a batch of %zu samples; allowed: at least 1", s->batch);
    if (s->sampling == DLN_SAMPLING_ONLINE) return check_source(s->source, network);
    if (s->sampling != DLN_SAMPLING_WITH_REPLACEMENT && s->batch > n) {
        return core_fail(CORE_BAD_INPUT, "a batch of %zu of %zu samples; without replacement at most %zu", s->batch, n,
                         n);
    }
    return CORE_OK;
}

enum core_status dln_sgd_check(const struct dln_sgd_settings *s, const struct core_landscape *network) {
    if (dln_network_depth(network) == 0)
        return core_fail(CORE_BAD_INPUT, "mini-batch SGD needs a network, not '%s'", network->name);
    enum core_status status = check_batch(s, network);
    if (status != CORE_OK) return status;
    if (!(s->schedule.rate > 0) || !isfinite(s->schedule.rate)) {
        return core_fail(CORE_BAD_INPUT, "rate %g; allowed: a positive number", s->schedule.rate);
    }
    if (!(s->clip > 0)) return core_fail(CORE_BAD_INPUT, "clip %g; allowed: a positive number", s->clip);
    if (!(s->label_noise >= 0 && isfinite(s->label_noise))) {
        return core_fail(CORE_BAD_INPUT, "label noise %g; allowed: 0 or more", s->label_noise);
    }
    if (!(s->weight_decay >= 0 && isfinite(s->weight_decay))) {
        return core_fail(CORE_BAD_INPUT, "weight decay %g; allowed: 0 or more", s->weight_decay);
    }
    if (dln_optimiser_of(s->optimiser) == NULL) {
        return core_fail(CORE_BAD_INPUT, "optimiser number %d; allowed: those of the table", (int)s->optimiser);
    }
    return dln_optimiser_of(s->optimiser)->check(s);
}

/* ---- The step ---- */

static void begin(const struct core_stepper *stepper, uint64_t path, double workspace[]) {
    const struct sgd *sgd = stepper->self;
    (void)path;
    dln_batch_begin(&sgd->batch, workspace + sgd->state);
}

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
    struct dln_update at = {&sgd->settings, land->dimension, land->lanes, k, rate};
    double *gradient = scratch, *inner = gradient + sgd->size, scale[CORE_LANES] __attribute__((aligned(64)));
    size_t count = dln_batch_gradient(&sgd->batch, path, k, x, workspace + sgd->state, gradient, inner);
    batch_scale(sgd, count, gradient, scale);
    sgd->optimiser->update(&at, scale, gradient, x, workspace, inner);
}

/* ---- Create, free ---- */

enum core_status dln_sgd_create(const struct core_landscape *network, const struct dln_sgd_settings *settings,
                                uint64_t seed, struct core_stepper **stepper) {
    *stepper = NULL;
    enum core_status status = dln_sgd_check(settings, network);
    if (status != CORE_OK) return core_context(status, "while preparing SGD");
    struct sgd *sgd = core_alloc(1, sizeof *sgd);
    if (sgd == NULL) return core_fail(CORE_NO_MEMORY, "no memory for SGD");
    sgd->settings = *settings;
    sgd->optimiser = dln_optimiser_of(settings->optimiser);
    sgd->batch = dln_batch_plan(network, &sgd->settings, seed);
    sgd->size = dln_padded(network->dimension * network->lanes);
    sgd->state = sgd->optimiser->vectors(settings) * sgd->size;
    sgd->stepper = (struct core_stepper){
        .landscape = network,
        .schedule = settings->schedule,
        .seed = seed,
        .workspace = sgd->state + sgd->batch.permutation,
        .scratch = sgd->size + (sgd->batch.scratch > sgd->size ? sgd->batch.scratch : sgd->size),
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
