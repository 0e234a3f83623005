/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Result files: opening, putting in place, and what HDF5 has to say when it fails.
 *
 * Two files with the same content are the same bytes: no object carries a time of its making, groups included. The
 * format is that of HDF5 1.8 and later, whose attributes may be longer than 64 KiB (a whole study is one). HDF5's own
 * locks are off: a file being written is ours alone under its .part name, and one in place is not written again.
 *
 * HDF5 keeps a file it could not flush (a full disk) among its open ones and, cleaning up at the end of the process,
 * crashes over it. Every file is closed here by its owner, so that cleaning is not needed and is switched off. */
#include "core/file.h"
#include "core/memory.h"
#include "core/store_hdf5.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* ---- HDF5's sentences ---- */

/* Keeps the innermost description of the error stack; of a failed system call, only what the system said. */
static herr_t keep_innermost(unsigned depth, const H5E_error2_t *error, void *context) {
    char *text = context;
    if (depth != 0 || error->desc == NULL) return 0;
    const char *said = strstr(error->desc, "error message = '");
    said = said == NULL ? error->desc : said + strlen("error message = '");
    size_t length = strcspn(said, said == error->desc ? "\n" : "'");
    snprintf(text, 200, "%.*s", (int)length, said);
    return 0;
}

enum core_status core_store_fail(enum core_status status, const char *format, ...) {
    char said[200] = "", ours[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(ours, sizeof ours, format, arguments);
    va_end(arguments);
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_innermost, said);
    H5Eclear2(H5E_DEFAULT);
    return *said == '\0' ? core_fail(status, "%s", ours) : core_fail(status, "%s: %s", ours, said);
}

/* ---- Opening ---- */

static struct core_store *allocate(const char *path, int writing) {
    struct core_store *store = core_alloc(1, sizeof *store);
    if (store == NULL) return NULL;
    store->file = H5I_INVALID_HID;
    store->path = core_copy_text(path);
    if (writing) store->part = core_file_part_name(path);
    if (store->path != NULL && (!writing || store->part != NULL)) return store;
    core_store_close(store);
    return NULL;
}

/* How files are opened: without locks, closed with everything in them, in the format of 1.8. */
static hid_t access_properties(void) {
    H5dont_atexit();
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
    H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18);
    H5Pset_file_locking(access, 0, 1);
    return access;
}

enum core_status core_store_create(const char *path, struct core_store **out) {
    *out = NULL;
    struct core_store *store = allocate(path, 1);
    if (store == NULL) return core_fail(CORE_NO_MEMORY, "no memory to open '%s'", path);
    hid_t access = access_properties(), creation = H5Pcreate(H5P_FILE_CREATE);
    H5Pset_obj_track_times(creation, 0);
    store->file = H5Fcreate(store->part, H5F_ACC_TRUNC, creation, access);
    enum core_status status = CORE_OK;
    if (store->file < 0) {
        status = core_store_fail(CORE_IO, "cannot write '%s'", store->part);
        unlink(store->part); /* made, perhaps, and not filled */
    }
    H5Pclose(creation);
    H5Pclose(access);
    if (status == CORE_OK)
        *out = store;
    else
        core_store_close(store);
    return status;
}

/* A sentence for a file that is not there or not readable, before HDF5 sees it. */
static enum core_status check_readable(const char *path) {
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return core_fail(core_file_open_status(errno), "cannot open '%s': %s", path, strerror(errno));
    close(descriptor);
    return CORE_OK;
}

enum core_status core_store_open(const char *path, struct core_store **out) {
    *out = NULL;
    enum core_status status = check_readable(path);
    if (status != CORE_OK) return status;
    struct core_store *store = allocate(path, 0);
    if (store == NULL) return core_fail(CORE_NO_MEMORY, "no memory to open '%s'", path);
    hid_t access = access_properties();
    if (H5Fis_hdf5(path) <= 0)
        status = core_fail(CORE_BAD_INPUT, "'%s' is not an HDF5 file", path);
    else if ((store->file = H5Fopen(path, H5F_ACC_RDONLY, access)) < 0)
        status = core_store_fail(CORE_BAD_INPUT, "'%s' is a broken HDF5 file", path);
    H5Eclear2(H5E_DEFAULT);
    H5Pclose(access);
    if (status == CORE_OK)
        *out = store;
    else
        core_store_close(store);
    return status;
}

/* ---- Closing ---- */

static void release(struct core_store *store) {
    core_free(store->path);
    core_free(store->part);
    core_free(store);
}

void core_store_close(struct core_store *store) {
    if (store == NULL) return;
    if (store->file >= 0) H5Fclose(store->file);
    if (store->file >= 0 && store->part != NULL) unlink(store->part);
    release(store);
}

enum core_status core_store_commit(struct core_store **handle) {
    struct core_store *store = *handle;
    *handle = NULL;
    enum core_status status = CORE_OK;
    if (H5Fflush(store->file, H5F_SCOPE_GLOBAL) < 0)
        status = core_store_fail(CORE_IO, "cannot write '%s'", store->path);
    if (H5Fclose(store->file) < 0 && status == CORE_OK)
        status = core_store_fail(CORE_IO, "cannot write '%s'", store->path);
    if (store->part != NULL) {
        if (status == CORE_OK) status = core_file_sync(store->part);
        if (status == CORE_OK) status = core_file_rename(store->part, store->path);
        if (status != CORE_OK) unlink(store->part);
    }
    release(store);
    return status;
}
