/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random numbers against their laws. Where the distribution function F is known, the Kolmogorov statistic
 * sqrt(n) sup |F_n - F|, which passes 2.7 once in a million; elsewhere means of known functions, in standard errors. */
#include "lab/verify.h"

#include "core/memory.h"
#include "core/random.h"
#include "core/sum.h"

#include <math.h>

enum { DRAWS = 400000, PATHS = 8 }; /* in all: DRAWS */

/* What a law has: a filler, and either a distribution function or functions with known means. */
struct random_law {
    void (*fill)(const struct core_stream *stream, size_t width, size_t count, double out[]);
    double (*distribution)(double x);
};

static double of_uniform(double x) {
    return x;
}
static double of_normal(double x) {
    return 0.5 * erfc(-x / sqrt(2.0));
}
static double of_exponential(double x) {
    return -expm1(-x);
}
static double of_cauchy(double x) {
    return 0.5 + atan(x) / acos(-1.0);
}
/* sqrt(2) times a standard normal: alpha = 2. */
static double of_wide_normal(double x) {
    return 0.5 * erfc(-x / 2);
}
static void fill_cauchy(const struct core_stream *stream, size_t width, size_t count, double out[]) {
    core_random_stable(stream, 1, width, count, out);
}
static void fill_wide_normal(const struct core_stream *stream, size_t width, size_t count, double out[]) {
    core_random_stable(stream, 2, width, count, out);
}

