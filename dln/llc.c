/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The local learning coefficient: settings, chains, and the result around them (dln/llc.h) [lau2023] [watanabe2013]:
 *
 *     lambda_hat = nbeta (E[L(w)] - L(w*)),   nbeta = n / ln n,
 *
 * over the law exp(-nbeta L(w) - gamma |w - w*|^2 / 2). L is always that of all samples, also where a sampler's
 * gradient is a mini-batch's: it costs no more here and has no noise of its own. */
#include "dln/llc_method.h"

#include "core/memory.h"
#include "core/parallel.h"
#include "core/random.h"
#include "dln/dln.h"

#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

static const struct dln_llc_method *const methods[] = {&dln_llc_gibbs, &dln_llc_mala, &dln_llc_sgld};
enum { METHODS = sizeof methods / sizeof *methods, CHECK_EVERY = 256 };

const struct dln_llc_choice *dln_llc_sampler(size_t i) {
    return i < METHODS ? &methods[i]->choice : NULL;
}

const struct dln_llc_method *dln_llc_method_find(const char *name) {
    for (size_t i = 0; i < METHODS; i++) {
        if (strcmp(methods[i]->choice.name, name) == 0) return methods[i];
    }
    return NULL;
}

/* ---- Settings
 * ----------------------------------------------------------------------------------------------------------- */

struct dln_llc_settings dln_llc_settings_default(void) {
    return (struct dln_llc_settings){
        .sampler = "gibbs",
        .num_chains = 4,
        .num_draws = 2000,
        .num_burnin_steps = 500,
        .steps_between = 1,
        .lr = 1e-4,
        .localization = 1,
        .seed = 1,
        .threads = 1,
    };
}

static double chain_steps(const struct dln_llc_settings *s) {
    return (double)s->num_burnin_steps + (double)s->num_draws * (double)s->steps_between;
}

static enum core_status check_sizes(const struct dln_llc_settings *s) {
    if (s->num_chains < 1 || s->num_draws < 1 || s->steps_between < 1) {
        return core_fail(CORE_BAD_INPUT,
                         "found num_chains %zu, num_draws %zu, num_steps_bw_draws %zu; expected at least 1 each",
                         s->num_chains, s->num_draws, s->steps_between);
    }
    if (chain_steps(s) >= 4294967296.0) {
        return core_fail(CORE_BAD_INPUT, "found %.3g steps a chain, expected fewer than 2^32", chain_steps(s));
    }
    double bytes = (double)s->num_chains * (double)s->num_draws * (double)sizeof(double);
    size_t available = core_memory_available();
    if (available == 0 || bytes < 0.8 * (double)available) return CORE_OK;
    return core_fail(CORE_NO_MEMORY,
                     "%zu chains of %zu draws take %.3g GB, this machine has %.3g; more num_steps_bw_draws "
                     "and fewer num_draws take less",
                     s->num_chains, s->num_draws, bytes * 1e-9, (double)available * 1e-9);
}

static enum core_status check_numbers(const struct dln_llc_settings *s, const struct core_landscape *land) {
    if (!(s->localization >= 0 && isfinite(s->localization))) {
        return core_fail(CORE_BAD_INPUT, "localization %g; allowed: 0 or more", s->localization);
    }
    if (!(s->nbeta >= 0 && isfinite(s->nbeta)))
        return core_fail(CORE_BAD_INPUT, "nbeta %g; allowed: a positive number", s->nbeta);
    if (s->nbeta > 0 || land->samples >= 2) return CORE_OK;
    return core_fail(CORE_BAD_INPUT, "nbeta is missing: n / ln n needs two samples or more, the landscape '%s' has %zu",
                     land->name, land->samples);
}

enum core_status dln_llc_check(const struct dln_llc_settings *s, const struct core_landscape *land) {
    const struct dln_llc_method *method = dln_llc_method_find(s->sampler);
    if (method == NULL)
        return core_fail(CORE_BAD_INPUT, "found the sampler '%s', expected gibbs, mala or sgld", s->sampler);
    enum core_status status = check_sizes(s);
    if (status == CORE_OK) status = check_numbers(s, land);
    if (status == CORE_OK && method->stepped && !(s->lr > 0 && isfinite(s->lr))) {
        status = core_fail(CORE_BAD_INPUT, "lr %g; allowed: a positive number", s->lr);
    }
    if (status == CORE_OK && method->check != NULL) status = method->check(s, land);
    if (status == CORE_OK) status = core_landscape_require(land, land->methods->gradient != NULL, "gradient");
    return status == CORE_OK ? core_landscape_require(land, land->methods->loss != NULL, "loss") : status;
}

