/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stable laws, from their integrals [nolan2020, theorem 3.3]. With T, L, L_- and g as in core/stable_integral.c, for
 * z = (x - location)/scale > -T (otherwise z and beta change sign, and the two tails change places):
 *     density  f = alpha / (pi |alpha - 1| (z + T)) int g exp(-g),     alpha = 1: f = 1/(2 beta) int g exp(-g);
 *     alpha > 1      P(Z > z) = int exp(-g) / pi,          P(Z <= z) = (L_- + int (1 - exp(-g))) / pi;
 *     alpha <= 1     P(Z > z) = int (1 - exp(-g)) / pi,    P(Z <= z) = (L_- + int exp(-g)) / pi,
 * all integrals over 0 < s < L. Nothing is subtracted, and no tail is one minus the other. At z = -T:
 *     f = Gamma(1 + 1/alpha) sin L (1 + T^2)^(-1/(2 alpha)) / pi,  P(Z > z) = L/pi.
 * With alpha = 1 and beta = 0: f = 1/(pi (1 + z^2)), P(Z > z) = arctan2(1, z)/pi. */
#include "core/stable.h"

#include "core/stable_integral.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

/* ---- Setting up ---- */

/* The difference of the locations of S0 and S1. */
static double location_shift(double alpha, double beta, double scale) {
    struct core_stable_side side;
    core_stable_side_set(&side, alpha, beta);
    if (alpha == 1) return beta * scale * 2 / pi * log(scale);
    return side.tangent * scale;
}

static struct core_stable_draws draws_of(double alpha, double beta, double scale, double location) {
    const double least = 0x1p-40;
    struct core_stable_side side;
    if (fabs(alpha - 1) < least) alpha = alpha < 1 ? 1 - least : 1 + least;
    core_stable_side_set(&side, alpha, beta);
    struct core_stable_draws draws = {
        .alpha = alpha, .gap = alpha - 1, .tangent = side.tangent, .scale = scale, .shift = location};
    draws.centre = location - scale * side.tangent;
    if (alpha > 1) {
        draws.left = side.still / pi;
        core_stable_side_set(&side, alpha, -beta);
        draws.right = side.still / pi;
    } else {
        draws.left = alpha * side.other / pi;
        draws.right = alpha * side.length / pi;
    }
    return draws;
}

enum core_status core_stable_init(struct core_stable *law, double alpha, double beta, double scale, double location,
                                  enum core_stable_form form) {
    if (!(alpha >= 0.1 && alpha <= 2))
        return core_fail(CORE_BAD_INPUT, "alpha of a stable law is %g; it must lie in [0.1, 2]", alpha);
    if (!(beta >= -1 && beta <= 1))
        return core_fail(CORE_BAD_INPUT, "beta of a stable law is %g; it must lie in [-1, 1]", beta);
    if (!(scale > 0 && scale <= 1e300))
        return core_fail(CORE_BAD_INPUT, "the scale of a stable law is %g; it must be positive, at most 1e300", scale);
    if (!isfinite(location)) return core_fail(CORE_BAD_INPUT, "the location of a stable law is not finite");
    *law = (struct core_stable){.alpha = alpha, .beta = beta, .scale = scale, .location = location};
    if (form == CORE_STABLE_S1) law->location += location_shift(alpha, beta, scale);
    law->draws = draws_of(alpha, beta, scale, law->location);
    if (form == CORE_STABLE_S1 && alpha != 1) law->draws.centre = location;
    return CORE_OK;
}

/* ---- Points ---- */

/* The side of the law on which a point lies. */
struct place {
    struct core_stable_side side;
    double z;      /* from the law's centre, as seen from that side */
    double above;  /* z + T */
    int reflected; /* z and beta have changed sign */
};

static struct place place_of(const struct core_stable *law, double x) {
    struct place place = {.z = (x - law->location) / law->scale};
    core_stable_side_set(&place.side, law->alpha, law->beta);
    place.above = place.z + place.side.tangent;
    place.reflected = law->alpha == 1 ? law->beta < 0 : place.above < 0;
    if (!place.reflected) return place;
    core_stable_side_set(&place.side, law->alpha, -law->beta);
    place.z = -place.z;
    place.above = -place.above;
    return place;
}

static double integral(const struct place *place, enum core_stable_kind kind) {
    return exp(core_stable_integral(&place->side, kind, place->z)) / pi;
}

static double density_at_centre(const struct core_stable_side *side) {
    const double angle = side->length < side->other ? side->length : side->other;
    return tgamma(1 + 1 / side->alpha) * sin(angle) * exp(-log1p(side->tangent * side->tangent) / (2 * side->alpha)) /
           pi;
}

static double density(const struct place *place) {
    const struct core_stable_side *side = &place->side;
    if (isinf(place->z)) return 0;
    if (side->alpha == 1 && side->beta == 0) return 1 / (pi * (1 + place->z * place->z));
    if (side->alpha != 1 && place->above == 0) return density_at_centre(side);
    const double sum = core_stable_integral(side, CORE_STABLE_PEAK, place->z);
    if (side->alpha == 1) return exp(sum) / (2 * side->beta);
    return exp(sum + log(side->alpha / (pi * side->gap)) - log(place->above));
}

/* P(Z > z) as seen from the side. */
static double upper(const struct place *place) {
    const struct core_stable_side *side = &place->side;
    if (isinf(place->z)) return place->z > 0 ? 0 : 1;
    if (side->alpha == 1 && side->beta == 0) return atan2(1, place->z) / pi;
    if (side->alpha != 1 && place->above == 0) return side->length / pi;
    return integral(place, side->alpha > 1 ? CORE_STABLE_LOW : CORE_STABLE_HIGH);
}

/* P(Z <= z) as seen from the side. */
static double lower(const struct place *place) {
    const struct core_stable_side *side = &place->side;
    if (isinf(place->z)) return place->z > 0 ? 1 : 0;
    if (side->alpha == 1 && side->beta == 0) return atan2(1, -place->z) / pi;
    if (side->alpha != 1 && place->above == 0) return side->other / pi;
    return side->other / pi + integral(place, side->alpha > 1 ? CORE_STABLE_HIGH : CORE_STABLE_LOW);
}

double core_stable_pdf(const struct core_stable *law, double x) {
    if (isnan(x)) return x;
    const struct place place = place_of(law, x);
    return density(&place) / law->scale;
}

double core_stable_cdf(const struct core_stable *law, double x) {
    if (isnan(x)) return x;
    const struct place place = place_of(law, x);
    return place.reflected ? upper(&place) : lower(&place);
}

double core_stable_sf(const struct core_stable *law, double x) {
    if (isnan(x)) return x;
    const struct place place = place_of(law, x);
    return place.reflected ? lower(&place) : upper(&place);
}
