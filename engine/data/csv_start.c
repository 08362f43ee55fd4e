/* csv_start.c: the beginning of a file: what encoding it is in, lines to skip, its header.
 *
 * Done for every file of the input, when it is opened to see that its header is the first one's, and again when its
 * turn comes to be read. Byte and line of the first record are exact whatever was passed over. */
#include "engine/data/csv.h"

#include <inttypes.h>

enum { PIECE = 64 * 1024 };

/* Past the first n bytes of what was taken into buf; the rest is given back. */
static int advance(struct sl_csv *csv, struct sl_buf *buf, size_t n, size_t fresh, struct sl_error *err)
{
    if (buf->n == 0) {
        return SL_OK;
    }
    csv->at.byte += sl_csv_source_bytes(csv->source.encoding, buf->p, n);
    csv->at.line += sl_csv_lines(buf->p, n, buf->n - n);
    memmove(buf->p, buf->p + n, buf->n - n);
    buf->n -= n;
    return sl_csv_unread(&csv->source, buf, 0, fresh, err);
}

/* Past one line. */
static int skip_line(struct sl_csv *csv, struct sl_buf *buf, bool *end, struct sl_error *err)
{
    for (;;) {
        size_t fresh = 0;
        bool whole = false;
        int status = sl_csv_fill(&csv->source, buf, PIECE, &fresh, &whole, err);
        if (status) {
            return status;
        }
        struct sl_csv_dialect none = { .delimiter = -1, .quote = -1 };
        struct sl_csv_scan scan;
        size_t known = whole ? buf->n : buf->n - 1;
        sl_csv_scan_init(&scan, &none, buf->p, buf->n, 0, 0);
        size_t at = sl_csv_find(&scan, SL_CSV_END, 0);
        bool found = at < known;
        *end = whole && (!found || at + 1 == buf->n);
        status = advance(csv, buf, found ? at + 1 : known, fresh, err);
        if (status || found || whole) {
            return status;
        }
    }
}

static int skip_lines(struct sl_csv *csv, struct sl_error *err)
{
    struct sl_buf buf = { 0 };
    int status = SL_OK;
    bool end = false;
    for (int64_t i = 0; i < csv->skip && status == SL_OK && !end; i++) {
        status = skip_line(csv, &buf, &end, err);
    }
    sl_buf_release(&buf);
    return status;
}

/* Read the first bytes, as they are, and settle the encoding by them. */
static int find_encoding(struct sl_csv *csv, struct sl_error *err)
{
    struct sl_csv_source *source = &csv->source;
    struct sl_buf *raw = &source->raw;
    if (!sl_buf_reserve(raw, SL_CSV_SAMPLE)) {
        return sl_fail_memory(err, "opening a file");
    }
    while (raw->n < SL_CSV_SAMPLE && !source->ended) {
        size_t got = 0;
        int status = sl_input_read(source->input, raw->p + raw->n, SL_CSV_SAMPLE - raw->n, &got, err);
        if (status) {
            return status;
        }
        raw->n += got;
        source->ended = got == 0;
    }
    size_t bom = 0;
    source->encoding = raw->n ? sl_csv_encoding(raw->p, raw->n, csv->encoding, &bom) : SL_UTF8;
    if (csv->encodings[csv->at.file] == SL_ENCODING_AUTO) {
        csv->encodings[csv->at.file] = source->encoding;
    }
    raw->n -= bom;
    memmove(raw->p, raw->p + bom, raw->n);
    csv->at.byte = bom;
    return SL_OK;
}

int sl_csv_open_file(struct sl_csv *csv, uint32_t file, struct sl_error *err)
{
    sl_csv_source_close(&csv->source);
    csv->at.file = file;
    csv->at.byte = 0;
    csv->at.line = 1;
    csv->expect = SIZE_MAX;
    csv->ended = false;
    int status = sl_input_open(&csv->source.input, csv->base.paths[file], err);
    csv->base.packed |= !status && sl_input_compressed(csv->source.input);
    if (status) {
        return status;
    }
    csv->sizes[file] = sl_input_size(csv->source.input);
    status = find_encoding(csv, err);
    return status ? status : skip_lines(csv, err);
}

