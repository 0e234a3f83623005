/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scalar deep linear network: one neuron a layer, one sample (1, 1), weights x_1 ... x_D,
 *
 *     L(x) = (1 - p)^2 / 2,   p = x_1 x_2 ... x_D,   with r = 1 - p and p_i = prod_{j != i} x_j:
 *     dL/dx_i = -r p_i.
 *
 * Higher derivatives come from the same formula in the truncated algebra of numbers a + b s + c t + d s t with
 * s^2 = t^2 = 0: with x_i + u_i s + v_i t in place of x_i, the coefficient of t in -r p_i is (H v)_i and the
 * coefficient of s t is the derivative of u^T H v along x_i. Products that leave one factor out are made from prefix
 * and suffix products, so that nothing is divided and zeros are no special case. With one sample fitted exactly at
 * every minimum there is no sampling noise of its own; a constant noise factor may be given. */
#include "core/potential.h"

static const struct core_landscape_methods methods;

/* a + b s + c t + d s t in every lane. */
struct jet {
    lanes a, b, c, d;
};

static struct jet multiply(struct jet x, struct jet y) {
    return (struct jet){
        x.a * y.a,
        x.a * y.b + x.b * y.a,
        x.a * y.c + x.c * y.a,
        (x.a * y.d + x.d * y.a) + (x.b * y.c + x.c * y.b),
    };
}

/* Coordinate i of x + u s + v t; u may be NULL. */
static struct jet coordinate(const double x[], const double u[], const double v[], size_t i) {
    size_t at = i * CORE_LANES;
    lanes zero = lanes_set(0);
    return (struct jet){lanes_load(x + at), u == NULL ? zero : lanes_load(u + at), lanes_load(v + at), zero};
}

/* suffix[i] = product of the coordinates i ... depth - 1. */
static void suffix_products(size_t depth, const double x[], const double u[], const double v[], struct jet suffix[]) {
    suffix[depth] = (struct jet){.a = lanes_set(1)};
    for (size_t i = depth; i-- > 0;) suffix[i] = multiply(coordinate(x, u, v, i), suffix[i + 1]);
}

/* -r p_i for i = 0 ... depth - 1, as jets handed to `take` one after the other. */
static void jet_gradient(size_t depth, const double x[], const double u[], const double v[], struct jet suffix[],
                         lanes (*take)(struct jet), double out[]) {
    suffix_products(depth, x, u, v, suffix);
    struct jet p = suffix[0], minus_r = {p.a - 1.0, p.b, p.c, p.d}, prefix = {.a = lanes_set(1)};
    for (size_t i = 0; i < depth; i++) {
        struct jet without = multiply(prefix, suffix[i + 1]);
        lanes_store(out + i * CORE_LANES, take(multiply(minus_r, without)));
        prefix = multiply(prefix, coordinate(x, u, v, i));
    }
}

static lanes take_t(struct jet j) {
    return j.c;
}

static lanes take_st(struct jet j) {
    return j.d;
}

static void hessian_vector(const struct core_landscape *land, const double x[], const double v[], double out[],
                           double scratch[]) {
    jet_gradient(land->dimension, x, NULL, v, (struct jet *)scratch, take_t, out);
}

static void curvature_gradient(const struct core_landscape *land, const double x[], const double u[], const double v[],
                               double out[], double scratch[]) {
    jet_gradient(land->dimension, x, u, v, (struct jet *)scratch, take_st, out);
}

static void loss(const struct core_landscape *land, const double x[], double out[], double scratch[]) {
    (void)scratch;
    lanes p = lanes_set(1);
    for (size_t i = 0; i < land->dimension; i++) p *= lanes_load(x + i * CORE_LANES);
    lanes_store(out, 0.5 * (1.0 - p) * (1.0 - p));
}

static void gradient(const struct core_landscape *land, const double x[], double out[], double scratch[]) {
    size_t depth = land->dimension;
    lanes *suffix = (lanes *)scratch, prefix = lanes_set(1);
    suffix[depth] = lanes_set(1);
    for (size_t i = depth; i-- > 0;) suffix[i] = lanes_load(x + i * CORE_LANES) * suffix[i + 1];
    lanes minus_r = suffix[0] - 1.0;
    for (size_t i = 0; i < depth; i++) {
        lanes_store(out + i * CORE_LANES, minus_r * (prefix * suffix[i + 1]));
        prefix *= lanes_load(x + i * CORE_LANES);
    }
}

enum core_status core_potential_scalar_network(const struct core_potential *potential, struct core_landscape *land) {
    enum { DEFAULT_DEPTH = 2, DEPTH_MAX = 1000000 };
    size_t depth = potential->depth == 0 ? DEFAULT_DEPTH : potential->depth;
    enum core_status status = core_potential_check_no_matrix(potential);
    if (status != CORE_OK) return status;
    if (depth > DEPTH_MAX)
        return core_fail(CORE_BAD_INPUT, "landscape '%s': found depth %zu, expected 1 to %d", potential->name, depth,
                         DEPTH_MAX);
    size_t scratch = (depth + 1) * (sizeof(struct jet) / sizeof(double));
    return core_potential_init(potential, depth, scratch, &methods, land);
}

static const struct core_landscape_methods methods = {
    .loss = loss,
    .gradient = gradient,
    .hessian_vector = hessian_vector,
    .curvature_gradient = curvature_gradient,
    .destroy = core_potential_destroy,
};
