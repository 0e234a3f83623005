/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of the network landscape, on networks of many shapes, with a different point in every lane. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dln/networks.h"

enum { LANES = CORE_LANES, P = NETWORK_MOST, K = NETWORK_FEATURES };

/* Arrays of one test, aligned; points and directions as lanes and one by one. */
static double x[P * LANES] __attribute__((aligned(64))), u[P * LANES] __attribute__((aligned(64)));
static double v[P * LANES] __attribute__((aligned(64))), near_x[P * LANES] __attribute__((aligned(64)));
static double result[P * LANES] __attribute__((aligned(64))), other[P * LANES] __attribute__((aligned(64)));
static double slopes[P * LANES] __attribute__((aligned(64))), z[K * LANES] __attribute__((aligned(64)));
static double points[LANES][P], directions[LANES][P];
static double *scratch;

static const struct core_landscape_methods *begin(size_t k, struct core_landscape **land) {
    *land = test_network(&test_shapes[k], 31 * k + 7);
    size_t p = (*land)->dimension;
    assert_true(p <= P && (*land)->noise_width <= K && (*land)->lanes == LANES);
    scratch = core_alloc((*land)->scratch, sizeof *scratch);
    test_block(k + 1, p, 0.8, points, x);
    test_block(k + 20, p, 1, directions, u);
    test_block(k + 40, p, 1, directions, v);
    return (*land)->methods;
}

static void end(struct core_landscape *land) {
    core_free(scratch);
    core_landscape_free(land);
}

/* ---- Derivatives ---- */

enum derivative { OF_LOSS, OF_GRADIENT, OF_CURVATURE };

/* at (rows, lanes) = the loss, gradient or H u at the point `where`. */
static size_t evaluate(const struct core_landscape *land, enum derivative what, const double where[], double at[]) {
    if (what == OF_LOSS) land->methods->loss(land, where, at, scratch);
    if (what == OF_GRADIENT) land->methods->gradient(land, where, at, scratch);
    if (what == OF_CURVATURE) land->methods->hessian_vector(land, where, u, at, scratch);
    return what == OF_LOSS ? 1 : land->dimension;
}

/* sum = the derivative of `what` along v at x, by the difference formula of order 6. */
static void differentiate(const struct core_landscape *land, enum derivative what) {
    static const double weight[] = {45, -9, 1};
    double step = 4e-3;
    memset(slopes, 0, sizeof slopes);
    for (int k = -3; k <= 3; k++) {
        if (k == 0) continue;
        for (size_t i = 0; i < land->dimension * LANES; i++) near_x[i] = x[i] + k * step * v[i];
        size_t rows = evaluate(land, what, near_x, other);
        double w = weight[abs(k) - 1] * (k > 0 ? 1 : -1) / (60 * step);
        for (size_t i = 0; i < rows * LANES; i++) slopes[i] += w * other[i];
    }
}

static void derivatives_are_differences(void **state) {
    /* law: gradient, Hessian and third derivative are differences of loss, gradient, H u; error 1e-8 of a step of 4e-3
     */
    (void)state;
    for (size_t k = 0; k < TEST_SHAPES; k++) {
        struct core_landscape *land;
        const struct core_landscape_methods *methods = begin(k, &land);
        size_t p = land->dimension;
        methods->gradient(land, x, result, scratch);
        differentiate(land, OF_LOSS);
        for (size_t j = 0; j < LANES; j++) {
            double slope = 0, size = 0;
            for (size_t i = 0; i < p; i++) {
                slope += result[i * LANES + j] * v[i * LANES + j];
                size += fabs(result[i * LANES + j] * v[i * LANES + j]);
            }
            assert_true(fabs(slope - slopes[j]) <= 1e-8 * size);
        }
        methods->hessian_vector(land, x, v, result, scratch);
        differentiate(land, OF_GRADIENT);
        assert_true(agree("H v", p * LANES, slopes, result, 1e-8));
        methods->curvature_gradient(land, x, u, v, result, scratch);
        differentiate(land, OF_CURVATURE);
        if (land->dimension == 6 && test_shapes[k].depth == 1) assert_true(largest(p * LANES, result) == 0);
        if (test_shapes[k].depth > 1) assert_true(agree("D3 u v", p * LANES, slopes, result, 1e-8));
        end(land);
    }
}

