/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Systems with Levy flights.
 *
 * (s V + L) x = b by GMRES with restarts [saad1986], preconditioned from the right: on a box by the tridiagonal part
 * (the edges and the diagonal), on a periodic line by the part that a transform makes diagonal. Steady states and exit
 * times are dense: the box has a few thousand nodes at most. */
#include "ffpe/levy.h"

#include "core/memory.h"

#include <lapacke.h>
#include <math.h>
#include <string.h>

enum { BASIS = 120, RESTARTS = 20, DENSE_MAX = 6000 };
static const double TOLERANCE = 1e-13;

typedef double complex number;

struct ffpe_levy_solver {
    const struct ffpe_operator *op;
    double complex s;
    number *basis;                             /* (BASIS + 1, n) */
    number *lower, *diagonal, *upper, *second; /* (n) tridiagonal factors */
    lapack_int *pivot;
    number *vector, *residual; /* (n) */
    double *work;
    number hessenberg[BASIS + 1][BASIS], right[BASIS + 1], sine[BASIS];
    double cosine[BASIS];
};

void ffpe_levy_solver_free(struct ffpe_levy_solver *solver) {
    if (solver == NULL) return;
    number *arrays[] = {solver->basis,  solver->lower,  solver->diagonal, solver->upper,
                        solver->second, solver->vector, solver->residual};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) core_free(arrays[i]);
    core_free(solver->pivot);
    core_free(solver->work);
    core_free(solver);
}

enum core_status ffpe_levy_solver_create(const struct ffpe_operator *op, struct ffpe_levy_solver **solver) {
    size_t n = op->grid.count;
    struct ffpe_levy_solver *made = core_alloc(1, sizeof *made);
    *solver = NULL;
    if (made == NULL) return core_fail(CORE_NO_MEMORY, "no memory for GMRES");
    made->op = op;
    struct {
        number **at;
        size_t count;
    } const arrays[] = {
        {&made->basis, (BASIS + 1) * n},
        {&made->lower, n},
        {&made->diagonal, n},
        {&made->upper, n},
        {&made->second, n},
        {&made->vector, n},
        {&made->residual, n},
    };
    int missing = 0;
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        *arrays[i].at = core_alloc(arrays[i].count, sizeof(number));
        missing |= *arrays[i].at == NULL;
    }
    made->pivot = core_alloc(n, sizeof *made->pivot);
    made->work = core_alloc(ffpe_levy_work(op->levy), sizeof(double));
    if (missing || made->pivot == NULL || made->work == NULL) {
        ffpe_levy_solver_free(made);
        return core_fail(CORE_NO_MEMORY, "no memory for GMRES on %zu unknowns", n);
    }
    *solver = made;
    return CORE_OK;
}

/* ---- Products
 * -------------------------------------------------------------------------------------------------------------- */

static void multiply(const struct ffpe_levy_solver *solver, const number x[], number y[]) {
    const struct ffpe_operator *op = solver->op;
    ffpe_operator_outflow(op, 2, (const double *)x, (double *)y);
    ffpe_levy_outflow(op->levy, (const double *)x, (double *)y, solver->work);
    for (size_t i = 0; i < op->grid.count; i++) y[i] += solver->s * op->grid.volume[i] * x[i];
}

static enum core_status factor(struct ffpe_levy_solver *solver) {
    const struct ffpe_operator *op = solver->op;
    size_t n = op->grid.count;
    if (ffpe_levy_is_periodic(op->levy)) return CORE_OK;
    for (size_t i = 0; i < n; i++) {
        solver->diagonal[i] = (solver->s + ffpe_levy_rate(op->levy)) * op->grid.volume[i];
        solver->lower[i] = solver->upper[i] = 0;
    }
    for (const struct ffpe_edge *edge = op->edges; edge < op->edges + op->edge_count; edge++) {
        solver->diagonal[edge->tail] += edge->forward;
        if (edge->head == FFPE_OUTSIDE) continue;
        solver->diagonal[edge->head] += edge->backward;
        solver->lower[edge->tail] = -edge->forward;
        solver->upper[edge->tail] = -edge->backward;
    }
    lapack_int info = n < 2 ? 0
                            : LAPACKE_zgttrf((lapack_int)n, solver->lower, solver->diagonal, solver->upper,
                                             solver->second, solver->pivot);
    return info == 0 ? CORE_OK : core_fail(CORE_NUMERICAL, "the tridiagonal part of the Levy operator is singular");
}

