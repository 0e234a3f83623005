/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bootstrap intervals: percentiles, and bias-corrected and accelerated ones [efron1987].
 *
 * With resampled values t_1 .. t_B of a statistic whose value is t, the percentile interval goes from the a to the 1 -
 * a quantile. The corrected one moves these levels,
 *
 *     a' = Phi(z0 + (z0 + z_a) / (1 - c (z0 + z_a))),   z0 = Phi^-1(#{t_b < t} / B),
 *     c = sum (m - j_i)^3 / (6 (sum (m - j_i)^2)^1.5),
 *
 * j_i the value without row i, m their mean. The q quantile is the (B + 1) q-th of the ordered values, between two of
 * them by interpolation on the normal scale [davison1997, eq. 5.6]. */
#include "compare/decide.h"

#include "core/memory.h"
#include "core/random.h"
#include "core/sum.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

struct compare_bootstrap_settings compare_bootstrap_settings_default(void) {
    return (struct compare_bootstrap_settings){.resamples = 2000, .confidence = 0.95, .seed = 1};
}

static double quantile(size_t count, const double sorted[], double q) {
    double place = (double)(count + 1) * q, below = floor(place + 1e-9);
    if (below < 1) return sorted[0];
    if (below >= (double)count) return sorted[count - 1];
    size_t k = (size_t)below;
    if (fabs(place - below) < 1e-9) return sorted[k - 1];
    double low = gsl_cdf_ugaussian_Pinv(below / (double)(count + 1));
    double high = gsl_cdf_ugaussian_Pinv((below + 1) / (double)(count + 1));
    double part = (gsl_cdf_ugaussian_Pinv(q) - low) / (high - low);
    return sorted[k - 1] + part * (sorted[k] - sorted[k - 1]);
}

/* The acceleration; NaN where the jackknife has no spread. */
static double acceleration(size_t n, const double jackknife[]) {
    double mean = core_sum(jackknife, n, 1) / (double)n, square = 0, cube = 0;
    for (size_t i = 0; i < n; i++) {
        double d = mean - jackknife[i];
        square += d * d;
        cube += d * d * d;
    }
    return square > 0 ? cube / (6 * square * sqrt(square)) : (double)NAN;
}

static double corrected(double level, double z0, double a) {
    double z = z0 + gsl_cdf_ugaussian_Pinv(level);
    return gsl_cdf_ugaussian_P(z0 + z / (1 - a * z));
}

enum core_status compare_bootstrap_interval(double value, size_t count, double resampled[], size_t n,
                                            const double jackknife[], double confidence, struct compare_interval *out) {
    static const double none = (double)NAN;
    *out = (struct compare_interval){value, none, none, none, none, 0, COMPARE_DEGENERATE};
    if (!(confidence > 0 && confidence < 1)) {
        return core_fail(CORE_BAD_INPUT, "the confidence is %g, it must lie between 0 and 1", confidence);
    }
    double level = 0.5 * (1 - confidence), low = level, high = 1 - level;
    size_t below = 0, kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (!isnan(resampled[i])) resampled[kept++] = resampled[i];
    }
    out->undefined = count - kept;
    if (kept < 2 || isnan(value)) return CORE_OK;
    core_sort(resampled, kept);
    if (jackknife != NULL) {
        while (below < kept && resampled[below] < value) below++;
        out->bias = gsl_cdf_ugaussian_Pinv((double)below / (double)kept);
        out->skewness = acceleration(n, jackknife);
        if (!isfinite(out->bias) || isnan(out->skewness)) return CORE_OK;
        low = corrected(low, out->bias, out->skewness);
        high = corrected(high, out->bias, out->skewness);
    }
    out->low = quantile(kept, resampled, low);
    out->high = quantile(kept, resampled, high);
    out->state = COMPARE_DEFINED;
    return CORE_OK;
}

static void jackknife_values(size_t n, compare_statistic statistic, const void *context, size_t row[], double out[]) {
    for (size_t left = 0; left < n; left++) {
        for (size_t i = 0; i + 1 < n; i++) row[i] = i < left ? i : i + 1;
        out[left] = statistic(context, n - 1, row);
    }
}

static void resampled_values(size_t n, compare_statistic statistic, const void *context, uint64_t seed, size_t count,
                             size_t row[], uint32_t index[], double out[]) {
    for (size_t b = 0; b < count; b++) {
        struct core_stream stream = {.seed = seed, .path = b + 1, .purpose = CORE_PURPOSE_RESAMPLE};
        core_random_index(&stream, (uint32_t)n, 1, n, index);
        for (size_t i = 0; i < n; i++) row[i] = index[i];
        out[b] = statistic(context, n, row);
    }
}

enum core_status compare_bootstrap(size_t n, compare_statistic statistic, const void *context,
                                   const struct compare_bootstrap_settings *settings, struct compare_interval *out) {
    if (n < 2 || n > UINT32_MAX) return core_fail(CORE_BAD_INPUT, "%zu rows cannot be resampled; two are needed", n);
    if (settings->resamples < 2) return core_fail(CORE_BAD_INPUT, "fewer than two resamples were asked for");
    size_t *row = core_alloc(n, sizeof *row);
    uint32_t *index = core_alloc(n, sizeof *index);
    double *values = core_alloc(settings->resamples + n, sizeof *values);
    enum core_status status = CORE_OK;
    if (row == NULL || index == NULL || values == NULL) {
        status = core_fail(CORE_NO_MEMORY, "no memory for %zu resamples of %zu rows", settings->resamples, n);
    } else {
        double *jackknife = settings->percentile ? NULL : values + settings->resamples;
        for (size_t i = 0; i < n; i++) row[i] = i;
        double value = statistic(context, n, row);
        if (jackknife != NULL) jackknife_values(n, statistic, context, row, jackknife);
        resampled_values(n, statistic, context, settings->seed, settings->resamples, row, index, values);
        status =
            compare_bootstrap_interval(value, settings->resamples, values, n, jackknife, settings->confidence, out);
    }
    core_free(row);
    core_free(index);
    core_free(values);
    return status;
}
