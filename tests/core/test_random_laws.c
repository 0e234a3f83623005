/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The laws of the random numbers. The seed is fixed, so each test has one outcome; the stated rate is the chance that a
 * correct generator with another seed would fail it. Together the rates of this file stay below 1e-6. */
#include "tests/core/random_laws.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { STEPS = 62500, PER_STEP = 2, N = STEPS * PER_STEP * CORE_LANES }; /* 1e6 draws */
static const double pi = 3.14159265358979323846;

/* Two false alarms in 1e8 for a statistic that is standard normal when all is well. */
static const double z_limit = 5.61;
static const double p_limit = 2e-8;

static const struct core_stream base = {.seed = 20250607, .path = 0xfffffffb, .purpose = CORE_PURPOSE_TEST};

/* N draws: two for each of eight paths (the 2^32 carry among them) at each of 62500 steps. */
static double *sample(draw_law draw, struct core_stream stream) {
    double *x = core_alloc(N, sizeof *x);
    for (size_t i = 0; i < STEPS; i++) {
        stream.step = i;
        draw(&stream, CORE_LANES, PER_STEP, x + i * PER_STEP * CORE_LANES);
    }
    return x;
}

/* The chi-square probability of counts whose expected numbers are given; bins below 10 expected are merged. */
static double chi_square(const double counts[], const double expected[], size_t bins) {
    double chi = 0, c = 0, e = 0;
    size_t used = 0;
    for (size_t i = 0; i < bins; i++) {
        c += counts[i], e += expected[i];
        if (e < 10 && i + 1 < bins) continue;
        if (e > 0) chi += (c - e) * (c - e) / e, used++;
        c = e = 0;
    }
    return gsl_cdf_chisq_Q(chi, (double)used - 1);
}

/* Distribution functions of both tails: P(X <= x) and P(X > x). */
struct continuous {
    const char *name;
    draw_law draw;
    double (*below)(double), (*above)(double);
};

static double uniform_below(double x) {
    return x;
}
static double uniform_above(double x) {
    return 1 - x;
}
static double exponential_below(double x) {
    return -expm1(-x);
}
static double exponential_above(double x) {
    return exp(-x);
}
static double cauchy_below(double x) {
    return gsl_cdf_cauchy_P(x, 1);
}
static double cauchy_above(double x) {
    return gsl_cdf_cauchy_Q(x, 1);
}
static double gauss_below(double x) {
    return gsl_cdf_gaussian_P(x, sqrt(2));
}
static double gauss_above(double x) {
    return gsl_cdf_gaussian_Q(x, sqrt(2));
}
/* Positive stable of index 1/2 is 1/(2 Z^2). */
static double half_below(double x) {
    return erfc(0.5 / sqrt(x));
}
static double half_above(double x) {
    return erf(0.5 / sqrt(x));
}
static void half(const struct core_stream *s, size_t width, size_t count, double out[]) {
    core_random_positive_stable(s, 0.5, width, count, out);
}

static void continuous_laws_have_their_distribution(void **state) {
    /* chance: N = 1e6 a law, chi-square of 1000 equal bins and of bins halving into both tails; 6 x 2 x 2e-8 */
    (void)state;
    static const struct continuous laws[] = {
        {"uniform", core_random_uniform, uniform_below, uniform_above},
        {"normal", core_random_normal, gsl_cdf_ugaussian_P, gsl_cdf_ugaussian_Q},
        {"exponential", core_random_exponential, exponential_below, exponential_above},
        {"stable 1", law_stable_cauchy, cauchy_below, cauchy_above},
        {"stable 2", law_stable_gauss, gauss_below, gauss_above},
        {"positive stable 1/2", half, half_below, half_above},
    };
    enum { BINS = 1000, HALVINGS = 24 };
    for (size_t l = 0; l < sizeof laws / sizeof *laws; l++) {
        double equal[BINS] = {0}, tails[2 * HALVINGS] = {0}, each[BINS], halving[2 * HALVINGS];
        double *x = sample(laws[l].draw, base);
        for (size_t i = 0; i < N; i++) {
            double below = laws[l].below(x[i]), above = laws[l].above(x[i]), tail = fmin(below, above);
            int bin = tail > 0 ? (int)(-log2(tail)) - 1 : HALVINGS;
            equal[(int)fmin(below * BINS, BINS - 1)]++;
            bin = bin < HALVINGS ? bin : HALVINGS - 1;
            tails[below < above ? HALVINGS - 1 - bin : HALVINGS + bin]++;
        }
        for (int i = 0; i < BINS; i++) each[i] = (double)N / BINS;
        for (int i = 0; i < HALVINGS; i++) {
            double expected = (double)N * exp2(i + 1 < HALVINGS ? -i - 2 : -i - 1);
            halving[HALVINGS + i] = halving[HALVINGS - 1 - i] = expected;
        }
        double p = chi_square(equal, each, BINS), q = chi_square(tails, halving, (size_t)2 * HALVINGS);
        core_free(x);
        if (!(p > p_limit && q > p_limit)) fail_msg("%s: p = %g, tails %g", laws[l].name, p, q);
    }
}

