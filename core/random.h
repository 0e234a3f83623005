/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CORE_RANDOM_H
#define CORE_RANDOM_H

#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

/* Random numbers that are functions of their address.
 *
 * A draw is addressed by (seed, path, purpose, step, index): Philox4x32-10 [salmon2011] applied to the counter
 *     c0 = index of the 128-bit block within the step,  c1 = step (low 32 bits),
 *     c2 = path (low 32 bits),                          c3 = purpose << 16 | path (bits 32..47)
 * under the key `seed`. There is no state: any draw can be made by any thread, in any order, again.
 *
 * Every filler takes `width`, the number of paths it draws for: 1 (the one path stream->path) or CORE_LANES (that path
 * and the seven after it, one per lane). out has shape (count, width), row-major: out[i * width + j] is draw i of
 * path stream->path + j, the same number whichever width it is asked for with. `out` is aligned to 64 bytes when
 * width is CORE_LANES.
 *
 *     struct core_stream stream = {.seed = core_seed(20, "sgd"), .path = 4711, .purpose = CORE_PURPOSE_NOISE};
 *     double z[3];
 *     core_random_normal(&stream, 1, 3, z);
 */

/* What a draw is for: streams of different purposes never share numbers. */
enum core_purpose {
    CORE_PURPOSE_DATA = 1,   /* generated inputs, teachers, label noise */
    CORE_PURPOSE_START,      /* starting points */
    CORE_PURPOSE_BATCH,      /* which samples a mini-batch holds */
    CORE_PURPOSE_NOISE,      /* the noise of a stochastic differential equation */
    CORE_PURPOSE_MIXTURE,    /* scale mixtures: one positive stable factor a step */
    CORE_PURPOSE_COUNT_DRAW, /* the Poisson number of samples in a step */
    CORE_PURPOSE_PROJECTION, /* directions of sliced distances */
    CORE_PURPOSE_RESAMPLE,   /* bootstrap and permutation tests */
    CORE_PURPOSE_TEST,       /* the test suite */
    CORE_PURPOSE_ACCEPT      /* whether a proposal of a Markov chain is taken */
};

struct core_stream {
    uint64_t seed;    /* the key; core_seed() makes one per ensemble */
    uint64_t path;    /* replica, below 2^48 */
    uint32_t purpose; /* enum core_purpose, below 2^16 */
    uint64_t step;    /* below 2^32 */
};

/* A key for the ensemble `name` of a study with this seed: a function of both, so that adding a model to a study
 * leaves the others' numbers alone. NULL or "" gives the study's own key. */
uint64_t core_seed(uint64_t seed, const char *name);

/* The raw 32-bit words, count of them a path: word 4b + i is word i of Philox block b. */
void core_random_bits(const struct core_stream *stream, size_t width, size_t count, uint32_t out[]);

/* Uniform on (0, 1): (k + 1/2) 2^-52 with k of 52 random bits, never 0 or 1. Two words a draw, the first of them the
 * high half of k. */
void core_random_uniform(const struct core_stream *stream, size_t width, size_t count, double out[]);

/* Standard normal, by Box and Muller: draws 2b and 2b+1 come from block b. */
void core_random_normal(const struct core_stream *stream, size_t width, size_t count, double out[]);

/* Standard exponential, mean 1. */
void core_random_exponential(const struct core_stream *stream, size_t width, size_t count, double out[]);

/* Symmetric stable, characteristic function exp(-|t|^alpha), 0 < alpha <= 2 (alpha = 2: variance 2), by the formula of
 * Chambers, Mallows and Stuck [chambers1976]. One block a draw. */
void core_random_stable(const struct core_stream *stream, double alpha, size_t width, size_t count, double out[]);

/* Positive stable of index a in (0, 1): Laplace transform E exp(-s A) = exp(-s^a), by Kanter's formula [kanter1975].
 * sqrt(2 A) z with a = alpha/2 and z standard normal is symmetric stable alpha as above. a = 1 gives A = 1. */
void core_random_positive_stable(const struct core_stream *stream, double a, size_t width, size_t count, double out[]);

/* Uniform integers 0 <= k < bound, out[] as uint32: word * bound >> 32, so each value has probability 1/bound within
 * 2^-32. bound is at most 2^32 - 1; with more than 2^16 values, 64 random bits are used and the error is 2^-64. */
void core_random_index(const struct core_stream *stream, uint32_t bound, size_t width, size_t count, uint32_t out[]);

/* A Poisson law prepared for sampling by inversion of its distribution function. */
struct core_poisson {
    double mean;   /* > 0, at most 1e6 */
    size_t first;  /* the smallest value with a probability above 2^-60 */
    size_t count;  /* how many values are tabulated */
    double *upper; /* (count) P(N <= first + i), the last is 1; then ones up to a multiple of 4 */
};

enum core_status core_poisson_init(struct core_poisson *law, double mean);
void core_poisson_free(struct core_poisson *law);

/* Poisson draws as doubles (small integers). */
void core_random_poisson(const struct core_stream *stream, const struct core_poisson *law, size_t width, size_t count,
                         double out[]);

#endif
