/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the analytic landscapes share: making, checking and freeing. */
#include "core/potential.h"

#include "core/memory.h"

#include <math.h>
#include <string.h>

enum core_status core_potential_check_square(const struct core_potential *potential) {
    size_t rows = potential->rows, columns = potential->columns;
    if (potential->matrix == NULL) return CORE_OK;
    if (rows != columns || rows == 0)
        return core_fail(CORE_BAD_INPUT,
                         "landscape '%s': found a matrix of %zu rows and %zu columns, expected a square one",
                         potential->name, rows, columns);
    for (size_t i = 0; i < rows * columns; i++) {
        if (isfinite(potential->matrix[i])) continue;
        return core_fail(CORE_BAD_INPUT,
                         "landscape '%s': matrix row %zu, column %zu: found %g, expected a finite number",
                         potential->name, i / columns + 1, i % columns + 1, potential->matrix[i]);
    }
    return CORE_OK;
}

enum core_status core_potential_check_no_matrix(const struct core_potential *potential) {
    if (potential->matrix == NULL) return CORE_OK;
    return core_fail(CORE_BAD_INPUT,
                     "landscape '%s': found a matrix, expected none (quadratic and linear-drift take one)",
                     potential->name);
}

enum core_status core_potential_init(const struct core_potential *potential, size_t dimension, size_t scratch,
                                     const struct core_landscape_methods *methods, struct core_landscape *land) {
    struct core_potential_self *self = core_alloc(1, sizeof *self);
    if (self == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the landscape '%s'", potential->name);
    self->methods = *methods;
    land->dimension = dimension;
    land->lanes = CORE_LANES;
    land->scratch = scratch;
    land->methods = &self->methods;
    land->self = self;
    enum core_status status = core_potential_add_noise(potential, land);
    if (status != CORE_OK) core_potential_destroy(land);
    return status;
}

enum core_status core_potential_copy_matrix(const struct core_potential *potential, struct core_landscape *land) {
    struct core_potential_self *self = land->self;
    size_t count = potential->rows * potential->columns;
    self->matrix = core_alloc(count, sizeof *self->matrix);
    if (self->matrix == NULL) {
        core_potential_destroy(land);
        return core_fail(CORE_NO_MEMORY, "no memory for the matrix of the landscape '%s'", potential->name);
    }
    memcpy(self->matrix, potential->matrix, count * sizeof *self->matrix);
    return CORE_OK;
}

void core_potential_destroy(struct core_landscape *land) {
    struct core_potential_self *self = land->self;
    if (self == NULL) return;
    core_free(self->matrix);
    core_free(self->factor);
    core_free(self);
    land->self = NULL;
}
