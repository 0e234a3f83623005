/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading CSV. Lines end in \n, \r\n or \r; blank lines and lines whose first character is '#' are skipped; a field may
 * stand in double quotes, with "" for a quote inside. The separator is found on the first line: a semicolon if it holds
 * one, else a comma, else a tab, else blanks. The text is walked twice: once to count the rows, once for the numbers.
 */
#include "core/memory.h"
#include "core/table_formats.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A piece of the text, [start, end). */
struct piece {
    const char *start, *end;
};

struct reader {
    const char *path;
    const char *next, *end; /* what is left */
    size_t line;            /* number of the line last given, from 1 */
    char separator;         /* ' ' means any blanks */
};

enum { SHOWN = 40 }; /* bytes of a wrong field that a message shows */

static int is_blank(char c) {
    return c == ' ' || c == '\t';
}

static struct piece trimmed(struct piece p) {
    while (p.start < p.end && is_blank(*p.start)) p.start++;
    while (p.end > p.start && is_blank(p.end[-1])) p.end--;
    return p;
}

/* The next line that is neither blank nor a comment, without blanks around it where blanks separate; 0 at the end. */
static int next_line(struct reader *reader, struct piece *line) {
    while (reader->next < reader->end) {
        const char *start = reader->next, *stop = start;
        while (stop < reader->end && *stop != '\n' && *stop != '\r') stop++;
        reader->next = stop < reader->end ? stop + 1 : stop;
        if (stop + 1 < reader->end && stop[0] == '\r' && stop[1] == '\n') reader->next++;
        reader->line++;
        struct piece content = trimmed((struct piece){start, stop});
        if (content.start == content.end || *content.start == '#') continue;
        *line = reader->separator == ' ' ? content : (struct piece){start, stop};
        return 1;
    }
    return 0;
}

static int separates(char separator, char c) {
    return separator == ' ' ? is_blank(c) : c == separator;
}

/* Takes the next field off the line, blanks around it and its quotes removed (a doubled quote stays doubled); 0 when
 * there is none. line->start is NULL once the last field is taken. */
static int next_field(char separator, struct piece *line, struct piece *field) {
    if (line->start == NULL) return 0;
    const char *stop = line->start;
    int quoted = 0;
    for (; stop < line->end && (quoted || !separates(separator, *stop)); stop++)
        if (*stop == '"') quoted = !quoted;
    *field = trimmed((struct piece){line->start, stop});
    if (field->end - field->start >= 2 && *field->start == '"' && field->end[-1] == '"') {
        field->start++;
        field->end--;
    }
    if (separator == ' ')
        while (stop + 1 < line->end && is_blank(stop[1])) stop++;
    line->start = stop < line->end ? stop + 1 : NULL;
    return 1;
}

static size_t count_fields(char separator, struct piece line) {
    size_t count = 0;
    struct piece field;
    while (next_field(separator, &line, &field)) count++;
    return count;
}

static char find_separator(struct piece line) {
    static const char candidates[] = ";,\t";
    struct piece content = trimmed(line);
    for (const char *c = candidates; *c != '\0'; c++)
        if (count_fields(*c, content) > 1) return *c;
    return ' ';
}

