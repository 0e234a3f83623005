/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/sample_file.h"

#include "core/memory.h"
#include "core/store.h"
#include "core/table.h"
#include "lab/verbs.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* Where FILE of FILE.h5:DATASET ends, or NULL where `name` has no such form. */
static const char *find_colon(const char *name) {
    static const char *const endings[] = {".h5:", ".hdf5:"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        const char *at = strstr(name, endings[i]);
        if (at != NULL) return at + strlen(endings[i]) - 1;
    }
    return NULL;
}

/* An entry of the first axis: the last, or the one that @K says. Takes that part of values to the front. */
static enum core_status take_record(const char *name, const char *wanted, size_t rank, const size_t shape[4],
                                    struct lab_sample_file *sample) {
    sample->record = SIZE_MAX;
    if (wanted == NULL && rank < 3) {
        sample->rows = rank > 0 ? shape[0] : 1;
        sample->columns = rank > 1 ? shape[1] : 1;
        return CORE_OK;
    }
    if (rank < 2 || rank > 3) {
        return core_fail(CORE_BAD_INPUT, "%s: the dataset has %zu axes; expected %s", name, rank,
                         wanted != NULL ? "2 or 3 to take a record of" : "1, 2 or 3");
    }
    if (shape[0] == 0) return core_fail(CORE_BAD_INPUT, "%s: the dataset is empty", name);
    uint64_t record = shape[0] - 1;
    if (wanted != NULL) {
        enum core_status status = lab_read_whole(name, wanted, 0, shape[0] - 1, &record);
        if (status != CORE_OK) return status;
    }
    sample->record = (size_t)record;
    sample->rows = shape[1];
    sample->columns = rank == 3 ? shape[2] : 1;
    size_t size = sample->rows * sample->columns;
    memmove(sample->values, sample->values + sample->record * size, size * sizeof(double));
    return CORE_OK;
}

static enum core_status read_dataset(const char *name, const char *path, const char *dataset, const char *wanted,
                                     struct lab_sample_file *sample) {
    struct core_store *store;
    size_t rank = 0, shape[4] = {0};
    enum core_status status = core_store_open(path, &store);
    if (status != CORE_OK) return status;
    if (core_store_has(store, dataset)) {
        status = core_store_read(store, dataset, &rank, shape, &sample->values);
    } else {
        status =
            core_fail(CORE_BAD_INPUT, "'%s' has no dataset '%s'; 'kramers info %s' lists them", path, dataset, path);
    }
    if (status == CORE_OK) status = take_record(name, wanted, rank, shape, sample);
    core_store_close(store);
    return status;
}

/* Cuts FILE:DATASET@K in its parts. */
static enum core_status read_store(const char *name, const char *colon, struct lab_sample_file *sample) {
    char *path = core_copy_text(name), *dataset = core_copy_text(colon[1] == '/' ? colon + 1 : colon);
    if (path == NULL || dataset == NULL) {
        core_free(path);
        core_free(dataset);
        return core_fail(CORE_NO_MEMORY, "no memory for a name");
    }
    path[colon - name] = '\0';
    dataset[0] = '/';
    char *wanted = strrchr(dataset, '@');
    if (wanted != NULL) *wanted++ = '\0';
    enum core_status status = read_dataset(name, path, dataset, wanted, sample);
    core_free(path);
    core_free(dataset);
    return status;
}

static enum core_status read_table(const char *name, struct lab_sample_file *sample) {
    struct core_table table = {0};
    enum core_status status = core_table_read(name, &table);
    if (status != CORE_OK) return status;
    sample->rows = table.rows;
    sample->columns = table.columns;
    sample->values = table.values;
    sample->record = SIZE_MAX;
    table.values = NULL;
    core_table_free(&table);
    return CORE_OK;
}

/* Moves the finite rows to the front. */
static void drop_unfinished(struct lab_sample_file *sample) {
    size_t kept = 0, columns = sample->columns;
    for (size_t i = 0; i < sample->rows; i++) {
        int finite = 1;
        for (size_t k = 0; k < columns; k++) finite &= isfinite(sample->values[i * columns + k]) != 0;
        if (!finite) continue;
        memmove(sample->values + kept * columns, sample->values + i * columns, columns * sizeof(double));
        kept++;
    }
    sample->dropped = sample->rows - kept;
    sample->rows = kept;
}

enum core_status lab_sample_file_read(const char *name, struct lab_sample_file *sample) {
    const char *colon = find_colon(name);
    *sample = (struct lab_sample_file){0};
    enum core_status status = colon != NULL ? read_store(name, colon, sample) : read_table(name, sample);
    if (status == CORE_OK) {
        drop_unfinished(sample);
        if (sample->rows > 0 && sample->columns > 0) return CORE_OK;
        status = core_fail(CORE_BAD_INPUT, "%s: no row is left of %zu with all entries finite", name, sample->dropped);
    }
    core_free(sample->values);
    sample->values = NULL;
    return status;
}