/* Is it the first file's header? */
static int check_header(const struct sl_csv *csv, const struct sl_csv_field *fields, size_t n, struct sl_error *err)
{
    const char *first = csv->base.paths[0], *path = csv->base.paths[csv->at.file];
    struct sl_arena arena;
    sl_arena_init(&arena);
    int status = SL_OK;
    for (size_t c = 0; c < csv->n_header && c < n && status == SL_OK; c++) {
        struct sl_str text, name;
        status = sl_csv_text(&fields[c], csv->dialect.quote, &arena, &text)
                     ? sl_csv_clean_name(text, &arena, &name, err)
                     : sl_fail_memory(err, "reading a header");
        if (status == SL_OK && !sl_str_equal(name, csv->header[c])) {
            status = sl_fail(err, SL_ESCHEMA, "column %zu is \"%.40s\" in \"%.90s\", but \"%.40s\" in \"%.90s\"", c + 1,
                             name.p, path, csv->header[c].p, first);
            sl_fix(err, "files that are read together must have the same header");
        }
    }
    if (status == SL_OK && n != csv->n_header) {
        status = sl_fail(err, SL_ESCHEMA, "\"%.110s\" has %zu columns, but \"%.110s\" has %zu", path, n, first,
                         csv->n_header);
        sl_fix(err, "files that are read together must have the same header");
    }
    sl_arena_release(&arena);
    return status;
}

/* The header in buf, when it is there whole; *end is where it ends. */
static int read_header(struct sl_csv *csv, const struct sl_buf *buf, bool whole, size_t *end, struct sl_error *err)
{
    struct sl_csv_scan scan;
    struct sl_csv_record record;
    struct sl_arena arena;
    sl_arena_init(&arena);
    struct sl_csv_field *fields = sl_arena_array(&arena, csv->n_header, sizeof *fields);
    int status = fields ? SL_OK : sl_fail_memory(err, "reading a header");
    *end = 0;
    if (status == SL_OK) {
        sl_csv_scan_init(&scan, &csv->dialect, buf->p, buf->n, 0, 0);
        if (!sl_csv_split(&scan, &csv->dialect, 0, fields, csv->n_header, &record)) {
            *end = whole ? buf->n : 0; /* an empty file */
        } else if (whole || record.next < buf->n) {
            *end = record.next;
            status = check_header(csv, fields, record.n, err);
            sl_error_at(err, NULL, csv->at.line, 0, UINT64_MAX);
        }
    }
    sl_arena_release(&arena);
    return status;
}

int sl_csv_pass_header(struct sl_csv *csv, struct sl_error *err)
{
    struct sl_buf buf = { 0 };
    size_t fresh = 0, end = 0;
    bool whole = false;
    int status = SL_OK;
    for (size_t want = PIECE; status == SL_OK && end == 0 && !(whole && buf.n == 0); want = 2 * buf.n) {
        status = sl_csv_fill(&csv->source, &buf, want, &fresh, &whole, err);
        if (status == SL_OK && buf.n) {
            status = read_header(csv, &buf, whole, &end, err);
        }
        if (status == SL_OK && end == 0 && buf.n > csv->dialect.max_record + SL_CSV_SAMPLE) {
            sl_fail(err, SL_ELIMIT, "the header of \"%.200s\" is longer than %" PRIu64 " bytes",
                    csv->base.paths[csv->at.file], csv->dialect.max_record);
            status = sl_fix(err, "raise max_record, or read without it with header=false");
        }
    }
    if (status == SL_OK) {
        status = advance(csv, &buf, end, fresh, err);
    }
    sl_buf_release(&buf);
    return status;
}

int sl_csv_start_file(struct sl_csv *csv, uint32_t file, struct sl_error *err)
{
    int status = sl_csv_open_file(csv, file, err);
    return status || !csv->has_header ? status : sl_csv_pass_header(csv, err);
}
