/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The central flow: the complementarity problem, the tracked eigenpairs, and the drift against descent itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/curvature.h"
#include "core/linalg.h"
#include "sde/complementarity.h"
#include "sde/sde.h"
#include "sde/small.h"
#include "sde/tracker.h"
#include "support/stepping.h"

enum { MOST = SDE_COMPLEMENTARITY_MOST, ORDER = MOST * (MOST + 1) / 2, COLUMNS = ORDER + 9, P = 48 };

static double uniform(size_t i) {
    return stepping_number(500000 + i);
}

/* ---- The complementarity problem ---- */

/* The matrix (k, k) of svec v. */
static void unpack(size_t k, const double v[], double full[]) {
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i <= j; i++)
            full[i * k + j] = full[j * k + i] = v[sde_svec(i, j)] * (i == j ? 1 : sqrt(0.5));
}

static double largest(size_t n, const double v[]) {
    double most = 0;
    for (size_t i = 0; i < n; i++) most = fmax(most, fabs(v[i]));
    return most;
}

/* What is left of X >= 0, S >= 0, <X, S> = 0, relative to |A| and |X|; S = A + B[X] is formed here. */
static double kkt(size_t k, const double a[], const double m[], const double x[]) {
    static double full[MOST * MOST], slack[MOST * MOST], image[ORDER];
    double values[MOST], inner = 0, size = largest(k * k, a), order = largest(k * (k + 1) / 2, x), worst;
    for (size_t r = 0; r < k * (k + 1) / 2; r++) {
        image[r] = 0;
        for (size_t c = 0; c < k * (k + 1) / 2; c++) image[r] += m[r * k * (k + 1) / 2 + c] * x[c];
    }
    unpack(k, x, full);
    unpack(k, image, slack);
    for (size_t i = 0; i < k * k; i++) {
        slack[i] += a[i];
        inner += full[i] * slack[i];
    }
    assert_int_equal(core_symmetric_eigen(k, slack, values, NULL), CORE_OK);
    worst = -values[0] / size;
    assert_int_equal(core_symmetric_eigen(k, full, values, NULL), CORE_OK);
    if (order > 0) worst = fmax(worst, fmax(-values[0] / order, fabs(inner) / (size * order)));
    return worst;
}

/* m = J J^T for J (order, columns). */
static void gram(size_t order, size_t columns, const double j[], double m[]) {
    for (size_t r = 0; r < order; r++)
        for (size_t c = 0; c <= r; c++) {
            double sum = 0;
            for (size_t i = 0; i < columns; i++) sum += j[r * columns + i] * j[c * columns + i];
            m[r * order + c] = m[c * order + r] = sum;
        }
}

static void test_reference_problems(void **state) {
    /* value: tests/reference/dln.json, sdcp */
    (void)state;
    char *text = reference_load("tests/reference/dln.json"), path[80];
    double a[4], j[30] = {0}, m[9], expected[4], x[3], full[4];
    double *scratch = calloc(sde_complementarity_scratch(2), sizeof *scratch);
    for (size_t c = 0; c < 2; c++) {
        size_t k = c + 1, order = k * (k + 1) / 2;
        snprintf(path, sizeof path, "sdcp.cases[%zu].A", c);
        reference_numbers(text, path, k * k, a);
        snprintf(path, sizeof path, "sdcp.cases[%zu].X", c);
        reference_numbers(text, path, k * k, expected);
        for (size_t r = 0; r < order; r++) { /* its rows stand in the order 00, 01, 11, the same for k <= 2 */
            snprintf(path, sizeof path, "sdcp.cases[%zu].J[%zu]", c, r);
            reference_numbers(text, path, 10, j + 10 * r);
        }
        gram(order, 10, j, m);
        assert_true(sde_complementarity_solve(k, a, m, x, scratch) < 1e-12);
        unpack(k, x, full);
        for (size_t i = 0; i < k * k; i++) assert_true(fabs(full[i] - expected[i]) < 1e-12);
        assert_true(kkt(k, a, m, x) < 1e-12);
    }
    free(scratch);
    free(text);
}

