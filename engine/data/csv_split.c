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

static inline const char *next_quote(const char *p, const char *end, int quote)
{
    if (end - p >= 16) {
        const char *found = memchr(p, quote, (size_t)(end - p));
        return found ? found : end;
    }
    while (p < end && (unsigned char)*p != quote) {
        p++;
    }
    return p;
}

/* The field at `at`, an opening quote, that ends at `end`. */
static inline void read_quoted(const struct sl_csv_scan *scan, int quote, size_t at, size_t end,
                               struct sl_csv_field *field, struct sl_csv_record *record)
{
    const char *p = scan->p + at + 1, *stop = scan->p + end;
    field->p = p;
    field->quoted = true;
    for (;;) {
        const char *found = next_quote(p, stop, quote);
        field->n = (size_t)(found - field->p);
        if (found + 1 >= stop || (unsigned char)found[1] != quote) {
            if (found == stop) {
                record->open = at;
            } else if (found + 1 < stop && record->after == SIZE_MAX) {
                record->after = (size_t)(found + 1 - scan->p);
            }
            return;
        }
        field->doubled = true;
        p = found + 2;
    }
}

static void count_quoted(const struct sl_csv_field *field, struct sl_csv_record *record)
{
    record->quoted++;
    record->spanning += memchr(field->p, '\n', field->n) || memchr(field->p, '\r', field->n);
}

/* Stops one after the other, those of a group kept in a register. */
struct stops {
    size_t base; /* of the group */
    uint64_t left;
};

static inline struct stops first_stops(struct sl_csv_scan *scan, size_t at)
{
    if (at >= scan->to) {
        sl_csv_scan_move(scan, at);
    }
    size_t g = (at - scan->from) >> 6;
    return (struct stops){ scan->from + (g << 6), scan->masks.stops[g] & ~UINT64_C(0) << ((at - scan->from) & 63) };
}

static inline size_t next_stop(struct sl_csv_scan *scan, struct stops *stops)
{
    while (!stops->left) {
        stops->base += 64;
        if (stops->base >= scan->to) {
            if (scan->to == scan->n) {
                return scan->n;
            }
            sl_csv_scan_move(scan, scan->to);
        }
        stops->left = scan->masks.stops[(stops->base - scan->from) >> 6];
    }
    size_t stop = stops->base + (size_t)__builtin_ctzll(stops->left);
    stops->left &= stops->left - 1;
    return stop;
}

static void split_fields(struct sl_csv_scan *scan, const struct sl_csv_dialect *dialect, struct sl_csv_field *fields,
                         size_t room, struct sl_csv_record *record)
{
    const char *p = scan->p;
    const int delimiter = dialect->delimiter, quote = dialect->quote;
    struct stops stops = first_stops(scan, record->start);
    struct sl_csv_field spare, *field = fields;
    size_t at = record->start, n = 0;
    for (;; n++, field++) {
        size_t stop = next_stop(scan, &stops), end = before_line_end(scan, at, stop);
        field = n < room ? field : &spare;
        field->p = p + at;
        field->n = end - at;
        field->quoted = field->doubled = false;
        if (at < scan->n && (unsigned char)p[at] == quote) {
            read_quoted(scan, quote, at, end, field, record);
            if (room == 0 && record->open == SIZE_MAX && record->after == SIZE_MAX) {
                count_quoted(field, record);
            }
        }
        if (stop < scan->n && (unsigned char)p[stop] == delimiter) {
            at = stop + 1;
            continue;
        }
        record->n = n + 1;
        record->end = end;
        record->next = stop < scan->n ? stop + 1 : stop;
        record->lines = stop < scan->n ? sl_csv_lines_through(scan, stop) : scan->lines;
        return;
    }
}

/* Quotes in a comment mean nothing, so that the scan has to begin anew behind it. */
static void pass_comment(struct sl_csv_scan *scan, const struct sl_csv_dialect *dialect, size_t *at)
{
    size_t end = sl_csv_find(scan, SL_CSV_END, *at);
    *at = end + (end < scan->n);
    uint64_t lines = end < scan->n ? sl_csv_lines_through(scan, end) : scan->lines;
    sl_csv_scan_init(scan, dialect, scan->p, scan->n, *at, lines);
}

bool sl_csv_split(struct sl_csv_scan *scan, const struct sl_csv_dialect *dialect, size_t at,
                  struct sl_csv_field *fields, size_t room, struct sl_csv_record *record)
{
    while (at < scan->n) {
        if (sl_csv_is_comment(dialect, scan->p + at, scan->n - at)) {
            pass_comment(scan, dialect, &at);
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

bool sl_csv_undouble(const struct sl_csv_field *field, int quote, struct sl_arena *arena, struct sl_str *out)
{
    char *copy = sl_arena_take(arena, field->n, 1), *to = copy;
    if (!copy) {
        return false;
    }
    const char *from = field->p, *end = field->p + field->n;
    while (from < end) {
        /* every quote in a well-formed field is the first of two: keep it and pass over the second */
        const char *found = memchr(from, quote, (size_t)(end - from));
        size_t n = found ? (size_t)(found - from) + 1 : (size_t)(end - from);
        memcpy(to, from, n);
        to += n;
        from += n + (found != NULL);
    }
    sl_arena_trim(arena, to);
    *out = (struct sl_str){ copy, (size_t)(to - copy) };
    return true;
}
