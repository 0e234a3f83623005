/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Observables of many replicas, in parallel over pieces of the ensemble. */
#include "lab/measure.h"

#include "core/memory.h"
#include "core/parallel.h"

#include <math.h>

enum { PIECE = 256 }; /* replicas */

struct job {
    const struct lab_scene *scene;
    const struct dln_observable *observable;
    const double *parameters; /* (replicas, P) of this record */
    const size_t *alive;      /* (rows) the replicas */
    struct lab_sample *sample;
    double *scratch; /* (threads, stride) */
    size_t stride;
};

static enum core_status evaluate(void *context, size_t piece, size_t thread) {
    const struct job *job = context;
    size_t last = (piece + 1) * PIECE < job->sample->rows ? (piece + 1) * PIECE : job->sample->rows;
    for (size_t r = piece * PIECE; r < last; r++) {
        enum core_status status = job->observable->evaluate(
            job->scene->land, job->parameters + job->alive[r] * job->scene->land->dimension, job->scene->start,
            job->sample->values + r * job->sample->width, job->scratch + thread * job->stride);
        if (status != CORE_OK) return status;
    }
    return CORE_OK;
}

/* Replicas that have not diverged by this record. */
static size_t survivors(const struct core_ensemble *data, size_t record, size_t alive[]) {
    size_t count = 0;
    for (size_t r = 0; r < data->replicas; r++) {
        if (isfinite(data->loss[record * data->replicas + r])) alive[count++] = r;
    }
    return count;
}

enum core_status lab_sample_take(const struct lab_scene *scene, const struct lab_ensemble_result *ensemble,
                                 const struct dln_observable *observable, size_t record, size_t threads,
                                 struct lab_sample *sample) {
    const struct core_ensemble *data = ensemble->data;
    size_t stride = (observable->scratch(scene->land) + 7) / 8 * 8;
    size_t *alive = core_alloc(data->replicas, sizeof *alive);
    double *scratch = core_alloc(threads * stride, sizeof *scratch);
    *sample = (struct lab_sample){0, observable->width(scene->land), NULL};
    sample->values = core_alloc(data->replicas * sample->width, sizeof *sample->values);
    enum core_status status = CORE_OK;
    if (alive == NULL || scratch == NULL || sample->values == NULL) {
        status = core_fail(CORE_NO_MEMORY, "no memory for the %s of %zu replicas", observable->name, data->replicas);
    } else {
        sample->rows = survivors(data, record, alive);
        struct job job = {scene, observable, data->parameters + record * data->replicas * data->dimension,
                          alive, sample,     scratch,
                          stride};
        status = core_parallel((sample->rows + PIECE - 1) / PIECE, threads, evaluate, &job);
    }
    core_free(alive);
    core_free(scratch);
    if (status != CORE_OK) lab_sample_free(sample);
    return status;
}

void lab_sample_free(struct lab_sample *sample) {
    core_free(sample->values);
    *sample = (struct lab_sample){0, 0, NULL};
}
