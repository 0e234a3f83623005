/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Single points on any landscape. A point is copied into every lane of a block, the landscape evaluates the block, and
 * lane 0 is the answer. Where one answer needs many directions (the columns of the Hessian and of the noise factor),
 * each lane takes a direction of its own. */
#include "core/landscape.h"

#include "core/memory.h"

/* The arrays one evaluation needs, each aligned to 64 bytes. */
struct point_block {
    const struct core_landscape *land;
    double *memory;
    double *x, *u, *v, *out; /* (rows, lanes), rows the larger of dimension and noise width */
    double *scratch;
};

static enum core_status block_create(const struct core_landscape *land, const double x[], struct point_block *block) {
    size_t rows = land->dimension > land->noise_width ? land->dimension : land->noise_width;
    size_t array = (rows * land->lanes + CORE_LANES - 1) / CORE_LANES * CORE_LANES;
    double *memory = core_alloc(4 * array + land->scratch, sizeof *memory);
    if (memory == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a point of the landscape '%s'", land->name);
    *block = (struct point_block){
        land, memory, memory, memory + array, memory + 2 * array, memory + 3 * array, memory + 4 * array};
    for (size_t i = 0; i < land->dimension * land->lanes; i++) block->x[i] = x[i / land->lanes];
    return CORE_OK;
}

/* The same vector in every lane. */
static void spread(const struct point_block *block, const double from[], double to[]) {
    for (size_t i = 0; i < block->land->dimension * block->land->lanes; i++) to[i] = from[i / block->land->lanes];
}

/* Lane 0 of block->out. */
static void collect(const struct point_block *block, double to[]) {
    for (size_t i = 0; i < block->land->dimension; i++) to[i] = block->out[i * block->land->lanes];
}

enum core_status core_point_loss(const struct core_landscape *land, const double x[], double *loss) {
    struct point_block block;
    enum core_status status = core_landscape_require(land, land->methods->loss != NULL, "loss");
    if (status == CORE_OK) status = block_create(land, x, &block);
    if (status != CORE_OK) return status;
    double losses[CORE_LANES] __attribute__((aligned(64)));
    land->methods->loss(land, block.x, losses, block.scratch);
    *loss = losses[0];
    core_free(block.memory);
    return CORE_OK;
}

enum core_status core_point_gradient(const struct core_landscape *land, const double x[], double gradient[]) {
    struct point_block block;
    enum core_status status = core_landscape_require(land, land->methods->gradient != NULL, "gradient");
    if (status == CORE_OK) status = block_create(land, x, &block);
    if (status != CORE_OK) return status;
    land->methods->gradient(land, block.x, block.out, block.scratch);
    collect(&block, gradient);
    core_free(block.memory);
    return CORE_OK;
}

enum core_status core_point_hessian_vector(const struct core_landscape *land, const double x[], const double v[],
                                           double out[]) {
    struct point_block block;
    enum core_status status =
        core_landscape_require(land, land->methods->hessian_vector != NULL, "Hessian-vector product");
    if (status == CORE_OK) status = block_create(land, x, &block);
    if (status != CORE_OK) return status;
    spread(&block, v, block.v);
    land->methods->hessian_vector(land, block.x, block.v, block.out, block.scratch);
    collect(&block, out);
    core_free(block.memory);
    return CORE_OK;
}

enum core_status core_point_curvature_gradient(const struct core_landscape *land, const double x[], const double u[],
                                               const double v[], double out[]) {
    struct point_block block;
    enum core_status status =
        core_landscape_require(land, land->methods->curvature_gradient != NULL, "gradient of the curvature");
    if (status == CORE_OK) status = block_create(land, x, &block);
    if (status != CORE_OK) return status;
    spread(&block, u, block.u);
    spread(&block, v, block.v);
    land->methods->curvature_gradient(land, block.x, block.u, block.v, block.out, block.scratch);
    collect(&block, out);
    core_free(block.memory);
    return CORE_OK;
}

/* A linear map of a direction, at the point of the block: hessian_vector or noise. */
typedef void (*linear_map)(const struct core_landscape *land, const double x[], const double v[], double out[],
                           double scratch[]);

/* matrix (dimension, columns): column c is map applied to the c-th unit vector, `lanes` columns at once. */
static void columns_of(const struct point_block *block, linear_map map, size_t columns, double matrix[]) {
    const struct core_landscape *land = block->land;
    size_t width = land->lanes;
    for (size_t first = 0; first < columns; first += width) {
        size_t held = columns - first < width ? columns - first : width;
        for (size_t j = 0; j < held; j++) block->v[(first + j) * width + j] = 1;
        map(land, block->x, block->v, block->out, block->scratch);
        for (size_t j = 0; j < held; j++) {
            for (size_t i = 0; i < land->dimension; i++) matrix[i * columns + first + j] = block->out[i * width + j];
            block->v[(first + j) * width + j] = 0;
        }
    }
}

enum core_status core_point_hessian(const struct core_landscape *land, const double x[], double hessian[]) {
    struct point_block block;
    enum core_status status =
        core_landscape_require(land, land->methods->hessian_vector != NULL, "Hessian-vector product");
    if (status == CORE_OK) status = block_create(land, x, &block);
    if (status != CORE_OK) return status;
    size_t n = land->dimension;
    columns_of(&block, land->methods->hessian_vector, n, hessian);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            hessian[i * n + j] = hessian[j * n + i] = 0.5 * (hessian[i * n + j] + hessian[j * n + i]);
    core_free(block.memory);
    return CORE_OK;
}

enum core_status core_point_noise_factor(const struct core_landscape *land, const double x[], double factor[]) {
    struct point_block block;
    enum core_status status = core_landscape_require(land, land->methods->noise != NULL, "gradient noise");
    if (status == CORE_OK) status = block_create(land, x, &block);
    if (status != CORE_OK) return status;
    columns_of(&block, land->methods->noise, land->noise_width, factor);
    core_free(block.memory);
    return CORE_OK;
}
