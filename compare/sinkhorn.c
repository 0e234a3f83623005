/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Entropic transport between n and m points of equal weights a = 1/n, b = 1/m [cuturi2013; feydy2019]:
 *
 *     OT = min over P with these marginals of <P, C> + eps KL(P | a b),   C_ij = |x_i - y_j|^2,
 *        = max over f, g of a sum f + b sum g - eps (sum P(f, g) - 1),    P_ij = a b exp((f_i + g_j - C_ij) / eps),
 *
 * and the divergence S = OT(x, y) - OT(x, x)/2 - OT(y, y)/2, which is zero for equal samples.
 *
 * Sinkhorn's iteration makes the row sums of P right, then the column sums, and so on. It is carried out on scalings
 * u, v of a kernel K = exp((f + g - C)/eps) that already holds most of f and g: one pass over K is a whole round. When
 * u or v leave [e^-40, e^40] they are absorbed, f += eps ln u, and K is made anew [schmitzer2019]; so nothing
 * underflows however small eps. First f and g are the tight ones of unregularised transport, f_i = min_j (C_ij - g_j)
 * and back: K has an entry one in every row and column. Then eps falls by factors of four from the largest cost, ten
 * rounds each, which leaves fewer rounds for the last. A sample against itself has f = g; the mean of old and new
 * potential, u = sqrt(u u_new), converges in a few rounds.
 *
 * Where points have few partners the error falls slowly. The updates are over-relaxed then, u <- u^(1-w) u_new^w, w
 * from the rate observed as in the linear method of that name [lehmann2022].
 *
 * The certificate: P is rounded to the right marginals [altschuler2017, alg. 2], which gives a feasible plan, and the
 * gap is its cost less the dual value. */
#include "compare/sinkhorn.h"
#include "compare/transport.h"

#include "compare/assignment.h"
#include "compare/check.h"
#include "compare/pairwise.h"
#include "core/memory.h"

#include <math.h>
#include <string.h>

CORE_ISA_PICK(struct compare_sinkhorn_kernels, compare_sinkhorn_kernels)

enum { WARM = 10, MOST_ROUNDS = 20000, LOOK = 15 };
static const double absorbed = 40, marginal = 1e-13, most_relaxed = 1.98;

struct problem {
    size_t n, m, stride;
    int symmetric;
    double epsilon;
    double *cost, *kernel;      /* (n, stride) */
    double *f, *u, *old, *sum;  /* (n) */
    double *g, *v, *w, *column; /* (stride) */
};

struct answer {
    double value, cost, gap;
    size_t rounds;
    int converged;
};

static void problem_free(struct problem *p) {
    double *const all[] = {p->cost, p->kernel, p->f, p->u, p->old, p->sum, p->g, p->v, p->w, p->column};
    for (size_t k = 0; k < sizeof all / sizeof *all; k++) core_free(all[k]);
}

static enum core_status problem_create(struct problem *p, const struct compare_cloud *x, const struct compare_cloud *y,
                                       double epsilon) {
    *p = (struct problem){.n = x->n, .m = y->n, .stride = y->stride, .symmetric = x == y, .epsilon = epsilon};
    double **const matrices[] = {&p->cost, &p->kernel}, **const rows[] = {&p->f, &p->u, &p->old, &p->sum},
                   **const columns[] = {&p->g, &p->v, &p->w, &p->column};
    int complete = 1;
    for (size_t k = 0; k < 2; k++) complete &= (*matrices[k] = core_alloc(p->n, p->stride * sizeof(double))) != NULL;
    for (size_t k = 0; k < 4; k++) complete &= (*rows[k] = core_alloc(p->n, sizeof(double))) != NULL;
    for (size_t k = 0; k < 4; k++) complete &= (*columns[k] = core_alloc(p->stride, sizeof(double))) != NULL;
    if (!complete) return core_fail(CORE_NO_MEMORY, "no memory for the costs of %zu and %zu points", p->n, p->m);
    for (size_t j = p->m; j < p->stride; j++) p->column[j] = -(double)INFINITY;
    struct compare_pass pass = {.x = x, .y = y, .rate = -1, .cost = p->cost};
    pass.row_term = p->f; /* zeros */
    pass.column_term = p->column;
    compare_pairwise_kernels()->pass(&pass);
    return CORE_OK;
}

/* f_i = min_j (C_ij - g_j), then g_j = min_i (C_ij - f_i). */
static void tighten(struct problem *p) {
    for (size_t i = 0; i < p->n; i++) {
        p->f[i] = compare_assignment_kernels()->two_best(p->stride, p->cost + i * p->stride, p->g).first;
    }
    for (size_t j = 0; j < p->m; j++) p->g[j] = (double)INFINITY;
    for (size_t i = 0; i < p->n; i++) {
        const double *row = p->cost + i * p->stride;
        for (size_t j = 0; j < p->m; j++) p->g[j] = fmin(p->g[j], row[j] - p->f[i]);
    }
}

