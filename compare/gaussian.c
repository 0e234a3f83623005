/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Distances between Gaussian laws in closed form.
 *
 * W_2^2 = |m1 - m2|^2 + tr S1 + tr S2 - 2 tr (A S2 A)^1/2 with A = S1^1/2 [dowson1982]. With a factor S1 = F F^T the
 * eigenvalues of F^T S2 F are those of A S2 A, and with S2 = G G^T the trace of the root is the sum of the singular
 * values of F^T G: no square root of a matrix, and no root of a rounding error.
 *
 * KL(1 || 2) = 1/2 (tr S2^-1 S1 + (m2 - m1)^T S2^-1 (m2 - m1) - d + ln det S2 - ln det S1). */
#include "compare/density.h"

#include "core/linalg.h"
#include "core/memory.h"

#include <math.h>

static const double negligible = 1e-10; /* eigenvalues, relative to the largest */

static enum core_status check_law(const char *name, size_t d, const double mean[], const double s[]) {
    if (d == 0) return core_fail(CORE_BAD_INPUT, "%s has dimension 0", name);
    for (size_t i = 0; i < d; i++) {
        if (!isfinite(mean[i])) return core_fail(CORE_BAD_INPUT, "mean %zu of %s is %g", i + 1, name, mean[i]);
        for (size_t j = 0; j < d; j++) {
            double a = s[i * d + j], b = s[j * d + i];
            if (isfinite(a) && fabs(a - b) <= 1e-9 * (fabs(a) + fabs(b))) continue;
            return core_fail(CORE_BAD_INPUT, "the covariance of %s is not symmetric and finite at (%zu, %zu)", name,
                             i + 1, j + 1);
        }
    }
    return CORE_OK;
}

static double square_apart(size_t d, const double m1[], const double m2[]) {
    double sum = 0;
    for (size_t i = 0; i < d; i++) sum += (m1[i] - m2[i]) * (m1[i] - m2[i]);
    return sum;
}

static double trace(size_t d, const double s[]) {
    double sum = 0;
    for (size_t i = 0; i < d; i++) sum += s[i * d + i];
    return sum;
}

static enum core_status factor(const char *name, size_t d, const double s[], double out[], size_t *rank) {
    enum core_status status = core_semidefinite_factor(d, s, negligible, out, rank);
    if (status != CORE_NUMERICAL) return status;
    return core_fail(CORE_BAD_INPUT, "the covariance of %s has a negative eigenvalue", name);
}

/* The sum of the singular values of F^T G, F (d, p) and G (d, q); work: (d d + d). */
static enum core_status nuclear(size_t d, size_t p, const double f[], size_t q, const double g[], double work[],
                                double *sum) {
    *sum = 0;
    if (p == 0 || q == 0) return CORE_OK;
    double *s = work + d * d;
    for (size_t i = 0; i < p; i++) {
        for (size_t j = 0; j < q; j++) {
            double dot = 0;
            for (size_t k = 0; k < d; k++) dot += f[k * p + i] * g[k * q + j];
            work[i * q + j] = dot;
        }
    }
    enum core_status status = core_svd(p, q, work, s, NULL, NULL);
    for (size_t i = 0; status == CORE_OK && i < (p < q ? p : q); i++) *sum += s[i];
    return status;
}

enum core_status compare_gaussian_w2(size_t d, const double m1[], const double s1[], const double m2[],
                                     const double s2[], double *distance) {
    enum core_status status = check_law("the first law", d, m1, s1);
    if (status == CORE_OK) status = check_law("the second law", d, m2, s2);
    if (status != CORE_OK) return status;
    double *f = core_alloc(3 * d + 1, d * sizeof *f), roots = 0;
    size_t p = 0, q = 0;
    if (f == NULL) return core_fail(CORE_NO_MEMORY, "no memory for covariances of dimension %zu", d);
    status = factor("the first law", d, s1, f, &p);
    if (status == CORE_OK) status = factor("the second law", d, s2, f + d * d, &q);
    if (status == CORE_OK) status = nuclear(d, p, f, q, f + d * d, f + 2 * d * d, &roots);
    core_free(f);
    if (status != CORE_OK) return status;
    *distance = sqrt(square_apart(d, m1, m2) + fmax(0, trace(d, s1) + trace(d, s2) - 2 * roots));
    return CORE_OK;
}

/* ln det of a covariance from its eigenvalues, NaN where it is singular. */
static enum core_status log_determinant(size_t d, const double s[], double values[], double *out) {
    enum core_status status = core_symmetric_eigen(d, s, values, NULL);
    *out = 0;
    for (size_t i = 0; status == CORE_OK && i < d; i++) {
        *out += values[i] > (double)d * 1e-15 * values[d - 1] ? log(values[i]) : (double)NAN;
    }
    return status;
}

/* work: (2 d (d + 1)). */
static enum core_status divergence(size_t d, const double m1[], const double s1[], const double m2[], const double s2[],
                                   double work[], double *kl) {
    double log1 = 0, log2 = 0, *right = work, *solved = work + d * (d + 1), sum = -(double)d;
    enum core_status status = log_determinant(d, s1, work, &log1);
    if (status == CORE_OK) status = log_determinant(d, s2, work, &log2);
    *kl = (double)NAN;
    if (status != CORE_OK || isnan(log1 + log2)) return status;
    for (size_t i = 0; i < d; i++) {
        for (size_t j = 0; j < d; j++) right[i * (d + 1) + j] = s1[i * d + j];
        right[i * (d + 1) + d] = m2[i] - m1[i];
    }
    status = core_solve(d, s2, d + 1, right, solved);
    if (status != CORE_OK) return status;
    for (size_t i = 0; i < d; i++) {
        sum += solved[i * (d + 1) + i] + (m2[i] - m1[i]) * solved[i * (d + 1) + d];
    }
    *kl = 0.5 * (sum + log2 - log1);
    return CORE_OK;
}

enum core_status compare_gaussian_kl(size_t d, const double m1[], const double s1[], const double m2[],
                                     const double s2[], double *kl, enum compare_state *state) {
    enum core_status status = check_law("the first law", d, m1, s1);
    if (status == CORE_OK) status = check_law("the second law", d, m2, s2);
    if (status != CORE_OK) return status;
    double *work = core_alloc(2 * d, (d + 1) * sizeof *work);
    if (work == NULL) return core_fail(CORE_NO_MEMORY, "no memory for covariances of dimension %zu", d);
    status = divergence(d, m1, s1, m2, s2, work, kl);
    core_free(work);
    if (status == CORE_NUMERICAL) status = CORE_OK; /* singular to working precision: NaN */
    *state = isnan(*kl) ? COMPARE_DEGENERATE : COMPARE_DEFINED;
    return status;
}
