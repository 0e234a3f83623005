/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/figures.h"

#include "core/memory.h"
#include "core/table.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* DIRECTORY/figures/NAME.gp is a whole script that draws again by `gnuplot NAME.gp`; the laboratory runs it once per
 * picture with `target`, `format` and `narrow` set before it. Pictures are drawn as NAME.part and renamed. */

const struct lab_figure *const lab_figures[] = {
    &lab_figure_loss,  &lab_figure_singular_values, &lab_figure_balancedness, &lab_figure_survival,
    &lab_figure_ratio, &lab_figure_explained,       &lab_figure_scatter,      NULL,
};

/* Pictures of one figure. */
static const struct picture {
    const char *format, *suffix; /* what a caller asks for; NAME + suffix */
    int narrow;                  /* drawn for a phone */
} pictures[] = {{"svg", ".svg", 0}, {"svg", "-narrow.svg", 1}, {"png", ".png", 0}, {"pdf", ".pdf", 0}};
enum { PICTURES = sizeof pictures / sizeof pictures[0], NAME_BYTES = 96 };

static int wanted(const struct picture *picture, const char *format) {
    return format ? strcmp(picture->format, format) == 0 : strcmp(picture->format, "pdf") != 0;
}

const struct lab_asset *lab_asset_find(const char *name) {
    for (const struct lab_asset *asset = lab_assets; asset->name; asset++)
        if (strcmp(asset->name, name) == 0) return asset;
    return NULL;
}

void lab_head_names(struct lab_page *head, const char *array, size_t count, const char *const names[]) {
    lab_put(head, "array %s[%zu]\n", array, count);
    for (size_t i = 0; i < count; i++) {
        lab_put(head, "%s[%zu] = ", array, i + 1);
        lab_put_gnuplot(head, names[i], LAB_PANEL_NAME);
        lab_put(head, "\n");
    }
}

void lab_head_number(struct lab_page *head, const char *variable, double value) {
    if (isfinite(value))
        lab_put(head, "%s = %.10g\n", variable, value);
    else
        lab_put(head, "%s = NaN\n", variable);
}

void lab_data_end_block(struct lab_page *data, size_t rows) {
    lab_put(data, "%s\n\n", rows ? "" : "NaN NaN NaN NaN NaN\n");
}

static void put_asset(struct lab_page *page, const char *name) {
    const struct lab_asset *asset = lab_asset_find(name);
    if (asset) lab_put_bytes(page, asset->text, asset->length);
}

/* NAME.gp and NAME.dat. */
static enum core_status write_sources(const struct lab_figure *figure, const struct lab_view *view, const void *subject,
                                      const char *directory) {
    char name[NAME_BYTES];
    struct lab_page head, data;
    snprintf(name, sizeof name, "%s.gp", figure->name);
    lab_page_open(&head, directory, name);
    snprintf(name, sizeof name, "%s.dat", figure->name);
    lab_page_open(&data, directory, name);
    lab_put(&head, "# Made by kramers. Draw again: gnuplot %s.gp\n", figure->name);
    lab_put(&head, "if (!exists('target')) {\n    target = '%s.svg'\n    format = 'svg'\n    narrow = 0\n}\n",
            figure->name);
    lab_put(&head, "data = '%s.dat'\n", figure->name);
    figure->write(&(struct lab_drawing){.view = view, .subject = subject, .head = &head, .data = &data});
    put_asset(&head, "style.gp");
    put_asset(&head, figure->source);
    enum core_status of_data = lab_page_close(&data), of_head = lab_page_close(&head);
    return of_data != CORE_OK ? of_data : of_head;
}

/* directory/NAME + suffix, renamed from its .part; or, without `keep`, both removed. Returns 1 when it is there. */
static int settle(const char *directory, const char *name, const char *suffix, int keep) {
    char file[NAME_BYTES];
    snprintf(file, sizeof file, "%s%s", name, suffix);
    char *path = lab_path(directory, file);
    snprintf(file, sizeof file, "%s%s.part", name, suffix);
    char *part = lab_path(directory, file);
    int there = 0;
    if (path && part) {
        if (keep)
            there = rename(part, path) == 0;
        else {
            unlink(path);
            unlink(part);
        }
    }
    core_free(path);
    core_free(part);
    return there;
}

