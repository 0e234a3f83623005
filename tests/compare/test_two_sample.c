/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kolmogorov-Smirnov, permutation tests, weighted laws on the line. */
#include "support.h"

#include "compare/relabelling.h"

static char *reference;

static double expected(const char *id, const char *name) {
    char path[200];
    snprintf(path, sizeof path, "cases[id=%s].expect.%s", id, name);
    return reference_number(reference, path);
}

static void ks_against_reference(void **state) {
    /* value: exact lattice counting (R 4.2), ties included */
    (void)state;
    static const char *const names[] = {"w1d_n50", "w1d_n7m5_ties", "w1d_n200m333"};
    for (size_t k = 0; k < 3; k++) {
        char file[64], id[64];
        size_t n, m, one;
        snprintf(file, sizeof file, "%s_x.csv", names[k]);
        double *x = table(file, &n, &one);
        snprintf(file, sizeof file, "%s_y.csv", names[k]);
        double *y = table(file, &m, &one);
        snprintf(id, sizeof id, "ks2_%s", names[k]);
        struct compare_ks ks, turned;
        assert_int_equal(compare_ks_two(n, x, m, y, &ks), CORE_OK);
        near(ks.distance, expected(id, "D"), 0, 1e-14);
        near(ks.p, expected(id, "p_exact"), 1e-9, 0);
        near(compare_kolmogorov_sf(ks.distance * sqrt((double)(n * m) / (double)(n + m))),
             expected(id, "p_asymptotic_R"), 1e-9, 0);
        assert_int_equal(compare_ks_two(m, y, n, x, &turned), CORE_OK);
        assert_true(turned.distance == ks.distance && ks.exact);
        near(turned.p, ks.p, 1e-12, 0);
        free(x);
        free(y);
    }
}

static double normal_law(const void *context, double x) {
    (void)context;
    return 0.5 * erfc(-x / sqrt(2));
}

static double broken_law(const void *context, double x) {
    (void)context;
    return x > 0 ? NAN : 0;
}

static void ks_of_one_sample(void **state) {
    /* value: R's exact p; 20 draws at D: published P(D_10 > 0.274) = 0.3715 (Marsaglia, Tsang, Wang: K(10, 0.274) =
     * 0.6284796154565043); Kolmogorov's law */
    (void)state;
    size_t n, one;
    double *x = table("w1d_n50_x.csv", &n, &one);
    struct compare_ks ks;
    assert_int_equal(compare_ks_one(n, x, normal_law, NULL, &ks), CORE_OK);
    near(ks.distance, expected("ks1_norm", "D"), 1e-9, 0);
    near(ks.p, expected("ks1_norm", "p_exact"), 1e-9, 0);
    free(x);
    double rows[16];
    reference_numbers(reference, "cases[id=kolmogorov_sf].expect.table", 16, rows);
    for (size_t i = 0; i < 8; i++) near(compare_kolmogorov_sf(rows[2 * i]), rows[2 * i + 1], 1e-12, 0);
    assert_true(compare_kolmogorov_sf(0) == 1 && compare_kolmogorov_sf(-2) == 1);
    double bad[] = {1, 2.385};
    assert_int_equal(compare_ks_one(2, bad, broken_law, NULL, &ks), CORE_BAD_INPUT);
}

static double uniform_law(const void *context, double x) {
    (void)context;
    return x < 0 ? 0 : x > 1 ? 1 : x;
}

static void ks_law_by_hand(void **state) {
    /* value: n = 10 at D = 0.274, the example of [marsaglia2003]; n = 1: P(D >= d) = 2 (1 - d); a law far out, where
     * the first road has no digits left: P(D_100 >= 0.5) against rational arithmetic of Smirnov's sum */
    (void)state;
    double x[100];
    struct compare_ks ks;
    for (size_t i = 0; i < 10; i++) x[i] = fmin(1, 0.274 + (double)i / 10);
    assert_int_equal(compare_ks_one(10, x, uniform_law, NULL, &ks), CORE_OK);
    near(ks.distance, 0.274, 1e-14, 0);
    near(1 - ks.p, 0.6284796154565043, 1e-12, 0);
    double one[] = {0.2385};
    assert_int_equal(compare_ks_one(1, one, uniform_law, NULL, &ks), CORE_OK);
    near(ks.p, 2 * 0.2385, 1e-12, 0);
    for (size_t i = 0; i < 100; i++) x[i] = fmin(1, 0.5 + (double)i / 100);
    assert_int_equal(compare_ks_one(100, x, uniform_law, NULL, &ks), CORE_OK);
    near(ks.p, 1.2131434371817858e-23, 1e-11, 0);
    for (size_t n = 60; n <= 100; n += 20) { /* the two roads meet: n d^2 on both sides of 4 */
        double p[2];
        for (int side = 0; side < 2; side++) {
            double d = sqrt((4 + (side == 0 ? -1e-9 : 1e-9)) / (double)n);
            for (size_t i = 0; i < n; i++) x[i] = fmin(1, d + (double)i / (double)n);
            assert_int_equal(compare_ks_one(n, x, uniform_law, NULL, &ks), CORE_OK);
            p[side] = ks.p;
        }
        near(p[0], p[1], 1e-7, 0);
        assert_true(p[0] > p[1]);
    }
}

