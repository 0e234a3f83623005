/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses, widths, instruction sets and exact values of the random numbers. Their laws: test_random_laws.c. */
#include "core/isa.h"
#include "tests/core/random_laws.h"

#include <Random123/philox.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { MANY = 45 };

/* Addresses with carries and extremes in every part. */
static const struct core_stream addresses[] = {
    {.seed = 0, .path = 0, .purpose = 0, .step = 0},
    {.seed = 0xa4093822299f31d0u, .path = 4711, .purpose = CORE_PURPOSE_TEST, .step = 23},
    {.seed = 0xffffffffffffffffu, .path = 0xfffffffdu, .purpose = CORE_PURPOSE_NOISE, .step = 0xffffffffu},
    {.seed = 0x8000000000000001u, .path = 0x7fff0fffffffbu, .purpose = 0, .step = 0x80000000u},
    {.seed = 20, .path = (1ull << 48) - 8, .purpose = 0xffff, .step = 0xfffffffeu},
    {.seed = 1ull << 32, .path = 0x1234fffffff9u, .purpose = 0x8001, .step = 1},
};
enum { ADDRESSES = sizeof addresses / sizeof *addresses };

static struct core_stream address(size_t i) {
    struct core_stream stream = addresses[i];
    stream.path &= (1ull << 48) - 1;
    return stream;
}

/* The Random123 library's block `block` of a path. */
static philox4x32_ctr_t library_block(const struct core_stream *s, uint64_t path, uint32_t block) {
    philox4x32_ctr_t counter = {{block, (uint32_t)s->step, (uint32_t)path, s->purpose << 16 | (uint32_t)(path >> 32)}};
    philox4x32_key_t key = {{(uint32_t)s->seed, (uint32_t)(s->seed >> 32)}};
    return philox4x32(counter, key);
}

