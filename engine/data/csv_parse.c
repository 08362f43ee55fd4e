/* csv_parse.c: parse(): a run of records into columns, on any thread.
 *
 * Text cells stay where they are in the block; cells with doubled quotes are written anew into the arena. What a record
 * must be is checked in this order: no NUL, valid UTF-8, nothing between a closing quote and the next delimiter, as
 * many fields as there are columns, numbers in the number columns. The first two are looked for in the whole block at
 * once, at the speed of memory, and record by record only behind the first byte in question. */
#include "engine/data/csv.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

struct parse {
    const struct sl_csv *csv;
    const char *p;
    size_t n;
    enum sl_encoding encoding;
    size_t bad; /* no byte before it is NUL or invalid */
    struct sl_csv_field *fields;
    size_t room;
    uint32_t row;
    struct sl_origin at; /* the record under way */
    struct sl_arena *arena;
    struct sl_chunk *chunk;
    struct sl_quarantine *rejects;
    struct sl_csv_scan scan;
};

/* ---- Refusals ---- */

/* Where byte `at` of the text is: its line, its column, its offset in the file. */
struct place {
    uint64_t line, column, byte;
};

static struct place place_of(const struct parse *parse, const struct sl_csv_record *record, size_t at)
{
    size_t start = at;
    while (start > record->start && parse->p[start - 1] != '\n' && parse->p[start - 1] != '\r') {
        start--;
    }
    const char *p = parse->p + record->start;
    return (struct place){
        .line = parse->at.line + sl_csv_lines(p, start - record->start, parse->n - start),
        .column = at - start + 1,
        .byte = parse->at.byte + sl_csv_source_bytes(parse->encoding, p, at - record->start),
    };
}

static int refuse(struct parse *parse, const struct sl_csv_record *record, struct sl_reject *reject,
                  struct sl_error *err)
{
    reject->origin = parse->at;
    sl_reject_excerpt(reject, (struct sl_str){ parse->p + record->start, record->end - record->start });
    return sl_quarantine_add(parse->rejects, reject, err);
}

/* The text from p on as it is shown inside a reason. */
static char *show(char out[48], const char *p, size_t n)
{
    return sl_printable(out, 48, p, n < 100 ? n : 100);
}

static void explain_byte(const struct parse *parse, const struct sl_csv_record *record, size_t at,
                         struct sl_reject *reject)
{
    struct place place = place_of(parse, record, at);
    unsigned char byte = (unsigned char)parse->p[at];
    if (byte == 0) {
        sl_reject_reason(reject,
                         "NUL at line %" PRIu64 ", column %" PRIu64 " (byte %" PRIu64
                         "); remove it, or give the file's encoding, for example encoding=utf16le",
                         place.line, place.column, place.byte);
    } else {
        sl_reject_reason(reject,
                         "byte 0x%02x at line %" PRIu64 ", column %" PRIu64 " (byte %" PRIu64
                         ") is not UTF-8; read with encoding=latin1",
                         byte, place.line, place.column, place.byte);
    }
}

static void explain_quote(const struct parse *parse, const struct sl_csv_record *record, struct sl_reject *reject)
{
    char shown[48];
    struct place place = place_of(parse, record, record->after);
    sl_reject_reason(
        reject,
        "text after the closing quote at line %" PRIu64 ", column %" PRIu64
        ": \"%s\"; double the quotes inside a field, or read with quote=none",
        place.line, place.column,
        show(shown, parse->p + record->after, record->end > record->after ? record->end - record->after : 0));
}

static void explain_count(const struct parse *parse, size_t n, struct sl_reject *reject)
{
    size_t columns = parse->csv->base.schema.n;
    const char *whose = parse->csv->has_header ? "the header has" : "there are columns for";
    if (n < columns) {
        sl_reject_reason(reject, "%zu field%s, %s %zu; complete the record, or read short ones with ragged=true", n,
                         n == 1 ? "" : "s", whose, columns);
    } else {
        sl_reject_reason(reject, "%zu fields, %s %zu; quote the fields that hold the delimiter", n, whose, columns);
    }
}

