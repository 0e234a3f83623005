/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/study_document.h"

#include "core/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct lab_node *lab_node_create(enum lab_node_kind kind, const char *text, const char *origin, size_t line) {
    struct lab_node *node = core_alloc(1, sizeof *node);
    if (node == NULL) return NULL;
    node->kind = kind;
    node->origin = origin;
    node->line = line;
    if (text != NULL && (node->text = core_copy_text(text)) == NULL) {
        core_free(node);
        return NULL;
    }
    return node;
}

void lab_node_free(struct lab_node *node) {
    if (node == NULL) return;
    for (struct lab_node *child = node->first, *next; child != NULL; child = next) {
        next = child->next;
        lab_node_free(child); /* no deeper than LAB_DOCUMENT_DEPTH */
    }
    core_free(node->key);
    core_free(node->text);
    core_free(node);
}

void lab_document_free(struct lab_document *document) {
    if (document == NULL) return;
    lab_node_free(document->root);
    core_free(document->path);
    core_free(document);
}

void lab_node_append(struct lab_node *parent, struct lab_node *child) {
    if (parent->last != NULL) {
        parent->last->next = child;
    } else {
        parent->first = child;
    }
    parent->last = child;
    parent->count++;
}

struct lab_node *lab_node_get(const struct lab_node *mapping, const char *key) {
    if (mapping == NULL || mapping->kind != LAB_MAPPING) return NULL;
    struct lab_node *child = mapping->first;
    while (child != NULL && strcmp(child->key, key) != 0) child = child->next;
    return child;
}

const char *lab_node_word(const struct lab_node *mapping, const char *key) {
    const struct lab_node *child = lab_node_get(mapping, key);
    return child != NULL && child->kind == LAB_SCALAR ? child->text : NULL;
}

/* ---- Paths ---- */

/* Whether a component of a path may end here. */
static int ends(const char *rest) {
    return *rest == '\0' || *rest == '.' || *rest == '[';
}

/* A number of an element, "2" or "[2]": its length in the path with the brackets, 0 where it is none. */
static size_t read_index(const char *path, size_t *index) {
    int bracket = *path == '[';
    const char *digits = path + bracket;
    size_t count = strspn(digits, "0123456789");
    if (count == 0 || count > 9 || (bracket && digits[count] != ']')) return 0;
    if (!ends(digits + count + bracket)) return 0;
    *index = strtoul(digits, NULL, 10);
    return count + (bracket ? 2 : 0);
}

/* The element with the longest name that the path begins with; *length is the name's. */
static struct lab_node *find_named(const struct lab_node *sequence, const char *path, size_t *length) {
    struct lab_node *best = NULL;
    *length = 0;
    for (struct lab_node *child = sequence->first; child != NULL; child = child->next) {
        const char *name = lab_node_word(child, "name");
        size_t count = name == NULL ? 0 : strlen(name);
        if (count <= *length || strncmp(path, name, count) != 0 || !ends(path + count)) continue;
        best = child;
        *length = count;
    }
    return best;
}

/* The child that the first component of the path names, or NULL; *length is that component's, at least 1 unless the
 * path is broken. */
static struct lab_node *step(const struct lab_node *node, const char *path, size_t *length) {
    if (node->kind == LAB_SEQUENCE) {
        size_t index = 0;
        *length = read_index(path, &index);
        if (*length == 0) {
            struct lab_node *named = find_named(node, path, length);
            if (named == NULL) *length = strcspn(path, ".[");
            return named;
        }
        struct lab_node *child = node->first;
        while (child != NULL && index-- > 0) child = child->next;
        return child;
    }
    *length = strcspn(path, ".[");
    for (struct lab_node *child = node->first; child != NULL; child = child->next) {
        if (child->key != NULL && strlen(child->key) == *length && strncmp(child->key, path, *length) == 0) {
            return child;
        }
    }
    return NULL;
}

/* The rest of a path behind a component of this length, without its point. */
static const char *behind(const char *path, size_t length) {
    return path[length] == '.' ? path + length + 1 : path + length;
}

struct lab_node *lab_document_find(const struct lab_document *document, const char *path, struct lab_node **nearest) {
    struct lab_node *node = document->root;
    while (node != NULL && *path != '\0') {
        if (nearest != NULL && (node->origin == NULL || strcmp(node->origin, LAB_ORIGIN_DEFAULT) != 0)) {
            *nearest = node;
        }
        size_t length;
        node = step(node, path, &length);
        path = behind(path, length);
    }
    if (node != NULL && nearest != NULL) {
        if (node->origin == NULL || strcmp(node->origin, LAB_ORIGIN_DEFAULT) != 0) *nearest = node;
    }
    return node;
}

/* ---- Changes ---- */

/* Puts `value` in the place of `old`, a child of `parent`, under the same key and name of the place. */
static void replace(struct lab_node *parent, struct lab_node *old, struct lab_node *value) {
    struct lab_node **link = &parent->first;
    while (*link != old) link = &(*link)->next;
    *link = value;
    value->next = old->next;
    if (parent->last == old) parent->last = value;
    core_free(value->key);
    value->key = old->key;
    old->key = NULL;
    lab_node_free(old);
}

