/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Generated and standardised data. */
#include "core/linalg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dln/networks.h"

static const double singular[] = {2.385, 1.1, 0.25};

static struct dln_data_settings settings(void) {
    return (struct dln_data_settings){
        .samples = 57, .inputs = 5, .outputs = 4, .dof = 3, .singular_count = 3, .singular_values = singular};
}

/* moments (b, a) = sum over samples of y x^T / n. */
static void moments(size_t n, size_t a, const double x[], size_t b, const double y[], double out[]) {
    memset(out, 0, a * b * sizeof *out);
    for (size_t m = 0; m < n; m++) {
        for (size_t i = 0; i < a * b; i++) out[i] += y[m * b + i / a] * x[m * a + i % a] / (double)n;
    }
}

static void whitened_inputs_are_white(void **state) {
    /* law: X X^T / n = I to 1e-14, for both laws, also with as many samples as inputs */
    (void)state;
    static const size_t samples[] = {57, 5, 1000};
    for (size_t k = 0; k < 6; k++) {
        struct dln_data_settings s = settings();
        struct dln_data data;
        double second[25], identity[25];
        s.samples = samples[k / 2];
        s.law = k % 2 ? DLN_INPUT_STUDENT_T : DLN_INPUT_GAUSSIAN;
        s.whiten = 1;
        assert_int_equal(dln_data_generate(&s, 40 + k, &data), CORE_OK);
        moments(s.samples, 5, data.x, 5, data.x, second);
        for (size_t i = 0; i < 25; i++) identity[i] = i % 6 == 0;
        assert_true(apart(25, second, identity) < 1e-14);
        dln_data_free(&data);
    }
}

static void teacher_has_its_singular_values(void **state) {
    /* law: without label noise, Syx Sxx^+ = T, whose singular values are those asked for */
    (void)state;
    for (uint64_t seed = 0; seed < 8; seed++) {
        struct dln_data_settings s = settings();
        struct dln_data data;
        double teacher[20], got[4];
        s.whiten = 1;
        assert_int_equal(dln_data_generate(&s, seed, &data), CORE_OK);
        moments(s.samples, 5, data.x, 4, data.y, teacher);
        assert_int_equal(core_svd(4, 5, teacher, got, NULL, NULL), CORE_OK);
        assert_true(agree("singular", 3, got, singular, 1e-14) && got[3] < 1e-14);
        dln_data_free(&data);
    }
}

static void data_are_a_function_of_the_seed(void **state) {
    /* law: same seed, same bits; more samples add rows; another noise leaves the inputs; another seed changes all */
    (void)state;
    struct dln_data_settings s = settings();
    double covariance[] = {1, 0.2, 3.5, 0, 0.01};
    struct dln_data first, again, longer, noisy, other;
    s.law = DLN_INPUT_STUDENT_T;
    assert_int_equal(dln_data_generate(&s, 11, &first), CORE_OK);
    assert_int_equal(dln_data_generate(&s, 11, &again), CORE_OK);
    assert_memory_equal(first.x, again.x, 57 * 5 * sizeof(double));
    assert_memory_equal(first.y, again.y, 57 * 4 * sizeof(double));
    s.samples = 90;
    assert_int_equal(dln_data_generate(&s, 11, &longer), CORE_OK);
    assert_memory_equal(first.x, longer.x, 57 * 5 * sizeof(double));
    assert_memory_equal(first.y, longer.y, 57 * 4 * sizeof(double));
    s.label_noise = 0.5;
    s.covariance_count = 5;
    s.covariance = covariance;
    assert_int_equal(dln_data_generate(&s, 11, &noisy), CORE_OK);
    for (size_t i = 0; i < 90 * 5; i++) assert_true(noisy.x[i] == longer.x[i] * sqrt(covariance[i % 5]));
    assert_int_equal(dln_data_generate(&s, 12, &other), CORE_OK);
    for (size_t i = 0; i < 90 * 4; i++) assert_true(noisy.y[i] != other.y[i] && noisy.y[i] != longer.y[i]);
    struct dln_data *all[] = {&first, &again, &longer, &noisy, &other};
    for (size_t i = 0; i < 5; i++) dln_data_free(all[i]);
    assert_null(first.x);
    dln_data_free(NULL);
}

/* ---- Chance ---- */

