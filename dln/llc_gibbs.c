/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Blocked Gibbs sampling of a deep linear network: each layer in turn is drawn from its exact law given the rest.
 *
 * With A = W_L ... W_{l+1}, C = W_{l-1} ... W_1 the product is A W_l C, and nbeta L + gamma |w - w*|^2 / 2 is quadratic
 * in W_l: its precision is nbeta (A^T A) x (C Sxx C^T) + gamma I, its linear term R = nbeta A^T T Sxx C^T + gamma W*_l,
 * T the least-squares map. With A^T A = U a U^T and C Sxx C^T = V b V^T the entries of U^T W_l V are independent,
 *
 *     (U^T W_l V)_ij ~ N((U^T R V)_ij / p_ij, 1 / p_ij),   p_ij = nbeta a_i b_j + gamma.
 *
 * There is no step length; the target is exact. One step is one sweep over all layers. Small eigenproblems go through
 * Jacobi rotations, large ones through LAPACK. */
#include "dln/llc_method.h"

#include "core/linalg.h"
#include "core/random.h"
#include "dln/network.h"

#include <math.h>
#include <string.h>

enum { JACOBI = 32 }; /* larger matrices: LAPACK */

/* Views of the scratch of one step. */
struct room {
    double *z;              /* (P) */
    double *suffix;         /* A of every layer: (d_L, d_l) at suffix + l * d_L * widest */
    double *prefix, *spare; /* (widest, d_0) C and its successor */
    double *weighted;       /* (widest, d_0) C Sxx */
    double *left, *right;   /* (widest, widest) A^T A, C Sxx C^T; destroyed by their eigenproblems */
    double *a, *b;          /* (widest) eigenvalues */
    double *u, *v;          /* (widest, widest) eigenvectors as rows */
    double *r, *one, *two;  /* (widest, widest) */
};

static size_t widest_of(const struct dln_network *network) {
    size_t widest = 0;
    for (size_t l = 0; l <= network->depth; l++) widest = network->widths[l] > widest ? network->widths[l] : widest;
    return widest;
}

static struct room room_of(const struct dln_network *network, double scratch[]) {
    size_t w = widest_of(network), square = w * w;
    struct room room = {.z = scratch};
    room.suffix = scratch + dln_rounded(network->offset[network->depth]);
    room.prefix = room.suffix + (network->depth + 1) * square;
    double **const squares[] = {&room.prefix, &room.spare, &room.weighted, &room.left, &room.right, &room.u,
                                &room.v,      &room.r,     &room.one,      &room.two,  &room.a,     &room.b};
    for (size_t i = 0; i < sizeof squares / sizeof *squares; i++) *squares[i] = room.prefix + i * square;
    return room;
}

static size_t scratch_size(const struct dln_llc_run *run) {
    size_t w = widest_of(dln_of(run->land));
    return dln_rounded(run->land->dimension) + (dln_of(run->land)->depth + 13) * w * w;
}

static enum core_status check(const struct dln_llc_settings *s, const struct core_landscape *land) {
    if (dln_network_depth(land) == 0) {
        return core_fail(CORE_BAD_INPUT, "the sampler gibbs needs a network, not '%s'; mala and sgld do not",
                         land->name);
    }
    if (s->localization > 0) return CORE_OK;
    return core_fail(CORE_BAD_INPUT, "localization 0; the sampler gibbs needs a positive number");
}

static size_t one(const struct core_landscape *land) {
    (void)land;
    return 1;
}

static size_t nothing(const struct dln_llc_run *run) {
    (void)run;
    return 0;
}

static void begin(const struct dln_llc_run *run, const double x[], double state[], double scratch[]) {
    (void)run, (void)x, (void)state, (void)scratch;
}

/* ---- Small products: c (m, n) = op(a) op(b), k terms a sum
 * ----------------------------------------------------------- */

static void plain(size_t m, size_t k, size_t n, const double a[], const double b[], double c[]) {
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < n; j++) c[i * n + j] = 0;
        for (size_t p = 0; p < k; p++) {
            for (size_t j = 0; j < n; j++) c[i * n + j] += a[i * k + p] * b[p * n + j];
        }
    }
}

/* a (k, m) transposed. */
static void left_transposed(size_t m, size_t k, size_t n, const double a[], const double b[], double c[]) {
    for (size_t i = 0; i < m * n; i++) c[i] = 0;
    for (size_t p = 0; p < k; p++) {
        for (size_t i = 0; i < m; i++) {
            for (size_t j = 0; j < n; j++) c[i * n + j] += a[p * m + i] * b[p * n + j];
        }
    }
}

/* b (n, k) transposed. */
static void right_transposed(size_t m, size_t k, size_t n, const double a[], const double b[], double c[]) {
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < n; j++) {
            double sum = 0;
            for (size_t p = 0; p < k; p++) sum += a[i * k + p] * b[j * k + p];
            c[i * n + j] = sum;
        }
    }
}

/* ---- A sweep
 * ------------------------------------------------------------------------------------------------------------ */

/* A of every layer, from the top. */
static void suffixes(const struct dln_network *network, const double x[], const struct room *room) {
    size_t dl = network->outputs, square = widest_of(network) * widest_of(network);
    double *top = room->suffix + network->depth * square;
    for (size_t i = 0; i < dl * dl; i++) top[i] = (double)(i % (dl + 1) == 0);
    for (size_t l = network->depth; l > 1; l--) {
        plain(dl, network->widths[l], network->widths[l - 1], room->suffix + l * square, x + network->offset[l - 1],
              room->suffix + (l - 1) * square);
    }
}

