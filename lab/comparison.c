/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/comparison.h"

#include "core/memory.h"
#include "core/parallel.h"
#include "core/random.h"
#include "dln/dln.h"
#include "lab/measure.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { WARNINGS_MAX = 64 };

enum core_status lab_warn(struct lab_result *result, const char *format, ...) {
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (result->warnings == NULL) result->warnings = core_alloc(WARNINGS_MAX, sizeof *result->warnings);
    if (result->warnings == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a warning");
    if (result->warning_count == WARNINGS_MAX) return CORE_OK;
    char *copy = core_copy_text(line);
    if (copy == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a warning");
    result->warnings[result->warning_count++] = copy;
    return CORE_OK;
}

/* ---- One observable at one time ---- */

/* The samples of all ensembles: references (SGD and twins) first, then the models, each with its ensemble's index. */
struct panel {
    size_t references, models;
    size_t *ensemble;              /* (models) */
    struct lab_sample *owned;      /* (references + models) */
    struct compare_sample *sample; /* (references + models) */
};

static int is_reference(const struct lab_ensemble_result *ensemble) {
    return ensemble->twin || strcmp(ensemble->name, "sgd") == 0;
}

static void panel_free(struct panel *panel, size_t count) {
    for (size_t i = 0; panel->owned != NULL && i < count; i++) lab_sample_free(&panel->owned[i]);
    core_free(panel->ensemble);
    core_free(panel->owned);
    core_free(panel->sample);
}

static enum core_status panel_create(const struct lab_scene *scene, const struct lab_result *result, size_t threads,
                                     const struct dln_observable *observable, size_t record, struct panel *panel) {
    size_t count = result->ensemble_count, slot[2] = {0, 0};
    *panel = (struct panel){.ensemble = core_alloc(count, sizeof *panel->ensemble),
                            .owned = core_alloc(count, sizeof *panel->owned),
                            .sample = core_alloc(count, sizeof *panel->sample)};
    if (panel->ensemble == NULL || panel->owned == NULL || panel->sample == NULL) {
        return core_fail(CORE_NO_MEMORY, "no memory for the comparison");
    }
    for (size_t e = 0; e < count; e++) panel->references += (size_t)is_reference(&result->ensembles[e]);
    slot[1] = panel->references;
    for (size_t e = 0; e < count; e++) {
        int model = !is_reference(&result->ensembles[e]);
        size_t at = slot[model]++;
        if (model) panel->ensemble[panel->models++] = e;
        enum core_status status =
            lab_sample_take(scene, &result->ensembles[e], observable, record, threads, &panel->owned[at]);
        if (status != CORE_OK) return status;
        panel->sample[at] = (struct compare_sample){panel->owned[at].rows, panel->owned[at].values};
    }
    return CORE_OK;
}

/* ---- The whole comparison ---- */

struct comparison {
    const struct lab_scene *scene;
    struct lab_result *result;
    size_t threads, metric_count;
    const struct compare_metric *metrics[16];
    size_t naive; /* the isotropic Langevin model's ensemble; ensemble_count where there is none */
};

static struct compare_panel_settings settings_for(const struct comparison *c, size_t dimension,
                                                  const struct compare_metric *metrics[]) {
    const struct lab_compare *keys = c->scene->study->compare;
    size_t count = 0;
    for (size_t m = 0; m < c->metric_count; m++) {
        if (!c->metrics[m]->scalar_only || dimension == 1) metrics[count++] = c->metrics[m];
    }
    return (struct compare_panel_settings){.dimension = dimension,
                                           .metric_count = count,
                                           .metrics = metrics,
                                           .subsample = keys->subsample,
                                           .projections = keys->projections,
                                           .seed = core_seed(c->scene->study->seed, "compare"),
                                           .threads = c->threads};
}

/* Appends the rows of one panel, with Holm's adjustment over the models. */
static enum core_status add_rows(struct comparison *c, const struct panel *panel,
                                 const struct compare_panel_settings *settings, const struct dln_observable *observable,
                                 double time) {
    size_t models = panel->models;
    struct compare_row *rows = core_alloc(settings->metric_count * models, sizeof *rows);
    double *holm = core_alloc(models, sizeof *holm);
    enum core_status status = CORE_NO_MEMORY;
    if (rows == NULL || holm == NULL)
        core_fail(status, "no memory for the distances");
    else {
        status = compare_panel(settings, panel->references, panel->sample, models, panel->sample + panel->references,
                               rows, NULL);
    }
    for (size_t k = 0; k < settings->metric_count && status == CORE_OK; k++) {
        for (size_t m = 0; m < models; m++) holm[m] = rows[k * models + m].p;
        compare_holm(models, holm);
        for (size_t m = 0; m < models; m++) {
            c->result->distances[c->result->distance_count++] = (struct lab_distance_row){
                panel->ensemble[m], observable->name, settings->metrics[k]->name, time, rows[k * models + m], holm[m]};
        }
    }
    core_free(rows);
    core_free(holm);
    return status;
}

/* The explained fraction of every model in this observable. */
static enum core_status add_verdicts(struct comparison *c, const struct panel *panel,
                                     const struct compare_panel_settings *settings,
                                     const struct dln_observable *observable) {
    size_t models = panel->models;
    const struct compare_sample *naive = NULL;
    for (size_t m = 0; m < models; m++) {
        if (panel->ensemble[m] == c->naive) naive = &panel->sample[panel->references + m];
    }
    if (naive == NULL) return CORE_OK;
    struct compare_fraction *fraction = core_alloc(models, sizeof *fraction);
    if (fraction == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the verdict");
    enum core_status status = compare_explained(settings, panel->references, panel->sample, naive, models,
                                                panel->sample + panel->references, fraction);
    for (size_t m = 0; m < models && status == CORE_OK; m++) {
        if (panel->ensemble[m] == c->naive) fraction[m] = (struct compare_fraction){0, 0, 0}; /* by definition */
        c->result->verdicts[c->result->verdict_count++] =
            (struct lab_verdict_row){panel->ensemble[m], observable->name, fraction[m]};
    }
    core_free(fraction);
    return status;
}

static enum core_status compare_one(struct comparison *c, const struct dln_observable *observable, size_t record) {
    size_t width = observable->width(c->scene->land);
    const struct compare_metric *metrics[16];
    struct panel panel;
    double time = core_schedule_time(&c->scene->schedule, c->scene->record_steps[record]);
    if (core_interrupted()) return core_fail(CORE_INTERRUPTED, "interrupted");
    enum core_status status = panel_create(c->scene, c->result, c->threads, observable, record, &panel);
    struct compare_panel_settings settings = settings_for(c, width, metrics);
    if (status == CORE_OK) status = add_rows(c, &panel, &settings, observable, time);
    if (status == CORE_OK && record + 1 == c->scene->record_count)
        status = add_verdicts(c, &panel, &settings, observable);
    panel_free(&panel, c->result->ensemble_count);
    return core_context(status, "while comparing the %s at time %g", observable->name, time);
}

/* Per model the mean over observables; the interval's ends are averaged too, which is an interval whatever the
 * dependence between the observables (they are functions of the same replicas). */
static void add_overall(struct comparison *c) {
    struct lab_result *result = c->result;
    size_t single = result->verdict_count;
    for (size_t e = 0; e < result->ensemble_count; e++) {
        struct compare_fraction sum = {0, 0, 0};
        size_t count = 0;
        for (size_t v = 0; v < single; v++) {
            if (result->verdicts[v].model != e) continue;
            sum.value += result->verdicts[v].explained.value;
            sum.low += result->verdicts[v].explained.low;
            sum.high += result->verdicts[v].explained.high;
            count++;
        }
        if (count == 0) continue;
        double n = (double)count;
        result->verdicts[result->verdict_count++] =
            (struct lab_verdict_row){e, NULL, {sum.value / n, sum.low / n, sum.high / n}};
    }
}

/* ---- What the study asks for ---- */

static enum core_status find_metrics(struct comparison *c) {
    const struct lab_compare *keys = c->scene->study->compare;
    for (unsigned m = 0; m < keys->metrics_count && c->metric_count < 16; m++) {
        const struct compare_metric *metric = compare_metric_find(keys->metrics[m]);
        if (metric != NULL) c->metrics[c->metric_count++] = metric;
    }
    return CORE_OK;
}

static size_t find_naive(const struct lab_scene *scene, const struct lab_result *result) {
    const struct lab_study *study = scene->study;
    for (unsigned m = 0; m < study->models_count; m++) {
        if (strcmp(study->models[m].noise, "gaussian") != 0 || strcmp(study->models[m].covariance, "isotropic") != 0)
            continue;
        for (size_t e = 0; e < result->ensemble_count; e++) {
            if (strcmp(result->ensembles[e].name, study->models[m].name) == 0) return e;
        }
    }
    return result->ensemble_count;
}

/* Counts, and says so where a comparison cannot be made or must be read with care. */
static enum core_status check(const struct comparison *c, int *possible) {
    struct lab_result *result = c->result;
    size_t references = 0, models = 0;
    enum core_status status = CORE_OK;
    for (size_t e = 0; e < result->ensemble_count && status == CORE_OK; e++) {
        const struct lab_ensemble_result *ensemble = &result->ensembles[e];
        references += (size_t)is_reference(ensemble);
        models += (size_t)!is_reference(ensemble);
        if (ensemble->diverged == 0) continue;
        status = lab_warn(result, "%s: %zu of %zu replicas diverged (%.3g %%); distances and means are over the others",
                          ensemble->name, ensemble->diverged, ensemble->replicas,
                          100 * (double)ensemble->diverged / (double)ensemble->replicas);
    }
    *possible = references >= 2 && models >= 1;
    if (status != CORE_OK || *possible) {
        if (status == CORE_OK && references == 2)
            status = lab_warn(result, "one twin of SGD gives no z and p: they need at least 2 (sgd.twins)");
        if (status == CORE_OK && c->naive == result->ensemble_count) {
            status = lab_warn(
                result, "no model with isotropic Gaussian noise: nothing to measure the explained fraction against");
        }
        return status;
    }
    if (references == 0) return lab_warn(result, "no SGD in this study: models are run and not compared");
    return references < 2 ? lab_warn(result, "no twins of SGD (sgd.twins), so no null: models are run and not compared")
                          : CORE_OK;
}

enum core_status lab_compare_all(const struct lab_scene *scene, size_t threads, struct lab_result *result) {
    const struct lab_compare *keys = scene->study->compare;
    struct comparison c = {.scene = scene, .result = result, .threads = threads, .naive = find_naive(scene, result)};
    int possible = 0;
    enum core_status status = check(&c, &possible);
    if (status != CORE_OK || !possible || keys == NULL) return status;
    status = find_metrics(&c);
    size_t observables = keys->observables_count, ensembles = result->ensemble_count;
    result->distances =
        core_alloc(observables * c.metric_count * scene->record_count * ensembles, sizeof *result->distances);
    result->verdicts = core_alloc((observables + 1) * ensembles, sizeof *result->verdicts);
    if (result->distances == NULL || result->verdicts == NULL)
        return core_fail(CORE_NO_MEMORY, "no memory for the comparison");
    for (unsigned o = 0; o < observables && status == CORE_OK; o++) {
        const struct dln_observable *observable = dln_observable_find(keys->observables[o]);
        if (observable->width(scene->land) == 0) {
            status = lab_warn(result, "this landscape has no %s; the comparison leaves it out", observable->name);
            continue;
        }
        for (size_t t = 0; t < scene->record_count && status == CORE_OK; t++) status = compare_one(&c, observable, t);
    }
    if (status == CORE_OK) add_overall(&c);
    return status;
}
