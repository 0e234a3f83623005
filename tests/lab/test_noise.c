/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gradient noise at a point: spectra, alignment, tails, epochs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lab/noise.h"

#include "dln/networks.h"
#include "lab/json.h"

static const char *const references[] = {"networks[name=L2_3-4-2]", "networks[name=L3_4-3-4-3]"};

/* ---- Spectra ---- */

static void spectra_of_the_reference(void **state) {
    /* value: eigenvalues, trace and rank of Sigma, sharpness and Hessian eigenvalues of tests/reference/dln.json */
    (void)state;
    char *text = reference_load("tests/reference/dln.json"), path[160];
    for (size_t k = 0; k < 2; k++) {
        double theta[64], wanted[64];
        snprintf(path, sizeof path, "%s.n", references[k]);
        struct core_landscape *land = reference_network(text, references[k], (size_t)reference_number(text, path));
        snprintf(path, sizeof path, "%s.W", references[k]);
        reference_numbers(text, path, land->dimension, theta);
        struct lab_noise_spectrum s;
        assert_int_equal(lab_noise_spectrum(land, theta, &s), CORE_OK);
        snprintf(path, sizeof path, "%s.Sigma_eigs_desc", references[k]);
        size_t count = reference_count(text, path);
        reference_numbers(text, path, count, wanted);
        assert_true(s.rank <= count);
        for (size_t j = 0; j < s.rank; j++) assert_true(fabs(s.eigenvalues[j] - wanted[j]) <= 1e-11 * wanted[0]);
        snprintf(path, sizeof path, "%s.Sigma_rank", references[k]);
        assert_int_equal(s.rank, (size_t)reference_number(text, path));
        snprintf(path, sizeof path, "%s.trSigma", references[k]);
        double trace = reference_number(text, path);
        assert_true(fabs(s.trace - trace) <= 1e-12 * trace);
        snprintf(path, sizeof path, "%s.sharpness", references[k]);
        assert_true(fabs(s.hessian[0] - reference_number(text, path)) <= 1e-11 * s.hessian[0]);
        lab_noise_spectrum_free(&s);
        core_landscape_free(land);
    }
    free(text);
}

/* out (p, p) = a b. */
static void multiply(size_t p, const double a[], const double b[], double out[]) {
    for (size_t i = 0; i < p; i++) {
        for (size_t j = 0; j < p; j++) {
            out[i * p + j] = 0;
            for (size_t k = 0; k < p; k++) out[i * p + j] += a[i * p + k] * b[k * p + j];
        }
    }
}

static void relations_by_whole_matrices(void **state) {
    /* law: participation, alignment, commutator and the noise along the Hessian's axes are those of the P x P matrices
     */
    (void)state;
    for (size_t k = 0; k < TEST_SHAPES; k++) {
        if (test_shapes[k].samples < 2) continue;
        struct core_landscape *land = test_network(&test_shapes[k], 70 + k);
        size_t p = land->dimension, m = land->noise_width;
        double *theta = core_alloc(p, sizeof *theta), *f = core_alloc(p * m, sizeof *f),
               *h = core_alloc(p * p, sizeof *h), *sigma = core_alloc(p * p, sizeof *sigma),
               *hs = core_alloc(p * p, sizeof *hs), *sh = core_alloc(p * p, sizeof *sh), trace = 0, product = 0,
               commutator = 0;
        struct lab_noise_spectrum s;
        test_normal(80 + k, p, theta);
        assert_int_equal(lab_noise_spectrum(land, theta, &s), CORE_OK);
        assert_int_equal(core_point_hessian(land, theta, h), CORE_OK);
        assert_int_equal(core_point_noise_factor(land, theta, f), CORE_OK);
        for (size_t i = 0; i < p; i++) {
            for (size_t j = 0; j < p; j++) sigma[i * p + j] = inner(m, f + i * m, f + j * m);
        }
        multiply(p, h, sigma, hs);
        multiply(p, sigma, h, sh);
        for (size_t i = 0; i < p; i++) trace += sigma[i * p + i];
        for (size_t i = 0; i < p; i++) product += hs[i * p + i];
        for (size_t i = 0; i < p * p; i++) commutator += (hs[i] - sh[i]) * (hs[i] - sh[i]);
        double squares = inner(p * p, sigma, sigma), scale = sqrt(squares * inner(p * p, h, h));
        assert_true(fabs(s.trace - trace) <= 1e-11 * trace);
        assert_true(fabs(s.participation - trace * trace / squares) <= 1e-10 * s.participation);
        assert_true(s.participation >= 1 - 1e-12 && s.participation <= (double)s.rank + 1e-9);
        assert_true(fabs(s.alignment - product / scale) <= 1e-11);
        assert_true(fabs(s.commutator - sqrt(commutator) / scale) <= 1e-10);
        for (size_t j = 0; j < p; j++) { /* axes: H u = h u, u^T Sigma u */
            double along = 0, miss = 0;
            for (size_t i = 0; i < p; i++) {
                double hu = 0, su = 0;
                for (size_t q = 0; q < p; q++) {
                    hu += h[i * p + q] * s.axes[q * p + j];
                    su += sigma[i * p + q] * s.axes[q * p + j];
                }
                along += su * s.axes[i * p + j];
                miss = fmax(miss, fabs(hu - s.hessian[j] * s.axes[i * p + j]));
            }
            assert_true(fabs(along - s.along[j]) <= 1e-11 * trace);
            assert_true(miss <= 1e-11 * (fabs(s.hessian[0]) + fabs(s.hessian[p - 1])));
            assert_true(j == 0 || s.hessian[j] <= s.hessian[j - 1]);
        }
        lab_noise_spectrum_free(&s);
        double *all[] = {theta, f, h, sigma, hs, sh};
        for (size_t i = 0; i < 6; i++) core_free(all[i]);
        core_landscape_free(land);
    }
}

