/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Labels of critical points from ranks alone [achour2024, theorem 6].
 *
 * Let theta be critical of rank r with modes S, r_most the largest rank a critical point can have.
 *     r = r_most:  the leading S is a global minimum, any other a strict saddle.
 *     r < r_most:  any S but the leading one is a strict saddle; the leading one is a non-strict saddle where theta is
 *                  tightened, else strict.
 * theta is tightened where every pivot (i, j), L >= i > j >= 1, is: one of its three complementary blocks
 *     Sxy W_L ... W_{i+1},   W_{i-1} ... W_{j+1},   W_{j-1} ... W_1 Sxy
 * has rank r (the empty product in the middle is the identity of d_j). The factors Sxy = Syx^T leave the ranks alone
 * where the data have full rank, and count what the data can see where they have not. Ranks are numerical: singular
 * values above 1e-10 of the product of the factors' norms.
 *
 * Ranks alone would call strict a point whose first and last blocks meet different modes: there no pivot's blocks have
 * rank r, yet the Hessian has no negative eigenvalue. The second-order term of a pivot,
 *     tr(V_i (W_{i-1} ... W_{j+1}) V_j K),   K = (W_{j-1} ... W_1) E^T (W_L ... W_{i+1}),   E = (W - T) Sxx,
 * must not vanish either: a pivot makes theta strict where it is not tightened and K is not zero. The label follows
 * that; `tightened` tells of the ranks.
 *
 * The leading modes are recognised by their sum, not by their numbers, so that equal eigenvalues do no harm. */
#include "dln/network.h"

#include "core/memory.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

static const double RANK_ZERO = 1e-10;  /* of the product of the norms */
static const double ENERGY_ZERO = 1e-8; /* of the largest eigenvalue */

/* A product of matrices and the product of their norms. */
struct product {
    size_t rows, columns;
    double *at; /* (rows, columns) */
    double norm;
};

struct task {
    const struct dln_network *network;
    const double *theta;
    double *sxy;          /* (d_0, d_L) */
    double *singular;     /* (widest) */
    double *room[2];      /* (widest, widest) each */
    double *error;        /* (d_0, d_L) E^T */
    size_t *left, *right; /* (depth + 1) ranks of Sxy W_L ... W_{l+1} and of W_{l-1} ... W_1 Sxy, at l */
};

static double norm(size_t count, const double a[]) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += a[i] * a[i];
    return sqrt(sum);
}

static enum core_status rank_of(const struct task *task, const struct product *a, size_t *rank) {
    enum core_status status = dln_singular_values(a->rows, a->columns, a->at, task->singular);
    *rank = 0;
    for (size_t k = 0; k < a->rows && k < a->columns && status == CORE_OK; k++)
        *rank += task->singular[k] > RANK_ZERO * a->norm;
    return status;
}

/* a <- a b, or b a; b (rows, columns). The result changes rooms. */
static void multiply(const struct task *task, int from_left, size_t rows, size_t columns, const double b[],
                     struct product *a) {
    size_t m = from_left ? rows : a->rows, k = from_left ? columns : a->columns, n = from_left ? a->columns : columns;
    double *to = a->at == task->room[0] ? task->room[1] : task->room[0];
    const double *first = from_left ? b : a->at, *second = from_left ? a->at : b;
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)m, (int)n, (int)k, 1, first, (int)k, second, (int)n, 0,
                to, (int)n);
    *a = (struct product){m, n, to, a->norm * norm(rows * columns, b)};
}

static struct product data_product(const struct task *task) {
    size_t d0 = task->network->inputs, dl = task->network->outputs;
    memcpy(task->room[0], task->sxy, d0 * dl * sizeof(double));
    return (struct product){d0, dl, task->room[0], norm(d0 * dl, task->sxy)};
}

static const double *layer(const struct task *task, size_t l) {
    return task->theta + task->network->offset[l - 1];
}

/* Ranks of the outer blocks of every pivot. */
static enum core_status outer_ranks(const struct task *task) {
    const struct dln_network *network = task->network;
    struct product left = data_product(task);
    enum core_status status = CORE_OK;
    for (size_t l = network->depth; l >= 1 && status == CORE_OK; l--) {
        status = rank_of(task, &left, &task->left[l]);
        multiply(task, 0, network->widths[l], network->widths[l - 1], layer(task, l), &left);
    }
    struct product right = data_product(task);
    for (size_t l = 1; l <= network->depth && status == CORE_OK; l++) {
        status = rank_of(task, &right, &task->right[l]);
        multiply(task, 1, network->widths[l], network->widths[l - 1], layer(task, l), &right);
    }
    return status;
}

/* Whether the pivot's K is not zero. Changes the rooms. */
static int bites(const struct task *task, size_t i, size_t j) {
    const struct dln_network *network = task->network;
    size_t d0 = network->inputs, dl = network->outputs;
    struct product k = {d0, dl, task->room[0], norm(d0 * dl, network->syx)};
    memcpy(task->room[0], task->error, d0 * dl * sizeof(double));
    for (size_t l = 1; l < j; l++) multiply(task, 1, network->widths[l], network->widths[l - 1], layer(task, l), &k);
    for (size_t l = network->depth; l > i; l--)
        multiply(task, 0, network->widths[l], network->widths[l - 1], layer(task, l), &k);
    return norm(k.rows * k.columns, k.at) > RANK_ZERO * k.norm;
}

