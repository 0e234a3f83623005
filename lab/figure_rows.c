/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/figures.h"

#include <math.h>
#include <stdio.h>

/* One number per model and observable, a row per model, a panel per observable: the distance over the null, and the
 * explained fraction. Block o of the data: rows (value, low, high, state, beyond); state as enum lab_match, beyond -1
 * or 1 where the value lies left or right of what is shown; the words at the side are in side[] of the head. */

struct row {
    double value, low, high;
    enum lab_match state;
    int beyond;
    struct lab_number side; /* the number in words, where the mark alone does not say it */
};

static void put_row(const struct lab_drawing *drawing, size_t index, const struct row *row) {
    lab_put(drawing->data, "%zu", index);
    const double values[] = {row->value, row->low, row->high};
    for (size_t k = 0; k < 3; k++) {
        if (isfinite(values[k]))
            lab_put(drawing->data, " %.8g", values[k]);
        else
            lab_put(drawing->data, " NaN");
    }
    lab_put(drawing->data, " %d %d\n", (int)row->state, row->beyond);
    lab_put(drawing->head, "side[%zu] = '%s'\n", index, row->side.text);
}

/* Panels, names and the room for the words. */
static void put_head(const struct lab_drawing *drawing, size_t panels, const char *const titles[], const char *label) {
    const struct lab_view *view = drawing->view;
    lab_head_names(drawing->head, "title", panels, titles);
    lab_put(drawing->head, "panels = %zu\nmodels = %zu\nx_label = '%s'\narray name[%zu]\n", panels, view->model_count,
            label, view->model_count);
    for (size_t m = 0; m < view->model_count; m++) {
        lab_put(drawing->head, "name[%zu] = ", m + 1);
        lab_put_gnuplot(drawing->head, lab_view_model(view, m)->name, LAB_PANEL_NAME - 6);
        lab_put(drawing->head, "\n");
    }
    lab_put(drawing->head, "array side[%zu]\n", panels * view->model_count);
}

/* ---- distance over the null ---- */

static const double RATIO_MOST = 1e4;

static struct row ratio_row(const struct lab_distance_row *distance) {
    struct row row = {(double)NAN, (double)NAN, (double)NAN, lab_match(distance), 0, {"no data"}};
    if (distance == NULL || !(distance->row.ratio > 0)) return row;
    row.value = fmin(distance->row.ratio, RATIO_MOST);
    row.beyond = distance->row.ratio > RATIO_MOST;
    row.side = lab_number(distance->row.ratio, 2);
    return row;
}

static void write_ratio(const struct lab_drawing *drawing) {
    const struct lab_view *view = drawing->view;
    double low = 0.8, high = 2;
    put_head(drawing, view->observable_count, view->observables, "distance to SGD / distance between SGD ensembles");
    for (size_t o = 0; o < view->observable_count; o++) {
        for (size_t m = 0; m < view->model_count; m++) {
            struct row row = ratio_row(lab_view_row(view, m, view->observables[o], view->metric));
            if (row.value > 0) low = fmin(low, fmax(row.value, 0.05)), high = fmax(high, row.value);
            put_row(drawing, o * view->model_count + m + 1, &row);
        }
        lab_data_end_block(drawing->data, view->model_count);
    }
    lab_put(drawing->head, "logarithmic = 1\nx_low = %.6g\nx_high = %.6g\nreference = 1\nbars = 1\n", low / 1.25,
            high * 1.2);
}

static int has_ratio(const struct lab_view *view) {
    return view->model_count > 0 && view->observable_count > 0;
}

const struct lab_figure lab_figure_ratio = {
    .name = "ratio",
    .source = "rows.gp",
    .title = "Distance over the null",
    .caption =
        "How far each model is from SGD at the last time, in units of how far independent SGD ensembles are from "
        "each other. At the line at 1 a model is as close to SGD as SGD is to itself. Filled circles match "
        "(Holm-adjusted p above 0.05), crosses differ, open squares are not decided.",
    .applies = has_ratio,
    .write = write_ratio,
};

/* ---- explained fraction ---- */

static struct row explained_row(const struct lab_verdict_row *verdict, double floor) {
    struct row row = {(double)NAN, (double)NAN, (double)NAN, LAB_UNDECIDED, 0, {"no data"}};
    if (verdict == NULL || !isfinite(verdict->explained.value)) return row;
    const struct compare_fraction *explained = &verdict->explained;
    row.value = 100 * fmax(explained->value, floor);
    row.low = 100 * fmax(explained->low, floor);
    row.high = 100 * fmax(explained->high, floor);
    row.state = LAB_MATCHES;
    row.beyond = explained->value < floor ? -1 : 0;
    row.side = lab_percent(explained->value, 1);
    if (explained->value < -1)
        snprintf(row.side.text, sizeof row.side.text,
                 "< \xE2\x88\x92"
                 "100\xC2\xA0%%");
    return row;
}

/* How far to the left the axis reaches: to the lowest value, but never below -100 %. */
static double explained_floor(const struct lab_view *view) {
    double floor = 0;
    for (size_t v = 0; v < view->result->verdict_count; v++) {
        double value = view->result->verdicts[v].explained.low;
        if (isfinite(value)) floor = fmin(floor, value);
    }
    return fmax(floor, -1);
}

static void write_explained(const struct lab_drawing *drawing) {
    enum { PANELS_MOST = 12 };
    const struct lab_view *view = drawing->view;
    const char *titles[PANELS_MOST] = {"overall"}, *observables[PANELS_MOST] = {NULL};
    size_t panels = 1;
    for (size_t o = 0; o < view->observable_count && panels < PANELS_MOST; o++, panels++)
        titles[panels] = observables[panels] = view->observables[o];
    double floor = explained_floor(view);
    put_head(drawing, panels, titles, "part of the Langevin model\u2019s excess distance removed (%)");
    for (size_t k = 0; k < panels; k++) {
        for (size_t m = 0; m < view->model_count; m++) {
            struct row row = explained_row(lab_view_verdict(view, m, observables[k]), floor);
            put_row(drawing, k * view->model_count + m + 1, &row);
        }
        lab_data_end_block(drawing->data, view->model_count);
    }
    lab_put(drawing->head, "logarithmic = 0\nx_low = %.6g\nx_high = 106\nreference = 100\nbars = 0\n", 100 * floor - 6);
}

static int has_explained(const struct lab_view *view) {
    if (view->model_count == 0) return 0;
    for (size_t v = 0; v < view->result->verdict_count; v++)
        if (isfinite(view->result->verdicts[v].explained.value)) return 1;
    return 0;
}

const struct lab_figure lab_figure_explained = {
    .name = "explained",
    .source = "rows.gp",
    .title = "What each model explains",
    .caption = "The part of the isotropic Langevin model\u2019s excess distance to SGD that a model removes, at the "
               "last time, "
               "with 95 % intervals. 100 %: as close as SGD to itself; 0: no better than Langevin; left of 0: worse. "
               "Triangles lie outside the picture; their numbers stand at the side.",
    .applies = has_explained,
    .write = write_explained,
};
