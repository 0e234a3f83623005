/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/study_document.h"

#include "core/memory.h"
#include "lab/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* A study's file: what can be wrong with it before and around its YAML. */

/* All of an open file, at most LAB_DOCUMENT_BYTES. */
static enum core_status read_stream(const char *path, FILE *file, struct lab_text *text) {
    char piece[16384];
    size_t count;
    struct stat info;
    if (fstat(fileno(file), &info) == 0 && S_ISDIR(info.st_mode)) {
        return core_fail(CORE_BAD_INPUT, "%s: a directory; expected a study, a YAML file", path);
    }
    while (text->length <= LAB_DOCUMENT_BYTES && !text->failed && (count = fread(piece, 1, sizeof piece, file)) > 0) {
        lab_text_append(text, piece, count);
    }
    if (ferror(file)) return core_fail(CORE_BAD_INPUT, "%s: cannot read the study: %s", path, strerror(errno));
    if (text->length <= LAB_DOCUMENT_BYTES) return CORE_OK;
    return core_fail(CORE_BAD_INPUT, "%s: longer than 4 MiB; no study needs as much", path);
}

/* *text is core_free's. */
static enum core_status read_all(const char *path, char **text, size_t *length) {
    struct lab_text bytes = {0};
    FILE *file = fopen(path, "rb");
    *text = NULL;
    *length = 0;
    if (file == NULL) return core_fail(CORE_BAD_INPUT, "%s: cannot read the study: %s", path, strerror(errno));
    enum core_status status = read_stream(path, file, &bytes);
    fclose(file);
    *length = bytes.length;
    if (status == CORE_OK) return lab_text_take(&bytes, text);
    lab_text_clear(&bytes);
    return status;
}

/* Parses the text of a file into a document that has its path. */
static enum core_status fill(struct lab_document *document, const char *text, size_t length) {
    enum core_status status = lab_document_parse(document, text, length, "", NULL, &document->root);
    if (status != CORE_OK) return status;
    const struct lab_node *root = document->root;
    if (root == NULL) {
        return core_fail(CORE_BAD_INPUT, "%s: the study is empty; expected keys such as name and landscape",
                         document->path);
    }
    if (root->kind == LAB_MAPPING) return CORE_OK;
    return lab_document_blame(document, CORE_BAD_INPUT, root, "",
                              "found %s, expected keys such as name and landscape, each with its value",
                              root->kind == LAB_SCALAR ? "a single value" : "a list");
}

enum core_status lab_document_read(const char *path, struct lab_document **document) {
    *document = NULL;
    char *text;
    size_t length;
    enum core_status status = read_all(path, &text, &length);
    if (status != CORE_OK) return status;
    struct lab_document *made = core_alloc(1, sizeof *made);
    if (made == NULL || (made->path = core_copy_text(path)) == NULL) {
        status = core_fail(CORE_NO_MEMORY, "no memory for the study");
    } else {
        status = fill(made, text, length);
    }
    core_free(text);
    if (status == CORE_OK) {
        *document = made;
    } else {
        lab_document_free(made);
    }
    return status;
}
