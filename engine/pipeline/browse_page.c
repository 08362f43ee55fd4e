/* browse_page.c: pages of records, raw and after the stages.
 *
 * A block's records go through the stages one at a time, as a chunk of one: it is the code training runs, a record that
 * fails does not take others with it, and a dropped record is known by name. */
#include "browse_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

struct paging {
    struct sl_browser *browser;
    struct sl_page *page;
    size_t wanted, stages;
    enum sl_filter filter;
    const char *match;
    uint64_t deadline;
};

struct holding {
    struct held_block **blocks;
    size_t n, capacity;
};

void sl_page_release(struct sl_page *page)
{
    struct holding *holding = page->held;
    for (size_t i = 0; holding && i < holding->n; i++)
        sl_held_block_drop(holding->blocks[i]);
    if (holding)
        free(holding->blocks);
    free(holding);
    sl_arena_release(&page->arena);
    memset(page, 0, sizeof *page);
}

/* The page keeps its use of a block until it is released. */
static int hold(struct sl_page *page, struct held_block *block, struct sl_error *err)
{
    struct holding *holding = page->held;
    if (holding->n == holding->capacity) {
        size_t capacity = holding->capacity ? holding->capacity * 2 : 8;
        struct held_block **blocks = realloc(holding->blocks, capacity * sizeof *blocks);
        if (!blocks) {
            sl_held_block_drop(block);
            return sl_fail_memory(err, "a page");
        }
        holding->blocks = blocks;
        holding->capacity = capacity;
    }
    holding->blocks[holding->n++] = block;
    return SL_OK;
}

/* Column c of `from` in `to`: at the same place most of the time. */
static long same_column(const struct sl_schema *from, size_t c, const struct sl_schema *to)
{
    if (c < to->n && strcmp(to->fields[c].name, from->fields[c].name) == 0)
        return (long)c;
    return sl_schema_find(to, sl_str(from->fields[c].name));
}

static bool row_changed(const struct sl_chunk *raw, const struct sl_chunk *after)
{
    for (size_t c = 0; raw != after && c < raw->schema->n; c++) {
        long at = same_column(raw->schema, c, after->schema);
        if (at >= 0 && after->schema->fields[at].type == raw->schema->fields[c].type &&
            !sl_cell_equal(raw, c, 0, after, (size_t)at, 0))
            return true;
    }
    return false;
}

static bool contains(struct sl_str text, const char *match)
{
    size_t n = strlen(match);
    for (size_t i = 0; i + n <= text.n; i++)
        if (strncasecmp(text.p + i, match, n) == 0)
            return true;
    return false;
}

static bool chunk_matches(const struct sl_chunk *chunk, const char *match)
{
    for (size_t c = 0; chunk && chunk->n && c < chunk->schema->n; c++) {
        if (chunk->schema->fields[c].type == SL_TEXT) {
            if (sl_valid(&chunk->columns[c], 0) && contains(chunk->columns[c].text[0], match))
                return true;
        } else if (chunk->schema->fields[c].type == SL_NUMBER) {
            struct sl_buf cell = { 0 };
            sl_cell_format(chunk, c, 0, &cell);
            bool found = cell.n && contains((struct sl_str){ cell.p, cell.n }, match);
            sl_buf_release(&cell);
            if (found)
                return true;
        }
    }
    return false;
}

/* One record through the stages. */
static int run_stages(struct paging *p, struct sl_row *row, struct sl_error *err)
{
    struct sl_browser *b = p->browser;
    struct sl_arena *arena = &p->page->arena;
    struct sl_chunk now = *row->raw_chunk;
    size_t last = p->stages < sl_pipeline_end(b->pipeline) ? p->stages : sl_pipeline_end(b->pipeline);
    now.arena = arena;
    row->dropped_by = -1;
    row->before_chunk = row->raw_chunk;
    for (size_t i = 1; i < last; i++) {
        struct sl_chunk *next = sl_arena_zero(arena, 2, sizeof *next);
        if (!next)
            return sl_fail_memory(err, "a page");
        next[0] = now;
        int status = sl_pipeline_apply(b->pipeline, i, i + 1, b->scratch, &now, &next[1], err);
        if (status)
            return status;
        row->before_chunk = &next[0];
        row->after_chunk = &next[1];
        if (next[1].n == 0) {
            row->dropped_by = (int)i;
            row->after_chunk = NULL;
            if (i + 1 < last)
                row->before_chunk = NULL;
            return SL_OK;
        }
        now = next[1];
    }
    if (!row->after_chunk)
        row->after_chunk = row->raw_chunk;
    row->changed = row_changed(row->raw_chunk, row->after_chunk);
    return SL_OK;
}

static bool passes(const struct paging *p, const struct sl_row *row)
{
    switch (p->filter) {
    case SL_SHOW_ALL: return true;
    case SL_SHOW_CHANGED: return !row->rejected && row->changed;
    case SL_SHOW_DROPPED: return !row->rejected && row->dropped_by >= 0;
    case SL_SHOW_QUARANTINED: return row->rejected;
    case SL_SHOW_MATCHING:
        if (!p->match || !*p->match)
            return true;
        if (row->rejected)
            return contains(sl_str(row->reject.excerpt), p->match) || contains(sl_str(row->reject.reason), p->match);
        return chunk_matches(row->raw_chunk, p->match) || chunk_matches(row->after_chunk, p->match);
    }
    return false;
}

