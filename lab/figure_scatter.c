/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/figures.h"

#include "core/linalg.h"
#include "core/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where the replicas of SGD and of each model lie at the last recorded time, seen along the two directions in which
 * SGD's replicas differ most.
 *
 * Rows x_1 ... x_n of SGD's parameters, n <= 400, centred at their mean. The Gram matrix G_ij = x_i . x_j / n has the
 * same non-zero eigenvalues as their covariance; an eigenvector v of G with eigenvalue w gives the direction
 * u = sum_i v_i x_i / sqrt(n w), a unit vector [jolliffe2002, section 3.5]. Points are drawn as ((x - mean) . u_1,
 * (x - mean) . u_2). Block 0 of the data: SGD; block m: model m. */

enum { GRAM_MOST = 400, POINTS_ALL = 4000, POINTS_FEW = 60, POINTS_MOST = 400 };

struct plane {
    size_t dimension;
    double *mean;       /* (dimension) */
    double *direction;  /* (2, dimension) unit vectors */
    double fraction[2]; /* of the variance */
};

/* Replica r at the last record; NULL where it has diverged. */
static const double *last(const struct core_ensemble *data, size_t r) {
    const double *x = data->parameters + ((data->record_count - 1) * data->replicas + r) * data->dimension;
    for (size_t i = 0; i < data->dimension; i++)
        if (!isfinite(x[i])) return NULL;
    return x;
}

/* The first at most GRAM_MOST whole replicas, centred: rows (count, dimension). */
static size_t centre(const struct core_ensemble *data, double rows[], double mean[]) {
    size_t count = 0, dimension = data->dimension;
    for (size_t r = 0; r < data->replicas && count < GRAM_MOST; r++) {
        const double *x = last(data, r);
        if (x != NULL) memcpy(rows + count++ * dimension, x, dimension * sizeof *x);
    }
    for (size_t i = 0; i < dimension && count > 0; i++) {
        double sum = 0;
        for (size_t r = 0; r < count; r++) sum += rows[r * dimension + i];
        mean[i] = sum / (double)count;
        for (size_t r = 0; r < count; r++) rows[r * dimension + i] -= mean[i];
    }
    return count;
}

static double dot(size_t n, const double a[], const double b[]) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

static void fill_gram(size_t count, size_t dimension, const double rows[], double gram[]) {
    for (size_t a = 0; a < count; a++)
        for (size_t b = 0; b <= a; b++)
            gram[a * count + b] = gram[b * count + a] =
                dot(dimension, rows + a * dimension, rows + b * dimension) / (double)count;
}

/* The direction of eigenvector column j, and its part of the variance. Signed so that its largest entry is positive. */
static void fill_direction(const struct plane *plane, size_t count, const double rows[], double eigenvalue,
                           const double vectors[], size_t j, double direction[]) {
    double norm = sqrt((double)count * fmax(eigenvalue, 1e-300)), largest = 0;
    for (size_t i = 0; i < plane->dimension; i++) {
        double sum = 0;
        for (size_t r = 0; r < count; r++) sum += vectors[r * count + j] * rows[r * plane->dimension + i];
        direction[i] = sum / norm;
        if (fabs(direction[i]) > fabs(largest)) largest = direction[i];
    }
    for (size_t i = 0; i < plane->dimension && largest < 0; i++) direction[i] = -direction[i];
}

static enum core_status find_plane(const struct core_ensemble *data, struct plane *plane, double work[]) {
    double *rows = work, *gram = rows + GRAM_MOST * data->dimension, *vectors = gram + GRAM_MOST * GRAM_MOST,
           *values = vectors + GRAM_MOST * GRAM_MOST;
    size_t count = centre(data, rows, plane->mean);
    if (count < 3) return CORE_OK;
    fill_gram(count, plane->dimension, rows, gram);
    enum core_status status = core_symmetric_eigen(count, gram, values, vectors);
    if (status != CORE_OK) return status;
    double total = 0;
    for (size_t k = 0; k < count; k++) total += fmax(values[k], 0);
    for (size_t k = 0; k < 2; k++) {
        size_t j = count - 1 - k;
        plane->fraction[k] = total > 0 ? fmax(values[j], 0) / total : 0;
        fill_direction(plane, count, rows, values[j], vectors, j, plane->direction + k * plane->dimension);
    }
    return CORE_OK;
}

/* ---- points ---- */

