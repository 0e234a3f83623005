/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fractional Laplacian -K (-d^2/dx^2)^{mu/2} on a line.
 *
 * On a box: fractional centred differences [ortigueira2006], jumps over m steps at the rate K h^{-mu} w_m,
 *
 *     w_0 = Gamma(mu + 1) / Gamma(mu/2 + 1)^2,   w_1 = w_0 (mu/2) / (mu/2 + 1),   w_{m+1} = w_m (m - mu/2) / (m + 1 +
 * mu/2),
 *
 * all positive, and w_0 = 2 (w_1 + w_2 + ...): a node is left as often as it is left for somewhere. A jump that would
 * end beyond a reflecting wall ends on it; beyond an absorbing wall it ends for good. Products are convolutions, by
 * FFT. Jumps to nearest nodes are edges of the operator, so that the tridiagonal part is there to precondition with.
 *
 * On a periodic line the symbol K |k|^mu itself, by FFT: exact for every mode of the grid. */
#include "ffpe/levy.h"

#include "core/memory.h"

#include <fftw3.h>
#include <math.h>
#include <pthread.h>
#include <string.h>

static const double PI = 3.14159265358979323846;

struct ffpe_levy {
    size_t n, padded;
    int periodic;
    double rate, leaving; /* K h^{-mu}; leaving: of it, w_0 - 2 w_1 */
    const double *volume; /* (n), of the grid; borrowed */
    double *weight;       /* (n + 1) w_m */
    double *spectrum;     /* (padded) transform of the kernel, over padded: real, since it is even */
    double *beyond[2];    /* (n) share of jumps that end on the lower and upper wall; NULL where it absorbs */
    fftw_plan forward, backward;
};

static pthread_mutex_t planning = PTHREAD_MUTEX_INITIALIZER;

static double weight_zero(double mu) {
    return tgamma(mu + 1) / pow(tgamma(mu / 2 + 1), 2);
}

static double weight_one(double mu) {
    return weight_zero(mu) * mu / (mu + 2);
}

double ffpe_levy_nearest(const struct ffpe_problem *problem, const struct ffpe_grid *grid) {
    double mu = problem->levy_index;
    if (grid->walls[0][0] == FFPE_PERIODIC) return 0;
    return problem->levy_scale * pow(grid->step[0], 2 - mu) * weight_one(mu);
}

void ffpe_levy_free(struct ffpe_levy *levy) {
    if (levy == NULL) return;
    pthread_mutex_lock(&planning);
    if (levy->forward != NULL) fftw_destroy_plan(levy->forward);
    if (levy->backward != NULL) fftw_destroy_plan(levy->backward);
    pthread_mutex_unlock(&planning);
    core_free(levy->weight);
    core_free(levy->spectrum);
    core_free(levy->beyond[0]);
    core_free(levy->beyond[1]);
    core_free(levy);
}

/* w_m, and for each wall that reflects the share of jumps from node j that pass it, those over one step left out. */
static void set_weights(const struct ffpe_problem *problem, const struct ffpe_grid *grid, struct ffpe_levy *levy) {
    double mu = problem->levy_index, passed = weight_zero(mu) / 2;
    levy->weight[0] = weight_zero(mu);
    levy->weight[1] = weight_one(mu);
    for (size_t m = 1; m < levy->n; m++)
        levy->weight[m + 1] = levy->weight[m] * ((double)m - mu / 2) / ((double)m + 1 + mu / 2);
    levy->rate = problem->levy_scale * pow(grid->step[0], -mu);
    levy->leaving = levy->weight[0] - 2 * levy->weight[1];
    for (size_t j = 0; j < levy->n; j++) {
        if (j > 0) passed -= levy->weight[j];
        double share = j == 0 ? passed - levy->weight[1] : passed;
        if (levy->beyond[0] != NULL) levy->beyond[0][j] = share;
        if (levy->beyond[1] != NULL) levy->beyond[1][levy->n - 1 - j] = share;
    }
}

/* The kernel's transform; buffer (padded, 2). */
static void set_spectrum(const struct ffpe_problem *problem, const struct ffpe_grid *grid, struct ffpe_levy *levy,
                         double buffer[]) {
    size_t n = levy->n, padded = levy->padded;
    if (levy->periodic) {
        double unit = 2 * PI / (grid->upper[0] - grid->lower[0]);
        for (size_t k = 0; k < n; k++) {
            double wave = unit * (double)(k <= n / 2 ? k : n - k);
            levy->spectrum[k] = problem->levy_scale * pow(wave, problem->levy_index) / (double)n;
        }
        return;
    }
    memset(buffer, 0, 2 * padded * sizeof *buffer);
    for (size_t m = 2; m < n; m++) buffer[2 * m] = buffer[2 * (padded - m)] = levy->weight[m];
    fftw_execute_dft(levy->forward, (fftw_complex *)buffer, (fftw_complex *)buffer);
    for (size_t k = 0; k < padded; k++) levy->spectrum[k] = buffer[2 * k] / (double)padded;
}

/* A size of small factors, at least `least`. */
static size_t round_size(size_t least) {
    size_t size = 1;
    while (size < least) size *= 2;
    return size;
}

