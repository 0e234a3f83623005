/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The local learning coefficient: samplers against closed forms, quadrature and one another. TEST_SCALE=10 makes the
 * chains ten times as long. */
#include "core/linalg.h"
#include "core/parallel.h"
#include "dln/llc_method.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dln/networks.h"

enum { P = NETWORK_MOST };

static size_t scaled(size_t draws) {
    const char *scale = getenv("TEST_SCALE");
    long factor = scale != NULL ? strtol(scale, NULL, 10) : 1;
    return draws * (size_t)(factor > 1 ? factor : 1);
}

/* A network of n = 5000 whitened samples and a teacher of rank `rank` without noise, and its deepest point. */
static struct core_landscape *oracle(size_t depth, const size_t widths[], size_t rank, double theta[]) {
    static const double strengths[] = {1, 0.9, 0.8, 0.7, 0.6};
    struct dln_data_settings settings = {.samples = 5000,
                                         .inputs = widths[0],
                                         .outputs = widths[depth],
                                         .whiten = 1,
                                         .singular_count = rank,
                                         .singular_values = strengths};
    struct dln_data data;
    struct core_landscape *land;
    assert_int_equal(dln_data_generate(&settings, 3, &data), CORE_OK);
    assert_int_equal(dln_network_create(depth, widths, &data, &land), CORE_OK);
    assert_int_equal(dln_start_deepest(land, rank, theta), CORE_OK);
    dln_data_free(&data);
    return land;
}

static struct dln_llc *estimate(const struct core_landscape *land, const double theta[],
                                const struct dln_llc_settings *settings) {
    struct dln_llc *llc;
    assert_int_equal(dln_llc_create(land, theta, settings, &llc), CORE_OK);
    return llc;
}

/* z of an estimate whose mean is known; says which where it is large. */
static int within(const char *what, double got, double se, double expected, double z) {
    if (fabs(got - expected) <= z * se) return 1;
    fprintf(stderr, "%s: %.5g +- %.2g, expected %.5g (z %.1f)\n", what, got, se, expected, (got - expected) / se);
    return 0;
}

static int warned(const struct dln_llc *llc, const char *words) {
    for (size_t i = 0; i < llc->warning_count; i++) {
        if (strstr(llc->warnings[i], words) != NULL) return 1;
    }
    return 0;
}

/* ---- Linear regression: everything is Gaussian ---- */

/* A network of one layer 3 -> 2 whose inputs have unequal variance, its minimum, and the eigenvalues of Sxx. */
static struct core_landscape *regression(double theta[], double s[3]) {
    static const double spread[] = {2.385, 0.4, 1.1};
    struct dln_data_settings settings = {.samples = 300,
                                         .inputs = 3,
                                         .outputs = 2,
                                         .covariance_count = 3,
                                         .covariance = spread,
                                         .singular_count = 2,
                                         .singular_values = (const double[]){1.3, 0.7},
                                         .label_noise = 0.6};
    struct dln_data data;
    struct core_landscape *land;
    assert_int_equal(dln_data_generate(&settings, 9, &data), CORE_OK);
    assert_int_equal(dln_network_create(1, (const size_t[]){3, 2}, &data, &land), CORE_OK);
    dln_data_free(&data);
    memcpy(theta, dln_of(land)->target, 6 * sizeof *theta);
    assert_int_equal(core_symmetric_eigen(3, dln_of(land)->sxx, s, NULL), CORE_OK);
    return land;
}

/* E nbeta (L - L(w*)): 1/2 for each parameter, less what the prior takes, more what a step eps of sgld adds. */
static double regression_mean(const double s[3], double nbeta, double gamma, double eps) {
    double sum = 0;
    for (size_t i = 0; i < 3; i++) {
        double a = nbeta * s[i] + gamma;
        sum += nbeta * s[i] / (a * (1 - eps * a / 4));
    }
    return 2 * sum / 2;
}

