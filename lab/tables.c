/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/page.h"
#include "lab/view.h"

#include "core/memory.h"
#include "core/table.h"

#include <math.h>

/* tables/NAME.csv: the numbers behind the report with 17 significant digits; a number that does not exist is an empty
 * field; names in double quotes. */

static void put_number(struct lab_page *page, double value) {
    if (isfinite(value))
        lab_put(page, ",%.17g", value);
    else
        lab_put(page, "%s", isinf(value) ? (value > 0 ? ",inf" : ",-inf") : ",");
}

static void put_numbers(struct lab_page *page, size_t count, const double values[]) {
    for (size_t i = 0; i < count; i++) put_number(page, values ? values[i] : (double)NAN);
}

static void write_escape(struct lab_page *page, const struct lab_result *result) {
    lab_put(page, "ensemble,level,escaped,mean,sd,se,median\n");
    for (size_t e = 0; e < result->ensemble_count; e++)
        for (size_t l = 0; l < result->ensembles[e].escape_count; l++) {
            const struct lab_escape_row *row = &result->ensembles[e].escape[l];
            lab_put_csv(page, result->ensembles[e].name);
            put_numbers(page, 6, (const double[]){row->level, row->escaped, row->mean, row->sd, row->se, row->median});
            lab_put(page, "\n");
        }
}

/* The most singular values any row has: the columns they need. */
static size_t most_singular(const struct lab_result *result) {
    size_t most = 0;
    for (size_t e = 0; e < result->ensemble_count; e++)
        for (size_t t = 0; t < result->ensembles[e].time_count; t++)
            if (result->ensembles[e].times[t].singular_count > most)
                most = result->ensembles[e].times[t].singular_count;
    return most;
}

static void put_time_row(struct lab_page *page, const struct lab_time_row *row, size_t singular) {
    put_numbers(page, 3, (const double[]){row->time, row->loss_mean, row->loss_se});
    put_numbers(page, 3, row->loss_quantile);
    put_number(page, row->balancedness_mean);
    put_numbers(page, 3, row->balancedness_quantile);
    for (size_t k = 0; k < singular; k++) {
        int there = k < row->singular_count && row->singular_values && row->singular_quantiles;
        put_number(page, there ? row->singular_values[k] : (double)NAN);
        put_numbers(page, 3, there ? row->singular_quantiles + 3 * k : NULL);
    }
    lab_put(page, "\n");
}

static void write_times(struct lab_page *page, const struct lab_result *result) {
    size_t singular = most_singular(result);
    lab_put(page, "ensemble,time,loss_mean,loss_se,loss_q05,loss_q50,loss_q95,balancedness_mean,balancedness_q05,"
                  "balancedness_q50,balancedness_q95");
    for (size_t k = 1; k <= singular; k++)
        lab_put(page, ",singular_%zu_mean,singular_%zu_q05,singular_%zu_q50,singular_%zu_q95", k, k, k, k);
    lab_put(page, "\n");
    for (size_t e = 0; e < result->ensemble_count; e++)
        for (size_t t = 0; t < result->ensembles[e].time_count; t++) {
            lab_put_csv(page, result->ensembles[e].name);
            put_time_row(page, &result->ensembles[e].times[t], singular);
        }
}

static void write_distances(struct lab_page *page, const struct lab_result *result) {
    lab_put(page, "model,observable,metric,time,value,null_mean,null_sd,ratio,z,p,p_holm,excess\n");
    for (size_t d = 0; d < result->distance_count; d++) {
        const struct lab_distance_row *row = &result->distances[d];
        const struct compare_row *c = &row->row;
        lab_put_csv(page, result->ensembles[row->model].name);
        lab_put(page, ",");
        lab_put_csv(page, row->observable);
        lab_put(page, ",");
        lab_put_csv(page, row->metric);
        put_numbers(page, 9,
                    (const double[]){row->time, c->value, c->null_mean, c->null_sd, c->ratio, c->z, c->p, row->holm,
                                     c->excess});
        lab_put(page, "\n");
    }
}

static void write_verdict(struct lab_page *page, const struct lab_result *result) {
    lab_put(page, "model,observable,explained,low,high\n");
    for (size_t v = 0; v < result->verdict_count; v++) {
        const struct lab_verdict_row *row = &result->verdicts[v];
        lab_put_csv(page, result->ensembles[row->model].name);
        lab_put(page, ",");
        lab_put_csv(page, row->observable ? row->observable : "overall");
        put_numbers(page, 3, (const double[]){row->explained.value, row->explained.low, row->explained.high});
        lab_put(page, "\n");
    }
}

static void write_parameters(struct lab_page *page, const struct lab_result *result) {
    size_t dimension = result->land->dimension;
    lab_put(page, "ensemble,time");
    for (size_t i = 1; i <= dimension; i++) lab_put(page, ",theta_%zu", i);
    lab_put(page, "\n");
    for (size_t e = 0; e < result->ensemble_count; e++)
        for (size_t t = 0; t < result->ensembles[e].time_count; t++) {
            lab_put_csv(page, result->ensembles[e].name);
            put_number(page, result->ensembles[e].times[t].time);
            put_numbers(page, dimension, result->ensembles[e].times[t].parameters_mean);
            lab_put(page, "\n");
        }
}

static const struct {
    const char *name;
    void (*write)(struct lab_page *page, const struct lab_result *result);
} tables[] = {
    {"escape.csv", write_escape},
    {"times.csv", write_times},
    {"distances.csv", write_distances},
    {"verdict.csv", write_verdict},
    {"parameters_mean.csv", write_parameters},
};

enum core_status lab_tables_write(const struct lab_result *result, const char *directory) {
    char *folder = lab_path(directory, "tables");
    enum core_status status = folder ? core_make_directory(folder) : CORE_NO_MEMORY;
    for (size_t k = 0; k < sizeof tables / sizeof tables[0] && status == CORE_OK; k++) {
        struct lab_page page;
        lab_page_open(&page, folder, tables[k].name);
        tables[k].write(&page, result);
        status = core_context(lab_page_close(&page), "while writing the table %s", tables[k].name);
    }
    core_free(folder);
    return status;
}
