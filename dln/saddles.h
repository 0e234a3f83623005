/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DLN_SADDLES_H
#define DLN_SADDLES_H

#include "core/curvature.h"
#include "core/landscape.h"

#include <stddef.h>
#include <stdint.h>

/* Critical points of deep linear networks [baldi1989] [achour2024].
 *
 * Modes: Sig = Syx Sxx^+ Sxy = U diag(w) U^T, w_0 >= w_1 >= ..., counted from 0, T = Syx Sxx^+. At a critical point of
 * rank r the product is W = U_S U_S^T T for a set S of r modes, and L = tr Syy / 2 - (sum of w_i over S) / 2. Layers
 * are counted from 1, as W_1 ... W_L. A family of such points is built here for every r, S and set of layers whose
 * block for the unused units, Z_l, is zero: W_1 = [s V^T; Z_1],   W_l = diag(s, Z_l),   W_L = [A s, U_Q Z_L],   A s^L
 * V^T = U_S U_S^T T, s (r, r) diagonal, Q the other modes, with Z_l = 0 for two layers or more. */

/* ---- Modes ---------------------------------------------------------------------------------------------------------
 */

struct dln_modes {
    size_t count;       /* d_L */
    size_t positive;    /* of them with w > 1e-12 w_0; the others are set to 0 */
    size_t rank_most;   /* the largest rank of a critical point: the smallest of all widths and of positive */
    double *values;     /* (count) w, descending */
    double *directions; /* (count, count) row i is u_i */
};
enum core_status dln_modes_create(const struct core_landscape *network, struct dln_modes **modes);
void dln_modes_free(struct dln_modes *modes);
/* L at critical points with these modes. */
double dln_modes_loss(const struct core_landscape *network, const struct dln_modes *modes, size_t rank,
                      const size_t chosen[]);

/* ---- One critical point
 * ---------------------------------------------------------------------------------------------- */

struct dln_critical_choice {
    size_t rank;               /* r, 0 ... rank_most */
    const size_t *modes;       /* (rank) ascending; NULL: the leading ones, 0 ... r - 1 */
    const unsigned char *zero; /* (depth) 1 where Z_l = 0; NULL: everywhere, the invariant sets of SGD */
    uint64_t seed;             /* of Z_1's directions and of the mixing */
    int mixing;                /* 1: W_l <- D_l W_l D_{l-1}^{-1}, D_l random with condition below 2; default 0 */
};
/* theta (dimension). CORE_BAD_INPUT where the choice is impossible, or a network of one layer has no such point. */
enum core_status dln_critical_point(const struct core_landscape *network, const struct dln_critical_choice *choice,
                                    double theta[]);

/* ---- Labels
 * ------------------------------------------------------------------------------------------------------------ */

enum dln_label { DLN_GLOBAL_MINIMUM, DLN_STRICT_SADDLE, DLN_NON_STRICT_SADDLE };
/* global-minimum | strict-saddle | non-strict-saddle */
const char *dln_label_name(enum dln_label label);

/* What the ranks of partial products say about a critical point; theta is not checked to be one. */
struct dln_critical_label {
    size_t rank;   /* of the product, on the span of the inputs */
    int leading;   /* 1: the modes it keeps are the r largest (or as large as those) */
    int tightened; /* 1: every pivot is */
    enum dln_label label;
};
enum core_status dln_critical_classify(const struct core_landscape *network, const double theta[],
                                       struct dln_critical_label *label);

/* ---- The atlas
 * --------------------------------------------------------------------------------------------------------- */

struct dln_saddle {
    size_t rank, *modes;              /* (rank), counted from 0 */
    size_t zero_count, *zero_layers;  /* (zero_count) counted from 1; empty blocks count as zero */
    struct dln_critical_label theory; /* by the ranks */
    enum dln_label seen;              /* by the loss and the eigenvalues of the Hessian */
    int agrees;                       /* theory.label == seen, and the ranks count to `rank` */
    double loss, formula;             /* of the point; of its modes */
    double gradient_norm;
    int counted; /* 1: the whole Hessian was formed, and inertia holds */
    struct core_inertia inertia;
    double lowest, highest; /* eigenvalues of the Hessian */
};

struct dln_atlas_settings {
    size_t most;    /* points; default 512 */
    size_t threads; /* default 1 */
    size_t formed;  /* parameters up to which inertia is counted; beyond, only the ends of the spectrum are found, by
                       Lanczos; default 1500, at most CORE_INERTIA_MOST */
    uint64_t seed;
    int mixing;
};
struct dln_atlas_settings dln_atlas_settings_default(void);

struct dln_atlas {
    size_t count, agreeing, doubtful; /* points; theory and Hessian agree; inertia without a clear gap */
    double families;                  /* how many there are in all: count, or more where `most` cut the list */
    struct dln_saddle *points;        /* (count) by rank; leading modes first, all blocks zero first */
};
/* Where `most` is too few, every rank gets an equal share, one at least, spent on its leading sets of modes and on the
 * patterns with most zero blocks. */
enum core_status dln_atlas_create(const struct core_landscape *network, const struct dln_atlas_settings *settings,
                                  struct dln_atlas **atlas);
void dln_atlas_free(struct dln_atlas *atlas);

#endif
