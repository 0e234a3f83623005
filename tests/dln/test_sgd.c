/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stochastic gradient descent: what a step is, what a batch holds, and the moments of whole ensembles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/stepping.h"

static const size_t DEEP[] = {4, 3, 5, 2};

static struct dln_sgd_settings settings_of(size_t batch, enum dln_sampling sampling, double rate) {
    struct dln_sgd_settings settings = dln_sgd_settings_default();
    settings.batch = batch;
    settings.sampling = sampling;
    settings.schedule.rate = rate;
    return settings;
}

static struct core_stepper *create(const struct core_landscape *network, const struct dln_sgd_settings *settings,
                                   uint64_t seed) {
    struct core_stepper *sgd = NULL;
    assert_int_equal(dln_sgd_create(network, settings, seed, &sgd), CORE_OK);
    return sgd;
}

static void test_balancedness(void **state) {
    /* law: every step of every kind of batch changes D_l by eta^2 (G_{l+1}^T G_{l+1} - G_l G_l^T), to 1e-13 */
    (void)state;
    struct core_landscape *network = stepping_network(3, DEEP, 23);
    for (int sampling = 0; sampling < 3; sampling++) {
        struct dln_sgd_settings settings = settings_of(5, (enum dln_sampling)sampling, 0.03);
        struct core_stepper *sgd = create(network, &settings, 11);
        struct stepping_block block = stepping_block_create(sgd, 0.7);
        for (size_t k = 0; k < 40; k++) {
            stepping_block_step(sgd, &block, k, 0.03);
            assert_true(stepping_balance_error(network, block.before, block.x, 0.03) < 1e-13);
        }
        stepping_block_free(&block);
        dln_sgd_free(sgd);
    }
    core_landscape_free(network);
}

/* What each step of lane 0 drew, read off a network that cannot hide it: one linear layer, targets zero, inputs the
 * unit vectors, weight 1 everywhere: the gradient of sample i is e_i, so the step shows how often i was drawn. */
enum { UNIT = 13 };

static struct core_landscape *counting_network(void) {
    struct dln_data data = {UNIT, UNIT, 1, core_alloc(UNIT * UNIT, sizeof(double)), core_alloc(UNIT, sizeof(double))};
    for (size_t i = 0; i < UNIT; i++) data.x[i * UNIT + i] = 1;
    size_t widths[] = {UNIT, 1};
    struct core_landscape *network = NULL;
    assert_int_equal(dln_network_create(1, widths, &data, &network), CORE_OK);
    dln_data_free(&data);
    return network;
}

/* count[i] = how often sample i was drawn in step k by this lane; the batch's size is returned. */
static size_t drawn(struct core_stepper *sgd, struct stepping_block *block, size_t k, size_t lane, size_t batch,
                    int count[UNIT]) {
    for (size_t i = 0; i < UNIT * CORE_LANES; i++) block->x[i] = 1;
    stepping_block_step(sgd, block, k, 1e-3);
    size_t total = 0;
    for (size_t i = 0; i < UNIT; i++) {
        double share = (1 - block->x[i * CORE_LANES + lane]) / 1e-3;
        count[i] = (int)lround(share * (double)batch);
        assert_true(fabs(share * (double)batch - count[i]) < 1e-9);
        total += (size_t)count[i];
    }
    return total;
}

