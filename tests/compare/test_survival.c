/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "support.h"

static void against_reference(void **state) {
    /* value: 120 subjects with ties and censoring against R's survfit, at every event time */
    (void)state;
    size_t n, columns, rows, count, at = 0;
    double *data = table("km_data.csv", &n, &columns), time[120], t[120], s[120];
    int escaped[120];
    assert_true(n <= 120);
    for (size_t i = 0; i < n; i++) time[i] = data[i * columns], escaped[i] = data[i * columns + 1] != 0;
    assert_int_equal(compare_kaplan_meier(n, time, escaped, &count, t, s), CORE_OK);
    free(data);
    data = table("km_expected.csv", &rows, &columns);
    for (size_t i = 0; i < rows; i++) {
        const double *row = data + i * columns;
        if (row[2] == 0) continue; /* no event at this time */
        assert_true(at < count);
        near(t[at], row[0], 1e-15, 0);
        near(s[at], row[4], 1e-13, 1e-15);
        at++;
    }
    assert_int_equal(at, count);
    free(data);
}

static void edges_by_hand(void **state) {
    /* value: all censored; one subject; an event and a censoring at one time; unsorted; an event at time 0 */
    (void)state;
    static const struct {
        size_t n, count;
        double time[4];
        int escaped[4];
        double t[4], s[4];
    } cases[] = {
        {3, 0, {1, 2, 3}, {0, 0, 0}, {0}, {0}},        {1, 1, {2}, {1}, {2}, {0}},
        {3, 1, {5, 5, 5}, {1, 0, 1}, {5}, {1. / 3}},   {4, 3, {1, 1, 2, 4}, {1, 1, 1, 1}, {1, 2, 4}, {.5, .25, 0}},
        {3, 2, {3, 1, 2}, {1, 0, 1}, {2, 3}, {.5, 0}}, {2, 2, {0, 1}, {1, 7}, {0, 1}, {.5, 0}}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        size_t count;
        double t[4], s[4];
        assert_int_equal(compare_kaplan_meier(cases[c].n, cases[c].time, cases[c].escaped, &count, t, s), CORE_OK);
        assert_int_equal(count, cases[c].count);
        for (size_t i = 0; i < count; i++) {
            near(t[i], cases[c].t[i], 0, 0);
            near(s[i], cases[c].s[i], 0, 1e-15);
        }
    }
}

static void bad_input(void **state) {
    /* law: no times, NaN, infinite and negative times are refused; a failing allocator is survived */
    (void)state;
    double time[] = {1, NAN}, infinite[] = {1, INFINITY}, negative[] = {1, -2}, good[] = {1, 2}, t[2], s[2];
    int escaped[] = {1, 1};
    size_t count;
    assert_int_equal(compare_kaplan_meier(0, time, escaped, &count, t, s), CORE_BAD_INPUT);
    assert_int_equal(compare_kaplan_meier(2, time, escaped, &count, t, s), CORE_BAD_INPUT);
    assert_int_equal(compare_kaplan_meier(2, infinite, escaped, &count, t, s), CORE_BAD_INPUT);
    assert_int_equal(compare_kaplan_meier(2, negative, escaped, &count, t, s), CORE_BAD_INPUT);
    core_alloc_fail_at(1);
    assert_int_equal(compare_kaplan_meier(2, good, escaped, &count, t, s), CORE_NO_MEMORY);
    core_alloc_fail_at(0);
}

static void holm_by_hand(void **state) {
    /* value: Holm's adjustment of 0.01, 0.04, 0.03, 0.005 is 0.03, 0.06, 0.06, 0.02; NaN is left alone */
    (void)state;
    double p[] = {0.01, NAN, 0.04, 0.03, 0.005}, wanted[] = {0.03, NAN, 0.06, 0.06, 0.02}, zero[] = {0, 0.7, 0.6};
    compare_holm(5, p);
    for (size_t i = 0; i < 5; i++) {
        if (isnan(wanted[i])) {
            assert_true(isnan(p[i]));
        } else {
            near(p[i], wanted[i], 1e-14, 0);
        }
    }
    compare_holm(3, zero);
    near(zero[0], 0, 0, 0);
    near(zero[1], 1, 0, 0);
    near(zero[2], 1, 0, 0);
    compare_holm(0, NULL);
}

