/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SDE_FRACTIONAL_H
#define SDE_FRACTIONAL_H

#include "core/random.h"
#include "core/status.h"

#include <stddef.h>

/* Fractional Gaussian noise, the increments of fractional Brownian motion over unit steps: normal, stationary, with
 *
 *     E z_j z_k = (|d + 1|^{2H} - 2 |d|^{2H} + |d - 1|^{2H}) / 2,   d = j - k,   0 < H < 1,
 *
 * exact for all `count` lags. H = 1/2: independent; above, persistent; below, reverting.
 *
 *     struct sde_fractional *law;
 *     sde_fractional_create(0.8, 1000, &law);
 *     sde_fractional_fill(law, &stream, 1, 2, out, scratch);      two paths of 1000 numbers */

struct sde_fractional;

/* CORE_BAD_INPUT for a Hurst index outside (0, 1) or a count of 0. Same bits whatever runs beside it. */
enum core_status sde_fractional_create(double hurst, size_t count, struct sde_fractional **law);
/* NULL is allowed. */
void sde_fractional_free(struct sde_fractional *law);

/* Bytes of the law itself and of a piece of work with it: what create and `width` fills of one path take. */
double sde_fractional_bytes(size_t count, size_t width, size_t columns);
/* Doubles of scratch that fill needs, a multiple of 8. */
size_t sde_fractional_scratch(const struct sde_fractional *law, size_t width);

/* out (count, columns, width): column c of path stream->path + j is a path of the noise, all independent. Columns 2 p
 * and 2 p + 1 come from the draws of step p of the stream. out and scratch are aligned to 64 bytes. */
void sde_fractional_fill(const struct sde_fractional *law, const struct core_stream *stream, size_t width,
                         size_t columns, double out[], double scratch[]);

#endif
