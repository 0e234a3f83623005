/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many samples against the null of many references. */
#include "support.h"

#include "compare/null.h"

enum { MOST = 12 };

static const struct compare_metric *all_metrics[4];

static struct compare_panel_settings settings_for(size_t dimension) {
    return (struct compare_panel_settings){.dimension = dimension,
                                           .metric_count = 4,
                                           .metrics = all_metrics,
                                           .subsample = 40,
                                           .projections = 20,
                                           .seed = 20,
                                           .threads = 1};
}

/* `count` Gaussian samples of `rows` rows; sample i is multiplied by scale[i]. */
static void make_samples(size_t count, size_t rows, size_t dimension, const double scale[], uint64_t path,
                         struct compare_sample sample[]) {
    for (size_t i = 0; i < count; i++) {
        double *x = normals(rows * dimension, path + i);
        for (size_t k = 0; scale != NULL && k < rows * dimension; k++) x[k] *= scale[i];
        sample[i] = (struct compare_sample){rows, x};
    }
}

static void free_samples(size_t count, struct compare_sample sample[]) {
    for (size_t i = 0; i < count; i++) core_free((void *)(uintptr_t)sample[i].values);
}

/* *positive: by the estimate that is never negative. */
static double pair_distance(const struct compare_panel_settings *settings, size_t metric, size_t rows, const double *x,
                            const double *y, double bandwidth, double *positive) {
    size_t few = rows < settings->subsample ? rows : settings->subsample, d = settings->dimension;
    double out = NAN, directions[20 * 8];
    compare_directions(20, d, settings->seed, directions);
    if (metric == 0) compare_sliced(rows, x, rows, y, d, d == 1 ? 1 : 20, directions, &out, NULL);
    if (metric == 1) compare_wasserstein_2(few, d, x, y, &out, NULL, NULL);
    *positive = out;
    if (metric == 2) compare_mmd2_both(few, x, few, y, d, bandwidth, &out, positive);
    if (metric == 3) compare_energy2_both(few, x, few, y, d, &out, positive);
    return out;
}

static void panel_is_its_pairs(void **state) {
    /* law: two roads: a panel's numbers are those of the functions of one pair, in dimensions 3 and 1; the second model
     * has fewer rows, so its null is computed at that size */
    (void)state;
    for (size_t d = 1; d <= 3; d += 2) {
        struct compare_sample s[6];
        struct compare_row rows[8];
        struct compare_panel_settings settings = settings_for(d);
        double bandwidth, scale[] = {1, 1, 1, 1, 1.2, 0.9};
        make_samples(6, 70, d, scale, 100, s);
        s[5].rows = 31;
        assert_int_equal(compare_panel(&settings, 4, s, 2, s + 4, rows, &bandwidth), CORE_OK);
        for (size_t k = 0; k < 4; k++) {
            for (size_t model = 0; model < 2; model++) {
                double null[6], to[4], positive_null[6], positive_to[4];
                size_t at = 0, n = s[4 + model].rows;
                for (size_t a = 0; a < 4; a++) {
                    to[a] =
                        pair_distance(&settings, k, n, s[4 + model].values, s[a].values, bandwidth, &positive_to[a]);
                    for (size_t b = a + 1; b < 4; b++) {
                        null[at] =
                            pair_distance(&settings, k, n, s[a].values, s[b].values, bandwidth, &positive_null[at]);
                        at++;
                    }
                }
                struct compare_null own = {null, to}, positive = {positive_null, positive_to};
                struct compare_row wanted = compare_row_of(4, &own, &positive, all_metrics[k]->squared);
                const struct compare_row *found = &rows[k * 2 + model];
                near(found->value, wanted.value, 1e-10, 1e-14);
                near(found->null_mean, wanted.null_mean, 1e-10, 1e-14);
                near(found->null_sd, wanted.null_sd, 1e-9, 1e-14);
                near(found->z, wanted.z, 1e-8, 1e-12);
                near(found->p, wanted.p, 1e-8, 1e-12);
                near(found->excess, wanted.excess, 1e-9, 1e-13);
            }
        }
        free_samples(6, s);
    }
}

