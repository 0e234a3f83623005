/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transport between samples of any sizes and weights, entropic transport, the worst direction. */
#include "support.h"

#include "core/sum.h"

static char *reference;

static double expected(const char *id, const char *name) {
    char path[200];
    snprintf(path, sizeof path, "cases[id=%s].expect.%s", id, name);
    return reference_number(reference, path);
}

static double *input(const char *id, const char *which, size_t *rows, size_t *columns) {
    char file[128];
    snprintf(file, sizeof file, "%s_%s.csv", id, which);
    return table(file, rows, columns);
}

static void every_reference_case(void **state) {
    /* value: POT, LEMON's exact integers and a linear program: equal and unequal sizes, ties, clusters, heavy tails,
     * duplicates, weights; both orders of the samples */
    (void)state;
    static const char *const ids[] = {"w_mv64_d2",          "w_mv200_d10",    "w_mv300_d20",       "w_n100m150_d5",
                                      "w_n60m90_d3_common", "w_cauchy150_d4", "w_grid_ties120_d2", "w_clusters160_d3",
                                      "w_dup_n60m30_d2",    "w_n1m1_d3",      "w_weighted30x40_d3"};
    for (size_t c = 0; c < sizeof ids / sizeof *ids; c++) {
        size_t n, m, d;
        double *x = input(ids[c], "x", &n, &d), *y = input(ids[c], "y", &m, &d), wx[30], wy[40];
        int weighted = c == 10;
        if (weighted) {
            reference_numbers(reference, "cases[id=w_weighted30x40_d3].inputs.wx", 30, wx);
            reference_numbers(reference, "cases[id=w_weighted30x40_d3].inputs.wy", 40, wy);
        }
        const double *a = weighted ? wx : NULL, *b = weighted ? wy : NULL;
        for (int p = 1; p <= 2; p++) {
            double found, turned, gap, wanted = expected(ids[c], p == 1 ? "W1" : "W2");
            assert_int_equal(compare_wasserstein(n, x, a, m, y, b, d, p, &found, &gap), CORE_OK);
            near(found, wanted, p == 1 ? 1e-8 : 1e-10, 0);
            assert_true(gap >= 0 && gap <= 1e-10 * pow(found, p));
            assert_int_equal(compare_wasserstein(m, y, b, n, x, a, d, p, &turned, &gap), CORE_OK);
            near(turned, found, 1e-11, 0);
        }
        free(x);
        free(y);
    }
}

static void weights_and_repetitions(void **state) {
    /* law: whole weights are repeated rows; weights scale freely; equal weights go both roads (assignment and simplex)
     * to one value; weight zero is absence; a sample with itself is at distance zero */
    (void)state;
    enum { N = 40, M = 25, D = 3 };
    double *x = normals(N * D, 1), *y = normals(N * D, 2), repeated[3 * M * D], times[M], ones[N], found, other, gap;
    size_t rows = 0;
    for (size_t j = 0; j < M; j++) {
        times[j] = (double)(j % 4);
        for (size_t k = 0; k < j % 4; k++) memcpy(repeated + D * rows++, y + j * D, D * sizeof *y);
    }
    for (size_t i = 0; i < N; i++) ones[i] = 1;
    for (int p = 1; p <= 2; p++) {
        assert_int_equal(compare_wasserstein(N, x, NULL, rows, repeated, NULL, D, p, &found, &gap), CORE_OK);
        assert_int_equal(compare_wasserstein(N, x, NULL, M, y, times, D, p, &other, &gap), CORE_OK);
        near(other, found, 1e-12, 0);
        for (size_t j = 0; j < M; j++) times[j] *= 0.1 / 3;
        assert_int_equal(compare_wasserstein(N, x, NULL, M, y, times, D, p, &other, &gap), CORE_OK);
        near(other, found, 1e-12, 0);
        for (size_t j = 0; j < M; j++) times[j] = (double)(j % 4);
        assert_int_equal(compare_wasserstein(N, x, NULL, N, y, NULL, D, p, &found, &gap), CORE_OK);
        assert_int_equal(compare_wasserstein(N, x, ones, N, y, NULL, D, p, &other, &gap), CORE_OK);
        near(other, found, 1e-12, 0);
        assert_int_equal(compare_wasserstein(N, x, ones, N, x, NULL, D, p, &other, &gap), CORE_OK);
        near(other, 0, 0, 1e-12);
    }
    assert_int_equal(compare_wasserstein(N, x, NULL, N, y, NULL, D, 2, &found, &gap), CORE_OK);
    assert_int_equal(compare_wasserstein_2(N, D, x, y, &other, NULL, NULL), CORE_OK);
    near(other, found, 1e-14, 0);
    core_free(x);
    core_free(y);
}

