/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Permutation tests for MMD and energy distance, and sign flips for pairs.
 *
 * With M_ab the kernel summed over the pairs of rows of units a and b (a unit is a row or a block of rows), z the
 * labels (1: first sample) and
 *
 *     A = sum within the first sample = sum_{a<b} z_a z_b M_ab + sum_a z_a M_aa,   over pairs of rows i < j,
 *     S = sum_a z_a (row sum of a) = 2 A + C,   A + B + C the sum over all pairs,
 *
 * every statistic follows from A and S, and only A costs more than a sum: a quadratic form per relabelling. Sizes n, m:
 *
 *     MMD^2 = 2 A / (n (n-1)) + 2 B / (m (m-1)) - 2 C / (n m)              unbiased [gretton2012, eq. 3]
 *     energy = 2 C / (n m) - 2 A / n^2 - 2 B / m^2                         V-statistic [szekely2013].
 *
 * Blocks cut the quadratic form from N^2 to the square of the number of blocks and cost hardly any power with 64 of
 * them or more [domingo2025]; they lie within one sample each, so that relabelling blocks is relabelling exchangeable
 * things and the level stays exact. Two values count as equal within 1e-12 of their terms: sums of the same numbers in
 * another order differ by rounding. p counts the observed labelling as one of the possible ones. */
#include "compare/pair_sums.h"
#include "compare/relabelling.h"
#include "compare/two_sample.h"

#include "compare/check.h"
#include "core/memory.h"
#include "core/parallel.h"

#include <math.h>
#include <string.h>

enum {
    SINGLE_ROWS = 1000,
    LEAST_BLOCKS = 64,
    STEP = 16,
    MOST_UNITS = 20000,
    GROUPS = 8,
    PIECE = GROUPS * COMPARE_GROUP
};
static const double equal_within = 1e-12;

struct compare_permutation_settings compare_permutation_settings_default(void) {
    return (struct compare_permutation_settings){.permutations = 1000, .seed = 1, .threads = 1};
}

/* One statistic: its pair sums and what is made of them. */
struct form {
    struct compare_lower lower;
    double *diagonal, *sum; /* (units) M_aa; row sums */
    double total;           /* over all pairs */
    double a, b, c;         /* the statistic is a A + b B + c C, or a A for signs */
    double *value;          /* (total) of every relabelling */
    double size;            /* of the observed value's terms */
};

struct test {
    struct compare_relabelling relabelling;
    size_t forms;
    struct form form[2];
    double *z;       /* (threads, GROUPS, stride, 32) */
    uint32_t *order; /* (threads, 2 units + 4) */
};

static void form_free(struct form *form) {
    compare_lower_free(&form->lower);
    core_free(form->diagonal);
    core_free(form->sum);
    core_free(form->value);
}

static void test_free(struct test *test) {
    for (size_t k = 0; k < 2; k++) form_free(&test->form[k]);
    core_free(test->z);
    core_free(test->order);
}

static enum core_status form_create(struct form *form, size_t units, size_t total) {
    form->diagonal = core_alloc(units, sizeof(double));
    form->sum = core_alloc(units, sizeof(double));
    form->value = core_alloc(total, sizeof(double));
    if (form->diagonal == NULL || form->sum == NULL || form->value == NULL) {
        return core_fail(CORE_NO_MEMORY, "no memory for %zu relabellings of %zu units", total, units);
    }
    return compare_lower_init(&form->lower, units);
}

/* ---- The values ---- */

static double value_of(const struct test *test, const struct form *form, double pairs, const double z[], double *size) {
    double within = 0, mass = 0;
    if (test->relabelling.signs) {
        for (size_t k = 0; k < test->relabelling.units; k++) within += form->diagonal[k];
        *size = fabs(form->a) * (fabs(within) + fabs(pairs));
        return form->a * (within + pairs);
    }
    for (size_t k = 0; k < test->relabelling.units; k++) {
        within += z[k * COMPARE_GROUP] * form->diagonal[k];
        mass += z[k * COMPARE_GROUP] * form->sum[k];
    }
    double first = pairs + within, cross = mass - 2 * first, second = form->total - first - cross;
    *size = fabs(form->a * first) + fabs(form->b * second) + fabs(form->c * cross);
    return form->a * first + form->b * second + form->c * cross;
}

/* Up to GROUPS groups of 32 relabellings. */
static enum core_status run_piece(void *context, size_t piece, size_t thread) {
    struct test *test = context;
    const struct compare_relabelling *r = &test->relabelling;
    size_t first = piece * PIECE, here = r->total - first < PIECE ? r->total - first : PIECE;
    size_t size = test->form[0].lower.stride * COMPARE_GROUP;
    double *z = test->z + thread * GROUPS * size;
    uint32_t *order = test->order + thread * (2 * r->units + 4);
    double out[PIECE] __attribute__((aligned(64)));
    for (size_t b = 0; b < here; b++) {
        double *own = z + b / COMPARE_GROUP * size + b % COMPARE_GROUP;
        compare_relabelling_give(r, first + b, COMPARE_GROUP, own, order, order + r->units);
    }
    for (size_t k = 0; k < test->forms; k++) {
        struct form *form = &test->form[k];
        compare_quadratic_kernels()->forms(&form->lower, (here + COMPARE_GROUP - 1) / COMPARE_GROUP, z, out);
        for (size_t b = 0; b < here; b++) {
            double magnitude, *own = z + b / COMPARE_GROUP * size + b % COMPARE_GROUP;
            form->value[first + b] = value_of(test, form, out[b], own, &magnitude);
            if (first + b == 0) form->size = magnitude;
        }
    }
    return CORE_OK;
}

