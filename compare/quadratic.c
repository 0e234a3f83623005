/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/quadratic.h"

#include "core/memory.h"

CORE_ISA_PICK(struct compare_quadratic_kernels, compare_quadratic_kernels)

enum core_status compare_lower_init(struct compare_lower *lower, size_t size) {
    *lower = (struct compare_lower){.size = size, .rows = (size + 3) / 4 * 4, .stride = (size + 127) / 128 * 128};
    lower->value = core_alloc(lower->rows, lower->stride * sizeof(double));
    if (lower->value != NULL) return CORE_OK;
    return core_fail(CORE_NO_MEMORY, "no memory for the pairs of %zu rows (%.3g GB)", size,
                     8e-9 * (double)lower->rows * (double)lower->stride);
}

void compare_lower_free(struct compare_lower *lower) {
    core_free(lower->value);
    lower->value = NULL;
}

void compare_lower_sums(const struct compare_lower *lower, double *total, double sum[]) {
    *total = 0;
    for (size_t i = 0; i < lower->size; i++) sum[i] = 0;
    for (size_t i = 0; i < lower->size; i++) {
        const double *row = lower->value + i * lower->stride;
        double here = 0;
        for (size_t j = 0; j < i; j++) {
            here += row[j];
            sum[j] += row[j];
        }
        sum[i] += here;
        *total += here;
    }
}
