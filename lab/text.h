/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LAB_TEXT_H
#define LAB_TEXT_H

#include "core/status.h"

#include <stddef.h>

/* A growing text. The first allocation that fails is remembered, and what is appended after it is dropped: the user
 * appends without looking back and asks once, at the end.
 *
 *     struct lab_text text = {0};
 *     lab_text_printf(&text, "%d bottles", 7);
 *     status = lab_text_take(&text, &bytes);
 */
struct lab_text {
    char *bytes;         /* (room) zero-terminated when length > 0; NULL while empty */
    size_t length, room; /* bytes without and with the spare ones */
    int failed;          /* 1: memory ran out */
};

void lab_text_append(struct lab_text *text, const char bytes[], size_t count);
void lab_text_add(struct lab_text *text, const char *piece);
void lab_text_printf(struct lab_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Hands the bytes over (core_free) and leaves the text empty; CORE_NO_MEMORY, and *bytes NULL, where one append failed.
 */
enum core_status lab_text_take(struct lab_text *text, char **bytes);

/* Forgets the bytes. */
void lab_text_clear(struct lab_text *text);

#endif
