/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Laws of escape times by maximum likelihood with censoring [kalbfleisch2002, ch. 3]: an event adds ln f(t), a censored
 * time ln S(t). d events, T the sum of all times, x = ln t.
 *
 * Exponential, S = e^(-r t): r = d / T, se(ln r) = 1 / sqrt d.
 *
 * Weibull, S = exp(-(t/l)^k): l^k = sum t^k / d, and k is the zero of the decreasing
 *
 *     g(k) = 1/k + mean over events of x - sum x t^k / sum t^k,
 *
 * by Newton's method in a bracket. With y = max x - x >= 0 no power overflows. Information in (ln l, ln k), with w_i =
 * (t_i/l)^k and z_i = ln w_i:  [d k^2, k sum w z; ., d + sum w z^2].
 *
 * Pareto, S = (t/t0)^-a: a = d / sum ln(t/t0), se a / sqrt d. */
#include "compare/fit.h"
#include "compare/escape.h"

#include "compare/timeline.h"
#include "core/memory.h"
#include "core/sum.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

CORE_ISA_PICK(struct compare_fit_kernels, compare_fit_kernels)

static const double none = (double)NAN;

static size_t events_of(size_t n, const int escaped[]) {
    size_t events = 0;
    for (size_t i = 0; i < n; i++) events += escaped[i] != 0;
    return events;
}

static struct compare_fit undefined(void) {
    return (struct compare_fit){none, none, none, none, none, none, COMPARE_DEGENERATE};
}

static void set_likelihood(struct compare_fit *out, double loglik, int parameters) {
    out->loglik = loglik;
    out->aic = 2 * parameters - 2 * loglik;
    out->state = COMPARE_DEFINED;
}

static enum core_status check_positive(size_t n, const double time[], double least, const char *law) {
    enum core_status status = compare_check_times(n, time);
    for (size_t i = 0; status == CORE_OK && i < n; i++) {
        if (time[i] >= least && time[i] > 0) continue;
        status = core_fail(CORE_BAD_INPUT, "time %zu is %g; for a %s law times are %s %g", i + 1, time[i], law,
                           least > 0 ? "at least" : "above", least);
    }
    return status;
}

/* ---- Exponential ---- */

enum core_status compare_fit_exponential(size_t n, const double time[], const int escaped[], struct compare_fit *out) {
    *out = undefined();
    enum core_status status = compare_check_times(n, time);
    if (status != CORE_OK) return status;
    double d = (double)events_of(n, escaped), total = core_sum(time, n, 1);
    if (d == 0 || total == 0) return CORE_OK;
    out->first = d / total;
    out->first_se = 1 / sqrt(d);
    set_likelihood(out, d * log(out->first) - d, 1);
    return CORE_OK;
}

enum core_status compare_rate_interval(size_t events, double total, double confidence, double *low, double *high) {
    if (!(total > 0) || !isfinite(total))
        return core_fail(CORE_BAD_INPUT, "the watch lasted %g; it must be positive", total);
    if (!(confidence > 0 && confidence < 1)) {
        return core_fail(CORE_BAD_INPUT, "the confidence is %g, it must lie between 0 and 1", confidence);
    }
    double beyond = 0.5 * (1 - confidence), d = (double)events;
    *low = events > 0 ? gsl_cdf_chisq_Pinv(beyond, 2 * d) / (2 * total) : 0;
    *high = events > 0 ? gsl_cdf_chisq_Qinv(beyond, 2 * d + 2) / (2 * total) : -log(2 * beyond) / total;
    return CORE_OK;
}

/* ---- Weibull ---- */

struct logs {
    size_t n, padded;
    double *y;                                    /* (padded) max x - x */
    double most;                                  /* max x */
    double d, event_sum, event_least, event_most; /* of the events' x */
};

static enum core_status logs_init(struct logs *logs, size_t n, const double time[], const int escaped[]) {
    *logs = (struct logs){.n = n, .padded = (n + 7) / 8 * 8, .most = -INFINITY, .event_least = INFINITY};
    logs->event_most = -INFINITY;
    logs->y = core_alloc(logs->padded, sizeof(double));
    if (logs->y == NULL) return core_fail(CORE_NO_MEMORY, "no memory for %zu times", n);
    for (size_t i = 0; i < n; i++) logs->y[i] = fmax(time[i], 0x1p-1022); /* the logarithm is for normal numbers */
    for (size_t i = n; i < logs->padded; i++) logs->y[i] = 1;
    compare_fit_kernels()->logarithm(logs->padded, logs->y, logs->y);
    for (size_t i = 0; i < n; i++) {
        double x = logs->y[i];
        logs->most = x > logs->most ? x : logs->most;
        if (escaped[i] == 0) continue;
        logs->d++;
        logs->event_sum += x;
        logs->event_least = x < logs->event_least ? x : logs->event_least;
        logs->event_most = x > logs->event_most ? x : logs->event_most;
    }
    for (size_t i = 0; i < n; i++) logs->y[i] = logs->most - logs->y[i];
    return CORE_OK;
}

