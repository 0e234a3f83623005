/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MMD, energy, the median rule, sliced distances: one pair of samples. */
#include "support.h"

#include "compare/lanes.h"
#include "core/isa.h"

static char *reference;
static size_t n, m, d;
static double *x, *y;

static void exponential_in_lanes(void **state) {
    /* law: exp(-t) within 4 units in the last place for t in [0, 700], and next to nothing beyond */
    (void)state;
    for (double t = 0; t < 700; t = t * 1.0173 + 0.00391) {
        lanes found = lanes_exp_minus(lanes_count_from(t));
        for (int l = 0; l < CORE_LANES; l++) near(found[l], exp(-fmin(t + l, 700)), 0x4p-52, 0);
    }
    assert_true(lanes_exp_minus(lanes_set(1e300))[0] < 1e-300);
    assert_true(lanes_exp_minus(lanes_set(0))[7] == 1);
}

static void mmd_against_reference(void **state) {
    /* value: unbiased MMD^2 at three bandwidths, and at an offset of 1e6 */
    (void)state;
    static const struct {
        const char *id;
        double bandwidth;
    } cases[] = {{"mmd_s0.5", .5}, {"mmd_s1", 1}, {"mmd_s2", 2}};
    for (size_t c = 0; c < 3; c++) {
        char path[64];
        double found, back;
        snprintf(path, sizeof path, "cases[id=%s].expect.unbiased", cases[c].id);
        assert_int_equal(compare_mmd2(n, x, m, y, d, cases[c].bandwidth, &found), CORE_OK);
        compare_mmd2(m, y, n, x, d, cases[c].bandwidth, &back);
        near(found, reference_number(reference, path), 1e-11, 1e-13);
        near(back, found, 1e-12, 0);
    }
    double *xo = core_alloc(n, d * sizeof *xo), *yo = core_alloc(m, d * sizeof *yo), found;
    for (size_t i = 0; i < n * d; i++) xo[i] = x[i] + (i % 3 == 1 ? -1e6 : 1e6);
    for (size_t i = 0; i < m * d; i++) yo[i] = y[i] + (i % 3 == 1 ? -1e6 : 1e6);
    compare_mmd2(n, xo, m, yo, d, 1, &found);
    near(found, reference_number(reference, "cases[id=mmd_offset1e6].expect.unbiased"), 0, 1e-8);
    core_free(xo);
    core_free(yo);
}

static void median_against_reference(void **state) {
    /* value: the pooled median distance, and MMD^2 with it */
    (void)state;
    double median, found;
    assert_int_equal(compare_median_distance(n, x, m, y, d, SIZE_MAX, &median), CORE_OK);
    near(median, reference_number(reference, "cases[id=median_heuristic].expect.median_dist"), 1e-13, 0);
    compare_mmd2(n, x, m, y, d, median, &found);
    near(found, reference_number(reference, "cases[id=median_heuristic].expect.unbiased_at_sigma_median"), 1e-11,
         1e-13);
}

static void median_of_duplicates(void **state) {
    /* value: where most pairs coincide the median of the positive distances stands in, and 1 where all do */
    (void)state;
    double same[12] = {0}, one[2] = {3, 4}, median;
    compare_median_distance(6, same, 1, one, 2, 10, &median);
    near(median, 5, 1e-15, 0);
    compare_median_distance(3, same, 3, same, 2, 10, &median);
    near(median, 1, 0, 0);
    double line[] = {0, 1, 3};
    compare_median_distance(2, line, 1, line + 2, 1, 10, &median); /* 1, 3, 2 */
    near(median, 2, 1e-15, 0);
    compare_median_distance(3, line, 1, line, 1, 2, &median); /* rows 0, 1 | 0: 1, 0, 1 */
    near(median, 1, 1e-15, 0);
}

static void energy_against_reference(void **state) {
    /* value: the U-statistic, in three dimensions; its V-statistic form on the line, rebuilt from the same means */
    (void)state;
    double found;
    assert_int_equal(compare_energy2(n, x, m, y, d, &found), CORE_OK);
    near(found, reference_number(reference, "cases[id=energy_beta1].expect.E_U"), 1e-11, 0);
}

static double kernel_sum(size_t count, const double a[], size_t other, const double b[], int within, int distance) {
    double total = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < other; j++) {
            double square = 0;
            for (size_t k = 0; k < d; k++) square += pow(a[i * d + k] - b[j * d + k], 2);
            if (!within || i != j) total += distance ? sqrt(square) : exp(-square / 2 / (1.3 * 1.3));
        }
    }
    return total / ((double)count * (double)(within ? count - 1 : other));
}

