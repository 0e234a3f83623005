/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/memory.h"
#include "lab/study.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/scratch.h"
#include "lab/study_cases.h"

/* ---- Helpers ---- */

enum { TEXT_BYTES = 8192 };

/* base with its first `old` replaced. */
static void edit(const char *base, const char *old, const char *new, char text[TEXT_BYTES]) {
    const char *at = strstr(base, old);
    if (at == NULL) fail_msg("no '%s' in the base study", old);
    snprintf(text, TEXT_BYTES, "%.*s%s%s", (int)(at - base), base, new, at + strlen(old));
}

static enum core_status read_text(const char *text, const struct lab_overrides *overrides, struct lab_study **study) {
    unlink(scratch("study.yaml")); /* some file systems wait for the disk where a file is written over */
    return lab_study_read(scratch_put("study.yaml", text, strlen(text)), overrides, study);
}

/* A study that must load. */
static struct lab_study *load(const char *text, const struct lab_overrides *overrides) {
    struct lab_study *study;
    enum core_status status = read_text(text, overrides, &study);
    if (status != CORE_OK) fail_msg("%s", core_error());
    return study;
}

static void expect_sentence(enum core_status status, struct lab_study *study, const char *expected) {
    const char *path = scratch("study.yaml"), *found = core_error();
    assert_int_equal(status, CORE_BAD_INPUT);
    assert_null(study);
    if (*expected == ':') {
        assert_int_equal(strncmp(found, path, strlen(path)), 0);
        found += strlen(path);
    }
    assert_string_equal(found, expected);
}

/* ---- Good studies ---- */

static void test_plateaus(void **state) {
    /* value: the main study, key by key, by hand. */
    (void)state;
    struct lab_study *study;
    assert_int_equal(lab_study_read("scripts/plateaus.yaml", NULL, &study), CORE_OK);
    assert_string_equal(study->name, "plateaus");
    assert_string_equal(study->title, "plateaus");
    assert_int_equal(study->seed, 20);
    assert_string_equal(study->directory, "scripts");
    const struct lab_network *network = study->landscape->network;
    assert_null(study->landscape->potential);
    assert_int_equal(network->widths_count, 3);
    assert_int_equal(network->widths[2], 5);
    assert_string_equal(network->data->inputs->file, "data/plateaus-inputs.csv");
    assert_null(network->data->inputs->law);
    assert_string_equal(network->data->targets->file, "data/plateaus-targets.csv");
    assert_string_equal(network->start->file, "data/plateaus-start.csv");
    assert_int_equal(study->sgd->batch, 4);
    assert_string_equal(study->sgd->sampling, "with-replacement");
    assert_true(study->sgd->rate == 0.05);
    assert_int_equal(study->sgd->steps, 600);
    assert_int_equal(study->sgd->replicas, 4096);
    assert_int_equal(study->sgd->twins, 7);
    assert_true(study->sgd->momentum == 0 && isinf(study->sgd->clip));
    assert_null(study->sgd->schedule);
    assert_int_equal(study->models_count, 10);
    const struct lab_model *last = &study->models[9], *second = &study->models[5];
    assert_string_equal(last->name, "levy-isotropic");
    assert_string_equal(last->noise, "stable");
    assert_string_equal(last->covariance, "isotropic");
    assert_true(last->alpha == 1.7 && last->scale == 1 && isnan(last->temperature));
    assert_int_equal(last->replicas, 4096);
    assert_string_equal(second->drift, "second-order");
    assert_int_equal(second->substeps, 5);
    assert_string_equal(study->models[6].covariance, "sgd");
    assert_int_equal(study->record_count, 6);
    assert_true(study->record[1] == 2.2 && study->record[5] == 30);
    assert_int_equal(study->escape->levels_count, 3);
    assert_true(study->escape->levels[0] == 3.408323534033202);
    assert_int_equal(study->compare->observables_count, 5);
    assert_string_equal(study->compare->metrics[3], "energy");
    assert_int_equal(study->compare->subsample, 1000);
    assert_int_equal(study->compare->projections, 100);
    lab_study_free(study);
}

