/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lab/svg.h"

#include <string.h>

/* A picture is read tag by tag, twice: once to see that everything in it is known, once to write it. A list of what is
 * known, and not of what is dangerous: no script, no event attribute, no foreign object, no address outside. */

static const char *const elements[] = {"svg",      "g",       "defs",    "path",        "rect",           "circle",
                                       "use",      "polygon", "text",    "tspan",       "clipPath",       "pattern",
                                       "filter",   "feFlood", "ellipse", "feComposite", "linearGradient", "stop",
                                       "polyline", "line",    NULL};
static const char *const attributes[] = {"width",
                                         "height",
                                         "viewBox",
                                         "xmlns",
                                         "xmlns:xlink",
                                         "id",
                                         "x",
                                         "y",
                                         "x1",
                                         "y1",
                                         "x2",
                                         "y2",
                                         "cx",
                                         "cy",
                                         "r",
                                         "rx",
                                         "ry",
                                         "d",
                                         "points",
                                         "transform",
                                         "fill",
                                         "fill-opacity",
                                         "fill-rule",
                                         "stroke",
                                         "stroke-width",
                                         "stroke-opacity",
                                         "stroke-linecap",
                                         "stroke-linejoin",
                                         "stroke-dasharray",
                                         "color",
                                         "opacity",
                                         "font-family",
                                         "font-size",
                                         "font-weight",
                                         "font-style",
                                         "text-anchor",
                                         "dominant-baseline",
                                         "baseline-shift",
                                         "dy",
                                         "dx",
                                         "shape-rendering",
                                         "clip-path",
                                         "filter",
                                         "filterUnits",
                                         "flood-color",
                                         "flood-opacity",
                                         "result",
                                         "in",
                                         "in2",
                                         "operator",
                                         "patternUnits",
                                         "xlink:href",
                                         "href",
                                         "xml:space",
                                         "class",
                                         "offset",
                                         "stop-color",
                                         NULL};
static const char *const dropped[] = {"title", "desc", NULL};

/* A piece of the text. */
struct span {
    const char *at;
    size_t length;
};

static int is_in(struct span word, const char *const list[]) {
    for (size_t k = 0; list[k]; k++)
        if (strlen(list[k]) == word.length && memcmp(list[k], word.at, word.length) == 0) return 1;
    return 0;
}

static size_t blanks(const char *s) {
    return strspn(s, " \t\r\n");
}

static struct span word_at(const char *s) {
    return (struct span){s, strcspn(s, " \t\r\n=/<>\"'")};
}

/* A reference may only be "#name" or "url(#name)"; any other value must not look like one. */
static int value_is_safe(struct span name, struct span value) {
    int reference = name.length >= 4 && memcmp(name.at + name.length - 4, "href", 4) == 0;
    if (reference) return value.length > 1 && value.at[0] == '#';
    for (size_t i = 0; i + 4 <= value.length; i++)
        if (memcmp(value.at + i, "url(", 4) == 0 && (i + 4 == value.length || value.at[i + 4] != '#')) return 0;
    return memchr(value.at, '<', value.length) == NULL && memchr(value.at, '&', value.length) == NULL &&
           memchr(value.at, '\\', value.length) == NULL;
}

/* The value with the prefix put before every id it names. */
static void put_value(struct lab_page *page, struct span name, struct span value, const char *prefix) {
    int is_id = name.length == 2 && memcmp(name.at, "id", 2) == 0;
    int is_link = !is_id && value.length > 1 && value.at[0] == '#' && name.at[name.length - 1] == 'f';
    if (is_id) lab_put(page, "%s-", prefix);
    for (size_t i = 0; i < value.length; i++) {
        lab_put_bytes(page, value.at + i, 1);
        int target = i >= 4 && memcmp(value.at + i - 4, "url(#", 5) == 0;
        if (target || (is_link && i == 0)) lab_put(page, "%s-", prefix);
    }
}

/* Attributes from `s` to the end of the tag: the place after '>', NULL when something is unknown. page NULL: only
 * looks. */
static const char *read_attributes(struct lab_page *page, const char *s, const char *prefix) {
    for (;;) {
        s += blanks(s);
        int closing = *s == '/';
        if (s[closing] == '>') {
            if (page) lab_put(page, "%s>", closing ? "/" : "");
            return s + closing + 1;
        }
        struct span name = word_at(s);
        if (!is_in(name, attributes)) return NULL;
        s += name.length;
        s += blanks(s);
        if (*s != '=') return NULL;
        s += 1 + blanks(s + 1);
        char quote[2] = {*s, '\0'};
        if (*quote != '"' && *quote != '\'') return NULL;
        struct span value = {s + 1, strcspn(s + 1, quote)};
        s = value.at + value.length;
        if (*s != *quote || !value_is_safe(name, value)) return NULL;
        s++;
        if (page == NULL) continue;
        lab_put(page, " ");
        lab_put_bytes(page, name.at, name.length);
        lab_put(page, "=%s", quote);
        put_value(page, name, value, prefix);
        lab_put(page, "%s", quote);
    }
}

/* A tag at `s` = '<': the place after it, NULL when it is unknown. A dropped element is passed over as a whole. */
static const char *read_tag(struct lab_page *page, const char *s, const char *prefix) {
    int closing = s[1] == '/';
    struct span name = word_at(s + 1 + closing);
    if (!closing && is_in(name, dropped)) {
        const char *end = strchr(s, '>');
        end = end ? strstr(end, "</") : NULL;
        end = end ? strchr(end, '>') : NULL;
        return end ? end + 1 : NULL;
    }
    if (!is_in(name, elements)) return NULL;
    if (page) {
        lab_put(page, closing ? "</" : "<");
        lab_put_bytes(page, name.at, name.length);
    }
    return read_attributes(page, name.at + name.length, prefix);
}

static int read_picture(struct lab_page *page, const char *s, const char *prefix) {
    int inside = 0;
    for (s = strstr(s, "<svg"); s && *s; inside = 1) {
        if (inside && *s != '<') {
            size_t length = strcspn(s, "<");
            if (page) lab_put_bytes(page, s, length);
            s += length;
        } else
            s = read_tag(page, s, prefix);
    }
    return s != NULL;
}

int lab_put_svg(struct lab_page *page, const char *svg, const char *prefix) {
    return read_picture(NULL, svg, prefix) && read_picture(page, svg, prefix);
}
