/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/json.h"

#include "core/memory.h"
#include "lab/text.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

struct lab_json {
    struct lab_text text;
    size_t depth;
    char close[LAB_JSON_DEPTH_MAX]; /* what ends the objects and arrays that are open */
    int first;                      /* 1: the innermost one has no value yet */
};

enum core_status lab_json_create(struct lab_json **json) {
    *json = core_alloc(1, sizeof **json);
    if (*json == NULL) return core_fail(CORE_NO_MEMORY, "no memory for JSON");
    (*json)->first = 1;
    return CORE_OK;
}

/* The length of the UTF-8 sequence that begins here, 0 where it is none (RFC 3629: no surrogates, no overlong forms,
 * nothing above U+10FFFF). The bounds of the second byte say the last three. */
static size_t utf8_length(const unsigned char *bytes) {
    static const struct {
        unsigned char first_low, first_high, second_low, second_high;
        size_t length;
    } forms[] = {
        {0x01, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (bytes[0] < forms[i].first_low || bytes[0] > forms[i].first_high) continue;
        if (forms[i].length == 1) return 1;
        if (bytes[1] < forms[i].second_low || bytes[1] > forms[i].second_high) return 0;
        for (size_t k = 2; k < forms[i].length; k++) {
            if (bytes[k] < 0x80 || bytes[k] > 0xbf) return 0;
        }
        return forms[i].length;
    }
    return 0;
}

static void write_quoted(struct lab_text *text, const char *value) {
    const unsigned char *bytes = (const unsigned char *)value;
    lab_text_add(text, "\"");
    while (*bytes != '\0') {
        size_t length = utf8_length(bytes);
        if (length == 0) {
            lab_text_add(text, "\\ufffd");
            length = 1;
        } else if (*bytes == '"' || *bytes == '\\') {
            lab_text_printf(text, "\\%c", *bytes);
        } else if (*bytes < 0x20 || *bytes == 0x7f) {
            lab_text_printf(text, "\\u%04x", *bytes);
        } else {
            lab_text_append(text, (const char *)bytes, length);
        }
        bytes += length;
    }
    lab_text_add(text, "\"");
}

/* What stands before a value: the comma, and the key inside an object. */
static void begin_value(struct lab_json *json, const char *key) {
    int in_object = json->depth > 0 && json->close[json->depth - 1] == '}';
    assert(in_object == (key != NULL));
    assert(json->depth > 0 || json->first); /* one value at the top */
    (void)in_object;
    if (!json->first) lab_text_add(&json->text, ", ");
    json->first = 0;
    if (key == NULL) return;
    write_quoted(&json->text, key);
    lab_text_add(&json->text, ": ");
}

static void begin_block(struct lab_json *json, const char *key, const char *open, char close) {
    begin_value(json, key);
    assert(json->depth < LAB_JSON_DEPTH_MAX);
    lab_text_add(&json->text, open);
    json->close[json->depth++] = close;
    json->first = 1;
}

void lab_json_object_begin(struct lab_json *json, const char *key) {
    begin_block(json, key, "{", '}');
}

void lab_json_array_begin(struct lab_json *json, const char *key) {
    begin_block(json, key, "[", ']');
}

void lab_json_end(struct lab_json *json) {
    assert(json->depth > 0);
    lab_text_append(&json->text, &json->close[--json->depth], 1);
    json->first = 0;
}

void lab_json_number(struct lab_json *json, const char *key, double value) {
    begin_value(json, key);
    if (isfinite(value)) {
        lab_text_printf(&json->text, "%.17g", value);
    } else {
        lab_text_add(&json->text, "null");
    }
}

void lab_json_integer(struct lab_json *json, const char *key, int64_t value) {
    begin_value(json, key);
    lab_text_printf(&json->text, "%" PRId64, value);
}

void lab_json_natural(struct lab_json *json, const char *key, uint64_t value) {
    begin_value(json, key);
    lab_text_printf(&json->text, "%" PRIu64, value);
}

void lab_json_flag(struct lab_json *json, const char *key, int value) {
    begin_value(json, key);
    lab_text_add(&json->text, value ? "true" : "false");
}

void lab_json_null(struct lab_json *json, const char *key) {
    begin_value(json, key);
    lab_text_add(&json->text, "null");
}

void lab_json_text(struct lab_json *json, const char *key, const char *value) {
    if (value == NULL) {
        lab_json_null(json, key);
        return;
    }
    begin_value(json, key);
    write_quoted(&json->text, value);
}

void lab_json_numbers(struct lab_json *json, const char *key, size_t count, const double values[]) {
    lab_json_array_begin(json, key);
    for (size_t i = 0; i < count; i++) lab_json_number(json, NULL, values[i]);
    lab_json_end(json);
}

enum core_status lab_json_finish(struct lab_json *json, char **text) {
    assert(json->depth == 0 && !json->first);
    enum core_status status = lab_text_take(&json->text, text);
    lab_json_free(json);
    return status;
}

void lab_json_free(struct lab_json *json) {
    if (json == NULL) return;
    lab_text_clear(&json->text);
    core_free(json);
}