static void project(const struct plane *plane, const double x[], double point[2]) {
    for (size_t k = 0; k < 2; k++) {
        const double *u = plane->direction + k * plane->dimension;
        point[k] = 0;
        for (size_t i = 0; i < plane->dimension; i++) point[k] += (x[i] - plane->mean[i]) * u[i];
    }
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The window: SGD's 1 to 99 % range of each coordinate, widened by as much on both sides. */
struct window {
    double low[2], high[2];
};

static struct window frame(const struct core_ensemble *data, const struct plane *plane, double work[]) {
    struct window window = {{-1, -1}, {1, 1}};
    for (size_t k = 0; k < 2; k++) {
        size_t count = 0;
        for (size_t r = 0; r < data->replicas; r++) {
            const double *x = last(data, r);
            double point[2];
            if (x == NULL) continue;
            project(plane, x, point);
            work[count++] = point[k];
        }
        qsort(work, count, sizeof *work, ascending);
        double low = count ? work[count / 100] : 0, high = count ? work[count - 1 - count / 100] : 0;
        double margin = high > low ? 0.6 * (high - low) : 1;
        window.low[k] = low - margin;
        window.high[k] = high + margin;
    }
    return window;
}

/* A block of at most `most` points inside the window; returns the fraction of all replicas outside (or diverged). */
static double write_block(struct lab_page *page, const struct core_ensemble *data, const struct plane *plane,
                          const struct window *window, size_t most) {
    size_t outside = 0, drawn = 0;
    for (size_t r = 0; r < data->replicas; r++) {
        const double *x = data->dimension == plane->dimension ? last(data, r) : NULL;
        double point[2] = {(double)NAN, (double)NAN};
        if (x != NULL) project(plane, x, point);
        int inside = 1;
        for (size_t k = 0; k < 2; k++) inside &= point[k] >= window->low[k] && point[k] <= window->high[k];
        outside += !inside;
        if (inside && r < most) {
            lab_put(page, "%.5g %.5g\n", point[0], point[1]);
            drawn++;
        }
    }
    lab_data_end_block(page, drawn);
    return data->replicas ? (double)outside / (double)data->replicas : 0;
}

/* ---- the figure ---- */

static void write_head(const struct lab_drawing *drawing, const struct plane *plane, const struct window *window) {
    const struct lab_view *view = drawing->view;
    static const char *const axes[] = {"x", "y"};
    for (size_t k = 0; k < 2; k++) {
        lab_put(drawing->head, "%s_low = %.8g\n%s_high = %.8g\n", axes[k], window->low[k], axes[k], window->high[k]);
        lab_put(drawing->head, "%s_label = 'principal direction %zu of SGD (%s of its variance)'\n", axes[k], k + 1,
                lab_percent(plane->fraction[k], 0).text);
    }
    lab_put(drawing->head, "panels = %zu\narray name[%zu]\narray side[%zu]\n", view->model_count, view->model_count,
            view->model_count);
}

static void write_points(const struct lab_drawing *drawing, const struct plane *plane, double work[]) {
    const struct lab_view *view = drawing->view;
    struct window window = frame(view->sgd->data, plane, work);
    size_t most = POINTS_ALL / view->model_count;
    most = most < POINTS_FEW ? POINTS_FEW : most > POINTS_MOST ? POINTS_MOST : most;
    write_head(drawing, plane, &window);
    write_block(drawing->data, view->sgd->data, plane, &window, most);
    for (size_t m = 0; m < view->model_count; m++) {
        const struct lab_ensemble_result *model = lab_view_model(view, m);
        double outside = write_block(drawing->data, model->data, plane, &window, most);
        lab_put(drawing->head, "name[%zu] = ", m + 1);
        lab_put_gnuplot(drawing->head, model->name, LAB_PANEL_NAME);
        lab_put(drawing->head, "\nside[%zu] = '%s%s'\n", m + 1, outside > 0.02 ? lab_percent(outside, 0).text : "",
                outside > 0.02 ? " outside" : "");
    }
}

static void write(const struct lab_drawing *drawing) {
    const struct core_ensemble *sgd = drawing->view->sgd->data;
    struct plane plane = {.dimension = sgd->dimension};
    size_t room = GRAM_MOST * (sgd->dimension + 2 * GRAM_MOST + 1);
    plane.mean = core_alloc(3 * sgd->dimension, sizeof *plane.mean);
    double *work = core_alloc(room > sgd->replicas ? room : sgd->replicas, sizeof *work);
    enum core_status status = CORE_OK;
    if (plane.mean == NULL || work == NULL)
        status = core_fail(CORE_NO_MEMORY, "no memory for the scatter");
    else {
        plane.direction = plane.mean + sgd->dimension;
        status = find_plane(sgd, &plane, work);
    }
    if (status == CORE_OK)
        write_points(drawing, &plane, work);
    else if (drawing->data->status == CORE_OK)
        drawing->data->status = status;
    core_free(plane.mean);
    core_free(work);
}

static int applies(const struct lab_view *view) {
    if (view->sgd == NULL || view->model_count == 0) return 0;
    for (size_t s = 0; s < lab_view_series_count(view); s++) {
        const struct core_ensemble *data = lab_view_series(view, s)->data;
        if (data == NULL || data->record_count == 0 || data->dimension < 2) return 0;
    }
    return 1;
}

const struct lab_figure lab_figure_scatter = {
    .name = "scatter",
    .source = "scatter.gp",
    .title = "Where the replicas end",
    .caption =
        "Every point is one replica at the last time: black SGD, coloured the model, along the two directions in "
        "which SGD\u2019s replicas differ most. The clouds should have the same place, size, shape and tails.",
    .applies = applies,
    .write = write,
};
