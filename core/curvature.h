/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CORE_CURVATURE_H
#define CORE_CURVATURE_H

#include "core/eigen.h"
#include "core/landscape.h"

#include <stddef.h>

/* The curvature of a landscape at a point x (dimension): inertia, extreme eigenpairs, sharpness and its gradient. */

/* ---- Inertia: how many eigenvalues are negative, zero and positive -------------------------------------------------
 */

enum { CORE_INERTIA_MOST = 4096 }; /* parameters up to which the Hessian is formed */

struct core_inertia {
    size_t negative, zero, positive;
    double threshold; /* 1e-8 of the largest |eigenvalue|: what is no larger counts as zero */
    double gap;       /* the smallest |eigenvalue| that counts over the largest that does not; infinity where no count
                         is in doubt: nothing counts as zero but what is, or nothing does */
};

/* Counts eigenvalues (count) in any order. */
struct core_inertia core_inertia_of(size_t count, const double eigenvalues[]);
/* 1 where the gap is below 1000: the threshold cuts a spectrum without a hole, and the counts depend on it. */
int core_inertia_doubtful(const struct core_inertia *inertia);

/* By LAPACK from the whole Hessian; eigenvalues (dimension) ascending, or NULL. CORE_BAD_INPUT above CORE_INERTIA_MOST
 * parameters. */
enum core_status core_point_inertia(const struct core_landscape *land, const double x[], struct core_inertia *inertia,
                                    double eigenvalues[]);

/* ---- Extreme eigenpairs
 * ---------------------------------------------------------------------------------------------- */

/* core_extreme_eigen of the Hessian at x, by Hessian-vector products; of few parameters, from the whole Hessian by
 * LAPACK (the report then counts its columns as products and has no residual). */
enum core_status core_point_extreme(const struct core_landscape *land, const double x[], enum core_end end,
                                    size_t count, double values[], double vectors[], struct core_eigen_report *report);

/* ---- Sharpness
 * -------------------------------------------------------------------------------------------------------- */

struct core_sharpness {
    double value;   /* the largest eigenvalue S of the Hessian */
    double gap;     /* (S - the next) / the largest |eigenvalue|; infinity in dimension 1 */
    int degenerate; /* 1 where the gap is below 1e-6: S has no gradient there, or none that can be computed */
};

/* gradient (dimension), or NULL: grad S = D^3 L [u, u] with u the eigenvector of S; where degenerate, the directional
 * derivatives of one vector of the eigenspace and no gradient. A point whose Hessian is not finite has S = NaN. */
enum core_status core_point_sharpness(const struct core_landscape *land, const double x[],
                                      struct core_sharpness *sharpness, double gradient[]);

#endif