/* ---- Chains
 * -------------------------------------------------------------------------------------------------------------- */

struct sampling {
    struct dln_llc_run run;
    const struct dln_llc_method *method;
    struct dln_llc *llc;
    size_t width, state, scratch, piece; /* piece: doubles of a thread */
    double *memory;
    pthread_mutex_t lock; /* for what follows */
    double done;
};

/* One block of chains on its way. */
struct block {
    size_t first, used;
    double *x, *state, *scratch;
};

static void tell(struct sampling *sampling, double steps) {
    const struct dln_llc_settings *s = sampling->run.settings;
    pthread_mutex_lock(&sampling->lock);
    sampling->done += steps;
    if (s->progress != NULL) s->progress(s->progress_context, sampling->done);
    pthread_mutex_unlock(&sampling->lock);
}

/* Losses of draw d of the block's chains; 0 where none of them is a number any more. */
static int record(const struct sampling *sampling, const struct block *b, size_t d) {
    double loss[CORE_LANES] __attribute__((aligned(64)));
    int alive = 0;
    sampling->method->loss(&sampling->run, b->x, b->state, loss, b->scratch);
    for (size_t j = 0; j < b->used; j++) {
        sampling->llc->loss[(b->first + j) * sampling->llc->num_draws + d] = loss[j];
        alive |= isfinite(loss[j]) != 0;
    }
    return alive;
}

/* NaN for the draws d ... of a block whose chains have all diverged. */
static void forget(const struct sampling *sampling, const struct block *b, size_t d) {
    size_t draws = sampling->llc->num_draws;
    for (size_t j = 0; j < b->used; j++) {
        for (size_t i = d; i < draws; i++) sampling->llc->loss[(b->first + j) * draws + i] = (double)NAN;
    }
}

static void begin(const struct sampling *sampling, struct block *b, size_t index, size_t thread) {
    size_t width = sampling->width, p = sampling->run.land->dimension, chains = sampling->llc->num_chains;
    b->first = index * width;
    b->used = chains - b->first < width ? chains - b->first : width;
    b->x = sampling->memory + thread * sampling->piece;
    b->state = b->x + dln_rounded(p * width);
    b->scratch = b->state + sampling->state;
    for (size_t i = 0; i < p * width; i++) b->x[i] = sampling->run.centre[i / width];
    memset(b->state, 0, sampling->state * sizeof *b->state);
    sampling->method->begin(&sampling->run, b->x, b->state, b->scratch);
}

static void finish(const struct sampling *sampling, const struct block *b) {
    const struct dln_llc_settings *s = sampling->run.settings;
    double acceptance[CORE_LANES], step[CORE_LANES];
    for (size_t j = 0; j < CORE_LANES; j++) {
        acceptance[j] = (double)NAN;
        step[j] = s->lr;
    }
    double moves = (double)s->num_draws * (double)s->steps_between;
    if (sampling->method->report != NULL) sampling->method->report(&sampling->run, b->state, moves, acceptance, step);
    for (size_t j = 0; j < b->used; j++) {
        sampling->llc->acceptance[b->first + j] = acceptance[j];
        sampling->llc->step[b->first + j] = step[j];
    }
}

static enum core_status run_block(void *context, size_t index, size_t thread) {
    struct sampling *sampling = context;
    const struct dln_llc_settings *s = sampling->run.settings;
    struct block b;
    begin(sampling, &b, index, thread);
    size_t steps = s->num_burnin_steps + s->num_draws * s->steps_between, told = 0, until = s->steps_between, d = 0;
    for (size_t k = 0; k < steps; k++) {
        if (k % CHECK_EVERY == 0) {
            if (core_interrupted()) return core_fail(CORE_INTERRUPTED, "interrupted");
            if (k - told >= 64 * CHECK_EVERY) {
                tell(sampling, (double)b.used * (double)(k - told));
                told = k;
            }
        }
        enum core_status status = sampling->method->step(&sampling->run, b.first, k, b.x, b.state, b.scratch);
        if (status != CORE_OK) return status;
        if (k < s->num_burnin_steps || --until > 0) continue;
        until = s->steps_between;
        if (!record(sampling, &b, d++)) break;
    }
    forget(sampling, &b, d);
    finish(sampling, &b);
    tell(sampling, (double)b.used * (double)(steps - told));
    return CORE_OK;
}