static void row_by_hand(void **state) {
    /* value: three references at D = 1, 2, 4 and a model at 5, 6, 7: d_j = 1.5, 2.5, 3; N = 7/3; A = 4 * 7/12, so
     * Var(V - N) = (4/3) (7/3); additive D_ij = a_i + a_j gives A = Var a exactly */
    (void)state;
    double null[] = {1, 2, 4}, to[] = {5, 6, 7};
    struct compare_null own = {null, to};
    struct compare_row row = compare_row_of(3, &own, NULL, 0);
    near(row.value, 6, 1e-15, 0);
    near(row.null_mean, 7.0 / 3, 1e-15, 0);
    near(row.null_sd, sqrt(7.0 / 3), 1e-14, 0);
    near(row.ratio, 18.0 / 7, 1e-14, 0);
    near(row.z, (6 - 7.0 / 3) / sqrt(4.0 / 3 * 7.0 / 3), 1e-14, 0);
    /* logarithms in units of ln 2: 0, 1, 2, so d_j = 1/2, 1, 3/2, N = 1, A = 4 * 1/4 and Var = 4/3 */
    double z = (log(210) / log(2) / 3 - 1) / sqrt(4.0 / 3);
    near(row.p, 0.5 - z / (2 * sqrt(2 + z * z)), 1e-12, 0); /* t with 2 degrees of freedom */
    near(row.excess, 110.0 / 3 - 7, 1e-14, 0);
    null[0] = 0; /* no logarithm: z itself; d_j = 1, 2, 3, N = 2, A = 4 * 1 */
    row = compare_row_of(3, &own, NULL, 0);
    z = (6 - 2) / sqrt(4.0 / 3 * 4);
    near(row.z, z, 1e-14, 0);
    near(row.p, 0.5 - z / (2 * sqrt(2 + z * z)), 1e-12, 0);
    null[0] = 1;
    near(compare_row_of(3, &own, NULL, 1).excess, 6 - 7.0 / 3, 1e-14, 0);
    double a[] = {0.3, 2.385, 1.1, 0.7, 1.9}, sums[10], centre = 0, variance = 0;
    for (size_t i = 0, at = 0; i < 5; i++) {
        for (size_t j = i + 1; j < 5; j++) sums[at++] = 1 + a[i] + a[j];
        centre += a[i] / 5;
    }
    for (size_t i = 0; i < 5; i++) variance += pow(a[i] - centre, 2) / 4;
    double five[] = {9, 9, 9, 9, 9};
    struct compare_null additive = {sums, five};
    row = compare_row_of(5, &additive, NULL, 0);
    near(row.z, (9 - row.null_mean) / sqrt(1.2 * variance), 1e-13, 0);
}

static void two_references(void **state) {
    /* value: with one pair in the null z and p are NaN, the rest is not; no model, no rows */
    (void)state;
    struct compare_sample s[3];
    struct compare_row rows[4];
    struct compare_panel_settings settings = settings_for(2);
    make_samples(3, 30, 2, NULL, 200, s);
    assert_int_equal(compare_panel(&settings, 2, s, 1, s + 2, rows, NULL), CORE_OK);
    for (size_t k = 0; k < 4; k++) {
        assert_true(isnan(rows[k].z) && isnan(rows[k].p));
        assert_true(isfinite(rows[k].value) && isfinite(rows[k].null_mean) && isfinite(rows[k].excess));
    }
    assert_int_equal(compare_panel(&settings, 2, s, 0, NULL, rows, NULL), CORE_OK);
    free_samples(3, s);
}

