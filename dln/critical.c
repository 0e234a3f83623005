/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The critical loss levels of the data [baldi1989]: at a critical point of rank r whose product keeps the r leading
 * directions, L = tr Syy / 2 - (w_1 + ... + w_r) / 2 with w the descending eigenvalues of
 * Syx Sxx^+ Sxy = T Sxx T^T (d_L x d_L). As tr Syy / 2 = L_min + (w_1 + ... + w_{d_L}) / 2, each level is the smallest
 * loss plus half the eigenvalues left out: a sum of non-negative numbers, accurate also where the levels are small. */
#include "dln/network.h"

#include "core/linalg.h"
#include "core/memory.h"

#include <cblas.h>

/* a (d_L, d_L) = T Sxx T^T, exactly symmetric; spare (d_L, d_0). */
static void explained_moments(const struct dln_network *network, double spare[], double a[]) {
    size_t d0 = network->inputs, dl = network->outputs;
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)dl, (int)d0, (int)d0, 1, network->target, (int)d0,
                network->sxx, (int)d0, 0, spare, (int)d0);
    cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)dl, (int)dl, (int)d0, 1, spare, (int)d0, network->target,
                (int)d0, 0, a, (int)dl);
    for (size_t i = 0; i < dl; i++) {
        for (size_t j = 0; j < i; j++) a[i * dl + j] = a[j * dl + i] = 0.5 * (a[i * dl + j] + a[j * dl + i]);
    }
}

enum core_status dln_critical_levels(const struct core_landscape *land, size_t *count, double levels[]) {
    *count = 0;
    if (dln_network_depth(land) == 0) {
        return core_fail(CORE_BAD_INPUT, "the landscape '%s' is no network: it has no critical levels", land->name);
    }
    const struct dln_network *network = dln_of(land);
    size_t dl = network->outputs, rank = dl;
    for (size_t l = 0; l <= network->depth; l++) rank = network->widths[l] < rank ? network->widths[l] : rank;
    if (rank + 1 > DLN_LEVELS_MAX) {
        return core_fail(CORE_BAD_INPUT, "a network of smallest width %zu has too many critical levels; allowed: %d",
                         rank, DLN_LEVELS_MAX - 1);
    }
    double *values = core_alloc(dl * (1 + network->inputs + dl), sizeof *values);
    if (values == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the critical levels");
    double *a = values + dl;
    explained_moments(network, a + dl * dl, a);
    enum core_status status = core_symmetric_eigen(dl, a, values, NULL);
    if (status == CORE_OK) {
        double level = network->loss_minimum; /* values ascend: the last levels come first */
        for (size_t k = 0; k <= dl; k++) {
            if (dl - k <= rank) levels[dl - k] = level;
            if (k < dl && values[k] > 0) level += 0.5 * values[k];
        }
        *count = rank + 1;
    }
    core_free(values);
    return core_context(status, "while computing the critical levels");
}
