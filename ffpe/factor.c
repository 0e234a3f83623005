/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shifted systems: assembly of s V + L from the edges by columns, and the two solvers. */
#include "ffpe/factor.h"
#include "ffpe/krylov.h"

#include "core/memory.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <suitesparse/umfpack.h>

/* The matrix by compressed columns, its diagonal first known, then the edges' places. */
struct ffpe_pattern {
    const struct ffpe_operator *op;
    int n;
    int *column, *row; /* (n + 1), (entries) */
    int *diagonal;     /* (n) entry of (i, i) */
    double *value;     /* (entries) of L */
    double *leak;      /* (n) rate of outflow through walls; NULL where symmetrised */
    int *mirror;       /* (entries) of (j, i) for (i, j), where solves iterate; else NULL */
    void *symbolic[2]; /* real, complex */
};

struct ffpe_factor {
    struct ffpe_pattern *pattern;
    int is_complex, made;
    double complex shift;
    size_t pinned;
    double *value;                 /* (entries) times 1 or 2 */
    void *numeric;                 /* UMFPACK */
    double *krylov;                /* workspace of solves that iterate */
    double *lower, *pivot, *upper; /* (n) times 1 or 2: the chain's elimination */
};

/* ---- The pattern
 * ----------------------------------------------------------------------------------------------------- */

static int compare_rows(const void *a, const void *b) {
    return *(const int *)a - *(const int *)b;
}

static int entry_of(const struct ffpe_pattern *pattern, size_t row, size_t column) {
    const int *first = pattern->row + pattern->column[column];
    int key = (int)row;
    const int *found =
        bsearch(&key, first, (size_t)(pattern->column[column + 1] - pattern->column[column]), sizeof key, compare_rows);
    return (int)(found - pattern->row);
}

/* Counts, fills and sorts the rows of every column; entries given twice are one. */
static void fill_columns(struct ffpe_pattern *pattern) {
    const struct ffpe_operator *op = pattern->op;
    size_t n = op->grid.count;
    int *next = pattern->diagonal; /* borrowed until the diagonal is known */
    for (size_t i = 0; i < n; i++) pattern->column[i + 1] = 1;
    for (size_t e = 0; e < op->edge_count; e++) {
        if (op->edges[e].head == FFPE_OUTSIDE) continue;
        pattern->column[op->edges[e].tail + 1]++;
        pattern->column[op->edges[e].head + 1]++;
    }
    for (size_t i = 0; i < n; i++) pattern->column[i + 1] += pattern->column[i];
    for (size_t i = 0; i < n; i++) {
        next[i] = pattern->column[i];
        pattern->row[next[i]++] = (int)i;
    }
    for (size_t e = 0; e < op->edge_count; e++) {
        size_t tail = op->edges[e].tail, head = op->edges[e].head;
        if (head == FFPE_OUTSIDE) continue;
        pattern->row[next[tail]++] = (int)head;
        pattern->row[next[head]++] = (int)tail;
    }
    int kept = 0;
    for (size_t i = 0; i < n; i++) {
        int *first = pattern->row + pattern->column[i], count = next[i] - pattern->column[i];
        qsort(first, (size_t)count, sizeof *first, compare_rows);
        pattern->column[i] = kept;
        for (int k = 0; k < count; k++) {
            if (k == 0 || first[k] != first[k - 1]) pattern->row[kept++] = first[k];
        }
    }
    pattern->column[n] = kept;
}

static void fill_values(struct ffpe_pattern *pattern, int symmetrised) {
    const struct ffpe_operator *op = pattern->op;
    for (size_t i = 0; i < op->grid.count; i++) pattern->diagonal[i] = entry_of(pattern, i, i);
    for (size_t e = 0; e < op->edge_count; e++) {
        const struct ffpe_edge *edge = &op->edges[e];
        pattern->value[pattern->diagonal[edge->tail]] += edge->forward;
        if (edge->head == FFPE_OUTSIDE && pattern->leak != NULL) pattern->leak[edge->tail] += edge->forward;
        if (edge->head == FFPE_OUTSIDE) continue;
        int below = entry_of(pattern, edge->head, edge->tail), above = entry_of(pattern, edge->tail, edge->head);
        double both = sqrt(edge->forward) * sqrt(edge->backward);
        pattern->value[below] -= symmetrised ? both : edge->forward;
        pattern->value[above] -= symmetrised ? both : edge->backward;
        pattern->value[pattern->diagonal[edge->head]] += edge->backward;
    }
}

