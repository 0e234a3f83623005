/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Adam [kingma2015, algorithm 1], t = k + 1:
 *
 *     m <- beta1 m + (1 - beta1) g,    v <- beta2 v + (1 - beta2) g^2     (elementwise),
 *     theta <- theta - eta (m / (1 - beta1^t)) / (sqrt(v / (1 - beta2^t)) + epsilon).
 *
 * Weight decay w. `adam`: coupled, g <- g + w theta after clipping and before the moments, which divide it by the size
 * of the gradients. `adamw`: decoupled, theta <- (1 - eta w) theta beside the step, and g stays the data's
 * [loshchilov2019, algorithm 2], with eta the scheduled rate. */
#include "dln/optimiser.h"

#include <math.h>

/* base^exponent by repeated squaring: the same bits with every mathematical library. */
static double power(double base, size_t exponent) {
    double result = 1;
    for (; exponent != 0; exponent >>= 1) {
        if (exponent & 1) result *= base;
        base *= base;
    }
    return result;
}

static enum core_status check(const struct dln_sgd_settings *s) {
    if (!(s->beta1 >= 0 && s->beta1 < 1)) {
        return core_fail(CORE_BAD_INPUT, "beta1 %g; allowed: 0 to below 1", s->beta1);
    }
    if (!(s->beta2 >= 0 && s->beta2 < 1)) {
        return core_fail(CORE_BAD_INPUT, "beta2 %g; allowed: 0 to below 1", s->beta2);
    }
    if (!(s->epsilon > 0) || !isfinite(s->epsilon)) {
        return core_fail(CORE_BAD_INPUT, "epsilon %g; allowed: a positive number", s->epsilon);
    }
    if (s->momentum == 0) return CORE_OK;
    return core_fail(CORE_BAD_INPUT, "momentum %g beside Adam, whose beta1 it is; allowed: 0", s->momentum);
}

static size_t vectors(const struct dln_sgd_settings *settings) {
    (void)settings;
    return 2;
}

static void move(const struct dln_update *at, double coupled, double shrink, const double scale[],
                 const double gradient[], double x[], double state[]) {
    const struct dln_sgd_settings *s = at->settings;
    size_t size = (at->dimension * at->width + 7) / 8 * 8;
    struct dln_adam_step step = {
        .beta1 = s->beta1,
        .beta2 = s->beta2,
        .epsilon = s->epsilon,
        .coupled = coupled,
        .shrink = shrink,
        .stride = at->rate / (1 - power(s->beta1, at->step + 1)),
        .unbiased = 1 / (1 - power(s->beta2, at->step + 1)),
    };
    dln_optimiser_kernels()->adam(at->dimension, at->width, &step, scale, gradient, x, state, state + size);
}

static void update_coupled(const struct dln_update *at, const double scale[], const double gradient[], double x[],
                           double state[], double spare[]) {
    (void)spare;
    move(at, at->settings->weight_decay, 1, scale, gradient, x, state);
}

static void update_decoupled(const struct dln_update *at, const double scale[], const double gradient[], double x[],
                             double state[], double spare[]) {
    (void)spare;
    move(at, 0, 1 - at->rate * at->settings->weight_decay, scale, gradient, x, state);
}

const struct dln_optimiser dln_optimiser_adam = {
    .name = "adam",
    .sentence = "Adam; weight decay is added to the gradient",
    .check = check,
    .vectors = vectors,
    .update = update_coupled,
};

const struct dln_optimiser dln_optimiser_adamw = {
    .name = "adamw",
    .sentence = "Adam; weight decay shrinks the weights beside the step",
    .check = check,
    .vectors = vectors,
    .update = update_decoupled,
};
