/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A block Davidson method without a preconditioner, warm-started [golub2013, section 10.6]. An orthonormal basis Q
 * begins with the vectors of the call before; Ritz pairs of Q^T H Q are the approximations; their residuals
 * H v - value v, orthonormalised, extend the basis, until the wanted pairs have small residuals. A full basis shrinks
 * to its Ritz vectors. Each replica has a basis of its own, and a product with the Hessian serves one vector of each
 * replica at once.
 *
 * Two vectors beyond those above the limit are kept, so that one that rises towards it is met before it arrives; at
 * least one extension is done at every call, which lets in what the kept vectors lack. */
#include "sde/tracker.h"

#include "core/random.h"
#include "sde/small.h"

#include <math.h>
#include <string.h>

enum { WIDTH_LEAST = 3, ROUNDS_MOST = 60, START_SEED = 20 };
static const double TOLERANCE = 1e-5; /* residual over the largest eigenvalue */
static const double DEPENDENT = 1e-8; /* of a vector's length: what is left of it outside the basis is rounding */

/* The basis of one replica. */
struct basis {
    size_t dimension, width, count, fresh; /* vectors wanted and held; the first without a product */
    double *kept;                          /* state: the width, then (width, dimension) */
    double *q, *hq;                        /* (BASIS, dimension) */
    double *small, *copy, *rotation;       /* (BASIS, BASIS): Q^T H Q; Ritz vectors in rows */
    double values[SDE_TRACKED_BASIS];
    int done;
};

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

static size_t rounded(size_t count) {
    return (count + CORE_LANES - 1) / CORE_LANES * CORE_LANES;
}

static size_t kept_size(size_t n) {
    return 1 + least(n, SDE_TRACKED_WIDTH) * n;
}

static size_t basis_most(size_t n) {
    return least(n, SDE_TRACKED_BASIS);
}

size_t sde_tracker_state(const struct core_landscape *land) {
    return rounded(land->lanes * kept_size(land->dimension));
}

static size_t basis_size(size_t n) {
    size_t most = basis_most(n);
    return 2 * most * n + 3 * most * most;
}

size_t sde_tracker_scratch(const struct core_landscape *land) {
    return 2 * rounded(land->dimension * land->lanes) + rounded(land->lanes * basis_size(land->dimension));
}

static double dot(size_t n, const double a[], const double b[]) {
    double part[4] = {0, 0, 0, 0};
    size_t i = 0;
    for (; i + 4 <= n; i += 4)
        for (size_t c = 0; c < 4; c++) part[c] += a[i + c] * b[i + c];
    for (; i < n; i++) part[0] += a[i] * b[i];
    return part[0] + part[1] + (part[2] + part[3]);
}

static void add(size_t n, double factor, const double x[], double y[]) {
    for (size_t i = 0; i < n; i++) y[i] += factor * x[i];
}

/* Takes the vector that stands at the end of the basis into it, orthonormalised; not where nothing is left of it. */
static void take(struct basis *b) {
    size_t n = b->dimension;
    double *v = b->q + b->count * n, before = sqrt(dot(n, v, v));
    for (int twice = 0; twice < 2; twice++) {
        for (size_t i = 0; i < b->count; i++) add(n, -dot(n, b->q + i * n, v), b->q + i * n, v);
        double after = sqrt(dot(n, v, v));
        if (!(after > DEPENDENT * before)) return;
        for (size_t i = 0; i < n; i++) v[i] /= after;
        before = 1;
    }
    b->count++;
}

