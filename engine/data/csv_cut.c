/* csv_cut.c: next(): runs of whole records.
 *
 * Serial, so it does only what cannot be done later: find where records end, and count records and lines. A block is
 * the longest run of records that fits into block_bytes, but at least one record; what it is depends on the bytes
 * alone, never on how many of them happened to be read. Blank lines and comments go along and count as lines only.
 *
 * A record that cannot be cut, because a quote is never closed or max_record is passed, makes a block of its own: its
 * first bytes and the reason. Reading goes on behind the line of that quote, or behind the long record. Looking for the
 * missing quote costs one pass over at most max_record bytes, and cannot be provoked again by the same bytes: as no
 * closing quote is among them, all their quotes are doubled, and a doubled quote that opens a field closes it at once.
 */
#include "engine/data/csv_cut.h"

#include <stdatomic.h>

enum verdict {
    CUT_FULL,      /* the block ends at cut->end */
    CUT_MORE,      /* more bytes are needed */
    CUT_DROP,      /* nothing but blank lines up to cut->end: leave them out */
    CUT_COMMENT,   /* what begins there is a comment too long to keep */
    CUT_BAD_QUOTE, /* the record at cut->end: its quote at cut->open is never closed */
    CUT_BAD_LONG,  /* … is too long */
};

int sl_csv_cut_fill(struct sl_csv_cut *cut, size_t want, struct sl_error *err)
{
    struct sl_csv *csv = cut->csv;
    size_t before = cut->data->n;
    int status = sl_csv_fill(&csv->source, cut->data, want, &cut->fresh, &cut->whole, err);
    uint64_t consumed = sl_input_consumed(csv->source.input);
    for (uint32_t i = 0; i < csv->at.file; i++) {
        consumed += csv->sizes[i];
    }
    atomic_store_explicit(&csv->base.consumed, consumed, memory_order_relaxed);
    return cut->data->n > before && status != SL_ENOMEM ? SL_OK : status;
}

void sl_csv_drop(struct sl_csv_cut *cut, size_t n, uint64_t lines)
{
    struct sl_csv *csv = cut->csv;
    csv->at.byte += sl_csv_source_bytes(csv->source.encoding, cut->data->p, n);
    csv->at.line += lines;
    memmove(cut->data->p, cut->data->p + n, cut->data->n - n);
    cut->data->n -= n;
}

/* Begin the scan at the start of a line, lines being counted on. */
static void scan_from(struct sl_csv_cut *cut, size_t at)
{
    sl_csv_scan_init(&cut->scan, &cut->csv->dialect, cut->data->p, cut->data->n, at, cut->lines);
}

/* Find the line end of the record at `start`, or the end of the file, quote by quote. CUT_FULL: it is at *end. Quotes
 * and line ends beyond max_record are not looked at, so that the verdict is the same however much was read. */
static enum verdict judge_end(struct sl_csv_cut *cut, size_t start, size_t *end)
{
    const char *p = cut->data->p;
    int quote = cut->csv->dialect.quote;
    size_t known = sl_csv_known(cut), last = start + cut->csv->dialect.max_record;
    bool quoted = false;
    scan_from(cut, start);
    for (size_t at = start;;) {
        at = sl_csv_find(&cut->scan, quoted ? SL_CSV_QUOTE : SL_CSV_QUOTE_OR_END, at);
        bool crlf = at == last + 1 && at < known && !quoted && p[at] == '\n' && p[last] == '\r';
        if (at < known && (at <= last || crlf)) {
            if ((unsigned char)p[at] == quote) {
                at = sl_csv_pass_quote(cut, start, at, &quoted);
                continue;
            }
            *end = at;
            return CUT_FULL;
        }
        if (!cut->whole && known <= last + 1) {
            return CUT_MORE;
        }
        if (!cut->whole || cut->data->n > last || quoted) {
            return quoted ? CUT_BAD_QUOTE : CUT_BAD_LONG;
        }
        *end = cut->data->n;
        return CUT_FULL;
    }
}

/* The same, by the masks for nearly all records; only the last one of the data, and what is too long, is judged. */
static inline enum verdict find_end(struct sl_csv_cut *cut, size_t start, size_t *end)
{
    size_t at = sl_csv_find(&cut->scan, SL_CSV_FINAL, start);
    if (at < sl_csv_known(cut) && at - start <= cut->csv->dialect.max_record) {
        *end = at;
        return CUT_FULL;
    }
    return judge_end(cut, start, end);
}

/* As find_end() for a comment: its line end, whatever it holds. */
static enum verdict find_comment_end(struct sl_csv_cut *cut, size_t start, size_t *end)
{
    size_t known = sl_csv_known(cut), at = sl_csv_find(&cut->scan, SL_CSV_END, start);
    if (at < known || cut->whole) {
        *end = at < known ? at : cut->data->n;
        return CUT_FULL;
    }
    return known - start > cut->csv->dialect.max_record ? CUT_COMMENT : CUT_MORE;
}