static void ks_edges(void **state) {
    /* law: equal samples have D = 0 and p = 1, samples apart D = 1 and p = 2 / C(n + m, n); -0 ties with 0; large
     * samples take the limit; bad input */
    (void)state;
    double x[] = {0.0, 1, 2.385, -1.5}, y[] = {-0.0, 2.385, -1.5, 1}, far[] = {7, 8, 9};
    struct compare_ks ks;
    assert_int_equal(compare_ks_two(4, x, 4, y, &ks), CORE_OK);
    assert_true(ks.distance == 0 && ks.p == 1);
    assert_int_equal(compare_ks_two(4, x, 3, far, &ks), CORE_OK);
    assert_true(ks.distance == 1);
    near(ks.p, 2.0 / 35, 1e-13, 0);
    double *a = normals(4000, 1), *b = normals(3000, 2);
    assert_int_equal(compare_ks_two(4000, a, 3000, b, &ks), CORE_OK);
    assert_false(ks.exact);
    double limit = ks.p;
    assert_int_equal(compare_ks_two(3000, a, 3000, b, &ks), CORE_OK);
    assert_true(ks.exact && limit > 0 && limit < 1);
    near(ks.p, compare_kolmogorov_sf(ks.distance * sqrt(1500)), 0.05, 0.01);
    core_free(a);
    core_free(b);
    x[1] = NAN;
    assert_int_equal(compare_ks_two(4, x, 3, far, &ks), CORE_BAD_INPUT);
    assert_int_equal(compare_ks_two(3, far, 0, y, &ks), CORE_BAD_INPUT);
}

static void all_relabellings(void **state) {
    /* value: counts of full enumerations, equal values included */
    (void)state;
    static const char *const names[] = {"5x5", "6x5", "7x7"};
    for (size_t k = 0; k < 3; k++) {
        char file[64], id[64];
        size_t n, m, d;
        snprintf(file, sizeof file, "perm_%s_x.csv", names[k]);
        double *x = table(file, &n, &d);
        snprintf(file, sizeof file, "perm_%s_y.csv", names[k]);
        double *y = table(file, &m, &d);
        snprintf(id, sizeof id, "permexact_%s", names[k]);
        struct compare_permutation_settings settings = compare_permutation_settings_default();
        struct compare_permutation mmd, energy;
        assert_int_equal(compare_permutation_test(n, x, m, y, d, 1, &settings, &mmd, &energy), CORE_OK);
        near(mmd.value, expected(id, "mmd2_u"), 1e-11, 1e-13);
        near(energy.value, expected(id, "energy"), 1e-11, 0);
        assert_int_equal(mmd.total, (size_t)expected(id, "total"));
        assert_int_equal(mmd.count, (size_t)expected(id, "mmd_count_ge"));
        assert_int_equal(energy.count, (size_t)expected(id, "energy_count_ge"));
        near(mmd.p, expected(id, "p_mmd"), 1e-14, 0);
        assert_true(mmd.exhaustive && energy.exhaustive);
        free(x);
        free(y);
    }
}

