/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LAB_RUN_STORE_H
#define LAB_RUN_STORE_H

#include "lab/result.h"
#include "lab/scene.h"

/* run.h5: every replica of every ensemble at every recorded time, how it was made, and, last, the mark of a whole file.
 */
enum core_status lab_run_write(const struct lab_result *result, const struct lab_scene *scene, const char *fingerprint,
                               const char *path);

/* Fills result->ensembles, made by the caller with their names and empty slots, from the run.h5 of the same study.
 * *found = LAB_RUN_NONE where there is no such file, LAB_RUN_OTHER where it belongs to another study. */
enum lab_run_found { LAB_RUN_NONE, LAB_RUN_SAME, LAB_RUN_OTHER };
struct lab_plan;
enum core_status lab_run_read(const char *path, const char *fingerprint, const struct lab_scene *scene,
                              const struct lab_plan *plan, struct lab_result *result, enum lab_run_found *found);

/* What makes two runs the same: the program's version, the effective study, the data and the start. core_free. */
char *lab_fingerprint(const struct lab_scene *scene);

#endif
