/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The exact laws behind compare/ks.c.
 *
 * Two samples. Under the hypothesis every order of n x's and m y's in the pooled sample is equally likely, ties or not:
 * a path from (0, 0) to (n, m), which goes from (i, j) to (i + 1, j) with probability (n - i) / (n + m - i - j). D
 * reaches its observed value when the path stands at |i m - j n| >= reached after the last of some ties. The
 * probability of paths that did so is taken out as they do and added up: nothing but positive terms, so that a small p
 * has all its digits.
 *
 * One sample. P(D_n < d) = n!/n^n (H^n)_kk with the matrix of Marsaglia, Tsang and Wang [marsaglia2003], k = ceil(n d).
 * For n d^2 > 4 it cancels; there P(D_n >= d) is twice the one-sided
 *
 *     P(D_n^+ >= d) = d sum_{j <= n (1 - d)} C(n, j) (d + j/n)^(j-1) (1 - d - j/n)^(n-j)
 *
 * [smirnov1944] up to paths that cross both bounds, about exp(-6 n d^2) < 1e-10 of it [simard2011]. */
#include "compare/ks_law.h"

#include "core/memory.h"

#include <math.h>
#include <string.h>

/* ---- Two samples ---- */

/* One step of all paths: weight[i] at (i, k - i) becomes weight[i] at (i, k + 1 - i), low <= i <= high + 1. */
static void step(size_t n, size_t m, size_t k, size_t low, size_t high, double weight[]) {
    double left = (double)(n + m - k);
    for (size_t i = high + 1; i > low; i--) {
        double stay = i <= high ? weight[i] * (double)(m + i - k) / left : 0; /* (m - j) with j = k - i */
        weight[i] = stay + weight[i - 1] * (double)(n - i + 1) / left;
    }
    weight[low] *= (double)(m + low - k) / left;
}

enum core_status compare_ks_two_law(size_t n, size_t m, const unsigned char after[], size_t reached, double *p) {
    double *weight = core_alloc(n + 2, sizeof *weight), out = 0;
    if (weight == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the paths of %zu values", n + m);
    weight[0] = 1;
    size_t low = 0, high = 0; /* weight is zero elsewhere */
    for (size_t k = 0; k < n + m && low <= high; k++) {
        step(n, m, k, low, high, weight);
        high = high < n ? high + 1 : n;
        while (low <= high && low + m < k + 1) weight[low++] = 0;
        if (!after[k + 1]) continue;
        for (size_t i = low; i <= high; i++) {
            size_t a = i * m, b = (k + 1 - i) * n;
            if ((a > b ? a - b : b - a) < reached) continue;
            out += weight[i];
            weight[i] = 0;
        }
        while (low < high && weight[low] == 0) low++;
        while (high > low && weight[high] == 0) high--;
    }
    core_free(weight);
    *p = fmin(1, reached == 0 ? 1 : out);
    return CORE_OK;
}

/* ---- One sample ---- */

static double one_sided(size_t n, double d) {
    double size = (double)n, sum = 0;
    size_t last = (size_t)floor(size * (1 - d));
    for (size_t j = 0; j <= last; j++) {
        double up = d + (double)j / size, down = 1 - up;
        if (down <= 0) continue;
        double choose = lgamma(size + 1) - lgamma((double)j + 1) - lgamma((double)(n - j) + 1);
        sum += exp(choose + ((double)j - 1) * log(up) + (double)(n - j) * log(down));
    }
    return d * sum;
}

/* c = a b, all (size, size); the common power of ten is moved into the exponent where entries grow large. */
static void multiply(size_t size, const double a[], const double b[], double c[]) {
    memset(c, 0, size * size * sizeof *c);
    for (size_t i = 0; i < size; i++) {
        for (size_t k = 0; k < size; k++) {
            for (size_t j = 0; j < size; j++) c[i * size + j] += a[i * size + k] * b[k * size + j];
        }
    }
}

static void fill(size_t size, double h, double matrix[]) {
    for (size_t i = 0; i < size; i++) {
        for (size_t j = 0; j < size; j++) matrix[i * size + j] = j <= i + 1 ? 1 : 0;
    }
    for (size_t i = 0; i < size; i++) {
        matrix[i * size] -= pow(h, (double)(i + 1));
        matrix[(size - 1) * size + i] -= pow(h, (double)(size - i));
    }
    if (2 * h > 1) matrix[(size - 1) * size] += pow(2 * h - 1, (double)size);
    for (size_t i = 0; i < size; i++) {
        for (size_t j = 0; j <= i; j++) matrix[i * size + j] /= exp(lgamma((double)(i - j) + 2));
    }
}

/* An entry of matrix^n times 2^exponent: squares and products, the largest entry kept near one. */
static double power_entry(size_t size, size_t n, size_t at, double *base, double *power, double *spare, int *exponent) {
    int own = 0;
    *exponent = 0;
    for (size_t i = 0; i < size; i++) power[i * size + i] = 1;
    for (; n > 0; n >>= 1) {
        int up;
        if (n & 1) {
            multiply(size, power, base, spare);
            memcpy(power, spare, size * size * sizeof *power);
            *exponent += own;
            frexp(power[at * size + at], &up);
            for (size_t i = 0; i < size * size; i++) power[i] = ldexp(power[i], -up);
            *exponent += up;
        }
        multiply(size, base, base, spare);
        frexp(spare[at * size + at], &up);
        for (size_t i = 0; i < size * size; i++) base[i] = ldexp(spare[i], -up);
        own = 2 * own + up;
    }
    return power[at * size + at];
}

static enum core_status both_sides(size_t n, double d, double *p) {
    size_t k = (size_t)(d * (double)n) + 1, size = 2 * k - 1;
    double *work = core_alloc(3 * size, size * sizeof *work);
    if (work == NULL) return core_fail(CORE_NO_MEMORY, "no memory for Kolmogorov's law at n = %zu", n);
    int exponent;
    fill(size, (double)k - d * (double)n, work);
    double entry = power_entry(size, n, k - 1, work, work + size * size, work + 2 * size * size, &exponent);
    double factor = lgamma((double)n + 1) - (double)n * log((double)n) + exponent * log(2.0);
    *p = fmin(1, fmax(0, 1 - entry * exp(factor)));
    core_free(work);
    return CORE_OK;
}

enum core_status compare_ks_one_law(size_t n, double d, double *p) {
    double size = (double)n;
    *p = 1;
    if (2 * size * d <= 1) return CORE_OK; /* D_n is never below 1 / (2 n) */
    *p = d >= 1 ? 0 : fmin(1, 2 * one_sided(n, d));
    return size * d * d > 4 || d >= 0.5 ? CORE_OK : both_sides(n, d, p);
}
