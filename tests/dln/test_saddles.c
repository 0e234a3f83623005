/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Critical points: reference points, the atlas, theory against the Hessian. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dln/networks.h"

#include <cblas.h>

static char *text; /* tests/reference/dln.json */

/* ---- Reference points
 * ------------------------------------------------------------------------------------------------- */

static void reference_labels(void **state) {
    /* value: 34 points, their label, whether tightened, inertia; tests/reference/dln.json [achour2024] */
    (void)state;
    size_t checked = 0;
    for (size_t k = 0; k < 2; k++) {
        char path[64], at[128], word[64];
        snprintf(path, sizeof path, "critical_points[%zu]", k);
        struct core_landscape *land = reference_network(text, path, 30);
        snprintf(path + strlen(path), 8, ".points");
        for (size_t i = 0; i < reference_count(text, path); i++, checked++) {
            double theta[NETWORK_MOST], expected[3];
            struct dln_critical_label label;
            struct core_inertia inertia;
            snprintf(at, sizeof at, "%s[%zu].W", path, i);
            reference_numbers(text, at, land->dimension, theta);
            assert_int_equal(dln_critical_classify(land, theta, &label), CORE_OK);
            snprintf(at, sizeof at, "%s[%zu].cls", path, i);
            reference_text(text, at, sizeof word, word);
            word[strcspn(word, "(")] = '\0';
            if (word[strlen(word) - 1] == ' ') word[strlen(word) - 1] = '\0';
            for (char *c = strchr(word, ' '); c != NULL; c = strchr(word, ' ')) *c = '-';
            assert_string_equal(dln_label_name(label.label), word);
            snprintf(at, sizeof at, "%s[%zu].tightened", path, i);
            assert_int_equal(label.tightened, *reference_must_find(text, at) == 't');
            snprintf(at, sizeof at, "%s[%zu].r", path, i);
            assert_int_equal(label.rank, reference_number(text, at));
            assert_int_equal(core_point_inertia(land, theta, &inertia, NULL), CORE_OK);
            snprintf(at, sizeof at, "%s[%zu].inertia", path, i);
            reference_numbers(text, at, 3, expected);
            const size_t counts[3] = {inertia.negative, inertia.zero, inertia.positive};
            for (size_t c = 0; c < 3; c++) assert_int_equal(counts[c], (size_t)expected[c]);
            assert_false(core_inertia_doubtful(&inertia));
        }
        core_landscape_free(land);
    }
    assert_int_equal(checked, 34);
}

/* ---- The atlas
 * ----------------------------------------------------------------------------------------------------------- */

static struct dln_atlas *survey(const struct core_landscape *land, size_t most, int mixing) {
    struct dln_atlas_settings settings = dln_atlas_settings_default();
    struct dln_atlas *atlas;
    settings.most = most;
    settings.mixing = mixing;
    settings.seed = 91;
    if (dln_atlas_create(land, &settings, &atlas) != CORE_OK) fail_msg("%s", core_error());
    return atlas;
}

/* Every point is critical, has the loss of its modes, and both roads give it one label. */
static void check_atlas(const struct core_landscape *land, const struct dln_atlas *atlas) {
    double scale = atlas->points[0].loss;
    for (size_t i = 0; i < atlas->count; i++) {
        const struct dln_saddle *point = &atlas->points[i];
        assert_true(point->gradient_norm < 1e-12 * (1 + point->highest));
        assert_true(fabs(point->loss - point->formula) < 1e-12 * scale);
        assert_int_equal(point->inertia.negative + point->inertia.zero + point->inertia.positive, land->dimension);
        if (point->agrees) continue;
        fprintf(stderr, "rank %zu: %s, seen %s\n", point->rank, dln_label_name(point->theory.label),
                dln_label_name(point->seen));
    }
    assert_int_equal(atlas->agreeing, atlas->count);
    assert_int_equal(atlas->doubtful, 0);
}

