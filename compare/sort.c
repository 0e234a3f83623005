/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Radix sort of doubles.
 *
 * A double becomes a 64-bit key of the same order: flip the sign bit of positive numbers, all bits of negative ones.
 * Less the smallest key, the keys of a sample occupy some number of bits; three counting passes of 11 bits over the 33
 * highest of them (four of 8 bits over 32 for short samples) all but sort them, and an insertion sort finishes. It has
 * little to do unless the sample is a tight cluster with distant outliers; then its budget runs out, and all 64 bits
 * are sorted by counting. */
#include "compare/sort.h"

#include <string.h>

enum { MOST_DIGIT = 11, PASSES = 3, ALL_PASSES = 6, MOVES_PER_ENTRY = 8, FEW = 48, MANY = 1500 };

/* Counting passes over `digit` bits each: three or all of 64 bits. Short samples take narrower digits. */
struct plan {
    unsigned digit;
    int passes, all_passes;
};
static const struct plan plans[] = {{8, 4, 8}, {MOST_DIGIT, PASSES, ALL_PASSES}};

static uint64_t key_of(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits ^ ((0 - (bits >> 63)) | 0x8000000000000000u);
}

static double value_of(uint64_t key) {
    uint64_t bits = key ^ (((key >> 63) - 1) | 0x8000000000000000u);
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* `passes` stable counting passes over the digits of key >> shift, lowest first. Returns where the keys are. */
static uint64_t *count_passes(size_t n, uint64_t *keys, uint64_t *spare, unsigned shift, unsigned digit, int passes) {
    size_t counts[ALL_PASSES << MOST_DIGIT], digits = (size_t)1 << digit;
    memset(counts, 0, ((size_t)passes << digit) * sizeof counts[0]);
    for (size_t i = 0; i < n; i++) {
        uint64_t key = keys[i] >> shift;
        for (int p = 0; p < passes; p++, key >>= digit) counts[((size_t)p << digit) + (key & (digits - 1))]++;
    }
    for (int p = 0; p < passes; p++) {
        size_t *count = counts + ((size_t)p << digit), before = 0;
        unsigned down = shift + (unsigned)p * digit;
        for (size_t d = 0; d < digits; d++) {
            size_t here = count[d];
            count[d] = before;
            before += here;
        }
        for (size_t i = 0; i < n; i++) spare[count[(keys[i] >> down) & (digits - 1)]++] = keys[i];
        uint64_t *swap = keys;
        keys = spare;
        spare = swap;
    }
    return keys;
}

/* Insertion sort that gives up after `budget` moves: 1 when sorted. */
static int finish(size_t n, uint64_t keys[], size_t budget) {
    for (size_t i = 1; i < n; i++) {
        uint64_t key = keys[i];
        size_t j = i;
        for (; j > 0 && keys[j - 1] > key; j--) keys[j] = keys[j - 1];
        keys[j] = key;
        if (i - j > budget) return 0;
        budget -= i - j;
    }
    return 1;
}

static const uint64_t *sort_keys(size_t n, uint64_t work[], uint64_t most) {
    if (n <= FEW) {
        finish(n, work, n * n);
        return work;
    }
    const struct plan *plan = &plans[n >= MANY];
    unsigned bits = 64 - (unsigned)__builtin_clzll(most), covered = (unsigned)plan->passes * plan->digit;
    unsigned shift = bits > covered ? bits - covered : 0;
    uint64_t *keys = count_passes(n, work, work + n, shift, plan->digit, plan->passes);
    if (finish(n, keys, MOVES_PER_ENTRY * n)) return keys;
    return count_passes(n, keys, keys == work ? work + n : work, 0, plan->digit, plan->all_passes);
}

void compare_sort(size_t n, double x[], uint64_t work[]) {
    if (n < 2) return;
    uint64_t least = UINT64_MAX, most = 0;
    for (size_t i = 0; i < n; i++) {
        work[i] = key_of(x[i]);
        least = work[i] < least ? work[i] : least;
        most = work[i] > most ? work[i] : most;
    }
    if (least == most) return;
    for (size_t i = 0; i < n; i++) work[i] -= least;
    const uint64_t *keys = sort_keys(n, work, most - least);
    for (size_t i = 0; i < n; i++) x[i] = value_of(keys[i] + least);
}
