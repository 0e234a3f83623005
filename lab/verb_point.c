/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kramers point: the landscape at a study's start.
 *
 * The label follows from the inertia of the Hessian (core/curvature.h) and from the gradient: a point whose gradient
 * exceeds 10^-8 of (1 + its size) is regular; otherwise a negative eigenvalue makes a strict saddle (strict-degenerate
 * where there are zero ones too), none at all and none that is zero a minimum. No negative one but zero ones make a
 * minimum or a non-strict saddle: second derivatives do not tell them apart. On networks, all of whose minima are
 * global, the loss does. */
#include "lab/scene.h"
#include "lab/verbs.h"

#include "core/curvature.h"
#include "core/linalg.h"
#include "core/memory.h"
#include "dln/dln.h"
#include "lab/json.h"

#include <math.h>
#include <stdio.h>

static const double ZERO = 1e-8;

struct point {
    const struct lab_scene *scene;
    size_t p, noise_count, singular_count, layers;
    double *gradient, *values, *factor, *gram, *noise, *balance, *singular;
    double gradient_norm, noise_trace, layer_norm[DLN_DEPTH_MAX];
    size_t noise_rank;
    struct core_inertia inertia;
    const char *label;
};

static double norm(const double x[], size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += x[i] * x[i];
    return sqrt(sum);
}

/* 1 where the loss is the least that the network can reach. */
static enum core_status at_lowest_loss(const struct lab_scene *scene, int *lowest) {
    double levels[DLN_LEVELS_MAX];
    size_t count;
    *lowest = 0;
    enum core_status status = dln_critical_levels(scene->land, &count, levels);
    if (status == CORE_OK) *lowest = scene->start_loss <= levels[count - 1] + 1e-9 * levels[0];
    return status;
}

static enum core_status label(struct point *point) {
    const struct core_inertia *inertia = &point->inertia;
    int network = dln_network_depth(point->scene->land) > 0, lowest;
    if (point->gradient_norm > ZERO * (1 + norm(point->scene->start, point->p))) {
        point->label = "regular";
        return CORE_OK;
    }
    if (inertia->negative > 0) {
        point->label = inertia->zero > 0 ? "strict-degenerate-saddle" : "strict-saddle";
        return CORE_OK;
    }
    if (!network) {
        point->label = inertia->zero > 0 ? "minimum-or-non-strict-saddle" : "minimum";
        return CORE_OK;
    }
    enum core_status status = at_lowest_loss(point->scene, &lowest);
    if (status == CORE_OK) point->label = dln_label_name(lowest ? DLN_GLOBAL_MINIMUM : DLN_NON_STRICT_SADDLE);
    return status;
}

/* The eigenvalues of Sigma = F F^T, descending, from the smaller of F F^T and F^T F. */
static enum core_status measure_noise(struct point *point) {
    const struct core_landscape *land = point->scene->land;
    size_t p = point->p, m = land->noise_width, n = p < m ? p : m;
    if (m == 0) return CORE_OK;
    enum core_status status = core_point_noise_factor(land, point->scene->start, point->factor);
    if (status != CORE_OK) return status;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            double sum = 0;
            for (size_t k = 0; k < (p < m ? m : p); k++) {
                sum += p < m ? point->factor[i * m + k] * point->factor[j * m + k]
                             : point->factor[k * m + i] * point->factor[k * m + j];
            }
            point->gram[i * n + j] = sum;
        }
    }
    double *ascending = point->noise;
    status = core_symmetric_eigen(n, point->gram, ascending, NULL);
    if (status != CORE_OK) return status;
    for (size_t i = 0; i < n / 2; i++) {
        double t = ascending[i];
        ascending[i] = ascending[n - 1 - i];
        ascending[n - 1 - i] = t;
    }
    point->noise_count = n;
    for (size_t i = 0; i < n; i++) {
        point->noise_trace += point->noise[i];
        point->noise_rank += point->noise[i] > 1e-12 * point->noise[0];
    }
    return CORE_OK;
}

