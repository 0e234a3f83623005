/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/study_schema.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* What the table of keys says, in words: for messages and for `kramers help study`. */

/* ---- Descriptions ---- */

/* " > 0 and <= 2"; nothing for a range without ends. */
static void describe_interval(const struct lab_interval *interval, struct lab_text *text) {
    if (interval == NULL) return;
    int low = isfinite(interval->low), high = isfinite(interval->high);
    if (low) lab_text_printf(text, " %s %.10g", interval->low_open ? ">" : ">=", interval->low);
    if (low && high) lab_text_add(text, " and");
    if (high) lab_text_printf(text, " %s %.10g", interval->high_open ? "<" : "<=", interval->high);
}

static void describe_words(const struct lab_words *words, struct lab_text *text) {
    const char *name;
    for (size_t i = 0; (name = words->name(i)) != NULL; i++) {
        lab_text_printf(text, "%s%s", i == 0 ? "" : ", ", name);
    }
}

/* The noun of each kind, alone and as an element of a list; what the range or the words follow. */
static const struct {
    const char *one, *element;
} nouns[] = {
    [LAB_KEY_COUNT] = {"a whole number", "a whole number"},
    [LAB_KEY_SEED] = {"a whole number >= 0 and <= 18446744073709551615", ""},
    [LAB_KEY_NUMBER] = {"a number", "a number"},
    [LAB_KEY_FLAG] = {"true or false", ""},
    [LAB_KEY_TEXT] = {"a text", ""},
    [LAB_KEY_FILE] = {"the name of a file", ""},
    [LAB_KEY_WORD] = {"", ""},
    [LAB_KEY_COUNTS] = {"a list of whole numbers", "a whole number"},
    [LAB_KEY_NUMBERS] = {"a list of numbers", "a number"},
    [LAB_KEY_LEVELS] = {"auto or a list of numbers", "a number"},
    [LAB_KEY_WORDS] = {"a list of ", ""},
    [LAB_KEY_MATRIX] = {"a list of rows, each a list of numbers", "a number"},
    [LAB_KEY_PAIRS] = {"a word, or a list of pairs of words, one pair per axis: ", ""},
    [LAB_KEY_BLOCK] = {"a block of keys", ""},
    [LAB_KEY_BLOCKS] = {"a list of blocks of keys", "a block of keys"},
};

static void describe(const struct lab_key *key, const char *noun, struct lab_text *text) {
    lab_text_add(text, noun);
    if (key->words != NULL) describe_words(key->words, text);
    describe_interval(key->interval, text);
}

void lab_key_describe(const struct lab_key *key, struct lab_text *text) {
    describe(key, nouns[key->kind].one, text);
}

void lab_key_describe_element(const struct lab_key *key, struct lab_text *text) {
    describe(key, nouns[key->kind].element, text);
}

/* ---- Slips ---- */

enum { LONGEST_WORD = 40 };

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Letters to insert, drop, replace or swap with their neighbour to make b of a (Damerau); each pair of letters is
 * touched once. Three rows of the table of prefixes are enough. */
static size_t edit_distance(const char *a, const char *b) {
    size_t rows[3][LONGEST_WORD + 1], n = strlen(a), m = strlen(b);
    if (n > LONGEST_WORD || m > LONGEST_WORD) return SIZE_MAX;
    for (size_t j = 0; j <= m; j++) rows[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t *now = rows[i % 3], *before = rows[(i + 2) % 3], *earlier = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= m; j++) {
            now[j] = least(least(before[j], now[j - 1]) + 1, before[j - 1] + (a[i - 1] != b[j - 1]));
            int swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) now[j] = least(now[j], earlier[j - 2] + 1);
        }
    }
    return rows[n % 3][m];
}

const char *lab_nearest(const char *word, const char *(*name)(const void *context, size_t index), const void *context) {
    const char *best = NULL, *candidate;
    size_t best_distance = SIZE_MAX;
    for (size_t i = 0; (candidate = name(context, i)) != NULL; i++) {
        size_t distance = edit_distance(word, candidate);
        size_t allowed = strlen(candidate) < 4 ? 1 : 1 + strlen(candidate) / 4;
        if (distance > allowed || distance >= best_distance) continue;
        best = candidate;
        best_distance = distance;
    }
    return best;
}

/* ---- kramers help study ---- */

static void print_block(FILE *out, const struct lab_mapping *block, const char *prefix);

static void print_key(FILE *out, const struct lab_key *key, const char *prefix) {
    struct lab_text path = {0}, allowed = {0};
    lab_text_printf(&path, "%s%s%s", prefix, key->name, key->kind == LAB_KEY_BLOCKS ? "[]" : "");
    lab_key_describe(key, &allowed);
    if (!path.failed && !allowed.failed) {
        fprintf(out, "%s\n    %s\n    %s", path.bytes, key->sentence, allowed.bytes);
        if (key->belongs != NULL) fprintf(out, "; only with %s", key->belongs);
        int describes = key->initial != NULL && *key->initial == '('; /* "(required)" without its parentheses */
        if (describes) {
            const char *inner = key->initial + 1;
            fprintf(out, "; %s%.*s", lab_key_required(key) ? "" : "default: ", (int)strlen(inner) - 1, inner);
        } else if (key->initial != NULL) {
            fprintf(out, "; default: %s", key->initial);
        }
        fprintf(out, "\n");
        lab_text_add(&path, ".");
        if (key->block != NULL && !path.failed) print_block(out, key->block, path.bytes);
    }
    lab_text_clear(&path);
    lab_text_clear(&allowed);
}

/* As deep as the table is. */
static void print_block(FILE *out, const struct lab_mapping *block, const char *prefix) {
    for (const struct lab_key *key = block->keys; key->name != NULL; key++) print_key(out, key, prefix);
}

void lab_study_print_keys(FILE *out) {
    print_block(out, lab_study_mapping, "");
}
