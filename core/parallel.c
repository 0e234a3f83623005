/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/parallel.h"

#include "core/memory.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

static atomic_int interrupted;

void core_interrupt(int on) {
    atomic_store(&interrupted, on);
}

int core_interrupted(void) {
    return atomic_load(&interrupted);
}

size_t core_processors(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
    int count = CPU_COUNT(&set);
    return count > 0 ? (size_t)count : 1;
}

struct loop {
    size_t count;
    core_work work;
    void *context;
    atomic_size_t next;
    atomic_int stop;
    pthread_mutex_t lock; /* guards what follows */
    size_t failed;        /* the lowest piece that failed, so that the message does not depend on the threads */
    enum core_status status;
    char error[4096];
};

struct worker {
    struct loop *loop;
    size_t thread;
};

static void note_failure(struct loop *loop, size_t piece, enum core_status status) {
    atomic_store(&loop->stop, 1);
    pthread_mutex_lock(&loop->lock);
    if (loop->status == CORE_OK || piece < loop->failed) {
        loop->failed = piece;
        loop->status = status;
        strncpy(loop->error, core_error(), sizeof loop->error - 1);
    }
    pthread_mutex_unlock(&loop->lock);
}

static void *run(void *argument) {
    const struct worker *worker = argument;
    struct loop *loop = worker->loop;
    while (!atomic_load(&loop->stop)) {
        size_t piece = atomic_fetch_add(&loop->next, 1);
        if (piece >= loop->count) break;
        enum core_status status = core_interrupted() ? core_fail(CORE_INTERRUPTED, "interrupted")
                                                     : loop->work(loop->context, piece, worker->thread);
        if (status != CORE_OK) note_failure(loop, piece, status);
    }
    return NULL;
}

enum core_status core_parallel(size_t count, size_t threads, core_work work, void *context) {
    if (count == 0) return CORE_OK;
    if (threads > count) threads = count;
    if (threads < 1) threads = 1;
    struct loop loop = {.count = count, .work = work, .context = context, .status = CORE_OK};
    pthread_mutex_init(&loop.lock, NULL);
    pthread_t *handles = core_alloc(threads, sizeof *handles);
    struct worker *workers = core_alloc(threads, sizeof *workers);
    if (handles == NULL || workers == NULL) {
        core_free(handles);
        core_free(workers);
        pthread_mutex_destroy(&loop.lock);
        return core_fail(CORE_NO_MEMORY, "no memory for %zu threads", threads);
    }
    size_t started = 1;
    for (size_t t = 0; t < threads; t++) workers[t] = (struct worker){&loop, t};
    while (started < threads && pthread_create(&handles[started], NULL, run, &workers[started]) == 0) started++;
    run(&workers[0]);
    for (size_t t = 1; t < started; t++) pthread_join(handles[t], NULL);
    if (loop.status != CORE_OK) core_error_set(loop.error);
    core_free(handles);
    core_free(workers);
    pthread_mutex_destroy(&loop.lock);
    return loop.status;
}
