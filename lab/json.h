/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LAB_JSON_H
#define LAB_JSON_H

#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

/* A writer of JSON (RFC 8259). Inside an object every value has a key; inside an array the key is NULL.
 *
 *     struct lab_json *json;
 *     lab_json_create(&json);
 *     lab_json_object_begin(json, NULL);
 *     lab_json_number(json, "loss", 0.25);
 *     lab_json_array_begin(json, "gradient");
 *     lab_json_number(json, NULL, -1.5);
 *     lab_json_end(json);
 *     lab_json_end(json);
 *     status = lab_json_finish(json, &text);     {"loss": 0.25, "gradient": [-1.5]}
 *
 * No call but the first and the last can fail: a writer that ran out of memory stays silent until lab_json_finish.
 * Where a key is missing, out of place, or more is ended than begun, an assertion tells the programmer. */
struct lab_json;

/* Objects and arrays within each other, at most. */
enum { LAB_JSON_DEPTH_MAX = 32 };

enum core_status lab_json_create(struct lab_json **json);

void lab_json_object_begin(struct lab_json *json, const char *key);
void lab_json_array_begin(struct lab_json *json, const char *key);
/* Ends the innermost object or array. */
void lab_json_end(struct lab_json *json);

/* 17 significant digits: the same double when read again. NaN and infinities are null. */
void lab_json_number(struct lab_json *json, const char *key, double value);
void lab_json_integer(struct lab_json *json, const char *key, int64_t value);
/* Seeds reach beyond int64_t. */
void lab_json_natural(struct lab_json *json, const char *key, uint64_t value);
void lab_json_flag(struct lab_json *json, const char *key, int value);
void lab_json_null(struct lab_json *json, const char *key);
/* UTF-8; bytes that are not become U+FFFD, one each; NULL is null. */
void lab_json_text(struct lab_json *json, const char *key, const char *value);
/* An array of `count` numbers. */
void lab_json_numbers(struct lab_json *json, const char *key, size_t count, const double values[]);

/* Frees the writer; *text (core_free) is the whole value without a final newline, NULL when it fails: CORE_NO_MEMORY.
 */
enum core_status lab_json_finish(struct lab_json *json, char **text);
/* Gives up half way. NULL is allowed. */
void lab_json_free(struct lab_json *json);

#endif