static void far_and_near_models(void **state) {
    /* chance: a model of twice the scale is found by every metric (p < 1e-3); one more reference is not (p > 1e-3;
     * false alarm about 1 %); gradient descent, all rows equal, works and is found; so does a reference set of equal
     * rows */
    (void)state;
    struct compare_sample s[MOST];
    struct compare_row rows[12];
    struct compare_panel_settings settings = settings_for(3);
    double scale[] = {1, 1, 1, 1, 1, 1, 2, 1, 0}, bandwidth;
    make_samples(9, 60, 3, scale, 300, s);
    assert_int_equal(compare_panel(&settings, 6, s, 3, s + 6, rows, &bandwidth), CORE_OK);
    for (size_t k = 0; k < 4; k++) {
        assert_true(rows[3 * k].p < 1e-3 && rows[3 * k].excess > 0);
        assert_true(rows[3 * k + 1].p > 1e-3);
        assert_true(rows[3 * k + 2].p < 2e-3 && rows[3 * k + 2].z > 10);
    }
    free_samples(6, s);
    for (size_t i = 0; i < 6; i++) s[i].values = s[8].values;
    assert_int_equal(compare_panel(&settings, 6, s, 3, s + 6, rows, &bandwidth), CORE_OK);
    assert_true(bandwidth == 1);
    for (size_t k = 0; k < 4; k++) {
        assert_true(rows[3 * k].value > 0 && isfinite(rows[3 * k].value) && isnan(rows[3 * k].z));
        near(rows[3 * k + 2].value, 0, 0, 1e-15);
    }
    free_samples(3, s + 6);
}

static void diverged_samples(void **state) {
    /* law: a model with fewer than two rows gets NaN, the others what they get without it; references without rows: all
     * NaN */
    (void)state;
    struct compare_sample s[6];
    struct compare_row with[8], without[4];
    struct compare_panel_settings settings = settings_for(2);
    make_samples(6, 50, 2, NULL, 400, s);
    s[4].rows = 1;
    assert_int_equal(compare_panel(&settings, 4, s, 2, s + 4, with, NULL), CORE_OK);
    assert_int_equal(compare_panel(&settings, 4, s, 1, s + 5, without, NULL), CORE_OK);
    for (size_t k = 0; k < 4; k++) {
        assert_true(isnan(with[2 * k].value) && isnan(with[2 * k].p) && isnan(with[2 * k].ratio));
        assert_memory_equal(&with[2 * k + 1], &without[k], sizeof without[k]);
    }
    s[2].rows = 0;
    assert_int_equal(compare_panel(&settings, 4, s, 2, s + 4, with, NULL), CORE_OK);
    for (size_t i = 0; i < 8; i++) assert_true(isnan(with[i].value));
    free_samples(6, s);
}

static void threads_leave_the_bits(void **state) {
    /* law: 1, 2 and 7 threads give the same bits, panel and fraction */
    (void)state;
    struct compare_sample s[8];
    struct compare_row rows[3][12];
    struct compare_fraction out[3][2];
    double scale[] = {1, 1, 1, 1, 1, 2, 1.1, 1.3};
    make_samples(8, 80, 4, scale, 500, s);
    for (size_t t = 0; t < 3; t++) {
        struct compare_panel_settings settings = settings_for(4);
        settings.threads = t == 0 ? 1 : t == 1 ? 2 : 7;
        assert_int_equal(compare_panel(&settings, 5, s, 3, s + 5, rows[t], NULL), CORE_OK);
        assert_int_equal(compare_explained(&settings, 5, s, s + 5, 2, s + 6, out[t]), CORE_OK);
        assert_memory_equal(rows[t], rows[0], sizeof rows[0]);
        assert_memory_equal(out[t], out[0], sizeof out[0]);
    }
    free_samples(8, s);
}

static void w1_on_the_line(void **state) {
    /* value: the metric w1 is compare_wasserstein_1d with p = 1, and refused beyond one dimension */
    (void)state;
    struct compare_sample s[4];
    struct compare_row row;
    const struct compare_metric *metric = compare_metric_find("w1");
    struct compare_panel_settings settings = settings_for(1);
    settings.metric_count = 1;
    settings.metrics = &metric;
    make_samples(4, 90, 1, NULL, 600, s);
    assert_int_equal(compare_panel(&settings, 3, s, 1, s + 3, &row, NULL), CORE_OK);
    double value = 0, one;
    for (size_t a = 0; a < 3; a++) {
        compare_wasserstein_1d(90, s[3].values, 90, s[a].values, 1, &one);
        value += one / 3;
    }
    near(row.value, value, 1e-13, 0);
    settings.dimension = 2;
    assert_int_equal(compare_panel(&settings, 3, s, 1, s + 3, &row, NULL), CORE_BAD_INPUT);
    free_samples(4, s);
}

