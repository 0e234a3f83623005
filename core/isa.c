/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/isa.h"

#include <stdatomic.h>

static atomic_int forced = -1;

static enum core_isa best(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    int v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
    int v4 = v3 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
             __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
             __builtin_cpu_supports("avx512cd");
    return v4 ? CORE_ISA_V4 : v3 ? CORE_ISA_V3 : CORE_ISA_BASE;
#else
    return CORE_ISA_BASE;
#endif
}

enum core_isa core_isa(void) {
    int chosen = atomic_load(&forced);
    return chosen >= 0 ? (enum core_isa)chosen : best();
}

const char *core_isa_name(enum core_isa isa) {
    static const char *const names[CORE_ISA_COUNT] = {"base", "x86-64-v3", "x86-64-v4"};
    return (unsigned)isa < CORE_ISA_COUNT ? names[isa] : "unknown";
}

int core_isa_force(enum core_isa isa) {
    if (isa > best()) return 0;
    atomic_store(&forced, (int)isa);
    return 1;
}
