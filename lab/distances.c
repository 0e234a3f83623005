/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The distances of kramers compare: one function per metric, and the table of what they fill. */
#include "lab/distances.h"

#include "compare/compare.h"
#include "core/memory.h"
#include "core/random.h"

#include <math.h>

enum { KL_NEIGHBOURS = 5, MEDIAN_ROWS = 1000, W2_ROWS = 10000 };

static enum core_status measure_w1(struct lab_distances *c) {
    if (c->a->columns != 1)
        return core_fail(CORE_BAD_INPUT, "the samples have dimension %zu, w1 needs 1", c->a->columns);
    return compare_wasserstein_1d(c->a->rows, c->a->values, c->b->rows, c->b->values, 1, &c->w1);
}

static enum core_status measure_w2(struct lab_distances *c) {
    if (c->a->columns == 1) {
        enum core_status status = compare_wasserstein_1d(c->a->rows, c->a->values, c->b->rows, c->b->values, 2, &c->w2);
        if (status == CORE_OK) c->w2_gap = 0; /* sorting is exact */
        return status;
    }
    if (c->a->rows != c->b->rows) {
        return core_fail(CORE_BAD_INPUT, "the samples have %zu and %zu rows; above dimension 1 w2 needs equally many",
                         c->a->rows, c->b->rows);
    }
    if (c->a->rows > W2_ROWS) {
        return core_fail(CORE_BAD_INPUT, "%zu rows; the exact w2 is computed for at most %d", c->a->rows, W2_ROWS);
    }
    double w2, gap;
    enum core_status status =
        compare_wasserstein_2(c->a->rows, c->a->columns, c->a->values, c->b->values, &w2, NULL, &gap);
    if (status != CORE_OK) return status;
    c->w2 = w2;
    c->w2_gap = gap;
    return CORE_OK;
}

static enum core_status measure_sliced(struct lab_distances *c) {
    double *directions = core_alloc(c->projections, c->a->columns * sizeof *directions);
    if (directions == NULL) return core_fail(CORE_NO_MEMORY, "no memory for %zu directions", c->projections);
    double value, se;
    enum core_status status =
        compare_directions(c->projections, c->a->columns, core_seed(c->seed, "projections"), directions);
    if (status == CORE_OK) {
        status = compare_sliced(c->a->rows, c->a->values, c->b->rows, c->b->values, c->a->columns, c->projections,
                                directions, &value, &se);
    }
    core_free(directions);
    if (status != CORE_OK) return status;
    c->sliced = value;
    c->sliced_se = se;
    return CORE_OK;
}

/* The p-value of one of the two statistics, where relabellings were asked for. */
static enum core_status permute(struct lab_distances *c, double bandwidth, double *mmd_p, double *energy_p) {
    struct compare_permutation_settings settings = compare_permutation_settings_default();
    struct compare_permutation out;
    if (c->permutations == 0) return CORE_OK;
    settings.permutations = c->permutations;
    settings.seed = core_seed(c->seed, "permutations");
    settings.threads = c->threads;
    enum core_status status =
        compare_permutation_test(c->a->rows, c->a->values, c->b->rows, c->b->values, c->a->columns, bandwidth,
                                 &settings, mmd_p != NULL ? &out : NULL, energy_p != NULL ? &out : NULL);
    if (status == CORE_OK) *(mmd_p != NULL ? mmd_p : energy_p) = out.p;
    return status;
}

static enum core_status measure_mmd(struct lab_distances *c) {
    double h = c->bandwidth, unbiased, biased;
    enum core_status status = CORE_OK;
    if (isnan(h)) {
        status =
            compare_median_distance(c->a->rows, c->a->values, c->b->rows, c->b->values, c->a->columns, MEDIAN_ROWS, &h);
    }
    if (status == CORE_OK) {
        status =
            compare_mmd2_both(c->a->rows, c->a->values, c->b->rows, c->b->values, c->a->columns, h, &unbiased, &biased);
    }
    if (status != CORE_OK) return status;
    c->used_bandwidth = h;
    c->mmd_unbiased = unbiased;
    c->mmd_biased = biased;
    return permute(c, h, &c->mmd_p, NULL);
}

static enum core_status measure_energy(struct lab_distances *c) {
    double u, v;
    enum core_status status =
        compare_energy2_both(c->a->rows, c->a->values, c->b->rows, c->b->values, c->a->columns, &u, &v);
    if (status != CORE_OK) return status;
    c->energy_u = u;
    c->energy_v = v;
    return permute(c, 1, NULL, &c->energy_p);
}

static enum core_status measure_ks(struct lab_distances *c) {
    struct compare_ks ks;
    if (c->a->columns != 1)
        return core_fail(CORE_BAD_INPUT, "the samples have dimension %zu, ks needs 1", c->a->columns);
    enum core_status status = compare_ks_two(c->a->rows, c->a->values, c->b->rows, c->b->values, &ks);
    if (status != CORE_OK) return status;
    c->ks = ks.distance;
    c->ks_p = ks.p;
    return CORE_OK;
}

static enum core_status measure_kl(struct lab_distances *c) {
    struct compare_knn out;
    enum core_status status =
        compare_kl_knn(c->a->rows, c->a->values, c->b->rows, c->b->values, c->a->columns, KL_NEIGHBOURS, &out);
    if (status != CORE_OK) return status;
    c->kl_knn = out.value;
    if (out.state == COMPARE_DUPLICATES) {
        return core_fail(CORE_BAD_INPUT, "%zu rows of A have %d copies or more; neighbours at distance zero have no kl",
                         out.duplicates, KL_NEIGHBOURS);
    }
    if (out.state != COMPARE_DEFINED) {
        return core_fail(CORE_BAD_INPUT, "%zu and %zu rows are too few for %d neighbours", c->a->rows, c->b->rows,
                         KL_NEIGHBOURS);
    }
    return CORE_OK;
}

const struct lab_distance lab_distances[] = {
    {"w1", measure_w1},
    {"w2", measure_w2},
    {"sliced-w2", measure_sliced},
    {"mmd", measure_mmd},
    {"energy", measure_energy},
    {"ks", measure_ks},
    {"kl", measure_kl},
    {NULL, NULL},
};

#define AT(member) offsetof(struct lab_distances, member)

const struct lab_distance_row lab_distance_rows[] = {
    {"w1", "Wasserstein distance W1", AT(w1)},
    {"w2", "Wasserstein distance W2", AT(w2)},
    {"w2_gap", "  certified gap of W2^2", AT(w2_gap)},
    {"sliced_w2", "sliced W2", AT(sliced)},
    {"sliced_w2_se", "  its standard error over directions", AT(sliced_se)},
    {"mmd2_unbiased", "MMD^2, unbiased", AT(mmd_unbiased)},
    {"mmd2_biased", "MMD^2, biased", AT(mmd_biased)},
    {"bandwidth", "  bandwidth of its kernel", AT(used_bandwidth)},
    {"mmd_p", "  p by relabelling", AT(mmd_p)},
    {"energy_u", "energy distance^2, unbiased", AT(energy_u)},
    {"energy_v", "energy distance^2, biased", AT(energy_v)},
    {"energy_p", "  p by relabelling", AT(energy_p)},
    {"ks", "Kolmogorov-Smirnov distance", AT(ks)},
    {"ks_p", "  its p", AT(ks_p)},
    {"kl_knn", "Kullback-Leibler divergence of A from B", AT(kl_knn)},
    {NULL, NULL, 0},
};

double *lab_distance_at(struct lab_distances *c, const struct lab_distance_row *row) {
    return (double *)(void *)((char *)c + row->place);
}
