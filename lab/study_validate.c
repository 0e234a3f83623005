/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/study_schema.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The document against the table of keys, in the order of the file: the first thing that is wrong is named. */

enum { PATH_BYTES = 512, SHOWN_BYTES = 40, BLOCKS_MAX = 1000 };

struct checker {
    struct lab_document *document;
    char path[PATH_BYTES]; /* of what is being checked */
};

/* ---- Sentences ---- */

/* Printable and short, for a message of one line. */
static void show(const char *text, char shown[SHOWN_BYTES + 8]) {
    size_t used = 0;
    for (; *text != '\0' && used < SHOWN_BYTES; text++) {
        unsigned char byte = (unsigned char)*text;
        shown[used++] = byte < 0x20 || byte == 0x7f ? '?' : (char)byte;
    }
    if (*text != '\0') {
        while (used > 0 && ((unsigned char)shown[used - 1] & 0xc0) == 0x80) used--; /* no half letters of UTF-8 */
        if (used > 0 && ((unsigned char)shown[used - 1] & 0xc0) == 0xc0) used--;
        memcpy(shown + used, "...", 3);
        used += 3;
    }
    shown[used] = '\0';
}

/* "'fast'", "nothing", "a list", ... */
static void describe_found(const struct lab_node *node, char found[SHOWN_BYTES + 32]) {
    char shown[SHOWN_BYTES + 8];
    if (node->kind != LAB_SCALAR) {
        snprintf(found, SHOWN_BYTES + 32, "%s", node->kind == LAB_SEQUENCE ? "a list" : "a block of keys");
    } else if (*node->text == '\0') {
        snprintf(found, SHOWN_BYTES + 32, "%s", node->quoted ? "an empty text" : "nothing");
    } else {
        show(node->text, shown);
        snprintf(found, SHOWN_BYTES + 32, "'%s'%s", shown, node->quoted ? " in quotes" : "");
    }
}

/* The description of a key, or of one element of its list, into room for messages. */
static void allowed_by(const struct lab_key *key, int element, char out[], size_t room) {
    struct lab_text text = {0};
    if (element) {
        lab_key_describe_element(key, &text);
    } else {
        lab_key_describe(key, &text);
    }
    snprintf(out, room, "%s", text.bytes == NULL ? "something else" : text.bytes);
    lab_text_clear(&text);
}

static enum core_status refuse(const struct checker *checker, const struct lab_node *node, const struct lab_key *key,
                               int element) {
    char found[SHOWN_BYTES + 32], allowed[512];
    describe_found(node, found);
    allowed_by(key, element, allowed, sizeof allowed);
    return lab_document_blame(checker->document, CORE_BAD_INPUT, node, checker->path, "found %s, expected %s", found,
                              allowed);
}

static const char *word_name(const void *context, size_t index) {
    return ((const struct lab_words *)context)->name(index);
}

static const char *key_name(const void *context, size_t index) {
    return ((const struct lab_mapping *)context)->keys[index].name;
}

static enum core_status refuse_word(const struct checker *checker, const struct lab_node *node,
                                    const struct lab_key *key) {
    char found[SHOWN_BYTES + 32], allowed[512];
    describe_found(node, found);
    allowed_by(key, 1, allowed, sizeof allowed);
    const char *nearest = node->kind == LAB_SCALAR ? lab_nearest(node->text, word_name, key->words) : NULL;
    return lab_document_blame(checker->document, CORE_BAD_INPUT, node, checker->path, "found %s, allowed: %s%s%s%s",
                              found, allowed, nearest == NULL ? "" : "; did you mean '", nearest == NULL ? "" : nearest,
                              nearest == NULL ? "" : "'?");
}

static enum core_status refuse_key(const struct checker *checker, const struct lab_node *node,
                                   const struct lab_mapping *mapping) {
    char allowed[512];
    size_t used = 0;
    for (const struct lab_key *key = mapping->keys; key->name != NULL && used < sizeof allowed; key++) {
        used += (size_t)snprintf(allowed + used, sizeof allowed - used, "%s%s", used == 0 ? "" : ", ", key->name);
    }
    const char *nearest = lab_nearest(node->key, key_name, mapping);
    return lab_document_blame(checker->document, CORE_BAD_INPUT, node, checker->path,
                              "unknown key%s%s%s (allowed here: %s)", nearest == NULL ? "" : "; did you mean '",
                              nearest == NULL ? "" : nearest, nearest == NULL ? "" : "'?", allowed);
}

/* ---- Values ---- */

/* [-+] digits [. digits] [e digits], a number in YAML; the text becomes a finite double that is no underflow. */
static int read_number(const struct lab_node *node, double *value) {
    if (node->kind != LAB_SCALAR || node->quoted) return 0;
    const char *at = node->text + (*node->text == '-' || *node->text == '+');
    size_t whole = strspn(at, "0123456789"), part = 0;
    at += whole;
    if (*at == '.') at += 1 + (part = strspn(at + 1, "0123456789"));
    if (whole + part == 0) return 0;
    if (*at == 'e' || *at == 'E') {
        at += 1 + (at[1] == '-' || at[1] == '+');
        size_t digits = strspn(at, "0123456789");
        if (digits == 0) return 0;
        at += digits;
    }
    if (*at != '\0') return 0;
    errno = 0;
    *value = strtod(node->text, NULL);
    return errno != ERANGE;
}