static char *reference;

static double expected(const char *id, const char *name) {
    char path[200];
    snprintf(path, sizeof path, "cases[id=%s].expect.%s", id, name);
    return reference_number(reference, path);
}

/* The 120 subjects: columns time, status, group, group of three, stratum. */
struct subjects {
    size_t n;
    double time[120];
    int escaped[120];
    size_t column[3][120];
};

static struct subjects subjects(void) {
    struct subjects s;
    size_t columns;
    double *data = table("km_data.csv", &s.n, &columns);
    assert_true(s.n <= 120 && columns == 5);
    for (size_t i = 0; i < s.n; i++) {
        s.time[i] = data[i * 5];
        s.escaped[i] = data[i * 5 + 1] != 0;
        for (size_t k = 0; k < 3; k++)
            s.column[k][i] = (size_t)data[i * 5 + 2 + k] - (k == 1); /* groups of three: 1 to 3 */
    }
    free(data);
    return s;
}

/* near, and undefined together. */
static void alike(double found, double wanted) {
    if (isnan(wanted)) assert_true(isnan(found));
    if (!isnan(wanted)) near(found, wanted, 1e-10, 1e-15);
}

static void curve_against_reference(void **state) {
    /* value: all fourteen columns of R's survfit, the three bands, undefined where R has NA */
    (void)state;
    struct subjects s = subjects();
    struct compare_survival_row rows[120];
    size_t count, wanted_rows, columns;
    double *wanted = table("km_expected.csv", &wanted_rows, &columns);
    for (int band = 0; band < 3; band++) {
        assert_int_equal(
            compare_survival_curve(s.n, s.time, s.escaped, (enum compare_band_kind)band, 0.95, &count, rows), CORE_OK);
        assert_int_equal(count, wanted_rows);
        for (size_t i = 0; i < count; i++) {
            const double *row = wanted + i * columns;
            const struct compare_survival_row *r = &rows[i];
            const double found[] = {r->time,     (double)r->at_risk, (double)r->events, (double)r->censored,
                                    r->survival, r->greenwood_se};
            for (size_t k = 0; k < 6; k++) alike(found[k], row[k]);
            alike(r->low, row[6 + 2 * band]);
            alike(r->high, row[7 + 2 * band]);
            alike(r->hazard, row[12]);
            alike(r->hazard_se, row[13]);
        }
    }
    free(wanted);
}

static void summaries_of_groups(void **state) {
    /* value: medians with their bands, restricted means, of two groups (R) */
    (void)state;
    struct subjects s = subjects();
    for (size_t g = 0; g < 2; g++) {
        double time[120], mean, se;
        int escaped[120];
        size_t n = 0, count;
        struct compare_survival_row rows[120];
        for (size_t i = 0; i < s.n; i++) {
            if (s.column[0][i] == g) time[n] = s.time[i], escaped[n++] = s.escaped[i];
        }
        assert_int_equal(compare_survival_curve(n, time, escaped, COMPARE_BAND_LOG, 0.95, &count, rows), CORE_OK);
        struct compare_median median = compare_survival_median(count, rows);
        compare_survival_mean(count, rows, 3, &mean, &se);
        near(median.median, expected("median_rmst", g == 0 ? "median_g0" : "median_g1"), 1e-14, 0);
        near(median.low, expected("median_rmst", g == 0 ? "median_lo_g0" : "median_lo_g1"), 1e-14, 0);
        near(median.high, expected("median_rmst", g == 0 ? "median_hi_g0" : "median_hi_g1"), 1e-14, 0);
        near(mean, expected("median_rmst", g == 0 ? "rmst3_g0" : "rmst3_g1"), 1e-10, 0);
        near(se, expected("median_rmst", g == 0 ? "rmst3_se_g0" : "rmst3_se_g1"), 1e-10, 0);
    }
}