static void regression_is_exact(void **state) {
    /* chance: each sampler against the Gaussian integral, prior and step length of sgld included; fixed seed, 4.5
     * standard errors (false alarm 7e-6 each); the standard error itself below 2 % */
    (void)state;
    static const struct {
        const char *sampler;
        double gamma, lr;
    } cases[] = {{"gibbs", 30, 1e-3}, {"mala", 30, 1e-3}, {"mala", 0, 1e-2}, {"sgld", 30, 4e-3}, {"sgld", 7, 1e-2}};
    double theta[6], s[3];
    struct core_landscape *land = regression(theta, s);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct dln_llc_settings settings = dln_llc_settings_default();
        settings.sampler = cases[k].sampler;
        settings.localization = cases[k].gamma;
        settings.lr = cases[k].lr;
        settings.num_chains = 16;
        settings.num_draws = scaled(6000);
        struct dln_llc *llc = estimate(land, theta, &settings);
        double eps = strcmp(cases[k].sampler, "sgld") == 0 ? cases[k].lr : 0;
        assert_true(fabs(llc->nbeta - 300 / log(300)) < 1e-12);
        assert_true(within(cases[k].sampler, llc->lambda_hat, llc->se,
                           regression_mean(s, llc->nbeta, cases[k].gamma, eps), 4.5));
        assert_true(llc->se < 0.02 * llc->lambda_hat && llc->rhat < 1.01);
        assert_int_equal(llc->warning_count, 0);
        dln_llc_free(llc);
    }
    core_landscape_free(land);
}

static void mini_batches_add_their_noise(void **state) {
    /* chance: one weight, batches of 3 of 40 samples: with k = eps nbeta / 2, c = eps gamma / 2 and s_B, q_B the
     * batch's means of x^2 and e x, the variance is (eps + k^2 var q / B) / (1 - (1 - c - k s)^2 - k^2 var(x^2) / B),
     * exactly; 4.5 standard errors */
    (void)state;
    enum { N = 40 };
    double x[N], y[N], e[N], weight, s = 0, q2 = 0, x4 = 0;
    test_normal(21, N, x);
    test_normal(22, N, y);
    for (size_t i = 0; i < N; i++) y[i] += 0.8 * x[i];
    struct dln_data data = {N, 1, 1, x, y};
    struct core_landscape *land;
    assert_int_equal(dln_network_create(1, (const size_t[]){1, 1}, &data, &land), CORE_OK);
    weight = dln_of(land)->target[0];
    for (size_t i = 0; i < N; i++) {
        e[i] = y[i] - weight * x[i];
        s += x[i] * x[i] / N, x4 += x[i] * x[i] * x[i] * x[i] / N, q2 += e[i] * e[i] * x[i] * x[i] / N;
    }
    struct dln_llc_settings settings = dln_llc_settings_default();
    settings.sampler = "sgld";
    settings.num_chains = 32;
    settings.num_draws = scaled(8000);
    settings.lr = 0.02;
    settings.batch_size = 3;
    settings.nbeta = 12;
    settings.localization = 2;
    struct dln_llc *llc = estimate(land, &weight, &settings);
    double k = settings.lr * settings.nbeta / 2, c = settings.lr * settings.localization / 2, b = 3,
           keep = 1 - c - k * s;
    double variance = (settings.lr + k * k * q2 / b) / (1 - keep * keep - k * k * (x4 - s * s) / b);
    assert_true(within("mini-batch", llc->lambda_hat, llc->se, settings.nbeta * s * variance / 2, 4.5));
    assert_true(llc->se < 0.01 * llc->lambda_hat);
    dln_llc_free(llc);
    core_landscape_free(land);
}

/* ---- Oracles of singular networks ---- */

