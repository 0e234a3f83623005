/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Linear algebra, by residuals on random matrices. */
#include "core/linalg.h"
#include "core/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/near.h"

enum { MOST = 40 };

/* Uniform on (-1, 1), 53 random bits. */
static double draw(void) {
    static uint64_t word = 4711;
    word = word * 6364136223846793005u + 1442695040888963407u;
    uint64_t mixed = (word ^ word >> 29) * 0xbf58476d1ce4e5b9u;
    return (double)(mixed >> 11) * 0x1p-52 - 1;
}

static void fill(double a[], size_t count) {
    for (size_t i = 0; i < count; i++) a[i] = draw();
}

/* c (n, m) = a b with a (n, k) or its transpose, b (k, m) or its transpose. */
static void multiply(size_t n, size_t k, size_t m, const double a[], int at, const double b[], int bt, double c[]) {
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < m; j++) {
            c[i * m + j] = 0;
            for (size_t l = 0; l < k; l++)
                c[i * m + j] += (at ? a[l * n + i] : a[i * k + l]) * (bt ? b[j * k + l] : b[l * m + j]);
        }
}

static void assert_matrix(size_t count, const double found[], const double expected[], double tolerance) {
    for (size_t i = 0; i < count; i++) assert_near(found[i], expected[i], tolerance);
}

static void assert_identity(size_t n, const double a[]) {
    for (size_t i = 0; i < n * n; i++) assert_near(a[i], i / n == i % n, 1e-13);
}

static void eigenvectors_diagonalise(void **state) {
    /* law: V orthonormal, A = V diag(w) V^T, w ascending, the same without vectors */
    (void)state;
    for (size_t n = 1; n <= MOST; n += 13) {
        double a[MOST * MOST], w[MOST], only[MOST], v[MOST * MOST], scaled[MOST * MOST], c[MOST * MOST];
        fill(a, n * n);
        for (size_t i = 0; i < n * n; i++) a[i] = a[i % n * n + i / n];
        assert_int_equal(core_symmetric_eigen(n, a, w, v), CORE_OK);
        assert_int_equal(core_symmetric_eigen(n, a, only, NULL), CORE_OK);
        multiply(n, n, n, v, 1, v, 0, c);
        assert_identity(n, c);
        for (size_t i = 0; i < n * n; i++) scaled[i] = v[i] * w[i % n];
        multiply(n, n, n, scaled, 0, v, 1, c);
        assert_matrix(n * n, c, a, 1e-13);
        assert_matrix(n, only, w, 1e-13);
        for (size_t i = 1; i < n; i++) assert_true(w[i - 1] <= w[i]);
    }
}

static void singular_vectors_reproduce_the_matrix(void **state) {
    /* law: U and V orthonormal, A = U diag(s) V^T, s descending, for tall, wide and square matrices */
    (void)state;
    static const size_t shapes[][2] = {{1, 1}, {7, 7}, {30, 11}, {11, 30}, {1, 9}, {9, 1}};
    for (size_t t = 0; t < sizeof shapes / sizeof *shapes; t++) {
        size_t m = shapes[t][0], n = shapes[t][1], k = m < n ? m : n;
        double a[MOST * MOST], s[MOST], only[MOST], u[MOST * MOST], vt[MOST * MOST], c[MOST * MOST];
        fill(a, m * n);
        assert_int_equal(core_svd(m, n, a, s, u, vt), CORE_OK);
        assert_int_equal(core_svd(m, n, a, only, c, NULL), CORE_OK);
        assert_matrix(m * k, c, u, 1e-13);
        assert_int_equal(core_svd(m, n, a, only, NULL, c), CORE_OK);
        assert_matrix(k * n, c, vt, 1e-13);
        assert_int_equal(core_svd(m, n, a, only, NULL, NULL), CORE_OK);
        multiply(k, m, k, u, 1, u, 0, c);
        assert_identity(k, c);
        multiply(k, n, k, vt, 0, vt, 1, c);
        assert_identity(k, c);
        for (size_t i = 0; i < m * k; i++) u[i] *= s[i % k];
        multiply(m, k, n, u, 0, vt, 0, c);
        assert_matrix(m * n, c, a, 1e-13);
        assert_matrix(k, only, s, 1e-13);
        for (size_t i = 0; i < k; i++) assert_true(s[i] >= 0 && (i == 0 || s[i - 1] >= s[i]));
    }
}

