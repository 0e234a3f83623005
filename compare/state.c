/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/state.h"

const char *compare_state_name(enum compare_state state) {
    static const char *const names[COMPARE_STATE_COUNT] = {"defined", "degenerate", "duplicates", "not converged"};
    return (unsigned)state < COMPARE_STATE_COUNT ? names[state] : "unknown";
}
