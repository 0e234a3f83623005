/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CORE_TABLE_H
#define CORE_TABLE_H

#include "core/status.h"

#include <stddef.h>

/* A table of numbers read from a file: CSV with or without a header line, or NPY (version 1 to 3, little or big endian
 * f4, f8, i1..i8, u1..u8, b1, C or Fortran order, one or two axes). One sample a row. */
struct core_table {
    size_t rows, columns;
    double *values; /* (rows, columns), row-major */
    char **names;   /* (columns) header names, or NULL when the file has none */
};

/* Reads `path`. A CSV separator is a comma, semicolon, tab or blanks; '#' starts a comment line; a first line with a
 * field that is no number is the header. An unequal row, a field that is no number, NaN or infinity, or an empty file
 * is CORE_BAD_INPUT with file, line and column in the sentence. */
enum core_status core_table_read(const char *path, struct core_table *table);

/* Writes `rows` x `columns` values as CSV with 17 significant digits; names may be NULL. Written beside and renamed. */
enum core_status core_table_write(const char *path, size_t rows, size_t columns, const double values[],
                                  const char *const names[]);

/* Writes NPY version 1, f8, C order. Written beside and renamed. */
enum core_status core_table_write_npy(const char *path, size_t rows, size_t columns, const double values[]);

void core_table_free(struct core_table *table);

/* Opens PATH.part for writing; core_file_commit flushes it to the disk and renames it to PATH, core_file_abandon
 * removes it. */
struct core_file;
enum core_status core_file_create(const char *path, struct core_file **file);
enum core_status core_file_printf(struct core_file *file, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
enum core_status core_file_write(struct core_file *file, const void *bytes, size_t count);
enum core_status core_file_commit(struct core_file *file);
void core_file_abandon(struct core_file *file);

/* The whole of a text file, zero-terminated, to be freed with core_free. */
enum core_status core_file_read(const char *path, char **text, size_t *length);

/* Makes a directory and its parents. */
enum core_status core_make_directory(const char *path);

#endif