/* Rejections of one metric at 5 % and at 1 % and p < 1/2, by `panels` panels of `references` and one more of their law.
 */
static void count_rejections(size_t d, size_t references, size_t panels, size_t out[4][3]) {
    struct compare_panel_settings settings = settings_for(d);
    for (size_t k = 0; k < 4; k++) out[k][0] = out[k][1] = out[k][2] = 0;
    for (uint64_t trial = 0; trial < panels; trial++) {
        struct compare_sample s[9];
        struct compare_row rows[4];
        make_samples(references + 1, 40, d, NULL, 10000 + 9 * trial, s);
        assert_int_equal(compare_panel(&settings, references, s, 1, s + references, rows, NULL), CORE_OK);
        for (size_t k = 0; k < 4; k++) {
            out[k][0] += rows[k].p < 0.05;
            out[k][1] += rows[k].p < 0.01;
            out[k][2] += rows[k].p < 0.5;
        }
        free_samples(references + 1, s);
    }
}

static void level_under_the_null(void **state) {
    /* chance: panels of 8 references and one more of their law, n = 40, in three dimensions and one, and of 4: a 5 %
     * test rejects between 2.5 and 9.5 %, a 1 % test at most 4 %, p < 1/2 in 37 to 56 % (measured levels 4.4 to 7.1 %,
     * 0.7 to 2.4 %, standard errors 1.1 %, 0.7 %, 2.5 %: false alarm about 1e-3 each at most). Without the logarithms
     * mmd and energy reject in 9 to 10 % and 4 to 5 %. */
    (void)state;
    static const struct { size_t d, references; } cases[] = {{3, 8}, {1, 8}, {1, 4}};
    enum { PANELS = 500 };
    for (size_t c = 0; c < 3; c++) {
        size_t rejected[4][3];
        count_rejections(cases[c].d, cases[c].references, PANELS, rejected);
        for (size_t k = 0; k < 4; k++) {
            assert_in_range(rejected[k][0], PANELS * 25 / 1000, PANELS * 95 / 1000);
            assert_in_range(rejected[k][1], 0, PANELS * 40 / 1000);
            assert_in_range(rejected[k][2], PANELS * 37 / 100, PANELS * 56 / 100);
        }
    }
}

static void fraction_of_known_models(void **state) {
    /* chance: the naive model itself explains 0 exactly, one more reference about 1, a model between about its share:
     * SW_2 between N(0, s^2 I) and N(0, I) is |s - 1|, so s = 1.4 against a naive 1.8 leaves a quarter (4 standard
     * errors) */
    (void)state;
    struct compare_sample s[9];
    struct compare_fraction out[4];
    struct compare_panel_settings settings = settings_for(3);
    double scale[] = {1, 1, 1, 1, 1, 1.8, 1.8, 1, 1.4};
    make_samples(9, 1024, 3, scale, 700, s);
    free_samples(1, s + 6);
    s[6] = s[5];
    assert_int_equal(compare_explained(&settings, 5, s, s + 5, 3, s + 6, out), CORE_OK);
    near(out[0].value, 0, 0, 1e-15);
    near(out[0].low, 0, 0, 1e-15);
    near(out[1].value, 1, 0, 0.01);
    near(out[2].value, 0.75, 0, 0.06);
    for (size_t i = 1; i < 3; i++) {
        assert_true(out[i].low < out[i].value && out[i].value < out[i].high);
        assert_true(out[i].high - out[i].low < 0.2);
    }
    assert_true(out[2].low < 0.75 && 0.75 < out[2].high);
    s[7].rows = 1;
    s[8].rows = 500;
    assert_int_equal(compare_explained(&settings, 5, s, s + 5, 3, s + 6, out), CORE_OK);
    assert_true(isnan(out[1].value) && isnan(out[1].low));
    near(out[2].value, 0.75, 0, 0.09);
    assert_int_equal(compare_explained(&settings, 5, s, s + 4, 1, s + 8, out),
                     CORE_OK); /* naive = a reference: no excess */
    free_samples(6, s);
    free_samples(2, s + 7);
}

