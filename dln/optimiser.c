/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of optimisers, in the order of enum dln_optimiser_kind. */
#include "dln/optimiser.h"

CORE_ISA_PICK(struct dln_optimiser_kernels, dln_optimiser_kernels)

static const struct dln_optimiser *const optimisers[] = {&dln_optimiser_sgd, &dln_optimiser_adam, &dln_optimiser_adamw};

const struct dln_optimiser *dln_optimiser_of(size_t index) {
    return index < sizeof optimisers / sizeof *optimisers ? optimisers[index] : NULL;
}

const char *dln_optimiser_name(size_t index) {
    const struct dln_optimiser *optimiser = dln_optimiser_of(index);
    return optimiser == NULL ? NULL : optimiser->name;
}
