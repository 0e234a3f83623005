/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/study_check.h"

#include "dln/dln.h"

#include <stdio.h>
#include <string.h>

/* Landscapes and their starts: sizes that must agree, and choices that exclude each other. */

/* ---- Starts ---- */

/* dimension: of theta, 0 where it is not known here. */
static enum core_status check_start(const struct lab_study *study, const char *key, const struct lab_start *start,
                                    double dimension) {
    if (start == NULL) return CORE_OK;
    char inner[64];
    snprintf(inner, sizeof inner, "%s.at", key);
    if ((start->file == NULL) == (start->law == NULL)) {
        return lab_study_blame(study, CORE_BAD_INPUT, key, "found %s of file and law; allowed: exactly one",
                               start->file == NULL ? "none" : "both");
    }
    if (start->law != NULL && strcmp(start->law, "point") == 0) {
        if (start->at == NULL) {
            return lab_study_blame(study, CORE_BAD_INPUT, inner, "missing; expected a list of numbers for law: point");
        }
        if (dimension > 0 && start->at_count != dimension) {
            return lab_study_blame(study, CORE_BAD_INPUT, inner, "found %u numbers, expected %.0f, one per parameter",
                                   start->at_count, dimension);
        }
    }
    snprintf(inner, sizeof inner, "%s.file", key);
    return lab_check_file(study, inner, start->file);
}

/* ---- Networks ---- */

/* A deepest start and a saddle have the rank of a product. */
static enum core_status check_rank(const struct lab_study *study, const struct lab_network *network) {
    for (unsigned l = 0; network->start != NULL && l < network->widths_count; l++) {
        if (network->start->rank <= network->widths[l]) continue;
        return lab_study_blame(study, CORE_BAD_INPUT, "landscape.network.start.rank",
                               "found %u, expected at most the smallest width, here %u", network->start->rank,
                               network->widths[l]);
    }
    return CORE_OK;
}

/* As many modes as the rank, ascending, of those there are. */
static enum core_status check_modes(const struct lab_study *study, const struct lab_network *network) {
    const struct lab_start *start = network->start;
    static const char key[] = "landscape.network.start.modes";
    if (start == NULL || start->modes == NULL) return CORE_OK;
    if (start->modes_count != start->rank) {
        return lab_study_blame(study, CORE_BAD_INPUT, key, "found %u modes, expected %u, the rank", start->modes_count,
                               start->rank);
    }
    for (unsigned i = 0; i < start->modes_count; i++) {
        unsigned last = network->widths[network->widths_count - 1];
        if (start->modes[i] >= last) {
            return lab_study_blame(study, CORE_BAD_INPUT, key, "found mode %u, expected below %u, the last width",
                                   start->modes[i], last);
        }
        if (i == 0 || start->modes[i] > start->modes[i - 1]) continue;
        return lab_study_blame(study, CORE_BAD_INPUT, key, "found %u after %u, expected ascending modes",
                               start->modes[i], start->modes[i - 1]);
    }
    return CORE_OK;
}

static enum core_status check_network(const struct lab_study *study, const struct lab_network *network) {
    unsigned depth = network->widths_count - 1;
    if (network->widths_count < 2 || depth > DLN_DEPTH_MAX) {
        return lab_study_blame(study, CORE_BAD_INPUT, "landscape.network.widths",
                               "found %u widths, expected from 2 to %d, d_0 ... d_L", network->widths_count,
                               DLN_DEPTH_MAX + 1);
    }
    double dimension = 0;
    for (unsigned l = 0; l < depth; l++) dimension += (double)network->widths[l] * network->widths[l + 1];
    enum core_status status = lab_check_data(study, network);
    if (status == CORE_OK) status = check_rank(study, network);
    if (status == CORE_OK) status = check_modes(study, network);
    if (status != CORE_OK) return status;
    return check_start(study, "landscape.network.start", network->start, dimension);
}

/* ---- Potentials ---- */

/* Rows of equal length; square 1: as many as columns. */
static enum core_status check_matrix(const struct lab_study *study, const char *key, const struct lab_row *rows,
                                     unsigned count, int square) {
    for (unsigned i = 0; i < count; i++) {
        unsigned expected = square ? count : rows[0].values_count;
        if (rows[i].values_count == expected) continue;
        char path[64];
        snprintf(path, sizeof path, "%s[%u]", key, i);
        return lab_study_blame(study, CORE_BAD_INPUT, path, "found a row of %u numbers, expected %u",
                               rows[i].values_count, expected);
    }
    return CORE_OK;
}

/* The dimension as far as the study says it, else 0. */
static double potential_dimension(const struct lab_potential *potential) {
    if (potential->matrix != NULL) return potential->matrix_count;
    return strcmp(potential->name, "scalar-network") == 0 ? potential->depth : 0;
}

static enum core_status check_potential(const struct lab_study *study, const struct lab_potential *potential) {
    double dimension = potential_dimension(potential);
    if (potential->matrix == NULL && strcmp(potential->name, "linear-drift") == 0) {
        return lab_study_blame(study, CORE_BAD_INPUT, "landscape.potential.matrix",
                               "missing; expected a square matrix for name: linear-drift");
    }
    enum core_status status =
        check_matrix(study, "landscape.potential.matrix", potential->matrix, potential->matrix_count, 1);
    if (status == CORE_OK) {
        status = check_matrix(study, "landscape.potential.noise", potential->noise, potential->noise_count, 0);
    }
    if (status != CORE_OK) return status;
    if (potential->noise != NULL && dimension > 0 && potential->noise_count != dimension) {
        return lab_study_blame(study, CORE_BAD_INPUT, "landscape.potential.noise",
                               "found %u rows, expected %.0f, one per coordinate", potential->noise_count, dimension);
    }
    const struct lab_start *start = potential->start;
    int of_networks = start != NULL && start->law != NULL &&
                      (strcmp(start->law, "balanced") == 0 || strcmp(start->law, "deepest") == 0 ||
                       strcmp(start->law, "saddle") == 0);
    if (of_networks) {
        return lab_study_blame(study, CORE_BAD_INPUT, "landscape.potential.start.law",
                               "found '%s', which needs landscape.network; allowed: gaussian, point", start->law);
    }
    if (start == NULL && study->sde != NULL) {
        return lab_study_blame(study, CORE_BAD_INPUT, "landscape.potential.start",
                               "missing; expected {law: point, at: [...]} or {file: ...}");
    }
    return check_start(study, "landscape.potential.start", start, dimension);
}

enum core_status lab_check_landscape(const struct lab_study *study) {
    const struct lab_network *network = study->landscape->network;
    const struct lab_potential *potential = study->landscape->potential;
    if ((network == NULL) == (potential == NULL)) {
        return lab_study_blame(study, CORE_BAD_INPUT, "landscape",
                               "found %s of network and potential; allowed: exactly one",
                               network == NULL ? "none" : "both");
    }
    return network != NULL ? check_network(study, network) : check_potential(study, potential);
}
