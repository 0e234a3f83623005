/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/figures.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* gnuplot as a child process: no shell between, its messages caught, its working directory the figures' own, so that
 * the script names files by fixed short names only. */

enum { NOT_STARTED = 127, SAID_BYTES = 400 };

/* In the child, between fork and exec: async-signal-safe calls only. */
static void become_gnuplot(const char *directory, const char *const arguments[], int messages) {
    int nothing = open("/dev/null", O_RDWR);
    if (nothing >= 0 && chdir(directory) == 0 && dup2(nothing, STDIN_FILENO) >= 0 &&
        dup2(nothing, STDOUT_FILENO) >= 0 && dup2(messages, STDERR_FILENO) >= 0)
        execvp(arguments[0], (char *const *)(const void *)arguments);
    _exit(NOT_STARTED);
}

/* Reads to the end; keeps the first line with something on it. */
static void listen_to(int messages, char said[SAID_BYTES]) {
    char text[512];
    size_t used = 0;
    for (;;) {
        ssize_t got = read(messages, text, sizeof text);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        for (ssize_t i = 0; i < got && used + 1 < SAID_BYTES; i++)
            if (used > 0 || (text[i] != '\n' && text[i] != ' ' && text[i] != '^')) said[used++] = text[i];
    }
    said[used] = '\0';
    for (char *s = said; *s; s++)
        if ((unsigned char)*s < ' ') *s = ' ';
}

enum core_status lab_gnuplot_run(const char *directory, const char *const arguments[]) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return core_fail(CORE_IO, "no pipe for gnuplot: %s", strerror(errno));
    pid_t child = fork();
    if (child == 0) become_gnuplot(directory, arguments, ends[1]);
    close(ends[1]);
    if (child < 0) {
        close(ends[0]);
        return core_fail(CORE_IO, "gnuplot could not be started: %s", strerror(errno));
    }
    char said[SAID_BYTES];
    listen_to(ends[0], said);
    close(ends[0]);
    int outcome = 0;
    while (waitpid(child, &outcome, 0) < 0)
        if (errno != EINTR) return core_fail(CORE_IO, "gnuplot was lost: %s", strerror(errno));
    if (WIFEXITED(outcome) && WEXITSTATUS(outcome) == 0) return CORE_OK;
    if (WIFEXITED(outcome) && WEXITSTATUS(outcome) == NOT_STARTED)
        return core_fail(CORE_IO, "gnuplot is not installed (Debian: apt-get install gnuplot-nox)");
    return core_fail(CORE_IO, "gnuplot failed: %s", said);
}
