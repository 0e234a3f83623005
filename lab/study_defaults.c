/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/study_schema.h"

#include "core/ensemble.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Defaults are written into the document, so that what runs is what `effective` says. Most come from the table of keys;
 * those that depend on other keys are here. */

/* ---- Which keys belong together ---- */

/* Whether the key that "noise: stable, poisson" names has one of these words beside it. */
static int belongs(const struct lab_node *mapping, const char *rule) {
    char owner[32];
    const char *words = strchr(rule, ':') + 1;
    snprintf(owner, sizeof owner, "%.*s", (int)(words - 1 - rule), rule);
    const char *word = lab_node_word(mapping, owner);
    if (word == NULL) return 0;
    for (size_t length; *(words += strspn(words, ", ")) != '\0'; words += length) {
        length = strcspn(words, ",");
        if (strlen(word) == length && strncmp(words, word, length) == 0) return 1;
    }
    return 0;
}

typedef enum core_status visit(struct lab_document *document, struct lab_node *mapping, const struct lab_key *key,
                               const char *path);

static enum core_status walk(struct lab_document *document, struct lab_node *mapping, const struct lab_mapping *block,
                             const char *path, visit *visitor);

/* Visits the keys below `key`, where it holds any. */
static enum core_status descend(struct lab_document *document, struct lab_node *node, const struct lab_key *key,
                                const char *path, visit *visitor) {
    if (node == NULL || key->block == NULL) return CORE_OK;
    if (key->kind == LAB_KEY_BLOCK) return walk(document, node, key->block, path, visitor);
    size_t index = 0;
    for (struct lab_node *child = node->first; child != NULL; child = child->next, index++) {
        char inner[560];
        snprintf(inner, sizeof inner, "%s[%zu]", path, index);
        enum core_status status = walk(document, child, key->block, inner, visitor);
        if (status != CORE_OK) return status;
    }
    return CORE_OK;
}

/* Visits every key that the table knows for the blocks that the document has. */
static enum core_status walk(struct lab_document *document, struct lab_node *mapping, const struct lab_mapping *block,
                             const char *path, visit *visitor) {
    for (const struct lab_key *key = block->keys; key->name != NULL; key++) {
        char inner[512];
        snprintf(inner, sizeof inner, "%s%s%s", path, *path == '\0' ? "" : ".", key->name);
        enum core_status status = visitor(document, mapping, key, inner);
        if (status == CORE_OK) {
            status = descend(document, lab_node_get(mapping, key->name), key, inner, visitor);
        }
        if (status != CORE_OK) return status;
    }
    return CORE_OK;
}

static enum core_status visit_belongs(struct lab_document *document, struct lab_node *mapping,
                                      const struct lab_key *key, const char *path) {
    const struct lab_node *node = lab_node_get(mapping, key->name);
    if (node == NULL || key->belongs == NULL || belongs(mapping, key->belongs)) return CORE_OK;
    char owner[32], found[64];
    snprintf(owner, sizeof owner, "%.*s", (int)strcspn(key->belongs, ":"), key->belongs);
    const struct lab_node *other = lab_node_get(mapping, owner);
    if (other == NULL) {
        snprintf(found, sizeof found, "no %s", owner);
    } else {
        snprintf(found, sizeof found, "%s: %s", owner, other->kind == LAB_SCALAR ? other->text : "a list");
    }
    return lab_document_blame(document, CORE_BAD_INPUT, node, path, "%s belongs to %s; found %s", key->name,
                              key->belongs, found);
}

static enum core_status visit_default(struct lab_document *document, struct lab_node *mapping,
                                      const struct lab_key *key, const char *path) {
    (void)path;
    if (key->initial == NULL || *key->initial == '(') return CORE_OK;
    if (key->belongs != NULL && !belongs(mapping, key->belongs)) return CORE_OK;
    enum core_status status = lab_document_default(document, mapping, key->name, key->initial);
    struct lab_node *node = lab_node_get(mapping, key->name);
    if (status == CORE_OK && key->kind == LAB_KEY_LEVELS && node->kind == LAB_SCALAR) node->hidden = 1;
    return status;
}

/* ---- Defaults that depend on other keys ---- */

static int word_is(const struct lab_node *mapping, const char *key, const char *word) {
    const char *found = lab_node_word(mapping, key);
    return found != NULL && strcmp(found, word) == 0;
}

/* A text that is no YAML of ours, as it is. */
static enum core_status default_title(struct lab_node *root) {
    if (lab_node_get(root, "title") != NULL) return CORE_OK;
    const struct lab_node *name = lab_node_get(root, "name");
    struct lab_node *title = lab_node_create(LAB_SCALAR, name->text, LAB_ORIGIN_DEFAULT, name->line);
    if (title == NULL) return core_fail(CORE_NO_MEMORY, "no memory for the study");
    title->quoted = name->quoted;
    return lab_node_put(root, "title", strlen("title"), title);
}

static enum core_status default_landscape(struct lab_document *document, struct lab_node *landscape) {
    struct lab_node *network = lab_node_get(landscape, "network"), *data = lab_node_get(network, "data");
    struct lab_node *potential = lab_node_get(landscape, "potential"), *start = lab_node_get(network, "start");
    enum core_status status = CORE_OK;
    if (lab_node_get(data, "teacher") != NULL) status = lab_document_default(document, data, "label_noise", "0");
    if (status != CORE_OK) return status;
    if (start == NULL) start = lab_node_get(potential, "start");
    if (lab_node_get(start, "law") == NULL || word_is(start, "law", "deepest") || word_is(start, "law", "saddle"))
        return CORE_OK;
    int at_point = potential != NULL || word_is(start, "law", "point");
    return lab_document_default(document, start, "scale", at_point ? "0" : "0.02");
}

