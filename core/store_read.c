/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading datasets and attributes, ours and those of other programs: any integer or floating-point type, texts of fixed
 * and of variable length. */
#include "core/memory.h"
#include "core/store_hdf5.h"

#include <stdio.h>
#include <string.h>

enum { AXES = 4 };

/* True where every link of the path is there and leads to an object. */
int core_store_has(struct core_store *store, const char *name) {
    if (strcmp(name, "/") == 0) return 1;
    char path[1024];
    size_t length = strlen(name);
    if (length == 0 || length >= sizeof path) return 0;
    int there = 1;
    for (size_t i = 1; there && i <= length; i++) {
        if (name[i] != '/' && name[i] != '\0') continue;
        memcpy(path, name, i);
        path[i] = '\0';
        there = H5Lexists(store->file, path, H5P_DEFAULT) > 0 && H5Oexists_by_name(store->file, path, H5P_DEFAULT) > 0;
    }
    H5Eclear2(H5E_DEFAULT);
    return there;
}

static int is_numeric(hid_t type) {
    H5T_class_t kind = H5Tget_class(type);
    return kind == H5T_INTEGER || kind == H5T_FLOAT;
}

/* ---- Datasets ---- */

/* The shape of an open dataset of numbers, and how many they are. */
static enum core_status read_shape(struct core_store *store, const char *name, hid_t dataset, size_t *rank,
                                   size_t shape[4], size_t *count) {
    hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
    int numeric = is_numeric(type), axes = H5Sget_simple_extent_ndims(space);
    hsize_t sizes[H5S_MAX_RANK];
    if (axes >= 0) H5Sget_simple_extent_dims(space, sizes, NULL);
    int empty = H5Sget_simple_extent_type(space) == H5S_NULL;
    H5Tclose(type);
    H5Sclose(space);
    if (!numeric) return core_fail(CORE_BAD_INPUT, "dataset '%s' in '%s' does not hold numbers", name, store->path);
    if (axes < 0 || axes > AXES)
        return core_fail(CORE_BAD_INPUT, "dataset '%s' in '%s': found %d axes, expected at most %d", name, store->path,
                         axes, AXES);
    *rank = (size_t)axes;
    *count = empty ? 0 : 1;
    for (size_t a = 0; a < *rank; a++) {
        shape[a] = sizes[a];
        *count = sizes[a] != 0 && *count > SIZE_MAX / sizes[a] ? SIZE_MAX : *count * sizes[a];
    }
    return CORE_OK;
}

enum core_status core_store_read(struct core_store *store, const char *name, size_t *rank, size_t shape[4],
                                 double **values) {
    *values = NULL;
    hid_t dataset = core_store_has(store, name) ? H5Dopen2(store->file, name, H5P_DEFAULT) : H5I_INVALID_HID;
    if (dataset < 0) {
        H5Eclear2(H5E_DEFAULT);
        return core_fail(CORE_BAD_INPUT, "found no dataset '%s' in '%s'", name, store->path);
    }
    size_t count = 0;
    enum core_status status = read_shape(store, name, dataset, rank, shape, &count);
    size_t available = core_memory_available(); /* a broken file may claim any size */
    if (status == CORE_OK && (available == 0 || count <= available / sizeof **values))
        *values = core_alloc(count, sizeof **values);
    if (status == CORE_OK && *values == NULL)
        status = core_fail(CORE_NO_MEMORY, "no memory for the %zu numbers of '%s' in '%s'", count, name, store->path);
    if (status == CORE_OK && count > 0 &&
        H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, *values) < 0)
        status = core_store_fail(CORE_BAD_INPUT, "cannot read '%s' in '%s'", name, store->path);
    H5Dclose(dataset);
    if (status == CORE_OK) return status;
    core_free(*values);
    *values = NULL;
    return status;
}

/* ---- Attributes ---- */

/* Opens object.key and hands its id to the caller, who closes it. */
static enum core_status open_attribute(struct core_store *store, const char *object, const char *key,
                                       hid_t *attribute) {
    *attribute = H5I_INVALID_HID;
    if (core_store_has(store, object) && H5Aexists_by_name(store->file, object, key, H5P_DEFAULT) > 0)
        *attribute = H5Aopen_by_name(store->file, object, key, H5P_DEFAULT, H5P_DEFAULT);
    H5Eclear2(H5E_DEFAULT);
    if (*attribute >= 0) return CORE_OK;
    return core_fail(CORE_BAD_INPUT, "found no attribute '%s' of '%s' in '%s'", key, object, store->path);
}

