/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing groups, datasets and attributes. */
#include "core/memory.h"
#include "core/store_hdf5.h"

#include <assert.h>
#include <string.h>

enum { AXES = 4 };

/* ---- Groups ---- */

/* Makes the group `name` unless something is there. */
static enum core_status make_group(struct core_store *store, const char *name) {
    if (*name == '\0' || H5Lexists(store->file, name, H5P_DEFAULT) > 0) return CORE_OK;
    enum core_status status = CORE_OK;
    hid_t creation = H5Pcreate(H5P_GROUP_CREATE);
    H5Pset_obj_track_times(creation, 0);
    hid_t group = H5Gcreate2(store->file, name, H5P_DEFAULT, creation, H5P_DEFAULT);
    if (group < 0 || H5Gclose(group) < 0)
        status = core_store_fail(CORE_IO, "cannot make the group '%s' in '%s'", name, store->path);
    H5Pclose(creation);
    return status;
}

enum core_status core_store_make_groups(struct core_store *store, const char *name, int last) {
    char *path = core_copy_text(name);
    if (path == NULL) return core_fail(CORE_NO_MEMORY, "no memory to write '%s'", store->path);
    enum core_status status = CORE_OK;
    for (char *end = path; status == CORE_OK && *end != '\0'; end++) {
        if (*end != '/') continue;
        *end = '\0';
        status = make_group(store, path);
        *end = '/';
    }
    if (status == CORE_OK && last && strcmp(path, "/") != 0) status = make_group(store, path);
    core_free(path);
    return status;
}

/* ---- Datasets ---- */

enum core_status core_store_write(struct core_store *store, const char *name, size_t rank, const size_t shape[],
                                  const double values[]) {
    assert(rank <= AXES);
    enum core_status status = core_store_make_groups(store, name, 0);
    if (status != CORE_OK) return status;
    if (core_store_has(store, name))
        return core_fail(CORE_IO, "cannot write '%s' in '%s': it is there already", name, store->path);
    hsize_t sizes[AXES];
    size_t count = 1;
    for (size_t a = 0; a < rank; a++) {
        sizes[a] = shape[a];
        count *= shape[a];
    }
    hid_t space = rank == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple((int)rank, sizes, NULL);
    hid_t creation = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(creation, 0);
    hid_t dataset = H5Dcreate2(store->file, name, H5T_IEEE_F64LE, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    if (dataset < 0 || (count > 0 && H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0))
        status = core_store_fail(CORE_IO, "cannot write '%s' in '%s'", name, store->path);
    if (dataset >= 0 && H5Dclose(dataset) < 0 && status == CORE_OK)
        status = core_store_fail(CORE_IO, "cannot write '%s' in '%s'", name, store->path);
    H5Pclose(creation);
    H5Sclose(space);
    return status;
}

/* ---- Attributes ---- */

/* Writes one value of this type as object.key, in place of what was there. */
static enum core_status write_attribute(struct core_store *store, const char *object, const char *key, hid_t in_file,
                                        hid_t in_memory, const void *value) {
    enum core_status status = core_store_make_groups(store, object, 1);
    if (status != CORE_OK) return status;
    hid_t space = H5Screate(H5S_SCALAR), owner = H5Oopen(store->file, object, H5P_DEFAULT);
    hid_t attribute = H5I_INVALID_HID;
    if (owner >= 0) {
        if (H5Aexists(owner, key) > 0) H5Adelete(owner, key);
        attribute = H5Acreate2(owner, key, in_file, space, H5P_DEFAULT, H5P_DEFAULT);
    }
    if (attribute < 0 || H5Awrite(attribute, in_memory, value) < 0)
        status = core_store_fail(CORE_IO, "cannot write attribute '%s' of '%s' in '%s'", key, object, store->path);
    if (attribute >= 0 && H5Aclose(attribute) < 0 && status == CORE_OK)
        status = core_store_fail(CORE_IO, "cannot write attribute '%s' of '%s' in '%s'", key, object, store->path);
    if (owner >= 0) H5Oclose(owner);
    H5Sclose(space);
    return status;
}

enum core_status core_store_write_text(struct core_store *store, const char *object, const char *key,
                                       const char *text) {
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, strlen(text) + 1);
    H5Tset_strpad(type, H5T_STR_NULLTERM);
    H5Tset_cset(type, H5T_CSET_UTF8);
    enum core_status status = write_attribute(store, object, key, type, type, text);
    H5Tclose(type);
    return status;
}

enum core_status core_store_write_number(struct core_store *store, const char *object, const char *key, double value) {
    return write_attribute(store, object, key, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &value);
}

enum core_status core_store_write_integer(struct core_store *store, const char *object, const char *key,
                                          int64_t value) {
    return write_attribute(store, object, key, H5T_STD_I64LE, H5T_NATIVE_INT64, &value);
}
