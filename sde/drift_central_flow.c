/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The central flow: what a path that follows gradient descent of rate eta beyond the edge of stability does on average
 * [cohen2025]. There descent oscillates, theta = w + delta, in the eigenvectors of the Hessian H whose eigenvalues
 * reach 2 / eta, and grad L (w + delta) = g + H delta + D^3 L [delta, delta] / 2 averages to
 *
 *     dw/dt = -(g + (1/2) grad <H(w), E[delta delta^T]>),   E[delta delta^T] >= 0,  H <= 2 / eta,
 *
 * with an oscillation only where H = 2 / eta. With U the eigenvectors above 0.9 (2 / eta), E[delta delta^T] = U X U^T,
 * J the matrix with rows svec D^3 L [u_i, u_j], and a substep h (both in units of time), the eigenvalues after the
 * substep are to first order those of 2 / eta - S,
 *
 *     S = A + B[X],   A = diag(2 / eta - h_i) + h mat(J g),   svec B[X] = (h / 2) J J^T svec X,
 *
 * and X is what solves X >= 0, S >= 0, <X, S> = 0. The distance to the edge stays in A, so that an error of one substep
 * is mended by the next.
 *
 * central-flow-plus adds what the noise of SGD does before the edge. Along an eigenvector of h_i, SGD's stationary
 * variance, eta s / (B h_i (2 - eta h_i)), exceeds that of the differential equation, eta s / (2 B h_i), by
 *
 *     c_i = eta s_i / (2 B h_i) * x / (1 - x),   x = min(eta h_i / 2, 0.95),   s_i = u_i^T Sigma u_i,
 *
 * and that excess bends the mean path by (1/2) c_i D^3 L [u_i, u_i], for all i with eta h_i / 2 > 1/4; the problem for
 * X is then posed for this drift in place of g. */
#include "sde/complementarity.h"
#include "sde/paths.h"
#include "sde/tracker.h"

#include <math.h>
#include <string.h>

enum { MOST = SDE_TRACKED_MOST, PAIRS = MOST * (MOST + 1) / 2, VECTORS = 5 };
_Static_assert((int)MOST == (int)SDE_COMPLEMENTARITY_MOST, "what is tracked can be solved for");

static const double EDGE = 0.9;    /* of 2 / eta: eigenvalues that may take part in the oscillation */
static const double EXCESS = 0.25; /* eta h / 2 from which the excess fluctuation is counted */
static const double CAPPED = 0.95; /* the largest x in c_i */

/* One call: the landscape, where it stands, and memory of shape (dimension, lanes). */
struct flow {
    const struct core_landscape *land;
    const struct sde_substep *at;
    size_t size;            /* dimension * lanes, rounded up */
    double *drift;          /* g, or g with the excess */
    double *u, *v;          /* directions */
    double *excess, *third; /* sum of c_i / 2 D^3 L [u_i, u_i]; one of its terms */
    double *rows;           /* (PAIRS) rows of J */
    double *matrix, *work;  /* (PAIRS, PAIRS) (h / 2) J J^T; for the solver */
    double *draw;           /* (noise_width, lanes) */
    struct sde_tracked tracked[CORE_LANES];
};

static size_t rounded(size_t count) {
    return (count + CORE_LANES - 1) / CORE_LANES * CORE_LANES;
}

/* Pairs of vectors there can be. */
static size_t pairs_of(const struct core_landscape *land) {
    size_t most = land->dimension < MOST ? land->dimension : MOST;
    return most * (most + 1) / 2;
}

static size_t room(const struct core_landscape *land) {
    size_t size = rounded(land->dimension * land->lanes), pairs = pairs_of(land);
    return pairs * size + rounded(pairs * pairs) + rounded(sde_complementarity_scratch(MOST)) +
           rounded(land->noise_width * land->lanes) + sde_tracker_scratch(land);
}

static enum core_status check(const struct core_landscape *land) {
    const struct core_landscape_methods *methods = land->methods;
    enum core_status status = core_landscape_require(land, methods->hessian_vector != NULL, "Hessian-vector product");
    if (status != CORE_OK) return status;
    return core_landscape_require(land, methods->curvature_gradient != NULL, "gradient of the curvature");
}

static enum core_status check_plus(const struct core_landscape *land) {
    enum core_status status = check(land);
    if (status != CORE_OK) return status;
    return core_landscape_require(land, land->methods->noise != NULL && land->noise_width > 0, "gradient noise");
}

