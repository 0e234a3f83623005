/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures drawn by gnuplot: every shape of a result, hostile names, and no gnuplot at all. */
#include "lab/figures.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/near.h"
#include "core/scratch.h"
#include "core/table.h"
#include "support/fake_result.h"

static const char *const hostile[] = {"`touch pwned`",
                                      "a $(touch pwned)",
                                      "<script>alert(1)</script>",
                                      "it's \"quoted\"",
                                      "back\\slash\\",
                                      "two\nlines # \t%s @x {} ^a_b",
                                      "\xCE\xBB\xE2\x86\x92\xC3\xA9",
                                      "'; system('touch pwned') #",
                                      "'\"'`touch pwned`'''",
                                      "@GPVAL_TERM",
                                      "\xFF\xFE\x01"};

/* Not inlined: gcc 12 would take what it returns for its own dead local. */
__attribute__((noinline)) static char *content(const char *name) {
    char *text = NULL;
    size_t length;
    assert_int_equal(core_file_read(scratch(name), &text, &length), CORE_OK);
    return text;
}

static size_t occurrences(const char *text, const char *piece) {
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, piece)) != NULL; at++) count++;
    return count;
}

static void assert_drawn(const struct fake *fake, const char *directory, const char *format) {
    char *note = NULL;
    assert_int_equal(lab_figures_write(fake->result, scratch(directory), format, &note), CORE_OK);
    if (note) fail_msg("%s", note);
}

static void every_shape_of_a_result_is_drawn(void **state) {
    /* law: 1 to 30 models, 1 to 200 times, with and without SGD and levels: gnuplot has nothing to complain about */
    (void)state;
    static const struct fake_plan plans[] = {
        {.models = 1, .times = 1, .replicas = 7, .dimension = 3, .levels = 1},
        {.models = 30, .times = 120, .replicas = 7, .dimension = 2, .levels = 2},
        {.models = 4, .times = 6, .replicas = 23, .dimension = 12, .levels = 0},
        {.models = 3, .times = 2, .replicas = 19, .dimension = 1, .levels = 5, .no_sgd = 1},
        {.models = 0, .times = 6, .replicas = 17, .dimension = 4, .levels = 2},
        {.models = 2, .times = 6, .replicas = 1, .dimension = 4, .levels = 2},
    };
    for (size_t k = 0; k < sizeof plans / sizeof plans[0]; k++) {
        struct fake fake;
        fake_result_create(&plans[k], &fake);
        assert_drawn(&fake, "shapes", "svg");
        assert_true(scratch_exists(scratch("shapes/figures/loss.svg")));
        assert_true(scratch_exists(scratch("shapes/figures/loss-narrow.svg")));
        assert_int_equal(scratch_exists(scratch("shapes/figures/survival.svg")), plans[k].levels > 0);
        assert_int_equal(scratch_exists(scratch("shapes/figures/ratio.svg")), plans[k].models > 0 && !plans[k].no_sgd);
        assert_false(scratch_exists(scratch("shapes/figures/loss.svg.part")));
        fake_result_free(&fake);
    }
    assert_int_equal(core_alloc_live(), 0);
}

static void hostile_names_are_only_text(void **state) {
    /* law: nothing is run, nothing is a tag, and the names are still there to be read */
    (void)state;
    struct fake fake;
    const struct fake_plan plan = {
        .models = 11, .times = 6, .replicas = 31, .dimension = 5, .levels = 2, .names = hostile};
    fake_result_create(&plan, &fake);
    assert_drawn(&fake, "hostile", NULL);
    assert_false(scratch_exists(scratch("hostile/figures/pwned")));
    assert_false(scratch_exists(scratch("hostile/pwned")));
    assert_false(scratch_exists("pwned"));
    assert_true(scratch_exists(scratch("hostile/figures/scatter.png")));
    static const char *const files[] = {"hostile/figures/loss.svg", "hostile/figures/survival-narrow.svg",
                                        "hostile/figures/ratio.svg", "hostile/figures/scatter.svg"};
    for (size_t k = 0; k < sizeof files / sizeof files[0]; k++) {
        char *svg = content(files[k]);
        assert_null(strstr(svg, "<script"));
        assert_non_null(strstr(svg, "`touch pwned`"));
        assert_non_null(strstr(svg, "&lt;script>"));
        assert_non_null(strstr(svg, "back\\slash\\"));
        assert_non_null(strstr(svg, "@GPVAL_TERM"));
        assert_non_null(strstr(svg, "it's \"quoted\""));
        assert_non_null(strstr(svg, "'; system('"));
        core_free(svg);
    }
    fake_result_free(&fake);
}