static void derivatives_are_symmetric(void **state) {
    /* law: u.Hv = v.Hu, and the third derivative does not care which direction comes first */
    (void)state;
    for (size_t k = 0; k < TEST_SHAPES; k++) {
        struct core_landscape *land;
        const struct core_landscape_methods *methods = begin(k, &land);
        size_t p = land->dimension;
        methods->hessian_vector(land, x, u, result, scratch);
        methods->hessian_vector(land, x, v, other, scratch);
        for (size_t j = 0; j < LANES; j++) {
            double left = 0, right = 0, size = 0;
            for (size_t i = j; i < p * LANES; i += LANES) {
                left += v[i] * result[i], right += u[i] * other[i];
                size += fabs(v[i] * result[i]);
            }
            assert_true(fabs(left - right) <= 1e-13 * size);
        }
        methods->curvature_gradient(land, x, u, v, result, scratch);
        methods->curvature_gradient(land, x, v, u, other, scratch);
        assert_true(largest(p * LANES, result) == 0 || agree("symmetric", p * LANES, other, result, 1e-13));
        end(land);
    }
}

static void loss_and_gradient_agree_with_the_data(void **state) {
    /* law: two roads, moments and the mean over samples; no loss below the smallest */
    (void)state;
    for (size_t k = 0; k < TEST_SHAPES; k++) {
        struct core_landscape *land;
        const struct core_landscape_methods *methods = begin(k, &land);
        const struct dln_network *network = dln_of(land);
        size_t p = land->dimension, n = land->samples;
        double loss[LANES] __attribute__((aligned(64))), g[P], mean[P];
        methods->loss(land, x, loss, scratch);
        methods->gradient(land, x, result, scratch);
        for (size_t j = 0; j < LANES; j++) {
            memset(mean, 0, sizeof mean);
            for (size_t m = 0; m < n; m++) {
                assert_int_equal(dln_sample_gradient(land, points[j], m, g), CORE_OK);
                for (size_t i = 0; i < p; i++) mean[i] += g[i] / (double)n;
            }
            test_lane(p, result, j, g);
            assert_true(agree("gradient", p, g, mean, 2e-13));
            double product[256], spare[512], square = 0;
            dln_product(land, points[j], product, spare);
            for (size_t m = 0; m < n; m++) {
                for (size_t o = 0; o < network->outputs; o++) {
                    double fit =
                        inner(network->inputs, product + o * network->inputs, network->x + m * network->inputs);
                    square += pow(fit - network->y[m * network->outputs + o], 2) / (2 * (double)n);
                }
            }
            assert_true(agree("loss", 1, &loss[j], &square, 1e-13));
            assert_true(loss[j] >= network->loss_minimum);
        }
        end(land);
    }
}

static void small_losses_keep_their_digits(void **state) {
    /* law: at W_2 = I, W_1 = T + D, L - L_min = tr(D Sxx D^T) / 2, here 1e-19 where tr Syy is of order 1 */
    (void)state;
    double singular[] = {2, 1.5, 0.7};
    struct dln_data_settings settings = {
        .samples = 41, .inputs = 3, .outputs = 3, .singular_count = 3, .singular_values = singular};
    struct dln_data data;
    struct core_landscape *land;
    size_t widths[] = {3, 3, 3};
    assert_int_equal(dln_data_generate(&settings, 5, &data), CORE_OK);
    assert_int_equal(dln_network_create(2, widths, &data, &land), CORE_OK);
    const struct dln_network *network = dln_of(land);
    assert_true(network->loss_minimum < 1e-29);
    double theta[18], shift[9], expected = 0, loss;
    test_normal(3, 9, shift);
    for (size_t i = 0; i < 9; i++) {
        theta[i] = network->target[i] + 1e-10 * shift[i];
        shift[i] = theta[i] - network->target[i];
        theta[9 + i] = i % 4 == 0;
    }
    for (size_t o = 0; o < 3; o++) {
        for (size_t i = 0; i < 9; i++) expected += 0.5 * shift[o * 3 + i / 3] * network->sxx[i] * shift[o * 3 + i % 3];
    }
    assert_int_equal(core_point_loss(land, theta, &loss), CORE_OK);
    assert_true(expected > 1e-21 && expected < 1e-18);
    assert_true(agree("loss", 1, &loss, &expected, 1e-10));
    dln_data_free(&data);
    core_landscape_free(land);
}

/* ---- Gradient noise ---- */