static enum core_status sample(struct sampling *sampling) {
    const struct dln_llc_settings *s = sampling->run.settings;
    size_t blocks = (s->num_chains + sampling->width - 1) / sampling->width;
    size_t threads = s->threads < 1 ? 1 : s->threads < blocks ? s->threads : blocks;
    sampling->state = dln_rounded(sampling->method->state(&sampling->run));
    sampling->scratch = dln_rounded(sampling->method->scratch(&sampling->run));
    sampling->piece =
        dln_rounded(sampling->run.land->dimension * sampling->width) + sampling->state + sampling->scratch;
    sampling->memory = core_alloc(threads * sampling->piece, sizeof *sampling->memory);
    if (sampling->memory == NULL) return core_fail(CORE_NO_MEMORY, "no memory for %zu threads of chains", threads);
    pthread_mutex_init(&sampling->lock, NULL);
    enum core_status status = core_parallel(blocks, threads, run_block, sampling);
    pthread_mutex_destroy(&sampling->lock);
    core_free(sampling->memory);
    return status;
}

/* ---- Create, free
 * -------------------------------------------------------------------------------------------------------- */

static struct dln_llc *allocate(const struct dln_llc_settings *s) {
    struct dln_llc *llc = core_alloc(1, sizeof *llc);
    if (llc == NULL) return NULL;
    llc->num_chains = s->num_chains;
    llc->num_draws = s->num_draws;
    llc->nbeta = s->nbeta;
    llc->loss = core_alloc(s->num_chains * s->num_draws, sizeof *llc->loss);
    llc->estimate = core_alloc(3 * s->num_chains, sizeof *llc->estimate);
    if (llc->loss == NULL || llc->estimate == NULL) {
        dln_llc_free(llc);
        return NULL;
    }
    llc->acceptance = llc->estimate + s->num_chains;
    llc->step = llc->acceptance + s->num_chains;
    return llc;
}

void dln_llc_free(struct dln_llc *llc) {
    if (llc == NULL) return;
    core_free(llc->loss);
    core_free(llc->estimate); /* acceptance and step lie behind it */
    core_free(llc);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* The loss at w*, the chains, and what they say. */
static enum core_status measure(struct sampling *sampling) {
    enum core_status status = core_point_loss(sampling->run.land, sampling->run.centre, &sampling->llc->centre_loss);
    double started = now();
    if (status == CORE_OK) status = sample(sampling);
    sampling->llc->seconds = now() - started;
    sampling->llc->steps = sampling->done;
    if (status == CORE_OK) status = dln_llc_estimate(sampling->llc);
    return status == CORE_OK ? dln_llc_diagnose(&sampling->run, sampling->llc) : status;
}

enum core_status dln_llc_create(const struct core_landscape *land, const double centre[],
                                const struct dln_llc_settings *settings, struct dln_llc **out) {
    *out = NULL;
    enum core_status status = dln_llc_check(settings, land);
    if (status != CORE_OK) return core_context(status, "while estimating a learning coefficient");
    const struct dln_llc_method *method = dln_llc_method_find(settings->sampler);
    struct dln_llc_settings filled = *settings;
    assert(method != NULL); /* dln_llc_check has found it */
    if (filled.nbeta <= 0) filled.nbeta = (double)land->samples / log((double)land->samples);
    struct sampling sampling = {
        .run = {land, centre, &filled, core_seed(settings->seed, "llc")},
        .method = method,
        .llc = allocate(&filled),
    };
    if (sampling.llc == NULL) return core_fail(CORE_NO_MEMORY, "no memory for %zu chains", settings->num_chains);
    sampling.width = method->width(land);
    status = measure(&sampling);
    if (status != CORE_OK)
        dln_llc_free(sampling.llc);
    else
        *out = sampling.llc;
    return core_context(status, "while estimating a learning coefficient");
}
