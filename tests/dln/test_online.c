/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fresh samples and fresh label noise: what they are, and the moments of SGD on them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dln/network.h"
#include "dln/source.h"
#include "support/stepping.h"

static const size_t DEEP[] = {4, 3, 5, 2};
static const double COVARIANCE[] = {1.385, 0.46, 2.1, 0.87}, SINGULAR[] = {2.385, 0.6};

static struct dln_data_settings law_of(size_t inputs, size_t outputs, enum dln_input_law law) {
    return (struct dln_data_settings){
        .samples = 1,
        .inputs = inputs,
        .outputs = outputs,
        .law = law,
        .dof = 4.385,
        .covariance_count = inputs <= 4 ? inputs : 0,
        .covariance = COVARIANCE,
        .singular_count = outputs < 2 ? 1 : 2,
        .singular_values = SINGULAR,
        .label_noise = 0.37,
    };
}

static struct dln_source *source_of(const struct dln_data_settings *settings) {
    struct dln_source *source = NULL;
    assert_int_equal(dln_source_create(settings, 20, &source), CORE_OK);
    return source;
}

static struct core_stepper *online(const struct core_landscape *network, const struct dln_source *source, size_t batch,
                                   double rate, double label_noise) {
    struct dln_sgd_settings settings = dln_sgd_settings_default();
    settings.batch = batch;
    settings.sampling = DLN_SAMPLING_ONLINE;
    settings.source = source;
    settings.schedule.rate = rate;
    settings.label_noise = label_noise;
    struct core_stepper *sgd = NULL;
    assert_int_equal(dln_sgd_create(network, &settings, 8, &sgd), CORE_OK);
    return sgd;
}

/* A network on d_0 samples whose moments are those of the law: Sxx = C, Syx = T C. */
static struct core_landscape *population_network(size_t depth, const size_t widths[],
                                                 const struct dln_data_settings *law) {
    size_t n = widths[0], dl = widths[depth];
    struct dln_data data = {n, n, dl, core_alloc(n * n, sizeof(double)), core_alloc(n * dl, sizeof(double))};
    double teacher[16];
    assert_int_equal(dln_data_teacher(law, 20, teacher), CORE_OK);
    for (size_t m = 0; m < n; m++) {
        data.x[m * n + m] = sqrt((double)n * law->covariance[m]);
        for (size_t o = 0; o < dl; o++) data.y[m * dl + o] = teacher[o * n + m] * data.x[m * n + m];
    }
    struct core_landscape *network = NULL;
    assert_int_equal(dln_network_create(depth, widths, &data, &network), CORE_OK);
    dln_data_free(&data);
    return network;
}

/* ---- The kernels ---- */

static void given_samples_are_drawn_samples(void **state) {
    /* law: samples given as numbers have the gradient that the same samples have by their indices, bit for bit, in
     * lanes and in wide networks, for 0 to 11 of them (wide: 0 to 150) */
    (void)state;
    static const size_t five[] = {5, 5, 5}, wide[] = {17, 19, 18};
    struct core_landscape *networks[] = {stepping_network(3, DEEP, 23), stepping_network(2, five, 23),
                                         stepping_network(2, wide, 40)};
    for (size_t k = 0; k < 3; k++) {
        const struct core_landscape *land = networks[k];
        const struct dln_network *network = dln_of(land);
        size_t width = land->lanes, d0 = network->inputs, dl = network->outputs, most = width == 1 ? 150 : 11;
        size_t size = land->dimension * width;
        double *x = core_alloc(size, sizeof *x), *a = core_alloc(size, sizeof *a), *b = core_alloc(size, sizeof *b);
        double *inputs = core_alloc(most * d0 * width, sizeof *inputs), *scratch = core_alloc(land->scratch, sizeof *x);
        double *targets = core_alloc(most * dl * width, sizeof *targets);
        uint32_t *index = core_alloc(most * width, sizeof *index);
        struct core_stream stream = {.seed = 5, .purpose = CORE_PURPOSE_TEST};
        for (size_t i = 0; i < size; i++) x[i] = stepping_number(i);
        core_random_index(&stream, (uint32_t)land->samples, width, most, index);
        for (size_t i = 0; i < most * d0 * width; i++)
            inputs[i] = network->x[index[i / (d0 * width) * width + i % width] * d0 + i / width % d0];
        for (size_t i = 0; i < most * dl * width; i++)
            targets[i] = network->y[index[i / (dl * width) * width + i % width] * dl + i / width % dl];
        for (size_t count = 0; count <= most; count += width == 1 ? 25 : 1) {
            double counts[CORE_LANES] __attribute__((aligned(64)));
            for (size_t j = 0; j < CORE_LANES; j++) counts[j] = (double)count;
            land->methods->sampled_gradient(land, x, count, counts, index, a, scratch);
            network->batch_gradient(land, x, count, inputs, targets, b, scratch);
            assert_memory_equal(a, b, size * sizeof *a);
        }
        void *arrays[] = {x, a, b, inputs, targets, scratch, index};
        for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) core_free(arrays[i]);
        core_landscape_free(networks[k]);
    }
}