/* The rank of W_{i-1} ... W_{j+1}. */
static enum core_status inner_rank(const struct task *task, size_t i, size_t j, size_t *rank) {
    const struct dln_network *network = task->network;
    *rank = network->widths[j]; /* the empty product */
    if (i == j + 1) return CORE_OK;
    size_t rows = network->widths[j + 1], columns = network->widths[j];
    struct product middle = {rows, columns, task->room[0], norm(rows * columns, layer(task, j + 1))};
    memcpy(task->room[0], layer(task, j + 1), rows * columns * sizeof(double));
    for (size_t l = j + 2; l < i; l++)
        multiply(task, 1, network->widths[l], network->widths[l - 1], layer(task, l), &middle);
    return rank_of(task, &middle, rank);
}

/* All pivots (i, j) of one j. */
static enum core_status pivots(const struct task *task, size_t j, size_t rank, int *tightened, int *strict) {
    for (size_t i = j + 1; i <= task->network->depth; i++) {
        size_t inner = 0;
        if (task->left[i] == rank || task->right[j] == rank) continue;
        enum core_status status = inner_rank(task, i, j, &inner);
        if (status != CORE_OK) return status;
        if (inner == rank) continue;
        *tightened = 0;
        if (!*strict) *strict = bites(task, i, j);
    }
    return CORE_OK;
}

/* u^T (W Sxx) T^T u. */
static double kept_share(const struct dln_network *network, const double u[], const double moved[]) {
    double sum = 0;
    for (size_t j = 0; j < network->inputs; j++) {
        double kept = 0, target = 0;
        for (size_t i = 0; i < network->outputs; i++) {
            kept += u[i] * moved[i * network->inputs + j];
            target += u[i] * network->target[i * network->inputs + j];
        }
        sum += kept * target;
    }
    return sum;
}

/* The rank of W Sxx and, by c_i = (u_i^T W Sxx T^T u_i) / w_i, how much of each mode W keeps. */
static enum core_status keep(const struct task *task, const struct dln_modes *modes, struct dln_critical_label *label) {
    const struct dln_network *network = task->network;
    size_t d0 = network->inputs, dl = network->outputs;
    struct product w = {d0, d0, task->room[0], norm(d0 * d0, network->sxx)};
    memcpy(task->room[0], network->sxx, d0 * d0 * sizeof(double));
    for (size_t l = 1; l <= network->depth; l++) {
        multiply(task, 1, network->widths[l], network->widths[l - 1], layer(task, l), &w);
    }
    enum core_status status = rank_of(task, &w, &label->rank);
    for (size_t i = 0; i < dl; i++) {
        for (size_t j = 0; j < d0; j++) task->error[j * dl + i] = w.at[i * d0 + j] - network->syx[i * d0 + j];
    }
    double kept = 0, most = 0;
    for (size_t m = 0; m < modes->positive && status == CORE_OK; m++) {
        kept += kept_share(network, modes->directions + m * dl, w.at);
        if (m < label->rank) most += modes->values[m];
    }
    label->leading = kept >= most - ENERGY_ZERO * modes->values[0];
    return status;
}

static enum core_status classify(const struct task *task, const struct dln_modes *modes,
                                 struct dln_critical_label *label) {
    enum core_status status = keep(task, modes, label);
    if (status == CORE_OK) status = outer_ranks(task);
    int strict = !label->leading;
    label->tightened = 1;
    for (size_t j = 1; j < task->network->depth && status == CORE_OK; j++) {
        status = pivots(task, j, label->rank, &label->tightened, &strict);
    }
    if (label->rank >= modes->rank_most)
        label->label = label->leading ? DLN_GLOBAL_MINIMUM : DLN_STRICT_SADDLE;
    else
        label->label = strict ? DLN_STRICT_SADDLE : DLN_NON_STRICT_SADDLE;
    return status;
}

enum core_status dln_critical_classify_of(const struct core_landscape *land, const struct dln_modes *modes,
                                          const double theta[], struct dln_critical_label *label) {
    const struct dln_network *network = dln_of(land);
    size_t d0 = network->inputs, dl = network->outputs, widest = 0, depth = network->depth;
    for (size_t l = 0; l <= depth; l++) widest = network->widths[l] > widest ? network->widths[l] : widest;
    double *memory = core_alloc(2 * d0 * dl + widest + 2 * widest * widest, sizeof *memory);
    size_t *ranks = core_alloc(2 * (depth + 1), sizeof *ranks);
    *label = (struct dln_critical_label){0, 0, 0, DLN_STRICT_SADDLE};
    enum core_status status = CORE_OK;
    if (memory == NULL || ranks == NULL) {
        status = core_fail(CORE_NO_MEMORY, "no memory for the label of a critical point");
    } else {
        struct task task = {.network = network, .theta = theta, .sxy = memory, .singular = memory + d0 * dl};
        task.room[0] = task.singular + widest;
        task.room[1] = task.room[0] + widest * widest;
        task.error = task.room[1] + widest * widest;
        task.left = ranks;
        task.right = ranks + depth + 1;
        for (size_t i = 0; i < dl; i++) {
            for (size_t j = 0; j < d0; j++) task.sxy[j * dl + i] = network->syx[i * d0 + j];
        }
        status = classify(&task, modes, label);
    }
    core_free(memory);
    core_free(ranks);
    return status;
}

enum core_status dln_critical_classify(const struct core_landscape *land, const double theta[],
                                       struct dln_critical_label *label) {
    struct dln_modes *modes;
    enum core_status status = dln_modes_create(land, &modes);
    if (status == CORE_OK) status = dln_critical_classify_of(land, modes, theta, label);
    dln_modes_free(modes);
    return status;
}

const char *dln_label_name(enum dln_label label) {
    static const char *const names[] = {"global-minimum", "strict-saddle", "non-strict-saddle"};
    return names[label];
}
