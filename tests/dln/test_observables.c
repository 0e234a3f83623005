/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Observables of one point, and the singular values of small matrices. Values against tests/reference/dln.json are in
 * test_reference.c. */
#include "core/linalg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dln/networks.h"

enum { P = NETWORK_MOST };

/* The observable `name` at theta, in memory of exactly its size. */
static enum core_status observe(const struct core_landscape *land, const char *name, const double theta[],
                                const double start[], double out[]) {
    const struct dln_observable *row = dln_observable_find(name);
    assert_non_null(row);
    double *scratch = core_alloc(row->scratch(land) + 1, sizeof *scratch);
    double *result = core_alloc(row->width(land) + 1, sizeof *result);
    assert_true(scratch != NULL && result != NULL);
    enum core_status status = row->evaluate(land, theta, start, result, scratch);
    memcpy(out, result, row->width(land) * sizeof *out);
    core_free(scratch);
    core_free(result);
    return status;
}

static void the_table(void **state) {
    /* value: names, sentences, widths on a 3-4-2 network and on a landscape that is none */
    (void)state;
    static const struct {
        const char *name;
        size_t network, potential;
    } rows[] = {{"parameters", 20, 1},   {"product", 6, 0},  {"singular-values", 2, 0}, {"loss", 1, 1},
                {"balancedness", 16, 0}, {"distance", 1, 1}, {"sharpness", 1, 1}};
    struct core_landscape *land = test_network(&test_shapes[2], 1), *well;
    assert_int_equal(core_landscape_create(&(struct core_potential){.name = "double-well"}, &well), CORE_OK);
    for (size_t i = 0; i < 7; i++) {
        assert_string_equal(dln_observables[i].name, rows[i].name);
        assert_ptr_equal(dln_observable_find(rows[i].name), &dln_observables[i]);
        assert_true(strlen(dln_observables[i].sentence) > 20);
        assert_int_equal(dln_observables[i].width(land), rows[i].network);
        assert_int_equal(dln_observables[i].width(well), rows[i].potential * (i == 0 ? well->dimension : 1));
        double out[32], theta[2] = {0.3, 0}, start[2] = {-0.9, 0};
        assert_int_equal(observe(well, rows[i].name, theta, start, out), CORE_OK);
        if (i == 5) assert_true(fabs(out[0] - 1.2) < 1e-15);
    }
    assert_null(dln_observables[7].name);
    assert_null(dln_observable_find("singular values"));
    core_landscape_free(well);
    core_landscape_free(land);
}

static void observables_follow_their_definitions(void **state) {
    /* law: product applied layer by layer to unit vectors, singular values by LAPACK, loss, distance, parameters */
    (void)state;
    for (size_t k = 0; k < TEST_SHAPES; k++) {
        struct core_landscape *land = test_network(&test_shapes[k], k + 1);
        const struct dln_network *network = dln_of(land);
        size_t d0 = network->inputs, dl = network->outputs, p = land->dimension;
        double theta[P], start[P], got[P], expected[P], product[256];
        test_normal(k + 1, p, theta);
        test_normal(k + 2, p, start);
        for (size_t j = 0; j < d0; j++) {
            double h[16] = {0}, next[16];
            h[j] = 1;
            for (size_t l = 1; l <= network->depth; l++) {
                size_t rows = network->widths[l], columns = network->widths[l - 1];
                for (size_t i = 0; i < rows; i++) {
                    next[i] = inner(columns, theta + network->offset[l - 1] + i * columns, h);
                }
                memcpy(h, next, rows * sizeof *h);
            }
            for (size_t i = 0; i < dl; i++) product[i * d0 + j] = h[i];
        }
        assert_int_equal(observe(land, "product", theta, start, got), CORE_OK);
        assert_true(agree("product", d0 * dl, got, product, 1e-14));
        assert_int_equal(core_svd(dl, d0, product, expected, NULL, NULL), CORE_OK);
        assert_int_equal(observe(land, "singular-values", theta, start, got), CORE_OK);
        assert_true(agree("singular-values", d0 < dl ? d0 : dl, got, expected, 1e-13));
        assert_int_equal(observe(land, "loss", theta, start, got), CORE_OK);
        assert_int_equal(core_point_loss(land, theta, expected), CORE_OK);
        assert_true(got[0] == expected[0]);
        assert_int_equal(observe(land, "parameters", theta, start, got), CORE_OK);
        assert_memory_equal(got, theta, p * sizeof *theta);
        assert_int_equal(observe(land, "distance", theta, start, got), CORE_OK);
        for (size_t i = 0; i < p; i++) start[i] -= theta[i];
        expected[0] = sqrt(inner(p, start, start));
        assert_true(agree("distance", 1, got, expected, 1e-14));
        core_landscape_free(land);
    }
}