static void test_batches(void **state) {
    /* law: with replacement B draws; without, B different samples; an epoch of reshuffling holds every sample once, and
     * its last batch (13 = 3 * 4 + 1) averages over what is left */
    (void)state;
    struct core_landscape *network = counting_network();
    int count[UNIT], seen_twice = 0;
    for (int sampling = 0; sampling < 3; sampling++) {
        struct dln_sgd_settings settings = settings_of(4, (enum dln_sampling)sampling, 1e-3);
        struct core_stepper *sgd = create(network, &settings, 5);
        struct stepping_block block = stepping_block_create(sgd, 1);
        int epoch[UNIT] = {0};
        for (size_t k = 0; k < 80; k++) {
            int last = sampling == DLN_SAMPLING_RESHUFFLE && k % 4 == 3;
            assert_int_equal(drawn(sgd, &block, k, 3, last ? 1 : 4, count), last ? 1 : 4);
            for (size_t i = 0; i < UNIT; i++) {
                seen_twice += sampling == DLN_SAMPLING_WITH_REPLACEMENT && count[i] > 1;
                if (sampling != DLN_SAMPLING_WITH_REPLACEMENT) assert_true(count[i] <= 1);
                epoch[i] += count[i];
            }
            if (!last) continue;
            for (size_t i = 0; i < UNIT; i++) {
                assert_int_equal(epoch[i], 1);
                epoch[i] = 0;
            }
        }
        stepping_block_free(&block);
        dln_sgd_free(sgd);
    }
    assert_true(seen_twice > 5);
    core_landscape_free(network);
}

static void test_uniform_batches(void **state) {
    /* chance: every sample equally often in 20000 batches of 4 by each kind of sampling: chi-square with 12 degrees of
     * freedom below 61.5 for each of 3 kinds (false alarm below 3e-8); seed 6 */
    (void)state;
    struct core_landscape *network = counting_network();
    for (int sampling = 0; sampling < 3; sampling++) {
        struct dln_sgd_settings settings = settings_of(4, (enum dln_sampling)sampling, 1e-3);
        struct core_stepper *sgd = create(network, &settings, 6);
        struct stepping_block block = stepping_block_create(sgd, 1);
        double total[UNIT] = {0}, square = 0;
        int count[UNIT];
        /* of an epoch only the first batch: the rest is determined by it */
        for (size_t k = 0; k < 20000; k++) {
            drawn(sgd, &block, sampling == DLN_SAMPLING_RESHUFFLE ? 4 * k : k, 5, 4, count);
            for (size_t i = 0; i < UNIT; i++) total[i] += count[i];
        }
        double expected = 80000.0 / UNIT;
        for (size_t i = 0; i < UNIT; i++) square += (total[i] - expected) * (total[i] - expected) / expected;
        assert_true(square < 61.5);
        stepping_block_free(&block);
        dln_sgd_free(sgd);
    }
    core_landscape_free(network);
}

static void test_step(void **state) {
    /* law: momentum and clipping do to a batch's gradient what their formulas say; the gradient is read off plain SGD
     * with the same seed, hence the same batches */
    (void)state;
    struct core_landscape *network = stepping_network(3, DEEP, 23);
    size_t p = network->dimension;
    struct dln_sgd_settings plain = settings_of(3, DLN_SAMPLING_WITH_REPLACEMENT, 0.02), full = plain;
    full.momentum = 0.83;
    full.clip = 0.31;
    struct core_stepper *reference = create(network, &plain, 8), *sgd = create(network, &full, 8);
    struct stepping_block block = stepping_block_create(sgd, 0.7), other = stepping_block_create(reference, 0.7);
    double *velocity = calloc(p * CORE_LANES, sizeof *velocity);
    int clipped = 0;
    for (size_t k = 0; k < 30; k++) {
        memcpy(other.x, block.x, p * CORE_LANES * sizeof(double));
        stepping_block_step(reference, &other, k, 0.02);
        stepping_block_step(sgd, &block, k, 0.02);
        for (size_t lane = 0; lane < CORE_LANES; lane++) {
            double norm = 0;
            for (size_t i = lane; i < p * CORE_LANES; i += CORE_LANES)
                norm += pow((other.before[i] - other.x[i]) / 0.02, 2);
            norm = sqrt(norm);
            clipped += norm > 0.31;
            for (size_t i = lane; i < p * CORE_LANES; i += CORE_LANES) {
                double g = (other.before[i] - other.x[i]) / 0.02 * fmin(1, 0.31 / norm);
                velocity[i] = 0.83 * velocity[i] + g;
                assert_true(fabs(block.before[i] - 0.02 * velocity[i] - block.x[i]) < 1e-13);
            }
        }
    }
    assert_true(clipped > 20 && clipped < 30 * CORE_LANES);
    free(velocity);
    stepping_block_free(&block);
    stepping_block_free(&other);
    dln_sgd_free(reference);
    dln_sgd_free(sgd);
    core_landscape_free(network);
}

