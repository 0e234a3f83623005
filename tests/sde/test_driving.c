/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Driving noise: the exact covariances and laws of the driving vectors, read off paths on a flat landscape. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sde/fractional.h"
#include "support/driving.h"

static void test_coloured(void **state) {
    /* chance: covariance of every two of 9 steps, tanh(h/2 tau) rho^|j-k|, with one substep, and 0 between coordinates:
     * 54 statistics within 5.3 standard errors (false alarm 6e-6); 60000 replicas, seed 41 */
    (void)state;
    enum { STEPS = 9, R = 60000 };
    struct sde_settings settings = driving_settings(SDE_NOISE_COLOURED, 0.13, 1);
    settings.tau = 0.385;
    double rho = exp(-0.13 / 0.385), size = tanh(0.13 / 0.77);
    double *z = driving_moves(&settings, 2, STEPS, R, 41);
    for (size_t j = 0; j < STEPS; j++) {
        for (size_t k = 0; k <= j; k++)
            assert_true(driving_covariance_z(z, R, 2 * STEPS, 2 * j, 2 * k, size * pow(rho, (double)(j - k))) < 5.3);
        assert_true(driving_covariance_z(z, R, 2 * STEPS, 2 * j, 3, 0) < 5.3);
    }
    free(z);
}

static void test_coloured_slowly(void **state) {
    /* chance: with 3 substeps and a step shorter than tau, the variance of 60 steps of integrated noise is the double
     * sum of the covariances, near the Gaussian's 60; within 5 standard errors; 30000 replicas, seed 42 */
    (void)state;
    enum { STEPS = 60, M = 3, R = 30000 };
    struct sde_settings settings = driving_settings(SDE_NOISE_COLOURED, 0.05, M);
    settings.tau = 0.0619;
    double h = 0.05 / M, rho = exp(-h / settings.tau), expected = 0;
    for (int j = 0; j < STEPS * M; j++)
        for (int k = 0; k < STEPS * M; k++) expected += tanh(h / 2 / settings.tau) * pow(rho, abs(j - k)) / M;
    assert_true(fabs(expected / STEPS - 1) < 0.05);
    double *z = driving_moves(&settings, 1, STEPS, R, 42);
    for (size_t r = 0; r < R; r++)
        for (size_t k = 1; k < STEPS; k++) z[r * STEPS] += z[r * STEPS + k];
    assert_true(driving_covariance_z(z, R, STEPS, 0, 0, expected) < 5);
    free(z);
}

static void test_white_limit(void **state) {
    /* law: coloured noise with tau = 0 is Gaussian noise, bit for bit */
    (void)state;
    struct sde_settings gaussian = driving_settings(SDE_NOISE_GAUSSIAN, 0.13, 3), coloured = gaussian;
    coloured.noise = SDE_NOISE_COLOURED;
    coloured.tau = 0;
    double *a = driving_moves(&gaussian, 3, 8, 20, 43), *b = driving_moves(&coloured, 3, 8, 20, 43);
    assert_memory_equal(a, b, 20 * 8 * 3 * sizeof *a);
    free(a);
    free(b);
}

static void test_anticorrelated(void **state) {
    /* chance: an epoch of 5 steps of 3 substeps sums to zero within 1e-12; every two steps of an epoch have covariance
     * -1/4, a step has variance 1, steps of different epochs have covariance 0: 55 statistics within 5.3 standard
     * errors (false alarm 6e-6); 60000 replicas, seed 44 */
    (void)state;
    enum { E = 5, STEPS = 2 * E, R = 60000 };
    struct sde_settings settings = driving_settings(SDE_NOISE_ANTICORRELATED, 0.13, 3);
    settings.epoch = E;
    double *z = driving_moves(&settings, 1, STEPS, R, 44);
    for (size_t r = 0; r < 2 * R; r++) {
        double sum = 0;
        for (size_t k = 0; k < E; k++) sum += z[r * E + k];
        assert_true(fabs(sum) < 1e-12);
    }
    for (size_t j = 0; j < STEPS; j++) {
        for (size_t k = 0; k <= j; k++) {
            double expected = j == k ? 1 : j / E == k / E ? -1.0 / (E - 1) : 0;
            assert_true(driving_covariance_z(z, R, STEPS, j, k, expected) < 5.3);
        }
    }
    free(z);
}

