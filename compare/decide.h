/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMPARE_DECIDE_H
#define COMPARE_DECIDE_H

#include "compare/state.h"
#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

/* Decisions: intervals, corrections for many tests, paired comparisons. */

/* ---- Bootstrap ---- */

/* A statistic of rows chosen with repetition: row[0 .. n) are positions in the user's data, which `context` holds. A
 * NaN is a resample on which it is undefined. */
typedef double (*compare_statistic)(const void *context, size_t n, const size_t row[]);

struct compare_interval {
    double value;          /* of the sample itself */
    double low, high;      /* of the method asked for; NaN where state is COMPARE_DEGENERATE */
    double bias, skewness; /* z0 and the acceleration; NaN for percentile intervals */
    size_t undefined;      /* resamples left out because the statistic was NaN */
    enum compare_state state;
};

struct compare_bootstrap_settings {
    size_t resamples;  /* default 2000 */
    double confidence; /* default 0.95 */
    int percentile;    /* 0 (default): bias-corrected and accelerated; 1: plain percentiles */
    uint64_t seed;
};
struct compare_bootstrap_settings compare_bootstrap_settings_default(void);

/* Rows are what is exchangeable: whole runs, never time points of one run; and never a distance of a sample from a
 * resample of itself, whose repeated rows look like closeness. COMPARE_DEGENERATE: all resamples on one side of the
 * value, or a jackknife without spread. */
enum core_status compare_bootstrap(size_t n, compare_statistic statistic, const void *context,
                                   const struct compare_bootstrap_settings *settings, struct compare_interval *out);

/* The interval from given numbers: value, resampled (count), which is sorted in place, and the n values of the
 * jackknife (NULL for percentiles). */
enum core_status compare_bootstrap_interval(double value, size_t count, double resampled[], size_t n,
                                            const double jackknife[], double confidence, struct compare_interval *out);

/* ---- Many tests ---- */

/* Benjamini and Hochberg's step-up adjustment in place: rejecting where it is at most q keeps the expected share of
 * false ones among the rejected below q for independent tests. NaN entries stay and are not counted. */
void compare_benjamini_hochberg(size_t count, double p[]);

/* ---- Paired ---- */

struct compare_paired {
    double mean;         /* of the differences */
    double p;            /* of "the mean is not above zero", by flipping signs: count / total */
    size_t count, total; /* sign patterns with a mean at least as large, the observed one included; all of them */
    int exhaustive;      /* 1: all 2^n patterns, n <= 20; 0: random ones */
    double t_p, sign_p, wilcoxon_p; /* the same by Student's t, by the number of positive ones, by exact signed ranks
                                     * (midranks; NaN above n = 50); differences of zero are left out of the last two */
    enum compare_state state;       /* COMPARE_DEGENERATE: all differences are zero */
};

/* difference[i] = d(SGD, naive) - d(SGD, refined) of independent block i. */
enum core_status compare_paired_decision(size_t n, const double difference[], size_t permutations, uint64_t seed,
                                         struct compare_paired *out);

/* (refined - floor) / (naive - floor): the share of the naive distance that remains above the noise floor. NaN and
 * COMPARE_DEGENERATE where naive is not above the floor. */
double compare_remaining(double refined, double naive, double noise_floor, enum compare_state *state);

#endif
