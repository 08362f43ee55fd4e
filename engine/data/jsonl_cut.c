/* jsonl_cut.c: bytes of files to blocks of whole lines.
 *
 * A line end never stands inside a JSON string, so cutting needs no parsing. A block takes as many whole lines as fit
 * into block_bytes (at least one) and hold at most SL_CHUNK_RECORDS records; so its boundaries depend on the bytes
 * alone, not on how they arrived. A record longer than max_record is read past without being kept. Blank lines are no
 * records. */
#include "engine/data/jsonl_private.h"

enum { READ_MIN = 64 << 10 };

/* ---- Reading ---- */

static size_t available(const struct sl_jsonl *jsonl)
{
    return jsonl->carry.n - jsonl->at;
}

static int where(const struct sl_jsonl *jsonl, int status, struct sl_error *err)
{
    sl_error_at(err, jsonl->base.paths[jsonl->here.file], jsonl->here.line, 0, jsonl->here.byte);
    return status;
}

static void advance(struct sl_jsonl *jsonl, size_t bytes, uint64_t lines)
{
    jsonl->at += bytes;
    jsonl->here.byte += bytes;
    jsonl->here.line += lines;
}

static void note_consumed(struct sl_jsonl *jsonl)
{
    uint64_t consumed = jsonl->input ? sl_input_consumed(jsonl->input) : 0;
    for (uint32_t k = 0; k < jsonl->here.file; k++) {
        consumed += jsonl->sizes[k];
    }
    jsonl->base.consumed = consumed;
}

int sl_jsonl_fill(struct sl_jsonl *jsonl, size_t want, struct sl_error *err)
{
    struct sl_buf *carry = &jsonl->carry;
    if (available(jsonl) >= want || jsonl->ended) {
        return SL_OK;
    }
    if (jsonl->at) {
        memmove(carry->p, carry->p + jsonl->at, available(jsonl));
        carry->n -= jsonl->at;
        jsonl->at = 0;
    }
    int status = SL_OK;
    while (carry->n < want && !jsonl->ended) {
        size_t more = want - carry->n < READ_MIN ? READ_MIN : want - carry->n, got = 0;
        if (!sl_buf_reserve(carry, more)) {
            carry->failed = false;
            return sl_fail_memory(err, "reading records");
        }
        status = sl_input_read(jsonl->input, carry->p + carry->n, more, &got, err);
        if (status) {
            return where(jsonl, status, err);
        }
        carry->n += got;
        jsonl->ended = got == 0;
    }
    note_consumed(jsonl);
    return SL_OK;
}

/* JSON is UTF-8 (RFC 8259); a file in UTF-16 is refused as a whole rather than line by line. */
static int refuse_utf16(const struct sl_jsonl *jsonl, struct sl_error *err)
{
    const unsigned char *p = (const unsigned char *)jsonl->carry.p + jsonl->at;
    bool bom = (p[0] == 0xff && p[1] == 0xfe) || (p[0] == 0xfe && p[1] == 0xff);
    if (!bom && (p[0] != 0) == (p[1] != 0)) {
        return SL_OK;
    }
    sl_fail(err, SL_EDATA, "'%.200s' seems to be UTF-16, but JSON Lines are UTF-8",
            jsonl->base.paths[jsonl->here.file]);
    sl_fix(err, "convert it: iconv -f UTF-16 -t UTF-8");
    return SL_EDATA;
}

/* At the start of a file: refuse what is no UTF-8, pass over a byte order mark. */
static int begin_file(struct sl_jsonl *jsonl, struct sl_error *err)
{
    int status = sl_jsonl_fill(jsonl, 3, err);
    if (status == SL_OK && available(jsonl) >= 2) {
        status = refuse_utf16(jsonl, err);
    }
    if (status == SL_OK && available(jsonl) >= 3 && memcmp(jsonl->carry.p + jsonl->at, "\xef\xbb\xbf", 3) == 0) {
        advance(jsonl, 3, 0);
    }
    return status;
}

int sl_jsonl_open_file(struct sl_jsonl *jsonl, uint32_t file, struct sl_error *err)
{
    sl_input_close(jsonl->input);
    jsonl->input = NULL;
    jsonl->carry.n = jsonl->at = 0;
    jsonl->ended = false;
    jsonl->here.file = file;
    jsonl->here.line = 1;
    jsonl->here.byte = 0;
    int status = sl_input_open(&jsonl->input, jsonl->base.paths[file], err);
    jsonl->base.packed |= !status && sl_input_compressed(jsonl->input);
    return status ? status : begin_file(jsonl, err);
}

/* ---- Blocks ---- */

/* What of the bytes at hand makes a block. */
struct cut {
    size_t bytes;
    uint64_t lines;
    uint32_t records;
};

/* Only the first `window` bytes at hand are looked at, so that the cost does not grow with what was read ahead. */
static struct cut measure(const struct sl_jsonl *jsonl, size_t window)
{
    struct cut cut = { 0 };
    struct sl_lines lines;
    struct sl_str line;
    size_t total;
    bool last = jsonl->ended && window == available(jsonl);
    sl_lines_init(&lines, jsonl->carry.p + jsonl->at, window, last);
    while (cut.records < SL_CHUNK_RECORDS && sl_lines_next(&lines, &line, &total)) {
        if (cut.bytes && cut.bytes + total > jsonl->base.block_bytes) {
            break;
        }
        cut.bytes += total;
        cut.lines++;
        cut.records += !sl_line_blank(line);
    }
    return cut;
}