static void test_epoch_of_samples(void **state) {
    /* law: without an epoch, 13 samples in batches of 4 make one of 3 steps, after which the noise of a network has
     * summed to zero: with steps so short that the drift does not feel it, the path is where it is without noise */
    (void)state;
    static const size_t widths[] = {3, 2};
    struct core_landscape *network = stepping_network(1, widths, 13);
    struct sde_settings settings = driving_settings(SDE_NOISE_ANTICORRELATED, 0.1, 2);
    settings.batch = 4;
    struct core_stepper *noisy = driving_create(network, &settings, 45);
    settings.scale = 0;
    struct core_stepper *still = driving_create(network, &settings, 45);
    struct stepping_block a = stepping_block_create(noisy, 0.5), b = stepping_block_create(still, 0.5);
    for (size_t k = 0; k < 3; k++) {
        stepping_block_step(noisy, &a, k, 1e-9);
        stepping_block_step(still, &b, k, 1e-9);
        double apart = 0;
        for (size_t i = 0; i < network->dimension * network->lanes; i++) apart = fmax(apart, fabs(a.x[i] - b.x[i]));
        assert_true(k < 2 ? apart > 1e-10 : apart < 1e-14);
    }
    stepping_block_free(&a);
    stepping_block_free(&b);
    sde_free(noisy);
    sde_free(still);
    core_landscape_free(network);
}

static void test_independent_stable(void **state) {
    /* chance: after 3 steps of 4 substeps E cos(t x) = exp(-3 |s t|^alpha), and for the sum of two coordinates
     * exp(-6 |s t|^alpha), alpha = 1.3 and 0.8: 12 means of numbers in [-1, 1] within 5 standard errors (false alarm
     * 7e-6); 100000 replicas, seed 46 */
    (void)state;
    enum { STEPS = 3, R = 100000 };
    const double alphas[] = {1.3, 0.8}, times[] = {0.2, 0.7, 1.9};
    for (size_t a = 0; a < 2; a++) {
        double alpha = alphas[a];
        double scale = alpha > 1 ? sqrt(acos(-1) / 2) / tgamma(1 - 1 / alpha) : sqrt(0.5);
        struct sde_settings settings = driving_settings(SDE_NOISE_INDEPENDENT_STABLE, 0.13, 4);
        settings.alpha = alpha;
        double *z = driving_moves(&settings, 2, STEPS, R, 46);
        for (size_t i = 0; i < 3; i++) {
            double one = 0, two = 0, power = 3 * pow(scale * times[i], alpha);
            for (size_t r = 0; r < R; r++) {
                double x = 0, y = 0;
                for (size_t k = 0; k < STEPS; k++) x += z[(r * STEPS + k) * 2], y += z[(r * STEPS + k) * 2 + 1];
                one += cos(times[i] * x) / R;
                two += cos(times[i] * (x + y)) / R;
            }
            assert_true(fabs(one - exp(-power)) < 5 * sqrt(0.5 / R));
            assert_true(fabs(two - exp(-2 * power)) < 5 * sqrt(0.5 / R));
        }
        free(z);
    }
}

static void test_alpha_two(void **state) {
    /* chance: independent-stable with alpha = 2 has the variance of Gaussian noise, within 5 standard errors; 50000
     * replicas, seed 47 */
    (void)state;
    struct sde_settings settings = driving_settings(SDE_NOISE_INDEPENDENT_STABLE, 0.13, 3);
    settings.alpha = 2;
    double *z = driving_moves(&settings, 1, 1, 50000, 47);
    assert_true(driving_covariance_z(z, 50000, 1, 0, 0, 1) < 5);
    free(z);
}

