/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compound-Poisson noise: SGD whose batch size is itself random. In a substep h = eta / m sample mu is drawn
 * c_mu ~ Poisson(B / (m n)) times, independently: N = sum c_mu ~ Poisson(B / m) samples in all, each uniform. With the
 * noise centred at the full gradient g,
 *
 *     theta <- theta - h g - (eta / B) sum_mu c_mu (g_mu - g)
 *            = theta - (h - eta N / B) g - (eta / B) sum over the N drawn samples of g_mu.
 *
 * One step (m = 1) has SGD's mean, covariance and third cumulants exactly; its fourth cumulant along a direction is
 * larger by 3 sigma^4 / B^3, sigma^2 = u^T Sigma u, in units of eta^4. */
#include "sde/paths.h"

static enum core_status prepare(struct sde_paths *paths) {
    const struct core_landscape *land = paths->stepper.landscape;
    enum core_status status = core_landscape_require(land, land->methods->sampled_gradient != NULL,
                                                     "samples to draw, which Poisson noise needs");
    if (status != CORE_OK) return status;
    if (paths->settings.scale != 1) {
        return core_fail(CORE_BAD_INPUT, "scale %g with Poisson noise; its amplitude is SGD's own: allowed is 1",
                         paths->settings.scale);
    }
    status = core_poisson_init(&paths->counts, paths->settings.batch / (double)paths->settings.substeps);
    if (status != CORE_OK) return status;
    size_t longest = paths->counts.first + paths->counts.count;
    paths->draws = (longest + 1) / 2 + 1; /* indices are 32-bit */
    return CORE_OK;
}

static void jump(const struct sde_paths *paths, const struct sde_substep *at) {
    const struct core_landscape *land = paths->stepper.landscape;
    size_t width = land->lanes, size = land->dimension * width;
    double count[CORE_LANES] __attribute__((aligned(64))), sum[CORE_LANES] __attribute__((aligned(64)));
    double full[CORE_LANES] __attribute__((aligned(64)));
    struct core_stream counts = sde_stream(paths, at, CORE_PURPOSE_COUNT_DRAW);
    struct core_stream batch = sde_stream(paths, at, CORE_PURPOSE_BATCH);
    core_random_poisson(&counts, &paths->counts, width, 1, count);
    size_t longest = 0;
    for (size_t j = 0; j < width; j++) {
        if ((size_t)count[j] > longest) longest = (size_t)count[j];
        sum[j] = at->rate / paths->settings.batch;
        full[j] = at->length - at->rate * count[j] / paths->settings.batch;
    }
    uint32_t *index = (uint32_t *)(void *)at->draws;
    core_random_index(&batch, (uint32_t)land->samples, width, longest, index);
    double *gradient = at->scratch, *inner = gradient + (size + 7) / 8 * 8;
    for (size_t i = 0; i < size; i++) at->out[i] = 0;
    land->methods->gradient(land, at->x, gradient, inner);
    core_block_kernels()->add(land->dimension, width, full, gradient, at->out);
    land->methods->sampled_gradient(land, at->x, longest, count, index, gradient, inner);
    core_block_kernels()->add(land->dimension, width, sum, gradient, at->out);
}

const struct sde_noise_method sde_noise_poisson = {
    .choice = {"poisson", "compound Poisson: SGD with a Poisson number of samples in each batch", ""},
    .prepare = prepare,
    .jump = jump,
};
