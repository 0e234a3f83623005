/* SPDX-License-Identifier: GPL-3.0-or-later */
/* As many multiply-adds as the processor can do: chains x <- a x + b that do not wait for each other. A processor that
 * finishes one after 4 cycles and starts 2 a cycle needs 8 registers in flight. */
#include "lab/bench.h"

#include "core/simd.h"

#if defined(__AVX512F__)
enum { CHAINS = 16 }; /* of 32 registers of eight doubles */
#elif defined(__FMA__)
enum { CHAINS = 6 }; /* of 16 registers of four */
#else
enum { CHAINS = 3 }; /* of 16 registers of two */
#endif

static double multiply_add(size_t rounds) {
    lanes x[CHAINS], a = lanes_set(0.999999), b = lanes_set(1e-6);
    for (int c = 0; c < CHAINS; c++) x[c] = lanes_set(0.5 + 0.01 * c);
    for (size_t i = 0; i < rounds; i++) {
        for (int c = 0; c < CHAINS; c++) x[c] = lanes_fma(x[c], a, b);
    }
    lanes sum = x[0];
    for (int c = 1; c < CHAINS; c++) sum += x[c];
    double total = 0;
    for (int j = 0; j < CORE_LANES; j++) total += sum[j];
    return total;
}

extern const struct lab_bench_kernels CORE_ISA_NAME(lab_bench_kernels);
const struct lab_bench_kernels CORE_ISA_NAME(lab_bench_kernels) = {.multiply_add = multiply_add, .chains = CHAINS};