/* Factors in three dimensions would fill the memory. */
static int iterates(const struct ffpe_operator *op) {
    enum { FACTORED_MAX = 4000 };
    return op->grid.dimension == 3 && op->grid.count > FACTORED_MAX;
}

static void fill_mirror(struct ffpe_pattern *pattern) {
    for (size_t j = 0; j < (size_t)pattern->n; j++) {
        for (int e = pattern->column[j]; e < pattern->column[j + 1]; e++)
            pattern->mirror[e] = entry_of(pattern, j, (size_t)pattern->row[e]);
    }
}

enum core_status ffpe_pattern_create(const struct ffpe_operator *op, int symmetrised, struct ffpe_pattern **pattern) {
    size_t n = op->grid.count, entries = n + 2 * op->edge_count;
    *pattern = NULL;
    struct ffpe_pattern *made = core_alloc(1, sizeof *made);
    if (made != NULL) {
        *made = (struct ffpe_pattern){
            .op = op,
            .n = (int)n,
            .column = core_alloc(n + 1, sizeof(int)),
            .row = core_alloc(entries, sizeof(int)),
            .diagonal = core_alloc(n, sizeof(int)),
            .value = core_alloc(entries, sizeof(double)),
            .leak = symmetrised ? NULL : core_alloc(n, sizeof(double)),
        };
    }
    if (made == NULL || (made->leak == NULL && !symmetrised) || made->column == NULL || made->row == NULL ||
        made->diagonal == NULL || made->value == NULL) {
        ffpe_pattern_free(made);
        return core_fail(CORE_NO_MEMORY, "no memory for a matrix of %zu entries", entries);
    }
    fill_columns(made);
    fill_values(made, symmetrised);
    if (iterates(op) && !symmetrised) {
        made->mirror = core_alloc((size_t)made->column[n], sizeof(int));
        if (made->mirror == NULL) {
            ffpe_pattern_free(made);
            return core_fail(CORE_NO_MEMORY, "no memory for a matrix of %zu entries", entries);
        }
        fill_mirror(made);
    }
    *pattern = made;
    return CORE_OK;
}

void ffpe_pattern_free(struct ffpe_pattern *pattern) {
    if (pattern == NULL) return;
    umfpack_di_free_symbolic(&pattern->symbolic[0]);
    umfpack_zi_free_symbolic(&pattern->symbolic[1]);
    core_free(pattern->column);
    core_free(pattern->row);
    core_free(pattern->diagonal);
    core_free(pattern->value);
    core_free(pattern->leak);
    core_free(pattern->mirror);
    core_free(pattern);
}

/* ---- UMFPACK
 * --------------------------------------------------------------------------------------------------------- */

static enum core_status umfpack_failed(int code) {
    if (code == UMFPACK_ERROR_out_of_memory) return core_fail(CORE_NO_MEMORY, "no memory for a sparse factorisation");
    if (code == UMFPACK_WARNING_singular_matrix)
        return core_fail(CORE_NUMERICAL, "a sparse factorisation met a singular matrix");
    return core_fail(CORE_NUMERICAL, "UMFPACK failed with its code %d", code);
}

/* The matrix is close to symmetric and diagonally dominant by columns: the diagonal is the pivot. */
static void set_control(int is_complex, double control[]) {
    if (is_complex)
        umfpack_zi_defaults(control);
    else
        umfpack_di_defaults(control);
    control[UMFPACK_STRATEGY] = UMFPACK_STRATEGY_SYMMETRIC;
    control[UMFPACK_SYM_PIVOT_TOLERANCE] = is_complex ? 1e-6 : 0;
    control[UMFPACK_SCALE] = UMFPACK_SCALE_NONE;
    control[UMFPACK_IRSTEP] = 0;
}

/* Refuses what would not fit, by UMFPACK's own estimate. */
static enum core_status check_memory(const double info[]) {
    double bytes = info[UMFPACK_PEAK_MEMORY_ESTIMATE] * info[UMFPACK_SIZE_OF_UNIT];
    size_t available = core_memory_available();
    if (available == 0 || bytes < (double)available) return CORE_OK;
    return core_fail(
        CORE_NO_MEMORY,
        "a sparse factorisation would take up to %.3g GB, and this machine can give %.3g GB: take fewer cells",
        1e-9 * bytes, 1e-9 * (double)available);
}

