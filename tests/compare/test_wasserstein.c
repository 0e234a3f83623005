/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "support.h"

#include "compare/sort.h"
#include "compare/wasserstein_2.h"
#include "core/isa.h"

static char *reference;

static void line_against_reference(void **state) {
    /* value: one-dimensional W1 and W2, unequal sizes and ties among them, against exact rationals */
    (void)state;
    static const char *const ids[] = {"w1d_n50",       "w1d_n7m5_ties", "w1d_n200m333",
                                      "w1d_cauchy100", "w1d_n1m1",      "w1d_n1m4"};
    for (size_t c = 0; c < sizeof ids / sizeof *ids; c++) {
        char name[128];
        size_t n, m, columns;
        snprintf(name, sizeof name, "%s_x.csv", ids[c]);
        double *x = table(name, &n, &columns);
        snprintf(name, sizeof name, "%s_y.csv", ids[c]);
        double *y = table(name, &m, &columns);
        for (int p = 1; p <= 2; p++) {
            double found, back;
            snprintf(name, sizeof name, "cases[id=%s].expect.W%d", ids[c], p);
            assert_int_equal(compare_wasserstein_1d(n, x, m, y, p, &found), CORE_OK);
            assert_int_equal(compare_wasserstein_1d(m, y, n, x, p, &back), CORE_OK);
            near(found, reference_number(reference, name), 1e-12, 0);
            near(back, found, 1e-15, 0);
        }
        free(x);
        free(y);
    }
}

static void clouds_against_reference(void **state) {
    /* value: exact W2 of equal sizes against exact rationals; the matching is a permutation that has this cost */
    (void)state;
    static const char *const ids[] = {"w_mv64_d2",         "w_mv200_d10",      "w_mv300_d20", "w_cauchy150_d4",
                                      "w_grid_ties120_d2", "w_clusters160_d3", "w_n1m1_d3"};
    for (size_t c = 0; c < sizeof ids / sizeof *ids; c++) {
        char name[128];
        size_t n, m, d, matching[300], seen[300] = {0};
        snprintf(name, sizeof name, "%s_x.csv", ids[c]);
        double *x = table(name, &n, &d);
        snprintf(name, sizeof name, "%s_y.csv", ids[c]);
        double *y = table(name, &m, &d), found, back, gap, cost = 0;
        assert_int_equal(n, m);
        assert_int_equal(compare_wasserstein_2(n, d, x, y, &found, matching, &gap), CORE_OK);
        assert_int_equal(compare_wasserstein_2(n, d, y, x, &back, NULL, NULL), CORE_OK);
        snprintf(name, sizeof name, "cases[id=%s].expect.W2", ids[c]);
        near(found, reference_number(reference, name), 1e-12, 0);
        near(back, found, 1e-13, 0);
        assert_true(gap >= 0 && gap <= 1e-12 * found * found);
        for (size_t i = 0; i < n; i++) {
            assert_true(matching[i] < n);
            seen[matching[i]]++;
            for (size_t k = 0; k < d; k++) cost += pow(x[i * d + k] - y[matching[i] * d + k], 2);
        }
        for (size_t i = 0; i < n; i++) assert_int_equal(seen[i], 1);
        near(sqrt(cost / (double)n), found, 1e-13, 0);
        free(x);
        free(y);
    }
}

static double least_by_trial(size_t n, size_t d, const double x[], const double y[], size_t used, size_t i) {
    double least = i == n ? 0 : INFINITY;
    for (size_t j = 0; i < n && j < n; j++) {
        if (used >> j & 1) continue;
        double square = 0;
        for (size_t k = 0; k < d; k++) square += pow(x[i * d + k] - y[j * d + k], 2);
        least = fmin(least, square + least_by_trial(n, d, x, y, used | (size_t)1 << j, i + 1));
    }
    return least;
}

static void clouds_against_trial(void **state) {
    /* law: for n <= 7 the assignment is the best of all n! permutations, with and without ties */
    (void)state;
    for (uint64_t trial = 0; trial < 300; trial++) {
        size_t n = 1 + trial % 7, d = 1 + trial % 3;
        double *x = normals(n * d, 2 * trial), *y = normals(n * d, 2 * trial + 1), found, gap;
        for (size_t i = 0; i < n * d && trial % 2 == 1; i++) x[i] = round(x[i]), y[i] = round(y[i]);
        assert_int_equal(compare_wasserstein_2(n, d, x, y, &found, NULL, &gap), CORE_OK);
        near(found * found, least_by_trial(n, d, x, y, 0, 0) / (double)n, 1e-13, 1e-30);
        assert_true(gap >= 0 && gap <= 1e-12);
        core_free(x);
        core_free(y);
    }
}

