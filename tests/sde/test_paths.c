/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stochastic differential equations: each choice of drift, covariance and noise against what its formula says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sde/sde.h"
#include "support/stepping.h"

static const size_t DEEP[] = {4, 3, 5, 2};

static struct core_stepper *create(const struct core_landscape *land, const struct sde_settings *settings,
                                   uint64_t seed) {
    struct core_stepper *paths = NULL;
    if (sde_create(land, settings, seed, &paths) != CORE_OK) reference_missing("no paths", core_error());
    return paths;
}

static struct sde_settings settings_of(enum sde_noise noise, enum sde_covariance covariance, double batch, double rate,
                                       size_t substeps) {
    struct sde_settings settings = sde_settings_default();
    settings.noise = noise;
    settings.covariance = covariance;
    settings.batch = batch;
    settings.schedule.rate = rate;
    settings.substeps = substeps;
    settings.temperature = 0.37;
    return settings;
}

static void test_balancedness(void **state) {
    /* law: noise with SGD's covariance changes D_l by eta^2 (G_{l+1}^T G_{l+1} - G_l G_l^T) at each step, to 1e-13;
     * isotropic noise does not */
    (void)state;
    struct core_landscape *network = stepping_network(3, DEEP, 23);
    enum sde_noise noises[] = {SDE_NOISE_NONE, SDE_NOISE_GAUSSIAN, SDE_NOISE_POISSON, SDE_NOISE_STABLE};
    for (size_t i = 0; i < 5; i++) {
        enum sde_covariance covariance = i < 4 ? SDE_COVARIANCE_SGD : SDE_COVARIANCE_ISOTROPIC;
        struct sde_settings settings = settings_of(noises[i < 4 ? i : 1], covariance, 5, 0.03, 1);
        settings.alpha = 1.95;
        struct core_stepper *paths = create(network, &settings, 21);
        struct stepping_block block = stepping_block_create(paths, 0.5);
        double worst = 0;
        for (size_t k = 0; k < 25; k++) {
            stepping_block_step(paths, &block, k, 0.03);
            double error = stepping_balance_error(network, block.before, block.x, 0.03);
            worst = error > worst ? error : worst;
        }
        assert_true(i < 4 ? worst < 1e-13 : worst > 1e-3);
        stepping_block_free(&block);
        sde_free(paths);
    }
    core_landscape_free(network);
}

static void test_regression(void **state) {
    /* chance: mean and covariance of Gaussian and Poisson steps in linear regression against the exact recursion of
     * SGD, at six times, within 4 standard errors (54 statistics for each of 2 models: false alarm 6.8e-3); 80000
     * replicas, seed 5 */
    (void)state;
    char *text = reference_load("tests/reference/dln.json"), path[80];
    struct core_landscape *network = stepping_regression(text);
    double mean[3], covariance[9], start[3] = {0, 0, 0};
    size_t steps[6];
    for (size_t r = 0; r < 6; r++) {
        snprintf(path, sizeof path, "linear_regression_moments.steps[%zu].k", r);
        steps[r] = (size_t)reference_number(text, path);
    }
    for (int poisson = 0; poisson < 2; poisson++) {
        struct sde_settings settings =
            settings_of(poisson ? SDE_NOISE_POISSON : SDE_NOISE_GAUSSIAN, SDE_COVARIANCE_SGD, 2, 0.1, 1);
        struct core_stepper *paths = create(network, &settings, 5);
        struct core_ensemble *ensemble = stepping_run(paths, start, 6, steps, 80000);
        for (size_t r = 0; r < 6; r++) {
            snprintf(path, sizeof path, "linear_regression_moments.steps[%zu].mean", r);
            reference_numbers(text, path, 3, mean);
            snprintf(path, sizeof path, "linear_regression_moments.steps[%zu].cov", r);
            reference_numbers(text, path, 9, covariance);
            assert_true(stepping_moments_z(ensemble, r, mean, covariance) < 4);
        }
        core_ensemble_free(ensemble);
        sde_free(paths);
    }
    core_landscape_free(network);
    free(text);
}