static void precondition(const struct ffpe_levy_solver *solver, number x[]) {
    lapack_int n = (lapack_int)solver->op->grid.count;
    if (ffpe_levy_is_periodic(solver->op->levy)) {
        ffpe_levy_circulant(solver->op->levy, solver->s, (double *)x, solver->work);
    } else if (n == 1) {
        x[0] /= solver->diagonal[0];
    } else {
        LAPACKE_zgttrs(LAPACK_COL_MAJOR, 'N', n, 1, solver->lower, solver->diagonal, solver->upper, solver->second,
                       solver->pivot, x, n);
    }
}

static double norm(size_t n, const number x[]) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += creal(x[i]) * creal(x[i]) + cimag(x[i]) * cimag(x[i]);
    return sqrt(sum);
}

/* ---- GMRES
 * -------------------------------------------------------------------------------------------------------------------
 */

/* One more vector of the basis, orthogonal to the others; column k of the Hessenberg matrix. */
static void extend(struct ffpe_levy_solver *solver, size_t k) {
    size_t n = solver->op->grid.count;
    number *next = solver->basis + (k + 1) * n;
    memcpy(solver->vector, solver->basis + k * n, n * sizeof(number));
    precondition(solver, solver->vector);
    multiply(solver, solver->vector, next);
    for (size_t j = 0; j <= k; j++) {
        const number *other = solver->basis + j * n;
        number sum = 0;
        for (size_t i = 0; i < n; i++) sum += conj(other[i]) * next[i];
        for (size_t i = 0; i < n; i++) next[i] -= sum * other[i];
        solver->hessenberg[j][k] = sum;
    }
    double length = norm(n, next);
    solver->hessenberg[k + 1][k] = length;
    for (size_t i = 0; i < n && length > 0; i++) next[i] /= length;
}

/* Rotates column k into the triangle; returns what is left of the residual. */
static double rotate(struct ffpe_levy_solver *solver, size_t k) {
    for (size_t j = 0; j < k; j++) {
        number above = solver->hessenberg[j][k], below = solver->hessenberg[j + 1][k];
        solver->hessenberg[j][k] = solver->cosine[j] * above + solver->sine[j] * below;
        solver->hessenberg[j + 1][k] = -conj(solver->sine[j]) * above + solver->cosine[j] * below;
    }
    number above = solver->hessenberg[k][k], below = solver->hessenberg[k + 1][k];
    double size = hypot(cabs(above), cabs(below));
    number turn = cabs(above) == 0 ? 1 : above / cabs(above);
    solver->cosine[k] = size == 0 ? 1 : cabs(above) / size;
    solver->sine[k] = size == 0 ? 0 : turn * conj(below) / size;
    solver->hessenberg[k][k] = turn * size;
    solver->right[k + 1] = -conj(solver->sine[k]) * solver->right[k];
    solver->right[k] *= solver->cosine[k];
    return cabs(solver->right[k + 1]);
}

/* x += preconditioned combination of the first `count` vectors. */
static void update(struct ffpe_levy_solver *solver, size_t count, number x[]) {
    size_t n = solver->op->grid.count;
    for (size_t k = count; k-- > 0;) {
        for (size_t j = k + 1; j < count; j++) solver->right[k] -= solver->hessenberg[k][j] * solver->right[j];
        solver->right[k] /= solver->hessenberg[k][k];
    }
    memset(solver->vector, 0, n * sizeof(number));
    for (size_t k = 0; k < count; k++) {
        for (size_t i = 0; i < n; i++) solver->vector[i] += solver->right[k] * solver->basis[k * n + i];
    }
    precondition(solver, solver->vector);
    for (size_t i = 0; i < n; i++) x[i] += solver->vector[i];
}

/* Where no wall absorbs, s times the mass of x is that of b: what the residual's tolerance leaves of it would be
 * divided by a small s. */
static void balance(const struct ffpe_levy_solver *solver, const double b[], number x[]) {
    number mass = 0, start = 0;
    if (solver->op->absorbing) return;
    for (size_t i = 0; i < solver->op->grid.count; i++) {
        mass += solver->op->grid.volume[i] * x[i];
        start += b[i];
    }
    number factor = start / (solver->s * mass);
    for (size_t i = 0; i < solver->op->grid.count; i++) x[i] *= factor;
}

