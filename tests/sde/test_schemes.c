/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The schemes: measured strong and weak orders against those that the table claims, and stationary laws. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/driving.h"

/* ---- Geometric Brownian motion: dX = -mu X dt + sigma X dW ---- */

static const double MU = 0.385, SIGMA = 0.7;

static void gbm_loss(const struct core_landscape *land, const double x[], double loss[], double scratch[]) {
    (void)scratch;
    for (size_t j = 0; j < land->lanes; j++) loss[j] = MU * x[j] * x[j] / 2;
}

static void gbm_gradient(const struct core_landscape *land, const double x[], double gradient[], double scratch[]) {
    (void)scratch;
    for (size_t j = 0; j < land->lanes; j++) gradient[j] = MU * x[j];
}

static void gbm_noisy(const struct core_landscape *land, const double x[], double drift, const double scale[],
                      const double z[], double out[], double scratch[]) {
    (void)scratch;
    for (size_t j = 0; j < land->lanes; j++) out[j] = drift * MU * x[j] + SIGMA * x[j] * z[j] * scale[j];
}

static const struct core_landscape_methods gbm_methods = {
    .loss = gbm_loss, .gradient = gbm_gradient, .noisy_gradient = gbm_noisy};
static const struct core_landscape gbm = {
    .name = "geometric", .dimension = 1, .lanes = CORE_LANES, .noise_width = 1, .methods = &gbm_methods};

/* W(1) of paths r .. r + 7, whose run has m substeps: the sum of the very draws that the stepper makes. */
static void brownian(uint64_t seed, size_t r, size_t m, double w[CORE_LANES]) {
    double z[CORE_LANES] __attribute__((aligned(64)));
    struct core_stream stream = {.seed = seed, .path = r, .purpose = CORE_PURPOSE_NOISE};
    for (size_t j = 0; j < CORE_LANES; j++) w[j] = 0;
    for (; stream.step < m; stream.step++) {
        core_random_normal(&stream, CORE_LANES, 1, z);
        for (size_t j = 0; j < CORE_LANES; j++) w[j] -= z[j] / sqrt((double)m); /* the noise is subtracted */
    }
}

/* The least-squares slope of log error against log h over 5 halvings. */
static double slope(const double error[5]) {
    double sum = 0;
    for (int i = 0; i < 5; i++) sum += (i - 2) * log2(error[i]);
    return -sum / 10;
}

/* Strong (E |X - exact|) and weak (|E X^2 - E exact^2|, paired) error at time 1 of m substeps. */
static void error_of(enum sde_scheme scheme, size_t m, size_t replicas, double *strong, double *weak) {
    double start = 1.385, drift = scheme == SDE_SCHEME_HEUN ? MU : MU + SIGMA * SIGMA / 2, w[CORE_LANES];
    struct sde_settings settings = driving_settings(SDE_NOISE_GAUSSIAN, 1, m);
    size_t one = 1;
    settings.covariance = SDE_COVARIANCE_SGD;
    settings.scheme = scheme;
    struct core_stepper *stepper = driving_create(&gbm, &settings, 71);
    struct core_ensemble *e = stepping_run(stepper, &start, 1, &one, replicas);
    *strong = 0, *weak = 0;
    for (size_t r = 0; r < replicas; r++) {
        if (r % CORE_LANES == 0) brownian(71, r, m, w);
        double exact = start * exp(-drift + SIGMA * w[r % CORE_LANES]), x = e->parameters[r];
        *strong += fabs(x - exact) / (double)replicas;
        *weak += (x * x - exact * exact) / (double)replicas;
    }
    *weak = fabs(*weak);
    core_ensemble_free(e);
    sde_free(stepper);
}

