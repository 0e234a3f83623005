/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver of ensembles. Replicas move in blocks of landscape->lanes, one block a piece of the parallel loop; lane j
 * of the block that starts at replica r is replica r + j, whose random numbers depend on its own number only, so
 * neither the threads nor the cutting into calls changes a bit. Lanes of the last block without a replica run and are
 * not stored.
 *
 * When the loss is looked at depends on the step only: at every step where there are levels, at recorded steps and the
 * curve's, and at every CHECK_EVERY-th step. A look does, in this order: find diverged replicas, take escape times,
 * store the record.
 */
#include "core/ensemble.h"

#include "core/clock.h"
#include "core/memory.h"
#include "core/parallel.h"
#include "core/random.h"
#include "core/seconds.h"
#include "core/simd.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <pthread.h>
#include <string.h>

enum { CHECK_EVERY = 64 };

/* ---- One call of the driver ---- */

struct run {
    const struct core_stepper *stepper;
    const struct core_ensemble_settings *settings;
    struct core_ensemble *into;
    size_t slot;          /* of the call's first replica */
    double ceiling;       /* finite */
    size_t *order;        /* (level_count) indices of the levels, highest first */
    double *memory;       /* (threads, piece) */
    size_t piece;         /* doubles a thread has */
    double started;       /* seconds */
    pthread_mutex_t lock; /* guards what follows */
    double done, steps, reported;
};

struct block {
    const struct run *run;
    const struct core_landscape *land;
    uint64_t path;     /* of lane 0 */
    size_t slot, used; /* slot of lane 0; lanes that hold a replica */
    double *x, *workspace, *scratch, *loss;
    struct core_clock clock;
    size_t record, point;          /* the next record and the next point of the curve to store */
    size_t next_level[CORE_LANES]; /* place in run->order of the highest level not yet passed */
    lanes threshold;               /* per lane: that level, the lowest double where there is none to take */
    int diverged[CORE_LANES];      /* also true for lanes without a replica */
    size_t alive;
};

static size_t rounded(size_t count) {
    return (count + CORE_LANES - 1) / CORE_LANES * CORE_LANES;
}

static size_t step_scratch(const struct core_stepper *stepper) {
    size_t own = stepper->scratch, land = stepper->landscape->scratch;
    return own > land ? own : land;
}

static void place_start(struct block *b) {
    const struct core_start *start = &b->run->settings->start;
    size_t width = b->land->lanes, n = b->land->dimension;
    struct core_stream stream = {.seed = b->run->stepper->seed, .path = b->path, .purpose = CORE_PURPOSE_START};
    if (start->scale != 0) core_random_normal(&stream, width, n, b->x);
    for (size_t i = 0; i < n * width; i++)
        b->x[i] = start->scale != 0 ? start->point[i / width] + start->scale * b->x[i] : start->point[i / width];
}

/* True where lane has a level left to pass; *level is the next. */
static int next_level(const struct block *b, size_t lane, double *level) {
    const struct core_ensemble_settings *s = b->run->settings;
    if (b->diverged[lane] || b->next_level[lane] == s->level_count) return 0;
    *level = s->levels[b->run->order[b->next_level[lane]]];
    return 1;
}

static void set_threshold(struct block *b, size_t lane) {
    double level = -DBL_MAX;
    next_level(b, lane, &level);
    b->threshold[lane] = fmax(level, -DBL_MAX);
}

static void begin_block(struct block *b, const struct run *run, size_t index, size_t thread) {
    const struct core_stepper *stepper = run->stepper;
    const struct core_landscape *land = stepper->landscape;
    size_t width = land->lanes, first = index * width, left = run->settings->replicas - first;
    double *memory = run->memory + thread * run->piece;
    *b = (struct block){.run = run,
                        .land = land,
                        .path = run->settings->first_replica + first,
                        .slot = run->slot + first,
                        .used = left < width ? left : width,
                        .x = memory};
    b->workspace = b->x + rounded(land->dimension * width);
    b->scratch = b->workspace + rounded(stepper->workspace);
    b->loss = b->scratch + rounded(step_scratch(stepper));
    b->alive = b->used;
    core_clock_start(&b->clock, &stepper->schedule);
    for (size_t j = 0; j < CORE_LANES; j++) {
        b->diverged[j] = j >= b->used;
        set_threshold(b, j);
        if (j >= b->used) continue;
        run->into->diverged[b->slot + j] = (double)INFINITY;
        for (size_t l = 0; l < run->into->level_count; l++)
            run->into->escape[l * run->into->replicas + b->slot + j] = (double)INFINITY;
    }
    place_start(b);
    memset(b->workspace, 0, stepper->workspace * sizeof(double));
    if (stepper->begin != NULL) stepper->begin(stepper, b->path, b->workspace);
}

