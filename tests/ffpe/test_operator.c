/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ffpe/grid.h"
#include "ffpe/support.h"

static struct ffpe_operator operator_of(const struct ffpe_problem *problem, size_t level) {
    struct ffpe_operator op;
    if (ffpe_operator_create(problem, level, &op) != CORE_OK) fail_msg("%s", core_error());
    return op;
}

static double cubic_diffusion(const void *context, const double x[]) {
    (void)context;
    return 0.05 * (1 + x[0] * x[0]);
}

/* ---- Laws of every operator
 * ------------------------------------------------------------------------------------------- */

static void check_laws(const struct ffpe_problem *problem) {
    struct ffpe_operator op = operator_of(problem, 0);
    size_t n = op.grid.count;
    double *u = core_alloc(2 * n, sizeof *u), *out = u + n, sum = 0, size = 0;
    for (size_t e = 0; e < op.edge_count; e++) {
        assert_true(op.edges[e].forward >= 0 && op.edges[e].backward >= 0);
        assert_true(op.edges[e].tail < n && op.edges[e].head < n);
    }
    for (size_t i = 0; i < n; i++) u[i] = 1 + sin(2.385 * (double)i);
    ffpe_operator_outflow(&op, 1, u, out);
    for (size_t i = 0; i < n; i++) sum += out[i], size += fabs(out[i]);
    near_to("outflow of all nodes", sum / size, 0, 1e-13);
    core_free(u);
    ffpe_operator_clear(&op);
}

static void test_laws(void **state) {
    /* law: rates are not negative and mass is conserved, for scalar, varying and tensor diffusion, gradients and not,
     * in one, two and three dimensions, with odd cells and one periodic axis. */
    (void)state;
    static const double rotation[] = {1, -2.3, 2.3, 0.7}, tensor[] = {0.3, 0.1, 0.1, 0.2};
    static const double wells[] = {1, 0, 0, 0, 1.5, 0, 0, 0, 3},
                        tensor_3[] = {0.3, 0.1, 0.05, 0.1, 0.25, -0.05, 0.05, -0.05, 0.2};
    struct core_landscape *well = landscape("double-well", 0, NULL), *spin = landscape("linear-drift", 2, rotation);
    struct core_landscape *bowl = landscape("quadratic", 3, wells);
    struct ffpe_problem one = problem_on(well, 0.1, -2.5, 2.37, 57), two = problem_on(spin, 0.25, -3, 2.6, 23);
    struct ffpe_problem three = problem_on(bowl, 0.25, -3, 3, 7);
    check_laws(&one);
    one.diffusion.at = cubic_diffusion;
    check_laws(&one);
    two.cells[1] = 17;
    check_laws(&two);
    two.walls[1][0] = two.walls[1][1] = FFPE_PERIODIC;
    check_laws(&two);
    two.diffusion.tensor = tensor;
    check_laws(&two);
    check_laws(&three);
    three.diffusion.tensor = tensor_3;
    check_laws(&three);
    core_landscape_free(well);
    core_landscape_free(spin);
    core_landscape_free(bowl);
}

static void test_gibbs_has_no_flux(void **state) {
    /* law: |L exp(-U/D)| <= 1e-13 of what flows either way, node by node. */
    (void)state;
    struct core_landscape *land = landscape("scalar-network", 0, NULL);
    struct ffpe_problem problem = problem_on(land, 0.25, -3, 3, 48);
    struct ffpe_operator op = operator_of(&problem, 0);
    size_t n = op.grid.count;
    double *gibbs = core_alloc(3 * n, sizeof *gibbs), *out = gibbs + n, *both = out + n;
    assert_true(op.reversible && op.gibbs && op.affinity == 0);
    for (size_t i = 0; i < n; i++) gibbs[i] = exp(-op.loss[i] / 0.25);
    ffpe_operator_outflow(&op, 1, gibbs, out);
    for (size_t e = 0; e < op.edge_count; e++) {
        both[op.edges[e].tail] += op.edges[e].forward * gibbs[op.edges[e].tail];
        both[op.edges[e].head] += op.edges[e].backward * gibbs[op.edges[e].head];
    }
    for (size_t i = 0; i < n; i++) assert_true(fabs(out[i]) <= 1e-13 * both[i]);
    core_free(gibbs);
    ffpe_operator_clear(&op);
    core_landscape_free(land);
}

static void test_affinity(void **state) {
    /* value: around a square of side h the drift -B x with B = [[1, -w], [w, 1]] circulates 2 w h^2, over D. */
    (void)state;
    static const double matrix[] = {1, -1.7, 1.7, 1};
    struct core_landscape *land = landscape("linear-drift", 2, matrix);
    struct ffpe_problem problem = problem_on(land, 0.25, -3, 3, 24);
    struct ffpe_operator op = operator_of(&problem, 0);
    assert_false(op.reversible);
    near_to("affinity", op.affinity, 2 * 1.7 * 0.25 * 0.25 / 0.25, 1e-12);
    ffpe_operator_clear(&op);
    core_landscape_free(land);
}

/* ---- Offsets
 * ------------------------------------------------------------------------------------------------------------ */

