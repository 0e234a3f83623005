/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DLN_LLC_H
#define DLN_LLC_H

#include "core/landscape.h"
#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

/* Learning coefficients: exact ones of deep linear networks, and the local one of any landscape by sampling.
 *
 * Near w* the volume {L - L(w*) < e} shrinks like e^lambda (-ln e)^(m - 1): lambda is the learning coefficient, m its
 * multiplicity; lambda = P/2, m = 1 at a regular minimum of P parameters, less at a singular one [watanabe2009].
 *
 *     struct dln_llc_settings settings = dln_llc_settings_default();
 *     struct dln_llc *llc;
 *     dln_start_deepest(network, 2, w);
 *     dln_llc_create(network, w, &settings, &llc);     samples; llc->lambda_hat +- llc->se
 *     dln_llc_free(llc);
 */

/* ---- Exact values -------------------------------------------------------------------------------------------------
 */

enum { DLN_LEARNING_WIDTH_MAX = 1000000 };

struct dln_learning {
    int64_t numerator, denominator; /* lambda as a fraction in lowest terms */
    double value;                   /* lambda */
    size_t multiplicity;            /* m >= 1 */
};

/* lambda and m of the network with widths d_0 ... d_L (depth + 1 of them) whose best map has rank `rank`, inputs of
 * full rank: the global value, that of the deepest points of the fibre [aoyagi2024]. Exact, in integers.
 * CORE_BAD_INPUT: a depth outside 1 ... DLN_DEPTH_MAX, a width outside 1 ... DLN_LEARNING_WIDTH_MAX, a rank above the
 * smallest width. */
enum core_status dln_learning_coefficient(size_t depth, const size_t widths[], size_t rank, struct dln_learning *out);

/* Where a point lies among the minima of a network. */
struct dln_fibre {
    int on_fibre; /* 1: W_L ... W_1 is the least-squares map, so that the loss is the smallest one */
    int deepest;  /* 1: and every layer has that map's rank: all of the fibre is seen from here */
    size_t rank;  /* of the least-squares map */
    struct dln_learning
        exact; /* where on_fibre: the fibre's value; the local one too where deepest, else a lower bound */
};

/* For a landscape that is no network, on_fibre is 0. Inputs of rank k < d_0 count as k inputs. */
enum core_status dln_fibre_at(const struct core_landscape *network, const double theta[], struct dln_fibre *fibre);

/* theta: every layer [diag(s^(1/L)) 0; 0 0] in the frames of the best map of rank `rank`, s its singular values: the
 * deepest point of its fibre, the zero of the loss where the data have that rank and no noise. CORE_BAD_INPUT where the
 * least-squares map has a smaller rank, or a width is smaller. */
enum core_status dln_start_deepest(const struct core_landscape *network, size_t rank, double theta[]);

/* ---- The local learning coefficient, sampled
 * ------------------------------------------------------------------------- */

/* A row of the table of samplers. */
struct dln_llc_choice {
    const char *name;     /* the word in the study: gibbs | mala | sgld */
    const char *sentence; /* what it does */
};
/* The i-th row, NULL behind the last. */
const struct dln_llc_choice *dln_llc_sampler(size_t i);

/* The names are those of the devinterp package [lau2023]. */
struct dln_llc_settings {
    const char *sampler;     /* default gibbs, which needs a network */
    size_t num_chains;       /* independent chains from w*, >= 1; default 4 */
    size_t num_draws;        /* recorded losses of a chain, >= 1; default 2000 */
    size_t num_burnin_steps; /* steps before the first of them; mala tunes its step here; default 500 */
    size_t steps_between;    /* num_steps_bw_draws: steps to one recorded loss, >= 1; default 1 */
    double lr;               /* eps of mala (where it starts) and sgld; default 1e-4 */
    double localization;     /* gamma >= 0, precision of the Gaussian prior around w*; default 1 */
    double nbeta;            /* n beta > 0; 0 (the default): n / ln n with the n >= 2 samples of the landscape */
    size_t batch_size;       /* sgld: samples of a gradient, drawn with replacement; 0 (the default): all */
    uint64_t seed;           /* default 1 */
    size_t threads;          /* default 1; the result does not depend on it */
    /* Called now and then from one thread at a time with the chain-steps done; may be NULL. */
    void (*progress)(void *context, double done);
    void *progress_context;
};
struct dln_llc_settings dln_llc_settings_default(void);
/* CORE_BAD_INPUT with a sentence where a setting is out of its range or does not fit the landscape. */
enum core_status dln_llc_check(const struct dln_llc_settings *settings, const struct core_landscape *land);

enum { DLN_LLC_WARNINGS = 8, DLN_LLC_WARNING_BYTES = 256 };

struct dln_llc {
    size_t num_chains, num_draws;
    double nbeta;
    double centre_loss; /* L(w*) */
    double *loss;       /* (num_chains, num_draws) L of the full data at each draw */
    double *estimate;   /* (num_chains) nbeta (mean L - L(w*)); NaN for a chain that diverged */
    double *acceptance; /* (num_chains) share of accepted proposals after burn-in; NaN where there are none (sgld) */
    double *step;       /* (num_chains) eps after burn-in; NaN for gibbs */
    size_t diverged;    /* chains with a loss that is no number; they are left out of what follows */
    double lambda_hat;  /* nbeta (mean L - L(w*)) over chains and draws; NaN where every chain diverged */
    double se;          /* standard error of lambda_hat */
    double ess;         /* effective number of independent draws */
    double rhat;        /* split R-hat; NaN with fewer than 4 draws or where no draw moved */
    double mean_acceptance; /* of the chains; NaN for sgld */
    double gradient_norm;   /* |grad L(w*)| */
    double curvature[2];   /* smallest and largest eigenvalue of the Hessian at w*; NaN where it is too large to form */
    double relaxations;    /* relaxation times of the singular directions a chain's draws span; NaN for gibbs */
    double steps, seconds; /* chain-steps done, wall-clock */
    size_t warning_count;
    char warnings[DLN_LLC_WARNINGS][DLN_LLC_WARNING_BYTES]; /* sentences */
};

/* Samples exp(-nbeta L(w) - gamma |w - w*|^2 / 2) from w* = centre (dimension) and estimates. CORE_NO_MEMORY,
 * CORE_BAD_INPUT, CORE_INTERRUPTED; a chain that diverges is no failure. */
enum core_status dln_llc_create(const struct core_landscape *land, const double centre[],
                                const struct dln_llc_settings *settings, struct dln_llc **llc);
void dln_llc_free(struct dln_llc *llc);

#endif
