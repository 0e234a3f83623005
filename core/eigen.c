/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Extreme eigenpairs of a symmetric operator by ARPACK's implicitly restarted Lanczos method [lehoucq1998].
 *
 * ARPACK measures convergence relative to each eigenvalue, and so never finds one that is zero beside others that are
 * not, the rule at a saddle. What it is given is therefore the shifted operator
 *     B = shift + A  (largest end)   or   B = shift - A  (smallest end),   shift = 2 |A| estimated by power steps,
 * whose wanted end lies between |A| and 3 |A|: relative accuracy of B is accuracy relative to |A|. The values returned
 * are Rayleigh quotients v^T A v of the vectors, with an error of second order in theirs.
 *
 * Small operators are formed column by column and go through LAPACK. ARPACK keeps its state in static variables: one
 * caller at a time. Its start vector is ours, so that the answer does not depend on who called before. */
#include "core/eigen.h"

#include "core/linalg.h"
#include "core/memory.h"
#include "core/random.h"

#include <arpack.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <string.h>

enum {
    FORMED_MOST = 24, /* dimension up to which the matrix is formed */
    BASIS_LEAST = 24, /* Lanczos vectors */
    POWER_STEPS = 12,
    RESTARTS_MOST = 3000
};
static const double TOLERANCE = 1e-13;

static pthread_mutex_t arpack_is_busy = PTHREAD_MUTEX_INITIALIZER;

void core_arpack_lock(void) {
    pthread_mutex_lock(&arpack_is_busy);
}

void core_arpack_unlock(void) {
    pthread_mutex_unlock(&arpack_is_busy);
}

/* One problem: B = shift + sign A, and the products counted. */
struct problem {
    const struct core_operator *a;
    double sign, shift, scale;
    size_t count, products;
    int broken; /* a product was not finite */
};

static double dot(size_t n, const double a[], const double b[]) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

/* out = A v. */
static void apply(struct problem *problem, const double v[], double out[]) {
    double sum = 0;
    problem->a->apply(problem->a->context, v, out);
    problem->products++;
    for (size_t i = 0; i < problem->a->dimension; i++) sum += 0 * out[i];
    if (!isfinite(sum)) problem->broken = 1;
}

static enum core_status check(const struct problem *problem) {
    if (!problem->broken) return CORE_OK;
    return core_fail(CORE_NUMERICAL, "a product with the operator is not finite");
}

/* |A| from below, by power steps from `v` (n), which becomes a unit vector; spare (n). */
static enum core_status estimate_scale(struct problem *problem, double v[], double spare[]) {
    size_t n = problem->a->dimension;
    for (int k = 0; k < POWER_STEPS; k++) {
        double length = sqrt(dot(n, v, v));
        for (size_t i = 0; i < n; i++) v[i] /= length;
        apply(problem, v, spare);
        if (problem->broken) return check(problem);
        double grown = sqrt(dot(n, spare, spare));
        problem->scale = fmax(problem->scale, grown);
        if (grown == 0) return CORE_OK;
        memcpy(v, spare, n * sizeof *v);
    }
    return CORE_OK;
}

/* ---- Small operators
 * -------------------------------------------------------------------------------------------------- */

/* rows (n, n): the eigenvectors as rows, the wanted end first. */
static enum core_status solve_formed(struct problem *problem, double rows[]) {
    size_t n = problem->a->dimension;
    double *matrix = core_alloc(3 * n * n + 2 * n, sizeof *matrix);
    if (matrix == NULL) return core_fail(CORE_NO_MEMORY, "no memory for an operator of dimension %zu", n);
    double *columns = matrix + n * n, *vectors = columns + n * n, *values = vectors + n * n, *unit = values + n;
    for (size_t j = 0; j < n; j++) {
        unit[j] = 1;
        apply(problem, unit, columns + j * n);
        unit[j] = 0;
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) matrix[i * n + j] = 0.5 * (columns[i * n + j] + columns[j * n + i]);
    }
    enum core_status status = check(problem);
    if (status == CORE_OK) status = core_symmetric_eigen(n, matrix, values, vectors);
    for (size_t k = 0; k < problem->count && status == CORE_OK; k++) {
        size_t column = problem->sign > 0 ? n - 1 - k : k;
        for (size_t i = 0; i < n; i++) rows[k * n + i] = vectors[i * n + column];
    }
    core_free(matrix);
    return status;
}

/* ---- ARPACK
 * ------------------------------------------------------------------------------------------------------------- */

struct workspace {
    size_t basis; /* Lanczos vectors */
    double *start, *lanczos, *triple, *small, *values, *vectors;
    int *select;
};

static double *workspace_create(size_t n, size_t count, struct workspace *w) {
    size_t basis = 2 * count + 1 > BASIS_LEAST ? 2 * count + 1 : BASIS_LEAST;
    if (basis > n) basis = n;
    size_t small = basis * (basis + 8);
    double *memory = core_alloc(n + basis * n + 3 * n + small + count + count * n + basis, sizeof *memory);
    if (memory == NULL) return NULL;
    *w = (struct workspace){.basis = basis, .start = memory, .lanczos = memory + n};
    w->triple = w->lanczos + basis * n;
    w->small = w->triple + 3 * n;
    w->values = w->small + small;
    w->vectors = w->values + count;
    w->select = (int *)(void *)(w->vectors + count * n);
    return memory;
}

