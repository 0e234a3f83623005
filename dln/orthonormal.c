/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random orthonormal frames.
 *
 * The columns of a Gaussian matrix, made orthonormal one after the other by Gram and Schmidt, are Q of its QR
 * factorisation with a positive diagonal of R: uniform (Haar) on the frames [mezzadri2007]. Each column is projected
 * twice, which leaves a departure from orthonormality of a few rounding errors whatever the columns. Plain sums in a
 * fixed order: the same bits on every machine. */
#include "dln/network.h"

#include "core/memory.h"

#include <math.h>

static double dot(size_t n, const double a[], const double b[]) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

/* Row `j` of q (columns, rows) made orthogonal to the rows before it and of length 1. */
static void project(size_t rows, size_t j, double q[]) {
    double *v = q + j * rows;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t k = 0; k < j; k++) {
            double share = dot(rows, q + k * rows, v);
            for (size_t i = 0; i < rows; i++) v[i] -= share * q[k * rows + i];
        }
    }
    double length = sqrt(dot(rows, v, v));
    for (size_t i = 0; i < rows; i++) v[i] /= length;
}

enum core_status dln_random_orthonormal(const struct core_stream *stream, size_t rows, size_t columns, double frame[]) {
    double *q = core_alloc(rows * columns, sizeof *q); /* the frame's transpose */
    if (q == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a random frame of %zu vectors", columns);
    core_random_normal(stream, 1, rows * columns, q);
    for (size_t j = 0; j < columns; j++) project(rows, j, q);
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < columns; j++) frame[i * columns + j] = q[j * rows + i];
    }
    core_free(q);
    return CORE_OK;
}