static void semidefinite_matrices_are_factored_at_their_rank(void **state) {
    /* law: F F^T = A = G G^T for a random G (n, r), and F has r columns; 0 for the zero matrix */
    (void)state;
    for (size_t r = 1; r <= 9; r += 4) {
        size_t n = 9, rank;
        double g[MOST * MOST], a[MOST * MOST], factor[MOST * MOST], c[MOST * MOST];
        fill(g, n * r);
        multiply(n, r, n, g, 0, g, 1, a);
        assert_int_equal(core_semidefinite_factor(n, a, 1e-12, factor, &rank), CORE_OK);
        assert_int_equal(rank, r);
        multiply(n, r, n, factor, 0, factor, 1, c);
        assert_matrix(n * n, c, a, 1e-13);
        memset(a, 0, sizeof a);
        assert_int_equal(core_semidefinite_factor(n, a, 1e-12, factor, &rank), CORE_OK);
        assert_int_equal(rank, 0);
    }
}

static void equations_are_solved(void **state) {
    /* law: A X = B for one and several right sides */
    (void)state;
    for (size_t n = 1; n <= 31; n += 10)
        for (size_t columns = 1; columns <= 5; columns += 2) {
            double a[MOST * MOST], b[MOST * 5], x[MOST * 5], c[MOST * 5];
            fill(a, n * n);
            for (size_t i = 0; i < n; i++) a[i * n + i] += 3;
            fill(b, n * columns);
            assert_int_equal(core_solve(n, a, columns, b, x), CORE_OK);
            multiply(n, n, columns, a, 0, x, 0, c);
            assert_matrix(n * columns, c, b, 1e-12);
        }
}

static void what_cannot_be_computed_is_said(void **state) {
    /* law: singular, indefinite and not finite matrices are numerical failures with a sentence; empty ones are fine */
    (void)state;
    double singular[] = {1.1, 2.3, 0.7, 0.4, -1.9, 3.1, 1.5, 0.4, 3.8}, x[9], bad[] = {1, 2, (double)NAN, 4};
    static const double indefinite[] = {1, 2, 2, 1};
    size_t rank;
    for (size_t j = 0; j < 3; j++) singular[6 + j] = singular[j] + singular[3 + j];
    assert_int_equal(core_solve(3, singular, 1, singular, x), CORE_NUMERICAL);
    assert_non_null(strstr(core_error(), "3 by 3 is singular"));
    assert_int_equal(core_solve(2, (const double[]){0, 0, 0, 0}, 1, singular, x), CORE_NUMERICAL);
    assert_int_equal(core_semidefinite_factor(2, indefinite, 1e-12, x, &rank), CORE_NUMERICAL);
    assert_non_null(strstr(core_error(), "found the eigenvalue -1, expected a positive semidefinite"));
    assert_int_equal(core_symmetric_eigen(2, bad, x, NULL), CORE_NUMERICAL);
    assert_non_null(strstr(core_error(), "row 2, column 1: found nan"));
    assert_int_equal(core_svd(2, 2, bad, x, NULL, NULL), CORE_NUMERICAL);
    assert_int_equal(core_solve(2, bad, 1, singular, x), CORE_NUMERICAL);
    assert_int_equal(core_solve(2, indefinite, 1, bad + 2, x), CORE_NUMERICAL);
    assert_int_equal(core_symmetric_eigen((size_t)1 << 40, NULL, NULL, NULL), CORE_BAD_INPUT);
    assert_int_equal(core_symmetric_eigen(0, NULL, NULL, NULL), CORE_OK);
    assert_int_equal(core_svd(0, 3, NULL, NULL, NULL, NULL), CORE_OK);
    assert_int_equal(core_semidefinite_factor(0, NULL, 0, NULL, &rank), CORE_OK);
    assert_int_equal(core_solve(0, NULL, 2, NULL, NULL), CORE_OK);
}

static enum core_status every_call(void) {
    static const double a[] = {2.385, 0.4, 0.4, 1.1};
    double w[2], v[4], u[4];
    size_t rank;
    enum core_status status = core_symmetric_eigen(2, a, w, v);
    if (status == CORE_OK) status = core_svd(2, 2, a, w, u, v);
    if (status == CORE_OK) status = core_svd(2, 2, a, w, u, NULL);
    if (status == CORE_OK) status = core_semidefinite_factor(2, a, 1e-12, v, &rank);
    return status == CORE_OK ? core_solve(2, a, 2, a, v) : status;
}

static void every_allocation_may_fail(void **state) {
    /* law: no crash, no leak, whichever allocation fails */
    (void)state;
    size_t live = core_alloc_live();
    enum core_status status = CORE_NO_MEMORY;
    for (size_t k = 1; k < 50 && status != CORE_OK; k++) {
        core_alloc_fail_at(k);
        status = every_call();
        core_alloc_fail_at(0);
        assert_true(status == CORE_OK || status == CORE_NO_MEMORY);
        assert_int_equal(core_alloc_live(), live);
    }
    assert_int_equal(status, CORE_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eigenvectors_diagonalise),
        cmocka_unit_test(singular_vectors_reproduce_the_matrix),
        cmocka_unit_test(semidefinite_matrices_are_factored_at_their_rank),
        cmocka_unit_test(equations_are_solved),
        cmocka_unit_test(what_cannot_be_computed_is_said),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