static void common_axes_commute(void **state) {
    /* value: H = diag(3, 1), Sigma = diag(4, 1): alignment 13/sqrt(170), commutator 0; Sigma turned by 45 degrees with
     * H:
     * |[H, Sigma]| = sqrt(2) (3 - 1) (4 - 1)/2 */
    (void)state;
    const double h[] = {3, 0, 0, 1}, straight[] = {2, 0, 0, 1}, c = sqrt(0.5), x[] = {0.3, 2.385};
    const double turned[] = {2 * c, -c, 2 * c, c};
    for (int k = 0; k < 2; k++) {
        struct core_potential potential = {.name = "quadratic",
                                           .rows = 2,
                                           .columns = 2,
                                           .matrix = h,
                                           .noise_rows = 2,
                                           .noise_columns = 2,
                                           .noise = k == 0 ? straight : turned};
        struct core_landscape *land;
        struct lab_noise_spectrum s;
        assert_int_equal(core_landscape_create(&potential, &land), CORE_OK);
        assert_int_equal(lab_noise_spectrum(land, x, &s), CORE_OK);
        double wanted = k == 0 ? 0 : sqrt(2) * 3 / sqrt(170);
        assert_true(fabs(s.commutator - wanted) <= 1e-14);
        assert_true(fabs(s.alignment - (k == 0 ? 13 : 10) / sqrt(170)) <= 1e-14);
        assert_true(fabs(s.participation - 25.0 / 17) <= 1e-14);
        assert_true(fabs(s.along[0] - (k == 0 ? 4 : 2.5)) <= 1e-14);
        lab_noise_spectrum_free(&s);
        struct lab_noise noise;
        assert_int_equal(lab_noise_measure(land, x, &(struct lab_noise_settings){.draws = 100, .threads = 1}, &noise),
                         CORE_OK);
        assert_null(noise.panel);
        assert_true(strlen(noise.why) > 10);
        lab_noise_free(&noise);
        core_landscape_free(land);
    }
}

/* ---- Tails ---- */

static struct lab_noise_panel_settings panel_settings(size_t draws) {
    return (struct lab_noise_panel_settings){
        .draws = draws, .batches = 4, .batch = {1, 4, 16, 64}, .seed = 2385, .threads = 1};
}

/* What the law of one sample's noise reads, given `samples` atoms (samples, 2). core_free(). */
static struct lab_noise_panel *panel_of(size_t samples, const double atoms[], size_t draws) {
    struct lab_noise_panel *panel = core_alloc(1, sizeof *panel);
    struct lab_noise_panel_settings settings = panel_settings(draws);
    if (lab_noise_panel(&settings, samples, 2, atoms, panel) != CORE_OK) fail_msg("%s", core_error());
    return panel;
}

static double *stable_atoms(size_t count, double alpha) {
    double *x = core_alloc(count, sizeof *x);
    core_random_stable(&(struct core_stream){.seed = 9, .purpose = CORE_PURPOSE_TEST}, alpha, 1, count, x);
    return x;
}

