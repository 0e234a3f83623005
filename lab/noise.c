/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gradient noise at one point. Tails are read along up to SIGMA leading eigenvectors of Sigma and HESSIAN
 * eigenvectors of the Hessian of largest |h|; directions with less than QUIET of the trace have rounding for noise and
 * are left out. */
#include "lab/noise.h"

#include "core/memory.h"
#include "core/random.h"
#include "dln/dln.h"

#include <math.h>
#include <stdio.h>

enum { SIGMA = 3, HESSIAN = 2, EPOCHS = 2000, EPOCH_WORK = 20000000 };
static const double QUIET = 1e-10;
static const size_t sizes[] = {1, 4, 16, 64};

void lab_noise_free(struct lab_noise *noise) {
    lab_noise_spectrum_free(&noise->spectrum);
    core_free(noise->panel);
    noise->panel = NULL;
}

/* ---- Directions ---- */

/* Column j of vectors (P, stride) as direction number direction_count. */
static void add_direction(struct lab_noise *noise, const char *kind, size_t number, const double vectors[],
                          size_t stride, size_t j, double directions[]) {
    const struct lab_noise_spectrum *s = &noise->spectrum;
    size_t p = s->dimension;
    struct lab_noise_direction *direction = &noise->direction[noise->direction_count];
    double *u = directions + noise->direction_count * p;
    *direction = (struct lab_noise_direction){.variance = 0};
    snprintf(direction->name, sizeof direction->name, "%s-%zu", kind, number);
    for (size_t q = 0; q < p; q++) u[q] = vectors[q * stride + j];
    for (size_t i = 0; i < s->count; i++) {
        double cosine = 0;
        for (size_t q = 0; q < p; q++) cosine += u[q] * s->vectors[q * s->count + i];
        direction->variance += cosine * cosine * s->eigenvalues[i];
    }
    for (size_t i = 0; i < p; i++) {
        double cosine = 0;
        for (size_t q = 0; q < p; q++) cosine += u[q] * s->axes[q * p + i];
        direction->curvature += cosine * cosine * s->hessian[i];
    }
    noise->direction_count += direction->variance > QUIET * s->trace;
}

/* directions (LAB_NOISE_DIRECTIONS, P). */
static void choose_directions(struct lab_noise *noise, double directions[]) {
    const struct lab_noise_spectrum *s = &noise->spectrum;
    size_t low = 0, high = s->dimension; /* what is left of the Hessian's axes, from both ends */
    for (size_t j = 0; j < SIGMA && j < s->count; j++)
        add_direction(noise, "sigma", j + 1, s->vectors, s->count, j, directions);
    for (size_t j = 0; j < HESSIAN && low < high; j++) {
        size_t axis = fabs(s->hessian[low]) >= fabs(s->hessian[high - 1]) ? low++ : --high;
        add_direction(noise, "hessian", j + 1, s->axes, s->dimension, axis, directions);
    }
}

/* ---- Samples ---- */

static void choose_batches(const struct lab_noise_settings *settings, size_t samples,
                           struct lab_noise_panel_settings *panel) {
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t last = panel->batches > 0 ? panel->batch[panel->batches - 1] : 0;
        if (settings->batch > last && settings->batch < sizes[i] && settings->batch <= samples)
            panel->batch[panel->batches++] = settings->batch;
        if (sizes[i] <= samples) panel->batch[panel->batches++] = sizes[i];
    }
    size_t last = panel->batch[panel->batches - 1];
    if (settings->batch > last && settings->batch <= samples) panel->batch[panel->batches++] = settings->batch;
}

static enum core_status measure_samples(const struct core_landscape *land, const double x[],
                                        const struct lab_noise_settings *settings, const double directions[],
                                        struct lab_noise *noise) {
    size_t n = land->samples, count = noise->direction_count;
    struct lab_noise_panel_settings panel = {
        .draws = settings->draws, .seed = core_seed(settings->seed, "tails"), .threads = settings->threads};
    double *projections = core_alloc(n * count, sizeof *projections), *first = core_alloc(n, sizeof *first);
    noise->panel = core_alloc(1, sizeof *noise->panel);
    enum core_status status = CORE_OK;
    if (projections == NULL || first == NULL || noise->panel == NULL)
        status = core_fail(CORE_NO_MEMORY, "no memory for the noise of %zu samples", n);
    if (status == CORE_OK) status = dln_noise_projections(land, x, count, directions, projections);
    if (status == CORE_OK && noise->batch > 0) {
        size_t epochs = EPOCHS * n > EPOCH_WORK ? 1 + EPOCH_WORK / n : EPOCHS;
        for (size_t i = 0; i < n; i++) first[i] = projections[i * count];
        status = lab_noise_epoch(n, noise->batch, first, epochs, settings->seed, &noise->epoch);
    }
    choose_batches(settings, n, &panel);
    if (status == CORE_OK) status = lab_noise_panel(&panel, n, count, projections, noise->panel);
    core_free(projections);
    core_free(first);
    return status;
}

/* ---- All ---- */

static enum core_status measure_point(const struct core_landscape *land, const double x[], struct lab_noise *noise) {
    double *gradient = core_alloc(land->dimension, sizeof *gradient);
    if (gradient == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a gradient");
    enum core_status status = core_point_loss(land, x, &noise->loss);
    if (status == CORE_OK) status = core_point_gradient(land, x, gradient);
    for (size_t i = 0; i < land->dimension; i++) noise->gradient_norm += gradient[i] * gradient[i];
    noise->gradient_norm = sqrt(noise->gradient_norm);
    core_free(gradient);
    return status;
}

enum core_status lab_noise_measure(const struct core_landscape *land, const double x[],
                                   const struct lab_noise_settings *settings, struct lab_noise *noise) {
    double nan = (double)NAN;
    *noise = (struct lab_noise){.samples = land->samples, .batch = settings->batch, .without = nan, .why = ""};
    noise->epoch = (struct lab_noise_epoch){0, nan, nan, nan};
    enum core_status status = lab_noise_spectrum(land, x, &noise->spectrum);
    if (status == CORE_OK) status = measure_point(land, x, noise);
    if (status != CORE_OK) {
        lab_noise_free(noise);
        return status;
    }
    int sampled = dln_network_depth(land) > 0;
    if (sampled && noise->batch > 0 && noise->batch <= noise->samples && noise->samples > 1)
        noise->without = (double)(noise->samples - noise->batch) / (double)(noise->samples - 1);
    if (!sampled) {
        noise->why = "the landscape has no samples: its noise is Gaussian by definition";
        return CORE_OK;
    }
    double *directions = core_alloc(LAB_NOISE_DIRECTIONS * land->dimension, sizeof *directions);
    if (directions == NULL) {
        status = core_fail(CORE_NO_MEMORY, "no memory for directions");
    } else if (noise->spectrum.trace > 0 && noise->samples >= 3) {
        choose_directions(noise, directions);
        status = measure_samples(land, x, settings, directions, noise);
    } else {
        noise->why = "there is no gradient noise here, or there are fewer than 3 samples";
    }
    core_free(directions);
    if (status != CORE_OK) lab_noise_free(noise);
    return status;
}