/* ---- The law ---- */

static void draws_do_not_depend_on_the_width(void **state) {
    /* law: a path's samples are the same one by one and in lanes, and their targets to 1e-14; other steps and paths
     * have others */
    (void)state;
    for (int law = 0; law < 2; law++) {
        enum { COUNT = 7, D = 3, O = 2 };
        struct dln_data_settings settings = law_of(D, O, (enum dln_input_law)law);
        struct dln_source *source = source_of(&settings);
        double x[COUNT * D * CORE_LANES] __attribute__((aligned(64))),
            y[COUNT * O * CORE_LANES] __attribute__((aligned(64)));
        double one[COUNT * D + 3] __attribute__((aligned(64))), label[COUNT * O + 2] __attribute__((aligned(64)));
        double *scratch = core_alloc(dln_source_scratch(source, CORE_LANES, COUNT), sizeof *scratch);
        dln_source_draw(source, 8, 16, 3, CORE_LANES, COUNT, x, y, scratch);
        for (size_t lane = 0; lane < CORE_LANES; lane++) {
            dln_source_draw(source, 8, 16 + lane, 3, 1, COUNT, one, label, scratch);
            for (size_t i = 0; i < COUNT * D; i++) assert_true(x[i * CORE_LANES + lane] == one[i]);
            for (size_t i = 0; i < COUNT * O; i++) assert_true(fabs(y[i * CORE_LANES + lane] - label[i]) < 1e-14);
            assert_true(lane == 0 || x[lane] != x[0]);
        }
        dln_source_draw(source, 8, 16, 4, 1, COUNT, one, label, scratch);
        assert_true(one[0] != x[0] && one[5] != x[5 * CORE_LANES]);
        core_free(scratch);
        dln_source_free(source);
    }
}

static void targets_are_the_teachers(void **state) {
    /* law: without label noise y = T x with the teacher of the finite data of the same seed, to 1e-13; the data's own
     * targets show it */
    (void)state;
    enum { N = 9, D = 4, O = 3 };
    struct dln_data_settings settings = law_of(D, O, DLN_INPUT_STUDENT_T);
    settings.samples = N;
    settings.label_noise = 0;
    struct dln_data data;
    double teacher[O * D], x[N * D + 8] __attribute__((aligned(64))), y[N * O + 8] __attribute__((aligned(64)));
    double scratch[2 * N * D + 8] __attribute__((aligned(64)));
    assert_int_equal(dln_data_generate(&settings, 20, &data), CORE_OK);
    assert_int_equal(dln_data_teacher(&settings, 20, teacher), CORE_OK);
    struct dln_source *source = source_of(&settings);
    dln_source_draw(source, 1, 2, 3, 1, N, x, y, scratch);
    for (size_t i = 0; i < N * O; i++) {
        double of_data = -data.y[i], of_law = -y[i];
        for (size_t j = 0; j < D; j++) {
            of_data += teacher[i % O * D + j] * data.x[i / O * D + j];
            of_law += teacher[i % O * D + j] * x[i / O * D + j];
        }
        assert_true(fabs(of_data) < 1e-13 && fabs(of_law) < 1e-13);
    }
    dln_source_free(source);
    dln_data_free(&data);
}

