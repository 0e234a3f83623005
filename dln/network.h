/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DLN_NETWORK_H
#define DLN_NETWORK_H

#include "core/isa.h"
#include "core/landscape.h"
#include "core/random.h"
#include "dln/dln.h"

/* Inside the room only: a deep linear network prepared for evaluation.
 *
 * Everything full-batch needs only the moments Sxx = X X^T / n and T = Syx Sxx^+ (CONVENTIONS.md): with P = W_L ...
 * W_1, L = tr((P - T) Sxx (P - T)^T) / 2 + L_min,        E = dL/dP = (P - T) Sxx, which keeps its relative accuracy
 * where L is small, as tr(P Sxx P^T)/2 - tr(P Sxy) + tr(Syy)/2 would not.
 *
 * Gradient noise. With D = P - T and e_mu = y_mu - T x_mu, sample mu contributes r_mu x_mu^T = D x_mu x_mu^T - e_mu
 * x_mu^T to E: linear in its features f_mu = (x_mu x_mu^T, e_mu x_mu^T), and as small as the residual r_mu itself. So
 * an exact draw of N(0, Sigma(theta)) needs only a draw of N(0, K), K = cov_mu(f_mu), which does not depend on theta: K
 * = C C^T once (pivoted Cholesky), then C z at each step, at a cost that does not depend on n. rank K <= min(n - 1, d_0
 * (d_0 + 1) / 2 + d_L d_0) is the noise width.
 *
 * Its trace, with M_l = A_l A_l^T, A_l = W_L ... W_{l+1}, and N_l = B_l^T B_l, B_l = W_{l-1} ... W_1:
 *     tr Sigma = sum_l mean_mu (r_mu^T M_l r_mu) (x_mu^T N_l x_mu) - |g|^2.
 * The first factor is linear in (x x^T, e x^T, e e^T), the second in x x^T: the mean is a bilinear form in the fourth
 * moments of the data, again at a cost that does not depend on n. */

struct dln_network {
    size_t depth;
    size_t widths[DLN_DEPTH_MAX + 1];
    size_t offset[DLN_DEPTH_MAX + 1]; /* of W_{l+1} in theta; offset[depth] = P */
    size_t samples, inputs, outputs;
    double *x, *y;       /* (n, d_0), (n, d_L) */
    size_t stride;       /* doubles from one row of `rows` to the next, a multiple of 8 */
    double *rows;        /* (n, stride) x_mu then y_mu then zeros: what a mini-batch gathers */
    double *sxx;         /* (d_0, d_0) */
    double *syx;         /* (d_L, d_0) */
    double *target;      /* (d_L, d_0) T */
    double trace_syy;    /* tr Syy */
    double loss_minimum; /* L_min = |Y - T X|^2 / (2n), the smallest loss of any linear map */
    size_t features;     /* d_0 (d_0 + 1) / 2 + d_L d_0; 0 for large networks, whose noise factor is per sample */
    size_t *feature;     /* (features) row of C -> index of its feature: x_i x_j (i <= j, row by row), then e_o x_i */
    double *factor;      /* (features, noise_width) C, lower trapezoidal in this order of rows */
    double *fourth;      /* (features + d_L (d_L + 1) / 2, d_0 (d_0 + 1) / 2) mean of (f, e e^T) (x x^T)^T */
};

/* The landscape's self. */
static inline const struct dln_network *dln_of(const struct core_landscape *land) {
    return land->self;
}

/* dln_network_create with a chosen kind of kernels: in_lanes 1, one replica in each SIMD lane; 0, one at a time. */
enum core_status dln_network_create_as(int in_lanes, size_t depth, const size_t widths[], const struct dln_data *data,
                                       struct core_landscape **land);

/* The destroy method of every network, and the mark by which one is known. */
void dln_network_destroy(struct core_landscape *land);

/* Kernels with one replica in each SIMD lane: one landscape method table per specialised shape, the any-shape one last.
 */
