/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/report.h"

#include "lab/figures.h"

#include <math.h>
#include <string.h>

/* report.html: the question, the verdict in words, tables, pictures, and at the end how it was made. One file, no
 * script, nothing fetched: a content policy in its head says so to the browser. */

static void put_style(struct lab_page *page) {
    const struct lab_asset *style = lab_asset_find("report.css");
    lab_put(page, "<style>\n");
    if (style) lab_put_bytes(page, style->text, style->length);
    lab_put(page, "</style>\n");
}

static const char *title_of(const struct lab_study *study) {
    return study->title && *study->title ? study->title : study->name;
}

static void put_head(struct lab_page *page, const struct lab_study *study) {
    lab_put(page,
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
            "<title>");
    lab_put_html(page, title_of(study));
    lab_put(page, "</title>\n");
    put_style(page);
    lab_put(page, "</head>\n<body>\n<main>\n<header>\n<p class=\"kicker\">kramers \xC2\xB7 study <bdi>");
    lab_put_html(page, study->name);
    lab_put(page, "</bdi></p>\n<h1><bdi>");
    lab_put_html(page, title_of(study));
    lab_put(page, "</bdi></h1>\n");
}

/* The question and what was run to answer it. */
static void put_question(struct lab_page *page, const struct lab_result *result) {
    const struct lab_sgd *sgd = result->study->sgd;
    const struct lab_network *network = result->study->landscape ? result->study->landscape->network : NULL;
    if (sgd == NULL || network == NULL || result->ensemble_count == 0) {
        lab_put(page, "</header>\n");
        return;
    }
    lab_put(page,
            "<p class=\"question\">Which stochastic model moves as SGD does here? SGD with batches of %u and rate %s "
            "trains a deep "
            "linear network of widths ",
            sgd->batch, lab_number(sgd->rate, 4).text);
    for (unsigned l = 0; l < network->widths_count; l++)
        lab_put(page, "%s%u", l ? "\xE2\x80\x93" : "", network->widths[l]);
    lab_put(page,
            " for %u steps, %u times from the same start, and so does each model. Their distances are measured against "
            "those between independent ensembles of SGD (%u twins).</p>\n</header>\n",
            sgd->steps, sgd->replicas, sgd->twins);
}

static void put_warnings(struct lab_page *page, const struct lab_result *result) {
    if (result->warning_count == 0) return;
    lab_put(page, "<section class=\"warning\" aria-label=\"Warnings\"><b>Warnings</b>\n<ul>\n");
    for (size_t w = 0; w < result->warning_count; w++) {
        lab_put(page, "<li>");
        lab_put_html(page, result->warnings[w]);
        lab_put(page, "</li>\n");
    }
    lab_put(page, "</ul></section>\n");
}

static void put_fact(struct lab_page *page, const char *name, const char *value) {
    lab_put(page, "<dt>%s</dt><dd>", name);
    lab_put_html(page, value);
    lab_put(page, "</dd>\n");
}

static void put_provenance(struct lab_page *page, const struct lab_result *result) {
    struct lab_provenance made = lab_provenance();
    lab_put(page,
            "<h2 id=\"provenance\">How this was made</h2>\n<details><summary>Program and machine</summary>\n<dl>\n");
    put_fact(page, "kramers", made.version);
    put_fact(page, "git revision", made.git_revision);
    put_fact(page, "compiler", made.compiler);
    put_fact(page, "flags", made.flags);
    put_fact(page, "instruction set", made.isa);
    lab_put(page, "<dt>landscape</dt><dd>");
    lab_put_html(page, result->land ? result->land->name : "");
    lab_put(page, ", %zu parameters</dd>\n", result->land ? result->land->dimension : 0);
    lab_put(page,
            "<dt>seed</dt><dd>%llu</dd>\n<dt>threads</dt><dd>%zu</dd>\n<dt>seconds</dt><dd>%s</dd>\n</dl></details>\n",
            (unsigned long long)result->study->seed, result->threads, lab_number(result->seconds, 3).text);
    lab_put(page, "<details><summary>The study, defaults filled in (YAML)</summary>\n<pre><code>");
    lab_put_html(page, result->study->effective);
    lab_put(page, "</code></pre></details>\n");
}

enum core_status lab_report_write(const struct lab_result *result, const char *directory) {
    struct lab_view view;
    enum core_status status = lab_view_create(result, &view);
    if (status != CORE_OK) return status;
    struct lab_page page;
    lab_page_open(&page, directory, "report.html");
    put_head(&page, result->study);
    put_question(&page, result);
    lab_report_words(&page, &view);
    put_warnings(&page, result);
    lab_report_matches(&page, &view);
    lab_report_metrics(&page, &view);
    lab_report_figures(&page, &view, directory);
    lab_report_escapes(&page, &view);
    lab_report_runs(&page, &view);
    put_provenance(&page, result);
    lab_put(&page, "</main>\n</body>\n</html>\n");
    lab_view_free(&view);
    return core_context(lab_page_close(&page), "while writing the report");
}
