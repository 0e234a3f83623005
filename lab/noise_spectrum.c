/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The noise covariance beside the Hessian, through the factor F (P, m) of Sigma = F F^T. With F = U S V^T, thin:
 * Sigma = U S^2 U^T, so its eigenvalues are s_j^2 and no P x P covariance is formed. With A = U^T H U and
 * R = H U - U A (what H throws out of the range of Sigma):
 *     tr(H Sigma) = sum_j A_jj s_j^2,
 *     |H Sigma - Sigma H|^2 = sum_ij A_ij^2 (s_j^2 - s_i^2)^2 + 2 sum_j |R_j|^2 s_j^4,
 * the two diagonal and off-diagonal blocks of the commutator in the basis (U, its complement). No difference of large
 * numbers is taken, so matrices that commute give zero to rounding. */
#include "lab/noise.h"

#include "core/linalg.h"
#include "core/memory.h"

#include <math.h>
#include <string.h>

static const double RANK = 1e-12;

static double norm(size_t count, const double x[]) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += x[i] * x[i];
    return sqrt(sum);
}

void lab_noise_spectrum_free(struct lab_noise_spectrum *spectrum) {
    core_free(spectrum->eigenvalues);
    core_free(spectrum->vectors);
    core_free(spectrum->hessian);
    core_free(spectrum->axes);
    core_free(spectrum->along);
    *spectrum = (struct lab_noise_spectrum){0};
}

/* ---- The Hessian ---- */

/* Eigenpairs descending; matrix (P, P) receives the Hessian. */
static enum core_status measure_hessian(const struct core_landscape *land, const double x[], double matrix[],
                                        struct lab_noise_spectrum *s) {
    size_t p = s->dimension;
    enum core_status status = core_point_hessian(land, x, matrix);
    if (status == CORE_OK) status = core_symmetric_eigen(p, matrix, s->hessian, s->axes);
    for (size_t j = 0; status == CORE_OK && j < p / 2; j++) {
        double value = s->hessian[j];
        s->hessian[j] = s->hessian[p - 1 - j];
        s->hessian[p - 1 - j] = value;
        for (size_t i = 0; i < p; i++) {
            double entry = s->axes[i * p + j];
            s->axes[i * p + j] = s->axes[i * p + p - 1 - j];
            s->axes[i * p + p - 1 - j] = entry;
        }
    }
    return status;
}

/* ---- The covariance ---- */

/* Ratios to the largest eigenvalue, whose squares do not underflow. */
static void measure_sizes(struct lab_noise_spectrum *s) {
    double sum = 0, squares = 0;
    for (size_t j = 0; j < s->count; j++) {
        double ratio = s->eigenvalues[0] > 0 ? s->eigenvalues[j] / s->eigenvalues[0] : 0;
        s->trace += s->eigenvalues[j];
        s->rank += ratio > RANK;
        sum += ratio;
        squares += ratio * ratio;
    }
    s->participation = squares > 0 ? sum * sum / squares : (double)NAN;
}

static enum core_status measure_covariance(const struct core_landscape *land, const double x[],
                                           struct lab_noise_spectrum *s) {
    size_t p = s->dimension, m = land->noise_width;
    double *factor = core_alloc(p * m, sizeof *factor);
    enum core_status status = factor != NULL
                                  ? core_point_noise_factor(land, x, factor)
                                  : core_fail(CORE_NO_MEMORY, "no memory for a noise factor of %zu by %zu", p, m);
    if (status == CORE_OK) status = core_svd(p, m, factor, s->eigenvalues, s->vectors, NULL);
    core_free(factor);
    for (size_t j = 0; status == CORE_OK && j < s->count; j++) s->eigenvalues[j] *= s->eigenvalues[j];
    if (status == CORE_OK) measure_sizes(s);
    return status;
}

/* ---- Both ---- */

/* image (P, count) = H U; inner (count, count) = U^T H U. */
static void curve_of_noise(const struct lab_noise_spectrum *s, const double matrix[], double image[], double inner[]) {
    size_t p = s->dimension, k = s->count;
    memset(image, 0, p * k * sizeof *image);
    memset(inner, 0, k * k * sizeof *inner);
    for (size_t i = 0; i < p; i++) {
        for (size_t q = 0; q < p; q++) {
            for (size_t j = 0; j < k; j++) image[i * k + j] += matrix[i * p + q] * s->vectors[q * k + j];
        }
    }
    for (size_t q = 0; q < p; q++) {
        for (size_t i = 0; i < k; i++) {
            for (size_t j = 0; j < k; j++) inner[i * k + j] += s->vectors[q * k + i] * image[q * k + j];
        }
    }
}

