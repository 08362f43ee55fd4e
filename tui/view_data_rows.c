/* view_data_rows.c: records before and after an anchor, in pages that stay as long as their rows are shown.
 *
 * A page holds the blocks its cells lie in, so what is far from the screen is given up by beginning anew
 * (rows_heavy()). */
#include "view_data_rows.h"

#include <stdlib.h>
#include <time.h>

#define PAGE_ROWS  32
#define PAGES_MOST 24

static void release_side(struct row_side *side)
{
    for (size_t i = 0; i < side->n_pages; i++) {
        sl_page_release(side->pages[i]);
        free(side->pages[i]);
    }
    free(side->pages);
    free(side->rows);
    *side = (struct row_side){ 0 };
}

void rows_release(struct rows *rows)
{
    release_side(&rows->after);
    release_side(&rows->before);
    rows->error.status = SL_OK;
}

void rows_reset(struct rows *rows, uint64_t anchor, enum sl_filter filter, size_t stages)
{
    rows_release(rows);
    rows->anchor = anchor;
    rows->filter = filter;
    rows->stages = stages;
    rows->after.next = anchor;
    rows->before.next = anchor;
    rows->before.end = anchor == 0;
}

const struct sl_row *rows_at(const struct rows *rows, long i)
{
    const struct row_side *side = i >= 0 ? &rows->after : &rows->before;
    size_t at = i >= 0 ? (size_t)i : (size_t)(-1 - i);
    return at < side->n ? side->rows[at] : NULL;
}

bool rows_heavy(const struct rows *rows)
{
    return rows->after.n_pages + rows->before.n_pages > PAGES_MOST;
}

static bool make_room(struct row_side *side, size_t more)
{
    if (side->n + more > side->capacity) {
        size_t capacity = side->capacity * 2 + more;
        const struct sl_row **grown = realloc(side->rows, capacity * sizeof *grown);
        if (!grown) {
            return false;
        }
        side->rows = grown;
        side->capacity = capacity;
    }
    if (side->n_pages == side->pages_capacity) {
        size_t capacity = side->pages_capacity * 2 + 8;
        struct sl_page **grown = realloc(side->pages, capacity * sizeof *grown);
        if (!grown) {
            return false;
        }
        side->pages = grown;
        side->pages_capacity = capacity;
    }
    return true;
}

static int load_page(struct rows *rows, struct row_side *side, struct sl_browser *browser, int budget_ms)
{
    struct sl_page *page = calloc(1, sizeof *page);
    if (!page || !make_room(side, PAGE_ROWS)) {
        free(page);
        return sl_fail_memory(&rows->error, "showing records");
    }
    bool backward = side == &rows->before;
    int status = sl_browser_page(browser, side->next, PAGE_ROWS, backward, rows->filter, NULL, rows->stages, budget_ms,
                                 page, &rows->error);
    if (status != SL_OK) {
        free(page);
        return status;
    }
    /* Going up, `next` is the record to look at next, and a page begins before the record it is asked for. */
    side->next = backward ? page->next + !page->end : page->next;
    side->end = page->end;
    for (size_t i = 0; i < page->n; i++) {
        side->rows[side->n++] = &page->rows[i];
    }
    if (page->n) {
        side->pages[side->n_pages++] = page;
    } else {
        sl_page_release(page);
        free(page);
    }
    return SL_OK;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool wants(const struct row_side *side, size_t n)
{
    return side->n < n && !side->end;
}

bool rows_load(struct rows *rows, struct sl_browser *browser, long first, long last, int budget_ms)
{
    int64_t end = now_ms() + budget_ms;
    size_t after = last >= 0 ? (size_t)last + 1 : 0, before = first < 0 ? (size_t)-first : 0;
    while (rows->error.status == SL_OK && (wants(&rows->after, after) || wants(&rows->before, before))) {
        int64_t left = end - now_ms();
        if (left <= 0) {
            return true;
        }
        struct row_side *side = wants(&rows->after, after) ? &rows->after : &rows->before;
        if (load_page(rows, side, browser, (int)left) != SL_OK) {
            return false;
        }
    }
    return false;
}
