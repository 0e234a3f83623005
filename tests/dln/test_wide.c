/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wide networks, one replica at a time: their matrix product, and every method of the landscape. */
#include "core/isa.h"
#include "core/memory.h"
#include "dln/network.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const double CANARY = -2.385e77;

/* ---- Helpers ---- */

/* Uniform on (-1, 1), a fixed sequence. */
static uint64_t state_of_numbers = 4711;
static double number(void) {
    state_of_numbers = state_of_numbers * 6364136223846793005u + 1442695040888963407u;
    return (double)(int64_t)(state_of_numbers ^ (state_of_numbers >> 29)) / 0x1p63;
}

static double *numbers(size_t count, double scale) {
    double *made = core_alloc(count, sizeof *made);
    for (size_t i = 0; i < count; i++) made[i] = scale * number();
    return made;
}

/* max |a - b| / max |b|; infinite where a number is not one. */
static double distance(size_t count, const double a[], const double b[]) {
    double most = 0, size = 1e-300;
    for (size_t i = 0; i < count; i++) {
        if (isnan(a[i] - b[i])) return INFINITY;
        most = fmax(most, fabs(a[i] - b[i]));
        size = fmax(size, fabs(b[i]));
    }
    return most / size;
}

#define assert_close(count, a, b, tolerance)                                                                           \
    do {                                                                                                               \
        double off = distance(count, a, b);                                                                            \
        if (!(off <= (tolerance))) print_error("off by %g, allowed %g\n", off, (double)(tolerance));                   \
        assert_true(off <= (tolerance));                                                                               \
    } while (0)

/* A wide network with data, a point, directions, and scratch with canaries behind it. */
enum { EDGE = 16 };
struct problem {
    struct core_landscape *land;
    const struct core_landscape_methods *methods;
    size_t dimension, samples;
    double *x, *u, *v, *scratch;
};

static struct problem problem_of(int in_lanes, size_t depth, const size_t widths[], size_t samples) {
    struct problem p = {NULL, NULL, 0, samples, NULL, NULL, NULL, NULL};
    struct dln_data data = {samples, widths[0], widths[depth], numbers(samples * widths[0], 1),
                            numbers(samples * widths[depth], 1)};
    assert_int_equal(dln_network_create_as(in_lanes, depth, widths, &data, &p.land), CORE_OK);
    core_free(data.x);
    core_free(data.y);
    p.methods = p.land->methods;
    p.dimension = p.land->dimension;
    p.x = numbers(p.dimension, 0.6);
    p.u = numbers(p.dimension, 1);
    p.v = numbers(p.dimension, 1);
    p.scratch = core_alloc(p.land->scratch + EDGE, sizeof(double));
    for (size_t i = 0; i < p.land->scratch + EDGE; i++) p.scratch[i] = CANARY;
    return p;
}

static void problem_end(struct problem *p) {
    for (size_t i = 0; i < EDGE; i++) assert_true(p->scratch[p->land->scratch + i] == CANARY);
    core_landscape_free(p->land);
    core_free(p->x);
    core_free(p->u);
    core_free(p->v);
    core_free(p->scratch);
}

/* Depth 1 to 4, no two widths equal, bottlenecks, multiples of 8 and not; more samples than a chunk. */
static const struct shape {
    size_t depth, widths[5], samples;
} shapes[] = {{1, {20, 33}, 21},           {1, {33, 17}, 70},        {2, {20, 17, 33}, 70},    {2, {24, 40, 16}, 9},
              {2, {21, 3, 32}, 130},       {3, {20, 17, 33, 5}, 70}, {3, {18, 1, 19, 24}, 64}, {3, {1, 18, 2, 1}, 5},
              {4, {20, 17, 3, 33, 7}, 67}, {4, {2, 40, 8, 9, 20}, 1}};
enum { SHAPES = sizeof shapes / sizeof *shapes };

static struct problem problem_at(size_t i) {
    return problem_of(0, shapes[i].depth, shapes[i].widths, shapes[i].samples);
}

static double loss_at(const struct problem *p, const double x[]) {
    double loss;
    p->methods->loss(p->land, x, &loss, p->scratch);
    return loss;
}

/* x + h u. */
static double *moved(const struct problem *p, double h) {
    double *to = core_alloc(p->dimension, sizeof *to);
    for (size_t i = 0; i < p->dimension; i++) to[i] = p->x[i] + h * p->u[i];
    return to;
}