static void test_problems(void **state) {
    /* law: the conditions to 1e-12 for k = 1 ... 16, J of made-up numbers, with A of every kind of signature; X = 0
     * exactly for positive definite A; no solution is said where B = 0 and A is indefinite */
    (void)state;
    static double a[MOST * MOST], j[ORDER * COLUMNS], m[ORDER * ORDER], x[ORDER];
    double *scratch = calloc(sde_complementarity_scratch(MOST), sizeof *scratch);
    for (size_t k = 1, n = 0; k <= MOST; k++) {
        size_t order = k * (k + 1) / 2, columns = order + 9;
        for (size_t kind = 0; kind < (k < 13 ? 3 : 1); kind++) {
            for (size_t i = 0; i < k; i++)
                for (size_t c = 0; c <= i; c++)
                    a[i * k + c] = a[c * k + i] = 0.01 * uniform(n++) + (i == c ? 0.02 * ((double)kind - 1) : 0);
            for (size_t i = 0; i < order * columns; i++) j[i] = uniform(n++) * (i / columns % 3 == 1 ? 0.1 : 1);
            gram(order, columns, j, m);
            assert_true(sde_complementarity_solve(k, a, m, x, scratch) < 1e-12);
            assert_true(kkt(k, a, m, x) < 1e-12);
        }
        for (size_t i = 0; i < k; i++) a[i * k + i] = 1;
        assert_true(sde_complementarity_solve(k, a, m, x, scratch) == 0);
        for (size_t i = 0; i < order; i++) assert_true(x[i] == 0);
        a[0] = -1;
        memset(m, 0, sizeof m);
        assert_true(sde_complementarity_solve(k, a, m, x, scratch) == HUGE_VAL);
        for (size_t i = 0; i < order; i++) assert_true(x[i] == 0);
    }
    free(scratch);
}

static void test_jacobi(void **state) {
    /* value: eigenvalues against LAPACK to 1e-14 of the largest, A v = value v, n = 1 ... 54 */
    (void)state;
    enum { N = SDE_TRACKED_BASIS };
    static double a[N * N], copy[N * N], values[N], vectors[N * N], expected[N];
    for (size_t n = 1; n <= N; n += n < 8 ? 1 : 23) {
        for (size_t i = 0; i < n; i++)
            for (size_t c = 0; c <= i; c++) a[i * n + c] = a[c * n + i] = uniform(31 * i + c + n);
        memcpy(copy, a, sizeof a);
        sde_small_eigen(n, copy, values, vectors);
        assert_int_equal(core_symmetric_eigen(n, a, expected, NULL), CORE_OK);
        double size = fmax(fabs(expected[0]), fabs(expected[n - 1]));
        for (size_t i = 0; i < n; i++) {
            assert_true(fabs(values[i] - expected[n - 1 - i]) < 1e-14 * (double)(n + 4) * size);
            for (size_t r = 0; r < n; r++) {
                double sum = -values[i] * vectors[i * n + r];
                for (size_t c = 0; c < n; c++) sum += a[r * n + c] * vectors[i * n + c];
                assert_true(fabs(sum) < 1e-14 * (double)(n + 4) * size);
            }
        }
    }
}

/* ---- The tracked pairs ---- */

static const size_t DEEP[] = {4, 4, 4, 4};

