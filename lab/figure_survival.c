/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/figures.h"

#include "core/memory.h"

#include <math.h>
#include <stdio.h>

/* Kaplan-Meier curves of the escape times, a panel per level, every series in each. A replica that diverged before it
 * escaped is censored when it was found out, one that never escaped at the end of the run.
 * Block l * series + s of the data: corners (time, survival) of the step curve of series s at level l. */

enum { CORNERS_MOST = 250, LEVELS_MOST = 12 };

/* Room for one curve. */
struct curve {
    size_t count;
    double *time, *survival, *duration;
    int *escaped;
};

static size_t levels(const struct lab_view *view) {
    size_t most = 0;
    for (size_t s = 0; s < lab_view_series_count(view); s++) {
        const struct core_ensemble *data = lab_view_series(view, s)->data;
        if (data && data->replicas > 0 && data->level_count > most) most = data->level_count;
    }
    return most < LEVELS_MOST ? most : LEVELS_MOST;
}

static enum core_status estimate(const struct core_ensemble *data, size_t level, double end, struct curve *curve) {
    curve->count = 0;
    if (data == NULL || level >= data->level_count) return CORE_OK;
    for (size_t r = 0; r < data->replicas; r++) {
        double escape = data->escape[level * data->replicas + r], diverged = data->diverged[r];
        curve->escaped[r] = isfinite(escape);
        curve->duration[r] = curve->escaped[r] ? escape : fmin(diverged, end);
    }
    return compare_kaplan_meier(data->replicas, curve->duration, curve->escaped, &curve->count, curve->time,
                                curve->survival);
}

/* The first time at which at most 2 % are left; infinity: never. */
static double nearly_all(const struct curve *curve) {
    for (size_t i = 0; i < curve->count; i++)
        if (curve->survival[i] <= 0.02) return curve->time[i];
    return (double)INFINITY;
}

/* Corners of the steps, thinned to what the eye can see; and to the end of the run at the last height. */
static void write_corners(struct lab_page *data, const struct curve *curve, double end) {
    double height = 1, last = 1;
    lab_put(data, "0 1\n");
    for (size_t i = 0; i < curve->count; i++) {
        last = curve->survival[i];
        if (height - last < 1.0 / CORNERS_MOST && i + 1 < curve->count) continue;
        lab_put(data, "%.8g %.6g\n%.8g %.6g\n", curve->time[i], height, curve->time[i], last);
        height = last;
    }
    if (curve->count == 0 || curve->time[curve->count - 1] < end) lab_put(data, "%.8g %.6g\n", end, last);
}

static void write_panel(const struct lab_drawing *drawing, size_t level, double end, struct curve *curve) {
    const struct lab_view *view = drawing->view;
    double reach = 0;
    for (size_t s = 0; s < lab_view_series_count(view); s++) {
        const struct lab_ensemble_result *series = lab_view_series(view, s);
        enum core_status status = estimate(series->data, level, end, curve);
        if (status != CORE_OK && drawing->data->status == CORE_OK) drawing->data->status = status;
        write_corners(drawing->data, curve, end);
        lab_data_end_block(drawing->data, 1);
        if (s == 0 || view->sgd == NULL) reach = fmax(reach, nearly_all(curve));
    }
    reach *= view->sgd ? 1.8 : 1.05;
    lab_put(drawing->head, "reach[%zu] = %.10g\n", level + 1, reach > 0 ? fmin(reach, end) : end);
}

static void write_head(const struct lab_drawing *drawing, size_t count) {
    const struct lab_view *view = drawing->view;
    size_t series = lab_view_series_count(view);
    lab_put(drawing->head, "panels = %zu\nseries = %zu\nhas_sgd = %d\narray reach[%zu]\narray title[%zu]\n", count,
            series, view->sgd != NULL, count, count);
    for (size_t l = 0; l < count; l++)
        lab_put(drawing->head, "title[%zu] = 'loss below %s'\n", l + 1,
                lab_number(l < view->result->level_count ? view->result->levels[l] : (double)NAN, 3).text);
    lab_put(drawing->head, "array name[%zu]\n", series);
    for (size_t s = 0; s < series; s++) {
        lab_put(drawing->head, "name[%zu] = ", s + 1);
        lab_put_gnuplot(drawing->head, s == 0 && view->sgd ? "SGD" : lab_view_series(view, s)->name, LAB_PANEL_NAME);
        lab_put(drawing->head, "\n");
    }
}

static int create(struct curve *curve, size_t most) {
    *curve = (struct curve){
        .time = core_alloc(most + 1, sizeof *curve->time),
        .survival = core_alloc(most + 1, sizeof *curve->survival),
        .duration = core_alloc(most + 1, sizeof *curve->duration),
        .escaped = core_alloc(most + 1, sizeof *curve->escaped),
    };
    return curve->time && curve->survival && curve->duration && curve->escaped;
}

static void destroy(struct curve *curve) {
    core_free(curve->time);
    core_free(curve->survival);
    core_free(curve->duration);
    core_free(curve->escaped);
}

/* The last finite time anything is known about: the last record or the last escape. */
static double end_of_run(const struct lab_view *view, size_t *most) {
    double end = fmax(lab_view_end(view), 0);
    for (size_t s = 0; s < lab_view_series_count(view); s++) {
        const struct core_ensemble *data = lab_view_series(view, s)->data;
        if (data == NULL) continue;
        if (data->replicas > *most) *most = data->replicas;
        for (size_t i = 0; i < data->level_count * data->replicas; i++)
            if (isfinite(data->escape[i])) end = fmax(end, data->escape[i]);
    }
    return end > 0 ? end : 1;
}

static void write(const struct lab_drawing *drawing) {
    size_t count = levels(drawing->view), most = 0;
    double end = end_of_run(drawing->view, &most);
    struct curve curve;
    write_head(drawing, count);
    if (create(&curve, most))
        for (size_t l = 0; l < count; l++) write_panel(drawing, l, end, &curve);
    else if (drawing->data->status == CORE_OK)
        drawing->data->status = core_fail(CORE_NO_MEMORY, "no memory for the survival curves");
    destroy(&curve);
}

static int applies(const struct lab_view *view) {
    return levels(view) > 0;
}

const struct lab_figure lab_figure_survival = {
    .name = "survival",
    .source = "survival.gp",
    .title = "Escape times",
    .caption = "The fraction of replicas whose loss has not yet fallen below the level (Kaplan\u2013Meier; replicas "
               "that diverged "
               "are censored). Black: SGD. A curve to the left of it escapes too early, one to the right too late, one "
               "that stays up is trapped.",
    .applies = applies,
    .write = write,
};