static void logrank_against_reference(void **state) {
    /* value: two groups, three, Peto's weights, strata (R's survdiff); law: the numbers of the groups do not matter */
    (void)state;
    struct subjects s = subjects();
    struct compare_logrank out;
    double observed[3], wanted[3];
    assert_int_equal(compare_logrank(s.n, s.time, s.escaped, 2, s.column[0], NULL, 0, observed, wanted, &out), CORE_OK);
    near(out.chi2, expected("logrank", "lr2_chisq"), 1e-9, 0);
    near(out.p, expected("logrank", "lr2_p"), 1e-9, 0);
    near(observed[0], expected("logrank", "lr2_O1"), 1e-12, 0);
    near(wanted[0], expected("logrank", "lr2_E1"), 1e-12, 0);
    assert_true(out.df == 1 && out.state == COMPARE_DEFINED);
    double first = out.chi2;
    assert_int_equal(compare_logrank(s.n, s.time, s.escaped, 3, s.column[1], NULL, 0, NULL, NULL, &out), CORE_OK);
    near(out.chi2, expected("logrank", "lr3_chisq"), 1e-9, 0);
    near(out.p, expected("logrank", "lr3_p"), 1e-9, 0);
    assert_true(out.df == 2);
    assert_int_equal(compare_logrank(s.n, s.time, s.escaped, 2, s.column[0], NULL, 1, NULL, NULL, &out), CORE_OK);
    near(out.chi2, expected("logrank", "peto_rho1_chisq"), 1e-9, 0);
    assert_int_equal(compare_logrank(s.n, s.time, s.escaped, 2, s.column[0], s.column[2], 0, NULL, NULL, &out),
                     CORE_OK);
    near(out.chi2, expected("logrank", "lr2_strata_chisq"), 1e-9, 0);
    for (size_t i = 0; i < s.n; i++) s.column[0][i] = 1 - s.column[0][i];
    assert_int_equal(compare_logrank(s.n, s.time, s.escaped, 2, s.column[0], NULL, 0, NULL, NULL, &out), CORE_OK);
    near(out.chi2, first, 1e-12, 0);
}

static void fits_against_reference(void **state) {
    /* value: R's survreg and closed forms; law: time in another unit moves scales alone */
    (void)state;
    struct subjects s = subjects();
    struct compare_fit fit, scaled;
    double low, high, moved[120];
    assert_int_equal(compare_fit_exponential(s.n, s.time, s.escaped, &fit), CORE_OK);
    near(fit.first, expected("exp_weibull_mle", "exp_rate"), 1e-12, 0);
    near(fit.first_se, expected("exp_weibull_mle", "exp_se_lograte"), 1e-12, 0);
    near(fit.loglik, expected("exp_weibull_mle", "exp_loglik"), 1e-12, 0);
    near(fit.aic, expected("exp_weibull_mle", "exp_aic"), 1e-12, 0);
    assert_int_equal(compare_fit_weibull(s.n, s.time, s.escaped, &fit), CORE_OK);
    near(fit.first, expected("exp_weibull_mle", "weib_shape"), 1e-7, 0);
    near(fit.second, expected("exp_weibull_mle", "weib_scale"), 1e-7, 0);
    near(fit.loglik, expected("exp_weibull_mle", "weib_loglik"), 1e-10, 0);
    near(fit.aic, expected("exp_weibull_mle", "weib_aic"), 1e-10, 0);
    near(fit.first_se, expected("exp_weibull_mle", "weib_se_logshape"), 1e-7, 0);
    near(fit.second_se, expected("exp_weibull_mle", "weib_se_logscale"), 1e-7, 0);
    for (size_t i = 0; i < s.n; i++) moved[i] = 1e-150 * s.time[i];
    assert_int_equal(compare_fit_weibull(s.n, moved, s.escaped, &scaled), CORE_OK);
    near(scaled.first, fit.first, 1e-9, 0);
    near(scaled.second, 1e-150 * fit.second, 1e-9, 0);
    assert_int_equal(compare_fit_lognormal(s.n, s.time, s.escaped, &fit), CORE_OK);
    near(fit.first, expected("exp_weibull_mle", "lnorm_mu"), 1e-7, 0);
    near(fit.second, expected("exp_weibull_mle", "lnorm_sigma"), 1e-7, 0);
    near(fit.loglik, expected("exp_weibull_mle", "lnorm_loglik"), 1e-9, 0);
    assert_int_equal(compare_fit_pareto(s.n, s.time, s.escaped, 0.1, &fit), CORE_OK);
    near(fit.first, expected("pareto_censored_mle", "alpha"), 1e-10, 0);
    near(fit.first_se, expected("pareto_censored_mle", "se"), 1e-10, 0);
    near(fit.loglik, expected("pareto_censored_mle", "loglik"), 1e-10, 0);
    near(fit.aic, expected("pareto_censored_mle", "aic"), 1e-10, 0);
    assert_int_equal(compare_rate_interval(90, 223.5, 0.95, &low, &high), CORE_OK);
    near(low, expected("exp_rate_ci", "lo"), 1e-10, 0);
    near(high, expected("exp_rate_ci", "hi"), 1e-10, 0);
    assert_int_equal(compare_rate_interval(0, 6, 0.95, &low, &high), CORE_OK);
    near(high, -log(0.05) / 6, 1e-12, 0);
    assert_true(low == 0);
}

