/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Distances whose value is known: a sample and its own shift, pairs of samples of one law, a survival curve by hand. */
#include "lab/verify.h"

#include "compare/compare.h"
#include "core/memory.h"
#include "core/sum.h"

#include <math.h>

enum { ROWS = 200, DIMENSION = 3, PAIRS = 24 };

/* x (ROWS, DIMENSION) and y = x with its rows in the opposite order, shifted by (0.3, -0.4, 1.2), of length 1.3. */
static void make_shifted(double x[], double y[]) {
    static const double shift[DIMENSION] = {0.3, -0.4, 1.2};
    lab_law_draws((size_t)ROWS * DIMENSION, 7, x);
    for (size_t i = 0; i < ROWS; i++)
        for (size_t k = 0; k < DIMENSION; k++) y[(ROWS - 1 - i) * DIMENSION + k] = x[i * DIMENSION + k] + shift[k];
}

static enum core_status wasserstein(size_t threads, struct lab_law_outcome *outcome) {
    double x[ROWS * DIMENSION], y[ROWS * DIMENSION], distance = 0;
    (void)threads;
    make_shifted(x, y);
    enum core_status status = compare_wasserstein_2(ROWS, DIMENSION, x, y, &distance, NULL, NULL);
    outcome->error = fabs(distance / 1.3 - 1);
    return status;
}

static enum core_status wasserstein_line(size_t threads, struct lab_law_outcome *outcome) {
    double x[ROWS], y[ROWS], first = 0, second = 0;
    (void)threads;
    lab_law_draws(ROWS, 8, x);
    for (size_t i = 0; i < ROWS; i++) y[ROWS - 1 - i] = x[i] - 0.7;
    enum core_status status = compare_wasserstein_1d(ROWS, x, ROWS, y, 1, &first);
    if (status == CORE_OK) status = compare_wasserstein_1d(ROWS, x, ROWS, y, 2, &second);
    outcome->error = fmax(fabs(first / 0.7 - 1), fabs(second / 0.7 - 1));
    return status;
}

/* Sliced W_2 of a shift v: W_2^2 along the direction w is (v . w)^2. */
static enum core_status sliced(size_t threads, struct lab_law_outcome *outcome) {
    enum { DIRECTIONS = 50 };
    static const double shift[DIMENSION] = {0.3, -0.4, 1.2};
    double x[ROWS * DIMENSION], y[ROWS * DIMENSION], directions[DIRECTIONS * DIMENSION], distance = 0, mean = 0;
    (void)threads;
    make_shifted(x, y);
    enum core_status status = compare_directions(DIRECTIONS, DIMENSION, 20, directions);
    if (status == CORE_OK)
        status = compare_sliced(ROWS, x, ROWS, y, DIMENSION, DIRECTIONS, directions, &distance, NULL);
    for (size_t d = 0; d < DIRECTIONS && status == CORE_OK; d++) {
        double along = 0;
        for (size_t k = 0; k < DIMENSION; k++) along += shift[k] * directions[d * DIMENSION + k];
        mean += along * along / DIRECTIONS;
    }
    outcome->error = fabs(distance / sqrt(mean) - 1);
    return status;
}

/* ---- Unbiased estimates of zero ---- */

typedef enum core_status (*estimate)(const double x[], const double y[], double *value);

static enum core_status mmd(const double x[], const double y[], double *value) {
    return compare_mmd2(ROWS, x, ROWS, y, DIMENSION, 1.7, value);
}
static enum core_status energy(const double x[], const double y[], double *value) {
    return compare_energy2(ROWS, x, ROWS, y, DIMENSION, value);
}

/* The mean over independent pairs of samples of one law, in standard errors. */
static enum core_status mean_is_zero(estimate of, struct lab_law_outcome *outcome) {
    double x[ROWS * DIMENSION], y[ROWS * DIMENSION], values[PAIRS];
    enum core_status status = CORE_OK;
    for (size_t i = 0; i < PAIRS && status == CORE_OK; i++) {
        lab_law_draws((size_t)ROWS * DIMENSION, 100 + 2 * i, x);
        lab_law_draws((size_t)ROWS * DIMENSION, 101 + 2 * i, y);
        status = of(x, y, &values[i]);
    }
    if (status != CORE_OK) return status;
    struct core_moments moments = core_moments(values, PAIRS, 1);
    outcome->error = fabs(moments.mean) / sqrt(moments.variance / PAIRS);
    return CORE_OK;
}

static enum core_status mmd_zero(size_t threads, struct lab_law_outcome *outcome) {
    (void)threads;
    return mean_is_zero(mmd, outcome);
}
static enum core_status energy_zero(size_t threads, struct lab_law_outcome *outcome) {
    (void)threads;
    return mean_is_zero(energy, outcome);
}

/* In one dimension the biased energy distance is 2 times the integral of (F_n - G_m)^2: here of two and three points.
 */
static enum core_status energy_line(size_t threads, struct lab_law_outcome *outcome) {
    static const double x[] = {0, 2}, y[] = {1, 3, 4};
    double unbiased = 0, biased = 0;
    (void)threads;
    enum core_status status = compare_energy2_both(2, x, 3, y, 1, &unbiased, &biased);
    /* F - G: 1/2 on (0,1), 1/6 on (1,2), 2/3 on (2,3), 1/3 on (3,4) */
    double exact = 2 * (1.0 / 4 + 1.0 / 36 + 4.0 / 9 + 1.0 / 9);
    outcome->error = fabs(biased / exact - 1);
    return status;
}

/* Six times, two of them censored: 1, 2+, 3, 3, 4+, 5. */
static enum core_status kaplan_meier(size_t threads, struct lab_law_outcome *outcome) {
    static const double time[] = {3, 1, 5, 2, 4, 3}, exact[] = {5.0 / 6, 5.0 / 12, 0};
    static const int escaped[] = {1, 1, 1, 0, 0, 1};
    double at[6], survival[6];
    size_t count = 0;
    (void)threads;
    enum core_status status = compare_kaplan_meier(6, time, escaped, &count, at, survival);
    outcome->error = status == CORE_OK && count == 3 && at[0] == 1 && at[1] == 3 && at[2] == 5
                         ? lab_law_difference(3, survival, exact)
                         : (double)INFINITY;
    return status;
}

const struct lab_exact_law lab_laws_compare[] = {
    {"W2 of a shift", "= the length of the shift, 200 rows in dimension 3", 1e-12, wasserstein},
    {"W1 and W2 on the line", "= the shift", 1e-12, wasserstein_line},
    {"sliced W2 of a shift", "= root mean square of its projections", 1e-12, sliced},
    {"MMD of one law", "mean of 24 unbiased estimates is 0, z", 5, mmd_zero},
    {"energy distance of one law", "mean of 24 unbiased estimates is 0, z", 5, energy_zero},
    {"energy distance on the line", "= 2 integral (F - G)^2", 1e-14, energy_line},
    {"Kaplan-Meier", "six times, two censored, by hand", 1e-15, kaplan_meier},
    {NULL, NULL, 0, NULL},
};
