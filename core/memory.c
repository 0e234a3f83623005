/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/memory.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 };

static atomic_size_t live;
static atomic_size_t countdown; /* 0: never fail; k: the k-th allocation from now and all later ones fail */

/* True when the allocator was told to fail by now. */
static int told_to_fail(void) {
    size_t left = atomic_load(&countdown);
    while (left > 1 && !atomic_compare_exchange_weak(&countdown, &left, left - 1)) {
    }
    return left == 1;
}

void *core_alloc(size_t count, size_t size) {
    if (told_to_fail()) return NULL;
    if (size != 0 && count > (SIZE_MAX - ALIGNMENT) / size) return NULL;
    size_t bytes = count * size;
    size_t rounded = bytes == 0 ? ALIGNMENT : (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    void *block = aligned_alloc(ALIGNMENT, rounded);
    if (block == NULL) return NULL;
    memset(block, 0, rounded);
    atomic_fetch_add(&live, 1);
    return block;
}

char *core_copy_text(const char *text) {
    size_t bytes = strlen(text) + 1;
    char *copy = core_alloc(bytes, 1);
    if (copy != NULL) memcpy(copy, text, bytes);
    return copy;
}

void core_free(void *block) {
    if (block == NULL) return;
    atomic_fetch_sub(&live, 1);
    free(block);
}

void core_alloc_fail_at(size_t k) {
    atomic_store(&countdown, k);
}

size_t core_alloc_live(void) {
    return atomic_load(&live);
}

size_t core_memory_available(void) {
    FILE *file = fopen("/proc/meminfo", "r");
    if (file == NULL) return 0;
    char line[256];
    unsigned long long kibibytes = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "MemAvailable: %llu", &kibibytes) == 1) break;
    }
    fclose(file);
    return (size_t)kibibytes * 1024;
}