static void test_orders(void **state) {
    /* order: in geometric Brownian motion, read in each scheme's sense, the strong order over h = 1/32 ... 1/512 (4000
     * paths) is within 0.12 of the claim and the weak order of the second moment over h = 1/4 ... 1/64 (40000 paths)
     * within 0.2; seed 71 */
    (void)state;
    for (size_t i = 0; sde_scheme_choice(i) != NULL; i++) {
        double strong[5], weak[5], strong_claim, weak_claim, unused;
        sde_scheme_orders(i, &strong_claim, &weak_claim);
        for (size_t k = 0; k < 5; k++) {
            error_of((enum sde_scheme)i, (size_t)32 << k, 4000, &strong[k], &unused);
            error_of((enum sde_scheme)i, (size_t)4 << k, 40000, &unused, &weak[k]);
        }
        print_message("%s: strong %.2f, weak %.2f\n", sde_scheme_choice(i)->name, slope(strong), slope(weak));
        assert_true(fabs(slope(strong) - strong_claim) < 0.12);
        assert_true(fabs(slope(weak) - weak_claim) < 0.2);
    }
}

static void test_additive_orders(void **state) {
    /* order: with additive noise in a harmonic well a step is x <- a x + b z; a and b are read off steps with and
     * without noise, and the moments at time 1 follow exactly: weak order 2 for heun, 1 for euler-maruyama, of mean and
     * variance, within 0.1 over five step sizes. Tamed steps are not linear, and left to the other test. */
    (void)state;
    double k = 1.385, eta = 1;
    struct core_landscape *land = driving_well(1, k);
    const enum sde_scheme schemes[] = {SDE_SCHEME_EULER_MARUYAMA, SDE_SCHEME_HEUN};
    for (size_t s = 0; s < 2; s++) {
        double mean[5], variance[5];
        for (size_t i = 0; i < 5; i++) {
            size_t m = (size_t)8 << i;
            struct sde_settings settings = driving_settings(SDE_NOISE_GAUSSIAN, eta / (double)m, 1);
            settings.scheme = schemes[s];
            settings.scale = sqrt((double)m); /* the noise of dW over a step: sqrt(h) z */
            struct core_stepper *noisy = driving_create(land, &settings, 72);
            struct stepping_block block = stepping_block_create(noisy, 0.5);
            for (size_t j = 0; j < land->lanes; j++) block.x[j] = j == 0 ? 1 : 0;
            stepping_block_step(noisy, &block, 0, eta / (double)m);
            double z[CORE_LANES] __attribute__((aligned(64)));
            struct core_stream stream = {.seed = 72, .purpose = CORE_PURPOSE_NOISE};
            core_random_normal(&stream, CORE_LANES, 1, z);
            double b = -block.x[1] / z[1], a = block.x[0] + b * z[0], power = pow(a, (double)m);
            mean[i] = fabs(power - exp(-k));
            variance[i] = fabs(b * b * (1 - power * power) / (1 - a * a) - (1 - exp(-2 * k)) / (2 * k));
            stepping_block_free(&block);
            sde_free(noisy);
        }
        double claim = schemes[s] == SDE_SCHEME_HEUN ? 2 : 1;
        print_message("%s: mean %.2f, variance %.2f\n", sde_scheme_choice(schemes[s])->name, slope(mean),
                      slope(variance));
        assert_true(fabs(slope(mean) - claim) < 0.15);
        assert_true(fabs(slope(variance) - claim) < 0.15);
    }
    core_landscape_free(land);
}

/* ---- Superlinear drift ---- */

/* The stationary distribution function of 1 / (pi (1 - x^2 + x^4)), by Simpson's rule on the arctangent's scale. */
static double cauchy_quartic(double x) {
    enum { N = 400 };
    double end = atan(x), step = end / N, sum = 0;
    for (int i = 0; i <= N; i++) {
        double t = tan(step * i), density = (1 + t * t) / (acos(-1) * (1 - t * t + t * t * t * t));
        sum += density * (i == 0 || i == N ? 1 : i % 2 ? 4 : 2);
    }
    return 0.5 + sum * step / 3;
}

