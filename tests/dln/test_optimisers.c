/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Optimisers: what each makes of a batch's gradient, against its published recursion written out number by number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support/stepping.h"

static const size_t DEEP[] = {4, 3, 5, 2}, WIDE[] = {17, 19, 18}; /* 665 parameters: not whole lanes */

enum { STEPS = 25 };

/* One number's recursion: theta and what the optimiser remembers of it. */
struct scalar {
    double theta, first, second;
};

static void scalar_sgd(const struct dln_sgd_settings *s, size_t k, double rate, double g, struct scalar *at) {
    (void)k;
    at->first = s->momentum * at->first + (g + s->weight_decay * at->theta);
    at->theta -= rate * at->first;
}

/* Kingma and Ba's algorithm 1, the decay where `decoupled` says. */
static void scalar_adam(const struct dln_sgd_settings *s, size_t k, double rate, double g, struct scalar *at,
                        int decoupled) {
    double t = (double)(k + 1);
    if (decoupled)
        at->theta *= 1 - rate * s->weight_decay;
    else
        g += s->weight_decay * at->theta;
    at->first = s->beta1 * at->first + (1 - s->beta1) * g;
    at->second = s->beta2 * at->second + (1 - s->beta2) * g * g;
    double mean = at->first / (1 - pow(s->beta1, t)), square = at->second / (1 - pow(s->beta2, t));
    at->theta -= rate * mean / (sqrt(square) + s->epsilon);
}

static void scalar_step(const struct dln_sgd_settings *s, size_t k, double rate, double g, struct scalar *at) {
    if (s->optimiser == DLN_OPTIMISER_SGD)
        scalar_sgd(s, k, rate, g, at);
    else
        scalar_adam(s, k, rate, g, at, s->optimiser == DLN_OPTIMISER_ADAMW);
}

static struct core_stepper *create(const struct core_landscape *network, const struct dln_sgd_settings *settings) {
    struct core_stepper *sgd = NULL;
    assert_int_equal(dln_sgd_create(network, settings, 8, &sgd), CORE_OK);
    return sgd;
}

/* g[lane] = min(1, clip / |gradient|) of what the plain stepper's step of length 1 did. */
static void clip_factors(const struct core_landscape *land, const struct stepping_block *plain, double clip,
                         double factor[]) {
    for (size_t lane = 0; lane < land->lanes; lane++) {
        double square = 0;
        for (size_t i = 0; i < land->dimension; i++)
            square += pow(plain->before[i * land->lanes + lane] - plain->x[i * land->lanes + lane], 2);
        factor[lane] = fmin(1, clip / sqrt(square));
    }
}

/* The largest deviation of the stepper from the recursion over STEPS steps of changing length; *clipped counts. */
static double deviation(const struct core_landscape *land, const struct dln_sgd_settings *settings, size_t *clipped) {
    struct dln_sgd_settings bare = dln_sgd_settings_default();
    bare.batch = settings->batch;
    struct core_stepper *plain = create(land, &bare), *tried = create(land, settings);
    struct stepping_block block = stepping_block_create(tried, 0.7), other = stepping_block_create(plain, 0.7);
    size_t count = land->dimension * land->lanes;
    struct scalar *scalars = calloc(count, sizeof *scalars);
    double worst = 0, factor[CORE_LANES];
    for (size_t i = 0; i < count; i++) scalars[i].theta = block.x[i];
    for (size_t k = 0; k < STEPS; k++) {
        double rate = 0.02 / (1 + 0.1 * (double)k);
        for (size_t i = 0; i < count; i++) other.x[i] = scalars[i].theta;
        stepping_block_step(plain, &other, k, 1);
        clip_factors(land, &other, settings->clip, factor);
        for (size_t lane = 0; lane < land->lanes; lane++) *clipped += factor[lane] < 1;
        memcpy(block.x, other.before, count * sizeof(double));
        stepping_block_step(tried, &block, k, rate);
        for (size_t i = 0; i < count; i++) {
            double g = (other.before[i] - other.x[i]) * factor[i % land->lanes];
            scalar_step(settings, k, rate, g, &scalars[i]);
            worst = fmax(worst, fabs(block.x[i] - scalars[i].theta));
        }
    }
    free(scalars);
    stepping_block_free(&block);
    stepping_block_free(&other);
    dln_sgd_free(plain);
    dln_sgd_free(tried);
    return worst;
}