static void test_fractional(void **state) {
    /* chance: covariance at every lag of 13 numbers and between the two columns of a transform, for H = 0.2, 0.5, 0.8:
     * 104 statistics each within 5.5 standard errors (false alarm 1.2e-5 in all); 40000 paths, seed 48 */
    (void)state;
    enum { N = 13, R = 40000 };
    const double hursts[] = {0.2, 0.5, 0.8};
    double *rows = calloc(2 * N * R, sizeof *rows), *out = core_alloc(2 * N * CORE_LANES, sizeof *out);
    for (size_t i = 0; i < 3; i++) {
        struct sde_fractional *law;
        assert_int_equal(sde_fractional_create(hursts[i], N, &law), CORE_OK);
        double *scratch = core_alloc(sde_fractional_scratch(law, CORE_LANES), sizeof *scratch);
        for (size_t r = 0; r < R; r += CORE_LANES) {
            struct core_stream stream = {.seed = 48, .path = r, .purpose = CORE_PURPOSE_TEST, .step = i};
            sde_fractional_fill(law, &stream, CORE_LANES, 2, out, scratch);
            for (size_t k = 0; k < 2 * N * CORE_LANES; k++)
                rows[(r + k % CORE_LANES) * 2 * N + k / CORE_LANES] = out[k];
        }
        for (size_t j = 0; j < N; j++) {
            for (size_t k = 0; k <= j; k++) {
                double d = (double)(j - k), twice = 2 * hursts[i];
                double expected = (pow(d + 1, twice) - 2 * pow(d, twice) + pow(fabs(d - 1), twice)) / 2;
                assert_true(driving_covariance_z(rows, R, 2 * N, 2 * j, 2 * k, expected) < 5.5);
            }
            assert_true(driving_covariance_z(rows, R, 2 * N, 2 * j, 1, 0) < 5.5);
        }
        core_free(scratch);
        sde_fractional_free(law);
    }
    free(rows);
    core_free(out);
}

static void test_fractional_paths(void **state) {
    /* chance: integrated noise grows as k^H whatever the substeps: variance k^{2H} at k = 1, 4, 20 within 5 standard
     * errors, H = 0.3 and 0.75, 2 substeps, three coordinates uncorrelated; 30000 replicas, seed 49 */
    (void)state;
    enum { STEPS = 20, R = 30000 };
    const double hursts[] = {0.3, 0.75};
    for (size_t i = 0; i < 2; i++) {
        struct sde_settings settings = driving_settings(SDE_NOISE_FRACTIONAL, 0.13, 2);
        settings.hurst = hursts[i];
        settings.steps = STEPS;
        double *z = driving_moves(&settings, 3, STEPS, R, 49);
        for (size_t r = 0; r < R; r++)
            for (size_t k = 3; k < 3 * STEPS; k++) z[r * 3 * STEPS + k] += z[r * 3 * STEPS + k - 3];
        const size_t times[] = {1, 4, 20};
        for (size_t t = 0; t < 3; t++) {
            double expected = pow((double)times[t], 2 * hursts[i]);
            size_t at = 3 * (times[t] - 1);
            for (size_t c = 0; c < 3; c++) {
                assert_true(driving_covariance_z(z, R, 3 * STEPS, at + c, at + c, expected) < 5);
                assert_true(driving_covariance_z(z, R, 3 * STEPS, at + c, at + (c + 1) % 3, 0) < 5);
            }
        }
        free(z);
    }
}

static void test_stable_stationary(void **state) {
    /* chance: stable Ornstein-Uhlenbeck by Euler's scheme, x <- (1 - h l) x - h-step noise: after 12/l the scale is
     * that of the geometric sum, c (1 - |1 - h l|^alpha)^{-1/alpha}: E cos(t x) at three t within 5 standard errors;
     * elliptical and independent noise, alpha = 1.6; 60000 replicas, seed 50 */
    (void)state;
    enum { R = 60000 };
    double l = 2.385, eta = 0.1, alpha = 1.6, start = 0, keep = 1 - eta / 2 * l;
    double one = eta * sqrt(acos(-1) / 2) / tgamma(1 - 1 / alpha) * pow(2, -1 / alpha);
    double scale = one * pow(1 - pow(keep, alpha), -1 / alpha);
    size_t steps = 60;
    struct core_landscape *land = driving_well(1, l);
    for (int independent = 0; independent < 2; independent++) {
        struct sde_settings settings =
            driving_settings(independent ? SDE_NOISE_INDEPENDENT_STABLE : SDE_NOISE_STABLE, eta, 2);
        settings.alpha = alpha;
        struct core_stepper *stepper = driving_create(land, &settings, 50);
        struct core_ensemble *e = stepping_run(stepper, &start, 1, &steps, R);
        for (double t = 0.4; t < 3; t += 0.8) {
            double mean = 0;
            for (size_t r = 0; r < R; r++) mean += cos(t / scale * e->parameters[r]) / R;
            assert_true(fabs(mean - exp(-pow(t, alpha))) < 5 * sqrt(0.5 / R));
        }
        core_ensemble_free(e);
        sde_free(stepper);
    }
    core_landscape_free(land);
}

