/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_SUPPORT_REFERENCE_H
#define TESTS_SUPPORT_REFERENCE_H

/* Reference values for tests: a small reader of JSON texts and of headerless CSV tables. Header only.
 *
 * A value is named by a path: members by `.name`, elements by `[3]`, and an array of objects may be searched by a text
 * member, `[id=km_edge]`:
 *
 *     char *text = reference_load("tests/reference/compare.json");
 *     double w1 = reference_number(text, "cases[id=w1d_n50].expect.W1");
 *     double s[3];
 *     reference_numbers(text, "cases[id=km_edge].expect.cases[0].S", 3, s);
 *     free(text);
 *
 * A test that asks for something that is not there is a broken test: the reader says what was missing and aborts.
 * reference_find() alone answers NULL. Paths of files are relative to the directory `make check` runs in, the top. */

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REFERENCE_INLINE static inline __attribute__((unused))

REFERENCE_INLINE _Noreturn void reference_missing(const char *what, const char *name) {
    fprintf(stderr, "reference: %s: %s\n", what, name);
    abort();
}

/* The whole file as one text, ended by a zero byte. free() it. */
REFERENCE_INLINE char *reference_load(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) reference_missing("cannot open", path);
    fseek(file, 0, SEEK_END);
    long bytes = ftell(file);
    rewind(file);
    char *text = bytes < 0 ? NULL : malloc((size_t)bytes + 1);
    if (text == NULL || fread(text, 1, (size_t)bytes, file) != (size_t)bytes) reference_missing("cannot read", path);
    text[bytes] = '\0';
    fclose(file);
    return text;
}

REFERENCE_INLINE const char *reference_space(const char *at) {
    while (*at != '\0' && isspace((unsigned char)*at)) at++;
    return at;
}

/* Past the string that starts at the quote `at`. */
REFERENCE_INLINE const char *reference_skip_text(const char *at) {
    for (at++; *at != '\0' && *at != '"'; at++) {
        if (*at == '\\' && at[1] != '\0') at++;
    }
    return *at == '"' ? at + 1 : at;
}

/* Past the value that starts at `at`: brackets are counted, strings skipped. */
REFERENCE_INLINE const char *reference_skip(const char *at) {
    int depth = 0;
    at = reference_space(at);
    while (*at != '\0') {
        if (*at == '"') {
            at = reference_skip_text(at);
        } else if (*at == '{' || *at == '[') {
            depth++, at++;
        } else if (*at == '}' || *at == ']') {
            if (depth == 0) return at;
            depth--, at++;
        } else if (depth == 0 && *at == ',') {
            return at;
        } else {
            at++;
            continue;
        }
        if (depth == 0) return at;
    }
    return at;
}

/* The value of member `name` (length bytes) of the object at `at`, or NULL. */
REFERENCE_INLINE const char *reference_member(const char *at, const char *name, size_t length) {
    at = reference_space(at);
    if (*at != '{') return NULL;
    for (at = reference_space(at + 1); *at == '"'; at = reference_space(at + 1)) {
        const char *key = at + 1;
        const char *end = reference_skip_text(at);
        const char *value = reference_space(end);
        if (*value != ':') return NULL;
        value = reference_space(value + 1);
        if ((size_t)(end - 1 - key) == length && strncmp(key, name, length) == 0) return value;
        at = reference_space(reference_skip(value));
        if (*at != ',') return NULL;
    }
    return NULL;
}

/* The first element of the array at `at`, NULL where it is empty or no array; then each next one. */
REFERENCE_INLINE const char *reference_first(const char *at) {
    at = reference_space(at);
    if (*at != '[') return NULL;
    at = reference_space(at + 1);
    return *at == ']' ? NULL : at;
}
REFERENCE_INLINE const char *reference_next(const char *element) {
    const char *at = reference_space(reference_skip(element));
    return *at == ',' ? reference_space(at + 1) : NULL;
}