static void inputs_follow_their_law(void **state) {
    /* chance: 400000 draws each. Student-t, 3 degrees: half lie within 0.764892, 95 percent within 3.182446 (tables);
     * variances of whitened laws 1, of given covariances theirs (Student-t: times f / (f - 2)), each
     * within 5 standard errors (false alarm below 1e-5 in all); seeds 20, 8 */
    (void)state;
    enum { N = 400000 };
    double *x = core_alloc(N, sizeof *x), *y = core_alloc(N, sizeof *y), *scratch = core_alloc(2 * N, sizeof *x);
    struct {
        enum dln_input_law law;
        double dof, covariance;
        int whiten;
        double variance, kurtosis; /* 0: not looked at */
    } rows[] = {
        {DLN_INPUT_STUDENT_T, 3, 1, 0, 0, 0},
        {DLN_INPUT_GAUSSIAN, 0, 0, 1, 1, 3},
        {DLN_INPUT_GAUSSIAN, 0, 2.385, 0, 2.385, 3},
        {DLN_INPUT_STUDENT_T, 10.5, 0, 1, 1, 3 + 6 / 6.5},
        {DLN_INPUT_STUDENT_T, 10.5, 2.385, 0, 2.385 * 10.5 / 8.5, 3 + 6 / 6.5},
        {DLN_INPUT_STUDENT_T, 1e9, 0, 1, 1, 3},
    };
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        struct dln_data_settings settings = {.inputs = 1, .outputs = 1, .law = rows[r].law, .dof = rows[r].dof};
        settings.whiten = rows[r].whiten;
        settings.covariance_count = !rows[r].whiten;
        settings.covariance = &rows[r].covariance;
        struct dln_source *source = source_of(&settings);
        dln_source_draw(source, 8, 1, r, 1, N, x, y, scratch);
        double half = 0, most = 0, square = 0;
        for (size_t i = 0; i < N; i++) {
            half += fabs(x[i]) < 0.764892328;
            most += fabs(x[i]) < 3.182446305;
            square += x[i] * x[i] / N;
            assert_true(y[i] == 0);
        }
        if (rows[r].variance > 0) {
            double error = rows[r].variance * sqrt((rows[r].kurtosis - 1) / N);
            assert_true(fabs(square - rows[r].variance) < 5 * error);
        } else {
            assert_true(fabs(half / N - 0.5) < 5 * sqrt(0.25 / N));
            assert_true(fabs(most / N - 0.95) < 5 * sqrt(0.95 * 0.05 / N));
        }
        dln_source_free(source);
    }
    core_free(x);
    core_free(y);
    core_free(scratch);
}

static void student_draws_are_their_formula(void **state) {
    /* value: each instruction set's Student-t draws against expm1, log and cos, to 1e-12 of 1 + |t|, for uniforms near
     * 0 and 1 and degrees of freedom from 0.5 to 1e9 */
    (void)state;
    enum { N = 203 };
    static const double dofs[] = {0.5, 1, 3, 10.5, 137, 1e5, 1e9};
    double uniform[2 * N], out[N + 5] __attribute__((aligned(64)));
    enum core_isa best = core_isa();
    for (size_t i = 0; i < 2 * N; i++) uniform[i] = 0.5 + 0.5 * stepping_number(i);
    for (size_t i = 0; i < 50; i++) {
        uniform[4 * i] = ldexp(1, -1 - (int)i);
        uniform[4 * i + 2] = 1 - ldexp(1, -1 - (int)i);
    }
    for (int isa = 0; isa < CORE_ISA_COUNT; isa++) {
        if (!core_isa_force((enum core_isa)isa)) continue;
        for (size_t d = 0; d < sizeof dofs / sizeof *dofs; d++) {
            dln_source_kernels()->student(dofs[d], 1, N, uniform, out);
            for (size_t i = 0; i < N; i++) {
                double size = sqrt(dofs[d] * expm1(-2 / dofs[d] * log(uniform[2 * i])));
                double t = size * cos(6.283185307179586477 * uniform[2 * i + 1]);
                assert_true(fabs(out[i] - t) < 1e-12 * (1 + size));
            }
        }
    }
    core_isa_force(best);
}

/* ---- Steps ---- */

