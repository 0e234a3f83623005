/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Data made from a seed, and standardised columns.
 *
 * Targets y = T x + noise with T = U diag(s) V^T, U and V Haar random. Inputs are drawn entry by entry, Gaussian or
 * Student-t with f degrees of freedom from two uniforms [bailey1994]:
 *     t = sqrt(f (u^(-2/f) - 1)) cos(2 pi v).
 * Then either X <- Sxx^(-1/2) X, so that X X^T / n = I, or column j is multiplied by the square root of its entry of
 * the covariance. Every draw has its own address (stream CORE_PURPOSE_DATA): more samples add rows and change none,
 * as long as nothing is whitened. */
#include "dln/dln.h"

#include "core/linalg.h"
#include "core/memory.h"
#include "dln/network.h"

#include <math.h>
#include <string.h>

/* Paths of the stream. */
enum { PATH_LEFT, PATH_RIGHT, PATH_INPUTS, PATH_LABELS };

static const double SINGULAR = 1e-13; /* relative to the largest eigenvalue of Sxx */
static const double TWO_PI = 6.283185307179586477;

static struct core_stream data_stream(uint64_t seed, uint64_t path) {
    return (struct core_stream){.seed = seed, .path = path, .purpose = CORE_PURPOSE_DATA};
}

/* ---- Checks ---- */

static enum core_status check_inputs(const struct dln_data_settings *s) {
    if (s->samples < 1 || s->inputs < 1 || s->outputs < 1) {
        return core_fail(CORE_BAD_INPUT, "data of %zu samples, %zu inputs, %zu outputs; each must be at least 1",
                         s->samples, s->inputs, s->outputs);
    }
    if (s->law != DLN_INPUT_GAUSSIAN && s->law != DLN_INPUT_STUDENT_T) {
        return core_fail(CORE_BAD_INPUT, "input law number %d; allowed: Gaussian or Student-t", (int)s->law);
    }
    if (s->law == DLN_INPUT_STUDENT_T && !(s->dof > 0 && isfinite(s->dof))) {
        return core_fail(CORE_BAD_INPUT, "Student-t inputs with %g degrees of freedom; allowed: above 0", s->dof);
    }
    if (s->covariance_count != 0 && s->covariance_count != s->inputs) {
        return core_fail(CORE_BAD_INPUT, "a covariance of %zu entries for %zu inputs; give one for each input",
                         s->covariance_count, s->inputs);
    }
    if (s->whiten && s->covariance_count != 0) {
        return core_fail(CORE_BAD_INPUT, "inputs that are whitened and have a covariance; choose one of the two");
    }
    if (s->whiten && s->samples < s->inputs) {
        return core_fail(CORE_BAD_INPUT, "%zu samples cannot be whitened in %zu inputs; give at least as many samples",
                         s->samples, s->inputs);
    }
    for (size_t j = 0; j < s->covariance_count; j++) {
        if (!(s->covariance[j] >= 0 && isfinite(s->covariance[j]))) {
            return core_fail(CORE_BAD_INPUT, "covariance entry %zu is %g; allowed: 0 or more", j + 1, s->covariance[j]);
        }
    }
    return CORE_OK;
}

static enum core_status check_targets(const struct dln_data_settings *s) {
    size_t most = s->inputs < s->outputs ? s->inputs : s->outputs;
    if (s->singular_count > most) {
        return core_fail(CORE_BAD_INPUT, "%zu singular values for a %zu x %zu teacher; allowed: at most %zu",
                         s->singular_count, s->outputs, s->inputs, most);
    }
    for (size_t k = 0; k < s->singular_count; k++) {
        if (!(s->singular_values[k] >= 0 && isfinite(s->singular_values[k]))) {
            return core_fail(CORE_BAD_INPUT, "singular value %zu of the teacher is %g; allowed: 0 or more", k + 1,
                             s->singular_values[k]);
        }
    }
    if (!(s->label_noise >= 0 && isfinite(s->label_noise))) {
        return core_fail(CORE_BAD_INPUT, "label noise %g; allowed: 0 or more", s->label_noise);
    }
    return CORE_OK;
}

/* ---- Inputs ---- */

