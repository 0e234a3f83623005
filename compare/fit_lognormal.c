/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A lognormal law of censored times by maximum likelihood. With x = ln t, b = 1/s and a = m/s the log-likelihood
 *
 *     d ln b - 1/2 sum over events of (b x - a)^2 + sum over censored of ln Q(b x - a),   Q the normal upper tail,
 *
 * is concave in (a, b) [olsen1978], so Newton's steps, halved while they do not climb, lead to the maximum. With r = b
 * x
 * - a and the hazard h(r) = phi(r)/Q(r), h' = h (h - r):
 *
 *     gradient  a: sum_ev r + sum_c h            b: d/b - sum_ev r x - sum_c h x
 *     Hessian  aa: -d - sum_c h'   ab: sum_ev x + sum_c h' x   bb: -d/b^2 - sum_ev x^2 - sum_c h' x^2.
 *
 * x is centred and scaled by the events' mean and spread first. */
#include "compare/escape.h"

#include "compare/timeline.h"
#include "core/memory.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_erf.h>
#include <math.h>

enum { HALVINGS = 33 };

struct sample {
    size_t n;
    const double *x; /* (n) standardised ln t */
    const int *escaped;
    double d;
};

struct climb {
    double value, a, b, aa, ab, bb; /* the log-likelihood and its derivatives */
};

static struct climb at(const struct sample *s, double a, double b) {
    struct climb out = {s->d * log(b), 0, s->d / b, -s->d, 0, -s->d / (b * b)};
    for (size_t i = 0; i < s->n; i++) {
        double x = s->x[i], r = b * x - a, slope = 1, push = r;
        if (s->escaped[i] != 0) {
            out.value -= 0.5 * r * r;
            out.ab += x;
            out.bb -= x * x;
        } else {
            push = gsl_sf_hazard(r);
            slope = push * (push - r);
            out.value += gsl_sf_log_erfc(r / sqrt(2)) - log(2.0);
            out.aa -= slope;
            out.ab += slope * x;
            out.bb -= slope * x * x;
        }
        out.a += push;
        out.b -= push * x;
    }
    return out;
}

/* From (0, 1) to the maximum; 0 where it was not found. */
static int maximise(const struct sample *s, double *a, double *b, struct climb *here) {
    *here = at(s, *a, *b);
    for (int step = 0; step < 200; step++) {
        double determinant = here->aa * here->bb - here->ab * here->ab;
        double da = -(here->bb * here->a - here->ab * here->b) / determinant;
        double db = -(here->aa * here->b - here->ab * here->a) / determinant;
        if (!(determinant > 0) || !isfinite(da + db)) return 0;
        int halvings = 0;
        double part = 1;
        struct climb there = *here;
        for (; halvings < HALVINGS; halvings++, part *= 0.5) {
            if (*b + part * db <= 0) continue;
            there = at(s, *a + part * da, *b + part * db);
            if (there.value >= here->value - 1e-12 * fabs(here->value)) break;
        }
        if (halvings == HALVINGS) return 1; /* nothing higher within rounding */
        *a += part * da;
        *b += part * db;
        *here = there;
        if (fabs(da) + fabs(db) <= 1e-12 * (fabs(*a) + *b)) return 1;
    }
    return 0;
}

/* m = centre + spread a/b, s = spread/b; their errors from those of (a, b) by the chain rule. */
static void convert(double a, double b, const struct climb *top, double centre, double spread,
                    struct compare_fit *out) {
    double determinant = top->aa * top->bb - top->ab * top->ab;
    double va = -top->bb / determinant, vb = -top->aa / determinant, vab = top->ab / determinant;
    out->first = centre + spread * a / b;
    out->second = spread / b;
    out->first_se = spread / b * sqrt(va - 2 * a / b * vab + a * a / (b * b) * vb);
    out->second_se = spread / (b * b) * sqrt(vb);
}

static void fit(size_t n, double x[], const int escaped[], struct compare_fit *out) {
    double d = 0, sum = 0, square = 0;
    for (size_t i = 0; i < n; i++) {
        if (escaped[i] == 0) continue;
        d++;
        sum += x[i];
    }
    double centre = sum / d;
    for (size_t i = 0; i < n; i++) square += escaped[i] != 0 ? (x[i] - centre) * (x[i] - centre) : 0;
    double spread = sqrt(square / d), a = 0, b = 1;
    if (!(spread > 1e-12 * (1 + fabs(centre)))) return;
    for (size_t i = 0; i < n; i++) x[i] = (x[i] - centre) / spread;
    struct sample sample = {n, x, escaped, d};
    struct climb top;
    if (!maximise(&sample, &a, &b, &top)) {
        out->state = COMPARE_NOT_CONVERGED;
        return;
    }
    convert(a, b, &top, centre, spread, out);
    out->loglik = top.value - d * (0.5 * log(2 * 3.14159265358979323846) + log(spread)) - sum;
    out->aic = 4 - 2 * out->loglik;
    out->state = COMPARE_DEFINED;
}

enum core_status compare_fit_lognormal(size_t n, const double time[], const int escaped[], struct compare_fit *out) {
    static const double none = (double)NAN;
    *out = (struct compare_fit){none, none, none, none, none, none, COMPARE_DEGENERATE};
    enum core_status status = compare_check_times(n, time);
    for (size_t i = 0; status == CORE_OK && i < n; i++) {
        if (time[i] > 0) continue;
        status = core_fail(CORE_BAD_INPUT, "time %zu is 0; for a lognormal law times are above 0", i + 1);
    }
    if (status != CORE_OK) return status;
    double *x = core_alloc(n, sizeof *x);
    if (x == NULL) return core_fail(CORE_NO_MEMORY, "no memory for %zu times", n);
    size_t events = 0;
    for (size_t i = 0; i < n; i++) {
        x[i] = log(time[i]);
        events += escaped[i] != 0;
    }
    if (events > 0) fit(n, x, escaped, out);
    core_free(x);
    return CORE_OK;
}
