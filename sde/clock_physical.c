/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The physical clock: m substeps of length eta / m to each step, all lanes of a block together. */
#include "sde/paths.h"

static void begin(const struct sde_paths *paths, uint64_t path, double workspace[]) {
    if (paths->noise->begin != NULL) paths->noise->begin(paths, path, paths->stepper.landscape->lanes, workspace);
}

static void step(const struct core_stepper *stepper, uint64_t path, size_t k, double rate, double x[],
                 double workspace[], double scratch[]) {
    const struct sde_paths *paths = stepper->self;
    const struct core_landscape *land = stepper->landscape;
    size_t m = paths->settings.substeps;
    double minus[CORE_LANES] __attribute__((aligned(64))), amplitude[CORE_LANES] __attribute__((aligned(64)));
    for (size_t j = 0; j < CORE_LANES; j++) minus[j] = -1;
    struct sde_substep at = sde_substep_begin(paths, path, x, scratch);
    at.rate = rate;
    at.length = rate / (double)m;
    at.state = workspace;
    at.memory = workspace + sde_state_size(paths);
    at.drift_state = at.memory + paths->scheme->memory * sde_vector(land);
    for (size_t i = 0; i < m; i++) {
        at.index = (uint64_t)k * m + i;
        sde_draw(paths, &at, amplitude, at.draws);
        paths->scheme->advance(paths, &at, amplitude, at.draws);
        core_block_kernels()->add(land->dimension, land->lanes, minus, at.out, x);
    }
}

const struct sde_clock_method sde_clock_physical = {
    .choice = {"physical", "time itself", ""},
    .begin = begin,
    .step = step,
};