static enum core_status draw(const struct lab_figure *figure, const char *directory, const char *format) {
    char set[PICTURES][2 * NAME_BYTES], script[NAME_BYTES];
    const char *arguments[2 + 3 * PICTURES + 1] = {"gnuplot", "-d"};
    size_t count = 2;
    snprintf(script, sizeof script, "%s.gp", figure->name);
    for (size_t k = 0; k < PICTURES; k++) {
        if (!wanted(&pictures[k], format)) continue;
        snprintf(set[k], sizeof set[k], "target = '%s%s.part'; format = '%s'; narrow = %d", figure->name,
                 pictures[k].suffix, pictures[k].format, pictures[k].narrow);
        arguments[count++] = "-e";
        arguments[count++] = set[k];
        arguments[count++] = script;
    }
    enum core_status status = lab_gnuplot_run(directory, arguments);
    for (size_t k = 0; k < PICTURES; k++)
        if (wanted(&pictures[k], format) && !settle(directory, figure->name, pictures[k].suffix, status == CORE_OK) &&
            status == CORE_OK)
            status = core_fail(CORE_IO, "gnuplot drew no %s%s", figure->name, pictures[k].suffix);
    return core_context(status, "figure %s could not be drawn", figure->name);
}

/* Removes the figure's files of an earlier run. */
static void forget(const struct lab_figure *figure, const char *directory, const char *format) {
    for (size_t k = 0; k < PICTURES; k++)
        if (wanted(&pictures[k], format)) settle(directory, figure->name, pictures[k].suffix, 0);
}

/* Keeps the sentence of the first picture that could not be drawn. */
static enum core_status take_note(char **note) {
    if (note != NULL && *note == NULL) {
        *note = core_copy_text(core_error());
        if (*note == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a sentence");
    }
    core_error_clear();
    return CORE_OK;
}

static enum core_status make_figures(const struct lab_view *view, const char *directory, const char *format,
                                     char **note) {
    enum core_status status = CORE_OK;
    for (const struct lab_figure *const *figure = lab_figures; *figure && status == CORE_OK; figure++) {
        forget(*figure, directory, format);
        if (!(*figure)->applies(view)) continue;
        status = write_sources(*figure, view, NULL, directory);
        if (status != CORE_OK) return core_context(status, "figure %s", (*figure)->name);
        enum core_status drawn = draw(*figure, directory, format);
        if (drawn == CORE_NO_MEMORY) return drawn;
        if (drawn != CORE_OK) status = take_note(note);
    }
    return status;
}

enum core_status lab_figure_make(const struct lab_figure *figure, const void *subject, const char *directory,
                                 char **note) {
    *note = NULL;
    char *figures = lab_path(directory, "figures");
    if (figures == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a path");
    enum core_status status = core_make_directory(figures);
    forget(figure, figures, NULL);
    if (status == CORE_OK) status = write_sources(figure, NULL, subject, figures);
    if (status == CORE_OK && draw(figure, figures, NULL) != CORE_OK) status = take_note(note);
    core_free(figures);
    return core_context(status, "figure %s", figure->name);
}

static enum core_status check_format(const char *format) {
    int known = format == NULL;
    for (size_t k = 0; k < PICTURES; k++) known |= format != NULL && strcmp(format, pictures[k].format) == 0;
    if (known) return CORE_OK;
    return core_fail(CORE_BAD_INPUT, "figures in the format '%s': svg, png and pdf are known", format);
}

/* 1 where directory/NAME.gp can be read. */
static int has_source(const struct lab_figure *figure, const char *directory) {
    char name[NAME_BYTES];
    snprintf(name, sizeof name, "%s.gp", figure->name);
    char *path = lab_path(directory, name);
    int there = path != NULL && access(path, R_OK) == 0;
    core_free(path);
    return there;
}

enum core_status lab_figures_redraw(const char *directory, const char *format, size_t *drawn) {
    *drawn = 0;
    enum core_status status = check_format(format);
    if (status != CORE_OK) return status;
    char *figures = lab_path(directory, "figures");
    if (figures == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a path");
    for (const struct lab_figure *const *figure = lab_figures; *figure && status == CORE_OK; figure++) {
        if (!has_source(*figure, figures)) continue;
        status = draw(*figure, figures, format);
        *drawn += status == CORE_OK;
    }
    if (status == CORE_OK && *drawn == 0) {
        status = core_fail(CORE_BAD_INPUT, "'%s' holds no figures; expected the directory of a finished 'kramers run'",
                           directory);
    }
    core_free(figures);
    return status;
}

enum core_status lab_figures_write(const struct lab_result *result, const char *directory, const char *format,
                                   char **note) {
    if (note) *note = NULL;
    enum core_status known = check_format(format);
    if (known != CORE_OK) return known;
    char *figures = lab_path(directory, "figures");
    if (figures == NULL) return CORE_NO_MEMORY;
    struct lab_view view = {0};
    enum core_status status = core_make_directory(figures);
    if (status == CORE_OK) status = lab_view_create(result, &view);
    if (status == CORE_OK) status = make_figures(&view, figures, format, note);
    lab_view_free(&view);
    core_free(figures);
    if (status != CORE_OK && note) {
        core_free(*note);
        *note = NULL;
    }
    return status;
}
