/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SDE_TRACKER_H
#define SDE_TRACKER_H

#include "core/landscape.h"

#include <stddef.h>

/* Follows the eigenpairs of the Hessian above a limit along the paths of one block of replicas, from Hessian-vector
 * products: each call starts from the vectors of the call before. A replica's answer does not depend on the replicas
 * beside it. */

enum {
    SDE_TRACKED_MOST = 16,                    /* pairs above the limit; of more, the largest */
    SDE_TRACKED_WIDTH = SDE_TRACKED_MOST + 2, /* vectors kept: two beyond those found */
    SDE_TRACKED_BASIS = 3 * SDE_TRACKED_WIDTH
};

/* Of one replica. A point whose Hessian is not finite has count 0. */
struct sde_tracked {
    size_t count;                     /* eigenvalues above the limit */
    const double *vectors;            /* (count, dimension) row i of length 1 beside values[i] */
    double values[SDE_TRACKED_WIDTH]; /* descending */
};

/* Doubles kept from call to call, zero before the first; doubles of scratch beside the landscape's. */
size_t sde_tracker_state(const struct core_landscape *land);
size_t sde_tracker_scratch(const struct core_landscape *land);

/* The pairs at x (dimension, lanes) above `limit`, vectors to 1e-5 of the largest eigenvalue over the gap; tracked has
 * `lanes` entries, whose vectors lie in state. scratch: sde_tracker_scratch doubles, aligned; inner: land->scratch. */
void sde_tracker_update(const struct core_landscape *land, const double x[], double limit, double state[],
                        struct sde_tracked tracked[], double scratch[], double inner[]);

/* out (dimension, lanes): row `index` of each replica's vectors, 0 for a replica that has no such row. */
void sde_tracker_spread(const struct core_landscape *land, const struct sde_tracked tracked[], size_t index,
                        double out[]);

#endif
