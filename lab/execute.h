/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LAB_EXECUTE_H
#define LAB_EXECUTE_H

#include "lab/plan.h"
#include "lab/progress.h"
#include "lab/result.h"

/* Runs the ensembles of a plan into result->ensembles (allocated here, in the plan's order). With a directory, what is
 * finished is saved there as parts: whole ensembles, and long ones every few seconds; `resume` takes up what is saved.
 */
struct lab_execution {
    const struct lab_scene *scene;
    const struct lab_plan *plan;
    size_t threads;
    const char *directory;   /* NULL: save nothing */
    const char *fingerprint; /* of the study; needed with a directory */
    int resume;
    struct lab_progress *progress; /* or NULL */
};
enum core_status lab_execute(const struct lab_execution *execution, struct lab_result *result);

#endif
