/* audit_look.c: what an audit notes as the records pass by. Each worker has its own books; blocks reach a worker in
 * rising order, but books do not rely on it. */
#include "audit_private.h"

#include <stdlib.h>

void sl_first_add(struct sl_first *first, uint64_t record)
{
    first->n++;
    size_t at = first->kept;
    if (at == first->most && (!at || first->record[at - 1] < record))
        return;
    if (at == first->most)
        at--;
    else
        first->kept++;
    for (; at && first->record[at - 1] > record; at--)
        first->record[at] = first->record[at - 1];
    first->record[at] = record;
}

void sl_first_merge(struct sl_first *into, const struct sl_first *from)
{
    uint64_t n = into->n + from->n;
    for (size_t i = 0; i < from->kept; i++)
        sl_first_add(into, from->record[i]);
    into->n = n;
}

/* Room for one more element of an array of n. */
static void *extend(void *array, size_t *capacity, size_t n, size_t size)
{
    if (n < *capacity)
        return array;
    size_t more = *capacity ? *capacity * 2 : 1024, bytes;
    void *moved = sl_mul(more, size, &bytes) ? realloc(array, bytes) : NULL;
    if (moved)
        *capacity = more;
    return moved;
}

static int list_dropped(struct sl_record_list *list, const struct sl_chunk *rows, const uint64_t *bit,
                        struct sl_error *err)
{
    for (uint32_t i = 0; i < rows->n; i++) {
        if (!(bit[i >> 6] >> (i & 63) & 1))
            continue;
        uint64_t *record = extend(list->record, &list->capacity, list->n, sizeof *record);
        if (!record)
            return sl_fail_memory(err, "listing dropped records");
        list->record = record;
        list->record[list->n++] = rows->origin[i].record;
    }
    return SL_OK;
}

static void add_rows(struct sl_first *first, const struct sl_chunk *rows, const uint64_t *bit)
{
    for (size_t w = 0; w < sl_bitmap_words(rows->n); w++)
        for (uint64_t bits = bit[w]; bits; bits &= bits - 1)
            sl_first_add(first, rows->origin[w * 64 + (size_t)__builtin_ctzll(bits)].record);
}

/* Set the bits of `rows` that are set in `bit` (NULL: all) in a bitmap over the raw chunk. */
static void mark_raw(const struct sl_chunk *raw, const struct sl_chunk *rows, const uint64_t *bit, uint64_t *to)
{
    uint32_t r = 0;
    for (uint32_t i = 0; i < rows->n; i++) {
        while (raw->origin[r].record != rows->origin[i].record)
            r++;
        if (!bit || (bit[i >> 6] >> (i & 63) & 1))
            to[r >> 6] |= UINT64_C(1) << (r & 63);
    }
}

static int take_texts(struct sl_auditing *a, struct sl_audit_worker *w, const struct sl_chunk *chunk,
                      struct sl_error *err)
{
    const char *target = a->pass.pipeline->stages[0].target;
    for (uint32_t i = 0; i < chunk->n; i++) {
        struct sl_text_key *keys = extend(w->keys, &w->key_capacity, w->n_keys, sizeof *keys);
        if (!keys)
            return sl_fail_memory(err, "comparing texts");
        w->keys = keys;
        w->n_keys += sl_text_key_make(chunk, i, target, &keys[w->n_keys]);
    }
    return SL_OK;
}

static void look_source(struct sl_audit_worker *w, const struct sl_pass_view *view)
{
    struct sl_first *counts = w->counts[0];
    memset(w->touched, 0, sizeof w->touched);
    memset(w->gone, 0, sizeof w->gone);
    w->records += view->raw->n + view->rejects->total;
    w->rejected += view->rejects->total;
    w->in[0] += view->raw->n + view->rejects->total;
    for (size_t i = 0; i < view->rejects->n; i++)
        sl_first_add(&counts[AUDIT_FAILED], view->rejects->entries[i].origin.record);
    sl_flags_find(NULL, NULL, view->raw, SL_MARK_MISSING | SL_MARK_EMPTY | SL_MARK_NONFINITE, &w->flags);
    add_rows(&counts[AUDIT_MISSING], view->raw, w->flags.bit[SL_FLAG_MISSING]);
    add_rows(&counts[AUDIT_EMPTIED], view->raw, w->flags.bit[SL_FLAG_EMPTY]);
    add_rows(&counts[AUDIT_NONFINITE], view->raw, w->flags.bit[SL_FLAG_NONFINITE]);
}

static int look_stage(struct sl_auditing *a, struct sl_audit_worker *w, const struct sl_pass_view *view,
                      struct sl_error *err)
{
    static const unsigned want = SL_MARK_CHANGED | SL_MARK_MISSING | SL_MARK_EMPTY | SL_MARK_NONFINITE;
    const struct sl_stage *stage = &a->pass.pipeline->stages[view->stage];
    struct sl_first *counts = w->counts[view->stage];
    struct sl_flags *flags = &w->flags;
    w->in[view->stage] += view->before->n;
    if (view->before == view->after)
        return SL_OK;
    sl_flags_find(&a->maps[view->stage], view->before, view->after, want, flags);
    add_rows(&counts[AUDIT_CHANGED], view->before, flags->bit[SL_FLAG_CHANGED]);
    add_rows(&counts[AUDIT_DROPPED], view->before, flags->bit[SL_FLAG_DROPPED]);
    add_rows(&counts[AUDIT_EMPTIED], view->before, flags->bit[SL_FLAG_EMPTY]);
    add_rows(&counts[AUDIT_MISSING], view->before, flags->bit[SL_FLAG_MISSING]);
    add_rows(&counts[AUDIT_NONFINITE], view->before, flags->bit[SL_FLAG_NONFINITE]);
    if (stage->class->kind == SL_RECORD)
        mark_raw(view->raw, view->before, flags->bit[SL_FLAG_CHANGED], w->touched);
    mark_raw(view->raw, view->before, flags->bit[SL_FLAG_DROPPED], w->gone);
    return stage->class->ordered
               ? list_dropped(&w->dropped[view->stage], view->before, flags->bit[SL_FLAG_DROPPED], err)
               : SL_OK;
}

/* Read, not gone, not touched. */
static void look_end(struct sl_audit_worker *w, const struct sl_chunk *raw)
{
    for (uint32_t r = 0; r < raw->n; r++)
        if (!((w->touched[r >> 6] | w->gone[r >> 6]) >> (r & 63) & 1))
            sl_first_add(&w->untouched, raw->origin[r].record);
}

int sl_audit_look(void *ctx, const struct sl_pass_view *view, struct sl_error *err)
{
    struct sl_auditing *a = ctx;
    struct sl_audit_worker *w = &a->workers[view->worker];
    int status = SL_OK;
    switch (view->event) {
    case SL_PASS_SOURCE: look_source(w, view); break;
    case SL_PASS_STAGE: status = look_stage(a, w, view, err); break;
    case SL_PASS_FAILED:
        w->in[view->stage]++;
        sl_first_add(&w->counts[view->stage][AUDIT_FAILED], view->before->origin[0].record);
        mark_raw(view->raw, view->before, NULL, w->gone);
        return SL_OK;
    case SL_PASS_END: look_end(w, view->raw); return SL_OK;
    }
    if (!status && view->stage == a->texts_at)
        status = take_texts(a, w, view->after, err);
    return status;
}