static void test_bad_settings(void **state) {
    /* value: what does not suit is refused with a sentence */
    (void)state;
    struct core_landscape *land = driving_well(2, 1);
    struct {
        struct sde_settings settings;
        enum core_status status;
        const char *says;
    } cases[10];
    for (size_t i = 0; i < 10; i++) {
        cases[i].settings = driving_settings(SDE_NOISE_GAUSSIAN, 0.1, 1);
        cases[i].settings.steps = 10;
        cases[i].status = CORE_BAD_INPUT;
    }
    cases[0].settings.noise = SDE_NOISE_COLOURED, cases[0].settings.tau = -1, cases[0].says = "tau -1";
    cases[1].settings.noise = SDE_NOISE_COLOURED, cases[1].settings.tau = NAN, cases[1].says = "tau nan";
    cases[2].settings.noise = SDE_NOISE_ANTICORRELATED, cases[2].says = "needs an epoch";
    cases[3].settings.noise = SDE_NOISE_ANTICORRELATED, cases[3].settings.epoch = 1, cases[3].says = "an epoch of 1";
    cases[4].settings.noise = SDE_NOISE_FRACTIONAL, cases[4].settings.hurst = 1, cases[4].says = "hurst 1";
    cases[5].settings.noise = SDE_NOISE_FRACTIONAL, cases[5].settings.steps = 0, cases[5].says = "needs the steps";
    cases[6].settings.noise = SDE_NOISE_FRACTIONAL, cases[6].settings.steps = (size_t)1 << 40;
    cases[6].status = CORE_NO_MEMORY, cases[6].says = "GB for each thread";
    cases[7].settings.noise = SDE_NOISE_INDEPENDENT_STABLE, cases[7].settings.alpha = 2.1, cases[7].says = "alpha 2.1";
    cases[8].settings.clock = SDE_CLOCK_INVERSE_STABLE, cases[8].settings.order = 1, cases[8].says = "order 1";
    cases[9].settings.clock = SDE_CLOCK_INVERSE_STABLE, cases[9].says = "rate that changes";
    cases[9].settings.schedule.law = CORE_SCHEDULE_INVERSE_SQRT;
    struct core_stepper *stepper;
    for (size_t i = 0; i < 10; i++) {
        assert_int_equal(sde_check(&cases[i].settings, land), cases[i].status);
        assert_int_equal(sde_create(land, &cases[i].settings, 1, &stepper), cases[i].status);
        assert_null(stepper);
        if (strstr(core_error(), cases[i].says) == NULL) fail_msg("case %zu says '%s'", i, core_error());
    }
    struct sde_fractional *law;
    assert_int_equal(sde_fractional_create(0.5, 0, &law), CORE_BAD_INPUT);
    core_landscape_free(land);
}

static void test_no_memory(void **state) {
    /* law: whichever allocation fails, a status and nothing left behind */
    (void)state;
    struct core_landscape *land = driving_well(2, 1);
    struct sde_settings settings = driving_settings(SDE_NOISE_FRACTIONAL, 0.1, 2);
    settings.steps = 9;
    size_t live = core_alloc_live(), k = 0;
    struct core_stepper *stepper = NULL;
    enum core_status status = CORE_NO_MEMORY;
    while (status == CORE_NO_MEMORY) {
        core_alloc_fail_at(++k);
        status = sde_create(land, &settings, 1, &stepper);
        core_alloc_fail_at(0);
        if (status == CORE_NO_MEMORY) assert_int_equal(core_alloc_live(), live);
    }
    assert_int_equal(status, CORE_OK);
    assert_true(k > 4);
    sde_free(stepper);
    struct sde_fractional *law = NULL;
    for (k = 0, status = CORE_NO_MEMORY; status == CORE_NO_MEMORY;) {
        core_alloc_fail_at(++k);
        status = sde_fractional_create(0.7, 9, &law);
        core_alloc_fail_at(0);
        if (status == CORE_NO_MEMORY) assert_null(law);
    }
    assert_int_equal(k, 4);
    sde_fractional_free(law);
    core_landscape_free(land);
    assert_true(core_alloc_live() < live);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_coloured),         cmocka_unit_test(test_coloured_slowly),
        cmocka_unit_test(test_white_limit),      cmocka_unit_test(test_anticorrelated),
        cmocka_unit_test(test_epoch_of_samples), cmocka_unit_test(test_independent_stable),
        cmocka_unit_test(test_alpha_two),        cmocka_unit_test(test_fractional),
        cmocka_unit_test(test_fractional_paths), cmocka_unit_test(test_stable_stationary),
        cmocka_unit_test(test_bad_settings),     cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