static void test_substeps(void **state) {
    /* chance: with 100 substeps Gaussian and Poisson noise reach the mean and covariance of the equation's limit; the
     * weak error is O(h) ~ 1e-3 of the covariance, below its standard error; 5.1 standard errors over 36 statistics
     * each; 10000 replicas, seed 6 */
    (void)state;
    char *text = reference_load("tests/reference/dln.json"), path[80];
    struct core_landscape *network = stepping_regression(text);
    double mean[3], covariance[9], start[3] = {0, 0, 0};
    size_t steps[4];
    for (size_t r = 0; r < 4; r++) {
        snprintf(path, sizeof path, "linear_regression_moments.sde[%zu].t", r);
        steps[r] = (size_t)lround(reference_number(text, path) / 0.1);
    }
    for (int poisson = 0; poisson < 2; poisson++) {
        struct sde_settings settings =
            settings_of(poisson ? SDE_NOISE_POISSON : SDE_NOISE_GAUSSIAN, SDE_COVARIANCE_SGD, 2, 0.1, 100);
        struct core_stepper *paths = create(network, &settings, 6);
        struct core_ensemble *ensemble = stepping_run(paths, start, 2, steps, 10000);
        for (size_t r = 0; r < 2; r++) {
            snprintf(path, sizeof path, "linear_regression_moments.sde[%zu].mean", r);
            reference_numbers(text, path, 3, mean);
            snprintf(path, sizeof path, "linear_regression_moments.sde[%zu].cov", r);
            reference_numbers(text, path, 9, covariance);
            assert_true(stepping_moments_z(ensemble, r, mean, covariance) < 5.1);
        }
        core_ensemble_free(ensemble);
        sde_free(paths);
    }
    core_landscape_free(network);
    free(text);
}

static void test_second_order(void **state) {
    /* value: one noiseless step is -eta grad (L + (eta/4) |grad L|^2), the drift of the reference, to 1e-12; with m
     * substeps from the same point the first one is a m-th of it */
    (void)state;
    char *text = reference_load("tests/reference/dln.json");
    enum { N = 7, P = 20 };
    double x[3 * N], y[2 * N], drift[P], theta[P];
    reference_numbers(text, "networks[0].X", 3 * N, x);
    reference_numbers(text, "networks[0].Y", 2 * N, y);
    reference_numbers(text, "networks[0].W[0]", 12, theta);
    reference_numbers(text, "networks[0].W[1]", 8, theta + 12);
    reference_numbers(text, "networks[0].modified_drift_LTE.minus_grad_of_L_plus_eta4_gradsq", P, drift);
    struct dln_data data = {N, 3, 2, core_alloc(3 * N, sizeof(double)), core_alloc(2 * N, sizeof(double))};
    for (size_t i = 0; i < N; i++) {
        for (size_t j = 0; j < 3; j++) data.x[i * 3 + j] = x[j * N + i];
        for (size_t j = 0; j < 2; j++) data.y[i * 2 + j] = y[j * N + i];
    }
    size_t widths[] = {3, 4, 2}, one = 1;
    struct core_landscape *network = NULL;
    assert_int_equal(dln_network_create(2, widths, &data, &network), CORE_OK);
    dln_data_free(&data);
    struct sde_settings settings = settings_of(SDE_NOISE_NONE, SDE_COVARIANCE_SGD, 4, 0.05, 1);
    settings.drift = SDE_DRIFT_SECOND_ORDER;
    struct core_stepper *paths = create(network, &settings, 1);
    struct core_ensemble *ensemble = stepping_run(paths, theta, 1, &one, 1);
    for (size_t i = 0; i < P; i++) assert_true(fabs(ensemble->parameters[i] - theta[i] - 0.05 * drift[i]) < 1e-12);
    core_ensemble_free(ensemble);
    sde_free(paths);
    core_landscape_free(network);
    free(text);
}

