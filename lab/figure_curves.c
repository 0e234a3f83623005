/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/figures.h"

#include <math.h>
#include <stdio.h>

/* Curves with bands against time: medians and 5-95 % quantiles over the replicas. One panel per model, SGD in each.
 * Block s * curves + c of the data: rows (time, median, low, high) of curve c of series s (SGD first). A time at which
 * nothing is finite is a blank line: a gap in the curve. */

enum { CURVES_MOST = 6, FEW_TIMES = 15, TOO_FEW_TIMES = 1 };

/* What a figure of this kind takes from a recorded time. */
struct quantity {
    const char *label;                               /* of the vertical axis */
    int logarithmic;                                 /* 1: where all is positive and spans enough */
    int levels;                                      /* 1: the escape levels are drawn */
    int fine;                                        /* 1: from the rows of the loss curve, where there are any */
    size_t (*count)(const struct lab_time_row *row); /* curves */
    const double *(*quantiles)(const struct lab_time_row *row, size_t c); /* 5, 50, 95 % */
};

/* The rows of a series that the figure draws; *count of them. */
static const struct lab_time_row *rows_of(const struct lab_ensemble_result *series, const struct quantity *quantity,
                                          size_t *count) {
    int fine = quantity->fine && series->curve_count > 0;
    *count = fine ? series->curve_count : series->time_count;
    return fine ? series->curve : series->times;
}

static size_t curves(const struct lab_view *view, const struct quantity *quantity) {
    size_t most = 0;
    for (size_t s = 0; s < lab_view_series_count(view); s++) {
        const struct lab_ensemble_result *series = lab_view_series(view, s);
        size_t times;
        const struct lab_time_row *rows = rows_of(series, quantity, &times);
        for (size_t t = 0; t < times; t++) {
            size_t count = quantity->count(&rows[t]);
            if (count > most) most = count;
        }
    }
    return most < CURVES_MOST ? most : CURVES_MOST;
}

static int is_gap(const double *q) {
    return q == NULL || !isfinite(q[0]) || !isfinite(q[1]) || !isfinite(q[2]);
}

/* The smallest and largest of what must be seen, and the smallest positive number. */
struct extent {
    double low, high, positive;
};

static void widen(struct extent *extent, double value) {
    if (!isfinite(value)) return;
    extent->low = fmin(extent->low, value);
    extent->high = fmax(extent->high, value);
    if (value > 0) extent->positive = fmin(extent->positive, value);
}

/* SGD's bands whole; of the models the medians up to 30 times, and the bands up to 1.5 times SGD's largest value. */
static struct extent measure(const struct lab_view *view, const struct quantity *quantity, size_t count) {
    struct extent extent = {(double)INFINITY, (double)-INFINITY, (double)INFINITY};
    double limit = (double)INFINITY;
    for (size_t s = 0; s < lab_view_series_count(view); s++) {
        const struct lab_ensemble_result *series = lab_view_series(view, s);
        size_t times;
        const struct lab_time_row *rows = rows_of(series, quantity, &times);
        for (size_t t = 0; t < times; t++)
            for (size_t c = 0; c < count && c < quantity->count(&rows[t]); c++) {
                const double *q = quantity->quantiles(&rows[t], c);
                if (is_gap(q)) continue;
                widen(&extent, fmin(q[1], limit));
                widen(&extent, s > 0 ? fmin(q[2], limit / 20) : q[2]);
                if (s == 0 || !view->sgd) widen(&extent, q[0]);
            }
        if (s == 0 && view->sgd && extent.high > 0) limit = 30 * extent.high;
    }
    return extent;
}

static void write_range(const struct lab_drawing *drawing, const struct quantity *quantity, struct extent extent) {
    int logarithmic = quantity->logarithmic && extent.low >= 0 && extent.high > 20 * extent.positive;
    double low = extent.low, high = extent.high;
    if (logarithmic) {
        low = fmax(extent.positive, 1e-12 * high) / 1.5;
        high *= 2.5;
    } else if (high > low) {
        double margin = 0.06 * (high - low);
        low = low >= 0 && low < 0.5 * high ? 0 : low - margin;
        high += 3 * margin; /* room for words */
    } else if (high == low) {
        low -= 0.5 + 0.1 * fabs(low);
        high += 0.5 + 0.1 * fabs(high);
    } else {
        low = 0;
        high = 1;
    }
    lab_head_number(drawing->head, "log_y", logarithmic);
    lab_head_number(drawing->head, "y_low", low);
    lab_head_number(drawing->head, "y_high", high);
}