/* ---- The plain way: one sample at a time, loops over the formulas ---- */

/* gradient (dimension) of |y - W x|^2 / 2, by forward and back. */
static void plain_gradient(const struct problem *p, size_t sample, double gradient[]) {
    const struct dln_network *net = dln_of(p->land);
    double h[6][64], v[6][64] = {{0}};
    memcpy(h[0], net->x + sample * net->inputs, net->inputs * sizeof(double));
    for (size_t l = 1; l <= net->depth; l++) {
        for (size_t i = 0; i < net->widths[l]; i++) {
            h[l][i] = 0;
            for (size_t j = 0; j < net->widths[l - 1]; j++) {
                h[l][i] += p->x[net->offset[l - 1] + i * net->widths[l - 1] + j] * h[l - 1][j];
            }
        }
    }
    for (size_t i = 0; i < net->outputs; i++) v[net->depth][i] = h[net->depth][i] - net->y[sample * net->outputs + i];
    for (size_t l = net->depth; l >= 1; l--) {
        for (size_t j = 0; j < net->widths[l - 1]; j++) {
            v[l - 1][j] = 0;
            for (size_t i = 0; i < net->widths[l]; i++) {
                size_t at = net->offset[l - 1] + i * net->widths[l - 1] + j;
                gradient[at] = v[l][i] * h[l - 1][j];
                v[l - 1][j] += p->x[at] * v[l][i];
            }
        }
    }
}

/* every (samples, dimension) = the gradients of all samples; mean (dimension) = theirs. */
static void plain_gradients(const struct problem *p, double every[], double mean[]) {
    memset(mean, 0, p->dimension * sizeof *mean);
    for (size_t m = 0; m < p->samples; m++) {
        plain_gradient(p, m, every + m * p->dimension);
        for (size_t i = 0; i < p->dimension; i++) mean[i] += every[m * p->dimension + i] / (double)p->samples;
    }
}

/* ---- The matrix product ---- */

/* c = a b + sign c in the order the header promises. */
static void plain_product(int fused, size_t m, size_t k, size_t n, const double a[], size_t row, size_t column,
                          const double b[], size_t ldb, double c[], size_t ldc, int sign) {
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < n; j++) {
            double sum = sign == 0 ? 0 : sign * c[i * ldc + j];
            for (size_t q = 0; q < k; q++) {
                double left = a[i * row + q * column], right = b[q * ldb + j];
                sum = fused ? fma(left, right, sum) : left * right + sum;
            }
            c[i * ldc + j] = sum;
        }
    }
}

/* One product, all of c and what surrounds it compared bit by bit. `odd` shifts c and widens its rows. */
static void check_product(int fused, size_t m, size_t k, size_t n, int transposed, size_t ldb, size_t odd, int sign) {
    size_t ldc = n + odd, room = m * ldc + 2 * EDGE;
    double *a = numbers(m * k, 1), *b = numbers(k * ldb, 1);
    double *c = core_alloc(room, sizeof *c), *expected = core_alloc(room, sizeof *c);
    for (size_t i = 0; i < room; i++) c[i] = sign == 0 ? CANARY : number();
    memcpy(expected, c, room * sizeof *c);
    size_t row = transposed ? 1 : k, column = transposed ? m : 1;
    dln_gemm_kernels()->multiply(m, k, n, a, row, column, b, ldb, c + EDGE / 2 + odd, ldc, sign);
    plain_product(fused, m, k, n, a, row, column, b, ldb, expected + EDGE / 2 + odd, ldc, sign);
    if (memcmp(c, expected, room * sizeof *c) != 0) print_error("product %zu %zu %zu differs\n", m, k, n);
    assert_memory_equal(c, expected, room * sizeof *c);
    core_free(a);
    core_free(b);
    core_free(c);
    core_free(expected);
}

