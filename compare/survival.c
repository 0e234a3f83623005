/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kaplan and Meier's estimate of the survival function [kaplan1958]: S(t) = prod over event times t_i <= t of
 * (1 - d_i / n_i), d_i events at t_i, n_i subjects whose time is t_i or later. At equal times events come before
 * censorings: a subject censored at t_i is at risk there.
 *
 * Greenwood's variance: S^2 V, V = sum d / (n (n - d)) [greenwood1926]. Bands at z normal quantiles [kalbfleisch2002]:
 * plain S (1 -+ z sqrt V), cut to [0, 1]; log S exp(-+ z sqrt V), cut at 1; log-log S^exp(-+ z sqrt V / ln S), which
 * needs no cutting. Nelson and Aalen's hazard sum d / n with variance sum d / n^2 [aalen1978]. */
#include "compare/compare.h"
#include "compare/timeline.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

static void set_band(struct compare_survival_row *row, enum compare_band_kind band, double z, double v) {
    double s = row->survival, width = z * sqrt(v);
    row->low = row->high = s < 1 ? (double)NAN : 1;
    if (!(s > 0 && s < 1)) return;
    if (band == COMPARE_BAND_PLAIN) {
        row->low = fmax(0, s * (1 - width));
        row->high = fmin(1, s * (1 + width));
    } else if (band == COMPARE_BAND_LOG) {
        row->low = s * exp(-width);
        row->high = fmin(1, s * exp(width));
    } else {
        double logarithm = log(s), factor = exp(width / logarithm);
        row->low = exp(logarithm / factor);
        row->high = exp(logarithm * factor);
    }
}

enum core_status compare_survival_curve(size_t n, const double time[], const int escaped[], enum compare_band_kind band,
                                        double confidence, size_t *count, struct compare_survival_row rows[]) {
    struct compare_timeline line;
    *count = 0;
    if (!(confidence > 0 && confidence < 1)) {
        return core_fail(CORE_BAD_INPUT, "the confidence is %g, it must lie between 0 and 1", confidence);
    }
    enum core_status status = compare_timeline_init(&line, n, time, escaped, 1, NULL, NULL);
    if (status != CORE_OK) return status;
    double s = 1, v = 0, hazard = 0, hazard_v = 0, z = gsl_cdf_ugaussian_Pinv(0.5 + 0.5 * confidence);
    while (compare_timeline_next(&line)) {
        double d = (double)line.events[0], r = (double)line.at_risk[0];
        s *= (r - d) / r;
        v += d > 0 ? d / (r * (r - d)) : 0;
        hazard += d / r;
        hazard_v += d / (r * r);
        struct compare_survival_row *row = &rows[(*count)++];
        *row =
            (struct compare_survival_row){line.time, line.at_risk[0], line.events[0], line.censored[0], .survival = s};
        row->greenwood_se = s > 0 ? s * sqrt(v) : (double)NAN;
        row->hazard = hazard;
        row->hazard_se = sqrt(hazard_v);
        set_band(row, band, z, v);
    }
    compare_timeline_free(&line);
    return CORE_OK;
}

enum core_status compare_kaplan_meier(size_t n, const double time[], const int escaped[], size_t *count,
                                      double time_out[], double survival[]) {
    struct compare_timeline line;
    enum core_status status = compare_timeline_init(&line, n, time, escaped, 1, NULL, NULL);
    if (status != CORE_OK) return status;
    double s = 1;
    *count = 0;
    while (compare_timeline_next(&line)) {
        if (line.events[0] == 0) continue;
        s *= (double)(line.at_risk[0] - line.events[0]) / (double)line.at_risk[0];
        time_out[*count] = line.time;
        survival[(*count)++] = s;
    }
    compare_timeline_free(&line);
    return CORE_OK;
}

/* x <= 1/2 but for the rounding of a product. */
static int is_half(double x) {
    return x <= 0.5 * (1 + 1e-12);
}

struct compare_median compare_survival_median(size_t count, const struct compare_survival_row rows[]) {
    struct compare_median out = {(double)NAN, (double)NAN, (double)NAN};
    for (size_t i = count; i-- > 0;) {
        if (is_half(rows[i].survival)) out.median = rows[i].time;
        if (is_half(rows[i].low) || rows[i].survival == 0) out.low = rows[i].time;
        if (is_half(rows[i].high)) out.high = rows[i].time;
    }
    return out;
}

/* Backwards: area is int_t^end S from the row's time on; Var = sum area^2 d / (n (n - d)) [kalbfleisch2002]. */
void compare_survival_mean(size_t count, const struct compare_survival_row rows[], double end, double *mean,
                           double *se) {
    double area = 0, variance = 0, after = end;
    for (size_t i = count; i-- > 0;) {
        if (rows[i].time >= end) continue;
        double d = (double)rows[i].events, r = (double)rows[i].at_risk;
        area += rows[i].survival * (after - rows[i].time);
        after = rows[i].time;
        if (rows[i].survival > 0) variance += area * area * d / (r * (r - d));
    }
    *mean = area + after;
    *se = sqrt(variance);
}
