/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mean first passage times through absorbing walls: the backward equation A^T T = -1 of order 1 [gardiner2009],
 * on the edges L^T T = V, once refined with the residual from the differences
 * of T along edges. For order alpha < 1 the mean is infinite: with T the survival ends as
 * T t^{-alpha} / Gamma(1 - alpha), so that T is the prefactor of the tail. */
#include "ffpe/levy.h"
#include "ffpe/observe.h"

#include "core/memory.h"

/* residual = V - L^T time. */
static void backward_residual(const struct ffpe_operator *op, const double time[], double residual[]) {
    for (size_t i = 0; i < op->grid.count; i++) residual[i] = op->grid.volume[i];
    for (const struct ffpe_edge *edge = op->edges; edge < op->edges + op->edge_count; edge++) {
        double fall = time[edge->tail] - (edge->head == FFPE_OUTSIDE ? 0 : time[edge->head]);
        residual[edge->tail] -= edge->forward * fall;
        if (edge->head != FFPE_OUTSIDE) residual[edge->head] += edge->backward * fall;
    }
}

enum core_status ffpe_passage_solve(const struct ffpe_operator *op, double time[]) {
    if (op->levy != NULL) return ffpe_levy_passage(op, time);
    struct ffpe_pattern *pattern = NULL;
    struct ffpe_factor *factor = NULL;
    size_t n = op->grid.count;
    double *residual = core_alloc(2 * n, sizeof *residual);
    enum core_status status = residual == NULL ? core_fail(CORE_NO_MEMORY, "no memory for %zu times", n) : CORE_OK;
    if (status == CORE_OK) status = ffpe_pattern_create(op, 0, &pattern);
    if (status == CORE_OK) status = ffpe_factor_create(pattern, 0, &factor);
    if (status == CORE_OK) status = ffpe_factor_make(factor, 0, FFPE_OUTSIDE);
    if (status == CORE_OK) status = ffpe_factor_solve(factor, 1, op->grid.volume, time);
    if (status == CORE_OK) {
        backward_residual(op, time, residual);
        status = ffpe_factor_solve(factor, 1, residual, residual + n);
        for (size_t i = 0; i < n; i++) time[i] += residual[n + i];
    }
    ffpe_factor_free(factor);
    ffpe_pattern_free(pattern);
    core_free(residual);
    return status;
}
