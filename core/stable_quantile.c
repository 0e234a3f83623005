/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quantiles of stable laws: the root of h = log(tail) - log(wanted), the tail being the smaller of P(X <= x) and
 * P(X > x) that is wanted, so that no accuracy is lost at either end. In y = arsinh(z), z = (x - location)/scale, h is
 * nearly linear far out, where the tail is a power of z; Newton's steps in y, dh/dy = -+ f cosh(y) / tail, are kept
 * inside an interval that holds the root and replaced by halving where they leave it or h is not finite. */
#include "core/stable.h"

#include <math.h>

enum { STEPS = 200 };
static const double farthest = 690; /* of y: z = sinh(690) */

struct search {
    struct core_stable law; /* of scale 1 and location 0 */
    double wanted;          /* the tail, at most 1/2 */
    int above;              /* the tail is P(X > x) */
};

/* h, increasing in y, and its slope. */
static double misfit(const struct search *search, double y, double *slope) {
    const double z = sinh(y), sign = search->above ? -1 : 1;
    const double tail = search->above ? core_stable_sf(&search->law, z) : core_stable_cdf(&search->law, z);
    *slope = core_stable_pdf(&search->law, z) * cosh(y) / tail;
    return sign * (log(tail) - log(search->wanted));
}

static enum core_status find(const struct search *search, double *z) {
    double low = -farthest, high = farthest, slope, y = 0;
    for (int step = 0; step < STEPS; step++) {
        const double h = misfit(search, y, &slope), newton = y - h / slope;
        *(h < 0 ? &low : &high) = y;
        double next = newton > low && newton < high && isfinite(newton) ? newton : low + (high - low) / 2;
        if (low == -farthest || high == farthest) { /* no farther than twice as far at once */
            const double bound = 2 * fabs(y) + 4;
            next = fmin(fmax(next, -bound), bound);
        }
        if (h == 0 || fabs(next - y) <= 4e-16 * fabs(y) || high - low <= 2e-16 * fabs(y) || next == low || next == high)
            break;
        y = next;
    }
    if (fabs(y) > farthest - 1)
        return core_fail(CORE_NUMERICAL, "this quantile of a stable law of alpha %g is beyond the range of doubles",
                         search->law.alpha);
    *z = sinh(y);
    return CORE_OK;
}

enum core_status core_stable_quantile(const struct core_stable *law, double p, double *x) {
    if (!(p >= 0 && p <= 1)) return core_fail(CORE_BAD_INPUT, "a probability is %g; it must lie in [0, 1]", p);
    struct search search = {.law = *law, .wanted = p <= 0.5 ? p : 1 - p, .above = p > 0.5};
    search.law.scale = 1;
    search.law.location = 0;
    if (search.wanted == 0) {
        const int bounded = law->alpha < 1 && (search.above ? law->beta == -1 : law->beta == 1);
        const double end = -law->beta * tan(law->alpha * 1.57079632679489662);
        *x = search.above ? (double)INFINITY : -(double)INFINITY;
        if (bounded) *x = law->location + law->scale * end;
        return CORE_OK;
    }
    double z = 0;
    enum core_status status = find(&search, &z);
    if (status == CORE_OK) *x = law->location + law->scale * z;
    return status;
}