static enum core_status measure_network(struct point *point) {
    const struct core_landscape *land = point->scene->land;
    const struct dln_observable *singular = dln_observable_find("singular-values");
    const size_t *widths = dln_network_widths(land);
    double *scratch = core_alloc(singular->scratch(land), sizeof *scratch), *block = point->balance;
    if (scratch == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the singular values");
    dln_balancedness(land, point->scene->start, point->balance);
    for (size_t l = 1; l < dln_network_depth(land); l++) {
        point->layer_norm[point->layers++] = norm(block, widths[l] * widths[l]);
        block += widths[l] * widths[l];
    }
    point->singular_count = singular->width(land);
    enum core_status status =
        singular->evaluate(land, point->scene->start, point->scene->start, point->singular, scratch);
    core_free(scratch);
    return status;
}

static enum core_status measure(struct point *point) {
    enum core_status status = core_point_gradient(point->scene->land, point->scene->start, point->gradient);
    if (status != CORE_OK) return status;
    point->gradient_norm = norm(point->gradient, point->p);
    status = core_point_inertia(point->scene->land, point->scene->start, &point->inertia, point->values);
    if (status == CORE_OK) status = label(point);
    if (status == CORE_OK) status = measure_noise(point);
    return status == CORE_OK && dln_network_depth(point->scene->land) > 0 ? measure_network(point) : status;
}

/* ---- Printing ---- */

static enum core_status print_json(const struct point *point) {
    struct lab_json *json;
    char *text;
    enum core_status status = lab_json_create(&json);
    if (status != CORE_OK) return status;
    lab_json_object_begin(json, NULL);
    lab_json_number(json, "loss", point->scene->start_loss);
    lab_json_numbers(json, "gradient", point->p, point->gradient);
    lab_json_number(json, "gradient_norm", point->gradient_norm);
    lab_json_numbers(json, "hessian_eigenvalues", point->p, point->values);
    lab_json_array_begin(json, "inertia");
    lab_json_integer(json, NULL, (int64_t)point->inertia.negative);
    lab_json_integer(json, NULL, (int64_t)point->inertia.zero);
    lab_json_integer(json, NULL, (int64_t)point->inertia.positive);
    lab_json_end(json);
    lab_json_flag(json, "inertia_doubtful", core_inertia_doubtful(&point->inertia));
    lab_json_number(json, "sharpness", point->values[point->p - 1]);
    lab_json_numbers(json, "noise_eigenvalues", point->noise_count, point->noise);
    lab_json_number(json, "noise_trace", point->noise_trace);
    lab_json_integer(json, "noise_rank", (int64_t)point->noise_rank);
    lab_json_numbers(json, "balancedness", point->layers, point->layer_norm);
    lab_json_numbers(json, "singular_values", point->singular_count, point->singular);
    lab_json_text(json, "label", point->label);
    lab_json_end(json);
    status = lab_json_finish(json, &text);
    if (status == CORE_OK) printf("%s\n", text);
    core_free(text);
    return status;
}

static void print_some(const char *what, size_t count, const double values[]) {
    printf("%-22s", what);
    for (size_t i = 0; i < count && i < 8; i++) printf(" %.6g", values[i]);
    printf("%s\n", count > 8 ? " ..." : "");
}

static void print_text(const struct point *point) {
    printf("%-22s %.17g\n", "loss", point->scene->start_loss);
    printf("%-22s %.6g\n", "gradient norm", point->gradient_norm);
    printf("%-22s %zu negative, %zu zero, %zu positive%s\n", "inertia of the Hessian", point->inertia.negative,
           point->inertia.zero, point->inertia.positive,
           core_inertia_doubtful(&point->inertia) ? " (no gap at the threshold: in doubt)" : "");
    print_some("Hessian eigenvalues", point->p, point->values);
    printf("%-22s %.17g\n", "sharpness", point->values[point->p - 1]);
    printf("%-22s trace %.6g, rank %zu\n", "gradient noise", point->noise_trace, point->noise_rank);
    print_some("noise eigenvalues", point->noise_count, point->noise);
    print_some("balancedness norms", point->layers, point->layer_norm);
    print_some("singular values", point->singular_count, point->singular);
    printf("%-22s %s\n", "label", point->label);
}

/* ---- The verb ---- */

static enum core_status allocate(struct point *point) {
    const struct core_landscape *land = point->scene->land;
    size_t p = land->dimension, m = land->noise_width, n = p < m ? p : m;
    size_t balance = dln_observable_find("balancedness")->width(land),
           singular = dln_observable_find("singular-values")->width(land);
    if (p > CORE_INERTIA_MOST)
        return core_fail(CORE_BAD_INPUT, "point: the landscape has %zu parameters; a Hessian is formed for at most %d",
                         p, CORE_INERTIA_MOST);
    struct {
        double **at;
        size_t count;
    } const arrays[] = {
        {&point->gradient, p}, {&point->values, p},        {&point->factor, p * m},      {&point->gram, n * n},
        {&point->noise, n},    {&point->balance, balance}, {&point->singular, singular},
    };
    point->p = p;
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        *arrays[i].at = core_alloc(arrays[i].count, sizeof(double));
        if (*arrays[i].at == NULL) return core_fail(CORE_NO_MEMORY, "no memory for a Hessian of %zu parameters", p);
    }
    return CORE_OK;
}

enum core_status lab_verb_point(const struct lab_options *options) {
    struct lab_study *study = NULL;
    struct lab_scene *scene = NULL;
    struct point point = {.scene = NULL};
    enum core_status status = lab_options_study(options, &study);
    if (status == CORE_OK) status = lab_scene_create_point(study, &scene);
    point.scene = scene;
    if (status == CORE_OK) status = allocate(&point);
    if (status == CORE_OK) status = measure(&point);
    if (status == CORE_OK && options->json)
        status = print_json(&point);
    else if (status == CORE_OK)
        print_text(&point);
    double *arrays[] = {point.gradient, point.values,  point.factor,  point.gram,
                        point.noise,    point.balance, point.singular};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) core_free(arrays[i]);
    lab_scene_free(scene);
    lab_study_free(study);
    return status;
}