/* A field as a number: 0 when it is none. "nan" and "inf" are numbers here and refused by the caller. */
static int parse_number(struct piece field, double *value) {
    char buffer[128];
    size_t length = (size_t)(field.end - field.start);
    if (length == 0 || length >= sizeof buffer) return 0;
    memcpy(buffer, field.start, length);
    buffer[length] = '\0';
    const char *digits = buffer + (*buffer == '+' || *buffer == '-');
    if (digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X')) return 0;
    if (isspace((unsigned char)*buffer) || strchr(buffer, '(') != NULL) return 0;
    char *end;
    *value = strtod(buffer, &end);
    return end == buffer + length;
}

/* The field as a message shows it: cut short, bytes that are no printable character as '?'. */
static const char *shown(struct piece field, char text[SHOWN + 4]) {
    size_t length = (size_t)(field.end - field.start), kept = length < SHOWN ? length : SHOWN;
    for (size_t i = 0; i < kept; i++) {
        unsigned char c = (unsigned char)field.start[i];
        text[i] = c < 0x20 || c == 0x7f ? '?' : (char)c;
    }
    memcpy(text + kept, length > kept ? "..." : "", length > kept ? 4 : 1);
    return text;
}

static enum core_status bad_field(const struct reader *reader, size_t column, struct piece field,
                                  const char *expected) {
    char text[SHOWN + 4];
    return core_fail(CORE_BAD_INPUT, "%s:%zu: column %zu: found '%s', expected %s", reader->path, reader->line, column,
                     shown(field, text), expected);
}

static enum core_status parse_row(const struct reader *reader, struct piece line, size_t columns, double row[]) {
    struct piece field;
    for (size_t c = 0; next_field(reader->separator, &line, &field); c++) {
        double value;
        if (!parse_number(field, &value)) return bad_field(reader, c + 1, field, "a number");
        if (!isfinite(value)) return bad_field(reader, c + 1, field, "a finite number");
        if (c < columns) row[c] = value;
    }
    return CORE_OK;
}

/* True when some field of the line is no number. */
static int is_header(char separator, struct piece line) {
    struct piece field;
    double ignored;
    while (next_field(separator, &line, &field))
        if (!parse_number(field, &ignored)) return 1;
    return 0;
}

/* A copy of the field with doubled quotes made single. */
static char *copy_name(struct piece field) {
    char *name = core_alloc((size_t)(field.end - field.start) + 1, 1);
    if (name == NULL) return NULL;
    char *to = name;
    for (const char *from = field.start; from < field.end; from++) {
        *to++ = *from;
        if (from[0] == '"' && from + 1 < field.end && from[1] == '"') from++;
    }
    return name;
}

static enum core_status copy_names(const struct reader *reader, struct piece line, struct core_table *table) {
    table->names = core_alloc(table->columns, sizeof *table->names);
    struct piece field;
    for (size_t c = 0; table->names != NULL && next_field(reader->separator, &line, &field); c++) {
        table->names[c] = copy_name(field);
        if (table->names[c] == NULL) break;
        if (c + 1 == table->columns) return CORE_OK;
    }
    return core_fail(CORE_NO_MEMORY, "no memory for the %zu names in '%s'", table->columns, reader->path);
}

/* What is left of the text, counted in rows. */
static size_t count_rows(struct reader reader) {
    size_t rows = 0;
    struct piece line;
    while (next_line(&reader, &line)) rows++;
    return rows;
}

/* The rows after the header, first_line being the line that fixed the number of columns. */
static enum core_status parse_rows(struct reader *reader, size_t first_line, struct core_table *table) {
    struct piece line;
    for (size_t row = 0; row < table->rows && next_line(reader, &line); row++) {
        enum core_status status = parse_row(reader, line, table->columns, table->values + row * table->columns);
        if (status != CORE_OK) return status;
        size_t columns = count_fields(reader->separator, line);
        if (columns != table->columns)
            return core_fail(CORE_BAD_INPUT, "%s:%zu: found %zu column%s, expected %zu as in line %zu", reader->path,
                             reader->line, columns, columns == 1 ? "" : "s", table->columns, first_line);
    }
    return CORE_OK;
}

enum core_status core_table_parse_csv(const char *path, const char *text, size_t length, struct core_table *table) {
    int mark = length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0; /* a byte order mark */
    struct reader reader = {.path = path, .next = text + (mark ? 3 : 0), .end = text + length};
    struct piece first;
    struct reader rows = reader;
    if (!next_line(&reader, &first)) return core_fail(CORE_BAD_INPUT, "%s: the file holds no numbers", path);
    rows.separator = reader.separator = find_separator(first);
    size_t first_line = reader.line;
    int header = is_header(reader.separator, trimmed(first));
    if (header) rows = reader;
    if (reader.separator == ' ') first = trimmed(first);
    size_t count = count_rows(rows);
    if (count == 0) return core_fail(CORE_BAD_INPUT, "%s:%zu: found a header and no numbers", path, first_line);
    enum core_status status = core_table_allocate(path, count, count_fields(reader.separator, first), table);
    if (status == CORE_OK && header) status = copy_names(&reader, first, table);
    return status == CORE_OK ? parse_rows(&rows, first_line, table) : status;
}
