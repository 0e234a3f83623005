/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exact learning coefficients of deep linear networks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dln/dln.h"
#include "support/reference.h"

static struct dln_learning learning(size_t depth, const size_t widths[], size_t rank) {
    struct dln_learning out;
    assert_int_equal(dln_learning_coefficient(depth, widths, rank, &out), CORE_OK);
    assert_true(out.value == (double)out.numerator / (double)out.denominator);
    assert_true(out.denominator > 0 && out.multiplicity >= 1);
    return out;
}

static void values_of_the_reference(void **state) {
    /* value: tests/reference/dln.json, aoyagi, exactly */
    (void)state;
    char *text = reference_load("tests/reference/dln.json"), path[64];
    size_t count = reference_count(text, "aoyagi");
    assert_int_equal(count, 13);
    for (size_t k = 0; k < count; k++) {
        double widths[DLN_DEPTH_MAX + 1];
        size_t whole[DLN_DEPTH_MAX + 1];
        snprintf(path, sizeof path, "aoyagi[%zu].H", k);
        size_t entries = reference_count(text, path);
        reference_numbers(text, path, entries, widths);
        for (size_t s = 0; s < entries; s++) whole[s] = (size_t)widths[s];
        snprintf(path, sizeof path, "aoyagi[%zu].r", k);
        struct dln_learning got = learning(entries - 1, whole, (size_t)reference_number(text, path));
        snprintf(path, sizeof path, "aoyagi[%zu].lam_float", k);
        assert_true(got.value == reference_number(text, path));
        snprintf(path, sizeof path, "aoyagi[%zu].theta", k);
        assert_int_equal(got.multiplicity, (size_t)reference_number(text, path));
    }
    free(text);
}

/* 8 lambda and m of reduced-rank regression with n inputs, m outputs, h hidden units and rank r [aoyagi2005, main
 * theorem]: three cases in which one of the three widths is large, and the balanced one, twice by parity. */
static int64_t reduced_rank(int64_t n, int64_t m, int64_t h, int64_t r, size_t *multiplicity) {
    *multiplicity = 1;
    if (m + h < n + r) return 4 * (h * m - h * r + n * r);
    if (n + h < m + r) return 4 * (h * n - h * r + m * r);
    if (m + n < h + r) return 4 * m * n;
    int64_t odd = (m + n + h + r) % 2;
    *multiplicity += (size_t)odd;
    return 2 * (h + r) * (n + m) - (n - m) * (n - m) - (h + r) * (h + r) + odd;
}

static void two_layers_by_reduced_rank_regression(void **state) {
    /* value: another theorem for L = 2, every width up to 9 and every rank: 2754 cases, lambda and m exactly */
    (void)state;
    size_t cases = 0;
    for (size_t d0 = 1; d0 <= 9; d0++) {
        for (size_t d1 = 1; d1 <= 9; d1++) {
            for (size_t d2 = 1; d2 <= 9; d2++) {
                size_t widths[] = {d0, d1, d2};
                for (size_t r = 0; r <= d0 && r <= d1 && r <= d2; r++, cases++) {
                    size_t m;
                    int64_t eight = reduced_rank((int64_t)d0, (int64_t)d2, (int64_t)d1, (int64_t)r, &m);
                    struct dln_learning got = learning(2, widths, r);
                    if (8 * got.numerator != eight * got.denominator || got.multiplicity != m) {
                        fail_msg("%zu-%zu-%zu rank %zu: %g m %zu, expected %g m %zu", d0, d1, d2, r, got.value,
                                 got.multiplicity, (double)eight / 8, m);
                    }
                }
            }
        }
    }
    assert_int_equal(cases, 2754);
}

static void one_layer_is_regular(void **state) {
    /* value: depth 1, lambda = d_0 d_1 / 2 and m = 1 whatever the rank */
    (void)state;
    for (size_t d0 = 1; d0 <= 12; d0++) {
        for (size_t d1 = 1; d1 <= 12; d1++) {
            for (size_t r = 0; r <= d0 && r <= d1; r++) {
                struct dln_learning got = learning(1, (size_t[]){d0, d1}, r);
                assert_true(got.value == (double)(d0 * d1) / 2 && got.multiplicity == 1);
            }
        }
    }
}