static int emit(struct sl_jsonl *jsonl, struct sl_block *block, const char *p, struct cut cut, struct sl_error *err)
{
    sl_buf_add(&block->data, p, cut.bytes);
    if (block->data.failed) {
        block->data.failed = false;
        return sl_fail_memory(err, "reading records");
    }
    block->mark = jsonl->here;
    block->records = cut.records;
    jsonl->here.sequence++;
    jsonl->here.record += cut.records;
    return SL_OK;
}

/* The line at hand is not whole and already longer than max_record: keep its beginning and read past its end. */
static int skip_line(struct sl_jsonl *jsonl, struct sl_block *block, struct sl_error *err)
{
    char start[SL_JSONL_EXCERPT];
    size_t kept = available(jsonl) < sizeof start ? available(jsonl) : sizeof start;
    memcpy(start, jsonl->carry.p + jsonl->at, kept);
    struct sl_mark mark = jsonl->here;
    bool blank = true;
    for (;;) {
        struct sl_lines lines;
        struct sl_str line = { jsonl->carry.p + jsonl->at, available(jsonl) };
        size_t total = 0;
        sl_lines_init(&lines, line.p, line.n, jsonl->ended);
        bool whole = sl_lines_next(&lines, &line, &total);
        if (!whole) {
            total = line.n - (line.n && line.p[line.n - 1] == '\r'); /* its LF may come with the next bytes */
            line.n = total;
        }
        blank = blank && sl_line_blank(line);
        advance(jsonl, total, whole);
        if (whole || (jsonl->ended && available(jsonl) == 0)) {
            break;
        }
        int status = sl_jsonl_fill(jsonl, available(jsonl) + READ_MIN, err);
        if (status) {
            return status;
        }
    }
    if (blank) {
        return SL_OK;
    }
    struct sl_mark after = jsonl->here;
    jsonl->here = mark;
    int status = emit(jsonl, block, start, (struct cut){ .bytes = kept, .records = 1 }, err);
    block->flags = SL_JSONL_CUT_SHORT;
    after.sequence = jsonl->here.sequence;
    after.record = jsonl->here.record;
    jsonl->here = after;
    return status;
}

/* Make a block of the bytes at hand, or pass over blank lines, or set *want to what must be seen first. */
static int take(struct sl_jsonl *jsonl, struct sl_block *block, size_t *want, struct sl_error *err)
{
    size_t aim = (size_t)jsonl->base.block_bytes + 2, enough = (size_t)jsonl->max_record + 3;
    size_t window = available(jsonl) < *want ? available(jsonl) : *want;
    struct cut cut = measure(jsonl, window);
    if (cut.bytes == 0 && window < enough) {
        *want = 2 * window < enough ? 2 * window : enough;
        return SL_OK;
    }
    *want = aim;
    if (cut.bytes == 0) {
        return skip_line(jsonl, block, err);
    }
    int status = cut.records ? emit(jsonl, block, jsonl->carry.p + jsonl->at, cut, err) : SL_OK;
    if (status == SL_OK) {
        advance(jsonl, cut.bytes, cut.lines);
    }
    return status;
}

int sl_jsonl_next(struct sl_reader *reader, struct sl_block *block, struct sl_error *err)
{
    struct sl_jsonl *jsonl = (struct sl_jsonl *)reader;
    size_t want = (size_t)reader->block_bytes + 2;
    int status = SL_OK;
    while (status == SL_OK && block->records == 0) {
        status = sl_jsonl_fill(jsonl, want, err);
        if (status) {
            break;
        }
        if (available(jsonl)) {
            status = take(jsonl, block, &want, err);
        } else if (jsonl->here.file + 1 < reader->n_paths) {
            status = sl_jsonl_open_file(jsonl, jsonl->here.file + 1, err);
        } else {
            status = SL_EEND;
        }
    }
    return status;
}

int sl_jsonl_seek(struct sl_reader *reader, const struct sl_mark *mark, struct sl_error *err)
{
    struct sl_jsonl *jsonl = (struct sl_jsonl *)reader;
    uint64_t first = jsonl->here.byte - jsonl->at; /* of the bytes at hand */
    bool at_hand = jsonl->input && mark->file == jsonl->here.file && mark->byte >= first &&
                   mark->byte - first <= jsonl->carry.n;
    int status = SL_OK;
    if (!jsonl->input || mark->file != jsonl->here.file) {
        status = sl_jsonl_open_file(jsonl, mark->file, err);
    }
    if (status == SL_OK && !at_hand) {
        status = sl_input_seek(jsonl->input, mark->byte, err);
        jsonl->carry.n = 0;
        jsonl->ended = false;
    }
    if (status) {
        return where(jsonl, status, err);
    }
    jsonl->at = at_hand ? (size_t)(mark->byte - first) : 0;
    jsonl->here = *mark;
    note_consumed(jsonl);
    return mark->byte == 0 ? begin_file(jsonl, err) : SL_OK;
}
