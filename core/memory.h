/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef CORE_MEMORY_H
#define CORE_MEMORY_H

#include <stddef.h>

/* The one allocator of the library: zeroed blocks aligned to 64 bytes (a cache line, a SIMD register).
 * It can be told to fail, so that a test provokes every failure path. */

/* count * size bytes, zeroed; NULL when there is no memory or the product overflows. Free with core_free. */
void *core_alloc(size_t count, size_t size);

/* core_alloc, for a text. */
char *core_copy_text(const char *text);

/* Frees what core_alloc gave; NULL is allowed. */
void core_free(void *block);

/* For tests. The k-th allocation from now (k >= 1) and all later ones fail; 0 ends the experiment. */
void core_alloc_fail_at(size_t k);

/* Blocks allocated and not yet freed, in the whole process: a test's proof that nothing leaks. */
size_t core_alloc_live(void);

/* Bytes of memory this machine can still give (an estimate), 0 when unknown. */
size_t core_memory_available(void);

#endif