static double number(const struct lab_node *mapping, const char *key) {
    const char *text = lab_node_word(mapping, key);
    return text == NULL ? 0 : strtod(text, NULL);
}

static enum core_status default_schedule(struct lab_document *document, struct lab_node *run) {
    struct lab_node *schedule = lab_node_get(run, "schedule");
    if (schedule == NULL || word_is(schedule, "law", "constant")) return CORE_OK;
    char whole[32];
    double left = number(run, "steps") - number(schedule, "warm_up");
    snprintf(whole, sizeof whole, "%.0f", left > 1 ? left : 1);
    const char *every = word_is(schedule, "law", "cosine") ? whole : "1";
    if (word_is(schedule, "law", "step-decay")) every = "1000";
    return lab_document_default(document, schedule, "every", every);
}

static enum core_status default_models(struct lab_document *document, struct lab_node *models,
                                       const struct lab_node *potential, const struct lab_node *run) {
    if (models == NULL) return CORE_OK;
    int noiseless = potential != NULL && lab_node_get(potential, "noise") == NULL;
    const char *replicas = lab_node_word(run, "replicas");
    for (struct lab_node *model = models->first; model != NULL; model = model->next) {
        int isotropic = noiseless && !word_is(model, "noise", "poisson");
        enum core_status status = lab_document_default(document, model, "covariance", isotropic ? "isotropic" : "sgd");
        if (status == CORE_OK && replicas != NULL) {
            status = lab_document_default(document, model, "replicas", replicas);
        }
        if (status != CORE_OK) return status;
    }
    return CORE_OK;
}

/* walls: reflecting is [[reflecting, reflecting]]. */
static enum core_status default_walls(struct lab_document *document, struct lab_node *ffpe) {
    struct lab_node *walls = lab_node_get(ffpe, "walls");
    if (walls == NULL || walls->kind != LAB_SCALAR) return CORE_OK;
    char text[80];
    snprintf(text, sizeof text, "[[%s, %s]]", walls->text, walls->text);
    size_t line = walls->line;
    enum core_status status = lab_document_change(document, ffpe, walls, text, walls->origin);
    if (status == CORE_OK) lab_node_get(ffpe, "walls")->line = line;
    return status;
}

/* The end of the run, from nodes that hold all their defaults by now. */
static enum core_status default_record(struct lab_document *document, const struct lab_node *run) {
    if (run == NULL) return CORE_OK;
    const struct lab_node *decay = lab_node_get(run, "schedule");
    struct core_schedule schedule = {.rate = number(run, "rate"), .factor = 1, .every = 1};
    if (decay != NULL) {
        schedule.law = (enum core_schedule_law)lab_words_find(&lab_schedule_laws, lab_node_word(decay, "law"));
        if (word_is(decay, "law", "step-decay")) schedule.factor = number(decay, "factor");
        if (!word_is(decay, "law", "constant")) schedule.every = (size_t)number(decay, "every");
        schedule.floor = number(decay, "floor");
        schedule.warm_up = (size_t)number(decay, "warm_up");
    }
    char text[64];
    snprintf(text, sizeof text, "[%.17g]", core_schedule_time(&schedule, (size_t)number(run, "steps")));
    return lab_document_default(document, document->root, "record", text);
}

/* Before the table's defaults, some of which belong to samplers. */
static enum core_status default_sampler(struct lab_document *document, struct lab_node *llc, int on_potential) {
    return llc == NULL ? CORE_OK : lab_document_default(document, llc, "sampler", on_potential ? "mala" : "gibbs");
}

/* A saddle's rank is how many modes it keeps, where they are given. Before the table's default, which is 0. */
static enum core_status default_rank(struct lab_document *document, const struct lab_node *landscape) {
    struct lab_node *start = lab_node_get(lab_node_get(landscape, "network"), "start");
    const struct lab_node *modes = lab_node_get(start, "modes");
    char text[32];
    size_t count = 0;
    if (modes == NULL || modes->kind != LAB_SEQUENCE || !word_is(start, "law", "saddle")) return CORE_OK;
    for (const struct lab_node *mode = modes->first; mode != NULL; mode = mode->next) count++;
    snprintf(text, sizeof text, "%zu", count);
    return lab_document_default(document, start, "rank", text);
}

enum core_status lab_study_defaults(struct lab_document *document) {
    struct lab_node *root = document->root, *landscape = lab_node_get(root, "landscape");
    struct lab_node *sgd = lab_node_get(root, "sgd"), *sde = lab_node_get(root, "sde");
    struct lab_node *run = sgd != NULL ? sgd : sde, *potential = lab_node_get(landscape, "potential");
    enum core_status status = default_sampler(document, lab_node_get(root, "llc"), potential != NULL);
    if (status == CORE_OK) status = default_rank(document, landscape);
    if (status == CORE_OK) status = walk(document, root, lab_study_mapping, "", visit_default);
    if (status == CORE_OK) status = default_title(root);
    if (status == CORE_OK) status = default_landscape(document, landscape);
    if (status == CORE_OK) status = default_schedule(document, sgd);
    if (status == CORE_OK) status = default_schedule(document, sde);
    if (status == CORE_OK) status = default_models(document, lab_node_get(root, "models"), potential, run);
    if (status == CORE_OK) status = default_record(document, run);
    if (status == CORE_OK) status = default_walls(document, lab_node_get(root, "ffpe"));
    return status == CORE_OK ? walk(document, root, lab_study_mapping, "", visit_belongs) : status;
}