static void explain_number(const struct sl_field *column, struct sl_str cell, struct sl_reject *reject)
{
    char name[48], value[48];
    show(name, column->name, strlen(column->name));
    if (sl_csv_number_rounds(cell.p, cell.n)) {
        sl_reject_reason(
            reject,
            "column \"%s\": \"%s\" is too long a number to be held exactly; read the column as text with text=%s", name,
            show(value, cell.p, cell.n), name);
        return;
    }
    sl_reject_reason(reject,
                     "column \"%s\": \"%s\" is not a number; add it to na=, or read the column as text with text=%s",
                     name, show(value, cell.p, cell.n), name);
}

/* ---- Cells ---- */

static int set_missing(struct parse *parse, size_t column, struct sl_error *err)
{
    struct sl_column *cells = &parse->chunk->columns[column];
    if (parse->csv->base.schema.fields[column].type == SL_NUMBER) {
        cells->number[parse->row] = NAN;
    } else {
        cells->text[parse->row] = (struct sl_str){ NULL, 0 };
    }
    if (cells->valid) {
        cells->valid[parse->row >> 6] &= ~(UINT64_C(1) << (parse->row & 63));
        return SL_OK;
    }
    return sl_chunk_set_missing(parse->chunk, column, parse->row, err);
}

/* A refused record may have left marks in its row, which the next one takes over. */
static void clear_row(struct parse *parse)
{
    for (size_t c = 0; c < parse->csv->base.schema.n; c++) {
        struct sl_column *cells = &parse->chunk->columns[c];
        if (cells->valid) {
            cells->valid[parse->row >> 6] |= UINT64_C(1) << (parse->row & 63);
        }
    }
}

/* A cell of a number column; false when it is no number, or one that would lose digits. */
static inline bool read_number(const struct sl_str *cell, double *x, bool *missing)
{
    if (sl_csv_number(cell->p, cell->n, x) && !sl_csv_number_rounds(cell->p, cell->n)) {
        *missing = isnan(*x);
        return true;
    }
    *missing = true;
    return sl_csv_all_blank(cell->p, cell->n);
}

/* The cells of one record; reject->reason is set when a number column gets something else. */
static int set_cells(struct parse *parse, size_t n, struct sl_reject *reject, struct sl_error *err)
{
    const struct sl_csv *csv = parse->csv;
    const struct sl_field *columns = csv->base.schema.fields;
    for (size_t c = 0; c < csv->base.schema.n; c++) {
        struct sl_column *cells = &parse->chunk->columns[c];
        bool missing = c >= n;
        if (!missing) {
            const struct sl_csv_field *field = &parse->fields[c];
            struct sl_str cell = { field->p, field->n }, undoubled;
            if (field->doubled) {
                if (!sl_csv_undouble(field, csv->dialect.quote, parse->arena, &undoubled)) {
                    return sl_fail_memory(err, "reading a record");
                }
                cell.p = undoubled.p;
                cell.n = undoubled.n;
            }
            missing = sl_csv_is_na(&csv->na, cell.p, cell.n);
            if (columns[c].type == SL_TEXT) {
                cells->text[parse->row].p = cell.p;
                cells->text[parse->row].n = cell.n;
            } else if (!missing && !read_number(&cell, &cells->number[parse->row], &missing)) {
                explain_number(&columns[c], cell, reject);
                return SL_OK;
            }
        }
        int status = missing ? set_missing(parse, c, err) : SL_OK;
        if (status) {
            return status;
        }
    }
    return SL_OK;
}

/* ---- Records ---- */

/* First byte of the record that is NUL or not UTF-8, or its end. */
static size_t bad_byte(const struct parse *parse, const struct sl_csv_record *record)
{
    const char *p = parse->p + record->start;
    size_t n = record->end - record->start, invalid = sl_utf8_invalid(p, n);
    const char *nul = memchr(p, 0, invalid);
    return record->start + (nul ? (size_t)(nul - p) : invalid);
}

