/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that are whole or not there: everything is written to PATH.part, flushed by the C library, by the kernel
 * (fsync) and then renamed to PATH, and the directory that holds the name is synced too. A kill at any moment leaves
 * the old PATH or the new one, and at worst a PATH.part that the next run overwrites. The first write that fails is
 * remembered: from then on every call reports it, and core_file_commit keeps nothing. */
#include "core/file.h"

#include "core/memory.h"
#include "core/table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct core_file {
    FILE *stream;
    char *path, *part;
    int error; /* errno of the first write that failed, 0 so far */
};

/* ---- Putting a file in place ---- */

char *core_file_part_name(const char *path) {
    size_t length = strlen(path);
    char *part = core_alloc(length + sizeof ".part", 1);
    if (part == NULL) return NULL;
    memcpy(part, path, length);
    memcpy(part + length, ".part", sizeof ".part");
    return part;
}

/* fsync, where the file system knows it (some refuse it for directories). */
static int sync_descriptor(int descriptor) {
    return fsync(descriptor) == 0 || errno == EINVAL || errno == ENOSYS || errno == EROFS ? 0 : -1;
}

enum core_status core_file_sync(const char *path) {
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return core_fail(CORE_IO, "cannot open '%s': %s", path, strerror(errno));
    int error = sync_descriptor(descriptor) == 0 ? 0 : errno;
    close(descriptor);
    return error == 0 ? CORE_OK : core_fail(CORE_IO, "cannot write '%s' to the disk: %s", path, strerror(error));
}

/* The directory part of `path`, to be freed with core_free. */
static char *directory_of(const char *path) {
    const char *slash = strrchr(path, '/');
    if (slash == NULL) return core_copy_text(".");
    size_t length = slash == path ? 1 : (size_t)(slash - path);
    char *directory = core_alloc(length + 1, 1);
    if (directory != NULL) memcpy(directory, path, length);
    return directory;
}

enum core_status core_file_rename(const char *part, const char *path) {
    char *directory = directory_of(path);
    if (directory == NULL) return core_fail(CORE_NO_MEMORY, "no memory to name the directory of '%s'", path);
    enum core_status status = CORE_OK;
    if (rename(part, path) != 0)
        status = core_fail(CORE_IO, "cannot rename '%s' to '%s': %s", part, path, strerror(errno));
    else
        status = core_file_sync(directory);
    core_free(directory);
    return status;
}

/* ---- Writing ---- */

static void release(struct core_file *file) {
    if (file == NULL) return;
    if (file->stream != NULL) fclose(file->stream);
    core_free(file->path);
    core_free(file->part);
    core_free(file);
}

enum core_status core_file_create(const char *path, struct core_file **out) {
    *out = NULL;
    struct core_file *file = core_alloc(1, sizeof *file);
    if (file != NULL) {
        file->path = core_copy_text(path);
        file->part = core_file_part_name(path);
    }
    if (file == NULL || file->path == NULL || file->part == NULL) {
        release(file);
        return core_fail(CORE_NO_MEMORY, "no memory to open '%s'", path);
    }
    file->stream = fopen(file->part, "we");
    if (file->stream == NULL) {
        enum core_status status = core_fail(CORE_IO, "cannot write '%s': %s", file->part, strerror(errno));
        release(file);
        return status;
    }
    *out = file;
    return CORE_OK;
}

static enum core_status write_status(struct core_file *file, int ok) {
    if (!ok && file->error == 0) file->error = errno != 0 ? errno : EIO;
    if (file->error == 0) return CORE_OK;
    return core_fail(CORE_IO, "cannot write '%s': %s", file->path, strerror(file->error));
}

enum core_status core_file_printf(struct core_file *file, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int written = vfprintf(file->stream, format, arguments);
    va_end(arguments);
    return write_status(file, written >= 0);
}

enum core_status core_file_write(struct core_file *file, const void *bytes, size_t count) {
    return write_status(file, fwrite(bytes, 1, count, file->stream) == count);
}