static void against_plain_loops(void **state) {
    /* law: two roads: the blocked lanes and a plain double loop agree, for all remainders of blocks, on every processor
     */
    (void)state;
    enum core_isa best = core_isa();
    for (int isa = CORE_ISA_BASE; isa <= (int)best; isa++) {
        core_isa_force((enum core_isa)isa);
        for (size_t a = 2; a <= 37; a += 5) {
            size_t b = 39 - a;
            double mmd2, energy2;
            compare_mmd2(a, x, b, y, d, 1.3, &mmd2);
            compare_energy2(a, x, b, y, d, &energy2);
            near(mmd2, kernel_sum(a, x, a, x, 1, 0) + kernel_sum(b, y, b, y, 1, 0) - 2 * kernel_sum(a, x, b, y, 0, 0),
                 0, 1e-14);
            near(energy2,
                 2 * kernel_sum(a, x, b, y, 0, 1) - kernel_sum(a, x, a, x, 1, 1) - kernel_sum(b, y, b, y, 1, 1), 0,
                 1e-13);
        }
    }
    core_isa_force(best);
}

static void kernel_identities(void **state) {
    /* law: scaling by 2.385, 1e-160 and 1e160 (bandwidth too) changes MMD^2 not and energy in proportion */
    (void)state;
    static const double scales[] = {2.385, 1e-160, 1e160};
    double mmd2, energy2, found;
    compare_mmd2(n, x, m, y, d, 1.1, &mmd2);
    compare_energy2(n, x, m, y, d, &energy2);
    for (size_t s = 0; s < 3; s++) {
        double *xs = core_alloc(n, d * sizeof *xs), *ys = core_alloc(m, d * sizeof *ys);
        for (size_t i = 0; i < n * d; i++) xs[i] = scales[s] * x[i];
        for (size_t i = 0; i < m * d; i++) ys[i] = scales[s] * y[i];
        compare_mmd2(n, xs, m, ys, d, 1.1 * scales[s], &found);
        near(found, mmd2, 0, 1e-14);
        compare_energy2(n, xs, m, ys, d, &found);
        near(found / scales[s], energy2, 1e-12, 0);
        core_free(xs);
        core_free(ys);
    }
}

static void sliced_against_reference(void **state) {
    /* value: sliced W2 on 50 given directions, 100 against 150 points */
    (void)state;
    size_t a, b, count, dim;
    double *u = table("w_n100m150_d5_x.csv", &a, &dim), *v = table("w_n100m150_d5_y.csv", &b, &dim), found, back, se;
    double *directions = table("sliced_dirs_50x5.csv", &count, &dim);
    assert_int_equal(compare_sliced(a, u, b, v, dim, count, directions, &found, &se), CORE_OK);
    compare_sliced(b, v, a, u, dim, count, directions, &back, NULL);
    near(found, reference_number(reference, "cases[id=sliced_fixed].expect.SW2"), 1e-11, 0);
    near(back, found, 1e-13, 0);
    assert_true(se > 0 && se < 0.2 * found);
    free(u);
    free(v);
    free(directions);
}

static void sliced_identities(void **state) {
    /* law: translation by v on axis directions is |v_k|, offset 1e9, scale, permuted rows; dimension 1 is plain W2 */
    (void)state;
    double axes[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1}, found, moved, one = 1, line;
    double *z = core_alloc(n, d * sizeof *z);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < d; k++) z[i * d + k] = x[(11 * i + 5) % n * d + k] + (double)(k + 1);
    }
    compare_sliced(n, x, n, z, d, 3, axes, &found, NULL);
    near(found, sqrt(14.0 / 3), 1e-12, 0);
    compare_sliced(n, x, m, y, d, 3, axes, &found, NULL);
    for (size_t i = 0; i < n * d; i++) z[i] = 1e-160 * x[i];
    double *w = core_alloc(m, d * sizeof *w);
    for (size_t i = 0; i < m * d; i++) w[i] = 1e-160 * y[i];
    compare_sliced(n, z, m, w, d, 3, axes, &moved, NULL);
    near(moved, 1e-160 * found, 1e-13, 0);
    for (size_t i = 0; i < n * d; i++) z[i] = x[i] + 1e9;
    for (size_t i = 0; i < m * d; i++) w[i] = y[i] + 1e9;
    compare_sliced(n, z, m, w, d, 3, axes, &moved, NULL);
    near(moved, found, 1e-6, 0);
    compare_sliced(n, x, m, y, 1, 1, &one, &found, NULL);
    compare_wasserstein_1d(n, x, m, y, 2, &line);
    near(found, line, 1e-14, 0);
    core_free(z);
    core_free(w);
}

