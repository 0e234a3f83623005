/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bootstrap intervals, many tests at once, paired decisions. */
#include "support.h"

#include "core/sum.h"

static char *reference;

static double expected(const char *id, const char *name) {
    char path[200];
    snprintf(path, sizeof path, "cases[id=%s].expect.%s", id, name);
    return reference_number(reference, path);
}

/* Mean over standard deviation. */
static double ratio(const void *context, size_t n, const size_t row[]) {
    const double *x = context;
    double sum = 0, square = 0;
    for (size_t i = 0; i < n; i++) sum += x[row[i]] / (double)n;
    for (size_t i = 0; i < n; i++) square += pow(x[row[i]] - sum, 2) / (double)(n - 1);
    return sum / sqrt(square);
}

static void intervals_against_reference(void **state) {
    /* value: given resamples; bias, acceleration, percentile and corrected interval (R's boot, numpy) */
    (void)state;
    size_t n, count, one, row[40];
    double *x = table("bca_x.csv", &n, &one), *t = table("bca_t.csv", &count, &one), jackknife[40];
    assert_true(n == 40);
    for (size_t left = 0; left < n; left++) {
        for (size_t i = 0; i + 1 < n; i++) row[i] = i < left ? i : i + 1;
        jackknife[left] = ratio(x, n - 1, row);
    }
    for (size_t i = 0; i < n; i++) row[i] = i;
    struct compare_interval out;
    double value = ratio(x, n, row);
    near(value, expected("bca", "t0"), 1e-12, 0);
    assert_int_equal(compare_bootstrap_interval(value, count, t, n, jackknife, 0.95, &out), CORE_OK);
    near(out.bias, expected("bca", "z0"), 1e-8, 0);
    near(out.skewness, expected("bca", "accel"), 1e-8, 0);
    near(out.low, expected("bca", "bca[0]"), 1e-8, 0);
    near(out.high, expected("bca", "bca[1]"), 1e-8, 0);
    assert_int_equal(compare_bootstrap_interval(value, count, t, n, NULL, 0.95, &out), CORE_OK);
    near(out.low, expected("bca", "percentile[0]"), 1e-8, 0);
    near(out.high, expected("bca", "percentile[1]"), 1e-8, 0);
    assert_true(isnan(out.bias));
    free(x);
    free(t);
}

static void resampling(void **state) {
    /* chance: the corrected interval of mean/sd, gamma(2), n = 40, nominally 95 %, covers in 85 to 93 % of 400 samples
     * (.89 measured elsewhere, standard error 1.6 %: false alarm about 1 %, seed fixed); the truth is sqrt 2; law: the
     * same seed gives the same bits */
    (void)state;
    size_t covered = 0;
    struct compare_bootstrap_settings settings = compare_bootstrap_settings_default();
    settings.resamples = 499;
    for (uint64_t trial = 0; trial < 400; trial++) {
        double x[80];
        struct core_stream stream = {.seed = 8, .path = trial, .purpose = CORE_PURPOSE_TEST};
        core_random_exponential(&stream, 1, 80, x);
        for (size_t i = 0; i < 40; i++) x[i] += x[40 + i];
        struct compare_interval out, again;
        settings.seed = trial;
        assert_int_equal(compare_bootstrap(40, ratio, x, &settings, &out), CORE_OK);
        if (trial == 0) {
            assert_int_equal(compare_bootstrap(40, ratio, x, &settings, &again), CORE_OK);
            assert_true(again.low == out.low && again.high == out.high);
        }
        assert_true(out.low < out.value && out.value < out.high && out.undefined == 0);
        covered += out.low <= sqrt(2) && sqrt(2) <= out.high;
    }
    assert_in_range(covered, 340, 372);
}