static void test_generated_and_iris(void **state) {
    /* value: the other two studies: laws, tables, automatic levels. */
    (void)state;
    struct lab_study *study;
    assert_int_equal(lab_study_read("scripts/generated.yaml", NULL, &study), CORE_OK);
    const struct lab_data *data = study->landscape->network->data;
    assert_int_equal(data->samples, 100);
    assert_string_equal(data->inputs->law, "student-t");
    assert_true(data->inputs->dof == 3 && data->inputs->whiten == 1 && data->label_noise == 0.5);
    assert_int_equal(data->teacher->singular_values_count, 5);
    assert_true(study->landscape->network->start->scale == 0.02);
    assert_null(study->escape->levels);
    assert_int_equal(study->escape->count, 3);
    lab_study_free(study);
    assert_int_equal(lab_study_read("scripts/iris.yaml", NULL, &study), CORE_OK);
    const struct lab_data_table *table = study->landscape->network->data->table;
    assert_int_equal(table->inputs_count, 4);
    assert_int_equal(table->targets[2], 6);
    assert_int_equal(table->standardise, 1);
    assert_string_equal(study->sgd->sampling, "reshuffle");
    lab_study_free(study);
}

static void test_potential(void **state) {
    /* value: a potential, its matrix, and the defaults that differ from a network's. */
    (void)state;
    struct lab_study *study = load(potential_study, NULL);
    const struct lab_potential *potential = study->landscape->potential;
    assert_int_equal(potential->matrix_count, 2);
    assert_int_equal(potential->matrix[0].values_count, 2);
    assert_true(potential->matrix[0].values[1] == -1.5 && potential->matrix[1].values[0] == 1.5);
    assert_true(potential->start->at[1] == -2 && potential->start->scale == 0);
    assert_int_equal(study->models[0].replicas, 16);
    assert_int_equal(study->models[1].replicas, 1024);
    assert_string_equal(study->models[0].covariance, "isotropic");
    assert_true(study->models[0].temperature == 0.25);
    assert_int_equal(study->record_count, 1);
    assert_true(study->record[0] == 10);
    lab_study_free(study);
}

static void test_silent_study(void **state) {
    /* value: the least a study can say. */
    (void)state;
    struct lab_study *study = load("name: 42\nlandscape: {potential: {name: double-well}}\n", NULL);
    assert_string_equal(study->name, "42");
    assert_string_equal(study->title, "42");
    assert_int_equal(study->seed, 1);
    assert_null(study->sgd);
    assert_null(study->models);
    assert_null(study->record);
    assert_null(study->escape);
    assert_null(study->compare);
    assert_null(study->landscape->potential->start);
    lab_study_free(study);
}

static void test_schedules(void **state) {
    /* value: laws of the step length, with the defaults of each. */
    (void)state;
    static const struct {
        const char *text;
        enum core_schedule_law law;
        double factor, floor;
        size_t every, warm_up;
    } rows[] = {
        {"{law: constant}", CORE_SCHEDULE_CONSTANT, 1, 0, 1, 0},
        {"{law: step-decay}", CORE_SCHEDULE_STEP_DECAY, 0.5, 0, 1000, 0},
        {"{law: step-decay, factor: 0.385, every: 7}", CORE_SCHEDULE_STEP_DECAY, 0.385, 0, 7, 0},
        {"{law: inverse-sqrt}", CORE_SCHEDULE_INVERSE_SQRT, 1, 0, 1, 0},
        {"{law: constant, warm_up: 57}", CORE_SCHEDULE_CONSTANT, 1, 0, 1, 57},
        {"{law: cosine}", CORE_SCHEDULE_COSINE, 1, 0, 600, 0},
        {"{law: cosine, floor: 0.385, warm_up: 57}", CORE_SCHEDULE_COSINE, 1, 0.385, 543, 57},
        {"{law: cosine, every: 211}", CORE_SCHEDULE_COSINE, 1, 0, 211, 0},
        {"{law: cosine, warm_up: 700}", CORE_SCHEDULE_COSINE, 1, 0, 1, 700},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[TEXT_BYTES];
        edit(network_study, "{law: constant}", rows[i].text, text);
        struct lab_overrides shorter = {.set = (const char *[]){"record=[0.5]"}, .set_count = 1};
        struct lab_study *study = load(text, &shorter);
        struct core_schedule schedule = lab_schedule(study->sgd->rate, study->sgd->schedule);
        assert_int_equal(schedule.law, rows[i].law);
        assert_true(schedule.rate == 0.05 && schedule.factor == rows[i].factor);
        assert_int_equal(schedule.every, rows[i].every);
        assert_true(schedule.floor == rows[i].floor && schedule.warm_up == rows[i].warm_up);
        lab_study_free(study);
    }
}

