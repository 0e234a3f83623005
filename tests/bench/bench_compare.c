/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows: what, size, dimension, threads, seconds. Asserts nothing. `bench_compare [threads]`. */
#include "compare/compare.h"
#include "core/core.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double clock_of(clockid_t which) {
    struct timespec t;
    clock_gettime(which, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double now(void) {
    return clock_of(CLOCK_MONOTONIC);
}

static double *gaussian(size_t n, size_t dimension, uint64_t path) {
    double *x = core_alloc(n, dimension * sizeof *x);
    struct core_stream stream = {.seed = 7, .path = path, .purpose = CORE_PURPOSE_TEST};
    core_random_normal(&stream, 1, n * dimension, x);
    return x;
}

static void row(const char *what, size_t n, size_t dimension, size_t threads, double seconds) {
    printf("%-12s n %6zu  d %3zu  threads %zu  %10.6f s\n", what, n, dimension, threads, seconds);
    fflush(stdout);
}

/* Clouds that make assignment solvers slow. */
enum hard { PLAIN, SHIFTED, LATTICE, CAUCHY, RANK_TWO, CLUSTERS, EQUAL_ROWS, HARD_COUNT };
static const char *const hard_names[] = {"w2",        "w2 shift",    "w2 lattice", "w2 cauchy",
                                         "w2 rank 2", "w2 clusters", "w2 equal"};

static void harden(enum hard hard, size_t n, size_t dimension, double x[], double y[]) {
    for (size_t i = 0; i < n * dimension; i++) {
        size_t k = i % dimension;
        if (hard == SHIFTED) y[i] += 1000;
        if (hard == LATTICE) x[i] = floor(2 * x[i]), y[i] = floor(2 * y[i]);
        if (hard == CAUCHY) x[i] = tan(1.5 * tanh(x[i])), y[i] = tan(1.5 * tanh(y[i]));
        if (hard == RANK_TWO && k > 1) x[i] = sin((double)k) * x[i - k], y[i] = sin((double)k) * y[i - k];
        if (hard == CLUSTERS)
            x[i] = 0.01 * x[i] + (double)(i / dimension % 7), y[i] = 0.01 * y[i] + (double)(i / dimension % 5);
        if (hard == EQUAL_ROWS) x[i] = 0.1 * (double)k;
    }
}

static void hard_pair(enum hard hard, size_t n, size_t dimension) {
    double *x = gaussian(n, dimension, 0), *y = gaussian(n, dimension, 1), out;
    harden(hard, n, dimension, x, y);
    double start = now();
    if (compare_wasserstein_2(n, dimension, x, y, &out, NULL, NULL) != CORE_OK) puts(core_error());
    row(hard_names[hard], n, dimension, 1, now() - start);
    core_free(x);
    core_free(y);
}

static void pair(const char *what, size_t n, size_t dimension) {
    double best = 1e9, out;
    for (int repeat = 0; repeat < 3; repeat++) {
        double *x = gaussian(n, dimension, 2 * (uint64_t)repeat), *y = gaussian(n, dimension, 2 * (uint64_t)repeat + 1);
        double start = now();
        if (what[0] == 'w') compare_wasserstein_2(n, dimension, x, y, &out, NULL, NULL);
        if (what[0] == 'm') compare_mmd2(n, x, n, y, dimension, 1.7, &out);
        if (what[0] == 'e') compare_energy2(n, x, n, y, dimension, &out);
        if (what[0] == 's') {
            double *directions = core_alloc(100, dimension * sizeof *directions);
            compare_directions(100, dimension, 3, directions);
            start = now();
            compare_sliced(n, x, n, y, dimension, 100, directions, &out, NULL);
            core_free(directions);
        }
        double seconds = now() - start;
        best = seconds < best ? seconds : best;
        core_free(x);
        core_free(y);
    }
    row(what, n, dimension, 1, best);
}

/* One observable at one time of the main study: 8 references, 10 models, 4096 rows. */
static double panel(const char *name, size_t dimension, size_t threads) {
    enum { REFERENCES = 8, MODELS = 10, ROWS = 4096 };
    struct compare_sample sample[REFERENCES + MODELS];
    struct compare_row rows[4 * MODELS];
    const struct compare_metric *metrics[4];
    size_t count = 0;
    if (name != NULL) {
        metrics[count++] = compare_metric_find(name);
    } else {
        for (const char *const *m = (const char *const[]){"sliced-w2", "w2", "mmd", "energy", NULL}; *m != NULL; m++) {
            metrics[count++] = compare_metric_find(*m);
        }
    }
    for (size_t i = 0; i < REFERENCES + MODELS; i++) {
        sample[i] = (struct compare_sample){ROWS, gaussian(ROWS, dimension, i)};
    }
    struct compare_panel_settings settings = {.dimension = dimension,
                                              .metric_count = count,
                                              .metrics = metrics,
                                              .subsample = 1000,
                                              .projections = 100,
                                              .seed = 20,
                                              .threads = threads};
    double start = now();
    if (compare_panel(&settings, REFERENCES, sample, MODELS, sample + REFERENCES, rows, NULL) != CORE_OK) abort();
    double seconds = now() - start;
    row(name == NULL ? "panel, all" : name, ROWS, dimension, threads, seconds);
    if (name == NULL) {
        struct compare_fraction out[MODELS];
        start = now();
        compare_explained(&settings, REFERENCES, sample, &sample[REFERENCES], MODELS, sample + REFERENCES, out);
        row("explained", ROWS, dimension, threads, now() - start);
    }
    for (size_t i = 0; i < REFERENCES + MODELS; i++) core_free((double *)(size_t)sample[i].values);
    return seconds;
}

int main(int argc, char **argv) {
    static const size_t sizes[] = {500, 1000, 2000}, dimensions[] = {2, 5, 10, 25, 50};
    static const size_t observables[] = {50, 25, 5, 1, 25};
    size_t threads = argc > 1 ? strtoul(argv[1], NULL, 10) : core_processors();
    for (size_t s = 0; s < 3; s++) {
        for (size_t d = 0; d < 5; d++) pair("w2", sizes[s], dimensions[d]);
    }
    for (int hard = SHIFTED; hard < HARD_COUNT; hard++) hard_pair((enum hard)hard, 1000, hard == RANK_TWO ? 50 : 5);
    pair("mmd", 2000, 50);
    pair("energy", 2000, 50);
    pair("sliced-w2", 2000, 50);
    pair("sliced-w2", 20000, 50);
    for (const char *const *m = (const char *const[]){"sliced-w2", "w2", "mmd", "energy", NULL}; *m != NULL; m++) {
        panel(*m, 25, threads);
    }
    double total = 0, processors = clock_of(CLOCK_PROCESS_CPUTIME_ID);
    for (size_t i = 0; i < 5; i++) total += panel(NULL, observables[i], threads);
    processors = clock_of(CLOCK_PROCESS_CPUTIME_ID) - processors;
    printf("the main study's comparison, six times: %.2f s; with the fractions %.2f s of processor time\n", 6 * total,
           6 * processors);
    return 0;
}
