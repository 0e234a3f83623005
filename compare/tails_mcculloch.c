/* SPDX-License-Identifier: GPL-3.0-or-later */
/* McCulloch's estimate of a stable law from five quantiles [mcculloch1986]. With q_p the p-quantile,
 *     nu_a = (q_.95 - q_.05) / (q_.75 - q_.25),  nu_b = (q_.95 + q_.05 - 2 q_.5) / (q_.95 - q_.05)
 * do not depend on scale and location. Where McCulloch reads a table, the two equations nu(alpha, beta) = nu of the
 * sample are solved here with the quantiles of the law itself (compare/stable.c): for each alpha the beta that gives
 * nu_b, or the nearest of -1 and 1, and then the alpha that gives nu_a. nu_a at or below the normal law's 2.4387 means
 * alpha = 2, and one beyond that of alpha = 0.3 means 0.3; there is no standard error at these ends.
 *
 * Standard errors: the five sample quantiles are asymptotically normal with covariance p (1 - p') / (n f(q_p) f(q_p')),
 * p <= p'; carried to nu by its gradient and to (alpha, beta) by the inverse Jacobian of nu. */
#include "compare/tails.h"

#include "compare/stable.h"
#include "core/memory.h"

#include <math.h>

enum { QUANTILES = 5, STEPS = 60 };

static const double levels[QUANTILES] = {0.05, 0.25, 0.5, 0.75, 0.95};

/* Where the search for alpha looks before it narrows down; the last is the smallest. */
enum { GATES = 4 };
static const double gates[GATES] = {1.6, 1.1, 0.65, 0.3};

struct shape {
    double nu_a, nu_b;
};

static struct shape shape_of(const double q[QUANTILES]) {
    double width = q[4] - q[0];
    return (struct shape){width / (q[3] - q[1]), ((q[4] - q[2]) - (q[2] - q[0])) / width};
}

/* A stable law's quantiles; each search begins at the last answer. */
struct law {
    double q[QUANTILES];
};

static struct shape law_shape(struct law *law, double alpha, double beta) {
    for (int i = 0; i < QUANTILES; i++) {
        int mirrored = beta == 0 && i < QUANTILES / 2;
        if (!mirrored) law->q[i] = beta == 0 && i == 2 ? 0 : compare_stable_quantile(alpha, beta, levels[i], law->q[i]);
    }
    for (int i = 0; beta == 0 && i < QUANTILES / 2; i++) law->q[i] = -law->q[QUANTILES - 1 - i];
    return shape_of(law->q);
}

/* The root of a continuous f, of opposite signs at low and high, by false position with Illinois' halving. */
struct search {
    double low, high, at_low, at_high;
};

static double propose(const struct search *s) {
    return (s->low * s->at_high - s->high * s->at_low) / (s->at_high - s->at_low);
}

static void narrow(struct search *s, double x, double value, int *side) {
    if ((value > 0) == (s->at_high > 0)) {
        s->high = x;
        s->at_high = value;
        if (*side == 1) s->at_low /= 2;
        *side = 1;
    } else {
        s->low = x;
        s->at_low = value;
        if (*side == -1) s->at_high /= 2;
        *side = -1;
    }
}

/* The beta in [-1, 1] whose nu_b is nearest to `wanted`, nu_a there in *nu_a. nu_b grows with beta and is odd in it. */
static double find_beta(struct law *law, double alpha, double wanted, double *nu_a) {
    double end = wanted > 0 ? 1 : -1, beta = wanted == 0 ? 0 : end;
    struct shape shape = law_shape(law, alpha, beta);
    *nu_a = shape.nu_a;
    if (wanted == 0 || fabs(shape.nu_b) <= fabs(wanted)) return beta;
    struct search s = {0, end, -wanted, shape.nu_b - wanted}; /* low and high need not be in order */
    int side = 0;
    for (int i = 0; i < STEPS && fabs(shape.nu_b - wanted) > 1e-10; i++) {
        beta = propose(&s);
        shape = law_shape(law, alpha, beta);
        narrow(&s, beta, shape.nu_b - wanted, &side);
    }
    *nu_a = shape.nu_a;
    return beta;
}

struct fit {
    double alpha, beta;
    int inside; /* 1: neither at 2 nor at the smallest */
};

/* `symmetric`: beta stays 0. */
static struct fit solve(struct law *law, struct shape wanted, int symmetric) {
    struct fit fit = {2, 0, 0};
    double nu_a = law_shape(law, 2, 0).nu_a, skew = symmetric ? 0 : wanted.nu_b;
    if (!(wanted.nu_a > nu_a)) return fit;
    struct search s = {2, 2, log(nu_a / wanted.nu_a), 0}; /* nu_a falls with alpha, its logarithm more evenly */
    for (int i = 0; i < GATES && !(s.at_low > 0); i++) {
        s.high = s.low;
        s.at_high = s.at_low;
        fit.alpha = s.low = gates[i];
        fit.beta = find_beta(law, s.low, skew, &nu_a);
        s.at_low = log(nu_a / wanted.nu_a);
    }
    if (!(s.at_low > 0)) return fit;
    fit.inside = 1;
    int side = 0;
    for (int i = 0; i < STEPS && s.high - s.low > 1e-12; i++) {
        fit.alpha = propose(&s);
        fit.beta = find_beta(law, fit.alpha, skew, &nu_a);
        double value = log(nu_a / wanted.nu_a);
        if (fabs(value) <= 1e-10) break;
        narrow(&s, fit.alpha, value, &side);
    }
    return fit;
}

