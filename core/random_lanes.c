/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random numbers in lanes: the laws made of the words of eight Philox blocks at once (core/lanes_philox.h).
 *
 * The eight counters are eight paths (width CORE_LANES) or eight consecutive blocks of one path (width 1); the
 * arithmetic behind is the same code, so both give the same numbers.
 *
 * Laws. u = (k + 1/2) 2^-52 with k the top 52 bits of a pair; u, 1 - u and u - 1/2 are all exact in a double, so that
 * no tail is cut short. With d = min(u, 1 - u), every sine below has an argument x in [0, 1/2] that is computed without
 * cancellation, and sin(pi x) is accurate relative to itself:
 *     normal       r = sqrt(-2 log u1); z = (r cos t, r sin t)  [box1958]. t is uniform on the circle: an angle in
 *                  (-pi/4, pi/4) from 52 bits, turned by a quarter and by a half according to two of the other twelve.
 *     exponential  -log u
 *     stable       phi = pi (u1 - 1/2), w = -log u2  [chambers1976], beta = 0:
 *                  X = sin(alpha phi) / cos(phi)^(1/alpha) (cos((1 - alpha) phi) / w)^((1 - alpha)/alpha).
 *                  cos phi = sin(pi d); |phi| = pi (1/2 - d); and with m = alpha (1/2 - d),
 *                  sin(alpha |phi|) = sin(pi m) = sin(pi ((2 - alpha)/2 + alpha d)), the latter where m > 1/2;
 *                  cos((1 - alpha) phi) = sin(pi ((1 - |1 - alpha|)/2 + |1 - alpha| d)).
 *     skewed       theta = pi (u1 - 1/2), w = -log u2, e = alpha - 1, T = beta tan(pi alpha/2) [chambers1976]. With
 *     stable       C = cos(e theta) - T sin(e theta) = sqrt(1 + T^2) sin(omega) and l = log(w cos(theta)/C), both of
 *                      Y = (sin(alpha theta) + T cos(alpha theta)) / cos(theta) exp(e l/alpha),
 *                      X = Y - T = (tan(theta) C + sin(e theta)) exp(e l/alpha)
 *                                  + T (expm1(e l/alpha) cos(e theta) - 2 sin(e theta/2)^2)
 *                  have the law (Y: location 0 in S1, X: in S0). X cancels nowhere as alpha tends to 1, where T e tends
 *                  to -2 beta/pi; Y keeps its sign. X is taken for |e| < 1/8. The angle omega, in (0, pi), is
 *                  linear in u1 and known from both ends (core/stable.h), as in core/stable_integral.c;
 *                  the first factor of Y is tan(theta) C + sin(e theta) + T cos(e theta).
 *     positive     theta = pi u1, w = -log u2  [kanter1975]:
 *     stable       A = sin(a theta) / sin(theta)^(1/a) (sin((1 - a) theta) / w)^((1 - a)/a).
 *                  sin(b theta) = sin(pi b u) = sin(pi ((1 - b) + b (1 - u))), the latter where b u > 1/2.
 *     Poisson      the smallest n with u <= P(N <= n)
 *     index        floor(bound * word / 2^32) or floor(bound * pair / 2^64)                                        */
#include "core/lanes_math.h"
#include "core/lanes_philox.h"
#include "core/random_kernels.h"

enum { LINEAR_SEARCH = 48 }; /* the longest Poisson table that is searched entry by entry */

/* ---- from blocks to arrays ---- */

/* Makes the draws of one block, at most four rows of eight lanes. */
typedef void (*draw_block)(const lanes_bits pair[2], const void *parameters, lanes_bits row[4]);

typedef uint32_t half_lanes __attribute__((vector_size(32), aligned(32)));