static void intervals_without_an_answer(void **state) {
    /* law: equal rows have no interval; undefined resamples are left out and counted; bad input */
    (void)state;
    double same[] = {2, 2, 2, 2}, two[] = {1, 1, 1, 5};
    struct compare_bootstrap_settings settings = compare_bootstrap_settings_default();
    struct compare_interval out;
    assert_int_equal(compare_bootstrap(4, ratio, same, &settings, &out), CORE_OK);
    assert_true(out.state == COMPARE_DEGENERATE && isnan(out.low));
    settings.percentile = 1;
    assert_int_equal(compare_bootstrap(4, ratio, two, &settings, &out), CORE_OK);
    assert_true(out.state == COMPARE_DEFINED); /* infinite ratios are values */
    settings.confidence = 1;
    assert_int_equal(compare_bootstrap(4, ratio, two, &settings, &out), CORE_BAD_INPUT);
    settings.confidence = 0.9;
    assert_int_equal(compare_bootstrap(1, ratio, two, &settings, &out), CORE_BAD_INPUT);
    settings.resamples = 1;
    assert_int_equal(compare_bootstrap(4, ratio, two, &settings, &out), CORE_BAD_INPUT);
    double gone[] = {1, NAN, 2, 3, NAN}, left[] = {1, 2, 3};
    assert_int_equal(compare_bootstrap_interval(2, 5, gone, 3, left, 0.5, &out), CORE_OK);
    assert_int_equal(out.undefined, 2);
    double above[] = {3, 4, 5};
    assert_int_equal(compare_bootstrap_interval(2, 3, above, 3, left, 0.5, &out), CORE_OK);
    assert_int_equal(out.state, COMPARE_DEGENERATE);
}

static void many_tests(void **state) {
    /* value: R's p.adjust(c(.01, .02, .03, .04, .5), "BH") by hand; unsorted, ties, NaN; one test is itself */
    (void)state;
    double p[] = {0.5, 0.04, NAN, 0.01, 0.03, 0.02}, wanted[] = {0.5, 0.05, NAN, 0.05, 0.05, 0.05};
    compare_benjamini_hochberg(6, p);
    for (size_t i = 0; i < 6; i++) {
        if (isnan(wanted[i])) assert_true(isnan(p[i]));
        if (!isnan(wanted[i])) near(p[i], wanted[i], 1e-14, 0);
    }
    double few[] = {0.001, 0.2, 0.9, 0.2}, few_wanted[] = {0.004, 0.8 / 3, 0.9, 0.8 / 3}, one = 0.2385, zero[] = {0, 0};
    compare_benjamini_hochberg(4, few);
    for (size_t i = 0; i < 4; i++) near(few[i], few_wanted[i], 1e-14, 0);
    compare_benjamini_hochberg(1, &one);
    near(one, 0.2385, 0, 0);
    compare_benjamini_hochberg(2, zero);
    assert_true(zero[0] == 0 && zero[1] == 0);
}

static void paired_against_reference(void **state) {
    /* value: all 4096 sign patterns, Student's t, signs, exact signed midranks (R); law: order does not matter, scale
     * neither */
    (void)state;
    double naive[12], refined[12], d[12];
    reference_numbers(reference, "cases[id=paired_test].inputs.d_naive", 12, naive);
    reference_numbers(reference, "cases[id=paired_test].inputs.d_refined", 12, refined);
    for (int turned = 0; turned < 2; turned++) {
        struct compare_paired out;
        for (size_t i = 0; i < 12; i++) d[turned ? 11 - i : i] = (naive[i] - refined[i]) * (turned ? 1e-120 : 1);
        assert_int_equal(compare_paired_decision(12, d, 1000, 1, &out), CORE_OK);
        near(out.mean, expected("paired_test", "mean_diff") * (turned ? 1e-120 : 1), 1e-9, 0);
        assert_int_equal(out.count, (size_t)expected("paired_test", "signflip_count"));
        assert_int_equal(out.total, 4096);
        near(out.p, expected("paired_test", "signflip_p"), 1e-12, 0);
        near(out.t_p, expected("paired_test", "t_p"), 1e-9, 0);
        near(out.sign_p, expected("paired_test", "sign_p"), 1e-9, 0);
        near(out.wilcoxon_p, expected("paired_test", "wilcoxon_exact_midrank_p"), 1e-12, 0);
    }
}