static void every_family(void **state) {
    /* law: theory and Hessian agree at every rank, set of modes and pattern of zero blocks, mixed or not */
    (void)state;
    static const struct test_shape shapes[] = {
        {2, {4, 3, 3}, 30, 0}, {3, {4, 4, 3, 3}, 30, 0}, {3, {5, 3, 4, 4}, 30, 0}, {4, {3, 4, 3, 3, 3}, 30, 0}};
    static const size_t expected[] = {8, 30, 52, 79}; /* sum over r of C(modes, r) times the patterns of its blocks */
    for (size_t k = 0; k < 4; k++) {
        for (int mixing = 0; mixing < 2; mixing++) {
            struct core_landscape *land = test_network(&shapes[k], 40 + k);
            struct dln_atlas *atlas = survey(land, 512, mixing);
            check_atlas(land, atlas);
            assert_int_equal(atlas->count, expected[k]);
            assert_true(atlas->families == (double)atlas->count);
            dln_atlas_free(atlas);
            core_landscape_free(land);
        }
    }
}

static void random_networks(void **state) {
    /* law: the same on depths 1 to 6 with widths of 1, bottlenecks, few samples and singular moments */
    (void)state;
    for (size_t k = 0; k < TEST_SHAPES; k++) {
        if (test_shapes[k].widths[0] > 8) continue;
        struct core_landscape *land = test_network(&test_shapes[k], 7 * k + 2);
        struct dln_atlas *atlas = survey(land, 60, k % 2 == 1);
        check_atlas(land, atlas);
        assert_true(atlas->count <= 60 && atlas->families >= (double)atlas->count);
        dln_atlas_free(atlas);
        core_landscape_free(land);
    }
}

static size_t negative_by_formula(const struct core_landscape *land, const struct dln_modes *modes,
                                  const struct dln_saddle *point) {
    size_t pairs = 0, hidden = dln_network_widths(land)[1];
    for (size_t k = 0; k < point->rank; k++) {
        for (size_t q = 0; q < point->modes[k]; q++) {
            int kept = 0;
            for (size_t i = 0; i < point->rank; i++) kept |= point->modes[i] == q;
            pairs += !kept;
        }
    }
    return pairs + (hidden - point->rank) * (modes->positive - point->rank);
}

static void two_layers(void **state) {
    /* value: L = 2 has #{(s, q): w_q > w_s} + (d_1 - r)(rank Sig - r) negative eigenvalues, also where Sig is singular
     */
    (void)state;
    static const struct test_shape shapes[] = {
        {2, {5, 4, 3}, 20, 0}, {2, {3, 6, 5}, 20, 0}, {2, {4, 4, 4}, 2, 0}, {2, {5, 2, 5}, 20, 1}};
    for (size_t k = 0; k < 4; k++) {
        struct core_landscape *land = test_network(&shapes[k], 70 + k);
        struct dln_atlas *atlas = survey(land, 512, 1);
        struct dln_modes *modes;
        check_atlas(land, atlas);
        assert_int_equal(dln_modes_create(land, &modes), CORE_OK);
        for (size_t i = 0; i < atlas->count; i++)
            assert_int_equal(atlas->points[i].inertia.negative, negative_by_formula(land, modes, &atlas->points[i]));
        dln_modes_free(modes);
        dln_atlas_free(atlas);
        core_landscape_free(land);
    }
}

static void wide_networks(void **state) {
    /* law: 20 units a layer: the inertia, and beyond `formed` parameters the ends of the spectrum by Lanczos */
    (void)state;
    struct test_shape shape = {3, {5, 20, 18, 4}, 30, 0};
    struct core_landscape *land = test_network(&shape, 4);
    assert_int_equal(land->lanes, 1);
    struct dln_atlas_settings settings = dln_atlas_settings_default();
    struct dln_atlas *formed, *iterated;
    settings.most = 20;
    settings.threads = 2;
    assert_int_equal(dln_atlas_create(land, &settings, &formed), CORE_OK);
    settings.formed = 100;
    assert_int_equal(dln_atlas_create(land, &settings, &iterated), CORE_OK);
    check_atlas(land, formed);
    assert_int_equal(iterated->agreeing, iterated->count);
    assert_int_equal(iterated->count, formed->count);
    for (size_t i = 0; i < formed->count; i++) {
        const struct dln_saddle *a = &formed->points[i], *b = &iterated->points[i];
        assert_true(a->counted && !b->counted && a->seen == b->seen);
        assert_true(fabs(a->lowest - b->lowest) < 1e-10 * (1 + a->highest));
        assert_true(fabs(a->highest - b->highest) < 1e-10 * (1 + a->highest));
    }
    dln_atlas_free(formed);
    dln_atlas_free(iterated);
    core_landscape_free(land);
}

