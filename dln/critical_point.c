/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Critical points by construction [achour2024, section 3] [baldi1989].
 *
 * theta is critical exactly when A_l^T E B_l^T = 0 for every layer, A_l = W_L ... W_{l+1}, B_l = W_{l-1} ... W_1,
 * E = (W - T) Sxx. With W = U_S U_S^T T, E = -U_Q U_Q^T Syx, and in the form (s (r, r) diagonal, A s^L V^T the singular
 * value decomposition of U_S U_S^T T)
 *     W_1 = [s V^T; Z_1],   W_l = diag(s, Z_l),   W_L = [A s, U_Q Z_L]
 * the conditions become (Z_L ... Z_{l+1})^T U_Q^T Syx (Z_{l-1} ... Z_1)^T = 0: true where two of the Z are zero. The
 * r-block is balanced, as small starts leave it. Blocks that are not zero are z times an identity, as far as one fits,
 * z = (largest singular value of T)^(1/L); Z_1 is the same in random orthonormal directions, so that it meets every
 * mode.
 *
 * D_l = R diag(1 ... 1.8) R'^T with Haar R, R' has a condition below 2 and leaves the loss and its derivatives' kinds
 * (rank of each product, inertia of the Hessian) alone. */
#include "dln/network.h"

#include "core/linalg.h"
#include "core/memory.h"

#include <math.h>
#include <string.h>

enum { PATH_FIRST = 1000, PATH_MIX = 2000 }; /* of the stream of starts, above those of dln/start.c */

/* One construction. */
struct point {
    const struct dln_network *network;
    const struct dln_modes *modes;
    const struct dln_critical_choice *choice;
    size_t *kept, *left; /* (r) S, (d_L - r) Q */
    double *kept_map;    /* (d_L, d_0) U_S U_S^T T */
    double *root;        /* (k) s, k = min(d_0, d_L) */
    double *u, *vt;      /* (d_L, k), (k, d_0) */
    double *frame;       /* (d_0, d_0) the directions of Z_1 */
    double size;         /* z */
    double *theta;
};

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

static enum core_status check(const struct dln_network *network, const struct dln_modes *modes,
                              const struct dln_critical_choice *choice) {
    if (choice->rank > modes->rank_most) {
        return core_fail(CORE_BAD_INPUT, "a critical point of rank %zu; allowed: 0 to %zu", choice->rank,
                         modes->rank_most);
    }
    for (size_t k = 0; k < choice->rank && choice->modes != NULL; k++) {
        if (choice->modes[k] >= modes->positive) {
            return core_fail(CORE_BAD_INPUT, "found mode %zu; allowed: 0 to %zu, those that the data have",
                             choice->modes[k], modes->positive - 1);
        }
        if (k > 0 && choice->modes[k] <= choice->modes[k - 1]) {
            return core_fail(CORE_BAD_INPUT, "found mode %zu after %zu; modes ascend", choice->modes[k],
                             choice->modes[k - 1]);
        }
    }
    if (network->depth == 1 && choice->rank < modes->positive) {
        return core_fail(CORE_BAD_INPUT, "a network of one layer is critical at its minimum only, rank %zu",
                         modes->positive);
    }
    return CORE_OK;
}

/* Two blocks are zero where two layers are said to be, or have none. */
static enum core_status check_zeros(const struct point *point) {
    size_t zeros = 0, depth = point->network->depth;
    for (size_t l = 1; l <= depth; l++) zeros += (size_t)dln_block_is_zero(point->network, point->choice, l);
    if (depth == 1 || zeros >= 2) return CORE_OK;
    return core_fail(CORE_BAD_INPUT, "found %zu zero block%s, expected two layers or more", zeros,
                     zeros == 1 ? "" : "s");
}

int dln_block_is_empty(const struct dln_network *network, size_t rank, size_t l) {
    size_t rows = network->widths[l] - rank, columns = l == 1 ? network->inputs : network->widths[l - 1] - rank;
    return rows == 0 || columns == 0;
}

int dln_block_is_zero(const struct dln_network *network, const struct dln_critical_choice *choice, size_t l) {
    return choice->zero == NULL || choice->zero[l - 1] || dln_block_is_empty(network, choice->rank, l);
}

/* ---- The parts
 * ---------------------------------------------------------------------------------------------------------- */

