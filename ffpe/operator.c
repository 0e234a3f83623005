/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Fokker-Planck operator as edges [scharfetter1969] [chang1970].
 *
 * Along an edge of lattice offset e (length vector s) the flux -D (phi' p + p') of constant strength between two nodes
 * has the exact solution
 *
 *     F = c (B(delta) u_tail - B(-delta) u_head),   B(x) = x / (e^x - 1),   delta = int phi' ds,
 *
 * whatever the size of delta: rates are never negative, the sum of all fluxes is zero, and u = exp(-phi) has none. The
 * strength c is the weight of e in D = sum_k w_k e_k e_k^T (in units of the steps; the axes for a scalar D) times
 * the volume of the control volumes that meet there. Second order in the step where delta is small.
 *
 * The effective potential rises along the edge by
 *
 *     delta = gamma (U_head - U_tail) / D                          scalar constant D, a gradient: exact
 *     delta = gamma int D^{-1} g . ds + (1 - a) [ln D(x)]_tail^head   otherwise, g the gradient or the drift's
 * negative,
 *
 * by Gauss's rule with five places; a = 0, 1/2, 1 for Ito, Stratonovich and Haenggi-Klimontovich, since
 * D^a (D^{1-a} p)' = D (p' + (1 - a) (ln D)' p).
 *
 * Beside Levy flights (ffpe/levy.c), whose nearest jumps vanish with the step, exponential fitting would add a
 * diffusion of first order: there the drift is central, F = (D_n / h) (u_tail - u_head) - gamma (U_head - U_tail) / h
 * (u_tail + u_head) / 2 with D_n the diffusion and the nearest jumps, at the price of positivity where the drift is
 * strong. */
#include "ffpe/grid.h"
#include "ffpe/levy.h"

#include "core/linalg.h"
#include "core/memory.h"

#include <math.h>
#include <string.h>

enum { D = FFPE_DIMENSION_MAX, BATCH = 256, PLACES = 5 };

/* Gauss-Legendre on (0, 1), five places. */
static const double gauss_place[PLACES] = {0.046910077030668, 0.23076534494715845, 0.5, 0.76923465505284155,
                                           0.953089922969332};
static const double gauss_weight[PLACES] = {0.11846344252809454, 0.23931433524968324, 0.28444444444444444,
                                            0.23931433524968324, 0.11846344252809454};

double ffpe_bernoulli(double x) {
    if (fabs(x) < 1e-4) return 1 - x / 2 + x * x / 12;
    return x / expm1(x);
}

/* What the construction of one operator needs. */
struct builder {
    const struct ffpe_problem *problem;
    struct ffpe_operator *op;
    struct ffpe_offsets offsets;
    double inverse[D * D]; /* D^{-1} of a constant tensor */
    int is_gradient, exact, levy;
    double nearest; /* diffusion along edges beside Levy flights */
};

static double diffusion_at(const struct builder *builder, const double x[]) {
    const struct ffpe_diffusion *diffusion = &builder->problem->diffusion;
    return diffusion->at == NULL ? diffusion->value : diffusion->at(diffusion->context, x);
}

/* ---- Which edges there are ----------------------------------------------------------------------------------------
 */

/* The volume that the flux along `offset` from lattice place `at` passes through. */
static double strength(const struct ffpe_grid *grid, const long at[], const int offset[]) {
    double volume = 1;
    for (size_t k = 0; k < grid->dimension; k++) {
        volume *= offset[k] == 0 ? ffpe_grid_width(grid, k, at[k]) : grid->step[k];
    }
    return volume;
}

