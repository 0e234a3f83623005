/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/study_document.h"

#include "core/memory.h"

#include <stdio.h>
#include <string.h>
#include <yaml.h>

/* From YAML text to the tree, by libyaml's events: they come one by one, so that depth, size and circular aliases are
 * refused before they cost anything. */

enum { ANCHORS_MAX = 1000 };

struct anchor {
    char *name;
    struct lab_node *node; /* in the tree */
    struct anchor *next;   /* older ones */
};

struct builder {
    struct lab_document *document;
    const char *text; /* the whole input, for counting lines */
    size_t length;
    const char *key, *origin; /* of the value being parsed; "" and NULL for a file */
    struct lab_node *root;
    struct lab_node *open[LAB_DOCUMENT_DEPTH]; /* blocks and lists begun and not ended, outermost first */
    size_t depth;
    char *pending; /* the key whose value comes next */
    size_t pending_line;
    struct anchor *anchors;
    size_t anchor_count, documents;
};

static enum core_status no_memory(void) {
    return core_fail(CORE_NO_MEMORY, "no memory for the study");
}

/* FILE:LINE: sentence, or FILE:--set: KEY: sentence. */
static enum core_status refuse(const struct builder *builder, size_t line, const char *sentence) {
    const struct lab_node here = {.origin = builder->origin, .line = line};
    return lab_document_blame(builder->document, CORE_BAD_INPUT, &here, builder->key, "%s", sentence);
}

/* ---- Growing the tree ---- */

/* Puts a node where the events are; takes it. */
static void attach(struct builder *builder, struct lab_node *node) {
    struct lab_node *parent = builder->depth > 0 ? builder->open[builder->depth - 1] : NULL;
    if (parent == NULL) {
        builder->root = node;
    } else {
        if (parent->kind == LAB_MAPPING) {
            node->key = builder->pending;
            node->line = builder->pending_line;
            builder->pending = NULL;
        }
        lab_node_append(parent, node);
    }
}

static enum core_status count_node(struct builder *builder, size_t line) {
    if (++builder->document->nodes <= LAB_DOCUMENT_NODES) return CORE_OK;
    return refuse(builder, line, "more than a million values; no study needs as many");
}

static enum core_status remember(struct builder *builder, const yaml_char_t *name, struct lab_node *node) {
    if (name == NULL) return CORE_OK;
    if (++builder->anchor_count > ANCHORS_MAX) return refuse(builder, node->line, "more than a thousand anchors (&)");
    struct anchor *anchor = core_alloc(1, sizeof *anchor);
    if (anchor == NULL) return no_memory();
    anchor->name = core_copy_text((const char *)name);
    anchor->node = node;
    anchor->next = builder->anchors;
    builder->anchors = anchor;
    return anchor->name == NULL ? no_memory() : CORE_OK;
}

/* A copy of `node` and all below it, at this depth; *copy is NULL when it fails. */
static enum core_status copy_node(struct builder *builder, const struct lab_node *node, size_t depth, size_t line,
                                  struct lab_node **copy) {
    *copy = NULL;
    if (depth >= LAB_DOCUMENT_DEPTH) return refuse(builder, line, "nested too deeply");
    enum core_status status = count_node(builder, line);
    if (status != CORE_OK) return status;
    struct lab_node *made = lab_node_create(node->kind, node->text, node->origin, node->line);
    if (made == NULL) return no_memory();
    made->quoted = node->quoted;
    for (const struct lab_node *child = node->first; child != NULL && status == CORE_OK; child = child->next) {
        struct lab_node *below;
        status = copy_node(builder, child, depth + 1, line, &below);
        if (status != CORE_OK) break;
        if (child->key == NULL) {
            lab_node_append(made, below);
        } else {
            status = lab_node_put(made, child->key, strlen(child->key), below);
        }
    }
    if (status == CORE_OK) {
        *copy = made;
    } else {
        lab_node_free(made);
    }
    return status;
}

static enum core_status take_alias(struct builder *builder, const char *name, size_t line) {
    const struct anchor *anchor = builder->anchors;
    while (anchor != NULL && strcmp(anchor->name, name) != 0) anchor = anchor->next;
    if (anchor == NULL) return refuse(builder, line, "an alias (*) without an anchor (&) before it");
    for (size_t i = 0; i < builder->depth; i++) {
        if (builder->open[i] == anchor->node) return refuse(builder, line, "an alias (*) to what it is part of");
    }
    struct lab_node *copy;
    enum core_status status = copy_node(builder, anchor->node, builder->depth, line, &copy);
    if (status == CORE_OK) attach(builder, copy);
    return status;
}

/* ---- Events ---- */

static int expects_key(const struct builder *builder) {
    return builder->depth > 0 && builder->open[builder->depth - 1]->kind == LAB_MAPPING && builder->pending == NULL;
}

static enum core_status take_scalar(struct builder *builder, const yaml_event_t *event, size_t line) {
    const char *text = (const char *)event->data.scalar.value;
    if (strlen(text) != event->data.scalar.length) return refuse(builder, line, "a zero byte within a text");
    if (expects_key(builder)) {
        builder->pending = core_copy_text(text);
        builder->pending_line = line;
        return builder->pending == NULL ? no_memory() : CORE_OK;
    }
    struct lab_node *node = lab_node_create(LAB_SCALAR, text, builder->origin, line);
    if (node == NULL) return no_memory();
    node->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    attach(builder, node);
    return remember(builder, event->data.scalar.anchor, node);
}

