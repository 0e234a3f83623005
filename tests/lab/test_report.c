/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a person reads of a run: words, tables, page, numbers; hostile names and pictures in it; missing memory and
 * disk. */
#include "lab/figures.h"
#include "lab/page.h"
#include "lab/svg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/scratch.h"
#include "core/table.h"
#include "support/fake_result.h"

static const struct fake_plan plan = {.models = 10, .times = 6, .replicas = 37, .dimension = 5, .levels = 2};

/* Not inlined: gcc 12 would take what it returns for its own dead local. */
__attribute__((noinline)) static char *content(const char *name) {
    char *text = NULL;
    size_t length;
    assert_int_equal(core_file_read(scratch(name), &text, &length), CORE_OK);
    return text;
}

static void assert_has(const char *text, const char *piece) {
    if (strstr(text, piece) == NULL) fail_msg("'%s' is missing", piece);
}

static void assert_has_not(const char *text, const char *piece) {
    const char *at = strstr(text, piece);
    if (at != NULL) fail_msg("'%s' is there: %.80s", piece, at);
}

/* The report of a result, without pictures. */
static char *report_of(const struct fake *fake) {
    assert_int_equal(lab_report_write(fake->result, scratch_directory), CORE_OK);
    return content("report.html");
}

/* ---- text ---- */

static void lines_are_clean(void **state) {
    /* value: control characters, broken UTF-8 [rfc3629], direction marks, and names too long */
    (void)state;
    static const struct {
        const char *text, *line;
        size_t most;
    } cases[] = {
        {NULL, "", 9},
        {"plain", "plain", 5},
        {"two\nlines\t", "two lines ", 99},
        {"\x01x\x7F", "\xEF\xBF\xBDx\xEF\xBF\xBD", 99},
        {"\xC0\xAF\xED\xA0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD", 99},
        {"\xF4\x90\x80\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD", 99},
        {"\xE2\x80\xAE" /* turns the direction of writing, on purpose */ // NOLINT(misc-misleading-bidirectional)
         "evil\xEF\xBF\xBE",
         "\xEF\xBF\xBD"
         "evil\xEF\xBF\xBD",
         99},
        {"\xCE\xBB\xF0\x9F\x99\x82", "\xCE\xBB\xF0\x9F\x99\x82", 2},
        {"\xCE\xBB\xCE\xBB\xCE\xBB", "\xCE\xBB\xE2\x80\xA6", 2},
        {"cut \xE2\x82", "cut \xEF\xBF\xBD\xEF\xBF\xBD", 99},
    };
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        char *line = lab_page_line(cases[k].text, cases[k].most);
        assert_string_equal(line, cases[k].line);
        core_free(line);
    }
}

static void numbers_have_sensible_digits(void **state) {
    /* value */
    (void)state;
    static const struct {
        double value;
        int digits;
        const char *text;
    } cases[] = {{0.98765, 3, "0.988"},  {12345.6, 3, "12300"},    {999.7, 3, "1000"}, {-4711.2, 2, "-4700"},
                 {2.5e-7, 2, "2.5e-07"}, {3.2e9, 2, "3.2e+09"},    {0, 3, "0"},        {41.23, 3, "41.2"},
                 {99.96, 3, "100"},      {1234567, 4, "1.235e+06"}};
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++)
        assert_string_equal(lab_number(cases[k].value, cases[k].digits).text, cases[k].text);
    assert_string_equal(lab_number((double)NAN, 3).text, "\xE2\x80\x93");
    assert_string_equal(lab_number((double)-INFINITY, 3).text, "-\xE2\x88\x9E");
    assert_string_equal(lab_percent(0.9984, 1).text, "99.8\xC2\xA0%");
    assert_string_equal(lab_percent(-5230, 1).text, "-5.2e+05\xC2\xA0%");
}

/* ---- pictures ---- */