/* ---- Where ranks alone do not decide
 * ------------------------------------------------------------------------------------ */

/* theta of rank 1 in four layers: Z_2 = Z_3 = 0, one column of Z_4 along u_1, one row of Z_1 along u_q^T T. */
static void ends_along(const struct core_landscape *land, const struct dln_modes *modes, size_t q, double theta[]) {
    const struct dln_network *network = dln_of(land);
    struct dln_critical_choice choice = {.rank = 1};
    assert_int_equal(dln_critical_point(land, &choice, theta), CORE_OK);
    for (size_t j = 0; j < 4; j++) {
        theta[4 + j] = 0;
        for (size_t i = 0; i < 4; i++) theta[4 + j] += modes->directions[q * 4 + i] * network->target[i * 4 + j];
    }
    for (size_t i = 0; i < 4; i++) theta[48 + i * 4 + 1] = modes->directions[4 + i];
}

static void ends_that_do_not_meet(void **state) {
    /* law: first and last blocks along different modes: no pivot is tightened by ranks, and yet the Hessian has no
     * negative eigenvalue; along the same mode it has */
    (void)state;
    struct test_shape shape = {4, {4, 4, 4, 4, 4}, 30, 0};
    struct core_landscape *land = test_network(&shape, 3);
    struct dln_modes *modes;
    double theta[64], gradient[64];
    assert_int_equal(dln_modes_create(land, &modes), CORE_OK);
    for (size_t q = 1; q < 4; q++) {
        struct core_inertia inertia;
        struct dln_critical_label label;
        ends_along(land, modes, q, theta);
        assert_int_equal(core_point_gradient(land, theta, gradient), CORE_OK);
        assert_true(largest(64, gradient) < 1e-14);
        assert_int_equal(core_point_inertia(land, theta, &inertia, NULL), CORE_OK);
        assert_int_equal(dln_critical_classify(land, theta, &label), CORE_OK);
        assert_false(core_inertia_doubtful(&inertia));
        assert_true(label.rank == 1 && label.leading && !label.tightened);
        assert_int_equal(label.label, q == 1 ? DLN_STRICT_SADDLE : DLN_NON_STRICT_SADDLE);
        assert_int_equal(inertia.negative > 0, q == 1);
    }
    dln_modes_free(modes);
    core_landscape_free(land);
}

/* ---- Invariance, threads, lists, errors
 * ------------------------------------------------------------------------------------ */

static void unused_units_stay_unused(void **state) {
    /* law: all blocks zero is an invariant set of SGD: every sample's gradient vanishes on the unused units */
    (void)state;
    struct test_shape shape = {3, {4, 5, 4, 3}, 12, 0};
    struct core_landscape *land = test_network(&shape, 9);
    struct dln_critical_choice choice = {.rank = 2};
    double theta[60], gradient[60];
    assert_int_equal(land->dimension, 52);
    assert_int_equal(dln_critical_point(land, &choice, theta), CORE_OK);
    for (size_t sample = 0; sample < 12; sample++) {
        assert_int_equal(dln_sample_gradient(land, theta, sample, gradient), CORE_OK);
        assert_true(largest(52, gradient) > 1e-3);
        assert_true(largest(12, gradient + 8) == 0);                                            /* rows 2 ... of W_1 */
        for (size_t i = 0; i < 3; i++) assert_true(largest(2, gradient + 40 + i * 4 + 2) == 0); /* columns of W_3 */
    }
    core_landscape_free(land);
}