/* ---- Looking at the losses ---- */

/* True where some lane may have diverged or passed a level. (Lanes beyond land->lanes hold the loss 0.) */
static int eventful(const struct block *b) {
    lanes loss = lanes_load(b->loss);
    lanes_mask quiet = (loss >= b->threshold) & (loss <= lanes_set(b->run->ceiling));
    int64_t all = quiet[0];
    for (size_t j = 1; j < CORE_LANES; j++) all &= quiet[j];
    return all == 0;
}

static void find_diverged(struct block *b, double time) {
    for (size_t j = 0; j < b->used; j++) {
        if (b->diverged[j] || (b->loss[j] <= b->run->ceiling && b->loss[j] >= -DBL_MAX)) continue;
        b->diverged[j] = 1;
        b->alive--;
        set_threshold(b, j);
        b->run->into->diverged[b->slot + j] = time;
    }
}

static void take_escapes(struct block *b, double time) {
    struct core_ensemble *into = b->run->into;
    double level;
    for (size_t j = 0; j < b->used; j++) {
        while (next_level(b, j, &level) && b->loss[j] < level) {
            into->escape[b->run->order[b->next_level[j]] * into->replicas + b->slot + j] = time;
            b->next_level[j]++;
            set_threshold(b, j);
        }
    }
}

/* Record b->record from the lanes as they are; NaN for the diverged. */
static void store_record(struct block *b) {
    struct core_ensemble *into = b->run->into;
    size_t n = into->dimension, width = b->land->lanes;
    for (size_t j = 0; j < b->used; j++) {
        size_t at = b->record * into->replicas + b->slot + j;
        into->loss[at] = b->diverged[j] ? (double)NAN : b->loss[j];
        for (size_t i = 0; i < n; i++)
            into->parameters[at * n + i] = b->diverged[j] ? (double)NAN : b->x[i * width + j];
    }
    b->record++;
}

/* Point b->point of the curve; NaN for the diverged. */
static void store_point(struct block *b) {
    struct core_ensemble *into = b->run->into;
    for (size_t j = 0; j < b->used; j++) {
        into->curve[b->point * into->replicas + b->slot + j] = b->diverged[j] ? (double)NAN : b->loss[j];
    }
    b->point++;
}

static void look(struct block *b, size_t k) {
    const struct core_ensemble_settings *s = b->run->settings;
    int recorded = b->record < s->record_count && s->record_steps[b->record] == k;
    int drawn = b->point < s->curve_count && s->curve_steps[b->point] == k;
    if (!recorded && !drawn && s->level_count == 0 && k % CHECK_EVERY != 0) return;
    b->land->methods->loss(b->land, b->x, b->loss, b->scratch);
    if (eventful(b)) {
        double time = core_clock_time(&b->clock);
        find_diverged(b, time);
        if (k > 0) take_escapes(b, time);
    }
    while (b->record < s->record_count && s->record_steps[b->record] == k) store_record(b);
    while (b->point < s->curve_count && s->curve_steps[b->point] == k) store_point(b);
}

/* ---- Blocks and calls ---- */

static void report(struct run *run, double replica_steps, double moved) {
    const struct core_ensemble_settings *s = run->settings;
    pthread_mutex_lock(&run->lock);
    run->done += replica_steps;
    run->steps += moved;
    double now = core_seconds();
    if (s->progress != NULL && now - run->reported >= 0.05) {
        run->reported = now;
        s->progress(s->progress_context, run->done);
    }
    pthread_mutex_unlock(&run->lock);
}

static enum core_status run_block(void *context, size_t index, size_t thread) {
    struct run *run = context;
    const struct core_stepper *stepper = run->stepper;
    struct block b;
    begin_block(&b, run, index, thread);
    size_t k = 0;
    for (;; k++) {
        look(&b, k);
        if (k == run->settings->steps || b.alive == 0) break;
        if (k % CHECK_EVERY == 0 && core_interrupted()) return core_fail(CORE_INTERRUPTED, "interrupted");
        double rate = core_clock_advance(&b.clock);
        stepper->step(stepper, b.path, k, rate, b.x, b.workspace, b.scratch);
    }
    while (b.record < run->settings->record_count) store_record(&b); /* all have diverged */
    while (b.point < run->settings->curve_count) store_point(&b);
    report(run, (double)b.used * (double)run->settings->steps, (double)b.used * (double)k);
    return CORE_OK;
}

