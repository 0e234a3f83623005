/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LAB_COMPARISON_H
#define LAB_COMPARISON_H

#include "lab/progress.h"
#include "lab/result.h"
#include "lab/scene.h"

/* Distances of every model to SGD in every observable, metric and recorded time, against the null of SGD's own twins;
 * and the verdict. Fills result->distances, result->verdicts and warnings. */
enum core_status lab_compare_all(const struct lab_scene *scene, size_t threads, struct lab_result *result);

/* Appends a sentence to result->warnings. */
enum core_status lab_warn(struct lab_result *result, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