static int ascending(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double normal_cdf(double x) {
    return 0.5 * erfc(-x / sqrt(2.0));
}

static double student3_cdf(double x) {
    double r = x / sqrt(3.0);
    return 0.5 + (atan(r) + r / (1 + r * r)) / 3.14159265358979324;
}

static double cauchy_cdf(double x) {
    return 0.5 + atan(x) / 3.14159265358979324;
}

/* The Kolmogorov-Smirnov statistic of `count` values against a distribution, times sqrt(count). */
static double kolmogorov(size_t count, double values[], double (*cdf)(double)) {
    double most = 0, n = (double)count;
    qsort(values, count, sizeof *values, ascending);
    for (size_t i = 0; i < count; i++) {
        double p = cdf(values[i]);
        most = fmax(most, fmax(p - (double)i / n, ((double)i + 1) / n - p));
    }
    return most * sqrt(n);
}

static void inputs_and_noise_follow_their_laws(void **state) {
    /* chance: Kolmogorov-Smirnov on 20000 draws, seed 20260, false alarm below 1e-6 each (statistic above 2.7) */
    (void)state;
    static const struct {
        enum dln_input_law law;
        double dof;
        double (*cdf)(double);
    } laws[] = {{DLN_INPUT_GAUSSIAN, 0, normal_cdf},
                {DLN_INPUT_STUDENT_T, 3, student3_cdf},
                {DLN_INPUT_STUDENT_T, 1, cauchy_cdf}};
    for (size_t k = 0; k < 3; k++) {
        struct dln_data_settings s = {.samples = 4000, .inputs = 5, .outputs = 5, .label_noise = 0.3};
        struct dln_data data;
        s.law = laws[k].law;
        s.dof = laws[k].dof;
        assert_int_equal(dln_data_generate(&s, 20260, &data), CORE_OK);
        assert_true(kolmogorov(20000, data.x, laws[k].cdf) < 2.7);
        for (size_t i = 0; i < 20000; i++) data.y[i] /= 0.3;
        assert_true(kolmogorov(20000, data.y, normal_cdf) < 2.7);
        dln_data_free(&data);
    }
}

static void frames_are_orthonormal_and_uniform(void **state) {
    /* chance: Q^T Q = I to 1e-15; 4000 frames, seeds 0 to 3999: mean of Q_ij is 0 and of Q_ij^2 is 1/rows, and entries
     * of two columns do not correlate, 6 standard errors each (false alarm about 4e-9 x 50) */
    (void)state;
    enum { ROWS = 5, COLUMNS = 3, ENTRIES = ROWS * COLUMNS, FRAMES = 4000 };
    double mean[ENTRIES] = {0}, square[ENTRIES] = {0}, mixed[ROWS] = {0};
    for (uint64_t seed = 0; seed < FRAMES; seed++) {
        struct core_stream stream = {.seed = seed, .purpose = CORE_PURPOSE_TEST};
        double q[ENTRIES];
        assert_int_equal(dln_random_orthonormal(&stream, ROWS, COLUMNS, q), CORE_OK);
        for (size_t a = 0; a < COLUMNS * COLUMNS; a++) {
            double dot = 0;
            for (size_t i = 0; i < ROWS; i++) dot += q[i * COLUMNS + a / COLUMNS] * q[i * COLUMNS + a % COLUMNS];
            assert_true(fabs(dot - (a % (COLUMNS + 1) == 0)) < 2e-15);
        }
        for (size_t i = 0; i < ENTRIES; i++) mean[i] += q[i] / FRAMES, square[i] += q[i] * q[i] / FRAMES;
        for (size_t i = 0; i < ROWS; i++) mixed[i] += q[i * COLUMNS] * q[i * COLUMNS + 1] / FRAMES;
    }
    /* E Q^4 = 3 / (r (r + 2)), E Q_a^2 Q_b^2 <= 1 / r^2 */
    double r = ROWS, spread = sqrt(3 / (r * (r + 2)) - 1 / (r * r));
    for (size_t i = 0; i < ENTRIES; i++) {
        assert_true(fabs(mean[i]) < 6 / sqrt(r * FRAMES));
        assert_true(fabs(square[i] - 1 / r) < 6 * spread / sqrt(FRAMES));
    }
    for (size_t i = 0; i < ROWS; i++) assert_true(fabs(mixed[i]) < 6 / (r * sqrt(FRAMES)));
}

/* ---- Standardised columns ---- */

static void standardised_columns(void **state) {
    /* law: mean 0, mean square 1, whatever the shift and scale; value: two rows become -1 and 1 */
    (void)state;
    double values[30 * 3], two[] = {5, 2.385, 4, 9.5};
    test_normal(4, 90, values);
    for (size_t i = 0; i < 90; i++)
        values[i] = values[i] * pow(10, (double)(i % 3) * 3 - 3) + (i % 3 == 1 ? 2385 : -0.5);
    assert_int_equal(dln_data_standardise(30, 3, values), CORE_OK);
    for (size_t j = 0; j < 3; j++) {
        double mean = 0, square = 0;
        for (size_t i = 0; i < 30; i++)
            mean += values[i * 3 + j] / 30, square += values[i * 3 + j] * values[i * 3 + j] / 30;
        assert_true(fabs(mean) < 1e-12 && fabs(square - 1) < 1e-14);
    }
    assert_int_equal(dln_data_standardise(2, 2, two), CORE_OK);
    double expected[] = {1, -1, -1, 1};
    assert_true(apart(4, two, expected) < 1e-15);
}

static void columns_that_cannot_be_standardised(void **state) {
    /* value: constant columns, however rounded, one row, and entries that are no numbers */
    (void)state;
    double constant[] = {1, 0.1, 2, 0.1, 4, 0.1}, missing[] = {1, 2, 3, NAN}, huge[] = {1e300, -1e300};
    assert_int_equal(dln_data_standardise(3, 2, constant), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "column 2"));
    assert_int_equal(dln_data_standardise(1, 2, constant), CORE_BAD_INPUT);
    assert_int_equal(dln_data_standardise(2, 2, missing), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "row 2 of column 2"));
    assert_int_equal(dln_data_standardise(2, 1, huge), CORE_BAD_INPUT);
    assert_int_equal(dln_data_standardise(0, 0, huge), CORE_OK);
}

