/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The temperature of the isotropic Langevin model: the time mean of tr Sigma(theta) / P along SGD, over PILOTS replicas
 * and up to MOMENTS equally spaced times of a pilot ensemble with random numbers of its own. */
#include "lab/temperature.h"

#include "core/memory.h"
#include "core/sum.h"

#include <math.h>

enum { PILOTS = 64, MOMENTS = 200 };

/* (tr Sigma / P) of every recorded point into trace; NaN where a replica diverged. */
static void traces(const struct core_landscape *land, const struct core_ensemble *pilot, double trace[], double x[],
                   double scratch[]) {
    size_t width = land->lanes, points = pilot->record_count * pilot->replicas, p = land->dimension;
    double block[CORE_LANES] __attribute__((aligned(64)));
    for (size_t first = 0; first < points; first += width) {
        for (size_t j = 0; j < width; j++) {
            size_t point = first + j < points ? first + j : points - 1;
            for (size_t i = 0; i < p; i++) x[i * width + j] = pilot->parameters[point * p + i];
        }
        land->methods->noise_trace(land, x, block, scratch);
        for (size_t j = 0; j < width && first + j < points; j++) trace[first + j] = block[j] / (double)p;
    }
}

static enum core_status time_mean(const struct core_landscape *land, const struct core_ensemble *pilot,
                                  double *temperature) {
    double *trace = core_alloc(pilot->record_count * pilot->replicas, sizeof *trace);
    double *x = core_alloc(land->dimension * land->lanes, sizeof *x),
           *scratch = core_alloc(land->scratch, sizeof *scratch);
    enum core_status status = CORE_OK;
    if (trace == NULL || x == NULL || scratch == NULL) {
        status = core_fail(CORE_NO_MEMORY, "no memory for the temperature of the isotropic model");
    } else {
        traces(land, pilot, trace, x, scratch);
        *temperature = core_moments(trace, pilot->record_count * pilot->replicas, 1).mean;
    }
    core_free(trace);
    core_free(x);
    core_free(scratch);
    return status;
}

enum core_status lab_temperature(const struct lab_scene *scene, const struct core_stepper *sgd, size_t threads,
                                 double *temperature) {
    size_t records[MOMENTS], count = scene->steps < MOMENTS ? scene->steps : MOMENTS;
    for (size_t i = 0; i < count; i++) records[i] = scene->steps * i / count;
    struct core_ensemble *pilot;
    enum core_status status =
        core_landscape_require(scene->land, scene->land->methods->noise_trace != NULL, "gradient noise");
    if (status == CORE_OK) status = core_ensemble_create(PILOTS, scene->land->dimension, count, 0, &pilot);
    if (status != CORE_OK) return status;
    struct core_ensemble_settings settings = {
        .steps = scene->steps,
        .replicas = PILOTS,
        .start = {scene->start, scene->start_scale},
        .record_count = count,
        .record_steps = records,
        .ceiling = scene->ceiling,
        .threads = threads,
    };
    status = core_ensemble_run(sgd, &settings, pilot, 0);
    if (status == CORE_OK) status = time_mean(scene->land, pilot, temperature);
    core_ensemble_free(pilot);
    if (status == CORE_OK && !isfinite(*temperature)) {
        *temperature = 0;
        return lab_study_blame(
            scene->study, CORE_BAD_INPUT, "sgd.rate",
            "every pilot run of SGD diverged, so the isotropic models have no temperature; lower the rate "
            "or give the models a 'temperature'");
    }
    return status;
}
