/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/tails.h"

#include <math.h>
#include <stdio.h>

/* A panel per column. Block 2 c of the data: k, alpha, and alpha less and more two standard errors alpha / sqrt(k), of
 * column c; block 2 c + 1: the k chosen and its alpha. */

enum { POINTS = 400 };

static void write(const struct lab_drawing *drawing) {
    const struct lab_hill *hill = drawing->subject;
    char titles[LAB_HILL_PANELS][32];
    const char *names[LAB_HILL_PANELS];
    double most = 4;
    size_t most_k = 100;
    for (size_t c = 0; c < hill->panels; c++) {
        const struct lab_hill_panel *panel = &hill->panel[c];
        size_t step = 1 + panel->count / POINTS, rows = 0;
        if (panel->count > 0 && panel->k[panel->count - 1] > most_k) most_k = panel->k[panel->count - 1];
        for (size_t i = 0; i < panel->count; i += step) {
            double alpha = panel->alpha[i], wide = 2 * alpha / sqrt((double)panel->k[i]);
            if (!isfinite(alpha)) continue;
            lab_put(drawing->data, "%zu %.8g %.8g %.8g\n", panel->k[i], alpha, alpha - wide, alpha + wide);
            rows++;
        }
        lab_data_end_block(drawing->data, rows);
        if (panel->chosen > 0) lab_put(drawing->data, "%zu %.8g\n", panel->chosen, panel->chosen_alpha);
        lab_data_end_block(drawing->data, panel->chosen > 0);
        if (panel->chosen > 0) most = fmax(most, 1.5 * panel->chosen_alpha);
        snprintf(titles[c], sizeof titles[c], "column %zu", c + 1);
        names[c] = titles[c];
    }
    lab_put(drawing->head, "panels = %zu\n", hill->panels);
    lab_head_names(drawing->head, "title", hill->panels, names);
    lab_head_number(drawing->head, "alpha_most", most);
    lab_put(drawing->head, "k_least = 10\nk_most = %zu\n", most_k);
}

static int applies(const struct lab_view *view) {
    (void)view;
    return 0; /* to a lab_hill only */
}

const struct lab_figure lab_figure_hill = {
    .name = "hill",
    .source = "hill.gp",
    .title = "Hill's plot",
    .caption =
        "The tail index by the k largest |x|, with two standard errors; the mark is the k whose power law is nearest "
        "to the tail. A power law shows as a plateau; a curve that only falls shows none.",
    .applies = applies,
    .write = write,
};
