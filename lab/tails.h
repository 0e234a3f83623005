/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LAB_TAILS_H
#define LAB_TAILS_H

#include "lab/figures.h"

#include <stddef.h>

/* Hill's plots of the first columns of a sample, for their figure. */

enum { LAB_HILL_PANELS = 6 };

struct lab_hill_panel {
    size_t count;
    const size_t *k;     /* (count) */
    const double *alpha; /* (count) NaN where undefined */
    size_t chosen;       /* k of the power law; 0: none */
    double chosen_alpha;
};

struct lab_hill {
    size_t panels;
    struct lab_hill_panel panel[LAB_HILL_PANELS];
};

/* Its subject is a struct lab_hill. */
extern const struct lab_figure lab_figure_hill;

#endif
