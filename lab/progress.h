/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LAB_PROGRESS_H
#define LAB_PROGRESS_H

/* A line on standard error, while it is a terminal: what runs, how much is done, the rate and the time left. */
struct lab_progress;

/* total: the work, in replica-steps. NULL when standard error is no terminal or `quiet`; every function takes NULL. */
struct lab_progress *lab_progress_create(double total, int quiet);
void lab_progress_name(struct lab_progress *progress, const char *name);
void lab_progress_add(struct lab_progress *progress, double work);
/* Wipes the line and frees. */
void lab_progress_free(struct lab_progress *progress);

/* One ensemble's part of the work: `weight` units a replica-step, `told` so far. */
struct lab_progress_share {
    struct lab_progress *progress;
    double weight, told;
};

#endif
