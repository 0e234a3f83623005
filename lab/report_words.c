/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/report.h"

#include "core/memory.h"

#include <math.h>
#include <string.h>

/* The rules behind the words.
 * - A model matches in an observable when the Holm-adjusted p of its distance to SGD (leading metric, last time) is
 * above 0.05, differs when it is not, and is not decided where there is no p: no finite replica, or too few SGD
 * ensembles.
 * - "Matches in every observable" is said only where none is undecided.
 * - The explained fraction is quoted with its 95 % interval, never without.
 * - A model fails altogether when it matches nowhere and differs somewhere; its largest ratio is quoted. */

enum { NAMES_MOST = 6 };

void lab_report_name(struct lab_page *page, const char *name) {
    char *line = lab_page_line(name, 60);
    if (line == NULL && page->status == CORE_OK) page->status = CORE_NO_MEMORY;
    lab_put(page, "<b class=\"name\"><bdi>");
    lab_put_html(page, line);
    lab_put(page, "</bdi></b>");
    core_free(line);
}

static const char *plural(size_t count, const char *one, const char *many) {
    return count == 1 ? one : many;
}

static void put_observable(struct lab_page *page, const char *observable) {
    lab_put(page, "the ");
    lab_put_html(page, observable);
}

/* Between the i-th and the next of `count` names. */
static const char *joint(size_t i, size_t count) {
    return i + 1 >= count ? "" : i + 2 == count ? " and " : ", ";
}

/* Models chosen by `pick`, named with commas; returns how many. page NULL: counts only. */
static size_t put_models(struct lab_page *page, const struct lab_view *view,
                         int (*pick)(const struct lab_view *view, size_t m)) {
    size_t count = 0, put = 0;
    for (size_t m = 0; m < view->model_count; m++) count += pick(view, m) != 0;
    size_t shown = count > NAMES_MOST ? NAMES_MOST : count;
    for (size_t m = 0; page && m < view->model_count && put < shown; m++) {
        if (!pick(view, m)) continue;
        lab_report_name(page, lab_view_model(view, m)->name);
        lab_put(page, "%s", joint(put++, count > shown ? shown + 1 : shown));
    }
    if (page && count > shown) lab_put(page, "%zu more", count - shown);
    return count;
}

static int matches_all(const struct lab_view *view, size_t m) {
    size_t tally[LAB_MATCH_COUNT];
    lab_view_tally(view, m, tally);
    return tally[LAB_MATCHES] > 0 && tally[LAB_MATCHES] == view->observable_count;
}

static int matches_none(const struct lab_view *view, size_t m) {
    size_t tally[LAB_MATCH_COUNT];
    lab_view_tally(view, m, tally);
    return tally[LAB_MATCHES] == 0 && tally[LAB_DIFFERS] > 0;
}

static int undecided_all(const struct lab_view *view, size_t m) {
    size_t tally[LAB_MATCH_COUNT];
    lab_view_tally(view, m, tally);
    return tally[LAB_UNDECIDED] == view->observable_count;
}

/* The observable in which model m is furthest from SGD: its row, NULL when none differs. */
static const struct lab_distance_row *worst(const struct lab_view *view, size_t m) {
    const struct lab_distance_row *found = NULL;
    for (size_t o = 0; o < view->observable_count; o++) {
        const struct lab_distance_row *row = lab_view_row(view, m, view->observables[o], view->metric);
        if (lab_match(row) == LAB_DIFFERS && (found == NULL || row->row.z > found->row.z)) found = row;
    }
    return found;
}

static void put_worst(struct lab_page *page, const struct lab_distance_row *row) {
    put_observable(page, row->observable);
    lab_put(page, ", z\xC2\xA0=\xC2\xA0%s", lab_number(row->row.z, 2).text);
    if (isfinite(row->row.ratio))
        lab_put(page, ", %s times the distance between SGD ensembles", lab_number(row->row.ratio, 2).text);
}

/* The model with most matches; of equals the one whose worst z is smallest. */
static size_t closest(const struct lab_view *view) {
    size_t best = 0, best_matches = 0;
    double best_z = (double)INFINITY;
    for (size_t m = 0; m < view->model_count; m++) {
        size_t tally[LAB_MATCH_COUNT];
        lab_view_tally(view, m, tally);
        const struct lab_distance_row *row = worst(view, m);
        double z = row ? row->row.z : undecided_all(view, m) ? (double)INFINITY : 0;
        if (tally[LAB_MATCHES] < best_matches || (tally[LAB_MATCHES] == best_matches && z >= best_z)) continue;
        best = m;
        best_matches = tally[LAB_MATCHES];
        best_z = z;
    }
    return best;
}

/* Who matches everywhere, or who comes closest. */
static void put_matches(struct lab_page *page, const struct lab_view *view) {
    size_t whole = put_models(NULL, view, matches_all), all = view->observable_count;
    lab_put(page, "<p>Of %zu %s, ", view->model_count, plural(view->model_count, "model", "models"));
    if (whole > 0) {
        lab_put(page, "%zu %s SGD in %s%zu %s compared at t = %s: ", whole, plural(whole, "matches", "match"),
                all == 1 ? "" : "all ", all, plural(all, "observable", "observables"), lab_number(view->time, 4).text);
        put_models(page, view, matches_all);
        lab_put(page, ".</p>\n");
        return;
    }
    size_t m = closest(view), tally[LAB_MATCH_COUNT];
    lab_view_tally(view, m, tally);
    lab_put(page, "none matches SGD in %s%zu %s compared at t = %s. Closest is ", all == 1 ? "the " : "all ", all,
            plural(all, "observable", "observables"), lab_number(view->time, 4).text);
    lab_report_name(page, lab_view_model(view, m)->name);
    lab_put(page, ": it matches in %zu of %zu", tally[LAB_MATCHES], all);
    const struct lab_distance_row *row = worst(view, m);
    if (row) {
        lab_put(page, " and differs most in ");
        put_worst(page, row);
    }
    lab_put(page, ".</p>\n");
}

