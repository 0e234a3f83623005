/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What several chains of losses say about their mean.
 *
 * C chains of N draws, chain means m_c and variances s_c^2 (N - 1 in the denominator): W = mean s_c^2, B/N = the
 * variance of the m_c, V = (N - 1)/N W + B/N. Split R-hat = sqrt(V / W) of the 2 C halves [vehtari2021].
 * Autocorrelations over all chains [vehtari2021],
 *
 *     rho_t = 1 - (W - mean_c acov_c(t)) / V,
 *
 * are summed in pairs P_k = rho_2k + rho_2k+1 as long as these are positive, each at most the one before (Geyer's
 * initial monotone sequence [geyer1992]): tau = -1 + 2 sum P_k. The mean has the variance V tau / (C N), so the
 * effective number of draws is C N / tau.
 *
 * Long traces are first averaged over groups of neighbours, which leaves their mean and its variance as they are and
 * keeps the autocovariances cheap; the effective number is then V / (variance of the mean). */
#include "dln/llc_method.h"

#include "core/memory.h"
#include "core/sum.h"

#include <math.h>

enum { SHORTEST = 64 };             /* traces are not averaged to fewer entries */
static const double WORK = 1 << 23; /* chains x (entries of a trace)^2, at most about that */

/* Traces, one a row: chain c has draws at[c][0 ... length). */
struct traces {
    size_t count, length;
    const double **at;
};

static double mean_of(size_t count, const double x[]) {
    return core_sum(x, count, 1) / (double)count;
}

/* V of the traces; *within = W. mean (count): the chain means. */
static double spread(const struct traces *traces, double mean[], double *within) {
    double n = (double)traces->length, between = 0;
    *within = 0;
    for (size_t c = 0; c < traces->count; c++) mean[c] = mean_of(traces->length, traces->at[c]);
    double all = mean_of(traces->count, mean);
    for (size_t c = 0; c < traces->count; c++) {
        double sum = 0;
        for (size_t i = 0; i < traces->length; i++) {
            double d = traces->at[c][i] - mean[c];
            sum += d * d;
        }
        *within += sum / (n - 1) / (double)traces->count;
        between += (mean[c] - all) * (mean[c] - all);
    }
    if (traces->count > 1) between /= (double)traces->count - 1;
    return (n - 1) / n * *within + between;
}

/* Mean over the chains of acov_c(t), N in the denominator. */
static double autocovariance(const struct traces *traces, const double mean[], size_t t) {
    double total = 0;
    for (size_t c = 0; c < traces->count; c++) {
        const double *x = traces->at[c];
        double sum[4] = {0, 0, 0, 0};
        for (size_t i = 0; i + t < traces->length; i++) sum[i % 4] += (x[i] - mean[c]) * (x[i + t] - mean[c]);
        total += (sum[0] + sum[1]) + (sum[2] + sum[3]);
    }
    return total / ((double)traces->length * (double)traces->count);
}

/* tau; at least 1 / log10 of the number of draws, since a shorter one cannot be told from chance. */
static double correlation_time(const struct traces *traces, const double mean[], double within, double v) {
    double tau = -1, last = INFINITY, draws = (double)traces->count * (double)traces->length;
    for (size_t t = 0; t + 1 < traces->length; t += 2) {
        double even = t == 0 ? 1 : 1 - (within - autocovariance(traces, mean, t)) / v;
        double pair = even + 1 - (within - autocovariance(traces, mean, t + 1)) / v;
        if (!(pair > 0)) break;
        last = fmin(last, pair);
        tau += 2 * last;
    }
    return fmax(tau, 1 / log10(fmax(draws, 10)));
}

/* The variance of the mean of all draws. */
static double mean_variance(const struct traces *traces, double mean[]) {
    double within, v = spread(traces, mean, &within);
    if (!(v > 0)) return v; /* 0 or no number */
    double tau = correlation_time(traces, mean, within, v);
    return v * tau / ((double)traces->count * (double)traces->length);
}

