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
    for (size_t i = 0; i <= SDE_SCHEME_MILSTEIN; i++) {
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

static void test_exact(void **state) {
    /* chance: exact-ou in three dimensions whose modes are turned by two rotations, one step of 0.9 and six of 0.15:
     * mean and covariance of the Ornstein-Uhlenbeck process within 5 standard errors (18 statistics: false alarm
     * 1e-5); 40000 replicas, seed 74 */
    (void)state;
    enum { P = 3 };
    double l[P] = {1.385, -0.3, 0.7}, c = cos(0.6), s = sin(0.6), d = cos(1.1), u = sin(1.1), t = 0.9;
    double v[P][P] = {{c, -s * d, s * u}, {s, c * d, -c * u}, {0, u, d}}, start[P] = {1.2, -0.4, 0.7};
    double matrix[P * P] = {0}, mean[P] = {0}, shape[P * P] = {0}, covariance[P * P];
    for (size_t i = 0; i < P * P; i++) {
        for (size_t k = 0; k < P; k++) {
            double mode = v[i / P][k] * v[i % P][k];
            matrix[i] += mode * l[k];
            mean[i / P] += mode * exp(-l[k] * t) * start[i % P];
            shape[i] += mode * (1 - exp(-2 * l[k] * t)) / (2 * l[k]);
        }
    }
    struct core_potential potential = {.name = "quadratic", .rows = P, .columns = P, .matrix = matrix};
    for (size_t i = 0; i < P * P; i++) matrix[i] = i / P < i % P ? matrix[i] : matrix[i % P * P + i / P];
    struct core_landscape *land;
    assert_int_equal(core_landscape_create(&potential, &land), CORE_OK);
    for (size_t m = 1; m <= 6; m += 5) {
        struct sde_settings settings = driving_settings(SDE_NOISE_GAUSSIAN, t / (double)m, 1);
        settings.scheme = SDE_SCHEME_EXACT;
        for (size_t i = 0; i < P * P; i++) covariance[i] = settings.schedule.rate * shape[i];
        struct core_stepper *stepper = driving_create(land, &settings, 74);
        struct core_ensemble *e = stepping_run(stepper, start, 1, &m, 40000);
        assert_true(stepping_moments_z(e, 0, mean, covariance) < 5);
        core_ensemble_free(e);
        sde_free(stepper);
    }
    core_landscape_free(land);
}

/* ---- Inertia ---- */

/* d/dt (mean, covariance) of x, v in a harmonic well: dx = v, dv = -g (v + k x) dt - g dW. y = mean x, v, then
 * covariances xx, xv, vv. */
static void oscillator(double g, double k, const double y[5], double rate[5]) {
    rate[0] = y[1];
    rate[1] = -g * (y[1] + k * y[0]);
    rate[2] = 2 * y[3];
    rate[3] = y[4] - g * (y[3] + k * y[2]);
    rate[4] = -2 * g * (y[4] + k * y[3]) + g * g;
}

/* y at time 1 from x = 1 at rest, by the classical Runge-Kutta method. */
static void oscillate(double g, double k, double y[5]) {
    const double h = 1e-3, stage[4] = {0, h / 2, h / 2, h}, weight[4] = {h / 6, h / 3, h / 3, h / 6};
    memcpy(y, (double[5]){1}, 5 * sizeof *y);
    for (int n = 0; n < 1000; n++) {
        double sum[5], at[5], rate[5] = {0};
        memcpy(sum, y, sizeof sum);
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 5; j++) at[j] = y[j] + stage[i] * rate[j];
            oscillator(g, k, at, rate);
            for (int j = 0; j < 5; j++) sum[j] += weight[i] * rate[j];
        }
        memcpy(y, sum, sizeof sum);
    }
}

/* The same from m steps of BAOAB, whose linear map and noise are read off one step from (1, 0), (0, 1) and (0, 0). */
static void baoab(const struct core_landscape *land, double g, size_t m, double y[5]) {
    double h = 1 / (double)m, z[CORE_LANES] __attribute__((aligned(64)));
    struct sde_settings settings = driving_settings(SDE_NOISE_GAUSSIAN, h, 1);
    settings.scheme = SDE_SCHEME_BAOAB;
    settings.friction = g;
    settings.scale = sqrt((double)m); /* of dW over a step: sqrt(h) z */
    struct core_stepper *stepper = driving_create(land, &settings, 75);
    struct stepping_block block = stepping_block_create(stepper, 0);
    block.x[0] = 1, block.workspace[1] = 1;
    stepping_block_step(stepper, &block, 0, h);
    struct core_stream stream = {.seed = 75, .purpose = CORE_PURPOSE_NOISE};
    core_random_normal(&stream, CORE_LANES, 1, z);
    double b[2] = {block.x[2] / z[2], block.workspace[2] / z[2]}, a[2][2];
    for (int j = 0; j < 2; j++) {
        a[0][j] = block.x[j] - b[0] * z[j];
        a[1][j] = block.workspace[j] - b[1] * z[j];
    }
    memcpy(y, (double[5]){1}, 5 * sizeof *y);
    for (size_t n = 0; n < m; n++) {
        double now[5];
        memcpy(now, y, sizeof now);
        for (int i = 0; i < 2; i++) {
            y[i] = a[i][0] * now[0] + a[i][1] * now[1];
            for (int j = i; j < 2; j++) {
                y[2 + i + j] = a[i][0] * a[j][0] * now[2] + (a[i][0] * a[j][1] + a[i][1] * a[j][0]) * now[3] +
                               a[i][1] * a[j][1] * now[4] + b[i] * b[j];
            }
        }
    }
    stepping_block_free(&block);
    sde_free(stepper);
}