static void make_kernel(struct problem *p, double epsilon) {
    if (p->symmetric) memcpy(p->g, p->f, p->n * sizeof *p->g);
    compare_sinkhorn_kernels()->gibbs(p->n, p->stride, p->cost, p->f, p->g, 1 / epsilon, p->kernel);
    for (size_t i = 0; i < p->n; i++) p->u[i] = 1;
    for (size_t j = 0; j < p->m; j++) p->v[j] = 1;
}

static void absorb(struct problem *p, double epsilon) {
    for (size_t i = 0; i < p->n; i++) p->f[i] += epsilon * log(p->u[i]);
    for (size_t j = 0; j < p->m; j++) p->g[j] += epsilon * log(p->v[j]);
    make_kernel(p, epsilon);
}

/* One round with the relaxation omega. Returns the largest |ln| of a scaling; *wrong: how far the row sums were off
 * before it. */
static double round_of(struct problem *p, double omega, double *wrong) {
    double most = 0, a = 1 / (double)p->n, b = 1 / (double)p->m, *old = p->old;
    for (size_t j = 0; j < p->m; j++) p->w[j] = p->v[j] * b;
    memcpy(old, p->u, p->n * sizeof *old);
    compare_sinkhorn_kernels()->sweep(p->n, p->stride, p->kernel, p->w, a, omega, p->u, p->sum, p->column);
    *wrong = 0;
    for (size_t i = 0; i < p->n; i++) {
        *wrong += a * fabs(old[i] * p->sum[i] - 1);
        if (p->symmetric) p->u[i] = sqrt(old[i] / p->sum[i]);
        most = fmax(most, fabs(log(p->u[i])));
    }
    for (size_t j = 0; j < p->m; j++) {
        double v = omega == 1 ? 1 / p->column[j] : p->v[j] * pow(p->v[j] * p->column[j], -omega);
        p->v[j] = p->symmetric ? p->u[j] : v;
        most = fmax(most, fabs(log(p->v[j])));
    }
    return most;
}

/* The relaxation for a problem whose error fell by `rate` a round under omega: with t the rate of the plain iteration,
 * (rate + omega - 1)^2 = rate omega^2 t, and the best is 2 / (1 + sqrt(1 - t)). Where the error grew, half way back. */
static double relaxation(double omega, double rate) {
    if (!(rate < 1)) return 1 + 0.5 * (omega - 1);
    if (rate <= omega - 1) return omega; /* past the best: it falls as omega - 1 */
    double plain = (rate + omega - 1) * (rate + omega - 1) / (rate * omega * omega);
    return fmin(most_relaxed, 2 / (1 + sqrt(fmax(0, 1 - plain))));
}

static void iterate(struct problem *p, double epsilon, size_t rounds, double enough, struct answer *out) {
    double wrong, before = 0, omega = 1;
    make_kernel(p, epsilon);
    out->converged = 0;
    for (size_t k = 1; k <= rounds && !out->converged; k++, out->rounds++) {
        if (round_of(p, omega, &wrong) > absorbed) absorb(p, epsilon);
        out->converged = k > 1 && wrong <= enough;
        if (k % LOOK != 0 || p->symmetric) continue;
        if (before > 0 && wrong > 0) omega = relaxation(omega, pow(wrong / before, 1.0 / LOOK));
        before = wrong;
    }
    round_of(p, 1, &wrong);
    absorb(p, epsilon);
}

static double largest(const struct problem *p) {
    double most = 0;
    for (size_t i = 0; i < p->n; i++) {
        for (size_t j = 0; j < p->m; j++) most = fmax(most, p->cost[i * p->stride + j]);
    }
    return most;
}

/* ---- The certificate ---- */

/* Sums of the kernel's rows and columns as those of P times n and times m; returns the sum of P. */
static double marginals(const struct problem *p, double row[], double column[]) {
    double total = 0, a = 1 / (double)p->n, b = 1 / (double)p->m;
    for (size_t j = 0; j < p->m; j++) column[j] = 0;
    for (size_t i = 0; i < p->n; i++) {
        const double *k = p->kernel + i * p->stride;
        row[i] = 0;
        for (size_t j = 0; j < p->m; j++) {
            row[i] += k[j] * b;
            column[j] += k[j] * a;
        }
        total += row[i] * a;
    }
    return total;
}

/* The cost of the plan P + missing_row missing_column^T, with its entropy. *cost without. */
static double primal(const struct problem *p, const double row[], const double column[], double missing, double *cost) {
    double a = 1 / (double)p->n, b = 1 / (double)p->m, entropy = 0;
    *cost = 0;
    for (size_t i = 0; i < p->n; i++) {
        const double *k = p->kernel + i * p->stride, *c = p->cost + i * p->stride;
        for (size_t j = 0; j < p->m; j++) {
            double density = k[j] + (missing > 0 ? row[i] * column[j] / missing : 0);
            *cost += a * b * density * c[j];
            if (density > 0) entropy += a * b * density * log(density);
        }
    }
    return *cost + p->epsilon * entropy;
}

