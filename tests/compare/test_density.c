/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Divergences by neighbours and by counts, Gaussian laws, moments. */
#include "support.h"

#include "core/isa.h"
#include "core/sum.h"

static char *reference;

static double expected(const char *id, const char *name) {
    char path[200];
    snprintf(path, sizeof path, "cases[id=%s].expect.%s", id, name);
    return reference_number(reference, path);
}

static void inputs(const char *id, const char *name, size_t count, double out[]) {
    char path[200];
    snprintf(path, sizeof path, "cases[id=%s].inputs.%s", id, name);
    reference_numbers(reference, path, count, out);
}

static void neighbours_against_reference(void **state) {
    /* value: scikit-learn and 40-digit arithmetic, k = 1, 5, 10 in dimensions 1, 2, 5 */
    (void)state;
    static const size_t ks[] = {1, 5, 10}, dimensions[] = {1, 2, 5};
    for (size_t c = 0; c < 3; c++) {
        char file[64], id[64], name[32];
        size_t n, m, d;
        snprintf(file, sizeof file, "kl_d%zu_x.csv", dimensions[c]);
        double *x = table(file, &n, &d);
        snprintf(file, sizeof file, "kl_d%zu_y.csv", dimensions[c]);
        double *y = table(file, &m, &d);
        snprintf(id, sizeof id, "kl_knn_d%zu", dimensions[c]);
        for (size_t k = 0; k < 3; k++) {
            struct compare_knn kl, entropy;
            assert_int_equal(compare_kl_knn(n, x, m, y, d, ks[k], &kl), CORE_OK);
            assert_int_equal(compare_entropy_knn(n, x, d, ks[k], &entropy), CORE_OK);
            snprintf(name, sizeof name, "k%zu", ks[k]);
            near(kl.value, expected(id, name), 1e-10, 1e-11);
            snprintf(name, sizeof name, "entropyKL_k%zu", ks[k]);
            near(entropy.value, expected(id, name), 1e-10, 1e-11);
            assert_true(kl.state == COMPARE_DEFINED && kl.duplicates == 0);
        }
        free(x);
        free(y);
    }
}

/* The k-th neighbour of row i by a double loop. */
static double plain_kl(size_t n, const double *x, size_t m, const double *y, size_t d, size_t k) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double kth[2];
        for (int which = 0; which < 2; which++) {
            const double *from = which == 0 ? x : y;
            size_t count = which == 0 ? n : m, at = 0;
            double *square = core_alloc(count, sizeof *square);
            for (size_t j = 0; j < count; j++) {
                if (which == 0 && j == i) continue;
                square[at] = 0;
                for (size_t c = 0; c < d; c++) square[at] += pow(x[i * d + c] - from[j * d + c], 2);
                at++;
            }
            core_sort(square, at);
            kth[which] = square[k - 1];
            core_free(square);
        }
        sum += 0.5 * log(kth[1] / kth[0]);
    }
    return (double)d / (double)n * sum + log((double)m / (double)(n - 1));
}

static void neighbours_by_plain_loops(void **state) {
    /* value: two roads, sizes that are no multiples of the tiles, every instruction set; law: translation, scale 1e-160
     * and 1e160, rotation of the rows' order */
    (void)state;
    double *x = normals(149 * 7, 1), *y = normals(203 * 7, 2), wanted = plain_kl(149, x, 203, y, 7, 3);
    struct compare_knn out;
    enum core_isa best = core_isa();
    for (int isa = CORE_ISA_BASE; isa < CORE_ISA_COUNT; isa++) {
        if (!core_isa_force((enum core_isa)isa)) continue;
        assert_int_equal(compare_kl_knn(149, x, 203, y, 7, 3, &out), CORE_OK);
        near(out.value, wanted, 1e-12, 1e-13);
    }
    core_isa_force(best);
    static const double scales[] = {1e-160, 1e160};
    for (size_t s = 0; s < 2; s++) {
        double *u = core_alloc(149 * 7, sizeof *u), *v = core_alloc(203 * 7, sizeof *v);
        for (size_t i = 0; i < 149 * 7; i++) u[i] = scales[s] * x[149 * 7 - 1 - i];
        for (size_t i = 0; i < 203 * 7; i++) v[i] = scales[s] * y[203 * 7 - 1 - i];
        assert_int_equal(compare_kl_knn(149, u, 203, v, 7, 3, &out), CORE_OK);
        near(out.value, wanted, 1e-11, 1e-12);
        struct compare_knn entropy, unscaled;
        compare_entropy_knn(149, u, 7, 2, &entropy);
        compare_entropy_knn(149, x, 7, 2, &unscaled);
        near(entropy.value, unscaled.value + 7 * log(scales[s]), 1e-12, 1e-10);
        core_free(u);
        core_free(v);
    }
    core_free(x);
    core_free(y);
}