enum core_status ffpe_levy_create(const struct ffpe_problem *problem, const struct ffpe_grid *grid,
                                  struct ffpe_levy **levy) {
    struct ffpe_levy *made = core_alloc(1, sizeof *made);
    *levy = NULL;
    if (made == NULL) return core_fail(CORE_NO_MEMORY, "no memory for Levy flights");
    made->n = grid->count;
    made->periodic = grid->walls[0][0] == FFPE_PERIODIC;
    made->padded = made->periodic ? made->n : round_size(2 * made->n);
    made->volume = grid->volume;
    made->weight = core_alloc(made->n + 2, sizeof(double));
    made->spectrum = core_alloc(made->padded, sizeof(double));
    double *buffer = core_alloc(2 * made->padded, sizeof *buffer);
    int missing = made->weight == NULL || made->spectrum == NULL || buffer == NULL;
    for (size_t side = 0; side < 2; side++) {
        if (grid->walls[0][side] != FFPE_REFLECTING) continue;
        made->beyond[side] = core_alloc(made->n, sizeof(double));
        missing |= made->beyond[side] == NULL;
    }
    if (!missing) {
        fftw_complex *at = (fftw_complex *)buffer;
        pthread_mutex_lock(&planning);
        made->forward = fftw_plan_dft_1d((int)made->padded, at, at, FFTW_FORWARD, FFTW_ESTIMATE);
        made->backward = fftw_plan_dft_1d((int)made->padded, at, at, FFTW_BACKWARD, FFTW_ESTIMATE);
        pthread_mutex_unlock(&planning);
        missing = made->forward == NULL || made->backward == NULL;
    }
    if (!missing) {
        set_weights(problem, grid, made);
        set_spectrum(problem, grid, made, buffer);
        *levy = made;
    } else {
        ffpe_levy_free(made);
    }
    core_free(buffer);
    return missing ? core_fail(CORE_NO_MEMORY, "no memory for Levy flights between %zu nodes", grid->count) : CORE_OK;
}

size_t ffpe_levy_work(const struct ffpe_levy *levy) {
    return 2 * levy->padded;
}

int ffpe_levy_is_periodic(const struct ffpe_levy *levy) {
    return levy->periodic;
}

double ffpe_levy_rate(const struct ffpe_levy *levy) {
    return levy->periodic ? 0 : levy->rate * levy->leaving;
}

void ffpe_levy_outflow(const struct ffpe_levy *levy, const double u[], double out[], double work[]) {
    size_t n = levy->n;
    memset(work, 0, 2 * levy->padded * sizeof *work);
    for (size_t i = 0; i < 2 * n; i++) work[i] = levy->volume[i / 2] * u[i];
    for (size_t side = 0; side < 2; side++) {
        double sum[2] = {0, 0};
        size_t wall = side == 0 ? 0 : n - 1;
        for (size_t i = 0; i < 2 * n && levy->beyond[side] != NULL; i++)
            sum[i % 2] += levy->beyond[side][i / 2] * work[i];
        for (size_t part = 0; part < 2; part++) out[2 * wall + part] -= levy->rate * sum[part];
    }
    fftw_execute_dft(levy->forward, (fftw_complex *)work, (fftw_complex *)work);
    for (size_t k = 0; k < 2 * levy->padded; k++) work[k] *= levy->spectrum[k / 2];
    fftw_execute_dft(levy->backward, (fftw_complex *)work, (fftw_complex *)work);
    for (size_t i = 0; i < 2 * n; i++) {
        double stay = levy->leaving * levy->volume[i / 2] * u[i];
        out[i] += levy->periodic ? work[i] : levy->rate * (stay - work[i]);
    }
}

void ffpe_levy_circulant(const struct ffpe_levy *levy, double complex s, double u[], double work[]) {
    memcpy(work, u, 2 * levy->n * sizeof *work);
    fftw_execute_dft(levy->forward, (fftw_complex *)work, (fftw_complex *)work);
    for (size_t k = 0; k < levy->n; k++) {
        double complex scale = 1 / ((s + levy->spectrum[k] * (double)levy->n) * levy->volume[0] * (double)levy->n);
        double complex value = ffpe_complex(work[2 * k], work[2 * k + 1]) * scale;
        work[2 * k] = creal(value), work[2 * k + 1] = cimag(value);
    }
    fftw_execute_dft(levy->backward, (fftw_complex *)work, (fftw_complex *)work);
    memcpy(u, work, 2 * levy->n * sizeof *work);
}

/* Column by column for a periodic line (by its cosine sum), entry by entry for a box. */
void ffpe_levy_dense(const struct ffpe_levy *levy, double a[]) {
    size_t n = levy->n;
    for (size_t j = 0; j < n; j++) {
        double volume = levy->volume[j];
        for (size_t i = 0; i < n; i++) {
            size_t m = i > j ? i - j : j - i;
            double entry = 0;
            for (size_t k = 0; k < n && levy->periodic; k++)
                entry += levy->spectrum[k] * cos(2 * PI * (double)(k * m % n) / (double)n);
            if (!levy->periodic) entry = levy->rate * (m == 0 ? levy->leaving : m == 1 ? 0 : -levy->weight[m]);
            a[i * n + j] += volume * entry;
        }
        for (size_t side = 0; side < 2; side++) {
            if (levy->beyond[side] != NULL)
                a[(side == 0 ? 0 : n - 1) * n + j] -= volume * levy->rate * levy->beyond[side][j];
        }
    }
}