/* The p-value counts over a null's draws of n = m = rows standard normals in the plane. */
static size_t rejections(size_t trials, size_t rows, size_t block, int paired) {
    size_t rejected = 0;
    struct compare_permutation_settings settings = compare_permutation_settings_default();
    settings.permutations = 199;
    settings.block = block;
    for (size_t t = 0; t < trials; t++) {
        double *x = normals(rows * 5, 5000 + 2 * t), *y = normals(rows * 5, 5001 + 2 * t);
        for (size_t i = 0; paired && i < rows * 5; i++) { /* strongly dependent pairs */
            double common = x[i];
            x[i] = common + 0.2 * y[i];
            y[i] = common - 0.2 * y[i];
        }
        struct compare_permutation mmd;
        settings.seed = t;
        if (paired) assert_int_equal(compare_paired_test(rows, x, y, 5, 3, &settings, &mmd, NULL), CORE_OK);
        if (!paired) assert_int_equal(compare_permutation_test(rows, x, rows, y, 5, 3, &settings, &mmd, NULL), CORE_OK);
        rejected += mmd.p <= 0.05;
        core_free(x);
        core_free(y);
    }
    return rejected;
}

static void level_is_exact(void **state) {
    /* chance: 1000 nulls, n = m = 40, d = 5, 199 relabellings: a 5 % test rejects 50 +- 7 times, rows by themselves, in
     * blocks of four, and flips of dependent pairs (accepted 22 to 80, about four standard deviations: false alarm 1e-4
     * each) */
    (void)state;
    assert_in_range(rejections(1000, 40, 1, 0), 22, 80);
    assert_in_range(rejections(1000, 40, 4, 0), 22, 80);
    assert_in_range(rejections(1000, 40, 1, 1), 22, 80);
}

static void relabellings_are_uniform(void **state) {
    /* chance: in 4000 random relabellings each of 40 units is chosen 12/40 of the time, and any two neighbours together
     * 12 11/(40 39), within five standard deviations; law: always 12 of them; signs are fair; number 0 is as observed
     */
    (void)state;
    struct compare_permutation_settings settings = compare_permutation_settings_default();
    struct compare_relabelling subsets, signs;
    double z[40], times[40] = {0}, together[39] = {0}, flipped[40] = {0};
    uint32_t order[40], words[44];
    compare_relabelling_init(&subsets, 40, 12, 0, &settings);
    compare_relabelling_init(&signs, 40, 0, 1, &settings);
    for (size_t b = 1; b <= 4000; b++) {
        double chosen = 0;
        compare_relabelling_give(&subsets, b, 1, z, order, words);
        for (size_t k = 0; k < 40; k++) chosen += z[k], times[k] += z[k];
        for (size_t k = 0; k < 39; k++) together[k] += z[k] * z[k + 1];
        assert_true(chosen == 12);
        compare_relabelling_give(&signs, b, 1, z, order, words);
        for (size_t k = 0; k < 40; k++) flipped[k] += z[k] < 0;
    }
    for (size_t k = 0; k < 40; k++) {
        near(times[k], 1200, 0, 5 * sqrt(4000 * 0.3 * 0.7));
        near(flipped[k], 2000, 0, 5 * sqrt(1000));
    }
    for (size_t k = 0; k < 39; k++) near(together[k], 4000 * 132.0 / 1560, 0, 5 * sqrt(4000 * 0.0846 * 0.9154));
    compare_relabelling_give(&subsets, 0, 1, z, order, words);
    for (size_t k = 0; k < 40; k++) assert_true(z[k] == (k < 12));
}

static void power_and_threads(void **state) {
    /* chance: a shift of a third of a standard deviation in every coordinate is found at n = 200 in the plane by both
     * statistics (p <= 0.01); law: the counts do not depend on the threads; blocks of 16 agree on the value with rows
     */
    (void)state;
    double *x = normals(3200, 11), *y = normals(3200, 12);
    for (size_t i = 0; i < 3200; i++) y[i] += 0.33;
    struct compare_permutation_settings settings = compare_permutation_settings_default();
    struct compare_permutation mmd[2], energy[2], blocks;
    for (size_t t = 0; t < 2; t++) {
        settings.threads = t == 0 ? 1 : 3;
        assert_int_equal(compare_permutation_test(200, x, 160, y, 2, 1.5, &settings, &mmd[t], &energy[t]), CORE_OK);
        assert_int_equal(mmd[t].total, 1001);
        assert_memory_equal(&mmd[t], &mmd[0], sizeof mmd[0]);
        assert_memory_equal(&energy[t], &energy[0], sizeof energy[0]);
    }
    assert_true(mmd[0].p <= 0.01 && energy[0].p <= 0.01);
    double unbiased, biased, u, v;
    compare_mmd2_both(200, x, 160, y, 2, 1.5, &unbiased, &biased);
    compare_energy2_both(200, x, 160, y, 2, &u, &v);
    near(mmd[0].value, unbiased, 1e-11, 1e-14);
    near(energy[0].value, v, 1e-11, 1e-14);
    settings.block = 16;
    assert_int_equal(compare_permutation_test(205, x, 160, y, 2, 1.5, &settings, &blocks, NULL), CORE_OK);
    compare_mmd2_both(192, x, 160, y, 2, 1.5, &unbiased, &biased);
    near(blocks.value, unbiased, 1e-11, 1e-14);
    settings.block = 0;
    assert_int_equal(compare_permutation_test(1300, x, 1200, y, 1, 1.5, &settings, &blocks, &energy[1]), CORE_OK);
    compare_energy2_both(1296, x, 1200, y, 1, &u, &v); /* 81 and 75 blocks of 16 */
    near(energy[1].value, v, 1e-11, 1e-14);
    core_free(x);
    core_free(y);
}

