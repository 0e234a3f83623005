/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a point lies among the minima of a network.
 *
 * L - L_min = tr((P - T) Sxx (P - T)^T) / 2 depends on the product P = W_L ... W_1 alone: its zeros are the fibre {P =
 * T}. Near a point whose layers all have the rank r of T, the loss is that of the deepest point up to a change of basis
 * of the hidden layers, so that the learning coefficient there is the fibre's [aoyagi2024]; where a layer has a higher
 * rank the local one can be larger. Only inputs that Sxx sees count: with rank(Sxx) = k the loss is that of
 * a network with k inputs. */
#include "dln/network.h"

#include "core/linalg.h"
#include "core/memory.h"

#include <math.h>
#include <string.h>

static const double SAME = 1e-8;    /* |P - T| relative to what P and T are made of */
static const double RANK = 1e-8;    /* singular values of layers, relative to the largest of all layers */
static const double INPUTS = 1e-13; /* eigenvalues of Sxx, as dln/moments.c has it */

struct place {
    const struct dln_network *network;
    double *product, *s, *scratch, *first; /* first: W_1 Sxx / |Sxx| */
};

static double square(size_t count, const double a[]) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += a[i] * a[i];
    return sum;
}

/* tr(a Sxx a^T), a (d_L, d_0). */
static double weighed(const struct dln_network *network, const double a[]) {
    size_t d0 = network->inputs;
    double sum = 0;
    for (size_t i = 0; i < network->outputs; i++) {
        for (size_t j = 0; j < d0; j++) {
            for (size_t k = 0; k < d0; k++) sum += a[i * d0 + j] * network->sxx[j * d0 + k] * a[i * d0 + k];
        }
    }
    return sum;
}

static int on_fibre(const struct core_landscape *land, const double theta[], struct place *place) {
    const struct dln_network *network = place->network;
    size_t d0 = network->inputs, entries = network->outputs * d0;
    double size = 1, trace = 0;
    for (size_t l = 0; l < network->depth; l++) {
        size *= square(network->offset[l + 1] - network->offset[l], theta + network->offset[l]);
    }
    for (size_t j = 0; j < d0; j++) trace += network->sxx[j * d0 + j];
    dln_product(land, theta, place->product, place->scratch);
    for (size_t i = 0; i < entries; i++) place->product[i] -= network->target[i];
    return weighed(network, place->product) <= SAME * SAME * (weighed(network, network->target) + trace * size);
}

static enum core_status input_rank(const struct place *place, size_t *rank) {
    size_t d0 = place->network->inputs;
    enum core_status status = core_symmetric_eigen(d0, place->network->sxx, place->s, NULL);
    *rank = 0;
    for (size_t j = 0; j < d0 && status == CORE_OK; j++) *rank += place->s[j] > INPUTS * place->s[d0 - 1];
    return status;
}

static enum core_status rank_of(size_t rows, size_t columns, const double a[], double floor, double s[], size_t *rank) {
    enum core_status status = dln_singular_values(rows, columns, a, s);
    size_t least = rows < columns ? rows : columns;
    *rank = 0;
    for (size_t i = 0; i < least && status == CORE_OK; i++) *rank += s[i] > floor;
    return status;
}

/* first = W_1 Sxx / tr Sxx, of the rank that W_1 has on the inputs. */
static void weigh_first(const struct place *place, const double w[]) {
    size_t d0 = place->network->inputs, d1 = place->network->widths[1];
    double trace = 0;
    for (size_t j = 0; j < d0; j++) trace += place->network->sxx[j * d0 + j];
    for (size_t i = 0; i < d1 * d0; i++) {
        double sum = 0;
        for (size_t k = 0; k < d0; k++) sum += w[i / d0 * d0 + k] * place->network->sxx[k * d0 + i % d0];
        place->first[i] = trace > 0 ? sum / trace : 0;
    }
}

/* 1: every layer has rank r. */
static enum core_status every_layer(const struct place *place, const double theta[], size_t r, int *equal) {
    const struct dln_network *network = place->network;
    enum core_status status = CORE_OK;
    double largest = 0;
    *equal = 1;
    for (size_t l = 0; l < network->depth; l++) {
        size_t count = network->offset[l + 1] - network->offset[l];
        largest = fmax(largest, sqrt(square(count, theta + network->offset[l])));
    }
    weigh_first(place, theta);
    for (size_t l = 0; l < network->depth && status == CORE_OK; l++) {
        const double *w = l == 0 ? place->first : theta + network->offset[l];
        size_t rank;
        status = rank_of(network->widths[l + 1], network->widths[l], w, RANK * largest, place->s, &rank);
        *equal &= rank == r;
    }
    return status;
}

static enum core_status look(const struct core_landscape *land, const double theta[], struct place *place,
                             struct dln_fibre *fibre) {
    const struct dln_network *network = place->network;
    size_t widths[DLN_DEPTH_MAX + 1], inputs = 0;
    double size = sqrt(square(network->outputs * network->inputs, network->target));
    enum core_status status =
        rank_of(network->outputs, network->inputs, network->target, SAME * size, place->s, &fibre->rank);
    if (status == CORE_OK) status = input_rank(place, &inputs);
    if (status != CORE_OK || inputs == 0 || !on_fibre(land, theta, place)) return status;
    memcpy(widths, network->widths, (network->depth + 1) * sizeof *widths);
    widths[0] = inputs;
    for (size_t l = 0; l <= network->depth; l++) {
        if (widths[l] < fibre->rank) return CORE_OK; /* within tolerance of T, and yet of a smaller rank */
    }
    status = every_layer(place, theta, fibre->rank, &fibre->deepest);
    if (status == CORE_OK) status = dln_learning_coefficient(network->depth, widths, fibre->rank, &fibre->exact);
    fibre->on_fibre = status == CORE_OK;
    return status;
}

enum core_status dln_fibre_at(const struct core_landscape *land, const double theta[], struct dln_fibre *fibre) {
    *fibre = (struct dln_fibre){0};
    if (dln_network_depth(land) == 0) return CORE_OK;
    struct place place = {.network = dln_of(land)};
    size_t widest = 0, entries = place.network->outputs * place.network->inputs;
    size_t first = place.network->widths[1] * place.network->inputs;
    for (size_t l = 0; l <= place.network->depth; l++) {
        widest = place.network->widths[l] > widest ? place.network->widths[l] : widest;
    }
    double *memory = core_alloc(entries + widest + first + dln_product_scratch(land), sizeof *memory);
    if (memory == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a product");
    place.product = memory;
    place.s = place.product + entries;
    place.first = place.s + widest;
    place.scratch = place.first + first;
    enum core_status status = look(land, theta, &place, fibre);
    core_free(memory);
    return core_context(status, "while looking for the fibre of a point");
}
