/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SDE_SMALL_H
#define SDE_SMALL_H

#include <stddef.h>

/* Small dense matrices without taking memory, so that a stepper can call it. */

/* Eigenpairs of the small symmetric a (n, n), row-major, which is destroyed: values (n) descending, row i of vectors
 * (n, n) of length 1 beside values[i]. Entries must be finite. */
void sde_small_eigen(size_t n, double a[], double values[], double vectors[]);

/* b <- matrix^{-1} b for the square matrix (n, n), which is destroyed; 0 where it is singular, else 1. */
int sde_small_solve(size_t n, double matrix[], double b[]);

#endif