/* sigma (p, p) by the definition, at points[0]; returns tr Sigma. */
static double covariance(const struct core_landscape *land, double sigma[]) {
    size_t p = land->dimension, n = land->samples;
    double g[P], mean[P] = {0}, trace = 0;
    for (size_t pass = 0; pass < 2; pass++) {
        for (size_t m = 0; m < n; m++) {
            assert_int_equal(dln_sample_gradient(land, points[0], m, g), CORE_OK);
            for (size_t i = 0; i < p && pass == 0; i++) mean[i] += g[i] / (double)n;
            for (size_t i = 0; i < p * p && pass == 1; i++) {
                sigma[i] += (g[i / p] - mean[i / p]) * (g[i % p] - mean[i % p]) / (double)n;
            }
        }
    }
    for (size_t i = 0; i < p; i++) trace += sigma[i * p + i];
    return trace;
}

static void noise_factor_is_a_root_of_sigma(void **state) {
    /* law: F F^T = (1/n) sum of (g_mu - g)(g_mu - g)^T; its trace; no noise with one sample */
    (void)state;
    for (size_t k = 0; k < TEST_SHAPES; k++) {
        struct core_landscape *land;
        const struct core_landscape_methods *methods = begin(k, &land);
        size_t p = land->dimension, width = land->noise_width, d0 = test_shapes[k].widths[0];
        size_t features = d0 * (d0 + 1) / 2 + d0 * test_shapes[k].widths[test_shapes[k].depth];
        assert_true(width <= features && width + 1 <= land->samples);
        double *sigma = core_alloc(p * p, sizeof *sigma), *product = core_alloc(p * p, sizeof *product);
        double *factor = core_alloc(p * width + 1, sizeof *factor);
        double trace = covariance(land, sigma), got[LANES] __attribute__((aligned(64)));
        assert_int_equal(core_point_noise_factor(land, points[0], factor), CORE_OK);
        for (size_t i = 0; i < p * p; i++) product[i] = inner(width, factor + i / p * width, factor + i % p * width);
        assert_true(agree("F F^T", p * p, product, sigma, 1e-12));
        methods->noise_trace(land, x, got, scratch);
        assert_true(agree("trace", 1, got, &trace, 1e-12));
        core_free(sigma);
        core_free(product);
        core_free(factor);
        end(land);
    }
}

static void noise_keeps_its_digits(void **state) {
    /* law: F F^T = Sigma and its trace also 1e-9 from an exact fit, where gradients are tiny, and for inputs of sizes
     * 1 and 1e-5: each entry relative to its own two standard deviations; no noise at all at the exact fit */
    (void)state;
    double singular[] = {1.3, 0.4}, sizes[] = {1, 1e-10};
    struct dln_data_settings settings = {.samples = 23,
                                         .inputs = 2,
                                         .outputs = 2,
                                         .singular_count = 2,
                                         .singular_values = singular,
                                         .covariance_count = 2,
                                         .covariance = sizes};
    struct dln_data data;
    struct core_landscape *land;
    size_t widths[] = {2, 2, 2};
    assert_int_equal(dln_data_generate(&settings, 9, &data), CORE_OK);
    assert_int_equal(dln_network_create(2, widths, &data, &land), CORE_OK);
    const struct dln_network *network = dln_of(land);
    double sigma[64] = {0}, factor[8 * K], trace, got[LANES] __attribute__((aligned(64)));
    scratch = core_alloc(land->scratch, sizeof *scratch);
    assert_true(network->loss_minimum == 0 && land->noise_width == 3);
    for (int near = 0; near < 2; near++) {
        for (size_t i = 0; i < 8; i++) {
            double w = i < 4 ? network->target[i] + near * 1e-9 * (double)(i + 1) : i == 4 || i == 7;
            points[0][i] = w;
            for (size_t j = 0; j < LANES; j++) x[i * LANES + j] = w;
        }
        assert_int_equal(core_point_noise_factor(land, points[0], factor), CORE_OK);
        land->methods->noise_trace(land, x, got, scratch);
        if (near == 0) assert_true(largest(8 * land->noise_width, factor) == 0 && got[5] == 0);
    }
    trace = covariance(land, sigma);
    assert_true(agree("trace", 1, &got[5], &trace, 1e-5));
    for (size_t i = 0; i < 64; i++) {
        double product =
            inner(land->noise_width, factor + i / 8 * land->noise_width, factor + i % 8 * land->noise_width);
        assert_true(fabs(product - sigma[i]) <= 1e-5 * sqrt(sigma[i / 8 * 9] * sigma[i % 8 * 9]));
    }
    dln_data_free(&data);
    end(land);
}

