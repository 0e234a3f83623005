/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FFPE_EVOLVE_H
#define FFPE_EVOLVE_H

#include "ffpe/factor.h"

/* Inside the room: densities at times from a start. One struct, one function for each method. */
struct ffpe_evolution {
    const struct ffpe_operator *op;
    struct ffpe_pattern *pattern;
    double order, tolerance;
    size_t steps, threads;
    size_t time_count;
    const double *times; /* (time_count) ascending, positive */
    const double *mass;  /* (count) the start */
    double *density;     /* out: (time_count, count) */
    size_t solves;       /* out: linear systems, refinements not counted */
    double error;        /* out: estimate relative to the start's size; NaN: none */
};

/* For reversible operators, whose spectrum is real, and for others (ffpe/evolve_rotation.c). */
enum core_status ffpe_evolve_contour(struct ffpe_evolution *evolution);
enum core_status ffpe_evolve_rotation(struct ffpe_evolution *evolution);
enum core_status ffpe_evolve_twice(struct ffpe_evolution *evolution);
enum core_status ffpe_evolve_steps(struct ffpe_evolution *evolution, enum ffpe_method method);

/* ---- Contours (ffpe/contour.c)
 * --------------------------------------------------------------------------------------- */

/* A hyperbola z = mu (1 + sin(i u - angle)) with nodes u_k = (k + 1/2) step, 0 <= k < nodes, and their mirror images,
 * for times in [last / ratio, last]. */
struct ffpe_contour {
    size_t nodes;
    double mu, step, angle;
};

/* The contour with the smallest error for this number of nodes; sector: half angle of the wedge about the negative
 * axis that holds the singularities. */
struct ffpe_contour ffpe_contour_make(double last, double ratio, double sector, size_t nodes);
/* Node k: z and the factor step / pi mu cos(i u - angle): f(t) = Re sum_k factor e^{z t} F(z). */
void ffpe_contour_node(const struct ffpe_contour *contour, size_t k, double complex *z, double complex *factor);
/* Nodes for a tolerance, and the error of the quadrature for real spectra: the largest over rates lambda and over the
 * window's ends of |Q - E_alpha(-lambda t^alpha)|, E by the same quadrature with six nodes more. */
size_t ffpe_contour_nodes(double ratio, double sector, double tolerance);
double ffpe_contour_error(const struct ffpe_contour *contour, double order, double first, double last, double sector);

/* E_alpha(-lambda t^alpha) by the contour, normalised as ffpe_nodes_sum is. */
double complex ffpe_contour_relaxation(const struct ffpe_contour *contour, double order, double t,
                                       double complex lambda);

/* ---- Solves on a contour's nodes (ffpe/nodes.c)
 * ------------------------------------------------------------------------ */

/* The systems of one contour at a time. keep: 0, or for how many nodes factorisations are kept, so that the same
 * contour with another right side costs no new ones. */
struct ffpe_nodes;
enum core_status ffpe_nodes_create(const struct ffpe_evolution *evolution, size_t keep, struct ffpe_nodes **nodes);
void ffpe_nodes_free(struct ffpe_nodes *nodes);
/* Solves (z^alpha V + L) x = mass (count) at every node. */
enum core_status ffpe_nodes_solve(struct ffpe_nodes *nodes, const struct ffpe_contour *contour, const double mass[]);
/* u (count): the density at t from what was solved last. Divided by the quadrature's value for a constant, so that
 * mass is kept to rounding, whatever the tolerance. */
void ffpe_nodes_sum(const struct ffpe_nodes *nodes, double t, double u[]);

#endif