/* The edge from `node` by sign * offset number k, if there is one: fills *edge but for its rates. */
static int find_edge(const struct builder *builder, size_t node, size_t k, int sign, struct ffpe_edge *edge) {
    const struct ffpe_grid *grid = &builder->op->grid;
    long at[D] = {0}, to[D] = {0};
    int beyond;
    ffpe_grid_lattice(grid, node, at);
    *edge = (struct ffpe_edge){.tail = node};
    for (size_t i = 0; i < grid->dimension; i++) {
        edge->offset[i] = (signed char)(sign * builder->offsets.offset[k][i]);
        to[i] = at[i] + edge->offset[i];
    }
    edge->head = ffpe_grid_node(grid, to, &beyond);
    if (beyond || edge->head == node) return 0;
    /* an edge between two unknowns is its tail's; one through a wall is the only one there */
    if (sign < 0 && edge->head != FFPE_OUTSIDE) return 0;
    edge->forward = builder->offsets.weight[k] * strength(grid, at, builder->offsets.offset[k]);
    return 1;
}

/* Finds all edges; fills op->edges where it is allocated. */
static size_t find_edges(struct builder *builder) {
    struct ffpe_operator *op = builder->op;
    size_t count = 0;
    for (size_t node = 0; node < op->grid.count; node++) {
        for (size_t k = 0; k < builder->offsets.count; k++) {
            for (int sign = 1; sign >= -1; sign -= 2) {
                struct ffpe_edge edge;
                if (!find_edge(builder, node, k, sign, &edge)) continue;
                if (op->edges != NULL) op->edges[count] = edge;
                count++;
            }
        }
    }
    return count;
}

/* ---- Effective potentials ------------------------------------------------------------------------------------------
 */

/* The place of an edge's tail and its length vector. */
static void edge_line(const struct builder *builder, const struct ffpe_edge *edge, double x[], double s[]) {
    const struct ffpe_grid *grid = &builder->op->grid;
    long at[D] = {0};
    ffpe_grid_lattice(grid, edge->tail, at);
    ffpe_grid_place(grid, at, x);
    for (size_t k = 0; k < grid->dimension; k++) s[k] = grid->step[k] * edge->offset[k];
}

/* The places of both ends, with the bits they have as nodes: then rises along a path add up. */
static void edge_ends(const struct builder *builder, const struct ffpe_edge *edge, double tail[], double head[]) {
    const struct ffpe_grid *grid = &builder->op->grid;
    long at[D] = {0};
    ffpe_grid_lattice(grid, edge->tail, at);
    ffpe_grid_place(grid, at, tail);
    for (size_t k = 0; k < grid->dimension; k++) at[k] += edge->offset[k];
    ffpe_grid_place(grid, at, head);
}

/* gamma times the rise of U over each edge, over D: U at both ends. */
static enum core_status rises_by_loss(const struct builder *builder, size_t count, struct ffpe_edge edges[]) {
    size_t d = builder->op->grid.dimension;
    double x[2 * BATCH * D], loss[2 * BATCH];
    for (size_t i = 0; i < count; i++) {
        edge_ends(builder, &edges[i], x + 2 * i * d, x + (2 * i + 1) * d);
    }
    enum core_status status = ffpe_field_loss(builder->problem->land, 2 * count, x, loss);
    double factor = builder->problem->friction / (builder->levy ? 1 : builder->problem->diffusion.value);
    for (size_t i = 0; i < count && status == CORE_OK; i++) edges[i].delta = factor * (loss[2 * i + 1] - loss[2 * i]);
    return status;
}

/* gamma D^{-1} g . s at one place. */
static double slope(const struct builder *builder, const double x[], const double g[], const double s[]) {
    size_t d = builder->op->grid.dimension;
    double sum = 0;
    if (builder->problem->diffusion.tensor != NULL) {
        for (size_t k = 0; k < d * d; k++) sum += s[k / d] * builder->inverse[k] * g[k % d];
        return builder->problem->friction * sum;
    }
    for (size_t k = 0; k < d; k++) sum += g[k] * s[k];
    return builder->problem->friction * sum / diffusion_at(builder, x);
}

