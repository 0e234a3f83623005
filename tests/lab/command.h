/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_LAB_COMMAND_H
#define TESTS_LAB_COMMAND_H

/* The command as a user starts it: a process of its own, its exit status, what it said. Included after cmocka.h and
 * core/scratch.h; gnuplot is out of its reach, so that no time goes into pictures. */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { COMMAND_ARGUMENTS = 40 };

static const char *command_path(void) {
    const char *path = getenv("KRAMERS");
    return path != NULL ? path : "build/kramers";
}

/* Starts it with these words, ended by NULL; standard output and error go to files of the directory. */
__attribute__((unused)) static pid_t command_start(const char *const words[]) {
    const char *arguments[COMMAND_ARGUMENTS] = {command_path()};
    size_t count = 1;
    for (; *words != NULL && count + 1 < COMMAND_ARGUMENTS; words++) arguments[count++] = *words;
    const char *out = scratch("stdout"), *err = scratch("stderr");
    fflush(NULL);
    pid_t child = fork();
    if (child != 0) return child;
    setenv("PATH", "/nonexistent", 1);
    if (freopen(out, "w", stdout) != NULL && freopen(err, "w", stderr) != NULL)
        execv(arguments[0], (char *const *)(const void *)arguments);
    _exit(126);
}

/* Its exit status, or minus the signal that ended it. */
__attribute__((unused)) static int command_wait(pid_t child) {
    int outcome = 0;
    assert_int_equal(waitpid(child, &outcome, 0), child);
    return WIFSIGNALED(outcome) ? -WTERMSIG(outcome) : WEXITSTATUS(outcome);
}

__attribute__((unused)) static int command_run(const char *const words[]) {
    pid_t child = command_start(words);
    assert_true(child > 0);
    return command_wait(child);
}

/* Waits until `path` is there; 0 where the child ended before. */
__attribute__((unused)) static int command_until(pid_t child, const char *path) {
    const struct timespec pause = {0, 1000000};
    while (!scratch_exists(path)) {
        siginfo_t info = {.si_pid = 0};
        if (waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == child) return 0;
        nanosleep(&pause, NULL);
    }
    return 1;
}

#endif
