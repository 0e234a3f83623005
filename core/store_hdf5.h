/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CORE_STORE_HDF5_H
#define CORE_STORE_HDF5_H

#include "core/store.h"

#define H5_USE_110_API 1 /* one set of names with any later HDF5 */
#include <hdf5.h>

/* Inside the room: what the files of the store share. */
struct core_store {
    hid_t file;
    char *path, *part; /* part is NULL for a store opened for reading */
};

/* Fails with the innermost sentence HDF5 has on its error stack behind ours, and clears that stack. */
enum core_status core_store_fail(enum core_status status, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Makes the groups on the way to `name`, and `name` itself a group where `last` is true and nothing is there. */
enum core_status core_store_make_groups(struct core_store *store, const char *name, int last);

/* An open attribute as text ("%.17g" for numbers), to be freed with core_free. `where` names it in messages. */
enum core_status core_store_attribute_text(hid_t attribute, const char *where, char **text);

#endif
