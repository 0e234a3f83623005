/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Densities at times by steps: V sum_k a_k (u_k - u_{k-1}) + L u = 0.
 *
 * With the weights rising towards k = n (L1), the history is gathered with positive factors,
 *
 *     (a_n V + L) u_n = V [a_1 u_0 + sum_{k=1}^{n-1} (a_{k+1} - a_k) u_k],
 *
 * and since a_n V + L is an M-matrix no density ever becomes negative. Fast L1 replaces the kernel of all steps but the
 * last by exponentials w e^{-s t}; each keeps one memory Y of positive parts. With phi_k = (1 - e^{-s step_k}) / (s
 * step_k):
 *
 *     Y_n = e^{-s step_n} (Y_{n-1} + (phi_{n-1} - e^{-s step_{n-1}} phi_{n-2}) u_{n-2}),  phi_0 = 0,
 *     right side = V [(a_n - sum_s w e^{-s step_n} phi_{n-1}) u_{n-1} + sum_s w Y_n].
 *
 * L2-1_sigma solves (A_n V + (1 - alpha/2) L) u_n = ... with L applied to the step before as well; it is second order
 * and not positive. */
#include "ffpe/steps.h"

#include "core/memory.h"

#include <cblas.h>
#include <math.h>
#include <string.h>

struct march {
    struct ffpe_evolution *evolution;
    struct ffpe_mesh mesh;
    struct ffpe_factor *factor;
    size_t n;
    double *history;              /* plain methods: (count + 1, n); fast: the last three */
    double *a, *b, *right, *flow; /* weights (count + 2), right side and outflow (n) */
    struct ffpe_exponentials sum;
    double *memory; /* fast: (exponentials, n) */
};

static double *density(const struct march *march, size_t step) {
    return march->history + (march->memory == NULL ? step : step % 3) * march->n;
}

/* ---- Right sides, without the factor V ------------------------------------------------------------------------------
 */

static void gather_plain(struct march *march, size_t step) {
    double *a = march->a, *factors = march->b;
    ffpe_l1_weights(&march->mesh, march->evolution->order, step, a);
    for (size_t k = 0; k < step; k++) factors[k] = a[k + 1] - (k == 0 ? 0 : a[k]);
    cblas_dgemv(CblasRowMajor, CblasTrans, (int)step, (int)march->n, 1, march->history, (int)march->n, factors, 1, 0,
                march->right, 1);
}

static double phi(double x) {
    return x < 1e-5 ? 1 - x / 2 + x * x / 6 : -expm1(-x) / x;
}

static void gather_fast(struct march *march, size_t step) {
    const struct ffpe_mesh *mesh = &march->mesh;
    const struct ffpe_exponentials *sum = &march->sum;
    double alpha = march->evolution->order, inverse = alpha == 1 ? 0 : 1 / tgamma(1 - alpha);
    double last = mesh->step[step], held = pow(last, -alpha) / tgamma(2 - alpha), *right = march->right;
    march->a[step] = held;
    memset(right, 0, march->n * sizeof *right);
    const double *older = step >= 2 ? density(march, step - 2) : NULL, *old = density(march, step - 1);
    for (size_t i = 0; i < sum->count && step >= 2; i++) {
        double s = sum->rate[i], w = inverse * sum->weight[i], fall = exp(-s * last), *y = march->memory + i * march->n;
        double before = phi(s * mesh->step[step - 1]);
        double gain = before - (step == 2 ? 0 : exp(-s * mesh->step[step - 1]) * phi(s * mesh->step[step - 2]));
        held -= w * fall * before;
        if (fall == 0) {
            memset(y, 0, march->n * sizeof *y);
            continue;
        }
        for (size_t j = 0; j < march->n; j++) {
            y[j] = fall * (y[j] + gain * older[j]);
            right[j] += w * y[j];
        }
    }
    for (size_t j = 0; j < march->n; j++) right[j] += held * old[j];
}

static void gather_quadratic(struct march *march, size_t step) {
    double *a = march->a, *factors = march->b, share = 1 - march->evolution->order / 2;
    const struct ffpe_operator *op = march->evolution->op;
    ffpe_l2_weights(&march->mesh, march->evolution->order, step, a, factors);
    for (size_t k = 0; k < step; k++) factors[k] = (a[k + 1] - (k == 0 ? 0 : a[k])) / share;
    cblas_dgemv(CblasRowMajor, CblasTrans, (int)step, (int)march->n, 1, march->history, (int)march->n, factors, 1, 0,
                march->right, 1);
    ffpe_operator_outflow(op, 1, density(march, step - 1), march->flow);
    for (size_t j = 0; j < march->n; j++) march->right[j] -= (1 - share) / share * march->flow[j] / op->grid.volume[j];
    a[step] /= share;
}

