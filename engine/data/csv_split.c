/* csv_split.c: one record into fields.
 *
 * Fields are spans of the text; only one with doubled quotes inside is ever copied. What is wrong with a record is
 * noted, not judged: the same code serves detection, which tries dialects on for size, and parsing, which must say why
 * a record is refused. The end of the text ends a record, also inside quotes. */
#include "engine/data/csv.h"

bool sl_csv_is_comment(const struct sl_csv_dialect *dialect, const char *p, size_t n)
{
    const struct sl_str *comment = &dialect->comment;
    return comment->n && n >= comment->n && memcmp(p, comment->p, comment->n) == 0;
}

bool sl_csv_is_blank(const struct sl_csv_dialect *dialect, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if ((p[i] != ' ' && p[i] != '\t') || p[i] == dialect->delimiter) {
            return false;
        }
    }
    return true;
}

/* End of an unquoted stretch that stops at `stop`: without the CR of a CR LF. */
static inline size_t before_line_end(const struct sl_csv_scan *scan, size_t start, size_t stop)
{
    return stop > start && stop < scan->n && scan->p[stop] == '\n' && scan->p[stop - 1] == '\r' ? stop - 1 : stop;
}

/* The quoted field whose opening quote is at `at`; returns where the text after it begins. */
static inline size_t read_quoted(struct sl_csv_scan *scan, char quote, size_t at, struct sl_csv_field *field,
                                 struct sl_csv_record *record)
{
    size_t from = at + 1;
    *field = (struct sl_csv_field){ .p = scan->p + from, .quoted = true, .quote = quote };
    for (;;) {
        size_t close = sl_csv_find(scan, SL_CSV_QUOTE, from);
        if (close == scan->n) {
            record->open = at;
            field->n = scan->n - at - 1;
            return scan->n;
        }
        if (close + 1 == scan->n || scan->p[close + 1] != quote) {
            field->n = close - at - 1;
            return close + 1;
        }
        field->doubled = true;
        from = close + 2;
    }
}

static void count_quoted(const struct sl_csv_field *field, struct sl_csv_record *record)
{
    record->quoted++;
    record->spanning += memchr(field->p, '\n', field->n) || memchr(field->p, '\r', field->n);
}

static void split_fields(struct sl_csv_scan *scan, const struct sl_csv_dialect *dialect, struct sl_csv_field *fields,
                         size_t room, struct sl_csv_record *record)
{
    const char *p = scan->p;
    for (size_t at = record->start;;) {
        struct sl_csv_field field = { .p = p + at };
        size_t stop, end;
        if (at < scan->n && (unsigned char)p[at] == dialect->quote) {
            size_t after = read_quoted(scan, (char)dialect->quote, at, &field, record);
            stop = sl_csv_find(scan, SL_CSV_STOP, after);
            end = before_line_end(scan, after, stop);
            if (end != after && record->after == SIZE_MAX) {
                record->after = after;
            } else if (room == 0 && record->open == SIZE_MAX) {
                count_quoted(&field, record);
            }
        } else {
            stop = sl_csv_find(scan, SL_CSV_STOP, at);
            end = before_line_end(scan, at, stop);
            field.n = end - at;
        }
        if (record->n < room) {
            fields[record->n] = field;
        }
        record->n++;
        if (stop < scan->n && (unsigned char)p[stop] == dialect->delimiter) {
            at = stop + 1;
            continue;
        }
        record->end = end;
        record->next = stop < scan->n ? stop + 1 : stop;
        record->lines = stop < scan->n ? sl_csv_lines_through(scan, stop) : scan->lines;
        return;
    }
}

bool sl_csv_split(struct sl_csv_scan *scan, const struct sl_csv_dialect *dialect, size_t at,
                  struct sl_csv_field *fields, size_t room, struct sl_csv_record *record)
{
    while (at < scan->n) {
        if (sl_csv_is_comment(dialect, scan->p + at, scan->n - at)) {
            at = sl_csv_find(scan, SL_CSV_END, at);
            at += at < scan->n;
            continue;
        }
        *record = (struct sl_csv_record){ .start = at, .open = SIZE_MAX, .after = SIZE_MAX };
        split_fields(scan, dialect, fields, room, record);
        if (record->n > 1 || !sl_csv_is_blank(dialect, scan->p + at, record->end - at)) {
            return true;
        }
        at = record->next;
    }
    return false;
}

bool sl_csv_text(const struct sl_csv_field *field, struct sl_arena *arena, struct sl_str *out)
{
    *out = (struct sl_str){ field->p, field->n };
    if (!field->doubled) {
        return true;
    }
    char *copy = sl_arena_take(arena, field->n, 1), *to = copy;
    if (!copy) {
        return false;
    }
    const char *from = field->p, *end = field->p + field->n;
    while (from < end) {
        /* every quote in a well-formed field is the first of two: keep it and pass over the second */
        const char *quote = memchr(from, field->quote, (size_t)(end - from));
        size_t n = quote ? (size_t)(quote - from) + 1 : (size_t)(end - from);
        memcpy(to, from, n);
        to += n;
        from += n + (quote != NULL);
    }
    sl_arena_trim(arena, to);
    *out = (struct sl_str){ copy, (size_t)(to - copy) };
    return true;
}
