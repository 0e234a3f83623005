/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The block estimate of a stable index [mohammadi2015], the one of the literature on the noise of SGD. A sum Y of K
 * independent symmetric stable draws has the law of K^(1/alpha) x, so over consecutive blocks of length K
 *     1/alpha = (mean ln |Y| - mean ln |x|) / ln K.
 * With D_b = ln |Y_b| - mean over block b of ln |x| this is the mean of independent D_b / ln K: its standard error
 * follows from their spread. Where the length does not divide n the last draws are left out, and said. On anything but
 * independent symmetric stable draws the answer means little: 1.7 for Student's t with 3 degrees of freedom. */
#include "compare/tails.h"

#include "compare/check.h"
#include "core/memory.h"
#include "core/sum.h"

#include <math.h>

/* The divisor of n nearest to its root within a factor of 2, else the root. */
static size_t natural_length(size_t n) {
    size_t root = (size_t)sqrt((double)n), best = 0;
    double miss = (double)INFINITY;
    for (size_t k = root / 2 > 2 ? root / 2 : 2; k <= 2 * root + 1; k++) {
        if (n % k != 0 || n / k < 2 || fabs((double)k - sqrt((double)n)) >= miss) continue;
        miss = fabs((double)k - sqrt((double)n));
        best = k;
    }
    return best != 0 ? best : root;
}

/* *d = D_b of one block; 0 where a sum or all draws of it are zero. */
static int block_excess(size_t length, const double x[], double shrink, double *d) {
    double sum = 0, logs = 0;
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        double scaled = x[i] * shrink;
        sum += scaled;
        if (scaled != 0) logs += log(fabs(scaled));
        used += scaled != 0;
    }
    if (sum == 0 || used == 0) return 0;
    *d = log(fabs(sum)) - logs / (double)used;
    return 1;
}

enum core_status compare_tail_block(size_t n, const double x[], size_t k, struct compare_tail *tail) {
    *tail = compare_tail_unknown();
    enum core_status status = compare_tail_check(4, n, x);
    if (status != CORE_OK) return status;
    if (k == 0) k = natural_length(n);
    if (k < 2 || k > n / 2) {
        return core_fail(CORE_BAD_INPUT, "block: length %zu; from 2 to %zu are possible", k, n / 2);
    }
    size_t blocks = n / k, used = 0;
    double *excess = core_alloc(blocks, sizeof *excess),
           shrink = compare_shrink(compare_exponent(COMPARE_NO_EXPONENT, n, x));
    if (excess == NULL) return core_fail(CORE_NO_MEMORY, "no memory for %zu blocks", blocks);
    for (size_t b = 0; b < blocks; b++) used += (size_t)block_excess(k, x + b * k, shrink, &excess[used]);
    struct core_moments moments = core_moments(excess, used, 1);
    core_free(excess);
    if (used < 2) return core_fail(CORE_BAD_INPUT, "block: fewer than 2 blocks have a sum that is not zero");
    tail->index = moments.mean / log((double)k);
    tail->index_se = sqrt(moments.variance / (double)used) / log((double)k);
    tail->k = k;
    tail->dropped = n - used * k;
    if (tail->index > 0) tail->alpha = 1 / tail->index;
    if (tail->index > 0) tail->se = tail->index_se / (tail->index * tail->index);
    return CORE_OK;
}
