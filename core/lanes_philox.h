/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CORE_LANES_PHILOX_H
#define CORE_LANES_PHILOX_H

#include "core/random.h"
#include "core/simd.h"

/* Philox4x32-10 of eight counters at once (internal to the library).
 *
 * One round of Philox [salmon2011] takes the counter (c0, c1, c2, c3) and the key (k0, k1) to
 *     (hi(M1 c2) ^ c1 ^ k0,  lo(M1 c2),  hi(M0 c0) ^ c3 ^ k1,  lo(M0 c0)),
 * and the key grows by (W0, W1) from round to round. A 32-bit word lives in the low half of a 64-bit lane; what lies in
 * the high half is ignored by the next multiplication. The last round leaves its four words as two 64-bit pairs
 * (word 0, word 1) and (word 2, word 3), high half first, without any masking:
 *     M1 c2 ^ ((c1 ^ k0) << 32)   and   M0 c0 ^ ((c3 ^ k1) << 32). */

enum { LANES_PHILOX_ROUNDS = 10 };

/* Eight counters without their block number, and the keys. */
struct lanes_counters {
    lanes_bits path, purpose;                                      /* c2 and c3 */
    uint64_t step;                                                 /* c1 */
    uint64_t key0[LANES_PHILOX_ROUNDS], key1[LANES_PHILOX_ROUNDS]; /* the key of each round, in the low 32 bits */
};

/* Lane numbers. */
static const lanes_bits lanes_count = {0, 1, 2, 3, 4, 5, 6, 7};

/* Of the paths stream->path + 0..7 (width CORE_LANES), or of the one path in every lane (width 1). */
LANES_INLINE struct lanes_counters lanes_counters_of(const struct core_stream *stream, size_t width) {
    struct lanes_counters c;
    uint32_t k0 = (uint32_t)stream->seed, k1 = (uint32_t)(stream->seed >> 32);
    for (int i = 0; i < LANES_PHILOX_ROUNDS; i++) {
        c.key0[i] = k0;
        c.key1[i] = k1;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    c.path = lanes_bits_set(stream->path);
    if (width == CORE_LANES) c.path += lanes_count;
    c.purpose = (c.path >> 32) + ((uint64_t)stream->purpose << 16);
    c.step = stream->step;
    return c;
}

/* The block of each lane's counter: words 0 and 1 in pair[0], 2 and 3 in pair[1]. */
LANES_INLINE void lanes_philox(const struct lanes_counters *c, lanes_bits block, lanes_bits pair[2]) {
    const lanes_bits m0 = lanes_bits_set(0xD2511F53u), m1 = lanes_bits_set(0xCD9E8D57u);
    lanes_bits c0 = block, c1 = lanes_bits_set(c->step), c2 = c->path, c3 = c->purpose;
    for (int i = 0; i < LANES_PHILOX_ROUNDS - 1; i++) {
        lanes_bits p0 = lanes_multiply_32(m0, c0), p1 = lanes_multiply_32(m1, c2);
        c0 = (p1 >> 32) ^ c1 ^ lanes_bits_set(c->key0[i]);
        c2 = (p0 >> 32) ^ c3 ^ lanes_bits_set(c->key1[i]);
        c1 = p1;
        c3 = p0;
    }
    pair[0] = lanes_multiply_32(m1, c2) ^ ((c1 ^ lanes_bits_set(c->key0[LANES_PHILOX_ROUNDS - 1])) << 32);
    pair[1] = lanes_multiply_32(m0, c0) ^ ((c3 ^ lanes_bits_set(c->key1[LANES_PHILOX_ROUNDS - 1])) << 32);
}

#endif
