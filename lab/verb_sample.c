/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kramers sample: independent draws of a law, as many as asked for, into a CSV or NPY file of one column. One row of
 * the table, one law. The same seed gives the same numbers, and a longer sample begins with the shorter one. */
#include "core/memory.h"
#include "core/random.h"
#include "core/stable.h"
#include "core/table.h"
#include "lab/verbs.h"

#include <stdint.h>
#include <string.h>

struct law {
    const char *name, *usage;
    enum core_status (*draw)(const struct lab_options *options, const struct core_stream *stream, size_t count,
                             double out[]);
};

/* ---- Laws ---- */

static enum core_status draw_stable(const struct lab_options *options, const struct core_stream *stream, size_t count,
                                    double out[]) {
    struct core_stable law;
    enum core_status status = lab_read_stable("sample stable", options, &law);
    if (status == CORE_OK) core_stable_random(&law, stream, 1, count, out);
    return status;
}

static enum core_status draw_gaussian(const struct lab_options *options, const struct core_stream *stream, size_t count,
                                      double out[]) {
    double scale = 1, location = 0;
    enum core_status status = CORE_OK;
    if (options->scale != NULL) status = lab_read_real("--scale", options->scale, &scale);
    if (status == CORE_OK && options->location != NULL)
        status = lab_read_real("--location", options->location, &location);
    if (status != CORE_OK) return status;
    if (!(scale > 0)) return core_fail(CORE_BAD_INPUT, "--scale: found %g, expected a positive number", scale);
    core_random_normal(stream, 1, count, out);
    for (size_t i = 0; i < count; i++) out[i] = out[i] * scale + location;
    return CORE_OK;
}

static const struct law laws[] = {
    {"stable", "--alpha A --beta B [--scale S --location D --parametrisation S0|S1]", draw_stable},
    {"gaussian", "[--scale S --location D], S the standard deviation", draw_gaussian},
};
enum { LAWS = sizeof laws / sizeof *laws };

/* ---- Files ---- */

static const struct {
    const char *ending;
    int npy;
} formats[] = {{".csv", 0}, {".npy", 1}};

/* The row of `formats` that the name ends with. */
static enum core_status find_format(const char *path, size_t *format) {
    if (path == NULL) return core_fail(CORE_BAD_INPUT, "sample: -o FILE.csv or -o FILE.npy is missing");
    const size_t length = strlen(path);
    for (*format = 0; *format < sizeof formats / sizeof *formats; ++*format) {
        const size_t ending = strlen(formats[*format].ending);
        if (length > ending && strcmp(path + length - ending, formats[*format].ending) == 0) return CORE_OK;
    }
    return core_fail(CORE_BAD_INPUT, "-o: found '%.200s', expected a name that ends with .csv or .npy", path);
}

/* ---- The verb ---- */

static const struct law *find(const char *name) {
    for (size_t i = 0; i < LAWS; i++) {
        if (strcmp(laws[i].name, name) == 0) return &laws[i];
    }
    core_fail(CORE_BAD_INPUT, "sample: found '%.80s', expected one of: %s %s; %s %s", name, laws[0].name, laws[0].usage,
              laws[1].name, laws[1].usage);
    return NULL;
}

enum core_status lab_verb_sample(const struct lab_options *options) {
    const struct law *law = find(options->arguments[0]);
    uint64_t count = 0, seed = 1;
    size_t format = 0;
    if (law == NULL) return CORE_BAD_INPUT;
    if (options->count == NULL) return core_fail(CORE_BAD_INPUT, "sample %s: --count is missing", law->name);
    enum core_status status = lab_read_whole("--count", options->count, 1, (uint64_t)1 << 32, &count);
    if (status == CORE_OK && options->seed != NULL)
        status = lab_read_whole("--seed", options->seed, 0, UINT64_MAX, &seed);
    if (status == CORE_OK) status = find_format(options->output, &format);
    if (status != CORE_OK) return status;
    double *values = core_alloc((size_t)count, sizeof *values);
    if (values == NULL) return core_fail(CORE_NO_MEMORY, "no memory for %llu draws", (unsigned long long)count);
    const struct core_stream stream = {.seed = core_seed(seed, law->name), .purpose = CORE_PURPOSE_NOISE};
    status = law->draw(options, &stream, (size_t)count, values);
    if (status == CORE_OK)
        status = formats[format].npy ? core_table_write_npy(options->output, (size_t)count, 1, values)
                                     : core_table_write(options->output, (size_t)count, 1, values, NULL);
    core_free(values);
    return status;
}
