/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/study.h"

#include "core/memory.h"

#include <string.h>

enum { SAFE_BYTES = 120 }; /* file systems allow 255; a suffix must fit */

char *lab_study_path(const struct lab_study *study, const char *file) {
    if (*file == '/' || strcmp(study->directory, ".") == 0) return core_copy_text(file);
    size_t length = strlen(study->directory), more = strlen(file);
    char *path = core_alloc(length + more + 2, 1);
    if (path == NULL) return NULL;
    memcpy(path, study->directory, length);
    if (path[length - 1] != '/') path[length++] = '/';
    memcpy(path + length, file, more);
    return path;
}

static int is_safe(unsigned char byte) {
    static const char others[] = "-_.";
    int letter = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9');
    return letter || (byte != '\0' && strchr(others, byte) != NULL);
}

char *lab_safe_name(const char *name) {
    char safe[SAFE_BYTES + 1];
    size_t used = 0;
    for (const unsigned char *at = (const unsigned char *)name; *at != '\0' && used < SAFE_BYTES; at++) {
        if ((*at & 0xc0) == 0x80) continue;                  /* one '_' for a letter of several bytes */
        int hides = used == 0 && (*at == '.' || *at == '-'); /* no hidden file, no option of a command */
        safe[used++] = is_safe(*at) && !hides ? (char)*at : '_';
    }
    if (used == 0) safe[used++] = '_';
    safe[used] = '\0';
    return core_copy_text(safe);
}