static void balancedness(void **state) {
    /* law: steps on fresh samples change D_l by eta^2 (G_{l+1}^T G_{l+1} - G_l G_l^T), to 1e-13, in lanes and wide */
    (void)state;
    static const size_t wide[] = {17, 19, 18};
    for (int kind = 0; kind < 3; kind++) {
        struct core_landscape *network = kind == 2 ? stepping_network(2, wide, 31) : stepping_network(3, DEEP, 23);
        struct dln_data_settings law = law_of(dln_network_widths(network)[0], kind == 2 ? 18 : 2,
                                              kind == 1 ? DLN_INPUT_STUDENT_T : DLN_INPUT_GAUSSIAN);
        struct dln_source *source = source_of(&law);
        struct core_stepper *sgd = online(network, source, 6, 0.01, kind == 0 ? 0 : 0.2);
        struct stepping_block block = stepping_block_create(sgd, kind == 2 ? 0.2 : 0.5);
        for (size_t k = 0; k < 30; k++) {
            stepping_block_step(sgd, &block, k, 0.01);
            assert_true(stepping_balance_error(network, block.before, block.x, 0.01) < 1e-13);
            assert_true(block.x[0] != block.before[0]);
        }
        stepping_block_free(&block);
        dln_sgd_free(sgd);
        dln_source_free(source);
        core_landscape_free(network);
    }
}

static void mean_step_is_the_population_gradient(void **state) {
    /* chance: the mean over 80000 replicas of one step on Gaussian inputs of covariance C is -eta times the gradient
     * with E = (W - T) C, in each of the 37 parameters within 4.9 standard errors (false alarm below 4e-5); seed 8 */
    (void)state;
    struct dln_data_settings law = law_of(4, 2, DLN_INPUT_GAUSSIAN);
    struct core_landscape *network = population_network(3, DEEP, &law);
    struct dln_source *source = source_of(&law);
    struct core_stepper *sgd = online(network, source, 5, 0.1, 0);
    double start[37], gradient[37];
    size_t one = 1;
    assert_int_equal(network->dimension, 37);
    for (size_t i = 0; i < 37; i++) start[i] = stepping_number(i);
    assert_int_equal(core_point_gradient(network, start, gradient), CORE_OK);
    struct core_ensemble *e = stepping_run(sgd, start, 1, &one, 80000);
    for (size_t i = 0; i < 37; i++) {
        struct core_moments m = core_moments(e->parameters + i, 80000, 37);
        assert_true(fabs(m.mean - (start[i] - 0.1 * gradient[i])) < 4.9 * sqrt(m.variance / 80000));
        assert_true(m.variance > 0);
    }
    core_ensemble_free(e);
    dln_sgd_free(sgd);
    dln_source_free(source);
    core_landscape_free(network);
}

/* One step of the exact recursion of u = w - t, Gaussian inputs of diagonal covariance c and label variance v:
 *     m' = (1 - eta c) m,
 *     S' = S - eta (C S + S C) + eta^2 [(2 C S C + tr(S C) C + v C) / B + (1 - 1/B) C S C],  S = E u u^T. */
static void population_step(double eta, double batch, double v, const double c[3], double m[3], double s[9]) {
    double trace = 0, next[9];
    for (size_t i = 0; i < 3; i++) trace += s[4 * i] * c[i];
    for (size_t i = 0; i < 3; i++) {
        for (size_t j = 0; j < 3; j++) {
            double csc = c[i] * s[i * 3 + j] * c[j], own = i == j ? c[i] : 0;
            next[i * 3 + j] = s[i * 3 + j] - eta * (c[i] + c[j]) * s[i * 3 + j] +
                              eta * eta * ((2 * csc + trace * own + v * own) / batch + (1 - 1 / batch) * csc);
        }
    }
    memcpy(s, next, sizeof next);
    for (size_t i = 0; i < 3; i++) m[i] *= 1 - eta * c[i];
}

