/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/status.h"
#undef core_fail
#undef core_context

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { CHAIN_BYTES = 4096 };

static _Thread_local char chain[CHAIN_BYTES];

const char *core_status_name(enum core_status status) {
    static const char *const names[CORE_STATUS_COUNT] = {
        "ok", "bad input", "out of memory", "input or output failed", "numerical failure", "interrupted",
    };
    return (unsigned)status < CORE_STATUS_COUNT ? names[status] : "unknown status";
}

enum core_status core_fail(enum core_status status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(chain, sizeof chain, format, arguments);
    va_end(arguments);
    return status;
}

enum core_status core_context(enum core_status status, const char *format, ...) {
    if (status == CORE_OK) return status;
    char outer[CHAIN_BYTES], inner[CHAIN_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(outer, sizeof outer, format, arguments);
    va_end(arguments);
    memcpy(inner, chain, sizeof inner);
    size_t used = strlen(outer);
    snprintf(chain, sizeof chain, "%s", outer);
    snprintf(chain + used, sizeof chain - used, "%s%s", *inner ? ": " : "", inner);
    return status;
}

const char *core_error(void) {
    return chain;
}

void core_error_clear(void) {
    chain[0] = '\0';
}

void core_error_set(const char *text) {
    snprintf(chain, sizeof chain, "%s", text);
}