/* sum[r] = sum of y^r exp(-k y). */
static void moments(const struct logs *logs, double k, double sum[3]) {
    size_t whole = logs->n / 8 * 8;
    compare_fit_kernels()->moments(whole, logs->y, k, sum);
    for (size_t i = whole; i < logs->n; i++) {
        double e = exp(-k * logs->y[i]);
        sum[0] += e;
        sum[1] += e * logs->y[i];
        sum[2] += e * logs->y[i] * logs->y[i];
    }
}

/* g(k) and its derivative. */
static double score(const struct logs *logs, double k, double sum[3], double *slope) {
    moments(logs, k, sum);
    double mean = sum[1] / sum[0];
    *slope = -1 / (k * k) - (sum[2] / sum[0] - mean * mean);
    return 1 / k + (logs->event_sum / logs->d - logs->most) + mean;
}

/* The zero of g, in ln k: decreasing, so each value narrows the bracket. NaN where there is none. */
static double shape_of(const struct logs *logs, double sum[3]) {
    double low = 0, high = INFINITY, k = 1, slope;
    for (int step = 0; step < 200; step++) {
        double g = score(logs, k, sum, &slope);
        if (g > 0) low = k;
        if (g <= 0) high = k;
        double next = k * exp(-g / (k * slope));
        if (!(next > low && next < high)) next = isfinite(high) ? (low > 0 ? sqrt(low * high) : high / 4) : 4 * low;
        if (!(next > 1e-12 && next < 1e12)) return none;
        if (fabs(next - k) <= 1e-13 * k) break;
        k = next;
    }
    score(logs, k, sum, &slope);
    return k;
}

static void weibull(const struct logs *logs, struct compare_fit *out) {
    double sum[3], k = shape_of(logs, sum), d = logs->d;
    if (isnan(k)) return;
    double log_scale = logs->most + log(sum[0] / d) / k; /* l^k = sum t^k / d, t^k = e^(k max) e^(-k y) */
    /* w_i = d e_i / sum e, z_i = k (top - y_i) with top = max x - ln l */
    double top = logs->most - log_scale, mean = sum[1] / sum[0], square = sum[2] / sum[0];
    double wz = d * k * (top - mean), wzz = d * k * k * (top * top - 2 * top * mean + square);
    double a = d * k * k, b = k * wz, c = d + wzz, determinant = a * c - b * b;
    out->first = k;
    out->second = exp(log_scale);
    out->first_se = sqrt(a / determinant);
    out->second_se = sqrt(c / determinant);
    set_likelihood(out, d * (log(k) - k * log_scale) + (k - 1) * logs->event_sum - d, 2);
}

enum core_status compare_fit_weibull(size_t n, const double time[], const int escaped[], struct compare_fit *out) {
    *out = undefined();
    struct logs logs;
    enum core_status status = check_positive(n, time, 0, "Weibull");
    if (status == CORE_OK) status = logs_init(&logs, n, time, escaped);
    if (status != CORE_OK) return status;
    if (logs.d > 0 && logs.event_least < logs.event_most) weibull(&logs, out);
    core_free(logs.y);
    return CORE_OK;
}

/* ---- Pareto ---- */

enum core_status compare_fit_pareto(size_t n, const double time[], const int escaped[], double smallest,
                                    struct compare_fit *out) {
    *out = undefined();
    if (!(smallest > 0) || !isfinite(smallest)) {
        return core_fail(CORE_BAD_INPUT, "the smallest time of a Pareto law is %g; it must be positive", smallest);
    }
    enum core_status status = check_positive(n, time, smallest, "Pareto");
    if (status != CORE_OK) return status;
    double total = 0, events = 0, d = (double)events_of(n, escaped);
    for (size_t i = 0; i < n; i++) {
        total += log(time[i] / smallest);
        if (escaped[i] != 0) events += log(time[i]);
    }
    if (d == 0 || total == 0) return CORE_OK;
    out->first = d / total;
    out->second = smallest;
    out->first_se = out->first / sqrt(d);
    set_likelihood(out, d * log(out->first) - d - events, 1);
    return CORE_OK;
}