static int embedded(const char *svg, char **text) {
    struct lab_page page;
    lab_page_open(&page, scratch_directory, "svg.html");
    int put = lab_put_svg(&page, svg, "p");
    assert_int_equal(lab_page_close(&page), CORE_OK);
    *text = content("svg.html");
    return put;
}

static void pictures_keep_what_is_known(void **state) {
    /* value: ids and references get their prefix, prolog and titles go, text stays as it is */
    (void)state;
    char *text;
    assert_true(embedded("<?xml version='1.0'?><!DOCTYPE svg>\n<svg viewBox=\"0 0 1 1\"><title>Gnuplot</title><defs>"
                         "<circle id='dot' r='0.5'/></defs><use xlink:href='#dot' color='#0072b2' fill = 'url(#g)' />"
                         "<text>id='x' &lt;b></text></svg>\n",
                         &text));
    assert_string_equal(
        text, "<svg viewBox=\"0 0 1 1\"><defs><circle id='p-dot' r='0.5'/></defs>"
              "<use xlink:href='#p-dot' color='#0072b2' fill='url(#p-g)'/><text>id='x' &lt;b></text></svg>\n");
    core_free(text);
}

static void pictures_with_anything_else_are_refused(void **state) {
    /* law: a script, an event, an address outside, a style, a broken tag: nothing of the picture is put */
    (void)state;
    static const char *const evil[] = {
        "<svg><script>alert(1)</script></svg>",
        "<svg onload='alert(1)'></svg>",
        "<svg><a href='javascript:alert(1)'>x</a></svg>",
        "<svg><use href='http://example.org/#x'/></svg>",
        "<svg><use xlink:href='data:image/svg+xml,x'/></svg>",
        "<svg><g style='background:url(http://example.org)'/></svg>",
        "<svg><rect fill='url(http://example.org)'/></svg>",
        "<svg><rect fill='&#117;rl(x)'/></svg>",
        "<svg><foreignObject><p>x</p></foreignObject></svg>",
        "<svg><image href='#x'/></svg>",
        "<svg><!-- x --></svg>",
        "<svg><rect fill=red/></svg>",
        "<svg><rect fill='red",
        "<svg><rect fill",
        "<svg><title>x",
        "<svg><",
        "no picture",
        "",
    };
    for (size_t k = 0; k < sizeof evil / sizeof evil[0]; k++) {
        char *text;
        if (embedded(evil[k], &text) || *text) fail_msg("put: %s", evil[k]);
        core_free(text);
    }
}

/* ---- the verdict in words ---- */

static struct lab_distance_row *row_of(const struct fake *fake, const char *model, const char *observable) {
    for (size_t d = 0; d < fake->result->distance_count; d++) {
        struct lab_distance_row *row = &fake->result->distances[d];
        if (row->time > 20 && strcmp(row->observable, observable) == 0 && strcmp(row->metric, "sliced-w2") == 0 &&
            strcmp(fake->result->ensembles[row->model].name, model) == 0)
            return row;
    }
    return NULL;
}

static void the_verdict_follows_its_rules(void **state) {
    /* value: the sentences, and how they change with p at the border of 0.05 and without any p */
    (void)state;
    struct fake fake;
    fake_result_create(&plan, &fake);
    char *page = report_of(&fake);
    assert_has(page,
               "Of 10 models, 2 match SGD in all 5 observables compared at t = 30: <b class=\"name\"><bdi>second-order"
               "</bdi></b> and <b class=\"name\"><bdi>poisson</bdi></b>.");
    assert_has(page,
               "5 comparisons are not decided (no p-value), among them all of <b class=\"name\"><bdi>levy-isotropic");
    assert_has(page, "levy-isotropic</bdi></b> 37 of 37");
    core_free(page);
    row_of(&fake, "second-order", "loss")->holm = 0.05;
    struct lab_distance_row *row = row_of(&fake, "poisson", "balancedness");
    row->holm = 0.0125;
    row->row.z = 4.21;
    row->row.ratio = 1.37;
    row_of(&fake, "second-order", "product")->holm = 0.05;
    row_of(&fake, "poisson", "loss")->holm = 0.0501;
    page = report_of(&fake);
    assert_has(
        page,
        "Of 10 models, none matches SGD in all 5 observables compared at t = 30. Closest is <b class=\"name\"><bdi>"
        "poisson</bdi></b>: it matches in 4 of 5 and differs most in the balancedness, z\xC2\xA0=\xC2\xA0"
        "4.2, "
        "1.4 times the distance between SGD ensembles.");
    core_free(page);
    for (size_t d = 0; d < fake.result->distance_count; d++) fake.result->distances[d].holm = (double)NAN;
    page = report_of(&fake);
    assert_has(page, "50 comparisons are not decided");
    assert_has_not(page, "match SGD in all");
    assert_has_not(page, "class=\"matches\"");
    core_free(page);
    fake_result_free(&fake);
}