static void a_gap_is_a_gap(void **state) {
    /* value: a time at which nothing is finite is one blank line, also two in a row, at the start and at the end */
    (void)state;
    struct fake fake;
    fake_result_create(&(struct fake_plan){.models = 1, .times = 9, .replicas = 13, .dimension = 2}, &fake);
    struct lab_time_row *times = fake.result->ensembles[0].times;
    static const size_t gone[] = {0, 3, 4, 8};
    for (size_t k = 0; k < 4; k++) times[gone[k]].loss_quantile[1] = (double)NAN;
    assert_drawn(&fake, "gap", "svg");
    char *data = content("gap/figures/loss.dat");
    assert_true(occurrences(data, "\n\n\n") > 0);
    data[strstr(data, "\n\n\n") - data + 1] = '\0';
    assert_int_equal(occurrences(data, "\n"), 2 + 1 + 3 + 1 + 1); /* two rows, a gap, three rows, a gap, NaN */
    assert_int_equal(occurrences(data, "\n\n"), 2);
    assert_non_null(strstr(data, "\n\nNaN NaN NaN NaN"));
    core_free(data);
    fake_result_free(&fake);
}

static void bands_of_the_data_are_the_quantiles(void **state) {
    /* value: rows are time, median, 5 %, 95 % of the result, SGD first */
    (void)state;
    struct fake fake;
    fake_result_create(&(struct fake_plan){.models = 2, .times = 6, .replicas = 29, .dimension = 3, .levels = 1},
                       &fake);
    assert_drawn(&fake, "bands", "svg");
    char *data = content("bands/figures/balancedness.dat"), *at = data;
    for (size_t t = 0; t < 6; t++) {
        const struct lab_time_row *row = &fake.result->ensembles[0].times[t];
        assert_near(strtod(at, &at), row->time, 1e-8);
        assert_near(strtod(at, &at), row->balancedness_quantile[1], 1e-9);
        assert_near(strtod(at, &at), row->balancedness_quantile[0], 1e-9);
        assert_near(strtod(at, &at), row->balancedness_quantile[2], 1e-9);
    }
    core_free(data);
    fake_result_free(&fake);
}

static void who_diverged_or_stayed_is_censored(void **state) {
    /* value: four replicas, escapes at 2.385 and 7.25, one divergence at 5, one that stays:
     * S = 3/4 after 2.385; two at risk at 7.25, so S = 3/8; flat to the end */
    (void)state;
    struct fake fake;
    fake_result_create(&(struct fake_plan){.models = 1, .times = 6, .replicas = 4, .dimension = 2, .levels = 1}, &fake);
    struct core_ensemble *sgd = fake.result->ensembles[0].data;
    memcpy(sgd->escape, (double[]){7.25, (double)INFINITY, 2.385, (double)INFINITY}, 4 * sizeof(double));
    memcpy(sgd->diverged, (double[]){(double)INFINITY, 5, (double)INFINITY, (double)INFINITY}, 4 * sizeof(double));
    assert_drawn(&fake, "survival", "svg");
    char *data = content("survival/figures/survival.dat");
    static const char expected[] = "0 1\n2.385 1\n2.385 0.75\n7.25 0.75\n7.25 0.375\n30 0.375\n\n\n";
    data[sizeof expected - 1] = '\0';
    assert_string_equal(data, expected);
    core_free(data);
    fake_result_free(&fake);
}

static void the_scatter_lies_along_the_principal_direction(void **state) {
    /* value: SGD at c + s (0.6, 0.8, 0), and little along (0, 0, 1): the first coordinate is s about its mean */
    (void)state;
    struct fake fake;
    fake_result_create(&(struct fake_plan){.models = 1, .times = 1, .replicas = 60, .dimension = 3}, &fake);
    struct core_ensemble *sgd = fake.result->ensembles[0].data;
    double mean = 0, s[60];
    for (size_t r = 0; r < 60; r++) {
        s[r] = sin(7.3 * (double)r);
        double *x = sgd->parameters + 3 * r;
        x[0] = 2.5 + 0.6 * s[r];
        x[1] = -1.25 + 0.8 * s[r];
        x[2] = 0.1 * sin(2.9 * (double)r);
        mean += s[r] / 60;
    }
    assert_drawn(&fake, "scatter", "svg");
    char *data = content("scatter/figures/scatter.dat"), *at = data;
    for (size_t r = 0; r < 60; r++) {
        assert_near(strtod(at, &at), s[r] - mean, 0.02);
        assert_near(strtod(at, &at), 0, 0.13);
    }
    core_free(data);
    char *head = content("scatter/figures/scatter.gp");
    assert_non_null(strstr(head, "principal direction 1 of SGD (99\xC2\xA0% of its variance)"));
    core_free(head);
    fake_result_free(&fake);
}

