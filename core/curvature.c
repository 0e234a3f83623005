/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Curvature at a point. Sharpness S = max u^T H u over unit vectors; where its eigenvalue is simple,
 *     dS/dx = grad_x (u^T H(x) u) = D^3 L [u, u]                                                 [magnus1985, theorem
 * 1] with u held fixed: the change of u adds nothing to first order. Near a crossing of eigenvalues the vector, and
 * with it the gradient, is known to rounding / gap only. */
#include "core/curvature.h"

#include "core/linalg.h"
#include "core/memory.h"

#include <math.h>

enum { FORMED_MOST = 96 }; /* parameters up to which forming the Hessian is the faster road */

static const double ZERO = 1e-8;       /* of the largest |eigenvalue| */
static const double HOLE = 1e3;        /* between what counts and what does not */
static const double DEGENERATE = 1e-6; /* of the largest |eigenvalue| */

struct core_inertia core_inertia_of(size_t count, const double eigenvalues[]) {
    struct core_inertia inertia = {.gap = HUGE_VAL};
    double largest = 0, least = HUGE_VAL, rest = 0;
    for (size_t i = 0; i < count; i++) largest = fmax(largest, fabs(eigenvalues[i]));
    inertia.threshold = ZERO * largest;
    for (size_t i = 0; i < count; i++) {
        double size = fabs(eigenvalues[i]);
        if (size > inertia.threshold) {
            least = fmin(least, size);
            if (eigenvalues[i] < 0)
                inertia.negative++;
            else
                inertia.positive++;
        } else {
            rest = fmax(rest, size);
            inertia.zero++;
        }
    }
    if (rest > 0) inertia.gap = least / rest;
    return inertia;
}

int core_inertia_doubtful(const struct core_inertia *inertia) {
    return inertia->gap < HOLE;
}

