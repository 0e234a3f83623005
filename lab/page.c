/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/page.h"

#include "core/memory.h"
#include "core/table.h"

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* UTF-8 is read by its definition [rfc3629, section 3]: the lead byte says how many continuation bytes 10xxxxxx
 * follow; a value that a shorter sequence could hold, a surrogate, or one above U+10FFFF is no character. */

enum { REPLACEMENT = 0xFFFD };

struct utf8_lead {
    unsigned mask, pattern; /* lead & mask == pattern */
    size_t length;
    uint32_t least; /* the smallest value this length may hold */
};
static const struct utf8_lead leads[] = {
    {0x80, 0x00, 1, 0x0}, {0xE0, 0xC0, 2, 0x80}, {0xF0, 0xE0, 3, 0x800}, {0xF8, 0xF0, 4, 0x10000}};

/* The character at `s` (zero-terminated) and how many bytes it takes; one byte and U+FFFD where there is none. */
static size_t decode(const unsigned char *s, uint32_t *code) {
    *code = REPLACEMENT;
    for (size_t k = 0; k < sizeof leads / sizeof leads[0]; k++) {
        if ((s[0] & leads[k].mask) != leads[k].pattern) continue;
        uint32_t value = s[0] & ~leads[k].mask & 0xFFu;
        for (size_t i = 1; i < leads[k].length; i++) {
            if ((s[i] & 0xC0u) != 0x80u) return 1;
            value = value << 6 | (s[i] & 0x3Fu);
        }
        if (value < leads[k].least || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return 1;
        *code = value;
        return leads[k].length;
    }
    return 1;
}

/* Ranges of characters that must not reach a page, and what stands in their place. */
static const struct {
    uint32_t first, last, instead;
} unwelcome[] = {{0x00, 0x08, REPLACEMENT},     {0x0B, 0x1F, REPLACEMENT},     {0x7F, 0x9F, REPLACEMENT},
                 {0x061C, 0x061C, REPLACEMENT}, {0x200E, 0x200F, REPLACEMENT}, {0x2028, 0x2029, ' '},
                 {0x202A, 0x202E, REPLACEMENT}, {0x2066, 0x2069, REPLACEMENT}, {0xFFFE, 0xFFFF, REPLACEMENT}};

static uint32_t welcome(uint32_t code) {
    for (size_t k = 0; k < sizeof unwelcome / sizeof unwelcome[0]; k++)
        if (code >= unwelcome[k].first && code <= unwelcome[k].last) return unwelcome[k].instead;
    return code;
}

/* Writes a character as UTF-8 (at most 4 bytes); returns the bytes. */
static size_t encode(uint32_t code, char out[4]) {
    size_t k = 0;
    while (k < 3 && code >= leads[k + 1].least) k++;
    for (size_t i = leads[k].length - 1; i > 0; i--) {
        out[i] = (char)(0x80u | (code & 0x3Fu));
        code >>= 6;
    }
    out[0] = (char)(leads[k].pattern | code);
    return leads[k].length;
}

char *lab_page_line(const char *text, size_t most) {
    static const char dots[] = "\xE2\x80\xA6";
    const unsigned char *s = (const unsigned char *)(text ? text : "");
    char *line = core_alloc(3 * strlen((const char *)s) + sizeof dots, 1);
    if (line == NULL) return NULL;
    size_t used = 0, last = 0;
    for (size_t count = 0; *s; count++) {
        if (count == most) {
            memcpy(line + last, dots, sizeof dots);
            return line;
        }
        uint32_t code;
        s += decode(s, &code);
        code = code == '\n' || code == '\t' || code == '\r' ? ' ' : welcome(code);
        last = used;
        used += encode(code, line + used);
    }
    line[used] = '\0';
    return line;
}

void lab_page_open(struct lab_page *page, const char *directory, const char *name) {
    page->file = NULL;
    char *path = lab_path(directory, name);
    page->status = path ? core_file_create(path, &page->file) : CORE_NO_MEMORY;
    core_free(path);
}

enum core_status lab_page_close(struct lab_page *page) {
    if (page->status == CORE_OK)
        page->status = core_file_commit(page->file);
    else if (page->file)
        core_file_abandon(page->file);
    page->file = NULL;
    return page->status;
}

void lab_put_bytes(struct lab_page *page, const char *bytes, size_t count) {
    if (page->status == CORE_OK) page->status = core_file_write(page->file, bytes, count);
}

void lab_put(struct lab_page *page, const char *format, ...) {
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (page->status != CORE_OK) return;
    if (length < 0 || (size_t)length >= sizeof text)
        page->status = core_fail(CORE_IO, "a line of a page is too long");
    else
        lab_put_bytes(page, text, (size_t)length);
}

void lab_put_html(struct lab_page *page, const char *text) {
    static const struct {
        uint32_t code;
        const char *entity;
    } entities[] = {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}, {'"', "&quot;"}, {'\'', "&#39;"}};
    for (const unsigned char *s = (const unsigned char *)(text ? text : ""); *s;) {
        uint32_t code;
        s += decode(s, &code);
        const char *entity = NULL;
        for (size_t k = 0; k < sizeof entities / sizeof entities[0]; k++)
            if (code == entities[k].code) entity = entities[k].entity;
        char bytes[4];
        if (entity)
            lab_put_bytes(page, entity, strlen(entity));
        else
            lab_put_bytes(page, bytes, encode(welcome(code), bytes));
    }
}

