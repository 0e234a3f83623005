/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LAB_SAMPLE_FILE_H
#define LAB_SAMPLE_FILE_H

#include "core/status.h"

#include <stddef.h>

/* A sample from a file, one row each. */
struct lab_sample_file {
    size_t rows, columns;
    double *values; /* (rows, columns), all finite; core_free */
    size_t dropped; /* rows left out because an entry was not finite: replicas that diverged or never escaped */
    size_t record;  /* the record taken of a dataset with times, from 0; SIZE_MAX where there are none */
};

/* `name` is a CSV or NPY file, or FILE.h5:/DATASET[@K]. A dataset of one axis has one column, one of two axes rows and
 * columns, one of three (times, rows, columns) of which the last time is taken. @K takes entry K, from 0, of the first
 * axis of two or three. CORE_BAD_INPUT with a sentence; then there is nothing to free. */
enum core_status lab_sample_file_read(const char *name, struct lab_sample_file *sample);

#endif