static void order_of_the_widths(void **state) {
    /* law: hidden widths may be permuted, and the network reversed; at rank 0 every width may go anywhere */
    (void)state;
    static const size_t widths[] = {7, 2, 9, 3, 8, 5};
    static const size_t hidden[] = {7, 3, 8, 2, 9, 5}, reversed[] = {5, 8, 3, 9, 2, 7}, mixed[] = {2, 8, 7, 5, 3, 9};
    for (size_t r = 0; r <= 2; r++) {
        struct dln_learning a = learning(5, widths, r), b = learning(5, hidden, r), c = learning(5, reversed, r);
        assert_true(a.value == b.value && a.value == c.value);
        assert_true(a.multiplicity == b.multiplicity && a.multiplicity == c.multiplicity);
    }
    assert_true(learning(5, widths, 0).value == learning(5, mixed, 0).value);
}

static void bounds(void **state) {
    /* law: 0 < lambda <= P/2, not below the regular value r (d_0 + d_L - r) / 2 of the map; lambda is the map's value
     * where rank = smallest width; scalar chains have lambda 1/2 and m = depth */
    (void)state;
    for (size_t depth = 1; depth <= DLN_DEPTH_MAX; depth++) {
        size_t widths[DLN_DEPTH_MAX + 1], parameters = 0;
        for (size_t s = 0; s <= depth; s++) widths[s] = 3 + (s * 7 + depth) % 11;
        for (size_t s = 0; s < depth; s++) parameters += widths[s] * widths[s + 1];
        for (size_t r = 0; r <= 3; r++) {
            struct dln_learning got = learning(depth, widths, r);
            double map = (double)(r * (widths[0] + widths[depth] - r)) / 2;
            assert_true(got.value > 0 && got.value <= (double)parameters / 2 && got.value >= map);
        }
        for (size_t s = 0; s <= depth; s++) widths[s] = 1;
        struct dln_learning chain = learning(depth, widths, 0);
        assert_true(chain.numerator == 1 && chain.denominator == 2);
        assert_int_equal(chain.multiplicity, depth);
    }
}

static void the_largest_networks(void **state) {
    /* value: 64 layers of 10^6 units: 4 l lambda stays within 64 bits. All excess widths equal D: lambda = by the
     * formula with k = 65 in plain doubles */
    (void)state;
    size_t widths[DLN_DEPTH_MAX + 1];
    for (size_t s = 0; s <= DLN_DEPTH_MAX; s++) widths[s] = DLN_LEARNING_WIDTH_MAX;
    struct dln_learning got = learning(DLN_DEPTH_MAX, widths, 0);
    double d = DLN_LEARNING_WIDTH_MAX, l = DLN_DEPTH_MAX, sum = 65 * d;
    double a = sum - (ceil(sum / l) - 1) * l;
    double expected = a * (l - a) / (4 * l) - (l - 1) / (4 * l) * sum * sum + d * d * 65 * 64 / 4;
    assert_true(fabs(got.value - expected) < 1e-9 * expected);
}

static void unfit_networks_are_refused(void **state) {
    /* value: depth, widths and ranks out of their range */
    (void)state;
    struct dln_learning out;
    size_t widths[DLN_DEPTH_MAX + 2];
    for (size_t s = 0; s < DLN_DEPTH_MAX + 2; s++) widths[s] = 2;
    assert_int_equal(dln_learning_coefficient(0, widths, 0, &out), CORE_BAD_INPUT);
    assert_int_equal(dln_learning_coefficient(DLN_DEPTH_MAX + 1, widths, 0, &out), CORE_BAD_INPUT);
    assert_int_equal(dln_learning_coefficient(2, widths, 3, &out), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "rank 3"));
    widths[1] = 0;
    assert_int_equal(dln_learning_coefficient(2, widths, 0, &out), CORE_BAD_INPUT);
    widths[1] = DLN_LEARNING_WIDTH_MAX + 1;
    assert_int_equal(dln_learning_coefficient(2, widths, 0, &out), CORE_BAD_INPUT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_the_reference),
        cmocka_unit_test(two_layers_by_reduced_rank_regression),
        cmocka_unit_test(one_layer_is_regular),
        cmocka_unit_test(order_of_the_widths),
        cmocka_unit_test(bounds),
        cmocka_unit_test(the_largest_networks),
        cmocka_unit_test(unfit_networks_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