static void test_odd_but_good(void **state) {
    /* law: what YAML and the study allow is read as it is meant: anchors, quotes, any order of levels, odd names. */
    (void)state;
    char text[TEXT_BYTES];
    edit(network_study, "covariance: isotropic}",
         "covariance: isotropic}\n  - &a {name: \"`touch pwned` <b>&amp;</b> \\x07 \xc3\xa9/..\"}\n  - {name: 'null', "
         "scale: 1.5e+0}\n  - {name: \"2\\u0085\\ufeff\"}",
         text);
    struct lab_overrides overrides = {.set = (const char *[]){"record=&x [0, 3]"}, .set_count = 1};
    struct lab_study *study = load(text, &overrides);
    assert_string_equal(study->models[1].name, "`touch pwned` <b>&amp;</b> \x07 \xc3\xa9/..");
    assert_string_equal(study->models[2].name, "null");
    assert_string_equal(study->models[3].name, "2\xc2\x85\xef\xbb\xbf");
    assert_true(study->models[2].scale == 1.5);
    assert_true(study->escape->levels[0] == 3.25 && study->escape->levels[1] == 1.5);
    struct lab_study *again = load(study->effective, NULL);
    assert_string_equal(again->models[1].name, study->models[1].name);
    assert_string_equal(again->models[3].name, study->models[3].name);
    lab_study_free(again);
    lab_study_free(study);
    study = load("name: &n aliased\ntitle: *n\nlandscape: {potential: {name: quadratic, matrix: [&r [2], ]}}\n", NULL);
    assert_string_equal(study->title, "aliased");
    lab_study_free(study);
}

static void test_effective(void **state) {
    /* law: the effective study is a fixed point: read again it gives itself, and its defaults are written out. */
    (void)state;
    static const char *const paths[] = {"scripts/plateaus.yaml", "scripts/generated.yaml", "scripts/iris.yaml"};
    const struct lab_overrides overrides = {
        .set = (const char *[]){"sgd.schedule.law=step-decay", "record=[1]", "compare.subsample=77"},
        .set_count = 3,
        .seed = "18446744073709551615",
        .replicas = "64",
    };
    char data[4096];
    assert_non_null(realpath("scripts/data", data));
    assert_int_equal(symlink(data, scratch("data")), 0);
    for (size_t i = 0; i < 5; i++) {
        struct lab_study *study = NULL, *again;
        if (i < 3) {
            assert_int_equal(lab_study_read(paths[i], &overrides, &study), CORE_OK);
        } else {
            study = load(i == 3 ? network_study : potential_study, NULL);
        }
        again = load(study->effective, NULL);
        assert_string_equal(again->effective, study->effective);
        assert_true(again->seed == study->seed && again->models_count == study->models_count);
        assert_non_null(strstr(study->effective, "drift: gradient"));
        if (i < 3) {
            assert_true(again->seed == UINT64_MAX);
            assert_int_equal(again->sgd->replicas, 64);
            assert_int_equal(again->models[0].replicas, 64);
            assert_int_equal(again->compare->subsample, 77);
            assert_int_equal(again->sgd->schedule->every, 1000);
            assert_true(again->sgd->schedule->factor == 0.5);
        }
        lab_study_free(again);
        lab_study_free(study);
    }
    unlink(scratch("data"));
}

