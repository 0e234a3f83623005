/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The main study, made small, through the command: what a user gets must not depend on threads, kills or replays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* first, in this order */
#include <cmocka.h>

#include "core/core.h"
#include "core/scratch.h"
#include "lab/command.h"
#include "support/reference.h"

#include <math.h>

#define STUDY "scripts/plateaus.yaml"
#define FEW "--replicas", "64", "--set", "sgd.twins=2", "--set", "compare.subsample=64", "--quiet"

/* Puts `name` of the directory into a list of arguments; valid until scratch() has been called seven more times. */
#define INTO(name) "-o", scratch(name)

static char *load(const char *directory, const char *file) {
    char path[1200];
    snprintf(path, sizeof path, "%s/%s", directory, file);
    return reference_load(path);
}

/* A copy of the text with the numbers after these keys left out: how fast it was differs from run to run. */
static char *without_clock(char *text) {
    static const char *const keys[] = {"\"seconds\": ", "\"steps_per_second\": ", "\"threads\": "};
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        for (char *at = strstr(text, keys[k]); at != NULL; at = strstr(at, keys[k])) {
            at += strlen(keys[k]);
            size_t number = strcspn(at, ",}");
            memmove(at, at + number, strlen(at + number) + 1);
        }
    }
    return text;
}

static void assert_same_results(const char *one, const char *other) {
    char *a = without_clock(load(one, "results.json")), *b = without_clock(load(other, "results.json"));
    assert_string_equal(a, b);
    assert_true(strlen(a) > 10000);
    free(a);
    free(b);
}

static void assert_keys(const char *text, const char *const keys[]) {
    for (; *keys != NULL; keys++) {
        if (reference_find(text, *keys) == NULL) fail_msg("no key %s", *keys);
    }
}

/* JSON has no words but true, false and null, and no numbers that are not finite. */
static void assert_plain_numbers(const char *text) {
    for (const char *at = text; *at != '\0';) {
        if (*at == '"') {
            at = reference_skip_text(at);
        } else if (strchr("tfn", *at) != NULL) {
            size_t length = strspn(at, "abcdefghijklmnopqrstuvwxyz");
            assert_true((length == 4 && (strncmp(at, "true", 4) == 0 || strncmp(at, "null", 4) == 0)) ||
                        (length == 5 && strncmp(at, "false", 5) == 0));
            at += length;
        } else {
            assert_non_null(strchr("0123456789+-.eE{}[]:, \n", *at));
            at++;
        }
    }
}

/* One line on standard error that says `sentence`. */
static void assert_complaint(const char *sentence) {
    char *said = reference_load(scratch("stderr"));
    size_t lines = 0;
    for (const char *at = said; *at != '\0'; at++) lines += *at == '\n';
    if (lines != 1 || strstr(said, sentence) == NULL)
        fail_msg("expected one line with '%s', found: %s", sentence, said);
    free(said);
}

/* ---- Keys ---- */

static const char *const result_keys[] = {"study",
                                          "seed",
                                          "version",
                                          "seconds",
                                          "threads",
                                          "parameters",
                                          "ensembles[0].name",
                                          "ensembles[0].replicas",
                                          "ensembles[0].diverged",
                                          "ensembles[0].seconds",
                                          "ensembles[0].steps_per_second",
                                          "ensembles[0].escape[0].level",
                                          "ensembles[0].escape[0].escaped",
                                          "ensembles[0].escape[0].mean",
                                          "ensembles[0].escape[0].sd",
                                          "ensembles[0].escape[0].se",
                                          "ensembles[0].escape[0].median",
                                          "ensembles[0].times[5].time",
                                          "ensembles[0].times[5].loss_mean",
                                          "ensembles[0].times[5].loss_se",
                                          "ensembles[0].times[5].singular_values",
                                          "ensembles[0].times[5].balancedness_mean",
                                          "ensembles[0].times[5].parameters_mean[49]",
                                          "warnings",
                                          NULL};
static const char *const comparison_keys[] = {
    "distances[0].model",   "distances[0].observable", "distances[0].metric",
    "distances[0].time",    "distances[0].value",      "distances[0].null_mean",
    "distances[0].null_sd", "distances[0].ratio",      "distances[0].z",
    "distances[0].p",       "verdict[0].model",        "verdict[0].explained",
    "verdict[0].low",       "verdict[0].high",         NULL};
static const char *const point_keys[] = {
    "loss",       "gradient[49]",    "gradient_norm",        "hessian_eigenvalues[49]",
    "inertia[2]", "sharpness",       "noise_eigenvalues[0]", "noise_trace",
    "noise_rank", "balancedness[0]", "singular_values[4]",   "label",
    NULL};

static void every_promised_key_is_there(void **state) {
    /* law: and --json prints what results.json holds */
    (void)state;
    const char *const run[] = {"run", STUDY, FEW, "--json", INTO("keys"), NULL};
    assert_int_equal(command_run(run), 0);
    char *printed = reference_load(scratch("stdout")), *text = load(scratch("keys"), "results.json");
    assert_string_equal(printed, text);
    assert_keys(text, result_keys);
    assert_keys(text, comparison_keys);
    assert_plain_numbers(text);
    assert_int_equal(strncmp(reference_find(text, "ensembles[0].name"), "\"sgd\"", 5), 0);
    free(printed);
    free(text);
}