static void neighbours_without_an_answer(void **state) {
    /* law: copies are DUPLICATES with their number, too few rows DEGENERATE, both NaN; bad input a sentence */
    (void)state;
    double x[] = {1, 2, 2.385, 4, 4}, y[] = {0.5, 2, 7, 8, 9}, nan[] = {1, NAN, 3};
    struct compare_knn out;
    assert_int_equal(compare_kl_knn(5, x, 5, y, 1, 1, &out), CORE_OK);
    assert_true(out.state == COMPARE_DUPLICATES && isnan(out.value));
    assert_int_equal(out.duplicates, 3); /* the two 4 and the 2 that y has too */
    assert_int_equal(compare_kl_knn(5, x, 5, y, 1, 2, &out), CORE_OK);
    assert_true(out.state == COMPARE_DEFINED && isfinite(out.value));
    assert_int_equal(compare_kl_knn(5, x, 5, y, 1, 5, &out), CORE_OK);
    assert_true(out.state == COMPARE_DEGENERATE && isnan(out.value));
    assert_int_equal(compare_kl_knn(5, x, 1, y, 1, 2, &out), CORE_OK);
    assert_int_equal(out.state, COMPARE_DEGENERATE);
    assert_int_equal(compare_entropy_knn(5, x, 1, 1, &out), CORE_OK);
    assert_int_equal(out.duplicates, 2);
    assert_int_equal(compare_kl_knn(3, nan, 5, y, 1, 1, &out), CORE_BAD_INPUT);
    assert_int_equal(compare_kl_knn(5, x, 5, y, 1, 0, &out), CORE_BAD_INPUT);
    assert_int_equal(compare_entropy_knn(0, x, 1, 1, &out), CORE_BAD_INPUT);
    assert_int_equal(compare_entropy_knn(5, x, 1, 65, &out), CORE_BAD_INPUT);
}

static void jensen_shannon(void **state) {
    /* value: the reference cases; law: symmetric, zero for proportional counts, ln 2 for disjoint ones */
    (void)state;
    static const char *const ids[] = {"js_a", "js_disjoint", "js_same"};
    for (size_t c = 0; c < 3; c++) {
        double p[4], q[4], found, turned;
        size_t classes = c == 2 ? 3 : 4;
        inputs(ids[c], "p_counts", classes, p);
        inputs(ids[c], "q_counts", classes, q);
        assert_int_equal(compare_jensen_shannon(classes, p, q, &found), CORE_OK);
        near(found, expected(ids[c], "JS_nats"), 0, 1e-14);
        assert_int_equal(compare_jensen_shannon(classes, q, p, &turned), CORE_OK);
        assert_true(turned == found);
    }
    double none[] = {0, 0}, some[] = {1, 2.385}, bad[] = {1, -1}, out;
    assert_int_equal(compare_jensen_shannon(2, none, some, &out), CORE_BAD_INPUT);
    assert_int_equal(compare_jensen_shannon(2, some, bad, &out), CORE_BAD_INPUT);
    assert_int_equal(compare_jensen_shannon(0, some, some, &out), CORE_BAD_INPUT);
}