static void put_fraction(struct lab_page *page, const struct compare_fraction *fraction) {
    int decimals = fraction->high - fraction->low < 0.002 ? 2 : 1;
    lab_put(page, "%s [%s, %s]", lab_percent(fraction->value, decimals).text, lab_percent(fraction->low, decimals).text,
            lab_percent(fraction->high, decimals).text);
}

/* The largest explained fraction, and the smallest where it is negative. */
static void put_explained(struct lab_page *page, const struct lab_view *view) {
    const struct lab_verdict_row *best = NULL, *last = NULL;
    for (size_t m = 0; m < view->model_count; m++) {
        const struct lab_verdict_row *row = lab_view_verdict(view, m, NULL);
        if (row == NULL || !isfinite(row->explained.value)) continue;
        if (best == NULL || row->explained.value > best->explained.value) best = row;
        if (last == NULL || row->explained.value < last->explained.value) last = row;
    }
    if (best == NULL || !(best->explained.value > 0)) return;
    lab_put(page, "<p>");
    lab_report_name(page, view->result->ensembles[best->model].name);
    lab_put(page, " removes ");
    put_fraction(page, &best->explained);
    lab_put(page, " of the isotropic Langevin model\xE2\x80\x99s excess distance to SGD, more than any other");
    if (last != best && last->explained.value < 0) {
        lab_put(page, "; ");
        lab_report_name(page, view->result->ensembles[last->model].name);
        lab_put(page, " is further from SGD than Langevin is");
        if (last->explained.value > -1) {
            lab_put(page, ": ");
            put_fraction(page, &last->explained);
        }
    }
    lab_put(page, ".</p>\n");
}

/* Those that match nowhere, the furthest with its numbers. */
static void put_failures(struct lab_page *page, const struct lab_view *view) {
    size_t count = put_models(NULL, view, matches_none), furthest = 0;
    const struct lab_distance_row *row = NULL;
    if (count == 0) return;
    for (size_t m = 0; m < view->model_count; m++) {
        const struct lab_distance_row *other = matches_none(view, m) ? worst(view, m) : NULL;
        if (other == NULL || (row != NULL && !(other->row.z > row->row.z))) continue;
        row = other;
        furthest = m;
    }
    lab_put(page, "<p>");
    put_models(page, view, matches_none);
    lab_put(page, " %s SGD in no observable", plural(count, "matches", "match"));
    if (row) {
        lab_put(page, count == 1 ? ": " : "; furthest off is ");
        if (count > 1) {
            lab_report_name(page, lab_view_model(view, furthest)->name);
            lab_put(page, " in ");
        }
        put_worst(page, row);
    }
    lab_put(page, ".</p>\n");
}

static void put_undecided(struct lab_page *page, const struct lab_view *view) {
    size_t rows = 0, models = put_models(NULL, view, undecided_all);
    for (size_t m = 0; m < view->model_count; m++) {
        size_t tally[LAB_MATCH_COUNT];
        lab_view_tally(view, m, tally);
        rows += tally[LAB_UNDECIDED];
    }
    if (rows == 0) return;
    lab_put(page, "<p>%zu %s not decided (no p-value)", rows, plural(rows, "comparison is", "comparisons are"));
    if (models) {
        lab_put(page, ", among them all of ");
        put_models(page, view, undecided_all);
    }
    lab_put(page, ".</p>\n");
}

static int diverged_some(const struct lab_view *view, size_t m) {
    return lab_view_model(view, m)->diverged > 0;
}

static void put_diverged(struct lab_page *page, const struct lab_view *view) {
    size_t count = put_models(NULL, view, diverged_some), put = 0, shown = count > NAMES_MOST ? NAMES_MOST : count;
    if (view->sgd && view->sgd->diverged > 0)
        lab_put(page, "<p>%zu of %zu SGD replicas diverged.</p>\n", view->sgd->diverged, view->sgd->replicas);
    if (count == 0) return;
    lab_put(page, "<p>Diverged replicas, left out of the comparison: ");
    for (size_t m = 0; m < view->model_count; m++) {
        const struct lab_ensemble_result *model = lab_view_model(view, m);
        if (model->diverged == 0) continue;
        lab_report_name(page, model->name);
        lab_put(page, " %zu of %zu%s", model->diverged, model->replicas, joint(put, shown));
        if (++put == shown) break;
    }
    if (count > shown) lab_put(page, ", and more (see the table of runs)");
    lab_put(page, ".</p>\n");
}

void lab_report_words(struct lab_page *page, const struct lab_view *view) {
    lab_put(page, "<section class=\"verdict\" aria-label=\"Verdict\">\n");
    if (view->sgd == NULL)
        lab_put(page, "<p>This study runs no SGD, so there is nothing to compare the models with.</p>\n");
    else if (view->model_count == 0)
        lab_put(page, "<p>This study runs SGD alone, without models to compare.</p>\n");
    else if (view->observable_count == 0)
        lab_put(page, "<p>Nothing was compared in this run.</p>\n");
    else {
        put_matches(page, view);
        put_explained(page, view);
        put_failures(page, view);
        put_undecided(page, view);
    }
    put_diverged(page, view);
    lab_put(page, "</section>\n");
}
