/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The distances of kramers compare: one function per metric, and the table of what they fill. */
#include "lab/distances.h"

#include "compare/compare.h"
#include "core/memory.h"
#include "core/random.h"

#include <math.h>

enum { KL_NEIGHBOURS = 5, MEDIAN_ROWS = 1000, PAIRS = 100000000, SINKHORN_PAIRS = 9000000 };

/* W_p of samples of any sizes, above dimension 1 up to PAIRS pairs of rows. */
static enum core_status transport(const struct lab_distances *c, int p, double *distance, double *gap) {
    double pairs = (double)c->a->rows * (double)c->b->rows;
    if (c->a->columns > 1 && pairs > PAIRS) {
        return core_fail(CORE_BAD_INPUT, "%zu and %zu rows; exact distances are computed for at most %d pairs of rows",
                         c->a->rows, c->b->rows, PAIRS);
    }
    double found, certified;
    enum core_status status = compare_wasserstein(c->a->rows, c->a->values, NULL, c->b->rows, c->b->values, NULL,
                                                  c->a->columns, p, &found, &certified);
    if (status != CORE_OK) return status;
    *distance = found;
    *gap = certified;
    return CORE_OK;
}

static enum core_status measure_w1(struct lab_distances *c) {
    return transport(c, 1, &c->w1, &c->w1_gap);
}

static enum core_status measure_w2(struct lab_distances *c) {
    return transport(c, 2, &c->w2, &c->w2_gap);
}

/* The regularisation is a twentieth of the median squared distance. */
static enum core_status measure_sinkhorn(struct lab_distances *c) {
    double median;
    struct compare_sinkhorn out;
    if ((double)c->a->rows * (double)c->b->rows > SINKHORN_PAIRS) {
        return core_fail(CORE_BAD_INPUT, "%zu and %zu rows; sinkhorn is computed for at most %d pairs of rows",
                         c->a->rows, c->b->rows, SINKHORN_PAIRS);
    }
    enum core_status status = compare_median_distance(c->a->rows, c->a->values, c->b->rows, c->b->values, c->a->columns,
                                                      MEDIAN_ROWS, &median);
    double epsilon = 0.05 * median * median;
    if (status == CORE_OK) {
        status = compare_sinkhorn(c->a->rows, c->a->values, c->b->rows, c->b->values, c->a->columns, epsilon, &out);
    }
    if (status != CORE_OK) return status;
    c->sinkhorn = out.divergence;
    c->sinkhorn_epsilon = epsilon;
    c->sinkhorn_gap = out.gap;
    if (out.state == COMPARE_DEFINED) return CORE_OK;
    return core_fail(CORE_NUMERICAL, "not converged; the gap says how far it may be off");
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
    {"sinkhorn", measure_sinkhorn},
    {"mmd", measure_mmd},
    {"energy", measure_energy},
    {"ks", measure_ks},
    {"kl", measure_kl},
    {NULL, NULL},
};

#define AT(member) offsetof(struct lab_distances, member)

const struct lab_distance_row lab_distance_rows[] = {
    {"w1", "Wasserstein distance W1", AT(w1)},
    {"w1_gap", "  certified gap of W1", AT(w1_gap)},
    {"w2", "Wasserstein distance W2", AT(w2)},
    {"w2_gap", "  certified gap of W2^2", AT(w2_gap)},
    {"sliced_w2", "sliced W2", AT(sliced)},
    {"sliced_w2_se", "  its standard error over directions", AT(sliced_se)},
    {"sinkhorn", "Sinkhorn divergence", AT(sinkhorn)},
    {"sinkhorn_gap", "  certified gap", AT(sinkhorn_gap)},
    {"sinkhorn_epsilon", "  its regularisation", AT(sinkhorn_epsilon)},
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
