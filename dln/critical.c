/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The critical loss levels of the data [baldi1989]: at a critical point of rank r whose product keeps the r leading
 * modes, L = tr Syy / 2 - (w_1 + ... + w_r) / 2, that is the smallest loss plus half the eigenvalues left out. */
#include "dln/network.h"

enum core_status dln_critical_levels(const struct core_landscape *land, size_t *count, double levels[]) {
    struct dln_modes *modes;
    *count = 0;
    enum core_status status = dln_modes_create(land, &modes);
    if (status != CORE_OK) return core_context(status, "while computing the critical levels");
    const struct dln_network *network = dln_of(land);
    size_t rank = modes->count;
    for (size_t l = 0; l <= network->depth; l++) rank = network->widths[l] < rank ? network->widths[l] : rank;
    if (rank + 1 > DLN_LEVELS_MAX) {
        status = core_fail(CORE_BAD_INPUT, "a network of smallest width %zu has too many critical levels; allowed: %d",
                           rank, DLN_LEVELS_MAX - 1);
    } else {
        double level = network->loss_minimum;
        for (size_t r = modes->count + 1; r-- > 0;) {
            if (r <= rank) levels[r] = level;
            if (r > 0) level += 0.5 * modes->values[r - 1];
        }
        *count = rank + 1;
    }
    dln_modes_free(modes);
    return status;
}
