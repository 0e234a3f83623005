/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/atlas.h"

#include <math.h>

/* Critical points by loss and index, the number of negative eigenvalues. Blocks of the data: one per label in the order
 * of enum dln_label, rows (index, loss); then the path's plateaus as rows (0, loss). Points that lie upon each other
 * are one row. */

static void write_label(const struct lab_drawing *drawing, const struct dln_atlas *atlas, enum dln_label label) {
    size_t rows = 0;
    for (size_t i = 0; i < atlas->count; i++) {
        const struct dln_saddle *p = &atlas->points[i];
        int seen = !p->counted || p->theory.label != label;
        for (size_t j = 0; j < i && !seen; j++) {
            const struct dln_saddle *q = &atlas->points[j];
            seen = q->theory.label == label && q->inertia.negative == p->inertia.negative &&
                   fabs(q->loss - p->loss) < 1e-9 * (1 + fabs(p->loss));
        }
        if (seen) continue;
        lab_put(drawing->data, "%zu %.10g\n", p->inertia.negative, p->loss);
        rows++;
    }
    lab_data_end_block(drawing->data, rows);
}

static void write_atlas(const struct lab_drawing *drawing) {
    const struct lab_atlas *subject = drawing->subject;
    size_t most = 1, rows = subject->path != NULL ? subject->path->plateau_count : 0;
    for (size_t i = 0; i < subject->atlas->count; i++) {
        if (subject->atlas->points[i].inertia.negative > most) most = subject->atlas->points[i].inertia.negative;
    }
    lab_head_number(drawing->head, "index_most", (double)most);
    lab_head_number(drawing->head, "loss_most", subject->atlas->points[0].loss);
    lab_head_number(drawing->head, "plateaus", (double)rows);
    for (int label = DLN_GLOBAL_MINIMUM; label <= DLN_NON_STRICT_SADDLE; label++)
        write_label(drawing, subject->atlas, (enum dln_label)label);
    for (size_t k = 0; k < rows; k++) lab_put(drawing->data, "0 %.10g\n", subject->path->plateaus[k].loss);
    lab_data_end_block(drawing->data, rows);
}

const struct lab_figure lab_figure_atlas = {
    .name = "atlas",
    .source = "atlas.gp",
    .title = "Critical points",
    .caption =
        "Every kind of critical point by its number of descending directions and its loss. Strict saddles lie to "
        "the right of zero; minima and non-strict saddles, which the second order does not show the way down, at "
        "zero.",
    .write = write_atlas,
};
