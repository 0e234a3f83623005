/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/figures.h"
#include "lab/report.h"
#include "lab/svg.h"

#include "core/memory.h"
#include "core/table.h"

#include <stdio.h>

/* The pictures in the page: each twice, drawn for a wide page and for a phone; the style sheet shows one of them. */

static const struct { const char *suffix, *class; } kinds[] = {{"", "wide"}, {"-narrow", "narrow"}};

/* The picture's file; NULL where there is none, or no memory for it (then the page fails). */
static char *read_picture(struct lab_page *page, const char *figures, const char *name, const char *suffix) {
    char file[96], *svg = NULL;
    size_t length;
    snprintf(file, sizeof file, "%s%s.svg", name, suffix);
    char *path = lab_path(figures, file);
    enum core_status status = path ? core_file_read(path, &svg, &length) : CORE_NO_MEMORY;
    if (status == CORE_NO_MEMORY && page->status == CORE_OK) page->status = status;
    core_free(path);
    return status == CORE_OK ? svg : NULL;
}

/* 1 when the picture stands in the page. */
static int put_picture(struct lab_page *page, const struct lab_figure *figure, const char *figures, size_t kind) {
    char *svg = read_picture(page, figures, figure->name, kinds[kind].suffix), prefix[96];
    if (svg == NULL) return 0;
    snprintf(prefix, sizeof prefix, "%s%s", figure->name, kinds[kind].suffix);
    lab_put(page, "<div class=\"picture %s\" role=\"img\" aria-label=\"%s. %s\">\n", kinds[kind].class, figure->title,
            figure->caption);
    int whole = lab_put_svg(page, svg, prefix);
    lab_put(page, "</div>\n");
    core_free(svg);
    return whole;
}

static void put_figure(struct lab_page *page, const struct lab_figure *figure, const char *figures) {
    lab_put(page, "<figure id=\"figure-%s\">\n<h3>%s</h3>\n", figure->name, figure->title);
    int drawn = put_picture(page, figure, figures, 0);
    if (drawn)
        put_picture(page, figure, figures, 1);
    else
        lab_put(page,
                "<p class=\"small\">This picture was not drawn: gnuplot is missing or failed. Its numbers are in "
                "figures/%s.dat; <code>gnuplot %s.gp</code> in that folder draws it.</p>\n",
                figure->name, figure->name);
    lab_put(page, "<figcaption>%s</figcaption>\n</figure>\n", figure->caption);
}

void lab_report_figures(struct lab_page *page, const struct lab_view *view, const char *directory) {
    char *figures = lab_path(directory, "figures");
    if (figures == NULL && page->status == CORE_OK) page->status = CORE_NO_MEMORY;
    lab_put(page, "<h2 id=\"figures\">Pictures</h2>\n");
    for (const struct lab_figure *const *figure = lab_figures; figures && *figure; figure++)
        if ((*figure)->applies(view)) put_figure(page, *figure, figures);
    core_free(figures);
}