static void gaussian_laws(void **state) {
    /* value: 40-digit arithmetic; law: symmetric, zero for equal laws */
    (void)state;
    static const struct {
        const char *id;
        size_t d;
    } cases[] = {{"gauss_w2_1d", 1},       {"gauss_w2_diag2", 2}, {"gauss_w2_corr2", 2}, {"gauss_w2_singular3", 3},
                 {"gauss_w2_wishart5", 5}, {"kl_gauss_a", 2},     {"kl_gauss_b", 1},     {"kl_gauss_c", 3}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        double m1[5], m2[5], s1[25], s2[25], out, turned;
        size_t d = cases[c].d;
        enum compare_state answer;
        inputs(cases[c].id, "m1", d, m1);
        inputs(cases[c].id, "m2", d, m2);
        inputs(cases[c].id, "S1", d * d, s1);
        inputs(cases[c].id, "S2", d * d, s2);
        if (c < 5) {
            assert_int_equal(compare_gaussian_w2(d, m1, s1, m2, s2, &out), CORE_OK);
            near(out, expected(cases[c].id, "W2"), 1e-10, 1e-12);
            assert_int_equal(compare_gaussian_w2(d, m2, s2, m1, s1, &turned), CORE_OK);
            near(turned, out, 1e-12, 0);
            assert_int_equal(compare_gaussian_w2(d, m1, s1, m1, s1, &out), CORE_OK);
            near(out, 0, 0, 1e-7);
        } else {
            assert_int_equal(compare_gaussian_kl(d, m1, s1, m2, s2, &out, &answer), CORE_OK);
            near(out, expected(cases[c].id, "KL"), 1e-12, 0);
            assert_int_equal(answer, COMPARE_DEFINED);
        }
    }
}

static void gaussian_laws_without_an_answer(void **state) {
    /* law: singular covariances have no KL, indefinite and asymmetric ones no distance; W2 to a point */
    (void)state;
    double m[] = {0, 0}, flat[] = {1, 1, 1, 1}, one[] = {1, 0, 0, 1}, bad[] = {1, 2, 2, 1}, skew[] = {1, 0.5, 0.4, 1},
           zero[] = {0, 0, 0, 0}, nan[] = {NAN, 0}, out;
    enum compare_state answer;
    assert_int_equal(compare_gaussian_kl(2, m, flat, m, one, &out, &answer), CORE_OK);
    assert_true(isnan(out) && answer == COMPARE_DEGENERATE);
    assert_int_equal(compare_gaussian_kl(2, m, one, m, flat, &out, &answer), CORE_OK);
    assert_int_equal(answer, COMPARE_DEGENERATE);
    assert_int_equal(compare_gaussian_w2(2, m, one, m, zero, &out), CORE_OK);
    near(out, sqrt(2), 1e-14, 0);
    assert_int_equal(compare_gaussian_w2(2, m, bad, m, one, &out), CORE_BAD_INPUT);
    assert_int_equal(compare_gaussian_w2(2, m, skew, m, one, &out), CORE_BAD_INPUT);
    assert_int_equal(compare_gaussian_w2(2, nan, one, m, one, &out), CORE_BAD_INPUT);
    assert_int_equal(compare_gaussian_w2(0, m, one, m, one, &out), CORE_BAD_INPUT);
}

static void moments_against_reference(void **state) {
    /* value: 50 normals, 100 Cauchys, five numbers at an offset of 1e9 */
    (void)state;
    static const char *const names[] = {"n50", "cauchy", "offset1e9"};
    for (size_t c = 0; c < 3; c++) {
        char file[64], id[64];
        size_t n, one;
        double tolerance = c == 2 ? 1e-9 : 1e-12;
        snprintf(file, sizeof file, "mom_%s.csv", names[c]);
        snprintf(id, sizeof id, "moments_%s", names[c]);
        double *x = table(file, &n, &one);
        struct compare_moments m;
        assert_int_equal(compare_moments(n, x, &m), CORE_OK);
        near(m.mean, expected(id, "mean"), 1e-12, 0);
        near(m.variance_n, expected(id, "var_n"), tolerance, 0);
        near(m.variance_n1, expected(id, "var_n1"), tolerance, 0);
        near(m.g1, expected(id, "g1"), tolerance, 0);
        near(m.G1, expected(id, "G1"), tolerance, 0);
        near(m.g2, expected(id, "g2"), tolerance, 0);
        near(m.G2, expected(id, "G2"), tolerance, 0);
        free(x);
    }
}