static double *point_create(struct point *point) {
    size_t d0 = point->network->inputs, dl = point->network->outputs, k = smaller(d0, dl);
    double *memory = core_alloc(dl * d0 + k + dl * k + k * d0 + d0 * d0 + dl, sizeof *memory);
    if (memory == NULL) return NULL;
    point->kept_map = memory;
    point->root = memory + dl * d0;
    point->u = point->root + k;
    point->vt = point->u + dl * k;
    point->frame = point->vt + k * d0;
    point->kept = (size_t *)(void *)(point->frame + d0 * d0); /* as many bytes as a double, dl of them */
    return memory;
}

/* S, then Q, each ascending. */
static void split_modes(struct point *point) {
    size_t r = point->choice->rank, kept = 0, left = 0;
    point->left = point->kept + r;
    for (size_t i = 0; i < point->modes->count; i++) {
        int in = point->choice->modes == NULL ? i < r : kept < r && point->choice->modes[kept] == i;
        if (in)
            point->kept[kept++] = i;
        else
            point->left[left++] = i;
    }
}

/* U_S U_S^T T. */
static void project_target(struct point *point) {
    size_t d0 = point->network->inputs, dl = point->network->outputs;
    for (size_t k = 0; k < point->choice->rank; k++) {
        const double *u = point->modes->directions + point->kept[k] * dl;
        for (size_t j = 0; j < d0; j++) {
            double share = 0;
            for (size_t i = 0; i < dl; i++) share += u[i] * point->network->target[i * d0 + j];
            for (size_t i = 0; i < dl; i++) point->kept_map[i * d0 + j] += u[i] * share;
        }
    }
}

static enum core_status decompose(struct point *point) {
    const struct dln_network *network = point->network;
    size_t d0 = network->inputs, dl = network->outputs, k = smaller(d0, dl);
    double exponent = 1 / (double)network->depth;
    struct core_stream stream = {.seed = point->choice->seed, .path = PATH_FIRST, .purpose = CORE_PURPOSE_START};
    enum core_status status = core_svd(dl, d0, network->target, point->root, NULL, NULL);
    point->size = point->root[0] > 0 ? pow(point->root[0], exponent) : 1;
    if (status == CORE_OK) status = core_svd(dl, d0, point->kept_map, point->root, point->u, point->vt);
    if (status == CORE_OK) status = dln_random_orthonormal(&stream, d0, d0, point->frame);
    for (size_t c = 0; c < k && status == CORE_OK; c++) point->root[c] = pow(point->root[c], exponent);
    return status;
}

/* ---- The layers
 * ----------------------------------------------------------------------------------------------------------- */

/* Entry (i, j) of the block s: its own first r rows and columns, but for the ends, where A and V stand. */
static double used_entry(const struct point *point, size_t l, size_t i, size_t j) {
    size_t d0 = point->network->inputs, k = smaller(d0, point->network->outputs);
    double last = l == point->network->depth ? point->u[i * k + j] : (double)(i == j);
    return last * point->root[j];
}

/* Entry (i, j) of Z_l; for W_L, of U_Q Z_L. */
static double unused_entry(const struct point *point, size_t l, size_t i, size_t j) {
    size_t dl = point->network->outputs, d0 = point->network->inputs;
    if (l == point->network->depth) {
        return j < dl - point->choice->rank ? point->size * point->modes->directions[point->left[j] * dl + i] : 0;
    }
    if (l == 1) return i < d0 ? point->size * point->frame[i * d0 + j] : 0;
    return i == j ? point->size : 0;
}

static void fill_layer(const struct point *point, size_t l) {
    const struct dln_network *network = point->network;
    size_t r = point->choice->rank, columns = network->widths[l - 1], d0 = network->inputs;
    int zero = dln_block_is_zero(network, point->choice, l), first = l == 1, last = l == network->depth;
    double *w = point->theta + network->offset[l - 1];
    for (size_t i = 0; i < network->widths[l]; i++) {
        for (size_t j = 0; j < columns; j++) {
            double value = 0;
            if (first && i < r)
                value = point->root[i] * point->vt[i * d0 + j];
            else if (!first && j < r && (last || i < r))
                value = used_entry(point, l, i, j);
            else if (!zero && first)
                value = unused_entry(point, l, i - r, j);
            else if (!zero && j >= r && (last || i >= r))
                value = unused_entry(point, l, last ? i : i - r, j - r);
            w[i * columns + j] = value;
        }
    }
}

/* ---- Mixing
 * ----------------------------------------------------------------------------------------------------------------- */