static void the_explained_fraction_comes_with_its_interval(void **state) {
    /* value */
    (void)state;
    struct fake fake;
    fake_result_create(&plan, &fake);
    for (size_t v = 0; v < fake.result->verdict_count; v++) {
        struct lab_verdict_row *row = &fake.result->verdicts[v];
        if (row->observable == NULL) row->explained = (struct compare_fraction){0.31, 0.25, 0.35};
        if (row->observable == NULL && row->model == 7)
            row->explained = (struct compare_fraction){0.9981, 0.9967, 0.9992};
        if (row->observable == NULL && row->model == 4) row->explained = (struct compare_fraction){-0.25, -0.31, -0.22};
    }
    char *page = report_of(&fake);
    assert_has(
        page,
        "<bdi>anisotropic</bdi></b> removes 99.8\xC2\xA0% [99.7\xC2\xA0%, 99.9\xC2\xA0%] of the isotropic Langevin");
    assert_has(page, "<bdi>langevin</bdi></b> is further from SGD than Langevin is: -25.0\xC2\xA0% [-31.0\xC2\xA0%, "
                     "-22.0\xC2\xA0%]");
    core_free(page);
    for (size_t v = 0; v < fake.result->verdict_count; v++) { /* below -100 % the figure says nothing */
        struct lab_verdict_row *row = &fake.result->verdicts[v];
        if (row->observable == NULL && row->model == 4) row->explained = (struct compare_fraction){-250, -310, -2};
    }
    page = report_of(&fake);
    assert_has(page, "<bdi>langevin</bdi></b> is further from SGD than Langevin is.");
    core_free(page);
    fake_result_free(&fake);
}

static void reports_without_a_comparison_say_so(void **state) {
    /* value: no SGD; SGD alone; nothing compared */
    (void)state;
    static const struct {
        struct fake_plan plan;
        const char *sentence;
    } cases[] = {
        {{.models = 2, .times = 1, .replicas = 5, .dimension = 1, .levels = 1, .no_sgd = 1}, "This study runs no SGD"},
        {{.models = 0, .times = 1, .replicas = 5, .dimension = 1, .levels = 0}, "runs SGD alone"},
    };
    for (size_t k = 0; k < 2; k++) {
        struct fake fake;
        fake_result_create(&cases[k].plan, &fake);
        char *page = report_of(&fake);
        assert_has(page, cases[k].sentence);
        assert_has(page, "</html>");
        core_free(page);
        fake_result_free(&fake);
    }
}

/* ---- the page ---- */

static void ids_are_unique(const char *page) {
    const char *ids[4096];
    size_t count = 0;
    for (const char *at = page; (at = strstr(at, " id=")) != NULL; at++) {
        assert_true(count < 4096);
        ids[count] = at + 5;
        for (size_t k = 0; k < count; k++) {
            size_t length = strcspn(ids[count], "'\"");
            if (strncmp(ids[k], ids[count], length + 1) == 0) fail_msg("id twice: %.40s", ids[k]);
        }
        count++;
    }
    assert_true(count > 100);
}