static void count(const struct test *test, const struct form *form, struct compare_permutation *out) {
    double least = form->value[0] - equal_within * form->size;
    *out = (struct compare_permutation){.value = form->value[0], .total = test->relabelling.total};
    out->exhaustive = test->relabelling.exhaustive;
    for (size_t b = 0; b < out->total; b++) out->count += form->value[b] >= least;
    out->p = (double)out->count / (double)out->total;
}

static enum core_status run(struct test *test, size_t threads) {
    const struct compare_relabelling *r = &test->relabelling;
    size_t pieces = (r->total + PIECE - 1) / PIECE;
    threads = threads < 1 ? 1 : threads > pieces ? pieces : threads;
    test->z = core_alloc(threads * test->form[0].lower.stride, PIECE * sizeof(double));
    test->order = core_alloc(threads, (2 * r->units + 4) * sizeof(uint32_t));
    if (test->z == NULL || test->order == NULL) {
        return core_fail(CORE_NO_MEMORY, "no memory for the labels of %zu units", r->units);
    }
    for (size_t k = 0; k < test->forms; k++) {
        struct form *form = &test->form[k];
        compare_lower_sums(&form->lower, &form->total, form->sum);
        for (size_t a = 0; a < r->units; a++) {
            form->total += form->diagonal[a];
            form->sum[a] += 2 * form->diagonal[a];
        }
    }
    return core_parallel(pieces, threads, run_piece, test);
}

/* ---- Two samples ---- */

static size_t block_rows(const struct compare_permutation_settings *settings, size_t n, size_t m) {
    size_t smaller = n < m ? n : m, block = STEP;
    if (settings->block > 0) return settings->block;
    if (smaller <= SINGLE_ROWS) return 1;
    while (smaller / (2 * block) >= LEAST_BLOCKS) block *= 2;
    return smaller / block >= LEAST_BLOCKS ? block : 1;
}

struct pair {
    struct compare_blocks x, y;
    double grow; /* of a distance */
    double rate; /* of the kernel */
};

static enum core_status pair_init(struct pair *pair, size_t n, const double x[], size_t m, const double y[],
                                  size_t dimension, double bandwidth, size_t block) {
    int exponent = compare_exponent(compare_exponent(COMPARE_NO_EXPONENT, n * dimension, x), m * dimension, y);
    memset(pair, 0, sizeof *pair);
    pair->grow = compare_grow(exponent);
    pair->rate = compare_kernel_rate(bandwidth, exponent);
    enum core_status status = compare_blocks_init(&pair->x, n, dimension, x, block, exponent);
    return status == CORE_OK ? compare_blocks_init(&pair->y, m, dimension, y, block, exponent) : status;
}

static void pair_free(struct pair *pair) {
    compare_blocks_free(&pair->x);
    compare_blocks_free(&pair->y);
}

static enum core_status check(size_t n, const double x[], size_t m, const double y[], size_t dimension,
                              double bandwidth, int kernel, const struct compare_permutation_settings *settings) {
    enum core_status status = compare_check_sample("the first sample", 2, n, dimension, x);
    if (status == CORE_OK) status = compare_check_sample("the second sample", 2, m, dimension, y);
    if (status != CORE_OK) return status;
    if (kernel && (!(bandwidth > 0) || !isfinite(bandwidth))) {
        return core_fail(CORE_BAD_INPUT, "the kernel's bandwidth is %g; it must be positive", bandwidth);
    }
    if (settings->permutations == 0) return core_fail(CORE_BAD_INPUT, "a test by no permutations was asked for");
    size_t smaller = n < m ? n : m;
    if ((n + m) / block_rows(settings, n, m) > MOST_UNITS) {
        return core_fail(CORE_BAD_INPUT, "%zu rows in blocks of %zu; at most %d blocks are relabelled", n + m,
                         block_rows(settings, n, m), MOST_UNITS);
    }
    if (smaller / block_rows(settings, n, m) >= 2) return CORE_OK;
    return core_fail(CORE_BAD_INPUT, "the smaller sample has %zu rows, fewer than two blocks of %zu", smaller,
                     settings->block);
}

/* The pair sums of the pooled sample. */
static enum core_status pooled_sums(const struct pair *pair, double rate, struct form *form) {
    size_t n = pair->x.count;
    enum core_status status = compare_pair_sums(&pair->x, 0, &pair->x, 0, rate, 1, &form->lower, form->diagonal);
    if (status == CORE_OK) status = compare_pair_sums(&pair->y, n, &pair->x, 0, rate, 1, &form->lower, form->diagonal);
    if (status == CORE_OK) status = compare_pair_sums(&pair->y, n, &pair->y, n, rate, 1, &form->lower, form->diagonal);
    return status;
}