static void wide_products_agree_with_plain_ones(void **state) {
    /* law: two roads, BLAS for 40-30-50 against sums, product and balancedness */
    (void)state;
    struct test_shape shape = {2, {40, 30, 50}, 3, 0};
    static double theta[2700], got[2000], expected[2000], scratch[2400];
    struct core_landscape *land = test_network(&shape, 4);
    test_normal(6, 2700, theta);
    const double *w1 = theta, *w2 = theta + 1200;
    for (size_t i = 0; i < 2000; i++) {
        expected[i] = 0;
        for (size_t c = 0; c < 30; c++) expected[i] += w2[i / 40 * 30 + c] * w1[c * 40 + i % 40];
    }
    assert_true(dln_product_scratch(land) <= 2400);
    dln_product(land, theta, got, scratch);
    assert_true(agree("product", 2000, got, expected, 1e-14));
    for (size_t i = 0; i < 900; i++) {
        expected[i] = -inner(40, w1 + i / 30 * 40, w1 + i % 30 * 40);
        for (size_t c = 0; c < 50; c++) expected[i] += w2[c * 30 + i / 30] * w2[c * 30 + i % 30];
    }
    dln_balancedness(land, theta, got);
    assert_true(agree("balancedness", 900, got, expected, 1e-14));
    core_landscape_free(land);
}

static void sharpness_is_the_steepest_curvature(void **state) {
    /* law: no direction has a larger Rayleigh quotient; at a balanced minimum of a whitened problem it is
     * L s_1^(2 - 2/L) [CONVENTIONS.md], here L = 3, s_1 = 2.385 */
    (void)state;
    double singular[] = {2.385, 1.1, 0.4, 0.2}, theta[48] = {0}, got;
    struct dln_data_settings settings = {
        .samples = 30, .inputs = 4, .outputs = 4, .whiten = 1, .singular_count = 4, .singular_values = singular};
    struct dln_data data;
    struct core_landscape *land;
    size_t widths[] = {4, 4, 4, 4};
    assert_int_equal(dln_data_generate(&settings, 3, &data), CORE_OK);
    assert_int_equal(dln_network_create(3, widths, &data, &land), CORE_OK);
    double s[4], u[16], vt[16];
    assert_int_equal(core_svd(4, 4, dln_of(land)->target, s, u, vt), CORE_OK);
    for (size_t i = 0; i < 16; i++) { /* W_1 = S^(1/3) V^T, W_2 = S^(1/3), W_3 = U S^(1/3) */
        theta[i] = cbrt(s[i / 4]) * vt[i];
        theta[16 + i] = i % 5 == 0 ? cbrt(s[i / 4]) : 0;
        theta[32 + i] = u[i] * cbrt(s[i % 4]);
    }
    assert_int_equal(observe(land, "sharpness", theta, theta, &got), CORE_OK);
    double expected = 3 * pow(2.385, 2 - 2.0 / 3);
    assert_true(agree("sharpness", 1, &got, &expected, 1e-13));
    for (uint64_t seed = 0; seed < 20; seed++) {
        double v[48], hv[48];
        test_normal(seed, 48, v);
        assert_int_equal(core_point_hessian_vector(land, theta, v, hv), CORE_OK);
        assert_true(inner(48, v, hv) <= got * inner(48, v, v));
    }
    dln_data_free(&data);
    core_landscape_free(land);
}

static void points_that_blew_up(void **state) {
    /* value: NaN and infinite points are no failure and have no finite singular values, loss or sharpness */
    (void)state;
    static const char *const names[] = {"singular-values", "loss", "sharpness", "product", "balancedness"};
    struct core_landscape *land = test_network(&test_shapes[4], 1);
    double theta[50], out[64];
    for (size_t k = 0; k < 10; k++) {
        test_normal(3, 50, theta);
        theta[7] = k % 2 ? NAN : INFINITY;
        assert_int_equal(observe(land, names[k / 2], theta, theta, out), CORE_OK);
        if (k / 2 < 3) assert_true(!isfinite(out[0]));
    }
    for (size_t i = 0; i < 50; i++) theta[i] = 1e160; /* the product overflows */
    assert_int_equal(observe(land, "singular-values", theta, theta, out), CORE_OK);
    assert_true(!isfinite(out[0]));
    core_landscape_free(land);
}

/* ---- Singular values ---- */

static void singular_values_agree_with_lapack(void **state) {
    /* law: two roads, every shape up to 18 x 18, to 2e-14 of the largest; order, scaling by powers of two,
     * transposition */
    (void)state;
    for (size_t rows = 1; rows <= 18; rows++) {
        for (size_t columns = 1; columns <= 18; columns++) {
            double a[324], turned[324], got[18], expected[18], back[18];
            size_t least = rows < columns ? rows : columns;
            test_normal(rows * 100 + columns, rows * columns, a);
            for (size_t i = 0; i < rows * columns; i++) turned[i % columns * rows + i / columns] = a[i];
            assert_int_equal(dln_singular_values(rows, columns, a, got), CORE_OK);
            assert_int_equal(core_svd(rows, columns, a, expected, NULL, NULL), CORE_OK);
            assert_true(agree("singular values", least, got, expected, 2e-14));
            for (size_t i = 0; i + 1 < least; i++) assert_true(got[i] >= got[i + 1] && got[i + 1] >= 0);
            assert_int_equal(dln_singular_values(columns, rows, turned, back), CORE_OK);
            assert_true(agree("transposed", least, back, got, 2e-14));
            for (size_t i = 0; i < rows * columns; i++) a[i] = ldexp(a[i], 900);
            assert_int_equal(dln_singular_values(rows, columns, a, back), CORE_OK);
            for (size_t i = 0; i < least && rows <= 16 && columns <= 16; i++)
                assert_true(back[i] == ldexp(got[i], 900));
        }
    }
}

