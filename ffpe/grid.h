/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FFPE_GRID_H
#define FFPE_GRID_H

#include "ffpe/ffpe.h"

#include <stdint.h>

/* Inside the room: grids and the one representation of an operator.
 *
 * Nodes x_i = lower + i h, i = 0 ... cells, around each a control volume [x_i - h/2, x_i + h/2] cut at the walls: half
 * cells at reflecting walls, no unknown on an absorbing wall (the density is zero there), node 0 and node `cells` the
 * same for periodic ones. Halving the step keeps all nodes, and errors of smooth quantities are series in h^2. */

struct ffpe_grid {
    size_t dimension;
    size_t cells[FFPE_DIMENSION_MAX], nodes[FFPE_DIMENSION_MAX]; /* nodes: unknowns per axis */
    size_t first[FFPE_DIMENSION_MAX];                            /* lattice index of the first unknown: 0 or 1 */
    double lower[FFPE_DIMENSION_MAX], upper[FFPE_DIMENSION_MAX], step[FFPE_DIMENSION_MAX];
    enum ffpe_wall walls[FFPE_DIMENSION_MAX][2];
    size_t count;   /* unknowns; the last axis runs fastest */
    double *volume; /* (count) */
};

/* Somewhere outside the box, behind an absorbing wall. */
#define FFPE_OUTSIDE SIZE_MAX

/* The grid of a problem with cells / 2^level. */
enum core_status ffpe_grid_create(const struct ffpe_problem *problem, size_t level, struct ffpe_grid *grid);
void ffpe_grid_clear(struct ffpe_grid *grid);

/* Lattice coordinates (d) of an unknown, and its place x (d). */
void ffpe_grid_lattice(const struct ffpe_grid *grid, size_t node, long lattice[]);
void ffpe_grid_place(const struct ffpe_grid *grid, const long lattice[], double x[]);
/* The unknown at lattice coordinates, wrapped where periodic; FFPE_OUTSIDE on or beyond an absorbing wall;
 * *beyond is 1 where a reflecting wall lies between (then there is no edge). */
size_t ffpe_grid_node(const struct ffpe_grid *grid, const long lattice[], int *beyond);
/* Width of the control volume along an axis: h, or h/2 at a reflecting wall. */
double ffpe_grid_width(const struct ffpe_grid *grid, size_t axis, long lattice);

/* Weights that take nodal values to the value at a point: on each axis the polynomial through the nearest `order`
 * nodes (fewer where the axis has fewer), one node where the point is one. */
enum { FFPE_STENCIL_MAX = 512, FFPE_STENCIL_ORDER = 8 };
struct ffpe_stencil {
    size_t count;
    size_t node[FFPE_STENCIL_MAX];
    double weight[FFPE_STENCIL_MAX];
};
void ffpe_grid_stencil(const struct ffpe_grid *grid, const double x[], size_t order, struct ffpe_stencil *stencil);
double ffpe_stencil_value(const struct ffpe_stencil *stencil, const double u[]);

/* ---- Operators ------------------------------------------------------------------------------------------------------
 */

/* One edge of the grid: the flux of probability from tail to head is forward * u[tail] - backward * u[head], u the
 * density; forward = c B(delta), backward = c B(-delta), B(x) = x / (e^x - 1), delta the rise of the effective
 * potential along the edge. head may be FFPE_OUTSIDE: then u[head] = 0. */
struct ffpe_edge {
    size_t tail, head;
    double forward, backward, delta;
    signed char offset[4]; /* head minus tail in lattice steps */
};

struct ffpe_levy;

struct ffpe_operator {
    struct ffpe_grid grid;
    size_t edge_count;
    struct ffpe_edge *edges;
    double *loss; /* (count) U at the nodes */
    double friction, diffusion;
    int reversible; /* edge potentials are differences of `effective` */
    int gibbs;      /* ... and exp(-effective) is the steady state, where no wall absorbs */
    int absorbing;
    int chain;              /* one dimension, not periodic: tridiagonal */
    double *effective;      /* (count) the effective potential, where reversible */
    struct ffpe_levy *levy; /* jumps beside the edges (ffpe/levy.h), or NULL */
    double affinity;        /* largest |circulation of delta| around a square */
};

enum core_status ffpe_operator_create(const struct ffpe_problem *problem, size_t level, struct ffpe_operator *op);
void ffpe_operator_clear(struct ffpe_operator *op);

/* out (count, width) = what leaves each node through its edges, u (count, width): the divergence of the fluxes. */
void ffpe_operator_outflow(const struct ffpe_operator *op, size_t width, const double u[], double out[]);

/* x / (e^x - 1). */
double ffpe_bernoulli(double x);

/* Offsets and weights with sum_k weight_k e_k e_k^T = tensor (d, d), weights >= 0 (ffpe/selling.c). */
enum { FFPE_OFFSETS_MAX = 6 };
struct ffpe_offsets {
    size_t count;
    int offset[FFPE_OFFSETS_MAX][FFPE_DIMENSION_MAX];
    double weight[FFPE_OFFSETS_MAX];
};
enum core_status ffpe_selling(size_t dimension, const double tensor[], struct ffpe_offsets *offsets);

/* U (count) and its gradient (count, d) at places x (count, d) (ffpe/field.c). */
enum core_status ffpe_field_loss(const struct core_landscape *land, size_t count, const double x[], double loss[]);
enum core_status ffpe_field_gradient(const struct core_landscape *land, size_t count, const double x[],
                                     double gradient[]);
/* Whether the "gradient" is that of the loss, by differences at places spread over the box. */
enum core_status ffpe_field_is_gradient(const struct ffpe_problem *problem, int *is_gradient);

/* mass (count): the start's probability in each control volume (ffpe/start.c). order: of the polynomial that a delta
 * between nodes is split by; 2 keeps it positive. */
enum core_status ffpe_start_mass(const struct ffpe_problem *problem, const struct ffpe_grid *grid, size_t order,
                                 double mass[]);

#endif
