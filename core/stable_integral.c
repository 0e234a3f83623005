/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Zolotarev's integrals for stable laws [nolan2020, theorem 3.3], in a form without cancellation.
 *
 * With T = beta tan(pi alpha/2), theta_0 = arctan(T)/alpha and x > -T (S0), let s = theta + theta_0 run from 0 to
 * L = pi/2 + theta_0, s' = L - s and e = alpha - 1. Then
 *     log g = (alpha log(x + T) - log(1 + T^2)/2 + alpha log(sin s' / sin(alpha s))) / e + log(sin w / sin s'),
 *     w = pi - alpha s - s',
 * and g is monotone in s. Density and tails are integrals of positive functions of g (core/stable.c), so that they are
 * as good, relative to themselves, as log g is, absolutely. At alpha = 1, beta > 0, with p = pi (1 - beta)/2 + beta s:
 *     log g = -pi x/(2 beta) + log((2/pi) p / sin s') + (p/beta) cot s',      L = pi.
 *
 * Angles. tan(alpha L) and tan(pi - alpha L) are rational in tan(pi e/2), which gives both angles without subtraction;
 * every sine of an angle above pi/2 is that of its complement, a sum of positive terms:
 *     pi - s' = L_- + s   (L_- is the L of -beta),       pi - alpha s = (pi - alpha L) + alpha s',
 *     w = L_- + |e| s,  pi - w = alpha L + |e| s'  (alpha < 1);   w = (pi - alpha L) + e s',  pi - w = L + e s  (> 1).
 *
 * Near alpha = 1 what is divided by e is itself of order e. Because alpha s = pi - w - s',
 *     sin(alpha s)/sin s' = 1 + a,   a = cos w - 1 + cot s' sin w,
 * and with T > 1 the rest is e log T + alpha log1p(x/T) - log1p(T^-2)/2. Where the integrand varies fast (beta near 0
 * and alpha near 1), the difference of log g from its value at a reference point is needed rather than log g: with d =
 * s - s*, the difference of a is
 *     cos w - cos w* + (cot s' - cot s'*) sin w + cot s'* (sin w - sin w*),   cot s' - cot s'* = sin d/(sin s' sin
 * s'*), again products only. The reference is where g = 1.
 *
 * Quadrature. s/s' = (s* / s'*) exp(t), -infinity < t < infinity: log g is asymptotically linear in t at both ends, and
 * ds = (s s'/L) dt. The logarithm of the integrand has one maximum, found by golden section; panels grow by
 * doubling from there on either side until the integrand has fallen by exp(-42), and end also at points that close in
 * on the reference, where exp(-g) may be a steep step; each is done by Gauss and Kronrod's 7 and 15 points
 * [kronrod1965], halved until both agree. */
#include "core/stable_integral.h"

#include <math.h>

static const double pi = 3.14159265358979323846;

enum { HALVINGS = 50, PANELS = 4000, GOLDEN_STEPS = 90, ROOT_STEPS = 110 };
static const double reach = 600;       /* |log(s/s')| at most */
static const double nothing = -1e4;    /* the exponential of this is 0, whatever it is multiplied by */
static const double fall = 42;         /* exp(-42) of the maximum is nothing */
static const double agreement = 1e-13; /* of 7 with 15 points: the latter are then good to rounding */

void core_stable_side_set(struct core_stable_side *side, double alpha, double beta) {
    const double gap = fabs(alpha - 1), sign = alpha > 1 ? 1 : -1;
    const double sine = sin(gap * pi / 2), cosine = sin((alpha > 1 ? 2 - alpha : alpha) * pi / 2);
    const double y = sine * cosine, x = sign * beta * cosine * cosine, z = sign * sine * sine;
    *side = (struct core_stable_side){.alpha = alpha, .beta = beta, .gap = gap, .length = pi};
    if (gap == 0) return;
    side->tangent = -sign * beta * cosine / sine;
    side->length = atan2(y * (1 + beta), x - z) / alpha;
    side->other = atan2(y * (1 - beta), -x - z) / alpha;
    side->still = atan2(y * (1 + beta), z - x);
}

/* ---- log g ---- */

/* s and what is made of it */
struct point {
    double s, rest;              /* s and s' */
    double sine_rest, cotangent; /* of s' */
    double sine_turn;            /* of alpha s */
    double angle, sine_w;        /* w or, where that is smaller, pi - w; its sine is the same */
    double w;
};

struct integral {
    const struct core_stable_side *side;
    enum core_stable_kind kind;
    double power;     /* alpha/(alpha - 1) */
    double log_g;     /* at the reference */
    struct point at;  /* the reference */
    double low, high; /* the range of t */
    double level;     /* the largest logarithm of the integrand */
    double width;     /* how far from the reference g has changed by about e */
    int panels;       /* done so far */
};

static double smaller(double a, double b) {
    return a < b ? a : b;
}

static struct point point_at(const struct core_stable_side *side, double s, double rest) {
    const double turn = side->alpha * s, half = pi / 2;
    struct point p = {.s = s, .rest = rest};
    p.sine_rest = rest <= half ? sin(rest) : sin(side->other + s);
    p.cotangent = (rest <= half ? cos(rest) : -cos(side->other + s)) / p.sine_rest;
    if (side->gap == 0) return p;
    const int above = side->alpha > 1;
    p.sine_turn = turn <= half ? sin(turn) : sin(side->still + side->alpha * rest);
    p.w = above ? side->still + side->gap * rest : side->other + side->gap * s;
    p.sine_w = sin(smaller(p.w, above ? side->length + side->gap * s : side->alpha * side->length + side->gap * rest));
    return p;
}

/* s and s' at t from the reference, and s - s*. */
static struct point point_from(const struct integral *i, double t, double *difference) {
    const double s = i->at.s, rest = i->at.rest, shrink = exp(-fabs(t)), total = i->side->length;
    const double a = t > 0 ? s : s * shrink, b = t > 0 ? rest * shrink : rest;
    *difference = copysign(s * rest * -expm1(-fabs(t)) / (a + b), t);
    return point_at(i->side, total * (a / (a + b)), total * (b / (a + b)));
}

/* log(sin(alpha s)/sin s'), of which a is kept where it is small. */
static double log_turn(const struct point *p) {
    const double half = sin(p->w / 2), a = -2 * half * half + p->cotangent * sin(p->w);
    return fabs(a) < 0.5 ? log1p(a) : log(p->sine_turn / p->sine_rest);
}

static double log_g_one(const struct core_stable_side *side, double x, const struct point *p) {
    const double slope = pi / 2 * (1 - side->beta) + side->beta * p->s;
    return -pi * x / (2 * side->beta) + log(2 / pi * slope / p->sine_rest) + slope / side->beta * p->cotangent;
}

static double log_g(const struct core_stable_side *side, double x, const struct point *p) {
    const double alpha = side->alpha, tangent = side->tangent;
    if (side->gap == 0) return log_g_one(side, x, p);
    double fixed, sum;
    if (tangent > 1) {
        fixed = log(tangent);
        sum = alpha * log1p(x / tangent) - log1p(1 / (tangent * tangent)) / 2;
    } else {
        fixed = 0;
        sum = alpha * log(x + tangent) - log1p(tangent * tangent) / 2;
    }
    return fixed + (sum - alpha * log_turn(p)) / (alpha - 1) + log(p->sine_w / p->sine_rest);
}

/* log g minus its value at the reference, d = s - s*. */
static double log_g_change(const struct integral *i, const struct point *p, double d) {
    const struct core_stable_side *side = i->side;
    const struct point *r = &i->at;
    const double turn = sin(d) / (p->sine_rest * r->sine_rest); /* cot s' - cot s'* */
    if (side->gap == 0) {
        const double quarter = pi / 2 * (1 - side->beta), slope = quarter + side->beta * p->s;
        return log(slope / (quarter + side->beta * r->s)) - log(p->sine_rest / r->sine_rest) +
               slope / side->beta * turn + d * r->cotangent;
    }
    const double change = side->alpha > 1 ? -side->gap * d : side->gap * d;
    const double middle = r->w + change / 2, step = 2 * sin(change / 2);
    double a = turn * sin(p->w) + step * (r->cotangent * cos(middle) - sin(middle));
    a *= r->sine_rest / r->sine_turn;
    double ratio = fabs(a) < 0.5 ? log1p(a) : log(p->sine_turn / p->sine_rest * (r->sine_rest / r->sine_turn));
    return -i->power * ratio + log(p->sine_w / r->sine_w) - log(p->sine_rest / r->sine_rest);
}

static void place_reference(struct integral *i, double x, double t) {
    const double total = i->side->length, shrink = exp(-fabs(t));
    const double big = total / (1 + shrink), small = total * (shrink / (1 + shrink));
    i->at = point_at(i->side, t > 0 ? big : small, t > 0 ? small : big);
    i->log_g = log_g(i->side, x, &i->at);
    i->low = -reach - t;
    i->high = reach - t;
}

/* Where g = 1, or s = s' where that is nowhere. */
static void set_reference(struct integral *i, double x) {
    double low = -reach, high = reach;
    const double direction = i->side->alpha > 1 ? -1 : 1;
    double t = 0;
    for (int step = 0; step < ROOT_STEPS && low < high; step++) {
        if (step > 0) t = low + (high - low) / 2;
        place_reference(i, x, t);
        if (t == low || t == high) break;
        *(direction * i->log_g > 0 ? &high : &low) = t;
    }
    if (fabs(t) > reach - 1) t = 0;
    place_reference(i, x, t);
}

/* ---- the integrand ---- */

/* The logarithm of the integrand with respect to t; finite, and still falling where it no longer matters. */
static double log_integrand(const struct integral *i, double t) {
    double d;
    const struct point p = point_from(i, t, &d);
    const double measure = log(p.s * (p.rest / i->side->length));
    const double u = i->log_g + log_g_change(i, &p, d), g = exp(smaller(u, 600));
    const double loss = g + (u > 600 ? (u - 600) * 1e250 : 0);
    switch (i->kind) {
    case CORE_STABLE_PEAK:
        return u - loss + measure;
    case CORE_STABLE_LOW:
        return measure - loss;
    default:
        return measure + (u < -40 ? u : log(-expm1(-g)));
    }
}

static double find_peak(struct integral *i) {
    static const double golden = 0.6180339887498949;
    double low = i->low, high = i->high;
    double left = high - golden * (high - low), right = low + golden * (high - low);
    double at_left = log_integrand(i, left), at_right = log_integrand(i, right);
    for (int step = 0; step < GOLDEN_STEPS; step++) {
        if (at_left >= at_right) {
            high = right, right = left, at_right = at_left;
            left = high - golden * (high - low), at_left = log_integrand(i, left);
        } else {
            low = left, left = right, at_left = at_right;
            right = low + golden * (high - low), at_right = log_integrand(i, right);
        }
    }
    const double at_zero = log_integrand(i, 0), found = at_left > at_right ? left : right;
    i->level = fmax(at_left, at_right);
    if (at_zero <= i->level) return found;
    i->level = at_zero;
    return 0;
}

/* ---- quadrature ---- */

/* Nodes of Kronrod's 15-point rule and its weights, and those of Gauss's 7-point rule on every second node. */
static const double nodes[8] = {0.991455371120812639206854697526329, 0.949107912342758524526189684047851,
                                0.864864423359769072789712788640926, 0.741531185599394439863864773280788,
                                0.586087235467691130294144691693013, 0.405845151377397166906606412076961,
                                0.207784955007898467600689403773245, 0.000000000000000000000000000000000};
static const double kronrod[8] = {0.022935322010529224963732008058970, 0.063092092629978553290700663189204,
                                  0.104790010322250183839876322541518, 0.140653259715525918745189590510238,
                                  0.169004726639267902826583426598550, 0.190350578064785409913256402421014,
                                  0.204432940075298892414161999234649, 0.209482141084727828012999174891714};
static const double gauss[4] = {0.129484966168869693270611432679082, 0.279705391489276667901467771423780,
                                0.381830050505118944950369775488975, 0.417959183673469387755102040816327};

static double panel(struct integral *i, double from, double to, double scale, int halvings) {
    const double centre = from + (to - from) / 2, half = (to - from) / 2;
    double middle = exp(log_integrand(i, centre) - i->level), fine = middle * kronrod[7], coarse = middle * gauss[3];
    for (int k = 0; k < 7; k++) {
        double sum = exp(log_integrand(i, centre - half * nodes[k]) - i->level) +
                     exp(log_integrand(i, centre + half * nodes[k]) - i->level);
        fine += kronrod[k] * sum;
        if (k % 2 == 1) coarse += gauss[k / 2] * sum;
    }
    const double value = fine * half, error = fabs(fine - coarse) * half;
    if (!(error > agreement * fmax(scale, fabs(value))) || halvings == 0 || i->panels++ > PANELS) return value;
    return panel(i, from, centre, scale, halvings - 1) + panel(i, centre, to, scale, halvings - 1);
}

/* The first of the points 0, +-width, +-4 width, +-16 width, ... above t. */
static double next_break(const struct integral *i, double t) {
    double at = i->width;
    if (t >= 0) {
        while (at <= t) at *= 4;
        return at;
    }
    if (t >= -at) return 0;
    while (4 * at < -t) at *= 4;
    return -at;
}

/* The integral from a to b > a in panels that end at those points: g turns from 0 to infinity about the reference. */
static double span(struct integral *i, double a, double b, double scale) {
    double sum = 0;
    while (a < b) {
        const double to = smaller(next_break(i, a), b);
        sum += panel(i, a, to, scale, HALVINGS);
        a = to;
    }
    return sum;
}

/* The integral from the peak in one direction (1 or -1), relative to the peak. */
static double one_side(struct integral *i, double peak, double direction) {
    const double end = fabs((direction > 0 ? i->high : i->low) - peak);
    double from = 0, step = 0x1p-60, sum = 0;
    while (2 * step < end && i->level - log_integrand(i, peak + 2 * step * direction) < 0.5) step *= 2;
    while (from < end) {
        const double to = smaller(step, end), a = peak + from * direction, b = peak + to * direction;
        sum += direction > 0 ? span(i, a, b, sum) : span(i, b, a, sum);
        if (i->level - log_integrand(i, b) > fall) break;
        from = to;
        step *= 2;
    }
    return sum;
}

static double width_of_turn(const struct integral *i) {
    double d, width = 1;
    for (int k = 0; k < 30; k++, width /= 4) {
        const struct point p = point_from(i, -width, &d);
        if (fabs(log_g_change(i, &p, d)) < 1) break;
    }
    return width;
}

double core_stable_integral(const struct core_stable_side *side, enum core_stable_kind kind, double x) {
    if (side->length == 0) return -INFINITY;
    struct integral i = {.side = side, .kind = kind, .power = side->alpha / (side->alpha - 1)};
    set_reference(&i, x);
    i.width = width_of_turn(&i);
    const double peak = find_peak(&i);
    if (i.level < nothing) return -INFINITY;
    return i.level + log(one_side(&i, peak, 1) + one_side(&i, peak, -1));
}
