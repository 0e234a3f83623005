/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kramers: finds the verb, runs it, and turns its status into a sentence and an exit status. */
#include "core/parallel.h"
#include "lab/result.h"
#include "lab/verbs.h"

#include <cblas.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* Success, bad input, failure while running, interrupted. */
static int exit_status(enum core_status status) {
    switch (status) {
    case CORE_OK:
        return 0;
    case CORE_BAD_INPUT:
        return 1;
    case CORE_INTERRUPTED:
        return 3;
    default:
        return 2;
    }
}

/* The first signal asks the loops to stop, the second ends the program. */
static void on_signal(int number) {
    core_interrupt(1); /* stores a lock-free atomic: safe here */ // NOLINT(bugprone-signal-handler)
    signal(number, SIG_DFL);
}

static int print_version(void) {
    struct lab_provenance made = lab_provenance();
    printf("kramers %s (%s)\n%s %s\n%s\n", made.version, made.git_revision, made.compiler, made.flags, made.isa);
    return 0;
}

static int complain(enum core_status status) {
    fprintf(stderr, "kramers: %s\n", *core_error() ? core_error() : core_status_name(status));
    return exit_status(status);
}

int main(int count, char *arguments[]) {
    if (count < 2 || strcmp(arguments[1], "--help") == 0 || strcmp(arguments[1], "-h") == 0) {
        lab_help_print();
        return count < 2;
    }
    if (strcmp(arguments[1], "--version") == 0) return print_version();
    const struct lab_verb *verb = lab_verb_find(arguments[1]);
    if (verb == NULL) {
        fprintf(stderr, "kramers: no verb '%s'; 'kramers help' lists them\n", arguments[1]);
        return 1;
    }
    struct lab_options options;
    enum core_status status = lab_options_read(verb, (size_t)count - 2, arguments + 2, &options);
    if (status != CORE_OK) return complain(status);
    if (options.help) {
        lab_help_verb_print(verb);
        return 0;
    }
    openblas_set_num_threads(1); /* the threads of a study are over its replicas */
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a write that finds no room fails and is told */
    status = verb->run(&options);
    if (status == CORE_OK && fflush(stdout) != 0) status = core_fail(CORE_IO, "standard output could not be written");
    return status == CORE_OK ? 0 : complain(status);
}
