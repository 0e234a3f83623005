/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/text.h"

#include "core/memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { FIRST_ROOM = 256 };

/* Room for `more` bytes and the final zero; 0 where there is none. */
static int reserve(struct lab_text *text, size_t more) {
    if (text->failed) return 0;
    if (more < text->room && text->length < text->room - more) return 1;
    size_t room = text->room == 0 ? FIRST_ROOM : text->room;
    while (room <= SIZE_MAX / 2 && room - text->length <= more) room *= 2;
    char *bytes = room - text->length > more ? core_alloc(room, 1) : NULL;
    if (bytes == NULL) {
        text->failed = 1;
        return 0;
    }
    if (text->length > 0) memcpy(bytes, text->bytes, text->length);
    core_free(text->bytes);
    text->bytes = bytes;
    text->room = room;
    return 1;
}

void lab_text_append(struct lab_text *text, const char bytes[], size_t count) {
    if (!reserve(text, count)) return;
    memcpy(text->bytes + text->length, bytes, count);
    text->length += count;
    text->bytes[text->length] = '\0';
}

void lab_text_add(struct lab_text *text, const char *piece) {
    lab_text_append(text, piece, strlen(piece));
}

void lab_text_printf(struct lab_text *text, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int count = vsnprintf(NULL, 0, format, arguments);
    if (count >= 0 && reserve(text, (size_t)count)) {
        vsnprintf(text->bytes + text->length, (size_t)count + 1, format, again);
        text->length += (size_t)count;
    }
    va_end(again);
    va_end(arguments);
}

enum core_status lab_text_take(struct lab_text *text, char **bytes) {
    *bytes = NULL;
    if (reserve(text, 0)) {
        *bytes = text->bytes;
        text->bytes = NULL;
    }
    enum core_status status = text->failed ? core_fail(CORE_NO_MEMORY, "no memory for a text") : CORE_OK;
    lab_text_clear(text);
    return status;
}

void lab_text_clear(struct lab_text *text) {
    core_free(text->bytes);
    *text = (struct lab_text){0};
}
