/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Extreme eigenpairs of operators given by products. */
#include "core/eigen.h"

#include "core/curvature.h"
#include "core/linalg.h"
#include "core/memory.h"
#include "core/random.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 220 };

/* A = Q diag(spectrum) Q^T with two Householder reflections as Q: dense, and its spectrum known. */
struct spectral {
    size_t n;
    double spectrum[MOST], mirror[2][MOST];
    size_t products, poisoned; /* the product that is made NaN; 0: none */
};

static void reflect(size_t n, const double mirror[], double v[]) {
    double sum = 0, square = 0;
    for (size_t i = 0; i < n; i++) {
        sum += mirror[i] * v[i];
        square += mirror[i] * mirror[i];
    }
    for (size_t i = 0; i < n; i++) v[i] -= 2 * sum / square * mirror[i];
}

static void multiply(const void *context, const double v[], double out[]) {
    struct spectral *s = (struct spectral *)(uintptr_t)context;
    memcpy(out, v, s->n * sizeof *out);
    reflect(s->n, s->mirror[0], out);
    reflect(s->n, s->mirror[1], out);
    for (size_t i = 0; i < s->n; i++) out[i] *= s->spectrum[i];
    reflect(s->n, s->mirror[1], out);
    reflect(s->n, s->mirror[0], out);
    if (++s->products == s->poisoned) out[s->n / 2] = NAN;
}

static struct spectral spectral(size_t n, uint64_t seed) {
    struct spectral s = {.n = n};
    struct core_stream stream = {.seed = seed, .purpose = CORE_PURPOSE_TEST};
    core_random_normal(&stream, 1, n, s.spectrum);
    for (uint64_t k = 0; k < 2; k++) {
        stream.path = k + 1;
        core_random_normal(&stream, 1, n, s.mirror[k]);
    }
    return s;
}

static int descending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

static double solve(struct spectral *s, enum core_end end, size_t count, double values[], double vectors[]) {
    struct core_eigen_report report;
    struct core_operator a = {s->n, multiply, s};
    s->products = 0;
    if (core_extreme_eigen(&a, end, count, values, vectors, &report) != CORE_OK) fail_msg("%s", core_error());
    assert_int_equal(report.products, s->products);
    return report.residual;
}

static void known_spectra(void **state) {
    /* law: the ends of a random spectrum, at dimensions formed and not; vectors orthonormal, residuals small */
    (void)state;
    static const size_t sizes[] = {1, 2, 7, 24, 25, 40, 61, 130, MOST};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        struct spectral s = spectral(sizes[k], 17 + k);
        double sorted[MOST], values[5], vectors[5 * MOST];
        size_t n = s.n, count = n < 5 ? n : 5;
        memcpy(sorted, s.spectrum, sizeof sorted);
        qsort(sorted, n, sizeof *sorted, descending);
        double scale = fmax(fabs(sorted[0]), fabs(sorted[n - 1]));
        for (int end = 0; end < 2; end++) {
            double residual = solve(&s, end ? CORE_END_SMALLEST : CORE_END_LARGEST, count, values, vectors);
            assert_true(residual < 1e-10 * scale);
            for (size_t i = 0; i < count; i++)
                assert_true(fabs(values[i] - sorted[end ? n - 1 - i : i]) < 1e-12 * scale);
            for (size_t i = 0; i < count; i++) {
                for (size_t j = 0; j <= i; j++) {
                    double sum = 0;
                    for (size_t m = 0; m < n; m++) sum += vectors[i * n + m] * vectors[j * n + m];
                    assert_true(fabs(sum - (i == j)) < 1e-11);
                }
            }
        }
    }
}

static void zero_at_the_end(void **state) {
    /* law: an end that is zero, many times over, beside large eigenvalues: what a non-strict saddle has */
    (void)state;
    struct spectral s = spectral(MOST, 5);
    double value[2];
    for (size_t i = 0; i < s.n; i++) s.spectrum[i] = i < 50 ? 0 : fabs(s.spectrum[i]) + 0.385;
    solve(&s, CORE_END_SMALLEST, 2, value, NULL);
    assert_true(fabs(value[0]) < 1e-12 && fabs(value[1]) < 1e-12);
    for (size_t i = 0; i < s.n; i++) s.spectrum[i] = -s.spectrum[i];
    solve(&s, CORE_END_LARGEST, 1, value, NULL);
    assert_true(fabs(value[0]) < 1e-12);
    memset(s.spectrum, 0, sizeof s.spectrum);
    assert_true(solve(&s, CORE_END_LARGEST, 2, value, NULL) == 0 && value[0] == 0 && value[1] == 0);
}

static void multiple_and_extreme_scales(void **state) {
    /* law: a value that occurs three times; spectra of size 1e-150 and 1e150 */
    (void)state;
    static const double scales[] = {1, 1e-150, 1e150};
    for (size_t k = 0; k < 3; k++) {
        struct spectral s = spectral(80, 29);
        double values[3];
        for (size_t i = 0; i < s.n; i++) s.spectrum[i] = scales[k] * (i % 30 == 7 ? 3.5 : tanh(s.spectrum[i]));
        solve(&s, CORE_END_LARGEST, 1, values, NULL);
        assert_true(fabs(values[0] / scales[k] - 3.5) < 1e-11);
    }
}