static void test_temperatures(void **state) {
    /* chance: one step of isotropic noise moves every coordinate by N(0, eta^2 T / B), T given or tr Sigma / P at the
     * point: mean square over all coordinates and 40000 replicas within 5 standard errors, for Gaussian noise; seed 7
     */
    (void)state;
    struct core_landscape *network = stepping_network(3, DEEP, 23);
    size_t p = network->dimension, one = 1, replicas = 40000;
    double *start = calloc(p, sizeof *start), *gradient = calloc(p, sizeof *gradient),
           *factor = calloc(p * network->noise_width, sizeof *factor);
    for (size_t i = 0; i < p; i++) start[i] = 0.6 * stepping_number(i);
    assert_int_equal(core_point_gradient(network, start, gradient), CORE_OK);
    assert_int_equal(core_point_noise_factor(network, start, factor), CORE_OK);
    double trace = 0;
    for (size_t i = 0; i < p * network->noise_width; i++) trace += factor[i] * factor[i];
    for (int local = 0; local < 2; local++) {
        double temperature = local ? trace / (double)p : 0.37, square = 0, expected = 0.04 * 0.04 * temperature / 6;
        struct sde_settings settings = settings_of(
            SDE_NOISE_GAUSSIAN, local ? SDE_COVARIANCE_ISOTROPIC_LOCAL : SDE_COVARIANCE_ISOTROPIC, 6, 0.04, 1);
        struct core_stepper *paths = create(network, &settings, 7);
        struct core_ensemble *ensemble = stepping_run(paths, start, 1, &one, replicas);
        for (size_t r = 0; r < replicas; r++) {
            for (size_t i = 0; i < p; i++)
                square += pow(ensemble->parameters[r * p + i] - start[i] + 0.04 * gradient[i], 2);
        }
        double count = (double)(replicas * p);
        assert_true(fabs(square / count / expected - 1) < 5 * sqrt(2 / count));
        core_ensemble_free(ensemble);
        sde_free(paths);
    }
    free(start);
    free(gradient);
    free(factor);
    core_landscape_free(network);
}

static void test_ornstein_uhlenbeck(void **state) {
    /* chance: L = h x^2 / 2 with noise F = 0.8: Euler-Maruyama with m substeps is the AR(1) process with factor
     * 1 - eta h / m and variance eta^2 F^2 / (m B) a substep; mean and variance after 30 steps within 5 standard
     * errors; 100000 replicas, seed 8 */
    (void)state;
    double h = 1.7, f = 0.8, eta = 0.11, b = 3, start = 1.4;
    struct core_potential potential = {
        .name = "quadratic", .rows = 1, .columns = 1, .matrix = &h, .noise_rows = 1, .noise_columns = 1, .noise = &f};
    struct core_landscape *land;
    assert_int_equal(core_landscape_create(&potential, &land), CORE_OK);
    for (size_t m = 1; m <= 4; m += 3) {
        struct sde_settings settings = settings_of(SDE_NOISE_GAUSSIAN, SDE_COVARIANCE_SGD, b, eta, m);
        size_t thirty = 30, replicas = 100000;
        struct core_stepper *paths = create(land, &settings, 8);
        struct core_ensemble *ensemble = stepping_run(paths, &start, 1, &thirty, replicas);
        double a = 1 - eta * h / (double)m, power = pow(a, 30.0 * (double)m);
        double variance = eta * eta * f * f / ((double)m * b) * (1 - power * power) / (1 - a * a);
        struct core_moments moments = core_moments(ensemble->parameters, replicas, 1);
        assert_true(fabs(moments.mean - start * power) < 5 * sqrt(variance / (double)replicas));
        assert_true(fabs(moments.variance / variance - 1) < 5 * sqrt(2 / (double)replicas));
        core_ensemble_free(ensemble);
        sde_free(paths);
    }
    core_landscape_free(land);
}

