/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LAB_PART_H
#define LAB_PART_H

#include "core/ensemble.h"
#include "core/status.h"
#include "core/store.h"

/* The slots of ensembles in HDF5: finished replicas of an ensemble while a study runs (DIR/parts), and whole ensembles
 * in the result. An object has the datasets parameters (times, replicas, P), loss (times, replicas), escape (levels,
 * replicas) and diverged (replicas), and the attributes seconds, steps and, last, replicas. */

/* Writes the first `done` replicas under `group` ("" for the root). */
enum core_status lab_slots_write(struct core_store *store, const char *group, const struct core_ensemble *ensemble,
                                 size_t done);
/* Reads into the first replicas of `ensemble`, whose sizes must fit; *done is how many there were. */
enum core_status lab_slots_read(struct core_store *store, const char *group, struct core_ensemble *ensemble,
                                size_t *done);

/* DIR/parts/NNN.h5, with the fingerprint of the study it belongs to. */
enum core_status lab_part_save(const char *directory, size_t index, const char *fingerprint,
                               const struct core_ensemble *ensemble, size_t done);
/* *done = 0 where there is no such part; CORE_BAD_INPUT where it belongs to another study. */
enum core_status lab_part_load(const char *directory, size_t index, const char *fingerprint,
                               struct core_ensemble *ensemble, size_t *done);
/* 1 where there is a directory of parts. */
int lab_parts_exist(const char *directory);
/* Removes all parts and their directory. */
void lab_parts_remove(const char *directory);

#endif
