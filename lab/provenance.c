/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/isa.h"
#include "lab/result.h"

/* The Makefile says how the program was made; a build without it knows nothing. */
#ifndef LAB_VERSION
#define LAB_VERSION "unknown"
#endif
#ifndef LAB_REVISION
#define LAB_REVISION "unknown"
#endif
#ifndef LAB_COMPILER
#define LAB_COMPILER "unknown"
#endif
#ifndef LAB_FLAGS
#define LAB_FLAGS "unknown"
#endif

struct lab_provenance lab_provenance(void) {
    return (struct lab_provenance){
        .version = LAB_VERSION,
        .git_revision = LAB_REVISION,
        .compiler = LAB_COMPILER,
        .flags = LAB_FLAGS,
        .isa = core_isa_name(core_isa()),
    };
}