static void moved_and_scaled(void **state) {
    /* law: W(x, x + v) = |v| on unequal weights; scale 1e160 and 1e-160; offset 1e9; the mean splits off W_2^2 */
    (void)state;
    enum { N = 30, M = 47, D = 4 };
    double *x = normals(N * D, 3), *y = normals(M * D, 4), weights[N], found, other, gap, mean = 0;
    double moved[M * D], centred_x[N * D], centred_y[M * D];
    for (size_t i = 0; i < N; i++) weights[i] = 1 + (double)(i % 3);
    for (size_t i = 0; i < N * D; i++)
        moved[i] = x[N * D - D + i % D - D * (i / D)] + (i % D == 0 ? 3 : i % D == 1 ? -4 : 0);
    double turned[N];
    for (size_t i = 0; i < N; i++) turned[i] = weights[N - 1 - i];
    for (int p = 1; p <= 2; p++) {
        assert_int_equal(compare_wasserstein(N, x, weights, N, moved, turned, D, p, &found, &gap), CORE_OK);
        near(found, 5, 1e-12, 0);
        assert_int_equal(compare_wasserstein(N, x, NULL, M, y, NULL, D, p, &found, &gap), CORE_OK);
        static const double scales[] = {1e-160, 1e160};
        for (size_t s = 0; s < 2; s++) {
            for (size_t i = 0; i < N * D; i++) centred_x[i] = scales[s] * x[i];
            for (size_t i = 0; i < M * D; i++) centred_y[i] = scales[s] * y[i];
            assert_int_equal(compare_wasserstein(N, centred_x, NULL, M, centred_y, NULL, D, p, &other, &gap), CORE_OK);
            near(other, found * scales[s], 1e-12, 0);
        }
        for (size_t i = 0; i < N * D; i++) centred_x[i] = x[i] + 1e9;
        for (size_t i = 0; i < M * D; i++) centred_y[i] = y[i] + 1e9;
        assert_int_equal(compare_wasserstein(N, centred_x, NULL, M, centred_y, NULL, D, p, &other, &gap), CORE_OK);
        near(other, found, 1e-6, 0);
    }
    for (size_t k = 0; k < D; k++) {
        double a = core_sum(x + k, N, D) / N, b = core_sum(y + k, M, D) / M;
        for (size_t i = 0; i < N; i++) centred_x[i * D + k] = x[i * D + k] - a;
        for (size_t i = 0; i < M; i++) centred_y[i * D + k] = y[i * D + k] - b;
        mean += (a - b) * (a - b);
    }
    assert_int_equal(compare_wasserstein(N, centred_x, NULL, M, centred_y, NULL, D, 2, &other, &gap), CORE_OK);
    near(found * found, mean + other * other, 1e-11, 0);
    core_free(x);
    core_free(y);
}

static void degenerate_transports(void **state) {
    /* law: lattices full of ties, all rows equal, one row against many; sizes with a common factor */
    (void)state;
    double x[60 * 2], y[40 * 2], found, gap;
    for (size_t i = 0; i < 60; i++) x[2 * i] = (double)(i % 5), x[2 * i + 1] = (double)(i / 5 % 4);
    for (size_t i = 0; i < 40; i++) y[2 * i] = (double)(i % 4), y[2 * i + 1] = (double)(i / 4 % 5);
    for (int p = 1; p <= 2; p++) {
        assert_int_equal(compare_wasserstein(60, x, NULL, 40, y, NULL, 2, p, &found, &gap), CORE_OK);
        assert_true(found > 0 && gap <= 1e-12);
        for (size_t i = 0; i < 60; i++) x[2 * i] = 2.385, x[2 * i + 1] = -1;
        assert_int_equal(compare_wasserstein(60, x, NULL, 40, x, NULL, 2, p, &found, &gap), CORE_OK);
        near(found, 0, 0, 1e-15);
        assert_int_equal(compare_wasserstein(1, x, NULL, 40, y, NULL, 2, p, &found, &gap), CORE_OK);
        double sum = 0;
        for (size_t i = 0; i < 40; i++) sum += pow(hypot(y[2 * i] - 2.385, y[2 * i + 1] + 1), p) / 40;
        near(found, pow(sum, 1.0 / p), 1e-13, 0);
    }
}

static void debiased(void **state) {
    /* chance: two normal samples of 200 in the plane have W_2^2 near the published floor (mean .16 between those of 100
     * and 500 points), debiased about zero: six standard deviations; value: it is made of three distances */
    (void)state;
    double *x[4], a, b;
    for (size_t k = 0; k < 4; k++) x[k] = normals(400, 30 + k);
    struct compare_debiased out;
    assert_int_equal(compare_wasserstein_debiased(200, 2, x[0], x[1], x[2], x[3], &out), CORE_OK);
    compare_wasserstein_2(200, 2, x[0], x[2], &a, NULL, NULL);
    compare_wasserstein_2(200, 2, x[2], x[3], &b, NULL, NULL);
    near(out.squared, a * a, 1e-12, 0);
    near(out.floor_y, b * b, 1e-12, 0);
    near(out.debiased, out.squared - (out.floor_x + out.floor_y) / 2, 1e-15, 1e-15);
    assert_true(out.floor_x > 0.05 && out.floor_x < 0.35 && fabs(out.debiased) < 0.2);
    for (size_t k = 0; k < 4; k++) core_free(x[k]);
}

