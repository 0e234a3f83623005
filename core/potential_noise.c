/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Constant gradient noise: Sigma(x) = F F^T with the same factor F, of shape (dimension, columns), at every x.
 *
 *     noise(x, z)                = F z
 *     noisy_gradient(x, a, s, z) = a grad L(x) + s F z
 *     noise_trace(x)             = sum_ij F_ij^2 */
#include "core/potential.h"

#include "core/memory.h"

#include <math.h>
#include <string.h>

/* Row i of F times z. */
static lanes row_times(const struct core_potential_self *self, size_t i, const double z[]) {
    return core_potential_dot(self->factor + i * self->columns, self->columns, z);
}

static void noise(const struct core_landscape *land, const double x[], const double z[], double out[],
                  double scratch[]) {
    (void)x;
    (void)scratch;
    for (size_t i = 0; i < land->dimension; i++)
        lanes_store(out + i * CORE_LANES, row_times(core_potential_self(land), i, z));
}

static void noisy_gradient(const struct core_landscape *land, const double x[], double drift, const double scale[],
                           const double z[], double out[], double scratch[]) {
    land->methods->gradient(land, x, out, scratch);
    lanes s = lanes_load(scale);
    for (size_t i = 0; i < land->dimension; i++) {
        lanes gradient = lanes_load(out + i * CORE_LANES);
        lanes_store(out + i * CORE_LANES, drift * gradient + s * row_times(core_potential_self(land), i, z));
    }
}

static void noise_trace(const struct core_landscape *land, const double x[], double trace[], double scratch[]) {
    (void)x;
    (void)scratch;
    lanes_store(trace, lanes_set(core_potential_self(land)->trace));
}

static enum core_status check(const struct core_potential *potential, size_t dimension) {
    size_t rows = potential->noise_rows, columns = potential->noise_columns;
    if (rows != dimension || columns == 0)
        return core_fail(
            CORE_BAD_INPUT,
            "landscape '%s': found a noise factor of %zu rows and %zu columns, expected %zu row%s (one per "
            "coordinate) and at least one column",
            potential->name, rows, columns, dimension, dimension == 1 ? "" : "s");
    for (size_t i = 0; i < rows * columns; i++) {
        if (isfinite(potential->noise[i])) continue;
        return core_fail(CORE_BAD_INPUT,
                         "landscape '%s': noise factor row %zu, column %zu: found %g, expected a finite number",
                         potential->name, i / columns + 1, i % columns + 1, potential->noise[i]);
    }
    return CORE_OK;
}

enum core_status core_potential_add_noise(const struct core_potential *potential, struct core_landscape *land) {
    struct core_potential_self *self = land->self;
    if (potential->noise == NULL) return CORE_OK;
    enum core_status status = check(potential, land->dimension);
    if (status != CORE_OK) return status;
    size_t count = land->dimension * potential->noise_columns;
    self->factor = core_alloc(count, sizeof *self->factor);
    if (self->factor == NULL)
        return core_fail(CORE_NO_MEMORY, "no memory for the noise factor of the landscape '%s'", potential->name);
    memcpy(self->factor, potential->noise, count * sizeof *self->factor);
    self->columns = land->noise_width = potential->noise_columns;
    for (size_t i = 0; i < count; i++) self->trace += self->factor[i] * self->factor[i];
    self->methods.noise = noise;
    self->methods.noisy_gradient = noisy_gradient;
    self->methods.noise_trace = noise_trace;
    return CORE_OK;
}
