/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fractional Gaussian noise by circulant embedding [davies1987].
 *
 * Let c_d be the covariance at lag d. The circulant matrix of period M = 2 K, K >= count, with first row
 * c_0, ..., c_K, c_{K-1}, ..., c_1 has the eigenvalues
 *     l_k = sum_d c_d exp(-2 pi i k d / M),
 * none negative for any H [craigmile2003] [dietrich1997]. With g, g' standard normal,
 *     Z_t = sum_k sqrt(l_k / M) (g_k + i g'_k) exp(-2 pi i k t / M),   t < count,
 * has real and imaginary parts that are independent and normal with the covariance c exactly: two paths a transform.
 *
 * c_d at a large lag is a difference of nearly equal powers: with u = 1/d it is
 *     d^{2H} ((1 + u)^{2H} - 2 + (1 - u)^{2H}) / 2 = d^{2H} (expm1(2H log1p(u)) + expm1(2H log1p(-u))) / 2,
 * and where u < 0.1 the even binomial series in u, sum_{j>=1} binom(2H, 2j) u^{2j}, whose terms have one sign.
 *
 * FFTW plans are made with FFTW_ESTIMATE, one thread at a time; the same machine gives the same bits always, another
 * instruction set may round differently in the last place. */
#include "sde/fractional.h"

#include "core/memory.h"

#include <fftw3.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>

struct sde_fractional {
    size_t count, period; /* period: a power of two, at least 2 count and 16 */
    double *root;         /* (period) sqrt(l_k / period) */
    fftw_plan plan;       /* in place, complex, forward */
};

static pthread_mutex_t planner = PTHREAD_MUTEX_INITIALIZER; /* FFTW's planner is one for the process */

static size_t period_of(size_t count) {
    size_t period = 16;
    while (period < 2 * count) period *= 2;
    return period;
}

/* c_d; twice = 2 H. */
static double covariance(double twice, size_t d) {
    if (d == 0) return 1;
    if (d == 1) return (pow(2, twice) - 2) / 2;
    double u = 1 / (double)d, sum = 0, term = 1;
    if (u >= 0.1) return pow((double)d, twice) * (expm1(twice * log1p(u)) + expm1(twice * log1p(-u))) / 2;
    for (int j = 1; j < 12; j++) {
        term *= (twice - 2 * j + 2) * (twice - 2 * j + 1) / (double)((2 * j - 1) * (2 * j)) * u * u;
        sum += term;
    }
    return pow((double)d, twice) * sum;
}

/* Fills law->root; `work` has room for (period, 2) doubles. */
static enum core_status find_roots(struct sde_fractional *law, double hurst, double work[]) {
    size_t m = law->period;
    for (size_t k = 0; k < m; k++) {
        work[2 * k] = covariance(2 * hurst, k <= m / 2 ? k : m - k);
        work[2 * k + 1] = 0;
    }
    fftw_execute_dft(law->plan, (fftw_complex *)(void *)work, (fftw_complex *)(void *)work);
    double largest = 0;
    for (size_t k = 0; k < m; k++) largest = fmax(largest, work[2 * k]);
    for (size_t k = 0; k < m; k++) {
        if (!(work[2 * k] >= -1e-10 * largest)) {
            return core_fail(CORE_NUMERICAL, "eigenvalue %g of the circulant of fractional noise, H = %g", work[2 * k],
                             hurst);
        }
        law->root[k] = sqrt(fmax(work[2 * k], 0) / (double)m);
    }
    return CORE_OK;
}

static fftw_plan make_plan(size_t period, double work[]) {
    fftw_complex *in_place = (fftw_complex *)(void *)work;
    pthread_mutex_lock(&planner);
    fftw_plan plan = fftw_plan_dft_1d((int)period, in_place, in_place, FFTW_FORWARD, FFTW_ESTIMATE);
    pthread_mutex_unlock(&planner);
    return plan;
}

enum core_status sde_fractional_create(double hurst, size_t count, struct sde_fractional **out) {
    *out = NULL;
    if (!(hurst > 0 && hurst < 1)) return core_fail(CORE_BAD_INPUT, "hurst %g; allowed: above 0, below 1", hurst);
    if (count < 1 || count > INT_MAX / 4)
        return core_fail(CORE_BAD_INPUT, "fractional noise of %zu steps; allowed: 1 to %d", count, INT_MAX / 4);
    struct sde_fractional *law = core_alloc(1, sizeof *law);
    if (law == NULL) return core_fail(CORE_NO_MEMORY, "no memory for fractional noise");
    law->count = count;
    law->period = period_of(count);
    law->root = core_alloc(law->period, sizeof *law->root);
    double *work = core_alloc(2 * law->period, sizeof *work);
    if (law->root != NULL && work != NULL) law->plan = make_plan(law->period, work);
    enum core_status status = CORE_OK;
    if (law->plan == NULL)
        status = core_fail(CORE_NO_MEMORY, "no memory for fractional noise of %zu steps", count);
    else
        status = find_roots(law, hurst, work);
    core_free(work);
    if (status != CORE_OK)
        sde_fractional_free(law);
    else
        *out = law;
    return status;
}

void sde_fractional_free(struct sde_fractional *law) {
    if (law == NULL) return;
    pthread_mutex_lock(&planner);
    if (law->plan != NULL) fftw_destroy_plan(law->plan);
    pthread_mutex_unlock(&planner);
    core_free(law->root);
    core_free(law);
}

double sde_fractional_bytes(size_t count, size_t width, size_t columns) {
    double period = (double)period_of(count < SIZE_MAX / 4 ? count : SIZE_MAX / 8);
    return sizeof(double) * (3 * period + 4 * period * (double)width + (double)count * (double)(columns * width));
}

size_t sde_fractional_scratch(const struct sde_fractional *law, size_t width) {
    return 2 * law->period * (width + 1);
}

void sde_fractional_fill(const struct sde_fractional *law, const struct core_stream *stream, size_t width,
                         size_t columns, double out[], double scratch[]) {
    size_t m = law->period;
    double *normals = scratch, *work = scratch + 2 * m * width;
    struct core_stream pair = *stream;
    for (size_t c = 0; c < columns; c += 2, pair.step++) {
        core_random_normal(&pair, width, 2 * m, normals);
        for (size_t j = 0; j < width; j++) {
            for (size_t i = 0; i < 2 * m; i++) work[i] = law->root[i / 2] * normals[i * width + j];
            fftw_execute_dft(law->plan, (fftw_complex *)(void *)work, (fftw_complex *)(void *)work);
            for (size_t t = 0; t < law->count; t++) {
                out[(t * columns + c) * width + j] = work[2 * t];
                if (c + 1 < columns) out[(t * columns + c + 1) * width + j] = work[2 * t + 1];
            }
        }
    }
}
