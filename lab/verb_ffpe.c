/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kramers ffpe: the Fokker-Planck equation of a study. */
#include "lab/density.h"
#include "lab/verbs.h"

#include "core/memory.h"

#include <math.h>
#include <stdio.h>

static enum core_status print_json(const struct lab_study *study, const struct lab_density *density,
                                   const struct ffpe_result *result) {
    struct lab_json *json;
    char *text;
    enum core_status status = lab_json_create(&json);
    if (status != CORE_OK) return status;
    lab_density_json(study, density, result, json);
    status = lab_json_finish(json, &text);
    if (status == CORE_OK) printf("%s\n", text);
    core_free(text);
    return status;
}

/* ---- Words
 * ------------------------------------------------------------------------------------------------------------- */

static void print_numbers(const char *what, size_t count, const double values[]) {
    printf("  %-12s", what);
    for (size_t i = 0; i < count; i++) printf(" %.12g", values[i]);
    printf("\n");
}

static void print_steady(const struct ffpe_result *result) {
    const struct ffpe_steady *steady = &result->steady;
    printf("steady state\n");
    print_numbers("mean", result->dimension, steady->mean);
    print_numbers("covariance", result->dimension * result->dimension, steady->covariance);
    print_numbers("energy", 1, steady->energy);
    if (isnan(steady->gibbs_error))
        printf("  %-12s none\n", "Gibbs state");
    else
        printf("  %-12s within %.2g, componentwise\n", "Gibbs state", steady->gibbs_error);
    printf("  %-12s norm %.6g, entropy production %.6g\n", "current", *steady->current_norm,
           *steady->entropy_production);
    if (steady->curl != NULL) print_numbers("curl at 0", 1, steady->curl);
    if (result->probe_count > 0) print_numbers("density", result->probe_count, steady->density);
}

void lab_density_print(const struct lab_density *density, const struct ffpe_result *result) {
    size_t d = result->dimension;
    printf("order %g, %s, %zu unknowns on the finest of %zu grids, %zu solves, %.3g s\n", density->problem.order,
           ffpe_method_name((size_t)density->problem.method), result->unknowns, result->grids, result->solves,
           result->seconds);
    if (!isnan(result->time_error)) printf("error of time %.2g", result->time_error);
    if (!isnan(result->space_error)) printf(", of space after extrapolation %.2g", result->space_error);
    printf("\n");
    for (size_t i = 0; i < result->time_count; i++) {
        const struct ffpe_moments *moments = &result->times[i];
        printf("t = %g\n", moments->time);
        print_numbers(result->absorbing ? "survival" : "mass", 1, moments->mass);
        print_numbers("mean", d, moments->mean);
        print_numbers("covariance", d * d, moments->covariance);
        print_numbers("msd", 1, moments->msd);
        print_numbers("energy", 1, moments->energy);
        if (result->probe_count > 0) print_numbers("density", result->probe_count, moments->density);
    }
    if (result->steady.present) print_steady(result);
    for (size_t i = 0; i < result->eigenvalue_count; i++) {
        const double *value = result->eigenvalues + 2 * i;
        printf(value[1] == 0 ? "eigenvalue %.12g\n" : "eigenvalue %.12g %+.12gi\n", value[0], value[1]);
    }
    for (size_t i = 0; i < result->passage_count; i++) {
        printf("first passage from");
        for (size_t k = 0; k < d; k++) printf(" %g", result->passage_at[i * d + k]);
        printf(density->problem.order < 1 ? ": mean infinite, survival ends as %.12g t^-order / Gamma(1 - order)\n"
                                          : ": mean %.12g\n",
               result->passage_time[i]);
    }
    for (size_t i = 0; i < result->warning_count; i++) fprintf(stderr, "warning: %s\n", result->warnings[i]);
}

enum core_status lab_verb_ffpe(const struct lab_options *options) {
    struct lab_study *study = NULL;
    struct lab_scene *scene = NULL;
    struct lab_density *density = NULL;
    struct ffpe_result *result = NULL;
    enum core_status status = lab_options_study(options, &study);
    if (status == CORE_OK) status = lab_scene_create_point(study, &scene);
    if (status == CORE_OK) status = lab_density_create(scene, options->threads, &density);
    if (status == CORE_OK) status = ffpe_solve(&density->problem, &result);
    if (status == CORE_OK && options->json)
        status = print_json(study, density, result);
    else if (status == CORE_OK)
        lab_density_print(density, result);
    ffpe_result_free(result);
    lab_density_free(density);
    lab_scene_free(scene);
    lab_study_free(study);
    return status;
}
