/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sum over j < i of z_i M_ij z_j for 32 vectors: columns in blocks of 128, whose part of z (32 KB) stays in the first
 * cache while 128 rows go by four at a time; 16 running sums of eight vectors each stay in registers. The block of the
 * matrix (128 KB) stays in the second cache while the groups take their turns. The
 * entries above the diagonal are zeros and are multiplied like the others, at most 128 a row. */
#include "compare/lanes.h"
#include "compare/quadratic.h"

enum { ROWS = 4, PARTS = COMPARE_GROUP / CORE_LANES, BLOCK = 128 };

struct sums {
    lanes row[ROWS][PARTS];
};

LANES_INLINE void rows_times_block(const double *matrix, size_t stride, const double *z, struct sums *out) {
    lanes sum[ROWS][PARTS];
    for (int r = 0; r < ROWS; r++) {
        for (int p = 0; p < PARTS; p++) sum[r][p] = lanes_set(0);
    }
    for (size_t j = 0; j < BLOCK; j++, z += COMPARE_GROUP) {
        lanes part[PARTS];
        for (int p = 0; p < PARTS; p++) part[p] = lanes_load(z + p * CORE_LANES);
        for (int r = 0; r < ROWS; r++) {
            lanes entry = lanes_set(matrix[(size_t)r * stride + j]);
            for (int p = 0; p < PARTS; p++) sum[r][p] = lanes_fma(entry, part[p], sum[r][p]);
        }
    }
    for (int r = 0; r < ROWS; r++) {
        for (int p = 0; p < PARTS; p++) out->row[r][p] = sum[r][p];
    }
}

/* One block of columns for the rows first .. end of one group. */
static void block_forms(const struct compare_lower *lower, size_t column, size_t first, size_t end, const double *z,
                        double out[]) {
    lanes total[PARTS];
    for (int p = 0; p < PARTS; p++) total[p] = lanes_load(out + p * CORE_LANES);
    for (size_t i = first; i < end; i += ROWS) {
        struct sums sums;
        rows_times_block(lower->value + i * lower->stride + column, lower->stride, z + column * COMPARE_GROUP, &sums);
        for (size_t r = 0; r < ROWS; r++) {
            const double *own = z + (i + r) * COMPARE_GROUP;
            for (int p = 0; p < PARTS; p++) {
                total[p] = lanes_fma(sums.row[r][p], lanes_load(own + p * CORE_LANES), total[p]);
            }
        }
    }
    for (int p = 0; p < PARTS; p++) lanes_store(out + p * CORE_LANES, total[p]);
}

static void forms(const struct compare_lower *lower, size_t groups, const double z[], double out[]) {
    for (size_t k = 0; k < groups * COMPARE_GROUP; k++) out[k] = 0;
    for (size_t column = 0; column < lower->size; column += BLOCK) {
        for (size_t first = column; first < lower->rows; first += BLOCK) {
            size_t end = first + BLOCK < lower->rows ? first + BLOCK : lower->rows;
            for (size_t g = 0; g < groups; g++) {
                block_forms(lower, column, first, end, z + g * lower->stride * COMPARE_GROUP, out + g * COMPARE_GROUP);
            }
        }
    }
}

static void shape(size_t count, const double squares[], double rate, double out[]) {
    for (size_t i = 0; i < count; i += CORE_LANES) {
        lanes s = lanes_load(squares + i);
        lanes_store(out + i, rate >= 0 ? lanes_exp_minus(s * lanes_set(rate)) : lanes_sqrt(s));
    }
}

extern const struct compare_quadratic_kernels CORE_ISA_NAME(compare_quadratic_kernels);
const struct compare_quadratic_kernels CORE_ISA_NAME(compare_quadratic_kernels) = {forms, shape};
