/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The public face of the random streams: keys, checks, the choice of kernels, and the Poisson tables.
 *
 * A key is Philox4x32-10 of the counter (seed, h) with h the 64-bit FNV-1a hash of the name: Philox is a
 * bijection, so that different (seed, h) never give the same 128 bits, of which the key is the first 64.
 *
 * Poisson probabilities, up to a factor: 1 at the mode m = floor(mean), then p(n + 1) = p(n) mean / (n + 1) upwards and
 * p(n - 1) = p(n) n / mean downwards; their sum gives the factor. Nothing under- or overflows for any mean, and the
 * relative error at distance k from the mode is about k 2^-53. */
#include "core/random.h"

#include "core/memory.h"
#include "core/random_kernels.h"
#include "core/simd.h"
#include "core/sum.h"

#include <Random123/philox.h>
#include <assert.h>
#include <math.h>

CORE_ISA_PICK(struct core_random_kernels, core_random_kernels)

uint64_t core_seed(uint64_t seed, const char *name) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (const char *c = name; c != NULL && *c != '\0'; c++) hash = (hash ^ (unsigned char)*c) * 0x100000001b3u;
    philox4x32_ctr_t counter = {{(uint32_t)seed, (uint32_t)(seed >> 32), (uint32_t)hash, (uint32_t)(hash >> 32)}};
    philox4x32_key_t key = {{0x6b72616du, 0x65727321u}}; /* "kramers!" */
    philox4x32_ctr_t mixed = philox4x32(counter, key);
    return (uint64_t)mixed.v[1] << 32 | mixed.v[0];
}

/* The kernels, once the address is known to be one: a bad address is a mistake of the program. */
static const struct core_random_kernels *kernels(const struct core_stream *stream, size_t width, const void *out) {
    assert(width == 1 || width == CORE_LANES);
    assert(stream->path + width <= (uint64_t)1 << 48 && stream->purpose < 1u << 16 && stream->step >> 32 == 0);
    assert(width == 1 || (uintptr_t)out % 64 == 0);
    (void)stream, (void)width, (void)out;
    return core_random_kernels();
}

void core_random_bits(const struct core_stream *stream, size_t width, size_t count, uint32_t out[]) {
    kernels(stream, width, out)->bits(stream, width, count, out);
}

void core_random_uniform(const struct core_stream *stream, size_t width, size_t count, double out[]) {
    kernels(stream, width, out)->uniform(stream, width, count, out);
}

void core_random_normal(const struct core_stream *stream, size_t width, size_t count, double out[]) {
    kernels(stream, width, out)->normal(stream, width, count, out);
}

void core_random_exponential(const struct core_stream *stream, size_t width, size_t count, double out[]) {
    kernels(stream, width, out)->exponential(stream, width, count, out);
}

void core_random_stable(const struct core_stream *stream, double alpha, size_t width, size_t count, double out[]) {
    assert(alpha > 0 && alpha <= 2);
    kernels(stream, width, out)->stable(stream, alpha, width, count, out);
}

void core_stable_random(const struct core_stable *law, const struct core_stream *stream, size_t width, size_t count,
                        double out[]) {
    const struct core_random_kernels *kernel = kernels(stream, width, out);
    if (law->beta != 0) {
        kernel->skewed(stream, &law->draws, width, count, out);
        return;
    }
    kernel->stable(stream, law->alpha, width, count, out);
    for (size_t i = 0; i < count * width; i++) out[i] = out[i] * law->scale + law->location;
}

void core_random_positive_stable(const struct core_stream *stream, double a, size_t width, size_t count, double out[]) {
    assert(a > 0 && a <= 1);
    if (a < 1)
        kernels(stream, width, out)->positive_stable(stream, a, width, count, out);
    else
        for (size_t i = 0; i < count * width; i++) out[i] = 1;
}

void core_random_index(const struct core_stream *stream, uint32_t bound, size_t width, size_t count, uint32_t out[]) {
    assert(bound > 0);
    kernels(stream, width, out)->index(stream, bound, width, count, out);
}

void core_random_poisson(const struct core_stream *stream, const struct core_poisson *law, size_t width, size_t count,
                         double out[]) {
    kernels(stream, width, out)->poisson(stream, law, width, count, out);
}

/* ---- Poisson tables ---- */

enum { POISSON_SLACK = 64 };

/* p[i], up to a factor, for the values low + i, 0 <= i < count, which include floor(mean). */
static void poisson_weights(double mean, size_t low, size_t count, double p[]) {
    size_t mode = (size_t)mean - low;
    p[mode] = 1;
    for (size_t i = mode; i + 1 < count; i++) p[i + 1] = p[i] * mean / (double)(low + i + 1);
    for (size_t i = mode; i > 0; i--) p[i - 1] = p[i] * (double)(low + i) / mean;
}

/* Replaces weights by the distribution function and returns in *law the window whose probabilities exceed 2^-60. */
static void poisson_accumulate(struct core_poisson *law, size_t low, size_t count, double p[]) {
    const double total = core_sum(p, count, 1), least = total * 0x1p-60;
    size_t begin = 0, end = count;
    while (p[begin] <= least) begin++;
    while (p[end - 1] <= least) end--;
    double sum = 0, lost = 0; /* Kahan's sum: the table is as good at its end as at its beginning */
    for (size_t i = 0; i < end; i++) {
        double term = p[i] - lost, next = sum + term;
        lost = (next - sum) - term;
        sum = next;
        if (i >= begin) p[i - begin] = sum / total;
    }
    law->first = low + begin;
    law->count = end - begin;
    /* what lies above the window belongs to its last value; the kernels read on to a multiple of their stride */
    for (size_t i = law->count - 1; i < law->count || i % CORE_POISSON_STRIDE != 0; i++) p[i] = 1;
}

enum core_status core_poisson_init(struct core_poisson *law, double mean) {
    *law = (struct core_poisson){.mean = mean};
    if (!(mean > 0 && mean <= 1e6)) {
        return core_fail(CORE_BAD_INPUT, "the mean of a Poisson law is %g; it must lie in (0, 1e6]", mean);
    }
    /* P(|N - mean| > t) <= 2 exp(-t^2 / (2 (mean + t/3))) is below 2^-64 at this reach */
    size_t reach = (size_t)(10 * sqrt(mean)) + POISSON_SLACK, mode = (size_t)mean;
    size_t low = mode > reach ? mode - reach : 0, count = mode + reach - low + 1;
    law->upper = core_alloc(count + CORE_POISSON_STRIDE, sizeof *law->upper);
    if (law->upper == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a Poisson law of mean %g", mean);
    poisson_weights(mean, low, count, law->upper);
    poisson_accumulate(law, low, count, law->upper);
    return CORE_OK;
}

void core_poisson_free(struct core_poisson *law) {
    if (law == NULL) return;
    core_free(law->upper);
    *law = (struct core_poisson){0};
}