/* Draws with PATH set to `path`; the note. */
static char *note_with_path(const struct fake *fake, const char *path) {
    char *saved = strdup(getenv("PATH")), *note = NULL;
    setenv("PATH", path, 1);
    enum core_status status = lab_figures_write(fake->result, scratch("without"), NULL, &note);
    setenv("PATH", saved, 1);
    free(saved);
    assert_int_equal(status, CORE_OK);
    return note;
}

static void without_gnuplot_there_is_a_sentence(void **state) {
    /* law: no failure; one sentence says what to do; pictures of an earlier run do not stay as if they were new */
    (void)state;
    struct fake fake;
    fake_result_create(&(struct fake_plan){.models = 1, .times = 6, .replicas = 9, .dimension = 2, .levels = 1}, &fake);
    assert_drawn(&fake, "without", NULL);
    assert_true(scratch_exists(scratch("without/figures/loss.png")));
    char *note = note_with_path(&fake, scratch("nowhere"));
    assert_non_null(note);
    assert_non_null(strstr(note, "gnuplot is not installed"));
    assert_false(scratch_exists(scratch("without/figures/loss.png")));
    assert_false(scratch_exists(scratch("without/figures/scatter.svg")));
    assert_true(scratch_exists(scratch("without/figures/loss.gp")));
    core_free(note);
    fake_result_free(&fake);
}

static void what_a_failing_gnuplot_says_is_told(void **state) {
    /* law: its first words come with the note */
    (void)state;
    static const char script[] = "#!/bin/sh\necho >&2\necho 'the paper is out' >&2\nexit 3\n";
    assert_int_equal(core_make_directory(scratch("bin")), CORE_OK);
    const char *path = scratch_put("bin/gnuplot", script, sizeof script - 1);
    assert_int_equal(chmod(path, 0755), 0);
    struct fake fake;
    fake_result_create(&(struct fake_plan){.models = 1, .times = 6, .replicas = 9, .dimension = 2, .levels = 1}, &fake);
    char *note = note_with_path(&fake, scratch("bin"));
    assert_non_null(note);
    assert_non_null(strstr(note, "gnuplot failed: the paper is out"));
    core_free(note);
    fake_result_free(&fake);
}

static void wrong_formats_and_places_are_refused(void **state) {
    /* law: CORE_BAD_INPUT for a format nobody knows, CORE_IO where nothing can be written, and no note */
    (void)state;
    struct fake fake;
    char *note = NULL;
    fake_result_create(&(struct fake_plan){.models = 1, .times = 1, .replicas = 5, .dimension = 2, .levels = 1}, &fake);
    assert_int_equal(lab_figures_write(fake.result, scratch("format"), "bmp", &note), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "'bmp'"));
    assert_null(note);
    scratch_put("a-file", "x", 1);
    assert_int_equal(lab_figures_write(fake.result, scratch("a-file"), "svg", &note), CORE_IO);
    assert_null(note);
    assert_drawn(&fake, "format", "pdf");
    assert_true(scratch_exists(scratch("format/figures/loss.pdf")));
    assert_false(scratch_exists(scratch("format/figures/loss.svg")));
    fake_result_free(&fake);
}

static void no_memory_is_no_crash(void **state) {
    /* law: whichever allocation fails, the status says so and nothing leaks (without gnuplot, which would take long) */
    (void)state;
    struct fake fake;
    fake_result_create(&(struct fake_plan){.models = 2, .times = 1, .replicas = 5, .dimension = 2, .levels = 1}, &fake);
    char *saved = strdup(getenv("PATH"));
    setenv("PATH", scratch("nowhere"), 1);
    size_t live = core_alloc_live();
    enum core_status status = CORE_NO_MEMORY;
    for (size_t k = 1; status != CORE_OK; k++) {
        char *note = NULL;
        core_alloc_fail_at(k);
        status = lab_figures_write(fake.result, scratch("memory"), "svg", &note);
        core_alloc_fail_at(0);
        core_free(note);
        assert_true(status == CORE_OK || status == CORE_NO_MEMORY);
        assert_int_equal(core_alloc_live(), live);
        assert_true(k < 5000);
    }
    setenv("PATH", saved, 1);
    free(saved);
    fake_result_free(&fake);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_shape_of_a_result_is_drawn),
        cmocka_unit_test(hostile_names_are_only_text),
        cmocka_unit_test(a_gap_is_a_gap),
        cmocka_unit_test(bands_of_the_data_are_the_quantiles),
        cmocka_unit_test(who_diverged_or_stayed_is_censored),
        cmocka_unit_test(the_scatter_lies_along_the_principal_direction),
        cmocka_unit_test(without_gnuplot_there_is_a_sentence),
        cmocka_unit_test(what_a_failing_gnuplot_says_is_told),
        cmocka_unit_test(wrong_formats_and_places_are_refused),
        cmocka_unit_test(no_memory_is_no_crash),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