/* A block of vectors from the call before, or drawn ones. */
static void begin(struct basis *b, size_t n, double *kept, double *memory) {
    size_t most = basis_most(n);
    *b = (struct basis){.dimension = n, .kept = kept, .q = memory, .hq = memory + most * n};
    b->small = b->hq + most * n;
    b->copy = b->small + most * most;
    b->rotation = b->copy + most * most;
    b->width = kept[0] > 0 ? (size_t)kept[0] : least(n, WIDTH_LEAST);
    struct core_stream stream = {.seed = START_SEED, .purpose = CORE_PURPOSE_START};
    if (kept[0] == 0) core_random_normal(&stream, 1, b->width * n, kept + 1);
    for (size_t i = 0; i < b->width; i++) {
        memcpy(b->q + b->count * n, kept + 1 + i * n, n * sizeof *b->q);
        take(b);
    }
}

/* hq = H q for the fresh vectors of every basis. */
static void multiply(const struct core_landscape *land, const double x[], struct basis bases[], double v[],
                     double product[], double inner[]) {
    size_t lanes = land->lanes, n = land->dimension, most = 0;
    for (size_t l = 0; l < lanes; l++) {
        size_t fresh = bases[l].done ? 0 : bases[l].count - bases[l].fresh;
        most = fresh > most ? fresh : most;
    }
    for (size_t f = 0; f < most; f++) {
        for (size_t l = 0; l < lanes; l++) {
            int has = !bases[l].done && bases[l].fresh + f < bases[l].count;
            const double *q = bases[l].q + (bases[l].fresh + f) * n;
            for (size_t i = 0; i < n; i++) v[i * lanes + l] = has ? q[i] : 0;
        }
        land->methods->hessian_vector(land, x, v, product, inner);
        for (size_t l = 0; l < lanes; l++) {
            double *hq = bases[l].hq + (bases[l].fresh + f) * n;
            if (bases[l].done || bases[l].fresh + f >= bases[l].count) continue;
            for (size_t i = 0; i < n; i++) hq[i] = product[i * lanes + l];
        }
    }
}

/* Ritz pairs; 0 where the Hessian is not finite. */
static int project(struct basis *b) {
    size_t n = b->dimension, m = b->count, stride = basis_most(n);
    double sum = 0;
    for (size_t i = b->fresh; i < m; i++)
        for (size_t j = 0; j <= i; j++)
            b->small[i * stride + j] = b->small[j * stride + i] = dot(n, b->q + j * n, b->hq + i * n);
    b->fresh = m;
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < m; j++) sum += 0 * (b->copy[i * m + j] = b->small[i * stride + j]);
    if (m == 0 || !isfinite(sum)) return 0;
    sde_small_eigen(m, b->copy, b->values, b->rotation);
    return 1;
}

/* out = row i of the rotation times the vectors. */
static void combine(const struct basis *b, size_t i, const double vectors[], double out[]) {
    size_t n = b->dimension;
    memset(out, 0, n * sizeof *out);
    for (size_t j = 0; j < b->count; j++) add(n, b->rotation[i * b->count + j], vectors + j * n, out);
}

/* out = H v - value v for Ritz vector i, which goes into vector; its length. */
static double residual(const struct basis *b, size_t i, double out[], double vector[]) {
    combine(b, i, b->hq, out);
    combine(b, i, b->q, vector);
    add(b->dimension, -b->values[i], vector, out);
    return sqrt(dot(b->dimension, out, out));
}

/* The basis becomes its first `width` Ritz vectors. */
static void shrink(struct basis *b) {
    size_t n = b->dimension, stride = basis_most(n), held = least(b->count, b->width);
    double column[SDE_TRACKED_BASIS];
    double *const both[] = {b->q, b->hq};
    for (size_t which = 0; which < 2; which++)
        for (size_t c = 0; c < n; c++) {
            double *v = both[which] + c;
            for (size_t i = 0; i < b->count; i++) column[i] = v[i * n];
            for (size_t i = 0; i < held; i++) v[i * n] = dot(b->count, b->rotation + i * b->count, column);
        }
    for (size_t i = 0; i < held; i++)
        for (size_t j = 0; j < held; j++) {
            b->small[i * stride + j] = i == j ? b->values[i] : 0;
            b->rotation[i * held + j] = i == j;
        }
    b->count = b->fresh = held;
}