static void gaussian_noise_rises(void **state) {
    /* chance: 20000 Gaussian samples along two directions of scales 1 and 1000, 4000 batches: every stable fit reads a
     * Gaussian, also where pooled scales would not; fixed seed. Products of two normals, of finite variance: far below
     * the band at B = 1, and yet the verdict is that alpha rises; false alarm below 1 in 1000 (the band at B = 64) */
    (void)state;
    enum { SAMPLES = 20000, DRAWS = 4000 };
    double *atoms = core_alloc(2 * SAMPLES, sizeof *atoms), *factor = core_alloc(2 * SAMPLES, sizeof *factor);
    test_normal(7, 2 * SAMPLES, atoms);
    test_normal(8, 2 * SAMPLES, factor);
    for (size_t i = 0; i < SAMPLES; i++) atoms[2 * i] *= 1000;
    struct lab_noise_panel *panel = panel_of(SAMPLES, atoms, DRAWS);
    assert_int_equal(panel->overall, LAB_NOISE_RISES);
    for (size_t b = 0; b < 4; b++) assert_true(lab_noise_panel_middle(panel, b, 3).alpha > panel->null[3].low - 0.02);
    core_free(panel);
    for (size_t i = 0; i < 2 * SAMPLES; i++) atoms[i] *= factor[i];
    panel = panel_of(SAMPLES, atoms, DRAWS);
    assert_int_equal(panel->overall, LAB_NOISE_RISES);
    for (size_t e = 2; e < 4; e++) { /* McCulloch, ECF: the table of the notes' first line, 1.21 and 1.39 */
        double first = lab_noise_panel_middle(panel, 0, e).alpha;
        assert_true(fabs(first - (e == 2 ? 1.21 : 1.39)) < 0.1);
        assert_true(first < panel->null[e].low);
    }
    core_free(panel);
    core_free(atoms);
    core_free(factor);
}

static void stable_noise_stays(void **state) {
    /* chance: 400000 samples of stable noise of index 1.6, 4000 batches of 1 to 64 (each sample drawn less than once on
     * average): stable under B, every fit within 0.15 of 1.6 for B = 1; fixed seed; 3 standard errors: 1 in 200 */
    (void)state;
    enum { SAMPLES = 400000, DRAWS = 4000 };
    double *atoms = stable_atoms(2 * SAMPLES, 1.6);
    struct lab_noise_panel *panel = panel_of(SAMPLES, atoms, DRAWS);
    for (size_t e = 0; e < LAB_NOISE_ESTIMATORS; e++) {
        if (!panel->estimator[e]->stable) continue;
        double alpha = lab_noise_panel_middle(panel, 0, e).alpha;
        if (fabs(alpha - 1.6) > 0.15) fail_msg("%s: %g", panel->estimator[e]->name, alpha);
    }
    assert_int_equal(panel->overall, LAB_NOISE_STABLE);
    core_free(panel);
    core_free(atoms);
}

static void kurtosis_falls_as_one_over_b(void **state) {
    /* law: the excess kurtosis of a mean of B draws with replacement from n atoms, over all n^B of them, is 1/B of that
     * of one; chance: the panel's draws have it within 5 standard errors, about sqrt(24 / draws) for B >= 16; fixed
     * seed */
    (void)state;
    enum { SAMPLES = 40, DRAWS = 20000 };
    double atoms[2 * SAMPLES], moment[4][2] = {{0}};
    for (size_t i = 0; i < SAMPLES; i++) {
        atoms[2 * i] = sin(2.385 * (double)(i * i)) + (i == 3 ? 4 : 0);
        atoms[2 * i + 1] = cos(1.7 * (double)(i * i * i));
    }
    for (size_t d = 0; d < 2; d++) {
        double mean = 0;
        for (size_t i = 0; i < SAMPLES; i++) mean += atoms[2 * i + d] / SAMPLES;
        for (size_t i = 0; i < SAMPLES; i++) atoms[2 * i + d] -= mean;
    }
    for (size_t i = 0; i < SAMPLES; i++) {
        for (size_t j = 0; j < SAMPLES; j++) {
            double one = atoms[2 * i], two = (atoms[2 * i] + atoms[2 * j]) / 2;
            moment[0][0] += one * one / (SAMPLES * SAMPLES);
            moment[1][0] += pow(one, 4) / (SAMPLES * SAMPLES);
            moment[0][1] += two * two / (SAMPLES * SAMPLES);
            moment[1][1] += pow(two, 4) / (SAMPLES * SAMPLES);
        }
    }
    double single = moment[1][0] / (moment[0][0] * moment[0][0]) - 3,
           pair = moment[1][1] / (moment[0][1] * moment[0][1]) - 3;
    assert_true(fabs(pair - single / 2) < 1e-12);
    for (size_t i = 0; i < 2 * SAMPLES; i++) atoms[i] *= 1e-170; /* whose squares are zero: the shape is the same */
    struct lab_noise_panel *panel = panel_of(SAMPLES, atoms, DRAWS);
    assert_true(fabs(panel->kurtosis_exact[0] - single) < 1e-12);
    for (size_t d = 0; d < 2; d++) {
        for (size_t b = 2; b < 4; b++) {
            double exact = panel->kurtosis_exact[d] / (double)panel->batch[b];
            assert_true(fabs(panel->kurtosis[b][d] - exact) < 5 * sqrt(24.0 / DRAWS) * (1 + exact));
        }
    }
    core_free(panel);
}

