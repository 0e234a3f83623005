/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Warnings about what training has and the models have not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/memory.h"
#include "lab/result.h"
#include "lab/scope.h"

#include <string.h>

/* The warnings of a study with these choices, joined by newlines. */
static void warnings_of(struct lab_sgd sgd, unsigned models, char text[2048]) {
    struct lab_sgd base = {.optimiser = sgd.optimiser != NULL ? sgd.optimiser : "sgd",
                           .sampling = sgd.sampling != NULL ? sgd.sampling : "reshuffle",
                           .clip = sgd.clip > 0 ? sgd.clip : (double)__builtin_inf(),
                           .momentum = sgd.momentum,
                           .weight_decay = sgd.weight_decay,
                           .label_noise = sgd.label_noise};
    struct lab_study study = {.sgd = &base, .models_count = models};
    struct lab_scene scene = {.study = &study};
    struct lab_result result = {.warnings = NULL};
    assert_int_equal(lab_scope_warn(&scene, &result), CORE_OK);
    *text = '\0';
    for (size_t w = 0; w < result.warning_count; w++) {
        strcat(strcat(text, result.warnings[w]), "\n");
        core_free(result.warnings[w]);
    }
    core_free(result.warnings);
}

static void what_models_leave_out(void **state) {
    /* value: nothing for plain SGD of the data; every other choice by its key, in one sentence, only where there are
     * models; online sampling and decay also say which loss is meant */
    (void)state;
    char text[2048];
    warnings_of((struct lab_sgd){.optimiser = NULL}, 3, text);
    assert_string_equal(text, "");
    warnings_of((struct lab_sgd){.momentum = 0.83, .clip = 0.31}, 1, text);
    assert_string_equal(text, "the models stand for plain SGD, theta <- theta - eta g on the finite data, and know "
                              "nothing of sgd.momentum: 0.83, sgd.clip: 0.31: what these change counts as distance "
                              "too\n");
    warnings_of((struct lab_sgd){.momentum = 0.83, .clip = 0.31}, 0, text);
    assert_string_equal(text, "");
    warnings_of((struct lab_sgd){.optimiser = "adamw", .weight_decay = 0.137, .label_noise = 0.2, .sampling = "online"},
                2, text);
    assert_non_null(strstr(text, "loss and its levels are those of the finite data set\n"));
    assert_non_null(strstr(text, "without the penalty of sgd.weight_decay\n"));
    assert_non_null(strstr(text, "nothing of sgd.sampling: online, sgd.optimiser: adamw, sgd.weight_decay: 0.137, "
                                 "sgd.label_noise: 0.2: what"));
}

static void no_memory(void **state) {
    /* law: whichever allocation fails, a status; the warnings made before it stay the result's */
    (void)state;
    struct lab_sgd sgd = {.optimiser = "adam", .sampling = "online", .clip = 1, .weight_decay = 0.1};
    struct lab_study study = {.sgd = &sgd, .models_count = 1};
    struct lab_scene scene = {.study = &study};
    size_t live = core_alloc_live(), k = 0;
    enum core_status status = CORE_NO_MEMORY;
    while (status == CORE_NO_MEMORY) {
        struct lab_result result = {.warnings = NULL};
        core_alloc_fail_at(++k);
        status = lab_scope_warn(&scene, &result);
        core_alloc_fail_at(0);
        for (size_t w = 0; w < result.warning_count; w++) core_free(result.warnings[w]);
        core_free(result.warnings);
        assert_int_equal(core_alloc_live(), live);
    }
    assert_int_equal(status, CORE_OK);
    assert_true(k > 4);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_models_leave_out), cmocka_unit_test(no_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