static void two_best_of_a_row(void **state) {
    /* law: the two smallest of c - v and the place of the smallest, as a plain loop finds them, in every position */
    (void)state;
    double *cost = normals(48, 11), *v = normals(48, 12);
    for (size_t trial = 0; trial < 96; trial++) {
        cost[trial / 2] -= trial % 2 == 0 ? 7 : 11;
        struct compare_two_best found = compare_assignment_kernels()->two_best(48, cost, v);
        double first = INFINITY, second = INFINITY;
        for (size_t j = 0; j < 48; j++) {
            double value = cost[j] - v[j];
            second = fmin(second, fmax(first, value));
            first = fmin(first, value);
        }
        assert_true(found.first == first && found.second == second && cost[found.at] - v[found.at] == first);
    }
    core_free(cost);
    core_free(v);
}

static void costs_are_centred(void **state) {
    /* law: what the assignment sees is |x'_i - y'_j|^2 of the centred clouds, padded with infinity */
    (void)state;
    size_t n = 21, d = 3;
    double *x = normals(n * d, 13), *y = normals(n * d, 14), square, gap;
    struct compare_cloud a, b;
    struct compare_transport transport;
    for (size_t i = 0; i < n * d; i++) x[i] += 100;
    compare_cloud_init(&a, n, d, x, 7);
    compare_cloud_init(&b, n, d, y, 7);
    compare_transport_init(&transport, n, d);
    struct compare_pass pass = {.x = &a, .y = &b, .rate = -1};
    assert_int_equal(compare_transport_solve(&transport, &pass, &square, &gap), CORE_OK);
    for (size_t i = 0; i < n; i++) {
        const double *row = transport.solver->cost + i * transport.solver->stride;
        for (size_t j = 0; j < n; j++) {
            double centred = 0;
            for (size_t k = 0; k < d; k++) {
                centred += pow(a.x[k * a.stride + i] - a.mean[k] - b.x[k * b.stride + j] + b.mean[k], 2);
            }
            near(row[j], centred, 0, 1e-14);
        }
        assert_true(isinf(row[n]) && row[n] > 0);
    }
    compare_transport_free(&transport);
    compare_cloud_free(&a);
    compare_cloud_free(&b);
    core_free(x);
    core_free(y);
}

static void assignment_on_the_line(void **state) {
    /* law: two roads: in dimension 1 the assignment costs what sorting costs */
    (void)state;
    for (size_t n = 2; n <= 200; n += 33) {
        double *x = normals(n, n), *y = normals(n, n + 1000), by_assignment, by_sorting;
        compare_wasserstein_2(n, 1, x, y, &by_assignment, NULL, NULL);
        compare_wasserstein_1d(n, x, n, y, 2, &by_sorting);
        near(by_assignment, by_sorting, 1e-13, 0);
        core_free(x);
        core_free(y);
    }
}

/* W_2 of s x + t and s y + u. */
static double moved(size_t n, size_t d, const double x[], const double y[], double s, double t, double u) {
    double *a = core_alloc(n, d * sizeof *a), *b = core_alloc(n, d * sizeof *b), distance;
    for (size_t i = 0; i < n * d; i++) a[i] = s * x[i] + t, b[i] = s * y[i] + u;
    assert_int_equal(compare_wasserstein_2(n, d, a, b, &distance, NULL, NULL), CORE_OK);
    core_free(a);
    core_free(b);
    return distance;
}

static void identities(void **state) {
    /* law: translation, scale (1e-160 and 1e160 too), a common offset of 1e9, equal samples, distant samples */
    (void)state;
    size_t n = 120, d = 3;
    double *x = normals(n * d, 1), *y = normals(n * d, 2), w = moved(n, d, x, y, 1, 0, 0), mean_shift = 0;
    near(moved(n, d, x, x, 1, 2.385, -1.5), 3.885 * sqrt(3), 1e-12, 0);
    near(moved(n, d, x, y, -2.5, 0, 0), 2.5 * w, 1e-13, 0);
    near(moved(n, d, x, y, 1e-160, 0, 0), 1e-160 * w, 1e-13, 0);
    near(moved(n, d, x, y, 1e160, 0, 0), 1e160 * w, 1e-13, 0);
    near(moved(n, d, x, y, 1, 1e9, 1e9), w, 1e-7, 0);
    assert_true(moved(n, d, x, x, 1, 0.1, 0.1) == 0);
    for (size_t k = 0; k < d; k++) {
        double gap = 0;
        for (size_t i = 0; i < n; i++) gap += (x[i * d + k] - y[i * d + k]) / (double)n;
        mean_shift += pow(gap, 2) - pow(gap + 1e4, 2);
    }
    double far = moved(n, d, x, y, 1, 1e4, 0); /* W2^2 = |difference of means|^2 + centred W2^2 */
    near(far * far + mean_shift, w * w, 0, 1e-6);
    core_free(x);
    core_free(y);
}

