/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMPARE_ASSIGNMENT_H
#define COMPARE_ASSIGNMENT_H

#include "core/isa.h"
#include "core/status.h"

#include <stddef.h>

/* The dense linear assignment problem: n rows, n columns, cost c_ij; each row gets a column of its own, at least total
 * cost. One object serves any number of problems of its size: fill `cost`, solve, read `column_of`. */

/* Columns are padded to a multiple of this; padding costs +infinity. */
enum { COMPARE_STRIDE = 16 };
size_t compare_stride(size_t n);

enum { COMPARE_NONE = -1 }; /* no row, no column */

struct compare_assignment {
    size_t n, stride;
    double *cost;         /* (n, stride), finite in the first n columns, +infinity in the padding */
    double *v;            /* (stride) column duals; the row dual is u_i = min_j (c_ij - v_j) */
    ptrdiff_t *row_of;    /* (stride) the row a column has */
    ptrdiff_t *column_of; /* (n) the column a row has */
    /* work */
    double *open;     /* (stride) v, and -infinity where the search tree has the column */
    double *distance; /* (stride) of columns outside the tree, +infinity inside */
    double *from;     /* (stride) the row a column is reached from, as a double */
    double *taken;    /* (stride) 0 for columns without a row, +infinity for the others */
    double *reached;  /* (n) distances of the tree's columns, in order */
    size_t *tree;     /* (n) the tree's columns, in order */
    size_t *waiting;  /* (n) rows without a column */
    size_t *later;    /* (n) */
};

enum core_status compare_assignment_create(size_t n, struct compare_assignment **solver);
void compare_assignment_free(struct compare_assignment *solver);

/* Fills row_of, column_of and v. */
void compare_assignment_solve(struct compare_assignment *solver);

/* The certificate: mean over rows of c_i,column_of(i) - u_i - v_column_of(i), each term >= 0. It bounds how far the
 * mean cost of this assignment is above the optimum. */
double compare_assignment_gap(const struct compare_assignment *solver);

/* ---- The loops over a row, once per instruction set ---- */

struct compare_two_best {
    double first, second; /* the two smallest of c_j - v_j */
    size_t at;            /* where the first is */
};

struct compare_nearest {
    double all, vacant;       /* the smallest distance; the smallest to a column without a row */
    size_t all_at, vacant_at; /* where */
};

struct compare_assignment_kernels {
    /* v_j = min_i c_ij, from[j] the i. */
    void (*column_least)(size_t n, size_t stride, const double cost[], double v[], double from[]);
    struct compare_two_best (*two_best)(size_t stride, const double cost[], const double v[]);
    /* distance_j = min(distance_j, c_j - open_j - offset), from_j = row where that is less. */
    struct compare_nearest (*relax)(const struct compare_assignment *solver, const double cost[], double offset,
                                    size_t row);
};
CORE_ISA_DECLARE(struct compare_assignment_kernels, compare_assignment_kernels)

#endif