enum core_status core_point_inertia(const struct core_landscape *land, const double x[], struct core_inertia *inertia,
                                    double eigenvalues[]) {
    size_t n = land->dimension;
    if (n > CORE_INERTIA_MOST) {
        return core_fail(CORE_BAD_INPUT, "the landscape has %zu parameters; a Hessian is formed for at most %d", n,
                         CORE_INERTIA_MOST);
    }
    double *hessian = core_alloc(n * n + n, sizeof *hessian);
    if (hessian == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a Hessian of %zu parameters", n);
    double *values = hessian + n * n;
    enum core_status status = core_point_hessian(land, x, hessian);
    if (status == CORE_OK) status = core_symmetric_eigen(n, hessian, values, NULL);
    if (status == CORE_OK) *inertia = core_inertia_of(n, values);
    for (size_t i = 0; i < n && status == CORE_OK && eigenvalues != NULL; i++) eigenvalues[i] = values[i];
    core_free(hessian);
    return core_context(status, "while computing the inertia");
}

/* ---- The Hessian at a point as an operator
 * ----------------------------------------------------------------------------- */

struct hessian {
    const struct core_landscape *land;
    double *x, *v, *out, *scratch; /* x, v, out (dimension, lanes) */
};

/* The same vector in every lane; lane 0 is the answer. */
static void multiply(const void *context, const double v[], double out[]) {
    const struct hessian *h = context;
    size_t lanes = h->land->lanes, n = h->land->dimension;
    for (size_t i = 0; i < n * lanes; i++) h->v[i] = v[i / lanes];
    h->land->methods->hessian_vector(h->land, h->x, h->v, h->out, h->scratch);
    for (size_t i = 0; i < n; i++) out[i] = h->out[i * lanes];
}

/* A small Hessian is formed, a direction in each lane, and goes through LAPACK. */
static enum core_status extreme_formed(const struct core_landscape *land, const double x[], enum core_end end,
                                       size_t count, double values[], double vectors[],
                                       struct core_eigen_report *report) {
    size_t n = land->dimension;
    double *hessian = core_alloc(n * n + n + (vectors != NULL ? n * n : 0), sizeof *hessian);
    if (hessian == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a Hessian of %zu parameters", n);
    double *all = hessian + n * n, *columns = vectors != NULL ? all + n : NULL;
    enum core_status status = core_point_hessian(land, x, hessian);
    if (status == CORE_OK) status = core_symmetric_eigen(n, hessian, all, columns);
    for (size_t k = 0; k < count && status == CORE_OK; k++) {
        size_t column = end == CORE_END_LARGEST ? n - 1 - k : k;
        values[k] = all[column];
        for (size_t i = 0; i < n && vectors != NULL; i++) vectors[k * n + i] = columns[i * n + column];
    }
    if (status == CORE_OK && report != NULL)
        *report = (struct core_eigen_report){n, 0, fmax(fabs(all[0]), fabs(all[n - 1]))};
    core_free(hessian);
    return status;
}

enum core_status core_point_extreme(const struct core_landscape *land, const double x[], enum core_end end,
                                    size_t count, double values[], double vectors[], struct core_eigen_report *report) {
    enum core_status status =
        core_landscape_require(land, land->methods->hessian_vector != NULL, "Hessian-vector product");
    if (status != CORE_OK) return status;
    if (land->dimension <= FORMED_MOST && count >= 1 && count <= land->dimension)
        return extreme_formed(land, x, end, count, values, vectors, report);
    size_t array = (land->dimension * land->lanes + 7) / 8 * 8;
    double *memory = core_alloc(3 * array + land->scratch, sizeof *memory);
    if (memory == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a point of the landscape '%s'", land->name);
    struct hessian h = {land, memory, memory + array, memory + 2 * array, memory + 3 * array};
    for (size_t i = 0; i < land->dimension * land->lanes; i++) h.x[i] = x[i / land->lanes];
    struct core_operator a = {land->dimension, multiply, &h};
    status = core_extreme_eigen(&a, end, count, values, vectors, report);
    core_free(memory);
    return status;
}

/* ---- Sharpness
 * ------------------------------------------------------------------------------------------------------------ */

/* 1 where the Hessian times x itself is finite: enough to tell a point that has diverged. */
static enum core_status check_finite(const struct core_landscape *land, const double x[], double product[],
                                     int *finite) {
    double sum = 0;
    enum core_status status = core_point_hessian_vector(land, x, x, product);
    for (size_t i = 0; i < land->dimension && status == CORE_OK; i++) sum += 0 * product[i] + 0 * x[i];
    *finite = isfinite(sum);
    return status;
}

enum core_status core_point_sharpness(const struct core_landscape *land, const double x[],
                                      struct core_sharpness *sharpness, double gradient[]) {
    size_t n = land->dimension, count = n > 1 ? 2 : 1;
    double values[2] = {0, 0}, *vectors = core_alloc(count * n, sizeof *vectors);
    struct core_eigen_report report;
    int finite = 0;
    if (vectors == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the sharpness");
    *sharpness = (struct core_sharpness){(double)NAN, (double)NAN, 0};
    enum core_status status = check_finite(land, x, vectors, &finite);
    if (status == CORE_OK && finite) {
        status =
            core_point_extreme(land, x, CORE_END_LARGEST, count, values, gradient != NULL ? vectors : NULL, &report);
        if (status == CORE_OK) {
            double gap = count == 1 ? HUGE_VAL : report.scale > 0 ? (values[0] - values[1]) / report.scale : 0;
            *sharpness = (struct core_sharpness){values[0], gap, gap < DEGENERATE};
        }
        if (status == CORE_OK && gradient != NULL)
            status = core_point_curvature_gradient(land, x, vectors, vectors, gradient);
    }
    for (size_t i = 0; i < n && gradient != NULL && !finite; i++) gradient[i] = (double)NAN;
    core_free(vectors);
    return core_context(status, "while computing the sharpness");
}