/* Covariance of nu_a, nu_b of n draws, times n. */
static void shape_covariance(const struct law *law, const struct fit *fit, double c[3]) {
    const double *q = law->q;
    double width = q[4] - q[0], body = q[3] - q[1], f[QUANTILES];
    struct shape at = shape_of(q);
    const double a[QUANTILES] = {-1 / body, at.nu_a / body, 0, -at.nu_a / body, 1 / body};
    const double b[QUANTILES] = {(1 + at.nu_b) / width, 0, -2 / width, 0, (1 - at.nu_b) / width};
    for (int i = 0; i < QUANTILES; i++) f[i] = compare_stable_at(fit->alpha, fit->beta, q[i]).pdf;
    c[0] = c[1] = c[2] = 0;
    for (int i = 0; i < QUANTILES; i++) {
        for (int j = 0; j < QUANTILES; j++) {
            double v = levels[i < j ? i : j] * (1 - levels[i < j ? j : i]) / (f[i] * f[j]);
            c[0] += a[i] * a[j] * v;
            c[1] += a[i] * b[j] * v;
            c[2] += b[i] * b[j] * v;
        }
    }
}

/* The standard error of alpha: row of the inverse Jacobian; of d nu_a / d alpha alone where beta is held. */
static double standard_error(size_t n, struct law *law, const struct fit *fit, int symmetric) {
    double h = fmin(1e-4, (2 - fit->alpha) / 2), c[3];
    if (!(h > 1e-7)) return (double)NAN;
    int held = symmetric || fabs(fit->beta) > 1 - 1e-4;
    law_shape(law, fit->alpha, fit->beta);
    shape_covariance(law, fit, c);
    struct shape up = law_shape(law, fit->alpha + h, fit->beta), down = law_shape(law, fit->alpha - h, fit->beta);
    double aa = (up.nu_a - down.nu_a) / (2 * h), ba = (up.nu_b - down.nu_b) / (2 * h), ab = 0, bb = 1;
    if (held) return sqrt(c[0] / (double)n) / fabs(aa);
    up = law_shape(law, fit->alpha, fit->beta + 1e-4);
    down = law_shape(law, fit->alpha, fit->beta - 1e-4);
    ab = (up.nu_a - down.nu_a) / 2e-4;
    bb = (up.nu_b - down.nu_b) / 2e-4;
    double determinant = aa * bb - ab * ba, u = bb / determinant, v = -ab / determinant;
    return sqrt(fmax(u * u * c[0] + 2 * u * v * c[1] + v * v * c[2], 0) / (double)n);
}

static enum core_status fit_quantiles(size_t n, const double x[], int symmetric, struct compare_tail *tail) {
    double *sorted, q[QUANTILES];
    *tail = compare_tail_unknown();
    enum core_status status = compare_tail_check(QUANTILES, n, x);
    if (status == CORE_OK) status = compare_tail_sorted(n, x, &sorted);
    if (status != CORE_OK) return status;
    /* in units of the interquartile range, centred: nothing overflows */
    double median = compare_hazen(n, sorted, 0.5);
    double unit = 0.5 * compare_hazen(n, sorted, 0.75) - 0.5 * compare_hazen(n, sorted, 0.25);
    for (int i = 0; i < QUANTILES; i++) q[i] = (compare_hazen(n, sorted, levels[i]) - median) / unit;
    core_free(sorted);
    if (!(unit > 0)) {
        return core_fail(CORE_BAD_INPUT, "mcculloch: half of the sample or more are equal: the interquartile range is "
                                         "zero");
    }
    struct law law = {{-2, -1, 0, 1, 2}};
    struct fit fit = solve(&law, shape_of(q), symmetric);
    law_shape(&law, fit.alpha, fit.beta);
    tail->alpha = fit.alpha;
    tail->beta = fit.beta;
    tail->scale = unit * 2 / (law.q[3] - law.q[1]);
    tail->location = median - tail->scale * law.q[2];
    if (fit.inside) tail->se = standard_error(n, &law, &fit, symmetric);
    return CORE_OK;
}

enum core_status compare_tail_mcculloch(size_t n, const double x[], size_t k, struct compare_tail *tail) {
    (void)k;
    return fit_quantiles(n, x, 0, tail);
}

enum core_status compare_tail_mcculloch_symmetric(size_t n, const double x[], size_t k, struct compare_tail *tail) {
    (void)k;
    return fit_quantiles(n, x, 1, tail);
}