static void instruments_have_their_keys(void **state) {
    /* law */
    (void)state;
    static const struct {
        const char *verb;
        const char *const *keys;
    } verbs[] = {{"sgd", result_keys}, {"sde", result_keys}, {"point", point_keys}};
    for (size_t v = 0; v < sizeof verbs / sizeof *verbs; v++) {
        const char *const first[] = {verbs[v].verb, STUDY, FEW, "--json", NULL};
        assert_int_equal(command_run(first), 0);
        char *text = reference_load(scratch("stdout"));
        assert_keys(text, verbs[v].keys);
        assert_plain_numbers(text);
        free(text);
    }
}

/* ---- Threads ---- */

static void numbers_do_not_depend_on_threads(void **state) {
    /* law: 64 replicas are 8 blocks, 60 leave lanes empty */
    (void)state;
    static const char *const threads[] = {"1", "2", "3"};
    for (size_t t = 0; t < 3; t++) {
        const char *const run[] = {"run", STUDY, FEW, "--replicas", "60", "--threads", threads[t], INTO(threads[t]),
                                   NULL};
        assert_int_equal(command_run(run), 0);
    }
    assert_same_results(scratch("1"), scratch("2"));
    assert_same_results(scratch("1"), scratch("3"));
}

/* ---- Interruptions ---- */

/* 640 replicas are two pieces on one thread and one piece on two. Long enough that a kill when SGD and its twins are on
 * the disk comes before the end, with little to compare. */
#define LONG                                                                                                           \
    "run", STUDY, "--replicas", "640", "--set", "sgd.twins=2", "--set", "compare.subsample=64", "--set",               \
        "compare.observables=[loss]", "--set", "compare.metrics=[sliced-w2]", "--set", "record=[15, 30]", "--quiet",   \
        "--threads", "1"

static void run_long(const char *name) {
    const char *const run[] = {LONG, INTO(name), NULL};
    assert_int_equal(command_run(run), 0);
}

/* Starts the long run, waits for its third ensemble, and sends `number`. */
static int stop_in_the_middle(const char *name, int number) {
    const char *const run[] = {LONG, INTO(name), NULL};
    char part[1200], results[1200];
    snprintf(part, sizeof part, "%s/parts/002.h5", scratch(name));
    snprintf(results, sizeof results, "%s/results.json", scratch(name));
    pid_t child = command_start(run);
    assert_true(child > 0);
    assert_true(command_until(child, part));
    kill(child, number);
    int outcome = command_wait(child);
    assert_false(scratch_exists(results));
    assert_true(scratch_exists(part));
    return outcome;
}

static void a_killed_run_goes_on(void **state) {
    /* law */
    (void)state;
    run_long("whole");
    assert_int_equal(stop_in_the_middle("killed", SIGKILL), -SIGKILL);
    const char *const again[] = {LONG, INTO("killed"), "--resume", "--threads", "2", NULL};
    assert_int_equal(command_run(again), 0);
    assert_same_results(scratch("whole"), scratch("killed"));
    char parts[1200];
    snprintf(parts, sizeof parts, "%s/parts", scratch("killed"));
    assert_false(scratch_exists(parts));
}

static void an_interrupted_run_says_so_and_goes_on(void **state) {
    /* law */
    (void)state;
    assert_int_equal(stop_in_the_middle("stopped", SIGINT), 3);
    assert_complaint("--resume");
    const char *const changed[] = {LONG, INTO("stopped"), "--resume", "--seed", "21", NULL};
    assert_int_equal(command_run(changed), 1);
    assert_complaint("another version of this study");
    const char *const again[] = {LONG, INTO("stopped"), "--resume", NULL};
    assert_int_equal(command_run(again), 0);
    assert_same_results(scratch("whole"), scratch("stopped"));
}

static void a_run_stopped_again_and_again_arrives(void **state) {
    /* law: wherever the signals fall, within ensembles too */
    (void)state;
    char directory[1024];
    snprintf(directory, sizeof directory, "%s", scratch("patience"));
    const char *const run[] = {LONG, "-o", directory, "--resume", NULL};
    for (long k = 0; k < 8; k++) {
        const struct timespec pause = {0, 70000000 + 13000000 * k};
        pid_t child = command_start(run);
        assert_true(child > 0);
        nanosleep(&pause, NULL);
        kill(child, SIGINT);
        int outcome = command_wait(child);
        assert_true(outcome == 3 || outcome == 0 || outcome == -SIGINT); /* the last: before it was ready for signals */
    }
    assert_int_equal(command_run(run), 0);
    assert_same_results(scratch("whole"), scratch("patience"));
}

