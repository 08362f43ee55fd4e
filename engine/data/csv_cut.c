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
#include "engine/data/csv.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>

enum { PIECE = 64 * 1024, EXCERPT = 128 };

enum verdict {
    CUT_FULL,      /* the block ends at cut->end */
    CUT_MORE,      /* more bytes are needed */
    CUT_DROP,      /* nothing but blank lines up to cut->end: leave them out */
    CUT_COMMENT,   /* what begins there is a comment too long to keep */
    CUT_BAD_QUOTE, /* the record at cut->end: its quote at cut->open is never closed */
    CUT_BAD_LONG,  /* … is too long */
};

struct cut {
    struct sl_csv *csv;
    struct sl_buf *data;
    size_t limit;     /* bytes a block may have */
    size_t fresh;     /* of data, from the input */
    bool whole;       /* data goes to the end of the file */
    size_t end;       /* of the records and blank lines found so far */
    uint64_t lines;   /* in them */
    uint32_t records; /* in them */
    size_t open;      /* last quote that opened */
    struct sl_csv_scan scan;
};

/* Bytes whose follower is known, which a CR and a quote must have. */
static size_t known_bytes(const struct cut *cut)
{
    return cut->data->n - (!cut->whole && cut->data->n);
}

/* An input that fails is told of only when it gave nothing before: it will fail again. */
static int fill(struct cut *cut, size_t want, struct sl_error *err)
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

/* Leave out the first n bytes, which hold `lines` line ends. */
static void drop_lines(struct cut *cut, size_t n, uint64_t lines)
{
    struct sl_csv *csv = cut->csv;
    csv->at.byte += sl_csv_source_bytes(csv->source.encoding, cut->data->p, n);
    csv->at.line += lines;
    memmove(cut->data->p, cut->data->p + n, cut->data->n - n);
    cut->data->n -= n;
}

static void drop(struct cut *cut, size_t n)
{
    drop_lines(cut, n, sl_csv_lines(cut->data->p, n, cut->data->n - n));
}

/* The quote found at `at`, when *quoted tells whether it stands inside quotes; returns where to look on. */
static inline size_t pass_quote(struct cut *cut, size_t start, size_t at, bool *quoted)
{
    const char *p = cut->data->p;
    const struct sl_csv_dialect *dialect = &cut->csv->dialect;
    if (*quoted) {
        if (at + 1 < cut->data->n && p[at + 1] == p[at]) {
            return at + 2;
        }
        *quoted = false;
    } else if (at == start || (unsigned char)p[at - 1] == dialect->delimiter) {
        *quoted = true;
        cut->open = at;
    }
    return at + 1;
}

/* Find the line end of the record at `start`, or the end of the file. CUT_FULL: it is at *end. Quotes and line ends
 * beyond max_record are not looked at, so that the verdict is the same however much was read. */
