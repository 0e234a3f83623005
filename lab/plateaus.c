/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plateaus along one path of SGD: where the norm of the full gradient, smoothed over 1 % of the path on each side, is
 * in a valley, 1.4 times lower than what lies before and after. Each is named by the critical value nearest to its
 * loss, over all sets of modes where there are few enough to try, else over the leading ones. */
#include "lab/atlas.h"

#include "core/memory.h"
#include "lab/plan.h"

#include <math.h>
#include <string.h>

enum {
    RECORDS_MOST = 600,
    RECORD_DOUBLES = 1 << 25, /* parameters kept of a path */
    SMOOTHING = 100,          /* the records on each side are this part of all */
    ALL_SETS = 16,            /* modes up to which every set is tried */
    INERTIA_MOST = 1500       /* parameters up to which a plateau's inertia is counted */
};

static const double DEPTH = 1.4; /* of a valley, at least */

/* ---- Critical values ---- */

/* The loss with the modes of the mask. */
static double level_of(const struct core_landscape *land, const struct dln_modes *modes, unsigned long mask,
                       size_t *rank, size_t chosen[]) {
    *rank = 0;
    for (size_t i = 0; i < modes->positive; i++) {
        if (mask >> i & 1) chosen[(*rank)++] = i;
    }
    return dln_modes_loss(land, modes, *rank, chosen);
}

double lab_nearest_level(const struct core_landscape *land, const struct dln_modes *modes, double loss, size_t *rank,
                         size_t chosen[]) {
    double best = HUGE_VAL;
    if (modes->positive <= ALL_SETS) {
        unsigned long best_mask = 0;
        for (unsigned long mask = 0; mask < 1UL << modes->positive; mask++) {
            double level = level_of(land, modes, mask, rank, chosen);
            if (*rank > modes->rank_most || !(fabs(level - loss) < fabs(best - loss))) continue;
            best = level;
            best_mask = mask;
        }
        return level_of(land, modes, best_mask, rank, chosen);
    }
    size_t best_rank = 0;
    for (size_t r = 0; r <= modes->rank_most; r++) {
        if (r > 0) chosen[r - 1] = r - 1;
        double level = dln_modes_loss(land, modes, r, chosen);
        if (!(fabs(level - loss) < fabs(best - loss))) continue;
        best = level;
        best_rank = r;
    }
    *rank = best_rank;
    return best;
}

/* ---- Valleys ---- */

size_t lab_valleys(size_t count, const double curve[], size_t least[]) {
    size_t found = 0, low = 0;
    double high = 0;
    int falling = 1; /* looking for a least value, else for a peak */
    for (size_t i = 0; i < count; i++) {
        if (falling && curve[i] < curve[low]) low = i;
        if (falling && curve[i] >= DEPTH * curve[low] && curve[i] > 0) {
            least[found++] = low;
            falling = 0;
            high = curve[i];
        } else if (!falling && curve[i] > high) {
            high = curve[i];
        } else if (!falling && DEPTH * curve[i] <= high) {
            falling = 1;
            low = i;
        }
    }
    if (falling && count > 0) least[found++] = low;
    return found;
}

/* Geometric means over neighbouring records; a zero makes its neighbourhood zero. */
static void smooth(size_t count, const double curve[], double out[]) {
    for (size_t i = 0; i < count; i++) {
        size_t reach = 1 + count / SMOOTHING, first = i < reach ? 0 : i - reach;
        size_t last = i + reach < count ? i + reach : count - 1;
        double sum = 0;
        for (size_t j = first; j <= last; j++) sum += log(curve[j]);
        out[i] = exp(sum / (double)(last - first + 1));
    }
}

/* ---- The path ---- */

static enum core_status run(const struct lab_scene *scene, size_t replica, size_t records, size_t steps[],
                            struct core_ensemble **ensemble) {
    struct lab_plan *plan = NULL;
    enum core_status status = lab_plan_create(scene, LAB_PLAN_SGD, NULL, 1, &plan);
    if (status == CORE_OK && plan->count == 0)
        status = core_fail(CORE_BAD_INPUT, "%s: --along needs a study with 'sgd'", scene->study->path);
    if (status == CORE_OK && replica >= plan->entries[0].replicas)
        status = core_fail(CORE_BAD_INPUT, "--replica: found %zu, expected a whole number from 0 to %zu", replica,
                           plan->entries[0].replicas - 1);
    if (status == CORE_OK) status = core_ensemble_create(1, scene->land->dimension, records, 0, ensemble);
    if (status == CORE_OK) {
        struct core_ensemble_settings settings = lab_ensemble_settings(scene, 1);
        for (size_t i = 0; i < records; i++) steps[i] = records > 1 ? i * scene->steps / (records - 1) : 0;
        settings.replicas = 1;
        settings.curve_count = settings.level_count = 0;
        settings.record_count = records;
        settings.record_steps = steps;
        settings.first_replica = replica;
        status = core_ensemble_run(plan->entries[0].stepper, &settings, *ensemble, 0);
    }
    lab_plan_free(plan);
    return status;
}