static void products_have_the_promised_bits_and_touch_nothing_else(void **state) {
    /* value: against three loops of multiply-adds, bit by bit, every size of tile, edge, panel and block, each
     * instruction set */
    (void)state;
    static const size_t sizes[] = {1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 23, 24, 25, 32, 33, 40};
    enum { SIZES = sizeof sizes / sizeof *sizes };
    for (int isa = 0; isa < CORE_ISA_COUNT; isa++) {
        if (!core_isa_force((enum core_isa)isa)) continue;
        int fused = isa != CORE_ISA_BASE;
#if defined(__aarch64__)
        fused = 1;
#endif
        size_t turn = 0;
        for (size_t i = 0; i < SIZES * SIZES * SIZES; i++, turn++) {
            size_t m = sizes[i % SIZES], k = sizes[i / SIZES % SIZES], n = sizes[i / SIZES / SIZES];
            size_t ldb = turn % 2 ? n : dln_padded(n) + 8 * (turn % 3);
            check_product(fused, m, k, n, turn % 5 < 2, ldb, turn % 7 % 4, (int)(turn % 3) - 1);
        }
        check_product(fused, 40, 300, 70, 0, 72, 0, 1);  /* blocks of k, b copied */
        check_product(fused, 40, 257, 39, 1, 128, 2, 0); /* the same, transposed */
        check_product(fused, 7, 300, 70, 0, 72, 0, -1);  /* blocks of k, b as it lies */
        check_product(fused, 3, 0, 9, 0, 16, 1, -1);     /* nothing to add */
    }
    core_isa_force(CORE_ISA_V4);
}

static void transposes_and_gathers_move_every_number(void **state) {
    /* value: element by element; rows are filled with zeros, other columns stay; each instruction set */
    (void)state;
    for (int isa = 0; isa < CORE_ISA_COUNT; isa++) {
        if (!core_isa_force((enum core_isa)isa)) continue;
        for (size_t rows = 1; rows < 20; rows++) {
            for (size_t columns = 1; columns < 20; columns++) {
                size_t from_ld = columns + rows % 3, ld = dln_padded(rows) + 8;
                double *from = numbers(rows * from_ld, 1), *to = core_alloc((columns + 1) * ld, sizeof *to);
                for (size_t i = 0; i < (columns + 1) * ld; i++) to[i] = CANARY;
                dln_gemm_kernels()->transpose(rows, columns, from, from_ld, to, ld);
                for (size_t i = 0; i < (columns + 1) * ld; i++) {
                    size_t c = i / ld, r = i % ld;
                    int inside = c < columns && r < dln_padded(rows);
                    double expected = !inside ? CANARY : r < rows ? from[r * from_ld + c] : 0;
                    assert_true(to[i] == expected);
                }
                core_free(from);
                core_free(to);
            }
        }
        static const uint32_t index[] = {3, 0, 3, 1};
        double *from = numbers(4 * 24, 1), *to = numbers(5 * 24, 1), last = to[4 * 24];
        dln_gemm_kernels()->gather(4, index, 24, from, to);
        for (size_t b = 0; b < 4; b++) assert_memory_equal(to + b * 24, from + index[b] * 24, 24 * sizeof(double));
        assert_true(to[4 * 24] == last);
        core_free(from);
        core_free(to);
    }
    core_isa_force(CORE_ISA_V4);
}

/* ---- The landscape ---- */

/* Every method once, the results one after the other in out; x, u, v (dimension, lanes), count and index as in the
 * door. */
enum { DRAWS = 75 };
static size_t all_methods(const struct problem *p, const double *x, const double *u, const double *v, double *out) {
    const struct core_landscape *land = p->land;
    size_t lanes = land->lanes, step = p->dimension * lanes;
    double *count = core_alloc(lanes, sizeof *count);
    uint32_t *index = core_alloc(DRAWS * lanes, sizeof *index);
    for (size_t j = 0; j < lanes; j++) count[j] = DRAWS;
    for (size_t i = 0; i < DRAWS * lanes; i++) index[i] = (uint32_t)(i / lanes * 7 % p->samples);
    p->methods->gradient(land, x, out, p->scratch);
    p->methods->hessian_vector(land, x, u, out + step, p->scratch);
    p->methods->curvature_gradient(land, x, u, v, out + 2 * step, p->scratch);
    p->methods->sampled_gradient(land, x, DRAWS, count, index, out + 3 * step, p->scratch);
    p->methods->loss(land, x, out + 4 * step, p->scratch);
    p->methods->noise_trace(land, x, out + 4 * step + 8, p->scratch);
    core_free(count);
    core_free(index);
    return 4 * step;
}

