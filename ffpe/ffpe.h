/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FFPE_FFPE_H
#define FFPE_FFPE_H

#include "core/landscape.h"
#include "core/status.h"

#include <complex.h>
#include <stddef.h>

/* Densities on grids: the time-fractional Fokker-Planck equation [CONVENTIONS.md]
 *
 *     D_t^alpha p = div(gamma p grad U + second-order term),   0 < alpha <= 1,
 *
 * with the Caputo derivative D_t^alpha (the ordinary one at alpha = 1), friction gamma, a landscape U or a drift that
 * is no gradient, and a diffusion that may depend on the place and on the direction; with it its steady state,
 * spectrum and first passages. Every number is computed on one grid or on several, each with half the step of the one
 * before, and then extrapolated to step zero (Richardson).
 *
 *     struct ffpe_problem problem = ffpe_problem_default();
 *     problem.land = land;                                  a double well, say
 *     problem.order = 0.6;
 *     problem.diffusion.value = 0.1;
 *     problem.lower[0] = -2.5, problem.upper[0] = 2.5, problem.cells[0] = 2000;
 *     problem.start = (struct ffpe_start){.law = FFPE_GAUSSIAN, .mean = {-1}, .deviation = 0.2};
 *     problem.times = (double[]){1, 10, 100}, problem.time_count = 3;
 *     problem.grids = 4;
 *     struct ffpe_result *result;
 *     status = ffpe_solve(&problem, &result);
 *     result->times[1].mean[0]                              the mean at t = 10
 *     ffpe_difference(result, result->times[1].mean)        extrapolated minus finest grid
 *     ffpe_result_free(result);
 *
 * No semigroup for alpha < 1: the density at t alone does not determine what follows. */

enum { FFPE_DIMENSION_MAX = 3, FFPE_GRIDS_MAX = 8 };

/* ---- The problem --------------------------------------------------------------------------------------------------
 */

enum ffpe_wall { FFPE_REFLECTING, FFPE_ABSORBING, FFPE_PERIODIC };

/* How a diffusion that depends on the place is read: J = -gamma p U' - D^a (D^{1-a} p)', a = 0, 1/2, 1. */
enum ffpe_calculus { FFPE_ITO, FFPE_STRATONOVICH, FFPE_HAENGGI_KLIMONTOVICH };

enum ffpe_method { FFPE_CONTOUR, FFPE_L1, FFPE_FAST_L1, FFPE_L2_1_SIGMA };

enum ffpe_start_law { FFPE_GAUSSIAN, FFPE_DELTA, FFPE_UNIFORM };

enum ffpe_report {
    FFPE_MOMENTS = 1,
    FFPE_STEADY = 2,
    FFPE_CURRENT = 4,
    FFPE_SPECTRUM = 8,
    FFPE_SURVIVAL = 16,
    FFPE_PASSAGE = 32
};

struct ffpe_diffusion {
    double value;         /* D > 0, length^2 / time^alpha; 0 is allowed beside a Levy term */
    const double *tensor; /* constant symmetric positive (d, d) in place of value, row-major; NULL: none. Borrowed. */
    /* D(x) in place of value where it is not NULL; positive everywhere in the box. */
    double (*at)(const void *context, const double x[]);
    const void *context;
};

/* The initial density, as exact averages over the cells of the grid, normalised on the box. */
struct ffpe_start {
    enum ffpe_start_law law;
    double mean[FFPE_DIMENSION_MAX]; /* FFPE_GAUSSIAN, FFPE_DELTA: where; inside the box */
    double deviation;                /* FFPE_GAUSSIAN: of every coordinate, > 0 */
};

struct ffpe_problem {
    const struct core_landscape *land; /* dimension 1, 2 or 3; borrowed */
    double order;                      /* alpha, in (0, 1]; default 1 */
    double friction;                   /* gamma >= 0; default 1 */
    struct ffpe_diffusion diffusion;
    enum ffpe_calculus calculus;   /* matters where diffusion.at is given; default Ito */
    double levy_index, levy_scale; /* - scale (-Laplacian)^{index/2}, index in (0, 2), scale >= 0; default none: 0 */
    double lower[FFPE_DIMENSION_MAX], upper[FFPE_DIMENSION_MAX]; /* the box */
    size_t cells[FFPE_DIMENSION_MAX];                            /* intervals per axis of the finest grid */
    enum ffpe_wall walls[FFPE_DIMENSION_MAX][2];                 /* per face: lower, upper; default reflecting */
    struct ffpe_start start;
    size_t time_count;
    const double *times;     /* (time_count), each >= 0 and finite; borrowed */
    enum ffpe_method method; /* default contour */
    double tolerance;        /* of the time method, relative to the density's size; default 1e-10 */
    size_t steps;            /* of the methods that step, >= 2; default 2000 */
    size_t grids;            /* 1: no extrapolation; k: cells, cells/2, ..., cells/2^(k-1); default 1 */
    size_t probe_count;
    const double *probes; /* (probe_count, d) where densities are reported, inside the box; borrowed */
    unsigned report;      /* of enum ffpe_report; default moments */
    size_t eigenvalues;   /* how many FFPE_SPECTRUM reports; default 6 */
    size_t threads;       /* default 1 */
};