/* Row `at` of an array (count, CORE_LANES) of doubles (size 8) or of 32-bit integers (size 4). */
LANES_INLINE void put_row(void *out, size_t size, size_t at, lanes_bits row) {
    if (size == sizeof(double)) {
        lanes_store((double *)out + at * CORE_LANES, (lanes)row);
    } else {
        *(half_lanes *)(void *)((uint32_t *)out + at * CORE_LANES) = __builtin_convertvector(row, half_lanes);
    }
}

LANES_INLINE void fill_lanes(const struct core_stream *stream, size_t count, draw_block draw, const void *parameters,
                             size_t per_block, size_t size, void *out) {
    const struct lanes_counters c = lanes_counters_of(stream, CORE_LANES);
    lanes_bits pair[2], row[4];
    size_t at = 0;
    for (uint64_t block = 0; at < count; block++) {
        lanes_philox(&c, lanes_bits_set(block), pair);
        draw(pair, parameters, row);
        for (size_t i = 0; i < per_block && at < count; i++) put_row(out, size, at++, row[i]);
    }
}

LANES_INLINE void fill_path(const struct core_stream *stream, size_t count, draw_block draw, const void *parameters,
                            size_t per_block, size_t size, void *out) {
    const struct lanes_counters c = lanes_counters_of(stream, 1);
    lanes_bits pair[2], row[4];
    size_t at = 0;
    for (uint64_t block = 0; at < count; block += CORE_LANES) {
        lanes_philox(&c, block + lanes_count, pair);
        draw(pair, parameters, row);
        for (int lane = 0; lane < CORE_LANES; lane++) {
            for (size_t i = 0; i < per_block && at < count; i++, at++) {
                if (size == sizeof(double))
                    ((double *)out)[at] = ((lanes)row[i])[lane];
                else
                    ((uint32_t *)out)[at] = (uint32_t)row[i][lane];
            }
        }
    }
}

/* `draw`, `per_block` and `size` are constants at every call, so each law gets loops of its own. */
LANES_INLINE void fill(const struct core_stream *stream, size_t width, size_t count, draw_block draw,
                       const void *parameters, size_t per_block, size_t size, void *out) {
    if (width == CORE_LANES)
        fill_lanes(stream, count, draw, parameters, per_block, size, out);
    else
        fill_path(stream, count, draw, parameters, per_block, size, out);
}

/* ---- laws ---- */

/* (k + 1/2) 2^-52: k becomes the fraction of a number in [1, 2), and 1 - 2^-53 is taken off exactly. */
LANES_INLINE lanes unit(lanes_bits pair) {
    return (lanes)((pair >> 12) | 0x3ff0000000000000u) - (1.0 - 0x1p-53);
}

/* Where b > 1/2, 1 - b computed without cancellation as `other`; elsewhere b. */
LANES_INLINE lanes fold(lanes b, lanes other) {
    return lanes_select(lanes_greater(b, lanes_set(0.5)), other, b);
}

LANES_INLINE void draw_bits(const lanes_bits pair[2], const void *unused, lanes_bits row[4]) {
    (void)unused;
    for (int i = 0; i < 2; i++) {
        row[2 * i] = pair[i] >> 32;
        row[2 * i + 1] = pair[i];
    }
}

LANES_INLINE void draw_uniform(const lanes_bits pair[2], const void *unused, lanes_bits row[4]) {
    (void)unused;
    for (int i = 0; i < 2; i++) row[i] = (lanes_bits)unit(pair[i]);
}

LANES_INLINE void draw_exponential(const lanes_bits pair[2], const void *unused, lanes_bits row[4]) {
    (void)unused;
    for (int i = 0; i < 2; i++) row[i] = (lanes_bits)-lanes_log(unit(pair[i]));
}