/* Within tags and outside quotes no attribute starts with "on". */
static void no_tag_has_an_event(const char *page) {
    char quote = '\0';
    int tag = 0;
    for (const char *s = page; *s; s++) {
        if (!tag)
            tag = *s == '<';
        else if (quote)
            quote = *s == quote ? '\0' : quote;
        else if (*s == '"' || *s == '\'')
            quote = *s;
        else if (*s == '>')
            tag = 0;
        else if (strncmp(s, " on", 3) == 0)
            fail_msg("an event: %.40s", s);
    }
    assert_false(tag);
}

static void the_page_is_self_contained_and_harmless(void **state) {
    /* law: with hostile names everywhere and all pictures: no script, no event, no address to fetch, every id once */
    (void)state;
    static const char *const names[] = {"<script>alert(1)</script>", "\" onload=\"x", "'><img src=x onerror=y>",
                                        "&amp;"};
    struct fake fake;
    const struct fake_plan hostile = {.models = 4,
                                      .times = 6,
                                      .replicas = 23,
                                      .dimension = 3,
                                      .levels = 2,
                                      .names = names,
                                      .title = "`touch pwned` </title><script>alert(2)</script>"};
    fake_result_create(&hostile, &fake);
    assert_int_equal(lab_figures_write(fake.result, scratch_directory, "svg", NULL), CORE_OK);
    char *page = report_of(&fake);
    static const char *const never[] = {"<script", "<img",    "<link",    "<iframe",
                                        "src=\"",  "@import", "url(http", "</title><s"};
    for (size_t k = 0; k < sizeof never / sizeof never[0]; k++) assert_has_not(page, never[k]);
    assert_has(page, "<h1><bdi>`touch pwned` &lt;/title&gt;&lt;script&gt;alert(2)&lt;/script&gt;</bdi></h1>");
    assert_has(page, "&amp;amp;");
    assert_has(page, "batch: 4  # &lt;b&gt;&amp;");
    assert_has(page, "<html lang=\"en\">");
    assert_has(page, "name=\"viewport\"");
    assert_has(page, "<div class=\"picture wide\" role=\"img\" aria-label=\"Loss against time.");
    assert_has(page, "Content-Security-Policy");
    assert_has_not(page, "This picture was not drawn");
    for (const char *at = page; (at = strstr(at, "http")) != NULL; at++)
        assert_true(strncmp(at, "http-equiv", 10) == 0 || strncmp(at, "http://www.w3.org/", 18) == 0);
    ids_are_unique(page);
    no_tag_has_an_event(page);
    core_free(page);
    fake_result_free(&fake);
}

static void missing_pictures_are_named(void **state) {
    /* law: the report is written without them, and says how to draw them */
    (void)state;
    struct fake fake;
    fake_result_create(&plan, &fake);
    assert_int_equal(core_make_directory(scratch("bare")), CORE_OK);
    assert_int_equal(lab_report_write(fake.result, scratch("bare")), CORE_OK);
    char *page = content("bare/report.html");
    assert_has(page, "This picture was not drawn");
    assert_has(page, "gnuplot loss.gp");
    core_free(page);
    fake_result_free(&fake);
}

static void provenance_is_known(void **state) {
    /* law: a build by the Makefile knows how it was made */
    (void)state;
    struct lab_provenance made = lab_provenance();
    const char *const facts[] = {made.version, made.git_revision, made.compiler, made.flags, made.isa};
    for (size_t k = 0; k < 5; k++) assert_true(facts[k] && *facts[k]);
    assert_string_not_equal(made.version, "unknown");
    assert_non_null(strstr(made.flags, "-std=c11"));
}

/* ---- tables, JSON, summary ---- */

