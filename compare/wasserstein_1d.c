/* SPDX-License-Identifier: GPL-3.0-or-later */
/* W_p between laws on the line: W_p^p = int_0^1 |F_x^-1(u) - F_y^-1(u)|^p du, where the quantile function of n points
 * is a staircase of n steps of width 1/n. The two staircases are merged on the common grid of n m units: x_i ends at (i
 * + 1) m, y_j at (j + 1) n. Integers add up exactly; sums of 1/n would lose or repeat the last step. Weights are made
 * integers first (compare/units.c). */
#include "compare/wasserstein_1d.h"

#include "compare/check.h"
#include "compare/compare.h"
#include "compare/sort.h"
#include "compare/units.h"
#include "core/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double power(double difference, int p) {
    return p == 1 ? fabs(difference) : difference * difference;
}

double compare_wasserstein_1d_sorted(size_t n, const double x[], size_t m, const double y[], int p) {
    double total = 0;
    if (n == m) {
        for (size_t i = 0; i < n; i++) total += power(x[i] - y[i], p);
        return total / (double)n;
    }
    size_t i = 0, j = 0, at = 0;
    while (i < n && j < m) {
        size_t x_ends = (i + 1) * m, y_ends = (j + 1) * n, end = x_ends < y_ends ? x_ends : y_ends;
        total += (double)(end - at) * power(x[i] - y[j], p);
        i += x_ends == end;
        j += y_ends == end;
        at = end;
    }
    return total / ((double)n * (double)m);
}

/* x times 2^-exponent, sorted. */
static void sorted_copy(size_t n, const double x[], int exponent, double out[], uint64_t work[]) {
    double shrink = compare_shrink(exponent);
    for (size_t i = 0; i < n; i++) out[i] = x[i] * shrink;
    compare_sort(n, out, work);
}

enum core_status compare_wasserstein_1d(size_t n, const double x[], size_t m, const double y[], int p,
                                        double *distance) {
    enum core_status status = compare_check_sample("the first sample", 1, n, 1, x);
    if (status == CORE_OK) status = compare_check_sample("the second sample", 1, m, 1, y);
    if (status != CORE_OK) return status;
    if (p != 1 && p != 2) return core_fail(CORE_BAD_INPUT, "W_p is here for p = 1 and p = 2, not for p = %d", p);
    size_t longer = n > m ? n : m;
    double *sorted = core_alloc(n + m, sizeof *sorted);
    uint64_t *work = core_alloc(2 * longer, sizeof *work);
    if (sorted == NULL || work == NULL) {
        core_free(sorted);
        core_free(work);
        return core_fail(CORE_NO_MEMORY, "no memory to sort %zu and %zu numbers", n, m);
    }
    int exponent = compare_exponent(compare_exponent(COMPARE_NO_EXPONENT, n, x), m, y);
    sorted_copy(n, x, exponent, sorted, work);
    sorted_copy(m, y, exponent, sorted + n, work);
    double mean = compare_wasserstein_1d_sorted(n, sorted, m, sorted + n, p);
    *distance = (p == 1 ? mean : sqrt(mean)) * compare_grow(exponent);
    core_free(sorted);
    core_free(work);
    return CORE_OK;
}

/* ---- Weights ---- */

struct atom {
    double x;
    uint64_t mass;
};

static int to_the_left(const void *a, const void *b) {
    double x = ((const struct atom *)a)->x, y = ((const struct atom *)b)->x;
    return (x > y) - (x < y);
}

static void fill_atoms(size_t n, const double x[], const uint64_t units[], double shrink, struct atom atoms[]) {
    for (size_t i = 0; i < n; i++) atoms[i] = (struct atom){x[i] * shrink, units[i]};
    qsort(atoms, n, sizeof *atoms, to_the_left);
}

/* The mean of |x - y|^p over the masses, matched in order. */
static double merge(const struct atom *x, const struct atom *y, uint64_t total, int p) {
    double sum = 0;
    for (uint64_t done = 0, a = x->mass, b = y->mass; done < total;) {
        uint64_t part = a < b ? a : b;
        sum += (double)part * power(x->x - y->x, p);
        done += part;
        a -= part;
        b -= part;
        while (a == 0 && done < total) a = (++x)->mass;
        while (b == 0 && done < total) b = (++y)->mass;
    }
    return sum / (double)total;
}

static enum core_status weighted(size_t n, const double x[], const double wx[], size_t m, const double y[],
                                 const double wy[], int p, double *distance) {
    uint64_t *units = core_alloc(n + m, sizeof *units), total;
    struct atom *atoms = core_alloc(n + m, sizeof *atoms);
    if (units != NULL && atoms != NULL) {
        int exponent = compare_exponent(compare_exponent(COMPARE_NO_EXPONENT, n, x), m, y);
        compare_units(n, wx, m, wy, units, units + n, &total);
        fill_atoms(n, x, units, compare_shrink(exponent), atoms);
        fill_atoms(m, y, units + n, compare_shrink(exponent), atoms + n);
        double mean = merge(atoms, atoms + n, total, p);
        *distance = (p == 1 ? mean : sqrt(mean)) * compare_grow(exponent);
    }
    int complete = units != NULL && atoms != NULL;
    core_free(units);
    core_free(atoms);
    return complete ? CORE_OK : core_fail(CORE_NO_MEMORY, "no memory for %zu and %zu weights", n, m);
}

enum core_status compare_wasserstein_1d_weighted(size_t n, const double x[], const double wx[], size_t m,
                                                 const double y[], const double wy[], int p, double *distance) {
    if (wx == NULL && wy == NULL) return compare_wasserstein_1d(n, x, m, y, p, distance);
    enum core_status status = compare_check_sample("the first sample", 1, n, 1, x);
    if (status == CORE_OK) status = compare_check_sample("the second sample", 1, m, 1, y);
    if (status == CORE_OK) status = compare_check_weights("the first sample", n, wx);
    if (status == CORE_OK) status = compare_check_weights("the second sample", m, wy);
    if (status != CORE_OK) return status;
    if (p != 1 && p != 2) return core_fail(CORE_BAD_INPUT, "W_p is here for p = 1 and p = 2, not for p = %d", p);
    return weighted(n, x, wx, m, y, wy, p, distance);
}
