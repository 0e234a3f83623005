/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CORE_LANDSCAPE_H
#define CORE_LANDSCAPE_H

#include "core/lanes.h"
#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

/* The one door between rooms: what SGD, a stochastic differential equation and a Fokker-Planck operator move on.
 *
 * A landscape evaluates `lanes` replicas at once, 1 or CORE_LANES: a point x has shape (dimension, lanes), row-major,
 * so that coordinate i of replica j is x[i * lanes + j]; small landscapes put one replica in each SIMD lane, large ones
 * use BLAS on one replica. Vectors (gradients, directions) have the shape of x; scalars have shape (lanes). All arrays
 * are aligned to 64 bytes. `scratch` holds `landscape->scratch` doubles, one piece per thread, contents undefined.
 *
 * Gradient noise. Sigma(x) is the covariance of one sample's gradient [CONVENTIONS.md]; F(x) is a factor,
 * F F^T = Sigma, of width noise_width (the number of samples or fewer). F(x) z for standard normal z is an exact
 * draw of N(0, Sigma).
 *
 *     struct core_landscape *land;
 *     core_landscape_create(&(struct core_potential){.name = "double-well"}, &land);
 *     core_point_loss(land, theta, &loss);       single points, any number of lanes inside
 *
 * A method a landscape does not have is NULL in its table; core_landscape_require turns that into a sentence:
 *
 *     core_landscape_require(land, land->methods->noise != NULL, "gradient noise"); */

struct core_landscape;

struct core_landscape_methods {
    /* loss[lanes] = L(x). */
    void (*loss)(const struct core_landscape *land, const double x[], double loss[], double scratch[]);
    /* gradient (dimension, lanes) = grad L(x). */
    void (*gradient)(const struct core_landscape *land, const double x[], double gradient[], double scratch[]);
    /* out = H(x) v. */
    void (*hessian_vector)(const struct core_landscape *land, const double x[], const double v[], double out[],
                           double scratch[]);
    /* out = grad_x (u^T H(x) v), the third derivative contracted twice. */
    void (*curvature_gradient)(const struct core_landscape *land, const double x[], const double u[], const double v[],
                               double out[], double scratch[]);
    /* out = F(x) z, z of shape (noise_width, lanes). */
    void (*noise)(const struct core_landscape *land, const double x[], const double z[], double out[],
                  double scratch[]);
    /* out = drift * grad L(x) + F(x) z * scale, scale of shape (lanes): the fused step of an anisotropic equation, at
     * the cost of about one gradient. */
    void (*noisy_gradient)(const struct core_landscape *land, const double x[], double drift, const double scale[],
                           const double z[], double out[], double scratch[]);
    /* trace[lanes] = tr Sigma(x). */
    void (*noise_trace)(const struct core_landscape *land, const double x[], double trace[], double scratch[]);
    /* out = sum over the drawn samples of their gradients g_mu(x). index has shape (longest, lanes); lane j uses its
     * first count[j] entries (the others must be sample numbers too); longest = max count. */
    void (*sampled_gradient)(const struct core_landscape *land, const double x[], size_t longest, const double count[],
                             const uint32_t index[], double out[], double scratch[]);
    /* Frees land->self and what it owns. */
    void (*destroy)(struct core_landscape *land);
};

struct core_landscape {
    const char *name;                             /* the word in the study */
    size_t dimension;                             /* P */
    size_t lanes;                                 /* replicas at once: 1 or CORE_LANES */
    size_t samples;                               /* n, the samples of the data; 0 where the landscape has none */
    size_t noise_width;                           /* columns of F; 0 where the landscape has no gradient noise */
    size_t scratch;                               /* doubles a call may use */
    const struct core_landscape_methods *methods; /* the table */
    void *self;                                   /* owned by the landscape */
};

/* ---- Analytic landscapes ---- */

/* Parameters of an analytic landscape, as in a study; unused ones stay zero and NULL. Borrowed during create, copied.
 */
struct core_potential {
    const char *name;     /* quadratic | double-well | quartic | linear-drift | scalar-network */
    size_t rows, columns; /* of matrix */
    const double *matrix; /* quadratic: symmetric H, L = x^T H x / 2 (default 1); linear-drift: B, drift -B x */
    size_t noise_rows, noise_columns;
    const double *noise; /* a constant noise factor F (dimension, noise_columns); default none */
    size_t depth;        /* scalar-network: L = (1 - x_1 ... x_depth)^2 / 2; default 2 */
};

/* One row of the table of analytic landscapes. */
struct core_potential_entry {
    const char *name;
    const char *sentence; /* with its formula */
    enum core_status (*create)(const struct core_potential *potential, struct core_landscape *land);
};

/* The table, ended by a row of NULLs. */
extern const struct core_potential_entry core_potentials[];

/* Makes the landscape that potential->name says; CORE_BAD_INPUT for an unknown name or unfit parameters. */
enum core_status core_landscape_create(const struct core_potential *potential, struct core_landscape **land);

/* Any landscape, also one made by another room. NULL is allowed. */
void core_landscape_free(struct core_landscape *land);

/* CORE_OK where `has` is true, else CORE_BAD_INPUT: "the landscape 'quartic' has no gradient noise" with what =
 * "gradient noise". */
enum core_status core_landscape_require(const struct core_landscape *land, int has, const char *what);

/* ---- Single points: x, v, gradient ... of shape (dimension), any alignment ---- */

enum core_status core_point_loss(const struct core_landscape *land, const double x[], double *loss);
enum core_status core_point_gradient(const struct core_landscape *land, const double x[], double gradient[]);
enum core_status core_point_hessian_vector(const struct core_landscape *land, const double x[], const double v[],
                                           double out[]);
enum core_status core_point_curvature_gradient(const struct core_landscape *land, const double x[], const double u[],
                                               const double v[], double out[]);
/* hessian (dimension, dimension), symmetrised. */
enum core_status core_point_hessian(const struct core_landscape *land, const double x[], double hessian[]);
/* factor (dimension, noise_width) = F(x). */
enum core_status core_point_noise_factor(const struct core_landscape *land, const double x[], double factor[]);

#endif
