/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CORE_ISA_H
#define CORE_ISA_H

#include <stddef.h>

/* Which copy of the lane kernels this processor runs. */
enum core_isa { CORE_ISA_BASE = 0, CORE_ISA_V3, CORE_ISA_V4, CORE_ISA_COUNT };

/* The best instruction set this build and this processor share (or the one core_isa_force chose). */
enum core_isa core_isa(void);

/* "base", "x86-64-v3" (AVX2, FMA) or "x86-64-v4" (AVX-512). */
const char *core_isa_name(enum core_isa isa);

/* For tests and bench: use this set from now on. Returns 0 (and changes nothing) where it cannot run. */
int core_isa_force(enum core_isa isa);

/* Declares the tables a *_lanes.c file exports and a function `name()` that picks this processor's. In a room's
 * internal header: CORE_ISA_DECLARE(struct core_random_kernels, core_random_kernels) and in one source file of the
 * room: CORE_ISA_PICK(struct core_random_kernels, core_random_kernels) */
#if defined(__x86_64__)
#define CORE_ISA_DECLARE(type, name)                                                                                   \
    extern const type name##_base, name##_v3, name##_v4;                                                               \
    const type *name(void);
#define CORE_ISA_PICK(type, name)                                                                                      \
    const type *name(void) {                                                                                           \
        static const type *const tables[CORE_ISA_COUNT] = {&name##_base, &name##_v3, &name##_v4};                      \
        return tables[core_isa()];                                                                                     \
    }
#else
#define CORE_ISA_DECLARE(type, name)                                                                                   \
    extern const type name##_base;                                                                                     \
    const type *name(void);
#define CORE_ISA_PICK(type, name)                                                                                      \
    const type *name(void) {                                                                                           \
        return &name##_base;                                                                                           \
    }
#endif

#endif
