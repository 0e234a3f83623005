/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef COMPARE_STATE_H
#define COMPARE_STATE_H

/* What became of an estimate. Bad input (an empty sample, NaN or infinity, unequal dimensions, negative weights) is
 * CORE_BAD_INPUT with a sentence; data on which a well-posed question has no finite answer are a state beside the
 * numbers, which are NaN then. */
enum compare_state {
    COMPARE_DEFINED = 0,
    COMPARE_DEGENERATE,    /* too few rows, no spread, no events: the answer is undefined */
    COMPARE_DUPLICATES,    /* equal rows put a neighbour at distance zero */
    COMPARE_NOT_CONVERGED, /* the value is the last iterate; the gap beside it says how far it may be off */
    COMPARE_STATE_COUNT
};

/* "defined", "degenerate", "duplicates", "not converged". */
const char *compare_state_name(enum compare_state state);

#endif
