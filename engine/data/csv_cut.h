/* csv_cut.h: what csv_cut and csv_skip know of each other: a block in the making. */
#ifndef SLUICE_ENGINE_DATA_CSV_CUT_H
#define SLUICE_ENGINE_DATA_CSV_CUT_H

#include "engine/data/csv.h"

enum { SL_CSV_PIECE = 64 * 1024 }; /* what is read at a time when it is to be passed over */

struct sl_csv_cut {
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
static inline size_t sl_csv_known(const struct sl_csv_cut *cut)
{
    return cut->data->n - (!cut->whole && cut->data->n);
}

/* The quote found at `at`, when *quoted tells whether it stands inside quotes; returns where to look on. */
static inline size_t sl_csv_pass_quote(struct sl_csv_cut *cut, size_t start, size_t at, bool *quoted)
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

/* Have `want` bytes of data if there are so many. An input that fails is told of only when it gave nothing before: it
 * will fail again. */
int sl_csv_cut_fill(struct sl_csv_cut *cut, size_t want, struct sl_error *err);
/* Leave out the first n bytes, which hold `lines` line ends. */
void sl_csv_drop(struct sl_csv_cut *cut, size_t n, uint64_t lines);

/* csv_skip.c */

/* Leave out what is up to and with the first line end at or after `at`. */
int sl_csv_skip_line(struct sl_csv_cut *cut, size_t at, struct sl_error *err);
/* The record that the data begins with cannot be cut, for the quote at cut->open or its length: a block of its own,
 * with the reason. */
int sl_csv_give_up(struct sl_csv_cut *cut, struct sl_block *block, bool quote, struct sl_error *err);

#endif
