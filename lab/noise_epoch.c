/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The noise of the batches of one reshuffled epoch. Two disjoint random batches of B out of n samples have noise of
 * covariance -Sigma/(n - 1), and each of covariance (Sigma/B) (n - B)/(n - 1): the correlation is -B/(n - B), which is
 * -1/(M - 1) where M = n/B batches fill the epoch and their noise adds up to zero. Sampled beside the formula: over
 * permutations, the mean of xi_a xi_b over the pairs of full batches against the mean of xi_a^2. */
#include "lab/noise.h"

#include "core/memory.h"
#include "core/random.h"

#include <math.h>

/* A uniform permutation of n, by exchanges; uniform (n). */
static void permute(size_t n, const double uniform[], size_t order[]) {
    for (size_t i = 0; i < n; i++) order[i] = i;
    for (size_t i = n - 1; i > 0; i--) {
        size_t j = (size_t)(uniform[i] * (double)(i + 1)), kept = order[i];
        order[i] = order[j];
        order[j] = kept;
    }
}

/* Means over the pairs and over the batches of one epoch. */
struct products {
    double pairs, squares;
};

static struct products multiply(size_t batches, size_t batch, double unit, const double projection[],
                                const size_t order[]) {
    double sum = 0, squares = 0, m = (double)batches;
    for (size_t b = 0; b < batches; b++) {
        double noise = 0;
        for (size_t i = 0; i < batch; i++) noise += projection[order[b * batch + i]] / unit;
        sum += noise;
        squares += noise * noise;
    }
    return (struct products){(sum * sum - squares) / (m * (m - 1)), squares / m};
}

enum core_status lab_noise_epoch(size_t n, size_t batch, const double projection[], size_t epochs, uint64_t seed,
                                 struct lab_noise_epoch *epoch) {
    double nan = (double)NAN;
    *epoch = (struct lab_noise_epoch){batch > 0 ? n / batch : 0, nan, nan, nan};
    if (epoch->batches < 2) return CORE_OK;
    epoch->formula = -(double)batch / (double)(n - batch);
    size_t *order = core_alloc(n, sizeof *order);
    double *uniform = core_alloc(n, sizeof *uniform);
    struct products *products = core_alloc(epochs, sizeof *products);
    if (order == NULL || uniform == NULL || products == NULL) {
        core_free(order);
        core_free(uniform);
        core_free(products);
        return core_fail(CORE_NO_MEMORY, "no memory for %zu epochs of %zu samples", epochs, n);
    }
    struct core_stream stream = {.seed = core_seed(seed, "epochs"), .purpose = CORE_PURPOSE_BATCH};
    double pairs = 0, squares = 0, spread = 0, unit = 0; /* in units of the largest no square underflows */
    for (size_t i = 0; i < n; i++) unit = fmax(unit, fabs(projection[i]));
    unit = unit > 0 ? unit : 1;
    for (size_t e = 0; e < epochs; e++) {
        stream.step = e;
        core_random_uniform(&stream, 1, n, uniform);
        permute(n, uniform, order);
        products[e] = multiply(epoch->batches, batch, unit, projection, order);
        pairs += products[e].pairs / (double)epochs;
        squares += products[e].squares / (double)epochs;
    }
    if (squares > 0) {
        epoch->measured = pairs / squares;
        for (size_t e = 0; e < epochs; e++) {
            double miss = products[e].pairs - epoch->measured * products[e].squares;
            spread += miss * miss / (double)epochs;
        }
        epoch->se = sqrt(spread / (double)epochs) / squares;
    }
    core_free(order);
    core_free(uniform);
    core_free(products);
    return CORE_OK;
}