static void paired_beyond_enumeration(void **state) {
    /* chance: 30 pairs by 2000 random patterns: p within five standard errors of the normal law's for a mean of two
     * standard errors; the level of a 5 % test over 400 nulls (8 to 36 rejections: false alarm 1e-3) */
    (void)state;
    double *d = normals(30, 91);
    struct compare_paired out;
    struct core_moments moments = core_moments(d, 30, 1);
    for (size_t i = 0; i < 30; i++) d[i] += 2 * sqrt(moments.variance / 30) - moments.mean;
    assert_int_equal(compare_paired_decision(30, d, 2000, 4, &out), CORE_OK);
    assert_true(!out.exhaustive && out.total == 2001);
    near(out.p, 0.0274, 0, 0.02);
    core_free(d);
    size_t rejected = 0;
    for (uint64_t trial = 0; trial < 400; trial++) {
        double *x = normals(24, 100 + trial);
        assert_int_equal(compare_paired_decision(24, x, 199, trial, &out), CORE_OK);
        rejected += out.p <= 0.05;
        core_free(x);
    }
    assert_in_range(rejected, 8, 36);
}

static void paired_without_an_answer(void **state) {
    /* law: no difference at all; zeros are left out of signs and ranks; one pair, NaN; the share above the floor */
    (void)state;
    double none[] = {0, 0, 0}, some[] = {0, 1, 2.385, 0, -0.5}, bad[] = {1, NAN};
    struct compare_paired out;
    enum compare_state answer;
    assert_int_equal(compare_paired_decision(3, none, 100, 1, &out), CORE_OK);
    assert_true(out.state == COMPARE_DEGENERATE && isnan(out.p) && out.mean == 0);
    assert_int_equal(compare_paired_decision(5, some, 100, 1, &out), CORE_OK);
    near(out.sign_p, 0.5, 1e-14, 0);      /* two of three */
    near(out.wilcoxon_p, 0.25, 1e-14, 0); /* 2 + 3 of 6: {2,3}, {1,2,3} of eight */
    assert_int_equal(compare_paired_decision(2, bad, 100, 1, &out), CORE_BAD_INPUT);
    assert_int_equal(compare_paired_decision(1, some, 100, 1, &out), CORE_BAD_INPUT);
    assert_int_equal(compare_paired_decision(5, some, 0, 1, &out), CORE_BAD_INPUT);
    near(compare_remaining(1.5, 3, 1, &answer), 0.25, 1e-15, 0);
    assert_int_equal(answer, COMPARE_DEFINED);
    assert_true(isnan(compare_remaining(1.5, 0.9, 1, &answer)) && answer == COMPARE_DEGENERATE);
}

static void failing_allocator(void **state) {
    /* law: whichever allocation fails, the status says so and nothing is lost */
    (void)state;
    double *x = normals(30, 95);
    size_t live = core_alloc_live();
    for (int which = 0; which < 2; which++) {
        enum core_status status = CORE_NO_MEMORY;
        for (size_t k = 1; status != CORE_OK; k++) {
            struct compare_bootstrap_settings settings = compare_bootstrap_settings_default();
            struct compare_interval interval;
            struct compare_paired paired;
            core_alloc_fail_at(k);
            status = which == 0 ? compare_bootstrap(30, ratio, x, &settings, &interval)
                                : compare_paired_decision(30, x, 20, 1, &paired);
            core_alloc_fail_at(0);
            assert_true(status == CORE_OK || status == CORE_NO_MEMORY);
            assert_int_equal(core_alloc_live(), live);
        }
    }
    core_free(x);
}

int main(void) {
    reference = reference_load("tests/reference/compare.json");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_against_reference), cmocka_unit_test(resampling),
        cmocka_unit_test(intervals_without_an_answer), cmocka_unit_test(many_tests),
        cmocka_unit_test(paired_against_reference),    cmocka_unit_test(paired_beyond_enumeration),
        cmocka_unit_test(paired_without_an_answer),    cmocka_unit_test(failing_allocator),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(reference);
    return failed;
}