/* values (n) and the rows of vectors of the positive semidefinite a, which is destroyed. */
static enum core_status diagonalise(size_t n, double a[], double values[], double vectors[]) {
    if (n <= JACOBI) {
        dln_symmetric_jacobi(n, a, values, vectors);
    } else {
        enum core_status status = core_symmetric_eigen(n, a, values, a);
        if (status != CORE_OK) return status;
        for (size_t i = 0; i < n * n; i++) vectors[i] = a[i % n * n + i / n];
    }
    for (size_t i = 0; i < n; i++) values[i] = values[i] > 0 ? values[i] : 0;
    return CORE_OK;
}

/* R, and both sides' eigenvectors. */
static enum core_status prepare(const struct dln_llc_run *run, size_t l, const struct room *room) {
    const struct dln_network *network = dln_of(run->land);
    size_t rows = network->widths[l], columns = network->widths[l - 1], d0 = network->inputs, dl = network->outputs;
    const double *suffix = room->suffix + l * widest_of(network) * widest_of(network);
    const double *centre = run->centre + network->offset[l - 1];
    plain(columns, d0, d0, room->prefix, network->sxx, room->weighted);
    right_transposed(columns, d0, columns, room->weighted, room->prefix, room->right);
    left_transposed(rows, dl, rows, suffix, suffix, room->left);
    right_transposed(dl, d0, columns, network->target, room->weighted, room->one);
    left_transposed(rows, dl, columns, suffix, room->one, room->r);
    for (size_t i = 0; i < rows * columns; i++) {
        room->r[i] = run->settings->nbeta * room->r[i] + run->settings->localization * centre[i];
    }
    enum core_status status = diagonalise(rows, room->left, room->a, room->u);
    return status == CORE_OK ? diagonalise(columns, room->right, room->b, room->v) : status;
}

/* W_l from its law, z its standard normal numbers. */
static void draw(const struct dln_llc_run *run, size_t rows, size_t columns, const struct room *room, const double z[],
                 double w[]) {
    plain(rows, rows, columns, room->u, room->r, room->one);
    right_transposed(rows, columns, columns, room->one, room->v, room->two);
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < columns; j++) {
            double precision = run->settings->nbeta * room->a[i] * room->b[j] + run->settings->localization;
            double *entry = room->two + i * columns + j;
            *entry = *entry / precision + z[i * columns + j] / sqrt(precision);
        }
    }
    plain(rows, columns, columns, room->two, room->v, room->one);
    left_transposed(rows, rows, columns, room->u, room->one, w);
}

static enum core_status step(const struct dln_llc_run *run, uint64_t chain, size_t k, double x[], double state[],
                             double scratch[]) {
    const struct dln_network *network = dln_of(run->land);
    struct room room = room_of(network, scratch);
    size_t d0 = network->inputs;
    struct core_stream stream = {.seed = run->key, .path = chain, .purpose = CORE_PURPOSE_NOISE, .step = k};
    (void)state;
    core_random_normal(&stream, 1, run->land->dimension, room.z);
    suffixes(network, x, &room);
    for (size_t i = 0; i < d0 * d0; i++) room.prefix[i] = (double)(i % (d0 + 1) == 0);
    for (size_t l = 1; l <= network->depth; l++) {
        size_t rows = network->widths[l], columns = network->widths[l - 1];
        double *w = x + network->offset[l - 1], *below = room.prefix;
        enum core_status status = prepare(run, l, &room);
        if (status != CORE_OK) return core_context(status, "while drawing layer %zu", l);
        draw(run, rows, columns, &room, room.z + network->offset[l - 1], w);
        plain(rows, columns, d0, w, below, room.spare);
        room.prefix = room.spare;
        room.spare = below;
    }
    return CORE_OK;
}

/* L = tr((P - T) Sxx (P - T)^T) / 2 + L_min. */
static void loss(const struct dln_llc_run *run, const double x[], const double state[], double out[],
                 double scratch[]) {
    const struct dln_network *network = dln_of(run->land);
    struct room room = room_of(network, scratch);
    size_t d0 = network->inputs, entries = network->outputs * d0;
    (void)state;
    dln_product(run->land, x, room.one, room.prefix);
    for (size_t i = 0; i < entries; i++) room.one[i] -= network->target[i];
    plain(network->outputs, d0, d0, room.one, network->sxx, room.two);
    double sum = 0;
    for (size_t i = 0; i < entries; i++) sum += room.one[i] * room.two[i];
    out[0] = sum / 2 + network->loss_minimum;
}

static void report(const struct dln_llc_run *run, const double state[], double moves, double acceptance[],
                   double eps[]) {
    (void)run, (void)state, (void)moves;
    acceptance[0] = 1;
    eps[0] = NAN;
}

const struct dln_llc_method dln_llc_gibbs = {
    .choice = {"gibbs", "blocked Gibbs: each layer from its exact law given the others; networks only"},
    .check = check,
    .width = one,
    .state = nothing,
    .scratch = scratch_size,
    .begin = begin,
    .step = step,
    .loss = loss,
    .report = report,
};