static void test_tracker(void **state) {
    /* value: along a path in each lane, from the second point on with the vectors of the last, the pairs above a limit
     * are those of LAPACK: count, values to 1e-8 and residuals to 1e-4 of the largest; a lane that is not finite has
     * none and comes back */
    (void)state;
    struct core_landscape *land = stepping_network(3, DEEP, 30);
    size_t lanes = land->lanes, p = land->dimension, seen = 0;
    double *x = core_alloc(p * lanes, sizeof *x), *inner = core_alloc(land->scratch, sizeof *inner);
    double *keep = core_alloc(sde_tracker_state(land), sizeof *keep), *all = calloc(p * p + 3 * p, sizeof *all);
    double *scratch = core_alloc(sde_tracker_scratch(land), sizeof *scratch), *values = all + p * p, *at = values + p;
    struct sde_tracked tracked[CORE_LANES];
    for (size_t t = 0; t < 12; t++) {
        double limit = t < 6 ? 1.1 : 0.3;
        for (size_t i = 0; i < p * lanes; i++) {
            size_t from = i * 17 + 3;
            x[i] = 0.6 * uniform(from) + 0.02 * (double)t * uniform(from + 1);
        }
        if (t == 4) x[1] = NAN;
        sde_tracker_update(land, x, limit, keep, tracked, scratch, inner);
        for (size_t l = 0; l < lanes; l++) {
            if (t == 4 && l == 1) {
                assert_int_equal(tracked[l].count, 0);
                continue;
            }
            size_t count = 0;
            for (size_t i = 0; i < p; i++) at[i] = x[i * lanes + l];
            assert_int_equal(core_point_hessian(land, at, all), CORE_OK);
            assert_int_equal(core_symmetric_eigen(p, all, values, NULL), CORE_OK);
            while (count < SDE_TRACKED_MOST && values[p - 1 - count] > limit) count++;
            assert_int_equal(tracked[l].count, count);
            for (size_t i = 0; i < count; i++, seen++) {
                const double *u = tracked[l].vectors + i * p;
                assert_true(fabs(tracked[l].values[i] - values[p - 1 - i]) < 1e-8 * values[p - 1]);
                assert_int_equal(core_point_hessian_vector(land, at, u, at + p), CORE_OK);
                for (size_t c = 0; c < p; c++)
                    assert_true(fabs(at[p + c] - tracked[l].values[i] * u[c]) < 1e-4 * values[p - 1]);
            }
        }
    }
    assert_true(seen > 100);
    free(all);
    core_free(x);
    core_free(inner);
    core_free(keep);
    core_free(scratch);
    core_landscape_free(land);
}

/* ---- The drift ---- */

/* The network of dln.json, central_flow: four samples X = 2 L, L L^T = Sxx, and Y = 2 Syx L^{-T}. */
static struct core_landscape *reference_network(const char *text) {
    enum { N = 4 };
    double sxx[N * N], syx[N * N], l[N * N] = {0};
    reference_numbers(text, "central_flow.Sxx", N * N, sxx);
    reference_numbers(text, "central_flow.Syx", N * N, syx);
    struct dln_data data = {N, N, N, core_alloc(N * N, sizeof(double)), core_alloc(N * N, sizeof(double))};
    for (size_t j = 0; j < N; j++)
        for (size_t i = j; i < N; i++) {
            double sum = sxx[i * N + j];
            for (size_t c = 0; c < j; c++) sum -= l[i * N + c] * l[j * N + c];
            l[i * N + j] = i == j ? sqrt(sum) : sum / l[j * N + j];
        }
    for (size_t mu = 0; mu < N; mu++)
        for (size_t i = 0; i < N; i++) {
            double sum = syx[i * N + mu];
            for (size_t c = 0; c < mu; c++) sum -= data.y[c * N + i] / 2 * l[mu * N + c];
            data.x[mu * N + i] = 2 * l[i * N + mu];
            data.y[mu * N + i] = 2 * sum / l[mu * N + mu];
        }
    struct core_landscape *network = NULL;
    if (dln_network_create(3, DEEP, &data, &network) != CORE_OK) reference_missing("no network", core_error());
    dln_data_free(&data);
    return network;
}

static struct core_stepper *create(const struct core_landscape *land, enum sde_drift drift, enum sde_noise noise,
                                   double rate, size_t substeps) {
    struct core_stepper *paths = NULL;
    struct sde_settings settings = sde_settings_default();
    settings.drift = drift;
    settings.noise = noise;
    settings.batch = 16;
    settings.schedule.rate = rate;
    settings.substeps = substeps;
    if (sde_create(land, &settings, 77, &paths) != CORE_OK) reference_missing("no paths", core_error());
    return paths;
}

enum { STEPS = 600 };

