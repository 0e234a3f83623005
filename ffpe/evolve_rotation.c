/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Densities at times where the drift is no gradient and the spectrum complex.
 *
 * The transform has poles at z^alpha = -lambda. For real rates lambda they are on the negative axis or, for alpha < 1,
 * on no sheet at all; rotation moves them towards the imaginary axis, and a contour made for the negative axis leaves
 * some outside: an error without any sign. Here
 *
 * - the contour is made for a wedge of half angle 0.9 about the negative axis, with 30 nodes, for one time each;
 * - at alpha = 1 the way to t is cut into steps of at most 5 / |Im lambda_1|, lambda_1 the slowest rate that is not
 * real, whose factorisations are shared (alpha < 1 has no semigroup, and can not be cut);
 * - the slowest eigenpairs lambda_k, right r_k, left l_k calibrate: what the quadrature makes of the mode k is known,
 * what it should be is E_alpha(-lambda_k t^alpha), and the difference e_k times the mode's part c_k = l_k . m_0 / (l_k
 * . V r_k) of the start is added. The sum of |e_k c_k| int |r_k| over the faster half of them, four times, stands for
 * those not known; with a floor for rounding it is the estimate of what is left.
 *
 * If the eigenpairs cannot be had, the density is that of the contour and the estimate is its whole mass, so that a
 * warning is certain. */
#include "ffpe/eigen.h"
#include "ffpe/evolve.h"

#include "core/memory.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { NODES = 30, FEW = 24, MANY = 120, KEPT_MAX = 40000, STEPS_MAX = 2000 };
static const double SECTOR = 0.9;
static const double TURN = 5; /* largest |Im lambda| step at order 1 */

struct modes {
    size_t count;
    double *value;        /* (count, 2) */
    double *right;        /* (count, n, 2) */
    double complex *part; /* (count) c_k */
    double *size;         /* (count) int |r_k| */
};

static void clear_modes(struct modes *modes) {
    core_free(modes->value);
    core_free(modes->right);
    core_free(modes->part);
    core_free(modes->size);
    *modes = (struct modes){0};
}

static double complex pair(const double x[], size_t i) {
    return ffpe_complex(x[2 * i], x[2 * i + 1]);
}

/* ---- Eigenpairs
 * --------------------------------------------------------------------------------------------------------- */

/* The left vector whose rate is that of mode k: the nearest. */
static size_t partner(const struct modes *modes, size_t k, size_t count, const double values[]) {
    size_t best = 0;
    for (size_t j = 1; j < count; j++) {
        if (cabs(pair(values, j) - pair(modes->value, k)) < cabs(pair(values, best) - pair(modes->value, k))) best = j;
    }
    return best;
}

/* c_k and the size of every mode from the left vectors. */
static void set_parts(const struct ffpe_evolution *evolution, struct modes *modes, size_t left_count,
                      const double left_value[], const double left[]) {
    size_t n = evolution->op->grid.count;
    const double *volume = evolution->op->grid.volume;
    for (size_t k = 0; k < modes->count; k++) {
        const double *l = left + 2 * n * partner(modes, k, left_count, left_value), *r = modes->right + 2 * n * k;
        double complex start = 0, norm = 0;
        double size = 0;
        for (size_t i = 0; i < n; i++) {
            start += pair(l, i) * evolution->mass[i];
            norm += pair(l, i) * volume[i] * pair(r, i);
            size += volume[i] * cabs(pair(r, i));
        }
        modes->part[k] = start / norm;
        modes->size[k] = size;
    }
}

static enum core_status find_modes(const struct ffpe_evolution *evolution, size_t wanted, struct modes *modes) {
    size_t n = evolution->op->grid.count, left_count = 0;
    *modes = (struct modes){
        .value = core_alloc(2 * (wanted + 1), sizeof(double)),
        .right = core_alloc(2 * (wanted + 1) * n, sizeof(double)),
        .part = core_alloc(wanted + 1, sizeof(double complex)),
        .size = core_alloc(wanted + 1, sizeof(double)),
    };
    double *left_value = core_alloc(2 * (wanted + 1), sizeof(double));
    double *left = core_alloc(2 * (wanted + 1) * n, sizeof(double));
    enum core_status status = CORE_OK;
    if (modes->value == NULL || modes->right == NULL || modes->part == NULL || modes->size == NULL ||
        left_value == NULL || left == NULL)
        status = core_fail(CORE_NO_MEMORY, "no memory for %zu eigenvectors of %zu unknowns", 2 * wanted, n);
    if (status == CORE_OK)
        status = ffpe_eigen_general(evolution->op, 0, wanted, &modes->count, modes->value, modes->right);
    if (status == CORE_OK) status = ffpe_eigen_general(evolution->op, 1, wanted, &left_count, left_value, left);
    if (status == CORE_OK) set_parts(evolution, modes, left_count, left_value, left);
    core_free(left_value);
    core_free(left);
    if (status != CORE_OK) clear_modes(modes);
    return status;
}