struct dln_lane_methods {
    size_t depth, width; /* every width equal to this; 0, 0: any shape */
    struct core_landscape_methods methods;
};
struct dln_lane_kernels {
    size_t count;
    const struct dln_lane_methods *methods;
};
CORE_ISA_DECLARE(struct dln_lane_kernels, dln_lane_kernels)

/* Doubles of scratch the lane methods need. */
size_t dln_lane_scratch(const struct dln_network *network);

/* One replica at a time, for wide networks. Matrices are row-major; ld, the doubles from one row to the next. */
struct dln_gemm_kernels {
    /* C (m, n) = A B + sign C, sign -1, 0 or 1; element (i, p) of A (m, k) at a[i * row + p * column]. Where ldb is a
     * multiple of 8, b is aligned to 64 bytes and its rows may be read to the next multiple of 8; c may lie anywhere
     * and nothing beside it is touched. Same bits with and without AVX-512. */
    void (*multiply)(size_t m, size_t k, size_t n, const double a[], size_t row, size_t column, const double b[],
                     size_t ldb, double c[], size_t ldc, int sign);
    /* to (columns, rows) = transpose of from (rows, columns). to is aligned, ldto a multiple of 8, at least rows; the
     * rows of `to` are filled with zeros to the next multiple of 8. */
    void (*transpose)(size_t rows, size_t columns, const double from[], size_t ldfrom, double to[], size_t ldto);
    /* to (count, stride) = rows index[...] of from; aligned, stride a multiple of 8. */
    void (*gather)(size_t count, const uint32_t index[], size_t stride, const double from[], double to[]);
};
CORE_ISA_DECLARE(struct dln_gemm_kernels, dln_gemm_kernels)

extern const struct core_landscape_methods dln_wide_methods;
/* Doubles of scratch the wide methods need. */
size_t dln_wide_scratch(const struct dln_network *network);

/* Of them, the methods that go sample by sample (dln/wide_batch.c): shapes as in core/landscape.h with one lane. */
void dln_wide_sampled_gradient(const struct core_landscape *land, const double x[], size_t longest,
                               const double count[], const uint32_t index[], double out[], double scratch[]);
void dln_wide_noise_trace(const struct core_landscape *land, const double x[], double trace[], double scratch[]);
size_t dln_wide_batch_scratch(const struct dln_network *network);

/* Rows of wide matrices in scratch are padded to whole vectors. */
static inline size_t dln_padded(size_t columns) {
    return (columns + 7) / 8 * 8;
}

/* sum_i a_i b_i, in one order whatever the processor. */
double dln_wide_dot(size_t count, const double a[], const double b[]);

/* Fills moments, target and the noise factor from x and y. */
enum core_status dln_network_prepare(struct dln_network *network, int with_factor, size_t *noise_width);

/* frame (rows, columns), columns <= rows: orthonormal columns, uniform on all such frames. */
enum core_status dln_random_orthonormal(const struct core_stream *stream, size_t rows, size_t columns, double frame[]);

/* Whether Z_l, l = 1 ... depth, of a critical point has no entries; or none that is not zero. */
int dln_block_is_empty(const struct dln_network *network, size_t rank, size_t l);
int dln_block_is_zero(const struct dln_network *network, const struct dln_critical_choice *choice, size_t l);
/* dln_critical_point and dln_critical_classify with modes at hand. */
enum core_status dln_critical_point_of(const struct core_landscape *land, const struct dln_modes *modes,
                                       const struct dln_critical_choice *choice, double theta[]);
enum core_status dln_critical_classify_of(const struct core_landscape *land, const struct dln_modes *modes,
                                          const double theta[], struct dln_critical_label *label);

/* s (min(rows, columns)): the singular values of a, descending; all NaN where an entry of a is not finite. */
enum core_status dln_singular_values(size_t rows, size_t columns, const double a[], double s[]);

#endif