static void gibbs_on_the_oracles(void **state) {
    /* chance: networks of known lambda and m at their deepest point. At nbeta = 10^8 against lambda - (m - 1) / ln
     * nbeta, 4.5 standard errors and 5 (m - 1) / ln^2 nbeta for the next term; at n / ln n against another program's
     * Gibbs sampler (standard errors of both, its 0.05) */
    (void)state;
    static const struct {
        size_t depth, widths[4], rank;
        double other; /* NaN: not measured */
    } cases[] = {
        {2, {5, 5, 5}, 0, 9.08},        {2, {5, 5, 5}, 2, 11.11},   {2, {5, 5, 5}, 5, 12.48},
        {3, {4, 4, 4, 4}, 0, 4.93},     {3, {4, 4, 4, 4}, 2, 7.09}, {3, {4, 4, 4, 4}, 4, 8.02},
        {2, {3, 5, 2}, 1, (double)NAN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double theta[P];
        struct core_landscape *land = oracle(cases[i].depth, cases[i].widths, cases[i].rank, theta);
        struct dln_fibre fibre;
        assert_int_equal(dln_fibre_at(land, theta, &fibre), CORE_OK);
        assert_true(fibre.deepest);
        struct dln_llc_settings settings = dln_llc_settings_default();
        settings.num_draws = scaled(1500);
        settings.num_burnin_steps = 300;
        struct dln_llc *now = estimate(land, theta, &settings);
        settings.nbeta = 1e8;
        struct dln_llc *later = estimate(land, theta, &settings);
        double excess = (double)fibre.exact.multiplicity - 1, ln = log(1e8);
        double slack = 5 * excess / (ln * ln) / 4.5;
        assert_true(within("nbeta 1e8", later->lambda_hat, later->se + slack, fibre.exact.value - excess / ln, 4.5));
        if (isfinite(cases[i].other)) {
            assert_true(within("n / ln n", now->lambda_hat, hypot(now->se, 0.05), cases[i].other, 4.5));
        }
        assert_true(now->se < 0.01 * fibre.exact.value && later->se < 0.01 * fibre.exact.value);
        assert_int_equal(now->warning_count, 0);
        assert_true(now->mean_acceptance == 1 && isnan(now->relaxations));
        dln_llc_free(now);
        dln_llc_free(later);
        core_landscape_free(land);
    }
}

static void a_normal_crossing_by_quadrature(void **state) {
    /* chance: two roads, 1-1-1 of rank 0, L = (xy)^2 / 2. The integral over y is Gaussian, so that
     * E nbeta L = E_x[K x^2 / (K x^2 + gamma)] / 2 under exp(-gamma x^2 / 2) / sqrt(K x^2 + gamma), a sum over x = e^u;
     * lambda = 1/2, m = 2; 4.5 standard errors */
    (void)state;
    double theta[2], above = 0, below = 0, gamma = 2.385;
    struct core_landscape *land = oracle(2, (const size_t[]){1, 1, 1}, 0, theta);
    struct dln_llc_settings settings = dln_llc_settings_default();
    settings.localization = gamma;
    settings.num_draws = scaled(20000);
    struct dln_llc *llc = estimate(land, theta, &settings);
    for (double u = -30; u < 5; u += 1e-3) {
        double x = exp(u), k = llc->nbeta * x * x * dln_of(land)->sxx[0];
        double weight = exp(-gamma * x * x / 2) / sqrt(k + gamma) * x;
        above += weight * k / (k + gamma) / 2;
        below += weight;
    }
    assert_true(within("normal crossing", llc->lambda_hat, llc->se, above / below, 4.5));
    assert_true(llc->se < 0.01 * llc->lambda_hat);
    dln_llc_free(llc);
    core_landscape_free(land);
}

/* ---- Toy laws: L = sum_i |x_i|^p_i / p_i has lambda = sum 1 / p_i, and E nbeta L is just that without a prior ---- */

struct powers {
    size_t count;
    double p[3];
};

static void toy_loss(const struct core_landscape *land, const double x[], double loss[], double scratch[]) {
    const struct powers *powers = land->self;
    (void)scratch;
    for (size_t j = 0; j < CORE_LANES; j++) {
        loss[j] = 0;
        for (size_t i = 0; i < powers->count; i++)
            loss[j] += pow(fabs(x[i * CORE_LANES + j]), powers->p[i]) / powers->p[i];
    }
}

static void toy_gradient(const struct core_landscape *land, const double x[], double g[], double scratch[]) {
    const struct powers *powers = land->self;
    (void)scratch;
    for (size_t i = 0; i < powers->count * CORE_LANES; i++) {
        g[i] = copysign(pow(fabs(x[i]), powers->p[i / CORE_LANES] - 1), x[i]);
    }
}

static void toy_laws(void **state) {
    /* chance: five laws of known lambda by mala, 4.5 standard errors of at most 0.33 %, so within 1.5 %; the step is
     * tuned to an acceptance near 0.57 */
    (void)state;
    static const struct core_landscape_methods methods = {.loss = toy_loss, .gradient = toy_gradient};
    static const struct powers laws[] = {{3, {2, 2, 2}}, {3, {4, 4, 4}}, {2, {2, 4}}, {3, {2, 2, 6}}, {3, {2, 4, 8}}};
    for (size_t k = 0; k < sizeof laws / sizeof *laws; k++) {
        struct powers law = laws[k];
        struct core_landscape land = {
            .name = "toy", .dimension = law.count, .lanes = CORE_LANES, .methods = &methods, .self = &law};
        double centre[3] = {0, 0, 0}, lambda = 0;
        for (size_t i = 0; i < law.count; i++) lambda += 1 / law.p[i];
        struct dln_llc_settings settings = dln_llc_settings_default();
        settings.sampler = "mala";
        settings.nbeta = 100;
        settings.localization = 0;
        settings.lr = 0.01;
        settings.num_chains = 32;
        settings.num_draws = scaled(20000);
        settings.num_burnin_steps = 2000;
        struct dln_llc *llc = estimate(&land, centre, &settings);
        assert_true(within("toy law", llc->lambda_hat, llc->se, lambda, 4.5));
        assert_true(llc->se < 0.0033 * lambda);
        assert_true(fabs(llc->mean_acceptance - 0.57) < 0.1);
        assert_true(isnan(llc->curvature[0]));
        dln_llc_free(llc);
    }
}

/* ---- Samplers against one another ---- */

static void samplers_agree(void **state) {
    /* chance: 3-5-2 of rank 1 by gibbs and by mala, 4.5 standard errors; sgld is above both by a bias that falls with
     * lr, at every halving to between a quarter and three quarters */
    (void)state;
    double theta[P], bias[3];
    struct core_landscape *land = oracle(2, (const size_t[]){3, 5, 2}, 1, theta);
    struct dln_llc_settings settings = dln_llc_settings_default();
    settings.nbeta = 40;
    settings.num_chains = 16;
    settings.num_draws = scaled(4000);
    struct dln_llc *gibbs = estimate(land, theta, &settings);
    settings.sampler = "mala";
    settings.num_burnin_steps = 4000;
    settings.num_draws = scaled(16000);
    settings.lr = 0.01;
    struct dln_llc *mala = estimate(land, theta, &settings);
    assert_true(within("mala", mala->lambda_hat, hypot(mala->se, gibbs->se), gibbs->lambda_hat, 4.5));
    settings.sampler = "sgld";
    for (size_t i = 0; i < 3; i++) {
        settings.lr = 0.006 / (double)(1 << i);
        struct dln_llc *sgld = estimate(land, theta, &settings);
        bias[i] = sgld->lambda_hat - gibbs->lambda_hat;
        assert_true(bias[i] > 2 * hypot(sgld->se, gibbs->se));
        if (i > 0) assert_true(bias[i] > 0.25 * bias[i - 1] && bias[i] < 0.75 * bias[i - 1]);
        assert_true(isnan(sgld->mean_acceptance) && sgld->step[0] == settings.lr);
        dln_llc_free(sgld);
    }
    dln_llc_free(gibbs);
    dln_llc_free(mala);
    core_landscape_free(land);
}

static void one_replica_at_a_time(void **state) {
    /* law: networks evaluated one replica at a time give the same chains as in lanes, to rounding while they are short
     */
    (void)state;
    static const char *const samplers[] = {"gibbs", "mala", "sgld"};
    struct test_shape shape = {2, {3, 4, 2}, 20, 0};
    struct core_landscape *lanes = test_network(&shape, 4), *one;
    const struct dln_network *network = dln_of(lanes);
    struct dln_data data = {20, 3, 2, network->x, network->y};
    assert_int_equal(dln_network_create_as(0, 2, shape.widths, &data, &one), CORE_OK);
    double theta[20];
    assert_int_equal(dln_start_deepest(lanes, 2, theta), CORE_OK);
    for (size_t k = 0; k < 3; k++) {
        struct dln_llc_settings settings = dln_llc_settings_default();
        settings.sampler = samplers[k];
        settings.num_chains = 11;
        settings.num_draws = 5;
        settings.num_burnin_steps = 2;
        settings.steps_between = 2;
        struct dln_llc *a = estimate(lanes, theta, &settings), *b = estimate(one, theta, &settings);
        assert_true(agree(samplers[k], 55, a->loss, b->loss, 1e-9));
        dln_llc_free(a);
        dln_llc_free(b);
    }
    core_landscape_free(lanes);
    core_landscape_free(one);
}

static void bits_do_not_depend_on_threads(void **state) {
    /* law: 1, 2 and 5 threads give the same bits, a chain does not depend on how many there are, and steps between
     * draws only thin it */
    (void)state;
    static const char *const samplers[] = {"gibbs", "mala", "sgld"};
    double theta[P];
    struct core_landscape *land = oracle(3, (const size_t[]){3, 2, 4, 3}, 2, theta);
    for (size_t k = 0; k < 3; k++) {
        struct dln_llc_settings settings = dln_llc_settings_default();
        settings.sampler = samplers[k];
        settings.num_chains = 21;
        settings.num_draws = 30;
        settings.num_burnin_steps = 10;
        if (k == 2) settings.batch_size = 5;
        struct dln_llc *one = estimate(land, theta, &settings);
        settings.threads = 2;
        struct dln_llc *two = estimate(land, theta, &settings);
        settings.threads = 5;
        settings.num_chains = 9;
        struct dln_llc *few = estimate(land, theta, &settings);
        assert_memory_equal(one->loss, two->loss, 21 * 30 * sizeof(double));
        assert_true(one->lambda_hat == two->lambda_hat && one->se == two->se && one->rhat == two->rhat);
        assert_memory_equal(one->loss, few->loss, 9 * 30 * sizeof(double));
        settings.seed = 2;
        struct dln_llc *other = estimate(land, theta, &settings);
        assert_true(other->loss[29] != few->loss[29]);
        settings.steps_between = 3;
        settings.num_draws = 10;
        struct dln_llc *thin = estimate(land, theta, &settings);
        for (size_t d = 0; d < 9 * 10; d++) assert_true(thin->loss[d] == other->loss[d / 10 * 30 + d % 10 * 3 + 2]);
        dln_llc_free(thin);
        dln_llc_free(one);
        dln_llc_free(two);
        dln_llc_free(few);
        dln_llc_free(other);
    }
    core_landscape_free(land);
}

/* ---- Diagnostics ---- */

static void settings_that_do_not_mix(void **state) {
    /* value: a step of 1e-5, localization 100, 400 draws and no burn-in [hennick2026, table 3] give far less than
     * lambda on 5-5-5, and the warning says so */
    (void)state;
    static const size_t widths[] = {5, 5, 5}, ranks[] = {0, 2, 5};
    static const double most[] = {0.5, 6.5, 10.5}, lambda[] = {9.5, 11.5, 12.5};
    for (size_t i = 0; i < 3; i++) {
        double theta[P];
        struct core_landscape *land = oracle(2, widths, ranks[i], theta);
        struct dln_llc_settings settings = dln_llc_settings_default();
        settings.sampler = "sgld";
        settings.lr = 1e-5;
        settings.localization = 100;
        settings.num_draws = 400;
        settings.num_burnin_steps = 0;
        settings.num_chains = 64;
        struct dln_llc *llc = estimate(land, theta, &settings);
        assert_true(llc->lambda_hat > 0 && llc->lambda_hat < most[i] && most[i] < 0.9 * lambda[i]);
        assert_true(warned(llc, "cannot have mixed") && warned(llc, "disagree"));
        assert_true(llc->relaxations < 0.3);
        dln_llc_free(llc);
        core_landscape_free(land);
    }
}

static void centres_that_are_no_minima(void **state) {
    /* value: a point with a gradient, a saddle, and a step that diverges: each has its warning, and numbers stay
     * numbers */
    (void)state;
    double theta[P];
    struct core_landscape *land = oracle(2, (const size_t[]){5, 5, 5}, 2, theta);
    struct dln_llc_settings settings = dln_llc_settings_default();
    settings.num_draws = 50;
    theta[0] += 0.3;
    struct dln_llc *slope = estimate(land, theta, &settings);
    assert_true(warned(slope, "gradient") && slope->gradient_norm > 0.1);
    assert_int_equal(dln_start_deepest(land, 1, theta), CORE_OK);
    struct dln_llc *saddle = estimate(land, theta, &settings);
    assert_true(!warned(saddle, "gradient") && warned(saddle, "eigenvalue") && saddle->curvature[0] < -0.1);
    settings.sampler = "sgld";
    settings.lr = 1;
    settings.num_draws = 500;
    struct dln_llc *wild = estimate(land, theta, &settings);
    assert_true(warned(wild, "4 of 4 chains diverged") && wild->diverged == 4);
    assert_true(isnan(wild->lambda_hat) && isnan(wild->se) && isnan(wild->estimate[0]));
    dln_llc_free(slope);
    dln_llc_free(saddle);
    dln_llc_free(wild);
    core_landscape_free(land);
}

static void wide_layers_go_through_lapack(void **state) {
    /* chance: one layer of 40 inputs, more than the rotations take: half a parameter each, 4.5 standard errors */
    (void)state;
    struct test_shape shape = {1, {40, 2}, 200, 0};
    double theta[P], s[40], expected = 0;
    struct core_landscape *land = test_network(&shape, 12);
    memcpy(theta, dln_of(land)->target, 80 * sizeof *theta);
    struct dln_llc_settings settings = dln_llc_settings_default();
    settings.num_draws = 60;
    settings.num_burnin_steps = 5;
    struct dln_llc *llc = estimate(land, theta, &settings);
    assert_int_equal(core_symmetric_eigen(40, dln_of(land)->sxx, s, NULL), CORE_OK);
    for (size_t i = 0; i < 40; i++) expected += llc->nbeta * s[i] / (llc->nbeta * s[i] + 1);
    assert_true(within("40 inputs", llc->lambda_hat, llc->se, expected, 4.5));
    dln_llc_free(llc);
    core_landscape_free(land);
}

/* ---- Refusals ---- */

static void unfit_settings_are_refused(void **state) {
    /* value: each setting out of its range, and samplers that do not fit the landscape, with a sentence that names it
     */
    (void)state;
    static const struct dln_llc_settings good = {.sampler = "sgld",
                                                 .num_chains = 2,
                                                 .num_draws = 3,
                                                 .steps_between = 1,
                                                 .lr = 0.01,
                                                 .localization = 1,
                                                 .nbeta = 5};
    double theta[P];
    struct core_landscape *land = oracle(2, (const size_t[]){3, 5, 2}, 1, theta), *well;
    assert_int_equal(core_landscape_create(&(struct core_potential){.name = "double-well"}, &well), CORE_OK);
    struct {
        struct dln_llc_settings settings;
        const struct core_landscape *land;
        const char *words;
    } cases[] = {
        {good, land, "sampler 'hmc'"},  {good, land, "num_chains 0"},
        {good, land, "num_draws 0"},    {good, land, "num_steps_bw_draws 0"},
        {good, land, "2^32"},           {good, land, "lr 0"},
        {good, land, "lr nan"},         {good, land, "localization -1"},
        {good, land, "nbeta -1"},       {good, well, "nbeta"},
        {good, well, "batch_size"},     {good, well, "network"},
        {good, land, "localization 0"},
    };
    cases[0].settings.sampler = "hmc";
    cases[1].settings.num_chains = 0;
    cases[2].settings.num_draws = 0;
    cases[3].settings.steps_between = 0;
    cases[4].settings.num_burnin_steps = (size_t)1 << 33;
    cases[5].settings.lr = 0;
    cases[6].settings.lr = NAN;
    cases[7].settings.localization = -1;
    cases[8].settings.nbeta = -1;
    cases[9].settings.nbeta = 0;
    cases[10].settings.batch_size = 4;
    cases[11].settings.sampler = "gibbs";
    cases[12].settings.sampler = "gibbs";
    cases[12].settings.localization = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct dln_llc *llc;
        assert_int_equal(dln_llc_create(cases[i].land, theta, &cases[i].settings, &llc), CORE_BAD_INPUT);
        if (strstr(core_error(), cases[i].words) == NULL) fail_msg("case %zu: %s", i, core_error());
        assert_null(llc);
    }
    assert_non_null(dln_llc_sampler(2));
    assert_null(dln_llc_sampler(3));
    core_landscape_free(well);
    core_landscape_free(land);
}

