/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FFPE_KRYLOV_H
#define FFPE_KRYLOV_H

#include "ffpe/grid.h"

/* Inside the room: (s V + L) x = b by preconditioned BiCGStab, where a factorisation would fill the memory: three
 * dimensions. The matrix L by compressed columns, its pattern symmetric. */
struct ffpe_columns {
    size_t n;
    const int *column, *row, *diagonal; /* (n + 1), (entries) ascending in a column, (n) */
    const double *value;                /* (entries) */
    const int *mirror;                  /* (entries): where (j, i) is for the entry (i, j) */
};

/* Doubles of workspace. */
size_t ffpe_krylov_work(size_t n);
/* x (n, 2) from b (n) real, to a residual of 1e-12 of b; CORE_NUMERICAL where it does not get there. */
enum core_status ffpe_krylov_solve(const struct ffpe_operator *op, const struct ffpe_columns *matrix, double complex s,
                                   const double b[], double work[], double x[]);

#endif
