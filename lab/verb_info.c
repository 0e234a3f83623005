/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kramers info: what a result file holds and how it was made. The attributes of the file itself come first: they are
 * its provenance. A file may come from anywhere: every text of it is printed as one line without control characters. */
#include "lab/verbs.h"

#include "core/memory.h"
#include "core/store.h"
#include "lab/json.h"
#include "lab/page.h"

#include <stdio.h>
#include <string.h>

enum { NAME_MOST = 200, VALUE_MOST = 120 };

/* ---- For a reader ---- */

static void print_line(const char *before, const char *name, const char *between, const char *text) {
    char *left = lab_page_line(name, NAME_MOST), *right = lab_page_line(text, VALUE_MOST);
    printf("%s%s%s%s\n", before, left != NULL ? left : "", between, right != NULL ? right : "");
    core_free(left);
    core_free(right);
}

static void visit_text(void *context, const char *kind, const char *name, const char *text) {
    (void)context;
    const char *key = strrchr(name, '@');
    if (strcmp(kind, "attribute") == 0 && key != NULL) {
        int of_file = key == name + 1;
        print_line(of_file ? "" : "    ", key + 1, ": ", text);
    } else if (strcmp(kind, "dataset") == 0) {
        print_line("  ", name, "  ", text);
    } else if (strcmp(name, "/") != 0) {
        print_line("\n", name, "", "");
    }
}

/* ---- As JSON ---- */

/* The walk names an object, its attributes, then the next object: each stays open until the next begins. */
struct listing {
    struct lab_json *json;
    int open; /* an object's "attributes" */
};

static void close_object(struct listing *listing) {
    if (!listing->open) return;
    lab_json_end(listing->json);
    lab_json_end(listing->json);
    listing->open = 0;
}

static void visit_json(void *context, const char *kind, const char *name, const char *text) {
    struct listing *listing = context;
    const char *key = strrchr(name, '@');
    if (strcmp(kind, "attribute") == 0 && key != NULL) {
        lab_json_text(listing->json, key + 1, text);
        return;
    }
    close_object(listing);
    lab_json_object_begin(listing->json, NULL);
    lab_json_text(listing->json, "name", name);
    lab_json_text(listing->json, "kind", kind);
    if (strcmp(kind, "dataset") == 0) lab_json_text(listing->json, "shape", text);
    lab_json_object_begin(listing->json, "attributes");
    listing->open = 1;
}

static enum core_status print_json(const char *path, struct core_store *store) {
    struct listing listing = {.open = 0};
    char *text;
    enum core_status status = lab_json_create(&listing.json);
    if (status != CORE_OK) return status;
    lab_json_object_begin(listing.json, NULL);
    lab_json_text(listing.json, "file", path);
    lab_json_array_begin(listing.json, "objects");
    status = core_store_visit(store, visit_json, &listing);
    if (status != CORE_OK) {
        lab_json_free(listing.json);
        return status;
    }
    close_object(&listing);
    lab_json_end(listing.json);
    lab_json_end(listing.json);
    status = lab_json_finish(listing.json, &text);
    if (status == CORE_OK) printf("%s\n", text);
    core_free(text);
    return status;
}

enum core_status lab_verb_info(const struct lab_options *options) {
    struct core_store *store;
    enum core_status status = core_store_open(options->arguments[0], &store);
    if (status != CORE_OK) return status;
    if (options->json)
        status = print_json(options->arguments[0], store);
    else
        status = core_store_visit(store, visit_text, NULL);
    core_store_close(store);
    return status;
}