static void same_bits(void **state) {
    /* law: what was solved before leaves no trace */
    (void)state;
    struct spectral s = spectral(150, 3), other = spectral(99, 4);
    double first[2], again[2], vectors[2][2 * MOST];
    solve(&s, CORE_END_LARGEST, 2, first, vectors[0]);
    solve(&other, CORE_END_SMALLEST, 2, again, NULL);
    solve(&s, CORE_END_LARGEST, 2, again, vectors[1]);
    assert_memory_equal(first, again, sizeof first);
    assert_memory_equal(vectors[0], vectors[1], 2 * s.n * sizeof **vectors);
}

static void inertia_counts(void **state) {
    /* value: counts, threshold and gap by hand */
    (void)state;
    const double clear[] = {3.5, -2e-12, 0.07, -1.25, 0, 7e-13}, vague[] = {2, 5e-8, 1.5e-8, -1}, none[] = {0, 0};
    struct core_inertia inertia = core_inertia_of(6, clear);
    assert_true(inertia.negative == 1 && inertia.zero == 3 && inertia.positive == 2);
    assert_true(fabs(inertia.threshold - 3.5e-8) < 1e-20 && fabs(inertia.gap * 2e-12 - 0.07) < 1e-14);
    assert_false(core_inertia_doubtful(&inertia));
    inertia = core_inertia_of(4, vague);
    assert_true(inertia.negative == 1 && inertia.zero == 1 && inertia.positive == 2);
    assert_true(core_inertia_doubtful(&inertia));
    inertia = core_inertia_of(2, none);
    assert_true(inertia.zero == 2 && isinf(inertia.gap));
    assert_false(core_inertia_doubtful(&inertia));
    inertia = core_inertia_of(1, clear);
    assert_true(inertia.positive == 1 && isinf(inertia.gap));
}

static void potentials(void **state) {
    /* value: the double well: curvature 3 x^2 - 1, its gradient 6 x; inertia at the top of the barrier */
    (void)state;
    struct core_landscape *well;
    struct core_sharpness sharpness;
    struct core_inertia inertia;
    double x = 0.385, gradient;
    assert_int_equal(core_landscape_create(&(struct core_potential){.name = "double-well"}, &well), CORE_OK);
    assert_int_equal(core_point_sharpness(well, &x, &sharpness, &gradient), CORE_OK);
    assert_true(fabs(sharpness.value - (3 * x * x - 1)) < 1e-15 && fabs(gradient - 6 * x) < 1e-14);
    assert_true(isinf(sharpness.gap) && !sharpness.degenerate);
    x = 0;
    assert_int_equal(core_point_inertia(well, &x, &inertia, NULL), CORE_OK);
    assert_true(inertia.negative == 1 && inertia.zero == 0 && inertia.positive == 0);
    x = NAN;
    assert_int_equal(core_point_sharpness(well, &x, &sharpness, &gradient), CORE_OK);
    assert_true(isnan(sharpness.value) && isnan(gradient));
    core_landscape_free(well);
}

static void errors(void **state) {
    /* value: impossible counts, a product that is NaN at any moment, no memory */
    (void)state;
    struct spectral s = spectral(70, 8);
    struct core_operator a = {s.n, multiply, &s};
    double values[80];
    assert_int_equal(core_extreme_eigen(&a, CORE_END_LARGEST, 0, values, NULL, NULL), CORE_BAD_INPUT);
    assert_int_equal(core_extreme_eigen(&a, CORE_END_LARGEST, 71, values, NULL, NULL), CORE_BAD_INPUT);
    for (s.poisoned = 1; s.poisoned < 30; s.poisoned += 5) {
        s.products = 0;
        assert_int_equal(core_extreme_eigen(&a, CORE_END_LARGEST, 1, values, NULL, NULL), CORE_NUMERICAL);
        assert_non_null(strstr(core_error(), "not finite"));
    }
    s.poisoned = 0;
    for (size_t count = 1; count < 80; count += 69) { /* iterated and formed */
        size_t live = core_alloc_live();
        for (size_t k = 1;; k++) {
            core_alloc_fail_at(k);
            enum core_status status = core_extreme_eigen(&a, CORE_END_SMALLEST, count, values, NULL, NULL);
            core_alloc_fail_at(0);
            assert_int_equal(core_alloc_live(), live);
            if (status == CORE_OK) break;
            assert_int_equal(status, CORE_NO_MEMORY);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_spectra),
        cmocka_unit_test(zero_at_the_end),
        cmocka_unit_test(multiple_and_extreme_scales),
        cmocka_unit_test(same_bits),
        cmocka_unit_test(inertia_counts),
        cmocka_unit_test(potentials),
        cmocka_unit_test(errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