static void uncensored_lognormal(void **state) {
    /* value: without censoring the fit is the mean and the spread of ln t, errors s/sqrt n and s/sqrt(2 n) */
    (void)state;
    double *z = normals(50, 77), mean = 0, square = 0;
    int escaped[50];
    for (size_t i = 0; i < 50; i++) mean += z[i] / 50;
    for (size_t i = 0; i < 50; i++) square += pow(z[i] - mean, 2) / 50;
    for (size_t i = 0; i < 50; i++) escaped[i] = 1, z[i] = exp(z[i]);
    struct compare_fit fit;
    assert_int_equal(compare_fit_lognormal(50, z, escaped, &fit), CORE_OK);
    near(fit.first, mean, 1e-10, 1e-12);
    near(fit.second, sqrt(square), 1e-10, 0);
    near(fit.first_se, sqrt(square / 50), 1e-8, 0);
    near(fit.second_se, sqrt(square / 100), 1e-8, 0);
    core_free(z);
}

static void without_an_answer(void **state) {
    /* law: all censored, all events at once, an empty group, one at risk: states and NaN; medians that are not reached;
     * bad input a sentence */
    (void)state;
    double time[] = {1, 2, 3}, same[] = {2, 2, 5}, zero[] = {0, 1, 2}, bad[] = {1, INFINITY, 3}, mean, se;
    int none[] = {0, 0, 0}, all[] = {1, 1, 1}, two[] = {1, 1, 0};
    size_t group[] = {0, 0, 0}, apart[] = {0, 1, 2}, count;
    struct compare_fit fit;
    struct compare_logrank test;
    struct compare_survival_row rows[3];
    assert_int_equal(compare_fit_exponential(3, time, none, &fit), CORE_OK);
    assert_true(fit.state == COMPARE_DEGENERATE && isnan(fit.first));
    assert_int_equal(compare_fit_weibull(3, time, none, &fit), CORE_OK);
    assert_int_equal(fit.state, COMPARE_DEGENERATE);
    assert_int_equal(compare_fit_weibull(3, same, two, &fit), CORE_OK);
    assert_int_equal(fit.state, COMPARE_DEGENERATE);
    assert_int_equal(compare_fit_lognormal(3, same, two, &fit), CORE_OK);
    assert_int_equal(fit.state, COMPARE_DEGENERATE);
    assert_int_equal(compare_fit_pareto(3, time, none, 1, &fit), CORE_OK);
    assert_int_equal(fit.state, COMPARE_DEGENERATE);
    assert_int_equal(compare_fit_weibull(3, zero, all, &fit), CORE_BAD_INPUT);
    assert_int_equal(compare_fit_lognormal(3, zero, all, &fit), CORE_BAD_INPUT);
    assert_int_equal(compare_fit_pareto(3, time, all, 1.5, &fit), CORE_BAD_INPUT);
    assert_int_equal(compare_fit_pareto(3, time, all, 0, &fit), CORE_BAD_INPUT);
    assert_int_equal(compare_fit_exponential(3, bad, all, &fit), CORE_BAD_INPUT);
    assert_int_equal(compare_logrank(3, time, all, 2, group, NULL, 0, NULL, NULL, &test), CORE_OK);
    assert_true(test.state == COMPARE_DEGENERATE && isnan(test.p));
    assert_int_equal(compare_logrank(3, time, none, 3, apart, NULL, 0, NULL, NULL, &test), CORE_OK);
    assert_int_equal(test.state, COMPARE_DEGENERATE);
    assert_int_equal(compare_logrank(3, time, all, 2, apart, NULL, 0, NULL, NULL, &test), CORE_BAD_INPUT);
    assert_int_equal(compare_logrank(3, time, all, 1, group, NULL, 0, NULL, NULL, &test), CORE_BAD_INPUT);
    assert_int_equal(compare_logrank(3, time, all, 3, apart, NULL, 2, NULL, NULL, &test), CORE_BAD_INPUT);
    assert_int_equal(compare_survival_curve(3, time, none, COMPARE_BAND_LOGLOG, 0.95, &count, rows), CORE_OK);
    assert_true(count == 3 && rows[2].survival == 1 && rows[2].low == 1 && rows[2].greenwood_se == 0);
    assert_true(isnan(compare_survival_median(count, rows).median));
    compare_survival_mean(count, rows, 2.5, &mean, &se);
    assert_true(mean == 2.5 && se == 0);
    assert_int_equal(compare_survival_curve(3, time, all, COMPARE_BAND_LOGLOG, 1, &count, rows), CORE_BAD_INPUT);
    assert_int_equal(compare_rate_interval(3, 0, 0.95, &mean, &se), CORE_BAD_INPUT);
}

