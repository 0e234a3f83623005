/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Leptokurtosis, anisotropy and heavy tails, told apart. Each direction is divided by its standard deviation:
 * anisotropy is gone. What is left is compared with as many Gaussian draws (the null band), and at several batch sizes:
 * the mean of B samples of a law of finite variance is Gaussian in the end, its excess kurtosis is exactly 1/B of one
 * sample's, and a fitted stable index rises to 2; a stable law keeps its index whatever B. With n samples the noise is
 * bounded and its true index is 2: a verdict speaks of the batch sizes looked at. */
#include "lab/noise.h"

#include "core/memory.h"
#include "core/random.h"
#include "core/sum.h"

#include <math.h>
#include <string.h>

enum { SIMULATIONS = 100 };

static const char *const names[LAB_NOISE_ESTIMATORS] = {"block", "hill", "mcculloch-symmetric", "ecf"};

const char lab_noise_verdict_rule[] =
    "each stable fit (block, McCulloch, ECF) votes with the median of alpha over the directions, smallest batch "
    "against "
    "largest: 'rises to 2 with B' (finite variance) where at the largest it is not below the Gaussian band, or where "
    "it "
    "has come up by more than 3 standard errors and closed half of its gap to 2; 'stable under B' where it is below "
    "the "
    "band at both and the two differ by at most 3 standard errors; else undecided. Two votes of three decide.";

const char *lab_noise_verdict_name(enum lab_noise_verdict verdict) {
    static const char *const words[] = {"rises to 2 with B", "stable under B", "undecided"};
    return words[verdict];
}

/* ---- Drawing ---- */

struct moments {
    double variance, kurtosis; /* excess */
};

static struct moments moments_of(size_t count, size_t stride, const double x[]) {
    double mean = core_sum(x, count, stride) / (double)count, second = 0, fourth = 0;
    for (size_t i = 0; i < count; i++) {
        double square = (x[i * stride] - mean) * (x[i * stride] - mean);
        second += square / (double)count;
        fourth += square * square / (double)count;
    }
    return (struct moments){second, fourth / (second * second) - 3};
}

