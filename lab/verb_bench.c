/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kramers bench: measured speed beside the limit of the arithmetic. The limit is the peak of multiply-adds measured
 * first on the same threads, divided by the operations of one unit; the targets are for one core with AVX-512.
 */
#include "lab/bench.h"
#include "lab/result.h"
#include "lab/verbs.h"

#include "core/memory.h"
#include "lab/json.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct lab_bench_row *const tables[] = {
    lab_bench_peak_rows,    lab_bench_ensemble_rows, lab_bench_landscape_rows, lab_bench_random_rows,
    lab_bench_compare_rows, lab_bench_llc_rows,      lab_bench_survival_rows};
enum { TABLES = sizeof tables / sizeof *tables };

struct bench {
    const struct lab_options *options;
    struct lab_json *json; /* or NULL */
    double peak[2];        /* flops a second on one thread, on all */
};

/* ---- Which rows ---- */

static int begins(const char *text, const char *start) {
    return strncmp(text, start, strlen(start)) == 0;
}

static int chosen(const struct lab_options *options, const struct lab_bench_row *row) {
    int any = options->argument_count == 0;
    for (size_t i = 0; i < options->argument_count; i++) any |= begins(row->name, options->arguments[i]);
    return any;
}

static enum core_status check_names(const struct lab_options *options) {
    for (size_t i = 0; i < options->argument_count; i++) {
        int known = 0;
        for (size_t t = 0; t < TABLES; t++) {
            for (const struct lab_bench_row *row = tables[t]; row->name != NULL; row++)
                known |= begins(row->name, options->arguments[i]);
        }
        if (!known) {
            return core_fail(
                CORE_BAD_INPUT,
                "bench: no row begins with '%s'; they begin with fma, sgd, anisotropic, poisson, langevin, "
                "second-order, loss, gradient, random, compare",
                options->arguments[i]);
        }
    }
    return CORE_OK;
}

/* ---- One row ---- */

static void number_or_null(struct lab_json *json, const char *key, double value, int there) {
    if (there)
        lab_json_number(json, key, value);
    else
        lab_json_null(json, key);
}

static void row_json(struct lab_json *json, const struct lab_bench_row *row, size_t threads,
                     const struct lab_bench_speed *speed, double limit) {
    lab_json_object_begin(json, NULL);
    lab_json_text(json, "name", row->name);
    lab_json_text(json, "size", row->size);
    lab_json_text(json, "precision", "float64");
    lab_json_natural(json, "threads", threads);
    lab_json_number(json, "seconds", speed->seconds);
    lab_json_number(json, "rate", speed->rate);
    lab_json_number(json, "rate_median", speed->median);
    lab_json_text(json, "unit", row->unit);
    number_or_null(json, "limit", limit, limit > 0);
    number_or_null(json, "target", row->target * (double)threads, row->target > 0);
    lab_json_number(json, "error", speed->error);
    lab_json_end(json);
}

/* A rate with its prefix, "34.2 M", or "--". */
static const char *scaled(double rate, char text[16]) {
    static const struct {
        double unit;
        const char *prefix;
    } prefixes[] = {{1e9, "G"}, {1e6, "M"}, {1e3, "k"}, {0, ""}};
    size_t k = 0;
    if (!(rate > 0)) return "-";
    while (rate < prefixes[k].unit) k++;
    double value = k < 3 ? rate / prefixes[k].unit : rate;
    snprintf(text, 16, "%.*f %s", value < 10 ? 2 : value < 100 ? 1 : 0, value, prefixes[k].prefix);
    return text;
}

static void row_text(const struct lab_bench_row *row, size_t threads, const struct lab_bench_speed *speed,
                     double limit) {
    char rate[16], median[16], most[16], target[16];
    printf("%-19s %-21s float64 %3zu %8.3f s %8s/s %8s/s %8s %8s  %s", row->name, row->size, threads, speed->seconds,
           scaled(speed->rate, rate), scaled(speed->median, median), scaled(limit, most),
           scaled(row->target * (double)threads, target), row->unit);
    if (!isnan(speed->error)) printf(", error %.1e", speed->error);
    printf("\n");
    fflush(stdout);
}

static enum core_status run_row(struct bench *bench, const struct lab_bench_row *row) {
    struct lab_bench_speed speed;
    size_t threads = row->threaded ? bench->options->threads : 1;
    enum core_status status = lab_bench_measure(row, bench->options->threads, &speed);
    if (status != CORE_OK) return status;
    double limit = row->flops > 0 ? bench->peak[threads > 1] / row->flops : 0;
    if (bench->json != NULL)
        row_json(bench->json, row, threads, &speed, limit);
    else
        row_text(row, threads, &speed, limit);
    return CORE_OK;
}

/* ---- All of them ---- */

static enum core_status measure_peaks(struct bench *bench) {
    struct lab_bench_speed speed;
    enum core_status status = lab_bench_measure(lab_bench_peak_rows, 1, &speed);
    if (status != CORE_OK) return status;
    bench->peak[0] = bench->peak[1] = speed.rate;
    if (bench->options->threads == 1) return CORE_OK;
    status = lab_bench_measure(lab_bench_peak_rows, bench->options->threads, &speed);
    bench->peak[1] = speed.rate;
    return status;
}

static enum core_status run_rows(struct bench *bench) {
    enum core_status status = measure_peaks(bench);
    for (size_t t = 0; t < TABLES; t++) {
        for (const struct lab_bench_row *row = tables[t]; row->name != NULL && status == CORE_OK; row++) {
            if (chosen(bench->options, row)) status = run_row(bench, row);
        }
    }
    return status;
}

static void print_head(void) {
    printf("%s\n", lab_provenance().isa);
    printf("%-19s %-21s %-7s %3s %10s %10s %10s %8s %8s  %s\n", "name", "size", "type", "thr", "seconds", "rate",
           "median", "limit", "target", "unit");
}

static enum core_status run_json(struct bench *bench) {
    char *text = NULL;
    enum core_status status = lab_json_create(&bench->json);
    if (status != CORE_OK) return status;
    lab_json_object_begin(bench->json, NULL);
    lab_json_text(bench->json, "instruction_set", lab_provenance().isa);
    lab_json_array_begin(bench->json, "rows");
    status = run_rows(bench);
    if (status != CORE_OK) {
        lab_json_free(bench->json);
        return status;
    }
    lab_json_end(bench->json);
    lab_json_end(bench->json);
    status = lab_json_finish(bench->json, &text);
    if (status == CORE_OK) printf("%s\n", text);
    core_free(text);
    return status;
}

enum core_status lab_verb_bench(const struct lab_options *options) {
    struct bench bench = {.options = options};
    enum core_status status = check_names(options);
    if (status != CORE_OK) return status;
    if (options->json) return run_json(&bench);
    print_head();
    return run_rows(&bench);
}
