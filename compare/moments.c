/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moments of one sample.
 *
 * Deviations are taken from the mean, itself found in two passes from the first value, so that an offset of 1e9 costs
 * no digits. With m_r = mean (x - mean)^r:  g1 = m3 / m2^1.5, g2 = m4 / m2^2 - 3, and corrected for bias [joanes1998]
 *
 *     G1 = sqrt(n (n-1)) / (n-2) g1,   G2 = (n-1) / ((n-2) (n-3)) ((n+1) g2 + 6).
 *
 * L-moments by probability-weighted sums of the ordered sample [hosking1990]: b_r = mean of C(i-1, r) / C(n-1, r)
 * x_(i), l2 = 2 b1 - b0, l3 = 6 b2 - 6 b1 + b0, l4 = 20 b3 - 30 b2 + 12 b1 - b0; ratios l3/l2, l4/l2.
 *
 * Mardia [mardia1970]: with S divided by n, D_ij = (x_i - mean)^T S^-1 (x_j - mean), b1 = mean over pairs of D_ij^3,
 * b2 = mean of D_ii^2; z = (b2 - d (d+2)) / sqrt(8 d (d+2) / n). */
#include "compare/density.h"

#include "compare/check.h"
#include "core/linalg.h"
#include "core/memory.h"
#include "core/sum.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

/* x less its mean, times 2^-exponent, into out; returns the mean. */
static double centre(size_t n, const double x[], size_t stride, int exponent, double out[]) {
    double shrink = compare_shrink(exponent), origin = x[0] * shrink;
    for (size_t i = 0; i < n; i++) out[i * stride] = x[i * stride] * shrink - origin;
    double mean = core_sum(out, n, stride) / (double)n;
    for (size_t i = 0; i < n; i++) out[i * stride] -= mean;
    return (origin + mean) * compare_grow(exponent);
}

static double power_mean(size_t n, const double x[], int power) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double square = x[i] * x[i];
        sum += power == 2 ? square : power == 3 ? square * x[i] : square * square;
    }
    return sum / (double)n;
}

static void shape(size_t n, const double x[], struct compare_moments *out) {
    double m2 = power_mean(n, x, 2), size = (double)n;
    out->g1 = power_mean(n, x, 3) / (m2 * sqrt(m2));
    out->g2 = power_mean(n, x, 4) / (m2 * m2) - 3;
    if (n > 2) out->G1 = sqrt(size * (size - 1)) / (size - 2) * out->g1;
    if (n > 3) out->G2 = (size - 1) / ((size - 2) * (size - 3)) * ((size + 1) * out->g2 + 6);
    if (n <= 3) out->state = COMPARE_DEGENERATE;
}

static void l_ratios(size_t n, double x[], struct compare_moments *out) {
    double b[4] = {0, 0, 0, 0}, size = (double)n;
    core_sort(x, n);
    for (size_t i = 0; i < n; i++) {
        double weight = 1, rank = (double)i;
        for (int r = 0; r < 4; r++) {
            b[r] += weight * x[i] / size;
            weight *= (rank - r) / (size - 1 - r);
        }
    }
    double l2 = 2 * b[1] - b[0];
    out->l_skewness = (6 * b[2] - 6 * b[1] + b[0]) / l2;
    out->l_kurtosis = (20 * b[3] - 30 * b[2] + 12 * b[1] - b[0]) / l2;
}

