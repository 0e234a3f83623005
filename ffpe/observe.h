/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FFPE_OBSERVE_H
#define FFPE_OBSERVE_H

#include "ffpe/factor.h"

/* Inside the room: numbers of densities, steady states, spectra and first passages on one grid. */

/* Where the numbers of a problem stand in one array. A density's: mass, mean (d), covariance (d, d), msd, energy,
 * densities at the probes. */
struct ffpe_layout {
    size_t moments;  /* numbers of one density; those of time i begin at i * moments */
    size_t steady;   /* of the steady state, and behind them current_norm, curl, entropy_production */
    size_t spectrum; /* (eigenvalues, 2) */
    size_t passage;  /* (passages) */
    size_t eigenvalues, passages, count;
    int has_steady;
};
struct ffpe_layout ffpe_layout_make(const struct ffpe_problem *problem);

/* What reads densities: the grid's nodes, the probes' stencils. */
struct ffpe_observer {
    const struct ffpe_problem *problem;
    const struct ffpe_operator *op;
    struct ffpe_stencil *probes; /* (probe_count) */
};
enum core_status ffpe_observer_create(const struct ffpe_problem *problem, const struct ffpe_operator *op,
                                      struct ffpe_observer *observer);
void ffpe_observer_clear(struct ffpe_observer *observer);

/* numbers (layout.moments) of the density u (count); *minimum its least value. */
void ffpe_observe(const struct ffpe_observer *observer, const double u[], double numbers[], double *minimum);

/* u (count): the steady state of mass 1; *gibbs_error the largest |u / Gibbs - 1|, NaN where there is no Gibbs state.
 * No wall may absorb. */
enum core_status ffpe_steady_solve(const struct ffpe_operator *op, double u[], double *gibbs_error);
/* Integral of |J|, curl at the origin (NaN unless d = 2 and the origin inside), entropy production of a density. */
enum core_status ffpe_current_observe(const struct ffpe_operator *op, const double u[], double numbers[3]);

/* The `wanted` smallest eigenvalues of V^{-1} L, zero excepted where no wall absorbs: values (wanted, 2), ascending by
 * real part. Fewer than wanted where the grid has fewer: the rest is NaN. */
enum core_status ffpe_spectrum_solve(const struct ffpe_operator *op, size_t wanted, double values[]);

/* time (count): the mean time of first passage through an absorbing wall at order 1, from every node. */
enum core_status ffpe_passage_solve(const struct ffpe_operator *op, double time[]);

/* ---- One grid (ffpe/level.c)
 * ----------------------------------------------------------------------------------------- */

/* What one grid gives. numbers (layout.count), mass_error and minimum (time_count) are the caller's. */
struct ffpe_level {
    double *numbers, *mass_error, *minimum;
    double gibbs_error, affinity, time_error;
    size_t unknowns, solves;
    int reversible, absorbing;
};
enum core_status ffpe_level_solve(const struct ffpe_problem *problem, const struct ffpe_layout *layout, size_t index,
                                  struct ffpe_level *level);

#endif