/* Times, losses and gradient norms, until the path ends or diverges. */
static enum core_status measure(const struct lab_scene *scene, const size_t steps[],
                                const struct core_ensemble *ensemble, double gradient[], struct lab_path *path) {
    size_t p = scene->land->dimension;
    for (size_t t = 0; t < ensemble->record_count && isfinite(ensemble->loss[t]); t++) {
        double sum = 0;
        enum core_status status = core_point_gradient(scene->land, ensemble->parameters + t * p, gradient);
        if (status != CORE_OK) return status;
        for (size_t i = 0; i < p; i++) sum += gradient[i] * gradient[i];
        path->time[t] = core_schedule_time(&scene->schedule, steps[t]);
        path->loss[t] = ensemble->loss[t];
        path->gradient_norm[t] = sqrt(sum);
        path->record_count = t + 1;
    }
    return CORE_OK;
}

static enum core_status describe(const struct lab_scene *scene, const struct dln_modes *modes, const double x[],
                                 const double curve[], size_t at, const struct lab_path *path,
                                 struct lab_plateau *plateau) {
    size_t first = at, last = at;
    while (first > 0 && curve[first - 1] < DEPTH * curve[at]) first--;
    while (last + 1 < path->record_count && curve[last + 1] < DEPTH * curve[at]) last++;
    plateau->begin = path->time[first];
    plateau->end = path->time[last];
    plateau->time = path->time[at];
    plateau->loss = path->loss[at];
    plateau->gradient_norm = path->gradient_norm[at];
    plateau->modes = core_alloc(modes->count, sizeof *plateau->modes);
    if (plateau->modes == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a plateau");
    plateau->level = lab_nearest_level(scene->land, modes, plateau->loss, &plateau->rank, plateau->modes);
    plateau->counted = scene->land->dimension <= INERTIA_MOST;
    return plateau->counted ? core_point_inertia(scene->land, x, &plateau->inertia, NULL) : CORE_OK;
}

static enum core_status find(const struct lab_scene *scene, const struct dln_modes *modes,
                             const struct core_ensemble *ensemble, struct lab_path *path) {
    size_t *least = core_alloc(path->record_count + 1, sizeof *least);
    double *curve = core_alloc(path->record_count + 1, sizeof *curve);
    enum core_status status = CORE_OK;
    if (least == NULL || curve == NULL) {
        status = core_fail(CORE_NO_MEMORY, "no memory for the plateaus of a path");
    } else {
        smooth(path->record_count, path->gradient_norm, curve);
        size_t count = lab_valleys(path->record_count, curve, least);
        path->plateaus = core_alloc(count + 1, sizeof *path->plateaus);
        if (path->plateaus == NULL) status = core_fail(CORE_NO_MEMORY, "no memory for the plateaus of a path");
        for (size_t k = 0; k < count && status == CORE_OK; k++) {
            const double *x = ensemble->parameters + least[k] * scene->land->dimension;
            status = describe(scene, modes, x, curve, least[k], path, &path->plateaus[path->plateau_count++]);
        }
    }
    core_free(least);
    core_free(curve);
    return status;
}

enum core_status lab_path_create(const struct lab_scene *scene, const struct dln_modes *modes, size_t replica,
                                 struct lab_path **out) {
    size_t p = scene->land->dimension, records = scene->steps + 1 < RECORDS_MOST ? scene->steps + 1 : RECORDS_MOST;
    if (records * p > RECORD_DOUBLES) records = RECORD_DOUBLES / p + 2;
    struct lab_path *path = core_alloc(1, sizeof *path);
    double *memory = core_alloc(3 * records + p, sizeof *memory);
    size_t *steps = core_alloc(records, sizeof *steps);
    struct core_ensemble *ensemble = NULL;
    enum core_status status = CORE_OK;
    *out = NULL;
    if (path == NULL || memory == NULL || steps == NULL) {
        core_free(memory);
        status = core_fail(CORE_NO_MEMORY, "no memory for a path");
    } else {
        *path = (struct lab_path){.replica = replica, .time = memory};
        path->loss = memory + records;
        path->gradient_norm = path->loss + records;
        status = run(scene, replica, records, steps, &ensemble);
        if (status == CORE_OK) status = measure(scene, steps, ensemble, path->gradient_norm + records, path);
        if (status == CORE_OK) status = find(scene, modes, ensemble, path);
    }
    core_ensemble_free(ensemble);
    core_free(steps);
    if (status == CORE_OK)
        *out = path;
    else
        lab_path_free(path);
    return status;
}

void lab_path_free(struct lab_path *path) {
    if (path == NULL) return;
    for (size_t k = 0; k < path->plateau_count; k++) core_free(path->plateaus[k].modes);
    core_free(path->plateaus);
    core_free(path->time); /* one block for the three curves */
    core_free(path);
}
