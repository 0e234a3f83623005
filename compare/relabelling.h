/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMPARE_RELABELLING_H
#define COMPARE_RELABELLING_H

#include "compare/two_sample.h"

/* The relabellings of a test: which units are of the first sample (1 or 0), or the sign of each pair (1 or -1). Number
 * 0 is the one observed. Where there are at most 100000, `total` is all of them and each is given once; else number b
 * is a function of (seed, b). */
struct compare_relabelling {
    size_t units, chosen; /* chosen of the units are 1; signs: chosen is 0 */
    int signs, exhaustive;
    size_t total;
    uint64_t seed;
};

void compare_relabelling_init(struct compare_relabelling *relabelling, size_t units, size_t chosen, int signs,
                              const struct compare_permutation_settings *settings);

/* Relabelling b into z[k * stride], k < units. order: (units) work; words: (units, rounded up to a multiple of 4). */
void compare_relabelling_give(const struct compare_relabelling *relabelling, size_t b, size_t stride, double z[],
                              uint32_t order[], uint32_t words[]);

#endif