static int make_row(struct paging *p, struct held_block *held, uint32_t i, struct sl_row *row, struct sl_error *err)
{
    struct sl_chunk *raw = sl_arena_zero(&p->page->arena, 1, sizeof *raw);
    if (!raw)
        return sl_fail_memory(err, "a page");
    struct sl_chunk whole = held->chunk;
    whole.arena = &p->page->arena; /* the block's arena is for its parsing alone */
    int status = sl_chunk_slice(raw, &whole, i, 1, err);
    *row = (struct sl_row){ .record = held->chunk.origin[i].record, .origin = held->chunk.origin[i], .raw_chunk = raw };
    return status ? status : run_stages(p, row, err);
}

/* Place of record number r among the block's parsed records, and among its rejects. */
static bool find_parsed(const struct held_block *held, uint64_t r, uint32_t *i)
{
    uint32_t low = 0, high = held->chunk.n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (held->chunk.origin[middle].record < r)
            low = middle + 1;
        else
            high = middle;
    }
    *i = low;
    return low < held->chunk.n && held->chunk.origin[low].record == r;
}

static const struct sl_reject *find_reject(const struct held_block *held, uint64_t r)
{
    for (size_t i = 0; i < held->rejects.n; i++)
        if (held->rejects.entries[i].origin.record == r)
            return &held->rejects.entries[i];
    return NULL;
}

static int take_record(struct paging *p, struct held_block *held, uint64_t r, struct sl_error *err)
{
    struct sl_row row;
    uint32_t i;
    if (find_parsed(held, r, &i)) {
        if (p->filter == SL_SHOW_QUARANTINED)
            return SL_OK;
        int status = make_row(p, held, i, &row, err);
        if (status)
            return status;
    } else {
        const struct sl_reject *reject = find_reject(held, r);
        if (!reject)
            return SL_OK;
        row = (struct sl_row){
            .record = r, .origin = reject->origin, .rejected = true, .reject = *reject, .dropped_by = -1
        };
    }
    if (passes(p, &row))
        p->page->rows[p->page->n++] = row;
    return SL_OK;
}

static int take_block(struct paging *p, struct held_block *held, uint64_t *record, bool backward, struct sl_error *err)
{
    uint64_t first = held->block.mark.record, end = first + held->block.records;
    int status = SL_OK;
    if (*record < first)
        *record = first;
    while (!status && p->page->n < p->wanted && *record >= first && *record < end) {
        status = take_record(p, held, *record, err);
        bool last = backward && *record == first;
        *record = backward ? *record - !last : *record + 1;
        if (last) {
            *record = first ? first - 1 : UINT64_MAX;
            break;
        }
        if (p->page->n < p->wanted && sl_now() > p->deadline) {
            p->page->more = true;
            break;
        }
    }
    return status;
}

static int fill_page(struct paging *p, uint64_t record, bool backward, struct sl_error *err)
{
    struct sl_page *page = p->page;
    int status = SL_OK;
    while (!status && page->n < p->wanted && !page->more) {
        struct held_block *held = NULL;
        size_t k = sl_browser_block_of(p->browser, record);
        status = sl_browser_block(p->browser, k, &held, err);
        /* Beyond what is known: walk on, at least one block a call. */
        while (!status && record >= held->block.mark.record + held->block.records) {
            sl_held_block_drop(held);
            held = NULL;
            status = sl_browser_block(p->browser, ++k, &held, err);
            if (!status && record >= held->block.mark.record + held->block.records && sl_now() > p->deadline) {
                sl_held_block_drop(held);
                page->more = true;
                page->next = record;
                return SL_OK;
            }
        }
        if (status == SL_EEND) {
            page->end = true;
            status = SL_OK;
            break;
        }
        if (!status)
            status = hold(page, held, err);
        if (!status)
            status = take_block(p, held, &record, backward, err);
        if (backward && record == UINT64_MAX) {
            page->end = true;
            record = 0;
            break;
        }
    }
    page->next = record;
    return status;
}

int sl_browser_page(struct sl_browser *browser, uint64_t first, size_t n, bool backward, enum sl_filter filter,
                    const char *match, size_t stages, int budget_ms, struct sl_page *page, struct sl_error *err)
{
    struct paging p = { .browser = browser,
                        .page = page,
                        .wanted = n,
                        .stages = stages,
                        .filter = filter,
                        .match = match,
                        .deadline = sl_now() + (uint64_t)budget_ms * 1000000 };
    *page = (struct sl_page){ 0 };
    sl_arena_init(&page->arena);
    page->held = calloc(1, sizeof(struct holding));
    page->rows = sl_arena_zero(&page->arena, n + 1, sizeof *page->rows);
    int status = page->held && page->rows ? SL_OK : sl_fail_memory(err, "a page");
    if (!status && backward && first == 0)
        page->end = true;
    else if (!status)
        status = fill_page(&p, backward ? first - 1 : first, backward, err);
    if (status)
        sl_page_release(page);
    return status;
}