static enum core_status rises_by_gradient(const struct builder *builder, size_t count, struct ffpe_edge edges[]) {
    size_t d = builder->op->grid.dimension;
    double x[PLACES * BATCH * D] = {0}, g[PLACES * BATCH * D], tail[BATCH * D], s[BATCH * D];
    for (size_t i = 0; i < count; i++) {
        edge_line(builder, &edges[i], tail + i * d, s + i * d);
        for (size_t j = 0; j < PLACES * d; j++) {
            x[i * PLACES * d + j] = tail[i * d + j % d] + gauss_place[j / d] * s[i * d + j % d];
        }
    }
    enum core_status status = ffpe_field_gradient(builder->problem->land, PLACES * count, x, g);
    double drift_part = 1 - 0.5 * (double)builder->problem->calculus;
    for (size_t i = 0; i < count && status == CORE_OK; i++) {
        double sum = 0, head[D];
        for (size_t j = 0; j < PLACES; j++) {
            size_t place = (i * PLACES + j) * d;
            sum += gauss_weight[j] * slope(builder, x + place, g + place, s + i * d);
        }
        if (builder->problem->diffusion.at != NULL) {
            for (size_t k = 0; k < d; k++) head[k] = tail[i * d + k] + s[i * d + k];
            sum += drift_part * log(diffusion_at(builder, head) / diffusion_at(builder, tail + i * d));
        }
        edges[i].delta = sum;
    }
    return status;
}

/* The diffusion half way, in units of the one that weighed the edges. */
static double middle_diffusion(const struct builder *builder, const struct ffpe_edge *edge) {
    double x[D], s[D];
    if (builder->problem->diffusion.at == NULL) return 1;
    edge_line(builder, edge, x, s);
    for (size_t k = 0; k < builder->op->grid.dimension; k++) x[k] += s[k] / 2;
    return diffusion_at(builder, x);
}

static enum core_status set_rates(struct builder *builder) {
    struct ffpe_operator *op = builder->op;
    for (size_t first = 0; first < op->edge_count; first += BATCH) {
        size_t count = op->edge_count - first < BATCH ? op->edge_count - first : BATCH;
        enum core_status status = builder->exact ? rises_by_loss(builder, count, op->edges + first)
                                                 : rises_by_gradient(builder, count, op->edges + first);
        if (status != CORE_OK) return status;
        for (struct ffpe_edge *edge = op->edges + first; edge < op->edges + first + count; edge++) {
            double c = edge->forward * middle_diffusion(builder, edge);
            edge->forward = c * (builder->levy ? builder->nearest - edge->delta / 2 : ffpe_bernoulli(edge->delta));
            edge->backward = c * (builder->levy ? builder->nearest + edge->delta / 2 : ffpe_bernoulli(-edge->delta));
            if (!isfinite(edge->forward) || !isfinite(edge->backward) || !(c >= 0))
                return core_fail(CORE_BAD_INPUT,
                                 "the diffusion is not positive, or a rate not finite, somewhere in the box");
        }
    }
    return CORE_OK;
}

/* ---- What follows from the edges ------------------------------------------------------------------------------------
 */

static enum core_status set_loss(struct builder *builder) {
    struct ffpe_operator *op = builder->op;
    double x[BATCH * D];
    size_t d = op->grid.dimension;
    enum core_status status = CORE_OK;
    for (size_t first = 0; first < op->grid.count && status == CORE_OK; first += BATCH) {
        size_t count = op->grid.count - first < BATCH ? op->grid.count - first : BATCH;
        for (size_t i = 0; i < count; i++) {
            long at[D] = {0};
            ffpe_grid_lattice(&op->grid, first + i, at);
            ffpe_grid_place(&op->grid, at, x + i * d);
        }
        status = ffpe_field_loss(builder->problem->land, count, x, op->loss + first);
    }
    return status;
}