static void wide_and_lanes_agree(void **state) {
    /* law: two roads to every number: the same network one replica at a time, and one replica in each lane */
    (void)state;
    static const struct shape both[] = {
        {2, {5, 5, 5}, 40}, {3, {3, 4, 2, 5}, 11}, {1, {7, 4}, 30}, {4, {4, 3, 5, 2, 6}, 9}};
    for (size_t s = 0; s < 4; s++) {
        state_of_numbers = 17 + s;
        struct problem wide = problem_of(0, both[s].depth, both[s].widths, both[s].samples);
        state_of_numbers = 17 + s;
        struct problem small = problem_of(1, both[s].depth, both[s].widths, both[s].samples);
        size_t dimension = wide.dimension, lanes = small.land->lanes;
        double *x[3] = {small.x, small.u, small.v}, *spread[3];
        for (int i = 0; i < 3; i++) {
            spread[i] = core_alloc(dimension * lanes, sizeof(double));
            for (size_t j = 0; j < dimension * lanes; j++) spread[i][j] = x[i][j / lanes];
        }
        double *a = core_alloc(4 * dimension + 16, sizeof *a), *b = core_alloc(4 * dimension * lanes + 16, sizeof *b);
        size_t end = all_methods(&wide, wide.x, wide.u, wide.v, a);
        size_t scalars = all_methods(&small, spread[0], spread[1], spread[2], b);
        for (size_t i = 0; i < end; i++) b[i] = b[i * lanes];
        for (size_t i = 0; i < 4; i++) assert_close(dimension, a + i * dimension, b + i * dimension, 1e-13);
        assert_close(1, a + end, b + scalars, 1e-13);
        assert_close(1, a + end + 8, b + scalars + 8, 1e-12);
        for (int i = 0; i < 3; i++) core_free(spread[i]);
        core_free(a);
        core_free(b);
        problem_end(&wide);
        problem_end(&small);
    }
}

static void networks_above_sixteen_are_wide(void **state) {
    /* law: dln_network_create takes the lanes up to width 16 in every layer; a wide network's noise has a column a
     * sample */
    (void)state;
    static const struct shape sides[] = {{2, {16, 16, 16}, 3}, {2, {16, 17, 16}, 3}, {1, {17, 2}, 4}};
    static const size_t lanes[] = {CORE_LANES, 1, 1};
    for (size_t s = 0; s < 3; s++) {
        struct core_landscape *land;
        size_t inputs = sides[s].widths[0], outputs = sides[s].widths[sides[s].depth];
        struct dln_data data = {sides[s].samples, inputs, outputs, numbers(sides[s].samples * inputs, 1),
                                numbers(sides[s].samples * outputs, 1)};
        assert_int_equal(dln_network_create(sides[s].depth, sides[s].widths, &data, &land), CORE_OK);
        assert_int_equal(land->lanes, lanes[s]);
        if (s > 0) assert_int_equal(land->noise_width, sides[s].samples);
        core_landscape_free(land);
        core_free(data.x);
        core_free(data.y);
    }
}

static void loss_is_the_mean_of_the_samples(void **state) {
    /* value: |y - W x|^2 / 2 of each sample, summed from the data themselves */
    (void)state;
    struct problem p = problem_at(0);
    const struct dln_network *net = dln_of(p.land);
    double sum = 0;
    for (size_t m = 0; m < p.samples; m++) {
        for (size_t i = 0; i < net->outputs; i++) {
            double r = -net->y[m * net->outputs + i];
            for (size_t j = 0; j < net->inputs; j++) r += p.x[i * net->inputs + j] * net->x[m * net->inputs + j];
            sum += r * r / 2;
        }
    }
    double mean = sum / (double)p.samples, loss = loss_at(&p, p.x);
    assert_close(1, &loss, &mean, 1e-13);
    problem_end(&p);
}

static void gradients_are_finite_differences(void **state) {
    /* law: grad L . u, H u and D^3 L[u, v, .] against central differences of L, grad L and H v along u */
    (void)state;
    for (size_t s = 0; s < SHAPES; s++) {
        struct problem p = problem_at(s);
        double h = 1e-5, *ahead = moved(&p, h), *behind = moved(&p, -h);
        double *out = core_alloc(p.dimension, sizeof *out), *a = core_alloc(p.dimension, sizeof *a);
        double *b = core_alloc(p.dimension, sizeof *b);
        p.methods->gradient(p.land, p.x, out, p.scratch);
        double slope = 0, difference = (loss_at(&p, ahead) - loss_at(&p, behind)) / (2 * h);
        for (size_t i = 0; i < p.dimension; i++) slope += out[i] * p.u[i];
        assert_close(1, &slope, &difference, 1e-6);
        p.methods->gradient(p.land, ahead, a, p.scratch);
        p.methods->gradient(p.land, behind, b, p.scratch);
        for (size_t i = 0; i < p.dimension; i++) a[i] = (a[i] - b[i]) / (2 * h);
        p.methods->hessian_vector(p.land, p.x, p.u, out, p.scratch);
        assert_close(p.dimension, out, a, 1e-7);
        p.methods->hessian_vector(p.land, ahead, p.v, a, p.scratch);
        p.methods->hessian_vector(p.land, behind, p.v, b, p.scratch);
        for (size_t i = 0; i < p.dimension; i++) a[i] = (a[i] - b[i]) / (2 * h);
        p.methods->curvature_gradient(p.land, p.x, p.u, p.v, out, p.scratch);
        if (shapes[s].depth == 1) memset(a, 0, p.dimension * sizeof *a); /* quadratic */
        assert_close(p.dimension, out, a, 1e-7);
        double *arrays[] = {ahead, behind, out, a, b};
        for (int i = 0; i < 5; i++) core_free(arrays[i]);
        problem_end(&p);
    }
}