static void directions_are_uniform(void **state) {
    /* chance: 4000 directions in dimension 5 are unit vectors; coordinate means within 5 standard errors of 0, squares
     * of 1/5 (false alarm below 1e-5); the first ones do not depend on how many are drawn */
    (void)state;
    enum { COUNT = 4000, DIMENSION = 5 };
    double *directions = core_alloc(COUNT, DIMENSION * sizeof(double)), few[2 * DIMENSION], one;
    assert_int_equal(compare_directions(COUNT, DIMENSION, 20, directions), CORE_OK);
    compare_directions(2, DIMENSION, 20, few);
    assert_memory_equal(few, directions, sizeof few);
    for (size_t k = 0; k < DIMENSION; k++) {
        double mean = 0, square = 0;
        for (size_t l = 0; l < COUNT; l++) {
            double c = directions[l * DIMENSION + k];
            mean += c / COUNT;
            square += c * c / COUNT;
        }
        near(mean, 0, 0, 5 * sqrt(0.2 / COUNT));
        near(square, 0.2, 0, 5 * sqrt((3.0 / 35 - 0.04) / COUNT));
    }
    for (size_t l = 0; l < COUNT; l++) {
        double norm = 0;
        for (size_t k = 0; k < DIMENSION; k++) norm += pow(directions[l * DIMENSION + k], 2);
        near(norm, 1, 1e-14, 0);
    }
    compare_directions(1, 1, 5, &one);
    assert_true(one == 1);
    assert_int_equal(compare_directions(1, 0, 5, &one), CORE_BAD_INPUT);
    core_free(directions);
}

static void bad_input(void **state) {
    /* law: too few rows, NaN, infinities, a bandwidth or direction of no use are refused with a sentence */
    (void)state;
    double a[] = {1, 2, 3, 4}, bad[] = {1, 2, NAN, 4}, out, one[] = {1, 0};
    assert_int_equal(compare_mmd2(1, a, 2, a, 2, 1, &out), CORE_BAD_INPUT);
    assert_int_equal(compare_mmd2(2, a, 2, a, 2, 0, &out), CORE_BAD_INPUT);
    assert_int_equal(compare_mmd2(2, a, 2, a, 2, NAN, &out), CORE_BAD_INPUT);
    assert_int_equal(compare_mmd2(2, a, 2, bad, 2, 1, &out), CORE_BAD_INPUT);
    assert_int_equal(compare_energy2(2, a, 1, a, 2, &out), CORE_BAD_INPUT);
    assert_int_equal(compare_energy2(2, a, 2, a, 0, &out), CORE_BAD_INPUT);
    assert_int_equal(compare_median_distance(0, a, 2, a, 2, 5, &out), CORE_BAD_INPUT);
    assert_int_equal(compare_median_distance(2, a, 2, a, 2, 0, &out), CORE_BAD_INPUT);
    assert_int_equal(compare_sliced(2, a, 2, bad, 2, 1, one, &out, NULL), CORE_BAD_INPUT);
    assert_int_equal(compare_sliced(2, a, 2, a, 2, 0, one, &out, NULL), CORE_BAD_INPUT);
    assert_int_equal(compare_sliced(0, a, 2, a, 2, 1, one, &out, NULL), CORE_BAD_INPUT);
}

static enum core_status call(int which, double *out) {
    double one[] = {1, 0, 0};
    if (which == 0) return compare_mmd2(n, x, m, y, d, 1, out);
    if (which == 1) return compare_energy2(n, x, m, y, d, out);
    if (which == 2) return compare_median_distance(n, x, m, y, d, 9, out);
    return compare_sliced(n, x, m, y, d, 1, one, out, NULL);
}

static void failing_allocator(void **state) {
    /* law: whichever allocation fails, the answer is CORE_NO_MEMORY and nothing is lost */
    (void)state;
    for (int which = 0; which < 4; which++) {
        size_t live = core_alloc_live(), k = 1;
        enum core_status status = CORE_NO_MEMORY;
        for (double out; status != CORE_OK; k++) {
            core_alloc_fail_at(k);
            status = call(which, &out);
            core_alloc_fail_at(0);
            assert_true(status == CORE_OK || status == CORE_NO_MEMORY);
            assert_int_equal(core_alloc_live(), live);
        }
        assert_true(k > 4);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exponential_in_lanes),
        cmocka_unit_test(mmd_against_reference),
        cmocka_unit_test(median_against_reference),
        cmocka_unit_test(median_of_duplicates),
        cmocka_unit_test(energy_against_reference),
        cmocka_unit_test(against_plain_loops),
        cmocka_unit_test(kernel_identities),
        cmocka_unit_test(sliced_against_reference),
        cmocka_unit_test(sliced_identities),
        cmocka_unit_test(directions_are_uniform),
        cmocka_unit_test(bad_input),
        cmocka_unit_test(failing_allocator),
    };
    reference = reference_load("tests/reference/compare.json");
    x = table("mmd_x.csv", &n, &d);
    y = table("mmd_y.csv", &m, &d);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(x);
    free(y);
    free(reference);
    return failed;
}
