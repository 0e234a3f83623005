/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CORE_STORE_H
#define CORE_STORE_H

#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

/* Result files (HDF5) that survive a kill: a file is written as PATH.part, flushed to the disk and renamed to PATH by
 * core_store_commit, so PATH is always whole. HDF5 is called from one thread only. Names are paths inside the file
 * ("/ensembles/sgd/parameters"); groups on the way are made. */
struct core_store;

enum core_status core_store_create(const char *path, struct core_store **store);
/* Opens PATH for reading; CORE_BAD_INPUT where it is not there or not a whole HDF5 file. */
enum core_status core_store_open(const char *path, struct core_store **store);
/* Closes; a store being written is flushed, synced and renamed into place. *store becomes NULL, also on failure
 * (then the .part file is removed). */
enum core_status core_store_commit(struct core_store **store);
/* Closes without keeping what was being written. NULL is allowed. */
void core_store_close(struct core_store *store);

/* A new dataset of doubles with up to 4 axes, laid out plainly: the digits of samples do not compress. */
enum core_status core_store_write(struct core_store *store, const char *name, size_t rank, const size_t shape[],
                                  const double values[]);
/* Text and number attributes of a group or dataset ("/" is the file); one that is there is replaced, a group that is
 * not there is made. */
enum core_status core_store_write_text(struct core_store *store, const char *object, const char *key, const char *text);
enum core_status core_store_write_number(struct core_store *store, const char *object, const char *key, double value);
enum core_status core_store_write_integer(struct core_store *store, const char *object, const char *key, int64_t value);

/* Reads a dataset of any numeric type as doubles: *values (core_free), *rank, shape[0..3]. */
enum core_status core_store_read(struct core_store *store, const char *name, size_t *rank, size_t shape[4],
                                 double **values);
enum core_status core_store_read_text(struct core_store *store, const char *object, const char *key, char **text);
enum core_status core_store_read_number(struct core_store *store, const char *object, const char *key, double *value);
enum core_status core_store_read_integer(struct core_store *store, const char *object, const char *key, int64_t *value);
int core_store_has(struct core_store *store, const char *name);

/* Calls visit(context, kind, name, text) for every group, dataset and attribute in name order: kind is "group",
 * "dataset" or "attribute"; the name of an attribute is OBJECT@KEY; text is the shape or value, "..." for an attribute
 * that is neither one text nor one number. (kramers info) */
enum core_status core_store_visit(struct core_store *store,
                                  void (*visit)(void *context, const char *kind, const char *name, const char *text),
                                  void *context);

#endif
