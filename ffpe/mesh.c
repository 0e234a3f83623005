/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Meshes in time for solutions that begin like t^alpha: small steps first [stynes2017]. */
#include "ffpe/steps.h"

#include "core/memory.h"

#include <math.h>
#include <stdint.h>

static const double FIRST_STEP = 1e-12; /* least, of the whole: smaller ones drown in rounding */
enum { BLOCKS = 20 };

static enum core_status allocate(size_t points, size_t outputs, struct ffpe_mesh *mesh) {
    *mesh = (struct ffpe_mesh){
        .time = core_alloc(points + 1, sizeof(double)),
        .step = core_alloc(points + 1, sizeof(double)),
        .output = core_alloc(outputs + 1, sizeof(size_t)),
    };
    if (mesh->time != NULL && mesh->step != NULL && mesh->output != NULL) return CORE_OK;
    ffpe_mesh_clear(mesh);
    return core_fail(CORE_NO_MEMORY, "no memory for %zu steps", points);
}

void ffpe_mesh_clear(struct ffpe_mesh *mesh) {
    core_free(mesh->time);
    core_free(mesh->step);
    core_free(mesh->output);
    *mesh = (struct ffpe_mesh){0};
}

static void append(struct ffpe_mesh *mesh, double time, double step) {
    mesh->count++;
    mesh->time[mesh->count] = time;
    mesh->step[mesh->count] = step;
}

/* The next point of the plan at `time`, after the requested times that come before it; a planned point too close to a
 * requested one gives way. */
static void advance(const struct ffpe_evolution *evolution, struct ffpe_mesh *mesh, size_t *next, double time,
                    double step) {
    double last = evolution->times[evolution->time_count - 1];
    while (*next < evolution->time_count && evolution->times[*next] <= time + 0.25 * step) {
        double at = evolution->times[*next], before = mesh->time[mesh->count];
        int exact = fabs(at - time) < 1e-13 * last && before == time - step;
        append(mesh, at, exact ? step : at - before);
        mesh->output[(*next)++] = mesh->count;
    }
    double before = mesh->time[mesh->count];
    if (time - before < 0.25 * step) return;
    int whole = fabs(time - before - step) < 1e-9 * step;
    append(mesh, time, whole ? step : time - before);
}

static void grade(const struct ffpe_evolution *evolution, double power, struct ffpe_mesh *mesh) {
    double last = evolution->times[evolution->time_count - 1], count = (double)evolution->steps;
    double r = fmin(power, -log(FIRST_STEP) / log(count)), before = 0;
    size_t next = 0;
    for (size_t j = 1; j <= evolution->steps; j++) {
        double time = j == evolution->steps ? last : last * pow((double)j / count, r);
        advance(evolution, mesh, &next, time, time - before);
        before = time;
    }
}

/* BLOCKS doublings of the same number of steps each. */
static void double_blocks(const struct ffpe_evolution *evolution, struct ffpe_mesh *mesh) {
    double last = evolution->times[evolution->time_count - 1];
    size_t each = evolution->steps / (BLOCKS + 1), next = 0;
    if (each == 0) each = 1;
    for (int block = BLOCKS; block >= 0; block--) {
        double end = ldexp(last, -block), begin = block == BLOCKS ? 0 : end / 2, step = (end - begin) / (double)each;
        for (size_t j = 1; j <= each; j++)
            advance(evolution, mesh, &next, j == each ? end : begin + step * (double)j, step);
    }
}

enum core_status ffpe_mesh_create(const struct ffpe_evolution *evolution, double power, struct ffpe_mesh *mesh) {
    enum core_status status =
        allocate(evolution->steps + BLOCKS + 2 + evolution->time_count, evolution->time_count, mesh);
    if (status != CORE_OK) return status;
    if (evolution->op->chain)
        grade(evolution, power, mesh);
    else
        double_blocks(evolution, mesh);
    return CORE_OK;
}
