/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DLN_SOURCE_H
#define DLN_SOURCE_H

#include "core/isa.h"
#include "dln/dln.h"

/* Inside the room only: the law of fresh samples, and what of it runs in lanes. */

struct dln_source {
    size_t inputs, outputs;
    enum dln_input_law law;
    double dof;
    double *scale;   /* (inputs) deviation of each entry of x, as a factor on a standard draw */
    double *teacher; /* (outputs, inputs) T */
    double *turned;  /* (inputs, outputs rounded up to 8) T^T, zeros behind each row */
    double label_noise;
};

struct dln_source_kernels {
    /* out (count, width): Student-t draws made from uniform (2 count, width); whole lanes of out are written. */
    void (*student)(double dof, size_t width, size_t count, const double uniform[], double out[]);
    /* x (count, inputs, lanes): entry i of each sample times scale[i]. */
    void (*scale)(size_t count, size_t inputs, const double scale[], double x[]);
    /* y (count, outputs, lanes) = T x + sigma y. */
    void (*labels)(const struct dln_source *source, size_t count, const double x[], double y[]);
};
CORE_ISA_DECLARE(struct dln_source_kernels, dln_source_kernels)

#endif