/* Every point of a deterministic run: (STEPS + 2, P). */
static double *trace(const struct core_landscape *land, enum sde_drift drift, double rate, size_t substeps,
                     const double start[]) {
    struct core_stepper *paths = create(land, drift, SDE_NOISE_NONE, rate, substeps);
    size_t steps[STEPS + 2];
    for (size_t k = 0; k < STEPS + 2; k++) steps[k] = k;
    struct core_ensemble *ensemble = stepping_run(paths, start, STEPS + 2, steps, 1);
    double *points = calloc((STEPS + 2) * P, sizeof *points);
    memcpy(points, ensemble->parameters, (STEPS + 2) * P * sizeof *points);
    core_ensemble_free(ensemble);
    sde_free(paths);
    return points;
}

/* The mean over steps 1 ... 600 of the distance to (w_{t-1} + 2 w_t + w_{t+1}) / 4 of descent. */
static double mean_distance(const double path[], const double descent[]) {
    double mean = 0;
    for (size_t t = 1; t <= STEPS; t++) {
        double square = 0;
        for (size_t i = 0; i < P; i++) {
            const double *d = descent + t * P + i;
            square += pow(path[t * P + i] - (d[-P] + 2 * d[0] + d[P]) / 4, 2);
        }
        mean += sqrt(square) / STEPS;
    }
    return mean;
}

static void test_reference_flow(void **state) {
    /* value: tests/reference/dln.json, central_flow: mean distances to smoothed descent (0.064 with 4 substeps, 0.071
     * with 16, gradient flow 0.164): the bound of 0.07 and 1e-2 around the reference, because descent's own overshoot
     * grows out of rounding error, which differs from one BLAS to another (0.003 seen); points of the run and sharpness
     * at ten steps to 1e-6 */
    (void)state;
    char *text = reference_load("tests/reference/dln.json"), path[80];
    double start[P], theta[P], rate = reference_number(text, "central_flow.eta");
    struct core_landscape *land = reference_network(text);
    reference_numbers(text, "central_flow.w0", P, start);
    double *descent = trace(land, SDE_DRIFT_GRADIENT, rate, 1, start);
    double *flow = trace(land, SDE_DRIFT_CENTRAL_FLOW, rate, 4, start);
    double *fine = trace(land, SDE_DRIFT_CENTRAL_FLOW, rate, 16, start);
    double *gradient = trace(land, SDE_DRIFT_GRADIENT, rate, 64, start);
    double near = mean_distance(flow, descent), far = mean_distance(gradient, descent);
    assert_true(near <= 0.07);
    assert_true(fabs(near - reference_number(text, "central_flow.mean_err_cf")) < 1e-2);
    assert_true(fabs(mean_distance(fine, descent) - reference_number(text, "central_flow.mean_err_cf_sub16")) < 1e-2);
    assert_true(fabs(far - reference_number(text, "central_flow.mean_err_gf")) < 1e-3);
    for (size_t c = 0; c < 10; c++) {
        struct core_sharpness sharpness;
        snprintf(path, sizeof path, "central_flow.checkpoints[%zu].step", c);
        const double *point = flow + (size_t)reference_number(text, path) * P;
        snprintf(path, sizeof path, "central_flow.checkpoints[%zu].cf_theta", c);
        reference_numbers(text, path, P, theta);
        for (size_t i = 0; i < P; i++) assert_true(fabs(point[i] - theta[i]) < 1e-6);
        snprintf(path, sizeof path, "central_flow.checkpoints[%zu].cf_sharp", c);
        assert_int_equal(core_point_sharpness(land, point, &sharpness, NULL), CORE_OK);
        assert_true(fabs(sharpness.value - reference_number(text, path)) < 1e-6);
    }
    free(descent);
    free(flow);
    free(fine);
    free(gradient);
    core_landscape_free(land);
    free(text);
}

static void test_below_the_edge(void **state) {
    /* law: where all eigenvalues stay far below 2 / eta, the flow is the gradient's to the last bit, and so is
     * central-flow-plus, which needs eta h / 2 > 1/4 */
    (void)state;
    struct core_landscape *land = stepping_network(3, DEEP, 30);
    double start[P];
    for (size_t i = 0; i < P; i++) start[i] = 0.4 * uniform(i);
    double *plain = trace(land, SDE_DRIFT_GRADIENT, 0.02, 2, start);
    double *flow = trace(land, SDE_DRIFT_CENTRAL_FLOW, 0.02, 2, start);
    double *plus = trace(land, SDE_DRIFT_CENTRAL_FLOW_PLUS, 0.02, 2, start);
    assert_memory_equal(plain, flow, (STEPS + 2) * P * sizeof *plain);
    assert_memory_equal(plain, plus, (STEPS + 2) * P * sizeof *plain);
    free(plain);
    free(flow);
    free(plus);
    core_landscape_free(land);
}

