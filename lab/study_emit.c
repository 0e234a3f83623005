/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/study_document.h"

#include "lab/text.h"

#include <string.h>
#include <yaml.h>

/* From the tree to YAML text, by libyaml's emitter. Lists of plain values stand in one line; what was quoted stays
 * quoted, so that the text '5' does not become a number. Line breaks and folds are off: one value, one line. */

struct writer {
    yaml_emitter_t emitter;
    struct lab_text text;
    int for_schema;
};

static int append(void *context, unsigned char *bytes, size_t count) {
    struct writer *writer = context;
    lab_text_append(&writer->text, (const char *)bytes, count);
    return !writer->text.failed;
}

static int emit_scalar(struct writer *writer, const char *text, int quoted) {
    yaml_event_t event;
    yaml_scalar_style_t style = quoted ? YAML_DOUBLE_QUOTED_SCALAR_STYLE : YAML_PLAIN_SCALAR_STYLE;
    size_t length = strlen(text);
    return length <= LAB_DOCUMENT_BYTES &&
           yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text, (int)length, !quoted, 1,
                                        style) &&
           yaml_emitter_emit(&writer->emitter, &event);
}

static int begin_mapping(struct writer *writer, yaml_mapping_style_t style) {
    yaml_event_t event;
    return yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, style) &&
           yaml_emitter_emit(&writer->emitter, &event);
}

static int end_mapping(struct writer *writer) {
    yaml_event_t event;
    return yaml_mapping_end_event_initialize(&event) && yaml_emitter_emit(&writer->emitter, &event);
}

static int begin_sequence(struct writer *writer, yaml_sequence_style_t style) {
    yaml_event_t event;
    return yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, style) &&
           yaml_emitter_emit(&writer->emitter, &event);
}

static int end_sequence(struct writer *writer) {
    yaml_event_t event;
    return yaml_sequence_end_event_initialize(&event) && yaml_emitter_emit(&writer->emitter, &event);
}

/* Whether all that a node holds is scalars: such lists and blocks are written in one line. */
static int is_flat(const struct lab_node *node) {
    const struct lab_node *child = node->first;
    while (child != NULL && child->kind == LAB_SCALAR) child = child->next;
    return child == NULL;
}

static int emit_node(struct writer *writer, const struct lab_node *node, int in_list);

static int emit_mapping(struct writer *writer, const struct lab_node *node, int in_list) {
    int flow = in_list && is_flat(node);
    if (!begin_mapping(writer, flow ? YAML_FLOW_MAPPING_STYLE : YAML_BLOCK_MAPPING_STYLE)) return 0;
    for (const struct lab_node *child = node->first; child != NULL; child = child->next) {
        if (writer->for_schema && child->hidden) continue;
        if (!emit_scalar(writer, child->key, 0) || !emit_node(writer, child, 0)) return 0;
    }
    return end_mapping(writer);
}

static int emit_sequence(struct writer *writer, const struct lab_node *node, int in_list) {
    int wrap = in_list && writer->for_schema;
    if (wrap && !(begin_mapping(writer, YAML_FLOW_MAPPING_STYLE) && emit_scalar(writer, "values", 0))) return 0;
    if (!begin_sequence(writer, is_flat(node) ? YAML_FLOW_SEQUENCE_STYLE : YAML_BLOCK_SEQUENCE_STYLE)) return 0;
    for (const struct lab_node *child = node->first; child != NULL; child = child->next) {
        if (!emit_node(writer, child, 1)) return 0;
    }
    return end_sequence(writer) && (!wrap || end_mapping(writer));
}

/* No deeper than LAB_DOCUMENT_DEPTH. */
static int emit_node(struct writer *writer, const struct lab_node *node, int in_list) {
    switch (node->kind) {
    case LAB_SCALAR:
        return emit_scalar(writer, node->text, node->quoted);
    case LAB_SEQUENCE:
        return emit_sequence(writer, node, in_list);
    default:
        return emit_mapping(writer, node, in_list);
    }
}

static int emit_stream(struct writer *writer, const struct lab_node *root) {
    yaml_event_t event;
    yaml_emitter_t *emitter = &writer->emitter;
    return yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING) && yaml_emitter_emit(emitter, &event) &&
           yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1) && yaml_emitter_emit(emitter, &event) &&
           emit_node(writer, root, 0) && yaml_document_end_event_initialize(&event, 1) &&
           yaml_emitter_emit(emitter, &event) && yaml_stream_end_event_initialize(&event) &&
           yaml_emitter_emit(emitter, &event);
}

enum core_status lab_document_emit(const struct lab_document *document, int for_schema, char **text) {
    struct writer writer = {.for_schema = for_schema};
    *text = NULL;
    if (!yaml_emitter_initialize(&writer.emitter)) return core_fail(CORE_NO_MEMORY, "no memory for the study");
    yaml_emitter_set_output(&writer.emitter, append, &writer);
    yaml_emitter_set_unicode(&writer.emitter, 1);
    yaml_emitter_set_width(&writer.emitter, -1);
    int done = emit_stream(&writer, document->root);
    yaml_emitter_delete(&writer.emitter);
    if (done) return lab_text_take(&writer.text, text);
    lab_text_clear(&writer.text);
    return core_fail(CORE_NO_MEMORY, "no memory for the study");
}