/* ---- Epochs ---- */

static void epochs(void **state) {
    /* law: where B divides n the correlation is -1/(M - 1) in every epoch; chance: else the measured one is -B/(n - B)
     * within 4.5 standard errors (1 in 10^5), seed 2385; one full batch has none */
    (void)state;
    double atoms[60], mean = 0;
    test_normal(3, 60, atoms);
    for (size_t i = 0; i < 60; i++) mean += atoms[i] / 60;
    for (size_t i = 0; i < 60; i++) atoms[i] -= mean;
    struct lab_noise_epoch epoch;
    for (size_t batch = 1; batch <= 30; batch++) {
        assert_int_equal(lab_noise_epoch(60, batch, atoms, 4000, 2385, &epoch), CORE_OK);
        assert_true(fabs(epoch.formula + 1 / (60.0 / (double)batch - 1)) < 1e-14);
        if (60 % batch == 0)
            assert_true(fabs(epoch.measured - epoch.formula) < 1e-12 && epoch.se < 1e-12);
        else
            assert_true(fabs(epoch.measured - epoch.formula) < 4.5 * epoch.se && epoch.se < 0.03);
    }
    assert_int_equal(lab_noise_epoch(60, 7, atoms, 50, 1, &epoch), CORE_OK);
    double measured = epoch.measured;
    for (size_t i = 0; i < 60; i++) atoms[i] *= 1e-170; /* whose squares are zero */
    assert_int_equal(lab_noise_epoch(60, 7, atoms, 50, 1, &epoch), CORE_OK);
    assert_true(fabs(epoch.measured - measured) < 1e-12);
    assert_int_equal(lab_noise_epoch(60, 31, atoms, 10, 1, &epoch), CORE_OK);
    assert_true(epoch.batches == 1 && isnan(epoch.formula) && isnan(epoch.measured));
}

/* ---- All, bad input, memory ---- */

static void all_at_a_point(void **state) {
    /* law: a network's noise has all members; bits do not depend on the threads; JSON has no NaN */
    (void)state;
    struct core_landscape *land = test_network(&test_shapes[4], 5);
    double theta[NETWORK_MOST];
    test_normal(6, land->dimension, theta);
    struct lab_noise noise, other;
    struct lab_noise_settings settings = {.batch = 8, .draws = 400, .seed = 3, .threads = 1};
    assert_int_equal(lab_noise_measure(land, theta, &settings, &noise), CORE_OK);
    settings.threads = 3;
    assert_int_equal(lab_noise_measure(land, theta, &settings, &other), CORE_OK);
    assert_memory_equal(noise.panel->null, other.panel->null, sizeof noise.panel->null);
    assert_memory_equal(noise.panel->tail, other.panel->tail, sizeof noise.panel->tail);
    assert_int_equal(noise.panel->batches, 4); /* 1 4 8 16, 40 samples */
    assert_int_equal(noise.panel->batch[2], 8);
    assert_int_equal(noise.direction_count, 5);
    assert_true(fabs(noise.without - 32.0 / 39) < 1e-15);
    for (size_t k = 0; k < 3; k++)
        assert_true(fabs(noise.direction[k].variance - noise.spectrum.eigenvalues[k]) <= 1e-12 * noise.spectrum.trace);
    assert_true(fabs(fabs(noise.direction[3].curvature) -
                     fmax(fabs(noise.spectrum.hessian[0]), fabs(noise.spectrum.hessian[land->dimension - 1]))) < 1e-10);
    struct lab_json *json;
    char *text;
    assert_int_equal(lab_json_create(&json), CORE_OK);
    lab_json_object_begin(json, NULL);
    lab_noise_put_json(&noise, json);
    lab_json_end(json);
    assert_int_equal(lab_json_finish(json, &text), CORE_OK);
    assert_null(strstr(text, "nan"));
    assert_non_null(strstr(text, "\"null_low\": "));
    core_free(text);
    lab_noise_free(&noise);
    lab_noise_free(&other);
    core_landscape_free(land);
}

