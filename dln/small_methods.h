/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef DLN_SMALL_METHODS_H
#define DLN_SMALL_METHODS_H

#include "dln/small_batch.h"
#include "dln/small_jets.h"
#include "dln/small_noise.h"

/* Inside the lane kernels only: the methods worth a copy for one shape; DEPTH and WIDTH 0 mean any. */

#define SHAPE(DEPTH, WIDTH) ((struct shape){(DEPTH) ? (DEPTH) : dln_of(land)->depth, WIDTH, dln_of(land)})
#define METHODS(NAME, DEPTH, WIDTH)                                                                                    \
    static __attribute__((noinline)) void NAME##_many(const struct core_landscape *land, size_t first,                 \
                                                      const double x[], const double count[], double out[],            \
                                                      int accumulate, double *scratch) {                               \
        chunk_gradient(SHAPE(DEPTH, WIDTH), CHUNK, first, x, count, out, accumulate, scratch);                         \
    }                                                                                                                  \
    static __attribute__((noinline)) void NAME##_one(const struct core_landscape *land, size_t first,                  \
                                                     const double x[], const double count[], double out[],             \
                                                     int accumulate, double *scratch) {                                \
        chunk_gradient(SHAPE(DEPTH, WIDTH), 1, first, x, count, out, accumulate, scratch);                             \
    }                                                                                                                  \
    static void NAME##_loss(const struct core_landscape *land, const double x[], double loss[], double scratch[]) {    \
        loss_body(SHAPE(DEPTH, WIDTH), x, loss, scratch);                                                              \
    }                                                                                                                  \
    static void NAME##_gradient(const struct core_landscape *land, const double x[], double gradient[],                \
                                double scratch[]) {                                                                    \
        jet_gradient(SHAPE(DEPTH, WIDTH), 1, x, NULL, NULL, gradient, scratch);                                        \
    }                                                                                                                  \
    static void NAME##_noisy_gradient(const struct core_landscape *land, const double x[], double drift,               \
                                      const double scale[], const double z[], double out[], double scratch[]) {        \
        noisy_gradient_body(SHAPE(DEPTH, WIDTH), land->noise_width, x, drift, scale, z, out, scratch);                 \
    }                                                                                                                  \
    static void NAME##_sampled_gradient(const struct core_landscape *land, const double x[], size_t longest,           \
                                        const double count[], const uint32_t index[], double out[],                    \
                                        double scratch[]) {                                                            \
        sampled_gradient_body(land, SHAPE(DEPTH, WIDTH), NAME##_many, NAME##_one, x, longest, count, index, out,       \
                              scratch);                                                                                \
    }                                                                                                                  \
    static void NAME##_batch_gradient(const struct core_landscape *land, const double x[], size_t samples,             \
                                      const double inputs[], const double targets[], double out[], double scratch[]) { \
        batch_gradient_body(land, SHAPE(DEPTH, WIDTH), NAME##_many, NAME##_one, x, samples, inputs, targets, out,      \
                            scratch);                                                                                  \
    }

#define ROW(NAME, DEPTH, WIDTH)                                                                                        \
    {                                                                                                                  \
        .depth = (DEPTH), .width = (WIDTH), .loss = NAME##_loss, .gradient = NAME##_gradient,                          \
        .noisy_gradient = NAME##_noisy_gradient, .sampled_gradient = NAME##_sampled_gradient,                          \
        .batch_gradient = NAME##_batch_gradient                                                                        \
    }

/* Copies pay only where the registers are wide enough to show it, and not under a sanitiser, whose checks in code this
 * unrolled take the compiler a quarter of an hour. */
#if defined(__AVX2__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define COPIES 1
#else
#define COPIES 0
#endif

#endif