static void regression_on_fresh_samples(void **state) {
    /* chance: mean and covariance in linear regression after 1, 4 and 25 steps against the exact recursion with the
     * population's moments, label noise of the law 0.37 and of SGD 0.52 adding their variances; 9 statistics at 3
     * times within 4.5 standard errors (false alarm 2e-4); 80000 replicas, seed 8 */
    (void)state;
    static const size_t widths[] = {3, 1}, steps[] = {1, 4, 25};
    struct dln_data_settings law = law_of(3, 1, DLN_INPUT_GAUSSIAN);
    struct core_landscape *network = population_network(1, widths, &law);
    struct dln_source *source = source_of(&law);
    struct core_stepper *sgd = online(network, source, 2, 0.13, 0.52);
    double start[3] = {0.4, -0.3, 0.2}, teacher[3], m[3], s[9], mean[3], covariance[9];
    assert_int_equal(dln_data_teacher(&law, 20, teacher), CORE_OK);
    for (size_t i = 0; i < 3; i++) m[i] = start[i] - teacher[i];
    for (size_t i = 0; i < 9; i++) s[i] = m[i / 3] * m[i % 3];
    struct core_ensemble *e = stepping_run(sgd, start, 3, steps, 80000);
    for (size_t r = 0, k = 0; r < 3; r++) {
        for (; k < steps[r]; k++) population_step(0.13, 2, 0.37 * 0.37 + 0.52 * 0.52, COVARIANCE, m, s);
        for (size_t i = 0; i < 9; i++) covariance[i] = s[i] - m[i / 3] * m[i % 3];
        for (size_t i = 0; i < 3; i++) mean[i] = teacher[i] + m[i];
        assert_true(stepping_moments_z(e, r, mean, covariance) < 4.5);
    }
    core_ensemble_free(e);
    dln_sgd_free(sgd);
    dln_source_free(source);
    core_landscape_free(network);
}

static void fresh_label_noise_adds_its_variance(void **state) {
    /* chance: on the twelve samples of the reference, without replacement, noise s on each target drawn adds eta^2 s^2
     * Sxx / B to one step's covariance and nothing to its mean; 9 statistics within 4.9 standard errors (false alarm
     * below 1e-5); 80000 replicas, seed 8 */
    (void)state;
    char *text = reference_load("tests/reference/dln.json");
    struct core_landscape *network = stepping_regression(text);
    double factor[3 * 12], mean[3], covariance[9], start[3] = {0.4, -0.3, 0.2}, s = 0.71;
    size_t one = 1, width = network->noise_width;
    assert_int_equal(core_point_gradient(network, start, mean), CORE_OK);
    assert_int_equal(core_point_noise_factor(network, start, factor), CORE_OK);
    for (size_t i = 0; i < 9; i++) {
        covariance[i] = 0;
        for (size_t k = 0; k < width; k++) covariance[i] += factor[i / 3 * width + k] * factor[i % 3 * width + k];
        covariance[i] = 0.01 / 5 * (covariance[i] * 7 / 11 + s * s * dln_of(network)->sxx[i]);
    }
    for (size_t i = 0; i < 3; i++) mean[i] = start[i] - 0.1 * mean[i];
    struct dln_sgd_settings settings = dln_sgd_settings_default();
    settings.batch = 5;
    settings.sampling = DLN_SAMPLING_WITHOUT_REPLACEMENT;
    settings.label_noise = s;
    settings.schedule.rate = 0.1;
    struct core_stepper *sgd = NULL;
    assert_int_equal(dln_sgd_create(network, &settings, 8, &sgd), CORE_OK);
    struct core_ensemble *e = stepping_run(sgd, start, 1, &one, 80000);
    assert_true(stepping_moments_z(e, 0, mean, covariance) < 4.9);
    core_ensemble_free(e);
    dln_sgd_free(sgd);
    core_landscape_free(network);
    free(text);
}