static void recursions(void **state) {
    /* law: SGD with decay, with decay and momentum, Adam and AdamW with and without decay and clipping: in every lane,
     * and on a network too wide for lanes, the scalar recursion to 1e-13 */
    (void)state;
    struct {
        enum dln_optimiser_kind optimiser;
        double momentum, weight_decay, clip, beta1, beta2, epsilon;
    } rows[] = {
        {DLN_OPTIMISER_SGD, 0, 0.137, INFINITY, 0, 0, 0},
        {DLN_OPTIMISER_SGD, 0.83, 0.137, 0.31, 0, 0, 0},
        {DLN_OPTIMISER_ADAM, 0, 0, INFINITY, 0.9, 0.999, 1e-4},
        {DLN_OPTIMISER_ADAM, 0, 0.385, 0.31, 0.81, 0.93, 1e-3},
        {DLN_OPTIMISER_ADAMW, 0, 0.385, INFINITY, 0.81, 0.93, 1e-3},
        {DLN_OPTIMISER_ADAMW, 0, 0, 0.31, 0, 0, 0.137},
    };
    struct core_landscape *networks[] = {stepping_network(3, DEEP, 23), stepping_network(2, WIDE, 31)};
    assert_int_equal(networks[0]->lanes, CORE_LANES);
    assert_int_equal(networks[1]->lanes, 1);
    for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
        struct dln_sgd_settings settings = dln_sgd_settings_default();
        size_t clipped = 0, r = i / 2;
        settings.batch = 3;
        settings.optimiser = rows[r].optimiser;
        settings.momentum = rows[r].momentum;
        settings.weight_decay = rows[r].weight_decay;
        settings.clip = rows[r].clip;
        settings.beta1 = rows[r].beta1;
        settings.beta2 = rows[r].beta2;
        settings.epsilon = rows[r].epsilon;
        double worst = deviation(networks[i % 2], &settings, &clipped);
        if (worst >= 1e-13) print_error("row %zu, network %zu: %g\n", r, i % 2, worst);
        assert_true(worst < 1e-13);
        assert_true(isinf(rows[r].clip) ? clipped == 0 : clipped > 5);
    }
    core_landscape_free(networks[0]);
    core_landscape_free(networks[1]);
}

static void first_step_is_its_sign(void **state) {
    /* law: without decay, Adam's first step is eta g / (|g| + epsilon): nearly eta in every coordinate, whatever the
     * betas */
    (void)state;
    struct core_landscape *network = stepping_network(3, DEEP, 23);
    struct dln_sgd_settings settings = dln_sgd_settings_default();
    settings.optimiser = DLN_OPTIMISER_ADAM;
    settings.batch = 2;
    struct core_stepper *adam = create(network, &settings);
    struct stepping_block block = stepping_block_create(adam, 0.7);
    stepping_block_step(adam, &block, 0, 0.0137);
    for (size_t i = 0; i < network->dimension * CORE_LANES; i++) {
        assert_true(fabs(fabs(block.x[i] - block.before[i]) - 0.0137) < 0.0137 * 1e-3);
    }
    stepping_block_free(&block);
    dln_sgd_free(adam);
    core_landscape_free(network);
}