/* Times far apart at the end and close at the start ask for a logarithmic axis. */
static void write_times(const struct lab_drawing *drawing, const struct quantity *quantity) {
    size_t count;
    const struct lab_time_row *rows = rows_of(lab_view_series(drawing->view, 0), quantity, &count);
    double first = rows[0].time, last = rows[count - 1].time;
    int logarithmic = first > 0 && count >= 3 && last >= 20 * first && rows[count / 2].time < 0.4 * last;
    double margin = last > first ? 0.03 * (last - first) : 0.1 * last + (last <= 0);
    lab_head_number(drawing->head, "log_x", logarithmic);
    lab_head_number(drawing->head, "x_low", logarithmic ? first / 1.15 : first - margin);
    lab_head_number(drawing->head, "x_high", logarithmic ? last * 1.15 : last + margin);
    lab_head_number(drawing->head, "few", count <= TOO_FEW_TIMES ? 2 : count <= FEW_TIMES);
}

static void write_levels(const struct lab_drawing *drawing, const struct quantity *quantity) {
    size_t count = quantity->levels ? drawing->view->result->level_count : 0;
    lab_head_number(drawing->head, "levels", (double)count);
    lab_put(drawing->head, "array level[%zu]\n", count + 1);
    for (size_t l = 0; l < count; l++)
        lab_put(drawing->head, "level[%zu] = %.10g\n", l + 1, drawing->view->result->levels[l]);
}

static void write_block(struct lab_page *data, const struct quantity *quantity,
                        const struct lab_ensemble_result *series, size_t c) {
    size_t rows = 0, times;
    int open = 0;
    const struct lab_time_row *all = rows_of(series, quantity, &times);
    for (size_t t = 0; t < times; t++) {
        const struct lab_time_row *row = &all[t];
        const double *q = c < quantity->count(row) ? quantity->quantiles(row, c) : NULL;
        if (is_gap(q)) {
            if (open) lab_put(data, "\n");
            open = 0;
            continue;
        }
        lab_put(data, "%.10g %.10g %.10g %.10g\n", row->time, q[1], q[0], q[2]);
        open = 1;
        rows++;
    }
    if (!open && rows) lab_put(data, "NaN NaN NaN NaN\n"); /* a blank line more would end the block early */
    lab_data_end_block(data, rows);
}

/* Names, and the part of a model's replicas that diverged, where any did. */
static void write_names(const struct lab_drawing *drawing) {
    const struct lab_view *view = drawing->view;
    size_t panels = view->model_count ? view->model_count : 1;
    lab_put(drawing->head, "panels = %zu\nhas_sgd = %d\narray name[%zu]\narray side[%zu]\n", panels, view->sgd != NULL,
            panels, panels);
    for (size_t m = 0; m < panels; m++) {
        const struct lab_ensemble_result *model =
            lab_view_series(view, view->model_count ? m + (view->sgd != NULL) : 0);
        double diverged = model->replicas ? (double)model->diverged / (double)model->replicas : 0;
        lab_put(drawing->head, "name[%zu] = ", m + 1);
        lab_put_gnuplot(drawing->head, model->name, LAB_PANEL_NAME);
        lab_put(drawing->head, "\nside[%zu] = '%s%s'\n", m + 1,
                diverged > 0 ? lab_percent(diverged, diverged < 1).text : "", diverged > 0 ? " diverged" : "");
    }
    lab_put(drawing->head, "models = %zu\n", view->model_count);
}

