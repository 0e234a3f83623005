/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kramers verify: every law of the gallery on one line, its error beside its tolerance. */
#include "lab/result.h"
#include "lab/verbs.h"
#include "lab/verify.h"

#include "core/memory.h"
#include "core/parallel.h"
#include "lab/json.h"

#include <stdio.h>

struct gallery {
    size_t threads, laws, failures;
    struct lab_json *json; /* or NULL */
};

static void tell(const struct gallery *gallery, const struct lab_exact_law *law, const struct lab_law_outcome *outcome,
                 int holds) {
    if (gallery->json == NULL) {
        const char *word = outcome->unavailable ? "n/a" : holds ? "ok" : "FAILS";
        printf("%-5s  %-31s error %8.1e  tolerance %7.1e  %s\n", word, law->name, outcome->error, law->tolerance,
               law->sentence);
        fflush(stdout);
        return;
    }
    lab_json_object_begin(gallery->json, NULL);
    lab_json_text(gallery->json, "name", law->name);
    lab_json_text(gallery->json, "sentence", law->sentence);
    if (outcome->unavailable)
        lab_json_null(gallery->json, "error");
    else
        lab_json_number(gallery->json, "error", outcome->error);
    lab_json_number(gallery->json, "tolerance", law->tolerance);
    if (outcome->unavailable)
        lab_json_null(gallery->json, "holds");
    else
        lab_json_flag(gallery->json, "holds", holds);
    lab_json_end(gallery->json);
}

static enum core_status check_all(struct gallery *gallery) {
    for (const struct lab_exact_law *const *table = lab_laws; *table != NULL; table++) {
        for (const struct lab_exact_law *law = *table; law->name != NULL; law++) {
            struct lab_law_outcome outcome = {0, 0};
            if (core_interrupted()) return core_fail(CORE_INTERRUPTED, "interrupted");
            enum core_status status = law->check(gallery->threads, &outcome);
            if (status != CORE_OK) return core_context(status, "law '%s'", law->name);
            int holds = outcome.error <= law->tolerance;
            gallery->laws++;
            gallery->failures += !holds && !outcome.unavailable;
            tell(gallery, law, &outcome, holds);
        }
    }
    return CORE_OK;
}

static enum core_status verify_json(struct gallery *gallery) {
    char *text = NULL;
    enum core_status status = lab_json_create(&gallery->json);
    if (status != CORE_OK) return status;
    lab_json_object_begin(gallery->json, NULL);
    lab_json_text(gallery->json, "instruction_set", lab_provenance().isa);
    lab_json_array_begin(gallery->json, "laws");
    status = check_all(gallery);
    if (status != CORE_OK) {
        lab_json_free(gallery->json);
        return status;
    }
    lab_json_end(gallery->json);
    lab_json_natural(gallery->json, "failures", gallery->failures);
    lab_json_end(gallery->json);
    status = lab_json_finish(gallery->json, &text);
    if (status == CORE_OK) printf("%s\n", text);
    core_free(text);
    return status;
}

enum core_status lab_verb_verify(const struct lab_options *options) {
    struct gallery gallery = {.threads = options->threads};
    enum core_status status = options->json ? verify_json(&gallery) : check_all(&gallery);
    if (status != CORE_OK) return status;
    if (gallery.failures > 0) {
        return core_fail(CORE_NUMERICAL, "%zu of %zu laws do not hold on this machine", gallery.failures, gallery.laws);
    }
    if (!options->json) printf("all %zu laws hold\n", gallery.laws);
    return CORE_OK;
}