/* The most vectors of a replica with eigenvalues above a limit. */
static size_t count_above(const struct sde_tracked *tracked, double limit) {
    size_t count = 0;
    while (count < tracked->count && tracked->values[count] > limit) count++;
    return count;
}

static size_t most_above(const struct flow *flow, double limit) {
    size_t most = 0;
    for (size_t l = 0; l < flow->land->lanes; l++) {
        size_t count = count_above(&flow->tracked[l], limit);
        most = count > most ? count : most;
    }
    return most;
}

/* Lays out the memory, finds the pairs above the limit, and the gradient where there are any; 0 where there are none.
 */
static int begin(struct flow *flow, const struct sde_paths *paths, const struct sde_substep *at, double limit,
                 double vectors[]) {
    const struct core_landscape *land = paths->stepper.landscape;
    size_t size = rounded(land->dimension * land->lanes), pairs = pairs_of(land);
    double *memory = vectors + VECTORS * size;
    *flow = (struct flow){.land = land, .at = at, .size = size, .drift = vectors, .u = vectors + size};
    flow->v = flow->u + size;
    flow->excess = flow->v + size;
    flow->third = flow->excess + size;
    flow->rows = memory;
    flow->matrix = flow->rows + pairs * size;
    flow->work = flow->matrix + rounded(pairs * pairs);
    flow->draw = flow->work + rounded(sde_complementarity_scratch(MOST));
    sde_tracker_update(land, at->x, limit, at->drift_state, flow->tracked,
                       flow->draw + rounded(land->noise_width * land->lanes), at->scratch);
    if (most_above(flow, limit) == 0) return 0;
    land->methods->gradient(land, at->x, flow->drift, at->scratch);
    return 1;
}

/* ---- The oscillation ---- */

/* rows of J for the first `count` vectors, those of one pair in all replicas at a time. */
static void third_derivatives(struct flow *flow, size_t count) {
    const struct core_landscape *land = flow->land;
    for (size_t j = 0; j < count; j++) {
        sde_tracker_spread(land, flow->tracked, j, flow->v);
        for (size_t i = 0; i <= j; i++) {
            double *row = flow->rows + sde_svec(i, j) * flow->size;
            sde_tracker_spread(land, flow->tracked, i, flow->u);
            land->methods->curvature_gradient(land, flow->at->x, flow->u, flow->v, row, flow->at->scratch);
            for (size_t c = 0; c < land->dimension * land->lanes && i < j; c++) row[c] *= M_SQRT2;
        }
    }
}

/* sum over a replica's coordinates of a * b. */
static double lane_dot(const struct flow *flow, size_t lane, const double a[], const double b[]) {
    double sum = 0;
    size_t lanes = flow->land->lanes, total = flow->land->dimension * lanes;
    for (size_t i = lane; i < total; i += lanes) sum += a[i] * b[i];
    return sum;
}

/* The problem of one replica with k vectors, and its answer into at->out. */
static void restrain(const struct flow *flow, size_t lane, size_t k) {
    size_t pairs = k * (k + 1) / 2, lanes = flow->land->lanes, total = flow->land->dimension * lanes;
    double a[MOST * MOST] = {0}, x[PAIRS], length = flow->at->length, sum = 0;
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i <= j; i++) {
            double moved = length * lane_dot(flow, lane, flow->rows + sde_svec(i, j) * flow->size, flow->drift);
            double slack = i == j ? 2 / flow->at->rate - flow->tracked[lane].values[i] : 0;
            a[i * k + j] = a[j * k + i] = slack + moved * (i == j ? 1 : M_SQRT1_2);
        }
    for (size_t p = 0; p < pairs; p++)
        for (size_t q = 0; q <= p; q++) {
            double product = lane_dot(flow, lane, flow->rows + p * flow->size, flow->rows + q * flow->size);
            flow->matrix[p * pairs + q] = flow->matrix[q * pairs + p] = length / 2 * product;
            sum += 0 * product;
        }
    for (size_t i = 0; i < k * k; i++) sum += 0 * a[i];
    if (!isfinite(sum)) return;
    sde_complementarity_solve(k, a, flow->matrix, x, flow->work);
    for (size_t p = 0; p < pairs; p++) {
        const double *row = flow->rows + p * flow->size;
        for (size_t i = lane; i < total && x[p] != 0; i += lanes) flow->at->out[i] += length / 2 * x[p] * row[i];
    }
}

