/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LAB_SCOPE_H
#define LAB_SCOPE_H

#include "lab/result.h"
#include "lab/scene.h"

/* What the study's training has that its models have not: a warning for each, so that nobody reads the difference as a
 * finding about the noise. */
enum core_status lab_scope_warn(const struct lab_scene *scene, struct lab_result *result);

#endif