/* (mean of f - expected) in standard errors. */
static double z_score(double sum, double mean, double variance) {
    return (sum / N - mean) / sqrt(variance / N);
}

static void symmetric(const struct core_stream *s, double alpha, size_t width, size_t count, double out[]) {
    core_random_stable(s, alpha, width, count, out);
}

/* sqrt(2 A) z, A positive alpha/2-stable: the elliptical construction of the same law. */
static void mixture(const struct core_stream *s, double alpha, size_t width, size_t count, double out[]) {
    double a[PER_STEP * CORE_LANES] __attribute__((aligned(64)));
    struct core_stream clock = *s;
    clock.purpose = CORE_PURPOSE_MIXTURE;
    core_random_positive_stable(&clock, alpha / 2, width, count, a);
    core_random_normal(s, width, count, out);
    for (size_t i = 0; i < width * count; i++) out[i] *= sqrt(2 * a[i]);
}

static void stable_laws_have_their_characteristic_function(void **state) {
    /* chance: N = 1e6, cos(t X) against exp(-t^alpha) at 4 t, by both constructions, and the sign; 7 x 5 x 2e-8 */
    (void)state;
    static const struct {
        void (*draw)(const struct core_stream *, double, size_t, size_t, double[]);
        double alpha;
    } cases[] = {{symmetric, 0.6}, {symmetric, 0.9999}, {symmetric, 1.7}, {symmetric, 1.999},
                 {mixture, 0.6},   {mixture, 1.0},      {mixture, 1.7}};
    static const double t[] = {0.03, 0.41, 1.13, 2.385};
    double x[PER_STEP * CORE_LANES] __attribute__((aligned(64)));
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const double alpha = cases[c].alpha;
        double sum[4] = {0}, signs = 0;
        struct core_stream s = base;
        for (s.step = 0; s.step < STEPS; s.step++) {
            cases[c].draw(&s, alpha, CORE_LANES, PER_STEP, x);
            for (int i = 0; i < PER_STEP * CORE_LANES; i++) {
                for (int k = 0; k < 4; k++) sum[k] += cos(t[k] * x[i]);
                signs += x[i] > 0 ? 1 : -1;
            }
        }
        assert_true(fabs(z_score(signs, 0, 1)) < z_limit);
        for (int k = 0; k < 4; k++) {
            double mean = exp(-pow(t[k], alpha)), variance = (1 + exp(-pow(2 * t[k], alpha))) / 2 - mean * mean;
            double z = z_score(sum[k], mean, variance);
            if (!(fabs(z) < z_limit)) fail_msg("alpha %g, t %g: z = %g", alpha, t[k], z);
        }
    }
}

static void stable_tails_have_their_weight(void **state) {
    /* chance: N = 1e6, P(|X| > x) = 2/pi Gamma(alpha) sin(pi alpha/2) x^-alpha where it is 1e-4 [nolan2020];
     * the next term of the series is below 1e-3 of it, a hundredth of the statistical error; 2 x 2e-8 */
    (void)state;
    static const struct {
        draw_law draw;
        double alpha;
    } cases[] = {{law_stable, 1.7}, {law_stable_heavy, 0.6}};
    for (size_t c = 0; c < 2; c++) {
        double constant = 2 / pi * tgamma(cases[c].alpha) * sin(pi * cases[c].alpha / 2), beyond = 0;
        double threshold = pow(constant / 1e-4, 1 / cases[c].alpha), *x = sample(cases[c].draw, base);
        for (size_t i = 0; i < N; i++) beyond += fabs(x[i]) > threshold;
        core_free(x);
        assert_true(fabs(z_score(beyond, 1e-4, 1e-4)) < 6.2); /* 100 counts: the Poisson law's skewness allowed for */
    }
}

static void positive_stable_laws_have_their_laplace_transform(void **state) {
    /* chance: N = 1e6, exp(-s A) against exp(-s^a) at 4 s; 3 x 4 x 2e-8 */
    (void)state;
    static const double indices[] = {0.3, 0.85, 0.999}, s[] = {0.07, 0.52, 1.1, 3.3};
    double x[PER_STEP * CORE_LANES] __attribute__((aligned(64)));
    for (size_t c = 0; c < 3; c++) {
        double sum[4] = {0}, a = indices[c];
        struct core_stream stream = base;
        for (stream.step = 0; stream.step < STEPS; stream.step++) {
            core_random_positive_stable(&stream, a, CORE_LANES, PER_STEP, x);
            for (int i = 0; i < PER_STEP * CORE_LANES; i++) {
                for (int k = 0; k < 4; k++) sum[k] += exp(-s[k] * x[i]);
            }
        }
        for (int k = 0; k < 4; k++) {
            double mean = exp(-pow(s[k], a)), variance = exp(-pow(2 * s[k], a)) - mean * mean;
            double z = z_score(sum[k], mean, variance);
            if (!(fabs(z) < z_limit)) fail_msg("a %g, s %g: z = %g", a, s[k], z);
        }
    }
}