static void bad_input(void **state) {
    /* law: one reference, dimension 0, nothing to project on, NaN rows are refused; unknown metrics are not found */
    (void)state;
    double nan[] = {1, NAN, 2, 2}, good[] = {1, 2, 3, 4.5};
    struct compare_sample s[] = {{2, good}, {2, good}, {2, good}, {2, nan}};
    struct compare_row rows[4];
    struct compare_fraction out;
    struct compare_panel_settings settings = settings_for(2);
    assert_int_equal(compare_panel(&settings, 1, s, 1, s + 2, rows, NULL), CORE_BAD_INPUT);
    assert_int_equal(compare_panel(&settings, 2, s, 1, s + 3, rows, NULL), CORE_BAD_INPUT);
    assert_int_equal(compare_explained(&settings, 2, s, s + 3, 1, s + 2, &out), CORE_BAD_INPUT);
    assert_int_equal(compare_explained(&settings, 1, s, s + 2, 1, s + 2, &out), CORE_BAD_INPUT);
    settings.projections = 0;
    assert_int_equal(compare_panel(&settings, 2, s, 1, s + 2, rows, NULL), CORE_BAD_INPUT);
    assert_int_equal(compare_explained(&settings, 2, s, s + 2, 1, s + 2, &out), CORE_BAD_INPUT);
    settings = settings_for(0);
    assert_int_equal(compare_panel(&settings, 2, s, 1, s + 2, rows, NULL), CORE_BAD_INPUT);
    settings = settings_for(2);
    settings.subsample = 1;
    assert_int_equal(compare_panel(&settings, 2, s, 1, s + 2, rows, NULL), CORE_BAD_INPUT);
    assert_null(compare_metric_find("w3"));
    assert_null(compare_metric_find(NULL));
}

static void failing_allocator(void **state) {
    /* law: whichever allocation fails, panel and fraction say CORE_NO_MEMORY and nothing is lost */
    (void)state;
    for (size_t d = 1; d <= 2; d++) {
        struct compare_sample s[5];
        struct compare_row rows[4];
        struct compare_fraction out;
        double scale[] = {1, 1, 1, 2, 1.5};
        struct compare_panel_settings settings = settings_for(d);
        make_samples(5, 33, d, scale, 800, s);
        size_t live = core_alloc_live(), k[2] = {1, 1};
        for (int which = 0; which < 2; which++) {
            for (enum core_status status = CORE_NO_MEMORY; status != CORE_OK; k[which]++) {
                core_alloc_fail_at(k[which]);
                status = which == 0 ? compare_panel(&settings, 3, s, 1, s + 4, rows, NULL)
                                    : compare_explained(&settings, 3, s, s + 3, 1, s + 4, &out);
                core_alloc_fail_at(0);
                assert_true(status == CORE_OK || status == CORE_NO_MEMORY);
                assert_int_equal(core_alloc_live(), live);
            }
            assert_true(k[which] > 15);
        }
        free_samples(5, s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(panel_is_its_pairs),       cmocka_unit_test(row_by_hand),
        cmocka_unit_test(two_references),           cmocka_unit_test(far_and_near_models),
        cmocka_unit_test(diverged_samples),         cmocka_unit_test(threads_leave_the_bits),
        cmocka_unit_test(w1_on_the_line),           cmocka_unit_test(level_under_the_null),
        cmocka_unit_test(fraction_of_known_models), cmocka_unit_test(bad_input),
        cmocka_unit_test(failing_allocator),
    };
    static const char *const names[] = {"sliced-w2", "w2", "mmd", "energy"};
    for (size_t k = 0; k < 4; k++) all_metrics[k] = compare_metric_find(names[k]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