LANES_INLINE void draw_normal(const lanes_bits pair[2], const void *unused, lanes_bits row[4]) {
    (void)unused;
    lanes radius = lanes_sqrt(lanes_log(unit(pair[0])) * -2.0), sine, cosine;
    lanes_sincospi_quarter(lanes_fma(unit(pair[1]), lanes_set(0.5), lanes_set(-0.25)), &sine, &cosine);
    lanes_mask quarter = (lanes_mask)(0 - (pair[1] & 1));
    radius = (lanes)((lanes_bits)radius ^ ((pair[1] & 2) << 62)); /* half a turn */
    row[0] = (lanes_bits)(radius * lanes_select(quarter, -sine, cosine));
    row[1] = (lanes_bits)(radius * lanes_select(quarter, cosine, sine));
}

LANES_INLINE void draw_stable(const lanes_bits pair[2], const void *index, lanes_bits row[4]) {
    const double alpha = *(const double *)index, other = alpha < 1 ? 1 - alpha : alpha - 1;
    lanes u = unit(pair[0]), w = -lanes_log(unit(pair[1]));
    lanes_bits sign = (lanes_bits)(u - 0.5) & 0x8000000000000000u;
    lanes d = fold(u, 1.0 - u);
    lanes sine = lanes_sinpi_half(fold((0.5 - d) * alpha, lanes_fma(lanes_set(alpha), d, lanes_set((2 - alpha) / 2))));
    lanes cosine = lanes_sinpi_half(lanes_fma(lanes_set(other), d, lanes_set((1 - other) / 2)));
    lanes power = lanes_log(cosine / w) * (1 - alpha) - lanes_log(lanes_sinpi_half(d));
    row[0] = (lanes_bits)(sine * lanes_exp(power * (1 / alpha))) ^ sign;
}

/* expm1(x) = x + x^2 E(x) near 0 (core/lanes_math.h), exp(x) - 1 elsewhere. */
LANES_INLINE lanes small_expm1(lanes x, lanes exponential) {
    lanes near = lanes_fma(x * x, LANES_POLYNOMIAL(lanes_exp_series, x), x);
    return lanes_select(lanes_greater(x * x, lanes_set(0.12)), exponential - 1.0, near);
}

/* What X and Y are made of. */
struct skewed {
    lanes power;              /* e l/alpha */
    lanes front;              /* tan(theta) C + sin(e theta) */
    lanes sine_e, half, turn; /* sin(e theta), |sin(e theta/2)|, cos(e theta) */
};

LANES_INLINE struct skewed skewed_of(const lanes_bits pair[2], const struct core_stable_draws *law) {
    const double gap = law->gap, size = gap < 0 ? -gap : gap, secant = __builtin_sqrt(1 + law->tangent * law->tangent);
    lanes u = unit(pair[0]), v = 1.0 - u, w = -lanes_log(unit(pair[1]));
    lanes a = gap > 0 ? v : u, b = gap > 0 ? u : v;
    lanes left = lanes_fma(lanes_set(size), a, lanes_set(law->left));
    lanes right = lanes_fma(lanes_set(size), b, lanes_set(law->right));
    lanes c = lanes_sinpi_half(fold(left, right)) * secant;
    lanes_bits sign = (lanes_bits)(u - 0.5) & 0x8000000000000000u;
    lanes d = fold(u, v), cosine = lanes_sinpi_half(d), sine = lanes_sinpi_half(0.5 - d); /* of |theta| */
    lanes_bits turned = gap < 0 ? sign ^ 0x8000000000000000u : sign;
    struct skewed s;
    s.sine_e = (lanes)((lanes_bits)lanes_sinpi_half((0.5 - d) * size) ^ turned);
    s.half = lanes_sinpi_half((0.5 - d) * (size / 2));
    s.turn = lanes_sinpi_half(0.5 - (0.5 - d) * size);
    s.front = (lanes)((lanes_bits)(sine / cosine * c) ^ sign) + s.sine_e;
    s.power = lanes_log(w * (cosine / c)) * (gap / law->alpha);
    return s;
}

