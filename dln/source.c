/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fresh samples of the law behind generated data: x_i = s_i z_i with z_i standard normal or Student-t, y = T x +
 * sigma e, T = U diag(S) V^T the teacher of dln/data.c for the same seed.
 *
 * s_i is the square root of the covariance's entry, as for finite data (where it multiplies Student-t draws of variance
 * f / (f - 2)); with `whiten` it is the reciprocal of the draw's own deviation, 1 or sqrt((f - 2) / f). */
#include "dln/source.h"

#include "core/lanes.h"
#include "core/memory.h"
#include "dln/network.h"

#include <math.h>
#include <string.h>

CORE_ISA_PICK(struct dln_source_kernels, dln_source_kernels)

/* ---- Create, free ---- */

static enum core_status check(const struct dln_data_settings *s) {
    enum core_status status = dln_data_check(s);
    if (status != CORE_OK) return status;
    if (s->inputs < 1 || s->outputs < 1) {
        return core_fail(CORE_BAD_INPUT, "samples of %zu inputs, %zu outputs; each must be at least 1", s->inputs,
                         s->outputs);
    }
    if (s->whiten && s->law == DLN_INPUT_STUDENT_T && s->dof <= 2) {
        return core_fail(CORE_BAD_INPUT,
                         "fresh Student-t inputs with %g degrees of freedom cannot be whitened: their variance is "
                         "infinite; allowed: above 2",
                         s->dof);
    }
    return CORE_OK;
}

static void fill_scale(const struct dln_data_settings *s, double scale[]) {
    double whole = s->whiten && s->law == DLN_INPUT_STUDENT_T ? sqrt((s->dof - 2) / s->dof) : 1;
    for (size_t i = 0; i < s->inputs; i++) scale[i] = s->covariance_count > 0 ? sqrt(s->covariance[i]) : whole;
}

enum core_status dln_source_create(const struct dln_data_settings *settings, uint64_t seed, struct dln_source **out) {
    *out = NULL;
    enum core_status status = check(settings);
    if (status != CORE_OK) return core_context(status, "while preparing fresh samples");
    struct dln_source *source = core_alloc(1, sizeof *source);
    if (source == NULL) return core_fail(CORE_NO_MEMORY, "no memory for fresh samples");
    size_t d0 = settings->inputs, dl = settings->outputs, ld = dln_padded(dl);
    *source = (struct dln_source){
        .inputs = d0, .outputs = dl, .law = settings->law, .dof = settings->dof, .label_noise = settings->label_noise};
    source->scale = core_alloc(d0, sizeof(double));
    source->teacher = core_alloc(dl * d0, sizeof(double));
    source->turned = core_alloc(d0 * ld, sizeof(double));
    if (source->scale == NULL || source->teacher == NULL || source->turned == NULL) {
        status = core_fail(CORE_NO_MEMORY, "no memory for fresh samples");
    }
    if (status == CORE_OK) status = dln_data_teacher(settings, seed, source->teacher);
    if (status != CORE_OK) {
        dln_source_free(source);
        return core_context(status, "while preparing fresh samples");
    }
    fill_scale(settings, source->scale);
    for (size_t i = 0; i < dl * d0; i++) source->turned[i % d0 * ld + i / d0] = source->teacher[i];
    *out = source;
    return CORE_OK;
}

void dln_source_free(struct dln_source *source) {
    if (source == NULL) return;
    core_free(source->scale);
    core_free(source->teacher);
    core_free(source->turned);
    core_free(source);
}

/* ---- Draws ---- */

size_t dln_source_scratch(const struct dln_source *source, size_t width, size_t count) {
    return source->law == DLN_INPUT_STUDENT_T ? dln_padded(2 * count * source->inputs * width) : 0;
}

/* Of one path: the teacher by a matrix product. */
static void finish_one(const struct dln_source *source, size_t count, double x[], double y[]) {
    size_t d0 = source->inputs, dl = source->outputs;
    for (size_t i = 0; i < count * d0; i++) x[i] *= source->scale[i % d0];
    for (size_t i = 0; i < count * dl; i++) y[i] *= source->label_noise;
    dln_gemm_kernels()->multiply(count, d0, dl, x, d0, 1, source->turned, dln_padded(dl), y, dl, 1);
}

void dln_source_draw(const struct dln_source *source, uint64_t seed, uint64_t path, size_t step, size_t width,
                     size_t count, double inputs[], double targets[], double scratch[]) {
    struct core_stream x = {.seed = seed, .path = path, .purpose = CORE_PURPOSE_SAMPLE, .step = step};
    struct core_stream y = {.seed = seed, .path = path, .purpose = CORE_PURPOSE_TARGET, .step = step};
    size_t draws = count * source->inputs, labels = count * source->outputs;
    if (source->law == DLN_INPUT_STUDENT_T) {
        core_random_uniform(&x, width, 2 * draws, scratch);
        dln_source_kernels()->student(source->dof, width, draws, scratch, inputs);
    } else {
        core_random_normal(&x, width, draws, inputs);
    }
    if (source->label_noise > 0)
        core_random_normal(&y, width, labels, targets);
    else
        memset(targets, 0, labels * width * sizeof *targets);
    if (width == 1) {
        finish_one(source, count, inputs, targets);
        return;
    }
    dln_source_kernels()->scale(count, source->inputs, source->scale, inputs);
    dln_source_kernels()->labels(source, count, inputs, targets);
}