static enum core_status make_symbolic(struct ffpe_pattern *pattern, int is_complex) {
    double control[UMFPACK_CONTROL], info[UMFPACK_INFO] = {0};
    int code;
    if (pattern->symbolic[is_complex] != NULL) return CORE_OK;
    set_control(is_complex, control);
    if (is_complex) {
        code = umfpack_zi_symbolic(pattern->n, pattern->n, pattern->column, pattern->row, NULL, NULL,
                                   &pattern->symbolic[1], control, info);
    } else {
        code = umfpack_di_symbolic(pattern->n, pattern->n, pattern->column, pattern->row, NULL, &pattern->symbolic[0],
                                   control, info);
    }
    return code == UMFPACK_OK ? check_memory(info) : umfpack_failed(code);
}

static enum core_status factor_sparse(struct ffpe_factor *factor) {
    struct ffpe_pattern *pattern = factor->pattern;
    double control[UMFPACK_CONTROL];
    int code;
    set_control(factor->is_complex, control);
    if (factor->is_complex) {
        umfpack_zi_free_numeric(&factor->numeric);
        code = umfpack_zi_numeric(pattern->column, pattern->row, factor->value, NULL, pattern->symbolic[1],
                                  &factor->numeric, control, NULL);
    } else {
        umfpack_di_free_numeric(&factor->numeric);
        code = umfpack_di_numeric(pattern->column, pattern->row, factor->value, pattern->symbolic[0], &factor->numeric,
                                  control, NULL);
    }
    return code == UMFPACK_OK ? CORE_OK : umfpack_failed(code);
}

static enum core_status solve_sparse(struct ffpe_factor *factor, int transpose, const double b[], double x[]) {
    const struct ffpe_pattern *pattern = factor->pattern;
    double control[UMFPACK_CONTROL];
    int code;
    set_control(factor->is_complex, control);
    if (factor->is_complex) {
        code = umfpack_zi_solve(transpose ? UMFPACK_Aat : UMFPACK_A, pattern->column, pattern->row, factor->value, NULL,
                                x, NULL, b, NULL, factor->numeric, control, NULL);
    } else {
        code = umfpack_di_solve(transpose ? UMFPACK_Aat : UMFPACK_A, pattern->column, pattern->row, factor->value, x, b,
                                factor->numeric, control, NULL);
    }
    return code == UMFPACK_OK ? CORE_OK : umfpack_failed(code);
}

/* ---- The chain
 * ------------------------------------------------------------------------------------------------------- */

/* Elimination from the first node. In s V + L the diagonal is what its column holds below and above, plus the excess s
 * V
 * + leak: the elimination is carried out on the excess, which is only ever added to [grassmann1985],
 *
 *     pivot_i = forward_i + excess_i,   excess_i = s V_i + leak_i + backward_{i-1} excess_{i-1} / pivot_{i-1},
 *
 * and nothing cancels, however small s is. A symmetrised matrix has no such excess and is eliminated as it stands. The
 * inverse pivots are kept. */
static void factor_chain(struct ffpe_factor *factor) {
    const struct ffpe_pattern *pattern = factor->pattern;
    size_t n = (size_t)pattern->n, w = factor->is_complex ? 2 : 1;
    double complex excess = 0, inverse = 0;
    for (size_t i = 0; i < n; i++) {
        size_t diagonal = (size_t)pattern->diagonal[i];
        /* in column i: the row above stands before the diagonal, the row below behind it */
        double up = i == 0 ? 0 : pattern->value[diagonal - 1], below = i + 1 == n ? 0 : pattern->value[diagonal + 1];
        double down = i == 0 ? 0 : factor->lower[i];
        double complex pivot;
        if (pattern->leak != NULL) {
            excess = factor->shift * pattern->op->grid.volume[i] + pattern->leak[i] - up * excess * inverse;
            pivot = excess - below;
        } else {
            pivot = pattern->value[diagonal] + factor->shift * pattern->op->grid.volume[i] - down * up * inverse;
        }
        factor->upper[i] = up;
        if (i + 1 < n) factor->lower[i + 1] = below;
        inverse = 1 / pivot;
        factor->pivot[i * w] = creal(inverse);
        if (w == 2) factor->pivot[2 * i + 1] = cimag(inverse);
    }
}

