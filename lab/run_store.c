/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/run_store.h"

#include "core/memory.h"
#include "core/store.h"
#include "lab/part.h"
#include "lab/plan.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

char *lab_fingerprint(const struct lab_scene *scene) {
    struct lab_provenance made = lab_provenance();
    size_t room = strlen(scene->study->effective) + strlen(made.version) + 64;
    char *text = core_alloc(room, 1);
    if (text == NULL) {
        core_fail(CORE_NO_MEMORY, "no memory for the study's fingerprint");
        return NULL;
    }
    snprintf(text, room, "# kramers %s, data and start %016llx\n%s", made.version, (unsigned long long)scene->digest,
             scene->study->effective);
    return text;
}

/* "/ensembles/NAME" with the name made safe; a name taken before gets its number. */
static enum core_status group_name(const struct lab_result *result, size_t index, char group[], size_t room) {
    char *safe = lab_safe_name(result->ensembles[index].name);
    if (safe == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a name");
    int taken = 0;
    for (size_t e = 0; e < index && !taken; e++) {
        char *other = lab_safe_name(result->ensembles[e].name);
        taken = other != NULL && strcmp(other, safe) == 0;
        core_free(other);
    }
    if (taken)
        snprintf(group, room, "/ensembles/%s-%zu", safe, index);
    else
        snprintf(group, room, "/ensembles/%s", safe);
    core_free(safe);
    return CORE_OK;
}

/* ---- Writing ---- */

static enum core_status write_provenance(struct core_store *store, const struct lab_result *result,
                                         const char *fingerprint) {
    struct lab_provenance made = lab_provenance();
    const char *const texts[][2] = {
        {"program", "kramers"},
        {"version", made.version},
        {"git_revision", made.git_revision},
        {"compiler", made.compiler},
        {"flags", made.flags},
        {"instruction_set", made.isa},
        {"study_file", result->study->path},
        {"name", result->study->name},
        {"study", fingerprint},
    };
    enum core_status status = CORE_OK;
    for (size_t i = 0; i < sizeof texts / sizeof *texts && status == CORE_OK; i++) {
        status = core_store_write_text(store, "/", texts[i][0], texts[i][1]);
    }
    if (status == CORE_OK) {
        char seed[32];
        snprintf(seed, sizeof seed, "%llu", (unsigned long long)result->study->seed);
        status = core_store_write_text(store, "/", "seed", seed);
    }
    if (status == CORE_OK) status = core_store_write_integer(store, "/", "threads", (int64_t)result->threads);
    if (status == CORE_OK) status = core_store_write_number(store, "/", "seconds", result->seconds);
    return status;
}

static enum core_status write_axes(struct core_store *store, const struct lab_scene *scene) {
    double *times = core_alloc(scene->record_count, sizeof *times);
    if (times == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the recorded times");
    for (size_t t = 0; t < scene->record_count; t++)
        times[t] = core_schedule_time(&scene->schedule, scene->record_steps[t]);
    enum core_status status = core_store_write(store, "/times", 1, &scene->record_count, times);
    if (status == CORE_OK) status = core_store_write(store, "/start", 1, &scene->land->dimension, scene->start);
    if (status == CORE_OK && scene->level_count > 0)
        status = core_store_write(store, "/levels", 1, &scene->level_count, scene->levels);
    core_free(times);
    return status;
}

static enum core_status write_ensemble(struct core_store *store, const struct lab_result *result, size_t index) {
    const struct lab_ensemble_result *ensemble = &result->ensembles[index];
    char group[512];
    enum core_status status = group_name(result, index, group, sizeof group);
    if (status == CORE_OK) status = core_store_write_text(store, group, "name", ensemble->name);
    if (status == CORE_OK) status = core_store_write_integer(store, group, "twin", ensemble->twin);
    if (status == CORE_OK) status = core_store_write_number(store, group, "temperature", ensemble->temperature);
    return status == CORE_OK ? lab_slots_write(store, group, ensemble->data, ensemble->replicas) : status;
}

enum core_status lab_run_write(const struct lab_result *result, const struct lab_scene *scene, const char *fingerprint,
                               const char *path) {
    struct core_store *store;
    enum core_status status = core_store_create(path, &store);
    if (status != CORE_OK) return status;
    status = write_provenance(store, result, fingerprint);
    if (status == CORE_OK) status = write_axes(store, scene);
    for (size_t e = 0; e < result->ensemble_count && status == CORE_OK; e++) status = write_ensemble(store, result, e);
    if (status == CORE_OK) status = core_store_write_integer(store, "/", "ensembles", (int64_t)result->ensemble_count);
    if (status == CORE_OK) return core_store_commit(&store);
    core_store_close(store);
    return status;
}

/* ---- Reading ---- */

static enum core_status read_ensembles(struct core_store *store, const struct lab_scene *scene,
                                       const struct lab_plan *plan, struct lab_result *result) {
    result->ensembles = core_alloc(plan->count, sizeof *result->ensembles);
    if (result->ensembles == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the results");
    for (size_t e = 0; e < plan->count; e++) {
        const struct lab_planned *entry = &plan->entries[e];
        struct lab_ensemble_result *out = &result->ensembles[result->ensemble_count++];
        char group[512];
        size_t done = 0;
        *out = (struct lab_ensemble_result){
            .twin = entry->twin, .replicas = entry->replicas, .temperature = entry->temperature};
        out->name = core_copy_text(entry->name);
        if (out->name == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the results");
        enum core_status status = core_ensemble_create(entry->replicas, scene->land->dimension, scene->record_count,
                                                       scene->level_count, &out->data);
        if (status == CORE_OK) status = core_ensemble_add_curve(out->data, scene->curve_count);
        if (status == CORE_OK) status = group_name(result, e, group, sizeof group);
        if (status == CORE_OK) status = lab_slots_read(store, group, out->data, &done);
        if (status != CORE_OK) return status;
        for (size_t r = 0; r < entry->replicas; r++) out->diverged += out->data->diverged[r] < HUGE_VAL;
    }
    return CORE_OK;
}

enum core_status lab_run_read(const char *path, const char *fingerprint, const struct lab_scene *scene,
                              const struct lab_plan *plan, struct lab_result *result, enum lab_run_found *found) {
    struct core_store *store;
    char *study = NULL;
    *found = LAB_RUN_NONE;
    if (access(path, F_OK) != 0) return CORE_OK;
    enum core_status status = core_store_open(path, &store);
    if (status != CORE_OK) return status;
    status = core_store_read_text(store, "/", "study", &study);
    if (status == CORE_OK && strcmp(study, fingerprint) != 0) {
        *found = LAB_RUN_OTHER;
    } else if (status == CORE_OK) {
        *found = LAB_RUN_SAME;
        status = read_ensembles(store, scene, plan, result);
    }
    core_free(study);
    core_store_close(store);
    return status;
}