static void too_many_draws_are_refused(void **state) {
    /* value: draws that this machine cannot hold are refused with their size before anything is allocated */
    (void)state;
    double theta[P];
    struct core_landscape *land = oracle(2, (const size_t[]){3, 5, 2}, 1, theta);
    struct dln_llc_settings settings = dln_llc_settings_default();
    struct dln_llc *llc;
    settings.num_chains = (size_t)1 << 30;
    settings.num_draws = (size_t)1 << 30;
    assert_int_equal(dln_llc_create(land, theta, &settings, &llc), CORE_NO_MEMORY);
    assert_non_null(strstr(core_error(), "GB"));
    core_landscape_free(land);
}

static void no_memory_is_reported(void **state) {
    /* law: whichever allocation fails, it is said and nothing leaks */
    (void)state;
    static const char *const samplers[] = {"gibbs", "mala", "sgld"};
    double theta[P];
    struct core_landscape *land = oracle(2, (const size_t[]){3, 5, 2}, 1, theta);
    size_t live = core_alloc_live();
    for (size_t s = 0; s < 3; s++) {
        struct dln_llc_settings settings = dln_llc_settings_default();
        settings.sampler = samplers[s];
        settings.num_draws = 5;
        settings.num_burnin_steps = 0;
        settings.threads = s;
        for (size_t k = 1;; k++) {
            struct dln_llc *llc;
            core_alloc_fail_at(k);
            enum core_status status = dln_llc_create(land, theta, &settings, &llc);
            core_alloc_fail_at(0);
            if (status == CORE_OK) {
                assert_true(k > 6);
                dln_llc_free(llc);
                break;
            }
            assert_int_equal(status, CORE_NO_MEMORY);
            assert_int_equal(core_alloc_live(), live);
        }
        assert_int_equal(core_alloc_live(), live);
    }
    dln_llc_free(NULL);
    core_landscape_free(land);
}