/* ---- Errors ---- */

static void unfit_settings_are_refused(void **state) {
    /* value: each gives its sentence and no data */
    (void)state;
    double bad_values[] = {1, -1, 2}, nan_values[] = {1, 2, NAN}, covariance[] = {1, 1, 1, 1, -1e-9};
    struct dln_data_settings s[16];
    static const char *const says[] = {"0 samples",          "0 inputs",           "0 outputs",
                                       "degrees of freedom", "degrees of freedom", "3 entries for 5",
                                       "choose one",         "4 samples",          "entry 5",
                                       "at most 4",          "singular value 2",   "singular value 3",
                                       "label noise",        "label noise",        "exceed every number",
                                       "law number"};
    for (size_t i = 0; i < 16; i++) s[i] = settings();
    s[0].samples = s[1].inputs = s[2].outputs = 0;
    s[3].law = s[4].law = s[14].law = DLN_INPUT_STUDENT_T;
    s[3].dof = 0, s[4].dof = NAN, s[14].dof = 1e-3;
    s[5].covariance_count = 3, s[6].covariance_count = s[8].covariance_count = 5;
    s[5].covariance = s[6].covariance = s[8].covariance = covariance;
    s[6].whiten = s[7].whiten = 1;
    s[7].samples = 4;
    s[9].singular_count = 5;
    s[10].singular_values = bad_values, s[11].singular_values = nan_values;
    s[12].label_noise = -0.1, s[13].label_noise = INFINITY;
    s[15].law = (enum dln_input_law)7;
    size_t live = core_alloc_live();
    for (size_t i = 0; i < 16; i++) {
        struct dln_data data;
        assert_int_equal(dln_data_generate(&s[i], 1, &data), CORE_BAD_INPUT);
        assert_non_null(strstr(core_error(), says[i]));
        assert_null(data.x);
        assert_int_equal(core_alloc_live(), live);
    }
    struct dln_data_settings wild = settings(); /* so heavy a tail that one sample carries the moments */
    struct dln_data data;
    wild.law = DLN_INPUT_STUDENT_T;
    wild.dof = 0.02;
    wild.whiten = 1;
    assert_int_equal(dln_data_generate(&wild, 1, &data), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "cannot be whitened"));
}

static void no_memory_is_reported(void **state) {
    /* law: whichever allocation fails, no data and no leak */
    (void)state;
    struct dln_data_settings s = settings();
    struct dln_data data;
    s.law = DLN_INPUT_STUDENT_T;
    s.whiten = 1;
    size_t live = core_alloc_live(), k = 1;
    for (;; k++) {
        core_alloc_fail_at(k);
        enum core_status status = dln_data_generate(&s, 1, &data);
        core_alloc_fail_at(0);
        if (status == CORE_OK) break;
        assert_int_equal(status, CORE_NO_MEMORY);
        assert_int_equal(core_alloc_live(), live);
    }
    assert_true(k > 6);
    dln_data_free(&data);
    assert_int_equal(core_alloc_live(), live);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whitened_inputs_are_white),
        cmocka_unit_test(teacher_has_its_singular_values),
        cmocka_unit_test(data_are_a_function_of_the_seed),
        cmocka_unit_test(inputs_and_noise_follow_their_laws),
        cmocka_unit_test(frames_are_orthonormal_and_uniform),
        cmocka_unit_test(standardised_columns),
        cmocka_unit_test(columns_that_cannot_be_standardised),
        cmocka_unit_test(unfit_settings_are_refused),
        cmocka_unit_test(no_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