static int take_record(struct parse *parse, const struct sl_csv_record *record, struct sl_error *err)
{
    struct sl_reject reject;
    size_t columns = parse->csv->base.schema.n, bad = record->end;
    int status = SL_OK;
    reject.reason[0] = '\0';
    if (record->end > parse->bad && (bad = bad_byte(parse, record)) < record->end) {
        explain_byte(parse, record, bad, &reject);
    } else if (record->after != SIZE_MAX) {
        explain_quote(parse, record, &reject);
    } else if (record->n > columns || (record->n < columns && !parse->csv->ragged)) {
        explain_count(parse, record->n, &reject);
    } else {
        status = set_cells(parse, record->n, &reject, err);
        if (status == SL_OK && reject.reason[0] == '\0') {
            parse->chunk->origin[parse->row++] = parse->at;
            return SL_OK;
        }
        clear_row(parse);
    }
    return status ? status : refuse(parse, record, &reject, err);
}

static int take_records(struct parse *parse, const struct sl_mark *mark, struct sl_error *err)
{
    const struct sl_csv_dialect *dialect = &parse->csv->dialect;
    struct sl_csv_record record;
    sl_csv_scan_init(&parse->scan, dialect, parse->p, parse->n, 0, 0);
    uint64_t lines = 0; /* line ends before `from` */
    for (size_t at = 0, from = 0; sl_csv_split(&parse->scan, dialect, at, parse->fields, parse->room, &record);
         at = record.next) {
        /* blank lines and comments may have been passed over */
        lines += record.start > at ? sl_csv_lines(parse->p + at, record.start - at, parse->n - record.start) : 0;
        parse->at.line = mark->line + lines;
        parse->at.byte += sl_csv_source_bytes(parse->encoding, parse->p + from, record.start - from);
        from = record.start;
        int status = take_record(parse, &record, err);
        if (status) {
            return status;
        }
        parse->at.record++;
        lines = record.lines;
    }
    return SL_OK;
}

/* The block is one record that could not be cut. */
static int take_note(struct parse *parse, struct sl_str bytes, struct sl_error *err)
{
    struct sl_csv_note note;
    struct sl_reject reject;
    assert(bytes.n == sizeof note);
    memcpy(&note, bytes.p, sizeof note);
    struct sl_csv_record record = { .end = note.text };
    sl_reject_reason(&reject, "%s", note.reason);
    return refuse(parse, &record, &reject, err);
}

int sl_csv_parse(const struct sl_reader *reader, const struct sl_block *block, struct sl_arena *arena,
                 struct sl_chunk *chunk, struct sl_quarantine *rejects, struct sl_error *err)
{
    const struct sl_csv *csv = (const struct sl_csv *)reader;
    const struct sl_mark *mark = &block->mark;
    struct parse parse = {
        .csv = csv,
        .p = block->data.p,
        .n = block->data.n,
        .encoding = csv->encodings[mark->file],
        .room = reader->schema.n,
        .at = { .record = mark->record, .line = mark->line, .byte = mark->byte, .file = mark->file },
        .arena = arena,
        .chunk = chunk,
        .rejects = rejects,
    };
    int status = sl_chunk_init(chunk, &reader->schema, block->cut_bad.n ? 0 : block->records, arena, err);
    if (status) {
        return status;
    }
    chunk->sequence = mark->sequence;
    if (block->cut_bad.n) {
        return take_note(&parse, block->cut_bad, err);
    }
    parse.fields = sl_arena_array(arena, parse.room, sizeof *parse.fields);
    if (!parse.fields) {
        return sl_fail_memory(err, "reading records");
    }
    const char *nul = parse.n ? memchr(parse.p, 0, parse.n) : NULL;
    parse.bad = sl_utf8_invalid(parse.p, nul ? (size_t)(nul - parse.p) : parse.n);
    status = take_records(&parse, mark, err);
    chunk->n = parse.row;
    return status;
}
