/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The learning coefficient of a deep linear network of any depth and rank, in integers [aoyagi2024].
 *
 * With widths H_0 ... H_L, rank r and the excess widths D_s = H_s - r in ascending order, let the k smallest of them,
 * l = k - 1 >= 1, be those with
 *
 *     D_k < D_{k+1},   D_1 + ... + D_k >= l D_k,   D_1 + ... + D_k < l D_{k+1}
 *
 * (the first and the last only where there is a D_{k+1}). f(k) = D_1 + ... + D_k - (k - 1) D_k falls from f(2) = D_1,
 * which is not negative, and the last condition is f(k + 1) < 0: so k is the largest with f(k) >= 0, and there is
 * exactly one. With S the sum of these k, M = ceil(S / l) and a = S - (M - 1) l:
 *
 *     lambda = r (H_0 + H_L - r) / 2 + a (l - a) / (4 l) - l (l - 1) / 4 (S / l)^2 + sum_{i<j} D_i D_j / 2,
 *     m = a (l - a) + 1.
 *
 * 4 l lambda is an integer. With widths up to 10^6 and depth up to 64, S < 2^26 and no term exceeds 2^59. */
#include "dln/dln.h"

#include <assert.h>

static int64_t greatest_divisor(int64_t a, int64_t b) {
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a < 0 ? -a : a;
}

static enum core_status check(size_t depth, const size_t widths[], size_t rank) {
    if (depth < 1 || depth > DLN_DEPTH_MAX) {
        return core_fail(CORE_BAD_INPUT, "found %zu widths, expected 2 to %d", depth + 1, DLN_DEPTH_MAX + 1);
    }
    for (size_t s = 0; s <= depth; s++) {
        if (widths[s] < 1 || widths[s] > DLN_LEARNING_WIDTH_MAX) {
            return core_fail(CORE_BAD_INPUT, "found the width %zu, expected 1 to %d", widths[s],
                             DLN_LEARNING_WIDTH_MAX);
        }
        if (rank > widths[s]) {
            return core_fail(CORE_BAD_INPUT, "found rank %zu, expected at most the smallest width, here %zu", rank,
                             widths[s]);
        }
    }
    return CORE_OK;
}

/* excess (depth + 1) = H_s - r, ascending. */
static void sort_excess(size_t depth, const size_t widths[], size_t rank, int64_t excess[]) {
    for (size_t s = 0; s <= depth; s++) {
        int64_t value = (int64_t)(widths[s] - rank);
        size_t place = s;
        for (; place > 0 && excess[place - 1] > value; place--) excess[place] = excess[place - 1];
        excess[place] = value;
    }
}

/* k; *sum = S. */
static size_t choose(size_t depth, const int64_t excess[], int64_t *sum) {
    size_t k = 2;
    *sum = excess[0] + excess[1];
    while (k <= depth && *sum >= (int64_t)(k - 1) * excess[k]) *sum += excess[k++]; /* f(k + 1) >= 0 */
    return k;
}

enum core_status dln_learning_coefficient(size_t depth, const size_t widths[], size_t rank, struct dln_learning *out) {
    enum core_status status = check(depth, widths, rank);
    if (status != CORE_OK) return core_context(status, "no learning coefficient");
    int64_t excess[DLN_DEPTH_MAX + 1] = {0}, sum, squares = 0;
    sort_excess(depth, widths, rank, excess);
    size_t k = choose(depth, excess, &sum);
    assert(k >= 2 && k <= depth + 1);
    for (size_t i = 0; i < k; i++) squares += excess[i] * excess[i];
    int64_t l = (int64_t)k - 1, ceiling = (sum + l - 1) / l, a = sum - (ceiling - 1) * l;
    int64_t pairs = (sum * sum - squares) / 2, r = (int64_t)rank;
    int64_t fitted = r * ((int64_t)widths[0] + (int64_t)widths[depth] - r);
    int64_t numerator = 2 * l * fitted + a * (l - a) - (l - 1) * sum * sum + 2 * l * pairs, denominator = 4 * l;
    int64_t divisor = greatest_divisor(numerator, denominator);
    *out = (struct dln_learning){
        .numerator = numerator / divisor,
        .denominator = denominator / divisor,
        .value = (double)numerator / (double)denominator,
        .multiplicity = (size_t)(a * (l - a) + 1),
    };
    return CORE_OK;
}