static void a_finished_run_is_not_run_again(void **state) {
    /* law: how long each ensemble took is read, not measured again; another study's is refused */
    (void)state;
    const char *const run[] = {"run", STUDY, FEW, INTO("done"), NULL};
    assert_int_equal(command_run(run), 0);
    char *before = load(scratch("done"), "results.json");
    const char *const again[] = {"run", STUDY, FEW, INTO("done"), "--resume", NULL};
    assert_int_equal(command_run(again), 0);
    char *after = load(scratch("done"), "results.json");
    const char *a = reference_find(before, "ensembles"), *b = reference_find(after, "ensembles");
    assert_int_equal(reference_skip(a) - a, reference_skip(b) - b);
    assert_memory_equal(a, b, (size_t)(reference_skip(a) - a));
    const char *const changed[] = {"run", STUDY, FEW, INTO("done"), "--resume", "--set", "sgd.rate=0.06", NULL};
    assert_int_equal(command_run(changed), 1);
    assert_complaint("another version of this study");
    char *untouched = load(scratch("done"), "results.json");
    assert_string_equal(untouched, after);
    free(before);
    free(after);
    free(untouched);
}

/* ---- One path ---- */

enum { REPLICA = 17, REPLICAS = 64, TIMES = 6, PARAMETERS = 50, LEVELS = 3 };

static double *read_dataset(const char *file, const char *group, const char *name, size_t expected) {
    char path[1200], object[200];
    struct core_store *store;
    size_t rank, shape[4], count = 1;
    double *values;
    snprintf(path, sizeof path, "%s/%s", scratch(file), "run.h5");
    snprintf(object, sizeof object, "/ensembles/%s/%s", group, name);
    assert_int_equal(core_store_open(path, &store), CORE_OK);
    assert_int_equal(core_store_read(store, object, &rank, shape, &values), CORE_OK);
    core_store_close(store);
    for (size_t a = 0; a < rank; a++) count *= shape[a];
    assert_int_equal(count, expected);
    return values;
}

/* The path in `text` against row REPLICA of the ensemble `group` of the run in `file`. */
static void assert_path(const char *text, const char *file, const char *group) {
    double *parameters = read_dataset(file, group, "parameters", (size_t)TIMES * REPLICAS * PARAMETERS);
    double *escape = read_dataset(file, group, "escape", (size_t)LEVELS * REPLICAS), replayed[PARAMETERS];
    for (size_t t = 0; t < TIMES; t++) {
        char path[64];
        snprintf(path, sizeof path, "paths[0].times[%zu].parameters", t);
        reference_numbers(text, path, PARAMETERS, replayed);
        assert_memory_equal(replayed, parameters + (t * REPLICAS + REPLICA) * PARAMETERS, sizeof replayed);
    }
    for (size_t l = 0; l < LEVELS; l++) {
        char path[64];
        snprintf(path, sizeof path, "paths[0].escape[%zu].time", l);
        double time = reference_number(text, path), whole = escape[l * REPLICAS + REPLICA];
        assert_true(isfinite(whole) ? time == whole : isnan(time));
    }
    core_free(parameters);
    core_free(escape);
}

static void one_path_replays_exactly(void **state) {
    /* law */
    (void)state;
    const char *const run[] = {"run", STUDY, FEW, INTO("paths"), NULL};
    assert_int_equal(command_run(run), 0);
    const char *const sgd[] = {"sgd", STUDY, FEW, "--json", "--replica", "17", NULL};
    const char *const sde[] = {"sde", STUDY, FEW, "--json", "--replica", "17", "--model", "poisson", NULL};
    assert_int_equal(command_run(sgd), 0);
    char *text = reference_load(scratch("stdout"));
    assert_path(text, "paths", "sgd");
    free(text);
    assert_int_equal(command_run(sde), 0);
    text = reference_load(scratch("stdout"));
    assert_path(text, "paths", "poisson");
    free(text);
}

/* ---- Divergence ---- */

static void a_step_that_diverges_is_reported(void **state) {
    /* law */
    (void)state;
    const char *const run[] = {"run",        STUDY, FEW, "--set", "sgd.rate=10", "--set", "record=[0, 20, 6000]",
                               INTO("rate"), NULL};
    assert_int_equal(command_run(run), 0);
    char *text = load(scratch("rate"), "results.json");
    assert_plain_numbers(text);
    assert_true(reference_number(text, "ensembles[0].diverged") == REPLICAS);
    assert_non_null(strstr(text, "64 of 64 replicas diverged"));
    assert_true(isnan(reference_number(text, "ensembles[0].times[2].loss_mean")));
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_promised_key_is_there),
        cmocka_unit_test(instruments_have_their_keys),
        cmocka_unit_test(numbers_do_not_depend_on_threads),
        cmocka_unit_test(a_killed_run_goes_on),
        cmocka_unit_test(an_interrupted_run_says_so_and_goes_on),
        cmocka_unit_test(a_run_stopped_again_and_again_arrives),
        cmocka_unit_test(a_finished_run_is_not_run_again),
        cmocka_unit_test(one_path_replays_exactly),
        cmocka_unit_test(a_step_that_diverges_is_reported),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
