/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A model against the null of r independent reference ensembles.
 *
 * The null hypothesis: the model's ensemble M is one more reference. Distances between ensembles share ensembles, so
 * they are not independent; to second order (Hoeffding's decomposition of a symmetric function of two independent
 * ensembles)
 *
 *     D_ij = mu + a_i + a_j + e_ij,
 *
 * with uncorrelated terms of mean zero. With V = mean_i D_Mi, the model's value, and N = mean_{i<j} D_ij, the null's
 * mean,
 *
 *     V - N = a_M - mean_i a_i + mean_i e_Mi - mean_{i<j} e_ij,
 *     Var(V - N) = (1 + 1/r) (s_a + s_e / (r - 1)),       s_a = Var a, s_e = Var e,
 *
 * since 1/r + 2/(r (r-1)) = (1 + 1/r) / (r - 1). What a reference looks like seen from the others, d_j = mean_{i != j}
 * D_ij, has d_j - N = (r-2)/(r-1) (a_j - mean a) + e-terms, and
 *
 *     A = ((r-1)/(r-2))^2 * 1/(r-1) sum_j (d_j - N)^2   has mean   s_a + s_e / (r - 2).
 *
 * so (1 + 1/r) A estimates Var(V - N), too large by (1 + 1/r) s_e / ((r-1) (r-2)), a factor of at most (r-1)/(r-2): on
 * the safe side. (Taking an estimate of s_e off makes small tests reject too often.) A rests on r numbers:
 * z = (V - N) / sd is compared with Student's t with r - 1 degrees of freedom, upper tail. Neither null_sd^2 nor
 * null_sd^2 / r would do: null_sd^2 = 2 s_a + s_e, so with dominant a Var(V - N) is half of it, with dominant e about
 * an r-th.
 *
 * What this is worth, by simulation (2000 panels each of Gaussian samples, n = 64, r = 8): a test at 5 % rejects
 * 6.7 / 5.3 / 7.5 / 7.5 % (sliced-w2 / w2 / mmd / energy) in three dimensions and 8.4 / 8.4 / 10 / 10 % in one, because
 * the a_i are skewed to the right, like chi-square with few degrees of freedom; n = 200 in 25 dimensions 3.8 / 4.3
 * / 7.8 / 7.8 % (400 panels). Small p-values are too small by such factors, which grow further out: take them as a
 * scale, not to the third digit. tests/compare/test_panel.c holds the level. */
#include "compare/null.h"

#include "core/memory.h"
#include "core/sum.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

/* sum over j of (d_j - N)^2. null[] is walked as the upper triangle it is. */
static double spread_of_rows(size_t r, const double null[], double mean) {
    double spread = 0;
    for (size_t j = 0; j < r; j++) {
        double row = 0;
        size_t at = 0;
        for (size_t a = 0; a < r; a++) {
            for (size_t b = a + 1; b < r; b++, at++) {
                if (a == j || b == j) row += null[at] - mean;
            }
        }
        row /= (double)(r - 1);
        spread += row * row;
    }
    return spread;
}

/* The estimated variance of V - N; NaN for fewer than three references. */
static double variance_of_value(size_t references, const double null[], double mean) {
    if (references < 3) return (double)NAN;
    double r = (double)references, scale = (r - 1) / (r - 2);
    return (1 + 1 / r) * scale * scale / (r - 1) * spread_of_rows(references, null, mean);
}

static double mean_square(size_t count, const double x[]) {
    double total = 0;
    for (size_t i = 0; i < count; i++) total += x[i] * x[i];
    return total / (double)count;
}

struct compare_row compare_row_of(size_t references, const double null[], const double to[], int squared) {
    size_t pairs = references * (references - 1) / 2;
    struct core_moments moments = core_moments(null, pairs, 1);
    struct compare_row row = {.value = core_sum(to, references, 1) / (double)references, .null_mean = moments.mean};
    row.null_sd = pairs > 1 ? sqrt(moments.variance) : (double)NAN;
    row.ratio = moments.mean > 0 ? row.value / moments.mean : (double)NAN;
    double sd = sqrt(variance_of_value(references, null, moments.mean));
    row.z = sd > 0 ? (row.value - row.null_mean) / sd : (double)NAN;
    row.p = isnan(row.z) ? (double)NAN : gsl_cdf_tdist_Q(row.z, (double)references - 1);
    row.excess = squared ? row.value - row.null_mean : mean_square(references, to) - mean_square(pairs, null);
    return row;
}