/* The slowest rate's imaginary part, among those that have one. */
static double slowest_turn(const struct modes *modes) {
    double rate = INFINITY, turn = 0;
    for (size_t k = 0; k < modes->count; k++) {
        if (fabs(modes->value[2 * k + 1]) < 1e-10 || modes->value[2 * k] >= rate) continue;
        rate = modes->value[2 * k];
        turn = fabs(modes->value[2 * k + 1]);
    }
    return turn;
}

/* ---- Calibration
 * ---------------------------------------------------------------------------------------------------------- */

/* One contour, `steps` times over: what the quadrature made of each mode. */
struct path {
    struct ffpe_contour contour;
    double step;
    size_t steps;
};

/* e_k = E - Q for a mode over paths that follow one another to time t. */
static double complex defect(const struct ffpe_evolution *evolution, const struct path paths[], size_t count, double t,
                             double complex lambda) {
    double complex made = 1;
    for (size_t j = 0; j < count; j++) {
        double complex once = ffpe_contour_relaxation(&paths[j].contour, evolution->order, paths[j].step, lambda);
        made *= cpow(once, (double)paths[j].steps);
    }
    double complex wanted = evolution->order == 1
                                ? cexp(-lambda * t)
                                : ffpe_mittag_leffler(evolution->order, 1, -lambda * pow(t, evolution->order));
    return wanted - made;
}

/* Adds what is missing of the known modes; returns the estimate of what is left. */
static double calibrate(const struct ffpe_evolution *evolution, const struct modes *modes, const struct path paths[],
                        size_t count, double t, double u[]) {
    size_t n = evolution->op->grid.count;
    double left = 0;
    for (size_t k = 0; k < modes->count; k++) {
        double complex e = defect(evolution, paths, count, t, pair(modes->value, k)) * modes->part[k];
        double lost = cabs(e) * modes->size[k];
        if (!isfinite(lost)) return 1;
        if (2 * k >= modes->count) left += 4 * lost;
        const double *r = modes->right + 2 * n * k;
        for (size_t i = 0; i < n; i++) u[i] += creal(e) * r[2 * i] - cimag(e) * r[2 * i + 1];
    }
    return left;
}

/* Rounding, lifted by the growing exponential. */
static double rounding(const struct path *path) {
    double lift = exp(path->contour.mu * (1 - sin(path->contour.angle)) * path->step);
    return 10 * DBL_EPSILON * lift * sqrt((double)path->steps);
}

/* ---- The way
 * ---------------------------------------------------------------------------------------------------------------- */

