/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/page.h"
#include "lab/view.h"

#include "core/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The table at the end of `kramers run`: a row per model, a column per observable with a mark and the distance over the
 * null. At most 100 columns: a name takes 20, an observable 16, and five of them fit; more go into a second table. */

enum { NAME_WIDTH = 20, CELL_WIDTH = 16, CELLS_MOST = 5 };

/* Characters of a UTF-8 text, counting each as one column. */
static int width(const char *text) {
    int count = 0;
    for (; *text; text++) count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

static void put_padded(FILE *out, const char *text, int columns) {
    fprintf(out, "%s%*s", text, columns > width(text) ? columns - width(text) : 0, "");
}

static enum core_status put_cut(FILE *out, const char *text, int columns) {
    char *line = lab_page_line(text, (size_t)columns - 1);
    if (line == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the summary");
    put_padded(out, line, columns);
    core_free(line);
    return CORE_OK;
}

static void put_cell(FILE *out, const struct lab_view *view, size_t m, const char *observable) {
    const struct lab_distance_row *row = lab_view_row(view, m, observable, view->metric);
    char cell[64];
    double ratio = row ? row->row.ratio : (double)NAN;
    snprintf(cell, sizeof cell, "%s %s", lab_marks[lab_match(row)].sign, lab_number(ratio, 3).text);
    put_padded(out, cell, CELL_WIDTH);
}

static enum core_status put_block(FILE *out, const struct lab_view *view, size_t first, size_t count) {
    enum core_status status = put_cut(out, "model", NAME_WIDTH);
    for (size_t o = first; o < first + count && status == CORE_OK; o++)
        status = put_cut(out, view->observables[o], CELL_WIDTH);
    fprintf(out, "\n");
    for (size_t m = 0; m < view->model_count && status == CORE_OK; m++) {
        status = put_cut(out, lab_view_model(view, m)->name, NAME_WIDTH);
        for (size_t o = first; o < first + count; o++) put_cell(out, view, m, view->observables[o]);
        fprintf(out, "\n");
    }
    return status;
}

static enum core_status put_table(FILE *out, const struct lab_view *view) {
    if (view->model_count == 0 || view->observable_count == 0) {
        fprintf(out, "nothing was compared with SGD\n");
        return CORE_OK;
    }
    fprintf(out, "distance to SGD over the distance between SGD ensembles (%s, t = %s)\n", view->metric,
            lab_number(view->time, 4).text);
    enum core_status status = CORE_OK;
    for (size_t o = 0; o < view->observable_count && status == CORE_OK; o += CELLS_MOST) {
        size_t left = view->observable_count - o;
        status = put_block(out, view, o, left < CELLS_MOST ? left : CELLS_MOST);
    }
    fprintf(out, "%s matches (Holm-adjusted p > %g)  %s differs  %s not decided\n", lab_marks[LAB_MATCHES].sign,
            LAB_SIGNIFICANCE, lab_marks[LAB_DIFFERS].sign, lab_marks[LAB_UNDECIDED].sign);
    return status;
}

static enum core_status put_diverged(FILE *out, const struct lab_view *view) {
    enum core_status status = CORE_OK;
    for (size_t s = 0; s < lab_view_series_count(view) && status == CORE_OK; s++) {
        const struct lab_ensemble_result *series = lab_view_series(view, s);
        if (series->diverged == 0) continue;
        status = put_cut(out, series->name, NAME_WIDTH);
        fprintf(out, "%zu of %zu replicas diverged\n", series->diverged, series->replicas);
    }
    return status;
}

enum core_status lab_summary_print(const struct lab_result *result, FILE *out) {
    struct lab_view view;
    enum core_status status = lab_view_create(result, &view);
    if (status != CORE_OK) return status;
    status = put_table(out, &view);
    if (status == CORE_OK) status = put_diverged(out, &view);
    lab_view_free(&view);
    if (status == CORE_OK && ferror(out)) status = core_fail(CORE_IO, "the summary could not be printed");
    return status;
}