static void band_covers(void **state) {
    /* chance: 1000 samples of 100 exponential times with exponential censoring (30 %): the log-log band at the median
     * covers 1/2 in 93 to 97 % (.951 measured elsewhere; standard error .7 %: false alarm below .01, seed fixed) */
    (void)state;
    size_t covered = 0;
    for (uint64_t trial = 0; trial < 1000; trial++) {
        double t[200];
        int escaped[100];
        struct core_stream stream = {.seed = 5, .path = trial, .purpose = CORE_PURPOSE_TEST};
        core_random_exponential(&stream, 1, 200, t);
        for (size_t i = 0; i < 100; i++) {
            double censored = t[100 + i] / 0.43;
            escaped[i] = t[i] <= censored;
            t[i] = fmin(t[i], censored);
        }
        struct compare_survival_row rows[100], *last = NULL;
        size_t count;
        compare_survival_curve(100, t, escaped, COMPARE_BAND_LOGLOG, 0.95, &count, rows);
        for (size_t i = 0; i < count && rows[i].time <= log(2); i++) last = &rows[i];
        covered += last != NULL && last->low <= 0.5 && last->high >= 0.5;
    }
    assert_in_range(covered, 930, 970);
}

static enum core_status one_of_all(int which) {
    static const double time[] = {1, 2.385, 3, 4};
    static const int escaped[] = {1, 0, 1, 1};
    static const size_t group[] = {0, 1, 1, 0}, stratum[] = {7, 7, 2, 2};
    struct compare_fit fit;
    struct compare_logrank test;
    struct compare_survival_row rows[4];
    size_t count;
    if (which == 0) return compare_survival_curve(4, time, escaped, COMPARE_BAND_LOG, 0.9, &count, rows);
    if (which == 1) return compare_logrank(4, time, escaped, 2, group, stratum, 1, NULL, NULL, &test);
    if (which == 2) return compare_fit_weibull(4, time, escaped, &fit);
    return compare_fit_lognormal(4, time, escaped, &fit);
}

static void every_allocation(void **state) {
    /* law: whichever allocation fails, the status says so and nothing is lost */
    (void)state;
    fail_every_allocation(4, one_of_all);
}

int main(void) {
    reference = reference_load("tests/reference/compare.json");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(against_reference),
        cmocka_unit_test(edges_by_hand),
        cmocka_unit_test(bad_input),
        cmocka_unit_test(holm_by_hand),
        cmocka_unit_test(curve_against_reference),
        cmocka_unit_test(summaries_of_groups),
        cmocka_unit_test(logrank_against_reference),
        cmocka_unit_test(fits_against_reference),
        cmocka_unit_test(uncensored_lognormal),
        cmocka_unit_test(without_an_answer),
        cmocka_unit_test(band_covers),
        cmocka_unit_test(every_allocation),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(reference);
    return failed;
}
