/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/execute.h"

#include "core/memory.h"
#include "core/parallel.h"
#include "core/seconds.h"
#include "lab/part.h"

static const double SAVE_EVERY = 10; /* seconds of work that a kill may cost */

static void tell(void *context, double done) {
    const struct lab_progress_share *share = context;
    lab_progress_add(share->progress, share->weight * done - share->told);
    ((struct lab_progress_share *)context)->told = share->weight * done;
}

/* The replicas of one piece: small enough that saving now and then is possible, big enough to keep the threads busy. */
static size_t piece_size(const struct lab_execution *execution) {
    return 64 * CORE_LANES * execution->threads;
}

/* Runs the replicas from `done` on; saves what is finished when SAVE_EVERY has passed, at the end, and when
 * interrupted. */
static enum core_status run_rest(const struct lab_execution *execution, size_t index, struct core_ensemble *data,
                                 size_t done) {
    const struct lab_planned *entry = &execution->plan->entries[index];
    struct core_ensemble_settings settings = lab_ensemble_settings(execution->scene, execution->threads);
    double saved_at = core_seconds();
    size_t saved = done;
    enum core_status status = CORE_OK, saving = CORE_OK;
    while (done < entry->replicas && status == CORE_OK) {
        struct lab_progress_share share = {execution->progress, (double)entry->substeps, 0};
        settings.first_replica = done;
        settings.replicas =
            entry->replicas - done < piece_size(execution) ? entry->replicas - done : piece_size(execution);
        settings.progress = execution->progress != NULL ? tell : NULL;
        settings.progress_context = &share;
        status = core_ensemble_run(entry->stepper, &settings, data, done);
        if (status != CORE_OK) break;
        done += settings.replicas;
        if (execution->directory == NULL || (done < entry->replicas && core_seconds() - saved_at < SAVE_EVERY))
            continue;
        status = lab_part_save(execution->directory, index, execution->fingerprint, data, done);
        saved = done;
        saved_at = core_seconds();
    }
    if (status == CORE_INTERRUPTED && execution->directory != NULL && done > saved) {
        saving = lab_part_save(execution->directory, index, execution->fingerprint, data, done);
        if (saving == CORE_OK) core_fail(CORE_INTERRUPTED, "interrupted");
    }
    return saving != CORE_OK ? saving : status;
}

static enum core_status run_one(const struct lab_execution *execution, size_t index, struct lab_ensemble_result *out) {
    const struct lab_planned *entry = &execution->plan->entries[index];
    const struct lab_scene *scene = execution->scene;
    size_t done = 0;
    out->name = core_copy_text(entry->name);
    out->twin = entry->twin;
    out->replicas = entry->replicas;
    out->temperature = entry->temperature;
    if (out->name == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the results");
    enum core_status status = core_ensemble_create(entry->replicas, scene->land->dimension, scene->record_count,
                                                   scene->level_count, &out->data);
    if (status == CORE_OK) status = core_ensemble_add_curve(out->data, scene->curve_count);
    if (status != CORE_OK) return status;
    if (execution->directory != NULL && execution->resume) {
        status = lab_part_load(execution->directory, index, execution->fingerprint, out->data, &done);
    }
    if (status != CORE_OK) return status;
    lab_progress_name(execution->progress, entry->name);
    lab_progress_add(execution->progress, (double)(done * scene->steps * entry->substeps));
    status = run_rest(execution, index, out->data, done);
    for (size_t r = 0; r < entry->replicas && status == CORE_OK; r++)
        out->diverged += out->data->diverged[r] < HUGE_VAL;
    return core_context(status, "ensemble '%s'", entry->name);
}

enum core_status lab_execute(const struct lab_execution *execution, struct lab_result *result) {
    const struct lab_plan *plan = execution->plan;
    double bytes = lab_plan_bytes(execution->scene, plan), available = (double)core_memory_available();
    if (available > 0 && bytes > 0.8 * available) {
        return core_fail(CORE_NO_MEMORY,
                         "the study's ensembles take %.3g GiB and this machine has %.3g GiB to give; "
                         "lower replicas, or record fewer times",
                         bytes / 0x1p30, available / 0x1p30);
    }
    result->ensembles = core_alloc(plan->count, sizeof *result->ensembles);
    if (result->ensembles == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the results");
    result->ensemble_count = plan->count;
    enum core_status status = CORE_OK;
    for (size_t i = 0; i < plan->count && status == CORE_OK; i++) status = run_one(execution, i, &result->ensembles[i]);
    return status;
}
