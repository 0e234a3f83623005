/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Neumaier's sum: s accumulates x_i in order, c the low-order bits each addition loses; the result is s + c with an
 * error of one rounding plus O(n eps^2) sum |x_i| [neumaier1974]. */
#include "core/sum.h"

#include <math.h>
#include <stdlib.h>

struct accumulator {
    double sum, lost;
};

static void add(struct accumulator *a, double x) {
    double next = a->sum + x;
    a->lost += fabs(a->sum) >= fabs(x) ? (a->sum - next) + x : (x - next) + a->sum;
    a->sum = next;
}

static double total(const struct accumulator *a) {
    /* an infinite sum has no low-order bits: inf - inf would make it NaN */
    return isfinite(a->sum) ? a->sum + a->lost : a->sum;
}

double core_sum(const double x[], size_t count, size_t stride) {
    struct accumulator a = {0, 0};
    for (size_t i = 0; i < count; i++) add(&a, x[i * stride]);
    return total(&a);
}

struct core_moments core_moments(const double x[], size_t count, size_t stride) {
    struct core_moments moments = {0, (double)NAN, (double)NAN};
    struct accumulator first = {0, 0}, second = {0, 0};
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(x[i * stride])) continue;
        add(&first, x[i * stride]);
        moments.count++;
    }
    if (moments.count == 0) return moments;
    moments.mean = total(&first) / (double)moments.count;
    for (size_t i = 0; i < count; i++) {
        double d = x[i * stride] - moments.mean;
        if (isfinite(x[i * stride])) add(&second, d * d);
    }
    moments.variance = moments.count == 1 ? 0 : total(&second) / (double)(moments.count - 1);
    return moments;
}

double core_quantile_sorted(const double sorted[], size_t count, double p) {
    double position = p * (double)(count - 1);
    size_t below = (size_t)position;
    if (below + 1 >= count) return sorted[count - 1];
    double part = position - (double)below;
    return part == 0 ? sorted[below] : sorted[below] + part * (sorted[below + 1] - sorted[below]);
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void core_sort(double x[], size_t count) {
    qsort(x, count, sizeof *x, ascending);
}