LANES_INLINE void draw_skewed_near_one(const lanes_bits pair[2], const void *parameters, lanes_bits row[4]) {
    const struct core_stable_draws *law = parameters;
    const struct skewed s = skewed_of(pair, law);
    lanes z = lanes_exp(s.power);
    lanes rest = small_expm1(s.power, z) * s.turn - s.half * s.half * 2.0;
    row[0] = (lanes_bits)(lanes_fma(s.front, z, rest * law->tangent) * law->scale + law->shift);
}

LANES_INLINE void draw_skewed(const lanes_bits pair[2], const void *parameters, lanes_bits row[4]) {
    const struct core_stable_draws *law = parameters;
    const struct skewed s = skewed_of(pair, law);
    lanes y = (s.front + s.turn * law->tangent) * lanes_exp(s.power);
    row[0] = (lanes_bits)(y * law->scale + law->centre);
}

LANES_INLINE void draw_positive_stable(const lanes_bits pair[2], const void *index, lanes_bits row[4]) {
    const double a = *(const double *)index, b = 1 - a;
    lanes u = unit(pair[0]), v = 1.0 - u, w = -lanes_log(unit(pair[1]));
    lanes sine_a = lanes_sinpi_half(fold(u * a, lanes_fma(lanes_set(a), v, lanes_set(b))));
    lanes sine_b = lanes_sinpi_half(fold(u * b, lanes_fma(lanes_set(b), v, lanes_set(a))));
    lanes power = lanes_log(sine_b / w) * b - lanes_log(lanes_sinpi_half(fold(u, v)));
    row[0] = (lanes_bits)(sine_a * lanes_exp(power * (1 / a)));
}

LANES_INLINE void draw_index(const lanes_bits pair[2], const void *bound, lanes_bits row[4]) {
    const lanes_bits values = lanes_bits_set(*(const uint32_t *)bound);
    for (int i = 0; i < 2; i++) {
        row[2 * i] = lanes_multiply_32(pair[i] >> 32, values) >> 32;
        row[2 * i + 1] = lanes_multiply_32(pair[i], values) >> 32;
    }
}

LANES_INLINE void draw_index_long(const lanes_bits pair[2], const void *bound, lanes_bits row[4]) {
    const lanes_bits values = lanes_bits_set(*(const uint32_t *)bound);
    for (int i = 0; i < 2; i++) {
        lanes_bits low = lanes_multiply_32(pair[i], values) >> 32;
        row[i] = (lanes_multiply_32(pair[i] >> 32, values) + low) >> 32;
    }
}

/* Short tables: count the entries below u, four at a time (ones follow the table). */
LANES_INLINE void draw_poisson_short(const lanes_bits pair[2], const void *parameters, lanes_bits row[4]) {
    const struct core_poisson *poisson = parameters;
    for (int i = 0; i < 2; i++) {
        lanes u = unit(pair[i]);
        lanes_bits value = lanes_bits_set(poisson->first);
        lanes_mask above = (lanes_mask)lanes_bits_set(UINT64_MAX);
        for (size_t n = 0; lanes_any(above) && n < poisson->count; n += CORE_POISSON_STRIDE) {
            for (size_t j = 0; j < CORE_POISSON_STRIDE; j++) {
                above = lanes_greater(u, lanes_set(poisson->upper[n + j]));
                value -= (lanes_bits)above;
            }
        }
        row[i] = (lanes_bits)lanes_from_bits52(value);
    }
}

/* Long tables: halve the interval that holds the answer. */
LANES_INLINE void draw_poisson_long(const lanes_bits pair[2], const void *parameters, lanes_bits row[4]) {
    const struct core_poisson *poisson = parameters;
    const lanes u[2] = {unit(pair[0]), unit(pair[1])};
    lanes_bits at[2] = {lanes_bits_set(0), lanes_bits_set(0)};
    for (size_t size = poisson->count; size > 1; size -= size / 2) {
        for (int i = 0; i < 2; i++) {
            lanes_mask above = lanes_greater(u[i], lanes_gather(poisson->upper + size / 2 - 1, at[i]));
            at[i] += (lanes_bits)above & (uint64_t)(size / 2);
        }
    }
    for (int i = 0; i < 2; i++) row[i] = (lanes_bits)lanes_from_bits52(at[i] + (uint64_t)poisson->first);
}

