/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CORE_TABLE_FORMATS_H
#define CORE_TABLE_FORMATS_H

#include "core/table.h"

/* Inside the room: one reader per format, on the bytes of the whole file (zero-terminated). On failure *table may hold
 * allocated parts, which core_table_free frees. */
enum core_status core_table_parse_csv(const char *path, const char *text, size_t length, struct core_table *table);
enum core_status core_table_parse_npy(const char *path, const char *bytes, size_t length, struct core_table *table);

/* Room for rows * columns values, with a sentence when there is none. */
enum core_status core_table_allocate(const char *path, size_t rows, size_t columns, struct core_table *table);

#endif