static enum core_status take_begin(struct builder *builder, enum lab_node_kind kind, const yaml_char_t *anchor,
                                   size_t line) {
    if (expects_key(builder)) return refuse(builder, line, "found a block or list where a key is expected");
    if (builder->depth == LAB_DOCUMENT_DEPTH) return refuse(builder, line, "nested too deeply");
    struct lab_node *node = lab_node_create(kind, NULL, builder->origin, line);
    if (node == NULL) return no_memory();
    attach(builder, node);
    builder->open[builder->depth++] = node;
    return remember(builder, anchor, node);
}

static enum core_status refuse_tag(const struct builder *builder, const yaml_char_t *tag, size_t line) {
    if (tag == NULL) return CORE_OK;
    char sentence[160];
    snprintf(sentence, sizeof sentence, "found the tag '%.80s'; a study has no tags", (const char *)tag);
    return refuse(builder, line, sentence);
}

static enum core_status take_event(struct builder *builder, const yaml_event_t *event) {
    size_t line = event->start_mark.line + 1;
    enum core_status status = CORE_OK;
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (++builder->documents == 1) return CORE_OK;
        return refuse(builder, line, "a second YAML document begins; a study is one document");
    case YAML_ALIAS_EVENT:
        if (expects_key(builder)) return refuse(builder, line, "found an alias where a key is expected");
        return take_alias(builder, (const char *)event->data.alias.anchor, line);
    case YAML_SCALAR_EVENT:
        if ((status = count_node(builder, line)) != CORE_OK) return status;
        if ((status = refuse_tag(builder, event->data.scalar.tag, line)) != CORE_OK) return status;
        return take_scalar(builder, event, line);
    case YAML_SEQUENCE_START_EVENT:
        if ((status = count_node(builder, line)) != CORE_OK) return status;
        if ((status = refuse_tag(builder, event->data.sequence_start.tag, line)) != CORE_OK) return status;
        return take_begin(builder, LAB_SEQUENCE, event->data.sequence_start.anchor, line);
    case YAML_MAPPING_START_EVENT:
        if ((status = count_node(builder, line)) != CORE_OK) return status;
        if ((status = refuse_tag(builder, event->data.mapping_start.tag, line)) != CORE_OK) return status;
        return take_begin(builder, LAB_MAPPING, event->data.mapping_start.anchor, line);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        builder->depth--;
        return CORE_OK;
    default:
        return CORE_OK;
    }
}

/* ---- libyaml's complaints ---- */

static size_t line_at(const struct builder *builder, size_t offset) {
    size_t line = 1;
    for (size_t i = 0; i < offset && i < builder->length; i++) line += builder->text[i] == '\n';
    return line;
}

/* Whether the blanks that begin a line hold a tab. */
static int indented_by_tab(const struct builder *builder, size_t line) {
    const char *at = builder->text, *end = builder->text + builder->length;
    for (size_t k = 1; k < line && at < end; k++) {
        const char *feed = memchr(at, '\n', (size_t)(end - at));
        at = feed == NULL ? end : feed + 1;
    }
    while (at < end && *at == ' ') at++;
    return at < end && *at == '\t';
}

static enum core_status parser_failed(const struct builder *builder, const yaml_parser_t *parser) {
    if (parser->error == YAML_MEMORY_ERROR) return no_memory();
    size_t line =
        parser->error == YAML_READER_ERROR ? line_at(builder, parser->problem_offset) : parser->problem_mark.line + 1;
    char sentence[512];
    snprintf(sentence, sizeof sentence, "not YAML: %s%s%s%s", parser->problem == NULL ? "" : parser->problem,
             parser->context == NULL ? "" : " ", parser->context == NULL ? "" : parser->context,
             indented_by_tab(builder, line) ? "; indent with blanks, not tabs" : "");
    return refuse(builder, line, sentence);
}

static enum core_status take_events(struct builder *builder, yaml_parser_t *parser) {
    enum core_status status = CORE_OK;
    for (int done = 0; !done && status == CORE_OK;) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event)) return parser_failed(builder, parser);
        done = event.type == YAML_STREAM_END_EVENT;
        status = take_event(builder, &event);
        yaml_event_delete(&event);
    }
    return status;
}

static void forget(struct builder *builder) {
    while (builder->anchors != NULL) {
        struct anchor *next = builder->anchors->next;
        core_free(builder->anchors->name);
        core_free(builder->anchors);
        builder->anchors = next;
    }
    core_free(builder->pending);
}

enum core_status lab_document_parse(struct lab_document *document, const char *text, size_t length, const char *key,
                                    const char *origin, struct lab_node **node) {
    struct builder builder = {
        .document = document,
        .text = text,
        .length = length,
        .key = key,
        .origin = origin,
    };
    *node = NULL;
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser)) return no_memory();
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, length);
    enum core_status status = take_events(&builder, &parser);
    yaml_parser_delete(&parser);
    forget(&builder);
    if (status == CORE_OK) {
        *node = builder.root;
    } else {
        lab_node_free(builder.root);
    }
    return status;
}
