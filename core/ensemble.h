/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CORE_ENSEMBLE_H
#define CORE_ENSEMBLE_H

#include "core/landscape.h"
#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

/* An ensemble: many replicas of one stepping method on one landscape, recorded at chosen steps.
 *
 * Steps last schedule rate(k), and time t_k = sum of the rates of the steps before: k * rate where the rate is
 * constant. Replicas move in blocks of landscape->lanes; a block's draws depend on (seed, replica, step) only. */

/* The step length eta_k, k = 0, 1, ... */
enum core_schedule_law {
    CORE_SCHEDULE_CONSTANT,    /* eta */
    CORE_SCHEDULE_STEP_DECAY,  /* eta * factor^floor(k / every) */
    CORE_SCHEDULE_INVERSE_SQRT /* eta / sqrt(1 + k / every) */
};
struct core_schedule {
    enum core_schedule_law law;
    double rate;   /* eta > 0, time units a step */
    double factor; /* step decay: in (0, 1] */
    size_t every;  /* steps, >= 1 */
};
double core_schedule_rate(const struct core_schedule *schedule, size_t k);
/* Time after `steps` steps. */
double core_schedule_time(const struct core_schedule *schedule, size_t steps);

/* A stepping method prepared for one landscape: what dln (SGD) and sde (paths) hand to the driver. */
struct core_stepper {
    const struct core_landscape *landscape; /* borrowed */
    struct core_schedule schedule;
    uint64_t seed;    /* the ensemble's key, core_seed(study seed, ensemble name) */
    size_t workspace; /* doubles of state a block carries from step to step (momentum, permutations), zeroed at begin */
    size_t scratch;   /* doubles a step may use, contents undefined; at least landscape->scratch */
    /* Fills the block's state before step 0; NULL where zeros will do. `path` is the block's first replica. */
    void (*begin)(const struct core_stepper *stepper, uint64_t path, double workspace[]);
    /* One step k of length `rate`: x (dimension, lanes) moves in place. */
    void (*step)(const struct core_stepper *stepper, uint64_t path, size_t k, double rate, double x[],
                 double workspace[], double scratch[]);
    const void *self;
};

/* How replicas start: x of shape (dimension) for one replica. */
struct core_start {
    const double *point; /* (dimension) the mean, or the point itself where scale is 0 */
    double scale;        /* standard deviation of independent Gaussian starts, one per replica; 0: all start at point */
};

struct core_ensemble_settings {
    size_t steps, replicas;
    struct core_start start;
    size_t record_count;
    const size_t *record_steps; /* (record_count) ascending, each <= steps; 0 is the start */
    size_t curve_count;
    const size_t *curve_steps; /* (curve_count) ascending, each <= steps: where only the loss is kept */
    size_t level_count;
    const double *levels; /* (level_count) loss levels of the escape clock */
    double ceiling;       /* a replica whose loss passes this, or is not finite, has diverged */
    size_t threads;
    size_t first_replica; /* run only replicas first_replica .. first_replica + replicas - 1 (replay, resume) */
    /* Called now and then from one thread at a time with replica-steps done of this call; may be NULL. */
    void (*progress)(void *context, double done);
    void *progress_context;
};

/* Slots, one per replica. Diverged replicas hold NaN from the record on at which they were found out. */
struct core_ensemble {
    size_t replicas, dimension, record_count, level_count, curve_count;
    double *parameters; /* (record_count, replicas, dimension) */
    double *loss;       /* (record_count, replicas) */
    double *curve;      /* (curve_count, replicas) loss at the curve's steps; NULL without core_ensemble_add_curve */
    double *escape;     /* (level_count, replicas) first time t_k, k >= 1, with loss below the level; infinity: never */
    double *diverged;   /* (replicas) time at which divergence was found, or infinity */
    double seconds;     /* wall-clock of the run */
    double steps;       /* replica-steps done */
};

/* Doubles such an ensemble takes, for the estimate before anything is allocated. */
double core_ensemble_bytes(size_t replicas, size_t dimension, size_t record_count, size_t level_count);

enum core_status core_ensemble_create(size_t replicas, size_t dimension, size_t record_count, size_t level_count,
                                      struct core_ensemble **ensemble);
/* Makes room for the losses at `count` more steps; once, before any run. */
enum core_status core_ensemble_add_curve(struct core_ensemble *ensemble, size_t count);
void core_ensemble_free(struct core_ensemble *ensemble);

/* Runs replicas first_replica ... into slots 0 ... of `into` offset by `slot`: the whole ensemble in one call, or a
 * piece of it. Same bits for any number of threads and any cutting into pieces. */
enum core_status core_ensemble_run(const struct core_stepper *stepper, const struct core_ensemble_settings *settings,
                                   struct core_ensemble *into, size_t slot);

/* The step k whose time core_schedule_time(k) is nearest to `time`, the first of two equally near; 0 for a time that is
 * not positive, SIZE_MAX where 2^32 steps of this schedule do not reach it. */
size_t core_schedule_step(const struct core_schedule *schedule, double time);

#endif