static enum core_status student_entries(const struct core_stream *stream, double dof, size_t count, double out[]) {
    double *uniform = core_alloc(2 * count, sizeof *uniform);
    if (uniform == NULL) return core_fail(CORE_NO_MEMORY, "no memory for %zu inputs", count);
    core_random_uniform(stream, 1, 2 * count, uniform);
    for (size_t i = 0; i < count; i++) {
        double squared = dof * expm1(-2 / dof * log(uniform[2 * i]));
        out[i] = sqrt(squared) * cos(TWO_PI * uniform[2 * i + 1]);
    }
    core_free(uniform);
    for (size_t i = 0; i < count; i++) {
        if (isfinite(out[i])) continue;
        return core_fail(CORE_BAD_INPUT, "Student-t inputs with %g degrees of freedom exceed every number", dof);
    }
    return CORE_OK;
}

/* root = a^(-1/2) for the symmetric a (d, d); `vectors` (d, d) and `values` (d) are workspace. */
static enum core_status inverse_root(size_t d, const double a[], double values[], double vectors[], double root[]) {
    enum core_status status = core_symmetric_eigen(d, a, values, vectors);
    if (status != CORE_OK) return status;
    if (!(values[0] > SINGULAR * values[d - 1])) {
        return core_fail(CORE_BAD_INPUT,
                         "the inputs cannot be whitened: their second moments are singular "
                         "(eigenvalues from %g to %g)",
                         values[0], values[d - 1]);
    }
    memset(root, 0, d * d * sizeof *root);
    for (size_t k = 0; k < d; k++) {
        double scale = 1 / sqrt(values[k]);
        for (size_t i = 0; i < d; i++) {
            for (size_t j = 0; j < d; j++) root[i * d + j] += scale * vectors[i * d + k] * vectors[j * d + k];
        }
    }
    return CORE_OK;
}

/* moments (d, d) = X X^T / n. */
static void second_moments(size_t n, size_t d, const double x[], double moments[]) {
    memset(moments, 0, d * d * sizeof *moments);
    for (size_t m = 0; m < n; m++) {
        for (size_t i = 0; i < d; i++) {
            for (size_t j = 0; j < d; j++) moments[i * d + j] += x[m * d + i] * x[m * d + j] / (double)n;
        }
    }
}

/* x <- x root, row by row; `row` (d) is workspace. */
static void transform(size_t n, size_t d, const double root[], double row[], double x[]) {
    for (size_t m = 0; m < n; m++) {
        memcpy(row, x + m * d, d * sizeof *row);
        memset(x + m * d, 0, d * sizeof *x);
        for (size_t i = 0; i < d; i++) {
            for (size_t j = 0; j < d; j++) x[m * d + j] += row[i] * root[i * d + j];
        }
    }
}

/* Twice: the second pass removes what the condition of Sxx cost the first. */
static enum core_status whiten(size_t n, size_t d, double x[]) {
    double *work = core_alloc(3 * d * d + 2 * d, sizeof *work);
    if (work == NULL) return core_fail(CORE_NO_MEMORY, "no memory to whiten %zu inputs", d);
    double *moments = work, *vectors = work + d * d, *root = work + 2 * d * d, *values = work + 3 * d * d;
    enum core_status status = CORE_OK;
    for (int pass = 0; pass < 2 && status == CORE_OK; pass++) {
        second_moments(n, d, x, moments);
        status = inverse_root(d, moments, values, vectors, root);
        if (status == CORE_OK) transform(n, d, root, values + d, x);
    }
    core_free(work);
    return status;
}

static enum core_status make_inputs(const struct dln_data_settings *s, uint64_t seed, double x[]) {
    struct core_stream stream = data_stream(seed, PATH_INPUTS);
    enum core_status status = CORE_OK;
    if (s->law == DLN_INPUT_STUDENT_T) {
        status = student_entries(&stream, s->dof, s->samples * s->inputs, x);
    } else {
        core_random_normal(&stream, 1, s->samples * s->inputs, x);
    }
    if (status == CORE_OK && s->whiten) status = whiten(s->samples, s->inputs, x);
    for (size_t m = 0; m < s->samples && s->covariance_count != 0; m++) {
        for (size_t j = 0; j < s->inputs; j++) x[m * s->inputs + j] *= sqrt(s->covariance[j]);
    }
    return status;
}

/* ---- Targets ---- */