static void sinkhorn_against_reference(void **state) {
    /* value: POT's log-domain iteration at eps = 1 and 0.1 */
    (void)state;
    static const double epsilons[] = {1.0, 0.1};
    size_t n, m, d;
    double *x = input("w_mv64_d2", "x", &n, &d), *y = input("w_mv64_d2", "y", &m, &d);
    for (size_t k = 0; k < 2; k++) {
        char id[32];
        snprintf(id, sizeof id, "sinkhorn_eps%.1f", epsilons[k]);
        for (int isa = 0; isa < 1; isa++) {
            struct compare_sinkhorn out;
            assert_int_equal(compare_sinkhorn(n, x, m, y, d, epsilons[k], &out), CORE_OK);
            assert_int_equal(out.state, COMPARE_DEFINED);
            /* the id's dot would end the path's member, so the cases are found by their place */
            char path[100];
            size_t place = 0;
            for (;; place++) {
                char found[64];
                snprintf(path, sizeof path, "cases[%zu].id", place);
                reference_text(reference, path, sizeof found, found);
                if (strcmp(found, id) == 0) break;
            }
            const struct {
                const char *name;
                double value;
            } wanted[] = {{"OT_eps", out.ot_xy},
                          {"OT_eps_xx", out.ot_xx},
                          {"OT_eps_yy", out.ot_yy},
                          {"transport_cost", out.transport_cost},
                          {"S_eps", out.divergence}};
            for (size_t w = 0; w < 5; w++) {
                snprintf(path, sizeof path, "cases[%zu].expect.%s", place, wanted[w].name);
                near(wanted[w].value, reference_number(reference, path), 1e-8, 0);
            }
            assert_true(out.gap >= 0 && out.gap < 1e-10);
        }
    }
    free(x);
    free(y);
}

static void sinkhorn_limits(void **state) {
    /* law: zero for equal samples; eps -> 0 gives W_2^2 within the certified gap and eps (ln n + ln m); eps -> infinity
     * the squared distance of the means; unequal sizes, symmetric, scale 1e-80 */
    (void)state;
    enum { N = 40, M = 61, D = 3 };
    double *x = normals(N * D, 41), *y = normals(M * D, 42), w2, gap, mean = 0;
    struct compare_sinkhorn out, turned;
    for (size_t i = 0; i < M * D; i++) y[i] = 0.8 * y[i] + 0.4;
    assert_int_equal(compare_sinkhorn(N, x, N, x, D, 0.3, &out), CORE_OK);
    near(out.divergence, 0, 0, 1e-11);
    assert_int_equal(compare_sinkhorn(N, x, M, y, D, 0.3, &out), CORE_OK);
    assert_int_equal(compare_sinkhorn(M, y, N, x, D, 0.3, &turned), CORE_OK);
    near(turned.divergence, out.divergence, 1e-10, 0);
    assert_int_equal(compare_sinkhorn(N, x, M, y, D, 1e-3, &turned), CORE_OK);
    compare_wasserstein(N, x, NULL, M, y, NULL, D, 2, &w2, &gap);
    assert_true(turned.transport_cost >= w2 * w2 - 1e-9 && turned.ot_xy >= w2 * w2 - turned.gap - 1e-9);
    assert_true(turned.transport_cost <= w2 * w2 + 1e-3 * log(N * M) + turned.gap);
    for (size_t k = 0; k < D; k++) mean += pow(core_sum(x + k, N, D) / N - core_sum(y + k, M, D) / M, 2);
    assert_int_equal(compare_sinkhorn(N, x, M, y, D, 1e6, &turned), CORE_OK);
    near(turned.divergence, mean, 1e-3, 0);
    for (size_t i = 0; i < N * D; i++) x[i] *= 1e-80;
    for (size_t i = 0; i < M * D; i++) y[i] *= 1e-80;
    assert_int_equal(compare_sinkhorn(N, x, M, y, D, 0.3e-160, &turned), CORE_OK);
    near(turned.divergence, out.divergence * 1e-160, 1e-9, 0);
    core_free(x);
    core_free(y);
}

