/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Metropolis-adjusted Langevin algorithm [roberts1998]. With U(w) = nbeta L(w) + gamma |w - w*|^2 / 2 propose
 *
 *     w' = w - (eps/2) grad U(w) + sqrt(eps) z
 *
 * and take it with probability min(1, exp(U(w) - U(w') + (|z|^2 - |z'|^2) / 2)), z' the noise that would lead back,
 *
 *     sqrt(eps) z' = w - w' + (eps/2) grad U(w').
 *
 * The law it settles in is exact whatever eps. During burn-in each chain tunes its own eps to an acceptance of 0.57,
 * the best one for smooth laws in many dimensions,
 *
 *     eps <- eps (1 + 10 (accepted - 0.57) / (k + 20)),
 *
 * and keeps the last one from then on. The gain falls like 1/k, so that eps follows the mean acceptance and not the
 * place where the chain happens to be. */
#include "dln/llc_method.h"

#include "core/random.h"
#include "dln/dln.h"

#include <math.h>
#include <string.h>

static const double WANTED = 0.57;

/* A block's state: gradient of L at x, then these, a number for each chain. */
struct tuned {
    double loss[CORE_LANES], eps[CORE_LANES], accepted[CORE_LANES];
};

static size_t width(const struct core_landscape *land) {
    return land->lanes;
}

static size_t size_of(const struct dln_llc_run *run) {
    return dln_rounded(run->land->dimension * run->land->lanes);
}

static size_t state_size(const struct dln_llc_run *run) {
    return size_of(run) + sizeof(struct tuned) / sizeof(double);
}

/* Proposal, its gradient, normal numbers, what the landscape needs. */
static size_t scratch_size(const struct dln_llc_run *run) {
    return 3 * size_of(run) + run->land->scratch;
}

static struct tuned *tuned_of(const struct dln_llc_run *run, double state[]) {
    return (struct tuned *)(void *)(state + size_of(run));
}

static void begin(const struct dln_llc_run *run, const double x[], double state[], double scratch[]) {
    struct tuned *t = tuned_of(run, state);
    run->land->methods->gradient(run->land, x, state, scratch);
    run->land->methods->loss(run->land, x, t->loss, scratch);
    for (size_t j = 0; j < CORE_LANES; j++) t->eps[j] = run->settings->lr;
}

/* y = x - (eps/2) grad U(x) + sqrt(eps) z */
static void propose(const struct dln_llc_run *run, const struct tuned *t, const double x[], const double g[],
                    const double z[], double y[]) {
    const struct dln_llc_settings *s = run->settings;
    size_t lanes = run->land->lanes;
    double root[CORE_LANES];
    for (size_t j = 0; j < lanes; j++) root[j] = sqrt(t->eps[j]);
    for (size_t i = 0; i < run->land->dimension; i++) {
        for (size_t j = 0; j < lanes; j++) {
            size_t at = i * lanes + j;
            double slope = s->nbeta * g[at] + s->localization * (x[at] - run->centre[i]);
            y[at] = x[at] - t->eps[j] / 2 * slope + root[j] * z[at];
        }
    }
}

/* price[j] = -ln of the ratio of Metropolis and Hastings, from the losses of x and y and the gradient h at y. */
static void weigh(const struct dln_llc_run *run, const struct tuned *t, const double x[], const double y[],
                  const double h[], const double z[], const double loss[], double price[]) {
    const struct dln_llc_settings *s = run->settings;
    size_t lanes = run->land->lanes;
    for (size_t j = 0; j < lanes; j++) price[j] = s->nbeta * (loss[j] - t->loss[j]);
    for (size_t i = 0; i < run->land->dimension; i++) {
        for (size_t j = 0; j < lanes; j++) {
            size_t at = i * lanes + j;
            double before = x[at] - run->centre[i], after = y[at] - run->centre[i], eps = t->eps[j];
            double back = x[at] - y[at] + eps / 2 * (s->nbeta * h[at] + s->localization * after);
            price[j] +=
                s->localization / 2 * (after * after - before * before) + back * back / (2 * eps) - z[at] * z[at] / 2;
        }
    }
}

/* Tunes during burn-in, counts after it. */
static void take_note(const struct dln_llc_run *run, size_t k, size_t j, int accepted, struct tuned *t) {
    if (k >= run->settings->num_burnin_steps)
        t->accepted[j] += accepted;
    else
        t->eps[j] *= 1 + 10 * (accepted - WANTED) / (double)(k + 20);
}

static enum core_status step(const struct dln_llc_run *run, uint64_t chain, size_t k, double x[], double state[],
                             double scratch[]) {
    const struct core_landscape *land = run->land;
    struct tuned *t = tuned_of(run, state);
    double *y = scratch, *h = y + size_of(run), *z = h + size_of(run), *inner = z + size_of(run);
    double loss[CORE_LANES] __attribute__((aligned(64))), patience[CORE_LANES] __attribute__((aligned(64)));
    double price[CORE_LANES];
    struct core_stream noise = {.seed = run->key, .path = chain, .purpose = CORE_PURPOSE_NOISE, .step = k};
    struct core_stream accept = {.seed = run->key, .path = chain, .purpose = CORE_PURPOSE_ACCEPT, .step = k};
    core_random_normal(&noise, land->lanes, land->dimension, z);
    core_random_exponential(&accept, land->lanes, 1, patience); /* -ln of a uniform number */
    propose(run, t, x, state, z, y);
    land->methods->gradient(land, y, h, inner);
    land->methods->loss(land, y, loss, inner);
    weigh(run, t, x, y, h, z, loss, price);
    for (size_t j = 0; j < land->lanes; j++) {
        int accepted = price[j] < patience[j]; /* never where it is no number */
        for (size_t i = j; accepted && i < land->dimension * land->lanes; i += land->lanes) {
            x[i] = y[i];
            state[i] = h[i];
        }
        if (accepted) t->loss[j] = loss[j];
        take_note(run, k, j, accepted, t);
    }
    return CORE_OK;
}

static void loss(const struct dln_llc_run *run, const double x[], const double state[], double out[],
                 double scratch[]) {
    const struct tuned *t = (const struct tuned *)(const void *)(state + size_of(run));
    (void)x, (void)scratch;
    memcpy(out, t->loss, run->land->lanes * sizeof *out);
}

static void report(const struct dln_llc_run *run, const double state[], double moves, double acceptance[],
                   double eps[]) {
    const struct tuned *t = (const struct tuned *)(const void *)(state + size_of(run));
    for (size_t j = 0; j < run->land->lanes; j++) {
        acceptance[j] = t->accepted[j] / moves;
        eps[j] = t->eps[j];
    }
}

const struct dln_llc_method dln_llc_mala = {
    .choice = {"mala", "Metropolis-adjusted Langevin: exact, its step is tuned during burn-in"},
    .stepped = 1,
    .width = width,
    .state = state_size,
    .scratch = scratch_size,
    .begin = begin,
    .step = step,
    .loss = loss,
    .report = report,
};
