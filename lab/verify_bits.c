/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The same numbers to the last bit: for any number of threads, for one path or eight at a time, and on every
 * instruction set with a fused multiply-add. The error is the number of doubles that differ. */
#include "lab/verify.h"

#include "core/isa.h"
#include "core/lanes.h"
#include "core/random.h"

#include <string.h>

enum { REPLICAS = 100, STEPS = 50 };
static const size_t widths[] = {5, 5, 5};

static size_t differing(size_t count, const double a[], const double b[]) {
    size_t differ = 0;
    for (size_t i = 0; i < count; i++) differ += memcmp(a + i, b + i, sizeof *a) != 0;
    return differ;
}

static enum core_status run_with(const struct core_landscape *network, enum lab_law_process process, size_t threads,
                                 struct core_ensemble **ensemble) {
    double start[50];
    struct lab_law_run settings = {.process = process,
                                   .rate = 0.01,
                                   .batch = 4,
                                   .steps = STEPS,
                                   .replicas = REPLICAS,
                                   .threads = threads,
                                   .seed = 20};
    lab_law_draws(50, 9, start);
    for (size_t i = 0; i < 50; i++) start[i] *= 0.3;
    return lab_law_run(network, start, &settings, ensemble);
}

static enum core_status threads_agree(size_t threads, struct lab_law_outcome *outcome) {
    struct core_landscape *network = NULL;
    (void)threads;
    enum core_status status = lab_law_network(2, widths, 50, &network);
    for (enum lab_law_process p = 0; p < LAB_LAW_PROCESSES && status == CORE_OK; p++) {
        struct core_ensemble *one = NULL, *two = NULL;
        status = run_with(network, p, 1, &one);
        if (status == CORE_OK) status = run_with(network, p, 2, &two);
        if (status == CORE_OK)
            outcome->error += (double)differing((size_t)REPLICAS * 50, one->parameters, two->parameters);
        core_ensemble_free(one);
        core_ensemble_free(two);
    }
    core_landscape_free(network);
    return status;
}

static enum core_status widths_agree(size_t threads, struct lab_law_outcome *outcome) {
    enum { COUNT = 40 };
    double many[COUNT * CORE_LANES] __attribute__((aligned(64))), one[COUNT], lane[COUNT];
    void (*const fillers[])(const struct core_stream *, size_t, size_t,
                            double *) = {core_random_uniform, core_random_normal, core_random_exponential};
    (void)threads;
    for (size_t f = 0; f < sizeof fillers / sizeof *fillers; f++) {
        struct core_stream stream = {.seed = 20, .path = 32, .purpose = CORE_PURPOSE_TEST, .step = 7};
        fillers[f](&stream, CORE_LANES, COUNT, many);
        for (size_t j = 0; j < CORE_LANES; j++, stream.path++) {
            fillers[f](&stream, 1, COUNT, one);
            for (size_t i = 0; i < COUNT; i++) lane[i] = many[i * CORE_LANES + j];
            outcome->error += (double)differing(COUNT, one, lane);
        }
    }
    return CORE_OK;
}

static enum core_status sets_agree(size_t threads, struct lab_law_outcome *outcome) {
    enum core_isa before = core_isa();
    struct core_landscape *network = NULL;
    if (!core_isa_force(CORE_ISA_V4)) {
        outcome->unavailable = 1;
        return CORE_OK;
    }
    enum core_status status = lab_law_network(2, widths, 50, &network);
    for (enum lab_law_process p = 0; p < LAB_LAW_PROCESSES && status == CORE_OK; p++) {
        struct core_ensemble *v4 = NULL, *v3 = NULL;
        core_isa_force(CORE_ISA_V4);
        status = run_with(network, p, threads, &v4);
        core_isa_force(CORE_ISA_V3);
        if (status == CORE_OK) status = run_with(network, p, threads, &v3);
        if (status == CORE_OK)
            outcome->error += (double)differing((size_t)REPLICAS * 50, v4->parameters, v3->parameters);
        core_ensemble_free(v4);
        core_ensemble_free(v3);
    }
    core_isa_force(before);
    core_landscape_free(network);
    return status;
}

const struct lab_exact_law lab_laws_bits[] = {
    {"one and two threads", "the same bits, SGD, Gaussian and Poisson on 5-5-5", 0, threads_agree},
    {"one path and eight", "the same random numbers", 0, widths_agree},
    {"AVX2 and AVX-512", "the same bits, SGD, Gaussian and Poisson on 5-5-5", 0, sets_agree},
    {NULL, NULL, 0, NULL},
};
