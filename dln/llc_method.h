/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DLN_LLC_METHOD_H
#define DLN_LLC_METHOD_H

#include "core/landscape.h"
#include "dln/llc.h"

/* Inside the room only: what a sampler of the local learning coefficient is to the driver (dln/llc.c).
 *
 * Chains move in blocks of `width`: x (dimension, width) as in core/landscape.h. A block's draws depend on (seed,
 * chain, step) only. The target is exp(-U), U(w) = nbeta L(w) + gamma |w - w*|^2 / 2. */

struct dln_llc_run {
    const struct core_landscape *land;
    const double *centre;                    /* (dimension) w* */
    const struct dln_llc_settings *settings; /* nbeta filled in */
    uint64_t key;                            /* of the random streams */
};

struct dln_llc_method {
    struct dln_llc_choice choice;
    int stepped; /* 1: it has a step length, settings->lr */
    /* What is special to it; NULL where nothing is. */
    enum core_status (*check)(const struct dln_llc_settings *settings, const struct core_landscape *land);
    size_t (*width)(const struct core_landscape *land); /* chains of a block: 1 or land->lanes */
    /* Doubles a block carries from step to step, and doubles a call may use; both aligned to 64 bytes. */
    size_t (*state)(const struct dln_llc_run *run);
    size_t (*scratch)(const struct dln_llc_run *run);
    /* Fills the state, zeroed before, of the block of chains `chain` ... at x. */
    void (*begin)(const struct dln_llc_run *run, const double x[], double state[], double scratch[]);
    /* Step k = 0, 1, ... */
    enum core_status (*step)(const struct dln_llc_run *run, uint64_t chain, size_t k, double x[], double state[],
                             double scratch[]);
    /* loss[width] = L(x) of all samples. */
    void (*loss)(const struct dln_llc_run *run, const double x[], const double state[], double loss[],
                 double scratch[]);
    /* acceptance[width] of `moves` steps after burn-in, step[width]; NULL: NaN for both. */
    void (*report)(const struct dln_llc_run *run, const double state[], double moves, double acceptance[],
                   double step[]);
};

extern const struct dln_llc_method dln_llc_gibbs, dln_llc_mala, dln_llc_sgld;
/* The method of a name, NULL where there is none. */
const struct dln_llc_method *dln_llc_method_find(const char *name);

/* estimate, lambda_hat, se, ess, rhat, diverged from llc->loss. (dln/llc_estimate.c) */
enum core_status dln_llc_estimate(struct dln_llc *llc);
/* gradient_norm, curvature, relaxations and the warnings. (dln/llc_diagnose.c) */
enum core_status dln_llc_diagnose(const struct dln_llc_run *run, struct dln_llc *llc);

/* Eigenvalues of the symmetric a (n, n), which is destroyed, in no order; vectors (n, n): row i is the i-th
 * eigenvector. Inputs that are not finite give such outputs. (dln/jacobi.c) */
void dln_symmetric_jacobi(size_t n, double a[], double values[], double vectors[]);

static inline size_t dln_rounded(size_t doubles) {
    return (doubles + 7) / 8 * 8;
}

#endif
