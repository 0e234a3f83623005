/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Networks against reference values: derivatives, gradient noise, observables, one step of SGD, critical points. */
#include "core/linalg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dln/networks.h"

static char *reference; /* tests/reference/dln.json */

static const char *const names[] = {"networks[name=L2_3-4-2]", "networks[name=L3_4-3-4-3]"};
enum { NETWORKS = sizeof names / sizeof *names, MOST = 64, SAMPLES = 16 };

/* One reference network, its point and where its values stand. */
struct setup {
    const char *path;
    struct core_landscape *land;
    size_t p, n;
    double theta[MOST], u[MOST], v[MOST];
};

static void value_of(const struct setup *s, const char *name, size_t count, double out[]) {
    char full[160];
    snprintf(full, sizeof full, "%s.%s", s->path, name);
    reference_numbers(reference, full, count, out);
}

static double number_of(const struct setup *s, const char *name) {
    char full[160];
    snprintf(full, sizeof full, "%s.%s", s->path, name);
    return reference_number(reference, full);
}

static struct setup setup(size_t k) {
    struct setup s = {.path = names[k]};
    s.n = (size_t)number_of(&s, "n");
    s.land = reference_network(reference, s.path, s.n);
    s.p = s.land->dimension;
    value_of(&s, "W", s.p, s.theta);
    value_of(&s, "u", s.p, s.u);
    value_of(&s, "v", s.p, s.v);
    return s;
}

static void loss_gradient_hessian_and_third_derivative(void **state) {
    /* value: tests/reference/dln.json */
    (void)state;
    for (size_t k = 0; k < NETWORKS; k++) {
        struct setup s = setup(k);
        double loss, expected[MOST * MOST], got[MOST * MOST], eigen[MOST];
        assert_int_equal(core_point_loss(s.land, s.theta, &loss), CORE_OK);
        expected[0] = number_of(&s, "loss");
        assert_true(agree("loss", 1, &loss, expected, 1e-14));
        assert_int_equal(core_point_gradient(s.land, s.theta, got), CORE_OK);
        value_of(&s, "grad", s.p, expected);
        assert_true(agree("grad", s.p, got, expected, 1e-14));
        assert_int_equal(core_point_hessian_vector(s.land, s.theta, s.u, got), CORE_OK);
        value_of(&s, "Hu", s.p, expected);
        assert_true(agree("Hu", s.p, got, expected, 1e-14));
        assert_int_equal(core_point_curvature_gradient(s.land, s.theta, s.u, s.v, got), CORE_OK);
        value_of(&s, "third_uv", s.p, expected);
        assert_true(agree("third_uv", s.p, got, expected, 1e-14));
        assert_int_equal(core_point_hessian(s.land, s.theta, got), CORE_OK);
        if (k == 0) { /* the only one whose matrix is written out */
            value_of(&s, "hess", s.p * s.p, expected);
            assert_true(agree("hess", s.p * s.p, got, expected, 1e-14));
        }
        assert_int_equal(core_symmetric_eigen(s.p, got, eigen, NULL), CORE_OK);
        value_of(&s, "hess_eigs", s.p, expected);
        assert_true(agree("hess_eigs", s.p, eigen, expected, 1e-13));
        core_landscape_free(s.land);
    }
}

static void sharpness_and_its_gradient(void **state) {
    /* value: tests/reference/dln.json; the gradient of the top eigenvalue is the third derivative along its vector */
    (void)state;
    for (size_t k = 0; k < NETWORKS; k++) {
        struct setup s = setup(k);
        double hessian[MOST * MOST], values[MOST], vectors[MOST * MOST], top[MOST], got[MOST], expected[MOST];
        assert_int_equal(core_point_hessian(s.land, s.theta, hessian), CORE_OK);
        assert_int_equal(core_symmetric_eigen(s.p, hessian, values, vectors), CORE_OK);
        for (size_t i = 0; i < s.p; i++) top[i] = vectors[i * s.p + s.p - 1];
        assert_int_equal(core_point_curvature_gradient(s.land, s.theta, top, top, got), CORE_OK);
        value_of(&s, "grad_sharpness", s.p, expected);
        assert_true(agree("grad_sharpness", s.p, got, expected, 1e-12));
        expected[0] = number_of(&s, "sharpness");
        assert_true(agree("sharpness", 1, values + s.p - 1, expected, 1e-13));
        const struct dln_observable *row = dln_observable_find("sharpness");
        double *scratch = core_alloc(row->scratch(s.land), sizeof *scratch);
        assert_int_equal(row->evaluate(s.land, s.theta, NULL, got, scratch), CORE_OK);
        assert_true(agree("sharpness observed", 1, got, expected, 1e-13));
        core_free(scratch);
        core_landscape_free(s.land);
    }
}

/* ---- Gradient noise ---- */