static void test_stable_scale(void **state) {
    /* chance: on a flat landscape with F = 0.8 one step of stable noise has the mean size of Gaussian noise, E|xi| =
     * eta F sqrt(2 / (pi B)), and after m substeps and 50 steps the size grows as k^{1/alpha}: medians of |x| at k = 50
     * and 1 in the ratio 50^{1/alpha} for m = 1 and 5 (elliptical increments in one dimension are exactly stable);
     * alpha = 1.7, 200000 replicas, seed 9. The mean has a heavy tail: 6 of its estimated standard errors and 3 %. */
    (void)state;
    double zero = 0, f = 0.8, eta = 0.1, b = 2, alpha = 1.7, start = 0;
    struct core_potential potential = {.name = "quadratic",
                                       .rows = 1,
                                       .columns = 1,
                                       .matrix = &zero,
                                       .noise_rows = 1,
                                       .noise_columns = 1,
                                       .noise = &f};
    struct core_landscape *land;
    assert_int_equal(core_landscape_create(&potential, &land), CORE_OK);
    for (size_t m = 1; m <= 5; m += 4) {
        struct sde_settings settings = settings_of(SDE_NOISE_STABLE, SDE_COVARIANCE_SGD, b, eta, m);
        settings.alpha = alpha;
        size_t steps[] = {1, 50}, replicas = 200000;
        struct core_stepper *paths = create(land, &settings, 9);
        struct core_ensemble *ensemble = stepping_run(paths, &start, 2, steps, replicas);
        for (size_t i = 0; i < 2 * replicas; i++) ensemble->parameters[i] = fabs(ensemble->parameters[i]);
        struct core_moments size = core_moments(ensemble->parameters, replicas, 1);
        double expected = eta * f * sqrt(2 / (acos(-1) * b));
        assert_true(fabs(size.mean - expected) < 6 * sqrt(size.variance / (double)replicas) + 0.03 * expected);
        core_sort(ensemble->parameters, replicas);
        core_sort(ensemble->parameters + replicas, replicas);
        double ratio = ensemble->parameters[replicas + replicas / 2] / ensemble->parameters[replicas / 2];
        assert_true(fabs(log(ratio) - log(50) / alpha) < 0.02);
        core_ensemble_free(ensemble);
        sde_free(paths);
    }
    core_landscape_free(land);
}

static void test_alpha_two(void **state) {
    /* law: stable noise with alpha = 2 is Gaussian noise, to rounding, with any number of substeps */
    (void)state;
    struct core_landscape *network = stepping_network(3, DEEP, 23);
    size_t p = network->dimension, steps = 9;
    double *start = calloc(p, sizeof *start);
    for (size_t i = 0; i < p; i++) start[i] = 0.6 * stepping_number(i);
    struct sde_settings gaussian = settings_of(SDE_NOISE_GAUSSIAN, SDE_COVARIANCE_SGD, 3, 0.05, 4), stable = gaussian;
    stable.noise = SDE_NOISE_STABLE;
    stable.alpha = 2;
    struct core_stepper *one = create(network, &gaussian, 31), *two = create(network, &stable, 31);
    struct core_ensemble *a = stepping_run(one, start, 1, &steps, 20), *b = stepping_run(two, start, 1, &steps, 20);
    for (size_t i = 0; i < 20 * p; i++) assert_true(fabs(a->parameters[i] - b->parameters[i]) < 1e-12);
    core_ensemble_free(a);
    core_ensemble_free(b);
    sde_free(one);
    sde_free(two);
    free(start);
    core_landscape_free(network);
}

