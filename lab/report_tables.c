/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/report.h"

#include <math.h>
#include <string.h>

/* Tables of the report. Each scrolls inside its own container, its first column stays. */

static void open_table(struct lab_page *page, const char *label) {
    lab_put(page, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"%s\"><table>\n", label);
}

static void close_table(struct lab_page *page) {
    lab_put(page, "</tbody></table></div>\n");
}

/* What a table shows: below it, outside the part that scrolls. */
static void put_caption(struct lab_page *page, const char *text) {
    lab_put(page, "<p class=\"small\">%s</p>\n", text);
}

/* A row's head: the name of an ensemble. */
static void put_head(struct lab_page *page, const char *name) {
    lab_put(page, "<tr><th scope=\"row\">");
    lab_report_name(page, name);
    lab_put(page, "</th>");
}

static void put_columns(struct lab_page *page, size_t count, const char *const names[]) {
    for (size_t k = 0; k < count; k++) {
        lab_put(page, "<th scope=\"col\">");
        lab_put_html(page, names[k]);
        lab_put(page, "</th>");
    }
    lab_put(page, "</tr></thead><tbody>\n");
}

/* ---- model by observable ---- */

/* Metrics of the study in order of appearance; at most `most`, returns how many. */
enum { METRICS_MOST = 16 };
static size_t metrics(const struct lab_view *view, const char *found[METRICS_MOST]) {
    size_t count = 0;
    for (size_t d = 0; d < view->result->distance_count; d++) {
        const char *metric = view->result->distances[d].metric;
        size_t k = 0;
        while (k < count && strcmp(found[k], metric) != 0) k++;
        if (k == count && count < METRICS_MOST) found[count++] = metric;
    }
    return count;
}

/* Other metrics that reach the opposite verdict, named under the numbers. */
static void put_dissent(struct lab_page *page, const struct lab_view *view, size_t m, const char *observable,
                        enum lab_match match) {
    const char *found[METRICS_MOST];
    size_t count = metrics(view, found), put = 0;
    for (size_t k = 0; k < count && match != LAB_UNDECIDED; k++) {
        enum lab_match other = lab_match(lab_view_row(view, m, observable, found[k]));
        if (other == match || other == LAB_UNDECIDED) continue;
        lab_put(page, put++ ? ", " : "<small>%s by ", lab_marks[other].word);
        lab_put_html(page, found[k]);
    }
    if (put) lab_put(page, "</small>");
}

static void put_cell(struct lab_page *page, const struct lab_view *view, size_t m, const char *observable,
                     const char *metric) {
    const struct lab_distance_row *row = lab_view_row(view, m, observable, metric);
    enum lab_match match = lab_match(row);
    lab_put(page, "<td class=\"%s\"><b title=\"%s\">%s</b> ", lab_marks[match].class, lab_marks[match].word,
            lab_marks[match].sign);
    if (row == NULL)
        lab_put(page, "%s", lab_number((double)NAN, 1).text);
    else if (isfinite(row->row.ratio))
        lab_put(page, "%s\xC3\x97", lab_number(row->row.ratio, 3).text);
    else
        lab_put(page, "%s", lab_number(row->row.value, 2).text);
    if (row) lab_put(page, "<small>z %s</small>", lab_number(row->row.z, 2).text);
    if (metric == view->metric) put_dissent(page, view, m, observable, match);
    lab_put(page, "</td>");
}

static void put_comparison(struct lab_page *page, const struct lab_view *view, const char *metric) {
    lab_put(page, "<thead><tr><th scope=\"col\">model</th>");
    put_columns(page, view->observable_count, view->observables);
    for (size_t m = 0; m < view->model_count; m++) {
        put_head(page, lab_view_model(view, m)->name);
        for (size_t o = 0; o < view->observable_count; o++) put_cell(page, view, m, view->observables[o], metric);
        lab_put(page, "</tr>\n");
    }
    close_table(page);
}

void lab_report_matches(struct lab_page *page, const struct lab_view *view) {
    if (view->model_count == 0 || view->observable_count == 0) return;
    lab_put(page, "<h2 id=\"matches\">Which model matches SGD, and in what?</h2>\n");
    open_table(page, "Models by observables");
    put_comparison(page, view, view->metric);
    lab_put(page, "<p class=\"small\">Distance (");
    lab_put_html(page, view->metric);
    lab_put(
        page,
        ") to SGD at t = %s in units of the distance between independent SGD ensembles, and its z under that null. "
        "%s matches: Holm-adjusted p above %g, so this many replicas show no difference; %s differs; %s not decided. "
        "Small print: other metrics that say otherwise.</p>\n",
        lab_number(view->time, 4).text, lab_marks[LAB_MATCHES].sign, LAB_SIGNIFICANCE, lab_marks[LAB_DIFFERS].sign,
        lab_marks[LAB_UNDECIDED].sign);
}