static void test_overrides(void **state) {
    /* value: elements by number and by name, also names with points; blocks that were not there; the last one wins. */
    (void)state;
    const struct lab_overrides overrides = {
        .set = (const char *[]){"models.levy-1.7.alpha=1.3", "models.0.substeps=10", "models[1].replicas=5",
                                "sgd.schedule.law=inverse-sqrt", "landscape.network.widths.1=7", "title='a: b # c'",
                                "sgd.rate=0.1", "sgd.rate=0.025", "record=[0.5, 1]", "models.poisson.replicas=9"},
        .set_count = 10,
        .replicas = "33",
    };
    char text[TEXT_BYTES];
    edit(network_study, "alpha: 1.7}", "alpha: 1.7}\n  - {name: levy-1}", text); /* a name that begins another */
    struct lab_study *study = load(text, &overrides);
    assert_true(study->models[2].alpha == 1.3 && study->sgd->rate == 0.025);
    assert_int_equal(study->models[0].substeps, 10);
    assert_int_equal(study->models[0].replicas, 33);
    assert_int_equal(study->models[1].replicas, 33); /* --replicas comes after --set */
    assert_int_equal(study->sgd->schedule->every, 1);
    assert_int_equal(study->landscape->network->widths[1], 7);
    assert_string_equal(study->title, "a: b # c");
    lab_study_free(study);
}

/* ---- Broken studies ---- */

static void test_broken(void **state) {
    /* value: each broken study gives its one sentence. */
    (void)state;
    size_t live = core_alloc_live();
    mkdir(scratch("folder"), 0700);
    scratch_put("good.csv", "1\n", 2);
    for (size_t i = 0; i < sizeof broken_studies / sizeof *broken_studies; i++) {
        const struct broken *row = &broken_studies[i];
        char text[TEXT_BYTES];
        struct lab_study *study;
        edit(row->base, row->old, row->new, text);
        enum core_status status = read_text(text, NULL, &study);
        if (status == CORE_OK) fail_msg("nothing wrong with: %s", row->new);
        expect_sentence(status, study, row->sentence);
        assert_int_equal(core_alloc_live(), live);
    }
}

static void test_broken_overrides(void **state) {
    /* value: each broken override gives its one sentence. */
    (void)state;
    for (size_t i = 0; i < sizeof broken_overrides / sizeof *broken_overrides; i++) {
        const struct broken_override *row = &broken_overrides[i];
        struct lab_overrides overrides = {
            .set = &row->set, .set_count = row->set != NULL, .seed = row->seed, .replicas = row->replicas};
        struct lab_study *study;
        enum core_status status = read_text(network_study, &overrides, &study);
        if (status == CORE_OK) fail_msg("nothing wrong with: %s", row->sentence);
        expect_sentence(status, study, row->sentence);
    }
}

static void expect_whole(const char *path, const char *format) {
    char expected[2048];
    struct lab_study *study;
    assert_int_equal(lab_study_read(path, NULL, &study), CORE_BAD_INPUT);
    assert_null(study);
    snprintf(expected, sizeof expected, format, path);
    assert_string_equal(core_error(), expected);
}