/* A potential whose differences are delta: gamma U / D, or on a chain their sums. */
static void set_effective(struct builder *builder) {
    struct ffpe_operator *op = builder->op;
    if (builder->levy) {
        /* without a drift the jumps are symmetric and the spectrum real */
        op->reversible = 1;
        for (size_t i = 0; i < op->edge_count; i++) op->reversible &= op->edges[i].delta == 0;
        return;
    }
    if (!builder->exact && !op->chain) return;
    op->reversible = 1;
    for (size_t i = 0; i < op->grid.count && builder->exact; i++)
        op->effective[i] = builder->problem->friction * op->loss[i] / builder->problem->diffusion.value;
    for (size_t i = 0; i < op->edge_count && !builder->exact; i++) {
        const struct ffpe_edge *edge = &op->edges[i];
        if (edge->head != FFPE_OUTSIDE) op->effective[edge->head] = op->effective[edge->tail] + edge->delta;
    }
    /* a potential that does not close around a periodic axis is no potential */
    for (size_t i = 0; i < op->edge_count; i++) {
        const struct ffpe_edge *edge = &op->edges[i];
        if (edge->head == FFPE_OUTSIDE) continue;
        double gap = fabs(edge->delta - (op->effective[edge->head] - op->effective[edge->tail]));
        if (gap > 1e-9 * (1 + fabs(edge->delta) + fabs(op->effective[edge->tail]))) op->reversible = 0;
    }
    op->gibbs = op->reversible;
}