static void noise_covariance(void **state) {
    /* value: trace, eigenvalues, rank and action of Sigma; tests/reference/dln.json */
    (void)state;
    for (size_t k = 0; k < NETWORKS; k++) {
        struct setup s = setup(k);
        size_t width = s.land->noise_width, p = s.p;
        double factor[MOST * MOST], sigma[MOST * MOST], eigen[MOST], got[MOST], expected[MOST];
        assert_true(width <= s.n - 1 && p * width <= MOST * MOST);
        assert_int_equal(core_point_noise_factor(s.land, s.theta, factor), CORE_OK);
        for (size_t i = 0; i < p; i++) {
            for (size_t j = 0; j < p; j++) sigma[i * p + j] = inner(width, factor + i * width, factor + j * width);
        }
        for (size_t i = 0; i < p; i++) got[i] = inner(p, sigma + i * p, s.u);
        value_of(&s, "Sigma_u", p, expected);
        assert_true(agree("Sigma_u", p, got, expected, 1e-13));
        assert_int_equal(core_symmetric_eigen(p, sigma, eigen, NULL), CORE_OK);
        size_t rank = (size_t)number_of(&s, "Sigma_rank");
        char full[160];
        snprintf(full, sizeof full, "%s.Sigma_eigs_desc", s.path);
        value_of(&s, "Sigma_eigs_desc", reference_count(reference, full), expected); /* may end in zeros, rounded */
        for (size_t i = 0; i < rank; i++) got[i] = eigen[p - 1 - i];
        assert_true(agree("Sigma_eigs", rank, got, expected, 1e-13));
        for (size_t i = 0; i < p; i++) assert_true((eigen[p - 1 - i] > 1e-13 * eigen[p - 1]) == (i < rank));

        double *block = core_alloc(p * CORE_LANES + s.land->scratch, sizeof *block);
        double trace[CORE_LANES] __attribute__((aligned(64)));
        for (size_t i = 0; i < p * CORE_LANES; i++) block[i] = s.theta[i / CORE_LANES];
        s.land->methods->noise_trace(s.land, block, trace, block + p * CORE_LANES);
        expected[0] = number_of(&s, "trSigma");
        for (size_t j = 0; j < CORE_LANES; j++) assert_true(agree("trSigma", 1, trace + j, expected, 1e-13));
        core_free(block);
        core_landscape_free(s.land);
    }
}

static void per_sample_gradients(void **state) {
    /* value: the first sample's gradient, and n^(-1/2) sum of z_mu (g_mu - g); tests/reference/dln.json */
    (void)state;
    for (size_t k = 0; k < NETWORKS; k++) {
        struct setup s = setup(k);
        double mean[MOST], got[MOST], sum[MOST] = {0}, z[SAMPLES], expected[MOST];
        value_of(&s, "z", s.n, z);
        assert_int_equal(core_point_gradient(s.land, s.theta, mean), CORE_OK);
        for (size_t m = s.n; m-- > 0;) {
            assert_int_equal(dln_sample_gradient(s.land, s.theta, m, got), CORE_OK);
            for (size_t i = 0; i < s.p; i++) sum[i] += z[m] * (got[i] - mean[i]) / sqrt((double)s.n);
        }
        value_of(&s, "per_sample_grad_0", s.p, expected);
        assert_true(agree("per_sample_grad_0", s.p, got, expected, 1e-14));
        value_of(&s, "noise_sample", s.p, expected);
        assert_true(agree("noise_sample", s.p, sum, expected, 1e-13));
        core_landscape_free(s.land);
    }
}

static void one_step_of_sgd(void **state) {
    /* value: theta - eta/B times the sum of the batch's gradients; tests/reference/dln.json */
    (void)state;
    for (size_t k = 0; k < NETWORKS; k++) {
        struct setup s = setup(k);
        double eta = number_of(&s, "sgd_step.eta"), which[SAMPLES], got[MOST], expected[MOST];
        size_t batch = (size_t)number_of(&s, "sgd_step.B"), p = s.p;
        value_of(&s, "sgd_step.idx", batch, which);
        uint32_t index[SAMPLES * CORE_LANES];
        double count[CORE_LANES] __attribute__((aligned(64)));
        for (size_t i = 0; i < batch * CORE_LANES; i++) index[i] = (uint32_t)which[i / CORE_LANES];
        for (size_t j = 0; j < CORE_LANES; j++) count[j] = (double)batch;
        double *x = core_alloc(2 * p * CORE_LANES + s.land->scratch, sizeof *x), *out = x + p * CORE_LANES;
        for (size_t i = 0; i < p * CORE_LANES; i++) x[i] = s.theta[i / CORE_LANES];
        s.land->methods->sampled_gradient(s.land, x, batch, count, index, out, out + p * CORE_LANES);
        value_of(&s, "sgd_step.theta_next", p, expected);
        for (size_t j = 0; j < CORE_LANES; j++) {
            test_lane(p, out, j, got);
            for (size_t i = 0; i < p; i++) got[i] = s.theta[i] - eta / (double)batch * got[i];
            assert_true(agree("theta_next", p, got, expected, 1e-14));
        }
        core_free(x);
        core_landscape_free(s.land);
    }
}