/* One line between two `quote`s; `instead` stands for the quote itself. */
static void put_quoted(struct lab_page *page, const char *text, size_t most, char quote, const char *instead) {
    char *line = lab_page_line(text, most);
    if (line == NULL && page->status == CORE_OK) page->status = core_fail(CORE_NO_MEMORY, "no memory for a name");
    lab_put_bytes(page, &quote, 1);
    for (const char *s = line ? line : ""; *s; s++) {
        if (*s == quote)
            lab_put_bytes(page, instead, strlen(instead));
        else
            lab_put_bytes(page, s, 1);
    }
    lab_put_bytes(page, &quote, 1);
    core_free(line);
}

void lab_put_gnuplot(struct lab_page *page, const char *text, size_t most) {
    put_quoted(page, text, most, '\'', "'.\"'\".'");
}

void lab_put_csv(struct lab_page *page, const char *text) {
    put_quoted(page, text, SIZE_MAX, '"', "\"\"");
}

struct lab_number lab_number(double value, int digits) {
    struct lab_number number;
    double size = fabs(value);
    if (isnan(value))
        snprintf(number.text, sizeof number.text, "\xE2\x80\x93");
    else if (isinf(value))
        snprintf(number.text, sizeof number.text, "%s\xE2\x88\x9E", value < 0 ? "-" : "");
    else if (size >= pow(10, digits) - 0.5 && size < 1e6) {
        double unit = pow(10, floor(log10(size)) + 1 - digits);
        snprintf(number.text, sizeof number.text, "%.0f", round(value / unit) * unit);
    } else
        snprintf(number.text, sizeof number.text, "%.*g", digits, value);
    return number;
}

struct lab_number lab_percent(double fraction, int decimals) {
    struct lab_number number;
    if (!isfinite(fraction)) return lab_number(fraction, 1);
    if (fabs(fraction) >= 100)
        snprintf(number.text, sizeof number.text, "%.2g\xC2\xA0%%", 100 * fraction);
    else
        snprintf(number.text, sizeof number.text, "%.*f\xC2\xA0%%", decimals, 100 * fraction);
    return number;
}

char *lab_path(const char *directory, const char *name) {
    size_t size = strlen(directory) + strlen(name) + 2;
    char *path = core_alloc(size, 1);
    if (path == NULL) {
        core_fail(CORE_NO_MEMORY, "no memory for a file name");
        return NULL;
    }
    snprintf(path, size, "%s/%s", directory, name);
    return path;
}