/* The paired statistic, pair by pair. */
static double plain_pairs(size_t n, const double x[], const double y[], double h, const double sign[]) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            double k[4] = {x[i] - x[j], y[i] - y[j], x[i] - y[j], y[i] - x[j]};
            for (int t = 0; t < 4; t++) k[t] = h > 0 ? exp(-k[t] * k[t] / (2 * h * h)) : -fabs(k[t]);
            if (i != j) sum += sign[i] * sign[j] * (k[0] + k[1] - k[2] - k[3]);
        }
    }
    return sum / ((double)n * (double)(n - 1));
}

static void all_flips(void **state) {
    /* value: two roads: all 2^8 signs of eight pairs by double loops, one by one and in blocks of two */
    (void)state;
    double *x = normals(8, 21), *y = normals(8, 22);
    for (size_t i = 0; i < 8; i++) y[i] = 0.7 * x[i] + 0.3 * y[i] + 0.4;
    struct compare_permutation_settings settings = compare_permutation_settings_default();
    for (settings.block = 1; settings.block <= 2; settings.block++) {
        struct compare_permutation found[2];
        assert_int_equal(compare_paired_test(8, x, y, 1, 0.9, &settings, &found[0], &found[1]), CORE_OK);
        for (int k = 0; k < 2; k++) {
            size_t count = 0, coins = 8 / settings.block, all = (size_t)1 << coins;
            double sign[8] = {1, 1, 1, 1, 1, 1, 1, 1}, value = plain_pairs(8, x, y, k == 0 ? 0.9 : -1, sign);
            for (size_t b = 0; b < all; b++) {
                for (size_t i = 0; i < 8; i++) sign[i] = (b >> (i / settings.block)) & 1 ? -1 : 1;
                count += plain_pairs(8, x, y, k == 0 ? 0.9 : -1, sign) >= value - 1e-13;
            }
            near(found[k].value, value, 1e-12, 1e-15);
            assert_int_equal(found[k].total, all);
            assert_int_equal(found[k].count, count);
        }
    }
    core_free(x);
    core_free(y);
}

static void weighted_line(void **state) {
    /* value: the reference case; integer weights are repetitions; weights of any scale; zero weights are absent; a sum
     * of tenths loses no atom */
    (void)state;
    double x[5], y[3], wx[5], wy[3], w1, w2, other;
    reference_numbers(reference, "cases[id=w1d_weighted].inputs.x", 5, x);
    reference_numbers(reference, "cases[id=w1d_weighted].inputs.y", 3, y);
    reference_numbers(reference, "cases[id=w1d_weighted].inputs.wx", 5, wx);
    reference_numbers(reference, "cases[id=w1d_weighted].inputs.wy", 3, wy);
    assert_int_equal(compare_wasserstein_1d_weighted(5, x, wx, 3, y, wy, 1, &w1), CORE_OK);
    assert_int_equal(compare_wasserstein_1d_weighted(5, x, wx, 3, y, wy, 2, &w2), CORE_OK);
    near(w1, expected("w1d_weighted", "W1"), 1e-12, 0);
    near(w2, expected("w1d_weighted", "W2"), 1e-12, 0);
    for (size_t i = 0; i < 5; i++) wx[i] *= 1e-200;
    assert_int_equal(compare_wasserstein_1d_weighted(5, x, wx, 3, y, wy, 2, &other), CORE_OK);
    near(other, w2, 1e-12, 0);
    double repeated[] = {-1, -1, 2.385, 0.3, 0.3, 0.3}, atoms[] = {0.3, -1, 9, 2.385}, times[] = {3, 2, 0, 1};
    assert_int_equal(compare_wasserstein_1d(6, repeated, 3, y, 2, &w2), CORE_OK);
    assert_int_equal(compare_wasserstein_1d_weighted(4, atoms, times, 3, y, NULL, 2, &other), CORE_OK);
    near(other, w2, 1e-15, 0);
    double ten[10], tenths[10], same[1] = {1};
    for (size_t i = 0; i < 10; i++) ten[i] = i == 9 ? 1e8 : 1, tenths[i] = 0.1;
    assert_int_equal(compare_wasserstein_1d_weighted(10, ten, tenths, 1, same, NULL, 1, &w1), CORE_OK);
    near(w1, 0.1 * (1e8 - 1), 1e-15, 0);
    double negative[] = {1, -1e-9, 1, 1}, none[] = {0, 0, 0, 0};
    assert_int_equal(compare_wasserstein_1d_weighted(4, atoms, negative, 3, y, NULL, 1, &w1), CORE_BAD_INPUT);
    assert_int_equal(compare_wasserstein_1d_weighted(4, atoms, none, 3, y, NULL, 1, &w1), CORE_BAD_INPUT);
    assert_int_equal(compare_wasserstein_1d_weighted(4, atoms, times, 3, y, wy, 3, &w1), CORE_BAD_INPUT);
}