/* y += T x, through the k coordinates diag(s) V^T x; frames: U (outputs, k), then V (inputs, k); spare (k). */
static void add_teacher(const struct dln_data_settings *s, const double frames[], const double x[], double spare[],
                        double y[]) {
    size_t k = s->singular_count;
    const double *u = frames, *v = frames + s->outputs * k;
    for (size_t m = 0; m < s->samples; m++) {
        memset(spare, 0, k * sizeof *spare);
        for (size_t i = 0; i < s->inputs; i++) {
            for (size_t c = 0; c < k; c++) spare[c] += v[i * k + c] * x[m * s->inputs + i];
        }
        for (size_t o = 0; o < s->outputs; o++) {
            double sum = 0;
            for (size_t c = 0; c < k; c++) sum += u[o * k + c] * s->singular_values[c] * spare[c];
            y[m * s->outputs + o] += sum;
        }
    }
}

static enum core_status make_targets(const struct dln_data_settings *s, uint64_t seed, const double x[], double y[]) {
    struct core_stream labels = data_stream(seed, PATH_LABELS);
    core_random_normal(&labels, 1, s->samples * s->outputs, y);
    for (size_t i = 0; i < s->samples * s->outputs; i++) y[i] *= s->label_noise;
    size_t k = s->singular_count;
    if (k == 0) return CORE_OK;
    double *frames = core_alloc((s->outputs + s->inputs + 1) * k, sizeof *frames);
    if (frames == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a teacher of rank %zu", k);
    struct core_stream left = data_stream(seed, PATH_LEFT), right = data_stream(seed, PATH_RIGHT);
    enum core_status status = dln_random_orthonormal(&left, s->outputs, k, frames);
    if (status == CORE_OK) status = dln_random_orthonormal(&right, s->inputs, k, frames + s->outputs * k);
    if (status == CORE_OK) add_teacher(s, frames, x, frames + (s->outputs + s->inputs) * k, y);
    core_free(frames);
    return status;
}

/* ---- The data ---- */

enum core_status dln_data_generate(const struct dln_data_settings *settings, uint64_t seed, struct dln_data *data) {
    *data = (struct dln_data){.samples = settings->samples, .inputs = settings->inputs, .outputs = settings->outputs};
    enum core_status status = check_inputs(settings);
    if (status == CORE_OK) status = check_targets(settings);
    if (status == CORE_OK) {
        data->x = core_alloc(data->samples, data->inputs * sizeof(double));
        data->y = core_alloc(data->samples, data->outputs * sizeof(double));
        if (data->x == NULL || data->y == NULL) {
            status = core_fail(CORE_NO_MEMORY, "no memory for %zu samples of data", data->samples);
        }
    }
    if (status == CORE_OK) status = make_inputs(settings, seed, data->x);
    if (status == CORE_OK) status = make_targets(settings, seed, data->x, data->y);
    if (status != CORE_OK) dln_data_free(data);
    return core_context(status, "while generating data");
}

void dln_data_free(struct dln_data *data) {
    if (data == NULL) return;
    core_free(data->x);
    core_free(data->y);
    *data = (struct dln_data){0};
}

/* ---- Standardised columns ---- */

static enum core_status standardise_column(size_t rows, size_t columns, size_t column, double values[]) {
    double *at = values + column, mean = 0, square = 0, n = (double)rows;
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < rows; i++) {
        double value = at[i * columns];
        if (!isfinite(value)) {
            return core_fail(CORE_BAD_INPUT, "row %zu of column %zu is no finite number", i + 1, column + 1);
        }
        mean += value / n;
        low = fmin(low, value);
        high = fmax(high, value);
    }
    for (size_t i = 0; i < rows; i++) square += (at[i * columns] - mean) * (at[i * columns] - mean) / n;
    double deviation = sqrt(square);
    if (!(high > low && deviation > 0 && isfinite(deviation))) {
        return core_fail(CORE_BAD_INPUT, "column %zu cannot be standardised: its values run from %g to %g", column + 1,
                         low, high);
    }
    for (size_t i = 0; i < rows; i++) at[i * columns] = (at[i * columns] - mean) / deviation;
    return CORE_OK;
}

enum core_status dln_data_standardise(size_t rows, size_t columns, double values[]) {
    enum core_status status = CORE_OK;
    for (size_t j = 0; j < columns && status == CORE_OK; j++) status = standardise_column(rows, columns, j, values);
    return status;
}
