/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/progress.h"

#include "core/memory.h"
#include "core/seconds.h"
#include "lab/page.h"

#include <stdio.h>
#include <unistd.h>

enum { BAR = 24, NAME = 24 };

struct lab_progress {
    double total, done, started, shown;
    char name[4 * NAME + 1];
};

struct lab_progress *lab_progress_create(double total, int quiet) {
    if (quiet || !isatty(STDERR_FILENO)) return NULL;
    struct lab_progress *progress = core_alloc(1, sizeof *progress);
    if (progress == NULL) return NULL; /* a missing bar is no failure */
    progress->total = total > 0 ? total : 1;
    progress->started = core_seconds();
    return progress;
}

void lab_progress_name(struct lab_progress *progress, const char *name) {
    if (progress == NULL) return;
    char *line = lab_page_line(name, NAME);
    snprintf(progress->name, sizeof progress->name, "%s", line != NULL ? line : "");
    core_free(line);
}

void lab_progress_add(struct lab_progress *progress, double work) {
    if (progress == NULL) return;
    progress->done += work;
    double time = core_seconds(), elapsed = time - progress->started;
    if (time - progress->shown < 0.1) return;
    progress->shown = time;
    double part = progress->done / progress->total, left = part > 0 ? elapsed * (1 - part) / part : 0;
    char bar[BAR + 1];
    for (int i = 0; i < BAR; i++) bar[i] = i < (int)(part * BAR) ? '#' : '.';
    bar[BAR] = '\0';
    fprintf(stderr, "\r\033[K[%s] %3.0f %%  %-12s %.1f M steps/s  %.0f s left", bar, 100 * part, progress->name,
            progress->done / elapsed * 1e-6, left);
    fflush(stderr);
}

void lab_progress_free(struct lab_progress *progress) {
    if (progress == NULL) return;
    fprintf(stderr, "\r\033[K");
    fflush(stderr);
    core_free(progress);
}