static void bad_input(void **state) {
    /* law: refused with a sentence: no permutations, a bandwidth of zero, NaN, fewer than two blocks, one row */
    (void)state;
    double x[] = {1, 2, 3, 4.5}, y[] = {2, 3, NAN, 1};
    struct compare_permutation_settings settings = compare_permutation_settings_default();
    struct compare_permutation out;
    assert_int_equal(compare_permutation_test(4, x, 2, x, 1, 0, &settings, &out, NULL), CORE_BAD_INPUT);
    assert_int_equal(compare_permutation_test(4, x, 2, x, 1, 0, &settings, NULL, &out), CORE_OK);
    assert_int_equal(compare_permutation_test(4, x, 4, y, 1, 1, &settings, &out, NULL), CORE_BAD_INPUT);
    assert_int_equal(compare_permutation_test(4, x, 1, x, 1, 1, &settings, &out, NULL), CORE_BAD_INPUT);
    assert_int_equal(compare_paired_test(4, x, y, 1, 1, &settings, &out, NULL), CORE_BAD_INPUT);
    settings.block = 3;
    assert_int_equal(compare_permutation_test(4, x, 4, x, 1, 1, &settings, &out, NULL), CORE_BAD_INPUT);
    settings.block = 1;
    settings.permutations = 0;
    assert_int_equal(compare_permutation_test(4, x, 4, x, 1, 1, &settings, &out, NULL), CORE_BAD_INPUT);
    assert_string_equal(compare_state_name(COMPARE_DUPLICATES), "duplicates");
}

static enum core_status one_of_all(int which) {
    static const double x[] = {1, 2.385, 3, 4.5, 0.2, 7}, w[] = {1, 2.5, 1, 1, 3, 1};
    struct compare_permutation_settings settings = compare_permutation_settings_default();
    struct compare_permutation mmd, energy;
    struct compare_ks ks;
    double distance;
    settings.permutations = 40;
    if (which == 0) return compare_permutation_test(6, x, 5, x, 1, 1, &settings, &mmd, &energy);
    if (which == 1) return compare_paired_test(6, x, w, 1, 1, &settings, &mmd, &energy);
    if (which == 2) return compare_ks_two(6, x, 5, w, &ks);
    if (which == 3) return compare_ks_one(6, x, normal_law, NULL, &ks);
    return compare_wasserstein_1d_weighted(6, x, w, 6, w, x, 2, &distance);
}

static void failing_allocator(void **state) {
    /* law: whichever allocation fails, the status says so and nothing is lost */
    (void)state;
    fail_every_allocation(5, one_of_all);
}

int main(void) {
    reference = reference_load("tests/reference/compare.json");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ks_against_reference),
        cmocka_unit_test(ks_of_one_sample),
        cmocka_unit_test(ks_law_by_hand),
        cmocka_unit_test(ks_edges),
        cmocka_unit_test(all_relabellings),
        cmocka_unit_test(level_is_exact),
        cmocka_unit_test(relabellings_are_uniform),
        cmocka_unit_test(power_and_threads),
        cmocka_unit_test(all_flips),
        cmocka_unit_test(weighted_line),
        cmocka_unit_test(bad_input),
        cmocka_unit_test(failing_allocator),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(reference);
    return failed;
}
