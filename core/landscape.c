/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of analytic landscapes, and the life of any landscape. */
#include "core/landscape.h"

#include "core/memory.h"
#include "core/potential.h"

#include <stdio.h>
#include <string.h>

const struct core_potential_entry core_potentials[] = {
    {"quadratic", "L = x^T H x / 2 with a symmetric matrix H (default 1)", core_potential_quadratic},
    {"double-well", "L = x^4/4 - x^2/2, minima at -1 and 1, a barrier of 1/4 at 0", core_potential_double_well},
    {"quartic", "L = x^4/4, a degenerate minimum at 0", core_potential_quartic},
    {"linear-drift", "drift -B x with any square matrix B; its loss is x^T B x / 2", core_potential_linear_drift},
    {"scalar-network", "L = (1 - x_1 ... x_depth)^2 / 2, a deep linear network one neuron wide (default depth 2)",
     core_potential_scalar_network},
    {NULL, NULL, NULL},
};

/* The names of the table, separated by commas, cut where the room ends. */
static void list_names(char text[], size_t room) {
    size_t used = 0;
    text[0] = '\0';
    for (const struct core_potential_entry *entry = core_potentials; entry->name != NULL && used < room; entry++)
        used += (size_t)snprintf(text + used, room - used, "%s%s", used == 0 ? "" : ", ", entry->name);
}

enum core_status core_landscape_create(const struct core_potential *potential, struct core_landscape **out) {
    *out = NULL;
    const char *name = potential->name == NULL ? "" : potential->name;
    const struct core_potential_entry *entry = core_potentials;
    while (entry->name != NULL && strcmp(entry->name, name) != 0) entry++;
    if (entry->name == NULL) {
        char names[256];
        list_names(names, sizeof names);
        return core_fail(CORE_BAD_INPUT, "found landscape '%s', expected one of %s", name, names);
    }
    struct core_landscape *land = core_alloc(1, sizeof *land);
    if (land == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the landscape '%s'", name);
    land->name = entry->name;
    enum core_status status = entry->create(potential, land);
    if (status == CORE_OK)
        *out = land;
    else
        core_free(land);
    return status;
}

void core_landscape_free(struct core_landscape *land) {
    if (land == NULL) return;
    if (land->methods != NULL && land->methods->destroy != NULL) land->methods->destroy(land);
    core_free(land);
}

enum core_status core_landscape_require(const struct core_landscape *land, int has, const char *what) {
    return has ? CORE_OK : core_fail(CORE_BAD_INPUT, "the landscape '%s' has no %s", land->name, what);
}
