/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The copies of the lane kernels: every shape's own copy against the any-shape one, every instruction set against the
 * others, every lane against a block filled with that lane's point. Bit for bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dln/networks.h"

enum { LANES = CORE_LANES, P = NETWORK_MOST, K = NETWORK_FEATURES, LONGEST = 11 };

/* What every method gives at one block of points. */
struct answers {
    double loss[LANES], gradient[P * LANES], curvature[P * LANES], third[P * LANES], noise[P * LANES];
    double noisy[P * LANES], trace[LANES], sampled[P * LANES];
} __attribute__((aligned(64)));

/* What they are given. */
struct questions {
    double x[P * LANES], u[P * LANES], v[P * LANES], z[K * LANES], scale[LANES], count[LANES];
    uint32_t index[LONGEST * LANES];
} __attribute__((aligned(64)));

static void ask(uint64_t seed, const struct core_landscape *land, struct questions *q) {
    struct core_stream stream = {.seed = seed, .purpose = CORE_PURPOSE_TEST};
    size_t p = land->dimension;
    assert_true(p <= P && land->noise_width <= K);
    test_normal(seed + 1, p * LANES, q->x);
    test_normal(seed + 2, p * LANES, q->u);
    test_normal(seed + 3, p * LANES, q->v);
    test_normal(seed + 4, land->noise_width * LANES, q->z);
    test_normal(seed + 5, LANES, q->scale);
    core_random_index(&stream, (uint32_t)land->samples, LANES, LONGEST, q->index);
    for (size_t j = 0; j < LANES; j++) q->count[j] = (double)(LONGEST - j);
}

static void answer(const struct core_landscape *land, const struct core_landscape_methods *methods,
                   const struct questions *q, struct answers *a) {
    double *scratch = core_alloc(land->scratch, sizeof *scratch);
    memset(a, 0, sizeof *a);
    methods->loss(land, q->x, a->loss, scratch);
    methods->gradient(land, q->x, a->gradient, scratch);
    methods->hessian_vector(land, q->x, q->u, a->curvature, scratch);
    methods->curvature_gradient(land, q->x, q->u, q->v, a->third, scratch);
    methods->noise(land, q->x, q->z, a->noise, scratch);
    methods->noisy_gradient(land, q->x, -0.31, q->scale, q->z, a->noisy, scratch);
    methods->noise_trace(land, q->x, a->trace, scratch);
    methods->sampled_gradient(land, q->x, LONGEST, q->count, q->index, a->sampled, scratch);
    core_free(scratch);
}

static const struct core_landscape_methods *any_shape(const struct dln_lane_kernels *kernels) {
    return &kernels->methods[kernels->count - 1].methods;
}

static struct questions questions;
static struct answers given, expected;

static void specialised_shapes_give_the_same_bits(void **state) {
    /* law: each table of each instruction set that runs here, on its own shape, against that set's any-shape table */
    (void)state;
    enum core_isa best = core_isa();
    size_t seen = 0;
    for (int isa = 0; isa < CORE_ISA_COUNT; isa++) {
        if (!core_isa_force((enum core_isa)isa)) continue;
        const struct dln_lane_kernels *kernels = dln_lane_kernels();
        assert_int_equal(kernels->methods[kernels->count - 1].depth, 0);
        for (size_t i = 0; i + 1 < kernels->count; i++) {
            struct test_shape shape = {.depth = kernels->methods[i].depth, .samples = 33};
            for (size_t l = 0; l <= shape.depth; l++) shape.widths[l] = kernels->methods[i].width;
            struct core_landscape *land = test_network(&shape, i + 5);
            assert_ptr_equal(land->methods, &kernels->methods[i].methods);
            ask(i + 90, land, &questions);
            answer(land, &kernels->methods[i].methods, &questions, &given);
            answer(land, any_shape(kernels), &questions, &expected);
            assert_memory_equal(&given, &expected, sizeof given);
            core_landscape_free(land);
            seen++;
        }
    }
    core_isa_force(best);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    assert_true(seen > 0 || best == CORE_ISA_BASE);
#else
    (void)seen; /* no copies in these builds */
#endif
}

/* Whether two sets of answers are the same, or, without fused multiply-adds, agree to 1e-11. */
static int same(const struct answers *a, const struct answers *b, int fused) {
    if (fused) return memcmp(a, b, sizeof *a) == 0;
    return agree("loss", LANES, a->loss, b->loss, 1e-11) &&
           agree("gradient", P * LANES, a->gradient, b->gradient, 1e-11) &&
           agree("H u", P * LANES, a->curvature, b->curvature, 1e-11) &&
           agree("third", P * LANES, a->third, b->third, 1e-11) &&
           agree("noise", P * LANES, a->noise, b->noise, 1e-11) &&
           agree("noisy", P * LANES, a->noisy, b->noisy, 1e-11) && agree("trace", LANES, a->trace, b->trace, 1e-11) &&
           agree("sampled", P * LANES, a->sampled, b->sampled, 1e-11);
}

static void instruction_sets_agree(void **state) {
    /* law: AVX2 and AVX-512 give the same bits; the oldest processors, which round twice, agree to 1e-11 */
    (void)state;
    enum core_isa best = core_isa();
    for (size_t k = 0; k < TEST_SHAPES; k++) {
        struct core_landscape *land = test_network(&test_shapes[k], 17 * k + 1);
        ask(k, land, &questions);
        answer(land, any_shape(dln_lane_kernels()), &questions, &expected);
        for (int isa = 0; isa < CORE_ISA_COUNT; isa++) {
            if (!core_isa_force((enum core_isa)isa)) continue;
            answer(land, any_shape(dln_lane_kernels()), &questions, &given);
            assert_true(same(&given, &expected, (isa == CORE_ISA_BASE) == (best == CORE_ISA_BASE)));
        }
        core_isa_force(best);
        core_landscape_free(land);
    }
}

/* Lane `lane` of q in every lane. */
static void fill(size_t rows, size_t lane, double block[]) {
    for (size_t i = 0; i < rows * LANES; i++) {
        if (i % LANES != lane) block[i] = block[i / LANES * LANES + lane];
    }
}

static void lanes_do_not_mix(void **state) {
    /* law: a lane's answer is that of a block holding its point in every lane, also where its neighbours are NaN */
    (void)state;
    static struct questions one;
    for (size_t k = 0; k < TEST_SHAPES; k++) {
        struct core_landscape *land = test_network(&test_shapes[k], 13 * k + 3);
        size_t p = land->dimension;
        ask(k, land, &questions);
        for (size_t i = 0; i < p; i++) questions.x[i * LANES + 2] = NAN;
        answer(land, land->methods, &questions, &given);
        for (size_t lane = k % 2; lane < LANES; lane += 3) {
            if (lane == 2) continue;
            one = questions;
            double *blocks[] = {one.x, one.u, one.v, one.z, one.scale, one.count};
            size_t rows[] = {p, p, p, land->noise_width, 1, 1};
            for (size_t b = 0; b < 6; b++) fill(rows[b], lane, blocks[b]);
            for (size_t i = 0; i < LONGEST * LANES; i++) one.index[i] = questions.index[i / LANES * LANES + lane];
            answer(land, land->methods, &one, &expected);
            const double *got = (const double *)&given, *want = (const double *)&expected;
            for (size_t i = lane; i < sizeof given / sizeof *got; i += LANES) assert_true(got[i] == want[i]);
        }
        core_landscape_free(land);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(specialised_shapes_give_the_same_bits),
        cmocka_unit_test(instruction_sets_agree),
        cmocka_unit_test(lanes_do_not_mix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
