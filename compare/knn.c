/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kullback-Leibler divergence and entropy from neighbours.
 *
 * With rho_i the distance from x_i to its k-th neighbour among the other x, nu_i to its k-th among the y, V_d the
 * volume of the unit ball [wang2009, eq. 5; kozachenko1987]:
 *
 *     KL = (d/n) sum_i ln(nu_i / rho_i) + ln(m / (n - 1)),
 *     H  = psi(n) - psi(k) + ln V_d + (d/n) sum_i ln rho_i.
 *
 * Squared distances suffice, ln rho = 1/2 ln rho^2. x_i itself is left out by its number, not by its distance of zero:
 * a copy of it is a neighbour, and then the estimate has no finite value. */
#include "compare/density.h"

#include "compare/check.h"
#include "compare/neighbours.h"
#include "core/memory.h"
#include "core/sum.h"

#include <gsl/gsl_sf_psi.h>
#include <math.h>

static enum core_status check_k(size_t k) {
    if (k >= 1 && k <= COMPARE_NEIGHBOURS) return CORE_OK;
    return core_fail(CORE_BAD_INPUT, "the %zu-th neighbour was asked for; 1 to %d are allowed", k, COMPARE_NEIGHBOURS);
}

/* The mean of ln(square), or of ln(square / below) where below is not NULL; *zeros counts rows where one is 0. */
static double mean_log(size_t n, const double square[], const double below[], double work[], size_t *zeros) {
    *zeros = 0;
    for (size_t i = 0; i < n; i++) {
        int zero = square[i] == 0 || (below != NULL && below[i] == 0);
        *zeros += (size_t)zero;
        work[i] = zero ? 0 : log(square[i]) - (below != NULL ? log(below[i]) : 0);
    }
    return core_sum(work, n, 1) / (double)n;
}

static void conclude(double value, size_t zeros, struct compare_knn *out) {
    out->duplicates = zeros;
    out->state = zeros > 0 ? COMPARE_DUPLICATES : COMPARE_DEFINED;
    out->value = zeros > 0 ? (double)NAN : value;
}

static enum core_status kl(const struct compare_cloud *x, const struct compare_cloud *y, size_t k,
                           struct compare_knn *out) {
    size_t n = x->n, zeros;
    double *square = core_alloc(3 * n, sizeof *square);
    if (square == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the neighbours of %zu rows", n);
    enum core_status status = compare_neighbours(x, y, 0, k, square);
    if (status == CORE_OK) status = compare_neighbours(x, x, 1, k, square + n);
    if (status == CORE_OK) {
        double mean = mean_log(n, square, square + n, square + 2 * n, &zeros);
        conclude(0.5 * (double)x->dimension * mean + log((double)y->n / (double)(n - 1)), zeros, out);
    }
    core_free(square);
    return status;
}

static const struct compare_knn undefined = {(double)NAN, COMPARE_DEGENERATE, 0};

enum core_status compare_kl_knn(size_t n, const double x[], size_t m, const double y[], size_t dimension, size_t k,
                                struct compare_knn *out) {
    *out = undefined;
    enum core_status status = check_k(k);
    if (status == CORE_OK) status = compare_check_sample("the first sample", 1, n, dimension, x);
    if (status == CORE_OK) status = compare_check_sample("the second sample", 1, m, dimension, y);
    if (status != CORE_OK || n <= k || m < k) return status;
    struct compare_cloud a = {0}, b = {0};
    int exponent = compare_exponent(compare_exponent(COMPARE_NO_EXPONENT, n * dimension, x), m * dimension, y);
    status = compare_cloud_init(&a, n, dimension, x, exponent);
    if (status == CORE_OK) status = compare_cloud_init(&b, m, dimension, y, exponent);
    if (status == CORE_OK) status = kl(&a, &b, k, out);
    compare_cloud_free(&a);
    compare_cloud_free(&b);
    return status;
}

/* ln of the volume of the unit ball. */
static double log_ball(double d) {
    return 0.5 * d * log(3.14159265358979323846) - lgamma(1 + 0.5 * d);
}

static enum core_status entropy(const struct compare_cloud *x, size_t k, int exponent, struct compare_knn *out) {
    size_t n = x->n, zeros;
    double *square = core_alloc(2 * n, sizeof *square), d = (double)x->dimension;
    if (square == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the neighbours of %zu rows", n);
    enum core_status status = compare_neighbours(x, x, 1, k, square);
    if (status == CORE_OK) {
        double mean = mean_log(n, square, NULL, square + n, &zeros);
        double unit = d * log(compare_grow(exponent));
        conclude(gsl_sf_psi_int((int)n) - gsl_sf_psi_int((int)k) + log_ball(d) + 0.5 * d * mean + unit, zeros, out);
    }
    core_free(square);
    return status;
}

enum core_status compare_entropy_knn(size_t n, const double x[], size_t dimension, size_t k, struct compare_knn *out) {
    *out = undefined;
    enum core_status status = check_k(k);
    if (status == CORE_OK) status = compare_check_sample("the sample", 1, n, dimension, x);
    if (status != CORE_OK || n <= k) return status;
    struct compare_cloud a = {0};
    int exponent = compare_exponent(COMPARE_NO_EXPONENT, n * dimension, x);
    status = compare_cloud_init(&a, n, dimension, x, exponent);
    if (status == CORE_OK) status = entropy(&a, k, exponent, out);
    compare_cloud_free(&a);
    return status;
}
