/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LAB_PAGE_H
#define LAB_PAGE_H

#include "core/status.h"

#include <stddef.h>

struct core_file;

/* Words and numbers on their way to a reader. Names and titles come from a study and are hostile until proven
 * otherwise: nothing of a user reaches an HTML page or a gnuplot script but through this file. */

/* A name as one line of valid UTF-8: control characters become blanks; bytes that are no UTF-8, characters XML forbids
 * and those that turn the direction of writing become U+FFFD; longer than `most` characters is cut and ends in U+2026.
 * NULL counts as empty. core_free; NULL when there is no memory. */
char *lab_page_line(const char *text, size_t most);

/* A page being written; the first failure is kept, and what comes after it is ignored. */
struct lab_page {
    struct core_file *file;
    enum core_status status;
};

/* Opens directory/name. The page may be written to whatever the outcome. */
void lab_page_open(struct lab_page *page, const char *directory, const char *name);
/* Puts the file in its place, or removes what was written when anything failed. */
enum core_status lab_page_close(struct lab_page *page);

/* Our own text, as printf. Never hand a user's string to a %s of this one. */
void lab_put(struct lab_page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
void lab_put_bytes(struct lab_page *page, const char *bytes, size_t count);
/* A user's string as HTML text or as an attribute's value in double quotes: & < > " ' escaped; newlines stay. */
void lab_put_html(struct lab_page *page, const char *text);
/* A user's string as a gnuplot string of at most `most` characters: one line in single quotes, where gnuplot
 * substitutes nothing [gnuplot54, "Quote Marks"]. A ' inside is joined on as "'": doubled, as the manual has it,
 * gnuplot 5.4 misreads it at the start of a string. */
void lab_put_gnuplot(struct lab_page *page, const char *text, size_t most);
/* A user's string as a CSV field in double quotes, " doubled. */
void lab_put_csv(struct lab_page *page, const char *text);

/* A number rounded to `digits` significant ones: 0.0123, 412, 12300, 1.2e-7; U+2013 for NaN, U+221E for infinity. */
struct lab_number {
    char text[32];
};
struct lab_number lab_number(double value, int digits);
/* A fraction in per cent, "99.8 %" with `decimals` decimals. */
struct lab_number lab_percent(double fraction, int decimals);

/* directory/name; core_free; NULL when there is no memory. */
char *lab_path(const char *directory, const char *name);

#endif