/* Rows of `from` averaged over groups, written to memory; rows are listed in `to`. */
static void group(const struct traces *from, size_t size, double memory[], struct traces *to) {
    to->count = from->count;
    to->length = from->length / size;
    for (size_t c = 0; c < from->count; c++) {
        double *row = memory + c * to->length;
        for (size_t i = 0; i < to->length; i++) row[i] = mean_of(size, from->at[c] + i * size);
        to->at[c] = row;
    }
}

static double split_rhat(const struct traces *traces, struct traces *halves, double mean[]) {
    halves->count = 2 * traces->count;
    halves->length = traces->length / 2;
    for (size_t c = 0; c < traces->count; c++) {
        halves->at[2 * c] = traces->at[c];
        halves->at[2 * c + 1] = traces->at[c] + traces->length - halves->length;
    }
    double within, v = spread(halves, mean, &within);
    return within > 0 ? sqrt(v / within) : (double)NAN;
}

/* Too few draws for autocorrelations: what the chains' means say. */
static double variance_of_few(const struct traces *traces, double mean[]) {
    for (size_t c = 0; c < traces->count; c++) mean[c] = mean_of(traces->length, traces->at[c]);
    struct core_moments moments = core_moments(mean, traces->count, 1);
    return traces->count > 1 ? moments.variance / (double)traces->count : (double)NAN;
}

/* estimate (num_chains), and the traces of the chains that did not diverge. */
static void take_chains(struct dln_llc *llc, struct traces *traces) {
    double total = 0, taken = 0;
    traces->length = llc->num_draws;
    for (size_t c = 0; c < llc->num_chains; c++) {
        const double *row = llc->loss + c * llc->num_draws;
        double mean = mean_of(llc->num_draws, row);
        llc->estimate[c] = isfinite(mean) ? llc->nbeta * (mean - llc->centre_loss) : (double)NAN;
        llc->diverged += isfinite(mean) ? 0 : 1;
        if (!isfinite(mean)) continue;
        traces->at[traces->count++] = row;
        total += llc->acceptance[c];
        taken++;
    }
    llc->mean_acceptance = taken > 0 ? total / taken : (double)NAN;
}

static void summarise(struct dln_llc *llc, const struct traces *traces, struct traces *spare, double mean[],
                      double memory[], size_t size) {
    llc->lambda_hat = core_moments(llc->estimate, llc->num_chains, 1).mean;
    llc->se = llc->ess = llc->rhat = (double)NAN;
    if (traces->count == 0) return;
    if (traces->length < 4) {
        llc->se = llc->nbeta * sqrt(variance_of_few(traces, mean));
        return;
    }
    double within, v = spread(traces, mean, &within);
    group(traces, size, memory, spare);
    double variance = mean_variance(spare, mean);
    llc->se = llc->nbeta * sqrt(variance);
    llc->ess = variance > 0 ? v / variance : (double)NAN;
    llc->rhat = split_rhat(traces, spare, mean);
}

/* Neighbours that are averaged. */
static size_t group_size(size_t chains, size_t draws) {
    double longest = fmax(sqrt(WORK / (double)chains), SHORTEST);
    return (size_t)ceil((double)draws / longest);
}

enum core_status dln_llc_estimate(struct dln_llc *llc) {
    size_t chains = llc->num_chains, size = group_size(chains, llc->num_draws);
    const double **rows = core_alloc(3 * chains, sizeof *rows);
    double *mean = core_alloc(2 * chains, sizeof *mean);
    double *memory = core_alloc(chains * (llc->num_draws / size), sizeof *memory);
    enum core_status status = CORE_OK;
    if (rows == NULL || mean == NULL || memory == NULL) {
        status = core_fail(CORE_NO_MEMORY, "no memory for the draws of %zu chains", chains);
    } else {
        struct traces traces = {.at = rows}, spare = {.at = rows + chains};
        take_chains(llc, &traces);
        summarise(llc, &traces, &spare, mean, memory, size);
    }
    core_free(rows);
    core_free(mean);
    core_free(memory);
    return status;
}