static void tables_hold_every_row(void **state) {
    /* value: headers, row counts, 17 digits, an empty field where there is no number, names in quotes */
    (void)state;
    static const char *const names[] = {"a \"quoted\", name", "x"};
    struct fake fake;
    fake_result_create(
        &(struct fake_plan){.models = 2, .times = 6, .replicas = 9, .dimension = 3, .levels = 2, .names = names},
        &fake);
    fake.result->ensembles[0].times[1].loss_mean = 1.0 / 3;
    assert_int_equal(lab_tables_write(fake.result, scratch("out")), CORE_OK);
    static const struct {
        const char *name, *has;
        size_t rows;
    } tables[] = {
        {"out/tables/escape.csv", "ensemble,level,escaped,mean,sd,se,median\n\"sgd\",3.3999999999999999,", 1 + 5 * 2},
        {"out/tables/times.csv", "\n\"sgd\",2.2000000000000002,0.33333333333333331,", 1 + 5 * 6},
        {"out/tables/distances.csv", "\n\"a \"\"quoted\"\", name\",\"parameters\",\"sliced-w2\",15,",
         1 + 2 * 5 * 4 * 2},
        {"out/tables/verdict.csv", "\"overall\"", 1 + 2 * 6},
        {"out/tables/parameters_mean.csv", "ensemble,time,theta_1,theta_2,theta_3\n", 1 + 5 * 6},
    };
    for (size_t k = 0; k < sizeof tables / sizeof tables[0]; k++) {
        char *text = content(tables[k].name);
        size_t rows = 0;
        for (const char *s = text; *s; s++) rows += *s == '\n';
        assert_int_equal(rows, tables[k].rows);
        assert_has(text, tables[k].has);
        assert_has_not(text, "nan");
        core_free(text);
    }
    char *text = content("out/tables/escape.csv");
    assert_has(text, "\"x\",3.3999999999999999,,,,,\n");
    core_free(text);
    fake_result_free(&fake);
}

static void json_has_every_key_and_no_nan(void **state) {
    /* value: the keys of the contract; null and a reason where there is no number; twins are not listed */
    (void)state;
    struct fake fake;
    fake_result_create(&plan, &fake);
    char *text;
    assert_int_equal(lab_result_json(fake.result, &text), CORE_OK);
    static const char *const keys[] = {"study",
                                       "seed",
                                       "version",
                                       "seconds",
                                       "threads",
                                       "parameters",
                                       "ensembles",
                                       "name",
                                       "replicas",
                                       "diverged",
                                       "steps_per_second",
                                       "escape",
                                       "level",
                                       "escaped",
                                       "mean",
                                       "sd",
                                       "se",
                                       "median",
                                       "times",
                                       "time",
                                       "loss_mean",
                                       "loss_se",
                                       "singular_values",
                                       "balancedness_mean",
                                       "parameters_mean",
                                       "distances",
                                       "model",
                                       "observable",
                                       "metric",
                                       "value",
                                       "null_mean",
                                       "null_sd",
                                       "ratio",
                                       "z",
                                       "p",
                                       "verdict",
                                       "explained",
                                       "low",
                                       "high",
                                       "warnings"};
    for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
        char key[64];
        snprintf(key, sizeof key, "\"%s\":", keys[k]);
        assert_has(text, key);
    }
    assert_has(text, "\"reason\": \"every replica diverged\"");
    assert_has_not(text, " nan");
    assert_has_not(text, "inf");
    assert_has_not(text, "-nan");
    assert_has_not(text, "sgd-twin");
    core_free(text);
    fake_result_free(&fake);
}

static void the_summary_fits_a_terminal(void **state) {
    /* law: at most 100 columns, a row per model, the marks of the verdict */
    (void)state;
    static const char *const names[] = {"a-name-that-is-longer-than-its-column", "tab\tand\x1B[31m", "c"};
    struct fake fake;
    fake_result_create(
        &(struct fake_plan){.models = 3, .times = 6, .replicas = 9, .dimension = 3, .levels = 2, .names = names},
        &fake);
    FILE *out = fopen(scratch("summary"), "w");
    assert_int_equal(lab_summary_print(fake.result, out), CORE_OK);
    assert_int_equal(fclose(out), 0);
    char *text = content("summary");
    size_t columns = 0;
    for (const char *s = text; *s; s++) {
        columns = *s == '\n' ? 0 : columns + (((unsigned char)*s & 0xC0) != 0x80);
        assert_true(columns <= 100);
    }
    assert_has(text, "singular-values");
    assert_has(text, "a-name-that-is-lon\xE2\x80\xA6");
    assert_has(text, "\xE2\x9C\x97 ");
    assert_has(text, "9 of 9 replicas diverged");
    assert_has_not(text, "\x1B");
    core_free(text);
    out = fopen("/dev/full", "w");
    setvbuf(out, NULL, _IONBF, 0);
    assert_int_equal(lab_summary_print(fake.result, out), CORE_IO);
    fclose(out);
    fake_result_free(&fake);
}

