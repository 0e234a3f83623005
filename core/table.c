/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables of numbers: which format a file has (its first bytes say it, not its name), and writing. */
#include "core/table.h"

#include "core/memory.h"
#include "core/table_formats.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* What a file may start with. A NULL parser: a sentence that helps. */
static const struct format {
    const char *magic;
    size_t length;
    enum core_status (*parse)(const char *path, const char *bytes, size_t length, struct core_table *table);
    const char *refusal;
} formats[] = {
    {"\x93NUMPY", 6, core_table_parse_npy, NULL},
    {"\x89HDF", 4, NULL, "is an HDF5 file: name one of its datasets as FILE:/dataset"},
    {"PK\x03\x04", 4, NULL, "is a zip archive (.npz or .xlsx): save the table as .npy or .csv"},
    {"\x1f\x8b", 2, NULL, "is compressed: unpack it first"},
    {"", 0, core_table_parse_csv, NULL},
};

enum core_status core_table_allocate(const char *path, size_t rows, size_t columns, struct core_table *table) {
    table->rows = rows;
    table->columns = columns;
    if (columns == 0 || rows <= SIZE_MAX / columns) table->values = core_alloc(rows * columns, sizeof *table->values);
    if (table->values != NULL) return CORE_OK;
    return core_fail(CORE_NO_MEMORY, "no memory for the %zu rows and %zu columns of '%s'", rows, columns, path);
}

enum core_status core_table_read(const char *path, struct core_table *table) {
    *table = (struct core_table){0, 0, NULL, NULL};
    char *text;
    size_t length;
    enum core_status status = core_file_read(path, &text, &length);
    if (status != CORE_OK) return status;
    const struct format *format = formats;
    while (length < format->length || memcmp(text, format->magic, format->length) != 0) format++;
    if (format->parse != NULL)
        status = format->parse(path, text, length, table);
    else
        status = core_fail(CORE_BAD_INPUT, "%s: %s", path, format->refusal);
    core_free(text);
    if (status != CORE_OK) core_table_free(table);
    return status;
}

void core_table_free(struct core_table *table) {
    if (table == NULL) return;
    for (size_t c = 0; table->names != NULL && c < table->columns; c++) core_free(table->names[c]);
    core_free(table->names);
    core_free(table->values);
    *table = (struct core_table){0, 0, NULL, NULL};
}

/* ---- Writing ---- */

/* A header name; in quotes where it holds a separator, a quote, a line end or nothing, or could pass for a comment. */
static enum core_status write_name(struct core_file *file, const char *name) {
    if (*name != '\0' && *name != '#' && strpbrk(name, ",;\t \"\r\n") == NULL)
        return core_file_printf(file, "%s", name);
    enum core_status status = core_file_printf(file, "\"");
    for (; status == CORE_OK && *name != '\0'; name++) {
        char shown = *name == '\r' || *name == '\n' ? ' ' : *name;
        status = core_file_printf(file, shown == '"' ? "\"\"" : "%c", shown);
    }
    return status == CORE_OK ? core_file_printf(file, "\"") : status;
}

static enum core_status write_csv(struct core_file *file, size_t rows, size_t columns, const double values[],
                                  const char *const names[]) {
    enum core_status status = CORE_OK;
    for (size_t c = 0; names != NULL && c < columns && status == CORE_OK; c++) {
        status = write_name(file, names[c]);
        if (status == CORE_OK) status = core_file_printf(file, c + 1 == columns ? "\n" : ",");
    }
    for (size_t i = 0; i < rows * columns && status == CORE_OK; i++)
        status = core_file_printf(file, "%.17g%s", values[i], (i + 1) % columns == 0 ? "\n" : ",");
    return status;
}

/* Commits, or abandons and keeps the chain. */
static enum core_status finish(struct core_file *file, enum core_status status) {
    if (status == CORE_OK) return core_file_commit(file);
    core_file_abandon(file);
    return status;
}

enum core_status core_table_write(const char *path, size_t rows, size_t columns, const double values[],
                                  const char *const names[]) {
    struct core_file *file;
    enum core_status status = core_file_create(path, &file);
    if (status != CORE_OK) return status;
    return finish(file, write_csv(file, rows, columns, values, names));
}

/* The NPY header: magic, version, length, a Python dictionary padded so that the data start at a multiple of 64. */
static size_t npy_header(size_t rows, size_t columns, unsigned char header[256]) {
    enum { PREFIX = 10 };
    int dictionary = snprintf((char *)header + PREFIX, 256 - PREFIX,
                              "{'descr': '<f8', 'fortran_order': False, 'shape': (%zu, %zu), }", rows, columns);
    size_t used = PREFIX + (size_t)dictionary, total = (used + 1 + 63) / 64 * 64;
    memcpy(header, "\x93NUMPY\x01\x00", 8);
    header[8] = (unsigned char)((total - PREFIX) & 0xff);
    header[9] = (unsigned char)((total - PREFIX) >> 8);
    memset(header + used, ' ', total - used);
    header[total - 1] = '\n';
    return total;
}

/* A double as eight bytes, the lowest first, on any machine. */
static void little_endian(double value, unsigned char bytes[8]) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    for (int i = 0; i < 8; i++) bytes[i] = (unsigned char)(bits >> (8 * i) & 0xff);
}

enum core_status core_table_write_npy(const char *path, size_t rows, size_t columns, const double values[]) {
    struct core_file *file;
    enum core_status status = core_file_create(path, &file);
    if (status != CORE_OK) return status;
    unsigned char header[256], bytes[8];
    status = core_file_write(file, header, npy_header(rows, columns, header));
    for (size_t i = 0; i < rows * columns && status == CORE_OK; i++) {
        little_endian(values[i], bytes);
        status = core_file_write(file, bytes, sizeof bytes);
    }
    return finish(file, status);
}