static void count_steps(void *context, double done) {
    *(double *)context = done;
}

static void interruption_and_progress(void **state) {
    /* value: an interrupted estimate says so and leaks nothing; a finished one has told all its steps */
    (void)state;
    double theta[P], told = 0;
    struct core_landscape *land = oracle(2, (const size_t[]){3, 5, 2}, 1, theta);
    struct dln_llc_settings settings = dln_llc_settings_default();
    settings.num_draws = 20;
    settings.num_burnin_steps = 7;
    settings.steps_between = 3;
    settings.progress = count_steps;
    settings.progress_context = &told;
    struct dln_llc *llc = estimate(land, theta, &settings);
    assert_true(told == 4 * 67 && llc->steps == told);
    dln_llc_free(llc);
    size_t live = core_alloc_live();
    core_interrupt(1);
    assert_int_equal(dln_llc_create(land, theta, &settings, &llc), CORE_INTERRUPTED);
    core_interrupt(0);
    assert_int_equal(core_alloc_live(), live);
    core_landscape_free(land);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regression_is_exact),
        cmocka_unit_test(mini_batches_add_their_noise),
        cmocka_unit_test(gibbs_on_the_oracles),
        cmocka_unit_test(a_normal_crossing_by_quadrature),
        cmocka_unit_test(toy_laws),
        cmocka_unit_test(samplers_agree),
        cmocka_unit_test(one_replica_at_a_time),
        cmocka_unit_test(bits_do_not_depend_on_threads),
        cmocka_unit_test(settings_that_do_not_mix),
        cmocka_unit_test(centres_that_are_no_minima),
        cmocka_unit_test(wide_layers_go_through_lapack),
        cmocka_unit_test(unfit_settings_are_refused),
        cmocka_unit_test(too_many_draws_are_refused),
        cmocka_unit_test(no_memory_is_reported),
        cmocka_unit_test(interruption_and_progress),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
