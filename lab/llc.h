/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LAB_LLC_H
#define LAB_LLC_H

#include "dln/llc.h"
#include "lab/figures.h"
#include "lab/scene.h"

/* One estimate of the local learning coefficient for the command: what the sampler says, the same at half the step,
 * and the exact value where theory knows it. */
struct lab_llc {
    struct dln_llc_settings settings;
    struct dln_llc *llc;
    struct dln_llc *half;   /* sgld: at lr/2 with twice the steps, the same time; else NULL */
    struct dln_fibre fibre; /* where the point lies */
    double expected;        /* lambda - (m - 1) / ln nbeta where the point is a deepest one; else NaN */
    int step_biased;        /* 1: lr and lr/2 differ by more than chance allows */
};

struct lab_llc_work {
    const struct lab_scene *scene;
    size_t threads;
    void (*progress)(void *context, double done);
    void *context;
};

/* The settings of a study; its seed is that of all its random numbers. */
struct dln_llc_settings lab_llc_settings(const struct lab_study *study);
/* Chain-steps that an estimate takes, those at half the step among them. */
double lab_llc_steps(const struct dln_llc_settings *settings);

/* At `point` (dimension). *out to be freed with lab_llc_free. */
enum core_status lab_llc_create(const struct lab_llc_work *work, const double point[], struct lab_llc **out);
void lab_llc_free(struct lab_llc *llc);

/* The keys of one estimate, within an object that is open. */
struct lab_json;
void lab_llc_json(const struct lab_llc *llc, struct lab_json *json);
void lab_llc_print(const struct lab_llc *llc);

/* Traces of the chains; its subject is a struct lab_llc. */
extern const struct lab_figure lab_figure_llc_trace;

#endif