/* columns (directions, draws): noise of batches of B samples drawn with replacement. */
static enum core_status draw(const struct lab_noise_panel *panel, size_t batch, uint64_t seed, const double unit[],
                             double columns[]) {
    size_t d = panel->directions;
    uint32_t *index = core_alloc(batch, sizeof *index);
    if (index == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a batch of %zu", batch);
    struct core_stream stream = {.seed = core_seed(seed, "noise"), .path = batch, .purpose = CORE_PURPOSE_BATCH};
    for (size_t i = 0; i < panel->draws; i++) {
        double sum[LAB_NOISE_DIRECTIONS] = {0};
        stream.step = i;
        core_random_index(&stream, (uint32_t)panel->samples, 1, batch, index);
        for (size_t b = 0; b < batch; b++) {
            for (size_t k = 0; k < d; k++) sum[k] += unit[index[b] * d + k];
        }
        for (size_t k = 0; k < d; k++) columns[k * panel->draws + i] = sum[k] / sqrt((double)batch);
    }
    core_free(index);
    return CORE_OK;
}

/* ---- Reading ---- */

static enum core_status read_batch(struct lab_noise_panel *panel, size_t b, const double columns[]) {
    for (size_t k = 0; k < panel->directions; k++) {
        const double *column = columns + k * panel->draws;
        panel->kurtosis[b][k] = moments_of(panel->draws, 1, column).kurtosis;
        for (size_t e = 0; e < LAB_NOISE_ESTIMATORS; e++) {
            enum core_status status = panel->estimator[e]->fit(panel->draws, column, 0, &panel->tail[b][e][k]);
            if (status == CORE_OK) continue;
            if (status != CORE_BAD_INPUT) return status;
            core_error_clear(); /* ties of few samples: this estimator has nothing to say, its alpha is NaN */
        }
    }
    return CORE_OK;
}

struct compare_tail lab_noise_panel_middle(const struct lab_noise_panel *panel, size_t batch, size_t estimator) {
    struct compare_tail middle = {.alpha = (double)NAN, .se = (double)NAN};
    double alpha[LAB_NOISE_DIRECTIONS], se = 0;
    size_t count = 0, errors = 0;
    for (size_t k = 0; k < panel->directions; k++) {
        const struct compare_tail *tail = &panel->tail[batch][estimator][k];
        if (isfinite(tail->alpha)) alpha[count++] = tail->alpha;
        if (isfinite(tail->se)) {
            se += tail->se;
            errors++;
        }
    }
    if (count == 0) return middle;
    core_sort(alpha, count);
    middle.alpha = core_quantile_sorted(alpha, count, 0.5);
    if (errors > 0) middle.se = se / (double)errors;
    return middle;
}

/* The rule above, for one estimator. */
static enum lab_noise_verdict judge(const struct lab_noise_panel *panel, size_t e) {
    struct compare_tail first = lab_noise_panel_middle(panel, 0, e),
                        last = lab_noise_panel_middle(panel, panel->batches - 1, e);
    const struct compare_band *null = &panel->null[e];
    double usual = (null->high - null->low) / 4; /* where a fit at the end of its range has no error of its own */
    double one = isnan(first.se) ? usual : first.se, other = isnan(last.se) ? usual : last.se;
    double error = 3 * sqrt(one * one + other * other);
    if (isnan(first.alpha) || isnan(last.alpha) || isnan(null->low)) return LAB_NOISE_UNDECIDED;
    if (last.alpha >= null->low) return LAB_NOISE_RISES;
    if (last.alpha - first.alpha > error && 2 - last.alpha < 0.5 * (2 - first.alpha)) return LAB_NOISE_RISES;
    if (first.alpha < null->low && fabs(last.alpha - first.alpha) <= error) return LAB_NOISE_STABLE;
    return LAB_NOISE_UNDECIDED;
}

static void judge_all(struct lab_noise_panel *panel) {
    size_t votes[3] = {0, 0, 0};
    panel->overall = LAB_NOISE_UNDECIDED;
    for (size_t e = 0; e < LAB_NOISE_ESTIMATORS; e++) {
        panel->verdict[e] = LAB_NOISE_UNDECIDED;
        if (!panel->estimator[e]->stable) continue;
        panel->verdict[e] = judge(panel, e);
        votes[panel->verdict[e]]++;
    }
    if (votes[LAB_NOISE_RISES] >= 2) panel->overall = LAB_NOISE_RISES;
    if (votes[LAB_NOISE_STABLE] >= 2) panel->overall = LAB_NOISE_STABLE;
}

/* ---- The panel ---- */

static enum core_status fill(const struct lab_noise_panel_settings *settings, const double unit[], double columns[],
                             struct lab_noise_panel *panel) {
    enum core_status status = CORE_OK;
    for (size_t e = 0; e < LAB_NOISE_ESTIMATORS && status == CORE_OK; e++) {
        panel->estimator[e] = compare_tail_find(names[e]);
        status = compare_tail_null(panel->estimator[e], panel->draws, 0, SIMULATIONS, settings->seed, settings->threads,
                                   &panel->null[e]);
    }
    for (size_t b = 0; b < panel->batches && status == CORE_OK; b++) {
        status = draw(panel, panel->batch[b], settings->seed, unit, columns);
        if (status == CORE_OK) status = read_batch(panel, b, columns);
    }
    if (status == CORE_OK) judge_all(panel);
    return status;
}

static enum core_status check(const struct lab_noise_panel_settings *settings, size_t samples, size_t directions) {
    if (samples < 3 || samples > UINT32_MAX)
        return core_fail(CORE_BAD_INPUT, "the tails of %zu samples were asked for; 3 or more are needed", samples);
    if (directions == 0 || directions > LAB_NOISE_DIRECTIONS)
        return core_fail(CORE_BAD_INPUT, "tails along %zu directions; 1 to %d are possible", directions,
                         LAB_NOISE_DIRECTIONS);
    if (settings->batches == 0 || settings->batches > LAB_NOISE_BATCHES)
        return core_fail(CORE_BAD_INPUT, "tails at %zu batch sizes; 1 to %d are possible", settings->batches,
                         LAB_NOISE_BATCHES);
    if (settings->draws < 100)
        return core_fail(CORE_BAD_INPUT, "tails of %zu draws; at least 100 are needed", settings->draws);
    return CORE_OK;
}

/* unit (samples, directions): the projections in units of their standard deviation; first in units of the largest, so
 * that no square underflows. */
static enum core_status standardise(size_t samples, const double projections[], struct lab_noise_panel *panel,
                                    double unit[]) {
    size_t d = panel->directions;
    for (size_t k = 0; k < d; k++) {
        double most = 0;
        for (size_t i = 0; i < samples; i++) most = fmax(most, fabs(projections[i * d + k]));
        if (!(most > 0) || !isfinite(most))
            return core_fail(CORE_BAD_INPUT, "direction %zu has no gradient noise to look at", k + 1);
        for (size_t i = 0; i < samples; i++) unit[i * d + k] = projections[i * d + k] / most;
        struct moments moments = moments_of(samples, d, unit + k);
        panel->kurtosis_exact[k] = moments.kurtosis;
        for (size_t i = 0; i < samples; i++) unit[i * d + k] /= sqrt(moments.variance);
    }
    return CORE_OK;
}

enum core_status lab_noise_panel(const struct lab_noise_panel_settings *settings, size_t samples, size_t directions,
                                 const double projections[], struct lab_noise_panel *panel) {
    memset(panel, 0, sizeof *panel);
    enum core_status status = check(settings, samples, directions);
    if (status != CORE_OK) return status;
    panel->draws = settings->draws;
    panel->samples = samples;
    panel->directions = directions;
    panel->batches = settings->batches;
    memcpy(panel->batch, settings->batch, sizeof panel->batch);
    double *unit = core_alloc(samples * directions, sizeof *unit),
           *columns = core_alloc(directions * settings->draws, sizeof *columns);
    if (unit == NULL || columns == NULL)
        status = core_fail(CORE_NO_MEMORY, "no memory for %zu draws along %zu directions", settings->draws, directions);
    if (status == CORE_OK) status = standardise(samples, projections, panel, unit);
    if (status == CORE_OK) status = fill(settings, unit, columns, panel);
    core_free(unit);
    core_free(columns);
    return status;
}
