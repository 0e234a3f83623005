/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMPARE_ESCAPE_H
#define COMPARE_ESCAPE_H

#include "compare/state.h"
#include "core/status.h"

#include <stddef.h>

/* Escape times with censoring: time[i] >= 0 and finite; escaped[i] 1: the subject escaped then, 0: it had not yet when
 * the watch ended. At equal times (equal bits) events come before censorings. Anything else is CORE_BAD_INPUT. */

/* ---- Curves ---- */

enum compare_band_kind { COMPARE_BAND_PLAIN, COMPARE_BAND_LOG, COMPARE_BAND_LOGLOG };

/* One distinct time. */
struct compare_survival_row {
    double time;
    size_t at_risk, events, censored;
    double survival;     /* Kaplan and Meier's estimate, after this time */
    double greenwood_se; /* of survival; NaN where survival is 0 */
    double low, high;    /* pointwise band; 1 before the first event, NaN where survival is 0 */
    double hazard;       /* Nelson and Aalen's cumulative hazard, sum d / n */
    double hazard_se;    /* sqrt(sum d / n^2) */
};

/* rows[0 .. *count), at most n of them, ascending. confidence in (0, 1), e.g. 0.95; the log-log band stays in [0, 1].
 */
enum core_status compare_survival_curve(size_t n, const double time[], const int escaped[], enum compare_band_kind band,
                                        double confidence, size_t *count, struct compare_survival_row rows[]);

/* The first time with survival <= 1/2, and those of the band's ends; NaN where there is none. */
struct compare_median {
    double median, low, high;
};
struct compare_median compare_survival_median(size_t count, const struct compare_survival_row rows[]);

/* The mean time until escape or until `end`, whichever is first: int_0^end S, and its standard error. */
void compare_survival_mean(size_t count, const struct compare_survival_row rows[], double end, double *mean,
                           double *se);

/* ---- Groups ---- */

struct compare_logrank {
    double chi2, df, p;       /* NaN unless state is COMPARE_DEFINED */
    enum compare_state state; /* COMPARE_DEGENERATE: a group is empty, or no event could tell the groups apart */
};

/* Is escape the same in `groups` groups (group[i] < groups)? stratum: compared within strata only, any numbers, or
 * NULL. rho 0: the log-rank test; 1: events weighted with the survival of all just before, so that early ones count
 * more. observed, expected: (groups), weighted numbers of events, or NULL. */
enum core_status compare_logrank(size_t n, const double time[], const int escaped[], size_t groups,
                                 const size_t group[], const size_t stratum[], int rho, double observed[],
                                 double expected[], struct compare_logrank *out);

/* ---- Laws ---- */

/* A fit by maximum likelihood. Log-likelihood of the times themselves; aic = 2 parameters - 2 loglik. Everything is NaN
 * where state is COMPARE_DEGENERATE: no event; a Weibull or lognormal law of events all at one time. */
struct compare_fit {
    double first, second;       /* exponential: rate, -; Weibull: shape, scale; lognormal: mean and sd of ln t; Pareto:
                                 * exponent, smallest time (given) */
    double first_se, second_se; /* exponential: of ln rate; Weibull: of ln shape, ln scale; lognormal: of both; Pareto:
                                 * of the exponent */
    double loglik, aic;
    enum compare_state state;
};

enum core_status compare_fit_exponential(size_t n, const double time[], const int escaped[], struct compare_fit *out);
/* Times must be positive in these three; in the last, at least `smallest`, which is not counted as a parameter. */
enum core_status compare_fit_weibull(size_t n, const double time[], const int escaped[], struct compare_fit *out);
enum core_status compare_fit_lognormal(size_t n, const double time[], const int escaped[], struct compare_fit *out);
enum core_status compare_fit_pareto(size_t n, const double time[], const int escaped[], double smallest,
                                    struct compare_fit *out);

/* The exact interval for an exponential rate after `events` in a watch of `total` time (Poisson counts); from 0 on
 * where there are none, high being the one-sided bound then. */
enum core_status compare_rate_interval(size_t events, double total, double confidence, double *low, double *high);

#endif
