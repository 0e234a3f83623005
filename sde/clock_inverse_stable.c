/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inverse stable clock: a model moves in operational time s, and at time t it is at s = E_t,
 *
 *     E_t = inf {s : D(s) > t},   D the stable subordinator, E exp(-q D(s)) = exp(-s q^a),   a the order in (0, 1),
 *
 * so that x(E_t) waits, for times with the tail t^{-a}, and its density solves the Fokker-Planck equation with Caputo's
 * derivative of order a in place of d/dt [meerschaert2002] [magdziarz2007]. s is a time^a, in the units of the study.
 * E E_t = t^a / Gamma(1 + a), E exp(-l E_t) = E_a(-l t^a), Mittag-Leffler's function.
 *
 * Discretisation. Operational steps have length h = eta / m. D is drawn exactly on the grid s_i = (i - U) h, i = 1, 2,
 * ..., U uniform on (0, 1) for each replica: D(s_1) = ((1 - U) h)^{1/a} A_1, D(s_{i+1}) = D(s_i) + h^{1/a} A_{i+1}, A
 * positive stable [kanter1975]. The steps done by time t are N_t = #{i : D(s_i) <= t} = floor(E_t / h + U), whose mean
 * is E[E_t] / h exactly; for a smooth f the error of E f(N_t h) is h^2 E f''(E_t) / 12 at the most in order h^2, beside
 * that of the scheme in operational time.
 *
 * The lanes of a block are at different operational times; their random numbers are drawn lane by lane, at the address
 * of the lane's own operational step, so that the noise of a path is the same as with the physical clock. A step of the
 * whole block is then computed and kept where it is due. */
#include "sde/paths.h"

#include <assert.h>
#include <math.h>

/* The clock's state, one row of lanes each, before the noise's. */
enum { NEXT, DONE, ROWS }; /* D at the next operational step; operational steps done */

static enum core_status check(const struct sde_settings *s, const struct sde_noise_method *noise) {
    if (!(s->order > 0 && s->order < 1))
        return core_fail(CORE_BAD_INPUT, "order %g of the inverse stable clock; allowed: above 0, below 1", s->order);
    if (s->schedule.law != CORE_SCHEDULE_CONSTANT)
        return core_fail(CORE_BAD_INPUT, "the inverse stable clock with a rate that changes; allowed: constant");
    if (noise->jump != NULL)
        return core_fail(CORE_BAD_INPUT, "the inverse stable clock with %s noise; allowed: the other noises",
                         noise->choice.name);
    return CORE_OK;
}

/* D(s_{i+1}) - D(s_i) for the lane's step i = done. */
static double waiting_time(const struct sde_paths *paths, uint64_t path, uint64_t done) {
    struct core_stream stream = {
        .seed = paths->stepper.seed, .path = path, .purpose = CORE_PURPOSE_CLOCK, .step = 2 * done};
    double order = paths->settings.order, factor, part = 0;
    core_random_positive_stable(&stream, order, 1, 1, &factor);
    if (done == 0) {
        stream.step = 1;
        core_random_uniform(&stream, 1, 1, &part);
    }
    double length = paths->settings.schedule.rate / (double)paths->settings.substeps;
    return pow((1 - part) * length, 1 / order) * factor;
}

static void begin(const struct sde_paths *paths, uint64_t path, double workspace[]) {
    size_t lanes = paths->stepper.landscape->lanes;
    for (size_t j = 0; j < lanes; j++) {
        workspace[NEXT * lanes + j] = waiting_time(paths, path + j, 0);
        if (paths->noise->begin == NULL) continue;
        paths->noise->begin(paths, path + j, 1, workspace + ROWS * lanes + j * paths->state);
    }
}

/* The amplitude and driving vector of one lane, put into its column. */
static void draw_lane(const struct sde_paths *paths, const struct sde_substep *block, size_t lane, double workspace[],
                      double amplitude[], double column[]) {
    size_t lanes = paths->stepper.landscape->lanes;
    struct sde_substep at = *block;
    at.path = block->path + lane;
    at.index = (uint64_t)workspace[DONE * lanes + lane];
    at.width = 1;
    at.state = workspace + ROWS * lanes + lane * paths->state;
    sde_draw(paths, &at, &amplitude[lane], column);
    for (size_t i = 0; i < paths->draws; i++) block->draws[i * lanes + lane] = column[i];
}

/* Which lanes have an operational step before the end; 0 where none has. */
static size_t find_due(size_t lanes, const double workspace[], double end, int due[]) {
    size_t count = 0;
    for (size_t j = 0; j < lanes; j++) count += (size_t)(due[j] = workspace[NEXT * lanes + j] <= end);
    return count;
}

static void move(const struct sde_paths *paths, const struct sde_substep *at, const int due[], double workspace[]) {
    const struct core_landscape *land = paths->stepper.landscape;
    size_t lanes = land->lanes;
    for (size_t i = 0; i < land->dimension; i++) {
        for (size_t j = 0; j < lanes; j++) {
            if (due[j]) at->x[i * lanes + j] -= at->out[i * lanes + j];
        }
    }
    for (size_t j = 0; j < lanes; j++) {
        if (!due[j]) continue;
        workspace[DONE * lanes + j] += 1;
        workspace[NEXT * lanes + j] += waiting_time(paths, at->path + j, (uint64_t)workspace[DONE * lanes + j]);
    }
}

static void step(const struct core_stepper *stepper, uint64_t path, size_t k, double rate, double x[],
                 double workspace[], double scratch[]) {
    const struct sde_paths *paths = stepper->self;
    const struct core_landscape *land = stepper->landscape;
    double amplitude[CORE_LANES] __attribute__((aligned(64))), end = (double)(k + 1) * rate;
    int due[CORE_LANES] = {0};
    struct sde_substep at = sde_substep_begin(paths, path, x, scratch);
    at.rate = rate;
    at.length = rate / (double)paths->settings.substeps;
    double *column = at.scratch;
    at.scratch += (paths->draws + 7) / 8 * 8;
    while (find_due(land->lanes, workspace, end, due) > 0) {
        for (size_t j = 0; j < land->lanes; j++) {
            if (due[j]) {
                draw_lane(paths, &at, j, workspace, amplitude, column);
                continue;
            }
            amplitude[j] = 0;
            for (size_t i = 0; i < paths->draws; i++) at.draws[i * land->lanes + j] = 0;
        }
        paths->scheme->advance(paths, &at, amplitude, at.draws);
        move(paths, &at, due, workspace);
    }
}

void sde_inverse_subordinator(const struct core_stream *stream, double order, double time, size_t width, size_t count,
                              double out[]) {
    assert(order > 0 && order <= 1 && time >= 0);
    core_random_positive_stable(stream, order, width, count, out);
    for (size_t i = 0; i < count * width; i++) out[i] = pow(time / out[i], order);
}

const struct sde_clock_method sde_clock_inverse_stable = {
    .choice = {"inverse-stable",
               "the inverse of a stable subordinator: waiting times with the tail t^-order, Caputo's "
               "Fokker-Planck equation",
               "magdziarz2007"},
    .state = ROWS,
    .check = check,
    .begin = begin,
    .step = step,
};
