/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The slots of an ensemble; core/driver.c fills them. */
#include "core/ensemble.h"

#include "core/memory.h"

double core_ensemble_bytes(size_t replicas, size_t dimension, size_t record_count, size_t level_count) {
    double slots = (double)record_count * ((double)dimension + 1) + (double)level_count + 1;
    return (double)sizeof(double) * (double)replicas * slots;
}

enum core_status core_ensemble_create(size_t replicas, size_t dimension, size_t record_count, size_t level_count,
                                      struct core_ensemble **out) {
    *out = NULL;
    double bytes = core_ensemble_bytes(replicas, dimension, record_count, level_count);
    struct core_ensemble *ensemble = bytes < 0x1p62 ? core_alloc(1, sizeof *ensemble) : NULL;
    if (ensemble != NULL) {
        *ensemble = (struct core_ensemble){
            .replicas = replicas, .dimension = dimension, .record_count = record_count, .level_count = level_count};
        ensemble->parameters = core_alloc(record_count * replicas * dimension, sizeof(double));
        ensemble->loss = core_alloc(record_count * replicas, sizeof(double));
        ensemble->escape = core_alloc(level_count * replicas, sizeof(double));
        ensemble->diverged = core_alloc(replicas, sizeof(double));
        if (ensemble->parameters != NULL && ensemble->loss != NULL && ensemble->escape != NULL &&
            ensemble->diverged != NULL) {
            *out = ensemble;
            return CORE_OK;
        }
    }
    core_ensemble_free(ensemble);
    return core_fail(CORE_NO_MEMORY, "no memory for %zu replicas of %zu parameters at %zu recorded times (%.3g GiB)",
                     replicas, dimension, record_count, bytes / 0x1p30);
}

enum core_status core_ensemble_add_curve(struct core_ensemble *ensemble, size_t count) {
    ensemble->curve = core_alloc(count * ensemble->replicas, sizeof(double));
    if (ensemble->curve == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the loss at %zu times", count);
    ensemble->curve_count = count;
    return CORE_OK;
}

void core_ensemble_free(struct core_ensemble *ensemble) {
    if (ensemble == NULL) return;
    core_free(ensemble->parameters);
    core_free(ensemble->loss);
    core_free(ensemble->curve);
    core_free(ensemble->escape);
    core_free(ensemble->diverged);
    core_free(ensemble);
}