static void library_has_its_known_answers(void **state) {
    /* value: the known-answer vectors published with Random123 */
    (void)state;
    static const uint32_t known[3][10] = {
        {0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
        {~0u, ~0u, ~0u, ~0u, ~0u, ~0u, 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
        {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09, 0x94fdcceb, 0x5001e420,
         0x24126ea1},
    };
    for (int i = 0; i < 3; i++) {
        const uint32_t *k = known[i];
        philox4x32_ctr_t counter = {{k[0], k[1], k[2], k[3]}};
        philox4x32_key_t key = {{k[4], k[5]}};
        philox4x32_ctr_t got = philox4x32(counter, key);
        assert_memory_equal(got.v, k + 6, 16);
    }
    uint32_t words[4];
    core_random_bits(&addresses[0], 1, 4, words);
    assert_memory_equal(words, known[0] + 6, 16);
}

static void lanes_compute_philox(void **state) {
    /* law: word 4b + i of every address, width and instruction set is the library's */
    (void)state;
    enum core_isa here = core_isa();
    uint32_t *words = core_alloc(MANY * CORE_LANES, sizeof *words);
    for (int isa = 0; isa < CORE_ISA_COUNT; isa++) {
        if (!core_isa_force((enum core_isa)isa)) continue;
        for (size_t a = 0; a < ADDRESSES; a++) {
            const struct core_stream s = address(a);
            for (size_t width = 1; width <= CORE_LANES; width += CORE_LANES - 1) {
                core_random_bits(&s, width, MANY, words);
                for (size_t i = 0; i < MANY * width; i++) {
                    size_t draw = i / width;
                    philox4x32_ctr_t block = library_block(&s, s.path + i % width, (uint32_t)(draw / 4));
                    assert_int_equal(words[i], block.v[draw % 4]);
                }
            }
        }
    }
    core_isa_force(here);
    core_free(words);
}

static void widths_agree(void **state) {
    /* law: draw i of a path is the same number alone, in a lane, and in a longer or shorter call */
    (void)state;
    enum core_isa here = core_isa();
    static const size_t counts[] = {1, 2, 3, 4, 5, 40, MANY};
    double *block = core_alloc((MANY + 1) * CORE_LANES, sizeof *block), *one = core_alloc(MANY + 1, sizeof *one);
    for (int isa = 0; isa < CORE_ISA_COUNT; isa++) {
        if (!core_isa_force((enum core_isa)isa)) continue;
        for (size_t l = 0; l < TEST_LAWS * ADDRESSES; l++) {
            const struct test_law *law = &test_laws[l % TEST_LAWS];
            const struct core_stream s = address(l / TEST_LAWS);
            law->draw(&s, CORE_LANES, MANY, block);
            for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
                for (size_t lane = 0; lane < CORE_LANES; lane++) {
                    struct core_stream path = s;
                    path.path += lane;
                    one[counts[c]] = -2.385;
                    law->draw(&path, 1, counts[c], one);
                    assert_true(one[counts[c]] == -2.385); /* nothing is written behind the end */
                    for (size_t i = 0; i < counts[c]; i++) {
                        if (memcmp(&one[i], &block[i * CORE_LANES + lane], sizeof *one) != 0) fail_msg("%s", law->name);
                    }
                }
            }
            block[3 * CORE_LANES] = -2.385;
            law->draw(&s, CORE_LANES, 3, block);
            assert_true(block[3 * CORE_LANES] == -2.385);
        }
    }
    core_isa_force(here);
    core_free(block);
    core_free(one);
}

static void instruction_sets_agree(void **state) {
    /* law: AVX2 and AVX-512 give the same bits; without FMA the same numbers to 1e-13 relative */
    (void)state;
    enum { COUNT = 2000 };
    enum core_isa here = core_isa();
    double *out[CORE_ISA_COUNT];
    for (int isa = 0; isa < CORE_ISA_COUNT; isa++) out[isa] = core_alloc(COUNT * CORE_LANES, sizeof **out);
    for (size_t l = 0; l < TEST_LAWS; l++) {
        const struct core_stream s = address(5);
        int best = CORE_ISA_BASE;
        for (int isa = 0; isa < CORE_ISA_COUNT; isa++) {
            if (!core_isa_force((enum core_isa)isa)) continue;
            test_laws[l].draw(&s, CORE_LANES, COUNT, out[isa]);
            best = isa;
        }
        if (best == CORE_ISA_V4) assert_memory_equal(out[CORE_ISA_V3], out[CORE_ISA_V4], COUNT * 8 * sizeof **out);
        for (size_t i = 0; i < COUNT * CORE_LANES; i++) {
            double x = out[CORE_ISA_BASE][i], y = out[best][i];
            if (!(fabs(x - y) <= 1e-13 * fabs(y) + 1e-15)) fail_msg("%s: %.17g %.17g", test_laws[l].name, x, y);
        }
    }
    for (int isa = 0; isa < CORE_ISA_COUNT; isa++) core_free(out[isa]);
    core_isa_force(here);
}

static void seeds_are_pinned_and_distinct(void **state) {
    /* value: keys of studies already run must not move */
    (void)state;
    static const char *const names[] = {"", "sgd", "sgd-twin-1", "sgd-twin-2", "langevin", "anisotropic", "dgs"};
    enum { NAMES = sizeof names / sizeof *names, SEEDS = 40 };
    uint64_t keys[NAMES * SEEDS];
    for (size_t i = 0; i < NAMES * SEEDS; i++) keys[i] = core_seed(i / NAMES, names[i % NAMES]);
    for (size_t i = 0; i < NAMES * SEEDS; i++) {
        for (size_t j = 0; j < i; j++) assert_true(keys[i] != keys[j]);
    }
    assert_true(core_seed(20, NULL) == core_seed(20, ""));
    assert_true(core_seed(1ull << 40, "sgd") != core_seed(0, "sgd"));
    assert_int_equal(core_seed(20, "sgd"), 0x98aadf97b874191cu);
    assert_int_equal(core_seed(0, NULL), 0xa3811c2ddb48ce74u);
    assert_int_equal(core_seed(0xfedcba9876543210u, "langevin-local"), 0x26e7ae4a4e30df7fu);
}

/* The uniforms of block b of a path, from the library's words. */
static void library_uniforms(const struct core_stream *s, uint32_t b, long double u[2]) {
    philox4x32_ctr_t block = library_block(s, s->path, b);
    for (int i = 0; i < 2; i++) {
        uint64_t pair = (uint64_t)block.v[2 * i] << 32 | block.v[2 * i + 1];
        u[i] = ((long double)(pair >> 12) + 0.5L) * 0x1p-52L;
    }
}

static void near(double got, long double exact, double tolerance) {
    if (fabsl((long double)got - exact) <= (long double)tolerance * fabsl(exact)) return;
    fail_msg("%.17g instead of %.17g", got, (double)exact);
}

static void draws_follow_their_formulas(void **state) {
    /* value: uniform, normal, exponential and index from the library's words, in extended precision */
    (void)state;
    enum { BLOCKS = 3000 };
    const long double pi = acosl(-1.0L);
    const struct core_stream s = address(1);
    double *u = core_alloc(2 * BLOCKS, 8), *z = core_alloc(2 * BLOCKS, 8), *e = core_alloc(2 * BLOCKS, 8);
    uint32_t *k = core_alloc(4 * BLOCKS, 4), *big = core_alloc(2 * BLOCKS, 4), *most = core_alloc(2 * BLOCKS, 4);
    core_random_uniform(&s, 1, 2 * BLOCKS, u);
    core_random_normal(&s, 1, 2 * BLOCKS, z);
    core_random_exponential(&s, 1, 2 * BLOCKS, e);
    core_random_index(&s, 65536, 1, 4 * BLOCKS, k);
    core_random_index(&s, 65537, 1, 2 * BLOCKS, big);
    core_random_index(&s, 0xffffffffu, 1, 2 * BLOCKS, most);
    for (uint32_t b = 0; b < BLOCKS; b++) {
        long double exact[2];
        philox4x32_ctr_t block = library_block(&s, s.path, b);
        library_uniforms(&s, b, exact);
        int quarters = (int)(block.v[3] & 1) + (int)(block.v[3] & 2);
        long double angle = pi * (exact[1] - 0.5L) / 2 + pi / 2 * quarters, radius = sqrtl(-2 * logl(exact[0]));
        assert_true(fabsl((long double)z[2 * b] - radius * cosl(angle)) < 2e-15L);
        assert_true(fabsl((long double)z[2 * b + 1] - radius * sinl(angle)) < 2e-15L);
        for (uint32_t i = 0; i < 2; i++) {
            assert_true((long double)u[2 * b + i] == exact[i]);
            near(e[2 * b + i], -logl(exact[i]), 5e-16);
            uint64_t pair = (uint64_t)block.v[2 * i] << 32 | block.v[2 * i + 1];
            /* 65537 pair / 2^64 = (2^16 pair + pair) / 2^64: high part and carry */
            assert_int_equal(big[2 * b + i], (uint32_t)(pair >> 48) + ((pair << 16) + pair < pair));
            assert_int_equal(most[2 * b + i], (uint32_t)(pair >> 32) - (pair << 32 < pair)); /* a borrow */
        }
        for (uint32_t i = 0; i < 4; i++) assert_int_equal(k[4 * b + i], block.v[i] >> 16);
    }
    core_free(u), core_free(z), core_free(e), core_free(k), core_free(big), core_free(most);
}

static void stable_draws_follow_their_formulas(void **state) {
    /* value: Chambers-Mallows-Stuck and Kanter as printed, in extended precision */
    (void)state;
    enum { BLOCKS = 3000 };
    static const double indices[] = {0.2, 0.6, 0.999999, 1, 1.0000001, 1.3, 1.7, 1.999, 2};
    const long double pi = acosl(-1.0L);
    const struct core_stream s = address(2);
    double *x = core_alloc(BLOCKS, sizeof *x), *y = core_alloc(BLOCKS, sizeof *y);
    for (size_t i = 0; i < sizeof indices / sizeof *indices; i++) {
        long double alpha = (long double)indices[i], a = alpha / 2, u[2];
        core_random_stable(&s, indices[i], 1, BLOCKS, x);
        core_random_positive_stable(&s, indices[i] / 2, 1, BLOCKS, y);
        for (uint32_t b = 0; b < BLOCKS; b++) {
            library_uniforms(&s, b, u);
            long double w = -logl(u[1]), phi = pi * (u[0] - 0.5L), theta = pi * u[0];
            long double bend = powl(cosl((1 - alpha) * phi) / w, (1 - alpha) / alpha);
            near(x[b], sinl(alpha * phi) / powl(cosl(phi), 1 / alpha) * bend, 2e-13);
            if (a == 1) continue;
            bend = powl(sinl((1 - a) * theta) / w, (1 - a) / a);
            near(y[b], sinl(a * theta) / powl(sinl(theta), 1 / a) * bend, 2e-13);
        }
    }
    core_random_positive_stable(&s, 1, 1, 5, y);
    for (int i = 0; i < 5; i++) assert_true(y[i] == 1);
    core_free(x), core_free(y);
}

static void poisson_tables_are_the_distribution(void **state) {
    /* value: sums of exp(n log m - m - log n!) in extended precision (GSL's distribution function is wrong by 2e-8 at a
     * mean of 5e4, near 50220); the window carries all but 2^-59 or so */
    (void)state;
    static const double means[] = {1e-9, 0.04, 1, 3.7, 20, 29.5, 812.25, 5e4, 1e6};
    const struct core_stream s = address(4);
    double n[200], u[200];
    for (size_t m = 0; m < sizeof means / sizeof *means; m++) {
        struct core_poisson law;
        assert_int_equal(core_poisson_init(&law, means[m]), CORE_OK);
        assert_true(law.mean == means[m] && law.upper[law.count - 1] == 1);
        long double mean = (long double)means[m], sum = 0, p = 0;
        for (size_t k = law.first > 5000 ? law.first - 5000 : 0; k < law.first + law.count; k++) {
            p = expl((long double)k * logl(mean) - mean - lgammal((long double)k + 1));
            sum += p;
            if (k < law.first)
                assert_true(p < 0x1.01p-60L);
            else
                assert_true(fabsl((long double)law.upper[k - law.first] - sum) < 2e-12L * sum + 1e-19L);
        }
        assert_true(p > 0x0.ffp-60L && p * mean / (long double)(law.first + law.count) < 0x1.01p-60L);
        core_random_poisson(&s, &law, 1, 200, n);
        core_random_uniform(&s, 1, 200, u);
        for (int i = 0; i < 200; i++) {
            size_t at = (size_t)n[i] - law.first;
            assert_true(u[i] <= law.upper[at] && (at == 0 || u[i] > law.upper[at - 1]));
        }
        core_poisson_free(&law);
        assert_null(law.upper);
    }
    core_poisson_free(NULL);
}

static void poisson_refuses_bad_means(void **state) {
    /* law: every error path leaves a sentence, no memory, and a law that may be freed */
    (void)state;
    const double bad[] = {0, -2.385, 1.0000001e6, (double)INFINITY, (double)NAN};
    struct core_poisson law;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(core_poisson_init(&law, bad[i]), CORE_BAD_INPUT);
        assert_non_null(strstr(core_error(), "mean of a Poisson law"));
        core_poisson_free(&law);
    }
    size_t live = core_alloc_live();
    core_alloc_fail_at(1);
    assert_int_equal(core_poisson_init(&law, 2.385), CORE_NO_MEMORY);
    core_alloc_fail_at(0);
    core_poisson_free(&law);
    assert_int_equal(core_alloc_live(), live);
    core_error_clear();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(library_has_its_known_answers),
        cmocka_unit_test(lanes_compute_philox),
        cmocka_unit_test(widths_agree),
        cmocka_unit_test(instruction_sets_agree),
        cmocka_unit_test(seeds_are_pinned_and_distinct),
        cmocka_unit_test(draws_follow_their_formulas),
        cmocka_unit_test(stable_draws_follow_their_formulas),
        cmocka_unit_test(poisson_tables_are_the_distribution),
        cmocka_unit_test(poisson_refuses_bad_means),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
