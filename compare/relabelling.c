/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All subsets of k of n in lexicographic order, by number: with c = C(n - 1, k - 1) the first c of them contain the
 * first element, the others do not, and so on. Number 0 is {0, ..., k - 1}, the labels observed. Random ones by Fisher
 * and Yates's exchange, of which the first k steps suffice; a word w gives the place w * left >> 32, so that places
 * have equal probability within 2^-32. Signs: bit i of b, or of the random words. */
#include "compare/relabelling.h"

#include "core/random.h"

static const double most_exhaustive = 1e5;

/* C(n, k) as a double, exact below 2^53. */
static double choose(size_t n, size_t k) {
    double out = 1;
    k = k < n - k ? k : n - k;
    for (size_t i = 1; i <= k && out < 1e300; i++) out = out * (double)(n - k + i) / (double)i;
    return out;
}

void compare_relabelling_init(struct compare_relabelling *relabelling, size_t units, size_t chosen, int signs,
                              const struct compare_permutation_settings *settings) {
    double all = signs ? (units < 60 ? (double)((uint64_t)1 << units) : 1e300) : choose(units, chosen);
    *relabelling = (struct compare_relabelling){units, chosen, signs, .seed = settings->seed};
    relabelling->exhaustive = all <= most_exhaustive;
    relabelling->total = relabelling->exhaustive ? (size_t)all : settings->permutations + 1;
}

static void subset_of_number(const struct compare_relabelling *r, size_t b, size_t stride, double z[]) {
    size_t left = r->chosen;
    double number = (double)b;
    for (size_t k = 0; k < r->units; k++) {
        double with = left > 0 ? choose(r->units - k - 1, left - 1) : 0;
        int in = number < with;
        z[k * stride] = in;
        if (in) left--;
        if (!in) number -= with;
    }
}

static void random_subset(const struct compare_relabelling *r, size_t stride, double z[], uint32_t order[],
                          const uint32_t words[]) {
    size_t rare = 2 * r->chosen <= r->units, few = rare ? r->chosen : r->units - r->chosen;
    for (size_t k = 0; k < r->units; k++) {
        order[k] = (uint32_t)k;
        z[k * stride] = rare ? 0 : 1;
    }
    for (size_t k = 0; k < few; k++) {
        size_t at = k + (size_t)(((uint64_t)words[k] * (r->units - k)) >> 32);
        uint32_t taken = order[at];
        order[at] = order[k];
        order[k] = taken;
        z[taken * stride] = rare ? 1 : 0;
    }
}

void compare_relabelling_give(const struct compare_relabelling *r, size_t b, size_t stride, double z[],
                              uint32_t order[], uint32_t words[]) {
    if (b == 0) {
        for (size_t k = 0; k < r->units; k++) z[k * stride] = r->signs || k < r->chosen;
        return;
    }
    if (r->exhaustive && !r->signs) {
        subset_of_number(r, b, stride, z);
        return;
    }
    struct core_stream stream = {.seed = r->seed, .path = b, .purpose = CORE_PURPOSE_RESAMPLE};
    if (!r->exhaustive) core_random_bits(&stream, 1, r->signs ? (r->units + 31) / 32 : r->units, words);
    if (!r->signs) {
        random_subset(r, stride, z, order, words);
        return;
    }
    if (r->exhaustive) words[0] = (uint32_t)b;
    for (size_t k = 0; k < r->units; k++) z[k * stride] = (words[k / 32] >> (k % 32)) & 1 ? -1 : 1;
}
