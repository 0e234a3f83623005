/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/study_check.h"

#include "core/memory.h"
#include "lab/study_schema.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* What no single key of a study can know, on the structs that libcyaml filled: here the run, the clocks and the
 * comparison; landscapes, data and models have files of their own. */

enum core_status lab_check_file(const struct lab_study *study, const char *key, const char *file) {
    if (file == NULL) return CORE_OK;
    char *path = lab_study_path(study, file);
    if (path == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the study");
    struct stat info;
    enum core_status status = CORE_OK;
    FILE *stream = fopen(path, "rb");
    if (stream == NULL) {
        status = lab_study_blame(study, CORE_BAD_INPUT, key, "cannot read '%s' (%s): %s; expected a readable file",
                                 file, path, strerror(errno));
    } else if (fstat(fileno(stream), &info) == 0 && S_ISDIR(info.st_mode)) {
        status = lab_study_blame(study, CORE_BAD_INPUT, key, "found the directory '%s', expected a file", file);
    }
    if (stream != NULL) fclose(stream);
    core_free(path);
    return status;
}

/* ---- Names ---- */

/* A table has no file for a name this long. */
static enum core_status check_name(const struct lab_study *study) {
    if (strlen(study->name) <= 200) return CORE_OK;
    return lab_study_blame(study, CORE_BAD_INPUT, "name", "found %zu bytes, expected at most 200", strlen(study->name));
}

/* ---- The run ---- */

/* Fresh samples need the law they come from, and a variance where they are to have variance 1. */
static enum core_status check_online(const struct lab_study *study) {
    const struct lab_data *data = study->landscape->network->data;
    if (data->teacher == NULL || data->inputs == NULL || data->inputs->law == NULL) {
        return lab_study_blame(study, CORE_BAD_INPUT, "sgd.sampling",
                               "found 'online', which needs the law of generated data: landscape.network.data: "
                               "{samples, inputs: {law}, teacher}");
    }
    if (!data->inputs->whiten || strcmp(data->inputs->law, "student-t") != 0 || data->inputs->dof > 2) return CORE_OK;
    return lab_study_blame(study, CORE_BAD_INPUT, "landscape.network.data.inputs.whiten",
                           "found true with sgd.sampling: online and dof: %g; allowed: dof > 2, below which fresh "
                           "samples have no variance to make 1",
                           data->inputs->dof);
}

/* Batches that are subsets cannot be larger than the data. */
static enum core_status check_batch(const struct lab_study *study) {
    const struct lab_network *network = study->landscape->network;
    unsigned samples = network->data->samples;
    if (strcmp(study->sgd->sampling, "with-replacement") == 0) return CORE_OK;
    if (strcmp(study->sgd->sampling, "online") == 0) return check_online(study);
    if (samples == 0 || study->sgd->batch <= samples) return CORE_OK;
    return lab_study_blame(study, CORE_BAD_INPUT, "sgd.batch",
                           "found %u, expected at most the %u samples, or sampling: with-replacement",
                           study->sgd->batch, samples);
}

static enum core_status check_run(const struct lab_study *study) {
    if (study->sgd != NULL && study->landscape->network == NULL) {
        return lab_study_blame(study, CORE_BAD_INPUT, "sgd",
                               "SGD needs landscape.network; found a potential, whose models take sde: {rate, steps}");
    }
    if (study->sgd != NULL && study->sde != NULL) {
        return lab_study_blame(study, CORE_BAD_INPUT, "sde",
                               "found both sgd and sde; allowed: one, since models take their run from sgd");
    }
    return study->sgd == NULL ? CORE_OK : check_batch(study);
}

/* ---- Record ---- */

static enum core_status check_record(const struct lab_study *study) {
    if (study->record == NULL) return CORE_OK;
    if (study->sgd == NULL && study->sde == NULL) {
        return lab_study_blame(study, CORE_BAD_INPUT, "record", "nothing runs; expected sgd or sde beside it");
    }
    struct core_schedule schedule = study->sgd != NULL ? lab_schedule(study->sgd->rate, study->sgd->schedule)
                                                       : lab_schedule(study->sde->rate, study->sde->schedule);
    unsigned steps = study->sgd != NULL ? study->sgd->steps : study->sde->steps;
    double end = core_schedule_time(&schedule, steps);
    for (unsigned i = 0; i < study->record_count; i++) {
        char key[32];
        snprintf(key, sizeof key, "record[%u]", i);
        if (study->record[i] > end * (1 + 1e-9)) {
            return lab_study_blame(study, CORE_BAD_INPUT, key,
                                   "found %.10g, expected at most %.10g, the end of the run (%u steps)",
                                   study->record[i], end, steps);
        }
        if (i > 0 && study->record[i] <= study->record[i - 1]) {
            return lab_study_blame(study, CORE_BAD_INPUT, key, "found %.10g after %.10g, expected ascending times",
                                   study->record[i], study->record[i - 1]);
        }
    }
    return CORE_OK;
}

/* ---- Escape and comparison ---- */

static enum core_status check_escape(const struct lab_study *study) {
    const struct lab_escape *escape = study->escape;
    if (escape == NULL) return CORE_OK;
    if (escape->levels == NULL) {
        if (study->landscape->network != NULL) return CORE_OK;
        return lab_study_blame(study, CORE_BAD_INPUT, "escape.levels",
                               "found auto, which needs landscape.network; expected a list of losses");
    }
    for (unsigned i = 1; i < escape->levels_count; i++) { /* sorted by now */
        if (escape->levels[i] < escape->levels[i - 1]) continue;
        return lab_study_blame(study, CORE_BAD_INPUT, "escape.levels", "found %.17g twice, expected different levels",
                               escape->levels[i]);
    }
    return CORE_OK;
}

static enum core_status check_distinct(const struct lab_study *study, const char *key, unsigned count,
                                       char *const words[]) {
    for (unsigned i = 1; i < count; i++) {
        for (unsigned j = 0; j < i; j++) {
            if (strcmp(words[i], words[j]) != 0) continue;
            char path[64];
            snprintf(path, sizeof path, "%s[%u]", key, i);
            return lab_study_blame(study, CORE_BAD_INPUT, path, "found '%s' twice, expected different words", words[i]);
        }
    }
    return CORE_OK;
}

static enum core_status check_compare(const struct lab_study *study) {
    const struct lab_compare *compare = study->compare;
    if (compare == NULL) return CORE_OK;
    if (study->sgd == NULL) {
        return lab_study_blame(study, CORE_BAD_INPUT, "compare", "nothing to compare with; expected sgd beside it");
    }
    if (study->sgd->twins == 0) {
        return lab_study_blame(study, CORE_BAD_INPUT, "sgd.twins",
                               "found 0, expected >= 1: the null of compare is made from independent SGD ensembles");
    }
    enum core_status status =
        check_distinct(study, "compare.observables", compare->observables_count, compare->observables);
    if (status != CORE_OK) return status;
    return check_distinct(study, "compare.metrics", compare->metrics_count, compare->metrics);
}

/* ---- The learning coefficient ---- */

static enum core_status check_llc(const struct lab_study *study) {
    const struct lab_llc_keys *llc = study->llc;
    if (llc == NULL || study->landscape->network != NULL) return CORE_OK;
    if (strcmp(llc->sampler, "gibbs") == 0) {
        return lab_study_blame(study, CORE_BAD_INPUT, "llc.sampler",
                               "found 'gibbs', which needs landscape.network; allowed: mala, sgld");
    }
    if (llc->nbeta > 0) return CORE_OK;
    return lab_study_blame(study, CORE_BAD_INPUT, "llc.nbeta",
                           "missing; expected a number > 0, since a potential has no samples for n / ln n");
}

enum core_status lab_study_check(const struct lab_study *study) {
    static enum core_status (*const checks[])(const struct lab_study *study) = {
        check_name,   lab_check_landscape, check_run, lab_check_models, check_record,
        check_escape, check_compare,       check_llc, lab_check_ffpe,
    };
    enum core_status status = CORE_OK;
    for (size_t i = 0; i < sizeof checks / sizeof *checks && status == CORE_OK; i++) status = checks[i](study);
    return status;
}