static void test_excess(void **state) {
    /* value: one substep of central-flow-plus at a point with eta h / 2 between 1/4 and 0.9 moves by the gradient and
     * the formula of c_i, from LAPACK's eigenvectors and the whole noise factor, to 1e-7 of the excess */
    (void)state;
    struct core_landscape *land = stepping_network(3, DEEP, 30);
    size_t width = land->noise_width, one = 1, counted = 0;
    double start[P], moved[P] = {0}, values[P], u[P], third[P], sum = 0, error = 0;
    double *hessian = calloc(2 * P * P, sizeof *hessian), *vectors = hessian + P * P;
    double *factor = calloc(P * width, sizeof *factor);
    for (size_t i = 0; i < P; i++) start[i] = 0.5 * uniform(i);
    assert_int_equal(core_point_hessian(land, start, hessian), CORE_OK);
    assert_int_equal(core_symmetric_eigen(P, hessian, values, vectors), CORE_OK);
    assert_int_equal(core_point_noise_factor(land, start, factor), CORE_OK);
    double rate = 1.7 / values[P - 1];
    for (size_t i = 0; i < P; i++) {
        double s = 0, x = rate * values[i] / 2;
        if (x <= 0.25) continue;
        for (size_t c = 0; c < P; c++) u[c] = vectors[c * P + i];
        for (size_t mu = 0; mu < width; mu++) {
            double product = 0;
            for (size_t c = 0; c < P; c++) product += u[c] * factor[c * width + mu];
            s += product * product;
        }
        double excess = rate * s / (2 * 16 * values[i]) * x / (1 - x);
        assert_int_equal(core_point_curvature_gradient(land, start, u, u, third), CORE_OK);
        for (size_t c = 0; c < P; c++) moved[c] -= rate * excess / 2 * third[c];
        counted++;
    }
    assert_true(counted >= 2);
    struct core_stepper *plain = create(land, SDE_DRIFT_GRADIENT, SDE_NOISE_NONE, rate, 1);
    struct core_stepper *plus = create(land, SDE_DRIFT_CENTRAL_FLOW_PLUS, SDE_NOISE_NONE, rate, 1);
    struct core_ensemble *without = stepping_run(plain, start, 1, &one, 1);
    struct core_ensemble *with = stepping_run(plus, start, 1, &one, 1);
    for (size_t i = 0; i < P; i++) {
        sum += moved[i] * moved[i];
        error += pow(with->parameters[i] - without->parameters[i] - moved[i], 2);
    }
    assert_true(sum > 0 && error < 1e-8 * sum);
    core_ensemble_free(without);
    core_ensemble_free(with);
    sde_free(plain);
    sde_free(plus);
    free(factor);
    free(hessian);
    core_landscape_free(land);
}

/* Replicas with noise, 20 steps; from replica `first` on. */
static enum core_status run(const struct core_landscape *land, const double start[], enum sde_drift drift,
                            size_t threads, size_t first, size_t replicas, double *out) {
    size_t record = 20;
    struct core_stepper *paths = NULL;
    struct core_ensemble *ensemble = NULL;
    struct sde_settings settings = sde_settings_default();
    settings.drift = drift;
    settings.batch = 16;
    settings.substeps = 2;
    settings.schedule.rate = 0.2694;
    struct core_ensemble_settings how = {.steps = record,
                                         .replicas = replicas,
                                         .start = {start, 0.02},
                                         .record_count = 1,
                                         .record_steps = &record,
                                         .ceiling = 1e12,
                                         .threads = threads,
                                         .first_replica = first};
    enum core_status status = sde_create(land, &settings, 5, &paths);
    if (status == CORE_OK) status = core_ensemble_create(replicas, P, 1, 0, &ensemble);
    if (status == CORE_OK) status = core_ensemble_run(paths, &how, ensemble, 0);
    if (status == CORE_OK) memcpy(out, ensemble->parameters, replicas * P * sizeof *out);
    core_ensemble_free(ensemble);
    sde_free(paths);
    return status;
}