static void integers_have_their_probabilities(void **state) {
    /* chance: N = 1e6, chi-square of Poisson counts (4 means) and of indices (2 bounds); 5 x 2e-8 */
    (void)state;
    enum { VALUES = 8000 };
    static const struct {
        draw_law draw;
        double mean, bound; /* of a Poisson law, or of an index whose values are put into 100 bins */
    } cases[] = {{law_poisson_rare, 0.04, 0},
                 {law_poisson, 3.7, 0},
                 {law_poisson_many, 5123.4, 0},
                 {law_index, 0, 100},
                 {law_index_long, 0, 4000000007.0}};
    double *counts = core_alloc(VALUES, sizeof *counts), *expected = core_alloc(VALUES, sizeof *expected);
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        /* a Poisson table is made once: law_poisson() would make it at every step */
        double *x = core_alloc(N, sizeof *x);
        cases[c].draw(&base, CORE_LANES, N / CORE_LANES, x);
        for (int n = 0; n < VALUES; n++) {
            counts[n] = 0;
            expected[n] =
                cases[c].bound > 0 ? (n < 100 ? N / 100.0 : 0) : N * gsl_ran_poisson_pdf((unsigned)n, cases[c].mean);
        }
        for (size_t i = 0; i < N; i++) {
            assert_true(x[i] >= 0 && x[i] < (cases[c].bound > 0 ? cases[c].bound : VALUES));
            counts[cases[c].bound > 0 ? (size_t)(x[i] * 100 / cases[c].bound) : (size_t)x[i]]++;
        }
        core_free(x);
        double p = chi_square(counts, expected, cases[c].bound > 0 ? 100 : VALUES);
        if (!(p > p_limit)) fail_msg("case %zu: p = %g", c, p);
    }
    core_free(counts);
    core_free(expected);
}

static void normal_moments(void **state) {
    /* chance: N = 1e6, moments 1 to 6 in standard errors; 6 x 2e-8 */
    (void)state;
    static const double moment[13] = {1, 0, 1, 0, 3, 0, 15, 0, 105, 0, 945, 0, 10395};
    double *x = sample(core_random_normal, base), sum[7] = {0};
    for (size_t i = 0; i < N; i++) {
        double power = 1;
        for (int k = 1; k <= 6; k++) sum[k] += power *= x[i];
    }
    core_free(x);
    for (int k = 1; k <= 6; k++) {
        assert_true(fabs(z_score(sum[k], moment[k], moment[2 * k] - moment[k] * moment[k])) < z_limit);
    }
}

/* The correlation of x with y, and of their squares, in standard errors, whichever is larger. */
static double dependence(const double x[], const double y[], size_t count) {
    double first = 0, second = 0;
    for (size_t i = 0; i < count; i++) {
        first += x[i] * y[i];
        second += (x[i] * x[i] - 1) * (y[i] * y[i] - 1) / 2;
    }
    return fmax(fabs(first), fabs(second)) / sqrt((double)count);
}

static void streams_are_independent(void **state) {
    /* chance: 1e6 pairs of normals across seeds, purposes, steps, paths, draws: correlation of values and of squares
     * (the latter's larger kurtosis is allowed for by 6.5); 6 x 2 x 2e-8 */
    (void)state;
    struct core_stream other = base;
    double *x = sample(core_random_normal, base), *y;
    other.seed ^= 1;
    y = sample(core_random_normal, other);
    assert_true(dependence(x, y, N) < 6.5);
    core_free(y);
    other = base;
    other.purpose = CORE_PURPOSE_RESAMPLE;
    y = sample(core_random_normal, other);
    assert_true(dependence(x, y, N) < 6.5);
    core_free(y);
    other = base;
    other.path += 1ull << 32;
    y = sample(core_random_normal, other);
    assert_true(dependence(x, y, N) < 6.5);
    core_free(y);
    /* in the array: a lane and the next, the two draws of a block, a step and the next */
    assert_true(dependence(x, x + 1, N - 1) < 6.5);
    assert_true(dependence(x, x + CORE_LANES, N - CORE_LANES) < 6.5);
    assert_true(dependence(x, x + 2 * (size_t)CORE_LANES, N - 2 * (size_t)CORE_LANES) < 6.5);
    core_free(x);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(continuous_laws_have_their_distribution),
        cmocka_unit_test(stable_laws_have_their_characteristic_function),
        cmocka_unit_test(stable_tails_have_their_weight),
        cmocka_unit_test(positive_stable_laws_have_their_laplace_transform),
        cmocka_unit_test(integers_have_their_probabilities),
        cmocka_unit_test(normal_moments),
        cmocka_unit_test(streams_are_independent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