/* Lanczos on B until the pairs have converged. */
static enum core_status iterate(struct problem *problem, const struct workspace *w, int parameters[11],
                                int pointers[14]) {
    size_t n = problem->a->dimension, small = w->basis * (w->basis + 8);
    int todo = 0, info = 1; /* info 1: the start vector is given */
    for (;;) {
        dsaupd_c(&todo, "I", (int)n, "LA", (int)problem->count, TOLERANCE, w->start, (int)w->basis, w->lanczos, (int)n,
                 parameters, pointers, w->triple, w->small, (int)small, &info);
        if (todo != 1 && todo != -1) break;
        const double *v = w->triple + pointers[0] - 1;
        double *out = w->triple + pointers[1] - 1;
        apply(problem, v, out);
        if (problem->broken) return check(problem);
        for (size_t i = 0; i < n; i++) out[i] = problem->shift * v[i] + problem->sign * out[i];
    }
    if (info == 0) return CORE_OK;
    return core_fail(CORE_NUMERICAL, "the Lanczos iteration for %zu eigenvalues of dimension %zu %s (%d)",
                     problem->count, n, info == 1 ? "did not converge" : "failed", info);
}

/* rows (count, n): vectors, the wanted end first. */
static enum core_status solve_lanczos(struct problem *problem, const struct workspace *w, double rows[]) {
    size_t n = problem->a->dimension, small = w->basis * (w->basis + 8);
    int parameters[11] = {1, 0, RESTARTS_MOST, 1, 0, 0, 1}, pointers[14] = {0}, info = 0;
    enum core_status status = iterate(problem, w, parameters, pointers);
    if (status != CORE_OK) return status;
    dseupd_c(1, "A", w->select, w->values, w->vectors, (int)n, 0, "I", (int)n, "LA", (int)problem->count, TOLERANCE,
             w->start, (int)w->basis, w->lanczos, (int)n, parameters, pointers, w->triple, w->small, (int)small, &info);
    if (info != 0) return core_fail(CORE_NUMERICAL, "the eigenvectors of dimension %zu failed (%d)", n, info);
    for (size_t k = 0; k < problem->count; k++) { /* ARPACK's values ascend */
        memcpy(rows + k * n, w->vectors + (problem->count - 1 - k) * n, n * sizeof *rows);
    }
    return CORE_OK;
}

static enum core_status solve_large(struct problem *problem, double rows[]) {
    size_t n = problem->a->dimension;
    struct workspace w;
    double *memory = workspace_create(n, problem->count, &w);
    if (memory == NULL) return core_fail(CORE_NO_MEMORY, "no memory for eigenvectors of dimension %zu", n);
    struct core_stream stream = {.seed = n, .purpose = CORE_PURPOSE_PROJECTION};
    core_random_normal(&stream, 1, n, w.start);
    enum core_status status = estimate_scale(problem, w.start, w.triple);
    problem->shift = 2 * problem->scale;
    if (status == CORE_OK && problem->scale == 0) { /* A = 0 */
        for (size_t k = 0; k < problem->count; k++) rows[k * n + k] = 1;
    } else if (status == CORE_OK) {
        core_random_normal(&stream, 1, n, w.start);
        core_arpack_lock();
        status = solve_lanczos(problem, &w, rows);
        core_arpack_unlock();
    }
    core_free(memory);
    return status;
}

/* ---- The answer
 * --------------------------------------------------------------------------------------------------------- */

/* Rayleigh quotients and residuals of the rows; product (n). */
static void measure(struct problem *problem, const double rows[], double product[], double values[], double *residual) {
    size_t n = problem->a->dimension;
    *residual = 0;
    for (size_t k = 0; k < problem->count; k++) {
        const double *v = rows + k * n;
        double sum = 0;
        apply(problem, v, product);
        values[k] = dot(n, v, product);
        for (size_t i = 0; i < n; i++) sum += (product[i] - values[k] * v[i]) * (product[i] - values[k] * v[i]);
        *residual = fmax(*residual, sqrt(sum));
        problem->scale = fmax(problem->scale, fabs(values[k]));
    }
}

enum core_status core_extreme_eigen(const struct core_operator *a, enum core_end end, size_t count, double values[],
                                    double vectors[], struct core_eigen_report *report) {
    size_t n = a->dimension;
    if (count < 1 || count > n || n > INT_MAX / 64) {
        return core_fail(CORE_BAD_INPUT, "found %zu eigenvalues of dimension %zu, expected from 1 to the dimension",
                         count, n);
    }
    struct problem problem = {.a = a, .sign = end == CORE_END_LARGEST ? 1 : -1, .count = count};
    double *rows = core_alloc((count + 1) * n, sizeof *rows), residual;
    if (rows == NULL) return core_fail(CORE_NO_MEMORY, "no memory for eigenvectors of dimension %zu", n);
    int formed = n <= FORMED_MOST || 2 * count >= n; /* ARPACK wants room between count and n */
    enum core_status status = formed ? solve_formed(&problem, rows) : solve_large(&problem, rows);
    if (status == CORE_OK) {
        measure(&problem, rows, rows + count * n, values, &residual);
        if (vectors != NULL) memcpy(vectors, rows, count * n * sizeof *vectors);
        if (report != NULL) *report = (struct core_eigen_report){problem.products, residual, problem.scale};
    }
    core_free(rows);
    return core_context(status, "while computing eigenvalues");
}
