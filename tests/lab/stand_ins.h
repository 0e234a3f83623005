/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_LAB_STAND_INS_H
#define TESTS_LAB_STAND_INS_H

/* Words of rooms that a partial build leaves out. Weak: the rooms' own tables win where the library has them. */

#include "compare/compare.h"
#include "core/ensemble.h"
#include "core/landscape.h"
#include "dln/dln.h"
#include "sde/sde.h"

#define WEAK __attribute__((weak))

WEAK const struct sde_choice sde_noises[] = {
    {"none", "", ""}, {"gaussian", "", ""}, {"poisson", "", ""}, {"stable", "", ""}, {NULL, NULL, NULL}};
WEAK const struct sde_choice sde_covariances[] = {
    {"isotropic", "", ""}, {"isotropic-local", "", ""}, {"sgd", "", ""}, {NULL, NULL, NULL}};
WEAK const struct sde_choice sde_drifts[] = {{"gradient", "", ""}, {"second-order", "", ""}, {NULL, NULL, NULL}};
WEAK const struct compare_metric compare_metrics[] = {{.name = "sliced-w2"}, {.name = "w2"},     {.name = "w1"},
                                                      {.name = "mmd"},       {.name = "energy"}, {.name = NULL}};
WEAK const struct dln_observable dln_observables[] = {
    {.name = "parameters"}, {.name = "product"},      {.name = "singular-values"},
    {.name = "loss"},       {.name = "balancedness"}, {.name = "distance"},
    {.name = NULL}};
WEAK const struct core_potential_entry core_potentials[] = {{.name = "quadratic"},      {.name = "double-well"},
                                                            {.name = "quartic"},        {.name = "linear-drift"},
                                                            {.name = "scalar-network"}, {.name = NULL}};

WEAK double core_schedule_time(const struct core_schedule *schedule, size_t steps);
WEAK double core_schedule_time(const struct core_schedule *schedule, size_t steps) {
    return schedule->rate * (double)steps;
}

#endif
