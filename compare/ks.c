/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kolmogorov's and Smirnov's tests.
 *
 * Two samples: D = sup |F_n - G_m|, and since F_n and G_m are staircases with steps 1/n and 1/m, n m D is the integer
 * max |i m - j n| over the counts (i, j) of x and y up to a value. Counts are compared after all ties of a value only.
 * The p-value is that of compare/ks_law.c where n m is small enough to walk through, Kolmogorov's limit at
 * D sqrt(n m / (n + m)) beyond.
 *
 * One sample: D = max_i max(i/n - F(x_(i)), F(x_(i)) - (i - 1)/n). */
#include "compare/ks_law.h"
#include "compare/two_sample.h"

#include "compare/check.h"
#include "compare/sort.h"
#include "core/memory.h"

#include <math.h>
#include <string.h>

static const double walked = 1e7; /* n m up to which the exact law is computed */
enum { ONE_SAMPLE_EXACT = 2000 };

/* The steps of the pooled sample: after[k] = 1 where the k-th value (of k = 1 .. n + m) is the last of its ties.
 * Returns n m D. */
static size_t walk(size_t n, const double x[], size_t m, const double y[], unsigned char after[]) {
    size_t i = 0, j = 0, most = 0;
    memset(after, 0, n + m + 1);
    while (i < n || j < m) {
        double value = j == m || (i < n && x[i] <= y[j]) ? x[i] : y[j];
        while (i < n && x[i] == value) i++;
        while (j < m && y[j] == value) j++;
        size_t a = i * m, b = j * n, apart = a > b ? a - b : b - a;
        most = apart > most ? apart : most;
        after[i + j] = 1;
    }
    return most;
}

static enum core_status sorted_copy(size_t n, const double x[], double out[]) {
    uint64_t *work = core_alloc(2 * n, sizeof *work);
    if (work == NULL) return core_fail(CORE_NO_MEMORY, "no memory to sort %zu numbers", n);
    for (size_t i = 0; i < n; i++) out[i] = x[i] + 0.0; /* -0 becomes 0 */
    compare_sort(n, out, work);
    core_free(work);
    return CORE_OK;
}

static enum core_status two_sorted(size_t n, const double x[], size_t m, const double y[], struct compare_ks *out) {
    unsigned char *after = core_alloc(n + m + 1, 1);
    if (after == NULL) return core_fail(CORE_NO_MEMORY, "no memory for %zu values", n + m);
    double sizes = (double)n * (double)m;
    size_t reached = walk(n, x, m, y, after);
    enum core_status status = CORE_OK;
    out->distance = (double)reached / sizes;
    out->exact = sizes <= walked;
    out->p = compare_kolmogorov_sf(out->distance * sqrt(sizes / (double)(n + m)));
    if (out->exact) status = compare_ks_two_law(n, m, after, reached, &out->p);
    core_free(after);
    return status;
}

enum core_status compare_ks_two(size_t n, const double x[], size_t m, const double y[], struct compare_ks *out) {
    enum core_status status = compare_check_sample("the first sample", 1, n, 1, x);
    if (status == CORE_OK) status = compare_check_sample("the second sample", 1, m, 1, y);
    if (status != CORE_OK) return status;
    double *sorted = core_alloc(n + m, sizeof *sorted);
    if (sorted == NULL) return core_fail(CORE_NO_MEMORY, "no memory for %zu values", n + m);
    status = sorted_copy(n, x, sorted);
    if (status == CORE_OK) status = sorted_copy(m, y, sorted + n);
    if (status == CORE_OK) status = two_sorted(n, sorted, m, sorted + n, out);
    core_free(sorted);
    return status;
}

enum core_status compare_ks_one(size_t n, const double x[], compare_law law, const void *context,
                                struct compare_ks *out) {
    enum core_status status = compare_check_sample("the sample", 1, n, 1, x);
    if (status != CORE_OK) return status;
    double *sorted = core_alloc(n, sizeof *sorted), most = 0;
    if (sorted == NULL) return core_fail(CORE_NO_MEMORY, "no memory for %zu values", n);
    status = sorted_copy(n, x, sorted);
    for (size_t i = 0; status == CORE_OK && i < n; i++) {
        double f = law(context, sorted[i]);
        if (!(f >= 0 && f <= 1)) {
            status = core_fail(CORE_BAD_INPUT, "the law's distribution function is %g at %g", f, sorted[i]);
        }
        most = fmax(most, fmax((double)(i + 1) / (double)n - f, f - (double)i / (double)n));
    }
    core_free(sorted);
    if (status != CORE_OK) return status;
    out->distance = most;
    out->p = compare_kolmogorov_sf(most * sqrt((double)n));
    out->exact = n <= ONE_SAMPLE_EXACT;
    return out->exact ? compare_ks_one_law(n, most, &out->p) : CORE_OK;
}

double compare_kolmogorov_sf(double t) {
    static const double pi = 3.14159265358979323846;
    if (!(t > 0)) return isnan(t) ? t : 1;
    double sum = 0;
    if (t < 1) { /* the theta function's other series: fast where the first is slow */
        for (int k = 1; k < 20; k += 2) sum += exp(-k * k * pi * pi / (8 * t * t));
        return 1 - sqrt(2 * pi) / t * sum;
    }
    for (int k = 12; k >= 1; k--) sum = exp(-2.0 * k * k * t * t) - sum;
    return 2 * sum;
}
