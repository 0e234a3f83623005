/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/lanes.h"
#include "compare/sliced.h"

enum { ROWS = 4 };

/* Rows i .. i + rows - 1, at most ROWS of them: a lane per direction. */
LANES_INLINE void project_rows(size_t rows, size_t dimension, const double x[], double shrink, const double shift[],
                               const double direction[], lanes sum[ROWS]) {
    for (int r = 0; r < ROWS; r++) sum[r] = lanes_set(0);
    for (size_t k = 0; k < dimension; k++) {
        lanes along = lanes_load(direction + k * CORE_LANES);
        for (size_t r = 0; r < rows; r++) {
            sum[r] = lanes_fma(lanes_set(x[r * dimension + k] * shrink - shift[k]), along, sum[r]);
        }
    }
}

static void project(size_t n, size_t dimension, const double x[], double shrink, const double shift[],
                    const double direction[], size_t stride, double out[]) {
    for (size_t i = 0; i < n; i += ROWS) {
        lanes sum[ROWS];
        size_t rows = n - i < ROWS ? n - i : ROWS;
        if (rows == ROWS) {
            project_rows(ROWS, dimension, x + i * dimension, shrink, shift, direction, sum);
        } else {
            project_rows(rows, dimension, x + i * dimension, shrink, shift, direction, sum);
        }
        for (size_t r = 0; r < rows; r++) {
            for (size_t l = 0; l < CORE_LANES; l++) out[l * stride + i + r] = sum[r][l];
        }
    }
}

static double difference(size_t n, const double x[], const double y[], int p) {
    lanes total[4] = {lanes_set(0), lanes_set(0), lanes_set(0), lanes_set(0)}, zero = lanes_set(0);
    size_t at = 0;
    for (size_t i = 0; i < n; i += CORE_LANES, at = (at + 1) % 4) {
        lanes d = lanes_load(x + i) - lanes_load(y + i);
        total[at] = p == 1 ? total[at] + lanes_greatest(d, zero - d) : lanes_fma(d, d, total[at]);
    }
    return lanes_total((total[0] + total[1]) + (total[2] + total[3]));
}

extern const struct compare_sliced_kernels CORE_ISA_NAME(compare_sliced_kernels);
const struct compare_sliced_kernels CORE_ISA_NAME(compare_sliced_kernels) = {project, difference};
