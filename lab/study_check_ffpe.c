/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/study_check.h"

#include <stdio.h>
#include <string.h>

/* The block ffpe: numbers per axis that must agree, and choices that exclude each other. What only the equation can
 * know (places inside the box, cells that can be halved) is in ffpe_problem_check. */

static enum core_status check_count(const struct lab_study *study, const char *key, unsigned found, unsigned expected) {
    if (found == expected) return CORE_OK;
    return lab_study_blame(study, CORE_BAD_INPUT, key, "found %u numbers, expected %u, one per axis", found, expected);
}

static enum core_status check_grid(const struct lab_study *study, unsigned axes) {
    const struct lab_density_grid *grid = study->ffpe->grid;
    if (axes > 3) {
        return lab_study_blame(study, CORE_BAD_INPUT, "ffpe.grid.lower", "found %u axes, expected 1 to 3", axes);
    }
    enum core_status status = check_count(study, "ffpe.grid.upper", grid->upper_count, axes);
    if (status == CORE_OK) status = check_count(study, "ffpe.grid.cells", grid->cells_count, axes);
    unsigned walls = study->ffpe->walls_count;
    if (status == CORE_OK && walls != 1 && walls != axes) {
        return lab_study_blame(study, CORE_BAD_INPUT, "ffpe.walls", "found %u pairs, expected 1 or %u, one per axis",
                               walls, axes);
    }
    return status;
}

static enum core_status check_place(const struct lab_study *study, const char *key, unsigned count, unsigned axes,
                                    const char *law) {
    if (count > 0) return check_count(study, key, count, axes);
    return lab_study_blame(study, CORE_BAD_INPUT, key, "missing; expected %u numbers for law: %s", axes, law);
}

static enum core_status check_start(const struct lab_study *study, unsigned axes) {
    const struct lab_density_start *start = study->ffpe->start;
    if (strcmp(start->law, "delta") == 0) return check_place(study, "ffpe.start.at", start->at_count, axes, "delta");
    if (strcmp(start->law, "gaussian") != 0) return CORE_OK;
    enum core_status status = check_place(study, "ffpe.start.mean", start->mean_count, axes, "gaussian");
    if (status != CORE_OK || start->deviation > 0) return status;
    return lab_study_blame(study, CORE_BAD_INPUT, "ffpe.start.deviation",
                           "missing; expected a number > 0 for law: gaussian");
}

static enum core_status check_diffusion(const struct lab_study *study, unsigned axes) {
    const struct lab_diffusion *diffusion = study->ffpe->diffusion;
    if (diffusion->tensor == NULL) {
        if (diffusion->value > 0 || study->ffpe->levy != NULL) return CORE_OK;
        return lab_study_blame(study, CORE_BAD_INPUT, "ffpe.diffusion",
                               "found no diffusion; expected value > 0, a tensor, or levy beside it");
    }
    if (diffusion->value > 0 || diffusion->quadratic > 0) {
        return lab_study_blame(study, CORE_BAD_INPUT, "ffpe.diffusion", "found both value and tensor; allowed: one");
    }
    for (unsigned i = 0; i < diffusion->tensor_count; i++) {
        char key[48];
        snprintf(key, sizeof key, "ffpe.diffusion.tensor[%u]", i);
        enum core_status status = check_count(study, key, diffusion->tensor[i].values_count, axes);
        if (status != CORE_OK) return status;
    }
    return check_count(study, "ffpe.diffusion.tensor", diffusion->tensor_count, axes);
}

enum core_status lab_check_ffpe(const struct lab_study *study) {
    const struct lab_ffpe *ffpe = study->ffpe;
    if (ffpe == NULL) return CORE_OK;
    unsigned axes = ffpe->grid->lower_count;
    enum core_status status = check_grid(study, axes);
    if (status == CORE_OK) status = check_start(study, axes);
    if (status == CORE_OK) status = check_diffusion(study, axes);
    for (unsigned i = 0; i < ffpe->probes_count && status == CORE_OK; i++) {
        char key[32];
        snprintf(key, sizeof key, "ffpe.probes[%u]", i);
        status = check_count(study, key, ffpe->probes[i].values_count, axes);
    }
    return status;
}