static void write_curves(const struct lab_drawing *drawing, const struct quantity *quantity) {
    size_t count = curves(drawing->view, quantity);
    write_names(drawing);
    write_times(drawing, quantity);
    write_range(drawing, quantity, measure(drawing->view, quantity, count));
    write_levels(drawing, quantity);
    lab_put(drawing->head, "curves = %zu\ny_label = '%s'\n", count, quantity->label);
    for (size_t s = 0; s < lab_view_series_count(drawing->view); s++)
        for (size_t c = 0; c < count; c++) write_block(drawing->data, quantity, lab_view_series(drawing->view, s), c);
}

static int has_times(const struct lab_view *view) {
    return lab_view_series_count(view) > 0 && lab_view_series(view, 0)->time_count > 0;
}

/* ---- loss ---- */

static size_t one(const struct lab_time_row *row) {
    (void)row;
    return 1;
}

static const double *loss_quantiles(const struct lab_time_row *row, size_t c) {
    (void)c;
    return row->loss_quantile;
}

static void write_loss(const struct lab_drawing *drawing) {
    static const struct quantity loss = {"loss", 1, 1, 1, one, loss_quantiles};
    write_curves(drawing, &loss);
}

const struct lab_figure lab_figure_loss = {
    .name = "loss",
    .source = "curves.gp",
    .title = "Loss against time",
    .caption =
        "Does the coloured band of a model lie on SGD's grey one? Lines are medians over the replicas, bands reach "
        "from the 5 % to the 95 % quantile. A line that leaves the grey band early or late escapes a plateau at "
        "the wrong time; a band that is too wide or too narrow has the wrong noise. Dotted: the loss levels of the "
        "escape clock.",
    .applies = has_times,
    .write = write_loss,
};

/* ---- singular values ---- */

static size_t singular_count(const struct lab_time_row *row) {
    return row->singular_quantiles ? row->singular_count : 0;
}

static const double *singular_quantiles(const struct lab_time_row *row, size_t c) {
    return row->singular_quantiles + 3 * c;
}

static void write_singular(const struct lab_drawing *drawing) {
    static const struct quantity singular = {
        "singular values of the product", 0, 0, 0, singular_count, singular_quantiles};
    write_curves(drawing, &singular);
}

static int has_singular(const struct lab_view *view) {
    static const struct quantity singular = {"", 0, 0, 0, singular_count, singular_quantiles};
    return has_times(view) && curves(view, &singular) > 0;
}

const struct lab_figure lab_figure_singular_values = {
    .name = "singular-values",
    .source = "curves.gp",
    .title = "Singular values of the product against time",
    .caption = "The network learns one singular value of its product matrix after the other. Black: SGD; coloured: the "
               "model (medians, bands from the 5 % to the 95 % quantile, at most the six largest values). A model that "
               "learns a mode too early or too late shows a coloured line beside the black one.",
    .applies = has_singular,
    .write = write_singular,
};

/* ---- balancedness ---- */

static const double *balancedness_quantiles(const struct lab_time_row *row, size_t c) {
    (void)c;
    return row->balancedness_quantile;
}

static void write_balancedness(const struct lab_drawing *drawing) {
    static const struct quantity balancedness = {"balancedness (Frobenius norm)", 1, 0, 0, one, balancedness_quantiles};
    write_curves(drawing, &balancedness);
}

static int has_balancedness(const struct lab_view *view) {
    for (size_t s = 0; s < lab_view_series_count(view); s++) {
        const struct lab_ensemble_result *series = lab_view_series(view, s);
        for (size_t t = 0; t < series->time_count; t++)
            if (!is_gap(series->times[t].balancedness_quantile)) return has_times(view);
    }
    return 0;
}

const struct lab_figure lab_figure_balancedness = {
    .name = "balancedness",
    .source = "curves.gp",
    .title = "Balancedness against time",
    .caption = "How far the layers are from balance: the Frobenius norm of the difference between the Gram matrices of "
               "neighbouring layers, mean over the layers (median over the replicas, band from the 5 % to the 95 % "
               "quantile). Gradient flow keeps it; noise moves it, each kind of noise in its own way, so this is where "
               "wrong noise shows first.",
    .applies = has_balancedness,
    .write = write_balancedness,
};
