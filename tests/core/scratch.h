/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TESTS_CORE_SCRATCH_H
#define TESTS_CORE_SCRATCH_H

/* A directory of a test's own, removed at the end; included after cmocka.h. */

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char scratch_directory[256];

__attribute__((unused)) static int scratch_make(void **state) {
    (void)state;
    const char *root = getenv("TMPDIR"), *memory = "/dev/shm"; /* where waiting for the disk takes no time */
    if (root == NULL) root = access(memory, W_OK) == 0 ? memory : P_tmpdir;
    snprintf(scratch_directory, sizeof scratch_directory, "%s/kramers-test-XXXXXX", root);
    return mkdtemp(scratch_directory) == NULL;
}

/* DIRECTORY/name, valid until the eighth next call. */
__attribute__((unused)) static const char *scratch(const char *name) {
    static char paths[8][1024];
    static int next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", scratch_directory, name);
    return path;
}

__attribute__((unused)) static void scratch_remove_tree(const char *path) {
    DIR *directory = opendir(path);
    for (struct dirent *entry; directory != NULL && (entry = readdir(directory)) != NULL;) {
        char inner[1400];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        if (unlink(inner) != 0) scratch_remove_tree(inner);
    }
    if (directory != NULL) closedir(directory);
    rmdir(path);
}

__attribute__((unused)) static int scratch_remove(void **state) {
    (void)state;
    scratch_remove_tree(scratch_directory);
    return 0;
}

/* Writes bytes to a file of the directory and returns its path. */
__attribute__((unused)) static const char *scratch_put(const char *name, const void *bytes, size_t count) {
    const char *path = scratch(name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    assert_int_equal(fclose(file), 0);
    return path;
}

__attribute__((unused)) static int scratch_exists(const char *path) {
    struct stat about;
    return stat(path, &about) == 0;
}

/* A disk that is full after `bytes` bytes of any one file; RLIM_INFINITY ends the experiment. */
__attribute__((unused)) static void scratch_limit(rlim_t bytes) {
    struct rlimit limit;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

#endif
