/* browse.h: looking at any record of an input of any size, raw and after any stage.
 *
 * A browser has a reader of its own and remembers a mark per block as it gets to know them, so that record N is found
 * by reading one block. A background scan walks the whole input once, learning marks, quarantine and column profile; it
 * can be cancelled and goes on where it stopped. Calls below are for one thread (the user interface's); the scan has
 * its own. */
#ifndef SLUICE_BROWSE_H
#define SLUICE_BROWSE_H

#include "sluice/pipeline.h"
#include "sluice/profile.h"

struct sl_browser;

/* On the pipeline's source. Reads the first block only. */
int sl_browser_new(struct sl_browser **out, struct sl_pipeline *pipeline, const struct sl_pipeline_options *options,
                   struct sl_error *err);
void sl_browser_free(struct sl_browser *browser);
/* Use another pipeline over the same source (stages changed); marks, quarantine and profile are kept. */
int sl_browser_pipeline(struct sl_browser *browser, struct sl_pipeline *pipeline, struct sl_error *err);

/* Start, or go on with, the background scan, on `threads` workers; wake() is called from its thread at most every 30 ms
 * when there is more to see. cancel waits for it to stop (milliseconds). */
int sl_browser_scan(struct sl_browser *browser, int threads, void (*wake)(void *ctx), void *ctx, struct sl_error *err);
void sl_browser_cancel(struct sl_browser *browser);
/* What is known so far. */
struct sl_scan_state {
    bool running, complete;
    uint64_t records, quarantined; /* seen so far */
    double fraction;               /* of bytes, 0..1; NaN unknown */
    struct sl_error error;         /* status != 0: the scan ended on it */
};
void sl_browser_state(struct sl_browser *browser, struct sl_scan_state *out);
/* Take over marks and quarantine a run has found (the run read everything). */
int sl_browser_adopt(struct sl_browser *browser, const struct sl_run_result *run, struct sl_error *err);
bool sl_browser_profile(struct sl_browser *browser, size_t column, struct sl_column_profile *out);
/* Rejects k.. as of now, in the order met; copies up to n, returns how many. */
size_t sl_browser_rejects(struct sl_browser *browser, size_t first, struct sl_reject *out, size_t n);

enum sl_filter { SL_SHOW_ALL, SL_SHOW_CHANGED, SL_SHOW_DROPPED, SL_SHOW_QUARANTINED, SL_SHOW_MATCHING };

struct sl_row {
    uint64_t record; /* its number in the input */
    struct sl_origin origin;
    bool rejected; /* could not be read: only `reject` is set */
    struct sl_reject reject;
    uint32_t raw;                     /* row in page->raw's chunk */
    const struct sl_chunk *raw_chunk; /* as read: one record at row `raw` */
    const struct sl_chunk
        *before_chunk;                  /* n == 1: as it came into the last stage asked for; NULL when dropped before */
    const struct sl_chunk *after_chunk; /* n == 1: after it; NULL when dropped */
    int dropped_by;                     /* stage index, or -1 */
    bool changed;                       /* some cell differs between raw and after */
};

struct sl_page {
    struct sl_row *rows;
    size_t n;
    bool more;             /* stopped for time: ask again from `next` */
    bool end;              /* there is nothing beyond (before, going up) */
    uint64_t next;         /* record to go on from */
    struct sl_arena arena; /* owns rows and cells */
    void *held;            /* blocks the cells borrow; freed by release */
};

/* Up to n rows at or after `first` (before `first`, nearest first, when backward) that pass the filter, after applying
 * stages 0..stages-1. `match` is for SL_SHOW_MATCHING: plain text searched, case-insensitively, in the raw and clean
 * text. Gives up after `budget_ms`, with what it has. The page must be zeroed or released before. */
int sl_browser_page(struct sl_browser *browser, uint64_t first, size_t n, bool backward, enum sl_filter filter,
                    const char *match, size_t stages, int budget_ms, struct sl_page *page, struct sl_error *err);
void sl_page_release(struct sl_page *page);

#endif