/* w (rows, columns) <- a w, a (rows, rows); spare (rows, columns). */
static void multiply_left(size_t rows, size_t columns, const double a[], double w[], double spare[]) {
    memcpy(spare, w, rows * columns * sizeof *w);
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < columns; j++) {
            double sum = 0;
            for (size_t k = 0; k < rows; k++) sum += a[i * rows + k] * spare[k * columns + j];
            w[i * columns + j] = sum;
        }
    }
}

/* w (rows, columns) <- w a, a (columns, columns). */
static void multiply_right(size_t rows, size_t columns, const double a[], double w[], double spare[]) {
    memcpy(spare, w, rows * columns * sizeof *w);
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < columns; j++) {
            double sum = 0;
            for (size_t k = 0; k < columns; k++) sum += spare[i * columns + k] * a[k * columns + j];
            w[i * columns + j] = sum;
        }
    }
}

/* d = R diag(1 ... 1.8) R'^T and its inverse, (width, width) each; frames: two more. */
static enum core_status random_mixing(const struct point *point, size_t l, size_t width, double d[], double inverse[],
                                      double frames[]) {
    struct core_stream stream = {.seed = point->choice->seed, .path = PATH_MIX + 2 * l, .purpose = CORE_PURPOSE_START};
    double *left = frames, *right = frames + width * width;
    enum core_status status = dln_random_orthonormal(&stream, width, width, left);
    stream.path++;
    if (status == CORE_OK) status = dln_random_orthonormal(&stream, width, width, right);
    for (size_t i = 0; i < width; i++) {
        for (size_t j = 0; j < width; j++) {
            d[i * width + j] = inverse[i * width + j] = 0;
            for (size_t k = 0; k < width; k++) {
                double scale = 1 + 0.8 * ((double)k + 0.5) / (double)width;
                d[i * width + j] += left[i * width + k] * scale * right[j * width + k];
                inverse[i * width + j] += right[i * width + k] / scale * left[j * width + k];
            }
        }
    }
    return status;
}

static enum core_status mix(const struct point *point) {
    const struct dln_network *network = point->network;
    size_t widest = 0;
    for (size_t l = 0; l <= network->depth; l++) widest = network->widths[l] > widest ? network->widths[l] : widest;
    double *d = core_alloc(5 * widest * widest, sizeof *d);
    if (d == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a critical point");
    double *inverse = d + widest * widest, *frames = inverse + widest * widest, *spare = frames + 2 * widest * widest;
    enum core_status status = CORE_OK;
    for (size_t l = 1; l < network->depth && status == CORE_OK; l++) {
        size_t width = network->widths[l];
        status = random_mixing(point, l, width, d, inverse, frames);
        multiply_left(width, network->widths[l - 1], d, point->theta + network->offset[l - 1], spare);
        multiply_right(network->widths[l + 1], width, inverse, point->theta + network->offset[l], spare);
    }
    core_free(d);
    return status;
}

/* ---- The point
 * -------------------------------------------------------------------------------------------------------------- */

static enum core_status construct(struct point *point) {
    enum core_status status = check(point->network, point->modes, point->choice);
    if (status == CORE_OK) status = check_zeros(point);
    if (status != CORE_OK) return status;
    double *memory = point_create(point);
    if (memory == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a critical point");
    split_modes(point);
    project_target(point);
    status = decompose(point);
    if (status == CORE_OK && point->network->depth == 1) {
        memcpy(point->theta, point->kept_map, point->network->offset[1] * sizeof *point->theta);
    } else if (status == CORE_OK) {
        for (size_t l = 1; l <= point->network->depth; l++) fill_layer(point, l);
        if (point->choice->mixing) status = mix(point);
    }
    core_free(memory);
    return status;
}

enum core_status dln_critical_point_of(const struct core_landscape *land, const struct dln_modes *modes,
                                       const struct dln_critical_choice *choice, double theta[]) {
    struct point point = {.network = dln_of(land), .modes = modes, .choice = choice, .theta = theta};
    return core_context(construct(&point), "while constructing a critical point");
}

enum core_status dln_critical_point(const struct core_landscape *land, const struct dln_critical_choice *choice,
                                    double theta[]) {
    struct dln_modes *modes;
    enum core_status status = dln_modes_create(land, &modes);
    if (status == CORE_OK) status = dln_critical_point_of(land, modes, choice, theta);
    dln_modes_free(modes);
    return status;
}