/* Far jumps are no divergence here: only what is not finite. */
static struct core_ensemble *run_far(const struct core_stepper *stepper, const double start[], size_t steps,
                                     size_t replicas) {
    struct core_ensemble *e;
    struct core_ensemble_settings settings = {.steps = steps,
                                              .replicas = replicas,
                                              .start = {start, 0},
                                              .record_count = 1,
                                              .record_steps = &steps,
                                              .ceiling = (double)INFINITY,
                                              .threads = 2};
    assert_int_equal(core_ensemble_create(replicas, 1, 1, 0, &e), CORE_OK);
    assert_int_equal(core_ensemble_run(stepper, &settings, e, 0), CORE_OK);
    return e;
}

static void test_cauchy_quartic(void **state) {
    /* chance: Cauchy noise in L = x^4 / 4 with tamed steps of 0.002 for 3 time units: Kolmogorov's distance to the
     * bimodal law below 0.026 = 2.69 / sqrt(N) (false alarm 1e-6) + 0.007 for the slow return of tamed steps from far
     * jumps; the centre is a dip: fewer within 0.3 of 0 than within 0.3 of 1/sqrt(2); Euler-Maruyama diverges; 20000
     * replicas, seed 73 */
    (void)state;
    enum { R = 20000 };
    struct core_landscape *land;
    assert_int_equal(core_landscape_create(&(struct core_potential){.name = "quartic"}, &land), CORE_OK);
    struct sde_settings settings = driving_settings(SDE_NOISE_STABLE, 0.002, 1);
    settings.alpha = 1;
    settings.temperature = 2; /* A step is rate sqrt(T/2) X, X Cauchy */
    settings.scheme = SDE_SCHEME_TAMED;
    struct core_stepper *stepper = driving_create(land, &settings, 73);
    double start = 0.385, distance = 0;
    size_t steps = 1500, centre = 0, mode = 0;
    struct core_ensemble *e = run_far(stepper, &start, steps, R);
    double *x = e->parameters;
    core_sort(x, R);
    for (size_t r = 0; r < R; r++) {
        double f = cauchy_quartic(x[r]);
        distance = fmax(distance, fmax(f - (double)r / R, (double)(r + 1) / R - f));
        centre += fabs(x[r]) < 0.3;
        mode += fabs(x[r] - sqrt(0.5)) < 0.3;
    }
    print_message("Kolmogorov's distance %.4f, centre %zu, mode %zu\n", distance, centre, mode);
    assert_true(distance < 0.026);
    assert_true((double)centre < 0.85 * (double)mode);
    core_ensemble_free(e);
    sde_free(stepper);
    settings.scheme = SDE_SCHEME_EULER_MARUYAMA;
    struct core_stepper *euler = driving_create(land, &settings, 73);
    e = run_far(euler, &start, steps, 2000);
    size_t diverged = 0;
    for (size_t r = 0; r < 2000; r++) diverged += isfinite(e->diverged[r]) != 0;
    assert_true(diverged > 20);
    core_ensemble_free(e);
    sde_free(euler);
    core_landscape_free(land);
}

static void test_scheme_of_jumps(void **state) {
    /* value: samples' jumps come with Euler's scheme and the physical clock only */
    (void)state;
    static const size_t widths[] = {3, 2};
    struct core_landscape *network = stepping_network(1, widths, 13);
    struct sde_settings settings = sde_settings_default();
    settings.noise = SDE_NOISE_POISSON;
    settings.scheme = SDE_SCHEME_HEUN;
    assert_int_equal(sde_check(&settings, network), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "scheme heun with poisson noise"));
    settings.scheme = SDE_SCHEME_EULER_MARUYAMA;
    settings.clock = SDE_CLOCK_INVERSE_STABLE;
    assert_int_equal(sde_check(&settings, network), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "clock with poisson noise"));
    core_landscape_free(network);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_orders),
        cmocka_unit_test(test_additive_orders),
        cmocka_unit_test(test_cauchy_quartic),
        cmocka_unit_test(test_scheme_of_jumps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