/* Decimal digits without leading zeros, which would be octal to some readers of YAML. */
static int read_whole(const struct lab_node *node, uint64_t *value) {
    if (node->kind != LAB_SCALAR || node->quoted) return 0;
    size_t digits = strspn(node->text, "0123456789");
    if (digits == 0 || node->text[digits] != '\0' || (digits > 1 && *node->text == '0')) return 0;
    errno = 0;
    *value = strtoull(node->text, NULL, 10);
    return errno != ERANGE;
}

static int within(const struct lab_interval *interval, double value) {
    int above = interval->low_open ? value > interval->low : value >= interval->low;
    int below = interval->high_open ? value < interval->high : value <= interval->high;
    return above && below;
}

static enum core_status check_count(struct checker *checker, struct lab_node *node, const struct lab_key *key) {
    uint64_t value;
    int fits = read_whole(node, &value) && within(key->interval, (double)value);
    return fits ? CORE_OK : refuse(checker, node, key, 1);
}

static enum core_status check_seed(struct checker *checker, struct lab_node *node, const struct lab_key *key) {
    uint64_t value;
    return read_whole(node, &value) ? CORE_OK : refuse(checker, node, key, 0);
}

static enum core_status check_number(struct checker *checker, struct lab_node *node, const struct lab_key *key) {
    double value;
    int fits = read_number(node, &value) && within(key->interval, value);
    return fits ? CORE_OK : refuse(checker, node, key, 1);
}

static enum core_status check_flag(struct checker *checker, struct lab_node *node, const struct lab_key *key) {
    int known = node->kind == LAB_SCALAR && !node->quoted &&
                (strcmp(node->text, "true") == 0 || strcmp(node->text, "false") == 0);
    return known ? CORE_OK : refuse(checker, node, key, 0);
}

/* A text is a scalar that is not null; a plain number or flag will do. */
static enum core_status check_text(struct checker *checker, struct lab_node *node, const struct lab_key *key) {
    int null =
        node->kind == LAB_SCALAR && !node->quoted && (strcmp(node->text, "~") == 0 || strcmp(node->text, "null") == 0);
    int fits = node->kind == LAB_SCALAR && *node->text != '\0' && !null;
    return fits ? CORE_OK : refuse(checker, node, key, 0);
}

static enum core_status check_word(struct checker *checker, struct lab_node *node, const struct lab_key *key) {
    int known = node->kind == LAB_SCALAR && lab_words_find(key->words, node->text) != SIZE_MAX;
    return known ? CORE_OK : refuse_word(checker, node, key);
}

typedef enum core_status check(struct checker *checker, struct lab_node *node, const struct lab_key *key);

/* Every element of a list of one or more. */
static enum core_status check_list(struct checker *checker, struct lab_node *node, const struct lab_key *key,
                                   check *element) {
    if (node->kind != LAB_SEQUENCE) return refuse(checker, node, key, 0);
    if (node->count == 0) {
        return lab_document_blame(checker->document, CORE_BAD_INPUT, node, checker->path,
                                  "found an empty list, expected one element or more");
    }
    size_t length = strlen(checker->path), index = 0;
    for (struct lab_node *child = node->first; child != NULL; child = child->next, index++) {
        snprintf(checker->path + length, PATH_BYTES - length, "[%zu]", index);
        enum core_status status = element(checker, child, key);
        if (status != CORE_OK) return status;
    }
    checker->path[length] = '\0';
    return CORE_OK;
}

static enum core_status check_counts(struct checker *checker, struct lab_node *node, const struct lab_key *key) {
    return check_list(checker, node, key, check_count);
}

static enum core_status check_numbers(struct checker *checker, struct lab_node *node, const struct lab_key *key) {
    return check_list(checker, node, key, check_number);
}

static enum core_status check_words(struct checker *checker, struct lab_node *node, const struct lab_key *key) {
    return check_list(checker, node, key, check_word);
}

static enum core_status check_row(struct checker *checker, struct lab_node *node, const struct lab_key *key) {
    if (node->kind == LAB_SEQUENCE) return check_list(checker, node, key, check_number);
    char found[SHOWN_BYTES + 32];
    describe_found(node, found);
    return lab_document_blame(checker->document, CORE_BAD_INPUT, node, checker->path,
                              "found %s, expected a row, a list of numbers", found);
}

static enum core_status check_matrix(struct checker *checker, struct lab_node *node, const struct lab_key *key) {
    return check_list(checker, node, key, check_row);
}