/* Is the line at `start` one that holds no record? CUT_MORE: too few bytes to tell. */
static inline enum verdict find_line(struct sl_csv_cut *cut, size_t start, size_t *end, bool *record)
{
    const char *p = cut->data->p;
    const struct sl_csv_dialect *dialect = &cut->csv->dialect;
    size_t left = cut->data->n - start;
    *record = true;
    if (dialect->comment.n) {
        if (left < dialect->comment.n && !cut->whole && memcmp(p + start, dialect->comment.p, left) == 0) {
            return CUT_MORE;
        }
        if (sl_csv_is_comment(dialect, p + start, left)) {
            *record = false;
            return find_comment_end(cut, start, end);
        }
    }
    enum verdict verdict = find_end(cut, start, end);
    if (verdict == CUT_FULL && (p[start] == ' ' || p[start] == '\t' || p[start] == '\r' || p[start] == '\n')) {
        size_t n = *end - start;
        n -= n && *end < cut->data->n && p[*end] == '\n' && p[*end - 1] == '\r';
        *record = !sl_csv_is_blank(dialect, p + start, n);
    }
    return verdict;
}

/* Move cut->end over whole lines as far as the block may go. */
static enum verdict look(struct sl_csv_cut *cut)
{
    size_t n = cut->data->n;
    scan_from(cut, cut->end);
    while (cut->end < n) {
        size_t end = cut->end;
        bool record;
        enum verdict verdict = find_line(cut, cut->end, &end, &record);
        if ((verdict == CUT_MORE || verdict == CUT_COMMENT) && n <= cut->limit) {
            return CUT_MORE;
        }
        size_t next = end + (verdict == CUT_FULL && end < n);
        if (verdict != CUT_FULL || next > cut->limit) {
            if (cut->records) {
                return CUT_FULL;
            }
            if (cut->end) {
                return CUT_DROP;
            }
            if (verdict != CUT_FULL) {
                return verdict;
            }
        }
        cut->lines = end < n ? sl_csv_lines_through(&cut->scan, end) : cut->scan.lines;
        cut->end = next;
        cut->records += record;
        if (!record && cut->csv->dialect.comment.n) {
            scan_from(cut, next); /* quotes in a comment mean nothing */
        }
        if (cut->records == SL_CHUNK_RECORDS) {
            return CUT_FULL;
        }
    }
    if (cut->whole) {
        return cut->records ? CUT_FULL : CUT_DROP;
    }
    return CUT_MORE;
}

static int finish(struct sl_csv_cut *cut, struct sl_block *block, struct sl_error *err)
{
    struct sl_csv *csv = cut->csv;
    size_t more = cut->end + cut->end / 8 + SL_CSV_PIECE / 8;
    block->mark = csv->at;
    block->records = cut->records;
    csv->expect = cut->records == SL_CHUNK_RECORDS && more < cut->limit ? more : SIZE_MAX;
    csv->at.byte += sl_csv_source_bytes(csv->source.encoding, cut->data->p, cut->end);
    csv->at.line += cut->lines;
    csv->at.record += cut->records;
    csv->at.sequence++;
    return sl_csv_unread(&csv->source, cut->data, cut->end, cut->fresh, err);
}

/* How many bytes to have before looking again, when those there are did not suffice. */
static size_t more_bytes(const struct sl_csv_cut *cut)
{
    size_t n = cut->data->n, most = cut->end + cut->csv->dialect.max_record + 3;
    if (n <= cut->limit) {
        return cut->limit + 1;
    }
    return 2 * n < most || most <= n ? 2 * n : most;
}

/* The next block of this file; SL_EEND when there is none. */
static int cut_block(struct sl_csv *csv, struct sl_block *block, struct sl_error *err)
{
    size_t limit = csv->base.block_bytes ? csv->base.block_bytes : 1;
    struct sl_csv_cut cut = { .csv = csv, .data = &block->data, .limit = limit };
    if (block->data.capacity / 8 > limit + SL_CSV_PIECE) {
        sl_buf_release(&block->data); /* a very long record has passed through it */
    }
    if (!sl_buf_reserve(&block->data, limit + SL_CSV_PIECE)) {
        return sl_fail_memory(err, "reading a block");
    }
    block->data.n = 0;
    for (size_t want = csv->expect < limit ? csv->expect : limit + 1;;) {
        int status = sl_csv_cut_fill(&cut, want, err);
        enum verdict verdict = look(&cut);
        if (status && (verdict == CUT_MORE || verdict == CUT_COMMENT)) {
            /* What was read before the input failed is not lost; the failure comes again with the next call. */
            return cut.records ? finish(&cut, block, err) : status;
        }
        switch (verdict) {
        case CUT_FULL: return finish(&cut, block, err);
        case CUT_BAD_QUOTE:
        case CUT_BAD_LONG: return sl_csv_give_up(&cut, block, verdict == CUT_BAD_QUOTE, err);
        case CUT_COMMENT:
            status = sl_csv_skip_line(&cut, 0, err);
            if (status) {
                return status;
            }
            want = limit + 1;
            break;
        case CUT_DROP:
            sl_csv_drop(&cut, cut.end, cut.lines);
            cut.end = 0;
            cut.lines = 0;
            if (cut.whole && cut.data->n == 0) {
                return SL_EEND;
            }
            want = limit + 1;
            break;
        case CUT_MORE: want = more_bytes(&cut); break;
        }
    }
}

int sl_csv_next(struct sl_reader *reader, struct sl_block *block, struct sl_error *err)
{
    struct sl_csv *csv = (struct sl_csv *)reader;
    for (;;) {
        int status = csv->ended ? SL_EEND : cut_block(csv, block, err);
        if (status != SL_EEND) {
            return status;
        }
        block->data.n = 0;
        csv->ended = true;
        if (csv->at.file + 1 >= csv->base.n_paths) {
            return SL_EEND;
        }
        status = sl_csv_start_file(csv, csv->at.file + 1, err);
        if (status) {
            return status;
        }
    }
}
