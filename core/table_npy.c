/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading NPY, the array format of numpy: the magic "\x93NUMPY", a version (1, 2 or 3), the length of the header (two
 * bytes in version 1, four after), the header - a Python dictionary with the keys descr, fortran_order and shape - and
 * then the numbers. */
#include "core/table_formats.h"

#include <ctype.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

/* ---- Types of numbers ---- */

/* `bits` holds the number's bytes in its low end, whatever the order in the file. */
static double from_f8(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}
static double from_f4(uint64_t bits) {
    uint32_t low = (uint32_t)bits;
    float value;
    memcpy(&value, &low, sizeof value);
    return (double)value;
}
static double from_i1(uint64_t bits) {
    return (double)(int8_t)bits;
}
static double from_i2(uint64_t bits) {
    return (double)(int16_t)bits;
}
static double from_i4(uint64_t bits) {
    return (double)(int32_t)bits;
}
static double from_i8(uint64_t bits) {
    return (double)(int64_t)bits;
}
static double from_unsigned(uint64_t bits) {
    return (double)bits;
}

static const struct kind {
    char name[3];
    size_t bytes;
    double (*value)(uint64_t bits);
} kinds[] = {
    {"f8", 8, from_f8},       {"f4", 4, from_f4},       {"i1", 1, from_i1},       {"i2", 2, from_i2},
    {"i4", 4, from_i4},       {"i8", 8, from_i8},       {"u1", 1, from_unsigned}, {"u2", 2, from_unsigned},
    {"u4", 4, from_unsigned}, {"u8", 8, from_unsigned}, {"b1", 1, from_unsigned},
};

static uint64_t gather(const unsigned char *from, size_t bytes, int big_endian) {
    uint64_t bits = 0;
    for (size_t i = 0; i < bytes; i++) bits = bits << 8 | from[big_endian ? i : bytes - 1 - i];
    return bits;
}

/* ---- The header ---- */

struct header {
    const char *path;
    const char *text; /* the dictionary, not terminated */
    size_t length;
    size_t data; /* where the numbers start in the file */
    const struct kind *kind;
    int big_endian, fortran;
    size_t axes, shape[2];
};

/* What follows 'key': in the dictionary up to its end, NULL where the key is missing. */
static const char *find_value(const struct header *header, const char *key) {
    size_t length = strlen(key);
    const char *end = header->text + header->length;
    for (const char *at = header->text; at + length + 3 < end; at++) {
        if ((*at != '\'' && *at != '"') || memcmp(at + 1, key, length) != 0 || at[length + 1] != *at) continue;
        for (at += length + 2; at < end && (*at == ' ' || *at == ':'); at++) continue;
        return at < end ? at : NULL;
    }
    return NULL;
}

/* The header's text from `at`, cut at 40 bytes, as an argument for %.*s. */
static int shown(const struct header *header, const char *at) {
    size_t left = (size_t)(header->text + header->length - at), kept = 0;
    while (kept < left && kept < 40 && isprint((unsigned char)at[kept])) kept++;
    return (int)kept;
}

static enum core_status parse_kind(struct header *header) {
    const char *at = find_value(header, "descr");
    if (at == NULL) return core_fail(CORE_BAD_INPUT, "%s: the NPY header has no 'descr'", header->path);
    size_t left = (size_t)(header->text + header->length - at);
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds && left >= 5; k++) {
        if ((*at != '\'' && *at != '"') || strchr("<>|=", at[1]) == NULL || at[1] == '\0') break;
        if (memcmp(at + 2, kinds[k].name, 2) != 0 || at[4] != *at) continue;
        header->kind = &kinds[k];
        header->big_endian = at[1] == '>';
        return CORE_OK;
    }
    return core_fail(CORE_BAD_INPUT, "%s: found numbers of type %.*s, expected one of f4, f8, i1 ... i8, u1 ... u8, b1",
                     header->path, shown(header, at), at);
}

static enum core_status parse_order(struct header *header) {
    const char *at = find_value(header, "fortran_order");
    size_t left = at == NULL ? 0 : (size_t)(header->text + header->length - at);
    if (left >= 4 && memcmp(at, "True", 4) == 0)
        header->fortran = 1;
    else if (left < 5 || memcmp(at, "False", 5) != 0)
        return core_fail(CORE_BAD_INPUT, "%s: the NPY header's 'fortran_order' is neither True nor False",
                         header->path);
    return CORE_OK;
}

