/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LAB_SVG_H
#define LAB_SVG_H

#include "lab/page.h"

/* Puts a picture drawn by gnuplot into an HTML page: the prolog, titles and descriptions go, the ids and the references
 * to them get `prefix` before them, so that two pictures in a page do not clash. An element or attribute that a picture
 * of lines, shapes and text has no need of, a reference out of the picture, or a broken tag: nothing is put and 0
 * returned; 1 when it was put. */
int lab_put_svg(struct lab_page *page, const char *svg, const char *prefix);

#endif
