/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A positive matrix as a sum over integer offsets, D = sum_k w_k e_k e_k^T with w_k >= 0: Selling's decomposition
 * [bonnans2004] [conway1992].
 *
 * A superbase is d + 1 integer vectors of sum zero, d of which are a basis of Z^d. It is obtuse for D when
 * b_i . D b_j <= 0 for all i != j; any superbase becomes obtuse by repeating: where b_i . D b_j > 0, replace b_i by
 * -b_i and add b_i to the others but b_j (in two dimensions b_j alone is left: b_k becomes b_i - b_j). The sum of
 * b . D b falls each time, so that it ends. Then
 *
 *     D = - sum_{i<j} (b_i . D b_j) e_ij e_ij^T,
 *
 * with e_ij orthogonal to the base vectors other than i and j: the third one turned by a right angle in two dimensions,
 * the cross product of the other two in three. An isotropic or diagonal D gives the axes. */
#include "ffpe/grid.h"

#include <math.h>

enum { D = FFPE_DIMENSION_MAX };

struct superbase {
    size_t dimension;
    int b[D + 1][D];
};

static double product(const struct superbase *base, const double tensor[], size_t i, size_t j) {
    size_t d = base->dimension;
    double sum = 0;
    for (size_t k = 0; k < d; k++) {
        for (size_t l = 0; l < d; l++) sum += base->b[i][k] * tensor[k * d + l] * base->b[j][l];
    }
    return sum;
}

/* Flips about b_i, keeping b_j. */
static void flip(struct superbase *base, size_t i, size_t j) {
    for (size_t k = 0; k < base->dimension; k++) {
        int v = base->b[i][k];
        for (size_t m = 0; m <= base->dimension; m++) {
            /* two dimensions: the other vector takes 2 b_i - b_i - b_j - ... so that the sum stays zero */
            if (m != i && m != j) base->b[m][k] += base->dimension == 2 ? 2 * v : v;
        }
        base->b[i][k] = -v;
    }
}

/* The offset of the pair i, j. */
static void offset_of(const struct superbase *base, size_t i, size_t j, int e[]) {
    if (base->dimension == 2) {
        const int *v = base->b[3 - i - j];
        e[0] = -v[1];
        e[1] = v[0];
        return;
    }
    const int *others[2] = {base->b[0], base->b[0]};
    size_t found = 0;
    for (size_t m = 0; m < 4; m++) {
        if (m != i && m != j) others[found++] = base->b[m];
    }
    for (size_t k = 0; k < 3; k++) {
        size_t a = (k + 1) % 3, c = (k + 2) % 3;
        e[k] = others[0][a] * others[1][c] - others[0][c] * others[1][a];
    }
}

/* Offsets point upwards: the last component that is not zero is positive. */
static void orient(size_t dimension, int e[]) {
    size_t k = dimension;
    while (k > 0 && e[k - 1] == 0) k--;
    if (k == 0 || e[k - 1] > 0) return;
    for (k = 0; k < dimension; k++) e[k] = -e[k];
}

enum core_status ffpe_selling(size_t dimension, const double tensor[], struct ffpe_offsets *offsets) {
    enum { FLIPS_MAX = 1000 };
    *offsets = (struct ffpe_offsets){.count = 0};
    if (dimension == 1) {
        *offsets = (struct ffpe_offsets){.count = 1, .offset = {{1}}, .weight = {tensor[0]}};
        return CORE_OK;
    }
    struct superbase base = {.dimension = dimension};
    double trace = 0;
    for (size_t k = 0; k < dimension; k++) {
        base.b[k][k] = 1;
        base.b[dimension][k] = -1;
        trace += tensor[k * dimension + k];
    }
    for (int flips = 0, obtuse = 0; !obtuse; flips++) {
        if (flips == FLIPS_MAX)
            return core_fail(CORE_BAD_INPUT, "the diffusion tensor is too anisotropic for this grid");
        obtuse = 1;
        for (size_t i = 0; i < dimension && obtuse; i++) {
            for (size_t j = i + 1; j <= dimension && obtuse; j++) {
                if (product(&base, tensor, i, j) <= 1e-14 * trace) continue;
                flip(&base, i, j);
                obtuse = 0;
            }
        }
    }
    for (size_t i = 0; i < dimension; i++) {
        for (size_t j = i + 1; j <= dimension; j++) {
            double weight = -product(&base, tensor, i, j);
            if (weight <= 1e-14 * trace) continue;
            int *e = offsets->offset[offsets->count];
            offset_of(&base, i, j, e);
            orient(dimension, e);
            offsets->weight[offsets->count++] = weight;
        }
    }
    return CORE_OK;
}