static void batches_sum_the_gradients_of_their_samples(void **state) {
    /* value: against plain per-sample gradients, for none, one, a few, a chunk and more, repeated samples; all of them
     * make n grad L */
    (void)state;
    static const size_t counts[] = {0, 1, 7, 8, 9, 63, 64, 65, 150};
    for (size_t s = 0; s < SHAPES; s++) {
        struct problem p = problem_at(s);
        double *every = core_alloc(p.samples * p.dimension, sizeof *every), *mean = numbers(p.dimension, 1);
        double *out = core_alloc(p.dimension, sizeof *out), *expected = core_alloc(p.dimension, sizeof *out);
        uint32_t index[256];
        plain_gradients(&p, every, mean);
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
            double count = (double)counts[c];
            memset(expected, 0, p.dimension * sizeof *expected);
            for (size_t b = 0; b < counts[c]; b++) {
                index[b] = (uint32_t)((b * b + 3 * b) % p.samples);
                for (size_t i = 0; i < p.dimension; i++) expected[i] += every[index[b] * p.dimension + i];
            }
            for (size_t i = 0; i < p.dimension; i++) out[i] = CANARY;
            p.methods->sampled_gradient(p.land, p.x, counts[c], &count, index, out, p.scratch);
            assert_close(p.dimension, out, expected, 1e-12);
        }
        for (uint32_t m = 0; m < p.samples; m++) index[m] = m;
        double all = (double)p.samples;
        p.methods->sampled_gradient(p.land, p.x, p.samples, &all, index, out, p.scratch);
        p.methods->gradient(p.land, p.x, expected, p.scratch);
        for (size_t i = 0; i < p.dimension; i++) out[i] /= all;
        assert_close(p.dimension, out, expected, 1e-12);
        double *arrays[] = {every, mean, out, expected};
        for (int i = 0; i < 4; i++) core_free(arrays[i]);
        problem_end(&p);
    }
}

static void the_factor_is_that_of_the_noise_covariance(void **state) {
    /* value: column mu of F is (g_mu - g) / sqrt(n), so F F^T = Sigma; its trace; the fused step is drift grad + scale
     * F z */
    (void)state;
    for (size_t s = 0; s < SHAPES; s++) {
        struct problem p = problem_at(s);
        size_t n = p.samples, dimension = p.dimension;
        double *every = core_alloc(n * dimension, sizeof *every), *mean = numbers(dimension, 1), trace = 0, squares = 0;
        double *out = core_alloc(dimension, sizeof *out), *z = core_alloc(n, sizeof *z), *sum = numbers(dimension, 0);
        plain_gradients(&p, every, mean);
        for (size_t m = 0; m < n; m++) {
            double *column = every + m * dimension;
            for (size_t i = 0; i < dimension; i++) {
                squares += column[i] * column[i] / (double)n;
                column[i] = (column[i] - mean[i]) / sqrt((double)n);
                trace += column[i] * column[i];
            }
            memset(z, 0, n * sizeof *z);
            z[m] = 1;
            p.methods->noise(p.land, p.x, z, out, p.scratch);
            if (n > 1) assert_close(dimension, out, column, 1e-11);
        }
        double given;
        p.methods->noise_trace(p.land, p.x, &given, p.scratch);
        assert_true(given >= 0 && fabs(given - trace) <= 1e-13 * squares);
        double drift = 0.7, scale = 0.31;
        for (size_t m = 0; m < n; m++) {
            z[m] = 3 * number();
            for (size_t i = 0; i < dimension; i++) sum[i] += scale * z[m] * every[m * dimension + i];
        }
        p.methods->gradient(p.land, p.x, out, p.scratch);
        for (size_t i = 0; i < dimension; i++) sum[i] += drift * out[i];
        p.methods->noisy_gradient(p.land, p.x, drift, &scale, z, out, p.scratch);
        assert_close(dimension, out, sum, 1e-12);
        double *arrays[] = {every, mean, out, z, sum};
        for (int i = 0; i < 5; i++) core_free(arrays[i]);
        problem_end(&p);
    }
}

