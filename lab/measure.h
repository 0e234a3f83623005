/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LAB_MEASURE_H
#define LAB_MEASURE_H

#include "dln/dln.h"
#include "lab/result.h"
#include "lab/scene.h"

/* What the ensembles of a result say: tables of escape times and of recorded times, and samples of observables. */

/* An observable of one ensemble at one recorded time, over the replicas that have not diverged. */
struct lab_sample {
    size_t rows, width;
    double *values; /* (rows, width) */
};
enum core_status lab_sample_take(const struct lab_scene *scene, const struct lab_ensemble_result *ensemble,
                                 const struct dln_observable *observable, size_t record, size_t threads,
                                 struct lab_sample *sample);
void lab_sample_free(struct lab_sample *sample);

/* Fills escape rows and time rows of every ensemble. */
enum core_status lab_measure(const struct lab_scene *scene, size_t threads, struct lab_result *result);

#endif