static void noisy_gradient_is_drift_and_noise(void **state) {
    /* law: noisy_gradient = drift g + scale F z, and noise = F z, lane by lane */
    (void)state;
    static double factor[P * K];
    for (size_t k = 0; k < TEST_SHAPES; k++) {
        struct core_landscape *land;
        const struct core_landscape_methods *methods = begin(k, &land);
        size_t p = land->dimension, width = land->noise_width;
        double scale[LANES] __attribute__((aligned(64))), expected[P], got[P], drift = -0.0385;
        test_normal(k + 60, width * LANES, z);
        test_normal(k + 61, LANES, scale);
        methods->gradient(land, x, slopes, scratch);
        methods->noise(land, x, z, other, scratch);
        methods->noisy_gradient(land, x, drift, scale, z, result, scratch);
        for (size_t j = 0; j < LANES; j++) {
            assert_int_equal(core_point_noise_factor(land, points[j], factor), CORE_OK);
            for (size_t i = 0; i < p; i++) {
                expected[i] = 0;
                for (size_t c = 0; c < width; c++) expected[i] += factor[i * width + c] * z[c * LANES + j];
            }
            test_lane(p, other, j, got);
            assert_true(agree("F z", p, got, expected, 1e-12));
            for (size_t i = 0; i < p; i++) expected[i] = drift * slopes[i * LANES + j] + scale[j] * expected[i];
            test_lane(p, result, j, got);
            assert_true(agree("noisy", p, got, expected, 1e-12));
        }
        end(land);
    }
}

/* Draws a different number of samples for each lane, lane 3 none; returns the longest. */
static size_t draw_batches(size_t samples, size_t most, double count[LANES], uint32_t index[]) {
    struct core_stream stream = {.seed = most, .purpose = CORE_PURPOSE_TEST};
    core_random_index(&stream, (uint32_t)samples, LANES, most, index);
    for (size_t j = 0; j < LANES; j++) count[j] = (double)(j == 3 ? 0 : (most * (j + 1) + j) / LANES);
    count[LANES - 1] = (double)most;
    return most;
}

static void sampled_gradient_is_a_sum_over_its_samples(void **state) {
    /* law: the sum of per-sample gradients, each lane with its own number of them, none at all too */
    (void)state;
    static const size_t lengths[] = {13, 4, 1, 0};
    for (size_t k = 0; k < TEST_SHAPES * 4; k++) {
        struct core_landscape *land;
        const struct core_landscape_methods *methods = begin(k / 4, &land);
        size_t p = land->dimension;
        uint32_t index[16 * LANES] __attribute__((aligned(64)));
        double count[LANES] __attribute__((aligned(64))), g[P], expected[P], got[P];
        memset(result, 0x7f, sizeof result);
        size_t longest = draw_batches(land->samples, lengths[k % 4], count, index);
        methods->sampled_gradient(land, x, longest, count, index, result, scratch);
        for (size_t j = 0; j < LANES; j++) {
            memset(expected, 0, sizeof expected);
            for (size_t b = 0; b < (size_t)count[j]; b++) {
                assert_int_equal(dln_sample_gradient(land, points[j], index[b * LANES + j], g), CORE_OK);
                for (size_t i = 0; i < p; i++) expected[i] += g[i];
            }
            test_lane(p, result, j, got);
            assert_true(agree("sampled", p, got, expected, 1e-13));
        }
        end(land);
    }
}

/* ---- Balancedness ---- */

/* W_{l+1}^T G_{l+1} = G_l W_l^T for lane j's point and the gradient g. */
static int balanced(const struct dln_network *network, const double theta[], const double g[]) {
    for (size_t l = 1; l < network->depth; l++) {
        size_t width = network->widths[l], above = network->widths[l + 1], below = network->widths[l - 1];
        const double *wa = theta + network->offset[l], *ga = g + network->offset[l];
        const double *wb = theta + network->offset[l - 1], *gb = g + network->offset[l - 1];
        for (size_t e = 0; e < width * width; e++) {
            double left = 0, right = 0, size = 0;
            for (size_t i = 0; i < above; i++) {
                left += wa[i * width + e / width] * ga[i * width + e % width];
                size += fabs(wa[i * width + e / width] * ga[i * width + e % width]);
            }
            for (size_t i = 0; i < below; i++) {
                right += gb[e / width * below + i] * wb[e % width * below + i];
                size += fabs(gb[e / width * below + i] * wb[e % width * below + i]);
            }
            /* a gradient entry may itself be the small difference of large terms */
            if (!(fabs(left - right) <= 1e-13 * (size + largest(network->offset[network->depth], g)))) return 0;
        }
    }
    return 1;
}

