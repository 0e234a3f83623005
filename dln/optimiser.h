/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DLN_OPTIMISER_H
#define DLN_OPTIMISER_H

#include "core/isa.h"
#include "core/status.h"
#include "dln/dln.h"

/* Inside the room only: optimisers, the rules that turn a batch's gradient into a step. Each is a file
 * dln/optimiser_*.c that ends in its table's row. */

/* One step of one block. */
struct dln_update {
    const struct dln_sgd_settings *settings;
    size_t dimension, width; /* of the block */
    size_t step;             /* k, from 0 */
    double rate;             /* eta_k */
};

struct dln_optimiser {
    const char *name;     /* the word in the study */
    const char *sentence; /* its formula */
    /* CORE_BAD_INPUT where a setting of its own is out of range. */
    enum core_status (*check)(const struct dln_sgd_settings *settings);
    /* How many vectors of the shape of x a block carries from step to step, zero before step 0. */
    size_t (*vectors)(const struct dln_sgd_settings *settings);
    /* x moves; scale[j] * gradient is lane j's clipped mean gradient; state: the carried vectors, each `size` doubles
     * (dimension * width, rounded up to 8); spare: size doubles. */
    void (*update)(const struct dln_update *at, const double scale[], const double gradient[], double x[],
                   double state[], double spare[]);
};

extern const struct dln_optimiser dln_optimiser_sgd, dln_optimiser_adam, dln_optimiser_adamw;

/* The row of an enumerator; NULL behind the last. */
const struct dln_optimiser *dln_optimiser_of(size_t index);

/* One step of Adam, its scalars. */
struct dln_adam_step {
    double beta1, beta2, epsilon;
    double coupled;  /* g <- g + coupled theta */
    double shrink;   /* theta <- shrink theta - ... */
    double stride;   /* eta / (1 - beta1^t) */
    double unbiased; /* 1 / (1 - beta2^t) */
};

struct dln_optimiser_kernels {
    /* Elementwise on arrays (count, width) as in core/block.h. */
    void (*adam)(size_t count, size_t width, const struct dln_adam_step *step, const double scale[],
                 const double gradient[], double x[], double first[], double second[]);
};
CORE_ISA_DECLARE(struct dln_optimiser_kernels, dln_optimiser_kernels)

#endif