/* ---- the table ---- */

static void bits(const struct core_stream *stream, size_t width, size_t count, uint32_t out[]) {
    fill(stream, width, count, draw_bits, NULL, 4, sizeof *out, out);
}

static void uniform(const struct core_stream *stream, size_t width, size_t count, double out[]) {
    fill(stream, width, count, draw_uniform, NULL, 2, sizeof *out, out);
}

static void normal(const struct core_stream *stream, size_t width, size_t count, double out[]) {
    fill(stream, width, count, draw_normal, NULL, 2, sizeof *out, out);
}

static void exponential(const struct core_stream *stream, size_t width, size_t count, double out[]) {
    fill(stream, width, count, draw_exponential, NULL, 2, sizeof *out, out);
}

static void stable(const struct core_stream *stream, double alpha, size_t width, size_t count, double out[]) {
    fill(stream, width, count, draw_stable, &alpha, 1, sizeof *out, out);
}

static void skewed(const struct core_stream *stream, const struct core_stable_draws *law, size_t width, size_t count,
                   double out[]) {
    if (law->gap > -0.125 && law->gap < 0.125)
        fill(stream, width, count, draw_skewed_near_one, law, 1, sizeof *out, out);
    else
        fill(stream, width, count, draw_skewed, law, 1, sizeof *out, out);
}

static void positive_stable(const struct core_stream *stream, double a, size_t width, size_t count, double out[]) {
    fill(stream, width, count, draw_positive_stable, &a, 1, sizeof *out, out);
}

static void draw_indices(const struct core_stream *stream, uint32_t bound, size_t width, size_t count, uint32_t out[]) {
    if (bound <= 0x10000)
        fill(stream, width, count, draw_index, &bound, 4, sizeof *out, out);
    else
        fill(stream, width, count, draw_index_long, &bound, 2, sizeof *out, out);
}

static void poisson(const struct core_stream *stream, const struct core_poisson *law, size_t width, size_t count,
                    double out[]) {
    if (law->count <= LINEAR_SEARCH)
        fill(stream, width, count, draw_poisson_short, law, 2, sizeof *out, out);
    else
        fill(stream, width, count, draw_poisson_long, law, 2, sizeof *out, out);
}

LANES_INLINE lanes evaluate(enum core_elementary f, lanes x) {
    lanes sine, cosine;
    switch (f) {
    case CORE_ELEMENTARY_LOG:
        return lanes_log(x);
    case CORE_ELEMENTARY_EXP:
        return lanes_exp(x);
    case CORE_ELEMENTARY_SINPI:
        lanes_sincospi(x, &sine, &cosine);
        return sine;
    case CORE_ELEMENTARY_COSPI:
        lanes_sincospi(x, &sine, &cosine);
        return cosine;
    case CORE_ELEMENTARY_SINPI_HALF:
        return lanes_sinpi_half(x);
    default:
        return lanes_sqrt(x);
    }
}

static void elementary(enum core_elementary f, size_t count, const double x[], double out[]) {
    for (size_t i = 0; i < count; i += CORE_LANES) {
        size_t here = count - i < CORE_LANES ? count - i : CORE_LANES;
        lanes block = lanes_set(1.0);
        for (size_t j = 0; j < here; j++) block[j] = x[i + j];
        block = evaluate(f, block);
        for (size_t j = 0; j < here; j++) out[i + j] = block[j];
    }
}

const struct core_random_kernels CORE_ISA_NAME(core_random_kernels) = {
    .bits = bits,
    .uniform = uniform,
    .normal = normal,
    .exponential = exponential,
    .stable = stable,
    .positive_stable = positive_stable,
    .skewed = skewed,
    .index = draw_indices,
    .poisson = poisson,
    .elementary = elementary,
};