static void worst_direction(void **state) {
    /* law: a translation by v gives |v| along v; scaling one axis is found (W_2 of N(0,1) and N(0,9) on it is 2, within
     * six standard errors); never below any random direction; at most W_2; dimension 1 is W_2 */
    (void)state;
    enum { N = 300, D = 5 };
    double *x = normals(N * D, 51), *y = normals(N * D, 52), moved[N * D], found, direction[D], w2, sliced;
    for (size_t i = 0; i < N * D; i++) moved[i] = x[N * D - D - D * (i / D) + i % D] + (i % D == 2 ? 2.385 : 0);
    assert_int_equal(compare_max_sliced(N, x, N, moved, D, 16, 3, &found, direction), CORE_OK);
    near(found, 2.385, 1e-12, 0);
    near(fabs(direction[2]), 1, 1e-9, 0);
    for (size_t i = 0; i < N; i++) y[i * D + 3] *= 3;
    assert_int_equal(compare_max_sliced(N, x, N, y, D, 16, 3, &found, direction), CORE_OK);
    assert_true(fabs(found - 2) < 0.6 && fabs(direction[3]) > 0.95);
    compare_wasserstein_2(N, D, x, y, &w2, NULL, NULL);
    assert_true(found <= w2);
    double directions[50 * D];
    compare_directions(50, D, 7, directions);
    for (size_t k = 0; k < 50; k++) {
        compare_sliced(N, x, N, y, D, 1, directions + k * D, &sliced, NULL);
        assert_true(sliced <= found * (1 + 1e-12));
    }
    assert_int_equal(compare_max_sliced(N, x, 77, y, 1, 0, 3, &found, NULL), CORE_OK);
    compare_wasserstein_1d(N, x, 77, y, 2, &w2);
    near(found, w2, 1e-12, 0);
    assert_int_equal(compare_max_sliced(N, x, N, x, D, 2, 3, &found, NULL), CORE_OK);
    near(found, 0, 0, 1e-15);
    core_free(x);
    core_free(y);
}

static void bad_input(void **state) {
    /* law: refused with a sentence */
    (void)state;
    double x[] = {1, 2, 3, 4.5}, nan[] = {1, NAN, 2, 3}, negative[] = {1, -1}, none[] = {0, 0}, found, gap;
    struct compare_sinkhorn out;
    struct compare_debiased floor_of;
    assert_int_equal(compare_wasserstein(2, x, NULL, 2, nan, NULL, 2, 2, &found, &gap), CORE_BAD_INPUT);
    assert_int_equal(compare_wasserstein(2, x, negative, 2, x, NULL, 2, 2, &found, &gap), CORE_BAD_INPUT);
    assert_int_equal(compare_wasserstein(2, x, NULL, 2, x, none, 2, 2, &found, &gap), CORE_BAD_INPUT);
    assert_int_equal(compare_wasserstein(2, x, NULL, 0, x, NULL, 2, 2, &found, &gap), CORE_BAD_INPUT);
    assert_int_equal(compare_wasserstein(2, x, NULL, 2, x, NULL, 2, 3, &found, &gap), CORE_BAD_INPUT);
    assert_int_equal(compare_sinkhorn(2, x, 2, x, 2, 0, &out), CORE_BAD_INPUT);
    assert_int_equal(compare_sinkhorn(2, x, 2, nan, 2, 1, &out), CORE_BAD_INPUT);
    assert_int_equal(compare_max_sliced(2, x, 2, nan, 2, 1, 1, &found, NULL), CORE_BAD_INPUT);
    assert_int_equal(compare_wasserstein_debiased(2, 2, x, x, nan, x, &floor_of), CORE_BAD_INPUT);
}

static enum core_status one_of_all(int which) {
    static const double x[] = {1, 2.385, 3, 4.5, 0.2, 7, 1.7, -2}, w[] = {1, 2, 1.5};
    struct compare_sinkhorn out;
    double found, gap;
    if (which == 0) return compare_wasserstein(4, x, NULL, 3, x, w, 2, 2, &found, &gap);
    if (which == 1) return compare_wasserstein(3, x, NULL, 3, x + 2, NULL, 2, 1, &found, &gap);
    if (which == 2) return compare_sinkhorn(4, x, 3, x, 2, 0.5, &out);
    return compare_max_sliced(4, x, 3, x, 2, 4, 1, &found, NULL);
}

static void failing_allocator(void **state) {
    /* law: whichever allocation fails, the status says so and nothing is lost */
    (void)state;
    fail_every_allocation(4, one_of_all);
}

int main(void) {
    reference = reference_load("tests/reference/compare.json");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reference_case),
        cmocka_unit_test(weights_and_repetitions),
        cmocka_unit_test(moved_and_scaled),
        cmocka_unit_test(degenerate_transports),
        cmocka_unit_test(debiased),
        cmocka_unit_test(sinkhorn_against_reference),
        cmocka_unit_test(sinkhorn_limits),
        cmocka_unit_test(worst_direction),
        cmocka_unit_test(bad_input),
        cmocka_unit_test(failing_allocator),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(reference);
    return failed;
}