struct ffpe_problem ffpe_problem_default(void);

/* CORE_BAD_INPUT with one sentence where the problem makes no sense. */
enum core_status ffpe_problem_check(const struct ffpe_problem *problem);

/* ---- The result ---------------------------------------------------------------------------------------------------
 */

/* Pointers lead into result->numbers; ffpe_difference() knows their grid error. */
struct ffpe_moments {
    double time, mass_error, minimum; /* minimum: of the density on the finest grid, reported and never clipped */
    const double *mass;               /* what is still in the box: the survival where a wall absorbs */
    const double *mean;               /* (d), of the density normalised to mass 1 */
    const double *covariance;         /* (d, d) */
    const double *msd;                /* mean squared distance from the start's mean */
    const double *energy;             /* mean of U */
    const double *density;            /* (probe_count) */
};

struct ffpe_steady {
    int present;        /* 0: not asked for, or a wall absorbs */
    double gibbs_error; /* largest |p / Gibbs - 1| over the finest grid's nodes; NaN where there is no Gibbs state */
    double affinity;    /* largest |sum of edge potentials around a square of the finest grid|, 0 if a gradient */
    const double *mean, *covariance, *energy, *density;
    const double *current_norm; /* the integral of |J| over the box */
    const double *curl;         /* at the origin: d_x J_y - d_y J_x; NULL unless d = 2 and the origin is inside */
    const double *entropy_production;
};

struct ffpe_result {
    size_t dimension, probe_count, grids;
    size_t cells;    /* of the finest grid */
    size_t unknowns; /* its nodes without those on absorbing walls */
    size_t solves;   /* linear systems solved for all times and grids */
    double seconds;
    double time_error;  /* estimate of the error of the time method, relative to the start's size */
    double space_error; /* largest difference between the last two extrapolations of any moment; NaN for one grid */
    int reversible;     /* the drift is a gradient and the diffusion scalar */
    int absorbing;      /* a wall absorbs */
    size_t time_count;
    struct ffpe_moments *times;
    struct ffpe_steady steady;
    size_t eigenvalue_count;
    const double *eigenvalues; /* (eigenvalue_count, 2) of minus the operator: real and imaginary part, ascending */
    size_t passage_count;
    const double *passage_at;   /* (passage_count, d) */
    const double *passage_time; /* (passage_count) mean first passage time at order 1; below: prefactor of the tail */
    char **warnings;
    size_t warning_count;
    size_t count;             /* extrapolated numbers */
    double *numbers, *finest; /* (count): extrapolated, and on the finest grid */
};

/* Solves the problem on all its grids. CORE_BAD_INPUT, CORE_NO_MEMORY or CORE_NUMERICAL with a sentence; *result is
 * NULL then. */
enum core_status ffpe_solve(const struct ffpe_problem *problem, struct ffpe_result **result);
void ffpe_result_free(struct ffpe_result *result);

/* What extrapolation changed in a number of the result: extrapolated minus finest grid, 0 for one grid. */
double ffpe_difference(const struct ffpe_result *result, const double *number);

/* re + im i, exactly, also for infinite parts (C11's CMPLX, which not every compiler has). */
static inline double complex ffpe_complex(double re, double im) {
    union {
        double part[2];
        double complex whole;
    } z = {{re, im}};
    return z.whole;
}

/* ---- Special functions --------------------------------------------------------------------------------------------
 */

/* E_{alpha,beta}(z) for alpha > 0; NaN where an argument is none. Relative error about 10^-15 times the condition
 * number of the argument. */
double complex ffpe_mittag_leffler(double alpha, double beta, double complex z);

/* ---- Names --------------------------------------------------------------------------------------------------------
 */

/* The words of a study, in the order of the enumerations; NULL behind the last. */
const char *ffpe_wall_name(size_t index);
const char *ffpe_calculus_name(size_t index);
const char *ffpe_method_name(size_t index);
const char *ffpe_start_law_name(size_t index);
const char *ffpe_report_name(size_t index); /* row i is the bit 1 << i */

#endif
