/* csv_skip.c: records that cannot be cut: what is told of them, and where reading goes on.
 *
 * A quote that is never closed costs its record up to the end of the line it stands in; the lines behind are records
 * again. A record that is merely too long is passed over whole, its quotes heeded, in memory for max_record bytes at
 * most. */
#include "engine/data/csv_cut.h"

#include <inttypes.h>
#include <stdio.h>

enum { EXCERPT = 128 };

static void drop(struct sl_csv_cut *cut, size_t n)
{
    sl_csv_drop(cut, n, sl_csv_lines(cut->data->p, n, cut->data->n - n));
}

int sl_csv_skip_line(struct sl_csv_cut *cut, size_t at, struct sl_error *err)
{
    for (;;) {
        size_t known = sl_csv_known(cut);
        sl_csv_scan_init(&cut->scan, &cut->csv->dialect, cut->data->p, cut->data->n, at, 0);
        size_t end = sl_csv_find(&cut->scan, SL_CSV_END, at);
        if (end < known || cut->whole) {
            drop(cut, end < known ? end + 1 : cut->data->n);
            return SL_OK;
        }
        drop(cut, known);
        at = 0;
        int status = sl_csv_cut_fill(cut, SL_CSV_PIECE, err);
        if (status) {
            return status;
        }
    }
}

/* Leave out the rest of a record that is too long, quotes still being heeded; `at` stands outside quotes, not at the
 * start of the data. A quote that is open for too long is not believed, and its line ends the record. */
static int skip_record(struct sl_csv_cut *cut, size_t at, struct sl_error *err)
{
    const struct sl_csv_dialect *dialect = &cut->csv->dialect;
    bool quoted = false;
    sl_csv_scan_init(&cut->scan, dialect, cut->data->p, cut->data->n, at, 0);
    for (;;) {
        size_t known = sl_csv_known(cut), from = at; /* from may be one past known, behind a doubled quote */
        at = sl_csv_find(&cut->scan, quoted ? SL_CSV_QUOTE : SL_CSV_QUOTE_OR_END, at);
        size_t seen = at < known ? at : known;
        if (quoted && (seen - cut->open > dialect->max_record + (at >= known) || (at >= known && cut->whole))) {
            return sl_csv_skip_line(cut, cut->open, err);
        }
        if (at < known && (unsigned char)cut->data->p[at] == dialect->quote) {
            at = sl_csv_pass_quote(cut, SIZE_MAX, at, &quoted);
        } else if (at < known || cut->whole) {
            drop(cut, at < known ? at + 1 : cut->data->n);
            return SL_OK;
        } else {
            size_t kept = quoted ? cut->open : known - 1;
            drop(cut, kept);
            cut->open = 0;
            at = (from > known ? from : known) - kept;
            int status = sl_csv_cut_fill(cut, 2 * cut->data->n + SL_CSV_PIECE, err);
            if (status) {
                return status;
            }
            sl_csv_scan_init(&cut->scan, dialect, cut->data->p, cut->data->n, at, 0);
        }
    }
}

static void explain(const struct sl_csv_cut *cut, bool quote, char *out, size_t size)
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

int sl_csv_give_up(struct sl_csv_cut *cut, struct sl_block *block, bool quote, struct sl_error *err)
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
    int status = quote ? sl_csv_skip_line(cut, cut->open, err) : skip_record(cut, csv->dialect.max_record + 1, err);
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
