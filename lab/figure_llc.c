/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/llc.h"

#include <math.h>

/* Traces of the chains of a local learning coefficient, thinned to POINTS rows a chain. Block c of the data: rows
 * (draw, nbeta (L - L(w*)) averaged over the draws since the row before, the same averaged over all draws so far). */

enum { POINTS = 400, CHAINS = 8 };

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

static void write_chain(const struct lab_drawing *drawing, const struct dln_llc *llc, size_t c) {
    const double *loss = llc->loss + c * llc->num_draws;
    double all = 0, part = 0, largest = 0;
    size_t rows = smaller(llc->num_draws, POINTS), row = 0, since = 0;
    for (size_t d = 0; d < llc->num_draws; d++) {
        double value = llc->nbeta * (loss[d] - llc->centre_loss);
        all += value;
        part += value;
        since++;
        if ((d + 1) * rows / llc->num_draws == row) continue;
        row++;
        if (!isfinite(all)) break;
        lab_put(drawing->data, "%zu %.8g %.8g\n", d + 1, part / (double)since, all / (double)(d + 1));
        largest = fmax(largest, part / (double)since);
        part = 0;
        since = 0;
    }
    lab_data_end_block(drawing->data, largest > 0 ? row : 0);
}

static void write_traces(const struct lab_drawing *drawing) {
    const struct lab_llc *subject = drawing->subject;
    const struct dln_llc *llc = subject->llc;
    size_t chains = smaller(llc->num_chains, CHAINS);
    lab_head_number(drawing->head, "chains", (double)chains);
    lab_head_number(drawing->head, "draws", (double)llc->num_draws);
    lab_head_number(drawing->head, "averaged", (double)(llc->num_draws / smaller(llc->num_draws, POINTS)));
    lab_head_number(drawing->head, "estimate", llc->lambda_hat);
    lab_head_number(drawing->head, "error", llc->se);
    lab_head_number(drawing->head, "expected", subject->expected);
    lab_head_number(drawing->head, "half_step", subject->half != NULL ? subject->half->lambda_hat : (double)NAN);
    lab_head_names(drawing->head, "sampler", 1, &subject->settings.sampler);
    for (size_t c = 0; c < chains; c++) write_chain(drawing, llc, c);
}

const struct lab_figure lab_figure_llc_trace = {
    .name = "llc-trace",
    .source = "traces.gp",
    .title = "Chains of the local learning coefficient",
    .caption =
        "Left: what each chain sees, right: its running mean. Chains that have mixed run through one another from "
        "the start and their means end on one level; the black band is the estimate, the dashed line the exact "
        "value to the order known.",
    .write = write_traces,
};