/* Scales rows, then columns, down to their sums and fills up what is missing. */
static void certify(struct problem *p, struct answer *out) {
    double *row = p->u, *column = p->v, missing = 0, a = 1 / (double)p->n, b = 1 / (double)p->m, potential = 0;
    double total = marginals(p, row, column);
    for (size_t i = 0; i < p->n; i++) potential += a * p->f[i];
    for (size_t j = 0; j < p->m; j++) potential += b * p->g[j];
    out->value = potential - p->epsilon * (total - 1);
    for (size_t i = 0; i < p->n; i++) {
        double down = fmin(1, 1 / row[i]);
        for (size_t j = 0; j < p->m; j++) p->kernel[i * p->stride + j] *= down;
    }
    marginals(p, row, column);
    for (size_t i = 0; i < p->n; i++) {
        for (size_t j = 0; j < p->m; j++) p->kernel[i * p->stride + j] *= fmin(1, 1 / column[j]);
    }
    marginals(p, row, column);
    for (size_t i = 0; i < p->n; i++) missing += a * (row[i] = fmax(0, 1 - row[i]));
    for (size_t j = 0; j < p->m; j++) column[j] = fmax(0, 1 - column[j]);
    out->gap = fmax(0, primal(p, row, column, missing, &out->cost) - out->value);
}

/* OT between two clouds, in their unit. */
static enum core_status solve(const struct compare_cloud *x, const struct compare_cloud *y, double epsilon,
                              struct answer *out) {
    struct problem p;
    memset(out, 0, sizeof *out);
    enum core_status status = problem_create(&p, x, y, epsilon);
    if (status == CORE_OK) {
        if (p.symmetric) {
            memset(p.f, 0, p.n * sizeof *p.f);
        } else {
            tighten(&p);
        }
        double warm = largest(&p);
        while (warm > 4 * epsilon) {
            iterate(&p, warm, WARM, 0, out);
            warm /= 4;
        }
        iterate(&p, epsilon, MOST_ROUNDS, marginal, out);
        certify(&p, out);
    }
    problem_free(&p);
    return status;
}

static enum core_status solve_three(const struct compare_cloud *x, const struct compare_cloud *y, double epsilon,
                                    double unit, struct compare_sinkhorn *out) {
    struct answer xy, xx, yy;
    int same = x->n == y->n && memcmp(x->x, y->x, x->dimension * x->stride * sizeof *x->x) == 0;
    enum core_status status = solve(x, x, epsilon, &xx);
    xy = yy = xx;
    if (status == CORE_OK && !same) status = solve(y, y, epsilon, &yy);
    if (status == CORE_OK && !same) status = solve(x, y, epsilon, &xy);
    if (status != CORE_OK) return status;
    out->ot_xy = xy.value * unit;
    out->ot_xx = xx.value * unit;
    out->ot_yy = yy.value * unit;
    out->transport_cost = xy.cost * unit;
    out->divergence = (xy.value - 0.5 * (xx.value + yy.value)) * unit;
    out->gap = (xy.gap + 0.5 * (xx.gap + yy.gap)) * unit;
    out->rounds = xy.rounds;
    out->state = xy.converged && xx.converged && yy.converged ? COMPARE_DEFINED : COMPARE_NOT_CONVERGED;
    return CORE_OK;
}

enum core_status compare_sinkhorn(size_t n, const double x[], size_t m, const double y[], size_t dimension,
                                  double epsilon, struct compare_sinkhorn *out) {
    enum core_status status = compare_check_sample("the first sample", 1, n, dimension, x);
    if (status == CORE_OK) status = compare_check_sample("the second sample", 1, m, dimension, y);
    if (status != CORE_OK) return status;
    if (!(epsilon > 0) || !isfinite(epsilon)) {
        return core_fail(CORE_BAD_INPUT, "the regularisation is %g; it must be positive", epsilon);
    }
    struct compare_cloud a = {0}, b = {0};
    int exponent = compare_exponent(compare_exponent(COMPARE_NO_EXPONENT, n * dimension, x), m * dimension, y);
    double shrink = compare_shrink(exponent), grow = compare_grow(exponent);
    status = compare_cloud_init(&a, n, dimension, x, exponent);
    if (status == CORE_OK) status = compare_cloud_init(&b, m, dimension, y, exponent);
    if (status == CORE_OK) {
        double scaled = fmax(epsilon * shrink * shrink, 1e-12); /* of costs up to 4 d: far below every gap */
        status = solve_three(&a, &b, scaled, grow * grow, out);
    }
    compare_cloud_free(&a);
    compare_cloud_free(&b);
    return status;
}
