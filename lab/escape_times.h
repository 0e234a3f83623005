/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LAB_ESCAPE_TIMES_H
#define LAB_ESCAPE_TIMES_H

#include "compare/compare.h"
#include "lab/sample_file.h"

#include <stddef.h>

/* A file of escape times, and what kramers survival makes of it. */

enum { LAB_LAWS = 4, LAB_REASON_BYTES = 400 };

/* The laws that are fitted; what their two numbers are called in JSON. */
struct lab_escape_law {
    const char *name, *first, *second;
};
extern const struct lab_escape_law lab_escape_laws[LAB_LAWS];

struct lab_escape_fit {
    struct compare_fit fit;
    char reason[LAB_REASON_BYTES]; /* why there is none; empty where there is */
};

struct lab_escape_group {
    double name; /* what stands in the group's column */
    size_t n, events, count;
    double *time;
    int *escaped;
    struct compare_survival_row *rows; /* (count) */
    struct compare_median median;
    double total; /* time watched */
    struct lab_escape_fit law[LAB_LAWS];
};

struct lab_escape_times {
    struct lab_sample_file file;
    size_t groups;
    double *names; /* (groups) ascending */
    struct lab_escape_group *group;
    size_t *member; /* (rows) each subject's group */
    double *time;
    int *escaped;
    struct compare_logrank test;
    char test_reason[LAB_REASON_BYTES]; /* why there is none; empty where there is */
};

/* Reads columns time, status (1 escaped, 0 censored) and, if any, group into a zeroed object, and estimates. Free it
 * whatever the status. */
enum core_status lab_escape_times_read(const char *name, struct lab_escape_times *times);
void lab_escape_times_free(struct lab_escape_times *times);

#endif
