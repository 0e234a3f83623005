/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CORE_FILE_H
#define CORE_FILE_H

#include "core/status.h"

#include <stddef.h>

/* Inside the room: the steps of putting a file in place that text files and result files share. */

/* "PATH.part", to be freed with core_free; NULL when there is no memory. */
char *core_file_part_name(const char *path);

/* Makes what was written to `path` durable (fsync). */
enum core_status core_file_sync(const char *path);

/* Renames `part` to `path` and makes the new name durable. */
enum core_status core_file_rename(const char *part, const char *path);

/* CORE_BAD_INPUT where errno says that the user named a file that is not there or not readable, else CORE_IO. */
enum core_status core_file_open_status(int error);

#endif
