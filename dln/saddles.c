/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The atlas of critical points: one of every family (rank r, modes S, layers whose unused block is zero), labelled
 * twice.
 *
 * By theory: ranks of partial products (dln/tightened.c). By what is seen there: the loss against the smallest one the
 * network can reach, and the eigenvalues of the Hessian, a negative one beyond 1e-8 of the largest making it strict.
 * The two share no code but the network's own, and where they disagree the atlas says so.
 *
 * The list. For each r from 0, sets S in lexicographic order, so that {0 ... r-1} is the first; for each, the patterns
 * of zero blocks in the layers that have one, all zero first, at least two zero with the empty ones. */
#include "dln/network.h"

#include "core/memory.h"
#include "core/parallel.h"

#include <math.h>
#include <string.h>

enum { PATTERN_LAYERS = 20 }; /* layers whose blocks vary; those beyond stay zero */

struct dln_atlas_settings dln_atlas_settings_default(void) {
    return (struct dln_atlas_settings){.most = 512, .threads = 1, .formed = 1500};
}

/* ---- The list of families
 * -------------------------------------------------------------------------------------------- */

/* What is common to the families of one rank. */
struct families {
    size_t rank, free_count;
    size_t free[DLN_DEPTH_MAX]; /* layers with a block that may be zero or not */
    size_t empty;               /* layers without one */
    double sets, patterns;      /* how many S, how many patterns */
};

static double binomial(size_t n, size_t k) {
    double value = 1;
    for (size_t i = 1; i <= k; i++) value = value * (double)(n - k + i) / (double)i;
    return floor(value + 0.5);
}

/* Zero blocks that a pattern may leave out: all but so many that two zero ones remain. */
static size_t most_nonzero(const struct families *f) {
    size_t needed = f->empty >= 2 ? 0 : 2 - f->empty;
    return f->free_count > needed ? f->free_count - needed : 0;
}

static struct families families_of(const struct dln_network *network, const struct dln_modes *modes, size_t rank) {
    struct families f = {.rank = rank};
    for (size_t l = 1; l <= network->depth; l++) {
        int varies = !dln_block_is_empty(network, rank, l) && f.free_count < PATTERN_LAYERS;
        if (varies) f.free[f.free_count++] = l;
        f.empty += (size_t)!varies; /* or always zero */
    }
    f.sets = binomial(modes->positive, rank);
    for (size_t k = 0; k <= most_nonzero(&f); k++) f.patterns += binomial(f.free_count, k);
    if (network->depth == 1) { /* convex: one family, the minimum */
        f.sets = rank == modes->positive;
        f.patterns = 1;
        f.free_count = 0;
    }
    return f;
}

/* The next k-subset of 0 ... n-1 in lexicographic order; 0 behind the last. */
static int next_set(size_t n, size_t k, size_t set[]) {
    for (size_t i = k; i-- > 0;) {
        if (set[i] + k - i >= n) continue;
        set[i]++;
        for (size_t j = i + 1; j < k; j++) set[j] = set[j - 1] + 1;
        return 1;
    }
    return 0;
}

/* A share of `quota` points, cut in both directions alike. */
static void cut(const struct families *f, double quota, double *sets, double *patterns) {
    *sets = f->sets;
    *patterns = f->patterns;
    if (*sets * *patterns <= quota) return;
    double root = fmax(1, floor(sqrt(quota)));
    *patterns = fmin(*patterns, fmax(root, floor(quota / *sets)));
    *sets = fmin(*sets, fmax(1, floor(quota / *patterns)));
}

/* ---- One family's point
 * ------------------------------------------------------------------------------------------------ */

static enum core_status add(struct dln_atlas *atlas, const struct dln_network *network, const struct families *f,
                            const size_t set[], const size_t nonzero[], size_t nonzero_count) {
    struct dln_saddle *point = &atlas->points[atlas->count];
    point->rank = f->rank;
    point->modes = core_alloc(f->rank + 1, sizeof *point->modes);
    point->zero_layers = core_alloc(network->depth, sizeof *point->zero_layers);
    atlas->count++;
    if (point->modes == NULL || point->zero_layers == NULL)
        return core_fail(CORE_NO_MEMORY, "no memory for the atlas of critical points");
    memcpy(point->modes, set, f->rank * sizeof *set);
    for (size_t l = 1; l <= network->depth; l++) {
        int zero = 1;
        for (size_t k = 0; k < nonzero_count; k++) zero &= f->free[nonzero[k]] != l;
        if (zero) point->zero_layers[point->zero_count++] = l;
    }
    return CORE_OK;
}

