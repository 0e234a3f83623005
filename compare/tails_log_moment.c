/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The log-moment estimate for symmetric stable draws centred at zero [ma1995]: ln |x| has variance
 * v = pi^2/6 (1/alpha^2 + 1/2) and mean C (1/alpha - 1) + ln scale, C Euler's constant. So
 *     1/alpha^2 = 6 v / pi^2 - 1/2,  2 where that is 1/4 or less,
 * with the standard error of a variance, sqrt((m_4 - v^2) / n), carried over. Zeros are left out. It knows no skewness
 * and no location: on skewed samples it answers, and is wrong. */
#include "compare/tails.h"

#include "core/memory.h"
#include "core/sum.h"

#include <math.h>

#define PI 3.14159265358979323846
#define EULER 0.577215664901532861

enum core_status compare_tail_log_moment(size_t n, const double x[], size_t k, struct compare_tail *tail) {
    (void)k;
    double *logs;
    size_t count;
    *tail = compare_tail_unknown();
    enum core_status status = compare_tail_check(2, n, x);
    if (status == CORE_OK) status = compare_tail_logs(n, x, &count, &logs);
    if (status != CORE_OK) return status;
    double mean = core_sum(logs, count, 1) / (double)count, second = 0, fourth = 0;
    for (size_t i = 0; i < count; i++) {
        double square = (logs[i] - mean) * (logs[i] - mean);
        second += square / (double)(count - 1);
        fourth += square * square / (double)count;
    }
    core_free(logs);
    double square = 6 * second / (PI * PI) - 0.5; /* 1/alpha^2 */
    tail->alpha = 1 / sqrt(fmax(square, 0.25));
    if (square > 0.25) {
        double spread = sqrt((fourth - second * second) / (double)count);
        tail->se = 0.5 * pow(tail->alpha, 3) * 6 / (PI * PI) * spread;
    }
    tail->scale = exp(mean - EULER * (1 / tail->alpha - 1));
    tail->beta = 0;
    tail->location = 0;
    tail->dropped = n - count;
    return CORE_OK;
}
