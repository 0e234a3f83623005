/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LAB_VERIFY_H
#define LAB_VERIFY_H

#include "core/ensemble.h"
#include "core/landscape.h"
#include "core/status.h"
#include "dln/dln.h"
#include "sde/sde.h"

#include <stddef.h>

/* The gallery of exact laws: each computes something in two ways, on this machine, and tells how far apart they are.
 * Errors are relative unless the sentence says z: then they are in standard errors, the seed is fixed, and a tolerance
 * of 5 is passed by a correct program but once in a million. */

struct lab_law_outcome {
    double error;    /* NaN counts as a failure */
    int unavailable; /* 1: this machine cannot show it */
};

struct lab_exact_law {
    const char *name, *sentence;
    double tolerance;
    enum core_status (*check)(size_t threads, struct lab_law_outcome *outcome);
};

/* Tables of laws, each ended by a row of NULLs. */
extern const struct lab_exact_law lab_laws_derivatives[], lab_laws_balance[], lab_laws_regression[], lab_laws_random[],
    lab_laws_theory[], lab_laws_compare[], lab_laws_bits[];
/* All of them, ended by a NULL. */
extern const struct lab_exact_law *const lab_laws[];

/* ---- What several laws use (lab/verify.c) ---- */

/* max_i |a_i - b_i| / max_i |b_i|; NaN where something is NaN. */
double lab_law_difference(size_t count, const double a[], const double b[]);
/* `count` normal draws that depend on `path` only. */
void lab_law_draws(size_t count, uint64_t path, double out[]);
/* The larger; NaN where one is. */
double lab_law_worst(double a, double b);

/* A network on generated data: `samples` Gaussian inputs, teacher of singular values 2.1, 0.9, label noise 0.3. */
enum core_status lab_law_network(size_t depth, const size_t widths[], size_t samples, struct core_landscape **network);

/* The three processes that share SGD's exact laws: a step of SGD, of Gaussian noise, of Poisson noise. */
enum lab_law_process { LAB_LAW_SGD, LAB_LAW_GAUSSIAN, LAB_LAW_POISSON, LAB_LAW_PROCESSES };
struct lab_law_run {
    enum lab_law_process process;
    double rate;
    size_t batch, steps, replicas, threads;
    int every_step; /* 1: records 0 ... steps; 0: the last only */
    uint64_t seed;
};
/* *ensemble (core_ensemble_free) of that run on `network` from `start`. */
enum core_status lab_law_run(const struct core_landscape *network, const double start[], const struct lab_law_run *run,
                             struct core_ensemble **ensemble);

#endif
