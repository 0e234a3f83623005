/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/noise.h"

#include <math.h>

/* Three panels. Blocks of the data: 0, the eigenvalues of Sigma by rank (rank, value); 1 and 2, |eigenvalues| of the
 * Hessian, positive and negative ones (rank, value); 3 and 4, along them (|h|, noise variance); and from 5 on a block
 * per stable estimator (batch, alpha, se). */

static const double FLOOR = 1e-12; /* of the largest eigenvalue: what is drawn as zero, that is not at all */

static void write_spectra(const struct lab_drawing *drawing, const struct lab_noise_spectrum *s) {
    size_t rows = 0;
    for (size_t j = 0; j < s->rank; j++, rows++) lab_put(drawing->data, "%zu %.8g\n", j + 1, s->eigenvalues[j]);
    lab_data_end_block(drawing->data, rows);
    size_t last = s->dimension - 1;
    double most = fmax(fabs(s->hessian[0]), fabs(s->hessian[last]));
    for (int negative = 0; negative < 2; negative++) {
        rows = 0;
        for (size_t j = 0; j <= last; j++) {
            double h = negative ? -s->hessian[last - j] : s->hessian[j];
            if (h > FLOOR * most) lab_put(drawing->data, "%zu %.8g\n", ++rows, h);
        }
        lab_data_end_block(drawing->data, rows);
    }
    size_t points = 0;
    for (int negative = 0; negative < 2; negative++) {
        rows = 0;
        for (size_t j = 0; j <= last; j++) {
            double h = negative ? -s->hessian[j] : s->hessian[j];
            if (!(h > FLOOR * most) || !(s->along[j] > FLOOR * s->trace)) continue;
            lab_put(drawing->data, "%.8g %.8g\n", h, s->along[j]);
            rows++;
        }
        lab_data_end_block(drawing->data, rows);
        points += rows;
    }
    lab_put(drawing->head, "points = %zu\ncurved = %d\n", points, most > 0);
}

static void write_tails(const struct lab_drawing *drawing, const struct lab_noise_panel *panel) {
    const char *names[LAB_NOISE_ESTIMATORS];
    size_t count = 0;
    double low = 1.95, high = 2.05, batch = 1;
    for (size_t e = 0; panel != NULL && e < LAB_NOISE_ESTIMATORS; e++) {
        if (!panel->estimator[e]->stable) continue;
        for (size_t b = 0; b < panel->batches; b++) {
            struct compare_tail tail = lab_noise_panel_middle(panel, b, e);
            if (isfinite(tail.alpha)) {
                lab_put(drawing->data, "%zu %.8g %.8g\n", panel->batch[b], tail.alpha, isnan(tail.se) ? 0 : tail.se);
                low = fmin(low, tail.alpha);
                high = fmax(high, tail.alpha);
            }
            batch = fmax(batch, (double)panel->batch[b]);
        }
        lab_data_end_block(drawing->data, 1);
        names[count++] = panel->estimator[e]->name;
    }
    lab_put(drawing->head, "estimators = %zu\n", count);
    if (count > 0) {
        lab_head_names(drawing->head, "name", count, names);
        lab_put(drawing->head, "array low[%zu]\narray high[%zu]\n", count, count);
    }
    for (size_t e = 0, i = 0; panel != NULL && e < LAB_NOISE_ESTIMATORS; e++) {
        if (!panel->estimator[e]->stable) continue;
        i++;
        lab_put(drawing->head, "low[%zu] = %.8g\nhigh[%zu] = %.8g\n", i, panel->null[e].low, i, panel->null[e].high);
        low = fmin(low, panel->null[e].low);
        high = fmax(high, panel->null[e].high);
    }
    lab_head_number(drawing->head, "alpha_low", low - 0.05);
    lab_head_number(drawing->head, "alpha_high", high + 0.05);
    lab_head_number(drawing->head, "batch_most", batch);
}

static void write(const struct lab_drawing *drawing) {
    const struct lab_noise *noise = drawing->subject;
    const struct lab_noise_spectrum *s = &noise->spectrum;
    double size = 0;
    for (size_t j = 0; j < s->dimension; j++) size += fabs(s->hessian[j]);
    lab_head_number(drawing->head, "slope", size > 0 ? s->trace / size : (double)NAN);
    write_spectra(drawing, s);
    write_tails(drawing, noise->panel);
}

static int applies(const struct lab_view *view) {
    (void)view;
    return 0; /* to a lab_noise only */
}

const struct lab_figure lab_figure_noise = {
    .name = "noise",
    .source = "noise.gp",
    .title = "Gradient noise",
    .caption =
        "Left: the spectra of the noise covariance and of the Hessian. Middle: noise variance along the Hessian's "
        "eigenvectors against its eigenvalues; on the line \u03a3 is proportional to |H|. Right: stable indices fitted "
        "to "
        "the noise of batches, with the bands that Gaussian draws fall in.",
    .applies = applies,
    .write = write,
};