static size_t above(const struct basis *b, double limit) {
    size_t count = 0;
    while (count < least(b->count, SDE_TRACKED_MOST) && b->values[count] > limit) count++;
    return count;
}

/* The residual that is small enough. */
static double good(const struct basis *b, double limit) {
    return TOLERANCE * fmax(fabs(b->values[0]), fabs(limit));
}

/* Residuals join the basis: at first those of all kept vectors; then those too large, of the pairs above the limit and
 * of the first below it, unless that is below by more than its residual. */
static void extend(struct basis *b, double limit, int round) {
    size_t n = b->dimension, most = basis_most(n);
    if (b->count + b->width > least(most, 4 * b->width) && b->count > b->width) shrink(b);
    struct basis old = *b;                                        /* as many vectors as there are rotations */
    double *spare = b->hq + (b->count < most ? b->count : 0) * n; /* not yet in use */
    size_t count = above(b, limit), wide = round == 0 ? least(b->width, b->count) : least(count + 1, b->count);
    for (size_t i = 0; i < wide && b->count < most; i++) {
        double left = residual(&old, i, b->q + b->count * n, spare);
        int wanted = left > good(b, limit) && (i < count || b->values[i] + left > limit);
        if (round == 0 || wanted) take(b);
    }
}

/* Keeps the Ritz vectors for the next call and for the caller. */
static void finish(struct basis *b, double limit, struct sde_tracked *tracked) {
    size_t n = b->dimension;
    tracked->count = above(b, limit);
    size_t wanted = tracked->count + 2 > WIDTH_LEAST ? tracked->count + 2 : WIDTH_LEAST;
    size_t width = least(least(wanted, SDE_TRACKED_WIDTH), b->count);
    b->kept[0] = (double)width;
    tracked->vectors = b->kept + 1;
    for (size_t i = 0; i < width; i++) {
        combine(b, i, b->q, b->kept + 1 + i * n);
        tracked->values[i] = b->values[i];
    }
}

/* One round of one replica: project, and stop or extend. */
static void advance(struct basis *b, double limit, int round, struct sde_tracked *tracked) {
    size_t n = b->dimension;
    if (!project(b)) {
        b->done = 1;
        b->kept[0] = 0;
        return;
    }
    size_t wanted = least(least(above(b, limit) + 2, SDE_TRACKED_WIDTH), n);
    b->width = b->width < wanted ? wanted : b->width;
    if (round + 1 < ROUNDS_MOST) extend(b, limit, round);
    if (b->fresh != b->count) return;
    finish(b, limit, tracked);
    b->done = 1;
}

void sde_tracker_update(const struct core_landscape *land, const double x[], double limit, double state[],
                        struct sde_tracked tracked[], double scratch[], double inner[]) {
    size_t n = land->dimension, size = rounded(n * land->lanes), busy = land->lanes;
    double *v = scratch, *product = v + size, *memory = product + size;
    struct basis bases[CORE_LANES];
    for (size_t l = 0; l < land->lanes; l++) {
        tracked[l].count = 0;
        begin(&bases[l], n, state + l * kept_size(n), memory + l * basis_size(n));
    }
    for (int round = 0; busy > 0; round++) {
        multiply(land, x, bases, v, product, inner);
        busy = 0;
        for (size_t l = 0; l < land->lanes; l++) {
            if (!bases[l].done) advance(&bases[l], limit, round, &tracked[l]);
            busy += !bases[l].done;
        }
    }
}

void sde_tracker_spread(const struct core_landscape *land, const struct sde_tracked tracked[], size_t index,
                        double out[]) {
    size_t lanes = land->lanes, n = land->dimension;
    for (size_t l = 0; l < lanes; l++)
        for (size_t i = 0; i < n; i++)
            out[i * lanes + l] = index < tracked[l].count ? tracked[l].vectors[index * n + i] : 0;
}