/* The sums on top of the file with Sigma over its largest eigenvalue; image is turned into R, ratio has room for
 * (count). */
static void relate(struct lab_noise_spectrum *s, double image[], const double inner[], double ratio[]) {
    size_t p = s->dimension, k = s->count;
    double product = 0, square = 0;
    for (size_t i = 0; i < k; i++) ratio[i] = s->eigenvalues[0] > 0 ? s->eigenvalues[i] / s->eigenvalues[0] : 0;
    double scale = norm(p, s->hessian) * norm(k, ratio);
    for (size_t i = 0; i < k; i++) {
        product += inner[i * k + i] * ratio[i];
        for (size_t j = 0; j < k; j++) {
            double term = 0.5 * (inner[i * k + j] + inner[j * k + i]) * (ratio[j] - ratio[i]);
            square += term * term;
        }
    }
    for (size_t q = 0; q < p; q++) {
        for (size_t i = 0; i < k; i++) {
            for (size_t j = 0; j < k; j++) image[q * k + j] -= s->vectors[q * k + i] * inner[i * k + j];
        }
        for (size_t j = 0; j < k; j++) {
            double term = image[q * k + j] * ratio[j];
            square += 2 * term * term;
        }
    }
    s->alignment = scale > 0 ? product / scale : (double)NAN;
    s->commutator = scale > 0 ? sqrt(square) / scale : (double)NAN;
}

/* u_j^T Sigma u_j = sum_i (u_j . v_i)^2 s_i^2 along the axes of the Hessian. */
static void measure_along(struct lab_noise_spectrum *s) {
    size_t p = s->dimension, k = s->count;
    for (size_t j = 0; j < p; j++) {
        s->along[j] = 0;
        for (size_t i = 0; i < k; i++) {
            double cosine = 0;
            for (size_t q = 0; q < p; q++) cosine += s->axes[q * p + j] * s->vectors[q * k + i];
            s->along[j] += cosine * cosine * s->eigenvalues[i];
        }
    }
}

static enum core_status allocate(struct lab_noise_spectrum *s) {
    size_t p = s->dimension, k = s->count;
    s->eigenvalues = core_alloc(k, sizeof *s->eigenvalues);
    s->vectors = core_alloc(p * k, sizeof *s->vectors);
    s->hessian = core_alloc(p, sizeof *s->hessian);
    s->axes = core_alloc(p * p, sizeof *s->axes);
    s->along = core_alloc(p, sizeof *s->along);
    if (s->eigenvalues != NULL && s->vectors != NULL && s->hessian != NULL && s->axes != NULL && s->along != NULL)
        return CORE_OK;
    return core_fail(CORE_NO_MEMORY, "no memory for the eigenvectors of %zu parameters", p);
}

enum core_status lab_noise_spectrum(const struct core_landscape *land, const double x[], struct lab_noise_spectrum *s) {
    size_t p = land->dimension, m = land->noise_width, k = p < m ? p : m;
    *s = (struct lab_noise_spectrum){.dimension = p, .count = k};
    enum core_status status = core_landscape_require(land, land->methods->noise != NULL && m > 0, "gradient noise");
    if (status != CORE_OK) return status;
    if (p > LAB_NOISE_LARGEST) {
        return core_fail(CORE_BAD_INPUT, "the landscape has %zu parameters; a Hessian is formed for at most %d", p,
                         LAB_NOISE_LARGEST);
    }
    double *matrix = core_alloc(p * p, sizeof *matrix), *image = core_alloc(p * k, sizeof *image),
           *inner = core_alloc(k * k, sizeof *inner), *ratio = core_alloc(k, sizeof *ratio);
    if (matrix == NULL || image == NULL || inner == NULL || ratio == NULL)
        status = core_fail(CORE_NO_MEMORY, "no memory for a Hessian of %zu parameters", p);
    if (status == CORE_OK) status = allocate(s);
    if (status == CORE_OK) status = measure_hessian(land, x, matrix, s);
    if (status == CORE_OK) status = measure_covariance(land, x, s);
    if (status == CORE_OK) {
        curve_of_noise(s, matrix, image, inner);
        relate(s, image, inner, ratio);
        measure_along(s);
    } else {
        lab_noise_spectrum_free(s);
    }
    core_free(matrix);
    core_free(image);
    core_free(inner);
    core_free(ratio);
    return status;
}
