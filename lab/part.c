/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/part.h"

#include "core/memory.h"
#include "core/table.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- Slots ---- */

/* One dataset of an ensemble: outer * replicas * inner doubles. */
struct slot {
    const char *name;
    size_t outer, inner;
    double *values;
    size_t rank, shape[3]; /* with 0 in the place of the number of replicas */
};

enum { SLOTS = 5 };

static void slots_of(const struct core_ensemble *e, struct slot slots[SLOTS]) {
    slots[0] = (struct slot){
        "parameters", e->record_count, e->dimension, e->parameters, 3, {e->record_count, 0, e->dimension}};
    slots[1] = (struct slot){"loss", e->record_count, 1, e->loss, 2, {e->record_count, 0, 0}};
    slots[2] = (struct slot){"escape", e->level_count, 1, e->escape, 2, {e->level_count, 0, 0}};
    slots[4] = (struct slot){"curve", e->curve_count, 1, e->curve, 2, {e->curve_count, 0, 0}};
    slots[3] = (struct slot){"diverged", 1, 1, e->diverged, 1, {0, 0, 0}};
}

/* Copies the first `done` replicas between the ensemble's slot and a dense array. */
static void copy(const struct slot *slot, size_t replicas, size_t done, double *dense, int to_dense) {
    size_t row = done * slot->inner * sizeof(double);
    for (size_t o = 0; o < slot->outer; o++) {
        double *place = slot->values + o * replicas * slot->inner, *other = dense + o * done * slot->inner;
        memcpy(to_dense ? other : place, to_dense ? place : other, row);
    }
}

static enum core_status write_slot(struct core_store *store, const char *group, const struct slot *slot,
                                   size_t replicas, size_t done) {
    char name[512];
    size_t shape[3], count = slot->outer * done * slot->inner;
    if (count == 0) return CORE_OK;
    snprintf(name, sizeof name, "%s/%s", group, slot->name);
    for (size_t a = 0; a < slot->rank; a++) shape[a] = slot->shape[a];
    shape[slot->rank == 1 ? 0 : 1] = done;
    if (done == replicas) return core_store_write(store, name, slot->rank, shape, slot->values);
    double *dense = core_alloc(count, sizeof *dense);
    if (dense == NULL) return core_fail(CORE_NO_MEMORY, "no memory to save %zu replicas", done);
    copy(slot, replicas, done, dense, 1);
    enum core_status status = core_store_write(store, name, slot->rank, shape, dense);
    core_free(dense);
    return status;
}

enum core_status lab_slots_write(struct core_store *store, const char *group, const struct core_ensemble *ensemble,
                                 size_t done) {
    struct slot slots[SLOTS];
    slots_of(ensemble, slots);
    enum core_status status = CORE_OK;
    for (size_t s = 0; s < SLOTS && status == CORE_OK; s++)
        status = write_slot(store, group, &slots[s], ensemble->replicas, done);
    const char *object = *group ? group : "/";
    if (status == CORE_OK) status = core_store_write_number(store, object, "seconds", ensemble->seconds);
    if (status == CORE_OK) status = core_store_write_number(store, object, "steps", ensemble->steps);
    if (status == CORE_OK) status = core_store_write_integer(store, object, "replicas", (int64_t)done);
    return status;
}

static enum core_status read_slot(struct core_store *store, const char *group, const struct slot *slot, size_t replicas,
                                  size_t done) {
    char name[512];
    size_t rank, shape[4], count = 1;
    double *dense;
    if (slot->outer * done * slot->inner == 0) return CORE_OK;
    snprintf(name, sizeof name, "%s/%s", group, slot->name);
    enum core_status status = core_store_read(store, name, &rank, shape, &dense);
    if (status != CORE_OK) return status;
    for (size_t a = 0; a < rank; a++) count *= shape[a];
    if (count == slot->outer * done * slot->inner)
        copy(slot, replicas, done, dense, 0);
    else
        status = core_fail(CORE_BAD_INPUT, "dataset '%s' holds %zu numbers, not the %zu of this study", name, count,
                           slot->outer * done * slot->inner);
    core_free(dense);
    return status;
}

enum core_status lab_slots_read(struct core_store *store, const char *group, struct core_ensemble *ensemble,
                                size_t *done) {
    const char *object = *group ? group : "/";
    int64_t replicas = 0;
    *done = 0;
    enum core_status status = core_store_read_integer(store, object, "replicas", &replicas);
    if (status != CORE_OK) return status;
    if (replicas < 0 || (size_t)replicas > ensemble->replicas) {
        return core_fail(CORE_BAD_INPUT, "found %lld replicas, expected at most %zu", (long long)replicas,
                         ensemble->replicas);
    }
    struct slot slots[SLOTS];
    slots_of(ensemble, slots);
    for (size_t s = 0; s < SLOTS && status == CORE_OK; s++)
        status = read_slot(store, group, &slots[s], ensemble->replicas, (size_t)replicas);
    if (status == CORE_OK) status = core_store_read_number(store, object, "seconds", &ensemble->seconds);
    if (status == CORE_OK) status = core_store_read_number(store, object, "steps", &ensemble->steps);
    if (status == CORE_OK) *done = (size_t)replicas;
    return status;
}

/* ---- Parts ---- */

static void part_path(const char *directory, size_t index, char path[], size_t room) {
    snprintf(path, room, "%s/parts/%03zu.h5", directory, index);
}

enum core_status lab_part_save(const char *directory, size_t index, const char *fingerprint,
                               const struct core_ensemble *ensemble, size_t done) {
    char path[4096];
    snprintf(path, sizeof path, "%s/parts", directory);
    enum core_status status = core_make_directory(path);
    if (status != CORE_OK) return status;
    part_path(directory, index, path, sizeof path);
    struct core_store *store;
    status = core_store_create(path, &store);
    if (status != CORE_OK) return status;
    status = core_store_write_text(store, "/", "study", fingerprint);
    if (status == CORE_OK) status = lab_slots_write(store, "", ensemble, done);
    if (status == CORE_OK) return core_store_commit(&store);
    core_store_close(store);
    return status;
}

enum core_status lab_part_load(const char *directory, size_t index, const char *fingerprint,
                               struct core_ensemble *ensemble, size_t *done) {
    char path[4096], *study = NULL;
    *done = 0;
    part_path(directory, index, path, sizeof path);
    if (access(path, F_OK) != 0) return CORE_OK;
    struct core_store *store;
    enum core_status status = core_store_open(path, &store);
    if (status != CORE_OK) return status;
    status = core_store_read_text(store, "/", "study", &study);
    if (status == CORE_OK && strcmp(study, fingerprint) != 0) {
        status = core_fail(CORE_BAD_INPUT,
                           "'%s' holds an unfinished run of another version of this study; run without --resume, or "
                           "into another directory (-o)",
                           directory);
    }
    if (status == CORE_OK) status = lab_slots_read(store, "", ensemble, done);
    core_free(study);
    core_store_close(store);
    return status;
}

int lab_parts_exist(const char *directory) {
    char path[4096];
    snprintf(path, sizeof path, "%s/parts", directory);
    return access(path, F_OK) == 0;
}

void lab_parts_remove(const char *directory) {
    char path[4096], file[4600];
    snprintf(path, sizeof path, "%s/parts", directory);
    DIR *entries = opendir(path);
    if (entries == NULL) return;
    for (const struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
        const char *end = strrchr(entry->d_name, '.');
        if (end == NULL || (strcmp(end, ".h5") != 0 && strcmp(end, ".part") != 0)) continue;
        snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
        unlink(file);
    }
    closedir(entries);
    rmdir(path);
}
