/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FFPE_LEVY_H
#define FFPE_LEVY_H

#include "ffpe/grid.h"

/* Inside the room: the fractional Laplacian on a line, as jumps between nodes. An operator with a Levy term has it in
 * op->levy; its edges hold the jumps to the nearest nodes, the diffusion and the drift by central differences. */
struct ffpe_levy;

/* What the jumps to the nearest nodes add to the diffusion: scale * step^{2 - index} w_1; 0 on a periodic line. */
double ffpe_levy_nearest(const struct ffpe_problem *problem, const struct ffpe_grid *grid);
enum core_status ffpe_levy_create(const struct ffpe_problem *problem, const struct ffpe_grid *grid,
                                  struct ffpe_levy **levy);
void ffpe_levy_free(struct ffpe_levy *levy);

/* out (count, 2) += the outflow of u (count, 2) by jumps; work as ffpe_levy_work says, in doubles. */
void ffpe_levy_outflow(const struct ffpe_levy *levy, const double u[], double out[], double work[]);
size_t ffpe_levy_work(const struct ffpe_levy *levy);
/* a (count, count) row-major += the matrix of the same. */
void ffpe_levy_dense(const struct ffpe_levy *levy, double a[]);

/* Solves (s V + L) x = b, b real, x (count, 2), by GMRES to 1e-13 of b. A numerical failure where it does not converge.
 */
struct ffpe_levy_solver;
enum core_status ffpe_levy_solver_create(const struct ffpe_operator *op, struct ffpe_levy_solver **solver);
void ffpe_levy_solver_free(struct ffpe_levy_solver *solver);
enum core_status ffpe_levy_solve(struct ffpe_levy_solver *solver, double complex s, const double b[], double x[]);

/* Dense solves for the steady state (mass 1) and the mean exit times. */
enum core_status ffpe_levy_steady(const struct ffpe_operator *op, double u[]);
enum core_status ffpe_levy_passage(const struct ffpe_operator *op, double time[]);

/* Preconditioner of a periodic line: u := (s V + K |k|^index)^{-1} u for pairs. */
void ffpe_levy_circulant(const struct ffpe_levy *levy, double complex s, double u[], double work[]);
int ffpe_levy_is_periodic(const struct ffpe_levy *levy);
/* Rate at which a node is left by jumps that are no edges; times the volume a diagonal. */
double ffpe_levy_rate(const struct ffpe_levy *levy);

#endif