static enum core_status check_pair(struct checker *checker, struct lab_node *node, const struct lab_key *key) {
    if (node->kind == LAB_SEQUENCE && node->count == 2) return check_list(checker, node, key, check_word);
    char found[SHOWN_BYTES + 32];
    describe_found(node, found);
    return lab_document_blame(checker->document, CORE_BAD_INPUT, node, checker->path,
                              "found %s, expected a pair, [lower, upper]", found);
}

/* One word is one pair of it (lab/study_defaults.c writes it so). */
static enum core_status check_pairs(struct checker *checker, struct lab_node *node, const struct lab_key *key) {
    return node->kind == LAB_SCALAR ? check_word(checker, node, key) : check_list(checker, node, key, check_pair);
}

/* The word auto is the absence of levels. */
static enum core_status check_levels(struct checker *checker, struct lab_node *node, const struct lab_key *key) {
    if (node->kind == LAB_SCALAR && strcmp(node->text, "auto") == 0) {
        node->hidden = 1;
        return CORE_OK;
    }
    return check_list(checker, node, key, check_number);
}

/* ---- Blocks ---- */

static enum core_status check_key(struct checker *checker, struct lab_node *node, const struct lab_key *key);

/* Given once; node is a child of mapping. */
static enum core_status check_once(const struct checker *checker, const struct lab_node *mapping,
                                   const struct lab_node *node) {
    const struct lab_node *first = lab_node_get(mapping, node->key);
    if (first == node) return CORE_OK;
    return lab_document_blame(checker->document, CORE_BAD_INPUT, node, checker->path,
                              "given twice, first in line %zu; allowed: once", first->line);
}

static enum core_status check_present(struct checker *checker, const struct lab_node *mapping,
                                      const struct lab_key *key) {
    if (!lab_key_required(key) || lab_node_get(mapping, key->name) != NULL) return CORE_OK;
    char allowed[512];
    size_t length = strlen(checker->path);
    allowed_by(key, 0, allowed, sizeof allowed);
    snprintf(checker->path + length, PATH_BYTES - length, "%s%s", length == 0 ? "" : ".", key->name);
    return lab_document_blame(checker->document, CORE_BAD_INPUT, mapping, checker->path, "missing; expected %s",
                              allowed);
}

static enum core_status check_mapping(struct checker *checker, struct lab_node *node,
                                      const struct lab_mapping *mapping) {
    size_t length = strlen(checker->path);
    char shown[SHOWN_BYTES + 8];
    for (struct lab_node *child = node->first; child != NULL; child = child->next) {
        const struct lab_key *key = mapping->keys;
        while (key->name != NULL && strcmp(key->name, child->key) != 0) key++;
        show(child->key, shown);
        snprintf(checker->path + length, PATH_BYTES - length, "%s%s", length == 0 ? "" : ".", shown);
        if (key->name == NULL) return refuse_key(checker, child, mapping);
        enum core_status status = check_once(checker, node, child);
        if (status == CORE_OK) status = check_key(checker, child, key);
        if (status != CORE_OK) return status;
        checker->path[length] = '\0';
    }
    for (const struct lab_key *key = mapping->keys; key->name != NULL; key++) {
        enum core_status status = check_present(checker, node, key);
        if (status != CORE_OK) return status;
    }
    return CORE_OK;
}

static enum core_status check_block(struct checker *checker, struct lab_node *node, const struct lab_key *key) {
    if (node->kind != LAB_MAPPING) return refuse(checker, node, key, key->kind == LAB_KEY_BLOCKS);
    return check_mapping(checker, node, key->block);
}

static enum core_status check_blocks(struct checker *checker, struct lab_node *node, const struct lab_key *key) {
    if (node->count <= BLOCKS_MAX) return check_list(checker, node, key, check_block);
    return lab_document_blame(checker->document, CORE_BAD_INPUT, node, checker->path,
                              "found %zu elements, expected at most %d", node->count, BLOCKS_MAX);
}

static enum core_status check_key(struct checker *checker, struct lab_node *node, const struct lab_key *key) {
    static check *const checks[] = {
        [LAB_KEY_COUNT] = check_count,   [LAB_KEY_SEED] = check_seed,     [LAB_KEY_NUMBER] = check_number,
        [LAB_KEY_FLAG] = check_flag,     [LAB_KEY_TEXT] = check_text,     [LAB_KEY_FILE] = check_text,
        [LAB_KEY_WORD] = check_word,     [LAB_KEY_COUNTS] = check_counts, [LAB_KEY_NUMBERS] = check_numbers,
        [LAB_KEY_LEVELS] = check_levels, [LAB_KEY_WORDS] = check_words,   [LAB_KEY_MATRIX] = check_matrix,
        [LAB_KEY_PAIRS] = check_pairs,   [LAB_KEY_BLOCK] = check_block,   [LAB_KEY_BLOCKS] = check_blocks,
    };
    return checks[key->kind](checker, node, key);
}

enum core_status lab_study_validate(struct lab_document *document) {
    struct checker checker = {.document = document};
    return check_mapping(&checker, document->root, lab_study_mapping);
}
