/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DLN_BATCH_H
#define DLN_BATCH_H

#include "dln/network.h"

/* Inside the room only: what a mini-batch holds, and the sum of its gradients (dln/batch.c). */

/* How a stepper's memory is cut up for batches. */
struct dln_batch {
    const struct core_landscape *land;
    const struct dln_sgd_settings *settings;
    uint64_t seed;
    size_t permutation; /* doubles of state: one permutation a lane, where the sampling keeps one */
    size_t index;       /* doubles of scratch that hold the batch's indices */
    size_t dense;       /* doubles of scratch that hold inputs and targets; 0 where rows are read from the data */
    size_t scratch;     /* doubles of scratch in all */
};

struct dln_batch dln_batch_plan(const struct core_landscape *network, const struct dln_sgd_settings *settings,
                                uint64_t seed);

/* Fills the state before step 0. */
void dln_batch_begin(const struct dln_batch *batch, double state[]);

/* gradient (dimension, lanes) = sum over the batch of step k; returns how many samples it holds, the same for every
 * lane. */
size_t dln_batch_gradient(const struct dln_batch *batch, uint64_t path, size_t k, const double x[], double state[],
                          double gradient[], double scratch[]);

#endif