enum core_status ffpe_levy_solve(struct ffpe_levy_solver *solver, double complex s, const double b[], double pairs[]) {
    size_t n = solver->op->grid.count;
    number *x = (number *)pairs;
    double whole = 0, left = INFINITY, before;
    solver->s = s;
    enum core_status status = factor(solver);
    if (status != CORE_OK) return status;
    for (size_t i = 0; i < n; i++) x[i] = 0, whole += b[i] * b[i];
    whole = sqrt(whole);
    for (int restart = 0; restart < RESTARTS; restart++) {
        multiply(solver, x, solver->residual);
        for (size_t i = 0; i < n; i++) solver->residual[i] = b[i] - solver->residual[i];
        before = left;
        left = norm(n, solver->residual);
        if (left <= TOLERANCE * whole || (left > 0.5 * before && left < 1e-9 * whole)) {
            balance(solver, b, x);
            return CORE_OK;
        }
        for (size_t i = 0; i < n; i++) solver->basis[i] = solver->residual[i] / left;
        solver->right[0] = left;
        size_t count = 0;
        for (double rest = left; count < BASIS && count < n && rest > 0.1 * TOLERANCE * whole; count++) {
            extend(solver, count);
            rest = rotate(solver, count);
        }
        update(solver, count, x);
    }
    return core_fail(CORE_NUMERICAL, "GMRES for Levy flights stopped at a residual of %.2g", left / whole);
}

/* ---- Dense
 * -------------------------------------------------------------------------------------------------------------------
 */

static enum core_status assemble(const struct ffpe_operator *op, double **a) {
    size_t n = op->grid.count;
    *a = NULL;
    if (n > DENSE_MAX)
        return core_fail(
            CORE_BAD_INPUT,
            "steady states and exit times of Levy flights are dense: found %zu unknowns, expected at most %d", n,
            DENSE_MAX);
    *a = core_alloc(n * n, sizeof **a);
    if (*a == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a dense matrix of %zu rows", n);
    for (const struct ffpe_edge *edge = op->edges; edge < op->edges + op->edge_count; edge++) {
        (*a)[edge->tail * n + edge->tail] += edge->forward;
        if (edge->head == FFPE_OUTSIDE) continue;
        (*a)[edge->head * n + edge->tail] -= edge->forward;
        (*a)[edge->tail * n + edge->head] -= edge->backward;
        (*a)[edge->head * n + edge->head] += edge->backward;
    }
    ffpe_levy_dense(op->levy, *a);
    return CORE_OK;
}

/* a x = b, or with the transpose of a: row-major is LAPACK's transpose. Destroys a; x holds b. */
static enum core_status solve_dense(size_t n, int transpose, double a[], double x[]) {
    lapack_int size = (lapack_int)n, *pivot = core_alloc(n, sizeof *pivot);
    if (pivot == NULL) return core_fail(CORE_NO_MEMORY, "no memory for pivots");
    lapack_int info = LAPACKE_dgetrf_work(LAPACK_COL_MAJOR, size, size, a, size, pivot);
    if (info == 0) LAPACKE_dgetrs_work(LAPACK_COL_MAJOR, transpose ? 'N' : 'T', size, 1, a, size, pivot, x, size);
    core_free(pivot);
    return info == 0 ? CORE_OK : core_fail(CORE_NUMERICAL, "the dense Levy operator is singular");
}

enum core_status ffpe_levy_steady(const struct ffpe_operator *op, double u[]) {
    size_t n = op->grid.count;
    double *a;
    enum core_status status = assemble(op, &a);
    /* one balance is the sum of the others: in its place the mass is one */
    for (size_t i = 0; i < n && status == CORE_OK; i++) {
        a[i] = op->grid.volume[i];
        u[i] = i == 0;
    }
    if (status == CORE_OK) status = solve_dense(n, 0, a, u);
    core_free(a);
    return status;
}

enum core_status ffpe_levy_passage(const struct ffpe_operator *op, double time[]) {
    double *a;
    enum core_status status = assemble(op, &a);
    if (status == CORE_OK) {
        memcpy(time, op->grid.volume, op->grid.count * sizeof *time);
        status = solve_dense(op->grid.count, 1, a, time);
    }
    core_free(a);
    return status;
}