void lab_report_metrics(struct lab_page *page, const struct lab_view *view) {
    const char *found[METRICS_MOST];
    size_t count = view->model_count ? metrics(view, found) : 0;
    if (count < 2) return;
    lab_put(page, "<details><summary>The same in the other metrics</summary>\n");
    for (size_t k = 0; k < count; k++) {
        if (strcmp(found[k], view->metric) == 0) continue;
        lab_put(page, "<h3>");
        lab_put_html(page, found[k]);
        lab_put(page, "</h3>\n");
        open_table(page, "Models by observables in another metric");
        put_comparison(page, view, found[k]);
    }
    put_caption(page, "Where there is no ratio, the distance itself; costly metrics see the first replicas only.");
    lab_put(page, "</details>\n");
}

/* ---- escape times ---- */

static void put_escape(struct lab_page *page, const struct lab_escape_row *row) {
    lab_put(page, "<td>%s \xC2\xB1 %s<small>%s escaped</small></td>", lab_number(row->mean, 4).text,
            lab_number(row->se, 2).text, lab_percent(row->escaped, 1).text);
}

void lab_report_escapes(struct lab_page *page, const struct lab_view *view) {
    const struct lab_result *result = view->result;
    if (result->level_count == 0 || lab_view_series_count(view) == 0) return;
    lab_put(page, "<h2 id=\"escape\">When does each escape?</h2>\n");
    open_table(page, "Escape times");
    lab_put(page, "<thead><tr><th scope=\"col\">loss below</th>");
    for (size_t l = 0; l < result->level_count; l++)
        lab_put(page, "<th scope=\"col\">%s</th>", lab_number(result->levels[l], 4).text);
    lab_put(page, "</tr></thead><tbody>\n");
    for (size_t s = 0; s < lab_view_series_count(view); s++) {
        const struct lab_ensemble_result *series = lab_view_series(view, s);
        put_head(page, series->name);
        for (size_t l = 0; l < series->escape_count; l++) put_escape(page, &series->escape[l]);
        lab_put(page, "</tr>\n");
    }
    close_table(page);
    put_caption(
        page,
        "First time with a loss below the level: mean \xC2\xB1 standard error over the replicas that escaped (time "
        "in gradient-flow units), and how many of those that did not diverge had escaped by the end.");
}

/* ---- runs ---- */

void lab_report_runs(struct lab_page *page, const struct lab_view *view) {
    static const char *const columns[] = {"replicas",    "diverged", "final loss",
                                          "temperature", "seconds",  "replica-steps/s"};
    lab_put(page, "<h2 id=\"runs\">What was run</h2>\n");
    open_table(page, "Ensembles");
    lab_put(page, "<thead><tr><th scope=\"col\">ensemble</th>");
    put_columns(page, sizeof columns / sizeof columns[0], columns);
    for (size_t e = 0; e < view->result->ensemble_count; e++) {
        const struct lab_ensemble_result *ensemble = &view->result->ensembles[e];
        const struct core_ensemble *data = ensemble->data;
        const struct lab_time_row *end = ensemble->time_count ? &ensemble->times[ensemble->time_count - 1] : NULL;
        put_head(page, ensemble->name);
        lab_put(page, "<td>%zu</td><td>%zu</td>", ensemble->replicas, ensemble->diverged);
        lab_put(page, "<td>%s \xC2\xB1 %s</td>", lab_number(end ? end->loss_mean : (double)NAN, 4).text,
                lab_number(end ? end->loss_se : (double)NAN, 2).text);
        lab_put(page, "<td>%s</td>", lab_number(ensemble->temperature, 3).text);
        lab_put(page, "<td>%s</td>", lab_number(data ? data->seconds : (double)NAN, 3).text);
        lab_put(page, "<td>%s</td></tr>\n",
                lab_number(data && data->seconds > 0 ? data->steps / data->seconds : (double)NAN, 3).text);
    }
    close_table(page);
    put_caption(
        page, "Every ensemble, twins of SGD included. Final loss: mean \xC2\xB1 standard error over the replicas that "
              "did not diverge.");
}