static enum core_status kolmogorov(uint64_t step, const struct random_law *law, struct lab_law_outcome *outcome) {
    double *x = core_alloc(DRAWS, sizeof *x);
    if (x == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a law");
    struct core_stream stream = {
        .seed = core_seed(20, "verify"), .path = 16, .purpose = CORE_PURPOSE_TEST, .step = step};
    law->fill(&stream, PATHS, DRAWS / PATHS, x);
    core_sort(x, DRAWS);
    for (size_t i = 0; i < DRAWS; i++) {
        double f = law->distribution(x[i]), below = (double)i / DRAWS, above = (double)(i + 1) / DRAWS;
        outcome->error = lab_law_worst(outcome->error, fmax(f - below, above - f));
    }
    outcome->error *= sqrt((double)DRAWS);
    core_free(x);
    return CORE_OK;
}

static enum core_status uniform(size_t threads, struct lab_law_outcome *outcome) {
    (void)threads;
    return kolmogorov(1, &(struct random_law){core_random_uniform, of_uniform}, outcome);
}
static enum core_status normal(size_t threads, struct lab_law_outcome *outcome) {
    (void)threads;
    return kolmogorov(2, &(struct random_law){core_random_normal, of_normal}, outcome);
}
static enum core_status exponential(size_t threads, struct lab_law_outcome *outcome) {
    (void)threads;
    return kolmogorov(3, &(struct random_law){core_random_exponential, of_exponential}, outcome);
}
static enum core_status cauchy(size_t threads, struct lab_law_outcome *outcome) {
    (void)threads;
    return kolmogorov(4, &(struct random_law){fill_cauchy, of_cauchy}, outcome);
}
static enum core_status wide_normal(size_t threads, struct lab_law_outcome *outcome) {
    (void)threads;
    return kolmogorov(5, &(struct random_law){fill_wide_normal, of_wide_normal}, outcome);
}

/* ---- Means of functions ---- */

/* |mean - exact| in standard errors of the mean. */
static double z_of(const double values[], double exact) {
    struct core_moments moments = core_moments(values, DRAWS, 1);
    return moments.count == DRAWS ? fabs(moments.mean - exact) / sqrt(moments.variance / DRAWS) : (double)NAN;
}

/* E cos(t X) = exp(-t^alpha) at four t, for symmetric stable X of index 1.7 made directly. */
static enum core_status stable(size_t threads, struct lab_law_outcome *outcome) {
    static const double points[] = {0.2, 0.7, 1.3, 2.1};
    const double alpha = 1.7;
    double *x = core_alloc(DRAWS, sizeof *x), *cosine = core_alloc(DRAWS, sizeof *cosine);
    (void)threads;
    struct core_stream stream = {.seed = core_seed(20, "verify"), .path = 16, .purpose = CORE_PURPOSE_TEST, .step = 6};
    if (x != NULL && cosine != NULL) {
        core_random_stable(&stream, alpha, PATHS, DRAWS / PATHS, x);
        for (size_t k = 0; k < sizeof points / sizeof *points; k++) {
            for (size_t i = 0; i < DRAWS; i++) cosine[i] = cos(points[k] * x[i]);
            outcome->error = lab_law_worst(outcome->error, z_of(cosine, exp(-pow(points[k], alpha))));
        }
    }
    int failed = x == NULL || cosine == NULL;
    core_free(x);
    core_free(cosine);
    return failed ? core_fail(CORE_NO_MEMORY, "no memory for a law") : CORE_OK;
}

/* The probabilities of 0 ... 9, mean and variance of Poisson numbers of mean 3.7. */
static enum core_status poisson(size_t threads, struct lab_law_outcome *outcome) {
    const double mean = 3.7;
    struct core_poisson law = {0};
    double *x = core_alloc(DRAWS, sizeof *x), *value = core_alloc(DRAWS, sizeof *value), probability = exp(-mean);
    (void)threads;
    enum core_status status =
        x != NULL && value != NULL ? core_poisson_init(&law, mean) : core_fail(CORE_NO_MEMORY, "no memory for a law");
    if (status == CORE_OK) {
        struct core_stream stream = {
            .seed = core_seed(20, "verify"), .path = 16, .purpose = CORE_PURPOSE_TEST, .step = 7};
        core_random_poisson(&stream, &law, PATHS, DRAWS / PATHS, x);
        outcome->error = z_of(x, mean);
        for (size_t i = 0; i < DRAWS; i++) value[i] = (x[i] - mean) * (x[i] - mean);
        outcome->error = lab_law_worst(outcome->error, z_of(value, mean));
        for (size_t k = 0; k < 10; k++) {
            for (size_t i = 0; i < DRAWS; i++) value[i] = x[i] == (double)k;
            outcome->error = lab_law_worst(outcome->error, z_of(value, probability));
            probability *= mean / (double)(k + 1);
        }
    }
    core_poisson_free(&law);
    core_free(x);
    core_free(value);
    return status;
}

/* Laplace transform E exp(-s A) = exp(-s^a) of the positive stable law. */
static enum core_status positive_stable(size_t threads, struct lab_law_outcome *outcome) {
    static const double points[] = {0.1, 0.5, 1.5, 4};
    const double a = 0.85;
    double *x = core_alloc(DRAWS, sizeof *x), *value = core_alloc(DRAWS, sizeof *value);
    (void)threads;
    struct core_stream stream = {.seed = core_seed(20, "verify"), .path = 16, .purpose = CORE_PURPOSE_TEST, .step = 8};
    if (x != NULL && value != NULL) {
        core_random_positive_stable(&stream, a, PATHS, DRAWS / PATHS, x);
        for (size_t k = 0; k < sizeof points / sizeof *points; k++) {
            for (size_t i = 0; i < DRAWS; i++) value[i] = exp(-points[k] * x[i]);
            outcome->error = lab_law_worst(outcome->error, z_of(value, exp(-pow(points[k], a))));
        }
    }
    int failed = x == NULL || value == NULL;
    core_free(x);
    core_free(value);
    return failed ? core_fail(CORE_NO_MEMORY, "no memory for a law") : CORE_OK;
}

const struct lab_exact_law lab_laws_random[] = {
    {"uniform numbers", "Kolmogorov statistic of 400000 draws", 2.7, uniform},
    {"normal numbers", "Kolmogorov statistic of 400000 draws", 2.7, normal},
    {"exponential numbers", "Kolmogorov statistic of 400000 draws", 2.7, exponential},
    {"stable numbers, alpha = 1", "Kolmogorov statistic against the Cauchy law", 2.7, cauchy},
    {"stable numbers, alpha = 2", "Kolmogorov statistic against N(0, 2)", 2.7, wide_normal},
    {"stable numbers, alpha = 1.7", "E cos(tX) = exp(-t^alpha), worst z of 4", 5, stable},
    {"positive stable numbers", "E exp(-sA) = exp(-s^a), a = 0.85, worst z of 4", 5, positive_stable},
    {"Poisson numbers", "mean, variance and probabilities, worst z of 12", 5, poisson},
    {NULL, NULL, 0, NULL},
};