static void test_no_study(void **state) {
    /* value: files that are no studies. */
    (void)state;
    expect_whole(scratch("missing.yaml"), "%s: cannot read the study: No such file or directory");
    expect_whole(scratch_directory, "%s: a directory; expected a study, a YAML file");
    expect_whole(scratch_put("empty.yaml", "", 0), "%s: the study is empty; expected keys such as name and landscape");
    expect_whole(scratch_put("blank.yaml", "\n# nothing\n", 11),
                 "%s: the study is empty; expected keys such as name and landscape");
    expect_whole(scratch_put("list.yaml", "\n- 1\n", 5),
                 "%s:2: found a list, expected keys such as name and landscape, each with its value");
    expect_whole(scratch_put("word.yaml", "word", 4),
                 "%s:1: found a single value, expected keys such as name and landscape, each with its value");
    expect_whole(scratch_put("binary.yaml", "\177ELF\x02\x01\x01\0\0\xfe\xff", 11),
                 "%s:1: not YAML: control characters are not allowed");
    expect_whole("/dev/zero", "%s: longer than 4 MiB; no study needs as much");
}

static void test_missing_file(void **state) {
    /* value: a data file that is not there: as written, as looked for, and why. */
    (void)state;
    char text[TEXT_BYTES], expected[2048];
    edit(network_study, "{law: gaussian, scale: 0.02}", "{file: data/none.csv}", text);
    struct lab_study *study;
    enum core_status status = read_text(text, NULL, &study);
    snprintf(
        expected, sizeof expected,
        ":10: landscape.network.start.file: cannot read 'data/none.csv' (%s): No such file or directory; expected a "
        "readable file",
        scratch("data/none.csv"));
    expect_sentence(status, study, expected);
}

/* head, then `count` times `line`, as a study that must be refused with `sentence` in it. */
static void expect_refused(const char *head, const char *line, size_t count, const char *sentence) {
    static char text[1 << 18];
    size_t used = (size_t)snprintf(text, sizeof text, "%s", head);
    for (size_t i = 0; i < count; i++) used += (size_t)snprintf(text + used, sizeof text - used, "%s", line);
    struct lab_study *study;
    assert_true(used < sizeof text);
    assert_int_equal(read_text(text, NULL, &study), CORE_BAD_INPUT);
    if (strstr(core_error(), sentence) == NULL) fail_msg("%s", core_error());
}

static void test_hostile(void **state) {
    /* law: deep nesting and multiplying aliases are refused at once, whatever their size. */
    (void)state;
    char bomb[4096];
    struct lab_study *study;
    expect_refused("", "[", 200000, ":1: nested too deeply");
    expect_refused("", "{a: ", 60000, ":1: nested too deeply");
    expect_refused("", "? ", 100000, ":1: found a block or list where a key is expected");
    expect_refused("models:\n", "- {name: a}\n", 10000, ":1: models: found 10000 elements, expected at most 1000");
    expect_refused("record:\n", "- &a 1\n", 1001, ":1002: more than a thousand anchors (&)");
    size_t used = (size_t)snprintf(bomb, sizeof bomb, "a0: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9]\n");
    for (int i = 1; i < 20; i++) {
        used += (size_t)snprintf(bomb + used, sizeof bomb - used, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i,
                                 i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
    }
    assert_int_equal(read_text(bomb, NULL, &study), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "more than a million values"));
    used = (size_t)snprintf(bomb, sizeof bomb, "a0: &a0 [1]\n");
    for (int i = 1; i < 60; i++) {
        used += (size_t)snprintf(bomb + used, sizeof bomb - used, "a%d: &a%d [*a%d]\n", i, i, i - 1);
    }
    assert_int_equal(read_text(bomb, NULL, &study), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "nested too deeply"));
}

/* ---- Afterwards ---- */

static void expect_blame(const struct lab_study *study, const char *key, const char *place) {
    char expected[2048];
    assert_int_equal(lab_study_blame(study, CORE_IO, key, "%d rows", 7), CORE_IO);
    snprintf(expected, sizeof expected, "%s%s: %s: 7 rows", study->path, place, key);
    assert_string_equal(core_error(), expected);
}