static inline enum verdict find_end(struct cut *cut, size_t start, size_t *end)
{
    const char *p = cut->data->p;
    int quote = cut->csv->dialect.quote;
    size_t known = known_bytes(cut), last = start + cut->csv->dialect.max_record;
    bool quoted = false;
    for (size_t at = start;;) {
        at = sl_csv_find(&cut->scan, quoted ? SL_CSV_QUOTE : SL_CSV_QUOTE_OR_END, at);
        bool crlf = at == last + 1 && at < known && !quoted && p[at] == '\n' && p[last] == '\r';
        if (at < known && (at <= last || crlf)) {
            if ((unsigned char)p[at] == quote) {
                at = pass_quote(cut, start, at, &quoted);
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

/* As find_end() for a comment: its line end, whatever it holds. */
static enum verdict find_comment_end(struct cut *cut, size_t start, size_t *end)
{
    size_t known = known_bytes(cut), at = sl_csv_find(&cut->scan, SL_CSV_END, start);
    if (at < known || cut->whole) {
        *end = at < known ? at : cut->data->n;
        return CUT_FULL;
    }
    return known - start > cut->csv->dialect.max_record ? CUT_COMMENT : CUT_MORE;
}

/* Is the line at `start` one that holds no record? CUT_MORE: too few bytes to tell. */
static inline enum verdict find_line(struct cut *cut, size_t start, size_t *end, bool *record)
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
static enum verdict look(struct cut *cut)
{
    size_t n = cut->data->n;
    uint64_t before = cut->lines;
    sl_csv_scan_init(&cut->scan, &cut->csv->dialect, cut->data->p, n, cut->end, true);
    while (cut->end < n) {
        size_t end;
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
        cut->lines = before + (end < n ? sl_csv_lines_through(&cut->scan, end) : cut->scan.lines);
        cut->end = next;
        cut->records += record;
        if (cut->records == SL_CHUNK_RECORDS) {
            return CUT_FULL;
        }
    }
    if (cut->whole) {
        return cut->records ? CUT_FULL : CUT_DROP;
    }
    return CUT_MORE;
}

/* Leave out what is up to and with the first line end at or after `at`. */
static int skip_line(struct cut *cut, size_t at, struct sl_error *err)
{
    for (;;) {
        size_t known = known_bytes(cut);
        sl_csv_scan_init(&cut->scan, &cut->csv->dialect, cut->data->p, cut->data->n, at, true);
        size_t end = sl_csv_find(&cut->scan, SL_CSV_END, at);
        if (end < known || cut->whole) {
            drop(cut, end < known ? end + 1 : cut->data->n);
            return SL_OK;
        }
        drop(cut, known);
        at = 0;
        int status = fill(cut, PIECE, err);
        if (status) {
            return status;
        }
    }
}

/* Leave out the rest of a record that is too long, quotes still being heeded; `at` stands outside quotes, not at the
 * start of the data. A quote that is open for too long is not believed, and its line ends the record. */
static int skip_record(struct cut *cut, size_t at, struct sl_error *err)
{
    const struct sl_csv_dialect *dialect = &cut->csv->dialect;
    bool quoted = false;
    sl_csv_scan_init(&cut->scan, dialect, cut->data->p, cut->data->n, at, true);
    for (;;) {
        size_t known = known_bytes(cut);
        at = sl_csv_find(&cut->scan, quoted ? SL_CSV_QUOTE : SL_CSV_QUOTE_OR_END, at);
        size_t seen = at < known ? at : known;
        if (quoted && (seen - cut->open > dialect->max_record + (at >= known) || (at >= known && cut->whole))) {
            return skip_line(cut, cut->open, err);
        }
        if (at < known && (unsigned char)cut->data->p[at] == dialect->quote) {
            at = pass_quote(cut, SIZE_MAX, at, &quoted);
        } else if (at < known || cut->whole) {
            drop(cut, at < known ? at + 1 : cut->data->n);
            return SL_OK;
        } else {
            size_t kept = quoted ? cut->open : known - 1;
            drop(cut, kept);
            cut->open = 0;
            at = known - kept;
            int status = fill(cut, 2 * cut->data->n + PIECE, err);
            if (status) {
                return status;
            }
            sl_csv_scan_init(&cut->scan, dialect, cut->data->p, cut->data->n, at, true);
        }
    }
}

static void explain(const struct cut *cut, bool quote, char *out, size_t size)
{
    const struct sl_csv *csv = cut->csv;
    const char *p = cut->data->p;
    uint64_t most = csv->dialect.max_record;
    if (!quote) {
        snprintf(out, size, "the record is longer than %" PRIu64 " bytes; raise max_record", most);
        return;
    }
    size_t start = cut->open;
    while (start && p[start - 1] != '\n' && p[start - 1] != '\r') {
        start--;
    }
    uint64_t line = csv->at.line + sl_csv_lines(p, start, cut->data->n - start);
    uint64_t column = cut->open - start + 1;
    if (cut->whole && cut->data->n <= most) {
        snprintf(out, size,
                 "quote opened at line %" PRIu64 ", column %" PRIu64
                 " is never closed; close it, or read with quote=none",
                 line, column);
    } else {
        snprintf(out, size,
                 "quote opened at line %" PRIu64 ", column %" PRIu64 " is not closed within %" PRIu64
                 " bytes; close it, raise max_record, or read with quote=none",
                 line, column, most);
    }
}

/* The record that the data begins with cannot be cut: a block of its own, with the reason. */
static int give_up(struct cut *cut, struct sl_block *block, bool quote, struct sl_error *err)
{
    struct sl_csv *csv = cut->csv;
    struct sl_buf *data = cut->data;
    struct sl_csv_note note = { 0 };
    char text[EXCERPT];
    size_t n = data->n < EXCERPT ? data->n : EXCERPT, sure = csv->dialect.max_record + 1;
    n = n < sure ? n : sure; /* what is there however much was read */
    memcpy(text, data->p, n);
    explain(cut, quote, note.reason, sizeof note.reason);
    block->mark = csv->at;
    int status = quote ? skip_line(cut, cut->open, err) : skip_record(cut, csv->dialect.max_record + 1, err);
    if (status == SL_OK) {
        status = sl_csv_unread(&csv->source, data, 0, cut->fresh, err);
    } else if (status != SL_ENOMEM) {
        status = SL_OK; /* the input failed behind this record, and will again */
        data->n = 0;
    }
    if (status) {
        return status;
    }
    note.text = n;
    sl_buf_add(data, text, n);
    sl_buf_add(data, &note, sizeof note);
    if (data->failed) {
        return sl_fail_memory(err, "reading a block");
    }
    block->cut_bad = (struct sl_str){ data->p + n, sizeof note };
    block->records = 1;
    csv->at.record++;
    csv->at.sequence++;
    return SL_OK;
}

static int finish(struct cut *cut, struct sl_block *block, struct sl_error *err)
{
    struct sl_csv *csv = cut->csv;
    size_t more = cut->end + cut->end / 8 + PIECE / 8;
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
static size_t more_bytes(const struct cut *cut)
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
    struct cut cut = { .csv = csv, .data = &block->data, .limit = limit };
    if (block->data.capacity / 8 > limit + PIECE) {
        sl_buf_release(&block->data); /* a very long record has passed through it */
    }
    if (!sl_buf_reserve(&block->data, limit + PIECE)) {
        return sl_fail_memory(err, "reading a block");
    }
    block->data.n = 0;
    for (size_t want = csv->expect < limit ? csv->expect : limit + 1;;) {
        int status = fill(&cut, want, err);
        enum verdict verdict = look(&cut);
        if (status && (verdict == CUT_MORE || verdict == CUT_COMMENT)) {
            /* What was read before the input failed is not lost; the failure comes again with the next call. */
            return cut.records ? finish(&cut, block, err) : status;
        }
        switch (verdict) {
        case CUT_FULL: return finish(&cut, block, err);
        case CUT_BAD_QUOTE:
        case CUT_BAD_LONG: return give_up(&cut, block, verdict == CUT_BAD_QUOTE, err);
        case CUT_COMMENT:
            status = skip_line(&cut, 0, err);
            if (status) {
                return status;
            }
            want = limit + 1;
            break;
        case CUT_DROP:
            drop_lines(&cut, cut.end, cut.lines);
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
