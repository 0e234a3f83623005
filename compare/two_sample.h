/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMPARE_TWO_SAMPLE_H
#define COMPARE_TWO_SAMPLE_H

#include "compare/state.h"
#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

/* Tests of "both samples have one law". */

/* ---- Kolmogorov and Smirnov ---- */

struct compare_ks {
    double distance; /* sup |F - G|, looked at after all ties of a value */
    double p;        /* P(D >= distance) under the hypothesis, two-sided */
    int exact;       /* 1: the law of D at this size, ties included; 0: its limit for large samples */
};

/* Two samples on the line. Exact for n m <= 1e7, given the ties; any sizes. */
enum core_status compare_ks_two(size_t n, const double x[], size_t m, const double y[], struct compare_ks *out);

/* One sample against a continuous law: law(context, x) = P(X <= x). Exact up to n = 2000 and for small p. */
typedef double (*compare_law)(const void *context, double x);
enum core_status compare_ks_one(size_t n, const double x[], compare_law law, const void *context,
                                struct compare_ks *out);

/* Kolmogorov's limit law: P(K > t) = 2 sum_k (-1)^(k-1) exp(-2 k^2 t^2), 1 for t <= 0. */
double compare_kolmogorov_sf(double t);

/* ---- Permutations ---- */

struct compare_permutation_settings {
    size_t permutations; /* >= 1; default 1000. All relabellings are taken instead where there are at most 100000 */
    size_t block; /* rows that are relabelled together, consecutive ones: 1 every row by itself, L whole runs of L
                   * rows; 0 (default) 1 up to 1000 rows in the smaller sample, then a multiple of 16 such that
                   * it has 64 to 127 blocks. Rows after the last whole block are left out */
    uint64_t seed;
    size_t threads;
};
struct compare_permutation_settings compare_permutation_settings_default(void);

/* One statistic's test. count relabellings of `total`, the one observed included, reach the observed value; p is
 * count / total. `exhaustive`: total is all of them. */
struct compare_permutation {
    double value; /* of the statistic, on the rows used */
    double p;
    size_t count, total;
    int exhaustive;
};

/* Is unbiased MMD^2 with this bandwidth (mmd, NULL: not wanted), is the V-statistic of the energy distance (energy)
 * larger than when rows (or blocks) of the pooled sample are dealt to the samples anew? The level is exact: rows are
 * exchangeable under the hypothesis. CORE_BAD_INPUT where a sample has fewer than two blocks. Memory N^2 doubles for
 * N = n + m rows in blocks of one. */
enum core_status compare_permutation_test(size_t n, const double x[], size_t m, const double y[], size_t dimension,
                                          double bandwidth, const struct compare_permutation_settings *settings,
                                          struct compare_permutation *mmd, struct compare_permutation *energy);

/* Paired ensembles (row i of both has the same seed and start): rows of one pair are exchangeable, rows of different
 * pairs need not be, so x_i and y_i are swapped by coin flips (all 2^n where that is at most 100000; `block` rows
 * share a coin). Statistic: sum over i != j of h_ij / (n (n - 1)), h_ij = k(x_i, x_j) + k(y_i, y_j) - k(x_i, y_j) -
 * k(x_j, y_i) [gretton2012, eq. 4], with the Gaussian kernel for mmd and k = -|x - y| for energy. */
enum core_status compare_paired_test(size_t n, const double x[], const double y[], size_t dimension, double bandwidth,
                                     const struct compare_permutation_settings *settings,
                                     struct compare_permutation *mmd, struct compare_permutation *energy);

#endif