static void moments_without_an_answer(void **state) {
    /* law: equal numbers have a mean and a variance, no shape; three have no G2; scale 1e-200 changes no shape; value:
     * L-moment ratios of 1, 2, 3, 4 are 0, 0 and of a uniform law about 0, 0 */
    (void)state;
    double same[] = {2.385, 2.385, 2.385, 2.385}, three[] = {1, 2, 4}, four[] = {4, 1, 3, 2};
    struct compare_moments m, tiny;
    assert_int_equal(compare_moments(4, same, &m), CORE_OK);
    assert_true(m.state == COMPARE_DEGENERATE && m.variance_n1 == 0 && isnan(m.g1) && isnan(m.l_skewness));
    near(m.mean, 2.385, 1e-15, 0);
    assert_int_equal(compare_moments(3, three, &m), CORE_OK);
    assert_true(m.state == COMPARE_DEGENERATE && isnan(m.G2) && isfinite(m.G1));
    assert_int_equal(compare_moments(1, three, &m), CORE_OK);
    assert_true(m.state == COMPARE_DEGENERATE && isnan(m.variance_n1) && m.mean == 1);
    assert_int_equal(compare_moments(4, four, &m), CORE_OK);
    near(m.l_skewness, 0, 0, 1e-15);
    near(m.l_kurtosis, 0, 0, 1e-15);
    double *x = normals(100, 5);
    compare_moments(100, x, &m);
    for (size_t i = 0; i < 100; i++) x[i] *= 1e-200;
    compare_moments(100, x, &tiny);
    near(tiny.g2, m.g2, 1e-12, 0);
    near(tiny.l_kurtosis, m.l_kurtosis, 1e-12, 0);
    core_free(x);
    three[1] = INFINITY;
    assert_int_equal(compare_moments(3, three, &m), CORE_BAD_INPUT);
}

static void mardia(void **state) {
    /* value: the reference case; law: affine maps change nothing; a rank-one sample is DEGENERATE */
    (void)state;
    size_t n, d;
    double *x = table("mmd_x.csv", &n, &d);
    struct compare_mardia m, mapped;
    assert_int_equal(compare_mardia(n, x, d, &m), CORE_OK);
    near(m.b1, expected("mardia", "b1"), 1e-10, 0);
    near(m.b2, expected("mardia", "b2"), 1e-10, 0);
    near(m.chi2, expected("mardia", "chi2"), 1e-10, 0);
    near(m.z, expected("mardia", "z"), 1e-9, 0);
    near(m.p, expected("mardia", "p_skew"), 1e-10, 0);
    for (size_t i = 0; i < n; i++) {
        double *row = x + i * d;
        row[0] = 1e6 + 3 * row[0] - row[1];
        row[2] = 0.1 * row[2] + row[1];
    }
    assert_int_equal(compare_mardia(n, x, d, &mapped), CORE_OK);
    near(mapped.b1, m.b1, 1e-8, 0);
    for (size_t i = 0; i < n; i++) x[i * d + 2] = x[i * d] - x[i * d + 1];
    assert_int_equal(compare_mardia(n, x, d, &m), CORE_OK);
    assert_true(m.state == COMPARE_DEGENERATE && isnan(m.b1));
    assert_int_equal(compare_mardia(3, x, d, &m), CORE_OK);
    assert_int_equal(m.state, COMPARE_DEGENERATE);
    free(x);
}

static enum core_status one_of_all(int which) {
    static const double x[] = {1, 2.385, 3, 4.5, 0.2, 7, 1.7, -2}, m[] = {0, 1}, s[] = {2, 0.5, 0.5, 1};
    struct compare_knn knn;
    struct compare_moments moments;
    struct compare_mardia mardia_of;
    enum compare_state answer;
    double out;
    if (which == 0) return compare_kl_knn(4, x, 3, x, 2, 1, &knn);
    if (which == 1) return compare_entropy_knn(8, x, 1, 1, &knn);
    if (which == 2) return compare_gaussian_w2(2, m, s, m, s, &out);
    if (which == 3) return compare_gaussian_kl(2, m, s, m, s, &out, &answer);
    if (which == 4) return compare_moments(8, x, &moments);
    return compare_mardia(4, x, 2, &mardia_of);
}

static void failing_allocator(void **state) {
    /* law: whichever allocation fails, the status says so and nothing is lost */
    (void)state;
    fail_every_allocation(6, one_of_all);
}

int main(void) {
    reference = reference_load("tests/reference/compare.json");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neighbours_against_reference),
        cmocka_unit_test(neighbours_by_plain_loops),
        cmocka_unit_test(neighbours_without_an_answer),
        cmocka_unit_test(jensen_shannon),
        cmocka_unit_test(gaussian_laws),
        cmocka_unit_test(gaussian_laws_without_an_answer),
        cmocka_unit_test(moments_against_reference),
        cmocka_unit_test(moments_without_an_answer),
        cmocka_unit_test(mardia),
        cmocka_unit_test(failing_allocator),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(reference);
    return failed;
}