static void mmd_factors(struct form *form, double n, double m) {
    form->a = 2 / (n * (n - 1));
    form->b = 2 / (m * (m - 1));
    form->c = -2 / (n * m);
}

static void energy_factors(struct form *form, double n, double m, double grow) {
    form->a = -2 / (n * n) * grow;
    form->b = -2 / (m * m) * grow;
    form->c = 2 / (n * m) * grow;
}

static enum core_status two_samples(struct test *test, const struct pair *pair,
                                    const struct compare_permutation_settings *settings, int mmd, int energy) {
    size_t units = pair->x.count + pair->y.count;
    double n = (double)(pair->x.count * pair->x.block), m = (double)(pair->y.count * pair->y.block);
    compare_relabelling_init(&test->relabelling, units, pair->x.count, 0, settings);
    for (int k = 0; k < 2; k++) {
        if (!(k == 0 ? mmd : energy)) continue;
        struct form *form = &test->form[test->forms++];
        enum core_status status = form_create(form, units, test->relabelling.total);
        if (status == CORE_OK) status = pooled_sums(pair, k == 0 ? pair->rate : -1, form);
        if (status != CORE_OK) return status;
        if (k == 0) mmd_factors(form, n, m);
        if (k == 1) energy_factors(form, n, m, pair->grow);
    }
    return run(test, settings->threads);
}

static void counts(const struct test *test, struct compare_permutation *mmd, struct compare_permutation *energy) {
    if (mmd != NULL) count(test, &test->form[0], mmd);
    if (energy != NULL) count(test, &test->form[mmd != NULL], energy);
}

enum core_status compare_permutation_test(size_t n, const double x[], size_t m, const double y[], size_t dimension,
                                          double bandwidth, const struct compare_permutation_settings *settings,
                                          struct compare_permutation *mmd, struct compare_permutation *energy) {
    enum core_status status = check(n, x, m, y, dimension, bandwidth, mmd != NULL, settings);
    if (status != CORE_OK || (mmd == NULL && energy == NULL)) return status;
    struct test test = {.forms = 0};
    struct pair pair;
    status = pair_init(&pair, n, x, m, y, dimension, bandwidth, block_rows(settings, n, m));
    if (status == CORE_OK) status = two_samples(&test, &pair, settings, mmd != NULL, energy != NULL);
    if (status == CORE_OK) counts(&test, mmd, energy);
    test_free(&test);
    pair_free(&pair);
    return status;
}

/* ---- Pairs ---- */

/* h of [gretton2012, eq. 4] summed over blocks. The pairs of rows within a block share their coin. */
static enum core_status pair_differences(const struct pair *pair, double rate, struct form *form) {
    const struct {
        const struct compare_blocks *rows, *columns;
        double sign;
    } terms[] = {{&pair->x, &pair->x, 1}, {&pair->y, &pair->y, 1}, {&pair->x, &pair->y, -1}, {&pair->y, &pair->x, -1}};
    enum core_status status = CORE_OK;
    double overall = rate < 0 ? -1 : 1;
    for (size_t t = 0; t < 4 && status == CORE_OK; t++) {
        status = compare_pair_sums(terms[t].rows, 0, terms[t].columns, 0, rate, overall * terms[t].sign, &form->lower,
                                   form->diagonal);
    }
    return status;
}

static enum core_status flips(struct test *test, const struct pair *pair,
                              const struct compare_permutation_settings *settings, int mmd, int energy) {
    double n = (double)(pair->x.count * pair->x.block);
    compare_relabelling_init(&test->relabelling, pair->x.count, 0, 1, settings);
    for (int k = 0; k < 2; k++) {
        if (!(k == 0 ? mmd : energy)) continue;
        struct form *form = &test->form[test->forms++];
        enum core_status status = form_create(form, pair->x.count, test->relabelling.total);
        if (status == CORE_OK) status = pair_differences(pair, k == 0 ? pair->rate : -1, form);
        if (status != CORE_OK) return status;
        form->a = 2 / (n * (n - 1)) * (k == 0 ? 1 : pair->grow);
    }
    return run(test, settings->threads);
}

enum core_status compare_paired_test(size_t n, const double x[], const double y[], size_t dimension, double bandwidth,
                                     const struct compare_permutation_settings *settings,
                                     struct compare_permutation *mmd, struct compare_permutation *energy) {
    enum core_status status = check(n, x, n, y, dimension, bandwidth, mmd != NULL, settings);
    if (status != CORE_OK || (mmd == NULL && energy == NULL)) return status;
    struct test test = {.forms = 0};
    struct pair pair;
    size_t block = settings->block > 0 ? settings->block : 1;
    status = pair_init(&pair, n, x, n, y, dimension, bandwidth, block);
    if (status == CORE_OK) status = flips(&test, &pair, settings, mmd != NULL, energy != NULL);
    if (status == CORE_OK) counts(&test, mmd, energy);
    test_free(&test);
    pair_free(&pair);
    return status;
}