static void test_blame(void **state) {
    /* value: the line of a key, of the block where the key is silent, and the option where one set it. */
    (void)state;
    const struct lab_overrides overrides = {
        .set = (const char *[]){"landscape.network.start.scale=0.3", "sgd.clip=3"}, .set_count = 2, .seed = "3"};
    struct lab_study *study = load(network_study, &overrides);
    expect_blame(study, "landscape.network.data.inputs.dof", ":8");
    expect_blame(study, "models[2].alpha", ":20");
    expect_blame(study, "models.2.alpha", ":20");
    expect_blame(study, "models.levy-1.7.alpha", ":20");
    expect_blame(study, "models[1].drift", ":19"); /* a default */
    expect_blame(study, "record[2]", ":21");
    expect_blame(study, "sgd.momentum", ":11");
    expect_blame(study, "sgd.clip", ":--set");
    expect_blame(study, "landscape.network.start.scale", ":--set");
    expect_blame(study, "seed", ":--seed");
    lab_study_free(study);
}

static void test_paths(void **state) {
    /* value: names of files relative to the study, and names made safe. */
    (void)state;
    struct lab_study study = {.directory = (char[]){"a/b"}}, here = {.directory = (char[]){"."}};
    struct lab_study root = {.directory = (char[]){"/"}};
    const struct {
        char *found;
        const char *expected;
    } rows[] = {
        {lab_study_path(&study, "c/d.csv"), "a/b/c/d.csv"},
        {lab_study_path(&study, "/d.csv"), "/d.csv"},
        {lab_study_path(&here, "d.csv"), "d.csv"},
        {lab_study_path(&root, "d.csv"), "/d.csv"},
        {lab_safe_name("levy-1.7_a"), "levy-1.7_a"},
        {lab_safe_name("`touch pwned`"), "_touch_pwned_"},
        {lab_safe_name("../../etc"), "_._.._etc"},
        {lab_safe_name(""), "_"},
        {lab_safe_name("-rf"), "_rf"},
        {lab_safe_name("caf\xc3\xa9"), "caf_"},
        {lab_safe_name("\x80"), "_"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_string_equal(rows[i].found, rows[i].expected);
        core_free(rows[i].found);
    }
    char longest[1000];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    char *safe = lab_safe_name(longest);
    assert_int_equal(strlen(safe), 120);
    core_free(safe);
}

static void test_print_keys(void **state) {
    /* law: the printed table has every key with its path, range, default and condition. */
    (void)state;
    char text[32768] = "";
    FILE *out = fmemopen(text, sizeof text, "w");
    lab_study_print_keys(out);
    fclose(out);
    static const char *const expected[] = {
        "\nsgd.rate\n    learning rate eta; one step lasts eta units of time\n    a number > 0; required\n",
        "\n    a number > 0 and <= 2; only with noise: stable, independent-stable; default: 1.9\n",
        "\nmodels[].alpha\n",
        "\nlandscape.network.data.table.standardise\n",
        "\nrecord\n",
        "; default: the end of the run\n",
        "\n    none, gaussian, poisson, stable, independent-stable, coloured, anticorrelated, fractional; default: gau",
        "\nmodels[].clock.order\n",
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) assert_non_null(strstr(text, expected[i]));
}

/* ---- Robustness ---- */

static void test_memory(void **state) {
    /* law: whichever allocation fails, the study is refused for want of memory and nothing leaks. */
    (void)state;
    size_t live = core_alloc_live();
    const struct lab_overrides overrides = {.set =
                                                (const char *[]){"models.poisson.replicas=9", "sgd.schedule.every=&a 3",
                                                                 "sgd.schedule.law=step-decay", "record=[0.1]"},
                                            .set_count = 4,
                                            .replicas = "8"};
    enum core_status status = CORE_NO_MEMORY;
    const char *path = scratch_put("study.yaml", network_study, strlen(network_study));
    size_t k = 1;
    for (; status != CORE_OK; k++) {
        struct lab_study *study;
        core_alloc_fail_at(k);
        status = lab_study_read(path, &overrides, &study);
        core_alloc_fail_at(0);
        if (status != CORE_OK) {
            assert_int_equal(status, CORE_NO_MEMORY);
            assert_null(study);
        }
        lab_study_free(study);
        assert_int_equal(core_alloc_live(), live);
        assert_true(k < 5000);
    }
    assert_true(k > 200);
}

static uint64_t random_bits(uint64_t *seed) {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* One to four wounds: a flipped byte, a byte of YAML's own, a cut, a doubled piece. */
static size_t wound(uint64_t *seed, char text[], size_t length, size_t room) {
    static const char special[] = "{}[]:,-&*!|>'\"%@`#?~\n\t 0";
    for (uint64_t count = 1 + random_bits(seed) % 4; count > 0 && length > 0; count--) {
        size_t at = random_bits(seed) % length, piece = random_bits(seed) % 40;
        switch (random_bits(seed) % 5) {
        case 0:
            text[at] = (char)(text[at] ^ (1 << random_bits(seed) % 8));
            break;
        case 1:
            text[at] = special[random_bits(seed) % (sizeof special - 1)];
            break;
        case 2:
            length = at;
            break;
        case 3:
            if (piece > length - at) piece = length - at;
            memmove(text + at, text + at + piece, length - at - piece);
            length -= piece;
            break;
        default:
            if (piece > length - at) piece = length - at;
            if (length + piece > room) break;
            memmove(text + at + piece, text + at, length - at);
            length += piece;
        }
    }
    return length;
}

static void test_mutations(void **state) {
    /* law: 3000 wounded studies (fixed seed) are read or refused in a sentence that names the file, and nothing leaks.
     */
    (void)state;
    static const char *const paths[] = {"scripts/plateaus.yaml", "scripts/generated.yaml", "scripts/iris.yaml"};
    const char *scale = getenv("TEST_SCALE");
    size_t rounds = 1000 * (scale == NULL ? 1 : strtoul(scale, NULL, 10)), read = 0;
    uint64_t seed = 2385;
    size_t live = core_alloc_live();
    for (size_t i = 0; i < 3; i++) {
        char good[TEXT_BYTES], text[TEXT_BYTES];
        FILE *file = fopen(paths[i], "r");
        assert_non_null(file);
        size_t length = fread(good, 1, sizeof good, file);
        fclose(file);
        for (size_t k = 0; k < rounds; k++) {
            memcpy(text, good, length);
            const char *path = scratch_put("study.yaml", text, wound(&seed, text, length, sizeof text));
            struct lab_study *study;
            enum core_status status = lab_study_read(path, NULL, &study);
            unlink(path); /* some file systems wait for the disk where a file is written over */
            assert_true(status == CORE_OK || status == CORE_BAD_INPUT);
            assert_true((status == CORE_OK) == (study != NULL));
            if (status != CORE_OK) {
                assert_int_equal(strncmp(core_error(), path, strlen(path)), 0);
                assert_null(strchr(core_error(), '\n'));
                assert_null(strstr(core_error(), "libcyaml"));
            }
            read += status == CORE_OK;
            lab_study_free(study);
            assert_int_equal(core_alloc_live(), live);
        }
    }
    assert_true(read > 0 && read < 3 * rounds);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plateaus),  cmocka_unit_test(test_generated_and_iris),
        cmocka_unit_test(test_potential), cmocka_unit_test(test_silent_study),
        cmocka_unit_test(test_schedules), cmocka_unit_test(test_odd_but_good),
        cmocka_unit_test(test_effective), cmocka_unit_test(test_overrides),
        cmocka_unit_test(test_broken),    cmocka_unit_test(test_broken_overrides),
        cmocka_unit_test(test_no_study),  cmocka_unit_test(test_missing_file),
        cmocka_unit_test(test_hostile),   cmocka_unit_test(test_blame),
        cmocka_unit_test(test_paths),     cmocka_unit_test(test_print_keys),
        cmocka_unit_test(test_memory),    cmocka_unit_test(test_mutations),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