static void second_order_drift(void **state) {
    /* value: -grad(L + eta/4 |grad L|^2) = -(g + eta/2 H g); tests/reference/dln.json */
    (void)state;
    for (size_t k = 0; k < NETWORKS; k++) {
        struct setup s = setup(k);
        double eta = number_of(&s, "modified_drift_LTE.eta"), g[MOST], got[MOST], expected[MOST];
        assert_int_equal(core_point_gradient(s.land, s.theta, g), CORE_OK);
        assert_int_equal(core_point_hessian_vector(s.land, s.theta, g, got), CORE_OK);
        for (size_t i = 0; i < s.p; i++) got[i] = -g[i] - 0.5 * eta * got[i];
        value_of(&s, "modified_drift_LTE.minus_grad_of_L_plus_eta4_gradsq", s.p, expected);
        assert_true(agree("drift", s.p, got, expected, 1e-13));
        core_landscape_free(s.land);
    }
}

/* ---- Observables ---- */

static void balancedness_and_singular_values(void **state) {
    /* value: tests/reference/dln.json, through the table of observables */
    (void)state;
    for (size_t k = 0; k < NETWORKS; k++) {
        struct setup s = setup(k);
        static const char *const observed[][2] = {{"balancedness", "balancedness"}, {"singular-values", "sv_product"}};
        for (size_t o = 0; o < 2; o++) {
            const struct dln_observable *row = dln_observable_find(observed[o][0]);
            double got[MOST], expected[MOST];
            double *scratch = core_alloc(row->scratch(s.land) + 1, sizeof *scratch);
            assert_int_equal(row->evaluate(s.land, s.theta, s.theta, got, scratch), CORE_OK);
            value_of(&s, observed[o][1], row->width(s.land), expected);
            assert_true(agree(observed[o][0], row->width(s.land), got, expected, 1e-14));
            core_free(scratch);
        }
        core_landscape_free(s.land);
    }
}

/* ---- Critical points ---- */

/* The Hessian's inertia (negative, zero, positive), zeros being below 1e-8 of the largest. */
static void inertia(const struct core_landscape *land, const double theta[], double counts[3]) {
    double hessian[MOST * MOST], values[MOST];
    assert_int_equal(core_point_hessian(land, theta, hessian), CORE_OK);
    assert_int_equal(core_symmetric_eigen(land->dimension, hessian, values, NULL), CORE_OK);
    double zero = 1e-8 * largest(land->dimension, values);
    counts[0] = counts[1] = counts[2] = 0;
    for (size_t i = 0; i < land->dimension; i++) counts[values[i] < -zero ? 0 : values[i] > zero ? 2 : 1]++;
}

static void critical_points(void **state) {
    /* value: no gradient, the loss of the formula, the inertia; tests/reference/dln.json [baldi1989] [achour2024] */
    (void)state;
    for (size_t k = 0; k < 2; k++) {
        char path[64], points[80], at[128];
        snprintf(path, sizeof path, "critical_points[%zu]", k);
        snprintf(points, sizeof points, "%s.points", path);
        struct core_landscape *land = reference_network(reference, path, 30);
        double levels[DLN_LEVELS_MAX];
        size_t level_count, count = reference_count(reference, points);
        assert_int_equal(dln_critical_levels(land, &level_count, levels), CORE_OK);
        for (size_t i = 0; i < count; i++) {
            struct setup s = {.path = at, .land = land, .p = land->dimension};
            double loss, expected, gradient[MOST], counts[3], inertia_expected[3];
            snprintf(at, sizeof at, "%s[%zu]", points, i);
            value_of(&s, "W", s.p, s.theta);
            assert_int_equal(core_point_gradient(land, s.theta, gradient), CORE_OK);
            assert_true(largest(s.p, gradient) < 2e-14);
            assert_int_equal(core_point_loss(land, s.theta, &loss), CORE_OK);
            expected = number_of(&s, "loss_formula");
            assert_true(agree("loss", 1, &loss, &expected, 1e-13));
            size_t r = (size_t)number_of(&s, "r");
            int leading = 1;
            snprintf(at + strlen(at), 4, ".S");
            double kept[4];
            reference_numbers(reference, at, r, kept);
            at[strlen(at) - 2] = '\0';
            for (size_t c = 0; c < r; c++) leading &= kept[c] == (double)c;
            if (leading) assert_true(agree("level", 1, levels + r, &expected, 1e-13));
            inertia(land, s.theta, counts);
            value_of(&s, "inertia", 3, inertia_expected);
            assert_memory_equal(counts, inertia_expected, sizeof counts);
        }
        core_landscape_free(land);
    }
}

static int load(void **state) {
    (void)state;
    reference = reference_load("tests/reference/dln.json");
    return 0;
}

static int unload(void **state) {
    (void)state;
    free(reference);
    return core_alloc_live() != 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loss_gradient_hessian_and_third_derivative),
        cmocka_unit_test(sharpness_and_its_gradient),
        cmocka_unit_test(noise_covariance),
        cmocka_unit_test(per_sample_gradients),
        cmocka_unit_test(one_step_of_sgd),
        cmocka_unit_test(second_order_drift),
        cmocka_unit_test(balancedness_and_singular_values),
        cmocka_unit_test(critical_points),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
