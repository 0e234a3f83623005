/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/density.h"

#include "core/memory.h"
#include "lab/study_schema.h"

#include <string.h>

static double quadratic_diffusion(const void *context, const double x[]) {
    const struct lab_density *density = context;
    double square = 0;
    for (size_t k = 0; k < density->dimension; k++) square += x[k] * x[k];
    return density->diffusion[0] * (1 + density->diffusion[1] * square);
}

/* *flat (count * columns), core_free; NULL where there are no rows. */
static enum core_status flatten(unsigned count, const struct lab_row rows[], size_t columns, double **flat) {
    *flat = NULL;
    if (count == 0) return CORE_OK;
    *flat = core_alloc(count * columns, sizeof **flat);
    if (*flat == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a matrix of the study");
    for (unsigned i = 0; i < count; i++) memcpy(*flat + i * columns, rows[i].values, columns * sizeof **flat);
    return CORE_OK;
}

static void set_grid(const struct lab_ffpe *keys, size_t d, struct ffpe_problem *problem) {
    for (size_t k = 0; k < d; k++) {
        problem->lower[k] = keys->grid->lower[k];
        problem->upper[k] = keys->grid->upper[k];
        problem->cells[k] = keys->grid->cells[k];
        const struct lab_word_row *pair = &keys->walls[keys->walls_count == 1 ? 0 : k];
        for (size_t side = 0; side < 2; side++)
            problem->walls[k][side] = (enum ffpe_wall)lab_words_find(&lab_walls, pair->values[side]);
    }
}

static void set_start(const struct lab_density_start *keys, size_t d, struct ffpe_start *start) {
    start->law = (enum ffpe_start_law)lab_words_find(&lab_density_laws, keys->law);
    start->deviation = keys->deviation;
    const double *from = start->law == FFPE_DELTA ? keys->at : keys->mean;
    for (size_t k = 0; k < d && start->law != FFPE_UNIFORM; k++) start->mean[k] = from[k];
}

static enum core_status set_diffusion(const struct lab_ffpe *keys, struct lab_density *density) {
    struct ffpe_diffusion *diffusion = &density->problem.diffusion;
    enum core_status status =
        flatten(keys->diffusion->tensor_count, keys->diffusion->tensor, density->dimension, &density->tensor);
    diffusion->value = density->diffusion[0] = keys->diffusion->value;
    density->diffusion[1] = keys->diffusion->quadratic;
    diffusion->tensor = density->tensor;
    diffusion->context = density;
    if (density->diffusion[1] > 0) diffusion->at = quadratic_diffusion;
    if (keys->levy != NULL) {
        density->problem.levy_index = keys->levy->index;
        density->problem.levy_scale = keys->levy->scale;
    }
    return status;
}

/* The plain numbers and words. */
static void set_choices(const struct lab_ffpe *keys, struct ffpe_problem *problem) {
    problem->order = keys->order;
    problem->friction = keys->friction;
    problem->calculus = (enum ffpe_calculus)lab_words_find(&lab_calculi, keys->calculus);
    problem->method = (enum ffpe_method)lab_words_find(&lab_ffpe_methods, keys->method);
    problem->time_count = keys->times_count;
    problem->times = keys->times;
    problem->tolerance = keys->tolerance;
    problem->steps = keys->steps;
    problem->grids = keys->richardson;
    problem->eigenvalues = keys->eigenvalues;
    problem->probe_count = keys->probes_count;
    problem->report = 0;
    for (unsigned i = 0; i < keys->report_count; i++)
        problem->report |= 1u << lab_words_find(&lab_ffpe_reports, keys->report[i]);
}

enum core_status lab_density_create(const struct lab_scene *scene, size_t threads, struct lab_density **density) {
    const struct lab_study *study = scene->study;
    const struct lab_ffpe *keys = study->ffpe;
    size_t d = scene->land->dimension;
    *density = NULL;
    if (keys == NULL)
        return core_fail(CORE_BAD_INPUT, "%s: the study has no block ffpe; `kramers help study` lists its keys",
                         study->path);
    if (keys->grid->lower_count != d) {
        return lab_study_blame(study, CORE_BAD_INPUT, "ffpe.grid.lower", "found %u axes, expected %zu, those of '%s'",
                               keys->grid->lower_count, d, scene->land->name);
    }
    struct lab_density *made = core_alloc(1, sizeof *made);
    if (made == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the block ffpe");
    made->dimension = d;
    made->problem = ffpe_problem_default();
    made->problem.land = scene->land;
    made->problem.threads = threads;
    set_choices(keys, &made->problem);
    set_grid(keys, d, &made->problem);
    set_start(keys->start, d, &made->problem.start);
    enum core_status status = set_diffusion(keys, made);
    if (status == CORE_OK) status = flatten(keys->probes_count, keys->probes, d, &made->probes);
    made->problem.probes = made->probes;
    if (status == CORE_OK && ffpe_problem_check(&made->problem) != CORE_OK) {
        char sentence[400];
        strncpy(sentence, core_error(), sizeof sentence - 1);
        sentence[sizeof sentence - 1] = '\0';
        status = lab_study_blame(study, CORE_BAD_INPUT, "ffpe", "%s", sentence);
    }
    if (status == CORE_OK)
        *density = made;
    else
        lab_density_free(made);
    return status;
}

void lab_density_free(struct lab_density *density) {
    if (density == NULL) return;
    core_free(density->tensor);
    core_free(density->probes);
    core_free(density);
}
