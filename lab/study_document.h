/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef LAB_STUDY_DOCUMENT_H
#define LAB_STUDY_DOCUMENT_H

#include "core/status.h"

#include <stdarg.h>
#include <stddef.h>

/* A study as a tree of YAML nodes that remember where they came from: what messages name, overrides change, and
 * defaults are written into. Aliases are copies of what they stand for, so the tree is a tree.
 *
 * Key paths are written landscape.network.widths, models[2].noise, models.2.noise or, where an element of a list is a
 * block with a name, models.poisson.noise. */

enum lab_node_kind { LAB_SCALAR, LAB_SEQUENCE, LAB_MAPPING };

/* Where a node came from, other than the file. */
#define LAB_ORIGIN_DEFAULT "default"

struct lab_node {
    enum lab_node_kind kind;
    int quoted;         /* scalar: 1 in quotes, so a text whatever it looks like */
    int hidden;         /* 1: stands for the absence of a value (`levels: auto`), and libcyaml never sees it */
    size_t line;        /* 1, 2, ...; of the key where it has one */
    const char *origin; /* static text: "--set", ..., LAB_ORIGIN_DEFAULT; NULL: the file */
    char *key;          /* inside a mapping */
    char *text;         /* scalar */
    size_t count;       /* children */
    struct lab_node *first, *last; /* children, in order */
    struct lab_node *next;
};

struct lab_document {
    char *path; /* the file, as messages name it */
    struct lab_node *root;
    size_t nodes; /* made so far: a bound on what aliases may multiply */
};

/* Bounds that no study needs to pass, so that a hostile file costs little. */
enum { LAB_DOCUMENT_BYTES = 4 << 20, LAB_DOCUMENT_NODES = 1 << 20, LAB_DOCUMENT_DEPTH = 32 };

/* Reads one YAML document. CORE_BAD_INPUT, naming file and line, for what is no file, no YAML, or no mapping. */
enum core_status lab_document_read(const char *path, struct lab_document **document);
/* Parses `text` as the value of `key`, all nodes of `origin`; *node is the caller's, NULL where
 * the text is blank. */
enum core_status lab_document_parse(struct lab_document *document, const char *text, size_t length, const char *key,
                                    const char *origin, struct lab_node **node);
void lab_document_free(struct lab_document *document);

/* A node of the tree, counted; NULL when there is no memory. text is copied, or NULL. */
struct lab_node *lab_node_create(enum lab_node_kind kind, const char *text, const char *origin, size_t line);
void lab_node_free(struct lab_node *node);
/* Takes child. */
void lab_node_append(struct lab_node *parent, struct lab_node *child);
/* Appends child to a mapping under key[0 .. length); takes child, also when it fails. */
enum core_status lab_node_put(struct lab_node *mapping, const char *key, size_t length, struct lab_node *child);
/* The child under `key`, or NULL; NULL also for a node that is NULL or no mapping. */
struct lab_node *lab_node_get(const struct lab_node *mapping, const char *key);
/* The same, the text of a scalar, NULL where it is none. */
const char *lab_node_word(const struct lab_node *mapping, const char *key);

/* The node a path leads to, or NULL; *nearest (or NULL) the last node on the way. */
struct lab_node *lab_document_find(const struct lab_document *document, const char *path, struct lab_node **nearest);

/* Gives path the value that `text` holds as YAML, making the blocks on the way. CORE_BAD_INPUT with a sentence. */
enum core_status lab_document_set(struct lab_document *document, const char *path, const char *text,
                                  const char *origin);
/* The same for a child at hand. */
enum core_status lab_document_change(struct lab_document *document, struct lab_node *parent, struct lab_node *child,
                                     const char *text, const char *origin);
/* Writes a default: mapping[key] = text, unless there is one. mapping NULL: nothing to do. */
enum core_status lab_document_default(struct lab_document *document, struct lab_node *mapping, const char *key,
                                      const char *text);

/* "FILE:LINE: KEY: ..." with the line of `node`, or FILE:--set: where an override made it. Returns status. */
enum core_status lab_document_blame(const struct lab_document *document, enum core_status status,
                                    const struct lab_node *node, const char *key, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
enum core_status lab_document_blame_list(const struct lab_document *document, enum core_status status,
                                         const struct lab_node *node, const char *key, const char *format,
                                         va_list arguments) __attribute__((format(printf, 5, 0)));

/* The document as YAML again (core_free). for_schema 1: as libcyaml wants it, hidden nodes left out and a list directly
 * within a list written as {values: [...]}. */
enum core_status lab_document_emit(const struct lab_document *document, int for_schema, char **text);

#endif