static void solve_chain(const struct ffpe_factor *factor, int transpose, const double b[], double x[]) {
    size_t n = (size_t)factor->pattern->n, w = factor->is_complex ? 2 : 1;
    const double *lower = transpose ? factor->upper : factor->lower, *upper = transpose ? factor->lower : factor->upper;
    const double *pivot = factor->pivot;
    /* x = pivot * (b - lower x_before), so that the way back is x -= pivot upper x_behind */
    for (size_t i = 0; i < n; i++) {
        double re = b[i * w], im = w == 2 ? b[i * w + 1] : 0;
        if (i > 0) re -= lower[i] * x[(i - 1) * w];
        if (i > 0 && w == 2) im -= lower[i] * x[(i - 1) * w + 1];
        x[i * w] = w == 2 ? pivot[2 * i] * re - pivot[2 * i + 1] * im : pivot[i] * re;
        if (w == 2) x[2 * i + 1] = pivot[2 * i] * im + pivot[2 * i + 1] * re;
    }
    for (size_t i = n - 1; i-- > 0;) {
        double re = upper[i + 1] * x[(i + 1) * w], im = w == 2 ? upper[i + 1] * x[(i + 1) * w + 1] : 0;
        x[i * w] -= w == 2 ? pivot[2 * i] * re - pivot[2 * i + 1] * im : pivot[i] * re;
        if (w == 2) x[2 * i + 1] -= pivot[2 * i] * im + pivot[2 * i + 1] * re;
    }
}

/* ---- Either
 * ---------------------------------------------------------------------------------------------------------- */

enum core_status ffpe_factor_create(struct ffpe_pattern *pattern, int is_complex, struct ffpe_factor **factor) {
    size_t n = (size_t)pattern->n, entries = (size_t)pattern->column[n], w = is_complex ? 2 : 1;
    int chain = pattern->op->chain, krylov = is_complex && pattern->mirror != NULL;
    *factor = NULL;
    struct ffpe_factor *made = core_alloc(1, sizeof *made);
    if (made != NULL) {
        *made = (struct ffpe_factor){
            .pattern = pattern,
            .is_complex = is_complex,
            .krylov = core_alloc(krylov ? ffpe_krylov_work(n) : 1, sizeof(double)),
            .value = core_alloc(chain || krylov ? 1 : entries * w, sizeof(double)),
            .lower = core_alloc(chain ? n : 1, sizeof(double)),
            .upper = core_alloc(chain ? n : 1, sizeof(double)),
            .pivot = core_alloc(chain ? n * w : 1, sizeof(double)),
        };
    }
    if (made == NULL || made->krylov == NULL || made->value == NULL || made->lower == NULL || made->upper == NULL ||
        made->pivot == NULL) {
        ffpe_factor_free(made);
        return core_fail(CORE_NO_MEMORY, "no memory for a factorisation of %zu unknowns", n);
    }
    enum core_status status = chain || krylov ? CORE_OK : make_symbolic(pattern, is_complex);
    if (status == CORE_OK)
        *factor = made;
    else
        ffpe_factor_free(made);
    return status;
}

void ffpe_factor_free(struct ffpe_factor *factor) {
    if (factor == NULL) return;
    if (factor->is_complex)
        umfpack_zi_free_numeric(&factor->numeric);
    else
        umfpack_di_free_numeric(&factor->numeric);
    core_free(factor->krylov);
    core_free(factor->value);
    core_free(factor->lower);
    core_free(factor->upper);
    core_free(factor->pivot);
    core_free(factor);
}

/* The row and column of the identity for one unknown. */
static void pin(const struct ffpe_factor *factor, size_t pinned) {
    const struct ffpe_pattern *pattern = factor->pattern;
    size_t w = factor->is_complex ? 2 : 1;
    for (int e = pattern->column[pinned]; e < pattern->column[pinned + 1]; e++) {
        size_t other = (size_t)pattern->row[e], mirror = (size_t)entry_of(pattern, pinned, other);
        memset(factor->value + (size_t)e * w, 0, w * sizeof(double));
        memset(factor->value + mirror * w, 0, w * sizeof(double));
    }
    factor->value[(size_t)pattern->diagonal[pinned] * w] = 1;
}

