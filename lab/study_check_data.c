/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/study_check.h"

#include <stddef.h>

/* A network's data come in exactly one of three ways: columns of one table, two files, or made by the laboratory. */

enum { COLUMNS_MAX = 10000 };

#define DATA "landscape.network.data"

static unsigned smaller(unsigned a, unsigned b) {
    return a < b ? a : b;
}

/* ---- One table ---- */

static enum core_status check_columns(const struct lab_study *study, const char *key, unsigned count,
                                      const unsigned columns[], unsigned width, const char *which) {
    if (count != width) {
        return lab_study_blame(study, CORE_BAD_INPUT, key, "found %u columns, expected %u, the %s of widths", count,
                               width, which);
    }
    if (count > COLUMNS_MAX) {
        return lab_study_blame(study, CORE_BAD_INPUT, key, "found %u columns, expected at most %d", count, COLUMNS_MAX);
    }
    for (unsigned i = 1; i < count; i++) {
        for (unsigned j = 0; j < i; j++) {
            if (columns[i] != columns[j]) continue;
            return lab_study_blame(study, CORE_BAD_INPUT, key, "found column %u twice, expected different columns",
                                   columns[i]);
        }
    }
    return CORE_OK;
}

static enum core_status check_table(const struct lab_study *study, const struct lab_network *network) {
    const struct lab_data_table *table = network->data->table;
    enum core_status status =
        check_columns(study, DATA ".table.inputs", table->inputs_count, table->inputs, network->widths[0], "first");
    if (status == CORE_OK) {
        status = check_columns(study, DATA ".table.targets", table->targets_count, table->targets,
                               network->widths[network->widths_count - 1], "last");
    }
    return status == CORE_OK ? lab_check_file(study, DATA ".table.file", table->file) : status;
}

/* ---- Two files ---- */

static enum core_status check_files(const struct lab_study *study, const struct lab_data *data) {
    enum core_status status = lab_check_file(study, DATA ".inputs.file", data->inputs->file);
    return status == CORE_OK ? lab_check_file(study, DATA ".targets.file", data->targets->file) : status;
}

/* ---- Generated ---- */

static enum core_status check_inputs(const struct lab_study *study, const struct lab_law *law, unsigned samples,
                                     unsigned width) {
    if (law->whiten && law->covariance != NULL) {
        return lab_study_blame(study, CORE_BAD_INPUT, DATA ".inputs.covariance",
                               "found beside whiten: true; allowed: one of the two");
    }
    if (law->whiten && samples < width) {
        return lab_study_blame(study, CORE_BAD_INPUT, DATA ".samples",
                               "found %u, expected >= %u: fewer samples than inputs cannot be whitened", samples,
                               width);
    }
    if (law->covariance != NULL && law->covariance_count != width) {
        return lab_study_blame(study, CORE_BAD_INPUT, DATA ".inputs.covariance",
                               "found %u numbers, expected %u, one per input", law->covariance_count, width);
    }
    return CORE_OK;
}

static enum core_status check_generated(const struct lab_study *study, const struct lab_network *network) {
    const struct lab_data *data = network->data;
    unsigned first = network->widths[0], last = network->widths[network->widths_count - 1];
    if (data->samples == 0) {
        return lab_study_blame(study, CORE_BAD_INPUT, DATA ".samples", "missing; expected a whole number >= 1");
    }
    if (data->teacher == NULL) {
        return lab_study_blame(study, CORE_BAD_INPUT, DATA ".teacher", "missing; expected {singular_values: [...]}");
    }
    if (data->teacher->singular_values_count > smaller(first, last)) {
        return lab_study_blame(study, CORE_BAD_INPUT, DATA ".teacher.singular_values",
                               "found %u numbers, expected at most %u, the smaller of the first and last widths",
                               data->teacher->singular_values_count, smaller(first, last));
    }
    return check_inputs(study, data->inputs, data->samples, first);
}

/* ---- Which way ---- */

static enum core_status check_law_or_file(const struct lab_study *study, const struct lab_law *inputs) {
    if ((inputs->file == NULL) != (inputs->law == NULL)) return CORE_OK;
    return lab_study_blame(study, CORE_BAD_INPUT, DATA ".inputs", "found %s of law and file; allowed: exactly one",
                           inputs->file == NULL ? "none" : "both");
}

/* One key that has no place beside another. */
static enum core_status check_stray(const struct lab_study *study, const char *key, int given, const char *beside) {
    if (!given) return CORE_OK;
    return lab_study_blame(study, CORE_BAD_INPUT, key,
                           "found beside %s; allowed: one of {table}, {inputs: {file}, targets: {file}} and "
                           "{samples, inputs: {law}, teacher}",
                           beside);
}

enum core_status lab_check_data(const struct lab_study *study, const struct lab_network *network) {
    const struct lab_data *data = network->data;
    if (data->table == NULL && data->inputs == NULL) {
        return lab_study_blame(study, CORE_BAD_INPUT, DATA,
                               "found no data; expected one of {table}, {inputs: {file}, targets: {file}} and "
                               "{samples, inputs: {law}, teacher}");
    }
    enum core_status status = CORE_OK;
    int from_files = 0;
    if (data->table != NULL) {
        status = check_stray(study, DATA ".inputs", data->inputs != NULL, "table");
    } else {
        status = check_law_or_file(study, data->inputs);
        from_files = data->inputs->file != NULL;
    }
    const char *beside = data->table != NULL ? "table" : from_files ? "inputs from a file" : "generated inputs";
    int generated = data->table == NULL && !from_files;
    if (status == CORE_OK) status = check_stray(study, DATA ".targets", data->targets != NULL && !from_files, beside);
    if (status == CORE_OK) status = check_stray(study, DATA ".samples", data->samples > 0 && !generated, beside);
    if (status == CORE_OK) status = check_stray(study, DATA ".teacher", data->teacher != NULL && !generated, beside);
    if (status == CORE_OK)
        status = check_stray(study, DATA ".label_noise", data->label_noise > 0 && !generated, beside);
    if (status != CORE_OK) return status;
    if (data->table != NULL) return check_table(study, network);
    if (generated) return check_generated(study, network);
    if (data->targets != NULL) return check_files(study, data);
    return lab_study_blame(study, CORE_BAD_INPUT, DATA ".targets",
                           "missing; expected {file: ...} beside inputs from a file");
}
