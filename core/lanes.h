/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CORE_LANES_H
#define CORE_LANES_H

/* Lanes: how many replicas move together, one in each double of a vector. Fixed, whatever the processor; the arithmetic
 * on them is in core/simd.h, which a user of the library does not need. */
enum { CORE_LANES = 8 };

#endif