static void every_gradient_keeps_the_balance(void **state) {
    /* law: W_{l+1}^T G_{l+1} = G_l W_l^T for the full, the sampled and the noisy gradient, to 1e-13 */
    (void)state;
    for (size_t k = 0; k < TEST_SHAPES; k++) {
        struct core_landscape *land;
        const struct core_landscape_methods *methods = begin(k, &land);
        size_t p = land->dimension;
        uint32_t index[16 * LANES] __attribute__((aligned(64)));
        double count[LANES] __attribute__((aligned(64))), scale[LANES] __attribute__((aligned(64))), g[P];
        size_t longest = draw_batches(land->samples, 6, count, index);
        test_normal(k + 70, land->noise_width * LANES, z);
        test_normal(k + 71, LANES, scale);
        for (int kind = 0; kind < 3; kind++) {
            if (kind == 0) methods->gradient(land, x, result, scratch);
            if (kind == 1) methods->sampled_gradient(land, x, longest, count, index, result, scratch);
            if (kind == 2) methods->noisy_gradient(land, x, 0.31, scale, z, result, scratch);
            for (size_t j = 0; j < LANES; j++) {
                test_lane(p, result, j, g);
                assert_true(balanced(dln_of(land), points[j], g));
            }
        }
        end(land);
    }
}

/* ---- Errors ---- */

static void unfit_networks_are_refused(void **state) {
    /* value: depth, widths and data that do not fit */
    (void)state;
    double numbers[12] = {0};
    struct dln_data data = {.samples = 3, .inputs = 2, .outputs = 2, .x = numbers, .y = numbers};
    size_t good[] = {2, 3, 2}, zero[] = {2, 0, 2}, wide[] = {2, 65537, 2}, odd[] = {2, 3, 3}, first[] = {1, 3, 2};
    struct core_landscape *land;
    const struct {
        size_t depth;
        const size_t *widths;
        const char *says;
    } bad[] = {{0, good, "depth 0"},     {65, good, "depth 65"}, {2, zero, "width d_1 = 0"},
               {2, wide, "d_1 = 65537"}, {2, odd, "do not fit"}, {2, first, "do not fit"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(dln_network_create(bad[i].depth, bad[i].widths, &data, &land), CORE_BAD_INPUT);
        assert_null(land);
        assert_non_null(strstr(core_error(), bad[i].says));
    }
    data.samples = 0;
    assert_int_equal(dln_network_create(2, good, &data, &land), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "no samples"));
    struct core_potential well = {.name = "double-well"};
    assert_int_equal(core_landscape_create(&well, &land), CORE_OK);
    assert_int_equal(dln_network_depth(land), 0);
    assert_null(dln_network_widths(land));
    core_landscape_free(land);
}

static void no_memory_is_reported(void **state) {
    /* law: whichever allocation fails, the network is not made and nothing leaks */
    (void)state;
    struct dln_data data;
    struct core_landscape *land;
    test_data(&test_shapes[2], 1, &data);
    size_t live = core_alloc_live(), k = 1;
    for (;; k++) {
        core_alloc_fail_at(k);
        enum core_status status = dln_network_create(2, test_shapes[2].widths, &data, &land);
        core_alloc_fail_at(0);
        if (status == CORE_OK) break;
        assert_int_equal(status, CORE_NO_MEMORY);
        assert_null(land);
        assert_int_equal(core_alloc_live(), live);
    }
    assert_true(k > 10);
    assert_int_equal(dln_network_depth(land), 2);
    assert_int_equal(dln_network_widths(land)[1], 4);
    core_landscape_free(land);
    assert_int_equal(core_alloc_live(), live);
    dln_data_free(&data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(derivatives_are_differences),
        cmocka_unit_test(derivatives_are_symmetric),
        cmocka_unit_test(loss_and_gradient_agree_with_the_data),
        cmocka_unit_test(small_losses_keep_their_digits),
        cmocka_unit_test(noise_factor_is_a_root_of_sigma),
        cmocka_unit_test(noise_keeps_its_digits),
        cmocka_unit_test(noisy_gradient_is_drift_and_noise),
        cmocka_unit_test(sampled_gradient_is_a_sum_over_its_samples),
        cmocka_unit_test(every_gradient_keeps_the_balance),
        cmocka_unit_test(unfit_networks_are_refused),
        cmocka_unit_test(no_memory_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