enum core_status lab_node_put(struct lab_node *mapping, const char *key, size_t length, struct lab_node *child) {
    child->key = core_alloc(length + 1, 1);
    if (child->key == NULL) {
        lab_node_free(child);
        return core_fail(CORE_NO_MEMORY, "no memory for the study");
    }
    memcpy(child->key, key, length);
    lab_node_append(mapping, child);
    return CORE_OK;
}

/* A new, empty block under the first component of `rest`. */
static enum core_status make_block(struct lab_node *parent, const char *rest, size_t length, const char *origin,
                                   struct lab_node **block) {
    *block = lab_node_create(LAB_MAPPING, NULL, origin, 0);
    if (*block == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the study");
    return lab_node_put(parent, rest, length, *block);
}

/* Where a path ends: its last component, the node that holds it, and what is there already. */
struct place {
    struct lab_node *parent, *child; /* child: NULL where there is none yet */
    const char *last;                /* the last component, `length` bytes */
    size_t length;
};

/* Walks to the place, making blocks on the way. */
static enum core_status walk(struct lab_document *document, const char *path, const char *origin, struct place *place) {
    const struct lab_node here = {.origin = origin};
    struct lab_node *node = document->root;
    place->last = path;
    for (size_t depth = 1;; depth++) {
        if (node->kind == LAB_SCALAR) {
            return lab_document_blame(document, CORE_BAD_INPUT, &here, path, "'%s' has no keys below it", node->key);
        }
        struct lab_node *next = step(node, place->last, &place->length);
        if (place->length == 0 || depth > LAB_DOCUMENT_DEPTH / 2) {
            return lab_document_blame(document, CORE_BAD_INPUT, &here, path,
                                      "not a path; expected keys with points between them, as in sgd.rate");
        }
        if (next == NULL && node->kind == LAB_SEQUENCE) {
            if (node->count == 0) {
                return lab_document_blame(document, CORE_BAD_INPUT, &here, path, "the list has no elements");
            }
            return lab_document_blame(document, CORE_BAD_INPUT, &here, path,
                                      "found no element '%.*s'; allowed: a number from 0 to %zu, or a name",
                                      (int)(place->length < 60 ? place->length : 60), place->last, node->count - 1);
        }
        if (place->last[place->length] == '\0') {
            place->parent = node;
            place->child = next;
            return CORE_OK;
        }
        if (next == NULL) {
            enum core_status status = make_block(node, place->last, place->length, origin, &next);
            if (status != CORE_OK) return status;
        }
        node = next;
        place->last = behind(place->last, place->length);
    }
}

/* The value that a text holds as YAML; a blank one is YAML's null. */
static enum core_status make_value(struct lab_document *document, const char *text, const char *key, const char *origin,
                                   struct lab_node **value) {
    enum core_status status = lab_document_parse(document, text, strlen(text), key, origin, value);
    if (status != CORE_OK || *value != NULL) return status;
    *value = lab_node_create(LAB_SCALAR, "", origin, 0);
    return *value == NULL ? core_fail(CORE_NO_MEMORY, "no memory for the study") : CORE_OK;
}

enum core_status lab_document_change(struct lab_document *document, struct lab_node *parent, struct lab_node *child,
                                     const char *text, const char *origin) {
    struct lab_node *value;
    const char *key = child->key == NULL ? "" : child->key;
    enum core_status status = make_value(document, text, key, origin, &value);
    if (status == CORE_OK) replace(parent, child, value);
    return status;
}

enum core_status lab_document_set(struct lab_document *document, const char *path, const char *text,
                                  const char *origin) {
    struct place place = {.parent = document->root};
    struct lab_node *value = NULL;
    enum core_status status = walk(document, path, origin, &place);
    if (status != CORE_OK) return status;
    status = make_value(document, text, path, origin, &value);
    if (status != CORE_OK) return status;
    if (place.child == NULL) return lab_node_put(place.parent, place.last, place.length, value);
    replace(place.parent, place.child, value);
    return CORE_OK;
}

enum core_status lab_document_default(struct lab_document *document, struct lab_node *mapping, const char *key,
                                      const char *text) {
    if (mapping == NULL || lab_node_get(mapping, key) != NULL) return CORE_OK;
    struct lab_node *value;
    enum core_status status = make_value(document, text, key, LAB_ORIGIN_DEFAULT, &value);
    if (status != CORE_OK) return status;
    value->line = mapping->line;
    return lab_node_put(mapping, key, strlen(key), value);
}

/* ---- Blame ---- */

enum core_status lab_document_blame_list(const struct lab_document *document, enum core_status status,
                                         const struct lab_node *node, const char *key, const char *format,
                                         va_list arguments) {
    char sentence[2048], place[32] = "";
    vsnprintf(sentence, sizeof sentence, format, arguments);
    const char *origin = node == NULL ? NULL : node->origin;
    if (origin != NULL && strcmp(origin, LAB_ORIGIN_DEFAULT) != 0) {
        snprintf(place, sizeof place, ":%s", origin);
    } else if (node != NULL && node->line > 0) {
        snprintf(place, sizeof place, ":%zu", node->line);
    }
    return core_fail(status, "%s%s: %s%s%s", document->path, place, key, *key == '\0' ? "" : ": ", sentence);
}

enum core_status lab_document_blame(const struct lab_document *document, enum core_status status,
                                    const struct lab_node *node, const char *key, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    lab_document_blame_list(document, status, node, key, format, arguments);
    va_end(arguments);
    return status;
}