static void test_baoab_order(void **state) {
    /* order: weak order 2 within 0.15 of all first and second moments of x and v at time 1 in a harmonic well, from
     * the scheme's own linear map, over steps of 1/8 ... 1/128 */
    (void)state;
    double g = 2.385, k = 1.3, exact[5], error[5][5], weak, strong;
    struct core_landscape *land = driving_well(1, k);
    oscillate(g, k, exact);
    for (size_t i = 0; i < 5; i++) {
        double y[5];
        baoab(land, g, (size_t)8 << i, y);
        for (size_t j = 0; j < 5; j++) error[j][i] = fabs(y[j] - exact[j]);
    }
    sde_scheme_orders(SDE_SCHEME_BAOAB, &strong, &weak);
    for (size_t j = 0; j < 5; j++) {
        print_message("baoab, moment %zu: %.2f\n", j, slope(error[j]));
        assert_true(fabs(slope(error[j]) - weak) < 0.15);
    }
    core_landscape_free(land);
}

static void test_baoab_stationary(void **state) {
    /* chance: the stationary variance of x in a harmonic well is exact for large steps, c^2 / (2 k) with c^2 = h, for
     * two frictions and drift-wise substeps: within 5 standard errors; 40000 replicas, seed 76 */
    (void)state;
    struct core_landscape *land = driving_well(1, 1.3);
    const double frictions[] = {0.9, 4.2};
    for (size_t i = 0; i < 2; i++) {
        struct sde_settings settings = driving_settings(SDE_NOISE_GAUSSIAN, 0.8, 2);
        double start = 0.385;
        size_t steps = 40;
        settings.scheme = SDE_SCHEME_BAOAB;
        settings.friction = frictions[i];
        struct core_stepper *stepper = driving_create(land, &settings, 76);
        struct core_ensemble *e = stepping_run(stepper, &start, 1, &steps, 40000);
        assert_true(driving_covariance_z(e->parameters, 40000, 1, 0, 0, 0.8 / (2 * 1.3)) < 5);
        core_ensemble_free(e);
        sde_free(stepper);
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

static void test_unfit_schemes(void **state) {
    /* value: exact-ou, milstein and baoab say what they do not take; exact-ou gives its memory back whatever fails */
    (void)state;
    struct core_landscape *land = driving_well(2, 1.3), *well;
    assert_int_equal(core_landscape_create(&(struct core_potential){.name = "double-well"}, &well), CORE_OK);
    struct sde_settings good = driving_settings(SDE_NOISE_GAUSSIAN, 0.1, 1), bad;
    good.scheme = SDE_SCHEME_EXACT;
    assert_int_equal(sde_check(&good, well), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "'double-well'; allowed: quadratic"));
    bad = good, bad.noise = SDE_NOISE_STABLE;
    assert_int_equal(sde_check(&bad, land), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "exact-ou with stable noise"));
    bad = good, bad.covariance = SDE_COVARIANCE_SGD;
    assert_int_equal(sde_check(&bad, land), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "exact-ou with covariance sgd"));
    bad = good, bad.drift = SDE_DRIFT_SECOND_ORDER;
    assert_int_equal(sde_check(&bad, land), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "exact-ou with drift second-order"));
    bad = good, bad.scheme = SDE_SCHEME_MILSTEIN, bad.noise = SDE_NOISE_STABLE;
    assert_int_equal(sde_check(&bad, land), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "milstein with stable noise"));
    static const size_t widths[] = {3, 2};
    struct core_landscape *network = stepping_network(1, widths, 13);
    bad = good, bad.scheme = SDE_SCHEME_MILSTEIN, bad.covariance = SDE_COVARIANCE_SGD;
    assert_int_equal(sde_check(&bad, network), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "sources of noise"));
    core_landscape_free(network);
    bad = good, bad.scheme = SDE_SCHEME_BAOAB, bad.friction = 0;
    assert_int_equal(sde_check(&bad, land), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "friction 0"));
    bad.friction = 2, bad.noise = SDE_NOISE_COLOURED;
    assert_int_equal(sde_check(&bad, land), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "baoab with coloured noise"));
    bad.noise = SDE_NOISE_NONE, bad.clock = SDE_CLOCK_INVERSE_STABLE;
    assert_int_equal(sde_check(&bad, land), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "baoab with clock inverse-stable"));
    size_t live = core_alloc_live(), k = 0;
    enum core_status status = CORE_NO_MEMORY;
    struct core_stepper *stepper = NULL;
    while (status == CORE_NO_MEMORY) {
        core_alloc_fail_at(++k);
        status = sde_create(land, &good, 1, &stepper);
        core_alloc_fail_at(0);
        if (status == CORE_NO_MEMORY) assert_int_equal(core_alloc_live(), live);
    }
    assert_int_equal(status, CORE_OK);
    assert_true(k > 4);
    sde_free(stepper);
    core_landscape_free(well);
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
        cmocka_unit_test(test_exact),
        cmocka_unit_test(test_baoab_order),
        cmocka_unit_test(test_baoab_stationary),
        cmocka_unit_test(test_unfit_schemes),
        cmocka_unit_test(test_cauchy_quartic),
        cmocka_unit_test(test_scheme_of_jumps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
