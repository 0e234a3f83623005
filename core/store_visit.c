/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Walking through a result file in name order: an object, its attributes, then what is in it. */
#include "core/memory.h"
#include "core/store_hdf5.h"

#include <stdio.h>
#include <string.h>

struct walk {
    struct core_store *store;
    void (*visit)(void *context, const char *kind, const char *name, const char *text);
    void *context;
    enum core_status status;
    char name[2048]; /* path of the object where the walk is */
};

static enum core_status walk_object(struct walk *walk, hid_t object);

/* Text "..." stands for an attribute that is neither one text nor one number. */
static void visit_attribute(struct walk *walk, hid_t attribute, const char *key) {
    char where[4096], *text = NULL;
    snprintf(where, sizeof where, "%s@%s", walk->name, key);
    walk->status = core_store_attribute_text(attribute, where, &text);
    if (walk->status == CORE_BAD_INPUT) walk->status = CORE_OK; /* of another program: named, not shown */
    if (walk->status == CORE_OK) walk->visit(walk->context, "attribute", where, text == NULL ? "..." : text);
    core_free(text);
}

static herr_t each_attribute(hid_t object, const char *key, const H5A_info_t *info, void *context) {
    (void)info;
    struct walk *walk = context;
    hid_t attribute = H5Aopen(object, key, H5P_DEFAULT);
    if (attribute < 0)
        walk->status = core_store_fail(CORE_BAD_INPUT, "cannot read '%s'", walk->store->path);
    else
        visit_attribute(walk, attribute, key);
    if (attribute >= 0) H5Aclose(attribute);
    return walk->status == CORE_OK ? 0 : 1;
}

/* "1000 x 75", "one number" without axes. */
static void shape_text(hid_t dataset, char text[], size_t room) {
    hsize_t sizes[H5S_MAX_RANK];
    hid_t space = H5Dget_space(dataset);
    int rank = H5Sget_simple_extent_dims(space, sizes, NULL);
    size_t used = 0;
    snprintf(text, room, "one number");
    for (int a = 0; a < rank && used < room; a++)
        used += (size_t)snprintf(text + used, room - used, "%s%llu", a == 0 ? "" : " x ", (unsigned long long)sizes[a]);
    H5Sclose(space);
}

static herr_t each_member(hid_t group, const char *name, const H5L_info_t *info, void *context) {
    struct walk *walk = context;
    if (info->type != H5L_TYPE_HARD) return 0;
    size_t length = strlen(walk->name);
    if (length + strlen(name) + 2 > sizeof walk->name) { /* a group that holds itself, too */
        walk->status = core_fail(CORE_BAD_INPUT, "'%s' in '%s' is nested too deeply", walk->name, walk->store->path);
        return 1;
    }
    hid_t member = H5Oopen(group, name, H5P_DEFAULT);
    snprintf(walk->name + length, sizeof walk->name - length, "%s%s", length == 1 ? "" : "/", name);
    if (member < 0)
        walk->status = core_store_fail(CORE_BAD_INPUT, "cannot read '%s' in '%s'", walk->name, walk->store->path);
    else
        walk->status = walk_object(walk, member);
    if (member >= 0) H5Oclose(member);
    walk->name[length] = '\0';
    return walk->status == CORE_OK ? 0 : 1;
}

static enum core_status walk_object(struct walk *walk, hid_t object) {
    H5I_type_t kind = H5Iget_type(object);
    char text[256] = "";
    if (kind != H5I_GROUP && kind != H5I_DATASET) return CORE_OK;
    if (kind == H5I_DATASET) shape_text(object, text, sizeof text);
    walk->visit(walk->context, kind == H5I_GROUP ? "group" : "dataset", walk->name, text);
    herr_t walked = H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, NULL, each_attribute, walk);
    if (walked == 0 && kind == H5I_GROUP)
        walked = H5Literate(object, H5_INDEX_NAME, H5_ITER_INC, NULL, each_member, walk);
    if (walked < 0 && walk->status == CORE_OK)
        walk->status = core_store_fail(CORE_BAD_INPUT, "cannot read '%s' in '%s'", walk->name, walk->store->path);
    return walk->status;
}

enum core_status core_store_visit(struct core_store *store,
                                  void (*visit)(void *context, const char *kind, const char *name, const char *text),
                                  void *context) {
    struct walk walk = {.store = store, .visit = visit, .context = context, .name = "/"};
    hid_t root = H5Oopen(store->file, "/", H5P_DEFAULT);
    if (root < 0) return core_store_fail(CORE_BAD_INPUT, "cannot read '%s'", store->path);
    enum core_status status = walk_object(&walk, root);
    H5Oclose(root);
    return status;
}