static void small_singular_values_keep_their_digits(void **state) {
    /* value: A = Q diag(d) with d from 1 to 1e-12 has the singular values d, each to 1e-14 of itself */
    (void)state;
    enum { N = 6 };
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct core_stream stream = {.seed = seed, .purpose = CORE_PURPOSE_TEST};
        double q[N * N], got[N];
        assert_int_equal(dln_random_orthonormal(&stream, N, N, q), CORE_OK);
        for (size_t i = 0; i < N * N; i++) q[i] *= pow(10, -2.4 * (double)(i % N));
        assert_int_equal(dln_singular_values(N, N, q, got), CORE_OK);
        for (size_t i = 0; i < N; i++) assert_true(fabs(got[i] * pow(10, 2.4 * (double)i) - 1) < 1e-14);
    }
}

static void singular_values_of_singular_matrices(void **state) {
    /* value: zero, rank one, repeated columns, a single one, identity times 3, two that differ by 8e-11, and entries
     * that are no numbers */
    (void)state;
    double zero[25] = {0}, ones[25], got[5];
    assert_int_equal(dln_singular_values(5, 5, zero, got), CORE_OK);
    assert_true(largest(5, got) == 0);
    for (size_t i = 0; i < 25; i++) ones[i] = 1;
    assert_int_equal(dln_singular_values(5, 5, ones, got), CORE_OK);
    assert_true(fabs(got[0] - 5) < 5e-15 && got[1] < 1e-15);
    for (size_t i = 0; i < 25; i++) ones[i] = i % 6 == 0 ? 3 : 0;
    assert_int_equal(dln_singular_values(5, 5, ones, got), CORE_OK);
    for (size_t i = 0; i < 5; i++) assert_true(got[i] == 3);
    double twins[] = {1, 8e-11, 0, 1};
    assert_int_equal(dln_singular_values(2, 2, twins, got), CORE_OK);
    assert_true(fabs(got[0] - 1 - 4e-11) < 1e-15 && fabs(got[1] - 1 + 4e-11) < 1e-15);
    zero[13] = 2.5e-310;
    assert_int_equal(dln_singular_values(5, 5, zero, got), CORE_OK);
    assert_true(got[0] == 2.5e-310 && got[1] == 0);
    zero[13] = 0, zero[7] = NAN;
    assert_int_equal(dln_singular_values(5, 5, zero, got), CORE_OK);
    for (size_t i = 0; i < 5; i++) assert_true(isnan(got[i]));
}

static void no_memory_is_reported(void **state) {
    /* law: whichever allocation fails, it is said and nothing leaks; only sharpness and per-sample gradients allocate
     */
    (void)state;
    struct core_landscape *land = test_network(&test_shapes[2], 1);
    double theta[20], out[20];
    test_normal(1, 20, theta);
    size_t live = core_alloc_live();
    for (size_t i = 0; dln_observables[i].name != NULL; i++) {
        const struct dln_observable *row = &dln_observables[i];
        double *scratch = core_alloc(row->scratch(land) + 1, sizeof *scratch);
        for (size_t k = 1;; k++) {
            core_alloc_fail_at(k);
            enum core_status status = row->evaluate(land, theta, theta, out, scratch);
            core_alloc_fail_at(0);
            if (status == CORE_OK) break;
            assert_int_equal(status, CORE_NO_MEMORY);
            assert_string_equal(row->name, "sharpness");
        }
        core_free(scratch);
        assert_int_equal(core_alloc_live(), live);
    }
    core_alloc_fail_at(1);
    assert_int_equal(dln_sample_gradient(land, theta, 0, out), CORE_NO_MEMORY);
    core_alloc_fail_at(0);
    core_landscape_free(land);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table),
        cmocka_unit_test(observables_follow_their_definitions),
        cmocka_unit_test(wide_products_agree_with_plain_ones),
        cmocka_unit_test(sharpness_is_the_steepest_curvature),
        cmocka_unit_test(points_that_blew_up),
        cmocka_unit_test(singular_values_agree_with_lapack),
        cmocka_unit_test(small_singular_values_keep_their_digits),
        cmocka_unit_test(singular_values_of_singular_matrices),
        cmocka_unit_test(no_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
