/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The memory kernel as a sum of exponentials [jiang2017]. From
 *
 *     t^{-alpha} = 1 / Gamma(alpha) int e^{-t s} s^{alpha-1} ds = 1 / Gamma(alpha) int exp(-t e^x + alpha x) dx
 *
 * the trapezoidal rule in x has the relative error |Gamma(alpha + 2 pi i / h)| / Gamma(alpha) ~ e^{-pi^2 / h}. Rates
 * far above 1 / least contribute nothing. Rates far below 1 / most are slow: their part of the sum is a polynomial in t
 * of low degree, and two exponentials with the same first four moments replace them all (Gauss's rule for that discrete
 * measure), with a relative error of (s t)^4 / 4! at the largest rate s replaced. All weights are positive, which keeps
 * densities positive. */
#include "ffpe/steps.h"

#include "core/memory.h"

#include <math.h>

static const double STEP = 0.42;   /* e^{-pi^2 / 0.42} = 6e-11 */
static const double FAST = 26;     /* e^{-26} = 5e-12 */
static const double SLOW = 3e-3;   /* rates below this over `most` are gathered */
static const double DEPTH = 1e-12; /* relative size of the part that is left away at the slow end */

/* Two nodes and weights with moments m_0 ... m_3. */
static void gather(const double m[4], struct ffpe_exponentials *sum) {
    /* the orthogonal polynomial x^2 + b x + c of the measure */
    double det = m[0] * m[2] - m[1] * m[1];
    double c = (m[1] * m[3] - m[2] * m[2]) / det, b = (m[1] * m[2] - m[0] * m[3]) / det;
    double root = sqrt(fmax(0, b * b - 4 * c));
    double high = (-b + root) / 2, low = high > 0 ? c / high : 0;
    if (low < 0) low = 0;
    double weight = (m[1] - low * m[0]) / (high - low);
    sum->rate[sum->count] = low;
    sum->weight[sum->count++] = m[0] - weight;
    sum->rate[sum->count] = high;
    sum->weight[sum->count++] = weight;
}

enum core_status ffpe_exponentials_create(double alpha, double least, double most, struct ffpe_exponentials *sum) {
    double slowest = log(DEPTH) / alpha - log(most), fastest = log(FAST / least), split = log(SLOW / most);
    size_t room = (size_t)fmax(0, ceil((fastest - split) / STEP)) + 4;
    *sum = (struct ffpe_exponentials){.rate = core_alloc(room, sizeof(double)),
                                      .weight = core_alloc(room, sizeof(double))};
    if (sum->rate == NULL || sum->weight == NULL) {
        ffpe_exponentials_clear(sum);
        return core_fail(CORE_NO_MEMORY, "no memory for %zu exponentials", room);
    }
    double moments[4] = {0}, scale = STEP / tgamma(alpha), unit = SLOW / most;
    long first = (long)ceil(slowest / STEP), last = (long)floor(fastest / STEP);
    for (long k = first; k <= last; k++) {
        double x = STEP * (double)k, weight = scale * exp(alpha * x);
        if (x < split) {
            double power = weight;
            for (size_t j = 0; j < 4; j++, power *= exp(x) / unit)
                moments[j] += power; /* rates in units of the largest */
            continue;
        }
        if (sum->count == 0) {
            gather(moments, sum);
            for (size_t j = 0; j < 2; j++) sum->rate[j] *= unit;
        }
        sum->rate[sum->count] = exp(x);
        sum->weight[sum->count++] = weight;
    }
    return CORE_OK;
}

void ffpe_exponentials_clear(struct ffpe_exponentials *sum) {
    core_free(sum->rate);
    core_free(sum->weight);
    *sum = (struct ffpe_exponentials){0};
}
