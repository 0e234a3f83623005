/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LAB_DISTANCES_H
#define LAB_DISTANCES_H

#include "core/status.h"
#include "lab/sample_file.h"

#include <stddef.h>
#include <stdint.h>

/* What kramers compare measures between two samples. */
struct lab_distances {
    const struct lab_sample_file *a, *b; /* borrowed; equally many columns */
    double bandwidth;                    /* of mmd's kernel; NaN: the median distance */
    size_t projections;                  /* of sliced-w2 */
    size_t permutations;                 /* of the tests for mmd and energy; 0: none */
    size_t threads;
    uint64_t seed;
    /* results, NaN where not measured */
    double w1, w1_gap, w2, w2_gap, sinkhorn, sinkhorn_gap, sinkhorn_epsilon, sliced, sliced_se, mmd_unbiased,
        mmd_biased, used_bandwidth, mmd_p, energy_u, energy_v, energy_p, ks, ks_p, kl_knn;
};

/* A metric of --metrics. measure: CORE_BAD_INPUT with the reason where it does not apply. */
struct lab_distance {
    const char *name;
    enum core_status (*measure)(struct lab_distances *distances);
};
extern const struct lab_distance lab_distances[]; /* ended by a row of NULLs */

/* A result: its key in JSON, its sentence on the terminal, in the order of printing. */
struct lab_distance_row {
    const char *key, *sentence;
    size_t place; /* in struct lab_distances */
};
extern const struct lab_distance_row lab_distance_rows[]; /* ended by a row of NULLs */
double *lab_distance_at(struct lab_distances *distances, const struct lab_distance_row *row);

#endif