static void same_bits(void **state) {
    /* law: replicas on fresh samples are the same bits alone, in pieces and with any number of threads */
    (void)state;
    struct core_landscape *network = stepping_network(3, DEEP, 23);
    struct dln_data_settings law = law_of(4, 2, DLN_INPUT_STUDENT_T);
    struct dln_source *source = source_of(&law);
    struct core_stepper *sgd = online(network, source, 3, 0.01, 0.2);
    double start[37];
    size_t steps[] = {3, 40};
    for (size_t i = 0; i < 37; i++) start[i] = 0.4 * stepping_number(i);
    struct core_ensemble *whole = stepping_run(sgd, start, 2, steps, 21), *piece = NULL;
    struct core_ensemble_settings cut = {
        .steps = 40, .start = {start, 0}, .record_count = 2, .record_steps = steps, .ceiling = 1e12, .replicas = 7};
    assert_int_equal(core_ensemble_create(21, 37, 2, 0, &piece), CORE_OK);
    for (size_t first = 0; first < 21; first += 7) {
        cut.first_replica = first;
        cut.threads = 1 + first;
        assert_int_equal(core_ensemble_run(sgd, &cut, piece, first), CORE_OK);
    }
    assert_memory_equal(whole->parameters, piece->parameters, 2 * 21 * 37 * sizeof(double));
    core_ensemble_free(whole);
    core_ensemble_free(piece);
    dln_sgd_free(sgd);
    dln_source_free(source);
    core_landscape_free(network);
}

/* ---- Refusals ---- */

static void bad_laws(void **state) {
    /* value: laws and settings that cannot be drawn from are refused with a sentence */
    (void)state;
    struct dln_data_settings good = law_of(4, 2, DLN_INPUT_STUDENT_T), bad[5] = {good, good, good, good, good};
    static const char *const says[] = {"2 degrees of freedom cannot be whitened", "label noise -1", "0 inputs",
                                       "covariance of 4 entries for 3 inputs", "Student-t inputs with 0"};
    bad[0].dof = 2, bad[0].whiten = 1, bad[0].covariance_count = 0;
    bad[1].label_noise = -1;
    bad[2].inputs = 0, bad[2].covariance_count = 0, bad[2].singular_count = 0;
    bad[3].inputs = 3;
    bad[4].dof = 0;
    struct dln_source *source;
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(dln_source_create(&bad[i], 1, &source), CORE_BAD_INPUT);
        assert_null(source);
        assert_non_null(strstr(core_error(), says[i]));
    }
    struct core_landscape *network = stepping_network(3, DEEP, 23);
    struct dln_sgd_settings settings = dln_sgd_settings_default();
    struct core_stepper *sgd;
    settings.sampling = DLN_SAMPLING_ONLINE;
    assert_int_equal(dln_sgd_create(network, &settings, 1, &sgd), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "without a law"));
    struct dln_data_settings other = law_of(3, 2, DLN_INPUT_GAUSSIAN);
    settings.source = source = source_of(&other);
    assert_int_equal(dln_sgd_create(network, &settings, 1, &sgd), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "3 inputs and 2 targets for a network of 4 and 2"));
    settings.label_noise = -0.5;
    settings.sampling = DLN_SAMPLING_RESHUFFLE;
    assert_int_equal(dln_sgd_create(network, &settings, 1, &sgd), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "label noise -0.5"));
    dln_source_free(source);
    core_landscape_free(network);
}

static void no_memory(void **state) {
    /* law: whichever allocation fails, a status and nothing left behind */
    (void)state;
    struct dln_data_settings law = law_of(4, 2, DLN_INPUT_STUDENT_T);
    size_t live = core_alloc_live(), k = 0;
    struct dln_source *source = NULL;
    enum core_status status = CORE_NO_MEMORY;
    while (status == CORE_NO_MEMORY) {
        core_alloc_fail_at(++k);
        status = dln_source_create(&law, 1, &source);
        core_alloc_fail_at(0);
        if (status == CORE_NO_MEMORY) assert_int_equal(core_alloc_live(), live);
    }
    assert_int_equal(status, CORE_OK);
    assert_true(k > 4);
    dln_source_free(source);
    dln_source_free(NULL);
    assert_int_equal(core_alloc_live(), live);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(given_samples_are_drawn_samples),
        cmocka_unit_test(draws_do_not_depend_on_the_width),
        cmocka_unit_test(targets_are_the_teachers),
        cmocka_unit_test(inputs_follow_their_law),
        cmocka_unit_test(student_draws_are_their_formula),
        cmocka_unit_test(balancedness),
        cmocka_unit_test(mean_step_is_the_population_gradient),
        cmocka_unit_test(regression_on_fresh_samples),
        cmocka_unit_test(fresh_label_noise_adds_its_variance),
        cmocka_unit_test(same_bits),
        cmocka_unit_test(bad_laws),
        cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