static void test_bad_settings(void **state) {
    /* value: what does not suit the landscape or lies out of range is refused with a sentence */
    (void)state;
    struct core_landscape *network = stepping_network(3, DEEP, 23), *well;
    assert_int_equal(core_landscape_create(&(struct core_potential){.name = "double-well"}, &well), CORE_OK);
    struct sde_settings good = settings_of(SDE_NOISE_GAUSSIAN, SDE_COVARIANCE_SGD, 2, 0.1, 1);
    struct {
        const struct core_landscape *land;
        struct sde_settings settings;
        const char *says;
    } cases[12];
    for (size_t i = 0; i < 12; i++) cases[i].land = network, cases[i].settings = good;
    cases[0].settings.batch = 0, cases[0].says = "batch 0";
    cases[1].settings.substeps = 0, cases[1].says = "substeps 0";
    cases[2].settings.schedule.rate = -1, cases[2].says = "rate -1";
    cases[3].settings.scale = -3, cases[3].says = "scale -3";
    cases[4].settings.noise = SDE_NOISE_STABLE, cases[4].settings.alpha = 2.5, cases[4].says = "alpha 2.5";
    cases[5].settings.noise = SDE_NOISE_STABLE, cases[5].settings.alpha = 0, cases[5].says = "alpha 0";
    cases[6].settings.covariance = SDE_COVARIANCE_ISOTROPIC, cases[6].settings.temperature = NAN,
    cases[6].says = "temperature";
    cases[7].settings.covariance = SDE_COVARIANCE_ISOTROPIC, cases[7].settings.temperature = -1,
    cases[7].says = "found -1";
    cases[8].land = well, cases[8].says = "gradient noise";
    cases[9].land = well, cases[9].settings.noise = SDE_NOISE_POISSON, cases[9].says = "samples";
    cases[10].land = well, cases[10].settings.covariance = SDE_COVARIANCE_ISOTROPIC_LOCAL,
    cases[10].says = "gradient noise";
    cases[11].settings.noise = SDE_NOISE_POISSON, cases[11].settings.scale = 2, cases[11].says = "scale 2";
    struct core_stepper *paths;
    for (size_t i = 0; i < 12; i++) {
        assert_int_equal(sde_check(&cases[i].settings, cases[i].land), CORE_BAD_INPUT);
        assert_int_equal(sde_create(cases[i].land, &cases[i].settings, 1, &paths), CORE_BAD_INPUT);
        assert_null(paths);
        if (strstr(core_error(), cases[i].says) == NULL) fail_msg("case %zu says '%s'", i, core_error());
    }
    core_landscape_free(well);
    core_landscape_free(network);
}

static void test_no_memory(void **state) {
    /* law: whichever allocation fails, a status and nothing left behind */
    (void)state;
    struct core_landscape *network = stepping_network(3, DEEP, 23);
    struct sde_settings settings = settings_of(SDE_NOISE_POISSON, SDE_COVARIANCE_SGD, 2, 0.1, 2);
    size_t live = core_alloc_live(), k = 0;
    struct core_stepper *paths = NULL;
    enum core_status status = CORE_NO_MEMORY;
    while (status == CORE_NO_MEMORY) {
        core_alloc_fail_at(++k);
        status = sde_create(network, &settings, 1, &paths);
        core_alloc_fail_at(0);
        if (status == CORE_NO_MEMORY) assert_int_equal(core_alloc_live(), live);
    }
    assert_int_equal(status, CORE_OK);
    assert_true(k > 2);
    sde_free(paths);
    sde_free(NULL);
    assert_int_equal(core_alloc_live(), live);
    core_landscape_free(network);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_balancedness), cmocka_unit_test(test_regression),
        cmocka_unit_test(test_substeps),     cmocka_unit_test(test_second_order),
        cmocka_unit_test(test_temperatures), cmocka_unit_test(test_ornstein_uhlenbeck),
        cmocka_unit_test(test_stable_scale), cmocka_unit_test(test_alpha_two),
        cmocka_unit_test(test_bad_settings), cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
