/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The modes of the data [baldi1989]: Sig = Syx Sxx^+ Sxy = T Sxx T^T (d_L x d_L), its eigenvalues w descending and its
 * eigenvectors. As tr Syy / 2 = L_min + (w_0 + ... ) / 2, the loss at a critical point is the smallest loss of any
 * linear map plus half the eigenvalues left out: a sum of non-negative numbers, accurate also where it is small. */
#include "dln/network.h"

#include "core/linalg.h"
#include "core/memory.h"

#include <cblas.h>

static const double NOTHING = 1e-12; /* of the largest eigenvalue */

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

/* From eigenvalues ascending and eigenvectors in columns. */
static void sort_modes(const struct dln_network *network, const double ascending[], const double columns[],
                       struct dln_modes *modes) {
    size_t dl = network->outputs;
    for (size_t i = 0; i < dl; i++) {
        double value = ascending[dl - 1 - i];
        int counts = value > NOTHING * ascending[dl - 1];
        modes->values[i] = counts ? value : 0;
        modes->positive += (size_t)counts;
        for (size_t j = 0; j < dl; j++) modes->directions[i * dl + j] = columns[j * dl + dl - 1 - i];
    }
    modes->rank_most = modes->positive;
    for (size_t l = 0; l <= network->depth; l++) {
        if (network->widths[l] < modes->rank_most) modes->rank_most = network->widths[l];
    }
}

enum core_status dln_modes_create(const struct core_landscape *land, struct dln_modes **out) {
    *out = NULL;
    if (dln_network_depth(land) == 0) {
        return core_fail(CORE_BAD_INPUT, "the landscape '%s' is no network: its critical points are not known",
                         land->name);
    }
    const struct dln_network *network = dln_of(land);
    size_t dl = network->outputs;
    struct dln_modes *modes = core_alloc(1, sizeof *modes);
    double *work = core_alloc(dl * (network->inputs + 2 * dl + 1), sizeof *work);
    if (modes != NULL) {
        modes->count = dl;
        modes->values = core_alloc(dl, sizeof *modes->values);
        modes->directions = core_alloc(dl * dl, sizeof *modes->directions);
    }
    enum core_status status = CORE_OK;
    if (modes == NULL || work == NULL || modes->values == NULL || modes->directions == NULL) {
        status = core_fail(CORE_NO_MEMORY, "no memory for the modes of the data");
    } else {
        double *a = work + dl * network->inputs, *columns = a + dl * dl, *ascending = columns + dl * dl;
        explained_moments(network, work, a);
        status = core_symmetric_eigen(dl, a, ascending, columns);
        if (status == CORE_OK) sort_modes(network, ascending, columns, modes);
    }
    core_free(work);
    if (status == CORE_OK)
        *out = modes;
    else
        dln_modes_free(modes);
    return core_context(status, "while computing the modes of the data");
}

void dln_modes_free(struct dln_modes *modes) {
    if (modes == NULL) return;
    core_free(modes->values);
    core_free(modes->directions);
    core_free(modes);
}

double dln_modes_loss(const struct core_landscape *land, const struct dln_modes *modes, size_t rank,
                      const size_t chosen[]) {
    double loss = dln_of(land)->loss_minimum;
    for (size_t i = modes->count; i-- > 0;) { /* the small ones first */
        int kept = 0;
        for (size_t k = 0; k < rank; k++) kept |= chosen[k] == i;
        if (!kept) loss += 0.5 * modes->values[i];
    }
    return loss;
}
