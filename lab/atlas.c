/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An atlas of critical points as a table for people and as JSON. */
#include "lab/atlas.h"

#include "lab/json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- JSON ---- */

static void put_counts(struct lab_json *json, const char *key, size_t count, const size_t values[]) {
    lab_json_array_begin(json, key);
    for (size_t i = 0; i < count; i++) lab_json_integer(json, NULL, (int64_t)values[i]);
    lab_json_end(json);
}

static void put_inertia(struct lab_json *json, int counted, const struct core_inertia *inertia) {
    if (!counted) {
        lab_json_null(json, "inertia");
        lab_json_text(json, "inertia_reason", "too many parameters for the whole Hessian");
        return;
    }
    put_counts(json, "inertia", 3, (size_t[]){inertia->negative, inertia->zero, inertia->positive});
    lab_json_flag(json, "inertia_doubtful", core_inertia_doubtful(inertia));
}

static void put_point(struct lab_json *json, const struct dln_saddle *point) {
    lab_json_object_begin(json, NULL);
    lab_json_integer(json, "rank", (int64_t)point->rank);
    put_counts(json, "modes", point->rank, point->modes);
    put_counts(json, "zero_layers", point->zero_count, point->zero_layers);
    lab_json_flag(json, "tightened", point->theory.tightened);
    lab_json_text(json, "label", dln_label_name(point->theory.label));
    lab_json_text(json, "label_by_hessian", dln_label_name(point->seen));
    lab_json_flag(json, "agrees", point->agrees);
    lab_json_number(json, "loss", point->loss);
    put_inertia(json, point->counted, &point->inertia);
    lab_json_number(json, "lowest_eigenvalue", point->lowest);
    lab_json_number(json, "highest_eigenvalue", point->highest);
    lab_json_number(json, "gradient_norm", point->gradient_norm);
    lab_json_end(json);
}

static void put_plateau(struct lab_json *json, const struct lab_plateau *plateau) {
    lab_json_object_begin(json, NULL);
    lab_json_number(json, "begin", plateau->begin);
    lab_json_number(json, "end", plateau->end);
    lab_json_number(json, "time", plateau->time);
    lab_json_number(json, "loss", plateau->loss);
    lab_json_number(json, "gradient_norm", plateau->gradient_norm);
    lab_json_object_begin(json, "nearest");
    lab_json_integer(json, "rank", (int64_t)plateau->rank);
    put_counts(json, "modes", plateau->rank, plateau->modes);
    lab_json_number(json, "loss", plateau->level);
    lab_json_end(json);
    put_inertia(json, plateau->counted, &plateau->inertia);
    lab_json_end(json);
}

void lab_atlas_json(const struct lab_atlas *atlas, struct lab_json *json) {
    const struct dln_atlas *points = atlas->atlas;
    lab_json_array_begin(json, "points");
    for (size_t i = 0; i < points->count; i++) put_point(json, &points->points[i]);
    lab_json_end(json);
    lab_json_number(json, "families", points->families);
    lab_json_integer(json, "agreeing", (int64_t)points->agreeing);
    lab_json_integer(json, "disagreeing", (int64_t)(points->count - points->agreeing));
    lab_json_integer(json, "doubtful", (int64_t)points->doubtful);
    lab_json_numbers(json, "modes", atlas->modes->count, atlas->modes->values);
    if (atlas->path == NULL) return;
    lab_json_object_begin(json, "along");
    lab_json_integer(json, "replica", (int64_t)atlas->path->replica);
    lab_json_array_begin(json, "plateaus");
    for (size_t k = 0; k < atlas->path->plateau_count; k++) put_plateau(json, &atlas->path->plateaus[k]);
    lab_json_end(json);
    lab_json_end(json);
}

/* ---- For people ---- */

enum { WORD = 32 };

/* "0 1 4" in a fixed room; "-" for none; what does not fit is cut. */
static const char *list_text(size_t count, const size_t values[], char text[WORD]) {
    size_t used = 0;
    snprintf(text, WORD, "-");
    for (size_t i = 0; i < count && used + 6 < WORD; i++)
        used += (size_t)snprintf(text + used, WORD - used, i == 0 ? "%zu" : " %zu", values[i]);
    if (count > 0 && used + 6 >= WORD) snprintf(text + WORD - 5, 5, " ...");
    return text;
}

static const char *inertia_text(int counted, const struct core_inertia *inertia, char text[WORD]) {
    if (counted)
        snprintf(text, WORD, "%zu/%zu/%zu%s", inertia->negative, inertia->zero, inertia->positive,
                 core_inertia_doubtful(inertia) ? "?" : "");
    else
        snprintf(text, WORD, "-");
    return text;
}

static void print_points(const struct dln_atlas *atlas) {
    char modes[WORD], zeros[WORD], inertia[WORD];
    printf("%4s  %-14s %-11s %-9s %14s  %-12s %9s  %s\n", "rank", "modes", "zero layers", "tightened", "loss", "-/0/+",
           "|grad|", "label");
    for (size_t i = 0; i < atlas->count; i++) {
        const struct dln_saddle *p = &atlas->points[i];
        printf("%4zu  %-14s %-11s %-9s %14.8g  %-12s %9.1e  %s", p->rank, list_text(p->rank, p->modes, modes),
               list_text(p->zero_count, p->zero_layers, zeros), p->theory.tightened ? "yes" : "no", p->loss,
               inertia_text(p->counted, &p->inertia, inertia), p->gradient_norm, dln_label_name(p->theory.label));
        if (p->agrees)
            printf("\n");
        else
            printf("  BUT THE HESSIAN SAYS %s\n", dln_label_name(p->seen));
    }
}

static void print_plateaus(const struct lab_path *path) {
    char modes[WORD], inertia[WORD];
    printf("\nplateaus of replica %zu\n%12s %12s %14s %9s  %-14s %14s  %s\n", path->replica, "from", "to", "loss",
           "|grad|", "nearest modes", "their loss", "-/0/+");
    for (size_t k = 0; k < path->plateau_count; k++) {
        const struct lab_plateau *p = &path->plateaus[k];
        printf("%12.6g %12.6g %14.8g %9.1e  %-14s %14.8g  %s\n", p->begin, p->end, p->loss, p->gradient_norm,
               list_text(p->rank, p->modes, modes), p->level, inertia_text(p->counted, &p->inertia, inertia));
    }
}

void lab_atlas_print(const struct lab_atlas *atlas) {
    const struct dln_atlas *points = atlas->atlas;
    print_points(points);
    printf("\n%zu points; ranks and Hessian agree on %zu, disagree on %zu\n", points->count, points->agreeing,
           points->count - points->agreeing);
    if (points->doubtful > 0)
        printf("%zu counts of eigenvalues are in doubt (?): no gap at the threshold of 1e-8 of the largest\n",
               points->doubtful);
    if (points->families > (double)points->count)
        printf("of %.6g families, every rank shows an equal share: leading modes and most zero blocks first\n",
               points->families);
    if (atlas->path != NULL) print_plateaus(atlas->path);
}
