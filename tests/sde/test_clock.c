/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inverse stable clock against the exact laws of the time-changed Langevin equation, and the same bits for every
 * noise, scheme and clock whatever the threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/driving.h"

/* Mittag-Leffler's function E_a(-y) by its series; |y| <= 4 loses at most six digits. */
static double mittag_leffler(double a, double y) {
    long double sum = 0, power = 1;
    for (int k = 0; k < 150; k++, power *= -(long double)y) sum += power / tgammal((long double)a * k + 1);
    return (double)sum;
}

static void test_subordinator(void **state) {
    /* chance: draws of E_t at t = 2.385 have the moments t^a / Gamma(1 + a) and 2 t^2a / Gamma(1 + 2a), a = 0.6 and
     * 0.9, within 5 standard errors; 100000 draws, seed 61 */
    (void)state;
    enum { R = 100000 };
    const double orders[] = {0.6, 0.9};
    double *e = core_alloc(R, sizeof *e), t = 2.385;
    for (size_t i = 0; i < 2; i++) {
        double a = orders[i], second = 2 * pow(t, 2 * a) / tgamma(1 + 2 * a);
        struct core_stream stream = {.seed = 61, .path = 5, .purpose = CORE_PURPOSE_TEST, .step = i};
        sde_inverse_subordinator(&stream, a, t, 1, R, e);
        struct core_moments m = core_moments(e, R, 1);
        assert_true(fabs(m.mean - pow(t, a) / tgamma(1 + a)) < 5 * sqrt(m.variance / R));
        assert_true(driving_covariance_z(e, R, 1, 0, 0, second) < 5);
    }
    core_free(e);
}

static void test_spreading(void **state) {
    /* chance: mean square displacement 2 D t^a / Gamma(1 + a), exact for any step since the mean of the number of
     * operational steps is: at three times, D = eta / 2, a = 0.6, operational steps of 0.1 where the times are 0.1 to
     * 2; within 5 standard errors; 100000 replicas, seed 62 */
    (void)state;
    enum { R = 100000 };
    struct core_landscape *land = driving_well(1, 0);
    double eta = 0.1, a = 0.6, start = 0;
    struct sde_settings settings = driving_settings(SDE_NOISE_GAUSSIAN, eta, 1);
    settings.clock = SDE_CLOCK_INVERSE_STABLE;
    settings.order = a;
    struct core_stepper *stepper = driving_create(land, &settings, 62);
    const size_t steps[] = {1, 5, 20};
    struct core_ensemble *e = stepping_run(stepper, &start, 3, steps, R);
    for (size_t r = 0; r < 3; r++) {
        double expected = eta * pow((double)steps[r] * eta, a) / tgamma(1 + a);
        assert_true(driving_covariance_z(e->parameters + r * R, R, 1, 0, 0, expected) < 5);
    }
    core_ensemble_free(e);
    sde_free(stepper);
    core_landscape_free(land);
}

static void test_relaxation(void **state) {
    /* chance: in a harmonic well without noise E x(E_t) = E_a(-l t^a), l = -log(1 - k h) / h the rate of Euler's steps
     * of h = 0.025: at t = 0.3, 1, 2 and for a = 0.6, 0.85, within 5 standard errors, beside which the clock's error
     * l^2 h^2 / 12 ~ 1e-4 is allowed; 60000 replicas, seed 63; Markovian relaxation exp(-l t) is told apart */
    (void)state;
    enum { R = 60000 };
    struct core_landscape *land = driving_well(1, 1.385);
    const double orders[] = {0.6, 0.85};
    double eta = 0.05, h = eta / 2, l = -log1p(-1.385 * h) / h, start = 1;
    for (size_t i = 0; i < 2; i++) {
        struct sde_settings settings = driving_settings(SDE_NOISE_NONE, eta, 2);
        settings.clock = SDE_CLOCK_INVERSE_STABLE;
        settings.order = orders[i];
        struct core_stepper *stepper = driving_create(land, &settings, 63);
        const size_t steps[] = {6, 20, 40};
        struct core_ensemble *e = stepping_run(stepper, &start, 3, steps, R);
        for (size_t r = 0; r < 3; r++) {
            double t = (double)steps[r] * eta, expected = mittag_leffler(orders[i], l * pow(t, orders[i]));
            struct core_moments m = core_moments(e->parameters + r * R, R, 1);
            assert_true(fabs(m.mean - expected) < 5 * sqrt(m.variance / R) + l * l * h * h / 12);
            assert_true(fabs(m.mean - exp(-l * t)) > 0.01);
        }
        core_ensemble_free(e);
        sde_free(stepper);
    }
    core_landscape_free(land);
}

static void test_fractional_waiting(void **state) {
    /* chance: fractional noise of Hurst index H in operational time spreads as E E_t^{2H} = t^{2Ha} Gamma(1 + 2H) /
     * Gamma(1 + 2Ha): at two times, H = 0.75, a = 0.6 and 0.3, with steps of 0.05 up to 1 and 2 substeps: within 5
     * standard errors, beside which 1 % is allowed for the grid; 8000 replicas, seed 66 */
    (void)state;
    enum { R = 8000 };
    struct core_landscape *land = driving_well(1, 0);
    const double orders[] = {0.6, 0.3};
    double eta = 0.05, hurst = 0.75, start = 0;
    const size_t steps[] = {4, 20};
    for (size_t i = 0; i < 2; i++) {
        double a = orders[i];
        struct sde_settings settings = driving_settings(SDE_NOISE_FRACTIONAL, eta, 2);
        settings.clock = SDE_CLOCK_INVERSE_STABLE;
        settings.order = a;
        settings.hurst = hurst;
        settings.steps = 20;
        struct core_stepper *stepper = driving_create(land, &settings, 66);
        struct core_ensemble *e = stepping_run(stepper, &start, 2, steps, R);
        for (size_t r = 0; r < 2; r++) {
            /* a step of the model has variance eta^2, n steps n^{2H} of it */
            double t = (double)steps[r] * eta, moment = tgamma(1 + 2 * hurst) / tgamma(1 + 2 * hurst * a);
            double expected = eta * eta * pow(pow(t, a) / eta, 2 * hurst) * moment;
            struct core_moments m = core_moments(e->parameters + r * R, R, 1);
            double z = driving_covariance_z(e->parameters + r * R, R, 1, 0, 0, expected);
            assert_true(z < 5 || fabs(m.variance / expected - 1) < 0.01);
        }
        core_ensemble_free(e);
        sde_free(stepper);
    }
    core_landscape_free(land);
}