static void lists_and_threads(void **state) {
    /* law: a short list holds the leading modes of every rank; seven threads give the same bits as one */
    (void)state;
    struct test_shape shape = {3, {6, 6, 6, 6}, 40, 0};
    struct core_landscape *land = test_network(&shape, 12);
    struct dln_atlas_settings settings = dln_atlas_settings_default();
    struct dln_atlas *one, *seven;
    settings.most = 40;
    assert_int_equal(dln_atlas_create(land, &settings, &one), CORE_OK);
    settings.threads = 7;
    assert_int_equal(dln_atlas_create(land, &settings, &seven), CORE_OK);
    assert_true(one->count <= 40 && one->families == 4 * (64 - 1) + 1);
    size_t next = 0;
    for (size_t i = 0; i < one->count; i++) {
        const struct dln_saddle *a = &one->points[i], *b = &seven->points[i];
        assert_true(a->loss == b->loss && a->lowest == b->lowest && a->gradient_norm == b->gradient_norm);
        if (a->rank < next) continue;
        assert_int_equal(a->rank, next++); /* the first of its rank: leading modes, all blocks zero */
        for (size_t k = 0; k < a->rank; k++) assert_int_equal(a->modes[k], k);
        assert_int_equal(a->zero_count, 3);
    }
    assert_int_equal(next, 7);
    dln_atlas_free(one);
    dln_atlas_free(seven);
    core_landscape_free(land);
}

static void errors(void **state) {
    /* value: impossible choices, a sentence each; no memory */
    (void)state;
    static const size_t twice[] = {1, 1}, unknown[] = {0, 3};
    static const unsigned char one_zero[] = {1, 0, 0};
    const struct {
        struct dln_critical_choice choice;
        const char *sentence;
    } cases[] = {{{.rank = 4}, "a critical point of rank 4; allowed: 0 to 3"},
                 {{.rank = 2, .modes = twice}, "found mode 1 after 1; modes ascend"},
                 {{.rank = 2, .modes = unknown}, "found mode 3; allowed: 0 to 2, those that the data have"},
                 {{.rank = 1, .zero = one_zero}, "found 1 zero block, expected two layers or more"}};
    struct test_shape shape = {3, {4, 5, 4, 3}, 12, 0}, shallow = {1, {3, 2}, 9, 0};
    struct core_landscape *land = test_network(&shape, 9), *line = test_network(&shallow, 9), *well;
    struct dln_atlas_settings settings = dln_atlas_settings_default();
    struct dln_atlas *atlas;
    double theta[60];
    for (size_t k = 0; k < 4; k++) {
        assert_int_equal(dln_critical_point(land, &cases[k].choice, theta), CORE_BAD_INPUT);
        assert_non_null(strstr(core_error(), cases[k].sentence));
    }
    assert_int_equal(dln_critical_point(line, &(struct dln_critical_choice){.rank = 1}, theta), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "one layer"));
    assert_int_equal(core_landscape_create(&(struct core_potential){.name = "double-well"}, &well), CORE_OK);
    assert_int_equal(dln_atlas_create(well, &settings, &atlas), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "no network"));
    settings.most = 0;
    assert_int_equal(dln_atlas_create(land, &settings, &atlas), CORE_BAD_INPUT);
    settings.most = 5;
    size_t live = core_alloc_live();
    for (size_t k = 1;; k++) {
        core_alloc_fail_at(k);
        enum core_status status = dln_atlas_create(line, &settings, &atlas);
        core_alloc_fail_at(0);
        if (status == CORE_OK) break;
        assert_int_equal(core_alloc_live(), live);
        assert_int_equal(status, CORE_NO_MEMORY);
        assert_null(atlas);
    }
    dln_atlas_free(atlas);
    core_landscape_free(well);
    core_landscape_free(line);
    core_landscape_free(land);
}

static int load(void **state) {
    (void)state;
    text = reference_load("tests/reference/dln.json");
    openblas_set_num_threads(1); /* the threads here are over the points */
    return 0;
}

static int unload(void **state) {
    (void)state;
    free(text);
    return core_alloc_live() != 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_labels),
        cmocka_unit_test(every_family),
        cmocka_unit_test(random_networks),
        cmocka_unit_test(two_layers),
        cmocka_unit_test(wide_networks),
        cmocka_unit_test(ends_that_do_not_meet),
        cmocka_unit_test(unused_units_stay_unused),
        cmocka_unit_test(lists_and_threads),
        cmocka_unit_test(errors),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