/* Order 1: from time to time, the density carried along and calibrated only in what is reported. */
static enum core_status walk(struct ffpe_evolution *evolution, const struct modes *modes, struct path paths[],
                             double worst[]) {
    size_t n = evolution->op->grid.count;
    double turn = modes->count > 0 ? slowest_turn(modes) : 0, before = 0, lost = 0;
    double *mass = core_alloc(2 * n, sizeof *mass);
    if (mass == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a density");
    memcpy(mass, evolution->mass, n * sizeof *mass);
    enum core_status status = CORE_OK;
    for (size_t j = 0; j < evolution->time_count && status == CORE_OK; j++) {
        struct ffpe_nodes *nodes = NULL;
        double span = evolution->times[j] - before, *u = evolution->density + j * n;
        size_t steps = (size_t)fmin(STEPS_MAX, fmax(1, ceil(turn * span / TURN)));
        paths[j] = (struct path){.step = span / (double)steps, .steps = steps};
        paths[j].contour = ffpe_contour_make(paths[j].step, 1, SECTOR, NODES);
        status = ffpe_nodes_create(evolution, steps > 1 && n <= KEPT_MAX ? NODES : 0, &nodes);
        for (size_t k = 0; k < steps && status == CORE_OK; k++) {
            status = ffpe_nodes_solve(nodes, &paths[j].contour, mass);
            if (status == CORE_OK) ffpe_nodes_sum(nodes, paths[j].step, u);
            for (size_t i = 0; i < n; i++) mass[i] = evolution->op->grid.volume[i] * u[i];
        }
        ffpe_nodes_free(nodes);
        evolution->solves += NODES * steps;
        lost += rounding(&paths[j]);
        worst[j] = lost;
        before = evolution->times[j];
    }
    core_free(mass);
    return status;
}

/* Order below 1: every time from the start. */
static enum core_status jump(struct ffpe_evolution *evolution, struct path paths[], double worst[]) {
    struct ffpe_nodes *nodes = NULL;
    enum core_status status = ffpe_nodes_create(evolution, 0, &nodes);
    for (size_t j = 0; j < evolution->time_count && status == CORE_OK; j++) {
        double t = evolution->times[j];
        paths[j] = (struct path){.contour = ffpe_contour_make(t, 1, SECTOR, NODES), .step = t, .steps = 1};
        status = ffpe_nodes_solve(nodes, &paths[j].contour, evolution->mass);
        if (status == CORE_OK) ffpe_nodes_sum(nodes, t, evolution->density + j * evolution->op->grid.count);
        evolution->solves += NODES;
        worst[j] = rounding(&paths[j]);
    }
    ffpe_nodes_free(nodes);
    return status;
}

static size_t modes_wanted(const struct ffpe_evolution *evolution, size_t most) {
    size_t third = evolution->op->grid.count / 3;
    return most < third ? most : third;
}

/* Corrects all times in `density`; returns the largest estimate. */
static double calibrate_all(struct ffpe_evolution *evolution, const struct modes *modes, const struct path paths[],
                            const double worst[], double density[]) {
    double error = 0;
    int walks = evolution->order == 1;
    for (size_t j = 0; j < evolution->time_count; j++) {
        double left = calibrate(evolution, modes, walks ? paths : paths + j, walks ? j + 1 : 1, evolution->times[j],
                                density + j * evolution->op->grid.count);
        error = fmax(error, left + worst[j]);
    }
    return error;
}

static enum core_status correct(struct ffpe_evolution *evolution, struct modes *modes, const struct path paths[],
                                const double worst[]) {
    size_t size = evolution->time_count * evolution->op->grid.count;
    double *plain = core_alloc(size, sizeof *plain);
    if (plain == NULL) return core_fail(CORE_NO_MEMORY, "no memory for %zu densities", evolution->time_count);
    memcpy(plain, evolution->density, size * sizeof *plain);
    evolution->error = calibrate_all(evolution, modes, paths, worst, evolution->density);
    enum core_status status = CORE_OK;
    if (evolution->error > evolution->tolerance && modes_wanted(evolution, MANY) > modes->count + 8) {
        clear_modes(modes);
        status = find_modes(evolution, modes_wanted(evolution, MANY), modes);
        if (status == CORE_OK) {
            memcpy(evolution->density, plain, size * sizeof *plain);
            evolution->error = calibrate_all(evolution, modes, paths, worst, evolution->density);
        }
    }
    core_free(plain);
    return status;
}

/* Levy flights with a drift: central differences put fast modes near the imaginary axis. Every time from the start by
 * two contours for a wide wedge; the difference is the estimate. */
enum core_status ffpe_evolve_twice(struct ffpe_evolution *evolution) {
    enum { MORE = 70, FEWER = 50 };
    static const double wedge = 1.1;
    size_t n = evolution->op->grid.count;
    struct ffpe_nodes *nodes = NULL;
    double *other = core_alloc(n, sizeof *other);
    enum core_status status = other == NULL ? core_fail(CORE_NO_MEMORY, "no memory for a density") : CORE_OK;
    if (status == CORE_OK) status = ffpe_nodes_create(evolution, 0, &nodes);
    evolution->error = 0;
    for (size_t j = 0; j < evolution->time_count && status == CORE_OK; j++) {
        double *u = evolution->density + j * n, t = evolution->times[j], gap = 0;
        struct ffpe_contour fine = ffpe_contour_make(t, 1, wedge, MORE), coarse = ffpe_contour_make(t, 1, wedge, FEWER);
        status = ffpe_nodes_solve(nodes, &fine, evolution->mass);
        if (status == CORE_OK) ffpe_nodes_sum(nodes, t, u);
        if (status == CORE_OK) status = ffpe_nodes_solve(nodes, &coarse, evolution->mass);
        if (status == CORE_OK) ffpe_nodes_sum(nodes, t, other);
        for (size_t i = 0; i < n; i++) gap += evolution->op->grid.volume[i] * fabs(u[i] - other[i]);
        evolution->error = fmax(evolution->error, gap);
        evolution->solves += MORE + FEWER;
    }
    ffpe_nodes_free(nodes);
    core_free(other);
    return status;
}

enum core_status ffpe_evolve_rotation(struct ffpe_evolution *evolution) {
    struct modes modes = {0};
    struct path *paths = core_alloc(evolution->time_count, sizeof *paths);
    double *worst = core_alloc(evolution->time_count, sizeof *worst);
    enum core_status status =
        paths == NULL || worst == NULL ? core_fail(CORE_NO_MEMORY, "no memory for times") : CORE_OK;
    size_t few = modes_wanted(evolution, FEW);
    if (status == CORE_OK && few >= 4) status = find_modes(evolution, few, &modes);
    if (status == CORE_NUMERICAL) {
        core_error_clear();
        status = CORE_OK;
    }
    if (status == CORE_OK)
        status = evolution->order == 1 ? walk(evolution, &modes, paths, worst) : jump(evolution, paths, worst);
    evolution->error = 1;
    if (status == CORE_OK && modes.count > 0) status = correct(evolution, &modes, paths, worst);
    clear_modes(&modes);
    core_free(paths);
    core_free(worst);
    return status;
}
