/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/compare.h"

#include <string.h>

const struct compare_metric compare_metrics[] = {
    {"sliced-w2", "mean over random directions of the one-dimensional W_2 distance of the projections", 0, 0, 0},
    {"w2", "exact W_2 distance by optimal assignment", 1, 0, 0},
    {"w1", "exact one-dimensional W_1 distance", 0, 0, 1},
    {"mmd", "unbiased squared maximum mean discrepancy, Gaussian kernel", 1, 1, 0},
    {"energy", "energy distance squared", 1, 1, 0},
    {NULL, NULL, 0, 0, 0},
};

const struct compare_metric *compare_metric_find(const char *name) {
    for (const struct compare_metric *metric = compare_metrics; name != NULL && metric->name != NULL; metric++) {
        if (strcmp(metric->name, name) == 0) return metric;
    }
    return NULL;
}
