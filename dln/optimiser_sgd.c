/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plain steps, with momentum and weight decay where they are asked for:
 *
 *     g <- g + w theta,    v <- mu v + g,    theta <- theta - eta v.
 *
 * The decay w is coupled: it is the gradient of (w/2) |theta|^2, added to the clipped gradient of the data before the
 * momentum, so it is not clipped and it is remembered by v. */
#include "dln/optimiser.h"

#include "core/block.h"
#include "core/lanes.h"

#include <string.h>

static enum core_status check(const struct dln_sgd_settings *settings) {
    if (settings->momentum >= 0 && settings->momentum < 1) return CORE_OK;
    return core_fail(CORE_BAD_INPUT, "momentum %g; allowed: 0 to below 1", settings->momentum);
}

static size_t vectors(const struct dln_sgd_settings *settings) {
    return settings->momentum > 0;
}

static void fill(double value, double to[CORE_LANES]) {
    for (size_t j = 0; j < CORE_LANES; j++) to[j] = value;
}

static void update(const struct dln_update *at, const double scale[], const double gradient[], double x[],
                   double state[], double spare[]) {
    const struct core_block_kernels *block = core_block_kernels();
    double by[CORE_LANES] __attribute__((aligned(64)));
    if (at->settings->momentum == 0 && at->settings->weight_decay == 0) {
        for (size_t j = 0; j < at->width; j++) by[j] = -at->rate * scale[j];
        block->add(at->dimension, at->width, by, gradient, x);
        return;
    }
    memset(spare, 0, at->dimension * at->width * sizeof *spare);
    block->add(at->dimension, at->width, scale, gradient, spare);
    fill(at->settings->weight_decay, by);
    if (at->settings->weight_decay > 0) block->add(at->dimension, at->width, by, x, spare);
    if (at->settings->momentum > 0) {
        block->decay(at->dimension, at->width, at->settings->momentum, spare, state);
        spare = state;
    }
    fill(-at->rate, by);
    block->add(at->dimension, at->width, by, spare, x);
}

const struct dln_optimiser dln_optimiser_sgd = {
    .name = "sgd",
    .sentence = "g <- g + w theta, v <- mu v + g, theta <- theta - eta v",
    .check = check,
    .vectors = vectors,
    .update = update,
};