static void test_noise_of_a_lane(void **state) {
    /* law: the clock only says when: the points a replica visits are those of the physical clock in their order, for
     * every noise that it takes, on a double well */
    (void)state;
    enum { STEPS = 40 };
    struct core_landscape *land;
    assert_int_equal(core_landscape_create(&(struct core_potential){.name = "double-well"}, &land), CORE_OK);
    const enum sde_noise noises[] = {SDE_NOISE_GAUSSIAN, SDE_NOISE_STABLE, SDE_NOISE_INDEPENDENT_STABLE,
                                     SDE_NOISE_COLOURED, SDE_NOISE_ANTICORRELATED};
    size_t steps[STEPS + 1];
    for (size_t k = 0; k <= STEPS; k++) steps[k] = k;
    for (size_t n = 0; n < 5; n++) {
        struct sde_settings settings = driving_settings(noises[n], 0.1, 1);
        double start = 0.385;
        settings.epoch = 3;
        struct core_stepper *physical = driving_create(land, &settings, 64);
        settings.clock = SDE_CLOCK_INVERSE_STABLE;
        struct core_stepper *waiting = driving_create(land, &settings, 64);
        struct core_ensemble *a = stepping_run(physical, &start, STEPS + 1, steps, 11);
        struct core_ensemble *b = stepping_run(waiting, &start, STEPS + 1, steps, 11);
        size_t moved = 0; /* replicas: one may wait all the time */
        for (size_t r = 0; r < 11; r++) {
            size_t at = 0, moves = 0;
            for (size_t k = 0; k <= STEPS; k++) {
                double x = b->parameters[k * 11 + r];
                size_t was = at;
                while (at <= STEPS && a->parameters[at * 11 + r] != x) at++;
                if (at > STEPS) break; /* it is beyond what the physical clock has recorded */
                moves += at != was;
            }
            moved += moves > 0;
            assert_true(b->parameters[r] == start);
        }
        assert_true(moved >= 7);
        core_ensemble_free(a);
        core_ensemble_free(b);
        sde_free(physical);
        sde_free(waiting);
    }
    core_landscape_free(land);
}

/* Runs replicas first .. first + count - 1 into their slots. */
static void run_piece(const struct core_stepper *stepper, struct core_ensemble *into, size_t first, size_t count,
                      size_t threads) {
    static const double start[] = {0.385, -0.2, 0.1};
    static const size_t steps[] = {7, 12};
    struct core_ensemble_settings settings = {
        .steps = 12,
        .replicas = count,
        .first_replica = first,
        .start = {start, 0.1},
        .record_count = 2,
        .record_steps = steps,
        .ceiling = 1e300,
        .threads = threads,
    };
    assert_int_equal(core_ensemble_run(stepper, &settings, into, first), CORE_OK);
}

static void test_same_bits(void **state) {
    /* law: every noise with every scheme and clock that takes it, 52 of them, gives the same bits in one thread and in
     * three, whole and in pieces
     */
    (void)state;
    enum { R = 29 };
    struct core_landscape *land = driving_well(3, 1.3);
    size_t combinations = 0;
    for (int noise = SDE_NOISE_NONE; sde_noise_choice((size_t)noise) != NULL; noise++) {
        for (int scheme = 0; sde_scheme_choice((size_t)scheme) != NULL; scheme++) {
            for (int clock = 0; sde_clock_choice((size_t)clock) != NULL; clock++) {
                struct sde_settings settings = driving_settings((enum sde_noise)noise, 0.1, 2);
                settings.scheme = (enum sde_scheme)scheme;
                settings.clock = (enum sde_clock)clock;
                settings.epoch = 4;
                settings.steps = 12;
                settings.hurst = 0.7;
                if (sde_check(&settings, land) != CORE_OK) continue;
                combinations++;
                struct core_stepper *stepper = driving_create(land, &settings, 65);
                struct core_ensemble *one, *three;
                assert_int_equal(core_ensemble_create(R, 3, 2, 0, &one), CORE_OK);
                assert_int_equal(core_ensemble_create(R, 3, 2, 0, &three), CORE_OK);
                run_piece(stepper, one, 0, R, 1);
                run_piece(stepper, three, 0, 13, 3);
                run_piece(stepper, three, 13, R - 13, 3);
                assert_memory_equal(one->parameters, three->parameters, (size_t)2 * R * 3 * sizeof(double));
                assert_true(isfinite(one->parameters[(2 * R - 1) * 3]));
                core_ensemble_free(one);
                core_ensemble_free(three);
                sde_free(stepper);
            }
        }
    }
    assert_int_equal(combinations, 52);
    core_landscape_free(land);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_subordinator),    cmocka_unit_test(test_spreading),
        cmocka_unit_test(test_relaxation),      cmocka_unit_test(test_fractional_waiting),
        cmocka_unit_test(test_noise_of_a_lane), cmocka_unit_test(test_same_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