static void test_bits(void **state) {
    /* law: the same bits on one thread and on three, and for replicas 5 ... 12 alone, which then stand in other lanes;
     * the two drifts act here and differ */
    (void)state;
    char *text = reference_load("tests/reference/dln.json");
    struct core_landscape *land = reference_network(text);
    static double start[P], one[13 * P], three[13 * P], plain[13 * P];
    reference_numbers(text, "central_flow.checkpoints[2].gd_theta", P, start);
    assert_int_equal(run(land, start, SDE_DRIFT_GRADIENT, 1, 0, 13, plain), CORE_OK);
    for (int plus = 0; plus < 2; plus++) {
        enum sde_drift drift = plus ? SDE_DRIFT_CENTRAL_FLOW_PLUS : SDE_DRIFT_CENTRAL_FLOW;
        assert_int_equal(run(land, start, drift, 1, 0, 13, one), CORE_OK);
        assert_int_equal(run(land, start, drift, 3, 0, 13, three), CORE_OK);
        assert_memory_equal(one, three, sizeof one);
        assert_int_equal(run(land, start, drift, 2, 5, 8, three), CORE_OK);
        assert_memory_equal(one + 5 * P, three, 8 * P * sizeof *one);
        assert_memory_not_equal(one, plain, sizeof one);
        memcpy(plain, one, sizeof one);
    }
    core_landscape_free(land);
    free(text);
}

static void test_failures(void **state) {
    /* law: every allocation can fail; a landscape without what a drift needs is refused with a sentence */
    (void)state;
    struct core_landscape *land = stepping_network(3, DEEP, 30), *bare = NULL;
    static double start[P], out[13 * P];
    enum core_status status = CORE_NO_MEMORY;
    size_t live = core_alloc_live();
    for (size_t k = 1; status != CORE_OK; k++) {
        core_alloc_fail_at(k);
        status = run(land, start, SDE_DRIFT_CENTRAL_FLOW_PLUS, 1, 0, 3, out);
        core_alloc_fail_at(0);
        assert_true(status == CORE_OK || status == CORE_NO_MEMORY);
        assert_int_equal(core_alloc_live(), live);
    }
    core_landscape_free(land);
    struct sde_settings settings = sde_settings_default();
    settings.noise = SDE_NOISE_NONE;
    settings.drift = SDE_DRIFT_CENTRAL_FLOW_PLUS;
    assert_int_equal(core_landscape_create(&(struct core_potential){.name = "double-well"}, &bare), CORE_OK);
    assert_int_equal(sde_check(&settings, bare), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "has no gradient noise"));
    core_landscape_free(bare);
    double matrix = 1.5;
    struct core_potential linear = {.name = "linear-drift", .rows = 1, .columns = 1, .matrix = &matrix};
    assert_int_equal(core_landscape_create(&linear, &bare), CORE_OK);
    struct core_landscape_methods fewer = *bare->methods;
    const struct core_landscape_methods *whole = bare->methods;
    fewer.curvature_gradient = NULL;
    bare->methods = &fewer;
    settings.drift = SDE_DRIFT_CENTRAL_FLOW;
    assert_int_equal(sde_check(&settings, bare), CORE_BAD_INPUT);
    fewer.hessian_vector = NULL;
    assert_int_equal(sde_check(&settings, bare), CORE_BAD_INPUT);
    assert_non_null(strstr(core_error(), "has no Hessian-vector product"));
    bare->methods = whole;
    core_landscape_free(bare);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reference_problems),
        cmocka_unit_test(test_problems),
        cmocka_unit_test(test_jacobi),
        cmocka_unit_test(test_tracker),
        cmocka_unit_test(test_reference_flow),
        cmocka_unit_test(test_below_the_edge),
        cmocka_unit_test(test_excess),
        cmocka_unit_test(test_bits),
        cmocka_unit_test(test_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
