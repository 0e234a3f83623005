/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kramers run: everything a study asks for. What is wrong with the study is found before anything is written; what is
 * finished is on the disk before what follows begins. */
#include "lab/comparison.h"
#include "lab/execute.h"
#include "lab/measure.h"
#include "lab/page.h"
#include "lab/part.h"
#include "lab/run_store.h"
#include "lab/verbs.h"

#include "core/memory.h"
#include "core/seconds.h"
#include "core/table.h"

#include <stdio.h>
#include <string.h>

/* All that a run holds on to. */
struct run {
    const struct lab_options *options;
    struct lab_study *study;
    struct lab_scene *scene;
    struct lab_plan *plan;
    struct lab_result *result;
    char *directory, *fingerprint;
    enum lab_run_found found; /* by --resume, in place of run.h5 */
};

static void run_free(struct run *run) {
    lab_result_free(run->result);
    lab_plan_free(run->plan);
    lab_scene_free(run->scene);
    lab_study_free(run->study);
    core_free(run->directory);
    core_free(run->fingerprint);
}

/* -o, or runs/NAME. */
static enum core_status choose_directory(struct run *run) {
    if (run->options->output != NULL) {
        run->directory = core_copy_text(run->options->output);
    } else {
        char *safe = lab_safe_name(run->study->name);
        if (safe != NULL) run->directory = lab_path("runs", safe);
        core_free(safe);
    }
    return run->directory != NULL ? CORE_OK : core_fail(CORE_NO_MEMORY, "no memory for a path");
}

static enum core_status prepare(struct run *run) {
    enum core_status status = lab_options_study(run->options, &run->study);
    if (status == CORE_OK) status = lab_scene_create(run->study, &run->scene);
    if (status == CORE_OK) status = lab_plan_create(run->scene, LAB_PLAN_ALL, NULL, run->options->threads, &run->plan);
    if (status == CORE_OK) status = choose_directory(run);
    if (status != CORE_OK) return status;
    run->result = core_alloc(1, sizeof *run->result);
    run->fingerprint = lab_fingerprint(run->scene);
    if (run->result == NULL || run->fingerprint == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a run");
    run->result->study = run->study;
    run->result->land = run->scene->land;
    run->result->start = run->scene->start;
    run->result->threads = run->options->threads;
    return CORE_OK;
}

static double work_of(const struct run *run) {
    double work = 0;
    for (size_t i = 0; i < run->plan->count; i++) {
        work += (double)run->plan->entries[i].replicas * (double)(run->plan->entries[i].substeps * run->scene->steps);
    }
    return work;
}

/* A finished run.h5 of the same study, where --resume finds it: its ensembles are taken and not run again. One of
 * another study is refused, unless an interrupted run lies beside it, whose parts say whose they are. */
static enum core_status take_finished(struct run *run) {
    char *path = lab_path(run->directory, "run.h5");
    if (path == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a path");
    enum core_status status = lab_run_read(path, run->fingerprint, run->scene, run->plan, run->result, &run->found);
    core_free(path);
    if (status != CORE_OK || run->found != LAB_RUN_OTHER || lab_parts_exist(run->directory)) return status;
    return core_fail(
        CORE_BAD_INPUT,
        "'%s' holds a finished run of another version of this study; run without --resume, or into another "
        "directory (-o)",
        run->directory);
}

/* The ensembles: from a finished run.h5 or from parts where --resume finds them, else by running them. */
static enum core_status simulate(struct run *run) {
    enum core_status status = core_make_directory(run->directory);
    if (status == CORE_OK && run->options->resume) status = take_finished(run);
    if (status != CORE_OK || run->found == LAB_RUN_SAME) return status;
    if (!run->options->resume) lab_parts_remove(run->directory);
    struct lab_execution execution = {.scene = run->scene,
                                      .plan = run->plan,
                                      .threads = run->options->threads,
                                      .directory = run->directory,
                                      .fingerprint = run->fingerprint,
                                      .resume = run->options->resume,
                                      .progress = lab_progress_create(work_of(run), run->options->quiet)};
    status = lab_execute(&execution, run->result);
    lab_progress_free(execution.progress);
    return status;
}

static enum core_status write_json(const struct run *run) {
    char *text = NULL, *path = lab_path(run->directory, "results.json");
    struct core_file *file;
    enum core_status status = lab_result_json(run->result, &text);
    if (status == CORE_OK && path == NULL) status = core_fail(CORE_NO_MEMORY, "no memory for a path");
    if (status == CORE_OK) {
        status = core_file_create(path, &file);
        if (status == CORE_OK) {
            status = core_file_printf(file, "%s\n", text);
            if (status == CORE_OK)
                status = core_file_commit(file);
            else
                core_file_abandon(file);
        }
    }
    if (status == CORE_OK && run->options->json) printf("%s\n", text);
    core_free(text);
    core_free(path);
    return status;
}

static enum core_status write_store(const struct run *run) {
    if (run->found == LAB_RUN_SAME) return CORE_OK; /* it keeps the provenance of the program that ran it */
    char *path = lab_path(run->directory, "run.h5");
    if (path == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a path");
    enum core_status status = lab_run_write(run->result, run->scene, run->fingerprint, path);
    core_free(path);
    return status;
}

static enum core_status write_all(const struct run *run) {
    char *note = NULL;
    enum core_status status = write_store(run);
    if (status == CORE_OK) lab_parts_remove(run->directory);
    if (status == CORE_OK) status = lab_tables_write(run->result, run->directory);
    if (status == CORE_OK) status = lab_figures_write(run->result, run->directory, NULL, &note);
    if (status == CORE_OK && note != NULL) {
        status = lab_warn(run->result, "%s", note);
        if (!run->options->quiet) fprintf(stderr, "kramers: %s\n", note);
    }
    core_free(note);
    if (status == CORE_OK) status = lab_report_write(run->result, run->directory);
    return status == CORE_OK ? write_json(run) : status;
}

static enum core_status work(struct run *run) {
    double started = core_seconds();
    enum core_status status = prepare(run);
    if (status == CORE_OK) status = simulate(run);
    if (status == CORE_OK) status = lab_measure(run->scene, run->options->threads, run->result);
    if (status == CORE_OK) status = lab_compare_all(run->scene, run->options->threads, run->result);
    if (status == CORE_OK) {
        run->result->seconds = core_seconds() - started;
        status = write_all(run);
    }
    if (status == CORE_INTERRUPTED && run->directory != NULL) {
        return core_context(status, "what is finished is kept in %s; the same command with --resume goes on",
                            run->directory);
    }
    if (status != CORE_OK || run->options->json) return status;
    status = lab_summary_print(run->result, stdout);
    printf("%s/report.html\n", run->directory);
    return status;
}

enum core_status lab_verb_run(const struct lab_options *options) {
    struct run run = {.options = options};
    enum core_status status = work(&run);
    run_free(&run);
    return status;
}