/* ---- trouble ---- */

static enum core_status write_json(const struct lab_result *result, const char *directory) {
    (void)directory;
    char *text = NULL;
    enum core_status status = lab_result_json(result, &text);
    core_free(text);
    return status;
}

static enum core_status write_summary(const struct lab_result *result, const char *directory) {
    (void)directory;
    FILE *out = fopen("/dev/null", "w");
    enum core_status status = lab_summary_print(result, out);
    fclose(out);
    return status;
}

static void no_memory_is_no_crash(void **state) {
    /* law: whichever allocation fails, the status says so and nothing leaks */
    (void)state;
    static enum core_status (*const writers[])(const struct lab_result *, const char *) = {
        lab_report_write, lab_tables_write, write_json, write_summary};
    struct fake fake;
    fake_result_create(&(struct fake_plan){.models = 2, .times = 2, .replicas = 5, .dimension = 2, .levels = 1}, &fake);
    assert_int_equal(lab_figures_write(fake.result, scratch("memory"), "svg", NULL), CORE_OK);
    size_t live = core_alloc_live();
    for (size_t w = 0; w < sizeof writers / sizeof writers[0]; w++) {
        enum core_status status = CORE_NO_MEMORY;
        for (size_t k = 1; status != CORE_OK; k++) {
            core_alloc_fail_at(k);
            status = writers[w](fake.result, scratch("memory"));
            core_alloc_fail_at(0);
            assert_true(status == CORE_OK || status == CORE_NO_MEMORY);
            assert_int_equal(core_alloc_live(), live);
            assert_true(k < 5000);
        }
    }
    fake_result_free(&fake);
    lab_result_free(NULL);
    assert_int_equal(core_alloc_live(), 0);
}

static void no_place_is_a_sentence(void **state) {
    /* law: CORE_IO that names what was being written */
    (void)state;
    struct fake fake;
    fake_result_create(&(struct fake_plan){.models = 1, .times = 1, .replicas = 5, .dimension = 2, .levels = 1}, &fake);
    scratch_put("a-file", "x", 1);
    assert_int_equal(lab_report_write(fake.result, scratch("a-file")), CORE_IO);
    assert_has(core_error(), "while writing the report");
    assert_int_equal(lab_tables_write(fake.result, scratch("a-file")), CORE_IO);
    assert_true(*core_error() != '\0');
    fake_result_free(&fake);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_clean),
        cmocka_unit_test(numbers_have_sensible_digits),
        cmocka_unit_test(pictures_keep_what_is_known),
        cmocka_unit_test(pictures_with_anything_else_are_refused),
        cmocka_unit_test(the_verdict_follows_its_rules),
        cmocka_unit_test(the_explained_fraction_comes_with_its_interval),
        cmocka_unit_test(reports_without_a_comparison_say_so),
        cmocka_unit_test(the_page_is_self_contained_and_harmless),
        cmocka_unit_test(missing_pictures_are_named),
        cmocka_unit_test(provenance_is_known),
        cmocka_unit_test(tables_hold_every_row),
        cmocka_unit_test(json_has_every_key_and_no_nan),
        cmocka_unit_test(the_summary_fits_a_terminal),
        cmocka_unit_test(no_memory_is_no_crash),
        cmocka_unit_test(no_place_is_a_sentence),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