static void identity_maps_against_reference(void **state) {
    /* value: y = x + (3,-4), y = 2x, y = Ax with A symmetric positive, y = x turned by 90 degrees */
    (void)state;
    static const struct {
        const char *path;
        double map[4], shift[2];
    } cases[] = {{"cases[id=id_translate].expect.W2", {1, 0, 0, 1}, {3, -4}},
                 {"cases[id=id_scale2].expect.W2", {2, 0, 0, 2}, {0, 0}},
                 {"cases[id=id_spd].expect.W2", {2, .5, .5, 1}, {0, 0}},
                 {"cases[id=id_rot90].expect.W2_squared", {0, -1, 1, 0}, {0, 0}}};
    size_t n, d;
    double *x = table("w_mv64_d2_x.csv", &n, &d), y[128], found;
    for (size_t c = 0; c < 4; c++) {
        for (size_t i = 0; i < n; i++) {
            double *to = y + 2 * (n - 1 - i); /* rows reversed */
            to[0] = cases[c].map[0] * x[2 * i] + cases[c].map[1] * x[2 * i + 1] + cases[c].shift[0];
            to[1] = cases[c].map[2] * x[2 * i] + cases[c].map[3] * x[2 * i + 1] + cases[c].shift[1];
        }
        compare_wasserstein_2(n, d, x, y, &found, NULL, NULL);
        near(c == 3 ? found * found : found, reference_number(reference, cases[c].path), 1e-11, 0);
    }
    free(x);
}

static void repeated_and_permuted(void **state) {
    /* law: repeating every row leaves W2 alone; permuting rows too; identical rows are solved */
    (void)state;
    size_t n = 60, d = 4;
    double *x = normals(n * d, 5), *y = normals(n * d, 6), once, twice, turned, flat, direct = 0;
    double *xx = core_alloc(2 * n, d * sizeof *xx), *yy = core_alloc(2 * n, d * sizeof *yy);
    compare_wasserstein_2(n, d, x, y, &once, NULL, NULL);
    for (size_t i = 0; i < 2 * n * d; i++) xx[i] = x[i % (n * d)], yy[i] = y[i / d / 2 * d + i % d];
    compare_wasserstein_2(2 * n, d, xx, yy, &twice, NULL, NULL);
    near(twice, once, 1e-13, 0);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < d; k++) xx[i * d + k] = x[(7 * i + 3) % n * d + k];
    }
    compare_wasserstein_2(n, d, xx, y, &turned, NULL, NULL);
    near(turned, once, 1e-13, 0);
    for (size_t i = 0; i < n * d; i++) xx[i] = 0.385 * (double)(i % d), direct += pow(xx[i] - y[i], 2);
    compare_wasserstein_2(n, d, xx, y, &flat, NULL, NULL);
    near(flat, sqrt(direct / (double)n), 1e-13, 0);
    core_free(x);
    core_free(y);
    core_free(xx);
    core_free(yy);
}

