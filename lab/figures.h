/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LAB_FIGURES_H
#define LAB_FIGURES_H

#include "lab/page.h"
#include "lab/view.h"

/* The kinds of figures. A kind is one gnuplot source in plots/ and one file lab/figure_*.c that writes what the source
 * needs: a head of variables (numbers, and names as single-quoted strings) and a file of numbers. */

/* Where a figure's writer writes. */
struct lab_drawing {
    const struct lab_view *view; /* of a run; NULL for figures of other things */
    const void *subject;         /* what lab_figure_make was given; NULL for figures of a run */
    struct lab_page *head;       /* gnuplot assignments, put before the source */
    struct lab_page *data;       /* NAME.dat: blocks of rows, two blank lines between blocks */
};

struct lab_figure {
    const char *name;    /* of its files */
    const char *source;  /* its gnuplot source among the assets */
    const char *title;   /* heading in the report */
    const char *caption; /* what to look at */
    int (*applies)(const struct lab_view *view);
    void (*write)(const struct lab_drawing *drawing); /* failures stay in the pages' status */
};

extern const struct lab_figure lab_figure_loss, lab_figure_singular_values, lab_figure_balancedness,
    lab_figure_survival, lab_figure_ratio, lab_figure_explained, lab_figure_scatter;

/* The table of figures in the report's order, ended by a NULL. */
extern const struct lab_figure *const lab_figures[];

/* Characters of a name that fit above a panel. */
enum { LAB_PANEL_NAME = 24 };

/* A gnuplot array of `count` strings, "array ARRAY[count]" and its entries. */
void lab_head_names(struct lab_page *head, const char *array, size_t count, const char *const names[]);
/* An assignment of a number; NaN and infinities become gnuplot's NaN. */
void lab_head_number(struct lab_page *head, const char *variable, double value);

/* Ends a block of NAME.dat that has had `rows` rows; an empty block gets a row of NaN, so that numbering holds. */
void lab_data_end_block(struct lab_page *data, size_t rows);

/* directory/figures/NAME.*, a figure that belongs to no run: `subject` is what its writer takes. A picture that could
 * not be drawn leaves its sentence in *note (core_free), else NULL. */
enum core_status lab_figure_make(const struct lab_figure *figure, const void *subject, const char *directory,
                                 char **note);

/* Draws the figures of directory/figures again from their .gp and .dat; `format` as in lab_figures_write. *drawn counts
 * the figures. CORE_BAD_INPUT where there are none or the format is unknown; CORE_IO where gnuplot is missing or fails.
 */
enum core_status lab_figures_redraw(const char *directory, const char *format, size_t *drawn);

/* Text built into the program: plots/ and the style sheet. */
struct lab_asset {
    const char *name;
    const char *text;
    size_t length;
};
extern const struct lab_asset lab_assets[]; /* ended by a row of NULLs */
const struct lab_asset *lab_asset_find(const char *name);

/* Runs gnuplot in `directory` without a shell. CORE_IO with a sentence when it is missing or fails. */
enum core_status lab_gnuplot_run(const char *directory, const char *const arguments[]);

#endif
