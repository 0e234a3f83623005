/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef FFPE_FACTOR_H
#define FFPE_FACTOR_H

#include "ffpe/grid.h"

/* Inside the room: solving (s V + L) x = b, V the diagonal of volumes, L u the outflow of u (minus the Fokker-Planck
 * operator), s a real or complex shift. A chain is a tridiagonal elimination without pivots, which is stable for these
 * matrices; everything else is UMFPACK with the symbolic factorisation made once [davis2004]. */

/* The pattern of an operator: made once, shared by all threads. */
struct ffpe_pattern;
/* symmetrised 1: in place of L the symmetric pi^{1/2} L pi^{-1/2} of a reversible operator, pi its steady state. */
enum core_status ffpe_pattern_create(const struct ffpe_operator *op, int symmetrised, struct ffpe_pattern **pattern);
void ffpe_pattern_free(struct ffpe_pattern *pattern);

/* One factorisation; one per thread. */
struct ffpe_factor;
enum core_status ffpe_factor_create(struct ffpe_pattern *pattern, int is_complex, struct ffpe_factor **factor);
void ffpe_factor_free(struct ffpe_factor *factor);

/* Factors s V + L; nothing is done where the shift is the one it holds. pinned: this unknown is held fixed (its row
 * and column are those of the identity), FFPE_OUTSIDE: none. */
enum core_status ffpe_factor_make(struct ffpe_factor *factor, double complex s, size_t pinned);
/* x (count): doubles, or pairs of them where complex. transpose 1: with the transpose. b and x may not overlap. */
enum core_status ffpe_factor_solve(struct ffpe_factor *factor, int transpose, const double b[], double x[]);

/* (s V + L)^{-1} b for a complex shift and real b, refined with the residual computed from the fluxes of edges, which
 * loses nothing where s is small [higham2002, ch. 12]: once, and again while the start is not balanced to 1e-12. work:
 * 4 * count doubles; x: count pairs. */
enum core_status ffpe_factor_resolvent(struct ffpe_factor *factor, double complex s, const double b[], double work[],
                                       double x[]);

#endif