static void bad_input(void **state) {
    /* law: no noise, too many parameters, too few samples, draws, batches: CORE_BAD_INPUT; a point without noise has a
     * reason in place of tails */
    (void)state;
    struct lab_noise_panel *panel = core_alloc(1, sizeof *panel);
    struct lab_noise_panel_settings settings = panel_settings(200);
    double atoms[20] = {1, 2, 3, -2.385}, flat[20] = {0};
    assert_int_equal(lab_noise_panel(&settings, 2, 2, atoms, panel), CORE_BAD_INPUT);
    assert_int_equal(lab_noise_panel(&settings, 10, 0, atoms, panel), CORE_BAD_INPUT);
    assert_int_equal(lab_noise_panel(&settings, 10, LAB_NOISE_DIRECTIONS + 1, atoms, panel), CORE_BAD_INPUT);
    assert_int_equal(lab_noise_panel(&settings, 10, 2, flat, panel), CORE_BAD_INPUT);
    settings.draws = 99;
    assert_int_equal(lab_noise_panel(&settings, 10, 2, atoms, panel), CORE_BAD_INPUT);
    settings = panel_settings(200);
    settings.batches = 0;
    assert_int_equal(lab_noise_panel(&settings, 10, 2, atoms, panel), CORE_BAD_INPUT);
    core_free(panel);
    struct core_landscape *land;
    struct lab_noise_spectrum s;
    double theta[NETWORK_MOST] = {0};
    assert_int_equal(core_landscape_create(&(struct core_potential){.name = "quartic"}, &land), CORE_OK);
    assert_int_equal(lab_noise_spectrum(land, theta, &s), CORE_BAD_INPUT);
    core_landscape_free(land);
    land = test_network(&test_shapes[4], 5); /* at the origin of a network of depth 2 every sample's gradient is zero */
    struct lab_noise noise;
    struct lab_noise_settings all = {.batch = 4, .draws = 200, .threads = 1};
    assert_int_equal(lab_noise_measure(land, theta, &all, &noise), CORE_OK);
    assert_null(noise.panel);
    assert_true(noise.spectrum.rank == 0 && isnan(noise.spectrum.alignment) && isnan(noise.spectrum.participation));
    lab_noise_free(&noise);
    core_landscape_free(land);
}

static void failing_allocator(void **state) {
    /* law: whichever allocation fails, the status says so and nothing leaks (all of the first 60, then ever more apart)
     */
    (void)state;
    struct core_landscape *land = test_network(&test_shapes[3], 5);
    double theta[NETWORK_MOST];
    test_normal(6, land->dimension, theta);
    struct lab_noise_settings settings = {.batch = 4, .draws = 100, .seed = 3, .threads = 1};
    struct lab_noise noise;
    size_t live = core_alloc_live();
    enum core_status status = CORE_NO_MEMORY;
    for (size_t k = 1; k < 100000 && status != CORE_OK; k += k < 60 ? 1 : k / 3) {
        core_alloc_fail_at(k);
        status = lab_noise_measure(land, theta, &settings, &noise);
        core_alloc_fail_at(0);
        assert_true(status == CORE_OK || status == CORE_NO_MEMORY);
        if (status == CORE_OK) lab_noise_free(&noise);
        assert_int_equal(core_alloc_live(), live);
    }
    assert_int_equal(status, CORE_OK);
    core_landscape_free(land);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spectra_of_the_reference),
        cmocka_unit_test(relations_by_whole_matrices),
        cmocka_unit_test(common_axes_commute),
        cmocka_unit_test(gaussian_noise_rises),
        cmocka_unit_test(stable_noise_stays),
        cmocka_unit_test(kurtosis_falls_as_one_over_b),
        cmocka_unit_test(epochs),
        cmocka_unit_test(all_at_a_point),
        cmocka_unit_test(bad_input),
        cmocka_unit_test(failing_allocator),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
