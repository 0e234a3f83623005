/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LAB_STUDY_CHECK_H
#define LAB_STUDY_CHECK_H

#include "lab/study.h"

/* The parts of lab_study_check, each CORE_OK or one sentence. */

enum core_status lab_check_landscape(const struct lab_study *study);
enum core_status lab_check_data(const struct lab_study *study, const struct lab_network *network);
enum core_status lab_check_models(const struct lab_study *study);
enum core_status lab_check_ffpe(const struct lab_study *study);

/* Whether the file that a key names is there and readable. NULL is no file, and well. */
enum core_status lab_check_file(const struct lab_study *study, const char *key, const char *file);

#endif