static void restrain_all(struct flow *flow) {
    double limit = EDGE * 2 / flow->at->rate;
    third_derivatives(flow, most_above(flow, limit));
    for (size_t l = 0; l < flow->land->lanes; l++) {
        size_t count = count_above(&flow->tracked[l], limit);
        if (count > 0) restrain(flow, l, count);
    }
}

static void correct(const struct sde_paths *paths, const struct sde_substep *at, double vectors[]) {
    struct flow flow;
    if (begin(&flow, paths, at, EDGE * 2 / at->rate, vectors)) restrain_all(&flow);
}

/* ---- The excess fluctuation ---- */

/* s (count, lanes): s_i = u_i^T Sigma u_i = |F^T u_i|^2, a column of F at a time. */
static void variances(const struct flow *flow, size_t count, double s[]) {
    const struct core_landscape *land = flow->land;
    size_t lanes = land->lanes;
    memset(s, 0, count * lanes * sizeof *s);
    memset(flow->draw, 0, land->noise_width * lanes * sizeof *flow->draw);
    for (size_t column = 0; column < land->noise_width; column++) {
        for (size_t l = 0; l < lanes; l++) flow->draw[column * lanes + l] = 1;
        land->methods->noise(land, flow->at->x, flow->draw, flow->third, flow->at->scratch);
        for (size_t l = 0; l < lanes; l++) flow->draw[column * lanes + l] = 0;
        for (size_t l = 0; l < lanes; l++)
            for (size_t i = 0; i < flow->tracked[l].count; i++) {
                const double *u = flow->tracked[l].vectors + i * land->dimension;
                double sum = 0;
                for (size_t c = 0; c < land->dimension; c++) sum += u[c] * flow->third[c * lanes + l];
                s[i * lanes + l] += sum * sum;
            }
    }
}

/* flow->excess, and the drift with it. */
static void add_excess(struct flow *flow, double batch) {
    const struct core_landscape *land = flow->land;
    size_t count = most_above(flow, 0), lanes = land->lanes;
    double s[MOST * CORE_LANES], half[CORE_LANES] __attribute__((aligned(64))) = {0};
    double one[CORE_LANES] __attribute__((aligned(64)));
    variances(flow, count, s);
    memset(flow->excess, 0, flow->size * sizeof *flow->excess);
    for (size_t i = 0; i < count; i++) {
        sde_tracker_spread(land, flow->tracked, i, flow->u);
        land->methods->curvature_gradient(land, flow->at->x, flow->u, flow->u, flow->third, flow->at->scratch);
        for (size_t l = 0; l < lanes; l++) {
            half[l] = 0;
            if (i >= flow->tracked[l].count) continue;
            double value = flow->tracked[l].values[i], x = fmin(flow->at->rate * value / 2, CAPPED);
            half[l] = flow->at->rate * s[i * lanes + l] / (4 * batch * value) * x / (1 - x);
        }
        core_block_kernels()->add(land->dimension, lanes, half, flow->third, flow->excess);
    }
    for (size_t l = 0; l < CORE_LANES; l++) one[l] = 1;
    core_block_kernels()->add(land->dimension, lanes, one, flow->excess, flow->drift);
}

static void correct_plus(const struct sde_paths *paths, const struct sde_substep *at, double vectors[]) {
    struct flow flow;
    double length[CORE_LANES] __attribute__((aligned(64)));
    if (!begin(&flow, paths, at, EXCESS * 2 / at->rate, vectors)) return;
    add_excess(&flow, paths->settings.batch);
    restrain_all(&flow);
    for (size_t l = 0; l < CORE_LANES; l++) length[l] = at->length;
    core_block_kernels()->add(flow.land->dimension, flow.land->lanes, length, flow.excess, at->out);
}

const struct sde_drift_method sde_drift_central_flow = {
    .choice = {"central-flow", "grad L + (1/2) grad <H, E[oscillation]>: gradient descent at the edge of stability",
               "cohen2025"},
    .vectors = VECTORS,
    .room = room,
    .state = sde_tracker_state,
    .check = check,
    .correct = correct,
};

const struct sde_drift_method sde_drift_central_flow_plus = {
    .choice = {"central-flow-plus", "central-flow, with what SGD fluctuates beyond the differential equation",
               "cohen2025"},
    .vectors = VECTORS,
    .room = room,
    .state = sde_tracker_state,
    .check = check_plus,
    .correct = correct_plus,
};