/* The levels' indices, highest level first (insertion: there are few). */
static void sort_levels(size_t count, const double levels[], size_t order[]) {
    for (size_t l = 0; l < count; l++) {
        size_t place = l;
        for (; place > 0 && levels[order[place - 1]] < levels[l]; place--) order[place] = order[place - 1];
        order[place] = l;
    }
}

static enum core_status check(const struct core_stepper *stepper, const struct core_ensemble_settings *s) {
    enum core_status status =
        core_landscape_require(stepper->landscape, stepper->landscape->methods->loss != NULL, "loss");
    if (status == CORE_OK && s->steps > UINT64_C(1) << 32)
        status = core_fail(CORE_BAD_INPUT, "found %zu steps, expected at most 2^32", s->steps);
    if (status == CORE_OK && (uint64_t)s->first_replica + s->replicas > (UINT64_C(1) << 48) - CORE_LANES)
        status =
            core_fail(CORE_BAD_INPUT, "found replica %zu, expected less than 2^48", s->first_replica + s->replicas);
    return status;
}

static void assert_fit(const struct core_stepper *stepper, const struct core_ensemble_settings *s,
                       const struct core_ensemble *into, size_t slot) {
    assert(stepper->landscape->lanes >= 1 && stepper->landscape->lanes <= CORE_LANES);
    assert(into->dimension == stepper->landscape->dimension);
    assert(into->record_count == s->record_count && into->level_count == s->level_count);
    assert(into->curve_count == s->curve_count);
    assert(slot + s->replicas <= into->replicas);
    for (size_t r = 0; r < s->record_count; r++)
        assert(s->record_steps[r] <= s->steps && (r == 0 || s->record_steps[r - 1] <= s->record_steps[r]));
    (void)stepper, (void)s, (void)into, (void)slot;
}

/* Allocates what the threads work in and runs the blocks. */
static enum core_status run_blocks(struct run *run, size_t blocks, size_t threads) {
    const struct core_ensemble_settings *s = run->settings;
    const struct core_landscape *land = run->stepper->landscape;
    run->piece = rounded(land->dimension * land->lanes) + rounded(run->stepper->workspace) +
                 rounded(step_scratch(run->stepper)) + CORE_LANES;
    run->order = core_alloc(s->level_count, sizeof *run->order);
    run->memory = core_alloc(threads * run->piece, sizeof *run->memory);
    enum core_status status = CORE_OK;
    if (run->order == NULL || run->memory == NULL) {
        status =
            core_fail(CORE_NO_MEMORY, "no memory for %zu threads that run the landscape '%s'", threads, land->name);
    } else {
        sort_levels(s->level_count, s->levels, run->order);
        status = core_parallel(blocks, threads, run_block, run);
    }
    core_free(run->order);
    core_free(run->memory);
    return status;
}

enum core_status core_ensemble_run(const struct core_stepper *stepper, const struct core_ensemble_settings *settings,
                                   struct core_ensemble *into, size_t slot) {
    enum core_status status = check(stepper, settings);
    if (status != CORE_OK) return status;
    assert_fit(stepper, settings, into, slot);
    size_t width = stepper->landscape->lanes, blocks = (settings->replicas + width - 1) / width;
    size_t threads = settings->threads < 1 ? 1 : settings->threads < blocks ? settings->threads : blocks;
    struct run run = {.stepper = stepper,
                      .settings = settings,
                      .into = into,
                      .slot = slot,
                      .ceiling = settings->ceiling < DBL_MAX ? settings->ceiling : DBL_MAX,
                      .started = core_seconds()};
    pthread_mutex_init(&run.lock, NULL);
    if (blocks > 0) status = run_blocks(&run, blocks, threads);
    pthread_mutex_destroy(&run.lock);
    into->seconds += core_seconds() - run.started;
    into->steps += run.steps;
    if (status == CORE_OK && settings->progress != NULL) settings->progress(settings->progress_context, run.done);
    return status;
}