enum core_status compare_moments(size_t n, const double x[], struct compare_moments *out) {
    static const double none = (double)NAN;
    *out = (struct compare_moments){none, none, none, none, none, none, none, none, none, COMPARE_DEGENERATE};
    enum core_status status = compare_check_sample("the sample", 1, n, 1, x);
    if (status != CORE_OK) return status;
    double *work = core_alloc(n, sizeof *work);
    if (work == NULL) return core_fail(CORE_NO_MEMORY, "no memory for %zu numbers", n);
    int exponent = compare_exponent(COMPARE_NO_EXPONENT, n, x);
    double unit = compare_grow(exponent);
    out->mean = centre(n, x, 1, exponent, work);
    int inner = compare_exponent(COMPARE_NO_EXPONENT, n, work); /* the deviations may be small beside the values */
    for (size_t i = 0; i < n; i++) work[i] *= compare_shrink(inner);
    unit *= compare_grow(inner);
    out->variance_n = power_mean(n, work, 2) * unit * unit;
    if (n > 1) out->variance_n1 = out->variance_n * (double)n / (double)(n - 1);
    if (inner != COMPARE_NO_EXPONENT) {
        out->state = COMPARE_DEFINED;
        shape(n, work, out);
        if (n > 3) l_ratios(n, work, out);
    }
    core_free(work);
    return CORE_OK;
}

/* ---- Mardia ---- */

/* Turns the centred rows z (n, d) into rows with covariance one: z <- z V diag(value^-1/2). 0 where it is singular. */
static enum core_status whiten(size_t n, size_t d, double z[], double work[], int *regular) {
    double *s = work, *vectors = s + d * d, *values = vectors + d * d, *row = values + d;
    for (size_t a = 0; a < d; a++) {
        for (size_t b = 0; b < d; b++) {
            double sum = 0;
            for (size_t i = 0; i < n; i++) sum += z[i * d + a] * z[i * d + b];
            s[a * d + b] = sum / (double)n;
        }
    }
    enum core_status status = core_symmetric_eigen(d, s, values, vectors);
    *regular = status == CORE_OK && values[0] > 1e-13 * (double)d * values[d - 1];
    if (!*regular) return status;
    for (size_t i = 0; i < n; i++) {
        for (size_t b = 0; b < d; b++) {
            row[b] = 0;
            for (size_t a = 0; a < d; a++) row[b] += z[i * d + a] * vectors[a * d + b];
            row[b] /= sqrt(values[b]);
        }
        for (size_t b = 0; b < d; b++) z[i * d + b] = row[b];
    }
    return CORE_OK;
}

static double dot(size_t d, const double a[], const double b[]) {
    double sum = 0;
    for (size_t k = 0; k < d; k++) sum += a[k] * b[k];
    return sum;
}

static void statistics(size_t n, size_t d, const double z[], struct compare_mardia *out) {
    double cubes = 0, squares = 0, size = (double)n, p = (double)d;
    for (size_t i = 0; i < n; i++) {
        double own = dot(d, z + i * d, z + i * d);
        squares += own * own;
        cubes += own * own * own;
        for (size_t j = 0; j < i; j++) cubes += 2 * pow(dot(d, z + i * d, z + j * d), 3);
    }
    out->b1 = cubes / (size * size);
    out->b2 = squares / size;
    out->chi2 = size * out->b1 / 6;
    out->df = p * (p + 1) * (p + 2) / 6;
    out->p = gsl_cdf_chisq_Q(out->chi2, out->df);
    out->z = (out->b2 - p * (p + 2)) / sqrt(8 * p * (p + 2) / size);
    out->state = COMPARE_DEFINED;
}

enum core_status compare_mardia(size_t n, const double x[], size_t dimension, struct compare_mardia *out) {
    static const double none = (double)NAN;
    size_t d = dimension;
    *out = (struct compare_mardia){none, none, none, none, none, none, COMPARE_DEGENERATE};
    enum core_status status = compare_check_sample("the sample", 1, n, d, x);
    if (status != CORE_OK || n <= d) return status;
    double *z = core_alloc(n, d * sizeof *z), *work = core_alloc(2 * d + 2, d * sizeof *work);
    int regular = 0;
    if (z != NULL && work != NULL) {
        int exponent = compare_exponent(COMPARE_NO_EXPONENT, n * d, x);
        for (size_t k = 0; k < d; k++) centre(n, x + k, d, exponent, z + k);
        status = whiten(n, d, z, work, &regular);
        if (regular) statistics(n, d, z, out);
    } else {
        status = core_fail(CORE_NO_MEMORY, "no memory for a sample of %zu rows", n);
    }
    core_free(z);
    core_free(work);
    return status;
}