static void one_sample_has_no_noise(void **state) {
    /* law: n = 1 at 100 points: the trace is zero but for rounding, and rounding never makes it negative */
    (void)state;
    static const size_t widths[] = {17, 4, 18};
    struct problem p = problem_of(0, 2, widths, 1);
    for (size_t trial = 0; trial < 100; trial++) {
        double trace, size = 0, *gradient = core_alloc(p.dimension, sizeof *gradient);
        for (size_t i = 0; i < p.dimension; i++) p.x[i] = number();
        p.methods->noise_trace(p.land, p.x, &trace, p.scratch);
        p.methods->gradient(p.land, p.x, gradient, p.scratch);
        for (size_t i = 0; i < p.dimension; i++) size += gradient[i] * gradient[i];
        assert_true(trace >= 0 && trace <= 1e-12 * size);
        core_free(gradient);
    }
    problem_end(&p);
}

static void instruction_sets_give_the_same_bits(void **state) {
    /* law: every method with AVX2 and with AVX-512, bit by bit; skipped where the processor has only one of them */
    (void)state;
    if (!core_isa_force(CORE_ISA_V4)) skip();
    for (size_t s = 0; s < SHAPES; s++) {
        struct problem p = problem_at(s);
        size_t room = 4 * p.dimension + 16;
        double *out[2], *z = numbers(p.samples, 2), *noisy[2], scale = 0.4;
        for (int i = 0; i < 2; i++) {
            assert_true(core_isa_force(i == 0 ? CORE_ISA_V3 : CORE_ISA_V4));
            out[i] = core_alloc(room, sizeof(double));
            noisy[i] = core_alloc(p.dimension, sizeof(double));
            all_methods(&p, p.x, p.u, p.v, out[i]);
            p.methods->noisy_gradient(p.land, p.x, 1, &scale, z, noisy[i], p.scratch);
        }
        assert_memory_equal(out[0], out[1], room * sizeof(double));
        assert_memory_equal(noisy[0], noisy[1], p.dimension * sizeof(double));
        double *arrays[] = {out[0], out[1], noisy[0], noisy[1], z};
        for (int i = 0; i < 5; i++) core_free(arrays[i]);
        problem_end(&p);
    }
}

static void every_allocation_may_fail(void **state) {
    /* law: no crash, no leak, a sentence, whichever allocation of a wide network fails */
    (void)state;
    static const size_t widths[] = {17, 3, 18};
    struct dln_data data = {5, 17, 18, numbers(5 * 17, 1), numbers(5 * 18, 1)};
    size_t live = core_alloc_live(), k = 1;
    enum core_status status = CORE_NO_MEMORY;
    for (; k < 100 && status != CORE_OK; k++) {
        struct core_landscape *land = NULL;
        core_error_clear();
        core_alloc_fail_at(k);
        status = dln_network_create(2, widths, &data, &land);
        core_alloc_fail_at(0);
        assert_true(status == CORE_OK || (status == CORE_NO_MEMORY && land == NULL && *core_error() != '\0'));
        core_landscape_free(land);
        assert_int_equal(core_alloc_live(), live);
    }
    assert_in_range(k, 8, 99);
    core_free(data.x);
    core_free(data.y);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_have_the_promised_bits_and_touch_nothing_else),
        cmocka_unit_test(transposes_and_gathers_move_every_number),
        cmocka_unit_test(wide_and_lanes_agree),
        cmocka_unit_test(networks_above_sixteen_are_wide),
        cmocka_unit_test(loss_is_the_mean_of_the_samples),
        cmocka_unit_test(gradients_are_finite_differences),
        cmocka_unit_test(batches_sum_the_gradients_of_their_samples),
        cmocka_unit_test(the_factor_is_that_of_the_noise_covariance),
        cmocka_unit_test(one_sample_has_no_noise),
        cmocka_unit_test(instruction_sets_give_the_same_bits),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
