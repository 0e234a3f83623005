/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is the mean of paired differences above zero?
 *
 * If it is not for any better reason than chance, each difference could as well have had the other sign: p is the share
 * of the 2^n sign patterns whose sum reaches the one observed, which is one of them. Exact for n <= 20, random patterns
 * beyond. Beside it Student's t, the sign test, and Wilcoxon's signed ranks [wilcoxon1945] with midranks, whose law is
 * counted: twice a midrank is a whole number. */
#include "compare/decide.h"

#include "compare/relabelling.h"
#include "core/memory.h"
#include "core/sum.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

enum { ALL_PATTERNS = 20, MOST_RANKED = 50 };
static const double equal_within = 1e-12, tied_within = 1e-10;

static double sum_of_pattern(size_t n, const double d[], uint64_t pattern) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (pattern >> i) & 1 ? -d[i] : d[i];
    return sum;
}

static double size_of(size_t n, const double d[]) {
    double size = 0;
    for (size_t i = 0; i < n; i++) size += fabs(d[i]);
    return size;
}

static void all_patterns(size_t n, const double d[], struct compare_paired *out) {
    double least = sum_of_pattern(n, d, 0) - equal_within * size_of(n, d);
    out->total = (size_t)1 << n;
    out->exhaustive = 1;
    for (uint64_t pattern = 0; pattern < out->total; pattern++) out->count += sum_of_pattern(n, d, pattern) >= least;
}

static enum core_status random_patterns(size_t n, const double d[], size_t permutations, uint64_t seed,
                                        struct compare_paired *out) {
    struct compare_permutation_settings settings = {.permutations = permutations, .seed = seed};
    struct compare_relabelling relabelling;
    double *z = core_alloc(n, sizeof *z), least = -equal_within * size_of(n, d);
    uint32_t *words = core_alloc(2 * n + 4, sizeof *words);
    int complete = z != NULL && words != NULL;
    for (size_t i = 0; i < n; i++) least += d[i];
    compare_relabelling_init(&relabelling, n, 0, 1, &settings);
    for (size_t b = 0; complete && b < relabelling.total; b++) {
        double sum = 0;
        compare_relabelling_give(&relabelling, b, 1, z, words, words + n);
        for (size_t i = 0; i < n; i++) sum += z[i] * d[i];
        out->count += sum >= least;
    }
    out->total = relabelling.total;
    core_free(z);
    core_free(words);
    return complete ? CORE_OK : core_fail(CORE_NO_MEMORY, "no memory for the signs of %zu pairs", n);
}

static void student(size_t n, const double d[], struct compare_paired *out) {
    struct core_moments moments = core_moments(d, n, 1);
    double t = moments.mean / sqrt(moments.variance / (double)n);
    out->t_p = moments.variance > 0 ? gsl_cdf_tdist_Q(t, (double)n - 1) : (double)NAN;
}

/* ---- Signs and ranks ---- */

static int by_size(const void *a, const void *b) {
    double x = fabs(*(const double *)a), y = fabs(*(const double *)b);
    return (x > y) - (x < y);
}

/* Twice the midranks of |d|, d sorted by it. */
static void midranks(size_t n, const double d[], size_t twice[]) {
    double tie = tied_within * fabs(d[n - 1]);
    for (size_t i = 0, next; i < n; i = next) {
        for (next = i + 1; next < n && fabs(d[next]) - fabs(d[next - 1]) <= tie;) next++;
        for (size_t k = i; k < next; k++) twice[k] = i + 1 + next;
    }
}

/* P(2 W >= reached), every sign equally likely: counts[w] patterns have 2 W = w. */
static double rank_tail(size_t n, const size_t twice[], size_t reached) {
    double counts[2 * MOST_RANKED * (MOST_RANKED + 1) / 2 + 1] = {1}, above = 0;
    size_t most = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t w = most + 1; w-- > 0;) counts[w + twice[i]] += counts[w];
        most += twice[i];
    }
    for (size_t w = reached; w <= most; w++) above += counts[w];
    return above / ldexp(1, (int)n);
}

/* d: n differences, none of them zero, reordered here. */
static void signs_and_ranks(size_t n, double d[], struct compare_paired *out) {
    size_t positive = 0, reached = 0, twice[MOST_RANKED];
    for (size_t i = 0; i < n; i++) positive += d[i] > 0;
    out->sign_p = positive > 0 ? gsl_cdf_binomial_Q((unsigned)positive - 1, 0.5, (unsigned)n) : 1;
    out->wilcoxon_p = (double)NAN;
    if (n > MOST_RANKED) return;
    qsort(d, n, sizeof *d, by_size);
    midranks(n, d, twice);
    for (size_t i = 0; i < n; i++) reached += d[i] > 0 ? twice[i] : 0;
    out->wilcoxon_p = rank_tail(n, twice, reached);
}

static enum core_status decide(size_t n, const double difference[], size_t permutations, uint64_t seed, double work[],
                               struct compare_paired *out) {
    size_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (difference[i] != 0) work[kept++] = difference[i];
    }
    enum core_status status = CORE_OK;
    out->mean = core_sum(difference, n, 1) / (double)n;
    if (kept == 0) return CORE_OK;
    out->state = COMPARE_DEFINED;
    if (n <= ALL_PATTERNS) all_patterns(n, difference, out);
    if (n > ALL_PATTERNS) status = random_patterns(n, difference, permutations, seed, out);
    out->p = (double)out->count / (double)out->total;
    student(n, difference, out);
    signs_and_ranks(kept, work, out);
    return status;
}

enum core_status compare_paired_decision(size_t n, const double difference[], size_t permutations, uint64_t seed,
                                         struct compare_paired *out) {
    static const double none = (double)NAN;
    *out = (struct compare_paired){none, none, 0, 0, 0, none, none, none, COMPARE_DEGENERATE};
    if (n < 2) return core_fail(CORE_BAD_INPUT, "there are %zu pairs; two or more are needed", n);
    if (permutations == 0) return core_fail(CORE_BAD_INPUT, "a test by no permutations was asked for");
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(difference[i])) return core_fail(CORE_BAD_INPUT, "difference %zu is %g", i + 1, difference[i]);
    }
    double *work = core_alloc(n, sizeof *work);
    if (work == NULL) return core_fail(CORE_NO_MEMORY, "no memory for %zu pairs", n);
    enum core_status status = decide(n, difference, permutations, seed, work, out);
    core_free(work);
    return status;
}

double compare_remaining(double refined, double naive, double noise_floor, enum compare_state *state) {
    *state = naive > noise_floor ? COMPARE_DEFINED : COMPARE_DEGENERATE;
    return naive > noise_floor ? (refined - noise_floor) / (naive - noise_floor) : (double)NAN;
}