/* Reads an attribute that holds one number as `type`. */
static enum core_status read_scalar(struct core_store *store, const char *object, const char *key, hid_t type,
                                    void *value) {
    hid_t attribute;
    enum core_status status = open_attribute(store, object, key, &attribute);
    if (status != CORE_OK) return status;
    hid_t held = H5Aget_type(attribute), space = H5Aget_space(attribute);
    if (!is_numeric(held) || H5Sget_simple_extent_npoints(space) != 1)
        status =
            core_fail(CORE_BAD_INPUT, "attribute '%s' of '%s' in '%s' is not one number", key, object, store->path);
    else if (H5Aread(attribute, type, value) < 0)
        status =
            core_store_fail(CORE_BAD_INPUT, "cannot read attribute '%s' of '%s' in '%s'", key, object, store->path);
    H5Tclose(held);
    H5Sclose(space);
    H5Aclose(attribute);
    return status;
}

enum core_status core_store_read_number(struct core_store *store, const char *object, const char *key, double *value) {
    return read_scalar(store, object, key, H5T_NATIVE_DOUBLE, value);
}

enum core_status core_store_read_integer(struct core_store *store, const char *object, const char *key,
                                         int64_t *value) {
    return read_scalar(store, object, key, H5T_NATIVE_INT64, value);
}

/* A text of variable length, which HDF5 allocates. */
static enum core_status variable_text(hid_t attribute, const char *where, char **text) {
    hid_t type = H5Aget_type(attribute), memory = H5Tcopy(H5T_C_S1);
    H5Tset_size(memory, H5T_VARIABLE);
    H5Tset_cset(memory, H5Tget_cset(type));
    char *held = NULL;
    enum core_status status = CORE_OK;
    if (H5Aread(attribute, memory, &held) < 0) status = core_store_fail(CORE_BAD_INPUT, "cannot read %s", where);
    if (status == CORE_OK) *text = core_copy_text(held == NULL ? "" : held);
    if (status == CORE_OK && *text == NULL) status = core_fail(CORE_NO_MEMORY, "no memory to read %s", where);
    H5free_memory(held);
    H5Tclose(memory);
    H5Tclose(type);
    return status;
}

/* A text of fixed length. */
static enum core_status fixed_text(hid_t attribute, const char *where, char **text) {
    hid_t type = H5Aget_type(attribute);
    size_t size = H5Tget_size(type);
    *text = core_alloc(size + 1, 1);
    enum core_status status = CORE_OK;
    if (*text == NULL)
        status = core_fail(CORE_NO_MEMORY, "no memory to read %s", where);
    else if (H5Aread(attribute, type, *text) < 0)
        status = core_store_fail(CORE_BAD_INPUT, "cannot read %s", where);
    for (size_t i = size; status == CORE_OK && H5Tget_strpad(type) == H5T_STR_SPACEPAD && i > 0; i--) {
        if ((*text)[i - 1] != ' ') break;
        (*text)[i - 1] = '\0';
    }
    H5Tclose(type);
    return status;
}

/* One number, integers without a point. */
static enum core_status number_text(hid_t attribute, const char *where, int integer, char **text) {
    char shown[40];
    double number = 0;
    int64_t whole = 0;
    herr_t read =
        integer ? H5Aread(attribute, H5T_NATIVE_INT64, &whole) : H5Aread(attribute, H5T_NATIVE_DOUBLE, &number);
    if (read < 0) return core_store_fail(CORE_BAD_INPUT, "cannot read %s", where);
    if (integer)
        snprintf(shown, sizeof shown, "%lld", (long long)whole);
    else
        snprintf(shown, sizeof shown, "%.17g", number);
    *text = core_copy_text(shown);
    return *text != NULL ? CORE_OK : core_fail(CORE_NO_MEMORY, "no memory to read %s", where);
}

enum core_status core_store_attribute_text(hid_t attribute, const char *where, char **text) {
    *text = NULL;
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    H5T_class_t kind = H5Tget_class(type);
    int variable = H5Tis_variable_str(type) > 0, one = H5Sget_simple_extent_npoints(space) == 1;
    H5Tclose(type);
    H5Sclose(space);
    enum core_status status;
    if (!one || (kind != H5T_STRING && kind != H5T_INTEGER && kind != H5T_FLOAT))
        status = core_fail(CORE_BAD_INPUT, "%s is neither one text nor one number", where);
    else if (kind == H5T_STRING)
        status = variable ? variable_text(attribute, where, text) : fixed_text(attribute, where, text);
    else
        status = number_text(attribute, where, kind == H5T_INTEGER, text);
    if (status == CORE_OK) return status;
    core_free(*text);
    *text = NULL;
    return status;
}

enum core_status core_store_read_text(struct core_store *store, const char *object, const char *key, char **text) {
    hid_t attribute;
    *text = NULL;
    enum core_status status = open_attribute(store, object, key, &attribute);
    if (status != CORE_OK) return status;
    char where[2048];
    snprintf(where, sizeof where, "attribute '%s' of '%s' in '%s'", key, object, store->path);
    status = core_store_attribute_text(attribute, where, text);
    H5Aclose(attribute);
    return status;
}
