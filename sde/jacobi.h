/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SDE_JACOBI_H
#define SDE_JACOBI_H

#include <stddef.h>

/* Eigenpairs of the small symmetric a (n, n), row-major, which is destroyed: values (n) descending, row i of vectors
 * (n, n) of length 1 beside values[i]. No memory is taken, so a stepper can call it. Entries must be finite. */
void sde_jacobi(size_t n, double a[], double values[], double vectors[]);

#endif
