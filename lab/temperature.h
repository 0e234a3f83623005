/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LAB_TEMPERATURE_H
#define LAB_TEMPERATURE_H

#include "lab/scene.h"

/* *temperature = the time mean of tr Sigma / P along the pilot ensemble of this SGD stepper (its seed makes the pilot).
 */
enum core_status lab_temperature(const struct lab_scene *scene, const struct core_stepper *sgd, size_t threads,
                                 double *temperature);

#endif
