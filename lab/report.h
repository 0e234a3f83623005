/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LAB_REPORT_H
#define LAB_REPORT_H

#include "lab/page.h"
#include "lab/view.h"

/* The parts of report.html. Failures stay in the page's status. */

/* The verdict in words, made from the numbers by the rules on top of lab/report_words.c. */
void lab_report_words(struct lab_page *page, const struct lab_view *view);

/* Model by observable in the leading metric, with marks. */
void lab_report_matches(struct lab_page *page, const struct lab_view *view);
/* The same numbers in the other metrics. */
void lab_report_metrics(struct lab_page *page, const struct lab_view *view);
/* Mean escape times per level. */
void lab_report_escapes(struct lab_page *page, const struct lab_view *view);
/* Replicas, diverged, seconds, speed. */
void lab_report_runs(struct lab_page *page, const struct lab_view *view);

/* Every figure that applies, read from directory/figures, or a sentence where a picture is missing. */
void lab_report_figures(struct lab_page *page, const struct lab_view *view, const char *directory);

/* A user's name in bold. */
void lab_report_name(struct lab_page *page, const char *name);

#endif