static void same_bits(void **state) {
    /* law: Adam carries its moments in the block: any threads and any cutting into pieces give the same bits, under a
     * warm-up and a cosine */
    (void)state;
    struct core_landscape *network = stepping_network(3, DEEP, 23);
    struct dln_sgd_settings settings = dln_sgd_settings_default();
    settings.optimiser = DLN_OPTIMISER_ADAMW;
    settings.weight_decay = 0.1;
    settings.batch = 3;
    settings.sampling = DLN_SAMPLING_RESHUFFLE;
    settings.schedule = (struct core_schedule){
        .law = CORE_SCHEDULE_COSINE, .rate = 0.013, .factor = 1, .every = 40, .floor = 0.1, .warm_up = 7};
    struct core_stepper *adam = create(network, &settings);
    double *start = calloc(network->dimension, sizeof *start);
    size_t steps[] = {9, 50}, p = network->dimension;
    for (size_t i = 0; i < p; i++) start[i] = 0.4 * stepping_number(i);
    struct core_ensemble *whole = stepping_run(adam, start, 2, steps, 27), *piece = NULL;
    struct core_ensemble_settings cut = {
        .steps = 50, .start = {start, 0}, .record_count = 2, .record_steps = steps, .ceiling = 1e12};
    assert_int_equal(core_ensemble_create(27, p, 2, 0, &piece), CORE_OK);
    for (size_t first = 0; first < 27; first += 9) {
        cut.first_replica = first;
        cut.replicas = 9;
        cut.threads = 1 + 3 * first / 9;
        assert_int_equal(core_ensemble_run(adam, &cut, piece, first), CORE_OK);
    }
    assert_memory_equal(whole->parameters, piece->parameters, 2 * 27 * p * sizeof(double));
    core_ensemble_free(whole);
    core_ensemble_free(piece);
    dln_sgd_free(adam);
    free(start);
    core_landscape_free(network);
}

static void names(void **state) {
    /* value: the table's words in the order of the enumeration, and its end */
    (void)state;
    assert_string_equal(dln_optimiser_name(DLN_OPTIMISER_SGD), "sgd");
    assert_string_equal(dln_optimiser_name(DLN_OPTIMISER_ADAM), "adam");
    assert_string_equal(dln_optimiser_name(DLN_OPTIMISER_ADAMW), "adamw");
    assert_null(dln_optimiser_name(3));
}

static struct dln_sgd_settings with(enum dln_optimiser_kind optimiser, double weight_decay, double momentum,
                                    double beta1, double beta2, double epsilon) {
    struct dln_sgd_settings settings = dln_sgd_settings_default();
    settings.optimiser = optimiser;
    settings.weight_decay = weight_decay;
    settings.momentum = momentum;
    settings.beta1 = beta1;
    settings.beta2 = beta2;
    settings.epsilon = epsilon;
    return settings;
}

static void bad_settings(void **state) {
    /* value: each setting out of its range is refused with a sentence that names what was found */
    (void)state;
    struct core_landscape *network = stepping_network(3, DEEP, 23);
    const struct {
        struct dln_sgd_settings settings;
        const char *says;
    } cases[] = {
        {with(DLN_OPTIMISER_SGD, -0.1, 0, 0, 0, 0), "weight decay -0.1"},
        {with(DLN_OPTIMISER_SGD, (double)NAN, 0, 0, 0, 0), "weight decay nan"},
        {with(DLN_OPTIMISER_SGD, 0, -0.1, 0, 0, 0), "momentum -0.1"},
        {with((enum dln_optimiser_kind)3, 0, 0, 0, 0, 0), "optimiser number 3"},
        {with(DLN_OPTIMISER_ADAM, 0, 0, 1, 0.9, 1), "beta1 1"},
        {with(DLN_OPTIMISER_ADAM, 0, 0, 0.9, -0.5, 1), "beta2 -0.5"},
        {with(DLN_OPTIMISER_ADAMW, 0, 0, 0.9, 0.9, 0), "epsilon 0"},
        {with(DLN_OPTIMISER_ADAMW, 0, 0, 0.9, 0.9, (double)INFINITY), "epsilon inf"},
        {with(DLN_OPTIMISER_ADAM, 0, 0.5, 0.9, 0.9, 1), "momentum 0.5 beside Adam"},
    };
    struct core_stepper *sgd;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(dln_sgd_create(network, &cases[i].settings, 1, &sgd), CORE_BAD_INPUT);
        assert_null(sgd);
        assert_non_null(strstr(core_error(), cases[i].says));
    }
    core_landscape_free(network);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recursions), cmocka_unit_test(first_step_is_its_sign), cmocka_unit_test(same_bits),
        cmocka_unit_test(names),      cmocka_unit_test(bad_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