static void test_regression(void **state) {
    /* chance: mean and covariance in linear regression at six times against the exact recursion of the reference; 9
     * statistics at 6 times within 4 standard errors (false alarm 3.4e-3); 80000 replicas, seed 3 */
    (void)state;
    char *text = reference_load("tests/reference/dln.json");
    struct core_landscape *network = stepping_regression(text);
    double mean[3], covariance[9], start[3] = {0, 0, 0};
    size_t steps[6];
    for (size_t r = 0; r < 6; r++) {
        char path[80];
        snprintf(path, sizeof path, "linear_regression_moments.steps[%zu].k", r);
        steps[r] = (size_t)reference_number(text, path);
    }
    struct dln_sgd_settings settings = settings_of(2, DLN_SAMPLING_WITH_REPLACEMENT, 0.1);
    struct core_stepper *sgd = create(network, &settings, 3);
    struct core_ensemble *ensemble = stepping_run(sgd, start, 6, steps, 80000);
    for (size_t r = 0; r < 6; r++) {
        char path[80];
        snprintf(path, sizeof path, "linear_regression_moments.steps[%zu].mean", r);
        reference_numbers(text, path, 3, mean);
        snprintf(path, sizeof path, "linear_regression_moments.steps[%zu].cov", r);
        reference_numbers(text, path, 9, covariance);
        assert_true(stepping_moments_z(ensemble, r, mean, covariance) < 4);
    }
    core_ensemble_free(ensemble);
    dln_sgd_free(sgd);
    core_landscape_free(network);
    free(text);
}

static void test_finite_population(void **state) {
    /* chance: without replacement one step's covariance is (n - B)/(n - 1) of that with replacement, eta^2 Sigma / B;
     * 4.9 standard errors over 9 statistics (false alarm below 1e-5); 80000 replicas, seed 4 */
    (void)state;
    char *text = reference_load("tests/reference/dln.json");
    struct core_landscape *network = stepping_regression(text);
    double factor[3 * 12], mean[3], covariance[9], start[3] = {0.4, -0.3, 0.2};
    size_t one = 1, n = 12, batch = 5, width = network->noise_width;
    assert_int_equal(core_point_gradient(network, start, mean), CORE_OK);
    assert_int_equal(core_point_noise_factor(network, start, factor), CORE_OK);
    for (size_t i = 0; i < 9; i++) {
        covariance[i] = 0;
        for (size_t k = 0; k < width; k++) covariance[i] += factor[i / 3 * width + k] * factor[i % 3 * width + k];
        covariance[i] *= 0.01 / (double)batch * (double)(n - batch) / (double)(n - 1);
    }
    for (size_t i = 0; i < 3; i++) mean[i] = start[i] - 0.1 * mean[i];
    struct dln_sgd_settings settings = settings_of(batch, DLN_SAMPLING_WITHOUT_REPLACEMENT, 0.1);
    struct core_stepper *sgd = create(network, &settings, 4);
    struct core_ensemble *ensemble = stepping_run(sgd, start, 1, &one, 80000);
    assert_true(stepping_moments_z(ensemble, 0, mean, covariance) < 4.9);
    core_ensemble_free(ensemble);
    dln_sgd_free(sgd);
    core_landscape_free(network);
    free(text);
}

