/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The three loops an assignment spends its time in, eight columns at a time. Positions travel as doubles beside the
 * values they belong to, so that the smallest value and its place come out of one pass. Where values tie, which place
 * is reported depends on the lanes only, and these are the same on every machine. */
#include "compare/assignment.h"
#include "compare/lanes.h"

#include <math.h>

static void column_least(size_t n, size_t stride, const double cost[], double v[], double from[]) {
    for (size_t j = 0; j < stride; j += CORE_LANES) {
        lanes least = lanes_set(INFINITY), at = lanes_set(0);
        for (size_t i = 0; i < n; i++) {
            lanes c = lanes_load(cost + i * stride + j);
            at = lanes_pick_less(c, least, lanes_set((double)i), at);
            least = lanes_least(c, least);
        }
        lanes_store(v + j, least);
        lanes_store(from + j, at);
    }
}

/* The running two smallest of one half of the columns. */
struct pair_of_best {
    lanes first, second, at;
};

LANES_INLINE void meet(struct pair_of_best *best, lanes value, lanes index) {
    best->second = lanes_least(best->second, lanes_greatest(best->first, value));
    best->at = lanes_pick_less(value, best->first, index, best->at);
    best->first = lanes_least(value, best->first);
}

static void across(const struct pair_of_best *best, struct compare_two_best *all) {
    for (int l = 0; l < CORE_LANES; l++) {
        if (best->first[l] < all->first) {
            all->second = all->first;
            all->first = best->first[l];
            all->at = (size_t)best->at[l];
        } else if (best->first[l] < all->second) {
            all->second = best->first[l];
        }
        if (best->second[l] < all->second) all->second = best->second[l];
    }
}

static struct compare_two_best two_best(size_t stride, const double cost[], const double v[]) {
    lanes infinite = lanes_set(INFINITY), step = lanes_set(COMPARE_STRIDE);
    struct pair_of_best left = {infinite, infinite, lanes_set(0)}, right = left;
    lanes at_left = lanes_count_from(0), at_right = lanes_count_from(CORE_LANES);
    for (size_t j = 0; j < stride; j += COMPARE_STRIDE) {
        meet(&left, lanes_load(cost + j) - lanes_load(v + j), at_left);
        meet(&right, lanes_load(cost + j + CORE_LANES) - lanes_load(v + j + CORE_LANES), at_right);
        at_left += step;
        at_right += step;
    }
    struct compare_two_best all = {INFINITY, INFINITY, 0};
    across(&left, &all);
    across(&right, &all);
    return all;
}

static struct compare_nearest relax(const struct compare_assignment *solver, const double cost[], double offset,
                                    size_t row) {
    lanes all = lanes_set(INFINITY), vacant = all, all_at = lanes_set(0), vacant_at = all_at;
    lanes at = lanes_count_from(0), less = lanes_set(offset), here = lanes_set((double)row);
    for (size_t j = 0; j < solver->stride; j += CORE_LANES) {
        lanes through = lanes_load(cost + j) - lanes_load(solver->open + j) - less;
        lanes before = lanes_load(solver->distance + j);
        lanes_store(solver->from + j, lanes_pick_less(through, before, here, lanes_load(solver->from + j)));
        lanes now = lanes_least(through, before);
        lanes_store(solver->distance + j, now);
        all_at = lanes_pick_less(now, all, at, all_at);
        all = lanes_least(now, all);
        now += lanes_load(solver->taken + j);
        vacant_at = lanes_pick_less(now, vacant, at, vacant_at);
        vacant = lanes_least(now, vacant);
        at += lanes_set(CORE_LANES);
    }
    struct compare_nearest nearest = {INFINITY, INFINITY, 0, 0};
    for (int l = 0; l < CORE_LANES; l++) {
        if (all[l] < nearest.all) nearest.all = all[l], nearest.all_at = (size_t)all_at[l];
        if (vacant[l] < nearest.vacant) nearest.vacant = vacant[l], nearest.vacant_at = (size_t)vacant_at[l];
    }
    return nearest;
}

extern const struct compare_assignment_kernels CORE_ISA_NAME(compare_assignment_kernels);
const struct compare_assignment_kernels CORE_ISA_NAME(compare_assignment_kernels) = {column_least, two_best, relax};
