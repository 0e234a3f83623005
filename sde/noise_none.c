/* SPDX-License-Identifier: GPL-3.0-or-later */
/* No noise: explicit Euler for the drift alone. With the gradient drift and one substep this is gradient descent. */
#include "sde/paths.h"

static enum core_status prepare(struct sde_paths *paths) {
    paths->factor = 0;
    return CORE_OK;
}

const struct sde_noise_method sde_noise_none = {
    .choice = {"none", "no noise: gradient descent, or its flow with many substeps", ""},
    .prepare = prepare,
};
