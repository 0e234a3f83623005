/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CORE_STATUS_H
#define CORE_STATUS_H

/* Status codes and the chain of causes behind a failure.
 *
 * A fallible function returns a status. The place that detects a failure calls core_fail() with one clear sentence;
 * every caller that knows more adds its own with core_context(). The command prints the chain, outermost first:
 *
 *     status = core_table_read("inputs.csv", &table);
 *     if (status != CORE_OK) return core_context(status, "while reading the inputs of study '%s'", name);
 *
 * The chain belongs to the calling thread; core_parallel() carries a worker's chain to its caller.
 * Three kinds of trouble, three mechanisms: a programmer's mistake is an assert; bad input is a status and a sentence;
 * a numerical outcome (a replica that diverges) is a field of the result. */

enum core_status {
    CORE_OK = 0,
    CORE_BAD_INPUT,   /* the user's input is wrong: exit status 1 */
    CORE_NO_MEMORY,   /* an allocation failed, or a study would not fit: exit status 2 */
    CORE_IO,          /* a file could not be read or written: exit status 2 */
    CORE_NUMERICAL,   /* a computation could not be carried out: exit status 2 */
    CORE_INTERRUPTED, /* the user stopped the run; what is finished is kept: exit status 3 */
    CORE_STATUS_COUNT
};

/* One word per code ("ok", "bad input", ...), never NULL. */
const char *core_status_name(enum core_status status);

/* Starts a new chain with this sentence and returns `status`. */
enum core_status core_fail(enum core_status status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds an outer sentence to the chain and returns `status`. Does nothing when status is CORE_OK. */
enum core_status core_context(enum core_status status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The chain as one text, outermost sentence first, causes separated by ": ". Empty when nothing failed.
 * Valid until this thread's next core_fail, core_context or core_error_clear. */
const char *core_error(void);

/* Forgets the chain of this thread. */
void core_error_clear(void);

/* Replaces this thread's chain by `text` (how a worker's chain reaches its caller). */
void core_error_set(const char *text);

/* For clang's analyser, which reads one file at a time: both return their first argument. */
#ifdef __clang_analyzer__
#define core_fail(status, ...) (core_fail(status, __VA_ARGS__), (status))
#define core_context(status, ...) (core_context(status, __VA_ARGS__), (status))
#endif

#endif