static void same_on_every_processor(void **state) {
    /* law: AVX2 and AVX-512 give the same bits, older processors the same distance */
    (void)state;
    enum core_isa best = core_isa();
    size_t n = 150, d = 7, a[150], b[150];
    double *x = normals(n * d, 8), *y = normals(n * d, 9), first, gap, second;
    compare_wasserstein_2(n, d, x, y, &first, a, &gap);
    for (int isa = CORE_ISA_BASE; isa <= (int)best; isa++) {
        assert_true(core_isa_force((enum core_isa)isa));
        compare_wasserstein_2(n, d, x, y, &second, b, &gap);
        near(second, first, 1e-14, 0);
        if (isa >= CORE_ISA_V3) assert_memory_equal(&first, &second, sizeof first);
        assert_memory_equal(a, b, sizeof a);
    }
    core_isa_force(best);
    core_free(x);
    core_free(y);
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void sorted_like_qsort(void **state) {
    /* law: the radix sort agrees with qsort on every size and on clusters, outliers, ties, mixed signs, tiny numbers */
    (void)state;
    for (size_t trial = 0; trial < 60; trial++) {
        size_t n = trial < 20 ? trial * 5 : 40 * trial;
        double *x = normals(n, trial), *y = core_alloc(n + 1, sizeof *y);
        uint64_t *work = core_alloc(2 * n + 1, sizeof *work);
        for (size_t i = 0; i < n; i++) {
            if (trial % 6 == 1) x[i] = i == n / 2 ? -1e300 : 1 + 1e-13 * x[i];
            if (trial % 6 == 2) x[i] = round(x[i]) + 0.0;
            if (trial % 6 == 3) x[i] = exp(40 * x[i]) * (i % 2 == 0 ? 1 : -1);
            if (trial % 6 == 4) x[i] *= 1e-310;
            if (trial % 6 == 5) x[i] = 2.385;
            y[i] = x[i];
        }
        compare_sort(n, x, work);
        qsort(y, n, sizeof *y, ascending);
        for (size_t i = 0; i < n; i++) assert_true(x[i] == y[i]);
        core_free(x);
        core_free(y);
        core_free(work);
    }
}

static void bad_input(void **state) {
    /* law: empty samples, NaN, infinities, dimension 0 and a foreign p are refused with a sentence */
    (void)state;
    double x[] = {1, 2, 3, 4}, nan[] = {1, NAN, 3, 4}, inf[] = {1, 2, 3, -INFINITY}, out;
    assert_int_equal(compare_wasserstein_1d(0, x, 4, x, 1, &out), CORE_BAD_INPUT);
    assert_int_equal(compare_wasserstein_1d(4, x, 0, x, 1, &out), CORE_BAD_INPUT);
    assert_int_equal(compare_wasserstein_1d(4, x, 4, nan, 1, &out), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "row 2, column 1"));
    assert_int_equal(compare_wasserstein_1d(4, x, 4, x, 3, &out), CORE_BAD_INPUT);
    assert_int_equal(compare_wasserstein_2(0, 2, x, x, &out, NULL, NULL), CORE_BAD_INPUT);
    assert_int_equal(compare_wasserstein_2(2, 0, x, x, &out, NULL, NULL), CORE_BAD_INPUT);
    assert_int_equal(compare_wasserstein_2(2, 2, inf, x, &out, NULL, NULL), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "row 2, column 2"));
}

static void failing_allocator(void **state) {
    /* law: whichever allocation fails, the answer is CORE_NO_MEMORY and nothing is lost */
    (void)state;
    double x[] = {1, 2, 3, 4, 5, 6.5}, y[] = {0, 2.5, 3, 4, 1, 7}, out;
    size_t live = core_alloc_live(), k = 1;
    enum core_status status = CORE_NO_MEMORY;
    for (; status != CORE_OK; k++) {
        core_alloc_fail_at(k);
        status = compare_wasserstein_2(3, 2, x, y, &out, NULL, NULL);
        core_alloc_fail_at(0);
        assert_true(status == CORE_OK || status == CORE_NO_MEMORY);
        assert_int_equal(core_alloc_live(), live);
    }
    assert_true(k > 10);
    for (k = 1, status = CORE_NO_MEMORY; status != CORE_OK; k++) {
        core_alloc_fail_at(k);
        status = compare_wasserstein_1d(6, x, 6, y, 2, &out);
        core_alloc_fail_at(0);
        assert_int_equal(core_alloc_live(), live);
    }
    assert_int_equal(k, 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(line_against_reference),
        cmocka_unit_test(clouds_against_reference),
        cmocka_unit_test(clouds_against_trial),
        cmocka_unit_test(two_best_of_a_row),
        cmocka_unit_test(costs_are_centred),
        cmocka_unit_test(assignment_on_the_line),
        cmocka_unit_test(identities),
        cmocka_unit_test(identity_maps_against_reference),
        cmocka_unit_test(repeated_and_permuted),
        cmocka_unit_test(same_on_every_processor),
        cmocka_unit_test(sorted_like_qsort),
        cmocka_unit_test(bad_input),
        cmocka_unit_test(failing_allocator),
    };
    reference = reference_load("tests/reference/compare.json");
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(reference);
    return failed;
}
