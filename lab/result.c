/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/result.h"

#include "core/memory.h"

static void free_times(struct lab_ensemble_result *ensemble) {
    for (size_t t = 0; ensemble->times && t < ensemble->time_count; t++) {
        core_free(ensemble->times[t].singular_values);
        core_free(ensemble->times[t].singular_quantiles);
        core_free(ensemble->times[t].parameters_mean);
    }
    core_free(ensemble->times);
    core_free(ensemble->curve);
}

void lab_result_free(struct lab_result *result) {
    if (result == NULL) return;
    for (size_t e = 0; result->ensembles && e < result->ensemble_count; e++) {
        struct lab_ensemble_result *ensemble = &result->ensembles[e];
        core_free(ensemble->name);
        core_ensemble_free(ensemble->data);
        core_free(ensemble->escape);
        free_times(ensemble);
    }
    core_free(result->ensembles);
    core_free(result->levels);
    core_free(result->distances);
    core_free(result->verdicts);
    for (size_t w = 0; result->warnings && w < result->warning_count; w++) core_free(result->warnings[w]);
    core_free(result->warnings);
    core_free(result);
}