static void test_wide(void **state) {
    /* law: on a network too wide for lanes the same law of balancedness holds, and pieces make the same bits as a whole
     */
    (void)state;
    size_t widths[] = {21, 18, 19}, steps[] = {3, 12};
    struct core_landscape *network = stepping_network(2, widths, 40);
    assert_int_equal(network->lanes, 1);
    struct dln_sgd_settings settings = settings_of(7, DLN_SAMPLING_RESHUFFLE, 0.01);
    settings.momentum = 0.5;
    struct core_stepper *sgd = create(network, &settings, 12);
    double *start = calloc(network->dimension, sizeof *start);
    for (size_t i = 0; i < network->dimension; i++) start[i] = 0.2 * stepping_number(i);
    struct core_ensemble *whole = stepping_run(sgd, start, 2, steps, 5), *again = stepping_run(sgd, start, 2, steps, 3);
    for (size_t r = 0; r < 2; r++) {
        assert_memory_equal(whole->parameters + r * 5 * network->dimension,
                            again->parameters + r * 3 * network->dimension, 3 * network->dimension * sizeof(double));
    }
    core_ensemble_free(whole);
    core_ensemble_free(again);
    dln_sgd_free(sgd);
    settings.momentum = 0;
    sgd = create(network, &settings, 12);
    struct stepping_block block = stepping_block_create(sgd, 0.3);
    stepping_block_step(sgd, &block, 0, 0.01);
    assert_true(stepping_balance_error(network, block.before, block.x, 0.01) < 1e-13);
    stepping_block_free(&block);
    dln_sgd_free(sgd);
    free(start);
    core_landscape_free(network);
}

static void test_bad_settings(void **state) {
    /* value: each setting out of its range is refused with a sentence that names what was found */
    (void)state;
    struct core_landscape *network = stepping_network(3, DEEP, 23);
    struct {
        struct dln_sgd_settings settings;
        const char *says;
    } cases[] = {
        {settings_of(0, DLN_SAMPLING_WITH_REPLACEMENT, 0.1), "batch of 0"},
        {settings_of(24, DLN_SAMPLING_RESHUFFLE, 0.1), "batch of 24 of 23"},
        {settings_of(24, DLN_SAMPLING_WITHOUT_REPLACEMENT, 0.1), "at most 23"},
        {settings_of(2, DLN_SAMPLING_WITH_REPLACEMENT, 0), "rate 0"},
        {settings_of(2, DLN_SAMPLING_WITH_REPLACEMENT, INFINITY), "rate inf"},
        {settings_of(2, DLN_SAMPLING_WITH_REPLACEMENT, 0.1), "momentum 1"},
        {settings_of(2, DLN_SAMPLING_WITH_REPLACEMENT, 0.1), "clip -2"},
    };
    cases[5].settings.momentum = 1;
    cases[6].settings.clip = -2;
    struct core_stepper *sgd;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(dln_sgd_create(network, &cases[i].settings, 1, &sgd), CORE_BAD_INPUT);
        assert_null(sgd);
        assert_non_null(strstr(core_error(), cases[i].says));
    }
    struct core_landscape *well;
    assert_int_equal(core_landscape_create(&(struct core_potential){.name = "double-well"}, &well), CORE_OK);
    assert_int_equal(dln_sgd_create(well, &cases[0].settings, 1, &sgd), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "double-well"));
    core_landscape_free(well);
    core_landscape_free(network);
}

static void test_no_memory(void **state) {
    /* law: whichever allocation fails, a status and nothing left behind */
    (void)state;
    struct core_landscape *network = stepping_network(3, DEEP, 23);
    struct dln_sgd_settings settings = settings_of(2, DLN_SAMPLING_RESHUFFLE, 0.1);
    size_t live = core_alloc_live(), k = 0;
    struct core_stepper *sgd = NULL;
    enum core_status status = CORE_NO_MEMORY;
    while (status == CORE_NO_MEMORY) {
        core_alloc_fail_at(++k);
        status = dln_sgd_create(network, &settings, 1, &sgd);
        core_alloc_fail_at(0);
        if (status == CORE_NO_MEMORY) assert_int_equal(core_alloc_live(), live);
    }
    assert_int_equal(status, CORE_OK);
    assert_true(k > 1);
    dln_sgd_free(sgd);
    dln_sgd_free(NULL);
    assert_int_equal(core_alloc_live(), live);
    core_landscape_free(network);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_balancedness),
        cmocka_unit_test(test_batches),
        cmocka_unit_test(test_uniform_batches),
        cmocka_unit_test(test_step),
        cmocka_unit_test(test_regression),
        cmocka_unit_test(test_finite_population),
        cmocka_unit_test(test_wide),
        cmocka_unit_test(test_bad_settings),
        cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
