/* lines_cut.c: bytes of files to blocks of whole lines, for the formats that have a record a line.
 *
 * Cutting needs no parsing: a line end never stands inside a record. A block takes as many whole lines as fit
 * into block_bytes (at least one) and hold at most SL_CHUNK_RECORDS records; so its boundaries depend on the bytes
 * alone, not on how they arrived. A record longer than max_record is read past without being kept. Blank lines (what
 * the format takes for blank) are no records.
 *
 * Where the input breaks off (damaged compression), every line that was whole before comes first, then the failure,
 * with the place of the line it tore. */
#include "engine/data/lines.h"

enum { READ_MIN = 64 << 10 };

/* ---- Reading ---- */

static size_t available(const struct sl_line_reader *r)
{
    return r->carry.n - r->at;
}

static int where(const struct sl_line_reader *r, int status, struct sl_error *err)
{
    sl_error_at(err, r->base.paths[r->here.file], r->here.line, 0, r->here.byte);
    return status;
}

static void advance(struct sl_line_reader *r, size_t bytes, uint64_t lines)
{
    r->at += bytes;
    r->here.byte += bytes;
    r->here.line += lines;
}

static void note_consumed(struct sl_line_reader *r)
{
    uint64_t consumed = r->input ? sl_input_consumed(r->input) : 0;
    for (uint32_t k = 0; k < r->here.file; k++) {
        consumed += r->sizes[k];
    }
    r->base.consumed = consumed;
}

int sl_line_fill(struct sl_line_reader *r, size_t want, struct sl_error *err)
{
    struct sl_buf *carry = &r->carry;
    if (available(r) >= want || r->ended || r->broken.status) {
        return SL_OK;
    }
    if (r->at) {
        memmove(carry->p, carry->p + r->at, available(r));
        carry->n -= r->at;
        r->at = 0;
    }
    int status = SL_OK;
    while (carry->n < want && !r->ended) {
        size_t more = want - carry->n < READ_MIN ? READ_MIN : want - carry->n, got = 0;
        if (!sl_buf_reserve(carry, more)) {
            carry->failed = false;
            return sl_fail_memory(err, "reading records");
        }
        struct sl_error failure = SL_ERROR_INIT;
        status = sl_input_read(r->input, carry->p + carry->n, more, &got, &failure);
        if (status) {
            r->broken = failure;
            r->broken.status = status;
            break;
        }
        carry->n += got;
        r->ended = got == 0;
    }
    note_consumed(r);
    return SL_OK;
}

int sl_line_broken(const struct sl_line_reader *r, struct sl_error *err)
{
    if (r->broken.status && err) {
        *err = r->broken;
    }
    return r->broken.status ? where(r, r->broken.status, err) : SL_OK;
}

/* A file in UTF-16 is refused as a whole rather than line by line. */
static int refuse_utf16(const struct sl_line_reader *r, struct sl_error *err)
{
    const unsigned char *p = (const unsigned char *)r->carry.p + r->at;
    bool bom = (p[0] == 0xff && p[1] == 0xfe) || (p[0] == 0xfe && p[1] == 0xff);
    if (!bom && (p[0] != 0) == (p[1] != 0)) {
        return SL_OK;
    }
    sl_fail(err, SL_EDATA, "'%.200s' seems to be UTF-16, but %s", r->base.paths[r->here.file], r->written);
    sl_fix(err, "convert it: iconv -f UTF-16 -t UTF-8");
    return SL_EDATA;
}

/* At the start of a file: refuse what is no UTF-8, pass over a byte order mark. */
static int begin_file(struct sl_line_reader *r, struct sl_error *err)
{
    int status = sl_line_fill(r, 3, err);
    if (status == SL_OK && available(r) == 0) {
        status = sl_line_broken(r, err);
    }
    if (status == SL_OK && available(r) >= 2) {
        status = refuse_utf16(r, err);
    }
    if (status == SL_OK && available(r) >= 3 && memcmp(r->carry.p + r->at, "\xef\xbb\xbf", 3) == 0) {
        advance(r, 3, 0);
    }
    return status;
}

int sl_line_open_file(struct sl_line_reader *r, uint32_t file, struct sl_error *err)
{
    sl_input_close(r->input);
    r->input = NULL;
    r->carry.n = r->at = 0;
    r->ended = false;
    r->broken = (struct sl_error)SL_ERROR_INIT;
    r->here.file = file;
    r->here.line = 1;
    r->here.byte = 0;
    int status = sl_input_open(&r->input, r->base.paths[file], err);
    r->base.packed |= !status && sl_input_compressed(r->input);
    return status ? status : begin_file(r, err);
}

/* ---- Blocks ---- */

/* What of the bytes at hand makes a block. */
struct cut {
    size_t bytes;
    uint64_t lines;
    uint32_t records;
};

/* Only the first `window` bytes at hand are looked at, so that the cost does not grow with what was read ahead. */
static struct cut measure(const struct sl_line_reader *r, size_t window)
{
    struct cut cut = { 0 };
    struct sl_lines lines;
    struct sl_str line;
    size_t total;
    bool last = r->ended && window == available(r);
    sl_lines_init(&lines, r->carry.p + r->at, window, last);
    while (cut.records < SL_CHUNK_RECORDS && sl_lines_next(&lines, &line, &total)) {
        if (cut.bytes && cut.bytes + total > r->base.block_bytes) {
            break;
        }
        cut.bytes += total;
        cut.lines++;
        cut.records += !r->blank(line);
    }
    return cut;
}