/* The largest circulation of delta around a square of axis edges, for drifts that are no gradients. */
static enum core_status set_affinity(struct builder *builder) {
    struct ffpe_operator *op = builder->op;
    size_t d = op->grid.dimension;
    if (op->reversible || d == 1) return CORE_OK;
    double *rise = core_alloc(op->grid.count * d, sizeof *rise);
    if (rise == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the circulation of %zu nodes", op->grid.count);
    for (size_t i = 0; i < op->edge_count; i++) {
        const struct ffpe_edge *edge = &op->edges[i];
        size_t axis = 0, steps = 0;
        for (size_t k = 0; k < d; k++) {
            if (edge->offset[k] != 0) axis = k;
            steps += edge->offset[k] != 0;
        }
        if (steps == 1 && edge->offset[axis] == 1 && edge->head != FFPE_OUTSIDE)
            rise[edge->tail * d + axis] = edge->delta;
    }
    for (size_t i = 0; i < op->grid.count; i++) {
        for (size_t pair = 0; pair < d * d; pair++) {
            size_t k = pair / d, l = pair % d;
            long at[D] = {0};
            int beyond;
            if (k >= l) continue;
            ffpe_grid_lattice(&op->grid, i, at);
            at[k]++;
            size_t right = ffpe_grid_node(&op->grid, at, &beyond);
            at[k]--, at[l]++;
            size_t above = ffpe_grid_node(&op->grid, at, &beyond);
            at[k]++;
            if (right == FFPE_OUTSIDE || above == FFPE_OUTSIDE ||
                ffpe_grid_node(&op->grid, at, &beyond) == FFPE_OUTSIDE)
                continue;
            double around = rise[i * d + k] + rise[right * d + l] - rise[above * d + k] - rise[i * d + l];
            op->affinity = fmax(op->affinity, fabs(around));
        }
    }
    core_free(rise);
    return CORE_OK;
}

/* ---- Life cycle
 * ------------------------------------------------------------------------------------------------------ */

/* The diffusion in units of the steps, as offsets. A D(x) weighs 1 here and comes in edge by edge. */
static enum core_status set_offsets(struct builder *builder) {
    const struct ffpe_diffusion *diffusion = &builder->problem->diffusion;
    const struct ffpe_grid *grid = &builder->op->grid;
    size_t d = grid->dimension;
    double scaled[D * D] = {0}, identity[D * D] = {0},
                      value = diffusion->at == NULL && !builder->levy ? diffusion->value : 1;
    for (size_t k = 0; k < d * d; k++) {
        double entry = diffusion->tensor != NULL ? diffusion->tensor[k] : k / d == k % d ? value : 0;
        scaled[k] = entry / (grid->step[k / d] * grid->step[k % d]);
        identity[k] = k / d == k % d;
    }
    enum core_status status = CORE_OK;
    if (diffusion->tensor != NULL) status = core_solve(d, diffusion->tensor, d, identity, builder->inverse);
    return status == CORE_OK ? ffpe_selling(d, scaled, &builder->offsets) : status;
}

static enum core_status allocate(struct ffpe_operator *op, size_t edges) {
    op->edge_count = edges;
    op->edges = core_alloc(edges + 1, sizeof *op->edges);
    op->loss = core_alloc(op->grid.count, sizeof *op->loss);
    op->effective = core_alloc(op->grid.count, sizeof *op->effective);
    if (op->edges != NULL && op->loss != NULL && op->effective != NULL) return CORE_OK;
    return core_fail(CORE_NO_MEMORY, "no memory for an operator of %zu edges", edges);
}

static enum core_status add_levy(struct builder *builder) {
    const struct ffpe_problem *problem = builder->problem;
    struct ffpe_operator *op = builder->op;
    builder->levy = problem->levy_scale > 0;
    if (!builder->levy) return CORE_OK;
    if (op->grid.dimension != 1)
        return core_fail(CORE_BAD_INPUT, "levy: found a landscape of %zu dimensions, expected one", op->grid.dimension);
    if (!builder->is_gradient || problem->diffusion.tensor != NULL || problem->diffusion.at != NULL)
        return core_fail(CORE_BAD_INPUT, "levy: expected a gradient and a constant diffusion beside it");
    builder->nearest = problem->diffusion.value + ffpe_levy_nearest(problem, &op->grid);
    return ffpe_levy_create(problem, &op->grid, &op->levy);
}

enum core_status ffpe_operator_create(const struct ffpe_problem *problem, size_t level, struct ffpe_operator *op) {
    struct builder builder = {.problem = problem, .op = op};
    *op = (struct ffpe_operator){.friction = problem->friction, .diffusion = problem->diffusion.value};
    enum core_status status = ffpe_grid_create(problem, level, &op->grid);
    if (status == CORE_OK) status = ffpe_field_is_gradient(problem, &builder.is_gradient);
    if (status == CORE_OK) status = add_levy(&builder);
    if (status == CORE_OK) status = set_offsets(&builder);
    if (status == CORE_OK) status = allocate(op, find_edges(&builder));
    if (status == CORE_OK) {
        builder.exact = builder.is_gradient && problem->diffusion.tensor == NULL && problem->diffusion.at == NULL;
        op->chain = op->grid.dimension == 1 && problem->walls[0][0] != FFPE_PERIODIC;
        find_edges(&builder);
        for (size_t i = 0; i < op->edge_count; i++) op->absorbing |= op->edges[i].head == FFPE_OUTSIDE;
        status = set_rates(&builder);
    }
    if (status == CORE_OK) status = set_loss(&builder);
    if (status == CORE_OK) {
        set_effective(&builder);
        status = set_affinity(&builder);
    }
    if (status != CORE_OK) ffpe_operator_clear(op);
    return status;
}

void ffpe_operator_clear(struct ffpe_operator *op) {
    core_free(op->edges);
    core_free(op->loss);
    core_free(op->effective);
    ffpe_levy_free(op->levy);
    ffpe_grid_clear(&op->grid);
    *op = (struct ffpe_operator){0};
}

void ffpe_operator_outflow(const struct ffpe_operator *op, size_t width, const double u[], double out[]) {
    memset(out, 0, op->grid.count * width * sizeof *out);
    for (const struct ffpe_edge *edge = op->edges; edge < op->edges + op->edge_count; edge++) {
        for (size_t k = 0; k < width; k++) {
            double flux = edge->forward * u[edge->tail * width + k];
            if (edge->head != FFPE_OUTSIDE) {
                flux -= edge->backward * u[edge->head * width + k];
                out[edge->head * width + k] -= flux;
            }
            out[edge->tail * width + k] += flux;
        }
    }
}
