/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The data of a network: two files, columns of one table, or made by the laboratory. */
#include "lab/scene.h"

#include "core/memory.h"
#include "core/random.h"
#include "core/table.h"
#include "dln/dln.h"

#include <string.h>

#define DATA "landscape.network.data"

static enum core_status read_table(const struct lab_study *study, const char *file, struct core_table *table) {
    char *path = lab_study_path(study, file);
    if (path == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a path");
    enum core_status status = core_table_read(path, table);
    core_free(path);
    return status;
}

static enum core_status from_files(const struct lab_study *study, struct dln_data *data) {
    const struct lab_data *keys = study->landscape->network->data;
    struct core_table x = {0, 0, NULL, NULL}, y = {0, 0, NULL, NULL};
    enum core_status status = read_table(study, keys->inputs->file, &x);
    if (status == CORE_OK) status = read_table(study, keys->targets->file, &y);
    if (status == CORE_OK && x.rows != y.rows) {
        status = lab_study_blame(study, CORE_BAD_INPUT, DATA ".targets.file",
                                 "found %zu rows, but the inputs have %zu; one row a sample in both", y.rows, x.rows);
    }
    if (status == CORE_OK) {
        *data = (struct dln_data){x.rows, x.columns, y.columns, x.values, y.values};
        x.values = y.values = NULL;
    }
    core_table_free(&x);
    core_table_free(&y);
    return status;
}

/* out (rows, count) = the chosen columns. */
static enum core_status pick(const struct lab_study *study, const char *key, const struct core_table *table,
                             size_t count, const unsigned columns[], double **out) {
    *out = core_alloc(table->rows * count, sizeof **out);
    if (*out == NULL) return core_fail(CORE_NO_MEMORY, "no memory for %zu rows of data", table->rows);
    for (size_t c = 0; c < count; c++) {
        if (columns[c] >= table->columns) {
            return lab_study_blame(study, CORE_BAD_INPUT, key, "found column %u, but the table has columns 0 to %zu",
                                   columns[c], table->columns - 1);
        }
        for (size_t r = 0; r < table->rows; r++) (*out)[r * count + c] = table->values[r * table->columns + columns[c]];
    }
    return CORE_OK;
}

static enum core_status from_table(const struct lab_study *study, struct dln_data *data) {
    const struct lab_data_table *keys = study->landscape->network->data->table;
    struct core_table table = {0, 0, NULL, NULL};
    enum core_status status = read_table(study, keys->file, &table);
    if (status == CORE_OK) {
        *data = (struct dln_data){table.rows, keys->inputs_count, keys->targets_count, NULL, NULL};
        status = pick(study, DATA ".table.inputs", &table, keys->inputs_count, keys->inputs, &data->x);
    }
    if (status == CORE_OK) {
        status = pick(study, DATA ".table.targets", &table, keys->targets_count, keys->targets, &data->y);
    }
    if (status == CORE_OK && keys->standardise) {
        status = core_context(dln_data_standardise(data->samples, data->inputs, data->x), "%s", keys->file);
    }
    core_table_free(&table);
    return status;
}

static struct dln_data_settings generated_settings(const struct lab_study *study) {
    const struct lab_network *network = study->landscape->network;
    const struct lab_data *keys = network->data;
    const struct lab_law *inputs = keys->inputs;
    return (struct dln_data_settings){
        .samples = keys->samples,
        .inputs = network->widths[0],
        .outputs = network->widths[network->widths_count - 1],
        .law = inputs->law != NULL && strcmp(inputs->law, "student-t") == 0 ? DLN_INPUT_STUDENT_T : DLN_INPUT_GAUSSIAN,
        .dof = inputs->dof,
        .whiten = inputs->whiten,
        .covariance_count = inputs->covariance_count,
        .covariance = inputs->covariance,
        .singular_count = keys->teacher != NULL ? keys->teacher->singular_values_count : 0,
        .singular_values = keys->teacher != NULL ? keys->teacher->singular_values : NULL,
        .label_noise = keys->label_noise,
    };
}

static enum core_status generated(const struct lab_study *study, struct dln_data *data) {
    struct dln_data_settings settings = generated_settings(study);
    return dln_data_generate(&settings, core_seed(study->seed, "data"), data);
}

enum core_status lab_scene_source(const struct lab_study *study, struct dln_source **source) {
    struct dln_data_settings settings = generated_settings(study);
    return dln_source_create(&settings, core_seed(study->seed, "data"), source);
}

enum core_status lab_scene_data(const struct lab_study *study, struct dln_data *data) {
    const struct lab_data *keys = study->landscape->network->data;
    *data = (struct dln_data){0, 0, 0, NULL, NULL};
    enum core_status status = keys->table != NULL          ? from_table(study, data)
                              : keys->inputs->file != NULL ? from_files(study, data)
                                                           : generated(study, data);
    if (status != CORE_OK) dln_data_free(data);
    return status;
}