/* The element that `selector` ("3" or "id=name", length bytes) names, or NULL. */
REFERENCE_INLINE const char *reference_element(const char *at, const char *selector, size_t length) {
    const char *equals = memchr(selector, '=', length);
    size_t wanted = equals == NULL ? strtoul(selector, NULL, 10) : 0;
    size_t index = 0;
    for (at = reference_first(at); at != NULL; at = reference_next(at), index++) {
        if (equals == NULL) {
            if (index == wanted) return at;
            continue;
        }
        const char *text = reference_member(at, selector, (size_t)(equals - selector));
        size_t size = length - (size_t)(equals - selector) - 1;
        if (text != NULL && *text == '"' && strncmp(text + 1, equals + 1, size) == 0 && text[1 + size] == '"')
            return at;
    }
    return NULL;
}

/* Where the value named by `path` starts in the JSON text, or NULL. */
REFERENCE_INLINE const char *reference_find(const char *text, const char *path) {
    const char *at = reference_space(text);
    while (at != NULL && *path != '\0') {
        if (*path == '.') path++;
        if (*path == '[') {
            size_t length = strcspn(path + 1, "]");
            at = reference_element(at, path + 1, length);
            path += length + 1;
            if (*path == ']') path++;
        } else {
            size_t length = strcspn(path, ".[");
            at = reference_member(at, path, length);
            path += length;
        }
    }
    return at;
}

REFERENCE_INLINE const char *reference_must_find(const char *text, const char *path) {
    const char *at = reference_find(text, path);
    if (at == NULL) reference_missing("no value at", path);
    return at;
}

/* A number at `at`; null is NaN. */
REFERENCE_INLINE double reference_value(const char *at, const char *path) {
    if (strncmp(at, "null", 4) == 0) return NAN;
    char *end;
    double value = strtod(at, &end);
    if (end == at) reference_missing("no number at", path);
    return value;
}

REFERENCE_INLINE double reference_number(const char *text, const char *path) {
    return reference_value(reference_must_find(text, path), path);
}

/* How many elements the array at `path` has. */
REFERENCE_INLINE size_t reference_count(const char *text, const char *path) {
    size_t count = 0;
    const char *at = reference_first(reference_must_find(text, path));
    for (; at != NULL; at = reference_next(at)) count++;
    return count;
}

/* The numbers of the array at `path`, nested arrays flattened row by row, into out[]: exactly `count` of them. */
REFERENCE_INLINE void reference_numbers(const char *text, const char *path, size_t count, double out[]) {
    const char *at = reference_must_find(text, path);
    const char *end = reference_skip(at);
    size_t found = 0;
    while (at < end) {
        if (strchr("[], \t\r\n", *at) != NULL) {
            at++;
            continue;
        }
        double value = reference_value(at, path);
        if (found < count) out[found] = value;
        found++;
        at += strcspn(at, "[], \t\r\n");
    }
    if (found != count) reference_missing("another number of numbers at", path);
}

/* The text at `path` without its quotes and with its escapes left alone; at most size - 1 bytes. */
REFERENCE_INLINE void reference_text(const char *text, const char *path, size_t size, char out[]) {
    const char *at = reference_must_find(text, path);
    if (*at != '"') reference_missing("no text at", path);
    size_t length = (size_t)(reference_skip_text(at) - at) - 2;
    if (length >= size) reference_missing("a longer text at", path);
    memcpy(out, at + 1, length);
    out[length] = '\0';
}

/* A headerless CSV table of numbers, NA and NaN being NaN: (rows, columns), row-major. free() it. */
REFERENCE_INLINE double *reference_csv(const char *path, size_t *rows, size_t *columns) {
    char *text = reference_load(path);
    size_t room = strlen(text) / 2 + 1, count = 0;
    double *values = malloc(room * sizeof *values);
    if (values == NULL) reference_missing("no memory for", path);
    *rows = 0;
    for (char *at = text; *at != '\0';) {
        char *end;
        values[count] = strtod(at, &end);
        if (end == at && strncmp(at, "NA", 2) == 0) values[count] = NAN, end = at + 2;
        if (end == at) reference_missing("no number in", path);
        count++;
        at = end + strspn(end, " \t\r");
        if (*at == ',') {
            at++;
            continue;
        }
        (*rows)++;
        at += strspn(at, " \t\r\n");
    }
    *columns = *rows > 0 ? count / *rows : 0;
    if (*rows == 0 || count % *rows != 0) reference_missing("no table in", path);
    free(text);
    return values;
}

#endif