/* s V + L as UMFPACK takes it. */
static void assemble(const struct ffpe_factor *factor, double complex s, size_t pinned) {
    const struct ffpe_pattern *pattern = factor->pattern;
    size_t w = factor->is_complex ? 2 : 1, entries = (size_t)pattern->column[pattern->n];
    for (size_t e = 0; e < entries; e++) {
        factor->value[e * w] = pattern->value[e];
        if (w == 2) factor->value[2 * e + 1] = 0;
    }
    for (size_t i = 0; i < (size_t)pattern->n; i++) {
        size_t e = (size_t)pattern->diagonal[i] * w;
        factor->value[e] += creal(s) * pattern->op->grid.volume[i];
        if (w == 2) factor->value[e + 1] += cimag(s) * pattern->op->grid.volume[i];
    }
    if (pinned != FFPE_OUTSIDE) pin(factor, pinned);
}

enum core_status ffpe_factor_make(struct ffpe_factor *factor, double complex s, size_t pinned) {
    if (factor->made && factor->shift == s && factor->pinned == pinned) return CORE_OK;
    factor->made = 0;
    factor->shift = s;
    factor->pinned = pinned;
    enum core_status status = CORE_OK;
    if (factor->pattern->op->chain) {
        assert(pinned == FFPE_OUTSIDE);
        factor_chain(factor);
    } else {
        assemble(factor, s, pinned);
        status = factor_sparse(factor);
    }
    factor->made = status == CORE_OK;
    return status;
}

enum core_status ffpe_factor_solve(struct ffpe_factor *factor, int transpose, const double b[], double x[]) {
    if (!factor->pattern->op->chain) return solve_sparse(factor, transpose, b, x);
    solve_chain(factor, transpose, b, x);
    return CORE_OK;
}

/* residual = b - s V x - outflow of x, in pairs; returns |sum of residual| over sum |b|, the part along the slow mode,
 * which the solve would multiply most. */
static double resolvent_residual(const struct ffpe_operator *op, double complex s, const double b[], const double x[],
                                 double outflow[], double residual[]) {
    double re = 0, im = 0, whole = 0;
    ffpe_operator_outflow(op, 2, x, outflow);
    for (size_t i = 0; i < op->grid.count; i++) {
        double held_re = x[2 * i] * op->grid.volume[i], held_im = x[2 * i + 1] * op->grid.volume[i];
        residual[2 * i] = b[i] - (creal(s) * held_re - cimag(s) * held_im) - outflow[2 * i];
        residual[2 * i + 1] = -(creal(s) * held_im + cimag(s) * held_re) - outflow[2 * i + 1];
        re += residual[2 * i], im += residual[2 * i + 1];
        whole += fabs(b[i]);
    }
    return hypot(re, im) / whole;
}

enum core_status ffpe_factor_resolvent(struct ffpe_factor *factor, double complex s, const double b[], double work[],
                                       double x[]) {
    enum { REFINEMENTS_MAX = 6 };
    static const double enough = 1e-12;
    size_t n = factor->pattern->op->grid.count;
    double *residual = work, *correction = work + 2 * n, slow = 1;
    if (factor->pattern->mirror != NULL) {
        const struct ffpe_pattern *pattern = factor->pattern;
        const struct ffpe_columns matrix = {
            n, pattern->column, pattern->row, pattern->diagonal, pattern->value, pattern->mirror};
        return ffpe_krylov_solve(pattern->op, &matrix, s, b, factor->krylov, x);
    }
    enum core_status status = ffpe_factor_make(factor, s, FFPE_OUTSIDE);
    for (size_t i = 0; i < n; i++) residual[2 * i] = b[i], residual[2 * i + 1] = 0;
    if (status == CORE_OK) status = ffpe_factor_solve(factor, 0, residual, x);
    for (int k = 0; k < REFINEMENTS_MAX && status == CORE_OK && (k == 0 || slow > enough); k++) {
        slow = resolvent_residual(factor->pattern->op, s, b, x, correction, residual);
        status = ffpe_factor_solve(factor, 0, residual, correction);
        for (size_t i = 0; i < 2 * n && status == CORE_OK; i++) x[i] += correction[i];
    }
    if (status == CORE_OK && !(slow < 1e-6))
        status = core_fail(CORE_NUMERICAL,
                           "a solve lost its digits: the grid's fastest rate is too far above the inverse of the "
                           "time; take a shorter time or a coarser grid");
    return status;
}