enum core_status core_file_commit(struct core_file *file) {
    enum core_status status = write_status(file, fflush(file->stream) == 0);
    if (status == CORE_OK) status = write_status(file, sync_descriptor(fileno(file->stream)) == 0);
    int closed = fclose(file->stream) == 0;
    file->stream = NULL;
    if (status == CORE_OK) status = write_status(file, closed);
    if (status == CORE_OK) status = core_file_rename(file->part, file->path);
    if (status != CORE_OK) unlink(file->part);
    release(file);
    return status;
}

void core_file_abandon(struct core_file *file) {
    if (file == NULL) return;
    unlink(file->part);
    release(file);
}

/* ---- Reading ---- */

enum core_status core_file_open_status(int error) {
    static const int of_the_user[] = {ENOENT, EACCES, EPERM, EISDIR, ENOTDIR, ENAMETOOLONG, ELOOP};
    for (size_t i = 0; i < sizeof of_the_user / sizeof *of_the_user; i++)
        if (error == of_the_user[i]) return CORE_BAD_INPUT;
    return CORE_IO;
}

/* Bytes to make room for: the size of a regular file, a page for a pipe; -1 with errno for a directory. */
static long long expected_size(FILE *stream) {
    struct stat about;
    if (fstat(fileno(stream), &about) != 0) return -1;
    if (S_ISDIR(about.st_mode)) {
        errno = EISDIR;
        return -1;
    }
    return S_ISREG(about.st_mode) && about.st_size > 0 ? about.st_size : 4096;
}

/* Doubles the room of *text. */
static int grow(char **text, size_t *room) {
    char *larger = core_alloc(2 * *room + 2, 1);
    if (larger == NULL) return 0;
    memcpy(larger, *text, *room);
    core_free(*text);
    *text = larger;
    *room = 2 * *room + 1;
    return 1;
}

/* Reads to the end. *text has room for `room` bytes and one zero. */
static enum core_status read_all(const char *path, FILE *stream, size_t room, char **text, size_t *length) {
    *text = core_alloc(room + 1, 1);
    int enough = *text != NULL;
    *length = 0;
    while (enough && !feof(stream) && !ferror(stream)) {
        if (*length == room) enough = grow(text, &room);
        if (enough) *length += fread(*text + *length, 1, room - *length, stream);
    }
    if (!enough) return core_fail(CORE_NO_MEMORY, "no memory to read '%s' (%zu bytes)", path, room);
    if (ferror(stream)) return core_fail(core_file_open_status(errno), "cannot read '%s': %s", path, strerror(errno));
    (*text)[*length] = '\0';
    return CORE_OK;
}

enum core_status core_file_read(const char *path, char **text, size_t *length) {
    *text = NULL;
    *length = 0;
    FILE *stream = fopen(path, "re");
    long long size = stream == NULL ? -1 : expected_size(stream);
    if (size < 0) {
        enum core_status status =
            core_fail(core_file_open_status(errno), "cannot open '%s': %s", path, strerror(errno));
        if (stream != NULL) fclose(stream);
        return status;
    }
    enum core_status status = read_all(path, stream, (size_t)size + 1, text, length);
    fclose(stream);
    if (status == CORE_OK) return status;
    core_free(*text);
    *text = NULL;
    return status;
}

/* ---- Directories ---- */

enum core_status core_make_directory(const char *path) {
    if (*path == '\0') return core_fail(CORE_BAD_INPUT, "the name of a directory is empty");
    char *name = core_copy_text(path);
    if (name == NULL) return core_fail(CORE_NO_MEMORY, "no memory to make the directory '%s'", path);
    int error = 0;
    for (char *end = name + 1; error == 0; end++) {
        char here = *end;
        if (here != '/' && here != '\0') continue;
        *end = '\0';
        if (mkdir(name, 0777) != 0 && errno != EEXIST && errno != EISDIR) error = errno;
        *end = here;
        if (here == '\0') break;
    }
    struct stat about;
    if (error == 0) error = stat(path, &about) != 0 ? errno : S_ISDIR(about.st_mode) ? 0 : ENOTDIR;
    core_free(name);
    return error == 0 ? CORE_OK : core_fail(CORE_IO, "cannot make the directory '%s': %s", path, strerror(error));
}
