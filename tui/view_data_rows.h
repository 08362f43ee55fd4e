/* view_data_rows.h: the records around one place of the input, loaded page by page as they are needed. */
#ifndef SL_TUI_VIEW_DATA_ROWS_H
#define SL_TUI_VIEW_DATA_ROWS_H

#include "sluice/browse.h"

struct row_side {
    struct sl_page **pages;
    size_t n_pages, pages_capacity;
    const struct sl_row **rows; /* nearest to the anchor first */
    size_t n, capacity;
    uint64_t next; /* where to go on */
    bool end;      /* nothing beyond */
};

/* Row 0 is the first at or after the anchor, row -1 the one before it. */
struct rows {
    uint64_t anchor;
    enum sl_filter filter;
    size_t stages;
    struct row_side after, before;
    struct sl_error error; /* status != 0: loading ended on it */
};

void rows_release(struct rows *rows);
/* Forget all and begin at another place. */
void rows_reset(struct rows *rows, uint64_t anchor, enum sl_filter filter, size_t stages);
/* Row i, NULL when not there (yet). */
const struct sl_row *rows_at(const struct rows *rows, long i);
/* Load towards having rows first..last, for about budget_ms. True: it is not done yet. */
bool rows_load(struct rows *rows, struct sl_browser *browser, long first, long last, int budget_ms);
/* So much is held that it is better to begin anew around another place. */
bool rows_heavy(const struct rows *rows);

#endif