/* Reads digits at *at into *value; 0 where there are none or they overflow. */
static int parse_size(const char **at, const char *end, size_t *value) {
    const char *start = *at;
    for (*value = 0; *at < end && isdigit((unsigned char)**at); ++*at) {
        size_t digit = (size_t)(**at - '0');
        if (*value > (SIZE_MAX - digit) / 10) return 0;
        *value = 10 * *value + digit;
    }
    return *at > start;
}

static enum core_status parse_shape(struct header *header) {
    const char *start = find_value(header, "shape"), *end = header->text + header->length, *at = start;
    if (at == NULL || *at != '(') return core_fail(CORE_BAD_INPUT, "%s: the NPY header has no 'shape'", header->path);
    for (at++; at < end && *at != ')';) {
        size_t size = 0;
        if (!parse_size(&at, end, &size)) break;
        if (header->axes < 2) header->shape[header->axes] = size;
        header->axes++;
        while (at < end && (*at == ' ' || *at == ',' || *at == 'L')) at++;
    }
    if (at == end || *at != ')')
        return core_fail(CORE_BAD_INPUT, "%s: the NPY header's shape is broken: %.*s", header->path,
                         shown(header, start), start);
    if (header->axes < 1 || header->axes > 2)
        return core_fail(CORE_BAD_INPUT, "%s: found an array of %zu axes, expected one or two", header->path,
                         header->axes);
    if (header->axes == 1) header->shape[1] = 1;
    return CORE_OK;
}

/* Finds where the dictionary lies. */
static enum core_status locate(const char *path, const unsigned char *bytes, size_t length, struct header *header) {
    unsigned version = length > 6 ? bytes[6] : 0;
    if (length > 6 && (version < 1 || version > 3))
        return core_fail(CORE_BAD_INPUT, "%s: found NPY version %u, expected 1, 2 or 3", path, version);
    size_t width = version == 1 ? 2 : 4, start = 8 + width;
    size_t size = length >= start ? (size_t)gather(bytes + 8, width, 0) : 0;
    if (length < start || size > length - start)
        return core_fail(CORE_BAD_INPUT, "%s: the NPY header is cut short", path);
    *header = (struct header){.path = path, .text = (const char *)bytes + start, .length = size, .data = start + size};
    return CORE_OK;
}

/* ---- The numbers ---- */

static enum core_status check_length(const struct header *header, size_t length) {
    size_t rows = header->shape[0], columns = header->shape[1], held = length - header->data;
    if (rows == 0 || columns == 0)
        return core_fail(CORE_BAD_INPUT, "%s: the array of %zu by %zu holds no numbers", header->path, rows, columns);
    if (columns <= SIZE_MAX / rows && rows * columns <= SIZE_MAX / header->kind->bytes &&
        held == rows * columns * header->kind->bytes)
        return CORE_OK;
    return core_fail(CORE_BAD_INPUT, "%s: found %zu bytes of numbers, expected %zu x %zu numbers of %zu bytes each",
                     header->path, held, rows, columns, header->kind->bytes);
}

static enum core_status convert(const struct header *header, const unsigned char *numbers, struct core_table *table) {
    for (size_t i = 0; i < table->rows * table->columns; i++) {
        size_t row = i / table->columns, column = i % table->columns;
        size_t place = header->fortran ? column * table->rows + row : i;
        const struct kind *kind = header->kind;
        table->values[i] = kind->value(gather(numbers + place * kind->bytes, kind->bytes, header->big_endian));
        if (!isfinite(table->values[i]))
            return core_fail(CORE_BAD_INPUT, "%s: row %zu, column %zu: found %g, expected a finite number",
                             header->path, row + 1, column + 1, table->values[i]);
    }
    return CORE_OK;
}

enum core_status core_table_parse_npy(const char *path, const char *text, size_t length, struct core_table *table) {
    const unsigned char *bytes = (const unsigned char *)text;
    struct header header = {.path = path};
    enum core_status status = locate(path, bytes, length, &header);
    if (status == CORE_OK) status = parse_kind(&header);
    if (status == CORE_OK) status = parse_order(&header);
    if (status == CORE_OK) status = parse_shape(&header);
    if (status == CORE_OK) status = check_length(&header, length);
    if (status == CORE_OK) status = core_table_allocate(path, header.shape[0], header.shape[1], table);
    return status == CORE_OK ? convert(&header, bytes + header.data, table) : status;
}
