/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LAB_BENCH_H
#define LAB_BENCH_H

#include "core/isa.h"
#include "core/status.h"

#include <stddef.h>

/* Benchmarks: rows of a table, each one piece of work whose speed is measured here and now. A row's speed is that of
 * the fastest of REPETITIONS runs of at least SHORTEST seconds; the median is told too. */

/* A piece of work made ready. */
struct lab_bench_task {
    void *self;   /* the row's own */
    double units; /* of work one call does, at least */
    enum core_status (*call)(void *self);
    void (*free)(void *self); /* NULL: core_free */
    double error;             /* of the answer, after the calls; NaN where there is none */
};

struct lab_bench_row {
    const char *name, *size;
    const char *unit; /* what is counted: "replica-steps", "draws", ... */
    double flops;     /* floating-point operations of one unit, counted as in the comment beside it; 0: not counted */
    double target;    /* units a second and core on a machine with AVX-512; 0: none */
    int threaded;     /* 1: uses all threads; 0: always one */
    enum core_status (*prepare)(const struct lab_bench_row *row, size_t threads, struct lab_bench_task *task);
    const void *detail; /* the row's own */
};

/* Tables of rows, each ended by a row of NULLs. */
extern const struct lab_bench_row lab_bench_peak_rows[], lab_bench_ensemble_rows[], lab_bench_landscape_rows[],
    lab_bench_random_rows[], lab_bench_compare_rows[], lab_bench_llc_rows[], lab_bench_survival_rows[];

struct lab_bench_speed {
    double seconds;      /* of the fastest repetition */
    double rate, median; /* units a second: the fastest repetition, the one in the middle */
    double error;
};
enum core_status lab_bench_measure(const struct lab_bench_row *row, size_t threads, struct lab_bench_speed *speed);

/* The loop that measures the most a core can do: `rounds` times `chains` independent multiply-adds on eight
 * doubles; returns a number that depends on all of them. */
struct lab_bench_kernels {
    double (*multiply_add)(size_t rounds);
    size_t chains;
};
CORE_ISA_DECLARE(struct lab_bench_kernels, lab_bench_kernels)

#endif
