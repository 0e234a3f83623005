/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FFPE_STEPS_H
#define FFPE_STEPS_H

#include "ffpe/evolve.h"

/* Inside the room: meshes in time and the memory of the methods that step. */

/* t_0 = 0 < t_1 < ... < t_count, step_n = t_n - t_{n-1} (given where steps repeat, so that equal steps are equal bits).
 * Index 0 of step is unused. */
struct ffpe_mesh {
    size_t count;
    double *time, *step; /* (count + 1) */
    size_t *output;      /* (time_count): the index of each requested time */
};

/* Graded for a chain: T (j / N)^r with r = power, so that the first step is not below 10^-12 T; elsewhere blocks that
 * double in length, with equal steps inside, so that few matrices are factored. Requested times are points of it. */
enum core_status ffpe_mesh_create(const struct ffpe_evolution *evolution, double power, struct ffpe_mesh *mesh);
void ffpe_mesh_clear(struct ffpe_mesh *mesh);

/* t^{-alpha} ~ sum_i weight_i e^{-rate_i t} on [least, most], weights positive, relative error below 10^-9. */
struct ffpe_exponentials {
    size_t count;
    double *rate, *weight; /* (count) */
};
enum core_status ffpe_exponentials_create(double alpha, double least, double most, struct ffpe_exponentials *sum);
void ffpe_exponentials_clear(struct ffpe_exponentials *sum);

/* The weights a_k, 1 <= k <= n, of sum_k a_k (u_k - u_{k-1}) for the derivative at t_n by L1; a of room n + 1. */
void ffpe_l1_weights(const struct ffpe_mesh *mesh, double alpha, size_t n, double a[]);
/* The same at t_n - (alpha / 2) step_n by L2-1_sigma; b (n + 1) is workspace. */
void ffpe_l2_weights(const struct ffpe_mesh *mesh, double alpha, size_t n, double a[], double b[]);

#endif