static int emit(struct sl_line_reader *r, struct sl_block *block, const char *p, struct cut cut, struct sl_error *err)
{
    sl_buf_add(&block->data, p, cut.bytes);
    if (block->data.failed) {
        block->data.failed = false;
        return sl_fail_memory(err, "reading records");
    }
    block->mark = r->here;
    block->records = cut.records;
    r->here.sequence++;
    r->here.record += cut.records;
    return SL_OK;
}

/* The line at hand is not whole and already longer than max_record: keep its beginning and read past its end. */
static int skip_line(struct sl_line_reader *r, struct sl_block *block, struct sl_error *err)
{
    char start[SL_LINE_EXCERPT];
    size_t kept = available(r) < sizeof start ? available(r) : sizeof start;
    memcpy(start, r->carry.p + r->at, kept);
    struct sl_mark mark = r->here;
    bool blank = true;
    for (;;) {
        struct sl_lines lines;
        struct sl_str line = { r->carry.p + r->at, available(r) };
        size_t total = 0;
        sl_lines_init(&lines, line.p, line.n, r->ended);
        bool whole = sl_lines_next(&lines, &line, &total);
        if (!whole) {
            total = line.n - (line.n && line.p[line.n - 1] == '\r'); /* its LF may come with the next bytes */
            line.n = total;
        }
        blank = blank && r->blank(line);
        advance(r, total, whole);
        if (whole || (r->ended && available(r) == 0)) {
            break;
        }
        size_t before = available(r);
        int status = sl_line_fill(r, before + READ_MIN, err);
        if (status == SL_OK && available(r) == before) {
            status = sl_line_broken(r, err);
        }
        if (status) {
            return status;
        }
    }
    if (blank) {
        return SL_OK;
    }
    struct sl_mark after = r->here;
    r->here = mark;
    int status = emit(r, block, start, (struct cut){ .bytes = kept, .records = 1 }, err);
    block->flags = SL_LINE_CUT_SHORT;
    after.sequence = r->here.sequence;
    after.record = r->here.record;
    r->here = after;
    return status;
}

/* Make a block of the bytes at hand, or pass over blank lines, or set *want to what must be seen first. */
static int take(struct sl_line_reader *r, struct sl_block *block, size_t *want, struct sl_error *err)
{
    size_t aim = (size_t)r->base.block_bytes + 2, enough = (size_t)r->max_record + 3;
    size_t window = available(r) < *want ? available(r) : *want;
    struct cut cut = measure(r, window);
    if (cut.bytes == 0 && window < enough && window == available(r) && r->broken.status) {
        return sl_line_broken(r, err);
    }
    if (cut.bytes == 0 && window < enough) {
        *want = 2 * window < enough ? 2 * window : enough;
        return SL_OK;
    }
    *want = aim;
    if (cut.bytes == 0) {
        return skip_line(r, block, err);
    }
    int status = cut.records ? emit(r, block, r->carry.p + r->at, cut, err) : SL_OK;
    if (status == SL_OK) {
        advance(r, cut.bytes, cut.lines);
    }
    return status;
}

int sl_line_next(struct sl_reader *reader, struct sl_block *block, struct sl_error *err)
{
    struct sl_line_reader *r = (struct sl_line_reader *)reader;
    size_t want = (size_t)reader->block_bytes + 2;
    int status = SL_OK;
    while (status == SL_OK && block->records == 0) {
        status = sl_line_fill(r, want, err);
        if (status) {
            break;
        }
        if (available(r)) {
            status = take(r, block, &want, err);
        } else if (r->broken.status) {
            status = sl_line_broken(r, err);
        } else if (r->here.file + 1 < reader->n_paths) {
            status = sl_line_open_file(r, r->here.file + 1, err);
        } else {
            status = SL_EEND;
        }
    }
    return status;
}

int sl_line_seek(struct sl_reader *reader, const struct sl_mark *mark, struct sl_error *err)
{
    struct sl_line_reader *r = (struct sl_line_reader *)reader;
    uint64_t first = r->here.byte - r->at; /* of the bytes at hand */
    bool at_hand = r->input && mark->file == r->here.file && mark->byte >= first && mark->byte - first <= r->carry.n;
    int status = SL_OK;
    if (!r->input || mark->file != r->here.file) {
        status = sl_line_open_file(r, mark->file, err);
    }
    if (status == SL_OK && !at_hand) {
        status = sl_input_seek(r->input, mark->byte, err);
        r->carry.n = 0;
        r->ended = false;
        r->broken = (struct sl_error)SL_ERROR_INIT;
    }
    if (status) {
        return where(r, status, err);
    }
    r->at = at_hand ? (size_t)(mark->byte - first) : 0;
    r->here = *mark;
    note_consumed(r);
    return mark->byte == 0 ? begin_file(r, err) : SL_OK;
}