/* ---- The march
 * --------------------------------------------------------------------------------------------------------- */

static enum core_status take_steps(struct march *march, void (*gather)(struct march *, size_t)) {
    struct ffpe_evolution *evolution = march->evolution;
    const double *volume = evolution->op->grid.volume;
    size_t next = 0;
    for (size_t i = 0; i < march->n; i++) march->history[i] = evolution->mass[i] / volume[i];
    for (size_t step = 1; step <= march->mesh.count && next < evolution->time_count; step++) {
        gather(march, step);
        for (size_t i = 0; i < march->n; i++) march->right[i] *= volume[i];
        enum core_status status = ffpe_factor_make(march->factor, march->a[step], FFPE_OUTSIDE);
        if (status == CORE_OK) status = ffpe_factor_solve(march->factor, 0, march->right, density(march, step));
        if (status != CORE_OK) return core_context(status, "in step %zu", step);
        evolution->solves++;
        for (; next < evolution->time_count && march->mesh.output[next] == step; next++)
            memcpy(evolution->density + next * march->n, density(march, step), march->n * sizeof(double));
    }
    return CORE_OK;
}

static enum core_status no_memory(size_t bytes) {
    return core_fail(CORE_NO_MEMORY,
                     "the history would take %.3g GB, more than this machine can give; fast-l1 and contour "
                     "need far less",
                     1e-9 * (double)bytes);
}

static enum core_status allocate(struct march *march, int fast) {
    size_t n = march->n, count = march->mesh.count, rows = fast ? 3 : count + 1;
    size_t bytes = (rows + march->sum.count) * n * sizeof(double), available = core_memory_available();
    if (available > 0 && bytes > available) return no_memory(bytes);
    march->history = core_alloc(rows * n, sizeof(double));
    march->a = core_alloc(count + 2, sizeof(double));
    march->b = core_alloc(count + 2, sizeof(double));
    march->right = core_alloc(n, sizeof(double));
    march->flow = core_alloc(n, sizeof(double));
    if (fast) march->memory = core_alloc((march->sum.count + 1) * n, sizeof(double));
    if (march->history == NULL || march->a == NULL || march->b == NULL || march->right == NULL || march->flow == NULL ||
        (fast && march->memory == NULL))
        return no_memory(bytes);
    return CORE_OK;
}

/* The exponentials from the shortest distance over which they stand for the kernel to the whole. */
static enum core_status sum_kernel(struct march *march) {
    double least = INFINITY, most = march->mesh.time[march->mesh.count];
    if (march->evolution->order == 1) return CORE_OK;
    for (size_t k = 2; k <= march->mesh.count; k++) least = fmin(least, march->mesh.step[k]);
    if (march->mesh.count < 2) least = most;
    return ffpe_exponentials_create(march->evolution->order, least, most, &march->sum);
}

enum core_status ffpe_evolve_steps(struct ffpe_evolution *evolution, enum ffpe_method method) {
    struct march march = {.evolution = evolution, .n = evolution->op->grid.count};
    double alpha = evolution->order, power = method == FFPE_L2_1_SIGMA ? 2 / alpha : (2 - alpha) / alpha;
    evolution->error = NAN;
    enum core_status status = ffpe_mesh_create(evolution, power, &march.mesh);
    if (status == CORE_OK && method == FFPE_FAST_L1) status = sum_kernel(&march);
    if (status == CORE_OK) status = allocate(&march, method == FFPE_FAST_L1);
    if (status == CORE_OK) status = ffpe_factor_create(evolution->pattern, 0, &march.factor);
    if (status == CORE_OK)
        status = take_steps(&march, method == FFPE_L1        ? gather_plain
                                    : method == FFPE_FAST_L1 ? gather_fast
                                                             : gather_quadratic);
    ffpe_factor_free(march.factor);
    ffpe_exponentials_clear(&march.sum);
    ffpe_mesh_clear(&march.mesh);
    double *arrays[] = {march.history, march.a, march.b, march.right, march.flow, march.memory};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) core_free(arrays[i]);
    return status;
}