/* The patterns of one set of modes, few non-zero blocks first. */
static enum core_status add_patterns(struct dln_atlas *atlas, const struct dln_network *network,
                                     const struct families *f, const size_t set[], double most) {
    size_t nonzero[PATTERN_LAYERS];
    double made = 0;
    for (size_t k = 0; k <= most_nonzero(f); k++) {
        for (size_t i = 0; i < k; i++) nonzero[i] = i;
        do {
            if (made++ >= most) return CORE_OK;
            enum core_status status = add(atlas, network, f, set, nonzero, k);
            if (status != CORE_OK) return status;
        } while (next_set(f->free_count, k, nonzero));
    }
    return CORE_OK;
}

static enum core_status add_rank(struct dln_atlas *atlas, const struct dln_network *network,
                                 const struct dln_modes *modes, size_t rank, double quota) {
    struct families f = families_of(network, modes, rank);
    double sets, patterns, made = 0;
    cut(&f, quota, &sets, &patterns);
    size_t *set = core_alloc(rank + 1, sizeof *set);
    if (set == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the atlas of critical points");
    enum core_status status = CORE_OK;
    for (size_t k = 0; k < rank; k++) set[k] = k;
    while (made++ < sets && status == CORE_OK) {
        status = add_patterns(atlas, network, &f, set, patterns);
        if (!next_set(modes->positive, rank, set)) break;
    }
    core_free(set);
    return status;
}

static enum core_status list_points(struct dln_atlas *atlas, const struct dln_network *network,
                                    const struct dln_modes *modes, size_t most) {
    size_t ranks = modes->rank_most + 1, room = 0;
    double quota = fmax(1, floor((double)most / (double)ranks));
    for (size_t r = 0; r < ranks; r++) {
        struct families f = families_of(network, modes, r);
        double sets, patterns;
        atlas->families += f.sets * f.patterns;
        cut(&f, quota, &sets, &patterns);
        room += (size_t)(sets * patterns);
    }
    if (atlas->families <= (double)most) { /* a rank may have more than its share where others have less */
        quota = (double)most;
        room = (size_t)atlas->families;
    }
    atlas->points = core_alloc(room + 1, sizeof *atlas->points);
    if (atlas->points == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the atlas of critical points");
    enum core_status status = CORE_OK;
    for (size_t r = 0; r < ranks && status == CORE_OK; r++) status = add_rank(atlas, network, modes, r, quota);
    return status;
}

/* ---- What is seen there
 * --------------------------------------------------------------------------------------------------- */

struct survey {
    const struct core_landscape *land;
    const struct dln_modes *modes;
    const struct dln_atlas_settings *settings;
    struct dln_atlas *atlas;
    double lowest_loss; /* that the network can reach */
};

static enum core_status see_curvature(const struct survey *survey, const double theta[], struct dln_saddle *point) {
    const struct core_landscape *land = survey->land;
    if (land->dimension > survey->settings->formed || land->dimension > CORE_INERTIA_MOST) {
        enum core_status status = core_point_extreme(land, theta, CORE_END_SMALLEST, 1, &point->lowest, NULL, NULL);
        if (status != CORE_OK) return status;
        return core_point_extreme(land, theta, CORE_END_LARGEST, 1, &point->highest, NULL, NULL);
    }
    double *values = core_alloc(land->dimension, sizeof *values);
    if (values == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the eigenvalues of a Hessian");
    enum core_status status = core_point_inertia(land, theta, &point->inertia, values);
    point->lowest = values[0];
    point->highest = values[land->dimension - 1];
    point->counted = 1;
    core_free(values);
    return status;
}

static enum core_status see(const struct survey *survey, const double theta[], double spare[],
                            struct dln_saddle *point) {
    double sum = 0;
    enum core_status status = core_point_loss(survey->land, theta, &point->loss);
    if (status == CORE_OK) status = core_point_gradient(survey->land, theta, spare);
    if (status == CORE_OK) status = see_curvature(survey, theta, point);
    for (size_t i = 0; i < survey->land->dimension; i++) sum += spare[i] * spare[i];
    point->gradient_norm = sqrt(sum);
    double most = fmax(fabs(point->lowest), fabs(point->highest));
    int negative = point->counted ? point->inertia.negative > 0 : point->lowest < -1e-8 * most;
    double explained = survey->modes->values[0];
    int lowest = point->loss <= survey->lowest_loss + 1e-9 * (explained + survey->lowest_loss);
    point->seen = negative ? DLN_STRICT_SADDLE : lowest ? DLN_GLOBAL_MINIMUM : DLN_NON_STRICT_SADDLE;
    point->agrees = point->seen == point->theory.label && point->rank == point->theory.rank;
    return status;
}

static enum core_status survey_point(void *context, size_t index, size_t thread) {
    const struct survey *survey = context;
    const struct dln_network *network = dln_of(survey->land);
    struct dln_saddle *point = &survey->atlas->points[index];
    unsigned char zero[DLN_DEPTH_MAX] = {0};
    (void)thread;
    for (size_t k = 0; k < point->zero_count; k++) zero[point->zero_layers[k] - 1] = 1;
    struct dln_critical_choice choice = {point->rank, point->modes, zero, survey->settings->seed,
                                         survey->settings->mixing};
    double *theta = core_alloc(2 * network->offset[network->depth], sizeof *theta);
    if (theta == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a critical point");
    point->formula = dln_modes_loss(survey->land, survey->modes, point->rank, point->modes);
    enum core_status status = dln_critical_point_of(survey->land, survey->modes, &choice, theta);
    if (status == CORE_OK) status = dln_critical_classify_of(survey->land, survey->modes, theta, &point->theory);
    if (status == CORE_OK) status = see(survey, theta, theta + survey->land->dimension, point);
    core_free(theta);
    return status;
}

/* ---- The atlas
 * -------------------------------------------------------------------------------------------------------------- */

static enum core_status make(const struct core_landscape *land, const struct dln_modes *modes,
                             const struct dln_atlas_settings *settings, struct dln_atlas *atlas) {
    size_t leading[DLN_LEVELS_MAX];
    if (modes->rank_most >= DLN_LEVELS_MAX) {
        return core_fail(CORE_BAD_INPUT, "a network with critical points of rank %zu; allowed: up to %d",
                         modes->rank_most, DLN_LEVELS_MAX - 1);
    }
    for (size_t k = 0; k < modes->rank_most; k++) leading[k] = k;
    struct survey survey = {land, modes, settings, atlas, dln_modes_loss(land, modes, modes->rank_most, leading)};
    enum core_status status = list_points(atlas, dln_of(land), modes, settings->most);
    if (status == CORE_OK) status = core_parallel(atlas->count, settings->threads, survey_point, &survey);
    for (size_t i = 0; i < atlas->count && status == CORE_OK; i++) {
        atlas->agreeing += (size_t)atlas->points[i].agrees;
        atlas->doubtful += (size_t)(atlas->points[i].counted && core_inertia_doubtful(&atlas->points[i].inertia));
    }
    return status;
}

enum core_status dln_atlas_create(const struct core_landscape *land, const struct dln_atlas_settings *settings,
                                  struct dln_atlas **out) {
    struct dln_modes *modes;
    *out = NULL;
    if (settings->most < 1 || settings->threads < 1) {
        return core_fail(CORE_BAD_INPUT, "an atlas of %zu points by %zu threads; each must be at least 1",
                         settings->most, settings->threads);
    }
    enum core_status status = dln_modes_create(land, &modes);
    if (status != CORE_OK) return status;
    struct dln_atlas *atlas = core_alloc(1, sizeof *atlas);
    if (atlas == NULL)
        status = core_fail(CORE_NO_MEMORY, "no memory for the atlas of critical points");
    else
        status = make(land, modes, settings, atlas);
    dln_modes_free(modes);
    if (status == CORE_OK)
        *out = atlas;
    else
        dln_atlas_free(atlas);
    return core_context(status, "while surveying the critical points");
}

void dln_atlas_free(struct dln_atlas *atlas) {
    if (atlas == NULL) return;
    for (size_t i = 0; i < atlas->count; i++) {
        core_free(atlas->points[i].modes);
        core_free(atlas->points[i].zero_layers);
    }
    core_free(atlas->points);
    core_free(atlas);
}