static void check_selling(size_t d, const double tensor[]) {
    struct ffpe_offsets offsets;
    assert_int_equal(ffpe_selling(d, tensor, &offsets), CORE_OK);
    for (size_t i = 0; i < d * d; i++) {
        double sum = 0;
        for (size_t k = 0; k < offsets.count; k++) {
            assert_true(offsets.weight[k] > 0);
            sum += offsets.weight[k] * offsets.offset[k][i / d] * offsets.offset[k][i % d];
        }
        near_to("entry", sum, tensor[i], 1e-13 * (tensor[0] + tensor[d * d - 1]));
    }
}

static void test_selling(void **state) {
    /* law: the offsets rebuild the tensor with positive weights, whatever its anisotropy. */
    (void)state;
    for (int i = 0; i < 60; i++) {
        double a = 0.11 * i, c = cos(a), s = sin(a), ratio = 1 + 3.7 * i;
        const double two[] = {c * c + s * s * ratio, c * s * (1 - ratio), c * s * (1 - ratio), s * s + c * c * ratio};
        check_selling(2, two);
        double v[] = {c, s, sin(2 * a + 0.3)}, three[9];
        for (size_t k = 0; k < 9; k++) three[k] = (k / 3 == k % 3 ? 0.2 : 0) + ratio * v[k / 3] * v[k % 3];
        check_selling(3, three);
    }
}

/* ---- Starts and stencils
 * ---------------------------------------------------------------------------------------------------- */

static void test_starts(void **state) {
    /* law: every start has mass one and its mean, also near walls, between nodes and around a periodic axis. */
    (void)state;
    static const enum ffpe_wall walls[] = {FFPE_REFLECTING, FFPE_PERIODIC};
    struct core_landscape *land = landscape("double-well", 0, NULL);
    struct ffpe_problem problem = problem_on(land, 0.1, -2.5, 2.5, 101);
    for (int i = 0; i < 12; i++) {
        struct ffpe_grid grid;
        double mass[102], sum = 0, mean = 0, least = 1;
        problem.walls[0][0] = problem.walls[0][1] = walls[i % 2];
        problem.start =
            (struct ffpe_start){.law = (enum ffpe_start_law)(i % 3), .mean = {-1.2345 + 0.1 * i}, .deviation = 0.17};
        assert_int_equal(ffpe_grid_create(&problem, 0, &grid), CORE_OK);
        assert_int_equal(ffpe_start_mass(&problem, &grid, 2, mass), CORE_OK);
        for (size_t j = 0; j < grid.count; j++) {
            sum += mass[j];
            mean += mass[j] * (-2.5 + grid.step[0] * (double)j);
            least = fmin(least, mass[j]);
        }
        near_to("mass", sum, 1, 1e-14);
        assert_true(least >= 0);
        if (problem.start.law != FFPE_UNIFORM) near_to("mean", mean, problem.start.mean[0], 1e-6);
        ffpe_grid_clear(&grid);
    }
    core_landscape_free(land);
}

static void test_stencil(void **state) {
    /* law: eight nodes an axis carry polynomials of degree seven exactly, inside and at the walls. */
    (void)state;
    static const double identity[] = {1, 0, 0, 1};
    struct core_landscape *land = landscape("quadratic", 2, identity);
    struct ffpe_problem problem = problem_on(land, 0.1, -1, 1, 19);
    struct ffpe_grid grid;
    assert_int_equal(ffpe_grid_create(&problem, 0, &grid), CORE_OK);
    double *u = core_alloc(grid.count, sizeof *u);
    for (size_t i = 0; i < grid.count; i++) {
        long at[2];
        double x[2];
        ffpe_grid_lattice(&grid, i, at);
        ffpe_grid_place(&grid, at, x);
        u[i] = pow(x[0], 7) - 2 * x[0] * pow(x[1], 6) + 0.3;
    }
    static const double places[][2] = {{0.123, -0.456}, {0.99, 0.97}, {-1, 1}, {-0.998, 0}};
    for (size_t i = 0; i < 4; i++) {
        struct ffpe_stencil stencil;
        const double *x = places[i];
        ffpe_grid_stencil(&grid, x, 8, &stencil);
        near_to("value", ffpe_stencil_value(&stencil, u), pow(x[0], 7) - 2 * x[0] * pow(x[1], 6) + 0.3, 1e-12);
    }
    core_free(u);
    ffpe_grid_clear(&grid);
    core_landscape_free(land);
}

static void test_bernoulli(void **state) {
    /* law: B(-x) = x + B(x), and no overflow at either end. */
    (void)state;
    for (double x = 1e-9; x < 1e4; x *= 1.7)
        near_to("B(-x) - B(x)", (ffpe_bernoulli(-x) - ffpe_bernoulli(x)) / x, 1, 1e-7);
    assert_true(ffpe_bernoulli(1e6) == 0);
    assert_true(ffpe_bernoulli(-1e6) == 1e6);
    assert_true(ffpe_bernoulli(0) == 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_laws),      cmocka_unit_test(test_gibbs_has_no_flux),
        cmocka_unit_test(test_affinity),  cmocka_unit_test(test_selling),
        cmocka_unit_test(test_starts),    cmocka_unit_test(test_stencil),
        cmocka_unit_test(test_bernoulli),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
